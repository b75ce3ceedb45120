//! Counts the instructions of signing and reading. Unlike times, these counts are nearly the same in every run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::workspace::Workspace;
use crate::{process, progress};

/// The last accepted figures, by task.
const BUDGET: &str = "xtask/instruction-budget.json";
/// A figure may grow by this many per cent before the check fails: libraries are loaded at other addresses in each run.
const TOLERANCE: u64 = 2;
/// The cost of one repetition is computed from two runs of different length, which cancels out the program's start and end.
const FEW: u64 = 5;
const MANY: u64 = 25;

/// Counts, and prints the figures with their budgets.
///
/// # Errors
/// When a figure exceeds its budget.
pub fn check(workspace: &Workspace) -> Result<()> {
    // The budget was counted for this processor and system; figures of others cannot be compared with it.
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        progress::say("instructions", "skipped: counted on Linux and x86-64 only");
        return Ok(());
    }
    let budget: BTreeMap<String, u64> = serde_json::from_str(&fs::read_to_string(workspace.root.join(BUDGET))?).context(BUDGET)?;
    let mut over = Vec::new();
    for (what, counted) in count(workspace)? {
        let Some(&allowed) = budget.get(&what) else {
            println!("{what:>20}{counted:>9} instructions, without a budget: cargo xtask instructions --accept writes one");
            continue;
        };
        println!("{what:>20}{counted:>9} instructions{:>9}", difference(counted, allowed));
        if exceeds(counted, allowed) {
            over.push(what);
        }
    }
    ensure!(
        over.is_empty(),
        "{} cost more than {BUDGET} allows; if this is intended, run cargo xtask instructions --accept",
        over.join(", ")
    );
    Ok(())
}

/// Counts, and writes the figures as the new budget.
pub fn accept(workspace: &Workspace) -> Result<()> {
    let counted: BTreeMap<String, u64> = count(workspace)?.into_iter().collect();
    let text = serde_json::to_string_pretty(&json!(counted))?;
    fs::write(workspace.root.join(BUDGET), text + "\n")?;
    progress::say("instructions", &format!("wrote {BUDGET}"));
    Ok(())
}

fn count(workspace: &Workspace) -> Result<Vec<(String, u64)>> {
    let program = build(workspace)?;
    let mut counts = Vec::new();
    let platforms: Vec<&str> = ringback::descriptions().iter().map(|platform| platform.name).collect();
    for platform in &platforms {
        counts.push((format!("sign {platform}"), count_one(workspace, &program, &["sign", platform], None)?));
    }
    for platform in &platforms {
        let push = workspace.root.join(format!("target/bench/{platform}.json"));
        fs::write(&push, find_json_push(workspace, platform)?)?;
        counts.push((format!("read {platform}"), count_one(workspace, &program, &["lines", platform], Some(&push))?));
    }
    Ok(counts)
}

/// Compiles the core natively, with the package's profile.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.root.join("target/bench/counted");
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["build", "--quiet", "--release", "--package", "ringback-bench", "--target-dir"]).arg(&target);
    process::run(&mut cargo)?;
    Ok(target.join("release/ringback-bench"))
}

/// The first push of a platform's vectors that is JSON.
fn find_json_push(workspace: &Workspace, platform: &str) -> Result<String> {
    let file = workspace.root.join(format!("tests/vectors/{platform}.json"));
    let vectors: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
    let pushes = vectors["pushes"].as_array().with_context(|| format!("{} has no pushes", file.display()))?;
    let body = pushes.iter().filter_map(|push| push["body"].as_str()).find(|body| body.starts_with('{'));
    // On one line, because a stream has one push per line.
    Ok(body.with_context(|| format!("{} has no push in JSON", file.display()))?.replace(['\n', '\r'], " "))
}

/// The instructions of one repetition.
fn count_one(workspace: &Workspace, program: &Path, arguments: &[&str], input: Option<&Path>) -> Result<u64> {
    let [few, many] = [FEW, MANY].map(|count| count_run(workspace, program, arguments, count, input));
    Ok((many? - few?) / (MANY - FEW))
}

/// The instructions of a run with `count` repetitions.
fn count_run(workspace: &Workspace, program: &Path, arguments: &[&str], count: u64, input: Option<&Path>) -> Result<u64> {
    let profile = workspace.root.join("target/bench/callgrind.out");
    let mut valgrind = process::program("valgrind", &workspace.root);
    valgrind.args(["--tool=callgrind", "--quiet"]).arg(format!("--callgrind-out-file={}", profile.display()));
    valgrind.arg(program).args(arguments).arg(count.to_string());
    if let Some(file) = input {
        valgrind.arg("0").arg(file);
    }
    process::output(&mut valgrind)?;
    sum_own_cost(&fs::read_to_string(&profile)?, "ringback-bench")
}

/// Sums the instructions of the program itself. The C library's are left out, because it chooses its routines by the processor.
fn sum_own_cost(profile: &str, program: &str) -> Result<u64> {
    let mut names = BTreeMap::new();
    let (mut is_own, mut is_call, mut sum) = (false, false, 0);
    for line in profile.lines() {
        if let Some(object) = line.strip_prefix("ob=").or_else(|| line.strip_prefix("cob=")) {
            // A profile gives an object's name at its first mention and only its number after that.
            let (number, name) = object.split_once(' ').unwrap_or((object, ""));
            if !name.is_empty() {
                names.insert(number.to_owned(), name.ends_with(program));
            }
            if line.starts_with("ob=") {
                is_own = names.get(number).copied().unwrap_or(false);
            }
        } else if line.starts_with("calls=") {
            // The next line is the cost of the called function, which is counted at that function.
            is_call = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '*')) {
            if is_own && !is_call {
                let cost = line.split_ascii_whitespace().nth(1).context("a cost line without its cost")?;
                sum += cost.parse::<u64>()?;
            }
            is_call = false;
        }
    }
    if sum == 0 {
        bail!("callgrind's profile has no instructions of {program}");
    }
    Ok(sum)
}

fn exceeds(counted: u64, allowed: u64) -> bool {
    counted * 100 > allowed * (100 + TOLERANCE)
}

fn difference(counted: u64, allowed: u64) -> String {
    if counted >= allowed { format!("+{}", counted - allowed) } else { format!("-{}", allowed - counted) }
}

#[cfg(test)]
mod tests {
    use super::{exceeds, sum_own_cost};

    #[test]
    fn growth_beyond_the_tolerance_exceeds_the_budget() {
        assert!(!exceeds(10_200, 10_000));
        assert!(exceeds(10_201, 10_000));
    }

    #[test]
    fn only_the_programs_own_instructions_are_counted_and_each_once() {
        let profile = "ob=(1) /x/ringback-bench\nfn=(1) main\n1 5\ncob=(2) /lib/libc.so.6\ncfn=(2) malloc\ncalls=3 9\n2 70\n+1 6\n\nob=(2)\nfn=(2)\n9 70\n\nob=(1)\nfn=(3)\n* 4\n";
        assert_eq!(sum_own_cost(profile, "ringback-bench").ok(), Some(15));
        assert!(sum_own_cost("ob=(1) /lib/libc.so.6\n1 5\n", "ringback-bench").is_err());
    }
}
