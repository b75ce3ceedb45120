//! 4: the push of a call that has ended.

use super::PLATFORM;
use crate::model::{CallRecord, Direction};
use crate::payload::Element;
use crate::provider::{Place, PushContext};

pub(super) const FIELDS: &[(&str, Place)] = &[
    ("callId", Place::CallId),
    ("from", Place::CallerNumber),
    ("to", Place::CalleeNumber),
    ("startedAt", Place::StartedAt),
    ("fromAnsweredAt", Place::CallerAnsweredAt),
    ("toAnsweredAt", Place::CalleeAnsweredAt),
    ("endedAt", Place::EndedAt),
    ("seconds", Place::Duration),
];

pub(super) fn complete(record: &mut CallRecord, element: &Element<'_>, _: &PushContext<'_>) {
    record.direction = Direction::Outbound;
    // The caller is rung first: both are on the line when the callee picks up.
    record.connected_at = record.caller.answered_at.and(record.callee.answered_at);
    record.outcome = PLATFORM.judge_outcome(PLATFORM.outcome(element.code("endCode")), record, element);
}
