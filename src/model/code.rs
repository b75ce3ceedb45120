//! A platform's codes and success words, compared by their meaning and not by their spelling.

use std::borrow::Cow;

/// The longest integer that [`plain`] writes out in full.
const LONGEST_PLAIN: usize = 20;

/// Returns true if two codes are the same. Two decimal numbers are compared by value (`200`, `200.0`, `+200`, `0200` and `2e2` are
/// one code), exactly and at any length. All others are compared as text without regard to ASCII case and surrounding white space.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    match (Decimal::read(one), Decimal::read(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.trim().eq_ignore_ascii_case(other.trim()),
        _ => false,
    }
}

/// Returns the value of a code that is a whole number; `None` if it is not one or does not fit.
#[must_use]
pub fn read_integer(code: &str) -> Option<i64> {
    Decimal::read(code)?.simplify()?.parse().ok()
}

/// Returns the code without the decoration that some JSON writers add to integers: `200` for `200.0`, `+200` and `2e2`. Codes of digits only
/// keep their leading zeros. Any other text is only trimmed.
#[must_use]
pub fn simplify(code: &str) -> Cow<'_, str> {
    let code = code.trim();
    if code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(code);
    }
    Decimal::read(code).and_then(|decimal| decimal.simplify()).map_or(Cow::Borrowed(code), Cow::Owned)
}

/// Reads a success word: `true`, `yes`, `y` and 1 in any spelling, or `false`, `no`, `n` and 0. `None` for any other text.
#[must_use]
pub fn read_truth(word: &str) -> Option<bool> {
    const WORDS: [(&str, bool); 8] =
        [("1", true), ("0", false), ("true", true), ("false", false), ("yes", true), ("no", false), ("y", true), ("n", false)];
    let word = word.trim();
    let known = WORDS.into_iter().find(|(known, _)| word.eq_ignore_ascii_case(known)).map(|(_, is_true)| is_true);
    known.or_else(|| match read_integer(word) {
        Some(1) => Some(true),
        Some(0) => Some(false),
        _ => None,
    })
}

/// A decimal number: its digits without zeros at either end, times a power of ten. Two are equal if their values are equal.
#[derive(PartialEq, Eq)]
struct Decimal<'a> {
    is_negative: bool,
    digits: Cow<'a, str>,
    /// The power of ten of the last digit.
    exponent: i64,
}

impl<'a> Decimal<'a> {
    /// Reads `-12.50e3` and the like, with or without a sign, with white space around it.
    fn read(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let (is_negative, text) = match text.strip_prefix(['-', '+']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && part.is_empty() || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (digits, dropped) = if part.is_empty() {
            let (digits, dropped) = strip_zeros(whole);
            (Cow::Borrowed(digits), dropped)
        } else {
            let all = [whole, part].concat();
            let (digits, dropped) = strip_zeros(&all);
            (Cow::Owned(digits.to_owned()), dropped)
        };
        if digits.is_empty() {
            return Some(Self { is_negative: false, digits, exponent: 0 });
        }
        let exponent = exponent + i64::try_from(dropped).ok()? - i64::try_from(part.len()).ok()?;
        Some(Self { is_negative, digits, exponent })
    }

    /// A whole number of at most [`LONGEST_PLAIN`] digits, written out.
    fn simplify(&self) -> Option<String> {
        let zeros = usize::try_from(self.exponent).ok().filter(|zeros| self.digits.len().saturating_add(*zeros) <= LONGEST_PLAIN)?;
        let digits = if self.digits.is_empty() { "0" } else { &self.digits };
        Some(format!("{}{digits}{}", if self.is_negative { "-" } else { "" }, "0".repeat(zeros)))
    }
}

/// Removes the zeros at both ends, and counts those at the end.
fn strip_zeros(digits: &str) -> (&str, usize) {
    let significant = digits.trim_start_matches('0');
    let stripped = significant.trim_end_matches('0');
    (stripped, significant.len() - stripped.len())
}

/// At most 9 digits, so that sums stay within range.
fn read_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sound = (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    sound.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::{is_same, read_integer, read_truth, simplify};

    #[test]
    fn one_code_in_many_spellings_is_one_code() {
        for spelling in ["200", " 200 ", "+200", "0200", "200.", "200.0", "200.000", "2e2", "2E+2", "2.0e2", "20000e-2", "0.2e3", ".2e3"] {
            assert!(is_same("200", spelling) && is_same(spelling, "200"), "{spelling}");
            assert_eq!(read_integer(spelling), Some(200), "{spelling}");
        }
        for other in ["201", "200.5", "-200", "2e3", "20", "2 00", "0x200", "200a", "", "e2", ".", "+", "2e", "2e1.5", "NaN", "二百"] {
            assert!(!is_same("200", other), "{other}");
        }
        for zero in ["0", "-0", "0.0", "00", "0e5", "-0.00"] {
            assert!(is_same("0", zero), "{zero}");
        }
    }

    #[test]
    fn long_codes_are_compared_digit_by_digit() {
        assert!(!is_same("9007199254740993", "9007199254740992"));
        assert!(is_same("9007199254740993.0", "9007199254740993"));
        assert!(!is_same("1e999999999", "1e999999998"));
        assert!(!is_same("0.30000000000000004", "0.3"));
        assert_eq!(read_integer("1e999999999"), None);
        assert_eq!(read_integer("99999999999999999999"), None);
    }

    #[test]
    fn words_are_compared_without_regard_to_case() {
        assert!(is_same("HangUp", "hangup") && is_same(" FAIL", "fail "));
        assert!(!is_same("HangUp", "Hang") && !is_same("", "0"));
    }

    #[test]
    fn a_code_is_shown_without_what_a_writer_of_doubles_adds() {
        for (given, shown) in [("200.0", "200"), ("1.003e3", "1003"), ("-1.0", "-1"), ("0042", "0042"), ("1.5", "1.5"), (" FAIL ", "FAIL")]
        {
            assert_eq!(simplify(given), shown);
        }
        assert_eq!(simplify("1e30"), "1e30");
    }

    #[test]
    fn success_is_read_in_every_usual_spelling_and_nothing_else_is() {
        for word in ["true", "TRUE", " True ", "1", "1.0", "01", "yes", "Y"] {
            assert_eq!(read_truth(word), Some(true), "{word}");
        }
        for word in ["false", "FALSE", "0", "0.0", "no", "N"] {
            assert_eq!(read_truth(word), Some(false), "{word}");
        }
        for word in ["", "2", "-1", "ok", "null", "success", "成功"] {
            assert_eq!(read_truth(word), None, "{word}");
        }
    }
}
