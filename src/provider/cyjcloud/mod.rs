//! cyjcloud 隐私通话. Sections refer to the platform's document, "隐私通话 API V1.0.6".

mod flags;
mod push;
mod reasons;

use super::interpretation::by_http_sense;
use super::{
    Account, Advice, Complaint, Credential, Credentials, DialectOption, Limits, Mark, Moment, Platform, Provider, PushSource, RungFirst,
    accepted, at, evidence,
};
use crate::digest::{base64, hex, md5};
use crate::http::{self, Reply, Request};
use crate::model::{
    Correlation, Dial, Error, ErrorReason, Operation, OperationKind, OperationResult, PhoneNumber, RecordingStart, Zone, code, phone,
};
use crate::payload::Element;
use crate::signature::{self, MASK, SignatureTrace};

/// 2.1 `SoftVersion`
const SOFT_VERSION: &str = "20171220";
/// 2.1 `EndMinute`
const LONGEST_BINDING_MINUTES: i64 = 60;

const CREDENTIALS_HINT: &str = "pass the 账户授权令牌 (ACCOUNTSID) and 应用 ID (APPID) of the platform's console";

/// What needs no credentials.
pub static PLATFORM: Platform = Platform {
    name: "cyjcloud",
    title: "cyjcloud 隐私通话",
    // A request is signed with these two and the time, and nothing else: who knows both can dial.
    credentials: &[Credential::secret("accountSid", CREDENTIALS_HINT), Credential::secret("appId", CREDENTIALS_HINT)],
    operations: &[OperationKind::Dial, OperationKind::Recording],
    dial_fields: &["virtualNumber", "direction", "expiresInMinutes", "areaCode"],
    spellings: &[
        ("ACCOUNTSID", "accountSid"),
        ("APPID", "appId"),
        ("Caller", "caller"),
        ("Callee", "callee"),
        ("VirtualNum", "virtualNumber"),
        ("Direct", "direction"),
        ("EndMinute", "expiresInMinutes"),
        ("Code", "areaCode"),
        ("CallIdentifier", "callId"),
    ],
    limits: Limits::UNDOCUMENTED,
    // 一: user B is called first, and a sibling's records name the first leg callOut.
    rung_first: (RungFirst::Caller, Mark::Known),
    // 2.1 EndMinute
    binding_minutes: Some(30),
    correlation: Correlation::None,
    echoes_reference: false,
    push: PushSource::Known,
    pushes_again: false,
    #[cfg(not(target_arch = "wasm32"))]
    notes: &[
        (Mark::Documented, "A dial answers the virtual number and no call id: a recording needs an id that this answer may not carry."),
        (Mark::Known, "The record carries that id (sessionId)."),
        (Mark::Documented, "The caller must be registered and the virtual number applied for beforehand."),
        (
            Mark::Documented,
            "Until boundUntil the callee can call the virtual number back and reaches the caller; then the platform ends the binding by itself. expiresInMinutes sets it: 30 by default, at most 60.",
        ),
        (
            Mark::Documented,
            "Without direction the platform's own default for Direct holds, and the document does not say which one that is.",
        ),
        (Mark::Documented, "The document rings user B first and then user C, and does not say which of them Caller is."),
        (Mark::Known, "Caller is the leg that is rung first."),
        (Mark::Known, "The record push and the meaning of the flags are known from public integrations of a sibling only."),
        (Mark::Chosen, "The time in the signature is Beijing time: the document names no zone. See timeZone."),
        (Mark::Documented, "The address is agreed with each customer (以实际提供为准): baseUrl is required."),
    ],
    domains: &["cyjcloud.com"],
    recording_by_id: true,
    dialect: &[
        DialectOption { name: "softVersion", values: &[] },
        DialectOption { name: "endMinuteFormat", values: &["minutes", "utc"] },
        DialectOption { name: "sigName", values: &["sig", "Sig"] },
        DialectOption { name: "ack", values: &[] },
    ],
    // The sibling that speaks this record's dialect reports mixcom's reasons, and newer ones.
    reasons: &[super::mixcom::REASONS, reasons::FAMILY, reasons::Q850],
    refusals: flags::REFUSALS,
    unlisted: by_http_sense,
    advice: Advice {
        authentication: "check accountSid and appId in the platform's console",
        forbidden: "ask the platform to admit this use and this server's address",
        // 1: the time is signed, how far off it may be is not documented.
        clock_seconds: |_| Some(0),
        words: &[
            ("报备", ErrorReason::CallerNotRegistered, "have the caller registered with the platform (号码报备)"),
            ("签名", ErrorReason::BadSignature, "check accountSid and appId"),
        ],
    },
    open: |options, account, credentials| Box::new(Cyjcloud { account: account.with_own_base(options), credentials }),
    refuse: Some(push::refuse),
    event: None,
    signs: &["sessionId", "calleeNum", "fwdDstNum"],
    fields: push::FIELDS,
    complete: push::complete,
    ack: |dialect| Reply::json(200, dialect.get("ack").unwrap_or(r#"{"Flag":1}"#)),
    nack: || Reply::json(500, r#"{"Flag":0}"#),
};

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
        let base_url = base_url.trim_end_matches('/');
        let credentials = Credentials::new(PLATFORM.credentials, [account_sid.into(), app_id.into()]);
        Self { account: Account::new(base_url, base_url), credentials }
    }

    fn version(&self) -> &str {
        self.account.dialect.get("softVersion").unwrap_or(SOFT_VERSION)
    }

    fn check_version(&self) -> Result<(), Error> {
        if self.version().bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
            return Ok(());
        }
        Err(Error::invalid(
            ErrorReason::ForbiddenCharacter,
            "dialect.softVersion",
            "is no part of a path",
            "pass the version of the platform's document, like \"20171220\"",
        ))
    }

    fn dial<'a>(&self, dial: &'a Dial, moment: &Moment<'_>) -> Result<Vec<(&'a str, String)>, Error> {
        let number = |field, text: &str| PhoneNumber::parse(field, text).map(|number| number.national().to_owned());
        let mut fields = vec![("Caller", number("caller", &dial.caller)?), ("Callee", number("callee", &dial.callee)?)];
        if let Some(virtual_number) = &dial.virtual_number {
            fields.push(("VirtualNum", number("virtualNumber", virtual_number)?));
        }
        if let Some(direction) = &dial.direction {
            let code = match direction.as_str() {
                "both" => "0",
                "caller-to-callee" => "1",
                "callee-to-caller" => "2",
                _ => {
                    return Err(Error::invalid(
                        ErrorReason::UnsupportedValue,
                        "direction",
                        "is not a direction",
                        "pass \"both\", \"caller-to-callee\" or \"callee-to-caller\"",
                    ));
                }
            };
            fields.push(("Direct", code.to_owned()));
        }
        if let Some(minutes) = dial.expires_in_minutes {
            fields.push(("EndMinute", self.end_minute(minutes, moment)?));
        }
        if let Some(code) = &dial.area_code {
            fields.push(("Code", area_code(code)?));
        }
        fields.extend(dial.extra.iter().map(|(name, value)| (name.as_str(), value.clone())));
        Ok(fields)
    }

    /// 2.1: the sample sends minutes as text, the table says a UTC time.
    fn end_minute(&self, minutes: i64, moment: &Moment<'_>) -> Result<String, Error> {
        if !(1..=LONGEST_BINDING_MINUTES).contains(&minutes) {
            return Err(Error::invalid(
                ErrorReason::OutOfRange,
                "expiresInMinutes",
                "is not between 1 and 60",
                "give a whole number of minutes from 1 to 60",
            ));
        }
        let as_instant = self.account.dialect.is("endMinuteFormat", "utc");
        Ok(if as_instant { at(moment, Zone::UTC).plus_ms(minutes * 60_000).utc() } else { minutes.to_string() })
    }

    /// 1: `sig` and Authorization carry the same instant. The zone of 当前系统时间 is not documented: the account's.
    fn signed(&self, path: &str, fields: Vec<(&str, String)>, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Request {
        let (sid, id) = (self.credentials.reveal("accountSid"), self.credentials.reveal("appId"));
        let now = at(moment, self.account.zone).compact();
        let joined = format!("{sid}:{id}:{now}");
        trace.canonical = Some(format!("{MASK}:{MASK}:{now}"));
        let sig = hex(md5(&joined)).to_ascii_uppercase();
        trace.step("MD5 of ACCOUNTSID:APPID:yyyyMMddHHmmss, upper-case hex", sig.as_str());
        trace.step("base64 of the same text", MASK);
        let sig_name = if self.account.dialect.is("sigName", "Sig") { "Sig" } else { "sig" };
        trace.place("query", sig_name, sig.as_str());
        trace.place("header", "Authorization", MASK);
        let own = [("ACCOUNTSID", sid.to_owned()), ("APPID", id.to_owned())];
        let json = signature::json_object(own.iter().chain(&fields).map(|(name, value)| (*name, value.as_str())));
        let mut request = Request::post_json(format!("{}/{}{path}?{sig_name}={sig}", self.account.base_url, self.version()), &json);
        request.headers.0.push(("authorization", base64(&joined)));
        request
    }
}

fn area_code(text: &str) -> Result<String, Error> {
    let digits = text.trim();
    let bare = digits.strip_prefix('0').unwrap_or(digits);
    if !matches!(bare.len(), 2 | 3) || !bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::invalid(ErrorReason::WrongFormat, "areaCode", "is no area code", "pass one like \"021\" or \"0755\""));
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

    fn build(&self, operation: &Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
        match operation {
            Operation::Dial(dial) => Ok(self.signed("/bind/callEvent/v1", self.dial(dial, moment)?, moment, trace)),
            Operation::Recording(of) => {
                Ok(self.signed("/bind/callEvent/voice/v1", vec![("CallIdentifier", of.id()?.to_owned())], moment, trace))
            }
            other => Err(PLATFORM.unsupported(other.kind())),
        }
    }

    fn read(&self, operation: &Operation, answer: &Element<'_>) -> Result<OperationResult, Complaint> {
        let flag = answer.required_code("Flag")?;
        let message = answer.words("Msg");
        if code::truth(&flag) != Some(true) {
            // 2.2: every other Flag is a failure, unless Msg is what a success gives.
            return Err(match message.as_deref().map(Answered::read) {
                Some(Answered::Number(_)) => unclear(&flag, "a virtual number", None),
                Some(Answered::Id(id)) => unclear(&flag, "a call id", Some(id)),
                Some(Answered::Words) | None => Complaint::Refused { code: Some(flag), message },
            });
        }
        if matches!(operation, Operation::Recording(_)) {
            let url = message.as_deref().and_then(http::plain_address);
            let url = url.ok_or_else(|| Complaint::Malformed("Msg is no address".to_owned()))?;
            return Ok(OperationResult::Recording(RecordingStart { url: Some(url), ..RecordingStart::default() }));
        }
        let mut id = first_given(answer, &SESSION_NAMES).filter(|id| evidence::is_like_id(id));
        let mut virtual_number = first_given(answer, &NUMBER_NAMES).and_then(|number| phone::plain_chinese(&number));
        match message.as_deref().map(Answered::read) {
            Some(Answered::Number(number)) => virtual_number = virtual_number.or(Some(number)),
            Some(Answered::Id(known)) => id = id.or(Some(known)),
            Some(Answered::Words) | None => {}
        }
        Ok(accepted(self, operation, id, virtual_number, answer))
    }
}

/// What Msg holds: 返回号码 by the document, a session id at a sibling, words otherwise.
enum Answered {
    /// In its national form.
    Number(String),
    Id(String),
    Words,
}

impl Answered {
    /// An id has 16 or more of digits, letters, `_` and `-`, and a digit among them: words are never one.
    fn read(message: &str) -> Self {
        if let Some(number) = phone::plain_chinese(message) {
            return Self::Number(number);
        }
        let is_id = message.len() >= SHORTEST_ID
            && message.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
            && message.bytes().any(|byte| byte.is_ascii_digit());
        if is_id { Self::Id(message.to_owned()) } else { Self::Words }
    }
}

fn unclear(flag: &str, what: &str, call_id: Option<String>) -> Complaint {
    let why = format!("Flag {}, but with {what} in Msg", code::plain(flag));
    Complaint::Unclear {
        reason: ErrorReason::ContradictingAnswer,
        code: Some(flag.to_owned()),
        message: None,
        why,
        is_half_done: true,
        call_id,
    }
}

/// The first of these names that has a value, beside Flag or in Data.
fn first_given(answer: &Element<'_>, names: &[&'static str]) -> Option<String> {
    names.iter().find_map(|name| answer.inside("Data", name).ok())
}
