//! `cargo xtask pack`: packs the npm package as the tarball that users install.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::build::{self, Variant};
use crate::workspace::Workspace;
use crate::{npm, progress};

/// The sources of the package. A tarball older than any of these is stale.
const SOURCES: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "README.zh-CN.md",
    "src",
    "bindings/js/Cargo.toml",
    "bindings/js/src",
    "pkg-template",
    "xtask",
];

/// How to treat an existing tarball.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Builds it again.
    Replace,
    /// Keeps it if it is newer than all sources.
    KeepIfCurrent,
}

/// Builds the package and packs it.
pub fn run(workspace: &Workspace, existing: Existing) -> Result<()> {
    if existing == Existing::KeepIfCurrent && is_current(workspace)? {
        return Ok(());
    }
    build::run(workspace, Variant::Release)?;
    let tarball = workspace.tarball();
    npm::pack(&workspace.package(), tarball.parent().context("the tarball has no directory")?)?;
    let bytes = fs::metadata(&tarball).with_context(|| format!("npm pack did not write {}", tarball.display()))?.len();
    progress::say("pack", &format!("{}, {bytes} bytes", tarball.strip_prefix(&workspace.root)?.display()));
    Ok(())
}

fn is_current(workspace: &Workspace) -> Result<bool> {
    let Ok(packed) = fs::metadata(workspace.tarball()).and_then(|tarball| tarball.modified()) else {
        return Ok(false);
    };
    for source in SOURCES {
        if find_last_change(&workspace.root.join(source))?.is_some_and(|changed| changed > packed) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The time of the last change to a file or to anything in a directory; `None` if the path does not exist.
fn find_last_change(path: &Path) -> Result<Option<SystemTime>> {
    let Ok(metadata) = fs::metadata(path) else {
        return Ok(None);
    };
    let mut latest = metadata.modified()?;
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if entry.file_name() == "node_modules" {
                continue;
            }
            latest = latest.max(find_last_change(&entry.path())?.unwrap_or(latest));
        }
    }
    Ok(Some(latest))
}
