//! From a platform's fields to those of a call record, and the rule by which outcomes are judged.

use serde::Serialize;

use super::{Platform, PushContext};
use crate::model::{Availability, CallRecord, Cause, Direction, Leg, Outcome, RecordingState, Side, Status, code, phone};
use crate::payload::Element;

/// A field of a call record that a platform's field fills as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// `callId`.
    CallId,
    /// `reference`.
    Reference,
    /// `seat`.
    Seat,
    /// `caller.number`.
    CallerNumber,
    /// `callee.number`.
    CalleeNumber,
    /// `displayNumber`.
    DisplayNumber,
    /// `startedAt`.
    StartedAt,
    /// `endedAt`.
    EndedAt,
    /// `caller.startedAt`.
    CallerStartedAt,
    /// `caller.ringingAt`.
    CallerRingingAt,
    /// `caller.answeredAt`.
    CallerAnsweredAt,
    /// `callee.startedAt`.
    CalleeStartedAt,
    /// `callee.ringingAt`.
    CalleeRingingAt,
    /// `callee.answeredAt`.
    CalleeAnsweredAt,
    /// `durationSeconds`.
    Duration,
    /// `billedSeconds`.
    BilledSeconds,
    /// `billedMinutes`.
    BilledMinutes,
}

impl Place {
    /// Returns the path in the record, for example `caller.number`.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::CallId => "callId",
            Self::Reference => "reference",
            Self::Seat => "seat",
            Self::CallerNumber => "caller.number",
            Self::CalleeNumber => "callee.number",
            Self::DisplayNumber => "displayNumber",
            Self::StartedAt => "startedAt",
            Self::EndedAt => "endedAt",
            Self::CallerStartedAt => "caller.startedAt",
            Self::CallerRingingAt => "caller.ringingAt",
            Self::CallerAnsweredAt => "caller.answeredAt",
            Self::CalleeStartedAt => "callee.startedAt",
            Self::CalleeRingingAt => "callee.ringingAt",
            Self::CalleeAnsweredAt => "callee.answeredAt",
            Self::Duration => "durationSeconds",
            Self::BilledSeconds => "billedSeconds",
            Self::BilledMinutes => "billedMinutes",
        }
    }
}

/// The field in which this family of platforms names an event, and the word for a call record.
const EVENT: (&str, &str) = ("eventType", "fee");
/// The field that holds an event's own object.
const STATUS_INFO: &str = "statusInfo";

/// Returns the event that an element reports, where it is not a call record.
pub(super) fn other_event(platform: &Platform, element: &Element<'_>) -> Option<String> {
    for (field, of_record) in platform.event.into_iter().chain([EVENT]) {
        if let Some(event) = element.word(field).filter(|event| !event.eq_ignore_ascii_case(of_record)) {
            return Some(event);
        }
    }
    element.has(STATUS_INFO).then(|| STATUS_INFO.to_owned())
}

/// Reads one record. A field that cannot be read is left out and named in `problems`.
pub(super) fn read_record(platform: &Platform, element: &Element<'_>, context: &PushContext<'_>) -> CallRecord {
    let mut record = CallRecord::begin(platform.name, context.account, element.raw());
    for &(name, place) in platform.record_fields {
        place.fill(&mut record, element, name, context);
    }
    (platform.complete_record)(&mut record, element, context);
    record.problems = element.problems();
    record.finish(element.members());
    record
}

/// Returns whether an answer time of that place is there and cannot be read. Then it does not mean that nobody picked up.
fn is_unreadable(platform: &Platform, element: &Element<'_>, wanted: Place) -> bool {
    platform.record_fields.iter().any(|(name, place)| *place == wanted && element.is_unreadable(name))
}

/// Judges how a call ended, by the code (`told`) and by the record's own times. This is the rule of all platforms that report when each
/// party picked up:
///
/// - both picked up (`connectedAt` is known): answered, whatever the code says; the code gives the cause;
/// - the code says a normal end, or there is none, and exactly one picked up: unanswered, for an unknown cause, because of the other;
///   where none did, nothing is decided by that;
/// - any other code: what it says. The leg is the one that was called and did not pick up, else the code's where the times do not
///   contradict it.
pub(super) fn judge_outcome(platform: &Platform, told: Outcome, record: &CallRecord, element: &Element<'_>) -> Outcome {
    let Outcome { code, message, .. } = &told;
    let with = |status, cause, leg| Outcome { status, cause, leg, code: code.clone(), message: message.clone() };
    if record.connected_at.is_some() {
        let cause = if code.is_none() { Cause::HungUp } else { told.cause };
        return with(Status::Answered, cause, None);
    }
    let caller_hidden = is_unreadable(platform, element, Place::CallerAnsweredAt);
    let callee_hidden = is_unreadable(platform, element, Place::CalleeAnsweredAt);
    let caller = PickUp::of(&record.caller, caller_hidden);
    let callee = PickUp::of(&record.callee, callee_hidden);
    if told.status == Status::Answered || code.is_none() {
        return match (caller, callee) {
            (PickUp::Yes, PickUp::No) => with(Status::Unanswered, Cause::Unknown, Some(Side::Callee)),
            (PickUp::No, PickUp::Yes) => with(Status::Unanswered, Cause::Unknown, Some(Side::Caller)),
            // An unreadable answer time does not contradict the code.
            (PickUp::Yes | PickUp::Hidden, PickUp::Yes | PickUp::Hidden) if code.is_some() => told,
            _ => with(Status::Unknown, Cause::Unknown, None),
        };
    }
    if told.status == Status::Unknown {
        return told;
    }
    let did_not_pick_up = |leg: &Leg, pick_up: PickUp| pick_up == PickUp::No && (leg.started_at.is_some() || leg.ringing_at.is_some());
    let leg = match (did_not_pick_up(&record.caller, caller), did_not_pick_up(&record.callee, callee)) {
        (true, false) => Some(Side::Caller),
        (false, true) => Some(Side::Callee),
        _ => told.leg.filter(|side| {
            let answer = if *side == Side::Caller { caller } else { callee };
            // The party that gave up may have picked up before.
            answer == PickUp::No || matches!(told.cause, Cause::Cancelled | Cause::Abandoned)
        }),
    };
    Outcome { leg, ..told }
}

/// A record's evidence that a party picked up.
#[derive(Clone, Copy, PartialEq)]
enum PickUp {
    Yes,
    No,
    /// There is a time, but it cannot be read.
    Hidden,
}

impl PickUp {
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

/// Returns the number in E.164 where that is certain, else the platform's text.
pub(crate) fn display_number(number: String) -> String {
    phone::e164(&number).unwrap_or(number)
}

/// Reads a recording's flag and address: 0 means none, even with an address; an address without a flag means that there is one.
pub(crate) fn read_recording(element: &Element<'_>, flag: &'static str, url: &'static str) -> RecordingState {
    let is_recorded = element.word(flag).and_then(|flag| code::read_truth(&flag));
    match (is_recorded, element.address(url)) {
        (Some(false), _) => RecordingState::state(Availability::None),
        (_, Some(url)) => RecordingState::at(url),
        _ => RecordingState::default(),
    }
}

/// Reads `direction`: 0 is outbound (去电), as seatcall's document says; 1 is inbound, known from siblings.
pub(crate) fn read_direction(element: &Element<'_>) -> Direction {
    match element.code("direction") {
        Some(word) if code::is_same(&word, "0") => Direction::Outbound,
        Some(word) if code::is_same(&word, "1") => Direction::Inbound,
        _ => Direction::Unknown,
    }
}
