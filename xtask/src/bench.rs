//! `cargo xtask bench`: runs the benchmarks in `bench/`.

use anyhow::{Result, bail};

use crate::pack::{self, Existing};
use crate::setup;
use crate::workspace::Workspace;
use crate::{npm, process, progress};

/// Runs `bench/bench.mjs` against the packed package, or `bench/growth.mjs` if the first argument is `growth`.
pub fn run(workspace: &Workspace, passed_on: &[&str]) -> Result<()> {
    let directory = workspace.root.join("bench");
    if let ["growth", passed_on @ ..] = passed_on {
        return run_growth(workspace, passed_on);
    }
    if !directory.join("bench.mjs").is_file() {
        bail!("there are no benchmarks yet: bench/bench.mjs does not exist");
    }
    setup::run(workspace, setup::BUILD, &[])?;
    npm::install_partly_locked("bench", &directory)?;
    pack::run(workspace, Existing::Replace)?;
    npm::install_tarball("bench", &directory, &workspace.tarball())?;
    let mut bench = process::node(&directory);
    bench.arg("bench.mjs").args(passed_on);
    progress::say("bench", &process::format_command(&bench));
    process::run(&mut bench)
}

/// Runs `bench/growth.mjs`, which uses the databases and the installed package of `ts-tests/`.
fn run_growth(workspace: &Workspace, passed_on: &[&str]) -> Result<()> {
    setup::run(workspace, setup::GROWTH, &[])?;
    pack::run(workspace, Existing::KeepIfCurrent)?;
    process::run(process::node(&workspace.root.join("ts-tests")).arg("install-package.mjs"))?;
    let mut growth = process::node(&workspace.root.join("bench"));
    growth.arg("growth.mjs").args(passed_on);
    progress::say("bench", &process::format_command(&growth));
    process::run(&mut growth)
}
