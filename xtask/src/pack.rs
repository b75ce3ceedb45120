//! `cargo xtask pack`: the npm package as the tarball that users would install.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::build::{self, Variant};
use crate::workspace::Workspace;
use crate::{npm, progress};

/// What the package is made of. A tarball older than any of these is stale.
const SOURCES: &[&str] = &["Cargo.toml", "Cargo.lock", "README.md", "README.zh-CN.md", "src", "pkg-template", "xtask"];

/// What becomes of a tarball that is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is built anew.
    Replace,
    /// It stays if it is newer than all sources.
    KeepIfCurrent,
}

/// Builds and packs.
pub fn run(workspace: &Workspace, existing: Existing) -> Result<()> {
    if existing == Existing::KeepIfCurrent && is_current(workspace)? {
        return Ok(());
    }
    build::run(workspace, Variant::Release)?;
    let tarball = workspace.tarball();
    npm::pack(&workspace.package(), tarball.parent().context("the tarball has no directory")?)?;
    let bytes = fs::metadata(&tarball).with_context(|| format!("npm pack left no {}", tarball.display()))?.len();
    progress::say("pack", &format!("{}, {bytes} bytes", tarball.strip_prefix(&workspace.root)?.display()));
    Ok(())
}

fn is_current(workspace: &Workspace) -> Result<bool> {
    let Ok(packed) = fs::metadata(workspace.tarball()).and_then(|tarball| tarball.modified()) else {
        return Ok(false);
    };
    for source in SOURCES {
        if newest(&workspace.root.join(source))?.is_some_and(|changed| changed > packed) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The last change to a file or to anything within a directory; none where there is nothing.
fn newest(path: &Path) -> Result<Option<SystemTime>> {
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
            latest = latest.max(newest(&entry.path())?.unwrap_or(latest));
        }
    }
    Ok(Some(latest))
}
