//! Phone numbers in any usual Chinese spelling. No prefix is ever a reason to refuse a number: ranges change, and the platform knows best.

use super::error::Error;

/// The longest number any of the platforms takes (mixcom 2.1: 20).
const LONGEST: usize = 20;
const SHORTEST: usize = 3;

/// A number that can be dialed.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber {
    /// `13800000001`, `075528000123`, `4008001234`, `95588`; a foreign one with `00` and its country code.
    national: String,
    country: Country,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Country {
    China,
    Other,
}

impl std::fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&masked(&self.national))
    }
}

impl PhoneNumber {
    /// Reads `13800000001`, `+86 138 0000 0001`, `0086…`, `0755-28000123`, `(0755) 28000123`, `400-800-1234`, `95588`, with full-width digits too.
    ///
    /// # Errors
    /// `invalid-argument` naming `field`; the number itself is never repeated in the message.
    pub fn parse(field: &str, text: &str) -> Result<Self, Error> {
        let mend = "give it like \"13800000001\", \"+86 138 0000 0001\" or \"0755-28000123\"";
        if text.trim().is_empty() {
            return Err(Error::invalid(field, "is empty", mend));
        }
        let Some(digits) = Digits::read(text) else {
            let is_mask = |c: char| matches!(c, 'x' | 'X' | '*');
            let wrong = if text.contains(is_mask) && !text.contains(|c: char| c.is_alphabetic() && !is_mask(c)) {
                "is a masked number, which cannot be dialed"
            } else {
                "has a character that no phone number has"
            };
            return Err(Error::invalid(field, wrong, mend));
        };
        let number = digits.number();
        let prefix = if number.country == Country::Other { 2 } else { 0 };
        match number.national.len() {
            length if length - prefix < SHORTEST => Err(Error::invalid(field, "is too short for a phone number", mend)),
            length if length > LONGEST => Err(Error::invalid(field, "is longer than 20 digits", mend)),
            _ => Ok(number),
        }
    }

    /// The form used inside China: `13800000001`, `075528000123`.
    #[must_use]
    pub fn national(&self) -> &str {
        &self.national
    }

    /// `+86` and the number without a leading 0 (`+8675528000123`), the form seatcall wants of every number.
    #[must_use]
    pub fn with_country_code(&self) -> String {
        match self.country {
            Country::China => format!("+86{}", self.national.strip_prefix('0').unwrap_or(&self.national)),
            Country::Other => format!("+{}", self.national.trim_start_matches('0')),
        }
    }
}

/// The E.164 form of a number that a platform reported, where it is certain; nothing for a masked, short or doubtful one.
#[must_use]
pub fn e164(text: &str) -> Option<String> {
    // Nearly every number is one of these, and a record has three.
    let bare = text.strip_prefix("+86").unwrap_or(text);
    if is_mobile(bare) && bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(["+86", bare].concat());
    }
    let number = Digits::read(text)?.number();
    match number.country {
        Country::China if is_mobile(&number.national) || is_landline(&number.national) || is_service(&number.national) => {
            Some(number.with_country_code())
        }
        // No country's code begins with 0.
        Country::Other if number.national.as_bytes().get(2) == Some(&b'0') => None,
        Country::Other => {
            let whole = number.with_country_code();
            (9..=16).contains(&whole.len()).then_some(whole)
        }
        Country::China => None,
    }
}

/// A number as it may be shown in errors and traces: `138****0001`.
#[must_use]
pub fn masked(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let (head, tail) = match characters.len() {
        11.. => (3, 4),
        7.. => (2, 2),
        _ => (0, 1.min(characters.len())),
    };
    let hidden = "*".repeat(characters.len() - head - tail);
    characters[..head].iter().collect::<String>() + &hidden + &characters[characters.len() - tail..].iter().collect::<String>()
}

/// The national form of a plain Chinese number, with or without the `86` that cyjcloud's 返回号码 has; nothing otherwise.
#[must_use]
pub fn plain_chinese(text: &str) -> Option<String> {
    let Digits { digits, international } = Digits::read(text)?;
    if !international && (is_mobile(&digits) || is_landline(&digits)) {
        return Some(digits);
    }
    national_of_bare(digits.strip_prefix("00").filter(|_| !international).unwrap_or(&digits).strip_prefix("86")?)
}

/// The digits of a text, and whether a `+` stood before them.
struct Digits {
    digits: String,
    international: bool,
}

impl Digits {
    fn read(text: &str) -> Option<Self> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self { digits: text.to_owned(), international: false });
        }
        let mut digits = String::with_capacity(text.len());
        let mut international = false;
        for character in text.trim().chars() {
            match character {
                '0'..='9' => digits.push(character),
                '０'..='９' => digits.push(char::from_digit(character as u32 - '０' as u32, 10)?),
                '+' | '＋' if digits.is_empty() && !international => international = true,
                ' ' | '\u{a0}' | '\u{3000}' | '-' | '－' | '–' | '(' | ')' | '（' | '）' | '.' => {}
                _ => return None,
            }
        }
        (!digits.is_empty()).then_some(Self { digits, international })
    }

    fn number(self) -> PhoneNumber {
        let china = |national: String| PhoneNumber { national, country: Country::China };
        let Self { digits, international } = self;
        let abroad = if international { Some(digits.as_str()) } else { digits.strip_prefix("00") };
        if let Some(abroad) = abroad {
            let Some(rest) = abroad.strip_prefix("86") else {
                return PhoneNumber { national: format!("00{abroad}"), country: Country::Other };
            };
            // "+86 (0)755…" is a usual misspelling: the 0 belongs to the national form only. Whatever else stands behind the country code
            // is read as it would be without it, so that "+86 86 138…" is the same number wherever it comes by again.
            return match national_of_bare(rest) {
                Some(national) => china(national),
                None => Self { digits: rest.to_owned(), international: false }.number(),
            };
        }
        if let Some(national) = digits.strip_prefix("86").and_then(national_of_bare) {
            return china(national);
        }
        china(digits)
    }
}

/// The national form of what stands behind a country code: a landline gets its 0 back.
fn national_of_bare(rest: &str) -> Option<String> {
    if is_mobile_length(rest) || is_service(rest) || is_landline(rest) {
        return Some(rest.to_owned());
    }
    let landline = format!("0{rest}");
    is_landline(&landline).then_some(landline)
}

fn is_mobile_length(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1')
}

fn is_mobile(digits: &str) -> bool {
    is_mobile_length(digits) && matches!(digits.as_bytes()[1], b'3'..=b'9')
}

/// 0, area code, subscriber: 010 and 02x have 8 digits behind, 0[3-9]xx have 7 or 8.
fn is_landline(digits: &str) -> bool {
    match digits.as_bytes() {
        [b'0', b'1', b'0', subscriber @ ..] | [b'0', b'2', _, subscriber @ ..] => subscriber.len() == 8,
        [b'0', b'3'..=b'9', _, _, subscriber @ ..] => matches!(subscriber.len(), 7 | 8),
        _ => false,
    }
}

/// 400 and 800 numbers.
fn is_service(digits: &str) -> bool {
    digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"))
}
