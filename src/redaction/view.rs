//! A text as a reader sees it: without escapes, invisible characters and fonts, each character with its place in the text.

use super::folds::{FOLDS, INVISIBLE, MARKS, ZEROS};

/// A character as it is understood, and the bytes of the text that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// Without font, width and accents. Every digit of every script is one of `0` to `9`.
    pub(super) seen: char,
    /// It was written as a Chinese numeral, which may also be a word.
    pub(super) is_numeral: bool,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A text within a text within a text, and so on, has its escapes escaped so often.
const MOST_LEVELS: usize = 8;

/// The characters of the text as it is.
pub(super) fn plain(text: &str) -> Vec<Unit> {
    fold_units(&characters(text))
}

/// The same, and what comes of it each time that every escape in it is undone, until there is none.
pub(super) fn levels(text: &str) -> Vec<Vec<Unit>> {
    let mut level = characters(text);
    let mut levels = vec![fold_units(&level)];
    while levels.len() <= MOST_LEVELS
        && let Some(next) = unescape(&level)
    {
        levels.push(fold_units(&next));
        level = next;
    }
    levels
}

/// A character and the bytes of the text that it stands for.
#[derive(Clone, Copy)]
struct Character {
    value: char,
    start: usize,
    end: usize,
}

fn characters(text: &str) -> Vec<Character> {
    text.char_indices().map(|(start, value)| Character { value, start, end: start + value.len_utf8() }).collect()
}

fn fold_units(characters: &[Character]) -> Vec<Unit> {
    let mut units = Vec::with_capacity(characters.len());
    for character in characters {
        push(&mut units, character.value, character.start, character.end);
    }
    units
}

/// The text with every escape undone once. Nothing where there is none.
fn unescape(text: &[Character]) -> Option<Vec<Character>> {
    if !text.iter().any(|character| matches!(character.value, '%' | '\\' | '&')) {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut is_changed = false;
    let mut at = 0;
    while at < text.len() {
        let start = text[at].start;
        let (value, length) = match escape(&text[at..]) {
            Some((Meant::Code(high), length)) if (0xd800..0xdc00).contains(&high) => pair(high, length, &text[at + length..]),
            Some((Meant::Code(code), length)) => (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), length),
            Some((Meant::Byte(first), length)) => bytes(first, length, &text[at + length..]),
            None => (text[at].value, 0),
        };
        is_changed |= length > 0;
        at += length.max(1);
        out.push(Character { value, start, end: text[at - 1].end });
    }
    is_changed.then_some(out)
}

/// The character that an escape represents.
enum Meant {
    /// A code point, or half of a surrogate pair.
    Code(u32),
    /// A byte of a character in UTF-8.
    Byte(u8),
}

/// Both halves of a surrogate pair, and how long they are.
fn pair(high: u32, length: usize, rest: &[Character]) -> (char, usize) {
    match escape(rest) {
        Some((Meant::Code(low), more)) if (0xdc00..0xe000).contains(&low) => {
            let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), length + more)
        }
        _ => (char::REPLACEMENT_CHARACTER, length),
    }
}

/// All bytes of a character, and how long their escapes are. A byte that begins none becomes U+FFFD.
fn bytes(first: u8, length: usize, rest: &[Character]) -> (char, usize) {
    let mut bytes = vec![first];
    let mut end = 0;
    while bytes.len() < 4 {
        if let Ok(text) = std::str::from_utf8(&bytes) {
            return (text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER), length + end);
        }
        let Some((Meant::Byte(byte), more)) = escape(&rest[end..]) else { break };
        bytes.push(byte);
        end += more;
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => (text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER), length + end),
        Err(_) => (char::REPLACEMENT_CHARACTER, length),
    }
}

/// `&thinsp;` and `&#x0001D7CF;` are among the longest.
const LONGEST_ENTITY: usize = 12;

/// The escape at the beginning, and its length.
fn escape(text: &[Character]) -> Option<(Meant, usize)> {
    let at = |index: usize| text.get(index).map(|character| character.value);
    let number = |from: usize, count: usize| {
        let digits = (from..from + count).map(|index| at(index).and_then(|c| c.to_digit(16)));
        digits.into_iter().try_fold(0_u32, |value, digit| Some(value << 4 | digit?))
    };
    let is_u = at(1).is_some_and(|c| c.eq_ignore_ascii_case(&'u'));
    match at(0)? {
        '%' if is_u => Some((Meant::Code(number(2, 4)?), 6)),
        '%' => {
            let byte = u8::try_from(number(1, 2)?).ok()?;
            Some((if byte.is_ascii() { Meant::Code(byte.into()) } else { Meant::Byte(byte) }, 3))
        }
        '\\' if is_u && at(2) == Some('{') => {
            let end = (4..=10).find(|index| at(*index) == Some('}'))?;
            number(3, end - 3).map(|code| (Meant::Code(code), end + 1))
        }
        '\\' if is_u => Some((Meant::Code(number(2, 4)?), 6)),
        '\\' => match at(1)? {
            'x' | 'X' => Some((Meant::Code(number(2, 2)?), 4)),
            same @ ('/' | '"' | '\'' | '\\') => Some((Meant::Code(same.into()), 2)),
            'n' | 'r' | 't' | 'f' | 'b' => Some((Meant::Code('\n'.into()), 2)),
            _ => None,
        },
        '&' => {
            let end = (2..=LONGEST_ENTITY).find(|index| at(*index) == Some(';'))?;
            let name: String = (1..end).filter_map(at).collect();
            Some((Meant::Code(entity(&name)?), end + 1))
        }
        _ => None,
    }
}

fn entity(name: &str) -> Option<u32> {
    let value = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" | "hairsp" => ' ',
        "shy" | "zwj" | "zwnj" | "lrm" | "rlm" | "ZeroWidthSpace" => '\u{200b}',
        "plus" => '+',
        "sol" => '/',
        "equals" => '=',
        "colon" => ':',
        "percnt" => '%',
        "lowbar" => '_',
        "hyphen" | "ndash" | "mdash" | "minus" => '-',
        "period" | "middot" => '.',
        "comma" => ',',
        "lpar" => '(',
        "rpar" => ')',
        _ => {
            let digits = name.strip_prefix('#')?;
            let value = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => digits.parse(),
            };
            return value.ok().filter(|value| char::from_u32(*value).is_some());
        }
    };
    Some(value as u32)
}

fn push(units: &mut Vec<Unit>, character: char, start: usize, end: usize) {
    let mut push = |part: char| {
        let (seen, is_numeral) = numeral(part).map_or_else(|| (digit(part).unwrap_or(part), false), |digit| (digit, true));
        units.push(Unit { seen, is_numeral, start, end });
    };
    match fold(character) {
        Some(parts) => parts.chars().for_each(push),
        None if is_invisible(character) || is_mark(character) => {}
        None => push(character),
    }
}

/// The ideographs of Chinese. None of them is a mark, invisible or another character in another font.
const IDEOGRAPHS: std::ops::RangeInclusive<char> = '\u{4e00}'..='\u{9fff}';

/// The characters that one in another font, width or frame stands for, where one of them is a letter, a digit or a sign of ASCII, or
/// something else that is looked for here.
fn fold(character: char) -> Option<&'static str> {
    if character.is_ascii() || IDEOGRAPHS.contains(&character) {
        return None;
    }
    if let Some(letter) = letter(character) {
        return Some(letter);
    }
    let row = FOLDS.partition_point(|(first, _)| *first <= character).checked_sub(1)?;
    let (first, folds) = FOLDS[row];
    folds.split('|').nth(character as usize - first as usize).filter(|fold| !fold.is_empty())
}

/// The ASCII characters from `!` to `~`, and the letters alone.
const GRAPHIC: &str = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Returns the ASCII character of a full-width form or a mathematical letter: both are in the order of ASCII.
fn letter(character: char) -> Option<&'static str> {
    let (letters, at) = match character {
        '\u{ff01}'..='\u{ff5e}' => (GRAPHIC, character as usize - 0xff01),
        '\u{1d400}'..='\u{1d6a3}' => (LETTERS, (character as usize - 0x1d400) % LETTERS.len()),
        _ => return None,
    };
    letters.get(at..=at)
}

/// Returns true if a character is invisible: controls, joiners, bidirectional marks, tags, variation selectors and fillers. White space is not.
pub(super) fn is_invisible(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control() && !character.is_ascii_whitespace();
    }
    character.is_control() || !IDEOGRAPHS.contains(&character) && is_within(INVISIBLE, character)
}

fn is_mark(character: char) -> bool {
    !character.is_ascii() && !IDEOGRAPHS.contains(&character) && is_within(MARKS, character)
}

/// Returns true if one of these ranges, which are in order, holds the character.
fn is_within(ranges: &[(char, char)], character: char) -> bool {
    let before = ranges.partition_point(|(first, _)| *first <= character);
    before > 0 && character <= ranges[before - 1].1
}

/// The value of a Chinese numeral, in everyday, financial and telephone writing.
fn numeral(character: char) -> Option<char> {
    Some(match character {
        '〇' | '零' | '○' => '0',
        '一' | '壹' | '壱' | '幺' | '〡' => '1',
        '二' | '贰' | '貳' | '弐' | '两' | '兩' | '〢' => '2',
        '三' | '叁' | '參' | '叄' | '〣' => '3',
        '四' | '肆' | '〤' => '4',
        '五' | '伍' | '〥' => '5',
        '六' | '陆' | '陸' | '〦' => '6',
        '七' | '柒' | '漆' | '〧' => '7',
        '八' | '捌' | '〨' => '8',
        '九' | '玖' | '〩' => '9',
        _ => return None,
    })
}

/// Digits that no decomposition shows: the first of a series, its value, and how many follow.
const SERIES: [(char, u32, u32); 9] = [
    ('❶', 1, 9),
    ('➀', 1, 9),
    ('➊', 1, 9),
    ('⓵', 1, 9),
    ('⓿', 0, 1),
    ('\u{1f10b}', 0, 1),
    ('\u{1f10c}', 0, 1),
    ('፩', 1, 9),
    ('\u{1d360}', 1, 9),
];

/// The decimal digit that a character is in its script.
fn digit(character: char) -> Option<char> {
    if character.is_ascii() {
        return None;
    }
    let of_series = |(first, value, length): (char, u32, u32)| {
        let place = (character as u32).checked_sub(first as u32).filter(|place| *place < length)?;
        char::from_digit(value + place, 10)
    };
    if let Some(found) = SERIES.into_iter().find_map(of_series) {
        return Some(found);
    }
    let zero = ZEROS[ZEROS.partition_point(|zero| *zero <= character).checked_sub(1)?];
    char::from_digit(character as u32 - zero as u32, 10)
}

#[cfg(test)]
mod tests {
    use super::{levels, plain};

    fn seen(units: &[super::Unit]) -> String {
        units.iter().map(|unit| unit.seen).collect()
    }

    #[test]
    fn every_digit_of_every_script_is_read() {
        for digits in [
            "0123456789",
            "０１２３４５６７８９",
            "٠١٢٣٤٥٦٧٨٩",
            "۰۱۲۳۴۵۶۷۸۹",
            "०१२३४५६७८९",
            "০১২৩৪৫৬৭৮৯",
            "๐๑๒๓๔๕๖๗๘๙",
            "〇一二三四五六七八九",
            "零壹贰叁肆伍陆柒捌玖",
            "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
            "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡",
            "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿",
            "⁰¹²³⁴⁵⁶⁷⁸⁹",
            "₀₁₂₃₄₅₆₇₈₉",
            "⓪①②③④⑤⑥⑦⑧⑨",
            "⓿❶❷❸❹❺❻❼❽❾",
            "𞥐𞥑𞥒𞥓𞥔𞥕𞥖𞥗𞥘𞥙",
            "🯰🯱🯲🯳🯴🯵🯶🯷🯸🯹",
            "0\u{fe0f}\u{20e3}1\u{fe0f}\u{20e3}2\u{fe0f}\u{20e3}3\u{200d}4\u{202e}5\u{2066}6\u{ad}7\u{feff}8\u{e0001}9",
        ] {
            assert_eq!(seen(&plain(digits)), "0123456789", "{digits}");
        }
    }

    #[test]
    fn an_escape_is_undone_however_often_it_was_escaped() {
        for text in [
            "%31%33",
            "%2531%2533",
            "%25252531%33",
            r"\u0031\u0033",
            r"\\u0031\\u0033",
            "&#49;&#x33;",
            "&amp;#49;&amp;#x33;",
            "%5Cu0031%26%2351%3B",
            r"\x31\x33",
            r"\u{31}3",
            "%EF%BC%91%EF%BC%93",
            r"\ud835\udfcf\ud835\udfd1",
            "%D9%A1&#x0663;",
        ] {
            assert_eq!(levels(text).last().map(|units| seen(units)).as_deref(), Some("13"), "{text}");
        }
        let all = levels("a%E4%B8%80b");
        assert_eq!(
            all[1].iter().map(|unit| (unit.seen, unit.start, unit.end)).collect::<Vec<_>>(),
            [('a', 0, 1), ('1', 1, 10), ('b', 10, 11)]
        );
        assert_eq!(levels("100%, a & b").len(), 1);
    }
}
