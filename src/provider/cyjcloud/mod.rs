//! cyjcloud 隐私通话. Sections refer to the platform's document, "隐私通话 API V1.0.6".

mod description;
mod flags;
mod push;
mod reasons;

pub(super) use description::{DOCUMENTATION, PLATFORM};
pub use description::{CyjcloudDial, CyjcloudDirection, CyjcloudEndMinuteFormat, CyjcloudSigName};

use description::{BASE64_OF_TEXT, MD5_OF_TEXT, SOFT_VERSION};

use super::{Account, ResponseFields, ResponseError, Credentials, Moment, Platform, Provider, Word as _, accept_call, evidence};
use crate::digest::{base64, hex, md5};
use crate::http::{self, Request, json_object};
use crate::model::{Dial, Error, ErrorReason, Operation, OperationResult, OwnFields, PhoneNumber, RecordingStart, Zone, code, phone};
use crate::signature::{MASK, Part, SignatureTrace};

/// An account at cyjcloud.
#[derive(Clone, Debug)]
pub struct Cyjcloud {
    /// The options that every platform has.
    pub account: Account,
    credentials: Credentials,
}

impl Cyjcloud {
    /// An account at the address that the platform agreed with the customer.
    #[must_use]
    pub fn new(account_sid: impl Into<String>, app_id: impl Into<String>, base_url: &str) -> Self {
        let credentials = Credentials::new(PLATFORM.credentials, [account_sid.into(), app_id.into()]);
        Self { account: Account::at(&PLATFORM, base_url), credentials }
    }

    pub(super) fn open(account: Account, credentials: Credentials, _: &OwnFields) -> Self {
        Self { account, credentials }
    }

    fn version(&self) -> &str {
        self.account.dialect.text(&SOFT_VERSION)
    }

    fn check_version(&self) -> Result<(), Error> {
        if self.version().bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
            return Ok(());
        }
        Err(Error::invalid(
            ErrorReason::ForbiddenCharacter,
            "dialect.softVersion",
            "has a character that a path cannot have",
            "pass the version of the platform's document, like \"20171220\"",
        ))
    }

    fn dial_fields<'a>(&self, dial: &'a Dial, moment: &Moment<'_>) -> Result<Vec<(&'a str, String)>, Error> {
        let number = |field, text: &str| PhoneNumber::parse(field, text).map(|number| number.national().to_owned());
        let mut fields = vec![("Caller", number("caller", &dial.caller)?), ("Callee", number("callee", &dial.callee)?)];
        let own = CyjcloudDial::read(&dial.own)?;
        if let Some(virtual_number) = &own.virtual_number {
            fields.push(("VirtualNum", number("virtualNumber", virtual_number)?));
        }
        if let Some(direction) = own.direction {
            let code = match direction {
                CyjcloudDirection::Both => "0",
                CyjcloudDirection::CallerToCallee => "1",
                CyjcloudDirection::CalleeToCaller => "2",
            };
            fields.push(("Direct", code.to_owned()));
        }
        if let Some(minutes) = own.expires_in_minutes {
            fields.push(("EndMinute", self.end_minute(minutes, moment)));
        }
        if let Some(code) = &own.area_code {
            fields.push(("Code", parse_area_code(code)?));
        }
        fields.extend(dial.extra.iter().map(|(name, value)| (name.as_str(), value.clone())));
        Ok(fields)
    }

    /// 2.1: the sample sends minutes as text, the table says a UTC time.
    fn end_minute(&self, minutes: i64, moment: &Moment<'_>) -> String {
        match self.account.dialect.get() {
            CyjcloudEndMinuteFormat::Minutes => minutes.to_string(),
            CyjcloudEndMinuteFormat::Utc => moment.at(Zone::UTC).plus_ms(minutes * 60_000).utc(),
        }
    }

    /// 1: `sig` and Authorization carry the same instant. The zone of 当前系统时间 is not documented: the account's.
    fn sign(&self, path: &str, fields: Vec<(&str, String)>, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Request {
        let (sid, id) = (self.credentials.reveal("accountSid"), self.credentials.reveal("appId"));
        let now = moment.at(self.account.zone).compact();
        let joined = format!("{sid}:{id}:{now}");
        trace.sign_text(format!("{MASK}:{MASK}:{now}"));
        let sig = hex(md5(&joined)).to_ascii_uppercase();
        trace.step(MD5_OF_TEXT.en, sig.as_str());
        trace.step(BASE64_OF_TEXT.en, MASK);
        let sig_name = self.account.dialect.get::<CyjcloudSigName>().as_str();
        trace.place(Part::Query, sig_name, sig.as_str());
        trace.place(Part::Header, "Authorization", MASK);
        let own = [("ACCOUNTSID", sid.to_owned()), ("APPID", id.to_owned())];
        let json = json_object(own.iter().chain(&fields).map(|(name, value)| (*name, value.as_str())));
        let url = format!("{}/{}{path}?{sig_name}={sig}", self.account.base_url, self.version());
        Request::post_json(url, &json).with_header("authorization", base64(&joined))
    }
}

fn parse_area_code(text: &str) -> Result<String, Error> {
    let digits = text.trim();
    let bare = digits.strip_prefix('0').unwrap_or(digits);
    if !matches!(bare.len(), 2 | 3) || !bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::invalid(ErrorReason::WrongFormat, "areaCode", "is not an area code", "pass one like \"021\" or \"0755\"")
            .expecting(&["021", "0755"]));
    }
    Ok(format!("0{bare}"))
}

/// Where Msg is an id, it has so many characters at least.
const SHORTEST_ID: usize = 16;
/// The names under which an answer may carry the virtual number.
const NUMBER_NAMES: [&str; 4] = ["VirtualNumber", "VirtualNum", "bindNum", "telX"];
/// The names under which an answer may carry a session id.
const SESSION_NAMES: [&str; 7] = ["sessionId", "callSessionId", "callIdentifier", "callId", "callSid", "uuid", "id"];

impl Provider for Cyjcloud {
    fn platform(&self) -> &'static Platform {
        &PLATFORM
    }

    fn account(&self) -> &Account {
        &self.account
    }

    fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    fn check(&self) -> Result<(), Error> {
        self.check_version()
    }

    fn build_request(&self, operation: &Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
        match operation {
            Operation::Dial(dial) => Ok(self.sign("/bind/callEvent/v1", self.dial_fields(dial, moment)?, moment, trace)),
            Operation::Recording(of) => {
                Ok(self.sign("/bind/callEvent/voice/v1", vec![("CallIdentifier", of.id()?.to_owned())], moment, trace))
            }
            other => Err(PLATFORM.unsupported(other.kind())),
        }
    }

    fn read_response(&self, operation: &Operation, answer: &ResponseFields<'_, '_>) -> Result<OperationResult, ResponseError> {
        let flag = answer.required_code("Flag")?;
        let message = answer.words("Msg");
        if code::read_truth(&flag) != Some(true) {
            // 2.2: every other Flag is a failure, unless Msg is what a success gives.
            return Err(match message.as_deref().map(Message::read) {
                Some(Message::Number(_)) => unclear(&flag, "a virtual number", None),
                Some(Message::Id(id)) => unclear(&flag, "a call id", Some(id)),
                Some(Message::Words) | None => ResponseError::Refused { code: Some(flag), message },
            });
        }
        if matches!(operation, Operation::Recording(_)) {
            let url = message.as_deref().and_then(http::normalize_address);
            let url = url.ok_or_else(|| ResponseError::Malformed("Msg is not an address".to_owned()))?;
            return Ok(OperationResult::Recording(RecordingStart { url: Some(url), ..RecordingStart::default() }));
        }
        let mut id = find_first(answer, &SESSION_NAMES).filter(|id| evidence::is_like_id(id));
        let mut virtual_number = find_first(answer, &NUMBER_NAMES).and_then(|number| phone::to_national(&number));
        match message.as_deref().map(Message::read) {
            Some(Message::Number(number)) => virtual_number = virtual_number.or(Some(number)),
            Some(Message::Id(known)) => id = id.or(Some(known)),
            Some(Message::Words) | None => {}
        }
        Ok(accept_call(self, operation, id, virtual_number, answer))
    }
}

/// The meaning of Msg: 返回号码 by the document, a session id at a sibling, words otherwise.
enum Message {
    /// In its national form.
    Number(String),
    Id(String),
    Words,
}

impl Message {
    /// An id has 16 or more of digits, letters, `_` and `-`, and a digit among them: words are never one.
    fn read(message: &str) -> Self {
        if let Some(number) = phone::to_national(message) {
            return Self::Number(number);
        }
        let is_id = message.len() >= SHORTEST_ID
            && message.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
            && message.bytes().any(|byte| byte.is_ascii_digit());
        if is_id { Self::Id(message.to_owned()) } else { Self::Words }
    }
}

fn unclear(flag: &str, what: &str, call_id: Option<String>) -> ResponseError {
    let why = format!("Flag {}, but with {what} in Msg", code::simplify(flag));
    ResponseError::Unclear {
        reason: ErrorReason::ContradictingAnswer,
        code: Some(flag.to_owned()),
        message: None,
        why,
        is_half_done: true,
        call_id,
    }
}

/// The first of these names that has a value, beside Flag or in Data.
fn find_first(answer: &ResponseFields<'_, '_>, names: &[&'static str]) -> Option<String> {
    names.iter().find_map(|name| answer.required_in("Data", name).ok())
}
