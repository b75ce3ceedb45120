//! Instants and their texts. This module reads no clock: `now` is always an argument.

use std::fmt;

use serde::{Serialize, Serializer};

use super::error::Error;
use super::reason::ErrorReason;

const DAY_MS: i64 = 86_400_000;

/// A fixed offset from UTC, in minutes east. The platforms' documents use Beijing time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(i16);

impl Zone {
    /// UTC+8: the zone of a wall-clock text without one, unless the account sets another.
    pub const BEIJING: Self = Self(480);
    /// UTC.
    pub const UTC: Self = Self(0);

    /// Reads `+08:00`, `-0330`, `+08` or `Z`.
    ///
    /// # Errors
    /// `invalid-argument` naming `field` for anything else; a named zone has no fixed offset.
    pub fn parse(field: &str, text: &str) -> Result<Self, Error> {
        parse_zone(text.trim().as_bytes()).ok_or_else(|| {
            Error::invalid(
                ErrorReason::WrongFormat,
                field,
                "must be a fixed distance from UTC, as \"+08:00\"",
                "write Asia/Shanghai as \"+08:00\", and UTC as \"Z\"",
            )
            .expecting(&["+08:00", "Z"])
        })
    }

    /// Milliseconds on the wall clock of this zone.
    pub(crate) fn local_ms(self, epoch_ms: i64) -> i64 {
        epoch_ms.saturating_add(i64::from(self.0) * 60_000)
    }
}

fn parse_zone(text: &[u8]) -> Option<Zone> {
    if matches!(text, b"Z" | b"z") {
        return Some(Zone::UTC);
    }
    let (sign, digits) = match text.split_first()? {
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match *digits {
        [a, b] => (two(a, b)?, 0),
        [a, b, c, d] | [a, b, b':', c, d] => (two(a, b)?, two(c, d)?),
        _ => return None,
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    i16::try_from(sign * (hours * 60 + minutes)).ok().map(Zone)
}

fn two(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// An instant and the zone in which it is shown: ISO 8601 with offset, `2020-03-02T17:48:15+08:00`, with milliseconds only if they are not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    epoch_ms: i64,
    zone: Zone,
}

impl Timestamp {
    /// The instant `epoch_ms` milliseconds after 1970 in UTC, shown in `zone`. Instants outside the years 0 to 9999 are moved to the nearest limit.
    #[must_use]
    pub fn new(epoch_ms: i64, zone: Zone) -> Self {
        Self { epoch_ms: epoch_ms.clamp(-62_167_132_800_000, 253_402_214_400_000), zone }
    }

    /// Milliseconds after 1970 in UTC.
    #[must_use]
    pub fn epoch_ms(self) -> i64 {
        self.epoch_ms
    }

    /// This instant moved by the given number of milliseconds.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self::new(self.epoch_ms.saturating_add(ms), self.zone)
    }

    /// Returns the earlier of two optional instants; a missing one does not count.
    #[must_use]
    pub fn earliest(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if a.epoch_ms <= b.epoch_ms { a } else { b }),
            (a, b) => a.or(b),
        }
    }

    /// Returns the later of two instants if both are present.
    #[must_use]
    pub fn later_of_both(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        let (a, b) = (a?, b?);
        Some(if a.epoch_ms >= b.epoch_ms { a } else { b })
    }

    /// Reads a platform's time. Without an offset it is wall-clock time in `zone`. Read are:
    ///
    /// - `yyyy-MM-dd HH:mm:ss`, also with one-digit months, days and hours, with `/` or `.`, with `T`, a fraction, an offset, `AM` or `PM`, as
    ///   `2024年3月5日 10:11:30`, and with 24:00:00 for the next midnight;
    /// - `yyyyMMddHHmmss` and `yyyyMMddTHHmmss`;
    /// - a Unix time in seconds (10 digits before the point), milliseconds (13), microseconds (16) or nanoseconds (19), also with a
    ///   fraction or an exponent, and .NET's `/Date(1709604690000+0800)/`.
    #[must_use]
    pub fn parse(text: &str, zone: Zone) -> Option<Self> {
        let text = text.trim();
        if let Some((date, clock)) = split_usual(text.as_bytes()) {
            return Self::from_wall(date, clock, 0, zone, zone);
        }
        if let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
            let end = inner.bytes().skip(1).position(|byte| matches!(byte, b'+' | b'-')).map_or(inner.len(), |at| at + 1);
            return inner[..end].parse().ok().map(|ms| Self::new(ms, zone));
        }
        if let Some((whole, part)) = decimal(text) {
            return Self::of_number(whole.as_bytes(), part.as_bytes(), zone);
        }
        Self::parse_written(text.as_bytes(), zone).map(|(timestamp, _)| timestamp)
    }

    /// Reads a record's time like [`Timestamp::parse`]. Returns `None` for the placeholders that languages and databases write for "no time",
    /// for any time before 1990, and for the databases' 9999-12-31.
    ///
    /// # Errors
    /// A description of the unreadable text, to end a reason with.
    pub(crate) fn read(text: &str, zone: Zone) -> Result<Option<Self>, &'static str> {
        match Self::parse(text, zone) {
            Some(time) => {
                let wall_clock_ms = time.epoch_ms + i64::from(time.zone.0) * 60_000;
                Ok((EARLIEST_MS..LATEST_MS).contains(&wall_clock_ms).then_some(time))
            }
            None if is_placeholder(text.trim()) => Ok(None),
            None if text.contains("Date(") => Err("; it looks like .NET's /Date()/"),
            None if text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.contains(':') => {
                Err("; it looks like a date in words, as Java's Date.toString or an HTTP header writes it")
            }
            None => Err(""),
        }
    }

    fn of_number(whole: &[u8], part: &[u8], zone: Zone) -> Option<Self> {
        let ms = |digits: &[u8]| digits.iter().chain(b"000").take(3).try_fold(0, |ms, digit| Some(ms * 10 + number(&[*digit])?));
        match whole.len() {
            10 => Some(Self::new(number(whole)? * 1000 + ms(part)?, zone)),
            13 | 16 | 19 => Some(Self::new(number(&whole[..13])?, zone)),
            14 => {
                let date = [number(&whole[..4])?, number(&whole[4..6])?, number(&whole[6..8])?];
                let clock = [number(&whole[8..10])?, number(&whole[10..12])?, number(&whole[12..])?];
                Self::from_wall(date, clock, ms(part)?, zone, zone)
            }
            _ => None,
        }
    }

    /// Reads ISO 8601 with an offset, as a user gives it.
    ///
    /// # Errors
    /// `invalid-argument` naming `field` if it is not a date or has no zone.
    pub fn parse_with_offset(field: &str, text: &str, zone: Zone) -> Result<Self, Error> {
        let mend = "write it with an offset, like \"2020-03-02T17:48:15+08:00\", or pass a Date";
        match Self::parse_written(text.trim().as_bytes(), zone) {
            Some((timestamp, true)) => Ok(timestamp),
            Some((_, false)) => Err(Error::invalid(ErrorReason::MissingTimeZone, field, "has no time zone", mend)),
            None if is_bare_date(text.trim().as_bytes()) => {
                Err(Error::invalid(ErrorReason::MissingTimeZone, field, "has neither a time nor a time zone", mend))
            }
            None => Err(Error::invalid(ErrorReason::NotADate, field, "is not a date and time", mend)),
        }
    }

    /// The second part is true if the text had its own offset.
    fn parse_written(bytes: &[u8], zone: Zone) -> Option<(Self, bool)> {
        let mut rest = bytes;
        let year = take_number(&mut rest, 4, 4)?;
        let is_chinese = rest.starts_with("年".as_bytes());
        let date = if rest.first()?.is_ascii_digit() {
            [year, take_number(&mut rest, 2, 2)?, take_number(&mut rest, 2, 2)?]
        } else {
            let marks = ["-", "/", ".", "年"];
            let mark = marks.into_iter().find(|mark| take(&mut rest, mark))?;
            let month = take_number(&mut rest, 1, 2)?;
            if !take(&mut rest, if mark == "年" { "月" } else { mark }) {
                return None;
            }
            let day = take_number(&mut rest, 1, 2)?;
            if mark == "年" && !take(&mut rest, "日") {
                return None;
            }
            [year, month, day]
        };
        let before = rest.len();
        if !(take(&mut rest, "T") || take(&mut rest, "t")) {
            rest = rest.trim_ascii_start();
        }
        if rest.len() == before && !is_chinese {
            return None;
        }
        let mut half = take_half(&mut rest);
        rest = rest.trim_ascii_start();
        let is_basic = rest.get(..6).is_some_and(|digits| digits.iter().all(u8::is_ascii_digit));
        let mut clock = [0; 3];
        for (place, part) in clock.iter_mut().enumerate() {
            if place > 0 && !is_basic && !take(&mut rest, ":") {
                return None;
            }
            *part = take_number(&mut rest, if is_basic { 2 } else { 1 }, 2)?;
        }
        let (ms, after) = fraction(rest)?;
        rest = after.trim_ascii();
        if half.is_none() {
            half = take_half(&mut rest);
        }
        if let Some(is_afternoon) = half {
            if !(1..=12).contains(&clock[0]) {
                return None;
            }
            clock[0] = clock[0] % 12 + if is_afternoon { 12 } else { 0 };
        }
        let own = if rest.is_empty() { None } else { Some(read_zone_suffix(rest)?) };
        Some((Self::from_wall(date, clock, ms, own.unwrap_or(zone), zone)?, own.is_some()))
    }

    fn from_wall([year, month, day]: [i64; 3], [hour, minute, second]: [i64; 3], ms: i64, read_in: Zone, shown_in: Zone) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
            return None;
        }
        let is_end_of_day = hour == 24 && minute == 0 && second == 0 && ms == 0;
        if hour > 23 && !is_end_of_day || minute > 59 || second > 59 {
            return None;
        }
        let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
        Some(Self::new(seconds * 1000 + ms - i64::from(read_in.0) * 60_000, shown_in))
    }

    /// `yyyy-MM-dd HH:mm:ss` on the wall clock of its zone; part seconds are cut off.
    #[must_use]
    pub fn wall_clock(self) -> String {
        let iso = Iso::of(self);
        [&iso.text()[..10], " ", &iso.text()[11..19]].concat()
    }

    /// `yyyyMMddHHmmss` on the wall clock of its zone.
    #[must_use]
    pub fn compact(self) -> String {
        Iso::of(self).text()[..19].chars().filter(char::is_ascii_digit).collect()
    }

    /// `2016-05-20T23:59:59Z`.
    #[must_use]
    pub fn utc(self) -> String {
        [&Iso::of(Self { zone: Zone::UTC, ..self }).text()[..19], "Z"].concat()
    }
}

/// Writes ISO 8601 with offset into a fixed buffer: a record has about twelve times, and the formatting traits are larger and slower.
struct Iso {
    characters: [u8; LONGEST_ISO],
    length: usize,
}

const LONGEST_ISO: usize = "2020-03-02T17:48:15.123+08:00".len();
/// The length up to the seconds.
const ISO_SECONDS: usize = "2020-03-02T17:48:15".len();

impl Iso {
    fn of(timestamp: Timestamp) -> Self {
        let local = timestamp.epoch_ms + i64::from(timestamp.zone.0) * 60_000;
        let (days, ms) = (local.div_euclid(DAY_MS), local.rem_euclid(DAY_MS));
        // From here on in 32 bits: wasm divides those several times faster.
        let [year, month, day] = civil_from_days(days);
        let ms = u32::try_from(ms).unwrap_or(0);
        let seconds = ms / 1000;
        let [c0, c1] = two_digits(year / 100);
        let [y0, y1] = two_digits(year % 100);
        let [m0, m1] = two_digits(month);
        let [d0, d1] = two_digits(day);
        let [h0, h1] = two_digits(seconds / 3600);
        let [n0, n1] = two_digits(seconds / 60 % 60);
        let [s0, s1] = two_digits(seconds % 60);
        let distance = u32::from(timestamp.zone.0.unsigned_abs());
        let sign = if timestamp.zone.0 < 0 { b'-' } else { b'+' };
        let ([z0, z1], [o0, o1]) = (two_digits(distance / 60), two_digits(distance % 60));
        let part = ms % 1000;
        let ([p0, p1], p2) = (two_digits(part / 10), b'0' + (part % 10) as u8);
        #[rustfmt::skip]
        let mut iso = Self {
            characters: [
                c0, c1, y0, y1, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1, b'.', p0, p1, p2, sign, z0, z1, b':', o0, o1,
            ],
            length: LONGEST_ISO,
        };
        if part == 0 {
            let zone = ISO_SECONDS + ".123".len();
            iso.characters.copy_within(zone.., ISO_SECONDS);
            iso.length = ISO_SECONDS + (LONGEST_ISO - zone);
        }
        iso
    }

    fn text(&self) -> &str {
        // All characters are ASCII.
        self.characters.get(..self.length).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default()
    }
}

fn two_digits(number: u32) -> [u8; 2] {
    [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8]
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Iso::of(*self).text())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Iso::of(*self).text())
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}

/// 1990-01-01 00:00:00 as if in UTC. No platform is that old: earlier times are placeholders for "no time".
const EARLIEST_MS: i64 = 631_152_000_000;

/// 9000-01-01 00:00:00 as if in UTC: databases write 9999-12-31 for an unknown end.
const LATEST_MS: i64 = 221_845_392_000_000;

/// Splits a non-negative decimal number into the digits before and after its point; `None` if the text is not one.
fn decimal(text: &str) -> Option<(String, String)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i8>().ok()?),
        None => (text, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut digits = [whole, part].concat();
    let point = usize::try_from(i64::try_from(whole.len()).ok()? + i64::from(exponent)).ok()?;
    while digits.len() < point {
        digits.push('0');
    }
    let part = digits.split_off(point);
    Some((digits, part))
}

/// Tells if a text is a placeholder for "no time": zeros, a number with a broken sign, a minimum value, or a date before 1990.
fn is_placeholder(text: &str) -> bool {
    if text.bytes().all(|byte| matches!(byte, b'0' | b'-' | b':' | b' ' | b'T' | b'/' | b'.' | b'Z' | b'+')) {
        return true;
    }
    if let Some((whole, _)) = decimal(text.strip_prefix('-').unwrap_or(text)) {
        // Not a Unix time by its length. A negative one is before 1970, but with its sign turned it may be a call's.
        return whole.len() <= 8 || text.starts_with('-') && !matches!(whole.len(), 10 | 13);
    }
    // Java's Date.toString ends with the year.
    if text.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return text.rsplit(' ').next().filter(|year| year.len() == 4).and_then(|year| number(year.as_bytes())).is_some_and(is_before_1990);
    }
    let mut groups = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty());
    let (Some(first), Some(second), Some(third)) = (groups.next(), groups.next(), groups.next()) else { return false };
    let [Some(a), Some(b), Some(c)] = [first, second, third].map(|group| number(group.as_bytes()).filter(|_| group.len() <= 4)) else {
        return false;
    };
    match (first.len(), third.len()) {
        (4, _) => is_before_1990(a) && b <= 12 && c <= if b == 0 { 31 } else { days_in_month(a, b) },
        (1..=2, 4) => is_before_1990(c) && a <= 31 && b <= 31,
        _ => false,
    }
}

fn is_before_1990(year: i64) -> bool {
    year < 1990
}

/// Splits `yyyy-MM-dd HH:mm:ss`, as nearly every time is written, into date and clock.
fn split_usual(text: &[u8]) -> Option<([i64; 3], [i64; 3])> {
    let &[c0, c1, y0, y1, b'-', m0, m1, b'-', d0, d1, b' ', h0, h1, b':', n0, n1, b':', s0, s1] = text else { return None };
    let date = [two(c0, c1)? * 100 + two(y0, y1)?, two(m0, m1)?, two(d0, d1)?];
    Some((date, [two(h0, h1)?, two(n0, n1)?, two(s0, s1)?]))
}

/// Takes a number of at least and at most that many digits.
fn take_number(rest: &mut &[u8], least: usize, most: usize) -> Option<i64> {
    let length = rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, after) = rest.split_at_checked(length).filter(|_| length >= least)?;
    *rest = after;
    number(digits)
}

fn take(rest: &mut &[u8], mark: &str) -> bool {
    let after = rest.strip_prefix(mark.as_bytes());
    *rest = after.unwrap_or(rest);
    after.is_some()
}

/// Takes `AM` or `PM`; true for `PM`.
fn take_half(rest: &mut &[u8]) -> Option<bool> {
    let halves = [("上午", false), ("下午", true), ("AM", false), ("PM", true), ("am", false), ("pm", true)];
    halves.into_iter().find(|(mark, _)| take(rest, mark)).map(|(_, is_afternoon)| is_afternoon)
}

/// Reads an offset after a written time: `+0800`, `Z`, `UTC`, `GMT+8`, `+0800 CST` (Go), `+08:00[Asia/Shanghai]` (Java).
fn read_zone_suffix(text: &[u8]) -> Option<Zone> {
    let text = str::from_utf8(text).ok()?;
    let text = text.split_once('[').map_or(text, |(offset, _)| offset).trim();
    let bare = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT")).unwrap_or(text);
    if bare.is_empty() {
        return Some(Zone::UTC);
    }
    let offset = match bare.split_once(' ') {
        Some((offset, name)) if name.bytes().all(|byte| byte.is_ascii_alphabetic()) => offset,
        _ => bare,
    };
    if let (true, Some(hours)) = (bare.len() < text.len(), offset.strip_prefix(['+', '-']).filter(|hours| hours.len() == 1)) {
        return parse_zone(format!("{}0{hours}", &offset[..1]).as_bytes());
    }
    parse_zone(offset.as_bytes())
}

/// Reads `.123456` as milliseconds; returns the rest of the text too.
fn fraction(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let Some((b'.' | b',', rest)) = bytes.split_first() else { return Some((0, bytes)) };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 || length > 9 {
        return None;
    }
    let (digits, rest) = rest.split_at(length);
    let ms = digits.iter().chain(b"000").take(3).fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some((ms, rest))
}

fn is_bare_date(bytes: &[u8]) -> bool {
    bytes.len() == 10 && bytes.iter().enumerate().all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() })
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1 March of the year 0, where the functions below begin to count, to 1970-01-01.
const DAYS_BEFORE_1970: i64 = 719_468;

/// Counts days from 1970-01-01 in the proleptic Gregorian calendar. Years begin in March here, so that a leap day is the last day of one.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - DAYS_BEFORE_1970
}

/// Converts days to year, month and day, in 32 bits.
fn civil_from_days(days: i64) -> [u32; 3] {
    // Counted from four hundred years earlier, so that nothing is negative.
    let days = u32::try_from(days + DAYS_BEFORE_1970 + 146_097).unwrap_or(0);
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    [(era * 400 + year_of_era + u32::from(month <= 2)).saturating_sub(400), month, day]
}
