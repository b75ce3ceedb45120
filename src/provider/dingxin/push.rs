//! 3 推送通话记录

use super::{PLATFORM, REFERENCE_PARAMETER};
use crate::http;
use crate::model::{CallRecord, Cause, Direction, RecordingState, Status, code};
use crate::payload::Element;
use crate::provider::{Place, PushContext};

/// 已拨打
const DIALED: &str = "0";

pub(super) const FIELDS: &[(&str, Place)] = &[
    ("subid", Place::CallId),
    ("telA", Place::CallerNumber),
    ("telB", Place::CalleeNumber),
    ("telX", Place::DisplayNumber),
    ("startTime", Place::StartedAt),
    ("endTime", Place::EndedAt),
    ("duration", Place::Duration),
];

pub(super) fn complete(record: &mut CallRecord, element: &Element<'_>, context: &PushContext<'_>) {
    record.reference = http::last_value(context.query, REFERENCE_PARAMETER).filter(|reference| !reference.is_empty());
    record.direction = Direction::Outbound;
    record.billed_seconds = record.duration_seconds;
    let status = element.code("status");
    // An acknowledged record never comes again, so one with an end is the last word.
    record.r#final = record.ended_at.is_some() || status.as_deref().is_none_or(|status| !code::is_same(status, DIALED));
    record.outcome = PLATFORM.outcome(status);
    match element.word("unaswRsn") {
        Some(words) => record.outcome.message = Some(words),
        // 2 未接通 without 未接通原因.
        None if record.outcome.status == Status::Unanswered => record.outcome.cause = Cause::Unknown,
        None => {}
    }
    record.recording = element.address("downloadUrl").map(RecordingState::at).unwrap_or_default();
}
