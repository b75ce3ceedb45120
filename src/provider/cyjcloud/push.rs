//! The record push, which the document does not describe: known from public integrations of a sibling.

use std::borrow::Cow;

use super::PLATFORM;
use crate::model::{CallRecord, Cause, Outcome, Side, Status, Timestamp};
use crate::payload::{Element, Unreadable};
use crate::provider::{Mapping, Place, PushContext, mapping};

/// Without callerNum, calleeNum is the party of the first leg (callOut) and fwdDstNum that of the second (fwd).
pub(super) const FIELDS: &Mapping = &[
    ("sessionId", Place::CallId),
    ("calleeNum", Place::CallerNumber),
    ("fwdDstNum", Place::CalleeNumber),
    ("bindNum", Place::DisplayNumber),
    ("callOutStartTime", Place::CallerStartedAt),
    ("callOutAlertingTime", Place::CallerRingingAt),
    ("callOutAnswerTime", Place::CallerAnsweredAt),
    ("fwdStartTime", Place::CalleeStartedAt),
    ("fwdAlertingTime", Place::CalleeRingingAt),
    ("fwdAnswerTime", Place::CalleeAnsweredAt),
    ("callEndTime", Place::EndedAt),
    ("billsec", Place::BilledSeconds),
];

/// `{"Flag":1,"Data":[…]}`; a bare record is taken as well.
pub(super) fn unwrap<'a>(element: &Element<'a>) -> Result<Option<Cow<'a, str>>, Unreadable> {
    if let Some(flag) = element.try_text("Flag")?
        && flag != "1"
    {
        return Err(Unreadable::field("Flag", "Flag is not 1"));
    }
    let is_wrapped = |list: &str| list.starts_with(['[', '{']);
    if let Some(list) = element.json("Data").filter(|list| is_wrapped(list)) {
        return Ok(Some(Cow::Borrowed(list)));
    }
    // In a form, the list is the JSON text of a field.
    match element.try_text("Data")? {
        Some(list) if is_wrapped(&list) => Ok(Some(Cow::Owned(list))),
        Some(_) => Err(Unreadable::field("Data", "Data is neither an array nor an object")),
        None if PLATFORM.signs.iter().any(|name| element.has(name)) => Ok(None),
        None => Err(Unreadable::field("Data", "Data is missing")),
    }
}

pub(super) fn complete(record: &mut CallRecord, element: &Element<'_>, _: &PushContext<'_>) {
    if let Some(caller) = element.text("callerNum") {
        let callee = record.callee.raw_number.take().or(record.caller.raw_number.take());
        record.caller.set_number(Some(caller));
        record.callee.set_number(callee);
    }
    record.direction = mapping::direction(element);
    record.started_at = Timestamp::earliest(record.caller.started_at, record.callee.started_at);
    record.connected_at = record.callee.answered_at;
    record.duration_seconds = record.billed_seconds;
    record.outcome = outcome(record, element.text("ulFailReason"), element.text("fwdUnaswRsn"));
    record.recording = mapping::recording(element, "recordFlag", "recordFileDownloadUrl");
}

fn outcome(record: &CallRecord, reason: Option<String>, forward_reason: Option<String>) -> Outcome {
    let is_failure = |code: &String| code != "0";
    let failure = reason.clone().filter(is_failure).or_else(|| forward_reason.filter(is_failure));
    if failure.is_some() {
        return PLATFORM.outcome(failure);
    }
    if record.connected_at.is_some() {
        let told = PLATFORM.outcome(reason);
        return Outcome { status: Status::Answered, cause: Cause::HungUp, ..told };
    }
    if record.caller.answered_at.is_some() && reason.is_none() {
        return Outcome { status: Status::Unanswered, cause: Cause::NoAnswer, leg: Some(Side::Callee), ..Outcome::default() };
    }
    Outcome { code: reason, ..Outcome::default() }
}
