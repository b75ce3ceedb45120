//! The conditions of a route: area codes and the time of day.

use super::{DAY_MS, MINUTE_MS};
use crate::model::phone::area_code;
use crate::model::{Error, ErrorReason, Options, Zone};

/// The calls that a route is for: all conditions that are given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// Area codes of the callee, with their 0: `021`. Empty: any. Mobile numbers have none.
    pub area_codes: Vec<String>,
    /// The time of day.
    pub hours: Option<Hours>,
}

/// A part of each day. It may go beyond midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// The start, in minutes after midnight.
    pub from: u16,
    /// The end (exclusive), in minutes after midnight.
    pub to: u16,
    /// The zone of both.
    pub zone: Zone,
}

impl When {
    pub(super) fn holds(&self, callee: &str, now_ms: i64) -> bool {
        let is_area = || area_code(callee).is_some_and(|area| self.area_codes.contains(&area));
        (self.area_codes.is_empty() || is_area()) && self.hours.is_none_or(|hours| hours.contain(now_ms))
    }

    pub(super) fn read(mut given: Options) -> Result<Self, Error> {
        given.check_names("condition of a route", &["areaCodes", "from", "to", "timeZone"])?;
        let area_codes = given.take_texts("areaCodes", "pass the callee's area codes with their 0, like [\"021\"]")?;
        if area_codes.iter().any(|code| area_code(&format!("{code}28000123")).as_ref() != Some(code)) {
            let hint = "pass them with their 0, like [\"021\", \"0755\"]";
            return Err(Error::invalid(ErrorReason::WrongFormat, "areaCodes", "has a text that is not an area code", hint));
        }
        let zone = given.take_text("timeZone", "pass \"+08:00\"")?;
        let zone = zone.map_or(Ok(Zone::BEIJING), |zone| Zone::parse("timeZone", &zone))?;
        let hours = match (take_minute(&mut given, "from")?, take_minute(&mut given, "to")?) {
            (None, None) => None,
            (Some(from), Some(to)) if from == to => {
                return Err(Error::invalid(
                    ErrorReason::ReversedRange,
                    "to",
                    "is the same time as from",
                    "leave both out for the whole day",
                ));
            }
            (Some(from), Some(to)) => Some(Hours { from, to, zone }),
            (from, _) => {
                let name = if from.is_some() { "to" } else { "from" };
                return Err(Error::invalid(ErrorReason::Missing, name, "is missing", "pass from and to, or neither"));
            }
        };
        Ok(Self { area_codes, hours })
    }
}

impl Hours {
    fn contain(self, now_ms: i64) -> bool {
        let minute = self.zone.local_ms(now_ms).rem_euclid(DAY_MS) / MINUTE_MS;
        let (from, to) = (i64::from(self.from), i64::from(self.to));
        if from < to { (from..to).contains(&minute) } else { minute >= from || minute < to }
    }
}

/// Takes a time of day, in minutes after midnight.
fn take_minute(given: &mut Options, name: &str) -> Result<Option<u16>, Error> {
    let hint = "write it like \"09:00\"";
    let Some(text) = given.take_text(name, hint)? else { return Ok(None) };
    let minute = match *text.as_bytes() {
        [h0, h1, b':', m0, m1] if [h0, h1, m0, m1].iter().all(u8::is_ascii_digit) => {
            let number = |tens: u8, ones: u8| u16::from(tens - b'0') * 10 + u16::from(ones - b'0');
            Some((number(h0, h1), number(m0, m1))).filter(|(_, minute)| *minute < 60).map(|(hour, minute)| hour * 60 + minute)
        }
        _ => None,
    };
    let is_within = |minute: &u16| *minute < 24 * 60 || *minute == 24 * 60 && name == "to";
    minute.filter(is_within).map(Some).ok_or_else(|| Error::invalid(ErrorReason::WrongFormat, name, "is not a time of day", hint))
}
