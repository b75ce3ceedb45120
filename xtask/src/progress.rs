//! Prints progress lines with the time since the command was started.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

static STARTED: OnceLock<Instant> = OnceLock::new();

/// Starts the clock at the moment when the command was entered.
pub fn start() {
    let now = Instant::now();
    STARTED.get_or_init(|| now.checked_sub(age_of_this_process().unwrap_or_default()).unwrap_or(now));
}

/// Prints a line of the form `[  12.3 s] part: message`.
pub fn say(part: &str, message: &str) {
    println!("[{:6.1} s] {part}: {message}", elapsed().as_secs_f64());
}

/// The time since the command was entered.
pub fn elapsed() -> Duration {
    STARTED.get().map(Instant::elapsed).unwrap_or_default()
}

/// The time when the command was entered, in milliseconds since the epoch.
pub fn started_epoch_ms() -> u128 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.saturating_sub(elapsed()).as_millis()
}

/// `cargo run` compiles xtask and then replaces itself with it in the same process. The process's age therefore includes the time for
/// compiling xtask. Known on Linux only; elsewhere the clock starts with xtask.
fn age_of_this_process() -> Option<Duration> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is a name in parentheses that may hold spaces; the start time is the 22nd field.
    let after_name = &stat[stat.rfind(')')? + 1..];
    let start_ticks: f64 = after_name.split_whitespace().nth(19)?.parse().ok()?;
    Duration::try_from_secs_f64(uptime - start_ticks / TICKS_PER_SECOND).ok()
}
