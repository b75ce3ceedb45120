//! `cargo xtask docs`: writes the API reference, for TypeScript and for Rust, and the tables of the site's pages.

mod runtime_table;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::pack::{self, Existing};
use crate::setup;
use crate::workspace::Workspace;
use crate::{generated, npm, process, progress};

/// A public item without documentation, or a broken link, is an error.
const RUSTDOC_LINTS: &str = "-D warnings -D missing_docs -D rustdoc::broken_intra_doc_links";

/// Writes the generated files and builds the reference into `target/docs/`.
pub fn run(workspace: &Workspace) -> Result<()> {
    // Written before packing, because the package contains the generated sources.
    write(workspace)?;
    setup(workspace)?;
    pack::run(workspace, Existing::KeepIfCurrent)?;
    let destination = destination(workspace);
    if destination.exists() {
        fs::remove_dir_all(&destination).with_context(|| format!("cannot remove {}", destination.display()))?;
    }
    build_typescript_reference(workspace, Outcome::Pages)?;
    build_rust_reference(workspace)?;
    let index = fs::read_to_string(directory(workspace).join("index.html"))?.replace("{version}", &workspace.version);
    fs::write(destination.join("index.html"), index)?;
    progress::say("docs", "target/docs/index.html");
    Ok(())
}

/// Writes the generated sources, pages and tables, without the reference.
pub fn write(workspace: &Workspace) -> Result<()> {
    generated::write(workspace)?;
    runtime_table::write(workspace)
}

/// Fails when a generated source, page or table is out of date.
pub fn check_written(workspace: &Workspace) -> Result<()> {
    generated::check(workspace)?;
    runtime_table::check(workspace)
}

/// Fails when an exported item is undocumented, a link is broken, or something generated is out of date.
pub fn check(workspace: &Workspace) -> Result<()> {
    check_written(workspace)?;
    setup(workspace)?;
    pack::run(workspace, Existing::KeepIfCurrent)?;
    build_typescript_reference(workspace, Outcome::Findings)?;
    build_rust_reference(workspace)?;
    progress::say("docs", "everything exported is documented, and the pages list the tested runtimes");
    Ok(())
}

/// The result wanted from typedoc.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// HTML pages.
    Pages,
    /// Only the warnings.
    Findings,
}

fn setup(workspace: &Workspace) -> Result<()> {
    setup::run(workspace, setup::BUILD, &[])?;
    // Installed in its own directory, because typedoc needs an older TypeScript than the package is built with.
    npm::install_locked("docs", &directory(workspace))
}

fn build_typescript_reference(workspace: &Workspace, outcome: Outcome) -> Result<()> {
    progress::say("docs", "typedoc ...");
    let mut typedoc = process::node(&directory(workspace));
    typedoc.arg("reference.mjs").arg(workspace.package()).arg(destination(workspace).join("typescript")).env("NO_COLOR", "1");
    if outcome == Outcome::Findings {
        typedoc.arg("--check");
    }
    process::output(&mut typedoc)?;
    Ok(())
}

/// Builds the pages also for `--check`, because rustdoc has no check-only mode.
fn build_rust_reference(workspace: &Workspace) -> Result<()> {
    progress::say("docs", "rustdoc ...");
    let mut rustdoc = process::cargo(&workspace.root);
    rustdoc.args(["doc", "--package", "ringback", "--no-deps", "--quiet", "--target-dir"]).arg(destination(workspace).join("rust"));
    // Only the pages go to that directory. Compiled files stay in the usual target directory, so they are not compiled again.
    rustdoc.env("CARGO_BUILD_BUILD_DIR", &workspace.cargo_target).env("RUSTDOCFLAGS", RUSTDOC_LINTS);
    process::run(&mut rustdoc)
}

fn directory(workspace: &Workspace) -> PathBuf {
    workspace.root.join("docs")
}

fn destination(workspace: &Workspace) -> PathBuf {
    workspace.root.join("target/docs")
}
