//! Measures how many bytes of the package a user's program loads.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::Workspace;
use crate::{process, progress};

/// The measured files: those that an edge worker loads.
const LOADED: [(&str, &str); 3] = [("wasm", "ringback.wasm"), ("glue", "dist/core.js"), ("workerd entry", "dist/workerd.js")];

const ENCODINGS: [&str; 3] = ["raw", "gzip", "brotli"];

/// Prints the sizes and their distance from the budget.
pub fn print(workspace: &Workspace, package: &Path) -> Result<()> {
    let rows = measure(workspace, package)?;
    println!("{:>14}{:>10}{:>10}{:>10}  bytes", "", ENCODINGS[0], ENCODINGS[1], ENCODINGS[2]);
    for (part, [raw, gzip, brotli]) in &rows {
        println!("{part:>14}{raw:>10}{gzip:>10}{brotli:>10}");
    }
    let comparison = compare(find_total_gzip(&rows), read_budget(workspace)?).unwrap_or_else(|over| over.to_string());
    progress::say("build", &comparison);
    Ok(())
}

/// Fails when the package exceeds its budget.
pub fn check(workspace: &Workspace) -> Result<()> {
    let rows = measure(workspace, &workspace.package())?;
    progress::say("size", &compare(find_total_gzip(&rows), read_budget(workspace)?)?);
    Ok(())
}

type Row = (&'static str, [u64; ENCODINGS.len()]);

/// Returns a row for each part, and their sum as the last row.
fn measure(workspace: &Workspace, package: &Path) -> Result<Vec<Row>> {
    let mut node = process::node(&workspace.root);
    node.arg("xtask/node/sizes.mjs").args(LOADED.map(|(_, file)| package.join(file)));
    let sizes: Vec<Value> = serde_json::from_str(&process::output(&mut node)?)?;
    let mut total = [0; ENCODINGS.len()];
    let mut rows = Vec::new();
    for ((part, _), size) in LOADED.iter().zip(&sizes) {
        let row = ENCODINGS.map(|encoding| size[encoding].as_u64().unwrap_or_default());
        for (sum, bytes) in total.iter_mut().zip(row) {
            *sum += bytes;
        }
        rows.push((*part, row));
    }
    rows.push(("total", total));
    Ok(rows)
}

fn find_total_gzip(rows: &[Row]) -> u64 {
    rows.last().map_or(0, |(_, [_, gzip, _])| *gzip)
}

fn compare(gzip: u64, budget: u64) -> Result<String> {
    if gzip > budget {
        bail!("{gzip} bytes of wasm and glue, gzip: {} over the budget of {budget} in xtask/size-budget.json", gzip - budget);
    }
    Ok(format!("{gzip} bytes of wasm and glue, gzip: {} under the budget of {budget}", budget - gzip))
}

fn read_budget(workspace: &Workspace) -> Result<u64> {
    let file: Value = serde_json::from_str(&fs::read_to_string(workspace.root.join("xtask/size-budget.json"))?)?;
    file["wasmAndWorkerdGlueGzipBytes"].as_u64().context("xtask/size-budget.json has no wasmAndWorkerdGlueGzipBytes")
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn a_package_at_its_budget_passes_and_one_byte_more_fails() {
        assert!(compare(90_000, 90_000).is_ok());
        assert!(compare(90_001, 90_000).unwrap_err().to_string().contains(": 1 over"));
    }
}
