//! Splits JSON text without decoding it: an object into members, an array into items, a string into characters.
//!
//! Strict as RFC 8259, except for what platforms are known to send. This is read, and reported as [`Found::nearly`]: a comma before a
//! closing bracket, bare control characters within a text, and bare words that other languages write for no value (`NaN`, `None`,
//! `undefined`). Names may repeat. Half a surrogate pair becomes U+FFFD. Nesting beyond 500 levels is refused. Nothing recurses.
//!
//! Why not `serde_json` and its `RawValue`: it makes the download of the npm package 9.3 KB larger (gzip, `opt-level` z) or 21.6 KB (3),
//! of which 11 KB are a table for writing fractions in an error text; with the feature `arbitrary_precision` and that table's crate at
//! `s` it is 6.7 or 7.5 KB. At 3 a push takes 6 % longer and `normalizeStream` 14 %. It is also stricter than the platforms.

use std::borrow::Cow;

/// Features of a JSON text that another reader may read differently.
#[derive(Clone, Copy, Default)]
pub(crate) struct Found {
    /// A number, at any depth, that a double may not hold exactly.
    pub(crate) long_number: bool,
    /// The text is not strictly JSON: other readers would refuse it.
    pub(crate) nearly: bool,
}

/// Calls `member` for each member of an object, in order, with its decoded name and its value as JSON text.
///
/// # Errors
/// The number of bytes that could be read.
pub(crate) fn read_object<'a>(json: &'a str, member: &mut dyn FnMut(Cow<'a, str>, &'a str)) -> Result<Found, usize> {
    let mut scanner = Scanner::new(json);
    let whole = scanner.read_items(b'{', |scanner| {
        let name = scanner.read_name()?;
        // Most names have no escape, and are their own characters.
        let name = if scanner.escaped { decode(name)? } else { Cow::Borrowed(name.get(1..name.len() - 1)?) };
        member(name, scanner.read_value()?);
        Some(())
    });
    whole.map(|()| scanner.found).ok_or(scanner.at)
}

/// Returns the items of an array as JSON text.
///
/// # Errors
/// The number of bytes that could be read.
pub(crate) fn read_array(json: &str) -> Result<Vec<&str>, usize> {
    let mut items = Vec::new();
    let mut scanner = Scanner::new(json);
    let whole = scanner.read_items(b'[', |scanner| {
        items.push(scanner.read_value()?);
        Some(())
    });
    whole.map(|()| items).ok_or(scanner.at)
}

/// Checks that the text is one JSON value, or nearly one, and nothing else.
pub(crate) fn value(text: &str) -> Option<Found> {
    let mut scanner = Scanner::new(text);
    scanner.read_value()?;
    scanner.is_at_end().then_some(scanner.found)
}

/// Returns true if the text is exactly one JSON value.
pub(crate) fn is_value(text: &str) -> bool {
    value(text).is_some_and(|found| !found.nearly)
}

/// Decodes a JSON string; borrowed where it has no escapes. Half a surrogate pair becomes U+FFFD. `None` if it is not a string.
pub(crate) fn decode(json: &str) -> Option<Cow<'_, str>> {
    decode_with(json, Some(char::REPLACEMENT_CHARACTER))
}

/// As [`decode`], but `None` where half a surrogate pair is alone.
pub(crate) fn decode_exactly(json: &str) -> Option<Cow<'_, str>> {
    decode_with(json, None)
}

fn decode_with(json: &str, instead_of_half_a_pair: Option<char>) -> Option<Cow<'_, str>> {
    let mut rest = json.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    loop {
        let at = plain_until(rest.as_bytes(), 0);
        let Some(&special) = rest.as_bytes().get(at) else { break };
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if special != b'\\' {
            text.push(char::from(special));
            continue;
        }
        let escape = *rest.as_bytes().first()?;
        rest = rest.get(1..)?;
        text.push(match escape {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut unit = code_unit(rest)?;
                rest = &rest[4..];
                let low = rest.strip_prefix("\\u").and_then(code_unit).filter(|low| (0xdc00..0xe000).contains(low));
                if let Some(low) = low.filter(|_| (0xd800..0xdc00).contains(&unit)) {
                    rest = &rest[6..];
                    unit = 0x1_0000 + ((unit - 0xd800) << 10 | (low - 0xdc00));
                }
                char::from_u32(unit).or(instead_of_half_a_pair)?
            }
            other => char::from(other),
        });
    }
    if text.is_empty() && rest.len() + 2 == json.len() {
        return Some(Cow::Borrowed(rest));
    }
    text.push_str(rest);
    Some(Cow::Owned(text))
}

/// Bare words that other languages write for no value, in any case.
const NONE: [&str; 7] = ["null", "none", "nil", "nan", "nat", "undefined", "infinity"];

/// Returns true if a JSON text or a bare word means "no value".
pub(crate) fn is_null(json: &str) -> bool {
    let word = json.strip_prefix('-').unwrap_or(json);
    word.starts_with(|first: char| first.is_ascii_alphabetic()) && NONE.iter().any(|none| word.eq_ignore_ascii_case(none))
}

/// Rewrites a text as strict JSON that all readers read the same way: numbers that a double cannot hold become text.
pub(crate) fn rewrite(json: &str) -> String {
    let bytes = json.as_bytes();
    let mut out = String::with_capacity(json.len() + 16);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b'"' => {
                let end = end_of_string(bytes, at);
                push_escaped(&mut out, &json[at..end]);
                at = end;
                continue;
            }
            b',' => {
                let next = bytes[at + 1..].iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
                at += 1;
                if !matches!(next, Some(b']' | b'}')) {
                    out.push(',');
                }
                continue;
            }
            b'-' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                bytes[at..].iter().position(|byte| !is_of_word(byte)).map_or(bytes.len(), |length| at + length)
            }
            _ => {
                // A bracket, a colon or white space; within these JSON has nothing beyond ASCII.
                let next = bytes[at + 1..].iter().position(u8::is_ascii).map_or(bytes.len(), |length| at + 1 + length);
                out.push_str(&json[at..next]);
                at = next;
                continue;
            }
        };
        let word = &json[at..end];
        at = end;
        if is_null(word) {
            out.push_str("null");
        } else if word.starts_with(|first: char| first.is_ascii_alphabetic()) {
            out.push_str(&word.to_ascii_lowercase());
        } else if is_exact(word) {
            out.push_str(word);
        } else {
            out.push('"');
            out.push_str(word);
            out.push('"');
        }
    }
    out
}

/// Appends a JSON string with an escape for each bare control character.
fn push_escaped(out: &mut String, string: &str) {
    let mut rest = string;
    while let Some(at) = rest.bytes().position(|byte| byte < b' ') {
        out.push_str(&rest[..at]);
        out.push_str("\\u");
        super::push_hex(out, rest.as_bytes()[at].into());
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Returns true if a double holds all digits of this number.
fn is_exact(number: &str) -> bool {
    const LARGEST: u64 = (1 << 53) - 1;
    let digits = number.strip_prefix('-').unwrap_or(number);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.parse::<u64>().is_ok_and(|value| value <= LARGEST);
    }
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    mantissa.bytes().filter(u8::is_ascii_digit).count() <= 15 && exponent.parse::<i16>().is_ok_and(|exponent| exponent.abs() < 290)
}

/// Reads four hex digits.
fn code_unit(text: &str) -> Option<u32> {
    let digits = text.as_bytes().get(..4)?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

/// The deepest nesting that is read. No platform nests so deep, and `JSON.stringify`, which recurses, could not write deeper ones.
const DEEPEST: usize = 500;

/// The result of [`Scanner::peek`] at the end of the text. It is not a valid byte of JSON.
const END: u8 = 0;

/// Finds the next byte that a JSON string cannot hold unescaped (a quote, a backslash, a control character), or the end. Most bytes that
/// are read and written are within strings.
#[inline(never)]
pub(crate) fn plain_until(bytes: &[u8], from: usize) -> usize {
    first::<SPECIAL>(bytes.get(from..).unwrap_or_default()).map_or(bytes.len(), |at| from + at)
}

/// Finds the next byte beyond ASCII, or the end.
#[inline(never)]
pub(crate) fn ascii_until(bytes: &[u8], from: usize) -> usize {
    first::<BEYOND_ASCII>(bytes.get(from..).unwrap_or_default()).map_or(bytes.len(), |at| from + at)
}

/// Finds the end of the first line.
#[inline(never)]
pub(crate) fn newline(bytes: &[u8]) -> Option<usize> {
    first::<NEWLINE>(bytes)
}

/// The kinds of bytes that [`first`] finds.
const SPECIAL: u8 = 0;
const NEWLINE: u8 = 1;
const BEYOND_ASCII: u8 = 2;

/// Finds the first byte of a kind, eight bytes at a time. Always inlined: this loop runs over every byte that is read or written.
#[inline(always)]
fn first<const KIND: u8>(bytes: &[u8]) -> Option<usize> {
    let (eights, rest) = bytes.as_chunks::<8>();
    for (at, eight) in eights.iter().enumerate() {
        let found = marks::<KIND>(u64::from_le_bytes(*eight));
        if found != 0 {
            return Some(at * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    // The padding is of no kind.
    let last = rest.iter().rev().fold(u64::from_ne_bytes([b'a'; 8]), |last, byte| last << 8 | u64::from(*byte));
    let found = marks::<KIND>(last);
    (found != 0).then(|| eights.len() * 8 + found.trailing_zeros() as usize / 8)
}

/// Sets the high bit of each byte of a kind. Bits above the first such byte may be wrong.
#[inline(always)]
fn marks<const KIND: u8>(eight: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let below = |eight: u64, limit: u8| eight.wrapping_sub(ONES * u64::from(limit)) & !eight;
    let is = |byte: u8| below(eight ^ (ONES * u64::from(byte)), 1);
    let marks = match KIND {
        SPECIAL => is(b'"') | is(b'\\') | below(eight, b' '),
        NEWLINE => is(b'\n'),
        _ => eight,
    };
    marks & (ONES << 7)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// True if the last string has an escape.
    escaped: bool,
    found: Found,
}

/// A double holds every number of at most so many characters exactly.
const SHORT_NUMBER: usize = 15;

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, escaped: false, found: Found::default() }
    }

    #[inline(always)]
    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(END)
    }

    /// Skips white space and returns the next byte without reading it.
    #[inline(always)]
    fn peek(&mut self) -> u8 {
        while matches!(self.byte(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        self.byte()
    }

    #[inline(always)]
    fn is_at_end(&mut self) -> bool {
        self.peek() == END && self.at == self.text.len()
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8) -> Option<()> {
        if self.peek() != byte {
            return None;
        }
        self.at += 1;
        Some(())
    }

    /// Reads items between a pair of brackets, separated by commas, up to the end of the text.
    fn read_items(&mut self, open: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        let close = closing_bracket(open);
        self.expect(open)?;
        if self.peek() != close {
            item(self)?;
            while self.peek() == b',' {
                self.at += 1;
                if self.peek() == close {
                    self.found.nearly = true;
                    break;
                }
                item(self)?;
            }
        }
        self.expect(close)?;
        self.is_at_end().then_some(())
    }

    /// Reads a member's name and the colon after it; returns the name with its quotes.
    fn read_name(&mut self) -> Option<&'a str> {
        self.peek();
        let start = self.at;
        self.read_string()?;
        let name = &self.text[start..self.at];
        self.expect(b':')?;
        Some(name)
    }

    /// Reads one value of any kind and depth.
    fn read_value(&mut self) -> Option<&'a str> {
        self.peek();
        let start = self.at;
        if !matches!(self.byte(), b'{' | b'[') {
            self.read_scalar(self.byte())?;
            return Some(&self.text[start..self.at]);
        }
        // The closing brackets that are still to come.
        let mut open: Vec<u8> = Vec::new();
        loop {
            let first = self.peek();
            if matches!(first, b'{' | b'[') {
                let close = closing_bracket(first);
                if open.len() == DEEPEST {
                    return None;
                }
                self.at += 1;
                open.push(close);
                if self.peek() != close {
                    if first == b'{' {
                        self.read_name()?;
                    }
                    continue;
                }
            } else {
                self.read_scalar(first)?;
            }
            // A value ends here; the values around it may end with it.
            loop {
                let Some(&close) = open.last() else { return Some(&self.text[start..self.at]) };
                if self.peek() == b',' {
                    self.at += 1;
                    if self.peek() != close {
                        if close == b'}' {
                            self.read_name()?;
                        }
                        break;
                    }
                    self.found.nearly = true;
                }
                self.expect(close)?;
                open.pop();
            }
        }
    }

    #[inline(always)]
    fn read_scalar(&mut self, first: u8) -> Option<()> {
        match first {
            b'"' => self.read_string(),
            b'-' | b'0'..=b'9' => self.read_number(),
            _ => self.read_word(self.at),
        }
    }

    /// Reads `true`, `false`, `null`, or what other languages write for these.
    fn read_word(&mut self, start: usize) -> Option<()> {
        let rest = &self.text.as_bytes()[start..];
        let length = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let word = &self.text[start..start + length];
        if !matches!(word, "true" | "false" | "null") || start > self.at {
            let is_truth = word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false");
            let is_known = is_null(word) || is_truth && start == self.at;
            if !is_known {
                return None;
            }
            self.found.nearly = true;
        }
        self.at = start + length;
        Some(())
    }

    fn read_string(&mut self) -> Option<()> {
        if self.byte() != b'"' {
            return None;
        }
        self.at += 1;
        self.escaped = false;
        loop {
            self.at = plain_until(self.text.as_bytes(), self.at);
            match self.byte() {
                b'"' => break,
                b'\\' => {
                    self.escaped = true;
                    self.at += 1;
                    match self.byte() {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            code_unit(self.text.get(self.at + 1..)?)?;
                            self.at += 4;
                        }
                        _ => return None,
                    }
                    self.at += 1;
                }
                _ if self.at >= self.text.len() => return None,
                // A bare control character.
                _ => {
                    self.found.nearly = true;
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        Some(())
    }

    fn read_number(&mut self) -> Option<()> {
        let start = self.at;
        if self.byte() == b'-' {
            if self.text.as_bytes().get(self.at + 1).is_some_and(u8::is_ascii_alphabetic) {
                return self.read_word(self.at + 1);
            }
            self.at += 1;
        }
        if self.byte() == b'0' {
            self.at += 1;
        } else {
            self.read_digits()?;
        }
        if self.byte() == b'.' {
            self.at += 1;
            self.read_digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.byte(), b'+' | b'-') {
                self.at += 1;
            }
            self.read_digits()?;
            self.found.long_number = true;
        }
        self.found.long_number |= self.at - start > SHORT_NUMBER;
        Some(())
    }

    /// Reads one digit or more.
    fn read_digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

/// Returns `}` for `{` and `]` for `[`: in ASCII each is two after the other.
fn closing_bracket(open: u8) -> u8 {
    open + 2
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{decode, decode_exactly, is_value, read_array, read_object, rewrite, value};

    #[test]
    fn what_json_forbids_is_refused_and_everything_else_read() {
        let texts = [
            "",
            "{",
            "[",
            "]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{\"a\":1,}",
            "{,}",
            "{\"a\"}",
            "{\"a\" 1}",
            "{1:1}",
            "01",
            "-",
            "1.",
            ".1",
            "1e",
            "1e+",
            "+1",
            "0x1",
            "tru",
            "nul",
            "NaN",
            "\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\u12\"",
            "\"\u{1}\"",
            "'a'",
            "[1]]",
            "1 1",
            "[}",
            "{\"a\":[}",
            "\u{0}",
            "[1]\u{0}",
            "{\"a\":1,,\"b\":2}",
            "[1,,2]",
            "0",
            "-0",
            "-0.0e-0",
            "12.5E+7",
            "\"\"",
            "\"é\\u00e9\\n\"",
            "[]",
            "[ ]",
            "{}",
            "{ }",
            " [ 1 , [ ] , { } , null , true , false ] ",
            "{\"a\":{\"b\":[{\"c\":[[],{}]}]},\"a\":2}",
            "[[1],[2],{\"a\":[3]}]",
            "\t\r\n 1",
        ];
        for text in texts {
            let by_others = serde_json::from_str::<&RawValue>(text);
            assert_eq!(is_value(text), by_others.is_ok(), "{text}");
            if value(text).is_some_and(|found| found.nearly) {
                continue;
            }
            let items = serde_json::from_str::<Vec<&RawValue>>(text).ok();
            assert_eq!(read_array(text).ok(), items.map(|items| items.into_iter().map(RawValue::get).collect()), "{text}");
            let is_object = by_others.is_ok() && text.trim().starts_with('{');
            assert_eq!(read_object(text, &mut |_, _| {}).is_ok(), is_object, "{text}");
        }
    }

    #[test]
    fn what_is_nearly_json_is_read_and_handed_on_as_json() {
        for (text, json) in [
            ("[1,]", "[1]"),
            ("{\"a\":1,}", "{\"a\":1}"),
            ("{\"a\":[1, [2 ,\n] , ],\t}", "{\"a\":[1, [2 \n]  ]\t}"),
            ("{\"a\":\",]\\\",}\"}", "{\"a\":\",]\\\",}\"}"),
            ("\"a\u{1}b\nc\td\\n\"", "\"a\\u0001b\\u000ac\\u0009d\\n\""),
            ("{\"a\n\":NaN,\"b\":-Infinity,\"c\":None,\"d\":undefined}", "{\"a\\u000a\":null,\"b\":null,\"c\":null,\"d\":null}"),
            ("[True,FALSE,Null,nil,true]", "[true,false,null,null,true]"),
            ("[1234567890123456789,1.5,]", "[\"1234567890123456789\",1.5]"),
            ("[\"\u{1}话单\u{1}\",]", "[\"\\u0001话单\\u0001\"]"),
        ] {
            assert!(value(text).is_some() && serde_json::from_str::<&RawValue>(json).is_ok(), "{text}");
            assert_eq!(rewrite(text), json);
        }
        for text in ["[,]", "[1,,]", "{\"a\":1,,}", "{,}", "[nulll]", "[-true]", "[Nothing]", "{None:1}", "[1,", "\"\u{1}", "[N/A]"] {
            assert!(value(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_string_is_decoded_as_others_decode_it() {
        let texts = [
            r#""""#,
            r#""a\"b\\c\/d\b\f\n\r\t""#,
            r#""\u00e9\ud83d\ude00x""#,
            r#""\ud83d""#,
            r#""\ude00""#,
            r#""\ud83d\u0041""#,
            r#""\ud83dx""#,
        ];
        for text in texts {
            assert_eq!(decode_exactly(text).map(String::from), serde_json::from_str(text).ok(), "{text}");
        }
        for (text, read) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""a\ude00b""#, "a\u{fffd}b"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
        ] {
            assert_eq!(decode(text).as_deref(), Some(read), "{text}");
        }
    }

    #[test]
    fn a_hundred_thousand_brackets_do_not_overflow_the_stack() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(is_value(&nested(500)));
        assert!(!is_value(&nested(501)));
        assert!(!is_value(&nested(100_000)));
    }
}
