//! Takes out of the wasm what no call may reach: the words and the places of panics, and the printing of fractions.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use walrus::ir::Value;
use walrus::{ConstExpr, DataKind, FunctionBuilder, FunctionId, FunctionKind, Module};

/// Parts of names of functions that become a trap.
///
/// A panic ends in a trap anyway, and its message has no reader: nothing prints it. Nor does anything print a `Debug`, but what a panic
/// would say. The core writes no fraction anywhere, but the error messages of libraries could, of values that it never hands them.
/// Together they are a tenth of the download.
const UNREACHED: &[&str] = &[
    "core::panicking::",
    "std::panicking::panic_handler",
    "std::panicking::panic_with_hook",
    "slice_error_fail",
    "unwrap_failed",
    "expect_failed",
    "rust_begin_unwind",
    "handle_alloc_error",
    "slice_index_fail",
    "capacity_overflow",
    "core::num::flt2dec::",
    "<f64 as core::fmt::",
    "<f32 as core::fmt::",
    "core::fmt::builders::",
    "core::fmt::Formatter>::debug_",
];

/// The end of the name of a printer for panics, of whatever type.
const DEBUG: &str = " as core::fmt::Debug>::fmt";

/// Replaces those functions of a wasm file, which must still have its names.
pub fn run(wasm: &Path) -> Result<()> {
    let mut module = Module::from_file(wasm)?;
    let unreached: Vec<FunctionId> = module
        .funcs
        .iter()
        .filter(|function| matches!(function.kind, FunctionKind::Local(_)))
        .filter(|function| function.name.as_deref().is_some_and(is_unreached))
        .map(walrus::Function::id)
        .collect();
    // No name at all means that they were stripped too early, and nothing would be saved in silence.
    ensure!(!unreached.is_empty(), "{} has no names to find panics by", wasm.display());
    for id in unreached {
        let ty = module.types.get(module.funcs.get(id).ty());
        let (parameters, results) = (ty.params().to_vec(), ty.results().to_vec());
        let mut trap = FunctionBuilder::new(&mut module.types, &parameters, &results);
        trap.func_body().unreachable();
        let parameters = parameters.iter().map(|ty| module.locals.add(*ty)).collect();
        let trap = trap.local_func(parameters);
        module.funcs.get_mut(id).kind = FunctionKind::Local(trap);
    }
    blank_places(&mut module);
    fs::write(wasm, module.emit_wasm())?;
    Ok(())
}

/// A panic's place: an address and the length of a path, line and column, each of four bytes.
const PLACE: usize = 16;

/// Fills the places of panics, and the paths that they name, with zeros: nothing reads them any more, and they would be loaded.
fn blank_places(module: &mut Module) {
    let segments: Vec<_> = module.data.iter().map(walrus::Data::id).collect();
    for id in segments {
        let data = module.data.get_mut(id);
        let DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } = data.kind else { continue };
        let start = usize::try_from(start).unwrap_or(0);
        let bytes = &mut data.value;
        let word =
            |bytes: &[u8], at: usize| bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_le_bytes) as usize;
        let path = |bytes: &[u8], at: usize| {
            let (address, length) = (word(bytes, at).checked_sub(start)?, word(bytes, at + 4));
            let path = bytes.get(address..address.checked_add(length)?)?;
            (length > 3 && path.ends_with(b".rs") && path.iter().all(u8::is_ascii_graphic)).then_some(address..address + length)
        };
        // Rust keeps words at addresses that four divides.
        let places: Vec<_> = (start.wrapping_neg() % 4..bytes.len()).step_by(4).filter_map(|at| Some((at, path(bytes, at)?))).collect();
        for (at, path) in places {
            bytes[path].fill(0);
            let end = bytes.len().min(at + PLACE);
            bytes[at..end].fill(0);
        }
    }
}

/// Names come with the hash of their crate: `core[c5930c85a12de822]::panicking::panic_fmt`.
fn is_unreached(name: &str) -> bool {
    let plain = without_hashes(name);
    if plain.contains(DEBUG) {
        return true;
    }
    // Whatever else of ours is called, it is there to be reached.
    !plain.contains("ringback::") && UNREACHED.iter().any(|part| plain.contains(part))
}

fn without_hashes(name: &str) -> String {
    let mut inside = false;
    name.chars()
        .filter(|character| {
            inside = (inside || *character == '[') && *character != ']';
            !inside && *character != ']'
        })
        .collect()
}
