//! Checks the project's dependencies: each has its reason in `DEPENDENCIES.md`, and `deny.toml` allows it.

use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

const CARGO_DENY: &str = "0.20.2";

/// Fails when `DEPENDENCIES.md` is out of date, a lock file does not match, or a workflow's action has no digest.
pub fn check(workspace: &Workspace) -> Result<()> {
    process::run(process::node(&workspace.root).args(["docs/dependencies.mjs", "--check"]))
}

/// Fails when `deny.toml` does not allow a license, a duplicate version or a source.
pub fn deny(workspace: &Workspace) -> Result<()> {
    let mut deny = process::program(find_cargo_deny(workspace)?, &workspace.root);
    process::run(deny.args(["--workspace", "check", "bans", "licenses", "sources"]))
}

/// Finds cargo-deny on PATH, or compiles it.
fn find_cargo_deny(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(found) = process::find("cargo-deny") {
        return Ok(found);
    }
    let tools = workspace.cargo_target.join("tools");
    let installed = tools.join("bin/cargo-deny");
    if !installed.is_file() {
        let mut install = process::cargo(&workspace.root);
        install.args(["install", "--locked", "--version", CARGO_DENY, "cargo-deny", "--root"]).arg(&tools);
        process::run(&mut install)?;
    }
    Ok(installed)
}
