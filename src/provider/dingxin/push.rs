//! 3 推送通话记录

use super::{PLATFORM, REFERENCE_PARAMETER};
use crate::http;
use crate::model::{Direction, RecordingState};
use crate::payload::{Element, Unreadable};
use crate::provider::{Mapping, Place, PushContext, Pushed};

/// 已拨打: the call is still on its way.
const DIALED: &str = "0";

const FIELDS: &Mapping = &[
    ("subid", Place::CallId),
    ("telA", Place::CallerNumber),
    ("telB", Place::CalleeNumber),
    ("telX", Place::DisplayNumber),
    ("startTime", Place::StartedAt),
    ("endTime", Place::EndedAt),
    ("duration", Place::Duration),
];

pub(super) fn record(element: &Element<'_>, context: &PushContext<'_>) -> Result<Pushed, Unreadable> {
    let mut record = PLATFORM.begin(FIELDS, &["subid", "telA", "telB"], element, context)?;
    record.reference = http::last_value(context.query, REFERENCE_PARAMETER).filter(|reference| !reference.is_empty());
    record.direction = Direction::Outbound;
    record.billed_seconds = record.duration_seconds;
    let status = element.text("status")?;
    record.r#final = status.as_deref() != Some(DIALED);
    record.outcome = PLATFORM.outcome(status);
    record.outcome.message = element.text("unaswRsn")?.or(record.outcome.message);
    record.recording = element.text("downloadUrl")?.map(RecordingState::at).unwrap_or_default();
    Ok(Pushed::Record(Box::new(record.finish(&element.digest()))))
}
