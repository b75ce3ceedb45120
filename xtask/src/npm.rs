//! npm, asked for as little as possible.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{process, progress};

const QUIET: [&str; 4] = ["--no-fund", "--no-audit", "--no-update-notifier", "--loglevel=error"];

/// `npm ci`, unless it has been done since the lock file last changed.
pub fn install_locked(part: &str, directory: &Path) -> Result<()> {
    install(part, directory, &["ci"])
}

/// `npm install` by the lock file, unless it has been done since that last changed. `npm ci` refuses a lock file that was made where the
/// registry lacked a tool's binaries for other systems.
pub fn install_partly_locked(part: &str, directory: &Path) -> Result<()> {
    install(part, directory, &["install", "--no-save"])
}

fn install(part: &str, directory: &Path, command: &[&str]) -> Result<()> {
    let lock =
        fs::read(directory.join("package-lock.json")).with_context(|| format!("{} has no package-lock.json", directory.display()))?;
    // npm ci begins by deleting node_modules, and this copy with it.
    let installed = directory.join("node_modules/.installed-package-lock.json");
    if fs::read(&installed).is_ok_and(|earlier| earlier == lock) {
        return Ok(());
    }
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    progress::say(part, &format!("npm {} in {name} ...", command[0]));
    process::output(process::npm(directory).args(command).args(QUIET))?;
    fs::create_dir_all(directory.join("node_modules"))?;
    fs::write(installed, lock)?;
    Ok(())
}

/// One of the build tools that `pkg-template/package.json` names, started in `directory`.
pub fn tool(workspace: &Workspace, name: &str, directory: &Path) -> Command {
    let file = if cfg!(windows) { format!("{name}.cmd") } else { name.to_owned() };
    process::program(workspace.template().join("node_modules/.bin").join(file), directory)
}

/// Puts a tarball into `node_modules` and leaves package.json and the lock file as they are.
pub fn install_tarball(directory: &Path, tarball: &Path) -> Result<()> {
    process::output(process::npm(directory).args(["install", "--no-save", "--prefer-offline"]).args(QUIET).arg(tarball))?;
    Ok(())
}

/// `npm pack`: the directory's package as a tarball in `destination`.
pub fn pack(package: &Path, destination: &Path) -> Result<()> {
    fs::create_dir_all(destination)?;
    process::output(process::npm(package).args(["pack", "--pack-destination"]).arg(destination).args(QUIET))?;
    Ok(())
}
