//! 3 通话记录推送

use super::PLATFORM;
use crate::model::{CallRecord, Direction, Timestamp};
use crate::payload::Element;
use crate::provider::{Place, PushContext, mapping};

pub(super) const FIELDS: &[(&str, Place)] = &[
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

pub(super) fn complete(record: &mut CallRecord, element: &Element<'_>, _: &PushContext<'_>) {
    record.direction = Direction::Outbound;
    record.started_at = Timestamp::earliest(record.caller.started_at, record.callee.started_at);
    // Either leg may come first: in the document's own example the callee answered 8 s before the caller.
    record.connected_at = Timestamp::later_of_both(record.caller.answered_at, record.callee.answered_at);
    record.outcome = PLATFORM.judge_outcome(PLATFORM.outcome(element.code("ulFailReason")), record, element);
    record.recording = mapping::read_recording(element, "isRecord", "recordUrl");
}
