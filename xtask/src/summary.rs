//! Reads the summary lines of test runners and adds them up.

/// The results that the runners of one or more steps reported.
#[derive(Default)]
pub struct Summary {
    /// The runners' own lines, each after the name of its step.
    pub lines: Vec<String>,
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Skipped tests and steps.
    pub skipped: u64,
}

impl Summary {
    /// Adds a line if it is a summary: `test result: ...` of cargo and wasm-bindgen, `Tests  ...` of vitest.
    pub fn read(&mut self, step: &str, line: &str) {
        let line = without_colours(line);
        let line = line.trim();
        let is_summary = line.starts_with("test result: ") || line.strip_prefix("Tests ").is_some_and(|rest| rest.starts_with(' '));
        if is_summary {
            self.passed += count(line, "passed");
            self.failed += count(line, "failed");
            self.skipped += count(line, "skipped") + count(line, "ignored");
            self.lines.push(format!("{step}: {line}"));
        }
    }

    /// Adds a step that was skipped on request.
    pub fn skip(&mut self, step: &str, why: &str) {
        self.skipped += 1;
        self.lines.push(format!("{step}: skipped, {why}"));
    }

    /// Adds another summary to this one.
    pub fn add(&mut self, other: Self) {
        self.skipped += other.skipped;
        self.lines.extend(other.lines);
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Reads the number before `word`.
fn count(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line.split(|c: char| c.is_whitespace() || c == ';').filter(|word| !word.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or_default()
}

fn without_colours(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, text)| text));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::Summary;

    fn read(line: &str) -> (usize, u64, u64, u64) {
        let mut summary = Summary::default();
        summary.read("step", line);
        (summary.lines.len(), summary.passed, summary.failed, summary.skipped)
    }

    #[test]
    fn the_summaries_of_all_runners_are_counted() {
        assert_eq!(read("test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s"), (1, 5, 2, 0));
        assert_eq!(read("test result: ok. 3 passed; 0 failed; 0 ignored; 0 filtered out"), (1, 3, 0, 0));
        assert_eq!(read("      Tests  1 failed | 11 passed | 2 skipped (14)"), (1, 11, 1, 2));
        assert_eq!(
            read("\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m12 passed\u{1b}[39m\u{1b}[22m\u{1b}[90m (12)\u{1b}[39m"),
            (1, 12, 0, 0)
        );
    }

    #[test]
    fn other_lines_are_not_counted() {
        assert_eq!(read(" Test Files  3 passed (3)"), (0, 0, 0, 0));
        assert_eq!(read("test result_of_a_dial ... ok"), (0, 0, 0, 0));
        assert_eq!(read("Tests are now available at 1 passed"), (0, 0, 0, 0));
    }
}
