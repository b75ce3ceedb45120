//! `cargo xtask setup`: installs what is missing, and nothing that the command at hand does not need.

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{npm, process, progress};

const WASM_TARGET: &str = "wasm32-unknown-unknown";
const OLDEST_NODE: u32 = 20;

/// What the setup is for. Each purpose includes the ones before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// `cargo xtask build` and `pack`
    Build,
    /// `cargo xtask demo`
    Demo,
    /// `cargo xtask test`
    Test,
}

impl Purpose {
    /// The purpose that a command's name stands for.
    pub fn of(command: &str) -> Result<Self> {
        match command {
            "build" | "pack" => Ok(Self::Build),
            "demo" => Ok(Self::Demo),
            "test" => Ok(Self::Test),
            _ => bail!("there is nothing to set up for {command}"),
        }
    }
}

/// Installs one thing where it is missing.
type Install = fn(&Workspace) -> Result<()>;

/// What can be missing, and from which purpose on it is needed.
const NEEDS: &[(Purpose, Install)] = &[
    (Purpose::Build, node),
    (Purpose::Build, wasm_target),
    (Purpose::Build, |workspace| npm::install_locked("setup", &workspace.template())),
    (Purpose::Demo, |workspace| npm::install_locked("setup", &workspace.root.join("examples/node-crm"))),
    (Purpose::Test, rust_components),
    (Purpose::Test, chromium),
    (Purpose::Test, |workspace| npm::install_locked("setup", &workspace.root.join("ts-tests"))),
];

/// Installs what `purpose` needs. Quick when it is all there.
pub fn run(workspace: &Workspace, purpose: Purpose) -> Result<()> {
    for (since, install) in NEEDS {
        if purpose >= *since {
            install(workspace)?;
        }
    }
    Ok(())
}

/// The same as a command of its own, with a word at the end.
pub fn announce(workspace: &Workspace, purpose: Purpose) -> Result<()> {
    run(workspace, purpose)?;
    progress::say("setup", "ready");
    Ok(())
}

fn node(workspace: &Workspace) -> Result<()> {
    let advice = format!("Node.js {OLDEST_NODE} or newer, with npm, must be on PATH");
    let version = process::output(process::node(&workspace.root).arg("--version")).context(advice.clone())?;
    let major: Option<u32> = version.trim().trim_start_matches('v').split('.').next().and_then(|digits| digits.parse().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        bail!("{advice}; found {}", version.trim());
    }
    process::output(process::npm(&workspace.root).arg("--version")).context(advice)?;
    Ok(())
}

fn wasm_target(workspace: &Workspace) -> Result<()> {
    let mut libraries = process::program("rustc", &workspace.root);
    libraries.args(["--print", "target-libdir", "--target", WASM_TARGET]);
    if std::path::Path::new(process::output(&mut libraries)?.trim()).exists() {
        return Ok(());
    }
    progress::say("setup", &format!("the Rust target {WASM_TARGET} ..."));
    process::output(process::program("rustup", &workspace.root).args(["target", "add", WASM_TARGET]))
        .with_context(|| format!("the Rust target {WASM_TARGET} is missing and rustup could not add it"))?;
    Ok(())
}

fn rust_components(workspace: &Workspace) -> Result<()> {
    for component in ["rustfmt", "clippy"] {
        let subcommand = if component == "rustfmt" { "fmt" } else { component };
        if process::output(process::cargo(&workspace.root).args([subcommand, "--version"])).is_err() {
            progress::say("setup", &format!("{component} ..."));
            process::output(process::program("rustup", &workspace.root).args(["component", "add", component]))?;
        }
    }
    Ok(())
}

/// Any Chromium or Chrome on PATH will do, with its chromedriver; where there is none, Debian's is installed.
fn chromium(workspace: &Workspace) -> Result<()> {
    const INSTALL: &str = "apt-get update && apt-get install --yes --no-install-recommends chromium chromium-driver";
    let browser = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(process::find);
    if browser.is_some() && process::find("chromedriver").is_some() {
        return Ok(());
    }
    let root = process::output(process::program("id", &workspace.root).arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root || process::find("apt-get").is_none() {
        bail!("the tests need Chromium and its chromedriver on PATH; on Debian and Ubuntu, as root: {INSTALL}");
    }
    progress::say("setup", "Chromium and chromedriver, through apt-get ...");
    let mut shell = process::program("sh", &workspace.root);
    process::output(shell.args(["-c", INSTALL]).env("DEBIAN_FRONTEND", "noninteractive"))?;
    Ok(())
}
