//! `cargo xtask docs`: writes the API reference, for TypeScript and for Rust, and the tables of the site's pages.

mod runtime_table;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::pack::{self, Existing};
use crate::setup;
use crate::workspace::Workspace;
use crate::{generated, npm, process, progress};

/// A public item without documentation, or a broken link, is an error.
const RUSTDOC_LINTS: &str = "-D warnings -D missing_docs -D rustdoc::broken_intra_doc_links";

/// The port of `--serve`, unless another is given.
const PORT: &str = "4173";

/// Writes the generated files and builds the site into `target/docs/`.
pub fn run(workspace: &Workspace) -> Result<()> {
    // Written before packing, because the package contains the sources and the READMEs.
    write(workspace)?;
    build(workspace)
}

/// Builds the site from the generated files as they are.
pub fn build(workspace: &Workspace) -> Result<()> {
    setup(workspace)?;
    pack_and_install(workspace)?;
    build_typescript_reference(workspace, Outcome::Pages)?;
    build_pages(workspace)?;
    // VitePress empties the directory first.
    build_rust_reference(workspace)?;
    progress::say("docs", "target/docs/index.html");
    Ok(())
}

/// Builds the site and serves it on this machine until Ctrl-C.
pub fn serve(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let port = match arguments {
        [] => PORT,
        ["--port", port] if port.parse::<u16>().is_ok() => port,
        _ => bail!("docs --serve takes --port N with a number up to 65535"),
    };
    run(workspace)?;
    progress::say("docs", "serving the site; Ctrl-C ends it");
    process::replace(vitepress(workspace, "preview").args(["--port", port]))
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
    pack_and_install(workspace)?;
    build_typescript_reference(workspace, Outcome::Findings)?;
    build_rust_reference(workspace)?;
    progress::say("docs", "everything exported is documented, and the pages list the tested runtimes");
    Ok(())
}

/// The result wanted from typedoc.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Pages of the site.
    Pages,
    /// Only the warnings.
    Findings,
}

fn setup(workspace: &Workspace) -> Result<()> {
    setup::run(workspace, setup::BUILD, &[])?;
    // Installed in its own directory, because typedoc needs an older TypeScript than the package is built with.
    npm::install_locked("docs", &directory(workspace))
}

/// Installs the packed package beside the pages, which run it.
fn pack_and_install(workspace: &Workspace) -> Result<()> {
    pack::run(workspace, Existing::KeepIfCurrent)?;
    npm::install_tarball("docs", &directory(workspace), &workspace.tarball())
}

fn build_typescript_reference(workspace: &Workspace, outcome: Outcome) -> Result<()> {
    progress::say("docs", "typedoc ...");
    let mut typedoc = process::node(&directory(workspace));
    typedoc.arg("reference.mjs").arg(workspace.package()).env("NO_COLOR", "1");
    if outcome == Outcome::Findings {
        typedoc.arg("--check");
    }
    process::output(&mut typedoc)?;
    Ok(())
}

fn build_pages(workspace: &Workspace) -> Result<()> {
    progress::say("docs", "vitepress ...");
    process::output(&mut vitepress(workspace, "build"))?;
    Ok(())
}

fn vitepress(workspace: &Workspace, command: &str) -> Command {
    let mut vitepress = process::node(&directory(workspace));
    vitepress.args(["node_modules/vitepress/bin/vitepress.js", command]);
    vitepress
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
