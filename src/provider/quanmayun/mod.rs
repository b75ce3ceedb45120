//! quanmayun 双向回呼. Sections refer to the platform's document, "双向回呼接口".

mod description;
mod push;
mod reasons;

pub(super) use description::{DOCUMENTATION, PLATFORM};
pub use description::{QuanmayunPathStyle, QuanmayunRecordingPathStyle, QuanmayunRecordingRequest};

use description::{BASE64, JOIN, MD5_OF_TEXT};

use super::request::recording_expiry;
use super::{Account, ResponseFields, ResponseError, Credentials, Moment, Platform, Provider, accept_call};
use crate::digest::{base64, hex, md5};
use crate::http::{Request, json_object, percent_encode};
use crate::model::{Error, ErrorReason, Operation, OperationResult, OwnFields, PhoneNumber, RecordingStart, Timestamp, code};
use crate::signature::{MASK, Part, SignatureTrace};

/// 3.3: a recording can be fetched for three days after the call's end.
const RECORDING_KEPT_MS: i64 = 3 * 86_400_000;

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
        Self { account: Account::new(&PLATFORM), credentials }
    }

    pub(super) fn open(account: Account, credentials: Credentials, _: &OwnFields) -> Self {
        Self { account, credentials }
    }

    /// 2: base64 of `APPID:timestamp:sign`, no scheme word before it.
    fn sign_authorization(&self, moment: &Moment<'_>, trace: &mut SignatureTrace) -> String {
        let (id, now) = (self.credentials.reveal("appId"), moment.now_ms.to_string());
        trace.sign_text([id, MASK, &now].join(":"));
        let sign = hex(md5([id, self.credentials.reveal("appSecret"), &now].join(":")));
        trace.step(MD5_OF_TEXT.en, sign.as_str());
        let joined = [id, &now, &sign].join(":");
        trace.step(JOIN.en, joined.as_str());
        let authorization = base64(&joined);
        trace.step(BASE64.en, authorization.as_str());
        trace.place(Part::Header, "Authorization", authorization.as_str());
        authorization
    }

    /// 3.1: the table has `openapi/v1`, the sample `openapi/api/v1`.
    fn call_path(&self) -> &'static str {
        match self.account.dialect.get() {
            QuanmayunPathStyle::V1 => "/api/qmc-call/openapi/v1/call",
            QuanmayunPathStyle::ApiV1 => "/api/qmc-call/openapi/api/v1/call",
        }
    }

    /// 3.3: the one whole address has `openapi/api/v1`; the other spelling has no host.
    fn recording_path(&self) -> &'static str {
        match self.account.dialect.get() {
            QuanmayunRecordingPathStyle::ApiV1 => "/api/qmc-cdr/openapi/api/v1/record",
            QuanmayunRecordingPathStyle::V1 => "/api/qmc-cdr/openapi/v1/record",
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

    fn build_request(&self, operation: &Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
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
                match self.account.dialect.get() {
                    QuanmayunRecordingRequest::Json => (url, vec![("callidentifier", id.to_owned())]),
                    QuanmayunRecordingRequest::Query => (format!("{url}?callidentifier={}", percent_encode(id)), Vec::new()),
                }
            }
            other => return Err(PLATFORM.unsupported(other.kind())),
        };
        let json = json_object(fields.iter().map(|(name, value)| (*name, value.as_str())));
        Ok(Request::post_json(url, &json).with_header("authorization", self.sign_authorization(moment, trace)))
    }

    fn read_response(&self, operation: &Operation, answer: &ResponseFields<'_, '_>) -> Result<OperationResult, ResponseError> {
        let code = answer.required_code("code")?;
        // 3.1: every other code is a failure ("其他异常"). Evidence of a call is looked for by the caller of this function.
        if !code::is_same(&code, "200") {
            return Err(ResponseError::Refused { code: Some(code), message: answer.words("msg") });
        }
        if answer.words("success").as_deref().and_then(code::read_truth) == Some(false) {
            let (why, message) = ("code 200, but with success false".to_owned(), answer.words("msg"));
            return Err(ResponseError::Unclear {
                reason: ErrorReason::ContradictingAnswer,
                code: Some(code),
                message,
                why,
                is_half_done: true,
                call_id: None,
            });
        }
        match operation {
            Operation::Dial(_) => Ok(accept_call(self, operation, Some(answer.required_in("data", "callidentifier")?), None, answer)),
            Operation::Recording(of) => Ok(OperationResult::Recording(RecordingStart {
                url: Some(answer.required_in("data", "fileUrl")?),
                expires_at: recording_expiry(self, of),
                ..RecordingStart::default()
            })),
            _ => Ok(OperationResult::Done),
        }
    }

    fn recording_expiry(&self, ended_at: Timestamp) -> Option<Timestamp> {
        Some(recording_deleted_at(ended_at))
    }
}

/// Returns when the recording of a call that ended then is deleted.
fn recording_deleted_at(end: Timestamp) -> Timestamp {
    end.plus_ms(RECORDING_KEPT_MS)
}
