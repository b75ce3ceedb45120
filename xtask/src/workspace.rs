//! Where things stand in the tree.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process;

/// The tree, as cargo sees it.
pub struct Workspace {
    /// The directory of the root `Cargo.toml`.
    pub root: PathBuf,
    /// Where cargo puts what it compiles.
    pub cargo_target: PathBuf,
    /// The version of the crate, which is the npm package's too.
    pub version: String,
}

impl Workspace {
    /// Asks cargo, so that a target directory set anywhere is found.
    pub fn find() -> Result<Self> {
        let mut command = process::cargo(Path::new(env!("CARGO_MANIFEST_DIR")));
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        let metadata: serde_json::Value = serde_json::from_str(&process::output(&mut command)?)?;
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
        let version = packages.iter().find(|package| package["name"] == "ringback").and_then(|package| text(&package["version"]));
        Ok(Self {
            root: text(&metadata["workspace_root"]).context("cargo metadata names no workspace")?.into(),
            cargo_target: text(&metadata["target_directory"]).context("cargo metadata names no target directory")?.into(),
            version: version.context("the workspace has no package `ringback`")?,
        })
    }

    /// The finished npm package.
    pub fn package(&self) -> PathBuf {
        self.root.join("pkg")
    }

    /// The package's sources: manifest, TypeScript, and the npm tools that build it.
    pub fn template(&self) -> PathBuf {
        self.root.join("pkg-template")
    }

    /// The packed package.
    pub fn tarball(&self) -> PathBuf {
        self.root.join(format!("target/pack/ringback-{}.tgz", self.version))
    }
}
