//! `cargo xtask fuzz`: fuzzes the targets for a given time. It starts from the inputs of `fuzz/corpus/`, which `tests/corpus.rs` replays,
//! and from the inputs that it found earlier, in `target/fuzz-corpus/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use ringback::PLATFORMS;
use serde_json::Value;

use crate::workspace::Workspace;
use crate::{process, progress};

/// The targets, each with the maximum length of its inputs.
const TARGETS: [(&str, usize); 6] =
    [("pushes", 2048), ("answers", 1024), ("streams", 1024), ("numbers", 64), ("signing", 512), ("addresses", 512)];
const CARGO_FUZZ: &str = "0.13.2";
const DEFAULT_SECONDS: &str = "60";

/// Fuzzes one target or all, one after the other.
pub fn run(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let (mut chosen, mut seconds) = (Vec::new(), DEFAULT_SECONDS);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--seconds" => seconds = rest.next().context("--seconds needs a number")?,
            name => chosen.push(*TARGETS.iter().find(|(target, _)| *target == name).with_context(|| describe_unknown(name))?),
        }
    }
    seconds.parse::<u32>().context("--seconds needs a number")?;
    let chosen = if chosen.is_empty() { TARGETS.to_vec() } else { chosen };
    let tool = cargo_fuzz(workspace)?;
    let seeds = write_seeds(workspace)?;
    for (target, longest) in chosen {
        let (kept, seeds) = (workspace.root.join("fuzz/corpus").join(target), seeds.join(target));
        let found = workspace.cargo_target.join("fuzz-corpus").join(target);
        fs::create_dir_all(&found)?;
        progress::say("fuzz", &format!("{target}, {seconds} s, {} seeds ...", fs::read_dir(&seeds)?.count()));
        let mut fuzz = fuzz_command(workspace, &tool, "run");
        // New inputs are written to the first directory.
        fuzz.arg(target).args([&found, &kept, &seeds]).arg("--");
        fuzz.args([format!("-max_total_time={seconds}"), format!("-max_len={longest}"), format!("-dict=fuzz/dictionaries/{target}.dict")]);
        process::run(fuzz.args(["-timeout=10", "-print_final_stats=1", "-verbosity=0"]))?;
        // Keeps the shortest of the inputs that take the same path, regardless of the number of loop iterations.
        let mut minimize = fuzz_command(workspace, &tool, "cmin");
        minimize.arg(target).arg(&found).args(["--", "-set_cover_merge=1", "-use_counters=0"]);
        process::run(&mut minimize)?;
    }
    Ok(())
}

fn describe_unknown(name: &str) -> String {
    let names: Vec<&str> = TARGETS.iter().map(|(target, _)| *target).collect();
    format!("unknown target: {name}; the targets are {}", names.join(", "))
}

/// Runs cargo-fuzz with a nightly toolchain, which its coverage instrumentation needs.
fn fuzz_command(workspace: &Workspace, tool: &Path, action: &str) -> Command {
    let mut command = process::program("rustup", &workspace.root);
    // Without a sanitizer, because safe Rust cannot misuse memory, and five times as many inputs are tried.
    command.args(["run", "nightly"]).arg(tool).args(["fuzz", action, "--sanitizer", "none"]);
    // Removes the settings of the toolchain that runs xtask.
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env_remove("RUSTFLAGS");
    command
}

fn cargo_fuzz(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(found) = process::find("cargo-fuzz") {
        return Ok(found);
    }
    let tools = workspace.cargo_target.join("tools");
    let installed = tools.join("bin/cargo-fuzz");
    if !installed.is_file() {
        let mut install = process::cargo(&workspace.root);
        install.args(["install", "--locked", "--version", CARGO_FUZZ, "cargo-fuzz", "--root"]).arg(&tools);
        process::run(&mut install)?;
    }
    Ok(installed)
}

/// Writes the vectors as seeds, in the input form of each target.
fn write_seeds(workspace: &Workspace) -> Result<PathBuf> {
    let seeds = workspace.cargo_target.join("fuzz-seeds");
    if seeds.exists() {
        fs::remove_dir_all(&seeds)?;
    }
    let mut written = Seeds { folder: seeds.clone(), count: 0 };
    for platform in PLATFORMS {
        let head_of = |bytes: &[u8]| [platform.name.as_bytes(), b"\n", bytes].concat();
        let file = vectors(workspace, platform.name)?;
        let mut lines = String::new();
        for push in list(&file["pushes"]) {
            let body = text(&push["body"]);
            let content_type = match text(&push["contentType"]) {
                kind if kind.contains("json") => 1,
                kind if kind.contains("urlencoded") => 3,
                kind if kind.contains("multipart") => 4,
                _ => 0,
            };
            let query = push["query"].as_str();
            let head = query.map_or_else(String::new, |query| format!("{query}\n"));
            written.add("pushes", &head_of(&[content_type, u8::from(query.is_some())]), &format!("{head}{body}"))?;
            lines = lines + &body.replace(['\r', '\n'], " ") + "\n";
            if lines.len() > 500 {
                written.add("streams", &head_of(&[3, 40, 7, 200]), &lines)?;
                lines.clear();
            }
        }
        for answer in list(&file["answers"]) {
            let operation =
                ["dial", "hangUp", "bindSeat", "records", "recording", "balance"].iter().position(|name| answer["operation"] == *name);
            let status = [200, 200, 200, 201, 0, 302, 400, 401, 404, 429, 500, 503]
                .iter()
                .position(|status| answer["response"]["status"] == *status);
            let (Some(operation), Some(status)) = (operation, status) else { continue };
            written.add(
                "answers",
                &head_of(&[u8::try_from(operation)?, u8::try_from(status)?, 1, 0]),
                text(&answer["response"]["body"]),
            )?;
        }
        for request in list(&file["requests"]).iter().chain(list(&file["refusals"])) {
            let names = ["caller", "callee", "reference", "seat", "virtualNumber", "direction", "areaCode", "pushUrl", "callId", "phone"];
            let values = names.iter().enumerate().filter_map(|(at, name)| Some(format!("{at}{}\n", request["params"][*name].as_str()?)));
            let operation = ["dial", "dial", "recording", "hangUp", "bindSeat", "records", "balance"]
                .iter()
                .rposition(|name| request["operation"] == *name);
            written.add("signing", &head_of(&[u8::try_from(operation.unwrap_or(0))?, 0, 94, 92, 212, 96]), &values.collect::<String>())?;
        }
    }
    for name in ["phone", "time"] {
        for vector in list(&vectors(workspace, name)?) {
            written.add("numbers", &[68, 0], text(&vector["input"]))?;
        }
    }
    let token = "aB3-_dEfGhIjKlMnOpQrStUvWxYz0123";
    for vector in list(&vectors(workspace, "addresses")?) {
        let url = text(&vector["url"]).replace("HOST", "seat.example").replace("NAME", "oss.example");
        written.add("addresses", &[], &format!("{url}\n203.0.113.7\n10.0.0.1, 203.0.113.7\n203.0.113.0/24\n"))?;
    }
    for options in [format!(r#"{{"provider":"mixcom","tokens":["{token}"],"allow":["::ffff:192.0.2.0/120"],"trustProxy":"x-real-ip"}}"#)] {
        for url in [format!("/push/{token}"), format!("https://crm.example/?a=1&token={token}"), format!("/%61/{token}/")] {
            written.add("addresses", &[], &format!("{url}\n::ffff:203.0.113.7\n[2001:db8::1]:443\n2001:db8::/32\n{options}"))?;
        }
    }
    Ok(seeds)
}

struct Seeds {
    folder: PathBuf,
    count: usize,
}

impl Seeds {
    fn add(&mut self, target: &str, choices: &[u8], rest: &str) -> Result<()> {
        let folder = self.folder.join(target);
        fs::create_dir_all(&folder)?;
        self.count += 1;
        Ok(fs::write(folder.join(self.count.to_string()), [choices, rest.as_bytes()].concat())?)
    }
}

fn vectors(workspace: &Workspace, name: &str) -> Result<Value> {
    let path = workspace.root.join("tests/vectors").join(name).with_extension("json");
    let parsed = serde_json::from_str(&fs::read_to_string(&path)?).with_context(|| path.display().to_string())?;
    ensure!(matches!(parsed, Value::Object(_) | Value::Array(_)), "{} is no list of vectors", path.display());
    Ok(parsed)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
