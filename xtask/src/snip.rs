//! Takes out of the wasm what no call may reach: the words of panics, and the printing of fractions.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module};

/// Parts of names of functions that become a trap.
///
/// A panic ends in a trap anyway, and its message has no reader: nothing prints it. The core writes no fraction anywhere, but the
/// error messages of libraries could, of values that it never hands them. Together they are a tenth of the download.
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
];

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
    fs::write(wasm, module.emit_wasm())?;
    Ok(())
}

/// Names come with the hash of their crate: `core[c5930c85a12de822]::panicking::panic_fmt`.
fn is_unreached(name: &str) -> bool {
    let plain = without_hashes(name);
    // Whatever ours is called, it is there to be reached.
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
