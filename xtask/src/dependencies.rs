//! What the project depends on: that each is named with its reason, and may be there.

use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

const CARGO_DENY: &str = "0.20.2";

/// Fails where `DEPENDENCIES.md` is not true any more, a lock file does not fit, or a workflow's action has no digest.
pub fn check(workspace: &Workspace) -> Result<()> {
    process::run(process::node(&workspace.root).args(["docs/dependencies.mjs", "--check"]))
}

/// Fails at a license, a version that is there twice, or a source that `deny.toml` does not allow.
pub fn deny(workspace: &Workspace) -> Result<()> {
    let mut deny = process::program(cargo_deny(workspace)?, &workspace.root);
    process::run(deny.args(["--workspace", "check", "bans", "licenses", "sources"]))
}

fn cargo_deny(workspace: &Workspace) -> Result<PathBuf> {
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
