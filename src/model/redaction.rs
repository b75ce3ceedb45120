//! Keeps secrets and phone numbers out of everything that may be logged.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use md5::{Digest as _, Md5};
use sha1::Sha1;

use super::phone::masked;
use crate::http::percent_encoded;

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
            let bytes = secret.as_bytes();
            needles.extend([
                secret.to_owned(),
                percent_encoded(secret),
                STANDARD.encode(bytes),
                STANDARD_NO_PAD.encode(bytes),
                URL_SAFE_NO_PAD.encode(bytes),
                hex::encode(bytes),
                hex::encode(Sha1::digest(bytes)),
                hex::encode(Md5::digest(bytes)),
            ]);
        }
        Self { needles }
    }

    /// The text without secrets, digests and full phone numbers.
    pub fn redact(&self, text: &str) -> String {
        mask_tokens(&mask_numbers(&self.without_secrets(text)))
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

/// Upper-case hex and percent-encodings in either case are the same secret.
fn starts_with_ignoring_case(text: &str, needle: &str) -> bool {
    text.as_bytes().get(..needle.len()).is_some_and(|head| head.eq_ignore_ascii_case(needle.as_bytes()))
        && text.is_char_boundary(needle.len())
}

/// A URL as it may be shown: the names of the query's parameters without their values, no user information.
pub fn shown_url(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit('@').next().unwrap_or_default();
    let mut shown = mask_tokens(&mask_numbers(&format!("{scheme}://{host}{path}")));
    for (index, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        shown.push(if index == 0 { '?' } else { '&' });
        shown.push_str(pair.split('=').next().unwrap_or_default());
        shown.push('=');
        shown.push_str(HIDDEN);
    }
    shown
}

/// Masks runs of digits, also where single spaces, hyphens or brackets stand between them.
fn mask_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = end_of_number(rest);
        let run = &rest[..end];
        if run.bytes().filter(u8::is_ascii_digit).count() >= NUMBER_DIGITS {
            let digits: String = run.chars().filter(char::is_ascii_digit).collect();
            out.push_str(&masked(&digits));
        } else {
            out.push_str(run);
        }
        rest = &rest[end..];
    }
    out + rest
}

fn end_of_number(text: &str) -> usize {
    let mut end = 0;
    let mut between = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_digit() {
            end = at + 1;
            between = 0;
        } else if matches!(byte, b' ' | b'-' | b'(' | b')') && between < 2 {
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
