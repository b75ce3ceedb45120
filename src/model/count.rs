//! Counts of seconds and minutes, in the forms that platforms and spreadsheets write.

/// A longer text is not a count.
const MOST_DIGITS: usize = 15;

/// Names of units and their seconds. A name comes before its own prefixes.
const UNITS: [(&str, i64); 20] = [
    ("小时", 3600),
    ("时", 3600),
    ("hours", 3600),
    ("hour", 3600),
    ("hrs", 3600),
    ("hr", 3600),
    ("h", 3600),
    ("分钟", 60),
    ("分", 60),
    ("minutes", 60),
    ("minute", 60),
    ("mins", 60),
    ("min", 60),
    ("m", 60),
    ("秒钟", 1),
    ("秒", 1),
    ("seconds", 1),
    ("second", 1),
    ("secs", 1),
    ("sec", 1),
];

/// Seconds: `42`, `42.0`, `4.2e1`, `00:00:42`, `0:42`, `42秒`, `42s`, `1分42秒`. Fractions of a second are cut off; a negative count stays negative.
/// `None` if the text is not a count.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    signed(text, |text| whole(text).or_else(|| clock(text)).or_else(|| with_units(text, 1)))
}

/// Minutes: `2`, `2.0`, `2e0`, `2分钟`, `2min`, `1小时2分`. Fractions of a minute are cut off; a negative count stays negative. `None` if the text is not a count,
/// or if its unit is not clear: `0:42` could be either.
pub(crate) fn minutes(text: &str) -> Option<i64> {
    signed(text, |text| whole(text).or_else(|| with_units(text, 60).map(|seconds| seconds / 60)))
}

fn signed(text: &str, read: impl Fn(&str) -> Option<i64>) -> Option<i64> {
    let text = text.trim();
    match text.strip_prefix('-') {
        Some(rest) => read(rest.trim_start()).map(|count| -count),
        None => read(text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Reads a decimal number and cuts off its fraction.
fn whole(text: &str) -> Option<i64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i8>().ok()?),
        None => (text, 0),
    };
    let (before, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if before.is_empty() || !before.bytes().chain(behind.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let Ok(point) = usize::try_from(i64::try_from(before.len()).ok()? + i64::from(exponent)) else { return Some(0) };
    let digits: String = before.chars().chain(behind.chars()).chain(std::iter::repeat('0')).take(point.min(200)).collect();
    let digits = digits.trim_start_matches('0');
    if digits.len() > MOST_DIGITS {
        return None;
    }
    if digits.is_empty() { Some(0) } else { digits.parse().ok() }
}

/// Reads `h:mm:ss` or `m:ss`, with or without a fraction.
fn clock(text: &str) -> Option<i64> {
    let parts: Vec<&str> = text.split(':').collect();
    let (last, before) = parts.split_last().filter(|(_, before)| (1..=2).contains(&before.len()))?;
    let mut sum = 0;
    for (place, part) in before.iter().enumerate() {
        let value = digits(part).filter(|value| place == 0 || *value < 60)?;
        sum = sum * 60 + value;
    }
    let (second, fraction) = last.split_once('.').unwrap_or((last, "0"));
    digits(fraction)?;
    let second = digits(second).filter(|value| *value < 60)?;
    Some(sum * 60 + second)
}

/// Reads `1分42秒` as seconds. The last unit must have the given number of seconds: `1m` is a rounded count of seconds, so it is refused.
fn with_units(text: &str, smallest: i64) -> Option<i64> {
    let (mut rest, mut sum, mut last) = (text.trim(), 0, i64::MAX);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let count = whole(&rest[..end])?;
        rest = rest[end..].trim_start();
        let word = rest.find(|c: char| c.is_ascii_digit() || c.is_whitespace()).map_or(rest, |at| &rest[..at]);
        let unit = if word.eq_ignore_ascii_case("s") {
            1
        } else {
            UNITS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map(|(_, unit)| *unit)?
        };
        if unit >= last || unit < smallest {
            return None;
        }
        last = unit;
        sum += count.checked_mul(unit)?;
        rest = rest[word.len()..].trim_start();
    }
    (last == smallest).then_some(sum)
}

fn digits(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 9 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{minutes, seconds};

    #[test]
    fn seconds_are_read_in_every_usual_spelling() {
        for text in [
            "42",
            "42.0",
            "42.9",
            "4.2e1",
            "4.2E+1",
            "420e-1",
            "00:00:42",
            "0:42",
            "00:42",
            "0:00:42.5",
            "42秒",
            "42 秒",
            "42s",
            "42 S",
            "42sec",
            "42 seconds",
            "0分42秒",
            "+42",
            "042",
        ] {
            assert_eq!(seconds(text), Some(42), "{text}");
        }
        for (text, count) in
            [("1分42秒", 102), ("1m42s", 102), ("1h 1m 1s", 3661), ("1:01:01", 3661), ("90:00", 5400), ("0", 0), ("1e-9", 0)]
        {
            assert_eq!(seconds(text), Some(count), "{text}");
        }
        for text in ["-1", "-1.0", "-42秒", "-0:42"] {
            assert!(seconds(text).is_some_and(|count| count < 0), "{text}");
        }
        for text in [
            "",
            "ten",
            "true",
            "42分42分",
            "42秒1分",
            "1m",
            "2min",
            "1小时",
            "1:2:3:4",
            "0:99",
            "1e99",
            "42x",
            "秒",
            "4 2",
            ".5",
            "e1",
            "1:",
            "١",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn minutes_are_no_seconds() {
        for (text, count) in [("2", 2), ("2.0", 2), ("2e0", 2), ("2分钟", 2), ("2分", 2), ("2min", 2), ("1小时2分", 62), ("0", 0)] {
            assert_eq!(minutes(text), Some(count), "{text}");
        }
        for text in ["0:42", "42秒", "42s", "one", "1分42秒"] {
            assert_eq!(minutes(text), None, "{text}");
        }
        assert_eq!(minutes("-2"), Some(-2));
    }
}
