//! 3 推送通话记录

use super::{PLATFORM, REFERENCE_PARAMETER};
use crate::http;
use crate::model::{CallRecord, Direction, RecordingState};
use crate::payload::Element;
use crate::provider::{Mapping, Place, PushContext};

/// 已拨打: the call is still on its way.
const DIALED: &str = "0";

pub(super) const FIELDS: &Mapping = &[
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
    let status = element.text("status");
    record.r#final = status.as_deref() != Some(DIALED);
    record.outcome = PLATFORM.outcome(status);
    if let Some(words) = element.text("unaswRsn") {
        record.outcome.message = Some(words);
    }
    record.recording = element.text("downloadUrl").map(RecordingState::at).unwrap_or_default();
}
