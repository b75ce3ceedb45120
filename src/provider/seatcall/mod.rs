//! seatcall 坐席双呼. The document names no vendor; its parts are named here by their headings.

mod push;

use super::accepted;
use super::interpretation::by_http_sense;
use super::{
    Account, Advice, Complaint, Credential, Credentials, DialectOption, Limits, Mark, Moment, Platform, Provider, PushSource, RungFirst,
    evidence,
};
use crate::digest::base64;
use crate::http::{Reply, Request};
use crate::model::{
    Correlation, Error, ErrorCode, ErrorReason, Operation, OperationKind, OperationResult, PhoneNumber, Raw, RecordPage, RecordRange,
    RecordingOf, Timestamp, code,
};
use crate::payload::{self, Element};
use crate::provider::Delivery;
use crate::receive::{self, ParsedPush, PushOptions};
use crate::signature::{self, MASK, SignatureTrace};

/// 话单, 注 1: at most 100 an answer, fewer are the end.
const PAGE: usize = 100;
/// 话单, 注 2: a recording is kept for 7 days, counted from the call's end.
const RECORDING_KEPT_MS: i64 = 7 * 86_400_000;

const BIND_SEAT: &str = "bind the seat to the caller's number with bindSeat first; one seat, one number";

/// What needs no credentials.
pub static PLATFORM: Platform = Platform {
    name: "seatcall",
    title: "seatcall 坐席双呼",
    credentials: &[
        // A dial carries nothing else that proves who dials: as good as a password.
        Credential::secret("customerId", "pass the 客户识别码 (userData) that the platform gave you"),
        Credential::secret("appSecret", "pass the Appsecret that the platform gave you"),
    ],
    operations: &[OperationKind::Dial, OperationKind::BindSeat, OperationKind::Records, OperationKind::Recording, OperationKind::Balance],
    dial_fields: &["seat"],
    spellings: &[
        ("callerNbr", "caller"),
        ("calleeNbr", "callee"),
        ("userData", "customerId"),
        ("setingNbr", "seat"),
        ("userPhone", "phone"),
        ("Appsecret", "appSecret"),
        ("maxId", "after"),
        ("starTime", "from"),
        ("endTime", "to"),
    ],
    limits: Limits::UNDOCUMENTED,
    // 拨号接口: 主叫号码会先响起，主叫接听之后会呼叫被叫号码
    rung_first: (RungFirst::Caller, Mark::Documented),
    binding_minutes: None,
    correlation: Correlation::CallId,
    echoes_reference: false,
    push: PushSource::Known,
    pushes_again: false,
    #[cfg(not(target_arch = "wasm32"))]
    notes: &[
        (Mark::Documented, "A seat must be bound to the caller's number before its first dial; one seat, one number."),
        (Mark::Documented, "The caller is rung first; when the caller answers, the callee is called."),
        (Mark::Documented, "Records are pulled, at most 100 in a page."),
        (Mark::Known, "The same records may be pushed."),
        (Mark::Documented, "The recording's address stands in the record only: recording() takes a CallRecord. It is good for 7 days."),
        (Mark::Chosen, "The 7 days are counted from the call's end."),
        (Mark::Documented, "balance() is the call time left; the document does not say its unit."),
        (Mark::Documented, "callmin are the call's minutes; the document does not say that they are charged."),
        (Mark::Known, "callOutAnswerTime is the caller's answer, fwdAnswerTime the callee's; direction 1 is an inbound call."),
        (Mark::Documented, "The address is agreed with each customer: baseUrl is required."),
    ],
    domains: &[],
    recording_by_id: false,
    dialect: &[DialectOption { name: "ack", values: &[] }],
    reasons: &[],
    refusals: &[],
    unlisted: by_http_sense,
    advice: Advice {
        authentication: "check customerId and appSecret with the platform",
        forbidden: "ask the platform whether this server's address must be admitted",
        clock_seconds: |_| None,
        words: &[
            ("坐席", ErrorReason::SeatNotBound, BIND_SEAT),
            ("绑定", ErrorReason::SeatNotBound, BIND_SEAT),
            ("座席", ErrorReason::SeatNotBound, BIND_SEAT),
            ("seting", ErrorReason::SeatNotBound, BIND_SEAT),
            ("seat", ErrorReason::SeatNotBound, BIND_SEAT),
        ],
    },
    open: |options, account, credentials| Box::new(Seatcall { account: account.with_own_base(options), credentials }),
    refuse: None,
    event: None,
    signs: &["sessionId", "callerNum", "calleeNum"],
    fields: push::FIELDS,
    complete: push::complete,
    ack: |dialect| Reply::text(200, dialect.get("ack").unwrap_or("success")),
    nack: || Reply::text(500, "fail"),
};

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
        let base_url = base_url.trim_end_matches('/');
        let credentials = Credentials::new(PLATFORM.credentials, [customer_id.into(), app_secret.into()]);
        Self { account: Account::new(base_url, base_url), credentials }
    }

    fn range(&self, range: &RecordRange) -> Result<String, Error> {
        let from = Timestamp::parse_with_offset("from", &range.from, self.account.zone)?;
        let to = Timestamp::parse_with_offset("to", &range.to, self.account.zone)?;
        if from.epoch_ms() > to.epoch_ms() {
            return Err(Error::invalid(ErrorReason::ReversedRange, "from", "is after to", "give the earlier instant as from"));
        }
        let after = cursor(range)?;
        // Outwards to whole seconds, so that no record at the border is missed.
        let fields = [
            ("starTime", from.wall_clock()),
            ("endTime", to.plus_ms(999).wall_clock()),
            ("userData", self.credentials.reveal("customerId").to_owned()),
        ];
        let texts = signature::json_object(fields.iter().map(|(name, value)| (*name, value.as_str())));
        // The cursor is an integer in the document and has up to 19 digits: its own digits go out, unquoted.
        Ok(format!("{{\"maxId\":{after},{}", &texts[1..]))
    }
}

/// The id after which the page starts, without leading zeros.
fn cursor(range: &RecordRange) -> Result<&str, Error> {
    let after = range.after.as_deref().unwrap_or("0").trim();
    if after.is_empty() || after.len() > 30 || !after.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::invalid(ErrorReason::WrongFormat, "after", "is no cursor", "pass a page's cursor as it is"));
    }
    let digits = after.trim_start_matches('0');
    Ok(if digits.is_empty() { "0" } else { digits })
}

/// A platform's number, in the `+86` form that it demands everywhere.
fn number(field: &str, text: &str) -> Result<String, Error> {
    PhoneNumber::parse(field, text).map(|number| number.with_country_code())
}

fn no_address(of: &RecordingOf) -> Error {
    let hint = "pass a record whose recording is available: the address stands in the record only";
    if of.call_id.is_some() && of.ended_at.is_some() {
        return Error::new(ErrorCode::NotFound, ErrorReason::NoRecording, Delivery::NotSent, "the record has no recording").with_hint(hint);
    }
    Error::invalid(ErrorReason::NeedsRecord, "call", "is no CallRecord with a recording's address", hint)
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

    fn build(&self, operation: &Operation, _: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
        let customer = || ("userData", self.credentials.reveal("customerId").to_owned());
        let json = |fields: &[(&str, String)]| signature::json_object(fields.iter().map(|(name, value)| (*name, value.as_str())));
        let (path, body) = match operation {
            Operation::Dial(dial) => {
                let mend = "pass the seat that dials, like \"PP7568036551\", bound with bindSeat before";
                let seat = dial.seat.clone().ok_or_else(|| Error::invalid(ErrorReason::Missing, "seat", "is missing", mend))?;
                let mut fields = vec![
                    ("callerNbr", number("caller", &dial.caller)?),
                    ("calleeNbr", number("callee", &dial.callee)?),
                    customer(),
                    ("setingNbr", seat),
                ];
                fields.extend(dial.extra.iter().map(|(name, value)| (name.as_str(), value.clone())));
                ("/rest/voiceCall/api", json(&fields))
            }
            Operation::BindSeat(bind) => (
                "/management/add/setingphone",
                json(&[customer(), ("setingNbr", bind.seat.clone()), ("userPhone", number("phone", &bind.phone)?)]),
            ),
            Operation::Records(range) => ("/call/record/voice", self.range(range)?),
            Operation::Balance(_) => ("/management/customer/isallow", json(&[customer()])),
            // The address stands in the record only, and is taken from there before this is asked.
            Operation::Recording(of) => return Err(no_address(of)),
            other @ (Operation::HangUp(_) | Operation::Download(_)) => return Err(PLATFORM.unsupported(other.kind())),
        };
        let mut request = Request::post_json_as(format!("{}{path}", self.account.base_url), &body, "application/json");
        if matches!(operation, Operation::Dial(_)) {
            trace.step("a dial carries no Authorization: userData says who dials", MASK);
        } else {
            trace.step("base64 of Appsecret", MASK);
            trace.place("header", "Authorization", MASK);
            request.headers.0.push(("authorization", base64(self.credentials.reveal("appSecret"))));
        }
        Ok(request)
    }

    fn read(&self, operation: &Operation, answer: &Element<'_>) -> Result<OperationResult, Complaint> {
        let meta = answer.json("meta").ok_or_else(|| Complaint::Malformed("meta is missing".to_owned()))?;
        let meta = Element::read(meta).map_err(|_| Complaint::Malformed("meta is not an object".to_owned()))?;
        match meta.try_text("success")?.as_deref().and_then(code::truth) {
            Some(true) => {}
            Some(false) => {
                let (message, id) = (meta.words("message"), answer.words("data").filter(|id| evidence::is_like_id(id)));
                return Err(match id.filter(|_| matches!(operation, Operation::Dial(_))) {
                    Some(id) => {
                        let why = "success false, but with a call id in data".to_owned();
                        Complaint::Unclear {
                            reason: ErrorReason::ContradictingAnswer,
                            code: None,
                            message,
                            why,
                            is_half_done: true,
                            call_id: Some(id),
                        }
                    }
                    None => Complaint::Refused { code: None, message },
                });
            }
            None => return Err(Complaint::Malformed("meta.success is missing".to_owned())),
        }
        match operation {
            Operation::Dial(_) => {
                let id = answer.required("data")?;
                if !evidence::is_like_id(&id) {
                    return Err(Complaint::Malformed("data is no call id".to_owned()));
                }
                Ok(accepted(self, operation, Some(id), None, answer))
            }
            Operation::Records(range) => self.page(range, answer),
            Operation::Balance(_) => {
                let remaining = answer.try_text("data")?.ok_or_else(|| Complaint::Malformed("data is missing".to_owned()))?;
                if !is_decimal(&remaining) {
                    return Err(Complaint::Malformed("data is no number".to_owned()));
                }
                Ok(OperationResult::Balance { remaining: Raw::new(remaining), raw: answer.raw() })
            }
            _ => Ok(OperationResult::Done),
        }
    }

    fn recording_expiry(&self, ended_at: Timestamp) -> Option<Timestamp> {
        Some(expiry(ended_at))
    }
}

impl Seatcall {
    /// 话单, 注 1.
    fn page(&self, range: &RecordRange, element: &Element<'_>) -> Result<OperationResult, Complaint> {
        // A missing list is not an empty one: taken for the end, it would hide records.
        if !element.has("data") {
            return Err(Complaint::Malformed("data is missing".to_owned()));
        }
        let list = match element.held("data") {
            Some(list) => list,
            None if element.json("data").is_none() => "[]".into(),
            None => return Err(Complaint::Malformed("data is not an array".to_owned())),
        };
        let items = payload::items(&list).map_err(|_| Complaint::Malformed("data is not an array".to_owned()))?;
        let after = cursor(range).map_err(|error| Complaint::Malformed(error.to_string()))?;
        let options = PushOptions { account: self.account.name.clone(), zone: self.account.zone, ..PushOptions::default() };
        let ParsedPush { records, unreadable, .. } = receive::read_items(&PLATFORM, &items, &options);
        let id = |item: &&str| Element::read(item).ok()?.code("id");
        let last = items.iter().rev().find_map(id);
        let cursor = last.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or_else(|| after.to_owned());
        let end = items.len() < PAGE;
        if !end && !is_beyond(&cursor, after) {
            return Err(Complaint::Malformed(format!(
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

/// When a recording of a call that ended then is deleted.
fn expiry(end: Timestamp) -> Timestamp {
    end.plus_ms(RECORDING_KEPT_MS)
}
