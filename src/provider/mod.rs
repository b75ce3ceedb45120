//! The platforms, one folder each, behind one trait. A new platform is a new folder and one line in the registry.

mod account;
mod advice;
mod capabilities;
mod checks;
mod codes;
mod dialect;
mod evidence;
mod interpretation;
mod mapping;
mod own;
mod platform;
mod request;
mod response;
mod words;

use std::borrow::Cow;
use std::fmt;

pub use account::{Account, Credentials, Secret, read_timeout};
pub(crate) use account::{read_account_name, read_zone};
pub use advice::Advice;
pub(crate) use advice::{address_of, after_unknown, retry_after_ms};
pub use capabilities::{
    Capabilities, CredentialRow, Description, DialectRow, Note, OptionRow, capabilities, descriptions, hints, shared_captions,
};
pub use codes::{Explanation, Reason, Refusal, explain_code, unlisted_code_zh};
pub use dialect::Dialect;
pub use interpretation::interpret_response;
pub(crate) use interpretation::{interpret_part, is_showable, largest_answer, operation_error, with_reference};
pub use mapping::Place;
pub(crate) use platform::Documentation;
pub use platform::{
    Advised, Binding, Characters, Credential, DialectOption, Field, Form, Kind, Limits, Mark, Platform, PushContext, PushSource,
    Randomness, RungFirst,
};
pub use request::{
    Moment, Prepared, explain_signature, explain_signature_with_numbers, needs_randomness, prepare_request, read_operation, read_prepared,
};
pub(crate) use request::{about, answer_without_request, complete, holds_secret, own_recording_address, redactor, unbind};
pub use response::{ResponseError, ResponseFields, accept_call};
pub use words::{BodyEncoding, DialectChoice, NumberFormat, Word};

use crate::http::{Request, Response};
use crate::model::{Dial, Error, ErrorReason, Operation, OperationResult, Options, OwnFields, Timestamp};
use crate::redaction::tokens;
use crate::signature::SignatureTrace;

/// Opens an account of a platform.
type Open = fn(Account, Credentials, OwnFields) -> Box<dyn Provider>;

/// Declares the platforms: for each its module and the struct of its accounts.
macro_rules! platforms {
    ($($module:ident::$provider:ident),+ $(,)?) => {
        $(mod $module;)+

        /// The exports of the platforms: the structs of their accounts and dial fields, and their dialect choices.
        pub mod platforms {
            $(pub use super::$module::*;)+
        }

        use platforms::{$($provider),+};

        /// The registry of platforms.
        pub static PLATFORMS: [&Platform; [$(stringify!($module)),+].len()] = [$(&$module::PLATFORM),+];

        static OPENERS: [Open; PLATFORMS.len()] = [$(|account, credentials, own| Box::new($provider::open(account, credentials, &own))),+];

        static DOCUMENTATION: [&Documentation; PLATFORMS.len()] = [$(&$module::DOCUMENTATION),+];
    };
}

platforms! {
    mixcom::Mixcom,
    quanmayun::Quanmayun,
    dingxin::Dingxin,
    cyjcloud::Cyjcloud,
    seatcall::Seatcall,
    // A new platform: its line here.
}

/// A platform with an account's credentials: how its requests are signed and its answers read.
///
/// The platforms of this crate implement it, and a program can implement it for a platform of its own. The rules are the crate's all the
/// same: checks before a request, classification of failures, redaction, retries, and the reading of pushes by the platform's description.
///
/// ```
/// use ringback::{
///     Account, ResponseFields, ResponseError, Cause, Credential, Credentials, Dial, Element, Error, Moment, Operation, OperationKind, OperationResult,
///     Outcome, Place, Platform, Provider, Request, Response, SignatureTrace, Status, accept_call, base64, hmac_sha256, json_object,
/// };
///
/// // What is known of the platform, as data.
/// static PLATFORM: Platform = Platform {
///     name: "acme",
///     base_url: Some("https://api.acme.example"),
///     credentials: &[Credential::public("appId", "pass the id of the console"), Credential::secret("appSecret", "pass the secret of the console")],
///     operations: &[OperationKind::Dial],
///     // Each request is signed with a nonce.
///     signs_nonce: true,
///     marker_fields: &["callId"],
///     record_fields: &[("callId", Place::CallId), ("from", Place::CallerNumber), ("to", Place::CalleeNumber), ("end", Place::EndedAt)],
///     complete_record: |record, element, _| {
///         if element.code("state").as_deref() == Some("7000200") {
///             record.outcome = Outcome { status: Status::Answered, cause: Cause::HungUp, ..Outcome::default() };
///         }
///     },
///     ..Platform::EMPTY
/// };
///
/// // An account of it.
/// struct Acme {
///     account: Account,
///     credentials: Credentials,
/// }
///
/// impl Provider for Acme {
///     fn platform(&self) -> &'static Platform {
///         &PLATFORM
///     }
///
///     fn account(&self) -> &Account {
///         &self.account
///     }
///
///     fn credentials(&self) -> &Credentials {
///         &self.credentials
///     }
///
///     fn build_request(&self, operation: &Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
///         let Operation::Dial(dial) = operation else { return Err(PLATFORM.unsupported(operation.kind())) };
///         let (nonce, time) = (moment.nonce()?, moment.seconds().to_string());
///         let signature = base64(hmac_sha256(self.credentials.reveal("appSecret"), [nonce, &time].concat()));
///         trace.step("HMAC-SHA-256 of nonce and time, Base64", signature.as_str());
///         let body = json_object([("from", dial.caller.as_str()), ("to", dial.callee.as_str())].into_iter());
///         let authorization = format!("id={},nonce={nonce},time={time},signature={signature}", self.credentials.reveal("appId"));
///         Ok(Request::post_json(format!("{}/calls", self.account.base_url), &body).with_header("authorization", authorization))
///     }
///
///     fn read_response(&self, operation: &Operation, answer: &ResponseFields<'_, '_>) -> Result<OperationResult, ResponseError> {
///         let code = answer.required_code("code")?;
///         if code != "0" {
///             return Err(ResponseError::Refused { code: Some(code), message: answer.words("message") });
///         }
///         Ok(accept_call(self, operation, Some(answer.required("callId")?), None, answer))
///     }
/// }
///
/// let acme = Acme { account: Account::new(&PLATFORM), credentials: Credentials::new(PLATFORM.credentials, ["id-1".into(), "secret-1".into()]) };
///
/// // Sign.
/// let dial = Dial { caller: "13800000001".into(), callee: "13900000002".into(), ..Dial::default() };
/// let prepared = acme.prepare(&dial, Moment::new(1_583_142_000_123, "00112233445566778899aabbccddeeff"))?;
/// assert_eq!(prepared.headers.get("authorization"), Some(
///     "id=id-1,nonce=00112233445566778899aabbccddeeff,time=1583142000,signature=ZWhkpCfF3CW0dId8N02T4zcBZBPgE/xyYPj7rLQ+oHI="
/// ));
/// // An empty nonce is never signed.
/// assert!(acme.prepare(&dial, 1_583_142_000_123).is_err());
///
/// // Interpret the answer.
/// let answer = Response { status: 200, body: br#"{"code":0,"callId":"c-1"}"#, ..Response::default() };
/// let OperationResult::Call(call) = acme.interpret(&prepared, &answer)? else { unreachable!() };
/// assert_eq!(call.id.as_deref(), Some("c-1"));
///
/// // Read a push.
/// let body = r#"{"callId":"c-1","from":"13800000001","to":"13900000002","end":"2020-03-02 17:48:15","state":"7000200"}"#;
/// let push = ringback::parse_push(&PLATFORM, body, &ringback::PushOptions::default())?;
/// assert_eq!(push.records[0].key, "acme:c-1");
/// assert_eq!(push.records[0].outcome.status, Status::Answered);
/// # Ok::<(), Error>(())
/// ```
pub trait Provider: Send + Sync {
    /// Returns the description of the platform.
    fn platform(&self) -> &'static Platform;

    /// Returns the options that every platform has.
    fn account(&self) -> &Account;

    /// Returns the account's credentials.
    fn credentials(&self) -> &Credentials;

    /// Returns the account's push address, on platforms to which it is sent with each dial.
    fn push_url(&self) -> Option<&str> {
        None
    }

    /// Lists what no error, trace, hook or log line may show: the credentials that the description calls secret, and the tokens in the
    /// push address.
    fn secrets(&self) -> Vec<Cow<'_, str>> {
        let tokens = self.push_url().into_iter().flat_map(tokens).map(Cow::Owned);
        self.credentials().secrets().map(Cow::Borrowed).chain(tokens).collect()
    }

    /// Checks the options that only this platform has. This runs before every request.
    ///
    /// # Errors
    /// `invalid-argument` naming the option.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Builds and signs the request, and records the steps in the trace. It is called only for operations that the platform offers, after
    /// the account and the operation were checked.
    ///
    /// # Errors
    /// `invalid-argument` naming the parameter.
    fn build_request(&self, operation: &Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error>;

    /// Reads a response that came with a success status.
    ///
    /// # Errors
    /// The platform's refusal, or the reason why the response cannot be read.
    fn read_response(&self, operation: &Operation, answer: &ResponseFields<'_, '_>) -> Result<OperationResult, ResponseError>;

    /// Returns whether the record of this dial will carry its reference.
    fn echoes_reference(&self, dial: &Dial) -> bool {
        let _ = dial;
        self.platform().echoes_reference
    }

    /// Returns when the recording of a call that ended then is deleted, where that is known.
    fn recording_expiry(&self, ended_at: Timestamp) -> Option<Timestamp> {
        let _ = ended_at;
        None
    }

    /// Signs the request of an operation. `now` is milliseconds after 1970 in UTC, or a [`Moment`] with fresh randomness.
    ///
    /// # Errors
    /// `unsupported`, or `invalid-argument` naming the parameter.
    fn prepare<'a>(&self, operation: impl Into<Operation>, now: impl Into<Moment<'a>>) -> Result<Prepared, Error>
    where
        Self: Sized,
    {
        prepare_request(self, operation.into(), &now.into())
    }

    /// Interprets the response to a prepared request.
    ///
    /// # Errors
    /// A classified error, see [`Error`].
    fn interpret(&self, prepared: &Prepared, response: &Response<'_>) -> Result<OperationResult, Error>
    where
        Self: Sized,
    {
        interpret_response(self, &prepared.params, response)
    }
}

/// The platform only: an account has secrets. It is not a supertrait's: each provider's derived `Debug` would be part of the wasm.
impl fmt::Debug for dyn Provider + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.platform().name)
    }
}

/// Finds a platform of the registry by its name.
///
/// # Errors
/// `invalid-argument` that lists the names.
pub fn find_platform(name: &str) -> Result<&'static Platform, Error> {
    find_entry(name).map(|(platform, _)| platform)
}

fn find_entry(name: &str) -> Result<(&'static Platform, Open), Error> {
    PLATFORMS.into_iter().zip(OPENERS).find(|(platform, _)| platform.name == name).ok_or_else(|| {
        let names: Vec<&str> = PLATFORMS.iter().map(|platform| platform.name).collect();
        let hint = format!("pass one of {}", names.join(", "));
        Error::invalid(ErrorReason::UnsupportedValue, "provider", "is not a known platform", &hint).expecting(&names)
    })
}

/// Opens an account from flat options, as `createClient` takes them.
///
/// # Errors
/// `invalid-argument` naming the unknown, missing or wrong option.
pub fn open_account(mut options: Options) -> Result<Box<dyn Provider>, Error> {
    let name = read_platform_name(&mut options)?;
    let (platform, open) = find_entry(&name)?;
    read_account(platform, open, options).map_err(|mut error| {
        error.provider = Some(platform.name);
        error
    })
}

fn read_account(platform: &Platform, open: Open, mut options: Options) -> Result<Box<dyn Provider>, Error> {
    let mut known = vec!["provider"];
    known.extend(Account::OPTIONS);
    known.extend(platform.credentials.iter().map(|credential| credential.name));
    known.extend(platform.options.iter().map(|option| option.name));
    options.check_names_of(&format!("option of {}", platform.name), &known, request::find_meant)?;
    let account = Account::read(platform, &mut options)?;
    let credentials = Credentials::read(platform.credentials, &mut options)?;
    let own = own::read_own(platform.options, &mut options)?;
    let provider = open(account, credentials, own);
    checks::account(&*provider).map(|()| provider)
}

/// Finds the platform that options name.
pub(crate) fn read_platform(options: &mut Options) -> Result<&'static Platform, Error> {
    read_platform_name(options).and_then(|name| find_platform(&name))
}

fn read_platform_name(options: &mut Options) -> Result<String, Error> {
    options.require_text("provider", "pass the platform's name")
}
