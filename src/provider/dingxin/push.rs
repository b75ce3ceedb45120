//! 3 推送通话记录

use super::{PLATFORM, REFERENCE_PARAMETER};
use crate::http;
use crate::model::{CallRecord, Direction, Leg, Outcome, RecordingState, phone};
use crate::payload::{Element, Unreadable};
use crate::provider::{PushContext, Pushed};

/// 已拨打: the call is still on its way.
const DIALED: &str = "0";

pub(super) fn record(element: &Element<'_>, context: &PushContext<'_>) -> Result<Pushed, Unreadable> {
    if !["subid", "telA", "telB"].into_iter().any(|name| element.has(name)) {
        return Err(Unreadable::field("subid", "neither subid nor telA nor telB is there: this is no call record"));
    }
    let time = |name| element.time(name, context.zone);
    let mut record = CallRecord::begin(PLATFORM.name, context.account, element.raw());
    record.call_id = element.text("subid")?;
    record.reference =
        http::pairs(context.query).filter(|(name, value)| name == REFERENCE_PARAMETER && !value.is_empty()).last().map(|(_, value)| value);
    record.direction = Direction::Outbound;
    record.caller = Leg::of(element.text("telA")?);
    record.callee = Leg::of(element.text("telB")?);
    record.display_number = element.text("telX")?.map(|number| phone::e164(&number).unwrap_or(number));
    record.started_at = time("startTime")?;
    record.ended_at = time("endTime")?;
    record.duration_seconds = element.count("duration")?;
    record.billed_seconds = record.duration_seconds;
    let status = element.text("status")?;
    record.r#final = status.as_deref() != Some(DIALED);
    let words = element.text("unaswRsn")?;
    record.outcome = match status {
        Some(code) => {
            let known = PLATFORM.reason(&code).map(|reason| reason.outcome(code.clone()));
            known.unwrap_or(Outcome { code: Some(code), ..Outcome::default() })
        }
        None => Outcome::default(),
    };
    if words.is_some() {
        record.outcome.message = words;
    }
    record.recording = element.text("downloadUrl")?.map(RecordingState::at).unwrap_or_default();
    Ok(Pushed::Record(Box::new(record.finish(&element.digest()))))
}
