//! The project's own commands. `cargo xtask` without a command lists them.

mod altered;
mod bench;
mod build;
mod declarations;
mod demo;
mod dependencies;
mod docs;
mod fuzz;
mod generated;
mod instructions;
mod npm;
mod pack;
mod process;
mod progress;
mod setup;
mod sizes;
mod snip;
mod summary;
mod test;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::build::Variant;
use crate::pack::Existing;
use crate::setup::Purpose;
use crate::workspace::Workspace;

const USAGE: &str = "\
cargo xtask <command>

  setup [COMMAND]            installs what the command of that name needs: build, demo, test (without a name: this) or test-all
  build [--test-trap]        the npm package, in pkg/; --test-trap: a variant with an export that traps, in target/npm-trap/pkg/;
                             --altered NAME: with a rule of the core changed as ts-tests/dialogues/alterations.json says, in target/npm-altered/pkg/
  pack [--if-stale]          the npm package as a tarball in target/pack/; --if-stale: only where the sources are newer
  demo [--once] [ARGS]       the demo in examples/node-crm, with the package installed from the tarball; ARGS go to it
  test [--all] [--skip RUNTIME[,RUNTIME]] [STEP ...]
                             the whole suite, or only the steps named; --all: in further runtimes too; a runtime that is missing
                             fails, unless it is skipped
  bench [ARGS]               the benchmarks in bench/
  fuzz [TARGET ...] [--seconds N]
                             inputs that nobody thought of, for N seconds a target (60), with a nightly toolchain; what it keeps is replayed
                             by the suite
  instructions [--accept]    what signing and reading cost in instructions; --accept: that is the budget from now on
  docs [--check | --write]   writes the generated sources, pages and tables, and the API reference in target/docs/; --check: writes nothing and
                             fails where something is stale or undocumented; --write: without the reference
";

fn main() -> ExitCode {
    progress::start();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let Some((&command, rest)) = arguments.split_first() else {
        bail!("no command was given\n\n{USAGE}");
    };
    if matches!(command, "help" | "--help" | "-h") {
        print!("{USAGE}");
        return Ok(());
    }
    let workspace = Workspace::find()?;
    match (command, rest) {
        ("setup", []) => setup::announce(&workspace, Purpose::Test),
        ("setup", [command]) => setup::announce(&workspace, Purpose::of(command)?),
        ("build", []) => build::run(&workspace, Variant::Release),
        ("build", ["--test-trap"]) => build::run(&workspace, Variant::TestTrap),
        ("build", ["--altered", name]) => altered::build(&workspace, name),
        ("pack", []) => pack::run(&workspace, Existing::Replace),
        ("pack", ["--if-stale"]) => pack::run(&workspace, Existing::KeepIfCurrent),
        ("demo", passed_on) => demo::run(&workspace, passed_on),
        ("test", names) => test::run(&workspace, names),
        ("bench", passed_on) => bench::run(&workspace, passed_on),
        ("fuzz", arguments) => fuzz::run(&workspace, arguments),
        ("instructions", []) => setup::run(&workspace, Purpose::Count).and_then(|()| instructions::check(&workspace)),
        ("instructions", ["--accept"]) => setup::run(&workspace, Purpose::Count).and_then(|()| instructions::accept(&workspace)),
        ("docs", []) => docs::run(&workspace),
        ("docs", ["--check"]) => docs::check(&workspace),
        ("docs", ["--write"]) => docs::write(&workspace),
        _ => bail!("no such command: {}\n\n{USAGE}", arguments.join(" ")),
    }
}
