//! 3 通话记录推送

use super::PLATFORM;
use crate::model::{Direction, Outcome, Status, Timestamp};
use crate::payload::{Element, Unreadable};
use crate::provider::{Mapping, Place, PushContext, Pushed, mapping};

/// The event of a call record.
const FEE: &str = "fee";

const FIELDS: &Mapping = &[
    ("callIdentifier", Place::CallId),
    ("uuid", Place::Reference),
    ("caller", Place::CallerNumber),
    ("callee", Place::CalleeNumber),
    ("bindNum", Place::DisplayNumber),
    ("callerStartTime", Place::CallerStartedAt),
    ("callerAlertingTime", Place::CallerRingingAt),
    ("callerAnswerTime", Place::CallerAnsweredAt),
    ("calleeStartTime", Place::CalleeStartedAt),
    ("calleeAlertingTime", Place::CalleeRingingAt),
    ("calleeAnswerTime", Place::CalleeAnsweredAt),
    ("callEndTime", Place::EndedAt),
    ("Duration", Place::Duration),
];

pub(super) fn record(element: &Element<'_>, context: &PushContext<'_>) -> Result<Pushed, Unreadable> {
    if let Some(event) = element.text("event")?
        && !event.eq_ignore_ascii_case(FEE)
    {
        return Ok(Pushed::Ignored { event });
    }
    let mut record = PLATFORM.begin(FIELDS, &["event", "callIdentifier"], element, context)?;
    record.direction = Direction::Outbound;
    record.started_at = Timestamp::earliest(record.caller.started_at, record.callee.started_at);
    // Either leg may come first: in the document's own example the callee answered 8 s before the caller.
    record.connected_at = Timestamp::later_of_both(record.caller.answered_at, record.callee.answered_at);
    record.outcome = outcome(element.text("ulFailReason")?, record.connected_at);
    record.recording = mapping::recording(element, "isRecord", "recordUrl")?;
    Ok(Pushed::Record(Box::new(record.finish(&element.digest()))))
}

/// 0 tells of a conversation only where both parties picked up.
fn outcome(code: Option<String>, connected_at: Option<Timestamp>) -> Outcome {
    let told = PLATFORM.outcome(code);
    if told.status == Status::Answered && connected_at.is_none() {
        return Outcome { code: told.code, message: told.message, ..Outcome::default() };
    }
    told
}
