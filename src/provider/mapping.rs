//! From a platform's names to a record's places: the part of a dialect that is data.

use super::{Platform, PushContext, Pushed};
use crate::model::{Availability, CallRecord, Direction, RecordingState, phone};
use crate::payload::{Element, Unreadable};

/// A place of a record that a platform's field fills as it is.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    CallId,
    Reference,
    Seat,
    CallerNumber,
    CalleeNumber,
    DisplayNumber,
    StartedAt,
    EndedAt,
    CallerStartedAt,
    CallerRingingAt,
    CallerAnsweredAt,
    CalleeStartedAt,
    CalleeRingingAt,
    CalleeAnsweredAt,
    Duration,
    BilledSeconds,
    BilledMinutes,
}

/// A platform's names, each with the place that it fills.
pub(crate) type Mapping = [(&'static str, Place)];

impl Platform {
    /// Reads one element of a push. One that has none of the platform's `signs` is no record.
    ///
    /// # Errors
    /// The first field that cannot be read.
    pub fn record(&self, element: &Element<'_>, context: &PushContext<'_>) -> Result<Pushed, Unreadable> {
        if let Some((field, of_record)) = self.event
            && let Some(event) = element.try_text(field)?
            && !event.eq_ignore_ascii_case(of_record)
        {
            return Ok(Pushed::Ignored { event });
        }
        let signs = self.signs;
        if !signs.iter().any(|name| element.has(name)) {
            return Err(Unreadable::field(signs[0], format!("this is no call record: none of {} is there", signs.join(", "))));
        }
        let mut record = Box::new(CallRecord::begin(self.name, context.account, element.raw()));
        for &(name, place) in self.fields {
            place.fill(&mut record, element, name, context);
        }
        (self.complete)(&mut record, element, context);
        if let Some(fault) = element.fault() {
            return Err(fault.clone());
        }
        record.finish(element.members());
        Ok(Pushed::Record(record))
    }
}

impl Place {
    fn fill(self, record: &mut CallRecord, element: &Element<'_>, name: &'static str, context: &PushContext<'_>) {
        let text = match self {
            Self::CallId => &mut record.call_id,
            Self::Reference => &mut record.reference,
            Self::Seat => &mut record.seat,
            Self::DisplayNumber => {
                record.display_number = element.text(name).map(|number| phone::e164(&number).unwrap_or(number));
                return;
            }
            Self::CallerNumber => {
                record.caller.set_number(element.text(name));
                return;
            }
            Self::CalleeNumber => {
                record.callee.set_number(element.text(name));
                return;
            }
            Self::Duration | Self::BilledSeconds | Self::BilledMinutes => {
                let count = element.count(name);
                *match self {
                    Self::Duration => &mut record.duration_seconds,
                    Self::BilledSeconds => &mut record.billed_seconds,
                    _ => &mut record.billed_minutes,
                } = count;
                return;
            }
            _ => {
                let time = element.time(name, context.zone);
                *match self {
                    Self::StartedAt => &mut record.started_at,
                    Self::CallerStartedAt => &mut record.caller.started_at,
                    Self::CallerRingingAt => &mut record.caller.ringing_at,
                    Self::CallerAnsweredAt => &mut record.caller.answered_at,
                    Self::CalleeStartedAt => &mut record.callee.started_at,
                    Self::CalleeRingingAt => &mut record.callee.ringing_at,
                    Self::CalleeAnsweredAt => &mut record.callee.answered_at,
                    _ => &mut record.ended_at,
                } = time;
                return;
            }
        };
        *text = element.text(name);
    }
}

/// A recording by its flag and its address: 0 means none, whatever address is there.
pub(crate) fn recording(element: &Element<'_>, flag: &'static str, url: &'static str) -> RecordingState {
    match (element.text(flag).as_deref(), element.text(url)) {
        (Some("0" | "false"), _) => RecordingState::state(Availability::None),
        (Some(_), Some(url)) => RecordingState::at(url),
        _ => RecordingState::default(),
    }
}

/// 0 is outbound (去电), 1 inbound, as seatcall and cyjcloud have it.
pub(crate) fn direction(element: &Element<'_>) -> Direction {
    match element.text("direction").as_deref() {
        Some("0") => Direction::Outbound,
        Some("1") => Direction::Inbound,
        _ => Direction::Unknown,
    }
}
