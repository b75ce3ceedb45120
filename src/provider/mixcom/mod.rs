//! mixcom 一键呼叫. Sections refer to the platform's document, "一键呼叫接口".

mod codes;
mod description;
mod push;

pub(super) use codes::{CODES, REASONS};
pub(super) use description::{DOCUMENTATION, PLATFORM};
pub use description::{MixcomRecordingRequest, MixcomReferenceField, MixcomSignature};

use description::{APPEND_DIGEST, APPEND_SECRET_AND_DIGEST, SHA1_OF_ALL, SHA1_OF_SECRET};

use super::{
    Account, ResponseFields, ResponseError, BodyEncoding, Credentials, Dialect, Moment, NumberFormat, Platform, Provider, Word as _, accept_call,
};
use crate::digest::{hex, sha1};
use crate::http::{Encoding, Method, Request};
use crate::model::{Dial, Error, ErrorReason, Operation, OperationResult, OwnFields, PhoneNumber, RecordingOf, code};
use crate::signature::{Joining, MASK, Parameter, Part, SignatureTrace, canonicalize, sent_fields};

/// 2.1 callerNbr, calleeNbr
const LONGEST_NUMBER: usize = 20;

/// An account at mixcom.
#[derive(Clone, Debug)]
pub struct Mixcom {
    /// The options that every platform has.
    pub account: Account,
    credentials: Credentials,
}

impl Mixcom {
    /// An account with the application's key and secret, at the documented addresses.
    #[must_use]
    pub fn new(app_key: impl Into<String>, app_secret: impl Into<String>) -> Self {
        let credentials = Credentials::new(PLATFORM.credentials, [app_key.into(), app_secret.into()]);
        Self { account: Account::new(&PLATFORM), credentials }
    }

    pub(super) fn open(account: Account, credentials: Credentials, _: &OwnFields) -> Self {
        Self { account, credentials }
    }

    fn dialect(&self) -> &Dialect {
        &self.account.dialect
    }

    fn dial_parameters(&self, dial: &Dial, moment: &Moment<'_>) -> Result<Vec<Parameter>, Error> {
        let number = |field, text: &str| {
            let number = PhoneNumber::parse(field, text)?;
            let number = match self.dialect().get() {
                NumberFormat::National => number.national().to_owned(),
                NumberFormat::E164 => number.with_country_code(),
            };
            if number.len() > LONGEST_NUMBER {
                return Err(Error::invalid(
                    ErrorReason::TooLong,
                    field,
                    "is longer than 20 characters",
                    "pass a number that mixcom can take",
                ));
            }
            Ok(number)
        };
        let mut parameters = vec![
            Parameter::number("callerNbr", number("caller", &dial.caller)?),
            Parameter::number("calleeNbr", number("callee", &dial.callee)?),
        ];
        if let Some(reference) = &dial.reference {
            check_reference(reference)?;
            let field = self.dialect().get::<MixcomReferenceField>().as_str();
            parameters.push(Parameter::plain(field, reference.as_str()));
        }
        parameters.push(Parameter::plain("time", moment.seconds().to_string()));
        parameters.push(Parameter::plain("appkey", self.credentials.reveal("appKey")));
        parameters.extend(dial.extra.iter().map(Parameter::extra));
        Ok(parameters)
    }

    fn recording_parameters(&self, of: &RecordingOf) -> Result<Vec<Parameter>, Error> {
        Ok(vec![Parameter::plain("icid", of.id()?), Parameter::plain("appkey", self.credentials.reveal("appKey"))])
    }

    /// 1.3. Public integrations settle its steps 6 and 7: the secret and its digest are both appended to the values.
    fn sign(&self, parameters: &[Parameter], trace: &mut SignatureTrace) -> String {
        let values = canonicalize(parameters, Joining::Values, trace);
        let secret = self.credentials.reveal("appSecret");
        let digest = hex(sha1(secret));
        trace.step(SHA1_OF_SECRET.en, MASK);
        let shown = trace.canonical.clone().unwrap_or_default();
        let signed = match self.dialect().get() {
            MixcomSignature::SecretAndDigest => {
                trace.step(APPEND_SECRET_AND_DIGEST.en, format!("{shown}{MASK}{MASK}"));
                values + secret + &digest
            }
            MixcomSignature::DigestOnly => {
                trace.step(APPEND_DIGEST.en, format!("{shown}{MASK}"));
                values + &digest
            }
        };
        let sign = hex(sha1(signed));
        trace.step(SHA1_OF_ALL.en, sign.as_str());
        sign
    }
}

fn check_reference(reference: &str) -> Result<(), Error> {
    let mend = "use 1 to 128 digits, letters, _ and -";
    if let Some(wrong) = reference.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-')) {
        return Err(Error::invalid(
            ErrorReason::ForbiddenCharacter,
            "reference",
            &format!("has \"{wrong}\", which mixcom does not allow"),
            mend,
        )
        .expecting(&["0-9", "A-Z", "a-z", "_", "-"]));
    }
    Ok(())
}

impl Provider for Mixcom {
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
        let (mut parameters, url, method, encoding) = match operation {
            Operation::Dial(dial) => {
                let encoding = self.dialect().get::<BodyEncoding>().into();
                (self.dial_parameters(dial, moment)?, format!("{}/voice/dial", self.account.base_url), Method::Post, encoding)
            }
            Operation::Recording(of) => {
                let (method, encoding) = match self.dialect().get() {
                    MixcomRecordingRequest::Form => (Method::Post, Encoding::Form),
                    MixcomRecordingRequest::Query => (Method::Post, Encoding::Query),
                    MixcomRecordingRequest::Get => (Method::Get, Encoding::Query),
                };
                (self.recording_parameters(of)?, format!("{}/record/download", self.account.recording_base_url), method, encoding)
            }
            other => return Err(PLATFORM.unsupported(other.kind())),
        };
        let sign = self.sign(&parameters, trace);
        trace.place(if encoding == Encoding::Query { Part::Query } else { Part::Body }, "sign", sign.as_str());
        parameters.push(Parameter::plain("sign", sign));
        Ok(Request { method, ..Request::post(url, encoding, sent_fields(&parameters)) })
    }

    fn read_response(&self, operation: &Operation, answer: &ResponseFields<'_, '_>) -> Result<OperationResult, ResponseError> {
        let code = answer.try_text("code")?;
        let success = answer.try_text("success")?.as_deref().and_then(code::read_truth);
        let is_done = code.as_deref().map(|code| code::is_same(code, "200"));
        let message = answer.words("msg");
        let unclear = |why: &str, is_half_done| {
            // A code alone, without the success that the document demands, contradicts nothing.
            let reason = if is_half_done { ErrorReason::ContradictingAnswer } else { ErrorReason::UnreadableAnswer };
            let (code, message, why) = (code.clone(), message.clone(), why.to_owned());
            ResponseError::Unclear { reason, code, message, why, is_half_done, call_id: None }
        };
        let shown = code.as_deref().map(code::simplify).unwrap_or_default();
        match (success, is_done) {
            (Some(true), Some(true)) if matches!(operation, Operation::Dial(_)) => Ok(accept_call(self, operation, None, None, answer)),
            // JSON is not a recording, whatever its code says.
            (Some(true), Some(true)) => {
                Err(ResponseError::Refused { code, message: message.or_else(|| Some("success, but no recording".to_owned())) })
            }
            (Some(false), Some(false) | None) => Err(ResponseError::Refused { code, message }),
            (Some(false), Some(true)) => Err(unclear("code 200, but with success false", true)),
            (Some(true), Some(false)) => Err(unclear(&format!("success true, but with code {shown}"), true)),
            // An operation that only reads can be repeated, so its code need not be doubted.
            (None, Some(false)) if operation.kind().is_safe() => Err(ResponseError::Refused { code, message }),
            (None, Some(false)) => Err(unclear(&format!("code {shown} and without success"), false)),
            (_, None) | (None, Some(true)) => Err(ResponseError::Malformed("success or code is missing".to_owned())),
        }
    }
}
