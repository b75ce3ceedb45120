//! Keeps secrets and phone numbers out of everything that may be logged.

use crate::http::{self, after_scheme};
use crate::json::hex;
use crate::model::phone::masked;
use crate::payload::contains;
use crate::signature::{base64, md5_hex, sha1_hex};

const HIDDEN: &str = "***";
/// A run of digits this long is taken for a phone number: the shortest landline has 7.
const NUMBER_DIGITS: usize = 7;
/// Hex digests have 32 or 40 characters, an Authorization value more: such runs are never a word.
const TOKEN_LENGTH: usize = 32;
/// Fewer characters of a base64 text may stand there by chance.
const SHORTEST_BASE64: usize = 8;
/// An address in an address in an address has its escapes escaped so often.
const MOST_ENCODINGS: usize = 3;
/// `&#x2b;`, `\u002b` and `%25252B` are each as long as a character's escape gets.
const LONGEST_ESCAPE: usize = 7;

/// A shorter value in a push address's query (`x=1`) tells nothing, and would be cut out of many a word.
const SHORTEST_VALUE: usize = 3;
/// A shorter path segment (`v1`, `push`) is no token.
const SHORTEST_TOKEN: usize = 6;
/// A longer path segment without digits and capitals is no word.
const LONGEST_WORD: usize = 16;

/// Knows what must not be seen, and cuts it out of texts.
#[derive(Default)]
pub struct Redactor {
    needles: Vec<String>,
}

impl Redactor {
    /// Hides these secrets, in plain and in every encoding that a platform or a URL may give back.
    pub fn new(secrets: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut needles = Vec::new();
        for secret in secrets {
            let secret = secret.as_ref();
            if secret.is_empty() {
                continue;
            }
            needles.extend([secret.to_owned(), base64(secret), unpadded(secret)]);
            needles.extend([hex(secret.as_bytes()), sha1_hex(secret), md5_hex(secret)]);
            // Within a longer text's base64 (an Authorization's, say) the secret begins at any of three places, and shares the
            // characters at its ends with its neighbours.
            for (before, own) in [("", 0), ("-", 2), ("--", 3)] {
                let whole = unpadded(&format!("{before}{secret}"));
                let inside = &whole[own..(before.len() + secret.len()) * 8 / 6];
                if inside.len() >= SHORTEST_BASE64 {
                    needles.push(inside.to_owned());
                }
            }
        }
        Self { needles }
    }

    /// The text without secrets, digests and full phone numbers.
    pub fn redact(&self, text: &str) -> String {
        // Tokens first: a digest with its digits masked falls into pieces that no longer look like one.
        mask_numbers(&mask_tokens(&self.without_secrets(text)))
    }

    /// The text without secrets, and all else as it is.
    pub(crate) fn without_secrets(&self, text: &str) -> String {
        let mut rest = text;
        let mut clean = String::with_capacity(text.len());
        let most = if contains(text, "%25") { MOST_ENCODINGS } else { 1 };
        while let Some(first) = rest.chars().next() {
            // The longest that fits, so that no encoding is left half standing after the plain secret inside it was cut out.
            if let Some(length) = self.length_of_secret(rest, most) {
                clean.push_str(HIDDEN);
                rest = &rest[length..];
                continue;
            }
            clean.push(first);
            rest = &rest[first.len_utf8()..];
        }
        clean
    }

    fn length_of_secret(&self, text: &str, most: usize) -> Option<usize> {
        let lengths =
            (1..=most).flat_map(|times| self.needles.iter().filter_map(move |needle| length_of(needle.as_bytes(), text.as_bytes(), times)));
        lengths.filter(|length| text.is_char_boundary(*length)).max()
    }

    /// At most `length` characters of the redacted text, on one line.
    pub fn excerpt(&self, text: &str, length: usize) -> String {
        // Redacted before it is cut: half a secret is still a secret.
        let sample: String = text.chars().take(length * 8).collect();
        let mut clean: Vec<char> = self.redact(&sample).chars().collect();
        let is_whole = sample.len() == text.len();
        if !is_whole {
            // What was cut at the sample's own end may be half of something: nothing of the longest needle's length is shown there.
            let longest = self.needles.iter().map(String::len).max().unwrap_or(0) * LONGEST_ESCAPE;
            clean.truncate(clean.len().saturating_sub(longest.max(TOKEN_LENGTH)));
        }
        let clean: String = clean.into_iter().collect();
        let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut short: String = clean.chars().take(length).collect();
        if short.len() < clean.len() || !is_whole {
            short.push('…');
        }
        short
    }
}

/// The length of the needle at the text's beginning, in whatever mixture of escapes it stands there, and in either case. Percent-encoding
/// was done `times` over.
fn length_of(needle: &[u8], text: &[u8], times: usize) -> Option<usize> {
    let mut at = 0;
    for (place, byte) in needle.iter().enumerate() {
        let plain = text.get(at)?;
        let length = unescaped(&text[at..], times).filter(|(escaped, _)| escaped.eq_ignore_ascii_case(byte)).map(|(_, length)| length);
        // A form's space, and base64 for URLs.
        let is_plain = plain.eq_ignore_ascii_case(byte) || matches!((plain, byte), (b'+', b' ') | (b'-', b'+') | (b'_', b'/'));
        match length {
            Some(length) if !is_plain => at += length,
            // A secret with a percent sign or a backslash of its own can be read both ways.
            Some(length) => match length_of(&needle[place + 1..], &text[at + length..], times) {
                Some(rest) => return Some(at + length + rest),
                None => at += 1,
            },
            None if is_plain => at += 1,
            None => return None,
        }
    }
    Some(at)
}

/// The byte that an escape stands for (`%2B`, `%252B`, `\u002b`, `\/`, `&#x2b;`, `&#43;`, `&amp;`), and the escape's length.
fn unescaped(text: &[u8], times: usize) -> Option<(u8, usize)> {
    let number = |digits: &[u8], radix| u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok();
    match *text {
        [b'%', ref rest @ ..] => {
            let digits = rest.get(..times * 2)?;
            let (before, own) = digits.split_at(times * 2 - 2);
            let byte = number(own, 16).filter(|_| before.chunks(2).all(|pair| pair == b"25"))?;
            Some((byte, times * 2 + 1))
        }
        [b'\\', b'u' | b'U', b'0', b'0', high, low, ..] => number(&[high, low], 16).map(|byte| (byte, 6)),
        [b'\\', byte @ (b'/' | b'"' | b'\\'), ..] => Some((byte, 2)),
        [b'&', ref rest @ ..] => {
            let name = &rest[..rest.iter().take(6).position(|byte| *byte == b';')?];
            let byte = match name {
                b"amp" => b'&',
                b"lt" => b'<',
                b"gt" => b'>',
                b"quot" => b'"',
                b"apos" => b'\'',
                [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
                [b'#', digits @ ..] => number(digits, 10)?,
                _ => return None,
            };
            Some((byte, name.len() + 2))
        }
        _ => None,
    }
}

/// A URL as it may be shown: the names of the query's parameters without their values, no user information.
pub fn shown_url(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    let (scheme, rest) = after_scheme(address).unwrap_or(("", address));
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit('@').next().unwrap_or_default();
    let mut shown = mask_numbers(&mask_tokens(&format!("{scheme}://{host}{path}")));
    for (index, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        shown.push(if index == 0 { '?' } else { '&' });
        shown.push_str(pair.split('=').next().unwrap_or_default());
        shown.push('=');
        shown.push_str(HIDDEN);
    }
    shown
}

/// The texts in a push address by which a receiver knows its pushes, decoded: what stands in its query, and path segments that
/// are no words.
pub(crate) fn tokens(push_url: &str) -> Vec<String> {
    let url = push_url.split('#').next().unwrap_or_default();
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let path = after_scheme(address).and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    let segments = path.split('/').map(http::form_decoded).filter(|segment| is_token(segment));
    let values = http::pairs(query).map(|(_, value)| value).filter(|value| value.chars().count() >= SHORTEST_VALUE);
    segments.chain(values).collect()
}

/// Whether a path segment may be a token: it is long, or has digits or letters of both cases and is no version (`v1`).
fn is_token(segment: &str) -> bool {
    let length = segment.chars().count();
    let has = |is: fn(&char) -> bool| segment.chars().any(|c| is(&c));
    let is_mixed = has(char::is_ascii_digit) || (has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase));
    length >= LONGEST_WORD || (length >= SHORTEST_TOKEN && is_mixed)
}

/// Masks runs of digits, also full-width ones and where spaces, hyphens or brackets stand between them.
fn mask_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_digit) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let run = &rest[..end_of_number(rest)];
        let digits: String = run.chars().filter(|c| is_digit(*c)).collect();
        if digits.chars().count() >= NUMBER_DIGITS {
            out.push_str(&masked(&digits));
        } else {
            out.push_str(run);
        }
        rest = &rest[run.len()..];
    }
    out + rest
}

fn is_digit(character: char) -> bool {
    matches!(character, '0'..='9' | '０'..='９')
}

fn end_of_number(text: &str) -> usize {
    let mut end = 0;
    let mut between = 0;
    for (at, character) in text.char_indices() {
        if is_digit(character) {
            end = at + character.len_utf8();
            between = 0;
        } else if matches!(character, ' ' | '-' | '(' | ')' | '\u{a0}' | '\u{3000}' | '–' | '－' | '（' | '）') && between < 2 {
            between += 1;
        } else {
            break;
        }
    }
    end
}

/// Masks runs of base64 or hex characters too long to be words.
fn mask_tokens(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '=' | '_' | '-');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        out.push_str(if end >= TOKEN_LENGTH { HIDDEN } else { &rest[..end] });
        rest = &rest[end..];
    }
    out + rest
}

fn unpadded(text: &str) -> String {
    base64(text).trim_end_matches('=').to_owned()
}
