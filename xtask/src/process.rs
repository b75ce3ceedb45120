//! Starts other programs.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// A command of the cargo that runs xtask.
pub fn cargo(directory: &Path) -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), directory)
}

/// A command of Node.js.
pub fn node(directory: &Path) -> Command {
    program("node", directory)
}

/// A command of npm, which is `npm.cmd` on Windows.
pub fn npm(directory: &Path) -> Command {
    program(if cfg!(windows) { "npm.cmd" } else { "npm" }, directory)
}

/// A command of any program, to be started in `directory`.
pub fn program(name: impl AsRef<OsStr>, directory: &Path) -> Command {
    let mut command = Command::new(name);
    command.current_dir(directory);
    command
}

/// Finds the full path of a program on `PATH`.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(name)).find(|candidate| candidate.is_file())
}

/// Runs the program in this terminal and waits for its end; fails when the program fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", format_command(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", format_command(command));
    }
    Ok(())
}

/// Runs the program to its end and returns its standard output; on failure, the error contains its output.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", format_command(command)))?;
    if !output.status.success() {
        let printed = [output.stdout, output.stderr].concat();
        bail!("{} failed ({})\n{}", format_command(command), output.status, String::from_utf8_lossy(&printed).trim_end());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs the program to its end, prints its standard output as it arrives and passes each line to `each_line`. Returns true on success.
pub fn watch(command: &mut Command, mut each_line: impl FnMut(&str)) -> Result<bool> {
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {}", format_command(command)))?;
    let stdout = child.stdout.take().context("standard output was not piped")?;
    let mut lines = BufReader::new(stdout);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        each_line(text.trim_end());
        line.clear();
    }
    Ok(child.wait()?.success())
}

/// Replaces this process, so that signals and the exit code pass through unchanged. Returns only if the program cannot be started.
#[cfg(unix)]
pub fn replace(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).with_context(|| format!("cannot start {}", format_command(command)))
}

#[cfg(not(unix))]
pub fn replace(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", format_command(command)))?;
    std::process::exit(status.code().unwrap_or(1));
}

/// The command as a user would type it.
pub fn format_command(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
