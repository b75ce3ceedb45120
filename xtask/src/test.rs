//! `cargo xtask test`: everything that must hold.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::build::{self, Variant};
use crate::pack::{self, Existing};
use crate::setup::{self, Purpose};
use crate::summary::Summary;
use crate::workspace::Workspace;
use crate::{demo, process, progress, sizes};

/// One step of the suite. It can be repeated alone by its name.
struct Step {
    name: &'static str,
    action: Action,
    /// The step runs tests, so at least one must have passed: a runtime that silently runs none is a failure.
    has_tests: bool,
    /// Only with `--all`.
    only_all: bool,
}

/// What a step does.
enum Action {
    /// A program that fails when something is wrong.
    Program(fn(&Workspace) -> Result<Command>),
    /// Work of xtask's own.
    Own(fn(&Workspace) -> Result<()>),
}

const fn check(name: &'static str, program: fn(&Workspace) -> Result<Command>) -> Step {
    Step { name, action: Action::Program(program), has_tests: false, only_all: false }
}

const fn tests(name: &'static str, program: fn(&Workspace) -> Result<Command>) -> Step {
    Step { name, action: Action::Program(program), has_tests: true, only_all: false }
}

const fn own(name: &'static str, work: fn(&Workspace) -> Result<()>) -> Step {
    Step { name, action: Action::Own(work), has_tests: false, only_all: false }
}

/// In the order in which they run: cheap ones first, and each finds what the earlier ones compiled.
const STEPS: &[Step] = &[
    check("format", |workspace| Ok(cargo(workspace, "fmt --all --check"))),
    check("clippy", |workspace| Ok(cargo(workspace, "clippy --workspace --all-targets -- -D warnings"))),
    check("clippy-wasm", |workspace| {
        Ok(cargo(workspace, "clippy --package ringback --target wasm32-unknown-unknown --all-targets -- -D warnings"))
    }),
    check("rustdoc", |workspace| {
        let mut rustdoc = cargo(workspace, "doc --workspace --no-deps");
        rustdoc.env("RUSTDOCFLAGS", "-D warnings");
        Ok(rustdoc)
    }),
    tests("native", |workspace| Ok(cargo(workspace, "test --workspace --no-fail-fast"))),
    tests("wasm-node", |workspace| wasm_tests(workspace, "wasm_node")),
    tests("wasm-chromium", |workspace| {
        let driver = process::find("chromedriver").context("no chromedriver on PATH")?;
        let mut browser = wasm_tests(workspace, "wasm_browser")?;
        browser.env("CHROMEDRIVER", driver).env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", workspace.root.join("webdriver.json"));
        Ok(browser)
    }),
    own("package", |workspace| pack::run(workspace, Existing::Replace)),
    own("size", sizes::check),
    own("package-trap", |workspace| build::run(workspace, Variant::TestTrap)),
    tests("typescript", |workspace| {
        let mut vitest = process::npm(&workspace.root.join("ts-tests"));
        vitest.arg("test");
        Ok(vitest)
    }),
    check("demo", |workspace| {
        pack::run(workspace, Existing::KeepIfCurrent)?;
        demo::install(workspace)?;
        Ok(demo::command(workspace, &["--once"]))
    }),
];

/// Settings that would turn tests away from the runtime a step is about.
const REDIRECTIONS: &[&str] = &[
    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
    "GECKODRIVER",
    "GECKODRIVER_REMOTE",
    "NO_HEADLESS",
    "SAFARIDRIVER",
    "SAFARIDRIVER_REMOTE",
    "WASM_BINDGEN_TEST_ONLY_NODE",
    "WASM_BINDGEN_TEST_ONLY_WEB",
    "WASM_BINDGEN_USE_BROWSER",
    "WASM_BINDGEN_USE_DEDICATED_WORKER",
    "WASM_BINDGEN_USE_DENO",
    "WASM_BINDGEN_USE_NODE_EXPERIMENTAL",
    "WASM_BINDGEN_USE_SERVICE_WORKER",
    "WASM_BINDGEN_USE_SHARED_WORKER",
];

/// Runs the suite, or the steps named; stops at the first that fails.
pub fn run(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let steps = chosen(arguments)?;
    setup::run(workspace, Purpose::Test)?;
    let mut total = Summary::default();
    for step in steps {
        progress::say("test", &format!("{} ...", step.name));
        let (summary, outcome) = perform(workspace, step);
        total.add(summary);
        if let Err(error) = outcome {
            // A step can fail without a failed test: then the step itself is what failed.
            total.failed = total.failed.max(1);
            report(&total);
            return Err(error.context(format!("step {0} failed; alone: cargo xtask test {0}", step.name)));
        }
    }
    report(&total);
    Ok(())
}

fn chosen(arguments: &[&str]) -> Result<Vec<&'static Step>> {
    let all = arguments.contains(&"--all");
    let names: Vec<&str> = arguments.iter().copied().filter(|argument| *argument != "--all").collect();
    if let Some(unknown) = names.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        bail!("no step is called {unknown}; the steps are {}", known.join(", "));
    }
    let wanted = |step: &&Step| {
        if names.is_empty() { all || !step.only_all } else { names.contains(&step.name) }
    };
    Ok(STEPS.iter().filter(wanted).collect())
}

fn perform(workspace: &Workspace, step: &Step) -> (Summary, Result<()>) {
    let mut summary = Summary::default();
    let outcome = match step.action {
        Action::Own(work) => work(workspace),
        Action::Program(program) => program(workspace).and_then(|mut command| {
            if !process::watch(&mut command, |line| summary.read(step.name, line))? {
                bail!("{} failed", process::shown(&command));
            }
            if step.has_tests && summary.passed == 0 {
                bail!("{} ran no tests", process::shown(&command));
            }
            Ok(())
        }),
    };
    (summary, outcome)
}

fn report(total: &Summary) {
    progress::say("test", "summary");
    for line in &total.lines {
        println!("{line}");
    }
    println!("{} passed, {} failed", total.passed, total.failed);
}

fn cargo(workspace: &Workspace, words: &str) -> Command {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(words.split(' '));
    cargo
}

fn wasm_tests(workspace: &Workspace, name: &str) -> Result<Command> {
    // The runner in .cargo/config.toml is compiled without a word; here, progress is to be seen.
    process::run(&mut cargo(workspace, "build --package xtask --features wasm-test-runner --bin wasm-test-runner"))?;
    let mut command = cargo(workspace, "test --package ringback --target wasm32-unknown-unknown --test");
    command.arg(name).env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    for redirection in REDIRECTIONS {
        command.env_remove(redirection);
    }
    Ok(command)
}
