//! `cargo xtask setup`: installs the missing tools that a command needs, and no others.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{npm, process, progress};

const WASM_TARGET: &str = "wasm32-unknown-unknown";
const OLDEST_NODE: u32 = 20;

/// The command to set up for. Each purpose includes the ones before it.
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
    /// Reads the purpose from a command's name.
    pub fn parse(command: &str) -> Result<Self> {
        match command {
            "build" | "pack" => Ok(Self::Build),
            "demo" => Ok(Self::Demo),
            "test" => Ok(Self::Test),
            "test-all" => Ok(Self::TestAll),
            _ => bail!("{command} needs no setup; setup knows build, pack, demo, test and test-all"),
        }
    }
}

/// Installs one tool if it is missing.
type Install = fn(&Workspace) -> Result<()>;

/// The tools: the first purpose that needs each, the name by which `--skip` leaves it out, and how it is installed.
const NEEDS: &[(Purpose, Option<&str>, Install)] = &[
    (Purpose::Build, None, check_node),
    (Purpose::Build, None, install_wasm_target),
    (Purpose::Build, None, |workspace| npm::install_locked("setup", &workspace.template())),
    (Purpose::Count, Some("valgrind"), install_valgrind),
    (Purpose::Demo, None, |workspace| npm::install_locked("setup", &workspace.root.join("examples/node-crm"))),
    (Purpose::Test, None, install_rust_components),
    (Purpose::Test, Some("chromium"), |workspace| {
        let found = find_chromium().is_some() && process::find("chromedriver").is_some();
        install_from_debian(workspace, found, "Chromium and its chromedriver", "chromium chromium-driver")
    }),
    (Purpose::Test, None, |workspace| npm::install_locked("setup", &workspace.root.join("ts-tests"))),
    // Generates the certificates of the wire suite.
    (Purpose::Test, None, |workspace| install_from_debian(workspace, process::find("openssl").is_some(), "openssl", "openssl")),
    (Purpose::Test, Some("postgresql"), |workspace| {
        install_from_debian(workspace, has_postgresql(), "a PostgreSQL server (initdb, pg_ctl)", "postgresql")
    }),
    (Purpose::TestAll, Some("firefox"), |workspace| {
        let found = ["firefox", "firefox-esr"].into_iter().any(|name| process::find(name).is_some());
        install_from_debian(workspace, found, "Firefox", "firefox-esr")
    }),
    (Purpose::TestAll, Some("firefox"), |workspace| find_geckodriver(workspace).map(drop)),
];

/// Installs the tools that `purpose` needs. Fast when none is missing.
pub fn run(workspace: &Workspace, purpose: Purpose) -> Result<()> {
    run_without(workspace, purpose, &[])
}

/// Does the same without the runtimes in `skip`.
pub fn run_without(workspace: &Workspace, purpose: Purpose, skip: &[&str]) -> Result<()> {
    for (since, name, install) in NEEDS {
        if purpose >= *since && name.is_none_or(|name| !skip.contains(&name)) {
            install(workspace)?;
        }
    }
    Ok(())
}

/// Does the same as a command of its own, and says when it is done.
pub fn run_and_report(workspace: &Workspace, purpose: Purpose) -> Result<()> {
    run(workspace, purpose)?;
    progress::say("setup", "ready");
    Ok(())
}

fn check_node(workspace: &Workspace) -> Result<()> {
    let advice = format!("Node.js {OLDEST_NODE} or newer, with npm, must be on PATH");
    let version = process::output(process::node(&workspace.root).arg("--version")).context(advice.clone())?;
    let major: Option<u32> = version.trim().trim_start_matches('v').split('.').next().and_then(|digits| digits.parse().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        bail!("{advice}; found {}", version.trim());
    }
    process::output(process::npm(&workspace.root).arg("--version")).context(advice)?;
    Ok(())
}

fn install_wasm_target(workspace: &Workspace) -> Result<()> {
    let mut libraries = process::program("rustc", &workspace.root);
    libraries.args(["--print", "target-libdir", "--target", WASM_TARGET]);
    if std::path::Path::new(process::output(&mut libraries)?.trim()).exists() {
        return Ok(());
    }
    progress::say("setup", &format!("installing the Rust target {WASM_TARGET} ..."));
    process::output(process::program("rustup", &workspace.root).args(["target", "add", WASM_TARGET]))
        .with_context(|| format!("the Rust target {WASM_TARGET} is missing and rustup could not add it"))?;
    Ok(())
}

fn install_rust_components(workspace: &Workspace) -> Result<()> {
    for component in ["rustfmt", "clippy"] {
        let subcommand = if component == "rustfmt" { "fmt" } else { component };
        if process::output(process::cargo(&workspace.root).args([subcommand, "--version"])).is_err() {
            progress::say("setup", &format!("installing {component} ..."));
            process::output(process::program("rustup", &workspace.root).args(["component", "add", component]))?;
        }
    }
    Ok(())
}

/// Finds the browser of all tests: the one that `CHROMIUM` names, or the first on PATH.
pub fn find_chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    named.or_else(|| ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(process::find))
}

/// Looks also where Debian installs the server's programs, which is not on PATH.
fn has_postgresql() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    process::find("initdb").is_some() || versions.into_iter().any(|version| version.path().join("bin/initdb").is_file())
}

fn install_valgrind(workspace: &Workspace) -> Result<()> {
    install_from_debian(workspace, process::find("valgrind").is_some() || !cfg!(target_os = "linux"), "valgrind", "valgrind")
}

/// Installs Debian packages unless `found`. Fails with the command to run when this is not Debian or not root.
fn install_from_debian(workspace: &Workspace, found: bool, name: &str, packages: &str) -> Result<()> {
    if found {
        return Ok(());
    }
    let install = format!("apt-get update && apt-get install --yes --no-install-recommends {packages}");
    let root = process::output(process::program("id", &workspace.root).arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root || process::find("apt-get").is_none() {
        bail!("the tests need {name}; on Debian and Ubuntu, run as root: {install}");
    }
    progress::say("setup", &format!("installing {name} with apt-get ..."));
    let mut shell = process::program("sh", &workspace.root);
    process::output(shell.args(["-c", &install]).env("DEBIAN_FRONTEND", "noninteractive"))?;
    Ok(())
}

/// Finds Firefox's driver on PATH, or compiles it.
pub fn find_geckodriver(workspace: &Workspace) -> Result<PathBuf> {
    const VERSION: &str = "0.37.1";
    if let Some(installed) = process::find("geckodriver") {
        return Ok(installed);
    }
    let tools = workspace.root.join("target/tools");
    let driver = tools.join("bin/geckodriver");
    if !driver.is_file() {
        progress::say("setup", "compiling geckodriver with cargo install ...");
        let mut cargo = process::cargo(&workspace.root);
        cargo.args(["install", "geckodriver", "--version", VERSION, "--root"]).arg(&tools);
        process::run(cargo.arg("--target-dir").arg(tools.join("build")))?;
    }
    Ok(driver)
}
