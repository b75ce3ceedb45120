//! `cargo xtask test`: runs the test suite.

use std::fs;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::build::{self, Variant};
use crate::pack::{self, Existing};
use crate::setup::{self, Tool};
use crate::summary::Summary;
use crate::workspace::Workspace;
use crate::{demo, dependencies, docs, instructions, new_platform, process, progress, sizes};

/// One step of the suite. It can be run alone by its name.
struct Step {
    name: &'static str,
    action: Action,
    /// The step runs tests, so at least one must pass: a runtime that runs none is a failure.
    has_tests: bool,
    /// Only with `--all`.
    only_all: bool,
    /// The tools to install first if they are missing.
    tools: &'static [Tool],
    /// The runtime of the whole step, by which `--skip` leaves it out.
    needs: Option<&'static str>,
}

/// The request on the command line.
struct Request<'a> {
    all: bool,
    skip: Vec<&'a str>,
    names: Vec<&'a str>,
}

/// The action of a step.
enum Action {
    /// Runs a program, which fails when something is wrong.
    Program(fn(&Workspace) -> Result<Command>),
    /// Runs the Vitest project of ts-tests/vitest.config.ts that has the step's name.
    Vitest,
    /// Runs a function of xtask.
    Own(fn(&Workspace) -> Result<()>),
}

/// The tools of the first steps. All others are installed while these steps run.
const FIRST_TOOLS: &[Tool] = &[Tool::Node, Tool::WasmTarget, Tool::RustComponents];

const RUST: &[Tool] = &[Tool::WasmTarget, Tool::RustComponents];
const NODE: &[Tool] = &[Tool::Node];
/// The tools for Vitest's projects, which test the package and build it if it is missing.
const PACKAGE: &[Tool] = &[Tool::Node, Tool::WasmTarget, Tool::PackageTools, Tool::TestTools];
const BROWSER: &[Tool] = &[Tool::Node, Tool::WasmTarget, Tool::PackageTools, Tool::TestTools, Tool::Chromium, Tool::Openssl];
const SITE: &[Tool] = &[Tool::Node, Tool::WasmTarget, Tool::PackageTools, Tool::TestTools, Tool::Chromium, Tool::Openssl, Tool::Curl];
const EXAMPLES: &[Tool] =
    &[Tool::Node, Tool::WasmTarget, Tool::PackageTools, Tool::TestTools, Tool::Chromium, Tool::Openssl, Tool::Mariadb];
const DATABASES: &[Tool] = &[Tool::Node, Tool::WasmTarget, Tool::PackageTools, Tool::TestTools, Tool::Postgresql, Tool::Mariadb];
const FAILURES: &[Tool] =
    &[Tool::Node, Tool::WasmTarget, Tool::PackageTools, Tool::TestTools, Tool::Postgresql, Tool::Mariadb, Tool::Rabbitmq];

const fn check(name: &'static str, tools: &'static [Tool], program: fn(&Workspace) -> Result<Command>) -> Step {
    Step { name, action: Action::Program(program), has_tests: false, only_all: false, tools, needs: None }
}

const fn tests(name: &'static str, tools: &'static [Tool], program: fn(&Workspace) -> Result<Command>) -> Step {
    Step { has_tests: true, ..check(name, tools, program) }
}

const fn own(name: &'static str, tools: &'static [Tool], work: fn(&Workspace) -> Result<()>) -> Step {
    Step { name, action: Action::Own(work), has_tests: false, only_all: false, tools, needs: None }
}

const fn vitest(name: &'static str, tools: &'static [Tool]) -> Step {
    Step { name, action: Action::Vitest, has_tests: true, only_all: false, tools, needs: None }
}

/// The steps in the order in which they run: fast ones first, and each can use the compiled files of earlier ones.
const STEPS: &[Step] = &[
    check("format", RUST, |workspace| Ok(cargo(workspace, "fmt --all --check"))),
    own("dependencies", NODE, dependencies::check),
    // Only with `--all`, because its tool takes minutes to compile.
    Step { only_all: true, ..own("licenses", &[], dependencies::deny) },
    check("clippy", RUST, |workspace| Ok(cargo(workspace, "clippy --workspace --all-targets -- -D warnings"))),
    check("clippy-wasm", RUST, |workspace| {
        Ok(cargo(workspace, "clippy --package ringback-js --features packed --target wasm32-unknown-unknown --all-targets -- -D warnings"))
    }),
    check("rustdoc", RUST, |workspace| {
        let mut rustdoc = cargo(workspace, "doc --workspace --no-deps");
        rustdoc.env("RUSTDOCFLAGS", "-D warnings");
        Ok(rustdoc)
    }),
    tests("native", RUST, |workspace| Ok(cargo(workspace, "test --workspace --no-fail-fast"))),
    Step { needs: Some("valgrind"), ..own("instructions", &[Tool::Valgrind], instructions::check) },
    own("package", setup::BUILD, |workspace| pack::run(workspace, Existing::Replace)),
    own("size", setup::BUILD, sizes::check),
    tests("wasm-node", setup::BUILD, |workspace| wasm_tests(workspace, "node")),
    Step {
        needs: Some("chromium"),
        ..tests("wasm-chromium", &[Tool::Node, Tool::WasmTarget, Tool::PackageTools, Tool::Chromium], |workspace| {
            let driver = process::find("chromedriver").context("no chromedriver on PATH")?;
            let mut browser = wasm_tests(workspace, "browser")?;
            browser.env("CHROMEDRIVER", driver);
            Ok(browser)
        })
    },
    Step {
        needs: Some("firefox"),
        only_all: true,
        ..tests("wasm-firefox", &[Tool::Node, Tool::WasmTarget, Tool::PackageTools, Tool::Firefox], |workspace| {
            let mut browser = wasm_tests(workspace, "browser")?;
            // bindings/js/webdriver.json has Chromium's options, which geckodriver refuses.
            browser.env("GECKODRIVER", setup::find_geckodriver(workspace)?).env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", "none");
            Ok(browser)
        })
    },
    own("package-trap", setup::BUILD, |workspace| build::run(workspace, Variant::TestTrap)),
    own("docs", setup::BUILD, docs::check),
    vitest("typescript", BROWSER),
    // Compiles the core once more, which takes minutes.
    Step { only_all: true, ..own("new-platform", PACKAGE, new_platform::check) },
    Step { only_all: true, ..vitest("altered", PACKAGE) },
    vitest("runtimes", BROWSER),
    vitest("wire", BROWSER),
    vitest("adapters", PACKAGE),
    vitest("cases", BROWSER),
    vitest("sql", DATABASES),
    vitest("examples", EXAMPLES),
    vitest("site", SITE),
    vitest("transcripts", PACKAGE),
    check("demo", setup::DEMO, |workspace| {
        pack::run(workspace, Existing::KeepIfCurrent)?;
        demo::install(workspace)?;
        Ok(demo::command(workspace, &["--once"]))
    }),
    Step { needs: Some("postgresql"), ..vitest("failures", FAILURES) },
];

/// The suites' lists of runtimes.
const LISTS: &[&str] =
    &["ts-tests/runtimes/runtimes.json", "ts-tests/wire/runtimes.json", "ts-tests/examples/examples.json", "ts-tests/sql/stores.json"];

/// Environment variables that would make a step's tests run in another runtime.
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

/// Runs the suite or the named steps; stops at the first failure.
pub fn run(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let request = Request::read(arguments)?;
    request.check_skips(workspace)?;
    let steps = request.steps();
    let (first, later): (Vec<Tool>, Vec<Tool>) = list_tools(&steps, request.all).into_iter().partition(|tool| FIRST_TOOLS.contains(tool));
    setup::run(workspace, &first, &request.skip)?;
    let mut total = Summary::default();
    let outcome = thread::scope(|scope| {
        // These wait for the network and the disk, and the first steps compile for minutes.
        let mut installation = Some(scope.spawn(|| setup::run(workspace, &later, &request.skip)));
        for step in steps {
            if step.tools.iter().any(|tool| later.contains(tool))
                && let Some(running) = installation.take()
            {
                running.join().map_err(|_| anyhow!("the installation of the tools panicked"))??;
            }
            run_step(workspace, step, &request, &mut total)?;
        }
        Ok(())
    });
    if outcome.is_err() {
        // A step can fail without a failed test; then the step itself counts as failed.
        total.failed = total.failed.max(1);
    }
    report(&total);
    outcome
}

/// Runs a step, unless its runtime is left out, and adds its tests to `total`.
fn run_step(workspace: &Workspace, step: &Step, request: &Request, total: &mut Summary) -> Result<()> {
    if let Some(runtime) = step.needs.filter(|runtime| request.skip.contains(runtime)) {
        total.skip(step.name, &format!("without {runtime}"));
        return Ok(());
    }
    progress::say("test", &format!("{} ...", step.name));
    let (summary, outcome) = perform(workspace, step, request);
    total.add(summary);
    outcome.with_context(|| format!("step {0} failed; alone: cargo xtask test {0}", step.name))
}

/// Lists the tools of the suite, or of the suite with `--all`.
pub fn tools(all: bool) -> Vec<Tool> {
    list_tools(&Request { all, skip: Vec::new(), names: Vec::new() }.steps(), all)
}

/// Lists each tool once, in the order of installation.
fn list_tools(steps: &[&Step], all: bool) -> Vec<Tool> {
    let further = if all && steps.iter().any(|step| matches!(step.action, Action::Vitest)) {
        &[Tool::FurtherRuntimes, Tool::Firefox][..]
    } else {
        &[]
    };
    let mut tools: Vec<Tool> = steps.iter().flat_map(|step| step.tools).chain(further).copied().collect();
    tools.sort_unstable();
    tools.dedup();
    tools
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

    /// Refuses an unknown name, which would skip nothing without an error.
    fn check_skips(&self, workspace: &Workspace) -> Result<()> {
        let mut known: Vec<String> = STEPS.iter().filter_map(|step| step.needs).map(str::to_owned).collect();
        // Only a part of the step "failures" needs it.
        known.push("rabbitmq".to_owned());
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
        Action::Vitest => Ok(vitest_command(workspace, step.name)),
    };
    let outcome = command.and_then(|mut command| {
        command.env("RINGBACK_ALL", if request.all { "1" } else { "" });
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

fn vitest_command(workspace: &Workspace, project: &str) -> Command {
    let mut vitest = process::node(&workspace.root.join("ts-tests"));
    vitest.args(["node_modules/vitest/vitest.mjs", "run", "--project", project]);
    vitest
}

fn cargo(workspace: &Workspace, words: &str) -> Command {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(words.split(' '));
    cargo
}

/// The tests of `bindings/js`: the crate compiled as the package is (its profile, flags and features), and the finished package itself.
fn wasm_tests(workspace: &Workspace, name: &str) -> Result<Command> {
    pack::run(workspace, Existing::KeepIfCurrent)?;
    let installed = workspace.root.join("bindings/js/node_modules/ringback");
    build::remove(&installed)?;
    build::copy_tree(&workspace.package(), &installed)?;
    // Compiles the runner of .cargo/config.toml first, with visible progress; cargo would compile it silently.
    process::run(&mut cargo(workspace, "build --package xtask --features wasm-test-runner --bin wasm-test-runner"))?;
    let mut command =
        cargo(workspace, "test --profile wasm --package ringback-js --features packed --target wasm32-unknown-unknown --config");
    command.arg(build::flags()?).arg("--test").arg(name).env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    for redirection in REDIRECTIONS {
        command.env_remove(redirection);
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::STEPS;

    #[test]
    fn each_step_is_in_one_job_of_the_workflow() {
        let workflow = include_str!("../../.github/workflows/ci.yml");
        let lines = workflow.lines().filter_map(|line| line.trim().strip_prefix("steps: "));
        let mut in_jobs: Vec<&str> = lines.flat_map(|line| line.split(' ')).collect();
        in_jobs.sort_unstable();
        let mut steps: Vec<&str> = STEPS.iter().filter(|step| !step.only_all).map(|step| step.name).collect();
        steps.sort_unstable();
        assert_eq!(in_jobs, steps);
    }
}
