//! `cargo xtask setup`: installs the missing tools that a command needs, and no others.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{npm, process, progress};

const WASM_TARGET: &str = "wasm32-unknown-unknown";
const OLDEST_NODE: u32 = 20;

/// Something that can be missing, and that the setup installs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// Node.js with npm; not installed, but its version is checked.
    Node,
    /// The Rust target of the wasm.
    WasmTarget,
    /// The npm packages that build the package.
    PackageTools,
    /// rustfmt and clippy.
    RustComponents,
    Valgrind,
    /// The npm packages of the example CRM.
    Crm,
    /// Chromium and its chromedriver.
    Chromium,
    /// Makes the tests' certificates.
    Openssl,
    /// Runs the commands that the playground shows.
    Curl,
    Postgresql,
    Mariadb,
    /// The broker of the example with a queue.
    Rabbitmq,
    /// The npm packages of ts-tests.
    TestTools,
    /// The runtimes and bundlers of suite "all".
    FurtherRuntimes,
    /// Firefox and its geckodriver.
    Firefox,
}

/// The tools of `cargo xtask build` and `pack`.
pub const BUILD: &[Tool] = &[Tool::Node, Tool::WasmTarget, Tool::PackageTools];
/// The tools of `cargo xtask instructions`.
pub const INSTRUCTIONS: &[Tool] = &[Tool::Valgrind];
/// The tools of `cargo xtask bench growth`.
pub const GROWTH: &[Tool] = &[Tool::Node, Tool::WasmTarget, Tool::PackageTools, Tool::TestTools, Tool::Postgresql, Tool::Mariadb];
/// The tools of `cargo xtask demo`.
pub const DEMO: &[Tool] = &[Tool::Node, Tool::WasmTarget, Tool::PackageTools, Tool::Crm];

impl Tool {
    /// The name by which `--skip` leaves it out.
    const fn skip_name(self) -> Option<&'static str> {
        match self {
            Self::Valgrind => Some("valgrind"),
            Self::Chromium => Some("chromium"),
            Self::Postgresql => Some("postgresql"),
            Self::Mariadb => Some("mariadb"),
            Self::Rabbitmq => Some("rabbitmq"),
            Self::Firefox => Some("firefox"),
            _ => None,
        }
    }

    /// Installs it where it is missing.
    fn install(self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Node => check_node(workspace),
            Self::WasmTarget => install_wasm_target(workspace),
            Self::PackageTools => npm::install_locked("setup", &workspace.template()),
            Self::RustComponents => install_rust_components(workspace),
            // Valgrind is for Linux only; elsewhere nothing is counted.
            Self::Valgrind => {
                install_from_debian(workspace, process::find("valgrind").is_some() || !cfg!(target_os = "linux"), "valgrind", "valgrind")
            }
            Self::Crm => npm::install_locked("setup", &workspace.root.join("examples/node-crm")),
            Self::Chromium => {
                let is_there = find_chromium().is_some() && process::find("chromedriver").is_some();
                install_from_debian(workspace, is_there, "Chromium and its chromedriver", "chromium chromium-driver")
            }
            Self::Openssl => install_from_debian(workspace, process::find("openssl").is_some(), "openssl", "openssl"),
            Self::Curl => install_from_debian(workspace, process::find("curl").is_some(), "curl", "curl"),
            Self::Postgresql => install_from_debian(workspace, has_postgresql(), "a PostgreSQL server (initdb, pg_ctl)", "postgresql"),
            Self::Mariadb => {
                install_from_debian(workspace, has_mariadb(), "a MariaDB server (mariadbd, mariadb-install-db)", "mariadb-server")
            }
            Self::Rabbitmq => {
                let is_there = std::path::Path::new("/usr/lib/rabbitmq/bin/rabbitmq-server").is_file();
                install_from_debian(workspace, is_there, "RabbitMQ (rabbitmq-server, epmd)", "rabbitmq-server")
            }
            Self::TestTools => npm::install_locked("setup", &workspace.root.join("ts-tests")),
            Self::FurtherRuntimes => npm::install_partly_locked("setup", &workspace.root.join("ts-tests/runtimes/all")),
            Self::Firefox => {
                let is_there = ["firefox", "firefox-esr"].into_iter().any(|name| process::find(name).is_some());
                install_from_debian(workspace, is_there, "Firefox", "firefox-esr")?;
                find_geckodriver(workspace).map(drop)
            }
        }
    }
}

/// Installs these tools, unless they are there or left out by `skip`.
pub fn run(workspace: &Workspace, tools: &[Tool], skip: &[&str]) -> Result<()> {
    for tool in tools {
        if tool.skip_name().is_none_or(|name| !skip.contains(&name)) {
            tool.install(workspace)?;
        }
    }
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

/// Looks also where Debian installs the server, which is not on everyone's PATH.
fn has_mariadb() -> bool {
    ["mariadbd", "mariadb-install-db"].into_iter().all(|program| {
        process::find(program).is_some()
            || ["/usr/sbin", "/usr/bin"].into_iter().any(|folder| std::path::Path::new(folder).join(program).is_file())
    })
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
    progress::say("setup", &format!("installing {name} as root: {install}"));
    let mut shell = process::program("sh", &workspace.root);
    // RUNLEVEL=1: the packages of servers do not start them.
    process::output(shell.args(["-c", &install]).env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1"))?;
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
