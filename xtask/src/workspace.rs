//! Paths in the repository.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process;

/// The repository, as cargo describes it.
pub struct Workspace {
    /// The directory of the root `Cargo.toml`.
    pub root: PathBuf,
    /// The directory of cargo's compiled files.
    pub cargo_target: PathBuf,
    /// The version of the crate and of the npm package.
    pub version: String,
}

impl Workspace {
    /// Reads the paths from `cargo metadata`, so that any setting of the target directory is respected.
    pub fn find() -> Result<Self> {
        let mut command = process::cargo(Path::new(env!("CARGO_MANIFEST_DIR")));
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        let metadata: serde_json::Value = serde_json::from_str(&process::output(&mut command)?)?;
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
        let version = packages.iter().find(|package| package["name"] == "ringback").and_then(|package| text(&package["version"]));
        Ok(Self {
            root: text(&metadata["workspace_root"]).context("cargo metadata has no workspace_root")?.into(),
            cargo_target: text(&metadata["target_directory"]).context("cargo metadata has no target_directory")?.into(),
            version: version.context("the workspace has no package `ringback`")?,
        })
    }

    /// The directory of the built npm package.
    pub fn package(&self) -> PathBuf {
        self.root.join("pkg")
    }

    /// The directory of the package's sources: manifest, TypeScript, and the npm tools that build it.
    pub fn template(&self) -> PathBuf {
        self.root.join("pkg-template")
    }

    /// The path of the packed package.
    pub fn tarball(&self) -> PathBuf {
        self.root.join(format!("target/pack/ringback-{}.tgz", self.version))
    }
}
