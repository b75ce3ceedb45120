//! 3.2 状态通知

use super::{PLATFORM, recording_deleted_at};
use crate::model::{Availability, CallRecord, Direction, Outcome, RecordingState, Status};
use crate::payload::Element;
use crate::provider::{Place, PushContext};

/// The only status that the document knows.
const DISCONNECTED: &str = "Disconnected";

pub(super) const FIELDS: &[(&str, Place)] = &[
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
    let status = element.word("status");
    record.r#final = status.is_none_or(|status| status.eq_ignore_ascii_case(DISCONNECTED));
    record.outcome = judge(record, element);
    let word = element.word("recordingResult").unwrap_or_default();
    if word.eq_ignore_ascii_case("success") {
        record.recording = RecordingState { expires_at: record.ended_at.map(recording_deleted_at), ..RecordingState::state(Availability::Available) };
    } else if word.eq_ignore_ascii_case("fail") {
        record.recording = RecordingState::state(Availability::Failed);
    }
}

fn judge(record: &CallRecord, element: &Element<'_>) -> Outcome {
    let told = PLATFORM.outcome(element.code("reason"));
    if !record.r#final {
        return Outcome { code: told.code, ..Outcome::default() };
    }
    if (told.status == Status::Answered || told.code.is_none()) && record.connected_at.is_none() {
        // An unreadable answer time does not contradict HangUp.
        if told.code.is_some() && element.is_unreadable("answerTime") {
            return told;
        }
        // HangUp includes a call that endCall ended before the answer: no time says so, but a duration of 0 does.
        let is_unanswered = told.status == Status::Answered && record.duration_seconds == Some(0);
        let status = if is_unanswered { Status::Unanswered } else { Status::Unknown };
        return Outcome { status, code: told.code, message: told.message, ..Outcome::default() };
    }
    PLATFORM.judge_outcome(told, record, element)
}
