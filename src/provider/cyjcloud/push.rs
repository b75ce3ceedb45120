//! The record push, which the document does not describe [known].

use super::PLATFORM;
use super::reasons::{FAMILY, Q850};
use crate::model::{CallRecord, Outcome, Status, Timestamp, code};
use crate::payload::{Element, Unreadable};
use crate::provider::codes::outcome_in;
use crate::provider::{Place, PushContext, mapping, mixcom};

/// callOut is the first leg (the caller's) and fwd the second (the callee's) [known].
pub(super) const FIELDS: &[(&str, Place)] = &[
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

/// Says why an element is no report of records, where its Flag or its Data says so.
pub(super) fn refuse(element: &Element<'_>) -> Option<Unreadable> {
    if element.code("Flag").is_some_and(|flag| !code::is_same(&flag, "1")) {
        return Some(Unreadable::field("Flag", "Flag is not 1"));
    }
    if !element.has("Flag") || PLATFORM.is_record(element) || element.is_nested_form() || !element.wrapped().is_empty() {
        return None;
    }
    match element.try_text("Data") {
        Ok(None) if element.held("Data").is_none() => Some(Unreadable::field("Data", "Data is missing")),
        Ok(Some(_)) if element.held("Data").is_none() => Some(Unreadable::field("Data", "Data is neither an array nor an object")),
        _ => None,
    }
}

pub(super) fn complete(record: &mut CallRecord, element: &Element<'_>, _: &PushContext<'_>) {
    number_the_parties(record, element);
    record.direction = mapping::read_direction(element);
    record.started_at = Timestamp::earliest(record.caller.started_at, record.callee.started_at);
    record.connected_at = record.callee.answered_at;
    record.duration_seconds = record.billed_seconds;
    record.outcome = PLATFORM.judge_outcome(read_codes(record, element), record, element);
    record.recording = mapping::read_recording(element, "recordFlag", "recordFileDownloadUrl");
}

/// In the two-way form the platform calls both: calleeNum first, then fwdDstNum, and callerNum is the number that is shown. It has times of
/// the first leg. Without these, callerNum is the party that called the virtual number. Without fwdDstNum there are two numbers only, which
/// are the parties' [chosen].
fn number_the_parties(record: &mut CallRecord, element: &Element<'_>) {
    let Some(number) = element.address("callerNum") else { return };
    let caller = &record.caller;
    let has_first_leg = [caller.started_at, caller.ringing_at, caller.answered_at].iter().any(Option::is_some)
        || ["callOutStartTime", "callOutAlertingTime", "callOutAnswerTime"].iter().any(|name| element.is_unreadable(name));
    if has_first_leg && record.callee.raw_number.is_some() {
        let shown = mapping::display_number(number.clone());
        let is_of_a_party = [&record.caller, &record.callee]
            .iter()
            .any(|leg| leg.number.as_ref() == Some(&shown) || leg.raw_number.as_ref() == Some(&number));
        if !is_of_a_party {
            record.display_number = Some(shown);
        }
        return;
    }
    let callee = record.callee.raw_number.take().or(record.caller.raw_number.take());
    record.caller.set_number(Some(number));
    record.callee.set_number(callee);
}

/// Reads the codes. `fwdUnaswRsn` is a Q.850 cause of the second leg: it tells only where the callee did not answer, and never against
/// `ulFailReason`.
fn read_codes(record: &CallRecord, element: &Element<'_>) -> Outcome {
    let reason = element.code("ulFailReason");
    let forwarded = element.code("fwdUnaswRsn").filter(|cause| !code::is_same(cause, "0"));
    let is_failure = reason.as_ref().is_some_and(|reason| !code::is_same(reason, "0"));
    if is_failure || record.connected_at.is_some() || forwarded.is_none() {
        return outcome_in(&[&mixcom::REASONS, &FAMILY], reason);
    }
    let told = outcome_in(&[&Q850], forwarded);
    if matches!(told.status, Status::Answered | Status::Unknown) && reason.is_some() {
        return outcome_in(&[&mixcom::REASONS], reason);
    }
    told
}
