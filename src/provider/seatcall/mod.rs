//! seatcall 坐席双呼. The document names no vendor; its parts are named here by their headings.

mod description;
mod push;

pub use description::SeatcallDial;
pub(super) use description::{DOCUMENTATION, PLATFORM};

use description::{BASE64_OF_SECRET, NO_AUTHORIZATION};

use super::{Account, ResponseFields, ResponseError, Credentials, Moment, Platform, Provider, accept_call, evidence};
use crate::digest::base64;
use crate::http::{Request, json_object};
use crate::model::{
    Delivery, Error, ErrorCode, ErrorReason, Operation, OperationResult, OwnFields, PhoneNumber, Raw, RecordPage, RecordRange, RecordingOf,
    Timestamp, code,
};
use crate::payload::{self, Element};
use crate::receive::{self, ParsedPush, PushOptions};
use crate::signature::{MASK, Part, SignatureTrace};

/// 话单, 注 1: at most 100 in an answer; fewer are the end.
const PAGE: usize = 100;
/// 话单, 注 2: a recording is kept for 7 days, counted from the call's end.
const RECORDING_KEPT_MS: i64 = 7 * 86_400_000;

/// An account at seatcall.
#[derive(Clone, Debug)]
pub struct Seatcall {
    /// The options that every platform has.
    pub account: Account,
    credentials: Credentials,
}

impl Seatcall {
    /// An account at the address that the platform agreed with the customer.
    #[must_use]
    pub fn new(customer_id: impl Into<String>, app_secret: impl Into<String>, base_url: &str) -> Self {
        let credentials = Credentials::new(PLATFORM.credentials, [customer_id.into(), app_secret.into()]);
        Self { account: Account::at(&PLATFORM, base_url), credentials }
    }

    pub(super) fn open(account: Account, credentials: Credentials, _: &OwnFields) -> Self {
        Self { account, credentials }
    }

    fn write_range(&self, range: &RecordRange) -> Result<String, Error> {
        let from = Timestamp::parse_with_offset("from", &range.from, self.account.zone)?;
        let to = Timestamp::parse_with_offset("to", &range.to, self.account.zone)?;
        if from.epoch_ms() > to.epoch_ms() {
            return Err(Error::invalid(ErrorReason::ReversedRange, "from", "is after to", "give the earlier instant as from"));
        }
        let after = read_cursor(range)?;
        // Outwards to whole seconds, so that no record at the border is missed.
        let fields = [
            ("starTime", from.wall_clock()),
            ("endTime", to.plus_ms(999).wall_clock()),
            ("userData", self.credentials.reveal("customerId").to_owned()),
        ];
        let texts = json_object(fields.iter().map(|(name, value)| (*name, value.as_str())));
        // The cursor is an integer in the document and has up to 19 digits: its own digits go out, unquoted.
        Ok(format!("{{\"maxId\":{after},{}", &texts[1..]))
    }
}

/// The id after which the page starts, without leading zeros.
fn read_cursor(range: &RecordRange) -> Result<&str, Error> {
    let after = range.after.as_deref().unwrap_or("0").trim();
    if after.is_empty() || after.len() > 30 || !after.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::invalid(ErrorReason::WrongFormat, "after", "is not a cursor", "pass a page's cursor as it is"));
    }
    let digits = after.trim_start_matches('0');
    Ok(if digits.is_empty() { "0" } else { digits })
}

/// Formats a number with `+86`, which the platform requires everywhere.
fn format_number(field: &str, text: &str) -> Result<String, Error> {
    PhoneNumber::parse(field, text).map(|number| number.with_country_code())
}

fn missing_address_error(of: &RecordingOf) -> Error {
    let hint = "pass a record whose recording is available: the address is only in the record";
    if of.call_id.is_some() && of.ended_at.is_some() {
        return Error::new(ErrorCode::NotFound, ErrorReason::NoRecording, Delivery::NotSent, "the record has no recording").with_hint(hint);
    }
    Error::invalid(ErrorReason::NeedsRecord, "call", "is not a CallRecord with a recording's address", hint)
}

impl Provider for Seatcall {
    fn platform(&self) -> &'static Platform {
        &PLATFORM
    }

    fn account(&self) -> &Account {
        &self.account
    }

    fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    fn build_request(&self, operation: &Operation, _: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
        let customer = || ("userData", self.credentials.reveal("customerId").to_owned());
        let json = |fields: &[(&str, String)]| json_object(fields.iter().map(|(name, value)| (*name, value.as_str())));
        let (path, body) = match operation {
            Operation::Dial(dial) => {
                let mut fields = vec![
                    ("callerNbr", format_number("caller", &dial.caller)?),
                    ("calleeNbr", format_number("callee", &dial.callee)?),
                    customer(),
                    ("setingNbr", SeatcallDial::read(&dial.own)?.seat),
                ];
                fields.extend(dial.extra.iter().map(|(name, value)| (name.as_str(), value.clone())));
                ("/rest/voiceCall/api", json(&fields))
            }
            Operation::BindSeat(bind) => (
                "/management/add/setingphone",
                json(&[customer(), ("setingNbr", bind.seat.clone()), ("userPhone", format_number("phone", &bind.phone)?)]),
            ),
            Operation::Records(range) => ("/call/record/voice", self.write_range(range)?),
            Operation::Balance(_) => ("/management/customer/isallow", json(&[customer()])),
            // The address is in the record only, and was taken from there where it is.
            Operation::Recording(of) => return Err(missing_address_error(of)),
            other @ (Operation::HangUp(_) | Operation::Download(_)) => return Err(PLATFORM.unsupported(other.kind())),
        };
        let request = Request::post_json_as(format!("{}{path}", self.account.base_url), &body, "application/json");
        if matches!(operation, Operation::Dial(_)) {
            trace.step(NO_AUTHORIZATION.en, MASK);
            return Ok(request);
        }
        trace.step(BASE64_OF_SECRET.en, MASK);
        trace.place(Part::Header, "Authorization", MASK);
        Ok(request.with_header("authorization", base64(self.credentials.reveal("appSecret"))))
    }

    fn read_response(&self, operation: &Operation, answer: &ResponseFields<'_, '_>) -> Result<OperationResult, ResponseError> {
        let meta = answer.json("meta").ok_or_else(|| ResponseError::Malformed("meta is missing".to_owned()))?;
        let meta = Element::read(meta).map_err(|_| ResponseError::Malformed("meta is not an object".to_owned()))?;
        match meta.try_text("success")?.as_deref().and_then(code::read_truth) {
            Some(true) => {}
            Some(false) => {
                let (message, id) = (ResponseFields::new(&meta).words("message"), answer.words("data").filter(|id| evidence::is_like_id(id)));
                return Err(match id.filter(|_| matches!(operation, Operation::Dial(_))) {
                    Some(id) => {
                        let why = "success false, but with a call id in data".to_owned();
                        ResponseError::Unclear {
                            reason: ErrorReason::ContradictingAnswer,
                            code: None,
                            message,
                            why,
                            is_half_done: true,
                            call_id: Some(id),
                        }
                    }
                    None => ResponseError::Refused { code: None, message },
                });
            }
            None => return Err(ResponseError::Malformed("meta.success is missing".to_owned())),
        }
        match operation {
            Operation::Dial(_) => {
                let id = answer.required("data")?;
                if !evidence::is_like_id(&id) {
                    return Err(ResponseError::Malformed("data is not a call id".to_owned()));
                }
                Ok(accept_call(self, operation, Some(id), None, answer))
            }
            Operation::Records(range) => self.read_page(range, answer),
            Operation::Balance(_) => {
                let remaining = answer.try_text("data")?.ok_or_else(|| ResponseError::Malformed("data is missing".to_owned()))?;
                if !is_decimal(&remaining) {
                    return Err(ResponseError::Malformed("data is not a number".to_owned()));
                }
                Ok(OperationResult::Balance { remaining: Raw::new(remaining), raw: answer.raw() })
            }
            _ => Ok(OperationResult::Done),
        }
    }

    fn recording_expiry(&self, ended_at: Timestamp) -> Option<Timestamp> {
        Some(recording_deleted_at(ended_at))
    }
}

impl Seatcall {
    /// 话单, 注 1.
    fn read_page(&self, range: &RecordRange, element: &Element<'_>) -> Result<OperationResult, ResponseError> {
        // A missing list is not an empty one: taken for the end, it would hide records.
        if !element.has("data") {
            return Err(ResponseError::Malformed("data is missing".to_owned()));
        }
        let list = match element.held("data") {
            Some(list) => list,
            None if element.json("data").is_none() => "[]".into(),
            None => return Err(ResponseError::Malformed("data is not an array".to_owned())),
        };
        let items = payload::items(&list).map_err(|_| ResponseError::Malformed("data is not an array".to_owned()))?;
        let after = read_cursor(range).map_err(|error| ResponseError::Malformed(error.to_string()))?;
        let options = PushOptions { account: self.account.name.clone(), zone: self.account.zone, ..PushOptions::default() };
        let ParsedPush { records, unreadable, .. } = receive::read_items(&PLATFORM, &items, &options);
        let id = |item: &&str| Element::read(item).ok()?.code("id");
        let last = items.iter().rev().find_map(id);
        let cursor = last.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or_else(|| after.to_owned());
        let end = items.len() < PAGE;
        if !end && !is_beyond(&cursor, after) {
            return Err(ResponseError::Malformed(format!(
                "a full page whose last id ({cursor}) is not beyond {after}: the next page would be this one again"
            )));
        }
        Ok(OperationResult::Page(RecordPage { records, cursor, end, unreadable }))
    }
}

/// Compares two decimal integers of any length.
fn is_beyond(cursor: &str, after: &str) -> bool {
    let cursor = cursor.trim_start_matches('0');
    let after = after.trim_start_matches('0');
    (cursor.len(), cursor) > (after.len(), after)
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, part].into_iter().all(|digits| !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        && (whole == "0" || !whole.starts_with('0'))
}

/// Returns when the recording of a call that ended then is deleted.
fn recording_deleted_at(end: Timestamp) -> Timestamp {
    end.plus_ms(RECORDING_KEPT_MS)
}
