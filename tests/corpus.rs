//! Replays inputs that fuzzing found, on any toolchain. Each shows one thing, which its name says.

#[path = "../fuzz/checks/mod.rs"]
mod checks;

use std::fs;
use std::path::Path;

/// Replays each input of a target, the shortest first, so that a failure names the shortest failing input.
fn replay(target: &str, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut inputs: Vec<(Vec<u8>, String)> = entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (fs::read(&path).expect("an input"), path.display().to_string()))
        .collect();
    inputs.sort_by_key(|(input, _)| input.len());
    assert!(inputs.len() > 8, "the corpus of {target} is missing");
    for (input, name) in inputs {
        let _named = NamedOnFailure(&name);
        check(&input);
    }
}

/// Prints the name of the input whose check panics, and no other.
struct NamedOnFailure<'a>(&'a str);

impl Drop for NamedOnFailure<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the failing input: {}", self.0);
        }
    }
}

/// Replays inputs that start with a platform's name. An input without one would check nothing, and fails.
fn replay_by_platform(target: &str, check: impl Fn(&[u8])) {
    replay(target, |input| {
        assert!(checks::Choices(input).platform().is_some(), "the input names no platform");
        check(input);
    });
}

#[test]
fn pushes() {
    replay_by_platform("pushes", checks::pushes::check);
}

#[test]
fn answers() {
    replay_by_platform("answers", checks::answers::check);
}

#[test]
fn streams() {
    replay_by_platform("streams", checks::streams::check);
}

#[test]
fn numbers() {
    replay("numbers", checks::numbers::check);
}

#[test]
fn signing() {
    replay_by_platform("signing", checks::signing::check);
}

#[test]
fn addresses() {
    replay("addresses", |input| checks::addresses::check(input, None));
}
