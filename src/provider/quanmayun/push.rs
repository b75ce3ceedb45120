//! 3.2 状态通知

use super::{PLATFORM, expiry};
use crate::model::{Availability, CallRecord, Direction, Outcome, RecordingState};
use crate::payload::Element;
use crate::provider::{Mapping, Place, PushContext};

/// The only status that the document knows.
const DISCONNECTED: &str = "Disconnected";

pub(super) const FIELDS: &Mapping = &[
    ("callidentifier", Place::CallId),
    ("outCallId", Place::Reference),
    // The document's startTime is when the caller picked up, not when the call began.
    ("startTime", Place::CallerAnsweredAt),
    ("answerTime", Place::CalleeAnsweredAt),
    ("endTime", Place::EndedAt),
    ("callDuration", Place::Duration),
];

pub(super) fn complete(record: &mut CallRecord, element: &Element<'_>, _: &PushContext<'_>) {
    record.direction = Direction::Outbound;
    record.connected_at = record.callee.answered_at;
    let status = element.text("status");
    record.r#final = status.is_none_or(|status| status.eq_ignore_ascii_case(DISCONNECTED));
    let told = PLATFORM.outcome(element.text("reason"));
    record.outcome = if record.r#final { told } else { Outcome { code: told.code, ..Outcome::default() } };
    let word = element.text("recordingResult").unwrap_or_default();
    if word.eq_ignore_ascii_case("success") {
        record.recording = RecordingState { expires_at: record.ended_at.map(expiry), ..RecordingState::state(Availability::Available) };
    } else if word.eq_ignore_ascii_case("fail") {
        record.recording = RecordingState::state(Availability::Failed);
    }
}
