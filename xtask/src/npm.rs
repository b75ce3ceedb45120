//! Runs npm, and only when something has changed since the last time.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{process, progress};

const QUIET: [&str; 4] = ["--no-fund", "--no-audit", "--no-update-notifier", "--loglevel=error"];

/// Runs `npm ci`, unless it has run since the lock file last changed.
pub fn install_locked(part: &str, directory: &Path) -> Result<()> {
    install(part, directory, &["ci"])
}

/// Runs `npm install` with the lock file, unless it has run since that file last changed. Used where `npm ci` refuses the lock file
/// because the registry had no binaries of a tool for other systems when it was written.
pub fn install_partly_locked(part: &str, directory: &Path) -> Result<()> {
    install(part, directory, &["install", "--no-save"])
}

fn install(part: &str, directory: &Path, command: &[&str]) -> Result<()> {
    let lock =
        fs::read(directory.join("package-lock.json")).with_context(|| format!("{} has no package-lock.json", directory.display()))?;
    // npm ci starts by deleting node_modules, and this copy with it.
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

/// A build tool from `pkg-template/package.json`, to be started in `directory`.
pub fn tool(workspace: &Workspace, name: &str, directory: &Path) -> Command {
    let file = if cfg!(windows) { format!("{name}.cmd") } else { name.to_owned() };
    process::program(workspace.template().join("node_modules/.bin").join(file), directory)
}

/// Installs a tarball into `node_modules` without changing package.json or the lock file, unless this tarball is installed already.
pub fn install_tarball(part: &str, directory: &Path, tarball: &Path) -> Result<()> {
    let packed = fs::metadata(tarball).with_context(|| format!("{} is missing", tarball.display()))?;
    let written = packed.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
    let identity = format!("{}\n{} bytes, written at {written}\n", tarball.display(), packed.len());
    // npm ci deletes node_modules, and this file with it.
    let installed = directory.join("node_modules/.installed-tarball");
    let is_there = directory.join("node_modules/ringback/package.json").is_file();
    if is_there && fs::read_to_string(&installed).is_ok_and(|earlier| earlier == identity) {
        return Ok(());
    }
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    progress::say(part, &format!("installing the packed package into {name} ..."));
    process::output(process::npm(directory).args(["install", "--no-save", "--prefer-offline"]).args(QUIET).arg(tarball))?;
    fs::write(installed, identity)?;
    Ok(())
}

/// Runs `npm pack`, which writes the package as a tarball into `destination`.
pub fn pack(package: &Path, destination: &Path) -> Result<()> {
    fs::create_dir_all(destination)?;
    process::output(process::npm(package).args(["pack", "--pack-destination"]).arg(destination).args(QUIET))?;
    Ok(())
}
