//! Keeps secrets and phone numbers out of everything that may be logged.
//!
//! A text is looked at three times: for secrets and all that can be made of them, for runs of letters and digits that are too long to
//! be words, and for phone numbers. Each time it is read as it stands and with its escapes undone (`view`).

#[rustfmt::skip]
mod folds;
mod numbers;
#[cfg(test)]
mod unicode_tests;
mod view;

use std::collections::BTreeSet;

use numbers::{Found, NUMBER_DIGITS, is_dialable};
use view::Unit;

use crate::digest::{base64, base64_unpadded, hex, md5, sha1};
use crate::http::{self, after_scheme};
use crate::model::phone::mask_number;

const HIDDEN: &str = "***";
/// Hex digests have 32 or 40 characters, an Authorization value more: such runs are never a word.
const TOKEN_LENGTH: usize = 32;
/// The longest word within a name like `UNABLE_TO_VERIFY_LEAF_SIGNATURE`.
const LONGEST_WORD: usize = 16;
/// Fewer characters of an encoded text may stand there by chance.
const SHORTEST_ENCODED: usize = 8;
/// So many characters of a secret in a row are a part of it, and hidden as it is.
const SHORTEST_PART: usize = 12;
/// An address in an address in an address has its escapes escaped so often.
const MOST_ENCODINGS: usize = 3;
/// `&#x2b;`, `\u002b`, `%25252B` and `\\\u002b`: no longer is a character's escape where it is escaped up to three times.
const LONGEST_ESCAPE: usize = 9;
/// A shorter value in a push address's query (`x=1`) tells nothing, and would be cut out of many a word.
const SHORTEST_VALUE: usize = 3;
/// A shorter path segment (`v1`, `push`) is no token.
const SHORTEST_TOKEN: usize = 6;
/// The longest code of a platform that is shown as it came.
const LONGEST_CODE: usize = 24;
/// How much is shown of what is given as a code and is none.
const LONGEST_EXCERPT: usize = 40;

/// Knows what must not be seen, and cuts it out of texts.
#[derive(Default)]
pub struct Redactor {
    /// The secrets.
    secrets: Vec<String>,
    /// Secrets and their encodings as they are seen, in lower case, where they are shorter than a part.
    short: Vec<Vec<char>>,
    /// The hash of each part of the others: two different texts have the same one time in 2^64, and then a text loses twelve characters.
    parts: BTreeSet<u64>,
    /// Phone numbers, digits only.
    numbers: Vec<String>,
    /// Codes of a platform, whose digits may be as many as a number's.
    codes: Vec<String>,
}

impl Redactor {
    /// Hides these secrets, in plain and in every encoding that a platform or a URL may give back.
    pub fn new(secrets: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut redactor = Self::default();
        for secret in secrets {
            redactor.hide(secret.as_ref());
        }
        redactor
    }

    /// Hides these phone numbers, too: each seven digits of one, whatever stands between them. Numbers that are not given are known by
    /// their shape only.
    #[must_use]
    pub fn with_numbers(mut self, numbers: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        for number in numbers {
            let number = number.as_ref();
            let digits: String = view::plain(number).into_iter().map(|unit| unit.seen).filter(char::is_ascii_digit).collect();
            if digits.len() < 3 {
                continue;
            }
            let national = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86")).unwrap_or(&digits);
            let national = national.strip_prefix('0').unwrap_or(national);
            let with_code = format!("+86{national}");
            for text in [number, digits.as_str(), national, with_code.as_str(), &with_code[1..]] {
                self.encode(text, false);
            }
            self.numbers.push(digits);
        }
        self
    }

    /// Leaves these codes readable wherever they stand in a text, though they have as many digits as a number. One that must not be
    /// shown itself is left out.
    #[must_use]
    pub(crate) fn with_codes<'a>(mut self, codes: impl IntoIterator<Item = &'a str>) -> Self {
        self.codes.extend(codes.into_iter().filter(|code| long_digits(code).next().is_some()).map(str::to_owned));
        self
    }

    /// Returns true if these digits are those of a code that may be shown.
    fn is_code(&self, digits: &str) -> bool {
        self.codes.iter().any(|code| long_digits(code).any(|own| own == digits) && self.may_show(code))
    }

    fn hide(&mut self, secret: &str) {
        // The mask of a secret must not be taken for a secret.
        if secret.chars().any(|c| c != '*') {
            self.secrets.push(secret.to_owned());
            self.needle(secret);
            self.encode(secret, true);
        }
    }

    /// Hides the text's encodings and digests.
    fn encode(&mut self, text: &str, is_secret: bool) {
        let mut encoded = vec![hex(text), hex(sha1(text)), hex(md5(text)), base32(text.as_bytes())];
        encoded.extend(list_base64_forms(text.as_bytes()));
        if is_secret {
            let utf16: Vec<u16> = text.encode_utf16().collect();
            let little: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            // Without the last byte's neighbour, so that it is found in either order and within a longer text.
            encoded.extend([hex(&little), hex(&big), base64_unpadded(&little), base64_unpadded(&big)]);
            encoded.extend([base64_unpadded(sha1(text)), base64_unpadded(md5(text))]);
            encoded.extend([base64(hex(text)), hex(base64(text))]);
            encoded.extend(list_base64_forms(base64(text).as_bytes()));
        }
        for needle in encoded {
            // Fewer characters may stand there by chance; but the whole base64 of a short secret tells it.
            if needle.len() >= SHORTEST_ENCODED || (is_secret && needle == base64(text)) {
                self.needle(&needle);
                let unpadded = needle.trim_end_matches('=');
                // The parts of a longer one are among those of the whole.
                if unpadded.len() < SHORTEST_PART && unpadded.len() < needle.len() {
                    self.needle(unpadded);
                }
            }
        }
    }

    fn needle(&mut self, needle: &str) {
        // One that looks like an escape itself is undone as one where it stands among others.
        for (level, units) in view::levels(needle).iter().enumerate() {
            let seen = fold(units);
            if level > 0 && seen.len() < SHORTEST_TOKEN {
                continue;
            }
            match seen.len() {
                0 => {}
                SHORTEST_PART.. => self.parts.extend(seen.windows(SHORTEST_PART).map(hash)),
                _ => self.short.push(seen),
            }
        }
    }

    /// The text without secrets, digests and full phone numbers, on one line and without control, bidirectional and invisible characters.
    pub fn redact(&self, text: &str) -> String {
        let mut text = Text::new(text.to_owned());
        text.replace(self.hide_secrets(&text));
        // Tokens first: a digest with its digits masked falls into pieces that no longer look like one.
        text.replace(mask_tokens(&text));
        // Until there is nothing more to mask: what is left of an escape before a number may be read as a part of it.
        for _ in 0..=MOST_ENCODINGS {
            let masked = self.mask_numbers(&text);
            if masked.is_none() {
                break;
            }
            text.replace(masked);
        }
        clean(&text.written)
    }

    /// The text without secrets, and all else as it is.
    pub(crate) fn without_secrets(&self, text: &str) -> String {
        self.hide_secrets(&Text::new(text.to_owned())).unwrap_or_else(|| text.to_owned())
    }

    /// The text without secrets. Nothing where it has none.
    fn hide_secrets(&self, text: &Text) -> Option<String> {
        if self.parts.is_empty() && self.short.is_empty() {
            return None;
        }
        let mut hidden = vec![false; text.written.len()];
        self.mark_written(&text.written, &mut hidden);
        for units in &text.levels {
            self.mark_seen(units, &mut hidden);
        }
        without(&text.written, &hidden)
    }

    /// Marks the secrets as they are written, in any mixture of escapes.
    fn mark_written(&self, text: &str, hidden: &mut [bool]) {
        let most = if text.contains("%25") { MOST_ENCODINGS } else { 1 };
        for (at, _) in text.char_indices() {
            let rest = &text[at..];
            let lengths = (1..=most)
                .flat_map(|times| self.secrets.iter().filter_map(move |needle| measure_needle(needle.as_bytes(), rest.as_bytes(), times)));
            if let Some(length) = lengths.filter(|length| rest.is_char_boundary(*length)).max() {
                hidden[at..at + length].fill(true);
            }
        }
    }

    /// Marks the secrets and their encodings, or parts of them, among what is seen.
    fn mark_seen(&self, units: &[Unit], hidden: &mut [bool]) {
        let units: Vec<Unit> = units.iter().copied().filter(|unit| !matches!(unit.seen, '\r' | '\n')).collect();
        let text = fold(&units);
        let mut mark = |at: usize, length: usize| hidden[units[at].start..units[at + length - 1].end].fill(true);
        for (at, place) in text.windows(SHORTEST_PART).enumerate() {
            if self.parts.contains(&hash(place)) {
                mark(at, SHORTEST_PART);
            }
        }
        for at in 0..text.len() {
            for needle in self.short.iter().filter(|needle| text[at..].starts_with(needle)) {
                mark(at, needle.len());
            }
        }
    }

    /// The text with its numbers masked. Nothing where it has none.
    fn mask_numbers(&self, text: &Text) -> Option<String> {
        let mut found: Vec<(usize, Found)> = Vec::new();
        for (level, units) in text.levels.iter().enumerate() {
            for number in numbers::find(units, &self.numbers, &|digits| self.is_code(digits)) {
                let place = found.partition_point(|(other, before)| (before.start, level) <= (number.start, *other));
                found.insert(place, (level, number));
            }
        }
        let mut merged: Vec<(usize, Found)> = Vec::new();
        for (level, number) in found {
            match merged.last_mut().filter(|(_, last)| number.start < last.end) {
                Some((seen, last)) => {
                    last.end = last.end.max(number.end);
                    // The text behind the most escapes is the one that a reader sees.
                    if level > *seen {
                        (*seen, last.digits) = (level, number.digits);
                    }
                }
                None => merged.push((level, number)),
            }
        }
        let mut out = String::with_capacity(text.written.len());
        let mut at = 0;
        for (_, number) in merged {
            out.push_str(&text.written[at..number.start]);
            out.push_str(&mask_number(&number.digits));
            at = number.end;
        }
        out.push_str(&text.written[at..]);
        Some(out).filter(|out| *out != text.written)
    }

    /// A platform's code as it may be shown: as it came, unless it holds a secret, one of the operation's own numbers, or what can be
    /// dialed, or is no code at all.
    #[must_use]
    pub(crate) fn code(&self, code: &str) -> String {
        if self.may_show(code) { code.to_owned() } else { self.excerpt(code, LONGEST_EXCERPT) }
    }

    fn may_show(&self, code: &str) -> bool {
        let is_code = (1..=LONGEST_CODE).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b':'));
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        is_code
            && !code.split(|c: char| !c.is_ascii_digit()).any(is_dialable)
            && !is_dialable(&digits)
            && !numbers::has_known(&view::plain(code), &self.numbers)
            && self.without_secrets(code) == code
    }

    /// At most `length` characters of the redacted text, on one line.
    pub fn excerpt(&self, text: &str, length: usize) -> String {
        // Redacted before it is cut: half a secret is still a secret.
        let sample: String = text.chars().take(length * 8).collect();
        let mut clean: Vec<char> = self.redact(&sample).chars().collect();
        let is_whole = sample.len() == text.len();
        if !is_whole {
            // At the sample's own end a secret or a digest may be cut so short that its rest is no part, and no token.
            clean.truncate(clean.len().saturating_sub((SHORTEST_PART * LONGEST_ESCAPE).max(TOKEN_LENGTH)));
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

/// A text, and how it is read.
struct Text {
    written: String,
    levels: Vec<Vec<Unit>>,
}

impl Text {
    fn new(written: String) -> Self {
        Self { levels: view::levels(&written), written }
    }

    fn replace(&mut self, by: Option<String>) {
        if let Some(written) = by {
            *self = Self::new(written);
        }
    }
}

/// The rows of digits in a code that are as long as a number.
fn long_digits(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() >= NUMBER_DIGITS)
}

/// FNV-1a over the characters.
fn hash(text: &[char]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash, c| (hash ^ u64::from(*c)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The characters in lower case, as far as they are ASCII. Base64 for URLs and a form's spaces read as what they stand for.
fn fold(units: &[Unit]) -> Vec<char> {
    let lower = |unit: &Unit| match unit.seen {
        ' ' | '-' => '+',
        '_' => '/',
        seen => seen.to_ascii_lowercase(),
    };
    units.iter().map(lower).collect()
}

/// Removes what a terminal or an editor would obey instead of showing it. Line ends become spaces.
fn clean(text: &str) -> String {
    let is_line_end = |c| matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\t');
    text.chars().filter_map(|c| if is_line_end(c) { Some(' ') } else { Some(c).filter(|c| !view::is_invisible(*c)) }).collect()
}

/// The length of the needle at the text's beginning, in whatever mixture of escapes it stands there, and in either case. Percent-encoding
/// was done `times` over.
fn measure_needle(needle: &[u8], text: &[u8], times: usize) -> Option<usize> {
    let mut at = 0;
    for (place, byte) in needle.iter().enumerate() {
        let plain = text.get(at)?;
        let length = unescape_byte(&text[at..], times).filter(|(escaped, _)| escaped.eq_ignore_ascii_case(byte)).map(|(_, length)| length);
        // A form's space, and base64 for URLs.
        let is_plain = plain.eq_ignore_ascii_case(byte) || matches!((plain, byte), (b'+', b' ') | (b'-', b'+') | (b'_', b'/'));
        match length {
            Some(length) if !is_plain => at += length,
            // A secret with a percent sign or a backslash of its own can be read both ways.
            Some(length) => match measure_needle(&needle[place + 1..], &text[at + length..], times) {
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
fn unescape_byte(text: &[u8], times: usize) -> Option<(u8, usize)> {
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

/// A URL as it may be shown: no user information, no fragment, no path segment that may be a token, and the names of the query's
/// parameters without their values.
pub fn shown_url(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    let (scheme, rest) = after_scheme(address).unwrap_or(("", address));
    let (authority, path) = rest.find(['/', '\\']).map_or((rest, ""), |at| rest.split_at(at));
    // Where an at sign stands behind the first slash, that slash may be a password's.
    let (host, path) = match rest.rsplit_once('@') {
        Some((_, behind)) if path.contains('@') && authority.contains(':') => (HIDDEN, behind.find('/').map_or("", |at| &behind[at..])),
        _ => (authority.rsplit('@').next().unwrap_or_default(), path),
    };
    let none = Redactor::default();
    let mut shown = none.redact(&format!("{scheme}://{host}"));
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            shown.push('/');
        }
        // A version by its date, as 20171220, is no number.
        let is_date = segment.len() == 8 && segment.starts_with("20") && segment.bytes().all(|byte| byte.is_ascii_digit());
        match () {
            () if is_date => shown.push_str(segment),
            () if is_random(&http::decode_form(segment)) => shown.push_str(HIDDEN),
            () => shown.push_str(&none.redact(segment)),
        }
    }
    for (index, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        shown.push(if index == 0 { '?' } else { '&' });
        let name = pair.split_once('=').map_or("", |(name, _)| name);
        let is_name = name.len() <= 32 && !is_token(&http::decode_form(name));
        shown.push_str(&if is_name { none.redact(name) } else { HIDDEN.to_owned() });
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
    let segments = path.split('/').map(http::decode_form).filter(|segment| is_token(segment));
    let values = http::pairs(query).map(|(_, value)| value).filter(|value| value.chars().count() >= SHORTEST_VALUE);
    segments.chain(values).collect()
}

/// Returns true if a path segment may be a token: it is long, or has digits or letters of both cases and is no version (`v1`).
fn is_token(segment: &str) -> bool {
    let length = segment.chars().count();
    let has = |is: fn(&char) -> bool| segment.chars().any(|c| is(&c));
    let is_mixed = has(char::is_ascii_digit) || (has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase));
    length >= LONGEST_WORD || (length >= SHORTEST_TOKEN && is_mixed)
}

/// Returns true if a path segment is no word: letters and digits mixed, or many letters in no order.
fn is_random(segment: &str) -> bool {
    let length = segment.chars().count();
    let letters = segment.chars().filter(char::is_ascii_alphabetic).count();
    let has_digit = segment.contains(|c: char| c.is_ascii_digit());
    // `companyRecordDownload` has a capital in five letters, a token in Base64 one in two.
    let humps = segment.chars().filter(char::is_ascii_uppercase).count() + 1;
    (length > SHORTEST_TOKEN + 1 && has_digit && letters > 1)
        || (length >= LONGEST_WORD && letters > 1 && (humps * 4 > letters || length >= TOKEN_LENGTH))
}

/// The text with runs of base64 or hex characters hidden that are too long to be words, in whatever font and behind whatever escapes.
/// `None` if there is none.
fn mask_tokens(text: &Text) -> Option<String> {
    let is_part = |unit: &Unit| unit.seen.is_ascii_alphanumeric() || matches!(unit.seen, '+' | '=' | '_' | '-');
    let mut hidden = vec![false; text.written.len()];
    for units in &text.levels {
        for run in units.split(|unit| !is_part(unit)).filter(|run| run.len() >= TOKEN_LENGTH) {
            if !is_name(&run.iter().map(|unit| unit.seen).collect::<String>()) {
                hidden[run[0].start..run[run.len() - 1].end].fill(true);
            }
        }
    }
    without(&text.written, &hidden)
}

/// The text with [`HIDDEN`] in the place of each row of hidden bytes. Nothing where none is hidden.
fn without(text: &str, hidden: &[bool]) -> Option<String> {
    if !hidden.contains(&true) {
        return None;
    }
    let mut clean = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        match hidden[at] {
            false => clean.push(character),
            true if at == 0 || !hidden[at - 1] => clean.push_str(HIDDEN),
            true => {}
        }
    }
    Some(clean)
}

/// `UNABLE_TO_GET_ISSUER_CERT_LOCALLY`: words of one case, joined.
fn is_name(run: &str) -> bool {
    run.split(['_', '-', '+', '=']).all(|word| {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_even = |is: fn(&u8) -> bool| letters.bytes().skip(1).all(|byte| is(&byte));
        letters.len() < LONGEST_WORD
            && word.len() <= letters.len() + 2
            && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
            && (is_even(u8::is_ascii_lowercase) || letters.bytes().all(|byte| byte.is_ascii_uppercase()))
    })
}

/// The text's base64, alone and within a longer text's, where it begins at any of three places and shares the characters at its ends
/// with its neighbours.
fn list_base64_forms(bytes: &[u8]) -> Vec<String> {
    let mut forms = vec![base64(bytes)];
    for (before, own) in [(0, 0), (1, 2), (2, 3)] {
        let mut longer = vec![b'-'; before];
        longer.extend_from_slice(bytes);
        let whole = base64_unpadded(&longer);
        let inside = whole.get(own..longer.len() * 8 / 6).unwrap_or_default();
        if inside.len() >= SHORTEST_ENCODED {
            forms.push(inside.to_owned());
        }
    }
    forms
}

/// RFC 4648, 6, without padding.
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| usize::from(byte >> (7 - at % 8) & 1));
    let letter = |index: usize| char::from(LETTERS[(index * 5..(index + 1) * 5).fold(0, |value, at| value << 1 | bit(at))]);
    (0..(bytes.len() * 8).div_ceil(5)).map(letter).collect()
}
