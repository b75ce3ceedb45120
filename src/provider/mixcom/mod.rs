//! mixcom 一键呼叫. Sections refer to the platform's document, "一键呼叫接口".

mod codes;
mod push;

pub(super) use codes::REASONS;

use super::interpretation::by_http_sense;
use super::{
    Account, Advice, Complaint, Credential, Credentials, Dialect, DialectOption, Limits, Mark, Moment, Platform, Provider, PushSource,
    RungFirst, accepted,
};
use crate::digest::{hex, sha1};
use crate::http::{Reply, Request};
use crate::model::{Correlation, Dial, Error, ErrorReason, Operation, OperationKind, OperationResult, PhoneNumber, RecordingOf, code};
use crate::payload::Element;
use crate::signature::{self, Joining, MASK, Parameter, SignatureTrace};

/// 1.1
const BASE: &str = "http://api-voicecall.mixcom.cn";
/// 4
const RECORDINGS: &str = "http://v-record.mixcom.cn";
/// 2.1 appkey. That of `sign`, 32 too, is wrong: SHA-1 in hex has 40.
const LONGEST_APP_KEY: usize = 32;
/// 2.1 callerNbr, calleeNbr
const LONGEST_NUMBER: usize = 20;

const CREDENTIALS_HINT: &str = "pass the application's key and secret from the console's application list";
const CHECK_SECRET: &str = "check appKey and appSecret; else try dialect.signature \"digest-only\"";

/// What needs no credentials.
pub static PLATFORM: Platform = Platform {
    name: "mixcom",
    title: "mixcom 一键呼叫",
    credentials: &[
        Credential::public("appKey", CREDENTIALS_HINT).at_most(LONGEST_APP_KEY),
        Credential::secret("appSecret", CREDENTIALS_HINT),
    ],
    operations: &[OperationKind::Dial, OperationKind::Recording],
    dial_fields: &[],
    spellings: &[("callerNbr", "caller"), ("calleeNbr", "callee"), ("Uuid", "reference"), ("time", ""), ("appkey", "appKey"), ("sign", "")],
    // 2.1 Uuid, 4 icid
    limits: Limits { reference: 128, call_id: 64, ..Limits::UNDOCUMENTED },
    // 3: the example's callee is called first, but nothing says that this is the rule.
    rung_first: (RungFirst::Unknown, Mark::Chosen),
    binding_minutes: None,
    correlation: Correlation::Reference,
    echoes_reference: true,
    push: PushSource::Documented,
    pushes_again: true,
    #[cfg(not(target_arch = "wasm32"))]
    notes: &[
        (
            Mark::Documented,
            "A dial answers no call id: the reference, which the record echoes, is the only way to find its record. One is made when none is given.",
        ),
        (
            Mark::Documented,
            "The request's table writes Uuid, the push uuid. In the wrong spelling the reference would be lost without an error: see dialect.referenceField.",
        ),
        (
            Mark::Documented,
            "Who is rung first is not said. In the document's example the callee is rung first, or the two legs' names are swapped there: try it.",
        ),
        (Mark::Documented, "A record is pushed again 60, 180 and 600 s after a 5xx with a JSON body, and never after a 404 or 403."),
        (Mark::Chosen, "Any 4xx is taken to end the pushing, as 404 and 403 do."),
        (
            Mark::Documented,
            "durationSeconds (Duration) counts from the first answer in the document's example; the document does not say so in words.",
        ),
        (Mark::Chosen, "talkSeconds counts from when both parties were on the line."),
        (
            Mark::Documented,
            "The request for a recording carries no time: over plain http, whoever sees one can repeat it for ever. Set recordingBaseUrl to an https address if the platform has one.",
        ),
        (Mark::Documented, "The documented addresses are plain http."),
        (Mark::Known, "Newer addresses of the vendor are https: set baseUrl."),
        (Mark::Known, "In the reasons, 本端 (local) is the caller and 远端 (remote) the callee."),
    ],
    domains: &["mixcom.cn"],
    recording_by_id: true,
    dialect: &[
        DialectOption { name: "signature", values: &["secret-and-digest", "digest-only"] },
        DialectOption { name: "bodyEncoding", values: &["form", "multipart", "json"] },
        DialectOption { name: "referenceField", values: &["Uuid", "uuid"] },
        DialectOption { name: "recordingRequest", values: &["form", "query", "get"] },
        DialectOption { name: "numberFormat", values: &["national", "e164"] },
    ],
    reasons: &[codes::REASONS],
    refusals: &[],
    unlisted: by_http_sense,
    advice: Advice {
        authentication: "check appKey and appSecret in the console's application list; else try dialect.signature \"digest-only\"",
        forbidden: "ask the platform whether the application may place calls, and whether this server's address must be admitted",
        // 2.1 time: valid 10 minutes. 4: the recording's request carries none.
        clock_seconds: |kind| (kind == OperationKind::Dial).then_some(600),
        words: &[
            ("签名", ErrorReason::BadSignature, CHECK_SECRET),
            ("appkey", ErrorReason::Authentication, CHECK_SECRET),
            ("sign", ErrorReason::BadSignature, CHECK_SECRET),
        ],
    },
    open: |_, account, credentials| Box::new(Mixcom { account: account.with_bases(BASE, RECORDINGS), credentials }),
    refuse: None,
    event: Some(("event", "fee")),
    signs: &["event", "callIdentifier"],
    fields: push::FIELDS,
    complete: push::complete,
    ack: |_| Reply::json(200, r#"{"code":200}"#),
    // Without a JSON body the platform gives up (3, 推送说明 1), with a 4xx as well (3, 推送说明 3).
    nack: || Reply::json(500, r#"{"code":500}"#),
};

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
        Self { account: Account::new(BASE, RECORDINGS), credentials }
    }

    fn dialect(&self) -> &Dialect {
        &self.account.dialect
    }

    fn dial(&self, dial: &Dial, moment: &Moment<'_>) -> Result<Vec<Parameter>, Error> {
        let number = |field, text: &str| {
            let number = PhoneNumber::parse(field, text)?;
            let number = if self.dialect().is("numberFormat", "e164") { number.with_country_code() } else { number.national().to_owned() };
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
            let field = if self.dialect().is("referenceField", "uuid") { "uuid" } else { "Uuid" };
            parameters.push(Parameter::plain(field, checked_reference(reference)?));
        }
        parameters.push(Parameter::plain("time", moment.seconds().to_string()));
        parameters.push(Parameter::plain("appkey", self.credentials.reveal("appKey")));
        parameters.extend(dial.extra.iter().map(Parameter::extra));
        Ok(parameters)
    }

    fn recording(&self, of: &RecordingOf) -> Result<Vec<Parameter>, Error> {
        Ok(vec![Parameter::plain("icid", of.id()?), Parameter::plain("appkey", self.credentials.reveal("appKey"))])
    }

    /// 1.3, its steps 6 and 7 settled by public integrations: the secret and its digest both stand behind the values.
    fn sign(&self, parameters: &[Parameter], trace: &mut SignatureTrace) -> String {
        let values = signature::canonical(parameters, Joining::Values, trace);
        let secret = self.credentials.reveal("appSecret");
        let digest = hex(sha1(secret));
        trace.step("SHA-1 of the secret, lower-case hex", MASK);
        let shown = trace.canonical.clone().unwrap_or_default();
        let signed = if self.dialect().is("signature", "digest-only") {
            trace.step("append the secret's digest", format!("{shown}{MASK}"));
            values + &digest
        } else {
            trace.step("append the secret and its digest", format!("{shown}{MASK}{MASK}"));
            values + secret + &digest
        };
        let sign = hex(sha1(signed));
        trace.step("SHA-1 of that, lower-case hex", sign.as_str());
        sign
    }
}

fn checked_reference(reference: &str) -> Result<&str, Error> {
    let mend = "use 1 to 128 digits, letters, _ and -";
    if let Some(wrong) = reference.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-')) {
        return Err(Error::invalid(
            ErrorReason::ForbiddenCharacter,
            "reference",
            &format!("has \"{wrong}\", which mixcom does not allow"),
            mend,
        ));
    }
    Ok(reference)
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

    fn build(&self, operation: &Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
        let (mut parameters, url, encoding) = match operation {
            Operation::Recording(of) => {
                let encoding = self.dialect().get("recordingRequest").unwrap_or("form");
                (self.recording(of)?, format!("{}/record/download", self.account.recording_base_url), encoding)
            }
            Operation::Dial(dial) => {
                let encoding = self.dialect().get("bodyEncoding").unwrap_or("form");
                (self.dial(dial, moment)?, format!("{}/voice/dial", self.account.base_url), encoding)
            }
            other => return Err(PLATFORM.unsupported(other.kind())),
        };
        let sign = self.sign(&parameters, trace);
        trace.place(if matches!(encoding, "query" | "get") { "query" } else { "body" }, "sign", sign.as_str());
        parameters.push(Parameter::plain("sign", sign.as_str()));
        let mut request = Request::post(url, if encoding == "get" { "query" } else { encoding }, &parameters);
        if encoding == "get" {
            request.method = "GET";
        }
        Ok(request)
    }

    fn read(&self, operation: &Operation, answer: &Element<'_>) -> Result<OperationResult, Complaint> {
        let code = answer.try_text("code")?;
        let success = answer.try_text("success")?.as_deref().and_then(code::truth);
        let is_done = code.as_deref().map(|code| code::same(code, "200"));
        let message = answer.words("msg");
        let unclear = |why: &str, is_half_done| {
            // A code alone, without the success that the document demands, contradicts nothing.
            let reason = if is_half_done { ErrorReason::ContradictingAnswer } else { ErrorReason::UnreadableAnswer };
            let (code, message, why) = (code.clone(), message.clone(), why.to_owned());
            Complaint::Unclear { reason, code, message, why, is_half_done, call_id: None }
        };
        let shown = code.as_deref().map(code::plain).unwrap_or_default();
        match (success, is_done) {
            (Some(true), Some(true)) if matches!(operation, Operation::Dial(_)) => Ok(accepted(self, operation, None, None, answer)),
            // A recording that answers JSON is none, whatever its code says.
            (Some(true), Some(true)) => {
                Err(Complaint::Refused { code, message: message.or_else(|| Some("success, but no recording".to_owned())) })
            }
            (Some(false), Some(false) | None) => Err(Complaint::Refused { code, message }),
            (Some(false), Some(true)) => Err(unclear("code 200, but with success false", true)),
            (Some(true), Some(false)) => Err(unclear(&format!("success true, but with code {shown}"), true)),
            // What repeats nothing that acts need not doubt a code.
            (None, Some(false)) if operation.kind().is_safe() => Err(Complaint::Refused { code, message }),
            (None, Some(false)) => Err(unclear(&format!("code {shown} and without success"), false)),
            (_, None) | (None, Some(true)) => Err(Complaint::Malformed("success or code is missing".to_owned())),
        }
    }
}
