//! quanmayun 双向回呼. Sections refer to the platform's document, "双向回呼接口".

mod push;
mod reasons;

use super::interpretation::by_http_sense;
use super::{
    Account, Advice, Complaint, Credential, Credentials, DialectOption, Limits, Mark, Moment, Platform, Provider, PushSource, RungFirst,
    accepted, recording_expiry,
};
use crate::digest::{base64, hex, md5};
use crate::http::{Reply, Request, percent_encoded};
use crate::model::{
    Correlation, Error, ErrorReason, Operation, OperationKind, OperationResult, PhoneNumber, RecordingStart, Timestamp, code,
};
use crate::payload::Element;
use crate::signature::{self, MASK, SignatureTrace};

/// 3.0
const BASE: &str = "http://api.v3.quanmayun.com:9090";
/// 3.3
const RECORDINGS: &str = "http://record.v3.quanmayun.com:9090";
/// 3.3: a recording can be fetched for three days after the call's end.
const RECORDING_KEPT_MS: i64 = 3 * 86_400_000;

const CREDENTIALS_HINT: &str = "pass the APPID and APPSECRET of the platform's console";
const CHECK_SECRET: &str = "check appId and appSecret in the platform's console";
const CHECK_CLOCK: &str = "set this machine's clock (NTP): requests are valid for 5 minutes";

/// What needs no credentials.
pub static PLATFORM: Platform = Platform {
    name: "quanmayun",
    title: "quanmayun 双向回呼",
    credentials: &[Credential::public("appId", CREDENTIALS_HINT), Credential::secret("appSecret", CREDENTIALS_HINT)],
    operations: &[OperationKind::Dial, OperationKind::HangUp, OperationKind::Recording],
    dial_fields: &[],
    spellings: &[
        ("caller", "caller"),
        ("callee", "callee"),
        ("outCallId", "reference"),
        ("callidentifier", "callId"),
        ("APPID", "appId"),
        ("APPSECRET", "appSecret"),
    ],
    // 3.1 outCallId, callidentifier
    limits: Limits { reference: 64, call_id: 64, ..Limits::UNDOCUMENTED },
    // 3.2: the caller may hang up while the callee is being called, and startTime is the caller's answer.
    rung_first: (RungFirst::Caller, Mark::Documented),
    binding_minutes: None,
    correlation: Correlation::CallId,
    echoes_reference: true,
    push: PushSource::Documented,
    pushes_again: false,
    #[cfg(not(target_arch = "wasm32"))]
    notes: &[
        (Mark::Documented, "A push to a wrong address is not sent again, and no second push is promised: keep the record the first time."),
        (Mark::Documented, "The record holds no phone numbers: take them from your own dial."),
        (Mark::Documented, "Both sides admit listed IP addresses only: give the platform yours, and let its pushes in."),
        (Mark::Documented, "A recording can be fetched for three days after the call's end."),
        (
            Mark::Documented,
            "The document writes the paths as openapi/v1 and as openapi/api/v1: see dialect.pathStyle and dialect.recordingPathStyle.",
        ),
        (Mark::Documented, "A request whose timestamp is more than 5 minutes off is refused: the clock must be right."),
        (Mark::Documented, "The caller is rung first: CallerAbandon is a caller who hangs up while the callee is being called."),
    ],
    domains: &["quanmayun.com"],
    recording_by_id: true,
    dialect: &[
        DialectOption { name: "pathStyle", values: &["v1", "api-v1"] },
        DialectOption { name: "recordingPathStyle", values: &["api-v1", "v1"] },
        DialectOption { name: "recordingRequest", values: &["json", "query"] },
    ],
    reasons: &[reasons::REASONS],
    refusals: &[],
    unlisted: by_http_sense,
    advice: Advice {
        authentication: "check appId and appSecret in the platform's console",
        forbidden: "have this server's address admitted by the platform (IP 白名单)",
        // 2: the timestamp is valid for 5 minutes.
        clock_seconds: |_| Some(300),
        words: &[
            ("签名", ErrorReason::BadSignature, CHECK_SECRET),
            ("鉴权", ErrorReason::Authentication, CHECK_SECRET),
            ("认证", ErrorReason::Authentication, CHECK_SECRET),
            ("时间", ErrorReason::ClockSkew, CHECK_CLOCK),
            ("请求过期", ErrorReason::ClockSkew, CHECK_CLOCK),
            ("请求已过期", ErrorReason::ClockSkew, CHECK_CLOCK),
        ],
    },
    open: |_, account, credentials| Box::new(Quanmayun { account: account.with_bases(BASE, RECORDINGS), credentials }),
    refuse: None,
    event: None,
    signs: &["callidentifier", "status", "reason", "outCallId"],
    fields: push::FIELDS,
    complete: push::complete,
    ack: |_| Reply::json(200, r#"{"code":"200","msg":"success","data":""}"#),
    nack: || Reply::json(500, r#"{"code":"500","msg":"fail","data":""}"#),
};

/// An account at quanmayun.
#[derive(Clone, Debug)]
pub struct Quanmayun {
    /// The options that every platform has.
    pub account: Account,
    credentials: Credentials,
}

impl Quanmayun {
    /// An account with APPID (19 digits, as text) and APPSECRET, at the documented addresses.
    #[must_use]
    pub fn new(app_id: impl Into<String>, app_secret: impl Into<String>) -> Self {
        let credentials = Credentials::new(PLATFORM.credentials, [app_id.into(), app_secret.into()]);
        Self { account: Account::new(BASE, RECORDINGS), credentials }
    }

    /// 2: base64 of `APPID:timestamp:sign`, no scheme word before it.
    fn authorization(&self, moment: &Moment<'_>, trace: &mut SignatureTrace) -> String {
        let (id, now) = (self.credentials.reveal("appId"), moment.now_ms.to_string());
        trace.canonical = Some([id, MASK, &now].join(":"));
        let sign = hex(md5([id, self.credentials.reveal("appSecret"), &now].join(":")));
        trace.step("MD5 of APPID:APPSECRET:timestamp (milliseconds), lower-case hex", sign.as_str());
        let joined = [id, &now, &sign].join(":");
        trace.step("join APPID:timestamp:sign", joined.as_str());
        let authorization = base64(&joined);
        trace.step("base64 of that", authorization.as_str());
        trace.place("header", "Authorization", authorization.as_str());
        authorization
    }

    /// 3.1: the table has `openapi/v1`, the sample `openapi/api/v1`.
    fn call_path(&self) -> &'static str {
        if self.account.dialect.is("pathStyle", "api-v1") { "/api/qmc-call/openapi/api/v1/call" } else { "/api/qmc-call/openapi/v1/call" }
    }

    /// 3.3: the one whole address has `openapi/api/v1`; the other spelling stands without a host.
    fn recording_path(&self) -> &'static str {
        if self.account.dialect.is("recordingPathStyle", "v1") {
            "/api/qmc-cdr/openapi/v1/record"
        } else {
            "/api/qmc-cdr/openapi/api/v1/record"
        }
    }
}

impl Provider for Quanmayun {
    fn platform(&self) -> &'static Platform {
        &PLATFORM
    }

    fn account(&self) -> &Account {
        &self.account
    }

    fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    fn build(&self, operation: &Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
        let base = &self.account.base_url;
        let (url, fields) = match operation {
            Operation::Dial(dial) => {
                let number = |field, text: &str| PhoneNumber::parse(field, text).map(|number| number.national().to_owned());
                let mut fields = vec![("caller", number("caller", &dial.caller)?), ("callee", number("callee", &dial.callee)?)];
                fields.extend(dial.reference.clone().map(|reference| ("outCallId", reference)));
                fields.extend(dial.extra.iter().map(|(name, value)| (name.as_str(), value.clone())));
                (format!("{base}{}", self.call_path()), fields)
            }
            Operation::HangUp(hang_up) => {
                (format!("{base}/api/qmc-call/openapi/v1/endCall"), vec![("callidentifier", hang_up.call_id.clone())])
            }
            Operation::Recording(of) => {
                let id = of.id()?;
                let url = format!("{}{}", self.account.recording_base_url, self.recording_path());
                if self.account.dialect.is("recordingRequest", "query") {
                    (format!("{url}?callidentifier={}", percent_encoded(id)), Vec::new())
                } else {
                    (url, vec![("callidentifier", id.to_owned())])
                }
            }
            other => return Err(PLATFORM.unsupported(other.kind())),
        };
        let json = signature::json_object(fields.iter().map(|(name, value)| (*name, value.as_str())));
        let mut request = Request::post_json(url, &json);
        request.headers.0.push(("authorization", self.authorization(moment, trace)));
        Ok(request)
    }

    fn read(&self, operation: &Operation, answer: &Element<'_>) -> Result<OperationResult, Complaint> {
        let code = answer.required_code("code")?;
        // 3.1: every other code is a failure ("其他异常"). What speaks for a call all the same is found by the caller.
        if !code::same(&code, "200") {
            return Err(Complaint::Refused { code: Some(code), message: answer.words("msg") });
        }
        if answer.words("success").as_deref().and_then(code::truth) == Some(false) {
            let (why, message) = ("code 200, but with success false".to_owned(), answer.words("msg"));
            return Err(Complaint::Unclear {
                reason: ErrorReason::ContradictingAnswer,
                code: Some(code),
                message,
                why,
                is_half_done: true,
                call_id: None,
            });
        }
        match operation {
            Operation::Dial(_) => Ok(accepted(self, operation, Some(answer.inside("data", "callidentifier")?), None, answer)),
            Operation::Recording(of) => Ok(OperationResult::Recording(RecordingStart {
                url: Some(answer.inside("data", "fileUrl")?),
                expires_at: recording_expiry(self, of),
                ..RecordingStart::default()
            })),
            _ => Ok(OperationResult::Done),
        }
    }

    fn recording_expiry(&self, ended_at: Timestamp) -> Option<Timestamp> {
        Some(expiry(ended_at))
    }
}

/// When a recording of a call that ended then is deleted.
fn expiry(end: Timestamp) -> Timestamp {
    end.plus_ms(RECORDING_KEPT_MS)
}
