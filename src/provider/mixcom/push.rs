//! 3 通话记录推送

use super::PLATFORM;
use crate::model::{Availability, CallRecord, Direction, Leg, Outcome, RecordingState, Status, Timestamp};
use crate::payload::{Element, Unreadable};
use crate::provider::{PushContext, Pushed};

/// The event of a call record.
const FEE: &str = "fee";

pub(super) fn record(element: &Element<'_>, context: &PushContext<'_>) -> Result<Pushed, Unreadable> {
    match element.text("event")? {
        Some(event) if !event.eq_ignore_ascii_case(FEE) => return Ok(Pushed::Ignored { event }),
        None if !element.has("callIdentifier") => {
            return Err(Unreadable::field("event", "neither event nor callIdentifier is there: this is no call record"));
        }
        _ => {}
    }
    let time = |name| element.time(name, context.zone);
    let mut record = CallRecord::begin(PLATFORM.name, context.account, element.raw());
    record.call_id = element.text("callIdentifier")?;
    record.reference = element.text("uuid")?;
    record.direction = Direction::Outbound;
    record.caller = Leg {
        started_at: time("callerStartTime")?,
        ringing_at: time("callerAlertingTime")?,
        answered_at: time("callerAnswerTime")?,
        ..Leg::of(element.text("caller")?)
    };
    record.callee = Leg {
        started_at: time("calleeStartTime")?,
        ringing_at: time("calleeAlertingTime")?,
        answered_at: time("calleeAnswerTime")?,
        ..Leg::of(element.text("callee")?)
    };
    record.display_number = element.text("bindNum")?.map(|number| crate::model::phone::e164(&number).unwrap_or(number));
    record.started_at = Timestamp::earliest(record.caller.started_at, record.callee.started_at);
    // Either leg may come first: in the document's own example the callee answered 8 s before the caller.
    record.connected_at = match (record.caller.answered_at, record.callee.answered_at) {
        (Some(caller), Some(callee)) => Some(if caller.epoch_ms() >= callee.epoch_ms() { caller } else { callee }),
        _ => None,
    };
    record.ended_at = time("callEndTime")?;
    record.duration_seconds = element.count("Duration")?;
    record.outcome = outcome(element.text("ulFailReason")?, record.connected_at);
    record.recording = match (element.text("isRecord")?.as_deref(), element.text("recordUrl")?) {
        (Some("0" | "false"), _) => RecordingState::state(Availability::None),
        (Some(_), Some(url)) => RecordingState::at(url),
        _ => RecordingState::default(),
    };
    Ok(Pushed::Record(Box::new(record.finish(&element.digest()))))
}

/// 0 tells of a conversation only where both parties picked up.
fn outcome(code: Option<String>, connected_at: Option<Timestamp>) -> Outcome {
    let Some(code) = code else { return Outcome::default() };
    match PLATFORM.reason(&code) {
        Some(reason) if reason.status == Status::Answered && connected_at.is_none() => {
            Outcome { code: Some(code), message: Some(reason.message.to_owned()), ..Outcome::default() }
        }
        Some(reason) => reason.outcome(code),
        None => Outcome { code: Some(code), ..Outcome::default() },
    }
}
