//! JSON text taken apart without being decoded: an object into its members, an array into its items, a string into its characters.
//!
//! As strict as RFC 8259 and no stricter: names may repeat, and half a surrogate pair stops only whoever decodes that very string.
//! Without recursion, since a payload may nest as deep as it likes: beyond 500 levels it is refused. A general deserializer would weigh more in the wasm than all of
//! this crate's readers together.

use std::borrow::Cow;

/// Hands over the members of an object in their order: decoded name, value as JSON text. Tells whether it holds, at any depth, a number of
/// more than a few digits, which a double may not give back.
///
/// # Errors
/// The number of bytes that could be read.
pub(crate) fn object<'a>(json: &'a str, member: &mut dyn FnMut(Cow<'a, str>, &'a str)) -> Result<bool, usize> {
    let mut scanner = Scanner::new(json);
    let whole = scanner.each(b'{', |scanner| {
        let name = scanner.name()?;
        // Most names have no escape, and are their own characters.
        let name = if scanner.escaped { decoded(name)? } else { Cow::Borrowed(name.get(1..name.len() - 1)?) };
        member(name, scanner.value()?);
        Some(())
    });
    whole.map(|()| scanner.has_long_number).ok_or(scanner.at)
}

/// The items of an array as JSON text.
///
/// # Errors
/// The number of bytes that could be read.
pub(crate) fn array(json: &str) -> Result<Vec<&str>, usize> {
    let mut items = Vec::new();
    let mut scanner = Scanner::new(json);
    let whole = scanner.each(b'[', |scanner| {
        items.push(scanner.value()?);
        Some(())
    });
    whole.map(|()| items).ok_or(scanner.at)
}

/// Whether this is one JSON value and nothing else.
pub(crate) fn is_value(text: &str) -> bool {
    let mut scanner = Scanner::new(text);
    scanner.value().is_some() && scanner.is_at_end()
}

/// The characters of a JSON string, borrowed where it has no escapes. Nothing where half a surrogate pair stands alone.
pub(crate) fn decoded(json: &str) -> Option<Cow<'_, str>> {
    let mut rest = json.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    loop {
        let at = plain_until(rest.as_bytes(), 0);
        if at == rest.len() {
            break;
        }
        text.push_str(&rest[..at]);
        let escape = *rest.as_bytes().get(at + 1)?;
        rest = &rest[at + 2..];
        text.push(match escape {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut unit = code_unit(rest)?;
                rest = &rest[4..];
                if (0xd800..0xdc00).contains(&unit) {
                    let low = code_unit(rest.strip_prefix("\\u")?)?.wrapping_sub(0xdc00);
                    rest = &rest[6..];
                    if low >= 0x400 {
                        return None;
                    }
                    unit = 0x1_0000 + ((unit - 0xd800) << 10 | low);
                }
                char::from_u32(unit)?
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

/// Four hex digits.
fn code_unit(text: &str) -> Option<u32> {
    let digits = text.as_bytes().get(..4)?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

/// Deeper ones are not read: no platform nests so, and the host's own writer of JSON, which would recurse, could not keep them.
const DEEPEST: usize = 500;

/// What [`Scanner::peek`] sees behind the last byte; as a byte of JSON it would be an error too.
const END: u8 = 0;

/// Where from here on the first byte stands that a JSON string cannot hold as it is: a quote, a backslash, a control character; or the
/// end. Texts are most of what is read and written.
#[inline(never)]
pub(crate) fn plain_until(bytes: &[u8], from: usize) -> usize {
    first::<SPECIAL>(bytes.get(from..).unwrap_or_default()).map_or(bytes.len(), |at| from + at)
}

/// The first byte of a character that is not ASCII.
#[cfg(target_arch = "wasm32")]
#[inline(never)]
pub(crate) fn first_beyond_ascii(bytes: &[u8]) -> Option<usize> {
    first::<BEYOND_ASCII>(bytes)
}

/// The first line's end.
#[inline(never)]
pub(crate) fn newline(bytes: &[u8]) -> Option<usize> {
    first::<NEWLINE>(bytes)
}

/// What [`first`] looks for.
const SPECIAL: u8 = 0;
#[cfg(target_arch = "wasm32")]
const BEYOND_ASCII: u8 = 1;
const NEWLINE: u8 = 2;

/// The first byte of that kind, by eight bytes at a time. Inlined whatever the optimizer would save by not doing so: this loop runs over every
/// byte that comes and goes.
#[inline(always)]
fn first<const KIND: u8>(bytes: &[u8]) -> Option<usize> {
    let (eights, rest) = bytes.as_chunks::<8>();
    for (at, eight) in eights.iter().enumerate() {
        let found = marks::<KIND>(u64::from_le_bytes(*eight));
        if found != 0 {
            return Some(at * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    // What it is filled up with is of no kind.
    let last = rest.iter().rev().fold(u64::from_ne_bytes([b'a'; 8]), |last, byte| last << 8 | u64::from(*byte));
    let found = marks::<KIND>(last);
    (found != 0).then(|| eights.len() * 8 + found.trailing_zeros() as usize / 8)
}

/// The high bit of each byte of that kind; what is above the first such byte may be wrong.
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
    /// The last string has an escape in it.
    escaped: bool,
    has_long_number: bool,
}

/// Any number of so many characters is one that a double gives back.
const SHORT_NUMBER: usize = 15;

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, escaped: false, has_long_number: false }
    }

    #[inline(always)]
    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(END)
    }

    /// The next byte that is no white space, not yet read.
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

    /// What stands between one pair of brackets and its commas, and nothing behind.
    fn each(&mut self, open: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        let close = closing(open);
        self.expect(open)?;
        if self.peek() != close {
            item(self)?;
            while self.peek() == b',' {
                self.at += 1;
                item(self)?;
            }
        }
        self.expect(close)?;
        self.is_at_end().then_some(())
    }

    /// A member's name, quotes included, and the colon behind it.
    fn name(&mut self) -> Option<&'a str> {
        self.peek();
        let start = self.at;
        self.string()?;
        let name = &self.text[start..self.at];
        self.expect(b':')?;
        Some(name)
    }

    /// One value of any kind and depth.
    fn value(&mut self) -> Option<&'a str> {
        self.peek();
        let start = self.at;
        if !matches!(self.byte(), b'{' | b'[') {
            self.scalar(self.byte())?;
            return Some(&self.text[start..self.at]);
        }
        // What will close the brackets that are open.
        let mut open: Vec<u8> = Vec::new();
        loop {
            let first = self.peek();
            if matches!(first, b'{' | b'[') {
                let close = closing(first);
                if open.len() == DEEPEST {
                    return None;
                }
                self.at += 1;
                open.push(close);
                if self.peek() != close {
                    if first == b'{' {
                        self.name()?;
                    }
                    continue;
                }
            } else {
                self.scalar(first)?;
            }
            // A value has ended, and with it maybe those around it.
            loop {
                let Some(&close) = open.last() else { return Some(&self.text[start..self.at]) };
                if self.peek() == b',' {
                    self.at += 1;
                    if close == b'}' {
                        self.name()?;
                    }
                    break;
                }
                self.expect(close)?;
                open.pop();
            }
        }
    }

    #[inline(always)]
    fn scalar(&mut self, first: u8) -> Option<()> {
        let word = match first {
            b'"' => return self.string(),
            b't' => "true",
            b'f' => "false",
            b'n' => "null",
            _ => return self.number(),
        };
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return None;
        }
        self.at += word.len();
        Some(())
    }

    fn string(&mut self) -> Option<()> {
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
                // Control characters, and the end.
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        if self.byte() == b'-' {
            self.at += 1;
        }
        if self.byte() == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.byte(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
            self.has_long_number = true;
        }
        self.has_long_number |= self.at - start > SHORT_NUMBER;
        Some(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

/// `}` for `{` and `]` for `[`: in ASCII two behind.
fn closing(open: u8) -> u8 {
    open + 2
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{array, decoded, is_value, object};

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
            let items = serde_json::from_str::<Vec<&RawValue>>(text).ok();
            assert_eq!(array(text).ok(), items.map(|items| items.into_iter().map(RawValue::get).collect()), "{text}");
            let is_object = by_others.is_ok() && text.trim().starts_with('{');
            assert_eq!(object(text, &mut |_, _| {}).is_ok(), is_object, "{text}");
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
            assert_eq!(decoded(text).map(String::from), serde_json::from_str(text).ok(), "{text}");
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
