//! Phone numbers in any usual spelling. A text must hold exactly one number: a wrong number is never called.
//!
//! The digits must form one number of a known shape (a mobile, a landline with its area code, a 400 or 800 number, a service number, a
//! foreign number with its country code). Spaces, hyphens, dots and brackets may group these digits; where the digits before such a gap
//! are a whole number already, the rest is an extension or a second number.

use super::error::Error;
use super::reason::ErrorReason;

const SHORTEST: usize = 3;
const LONGEST_SERVICE: usize = 8;
/// E.164: a country code and number have at most 15 digits.
const LONGEST_FOREIGN: usize = 15;
const SHORTEST_FOREIGN: usize = 7;
/// Digits after a complete number: fewer than this are its extension, more are another number.
const SHORTEST_SECOND: usize = 7;

/// Police, any network's emergency call, fire, ambulance, traffic accidents.
const EMERGENCY: [&str; 5] = ["110", "112", "119", "120", "122"];

/// Country codes whose numbers have a known length: the code, the least and the most digits behind it. ITU-T E.164 and the countries'
/// own plans. For other countries only the limits of E.164 are checked.
const COUNTRIES: [(&str, usize, usize); 28] = [
    ("1", 10, 10),
    ("7", 10, 10),
    ("27", 9, 9),
    ("33", 9, 9),
    ("34", 9, 9),
    ("44", 9, 10),
    ("60", 8, 10),
    ("61", 9, 9),
    ("62", 8, 12),
    ("63", 8, 10),
    ("64", 8, 10),
    ("65", 8, 8),
    ("66", 8, 9),
    ("81", 9, 10),
    ("82", 8, 10),
    ("84", 9, 10),
    ("90", 10, 10),
    ("91", 10, 10),
    ("92", 9, 10),
    ("94", 9, 9),
    ("852", 8, 8),
    ("853", 8, 8),
    ("855", 8, 9),
    ("856", 8, 10),
    ("886", 8, 9),
    ("966", 9, 9),
    ("971", 8, 9),
    ("972", 8, 9),
];

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
        f.write_str(&mask_number(&self.national))
    }
}

impl PhoneNumber {
    /// Reads one number: `13800000001`, `+86 138 0000 0001`, `0086…`, `0755-28000123`, `(0755) 28000123`, `400-800-1234`, `95588`,
    /// `tel:+86-138-0000-0001`, `+852 6123 4567`; with full-width or Arabic-Indic digits, any dash, and the invisible marks that come with
    /// copied text.
    ///
    /// Refuses an extension, a second number, a decimal or scientific notation, a masked number, a mobile of the wrong length, a local
    /// number without its area code, a foreign number without its country code, and the emergency numbers 110, 112, 119, 120 and 122.
    ///
    /// # Errors
    /// `invalid-argument` naming `field`; the number itself is never repeated in the message.
    pub fn parse(field: &str, text: &str) -> Result<Self, Error> {
        read(text).map_err(|fault| {
            let (wrong, mend) = fault.words();
            Error::invalid(fault.reason(), field, wrong, mend)
        })
    }

    /// The form used inside China: `13800000001`, `075528000123`. A foreign number has `00` and its country code.
    #[must_use]
    pub fn national(&self) -> &str {
        &self.national
    }

    /// `+86` and the number without a leading 0 (`+8675528000123`), the form that seatcall requires for every number.
    #[must_use]
    pub fn with_country_code(&self) -> String {
        match self.country {
            Country::China => format!("+86{}", self.national.strip_prefix('0').unwrap_or(&self.national)),
            Country::Other => format!("+{}", self.national.strip_prefix("00").unwrap_or(&self.national)),
        }
    }
}

/// Returns the E.164 form of a number that a platform reported, or `None` if the number is masked, short or ambiguous.
#[must_use]
pub fn e164(text: &str) -> Option<String> {
    // Most numbers have one of these forms, and a record has three numbers.
    let bare = text.strip_prefix("+86").unwrap_or(text);
    if is_mobile(bare) && bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(["+86", bare].concat());
    }
    let number = read(text).ok()?;
    // A service number has no E.164 form that works everywhere.
    (number.country == Country::Other || is_long(&number.national)).then(|| number.with_country_code())
}

/// Masks a number for errors and traces: `138****0001`.
#[must_use]
pub fn mask_number(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let (head, tail) = match characters.len() {
        11.. => (3, 4),
        7.. => (2, 2),
        _ => (0, 1.min(characters.len())),
    };
    let hidden = "*".repeat(characters.len() - head - tail);
    characters[..head].iter().collect::<String>() + &hidden + &characters[characters.len() - tail..].iter().collect::<String>()
}

/// Tells if a text consists mostly of digits and has enough of them to be a phone number.
pub(crate) fn looks_like_number(text: &str) -> bool {
    let digits = text.chars().filter(|character| digit(*character).is_some()).count();
    let others = text.chars().filter(|character| character.is_alphabetic()).count();
    digits >= SHORTEST_SECOND && others < digits
}

/// Returns the national form of a mobile or a landline, with or without the `86` that cyjcloud's 返回号码 has; otherwise `None`.
#[must_use]
pub fn to_national(text: &str) -> Option<String> {
    let number = read(text).ok()?;
    (number.country == Country::China && (is_mobile(&number.national) || is_landline(&number.national))).then_some(number.national)
}

/// The reason why a text is not exactly one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Empty,
    Masked,
    Character,
    Decimal,
    Scientific,
    Several,
    Extension,
    TooShort,
    TooLong,
    Mobile,
    Landline,
    Local,
    Zero,
    Emergency,
    Foreign,
    Unknown,
}

impl Fault {
    fn reason(self) -> ErrorReason {
        match self {
            Self::Empty => ErrorReason::Empty,
            Self::Masked => ErrorReason::MaskedNumber,
            Self::Character => ErrorReason::ForbiddenCharacter,
            Self::Decimal | Self::Scientific => ErrorReason::SpreadsheetNumber,
            Self::Several | Self::Extension => ErrorReason::NotOneNumber,
            Self::TooShort | Self::TooLong | Self::Mobile | Self::Landline | Self::Foreign => ErrorReason::WrongLength,
            Self::Local | Self::Zero => ErrorReason::NeedsAreaCode,
            Self::Emergency => ErrorReason::EmergencyNumber,
            Self::Unknown => ErrorReason::UnknownNumber,
        }
    }

    /// Returns what is wrong and what to do.
    fn words(self) -> (&'static str, &'static str) {
        const LIKE: &str = "give it like \"13800000001\", \"+86 138 0000 0001\" or \"0755-28000123\"";
        const AS_TEXT: &str = "format the spreadsheet's column as text, and pass all digits of the number as text";
        match self {
            Self::Empty => ("is empty", LIKE),
            Self::Masked => ("is a masked number, which cannot be dialed", LIKE),
            Self::Character => ("has a character that no phone number has", LIKE),
            Self::Decimal => ("is a decimal number, as a spreadsheet writes it", AS_TEXT),
            Self::Scientific => ("is in scientific notation, which has lost digits", AS_TEXT),
            Self::Several => ("holds more than one number", "pass one number for each dial"),
            Self::Extension => ("has an extension or other digits behind the number", "pass the number alone: extensions cannot be dialed"),
            Self::TooShort => ("is too short for a phone number", LIKE),
            Self::TooLong => ("is too long for a phone number", LIKE),
            Self::Mobile => ("is not a whole mobile number, which has 11 digits", LIKE),
            Self::Landline => (
                "is not a whole landline number: the area code is wrong, or digits are missing or too many",
                "give it like \"0755-28000123\"",
            ),
            Self::Local => ("is a local number without its area code", "put the area code before it, like \"0755-28000123\""),
            Self::Zero => (
                "is a landline number without the 0 of its area code, which a spreadsheet may have dropped",
                "give it like \"0755-28000123\"",
            ),
            Self::Emergency => ("is an emergency number, which is never dialed for anyone", "call it from a phone"),
            Self::Foreign => {
                ("has a country code, and too many or too few digits behind it", "check the number, and pass it like \"+852 6123 4567\"")
            }
            Self::Unknown => (
                "is no Chinese number of a known form, and has no country code",
                "give it like \"13800000001\" or \"0755-28000123\", a foreign one with + and its country code",
            ),
        }
    }
}

/// The digits of a text and the separators between them.
#[derive(Default)]
struct Spelling {
    digits: String,
    /// A `+` came before the first digit.
    international: bool,
    /// Positions in `digits` before which the text has a space, hyphen, dot or bracket.
    gaps: Vec<usize>,
}

fn read(text: &str) -> Result<PhoneNumber, Fault> {
    let visible: String = text.chars().filter(|character| !is_invisible(*character)).collect();
    let visible = without_scheme(visible.trim());
    let spelling = Spelling::read(visible)?;
    if spelling.digits.is_empty() {
        return Err(if visible.is_empty() { Fault::Empty } else { Fault::TooShort });
    }
    spelling.number()
}

/// Removes the scheme of RFC 3966. Its parameters (`;ext=801`) are refused later: they are not part of a number.
fn without_scheme(text: &str) -> &str {
    match text.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => text[4..].trim_start_matches('/').trim_start(),
        _ => text,
    }
}

/// Format characters: zero-width ones, marks of the writing direction, soft hyphens, byte order marks, variation selectors.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// ASCII, full-width and both kinds of Arabic-Indic digits.
fn digit(character: char) -> Option<char> {
    let zero = match character {
        '0'..='9' => return Some(character),
        '０'..='９' => '０',
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        _ => return None,
    };
    char::from_digit(character as u32 - zero as u32, 10)
}

/// All dashes of Unicode, the minus signs, and the dashes of Chinese input methods.
fn is_dash(character: char) -> bool {
    matches!(
        character,
        '-' | '\u{58a}' | '\u{5be}' | '\u{2d7}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2212}'
                | '\u{2500}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{301c}'
                | '\u{3030}'
                | '\u{30a0}'
                | '\u{30fc}'
                | '\u{fe31}'
                | '\u{fe32}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{ff70}'
    )
}

fn is_dot(character: char) -> bool {
    matches!(character, '.' | '．')
}

/// Characters that may group the digits of one number.
fn groups(character: char) -> bool {
    let is_space = character.is_whitespace() && !is_break(character);
    is_space || is_dash(character) || is_dot(character) || matches!(character, '(' | ')' | '（' | '）' | '·' | '\u{2027}' | '\u{30fb}')
}

/// Characters that separate cells and lines: between digits they separate two numbers.
fn is_break(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_mask(character: char) -> bool {
    matches!(character, 'x' | 'X' | '*' | '＊' | 'ｘ' | 'Ｘ' | '×' | '●' | '•')
}

impl Spelling {
    fn read(text: &str) -> Result<Self, Fault> {
        let mut spelling = Self::default();
        let mut gap = None;
        let mut dots = 0;
        for (at, character) in text.char_indices() {
            if let Some(digit) = digit(character) {
                if let Some(gap) = gap.take()
                    && !spelling.digits.is_empty()
                {
                    spelling.gaps.push(spelling.digits.len());
                    dots += usize::from(is_dot(gap));
                }
                spelling.digits.push(digit);
            } else if matches!(character, '+' | '＋' | '﹢') {
                // "+86+86138…" is the result of joining texts: the number begins again at the second.
                match spelling.digits.as_str() {
                    "" if !spelling.international => {}
                    "86" | "0086" => spelling = Self::default(),
                    "" => return Err(Fault::Character),
                    _ => return Err(find_fault(text, at)),
                }
                spelling.international = true;
                gap = None;
            } else if groups(character) {
                // A dot next to a space or a bracket is not a decimal point.
                gap = Some(if gap.is_some() { ' ' } else { character });
            } else {
                return Err(find_fault(text, at));
            }
        }
        // "13800000001.0" was converted by a spreadsheet. "1380000000.1" would become another person's number.
        if dots == 1 && text.trim_end_matches(|c| digit(c).is_some()).ends_with(is_dot) {
            let tail = spelling.gaps.last().map_or("", |at| &spelling.digits[*at..]);
            if tail.len() <= 2 || tail.bytes().all(|byte| byte == b'0') {
                return Err(Fault::Decimal);
            }
        }
        Ok(spelling)
    }

    fn number(&self) -> Result<PhoneNumber, Fault> {
        let digits = self.digits.as_str();
        let mut start = 0;
        let mut is_abroad = self.international;
        let mut has_code = false;
        // "+86 86 138…" and "0086 0086 138…" are also results of joining texts.
        loop {
            let mut rest = &digits[start..];
            if !is_abroad && rest.starts_with("00") {
                (is_abroad, start, rest) = (true, start + 2, &rest[2..]);
            }
            if is_abroad && !rest.starts_with("86") {
                let last = self.gaps.last().map_or(digits.len(), |gap| digits.len() - gap);
                return foreign(rest, last).ok_or(if rest.len() < SHORTEST { Fault::TooShort } else { Fault::Foreign });
            }
            if !is_abroad {
                let gaps: Vec<usize> = self.gaps.iter().filter_map(|gap| gap.checked_sub(start)).filter(|gap| *gap > 0).collect();
                let read = chinese(rest, has_code, &gaps);
                // Without a + before it, 86 may also begin a local number: only certain cases are accepted.
                let is_certain = |rest: &str| chinese(rest, true, &[]).is_ok_and(|number| is_long(&number.national));
                let is_doubled = rest.strip_prefix("86").is_some_and(|inner| is_certain(inner) || EMERGENCY.contains(&inner));
                if read.is_ok() || !is_doubled && !rest.starts_with("8600") {
                    return read;
                }
            }
            (is_abroad, has_code, start) = (false, true, start + 2);
        }
    }
}

/// Reads the digits of a Chinese number. A country code may precede them; it replaces a landline's leading 0.
fn chinese(digits: &str, has_code: bool, gaps: &[usize]) -> Result<PhoneNumber, Fault> {
    if is_emergency(digits, has_code) {
        return Err(Fault::Emergency);
    }
    for &gap in gaps {
        let (head, tail) = digits.split_at(gap);
        if EMERGENCY.contains(&head) && !is_mobile(digits) {
            return Err(Fault::Emergency);
        }
        // "+86 951 2345 678" begins like a service number, but is a landline.
        if has_code && is_service(head) && is_landline(&format!("0{digits}")) {
            continue;
        }
        if national(head, has_code).is_some_and(|head| head.len() > SHORTEST) {
            return Err(if tail.len() < SHORTEST_SECOND { Fault::Extension } else { Fault::Several });
        }
    }
    let national = national(digits, has_code).ok_or_else(|| find_fault_in_digits(digits))?;
    // "1380000000-1" is a number with a missing digit and an extension; joined, it would be another person's number.
    let last = gaps.last().map_or(digits.len(), |gap| digits.len() - gap);
    let is_grouped = !is_toll_free(&national) && national.len() > LONGEST_SERVICE;
    if is_grouped && (last < 2 || last < 4 && gaps.len() == 1) {
        return Err(Fault::Extension);
    }
    Ok(PhoneNumber { national, country: Country::China })
}

/// Returns the national form of digits that are exactly one Chinese number.
fn national(digits: &str, has_code: bool) -> Option<String> {
    // "013800000001": many systems put the 0 of long-distance dialing before a mobile.
    if let Some(rest) = digits.strip_prefix('0')
        && (is_mobile(rest) || is_toll_free(rest))
    {
        return Some(rest.to_owned());
    }
    if is_mobile_length(digits) || is_toll_free(digits) || is_landline(digits) || is_service(digits) {
        return Some(digits.to_owned());
    }
    if area_and_rest(digits).is_some_and(|(_, rest)| rest.len() == 5 && is_service(rest)) {
        return Some(digits.to_owned());
    }
    let landline = has_code.then(|| format!("0{digits}"))?;
    is_landline(&landline).then_some(landline)
}

/// Reads the digits after a `+` or `00` whose country code is not China's. `last`: the number of digits after the last gap.
fn foreign(digits: &str, last: usize) -> Option<PhoneNumber> {
    // No country code begins with 0.
    if digits.starts_with('0') || !(SHORTEST_FOREIGN..=LONGEST_FOREIGN).contains(&digits.len()) {
        return None;
    }
    let mut whole = digits.to_owned();
    if let Some((code, least, most)) = COUNTRIES.into_iter().find(|(code, ..)| digits.starts_with(code)) {
        let rest = &digits[code.len()..];
        // "+44 (0)20…": the 0 belongs to the national form only, as in "+86 (0)755…".
        let rest = rest.strip_prefix('0').unwrap_or(rest);
        if !(least..=most).contains(&rest.len()) || rest.starts_with('0') || last < 2 {
            return None;
        }
        whole = format!("{code}{rest}");
    }
    Some(PhoneNumber { national: format!("00{whole}"), country: Country::Other })
}

/// Returns the fault of a text at its first character that cannot be part of a number.
fn find_fault(text: &str, at: usize) -> Fault {
    let (head, tail) = text.split_at(at);
    let count = |text: &str| text.chars().filter(|character| digit(*character).is_some()).count();
    let words: String = tail.chars().filter(|character| character.is_alphabetic() && !is_mask(*character)).collect();
    let tail_is_plain = tail.chars().skip(1).all(|character| digit(character).is_some() || matches!(character, '+' | '-'));
    if matches!(words.as_str(), "e" | "E" | "ｅ" | "Ｅ")
        && tail.starts_with(words.as_str())
        && tail_is_plain
        && count(head) > 0
        && count(tail) > 0
    {
        return Fault::Scientific;
    }
    let masks = tail.chars().filter(|character| is_mask(*character)).count();
    if masks > 0 && words.is_empty() && (masks > 1 || count(tail) == 0) {
        return Fault::Masked;
    }
    let parts = |character| is_break(character) || matches!(character, ',' | '，' | '、' | ';' | '；' | '/' | '／' | '|' | '｜' | '&');
    if tail.starts_with(parts) && count(head) >= SHORTEST_SECOND && count(tail) >= SHORTEST_SECOND {
        return Fault::Several;
    }
    if read(head).is_err() {
        return Fault::Character;
    }
    match count(tail) {
        0 => Fault::Character,
        digits if digits < SHORTEST_SECOND => Fault::Extension,
        _ => Fault::Several,
    }
}

/// Returns the fault of digits that are not a Chinese number.
fn find_fault_in_digits(digits: &str) -> Fault {
    let mobile = digits.trim_start_matches('0');
    let is_mobile_start = matches!(mobile.as_bytes(), [b'1', b'3'..=b'9', ..]);
    match digits.len() {
        ..SHORTEST => Fault::TooShort,
        22.. if is_mobile_start && mobile.get(..11).is_some_and(is_mobile) => Fault::Several,
        21.. => Fault::TooLong,
        _ if is_mobile_start => Fault::Mobile,
        _ if digits.starts_with('0') => Fault::Landline,
        7 | 8 => Fault::Local,
        _ if is_landline(&format!("0{digits}")) => Fault::Zero,
        _ => Fault::Unknown,
    }
}

/// An emergency number, alone or with an area code or a 0 before it.
fn is_emergency(digits: &str, has_code: bool) -> bool {
    let with_zero = format!("0{digits}");
    let behind = |digits: &str| {
        let (area, rest) = digits.split_at_checked(digits.len().checked_sub(3)?)?;
        let is_area = area == "0" || area_and_rest(digits).is_some_and(|(code, _)| code == area);
        is_area.then(|| EMERGENCY.contains(&rest))
    };
    EMERGENCY.contains(&digits) || behind(digits) == Some(true) || has_code && behind(&with_zero) == Some(true)
}

/// Splits a landline into its area code (010 and 02x, else 0[3-9]xx) and the rest.
fn area_and_rest(digits: &str) -> Option<(&str, &str)> {
    let length = match digits.as_bytes() {
        [b'0', b'1', b'0', ..] | [b'0', b'2', _, ..] => 3,
        [b'0', b'3'..=b'9', _, _, ..] => 4,
        _ => return None,
    };
    digits.split_at_checked(length)
}

/// Returns the area code of a landline, with its 0. Other numbers have none.
pub(crate) fn area_code(text: &str) -> Option<String> {
    let number = read(text).ok()?;
    let (area, _) = area_and_rest(&number.national).filter(|_| number.country == Country::China && is_landline(&number.national))?;
    Some(area.to_owned())
}

/// Tells if a number is the same everywhere, so that it has an E.164 form.
fn is_long(digits: &str) -> bool {
    is_mobile(digits) || is_landline(digits) || is_toll_free(digits)
}

/// Every prefix is accepted: a range that is not in use today may be in use tomorrow.
fn is_mobile_length(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1')
}

fn is_mobile(digits: &str) -> bool {
    is_mobile_length(digits) && matches!(digits.as_bytes()[1], b'3'..=b'9')
}

/// 0, area code, subscriber: 010 and 02x are followed by 8 digits, 0[3-9]xx by 7 or 8.
fn is_landline(digits: &str) -> bool {
    area_and_rest(digits).is_some_and(|(area, subscriber)| subscriber.len() == 8 || (area.len() == 4 && subscriber.len() == 7))
}

/// 400 and 800 numbers.
fn is_toll_free(digits: &str) -> bool {
    digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"))
}

/// 114, 10086, 12345, 95588, 95012345, 96110, 116114, 10101010.
fn is_service(digits: &str) -> bool {
    match digits.as_bytes() {
        [b'1', b'0'..=b'2', _] => !EMERGENCY.contains(&digits),
        [b'1', b'0'..=b'2', _, _, _] | [b'1', b'1', b'6' | b'8', _, _, _] | [b'1', b'0', b'1', b'0', _, _, _, _] => true,
        [b'9', b'5' | b'6', ..] => (5..=8).contains(&digits.len()),
        _ => false,
    }
}
