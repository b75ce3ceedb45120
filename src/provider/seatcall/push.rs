//! The records of 获取话单以及录音接口, which a push carries as well.

use super::expiry;
use crate::model::{CallRecord, Cause, Outcome, Side, Status};
use crate::payload::Element;
use crate::provider::{Mapping, Place, PushContext, mapping};

pub(super) const FIELDS: &Mapping = &[
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
    record.direction = mapping::direction(element);
    record.connected_at = record.callee.answered_at;
    record.outcome = outcome(record);
    record.recording = mapping::recording(element, "recordFlag", "recordFileDownloadUrl");
    if record.recording.url.is_some() {
        record.recording.expires_at = record.ended_at.map(expiry);
    }
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
