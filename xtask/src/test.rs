//! `cargo xtask test`: everything that must hold.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::build::{self, Variant};
use crate::pack::{self, Existing};
use crate::setup::{self, Purpose};
use crate::summary::Summary;
use crate::workspace::Workspace;
use crate::{demo, dependencies, docs, instructions, process, progress, sizes};

/// One step of the suite. It can be repeated alone by its name.
struct Step {
    name: &'static str,
    action: Action,
    /// The step runs tests, so at least one must have passed: a runtime that silently runs none is a failure.
    has_tests: bool,
    /// Only with `--all`.
    only_all: bool,
    /// Without this runtime the step cannot be: `--skip` names it.
    needs: Option<&'static str>,
}

/// What was asked for on the command line.
struct Request<'a> {
    all: bool,
    skip: Vec<&'a str>,
    names: Vec<&'a str>,
}

/// What a step does.
enum Action {
    /// A program that fails when something is wrong.
    Program(fn(&Workspace) -> Result<Command>),
    /// One that runs in many runtimes: it takes `--all`, reads `RINGBACK_SKIP`, and says itself what it skipped.
    Runtimes(fn(&Workspace) -> Command),
    /// Work of xtask's own.
    Own(fn(&Workspace) -> Result<()>),
}

const fn check(name: &'static str, program: fn(&Workspace) -> Result<Command>) -> Step {
    Step { name, action: Action::Program(program), has_tests: false, only_all: false, needs: None }
}

const fn tests(name: &'static str, program: fn(&Workspace) -> Result<Command>) -> Step {
    Step { has_tests: true, ..check(name, program) }
}

const fn own(name: &'static str, work: fn(&Workspace) -> Result<()>) -> Step {
    Step { name, action: Action::Own(work), has_tests: false, only_all: false, needs: None }
}

const fn runtimes(name: &'static str, program: fn(&Workspace) -> Command) -> Step {
    Step { name, action: Action::Runtimes(program), has_tests: true, only_all: false, needs: None }
}

/// In the order in which they run: cheap ones first, and each finds what the earlier ones compiled.
const STEPS: &[Step] = &[
    check("format", |workspace| Ok(cargo(workspace, "fmt --all --check"))),
    own("dependencies", dependencies::check),
    // Its tool takes minutes to compile.
    Step { only_all: true, ..own("licenses", dependencies::deny) },
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
    Step { needs: Some("valgrind"), ..own("instructions", instructions::check) },
    tests("wasm-node", |workspace| wasm_tests(workspace, "wasm_node")),
    Step {
        needs: Some("chromium"),
        ..tests("wasm-chromium", |workspace| {
            let driver = process::find("chromedriver").context("no chromedriver on PATH")?;
            let mut browser = wasm_tests(workspace, "wasm_browser")?;
            browser.env("CHROMEDRIVER", driver).env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", workspace.root.join("webdriver.json"));
            Ok(browser)
        })
    },
    Step {
        needs: Some("firefox"),
        only_all: true,
        ..tests("wasm-firefox", |workspace| {
            let mut browser = wasm_tests(workspace, "wasm_browser")?;
            browser.env("GECKODRIVER", setup::find_geckodriver(workspace)?);
            Ok(browser)
        })
    },
    own("package", |workspace| pack::run(workspace, Existing::Replace)),
    own("size", sizes::check),
    own("package-trap", |workspace| build::run(workspace, Variant::TestTrap)),
    own("docs", docs::check),
    tests("typescript", |workspace| {
        let mut vitest = process::npm(&workspace.root.join("ts-tests"));
        vitest.arg("test");
        Ok(vitest)
    }),
    Step {
        only_all: true,
        ..tests("altered", |workspace| {
            let mut altered = process::node(&workspace.root);
            altered.arg("ts-tests/dialogues/altered.mjs");
            Ok(altered)
        })
    },
    runtimes("runtimes", |workspace| {
        let mut runtimes = process::node(&workspace.root);
        runtimes.arg("ts-tests/runtimes/run.mjs");
        runtimes
    }),
    runtimes("wire", |workspace| {
        let mut wire = process::node(&workspace.root);
        wire.arg("ts-tests/wire/run.mjs");
        wire
    }),
    tests("adapters", |workspace| {
        let mut adapters = process::node(&workspace.root);
        adapters.arg("ts-tests/adapters/run.mjs");
        Ok(adapters)
    }),
    tests("cases", |workspace| {
        let mut cases = process::node(&workspace.root);
        cases.arg("ts-tests/cases/run.mjs");
        Ok(cases)
    }),
    tests("sql", |workspace| {
        let mut contract = process::node(&workspace.root);
        contract.arg("ts-tests/sql/run.mjs");
        Ok(contract)
    }),
    runtimes("examples", |workspace| {
        let mut examples = process::node(&workspace.root);
        examples.arg("ts-tests/examples/run.mjs");
        examples
    }),
    tests("transcripts", |workspace| {
        let mut transcripts = process::node(&workspace.root);
        transcripts.arg("ts-tests/transcripts/run.mjs");
        Ok(transcripts)
    }),
    check("demo", |workspace| {
        pack::run(workspace, Existing::KeepIfCurrent)?;
        demo::install(workspace)?;
        Ok(demo::command(workspace, &["--once"]))
    }),
    Step {
        needs: Some("postgresql"),
        ..runtimes("failures", |workspace| {
            let mut failures = process::node(&workspace.root);
            failures.args(["ts-tests/failures/run.mjs", "--quick"]);
            failures
        })
    },
];

/// Where the suites list what they run in.
const LISTS: &[&str] =
    &["ts-tests/runtimes/runtimes.json", "ts-tests/wire/runtimes.json", "ts-tests/examples/examples.json", "ts-tests/sql/stores.json"];

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
    let request = Request::read(arguments)?;
    request.check_skips(workspace)?;
    let steps = request.steps();
    let purpose = if request.all || steps.iter().any(|step| step.only_all) { Purpose::TestAll } else { Purpose::Test };
    setup::run_without(workspace, purpose, &request.skip)?;
    let mut total = Summary::default();
    for step in steps {
        if let Some(runtime) = step.needs.filter(|runtime| request.skip.contains(runtime)) {
            total.skip(step.name, &format!("without {runtime}"));
            continue;
        }
        progress::say("test", &format!("{} ...", step.name));
        let (summary, outcome) = perform(workspace, step, &request);
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

impl<'a> Request<'a> {
    fn read(arguments: &[&'a str]) -> Result<Self> {
        let mut request = Self { all: false, skip: Vec::new(), names: Vec::new() };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match *argument {
                "--all" => request.all = true,
                "--skip" => {
                    let names = rest.next().context("--skip needs the name of a runtime; `--skip firefox`, say")?;
                    request.skip.extend(names.split(','));
                }
                skip if skip.starts_with("--skip=") => request.skip.extend(skip["--skip=".len()..].split(',')),
                name if STEPS.iter().any(|step| step.name == name) => request.names.push(name),
                unknown => {
                    let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
                    bail!("no step is called {unknown}; the steps are {}", known.join(", "));
                }
            }
        }
        Ok(request)
    }

    /// A name that means nothing would skip nothing, in silence.
    fn check_skips(&self, workspace: &Workspace) -> Result<()> {
        let mut known: Vec<String> = STEPS.iter().filter_map(|step| step.needs).map(str::to_owned).collect();
        for list in LISTS {
            let rows: Vec<Value> = serde_json::from_str(&fs::read_to_string(workspace.root.join(list))?).context(list)?;
            let names = rows.iter().flat_map(|row| [&row["id"], &row["needs"]]);
            known.extend(
                names
                    .flat_map(|name| name.as_array().map_or_else(|| vec![name.clone()], Clone::clone))
                    .filter_map(|name| name.as_str().map(str::to_owned)),
            );
        }
        if let Some(unknown) = self.skip.iter().find(|name| !known.iter().any(|known| known == *name)) {
            known.sort();
            known.dedup();
            bail!("nothing needs {unknown}; what can be skipped is {}", known.join(", "));
        }
        Ok(())
    }

    fn steps(&self) -> Vec<&'static Step> {
        let wanted = |step: &&Step| {
            if self.names.is_empty() { self.all || !step.only_all } else { self.names.contains(&step.name) }
        };
        STEPS.iter().filter(wanted).collect()
    }
}

fn perform(workspace: &Workspace, step: &Step, request: &Request) -> (Summary, Result<()>) {
    let mut summary = Summary::default();
    let command = match step.action {
        Action::Own(work) => return (summary, work(workspace)),
        Action::Program(program) => program(workspace),
        Action::Runtimes(program) => Ok(program(workspace)),
    };
    let outcome = command.and_then(|mut command| {
        if matches!(step.action, Action::Runtimes(_)) {
            command.args(request.all.then_some("--all"));
        }
        command.env("RINGBACK_SKIP", request.skip.join(","));
        if let Some(browser) = setup::find_chromium() {
            command.env("CHROMIUM", browser);
        }
        if !process::watch(&mut command, |line| summary.read(step.name, line))? {
            bail!("{} failed", process::format_command(&command));
        }
        if step.has_tests && summary.passed == 0 {
            bail!("{} ran no tests", process::format_command(&command));
        }
        Ok(())
    });
    (summary, outcome)
}

fn report(total: &Summary) {
    progress::say("test", "summary");
    for line in &total.lines {
        println!("{line}");
    }
    println!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
}

fn cargo(workspace: &Workspace, words: &str) -> Command {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(words.split(' '));
    cargo
}

/// The wasm layer's own tests, compiled as the package is: its profile, its flags, its features.
fn wasm_tests(workspace: &Workspace, name: &str) -> Result<Command> {
    // The runner in .cargo/config.toml is compiled without a word; here, progress is to be seen.
    process::run(&mut cargo(workspace, "build --package xtask --features wasm-test-runner --bin wasm-test-runner"))?;
    let mut command = cargo(workspace, "test --release --package ringback --target wasm32-unknown-unknown --config");
    command.arg(build::flags()?).arg("--test").arg(name).env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    for redirection in REDIRECTIONS {
        command.env_remove(redirection);
    }
    Ok(command)
}
