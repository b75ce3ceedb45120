//! `cargo xtask setup`: installs what is missing, and nothing that the command at hand does not need.

use std::path::PathBuf;

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
    /// `cargo xtask instructions`
    Count,
    /// `cargo xtask demo`
    Demo,
    /// `cargo xtask test`
    Test,
    /// `cargo xtask test --all`
    TestAll,
}

impl Purpose {
    /// The purpose that a command's name stands for.
    pub fn of(command: &str) -> Result<Self> {
        match command {
            "build" | "pack" => Ok(Self::Build),
            "demo" => Ok(Self::Demo),
            "test" => Ok(Self::Test),
            "test-all" => Ok(Self::TestAll),
            _ => bail!("there is nothing to set up for {command}"),
        }
    }
}

/// Installs one thing where it is missing.
type Install = fn(&Workspace) -> Result<()>;

/// What can be missing, from which purpose on it is needed, and by which name it may be done without.
const NEEDS: &[(Purpose, Option<&str>, Install)] = &[
    (Purpose::Build, None, node),
    (Purpose::Build, None, wasm_target),
    (Purpose::Build, None, |workspace| npm::install_locked("setup", &workspace.template())),
    (Purpose::Count, Some("valgrind"), valgrind),
    (Purpose::Demo, None, |workspace| npm::install_locked("setup", &workspace.root.join("examples/node-crm"))),
    (Purpose::Test, None, rust_components),
    (Purpose::Test, Some("chromium"), |workspace| {
        let there = chromium().is_some() && process::find("chromedriver").is_some();
        debian(workspace, there, "Chromium and its chromedriver", "chromium chromium-driver")
    }),
    (Purpose::Test, None, |workspace| npm::install_locked("setup", &workspace.root.join("ts-tests"))),
    // Makes the certificates of the wire suite.
    (Purpose::Test, None, |workspace| debian(workspace, process::find("openssl").is_some(), "openssl", "openssl")),
    (Purpose::Test, Some("postgresql"), |workspace| {
        debian(workspace, has_postgresql(), "a PostgreSQL server (initdb, pg_ctl)", "postgresql")
    }),
    (Purpose::TestAll, Some("firefox"), |workspace| {
        let there = ["firefox", "firefox-esr"].into_iter().any(|name| process::find(name).is_some());
        debian(workspace, there, "Firefox", "firefox-esr")
    }),
    (Purpose::TestAll, Some("firefox"), |workspace| geckodriver(workspace).map(drop)),
];

/// Installs what `purpose` needs. Quick when it is all there.
pub fn run(workspace: &Workspace, purpose: Purpose) -> Result<()> {
    run_without(workspace, purpose, &[])
}

/// The same, but for the runtimes named.
pub fn run_without(workspace: &Workspace, purpose: Purpose, skip: &[&str]) -> Result<()> {
    for (since, name, install) in NEEDS {
        if purpose >= *since && name.is_none_or(|name| !skip.contains(&name)) {
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

/// The browser that all tests use: what `CHROMIUM` names, or the first on PATH.
pub fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    named.or_else(|| ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(process::find))
}

/// Debian's packages keep the server's programs off PATH.
fn has_postgresql() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    process::find("initdb").is_some() || versions.into_iter().any(|version| version.path().join("bin/initdb").is_file())
}

fn valgrind(workspace: &Workspace) -> Result<()> {
    debian(workspace, process::find("valgrind").is_some() || !cfg!(target_os = "linux"), "valgrind", "valgrind")
}

/// What is missing comes from Debian's packages, where there are such.
fn debian(workspace: &Workspace, there: bool, what: &str, packages: &str) -> Result<()> {
    if there {
        return Ok(());
    }
    let install = format!("apt-get update && apt-get install --yes --no-install-recommends {packages}");
    let root = process::output(process::program("id", &workspace.root).arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root || process::find("apt-get").is_none() {
        bail!("the tests need {what}; on Debian and Ubuntu, as root: {install}");
    }
    progress::say("setup", &format!("{what}, through apt-get ..."));
    let mut shell = process::program("sh", &workspace.root);
    process::output(shell.args(["-c", &install]).env("DEBIAN_FRONTEND", "noninteractive"))?;
    Ok(())
}

/// Firefox's driver, from PATH or compiled.
pub fn geckodriver(workspace: &Workspace) -> Result<PathBuf> {
    const VERSION: &str = "0.37.1";
    if let Some(installed) = process::find("geckodriver") {
        return Ok(installed);
    }
    let tools = workspace.root.join("target/tools");
    let driver = tools.join("bin/geckodriver");
    if !driver.is_file() {
        progress::say("setup", "geckodriver, through cargo install ...");
        let mut cargo = process::cargo(&workspace.root);
        cargo.args(["install", "geckodriver", "--version", VERSION, "--root"]).arg(&tools);
        process::run(cargo.arg("--target-dir").arg(tools.join("build")))?;
    }
    Ok(driver)
}
