//! From a platform's names to a record's places: the part of a dialect that is data, and the one rule by which outcomes are judged.

use super::{Platform, PushContext};
use crate::model::{Availability, CallRecord, Cause, Direction, Leg, Outcome, RecordingState, Side, Status, code, phone};
use crate::payload::Element;

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

/// The field in which all of these platforms' family names an event, and the word for a call record.
const EVENT: (&str, &str) = ("eventType", "fee");
/// The field that holds an event's own object.
const STATUS_INFO: &str = "statusInfo";

impl Platform {
    /// The name of the event that an element reports, where it is no call record.
    pub(crate) fn other_event(&self, element: &Element<'_>) -> Option<String> {
        for (field, of_record) in self.event.into_iter().chain([EVENT]) {
            if let Some(event) = element.word(field).filter(|event| !event.eq_ignore_ascii_case(of_record)) {
                return Some(event);
            }
        }
        element.has(STATUS_INFO).then(|| STATUS_INFO.to_owned())
    }

    /// Whether an element has a mark of this platform's records: at least one of the fields in `signs`.
    pub(crate) fn is_record(&self, element: &Element<'_>) -> bool {
        self.signs.iter().any(|name| element.has(name))
    }

    /// Whether an element has a call id.
    pub(crate) fn has_call_id(&self, element: &Element<'_>) -> bool {
        self.fields.iter().any(|(name, place)| matches!(place, Place::CallId) && element.has(name))
    }

    /// Reads one record. A field that cannot be read is left out and named in `problems`.
    pub(crate) fn record(&self, element: &Element<'_>, context: &PushContext<'_>) -> CallRecord {
        let mut record = CallRecord::begin(self.name, context.account, element.raw());
        for &(name, place) in self.fields {
            place.fill(&mut record, element, name, context);
        }
        (self.complete)(&mut record, element, context);
        record.problems = element.problems();
        record.finish(element.members());
        record
    }

    /// Whether an answer time of that place is there and cannot be read: it must not be taken for no answer.
    fn is_unreadable(&self, element: &Element<'_>, wanted: fn(Place) -> bool) -> bool {
        self.fields.iter().any(|(name, place)| wanted(*place) && element.is_unreadable(name))
    }

    /// How a call ended, by the code (`told`) and by the record's own times. The one rule of all platforms that report when each party
    /// picked up:
    ///
    /// - both picked up (`connectedAt` is known): answered, whatever the code says; the code gives the cause;
    /// - the code says a normal end, or there is none, and exactly one picked up: unanswered, for an unknown cause, because of the other;
    ///   where none did, that decides nothing;
    /// - any other code: what it says. The leg is the one that was called and did not pick up, else the code's where the times do not
    ///   contradict it.
    pub(crate) fn judged(&self, told: Outcome, record: &CallRecord, element: &Element<'_>) -> Outcome {
        let Outcome { code, message, .. } = &told;
        let with = |status, cause, leg| Outcome { status, cause, leg, code: code.clone(), message: message.clone() };
        if record.connected_at.is_some() {
            let cause = if code.is_none() { Cause::HungUp } else { told.cause };
            return with(Status::Answered, cause, None);
        }
        let caller_hidden = self.is_unreadable(element, |place| matches!(place, Place::CallerAnsweredAt));
        let callee_hidden = self.is_unreadable(element, |place| matches!(place, Place::CalleeAnsweredAt));
        let caller = Answer::of(&record.caller, caller_hidden);
        let callee = Answer::of(&record.callee, callee_hidden);
        if told.status == Status::Answered || code.is_none() {
            return match (caller, callee) {
                (Answer::Yes, Answer::No) => with(Status::Unanswered, Cause::Unknown, Some(Side::Callee)),
                (Answer::No, Answer::Yes) => with(Status::Unanswered, Cause::Unknown, Some(Side::Caller)),
                // Nothing contradicts the code where an answer time is there that nobody can read.
                (Answer::Yes | Answer::Hidden, Answer::Yes | Answer::Hidden) if code.is_some() => told,
                _ => with(Status::Unknown, Cause::Unknown, None),
            };
        }
        if told.status == Status::Unknown {
            return told;
        }
        let did_not_pick_up = |leg: &Leg, answer: Answer| answer == Answer::No && (leg.started_at.is_some() || leg.ringing_at.is_some());
        let leg = match (did_not_pick_up(&record.caller, caller), did_not_pick_up(&record.callee, callee)) {
            (true, false) => Some(Side::Caller),
            (false, true) => Some(Side::Callee),
            _ => told.leg.filter(|side| {
                let answer = if *side == Side::Caller { caller } else { callee };
                // Who gave up may have picked up before.
                answer == Answer::No || matches!(told.cause, Cause::Cancelled | Cause::Abandoned)
            }),
        };
        Outcome { leg, ..told }
    }
}

/// Whether a party picked up.
#[derive(Clone, Copy, PartialEq)]
enum Answer {
    Yes,
    No,
    /// There is a time, which nobody can read.
    Hidden,
}

impl Answer {
    fn of(leg: &Leg, is_hidden: bool) -> Self {
        match leg.answered_at {
            Some(_) => Self::Yes,
            None if is_hidden => Self::Hidden,
            None => Self::No,
        }
    }
}

impl Place {
    fn fill(self, record: &mut CallRecord, element: &Element<'_>, name: &'static str, context: &PushContext<'_>) {
        match self {
            Self::CallId => record.call_id = element.word(name),
            Self::Reference => record.reference = element.reference(name),
            Self::Seat => record.seat = element.word(name),
            Self::CallerNumber => record.caller.set_number(element.address(name)),
            Self::CalleeNumber => record.callee.set_number(element.address(name)),
            Self::DisplayNumber => record.display_number = element.address(name).map(display_number),
            Self::Duration => record.duration_seconds = element.seconds(name),
            Self::BilledSeconds => record.billed_seconds = element.seconds(name),
            Self::BilledMinutes => record.billed_minutes = element.minutes(name),
            Self::StartedAt => record.started_at = element.time(name, context.zone),
            Self::EndedAt => record.ended_at = element.time(name, context.zone),
            Self::CallerStartedAt => record.caller.started_at = element.time(name, context.zone),
            Self::CallerRingingAt => record.caller.ringing_at = element.time(name, context.zone),
            Self::CallerAnsweredAt => record.caller.answered_at = element.time(name, context.zone),
            Self::CalleeStartedAt => record.callee.started_at = element.time(name, context.zone),
            Self::CalleeRingingAt => record.callee.ringing_at = element.time(name, context.zone),
            Self::CalleeAnsweredAt => record.callee.answered_at = element.time(name, context.zone),
        }
    }
}

/// E.164 where certain, else the platform's text.
pub(crate) fn display_number(number: String) -> String {
    phone::e164(&number).unwrap_or(number)
}

/// A recording by its flag and its address: 0 means none, whatever address is there; an address without a flag is one.
pub(crate) fn recording(element: &Element<'_>, flag: &'static str, url: &'static str) -> RecordingState {
    let is_recorded = element.word(flag).and_then(|flag| code::truth(&flag));
    match (is_recorded, element.address(url)) {
        (Some(false), _) => RecordingState::state(Availability::None),
        (_, Some(url)) => RecordingState::at(url),
        _ => RecordingState::default(),
    }
}

/// 0 is outbound (去电), as seatcall's document has it; 1 is inbound, known from siblings.
pub(crate) fn direction(element: &Element<'_>) -> Direction {
    match element.code("direction") {
        Some(word) if code::same(&word, "0") => Direction::Outbound,
        Some(word) if code::same(&word, "1") => Direction::Inbound,
        _ => Direction::Unknown,
    }
}
