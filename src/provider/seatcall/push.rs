//! The records of 获取话单以及录音接口, which a push carries as well.

use super::{PLATFORM, expiry};
use crate::model::{Availability, CallRecord, Cause, Direction, Leg, Outcome, RecordingState, Side, Status};
use crate::payload::{Element, Unreadable};
use crate::provider::{PushContext, Pushed};

pub(super) fn record(element: &Element<'_>, context: &PushContext<'_>) -> Result<Pushed, Unreadable> {
    if !["sessionId", "callerNum", "calleeNum"].into_iter().any(|name| element.has(name)) {
        return Err(Unreadable::field("sessionId", "neither sessionId nor callerNum nor calleeNum is there: this is no call record"));
    }
    let time = |name| element.time(name, context.zone);
    let mut record = CallRecord::begin(PLATFORM.name, context.account, element.raw());
    record.call_id = element.text("sessionId")?;
    record.seat = element.text("setingNbr")?;
    record.direction = match element.text("direction")?.as_deref() {
        Some("0") => Direction::Outbound,
        Some("1") => Direction::Inbound,
        _ => Direction::Unknown,
    };
    record.caller = Leg { answered_at: time("callOutAnswerTime")?, ..Leg::of(element.text("callerNum")?) };
    record.callee = Leg { answered_at: time("fwdAnswerTime")?, ..Leg::of(element.text("calleeNum")?) };
    record.connected_at = record.callee.answered_at;
    record.ended_at = time("callEndTime")?;
    record.duration_seconds = element.count("duration")?;
    record.billed_minutes = element.count("callmin")?;
    record.outcome = outcome(&record);
    record.recording = match (element.text("recordFlag")?.as_deref(), element.text("recordFileDownloadUrl")?) {
        (Some("0" | "false"), _) => RecordingState::state(Availability::None),
        (Some(_), Some(url)) => RecordingState { expires_at: record.ended_at.map(expiry), ..RecordingState::at(url) },
        _ => RecordingState::default(),
    };
    Ok(Pushed::Record(Box::new(record.finish(&element.digest()))))
}

/// The record has no reason: how far the call came tells.
fn outcome(record: &CallRecord) -> Outcome {
    let talked = record.duration_seconds.is_some_and(|seconds| seconds > 0) || record.billed_minutes.is_some_and(|minutes| minutes > 0);
    let (status, cause, leg) = if record.connected_at.is_some() || talked {
        (Status::Answered, Cause::HungUp, None)
    } else if record.caller.answered_at.is_some() {
        (Status::Unanswered, Cause::NoAnswer, Some(Side::Callee))
    } else {
        (Status::Unknown, Cause::Unknown, None)
    };
    Outcome { status, leg, cause, code: None, message: None }
}
