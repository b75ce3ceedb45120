//! Keeps secrets and phone numbers out of everything that may be logged.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::http::{after_scheme, percent_encoded};
use crate::model::phone::masked;
use crate::signature::{base64, md5_hex, sha1_hex};

const HIDDEN: &str = "***";
/// A run of digits this long is taken for a phone number: the shortest landline has 7.
const NUMBER_DIGITS: usize = 7;
/// Hex digests have 32 or 40 characters, an Authorization value more: such runs are never a word.
const TOKEN_LENGTH: usize = 32;

/// Knows what must not be seen, and cuts it out of texts.
#[derive(Default)]
pub struct Redactor {
    needles: Vec<String>,
}

impl Redactor {
    /// Hides these secrets, in plain and in every encoding that a platform or a URL may give back.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needles = Vec::new();
        for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
            needles.extend([
                secret.to_owned(),
                percent_encoded(secret),
                percent_encoded(&percent_encoded(secret)),
                secret.replace('/', "\\/"),
                escaped(secret, "\\u", 4),
                escaped(secret, "&#x", 0),
                base64(secret),
                STANDARD_NO_PAD.encode(secret),
                URL_SAFE_NO_PAD.encode(secret),
                hex::encode(secret),
                sha1_hex(secret),
                md5_hex(secret),
            ]);
        }
        Self { needles }
    }

    /// The text without secrets, digests and full phone numbers.
    pub fn redact(&self, text: &str) -> String {
        // Tokens first: a digest with its digits masked falls into pieces that no longer look like one.
        mask_numbers(&mask_tokens(&self.without_secrets(text)))
    }

    fn without_secrets(&self, text: &str) -> String {
        let mut rest = text;
        let mut clean = String::with_capacity(text.len());
        while let Some(first) = rest.chars().next() {
            // The longest that fits, so that no encoding is left half standing after the plain secret inside it was cut out.
            let hidden = self.needles.iter().filter(|needle| starts_with_ignoring_case(rest, needle)).map(String::len).max();
            if let Some(length) = hidden {
                clean.push_str(HIDDEN);
                rest = &rest[length..];
                continue;
            }
            clean.push(first);
            rest = &rest[first.len_utf8()..];
        }
        clean
    }

    /// At most `length` characters of the redacted text, on one line.
    pub fn excerpt(&self, text: &str, length: usize) -> String {
        // Redacted before it is cut: half a secret is still a secret.
        let sample: String = text.chars().take(length * 8).collect();
        let clean = self.redact(&sample).split_whitespace().collect::<Vec<_>>().join(" ");
        let mut short: String = clean.chars().take(length).collect();
        if short.len() < clean.len() || sample.len() < text.len() {
            short.push('…');
        }
        short
    }
}

/// The text with everything but letters and digits as a JSON (`\u002b`) or HTML (`&#x2b;`) escape.
fn escaped(text: &str, prefix: &str, width: usize) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            out.push(character);
        } else {
            // Writing to memory cannot fail.
            let _ = write!(out, "{prefix}{:0width$x}", u32::from(character));
            if width == 0 {
                out.push(';');
            }
        }
    }
    out
}

/// Upper-case hex and percent-encodings in either case are the same secret.
fn starts_with_ignoring_case(text: &str, needle: &str) -> bool {
    text.as_bytes().get(..needle.len()).is_some_and(|head| head.eq_ignore_ascii_case(needle.as_bytes()))
        && text.is_char_boundary(needle.len())
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
