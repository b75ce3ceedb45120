//! `cargo xtask demo`: the example CRM, with the package as a user gets it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::pack::{self, Existing};
use crate::setup::{self, Purpose};
use crate::workspace::Workspace;
use crate::{npm, process, progress};

/// Prepares everything and becomes the demo.
pub fn run(workspace: &Workspace, passed_on: &[&str]) -> Result<()> {
    setup::run(workspace, Purpose::Demo)?;
    pack::run(workspace, Existing::Replace)?;
    install(workspace)?;
    let mut demo = command(workspace, passed_on);
    progress::say("demo", &process::shown(&demo));
    become_program(&mut demo)
}

/// The demo, to be started after [`install`].
pub fn command(workspace: &Workspace, passed_on: &[&str]) -> Command {
    let mut demo = process::node(&directory(workspace));
    // From this the demo tells how long it took until its page was up.
    demo.env("RINGBACK_DEMO_STARTED", progress::started_epoch_ms().to_string());
    demo.arg("demo.mjs").args(passed_on);
    demo
}

/// Puts the packed package into the example.
pub fn install(workspace: &Workspace) -> Result<()> {
    progress::say("demo", "the packed package into examples/node-crm ...");
    npm::install_tarball(&directory(workspace), &workspace.tarball())
}

fn directory(workspace: &Workspace) -> PathBuf {
    workspace.root.join("examples/node-crm")
}

/// Taking this process over hands signals and the exit code through as they are.
#[cfg(unix)]
fn become_program(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).with_context(|| format!("cannot start {}", process::shown(command)))
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", process::shown(command)))?;
    std::process::exit(status.code().unwrap_or(1));
}
