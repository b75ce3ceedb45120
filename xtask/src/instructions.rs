//! What signing and reading cost, in instructions: they do not jitter as times do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::workspace::Workspace;
use crate::{process, progress};

/// The figures that were last accepted, by what is done.
const BUDGET: &str = "xtask/instruction-budget.json";
/// By so many per cent a figure may grow unnoticed: libraries lie elsewhere in memory from run to run.
const TOLERANCE: u64 = 2;
/// What one costs is the difference of two runs, by which the start and the end of the program fall out.
const FEW: u64 = 5;
const MANY: u64 = 25;

const PLATFORMS: [&str; 5] = ["mixcom", "quanmayun", "dingxin", "cyjcloud", "seatcall"];

/// Prints the figures with their budgets.
///
/// # Errors
/// Where one has outgrown its budget.
pub fn check(workspace: &Workspace) -> Result<()> {
    // Counted for another processor, the figures would say nothing of these.
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        progress::say("instructions", "counted on Linux and x86-64 only");
        return Ok(());
    }
    let budget: BTreeMap<String, u64> = serde_json::from_str(&fs::read_to_string(workspace.root.join(BUDGET))?).context(BUDGET)?;
    let mut over = Vec::new();
    for (what, counted) in count(workspace)? {
        let allowed = *budget.get(&what).with_context(|| format!("{BUDGET} does not know {what}"))?;
        println!("{what:>20}{counted:>9} instructions{:>9}", difference(counted, allowed));
        if exceeds(counted, allowed) {
            over.push(what);
        }
    }
    ensure!(over.is_empty(), "{} cost more than {BUDGET} allows; where that is meant: cargo xtask instructions --accept", over.join(", "));
    Ok(())
}

/// Writes what is counted now as the budget.
pub fn accept(workspace: &Workspace) -> Result<()> {
    let counted: BTreeMap<String, u64> = count(workspace)?.into_iter().collect();
    let text = serde_json::to_string_pretty(&json!(counted))?;
    fs::write(workspace.root.join(BUDGET), text + "\n")?;
    progress::say("instructions", &format!("{BUDGET} is written"));
    Ok(())
}

fn count(workspace: &Workspace) -> Result<Vec<(String, u64)>> {
    let program = build(workspace)?;
    let mut counts = Vec::new();
    for platform in PLATFORMS {
        counts.push((format!("sign {platform}"), one(workspace, &program, &["sign", platform], None)?));
    }
    for platform in PLATFORMS {
        let push = workspace.root.join(format!("target/bench/{platform}.json"));
        fs::write(&push, push_of(workspace, platform)?)?;
        counts.push((format!("read {platform}"), one(workspace, &program, &["lines", platform], Some(&push))?));
    }
    Ok(counts)
}

/// The core as the package has it, natively.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.root.join("target/bench/counted");
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["build", "--quiet", "--release", "--package", "ringback-bench", "--target-dir"]).arg(&target);
    process::run(&mut cargo)?;
    Ok(target.join("release/ringback-bench"))
}

/// The first push of a platform's vectors that is JSON.
fn push_of(workspace: &Workspace, platform: &str) -> Result<String> {
    let file = workspace.root.join(format!("tests/vectors/{platform}.json"));
    let vectors: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
    let pushes = vectors["pushes"].as_array().with_context(|| format!("{} has no pushes", file.display()))?;
    let body = pushes.iter().filter_map(|push| push["body"].as_str()).find(|body| body.starts_with('{'));
    // On one line, as a stream has it.
    Ok(body.with_context(|| format!("{} has no push in JSON", file.display()))?.replace(['\n', '\r'], " "))
}

fn one(workspace: &Workspace, program: &Path, arguments: &[&str], input: Option<&Path>) -> Result<u64> {
    let [few, many] = [FEW, MANY].map(|count| counted(workspace, program, arguments, count, input));
    Ok((many? - few?) / (MANY - FEW))
}

fn counted(workspace: &Workspace, program: &Path, arguments: &[&str], count: u64, input: Option<&Path>) -> Result<u64> {
    let profile = workspace.root.join("target/bench/callgrind.out");
    let mut valgrind = process::program("valgrind", &workspace.root);
    valgrind.args(["--tool=callgrind", "--quiet"]).arg(format!("--callgrind-out-file={}", profile.display()));
    valgrind.arg(program).args(arguments).arg(count.to_string());
    if let Some(file) = input {
        valgrind.arg("0").arg(file);
    }
    process::output(&mut valgrind)?;
    own(&fs::read_to_string(&profile)?, "ringback-bench")
}

/// The instructions of the program itself. The C library's are left out: it chooses its routines by the processor.
fn own(profile: &str, program: &str) -> Result<u64> {
    let mut names = BTreeMap::new();
    let (mut is_own, mut is_call, mut sum) = (false, false, 0);
    for line in profile.lines() {
        if let Some(object) = line.strip_prefix("ob=").or_else(|| line.strip_prefix("cob=")) {
            // A name stands in full where it comes first, and by its number from then on.
            let (number, name) = object.split_once(' ').unwrap_or((object, ""));
            if !name.is_empty() {
                names.insert(number.to_owned(), name.ends_with(program));
            }
            if line.starts_with("ob=") {
                is_own = names.get(number).copied().unwrap_or(false);
            }
        } else if line.starts_with("calls=") {
            // The next line is what was called, which is counted where it stands.
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
        bail!("callgrind's profile names no instruction of {program}");
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
    use super::{exceeds, own};

    #[test]
    fn what_grows_by_more_than_the_tolerance_is_noticed() {
        assert!(!exceeds(10_200, 10_000));
        assert!(exceeds(10_201, 10_000));
    }

    #[test]
    fn the_programs_own_instructions_are_counted_once() {
        let profile = "ob=(1) /x/ringback-bench\nfn=(1) main\n1 5\ncob=(2) /lib/libc.so.6\ncfn=(2) malloc\ncalls=3 9\n2 70\n+1 6\n\nob=(2)\nfn=(2)\n9 70\n\nob=(1)\nfn=(3)\n* 4\n";
        assert_eq!(own(profile, "ringback-bench").ok(), Some(15));
        assert!(own("ob=(1) /lib/libc.so.6\n1 5\n", "ringback-bench").is_err());
    }
}
