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
mod new_platform;
mod npm;
mod pack;
mod process;
mod progress;
mod release;
mod setup;
mod sizes;
mod summary;
mod test;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::build::Variant;
use crate::pack::Existing;
use crate::workspace::Workspace;

const USAGE: &str = "\
cargo xtask <command>

  setup [COMMAND]            installs the tools that a command needs: build, demo, test (the default) or test-all
  build [--test-trap]        builds the npm package in pkg/; --test-trap: a variant with an export that traps, in target/npm-trap/pkg/;
                             --altered NAME: a variant with one rule of the core changed by ts-tests/dialogues/alterations.json, in
                             target/npm-altered/pkg/
  pack [--if-stale]          packs the npm package as a tarball in target/pack/; --if-stale: only if the sources are newer
  demo [--once] [ARGS]       runs the demo in examples/node-crm with the package installed from the tarball; ARGS are passed to it
  test [--all] [--skip RUNTIME[,RUNTIME]] [STEP ...]
                             runs the whole suite, or only the named steps; --all: in further runtimes too; a missing runtime is a
                             failure unless it is skipped
  bench [growth] [ARGS]      runs the benchmarks in bench/; growth: how the cost of ringback/sql grows with the tables, in each database
  fuzz [TARGET ...] [--seconds N]
                             fuzzes each target for N seconds (60) with a nightly toolchain; new inputs go to target/fuzz-corpus/
  instructions [--accept]    counts the instructions of signing and reading; --accept: makes the result the new budget
  docs [--check | --write | --build]
                             writes the generated sources, pages and tables, and builds the site in target/docs/; --check: writes nothing and
                             fails if something is out of date or undocumented; --write, --build: only the one or the other
  docs --serve [--port N]    builds the site and serves it on this machine, at port 4173 or N
  release-links REPOSITORY TAG
                             for the release workflow: writes the repository's address into the manifests, and absolute links into the READMEs
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
        bail!("a command is required\n\n{USAGE}");
    };
    if matches!(command, "help" | "--help" | "-h") {
        print!("{USAGE}");
        return Ok(());
    }
    let workspace = Workspace::find()?;
    match (command, rest) {
        ("setup", []) => set_up(&workspace, "test"),
        ("setup", [command]) => set_up(&workspace, command),
        ("build", []) => build::run(&workspace, Variant::Release),
        ("build", ["--test-trap"]) => build::run(&workspace, Variant::TestTrap),
        ("build", ["--altered", name]) => altered::build(&workspace, name),
        ("pack", []) => pack::run(&workspace, Existing::Replace),
        ("pack", ["--if-stale"]) => pack::run(&workspace, Existing::KeepIfCurrent),
        ("demo", passed_on) => demo::run(&workspace, passed_on),
        ("test", names) => test::run(&workspace, names),
        ("bench", passed_on) => bench::run(&workspace, passed_on),
        ("fuzz", arguments) => fuzz::run(&workspace, arguments),
        ("instructions", []) => setup::run(&workspace, setup::INSTRUCTIONS, &[]).and_then(|()| instructions::check(&workspace)),
        ("instructions", ["--accept"]) => setup::run(&workspace, setup::INSTRUCTIONS, &[]).and_then(|()| instructions::accept(&workspace)),
        ("release-links", [repository, tag]) => release::run(&workspace, repository, tag),
        ("docs", []) => docs::run(&workspace),
        ("docs", ["--serve", arguments @ ..]) => docs::serve(&workspace, arguments),
        ("docs", ["--check"]) => docs::check(&workspace),
        ("docs", ["--build"]) => docs::build(&workspace),
        ("docs", ["--write"]) => docs::write(&workspace),
        _ => bail!("unknown command: {}\n\n{USAGE}", arguments.join(" ")),
    }
}

/// Installs what the command of that name needs.
fn set_up(workspace: &Workspace, command: &str) -> Result<()> {
    match command {
        "build" | "pack" => setup::run(workspace, setup::BUILD, &[])?,
        "demo" => setup::run(workspace, setup::DEMO, &[])?,
        "test" => setup::run(workspace, &test::tools(false), &[])?,
        "test-all" => setup::run(workspace, &test::tools(true), &[])?,
        _ => bail!("{command} needs no setup; setup knows build, pack, demo, test and test-all"),
    }
    progress::say("setup", "ready");
    Ok(())
}
