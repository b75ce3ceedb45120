//! The record push, which the document does not describe: known from public integrations of a sibling.

use super::PLATFORM;
use crate::model::{Availability, CallRecord, Cause, Direction, Leg, Outcome, RecordingState, Side, Status, Timestamp, phone};
use crate::payload::{Element, Unreadable};
use crate::provider::{PushContext, Pushed};

/// `{"Flag":1,"Data":[…]}`; a bare record is taken as well.
pub(super) fn unwrap<'a>(element: &Element<'a>) -> Result<Option<&'a str>, Unreadable> {
    if let Some(flag) = element.text("Flag")?
        && flag != "1"
    {
        return Err(Unreadable::field("Flag", "Flag is not 1"));
    }
    match element.json("Data") {
        Some(list) if list.starts_with('[') || list.starts_with('{') => Ok(Some(list)),
        Some(_) => Err(Unreadable::field("Data", "Data is neither an array nor an object")),
        None if element.has("sessionId") => Ok(None),
        None => Err(Unreadable::field("Data", "Data is missing")),
    }
}

pub(super) fn record(element: &Element<'_>, context: &PushContext<'_>) -> Result<Pushed, Unreadable> {
    if !["sessionId", "calleeNum", "fwdDstNum"].into_iter().any(|name| element.has(name)) {
        return Err(Unreadable::field("sessionId", "neither sessionId nor calleeNum nor fwdDstNum is there: this is no call record"));
    }
    let time = |name| element.time(name, context.zone);
    let mut record = CallRecord::begin(PLATFORM.name, context.account, element.raw());
    record.call_id = element.text("sessionId")?;
    record.direction = match element.text("direction")?.as_deref() {
        Some("0") => Direction::Outbound,
        Some("1") => Direction::Inbound,
        _ => Direction::Unknown,
    };
    let (caller, callee, forwarded) = (element.text("callerNum")?, element.text("calleeNum")?, element.text("fwdDstNum")?);
    // Without callerNum, calleeNum is the party of the first leg and fwdDstNum that of the second.
    let (first, second) = if caller.is_some() { (caller, forwarded.or(callee)) } else { (callee, forwarded) };
    record.caller = Leg {
        started_at: time("callOutStartTime")?,
        ringing_at: time("callOutAlertingTime")?,
        answered_at: time("callOutAnswerTime")?,
        ..Leg::of(first)
    };
    record.callee = Leg {
        started_at: time("fwdStartTime")?,
        ringing_at: time("fwdAlertingTime")?,
        answered_at: time("fwdAnswerTime")?,
        ..Leg::of(second)
    };
    record.display_number = element.text("bindNum")?.map(|number| phone::e164(&number).unwrap_or(number));
    record.started_at = Timestamp::earliest(record.caller.started_at, record.callee.started_at);
    record.connected_at = record.callee.answered_at;
    record.ended_at = time("callEndTime")?;
    record.billed_seconds = element.count("billsec")?;
    record.duration_seconds = record.billed_seconds;
    record.outcome = outcome(&record, element.text("ulFailReason")?, element.text("fwdUnaswRsn")?);
    record.recording = match (element.text("recordFlag")?.as_deref(), element.text("recordFileDownloadUrl")?) {
        (Some("0" | "false"), _) => RecordingState::state(Availability::None),
        (Some(_), Some(url)) => RecordingState::at(url),
        _ => RecordingState::default(),
    };
    Ok(Pushed::Record(Box::new(record.finish(&element.digest()))))
}

fn outcome(record: &CallRecord, reason: Option<String>, forward_reason: Option<String>) -> Outcome {
    let is_failure = |code: &String| code != "0";
    let failure = reason.clone().filter(is_failure).or_else(|| forward_reason.filter(is_failure));
    if let Some(code) = failure {
        let known = PLATFORM.reason(&code).map(|reason| reason.outcome(code.clone()));
        return known.unwrap_or(Outcome { code: Some(code), ..Outcome::default() });
    }
    let (status, cause, leg) = if record.connected_at.is_some() {
        (Status::Answered, Cause::HungUp, None)
    } else if record.caller.answered_at.is_some() && reason.is_none() {
        (Status::Unanswered, Cause::NoAnswer, Some(Side::Callee))
    } else {
        (Status::Unknown, Cause::Unknown, None)
    };
    let message = reason
        .as_deref()
        .filter(|_| status == Status::Answered)
        .and_then(|code| PLATFORM.reason(code))
        .map(|reason| reason.message.to_owned());
    Outcome { status, leg, cause, code: reason, message }
}
