//! Lines that say what is happening and how long it has taken so far.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

static STARTED: OnceLock<Instant> = OnceLock::new();

/// Sets the clock to the moment the command was entered.
pub fn start() {
    let now = Instant::now();
    STARTED.get_or_init(|| now.checked_sub(age_of_this_process().unwrap_or_default()).unwrap_or(now));
}

/// Prints `[  12.3 s] part: what`.
pub fn say(part: &str, what: &str) {
    println!("[{:6.1} s] {part}: {what}", elapsed().as_secs_f64());
}

/// Since the command was entered.
pub fn elapsed() -> Duration {
    STARTED.get().map(Instant::elapsed).unwrap_or_default()
}

/// When the command was entered, in milliseconds since the epoch.
pub fn started_epoch_ms() -> u128 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.saturating_sub(elapsed()).as_millis()
}

/// `cargo run` compiles and then becomes this program within the same process, so the process is as old as the command:
/// compiling xtask itself is counted in. Linux only; elsewhere the count begins with xtask.
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
