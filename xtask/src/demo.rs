//! `cargo xtask demo`: runs the example CRM with the packed package, as a user installs it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::pack::{self, Existing};
use crate::setup;
use crate::workspace::Workspace;
use crate::{npm, process, progress};

/// Builds, packs and installs the package where something has changed, then replaces this process with the demo.
pub fn run(workspace: &Workspace, passed_on: &[&str]) -> Result<()> {
    setup::run(workspace, setup::DEMO, &[])?;
    pack::run(workspace, Existing::KeepIfCurrent)?;
    install(workspace)?;
    let mut demo = command(workspace, passed_on);
    progress::say("demo", &process::format_command(&demo));
    process::replace(&mut demo)
}

/// The command that starts the demo. Call [`install`] first.
pub fn command(workspace: &Workspace, passed_on: &[&str]) -> Command {
    let mut demo = process::node(&directory(workspace));
    // The demo measures from this moment how long it took until its page was ready.
    demo.env("RINGBACK_DEMO_STARTED", progress::started_epoch_ms().to_string());
    demo.arg("demo.mjs").args(passed_on);
    demo
}

/// Installs the packed package into the example.
pub fn install(workspace: &Workspace) -> Result<()> {
    npm::install_tarball("demo", &directory(workspace), &workspace.tarball())
}

fn directory(workspace: &Workspace) -> PathBuf {
    workspace.root.join("examples/node-crm")
}
