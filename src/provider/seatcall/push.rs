//! The records of 获取话单以及录音接口, which a push carries as well [known].

use super::{PLATFORM, recording_deleted_at};
use crate::model::{CallRecord, Cause, Outcome, Status};
use crate::payload::Element;
use crate::provider::{Place, PushContext, mapping};

/// callOut is the caller's leg and fwd the callee's [known].
pub(super) const FIELDS: &[(&str, Place)] = &[
    ("sessionId", Place::CallId),
    ("setingNbr", Place::Seat),
    ("callerNum", Place::CallerNumber),
    ("calleeNum", Place::CalleeNumber),
    ("callOutAnswerTime", Place::CallerAnsweredAt),
    ("fwdAnswerTime", Place::CalleeAnsweredAt),
    ("callEndTime", Place::EndedAt),
    ("duration", Place::Duration),
    ("callmin", Place::BilledMinutes),
];

pub(super) fn complete(record: &mut CallRecord, element: &Element<'_>, _: &PushContext<'_>) {
    record.direction = mapping::read_direction(element);
    record.connected_at = record.callee.answered_at;
    record.outcome = judge(record, element);
    record.recording = mapping::read_recording(element, "recordFlag", "recordFileDownloadUrl");
    if record.recording.url.is_some() {
        record.recording.expires_at = record.ended_at.map(recording_deleted_at);
    }
}

/// The record has no reason: how far the call came tells, or how long it was.
fn judge(record: &CallRecord, element: &Element<'_>) -> Outcome {
    let counts = [record.duration_seconds, record.billed_minutes];
    if counts.into_iter().flatten().any(|count| count > 0) {
        return Outcome { status: Status::Answered, cause: Cause::HungUp, ..Outcome::default() };
    }
    let judged = PLATFORM.judge_outcome(Outcome::default(), record, element);
    if judged.status == Status::Unknown && counts.contains(&Some(0)) {
        return Outcome { status: Status::Unanswered, ..judged };
    }
    judged
}
