//! Finds phone numbers in a text, however they are written, and leaves times, addresses and codes alone.
//!
//! Known numbers (those of the operation) are found wherever seven of their digits follow each other, whatever stands between. Of other
//! numbers only the shape is known: seven digits in one piece, or pieces that together can be dialed.

use super::view::Unit;
use crate::model::phone;

/// A run of digits this long is taken for a phone number: the shortest landline has 7.
pub(super) const NUMBER_DIGITS: usize = 7;
/// The longest number with its country code.
const LONGEST_NUMBER: usize = 20;
/// So much may stand between two digits of a known number: `</b>`, say.
const WIDEST_GAP: usize = 8;
/// So many signs may stand between two pieces of any number.
const MOST_SIGNS: usize = 3;
/// A platform's own numeric codes have at most so many digits: the shortest number with its area code has 10.
const LONGEST_CODE: usize = 9;

/// A phone number in a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    /// `0` to `9`.
    pub(super) digits: String,
}

/// Digits that stand next to each other.
struct Group {
    from: usize,
    to: usize,
    digits: String,
    gap: Gap,
}

/// The text between a group and the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// At most two spaces, hyphens or brackets: how people write numbers.
    Usual,
    /// The same single sign, no letter.
    Sign(char),
    /// A few signs.
    Signs,
    /// Too much, or letters.
    Wide,
}

/// All numbers in the text. `known` are digits only; a group that is a code is no number.
pub(super) fn find(units: &[Unit], known: &[String], is_code: &dyn Fn(&str) -> bool) -> Vec<Found> {
    let groups = groups(units);
    if groups.is_empty() {
        return Vec::new();
    }
    let mut hidden = vec![false; units.len()];
    let mut seen_as_other = vec![false; groups.len()];
    let mut is_mask = vec![false; groups.len()];
    let mut index = 0;
    while index < groups.len() {
        let from = groups[index].from;
        let mask = mask_end(units, from);
        let end = mask.or_else(|| other_end(units, from));
        let next = end.map_or(index + 1, |end| index + groups[index..].iter().take_while(|group| group.from < end).count());
        for at in index..next {
            seen_as_other[at] = end.is_some();
            is_mask[at] = mask.is_some();
        }
        index = next.max(index + 1);
    }
    mark_known(units, &groups, &is_mask, known, &mut hidden);
    // Digits that were left beside a mask would be a part of it the next time.
    for group in &groups {
        if hidden[group.from..group.to].contains(&true) {
            hidden[group.from..group.to].fill(true);
        }
    }
    let mut begin = 0;
    while begin < groups.len() {
        let is_end = |at: usize| groups[at].gap == Gap::Wide || at + 1 == groups.len() || seen_as_other[at] || seen_as_other[at + 1];
        let end = (begin..groups.len()).find(|at| is_end(*at)).unwrap_or(begin) + 1;
        if !seen_as_other[begin] {
            mark_run(units, &groups[begin..end], is_code, &mut hidden);
        }
        begin = end;
    }
    collect(units, &hidden)
}

/// Returns true if the text holds at least seven digits of a known number.
pub(super) fn has_known(units: &[Unit], known: &[String]) -> bool {
    let groups = groups(units);
    let mut hidden = vec![false; units.len()];
    mark_known(units, &groups, &vec![false; groups.len()], known, &mut hidden);
    hidden.contains(&true)
}

/// Returns true if these digits can be dialed from anywhere in China: a mobile number, a landline with its area code, a 400 or 800 number.
pub(super) fn is_dialable(digits: &str) -> bool {
    phone::to_national(digits).is_some() || is_service(digits) || digits.strip_prefix("86").is_some_and(is_service)
}

/// A landline with its area code, whose 0 was left out: `755 2800 0123`.
fn is_without_zero(digits: &str) -> bool {
    let (code, least, most) = match digits.as_bytes() {
        [b'1', b'0', ..] | [b'2', _, ..] => (2, 8, 8),
        [b'3'..=b'9', ..] => (3, 7, 8),
        _ => return false,
    };
    // No subscriber's number begins with 0, 1 or 9.
    let subscriber = digits.get(code..).unwrap_or_default();
    (least..=most).contains(&subscriber.len()) && matches!(subscriber.as_bytes()[0], b'2'..=b'8')
}

fn is_service(digits: &str) -> bool {
    digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"))
}

fn groups(units: &[Unit]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut at = 0;
    while at < units.len() {
        if !units[at].seen.is_ascii_digit() {
            at += 1;
            continue;
        }
        let length = units[at..].iter().take_while(|unit| unit.seen.is_ascii_digit()).count();
        if let Some(before) = groups.last_mut() {
            before.gap = gap(&units[before.to..at]);
        }
        let digits = units[at..at + length].iter().map(|unit| unit.seen).collect();
        groups.push(Group { from: at, to: at + length, digits, gap: Gap::Wide });
        at += length;
    }
    groups
}

fn gap(between: &[Unit]) -> Gap {
    let signs = signs(between);
    let is_usual = |c: &char| matches!(c, ' ' | '-' | '(' | ')' | '–' | '—' | '‐' | '‑' | '−' | '\u{2012}' | '\u{2015}');
    if signs.len() <= 2 && signs.iter().all(is_usual) {
        return Gap::Usual;
    }
    match *signs.as_slice() {
        _ if signs.iter().any(|c| c.is_alphanumeric()) || signs.len() > MOST_SIGNS => Gap::Wide,
        [sign] if between.len() == 1 => Gap::Sign(sign),
        _ => Gap::Signs,
    }
}

/// Returns the text between two groups. An HTML tag and a run of white space, line ends included, are one space each.
fn signs(between: &[Unit]) -> Vec<char> {
    let mut signs = Vec::new();
    let mut rest = between;
    while let Some(first) = rest.first() {
        let is_tag = first.seen == '<' && rest.get(1).is_some_and(|next| next.seen == '/' || next.seen.is_alphabetic());
        let tag = rest.iter().position(|unit| unit.seen == '>').filter(|_| is_tag);
        let length = match tag {
            Some(end) => end + 1,
            None if first.seen.is_whitespace() => rest.iter().take_while(|unit| unit.seen.is_whitespace()).count(),
            None => 1,
        };
        signs.push(if tag.is_some() || first.seen.is_whitespace() { ' ' } else { first.seen });
        rest = &rest[length..];
    }
    signs
}

/// Marks where seven or more digits of a known number follow each other.
fn mark_known(units: &[Unit], groups: &[Group], is_mask: &[bool], known: &[String], hidden: &mut [bool]) {
    let places: Vec<usize> =
        groups.iter().zip(is_mask).filter(|(_, is_mask)| !**is_mask).flat_map(|(group, _)| group.from..group.to).collect();
    for number in known.iter().map(String::as_bytes) {
        let least = number.len().min(NUMBER_DIGITS);
        for begin in 0..places.len() {
            for offset in 0..=number.len() - least {
                let fits = |(index, place): (usize, &usize)| {
                    units[*place].seen == char::from(number[offset + index])
                        && (index == 0 || *place - places[begin + index - 1] <= WIDEST_GAP + 1)
                };
                let end = places[begin..].iter().take(number.len() - offset).enumerate().take_while(|it| fits(*it)).count();
                // A short number, like 95588, is hidden only where it stands alone: it may be a part of any other.
                let alone = number.len() >= NUMBER_DIGITS || stands_alone(units, &places[begin..begin + end]);
                if end >= least && alone {
                    hidden[places[begin]..=places[begin + end - 1]].fill(true);
                }
            }
        }
    }
}

fn stands_alone(units: &[Unit], places: &[usize]) -> bool {
    let (Some(first), Some(last)) = (places.first(), places.last()) else { return false };
    let is_digit = |at: Option<usize>| at.and_then(|at| units.get(at)).is_some_and(|unit| unit.seen.is_ascii_digit());
    last - first + 1 == places.len() && !is_digit(first.checked_sub(1)) && !is_digit(Some(last + 1))
}

/// Marks the numbers among groups that stand near each other.
fn mark_run(units: &[Unit], run: &[Group], is_code: &dyn Fn(&str) -> bool, hidden: &mut [bool]) {
    // Digits that may be shown as a code, or are already masked as a part of a known number, do not belong to another number.
    let is_other: Vec<bool> = run.iter().map(|group| is_code(&group.digits) || is_named_code(units, group) || hidden[group.from]).collect();
    let mut rest = run;
    while !rest.is_empty() {
        let begin = run.len() - rest.len();
        let length = is_other[begin..].iter().position(|is_other| *is_other).unwrap_or(rest.len());
        let (part, others) = rest.split_at(length);
        rest = others.get(1..).unwrap_or_default();
        mark_pieces(units, part, hidden);
    }
}

fn mark_pieces(units: &[Unit], run: &[Group], hidden: &mut [bool]) {
    let mut fill = |groups: &[Group]| {
        if let (Some(first), Some(last)) = (groups.first(), groups.last()) {
            let (from, to) = without_words(units, first.from, last.to);
            hidden[from..to].fill(true);
        }
    };
    let count = |groups: &[Group]| groups.iter().map(|group| group.digits.len()).sum::<usize>();
    // As people write them.
    let mut rest = run;
    while !rest.is_empty() {
        let length = rest.iter().position(|group| group.gap != Gap::Usual).map_or(rest.len(), |at| at + 1);
        let (part, others) = rest.split_at(length);
        if count(part) >= NUMBER_DIGITS {
            fill(part);
        }
        rest = others;
    }
    // With one sign throughout: pieces of two to four digits, or each digit alone.
    let mut rest = run;
    while let Some(first) = rest.first() {
        let length = rest.iter().position(|group| group.gap != first.gap).map_or(rest.len(), |at| at + 1);
        let part = &rest[..length];
        let of = |sizes: std::ops::RangeInclusive<usize>| part.iter().all(|group| sizes.contains(&group.digits.len()));
        if is_joint(first.gap) && count(part) >= NUMBER_DIGITS && (of(2..=4) || of(1..=1)) {
            fill(part);
        }
        rest = &rest[length..];
    }
    // Any signs: what together can be dialed.
    for begin in 0..run.len() {
        let mut digits = String::new();
        let plus = run[begin].from.checked_sub(1).is_some_and(|before| units[before].seen == '+');
        let mut longest = None;
        for (index, group) in run[begin..].iter().enumerate() {
            digits.push_str(&group.digits);
            if digits.len() > LONGEST_NUMBER {
                break;
            }
            let is_foreign = (plus && (8..=15).contains(&digits.len())) || (digits.starts_with("00") && (10..=17).contains(&digits.len()));
            if is_dialable(&digits) || is_without_zero(&digits) || is_foreign {
                longest = Some(begin + index + 1);
            }
        }
        if let Some(end) = longest {
            fill(&run[begin..end]);
        }
    }
    // Each digit alone, with any signs.
    for part in run.chunk_by(|a, b| a.digits.len() == 1 && b.digits.len() == 1) {
        if part.len() >= NUMBER_DIGITS {
            fill(part);
        }
    }
}

/// Returns true if the pieces of one number may have this between them. Characters of lists and amounts join only numbers that can be dialed.
fn is_joint(gap: Gap) -> bool {
    matches!(gap, Gap::Sign(sign) if !matches!(sign, ',' | ';' | '|' | '*' | '、' | '%' | '\\' | '&' | '#'))
}

/// A Chinese numeral beside a whole number is a word: 一 in 统一.
fn without_words(units: &[Unit], from: usize, to: usize) -> (usize, usize) {
    let is_word = |at: usize| units[at].is_numeral;
    let others = (from..to).filter(|at| units[*at].seen.is_ascii_digit() && !is_word(*at)).count();
    if others < 11 {
        return (from, to);
    }
    let first = (from..to).find(|at| units[*at].seen.is_ascii_digit() && !is_word(*at)).unwrap_or(from);
    let last = (from..to).rev().find(|at| units[*at].seen.is_ascii_digit() && !is_word(*at)).unwrap_or(to - 1);
    (first, last + 1)
}

/// The words before a code.
const CODE_NAMES: [&str; 12] =
    ["code", "errno", "retcode", "错误码", "错误代码", "代码", "返回码", "状态码", "响应码", "结果码", "錯誤碼", "編碼"];

/// A code that the word before it calls so.
fn is_named_code(units: &[Unit], group: &Group) -> bool {
    if group.digits.len() > LONGEST_CODE {
        return false;
    }
    let before: Vec<char> = units[..group.from].iter().rev().take(16).map(|unit| unit.seen.to_ascii_lowercase()).collect();
    let signs = before.iter().take_while(|c| !c.is_alphanumeric()).count();
    let word: Vec<char> = before.into_iter().skip(signs).collect();
    let ends = |name: &str| name.chars().rev().enumerate().all(|(index, c)| word.get(index) == Some(&c));
    signs <= 6 && CODE_NAMES.into_iter().any(ends)
}

/// The end of a number that was masked before, as [`phone::mask_number`] writes it.
fn mask_end(units: &[Unit], from: usize) -> Option<usize> {
    let count = |from: usize, is: fn(char) -> bool| units[from..].iter().take_while(|unit| is(unit.seen)).count();
    let head = count(from, |c| c.is_ascii_digit());
    let stars = count(from + head, |c| c == '*');
    let tail = count(from + head + stars, |c| c.is_ascii_digit());
    let end = from + head + stars + tail;
    let is_mask = matches!((head, stars, tail), (2, 3..=6, 2) | (3, 4.., 4));
    // Pieces of a number that have as many stars between them as a mask are none.
    let stars_before = units[..from].iter().rev().take_while(|unit| unit.seen == '*').count();
    (is_mask && stars_before < 3 && count(end, |c| c == '*') < 3).then_some(end)
}

/// The end of a time, a date or an IPv4 address that begins here.
fn other_end(units: &[Unit], from: usize) -> Option<usize> {
    let text = Reader { units };
    // Within a longer row of digits and the same signs it is something else.
    if from > 0 && matches!(units[from - 1].seen, '-' | '/' | '.' | ':') && from > 1 && units[from - 2].seen.is_ascii_digit() {
        return None;
    }
    text.date_time(from).or_else(|| text.time(from)).or_else(|| text.ipv4(from))
}

struct Reader<'a> {
    units: &'a [Unit],
}

impl Reader<'_> {
    fn at(&self, at: usize) -> char {
        self.units.get(at).map_or('\0', |unit| unit.seen)
    }

    /// A number of so many digits, and its end.
    fn number(&self, at: usize, digits: std::ops::RangeInclusive<usize>) -> Option<(u32, usize)> {
        let length = self.units[at.min(self.units.len())..].iter().take_while(|unit| unit.seen.is_ascii_digit()).count();
        let value = |value: u32, place: usize| value * 10 + self.at(place).to_digit(10).unwrap_or_default();
        digits.contains(&length).then(|| ((at..at + length).fold(0, value), at + length))
    }

    /// `2020-03-02`, also with a time; `20200302174815`, also with milliseconds.
    fn date_time(&self, at: usize) -> Option<usize> {
        if let Some(end) = self.compact(at) {
            return Some(end);
        }
        let (year, end) = self.number(at, 4..=4)?;
        let sign = self.at(end);
        let (month, end) = self.number(end + 1, 1..=2).filter(|_| matches!(sign, '-' | '/' | '.') && (1900..2200).contains(&year))?;
        let (day, end) = self.number(end + 1, 1..=2).filter(|_| self.at(end) == sign)?;
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let joint = matches!(self.at(end), 'T' | 't' | ' ' | '_');
        if let Some(end) = self.time(end + 1).filter(|_| joint) {
            return Some(end);
        }
        self.is_alone(end, sign).then_some(end)
    }

    fn compact(&self, at: usize) -> Option<usize> {
        let two = |place: usize| {
            let digit = |at: usize| self.at(at).to_digit(10);
            Some(digit(at + place)? * 10 + digit(at + place + 1)?)
        };
        let length = self.units[at..].iter().take_while(|unit| unit.seen.is_ascii_digit()).count();
        let is_time = matches!(two(0)?, 19..=20)
            && (1..=12).contains(&two(4)?)
            && (1..=31).contains(&two(6)?)
            && two(8)? < 24
            && two(10)? < 60
            && two(12)? < 60;
        (matches!(length, 14 | 17) && is_time).then_some(at + length)
    }

    /// `17:48`, `17:48:15.123`, also with an offset.
    fn time(&self, at: usize) -> Option<usize> {
        let (hour, end) = self.number(at, 1..=2)?;
        let (minute, mut end) = self.number(end + 1, 2..=2).filter(|_| self.at(end) == ':')?;
        if hour > 24 || minute > 59 {
            return None;
        }
        if self.at(end) == ':' {
            let (_, after) = self.number(end + 1, 2..=2).filter(|(second, _)| *second < 61)?;
            end = after;
            if matches!(self.at(end), '.' | ',')
                && let Some((_, after)) = self.number(end + 1, 1..=9)
            {
                end = after;
            }
        }
        if matches!(self.at(end), '+' | '-')
            && let Some((offset, after)) = self.number(end + 1, 2..=4).filter(|(_, after)| after - end != 4)
        {
            match self.number(after + 1, 2..=2).filter(|_| self.at(after) == ':' && offset < 15) {
                Some((_, after)) => end = after,
                None if offset < 15 || (after - end == 5 && offset <= 1400) => end = after,
                None => return None,
            }
        }
        (self.is_alone(end, ':') && self.is_alone(end, '.') && self.is_alone(end, '-')).then_some(end)
    }

    /// `10.0.12.34`, also with a port.
    fn ipv4(&self, at: usize) -> Option<usize> {
        let mut end = at;
        for place in 0..4 {
            if place > 0 {
                if self.at(end) != '.' {
                    return None;
                }
                end += 1;
            }
            let (part, after) = self.number(end, 1..=3)?;
            if part > 255 || (self.at(end) == '0' && after > end + 1) {
                return None;
            }
            end = after;
        }
        if self.at(end) == ':'
            && let Some((port, after)) = self.number(end + 1, 1..=5)
            && port < 65536
        {
            end = after;
        }
        self.is_alone(end, '.').then_some(end)
    }

    /// Neither a digit nor the sign and a digit follows.
    fn is_alone(&self, end: usize, sign: char) -> bool {
        !self.at(end).is_ascii_digit() && (self.at(end) != sign || !self.at(end + 1).is_ascii_digit())
    }
}

/// The hidden places, as ranges of the text.
fn collect(units: &[Unit], hidden: &[bool]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut is_open = false;
    for (unit, is_hidden) in units.iter().zip(hidden) {
        if *is_hidden {
            if !is_open {
                found.push(Found { start: unit.start, end: unit.end, digits: String::new() });
            }
            if let Some(last) = found.last_mut() {
                last.end = last.end.max(unit.end);
                if unit.seen.is_ascii_digit() {
                    last.digits.push(unit.seen);
                }
            }
        }
        is_open = *is_hidden;
    }
    found
}
