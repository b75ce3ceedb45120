//! Instants and their texts. No clock: whoever needs `now` is given it.

use std::fmt;

use serde::{Serialize, Serializer};

use super::error::Error;

const DAY_MS: i64 = 86_400_000;

/// A fixed distance from UTC, in minutes east. The platforms' documents speak Beijing time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(i16);

impl Zone {
    /// UTC+8, what a wall-clock text without a zone means unless the account says otherwise.
    pub const BEIJING: Self = Self(480);
    /// UTC.
    pub const UTC: Self = Self(0);

    /// Reads `+08:00`, `-0330`, `+08` or `Z`.
    ///
    /// # Errors
    /// `invalid-argument` naming `field` for anything else; a named zone is no fixed distance.
    pub fn parse(field: &str, text: &str) -> Result<Self, Error> {
        parse_zone(text.trim().as_bytes())
            .ok_or_else(|| Error::invalid(field, "is not a distance from UTC", "write it as \"+08:00\" or \"Z\""))
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

/// An instant with the zone it is shown in: ISO 8601 with offset, `2020-03-02T17:48:15+08:00`, milliseconds only where there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    epoch_ms: i64,
    zone: Zone,
}

impl Timestamp {
    /// The instant `epoch_ms` milliseconds after 1970 in UTC, shown in `zone`. Years 0 to 9999; what lies outside is moved to the border.
    #[must_use]
    pub fn new(epoch_ms: i64, zone: Zone) -> Self {
        Self { epoch_ms: epoch_ms.clamp(-62_167_132_800_000, 253_402_214_400_000), zone }
    }

    /// Milliseconds after 1970 in UTC.
    #[must_use]
    pub fn epoch_ms(self) -> i64 {
        self.epoch_ms
    }

    /// This instant moved by so many milliseconds.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self::new(self.epoch_ms.saturating_add(ms), self.zone)
    }

    /// The earlier of two instants that may be missing.
    #[must_use]
    pub fn earliest(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if a.epoch_ms <= b.epoch_ms { a } else { b }),
            (a, b) => a.or(b),
        }
    }

    /// The later of two instants, where both are there.
    #[must_use]
    pub fn later_of_both(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        let (a, b) = (a?, b?);
        Some(if a.epoch_ms >= b.epoch_ms { a } else { b })
    }

    /// Reads a platform's time: `yyyy-MM-dd HH:mm:ss` (or with `T`, `/`, a fraction, an offset), `yyyyMMddHHmmss`,
    /// or a Unix time of 10 (seconds) or 13 digits (milliseconds). Without an offset it is wall-clock time in `zone`.
    #[must_use]
    pub fn parse(text: &str, zone: Zone) -> Option<Self> {
        let bytes = text.trim().as_bytes();
        if bytes.iter().all(u8::is_ascii_digit) {
            return match bytes.len() {
                10 => Some(Self::new(number(bytes)? * 1000, zone)),
                13 => Some(Self::new(number(bytes)?, zone)),
                14 => {
                    let date = [number(&bytes[..4])?, number(&bytes[4..6])?, number(&bytes[6..8])?];
                    let clock = [number(&bytes[8..10])?, number(&bytes[10..12])?, number(&bytes[12..])?];
                    Self::from_wall(date, clock, 0, zone, zone)
                }
                _ => None,
            };
        }
        Self::parse_written(bytes, zone).map(|(timestamp, _)| timestamp)
    }

    /// Reads ISO 8601 with an offset, as a user gives it.
    ///
    /// # Errors
    /// `invalid-argument` naming `field` where it is no date or its zone is missing.
    pub fn parse_with_offset(field: &str, text: &str, zone: Zone) -> Result<Self, Error> {
        let mend = "write it with an offset, like \"2020-03-02T17:48:15+08:00\", or pass a Date";
        match Self::parse_written(text.trim().as_bytes(), zone) {
            Some((timestamp, true)) => Ok(timestamp),
            Some((_, false)) => Err(Error::invalid(field, "has no time zone", mend)),
            None if is_bare_date(text.trim().as_bytes()) => Err(Error::invalid(field, "has neither a time nor a time zone", mend)),
            None => Err(Error::invalid(field, "is not a date and time", mend)),
        }
    }

    /// The second part tells whether the text carried its own offset.
    fn parse_written(bytes: &[u8], zone: Zone) -> Option<(Self, bool)> {
        let [y1, y2, y3, y4, s1, m1, m2, s2, d1, d2, between, rest @ ..] = bytes else { return None };
        if s1 != s2 || !matches!(s1, b'-' | b'/') || !matches!(between, b' ' | b'T' | b't') {
            return None;
        }
        let date = [number(&[*y1, *y2, *y3, *y4])?, two(*m1, *m2)?, two(*d1, *d2)?];
        let [h1, h2, b':', n1, n2, b':', e1, e2, rest @ ..] = rest else { return None };
        let clock = [two(*h1, *h2)?, two(*n1, *n2)?, two(*e1, *e2)?];
        let (ms, rest) = fraction(rest)?;
        let own = if rest.is_empty() { None } else { Some(parse_zone(rest.trim_ascii_start())?) };
        Some((Self::from_wall(date, clock, ms, own.unwrap_or(zone), zone)?, own.is_some()))
    }

    fn from_wall([year, month, day]: [i64; 3], [hour, minute, second]: [i64; 3], ms: i64, read_in: Zone, shown_in: Zone) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 {
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

/// ISO 8601 with offset, in place: a record has a dozen of them, and formatting traits with widths and fills weigh more and are slower.
struct Iso {
    digits: [u8; LONGEST_ISO],
    length: usize,
}

const LONGEST_ISO: usize = "2020-03-02T17:48:15.123+08:00".len();

impl Iso {
    fn of(timestamp: Timestamp) -> Self {
        let local = timestamp.epoch_ms + i64::from(timestamp.zone.0) * 60_000;
        let (days, ms) = (local.div_euclid(DAY_MS), local.rem_euclid(DAY_MS));
        // From here on in 32 bits: wasm divides those several times faster.
        let [year, month, day] = civil_from_days(days);
        let ms = u32::try_from(ms).unwrap_or(0);
        let seconds = ms / 1000;
        let mut iso = Self { digits: [0; LONGEST_ISO], length: 0 };
        iso.put(year / 100).put(year % 100).mark(b'-').put(month).mark(b'-').put(day).mark(b'T');
        iso.put(seconds / 3600).mark(b':').put(seconds / 60 % 60).mark(b':').put(seconds % 60);
        let part = ms % 1000;
        if part != 0 {
            iso.mark(b'.').put(part / 10).mark(b'0' + (part % 10) as u8);
        }
        let distance = u32::from(timestamp.zone.0.unsigned_abs());
        iso.mark(if timestamp.zone.0 < 0 { b'-' } else { b'+' }).put(distance / 60).mark(b':').put(distance % 60);
        iso
    }

    /// Two digits.
    fn put(&mut self, number: u32) -> &mut Self {
        self.mark(b'0' + (number / 10 % 10) as u8).mark(b'0' + (number % 10) as u8)
    }

    fn mark(&mut self, byte: u8) -> &mut Self {
        if let Some(place) = self.digits.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
        self
    }

    fn text(&self) -> &str {
        // Digits and marks are ASCII.
        self.digits.get(..self.length).and_then(|digits| str::from_utf8(digits).ok()).unwrap_or_default()
    }
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

/// `.123456` as milliseconds, and what follows it.
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

/// From the first of March of the year 0, with which the counting below begins, to 1970-01-01.
const DAYS_BEFORE_1970: i64 = 719_468;

/// Days from 1970-01-01 in the proleptic Gregorian calendar, counted in years that begin in March, so that a leap day ends one.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - DAYS_BEFORE_1970
}

/// Year, month and day; in 32 bits.
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
