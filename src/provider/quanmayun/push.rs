//! 3.2 状态通知

use super::{PLATFORM, expiry};
use crate::model::{Availability, CallRecord, Direction, Leg, Outcome, RecordingState};
use crate::payload::{Element, Unreadable};
use crate::provider::{PushContext, Pushed};

/// The only status that the document knows.
const DISCONNECTED: &str = "Disconnected";

pub(super) fn record(element: &Element<'_>, context: &PushContext<'_>) -> Result<Pushed, Unreadable> {
    if !["callidentifier", "status", "reason", "outCallId"].into_iter().any(|name| element.has(name)) {
        return Err(Unreadable::field("callidentifier", "none of a status notice's fields is there: this is no call record"));
    }
    let time = |name| element.time(name, context.zone);
    let mut record = CallRecord::begin(PLATFORM.name, context.account, element.raw());
    record.call_id = element.text("callidentifier")?;
    record.reference = element.text("outCallId")?;
    record.direction = Direction::Outbound;
    // The document's startTime is when the caller picked up, not when the call began.
    record.caller = Leg { answered_at: time("startTime")?, ..Leg::default() };
    record.callee = Leg { answered_at: time("answerTime")?, ..Leg::default() };
    record.connected_at = record.callee.answered_at;
    record.ended_at = time("endTime")?;
    record.duration_seconds = element.count("callDuration")?;
    let status = element.text("status")?;
    record.r#final = status.as_deref().is_none_or(|status| status.eq_ignore_ascii_case(DISCONNECTED));
    record.outcome = match element.text("reason")? {
        Some(code) => match PLATFORM.reason(&code) {
            Some(reason) if record.r#final => reason.outcome(code),
            _ => Outcome { code: Some(code), ..Outcome::default() },
        },
        None => Outcome::default(),
    };
    record.recording = match element.text("recordingResult")?.as_deref() {
        Some(word) if word.eq_ignore_ascii_case("success") => {
            RecordingState { expires_at: record.ended_at.map(expiry), ..RecordingState::state(Availability::Available) }
        }
        Some(word) if word.eq_ignore_ascii_case("fail") => RecordingState::state(Availability::Failed),
        _ => RecordingState::default(),
    };
    Ok(Pushed::Record(Box::new(record.finish(&element.digest()))))
}
