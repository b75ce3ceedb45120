//! The platforms, one folder each, behind one trait. A new platform is a new folder and a line in [`PLATFORMS`].

mod account;
mod advice;
mod checks;
pub mod cyjcloud;
pub mod dingxin;
mod evidence;
mod interpretation;
mod mapping;
pub mod mixcom;
pub mod quanmayun;
pub mod seatcall;

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

pub use account::{Account, Credential, Credentials, Dialect, DialectOption, Moment, Secret, timeout};
pub(crate) use account::{account_name, at, zone};
pub use advice::Advice;
pub(crate) use advice::{address_of, after_unknown, retry_after_ms};
pub(crate) use interpretation::by_http_sense;
pub use interpretation::{failure, http_failure, interpret, largest_answer};
pub(crate) use interpretation::{interpret_part, is_showable, of_dial};
pub(crate) use mapping::{Mapping, Place};

use crate::http::{Headers, Reply, Request, Response};
use crate::model::{
    Call, CallRecord, Cause, Correlation, Delivery, Dial, Error, ErrorCode, ErrorReason, Fields, Operation, OperationKind, OperationResult,
    Outcome, RecordingOf, RecordingStart, Side, Status, Timestamp, Value, Zone, code, folded,
};
use crate::payload::{Element, Unreadable};
use crate::redaction::{Redactor, tokens};
use crate::signature::SignatureTrace;

/// The registry.
pub static PLATFORMS: [&Platform; 5] =
    [&mixcom::PLATFORM, &quanmayun::PLATFORM, &dingxin::PLATFORM, &cyjcloud::PLATFORM, &seatcall::PLATFORM];

/// Everything about a platform that needs no credentials.
pub struct Platform {
    /// Its name in the public surface.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The credentials of an account, in the order of the platform's document. What is secret is said here and nowhere else.
    pub credentials: &'static [Credential],
    /// What it offers.
    pub operations: &'static [OperationKind],
    /// The fields of [`Dial`] that it knows besides caller, callee, reference and extra.
    pub dial_fields: &'static [&'static str],
    /// The platform's own names of what a dial and an account hold, each with the word here; an empty word where nobody gives the value.
    /// A dial's `extra` may have none of them, and who writes one as an option is told the word.
    pub spellings: &'static [(&'static str, &'static str)],
    /// How long ids may be.
    pub limits: Limits,
    /// Whose phone rings first, and how that is known.
    pub rung_first: (RungFirst, Mark),
    /// A dial binds the virtual number to both parties for so many minutes, where the dial says nothing else.
    pub binding_minutes: Option<i64>,
    /// How a call is found among the records.
    pub correlation: Correlation,
    /// It echoes the reference, so one is made where the user gives none.
    pub echoes_reference: bool,
    /// Its records can be had by push, and where that is written.
    pub push: PushSource,
    /// A push that was not acknowledged comes again.
    pub pushes_again: bool,
    /// What a user must know. Read at build time only: it has no place in the wasm.
    #[cfg(not(target_arch = "wasm32"))]
    pub notes: &'static [(Mark, &'static str)],
    /// Domains whose hosts are the platform's own.
    pub domains: &'static [&'static str],
    /// A recording can be asked for by the call's id; otherwise its address stands in the record only.
    pub recording_by_id: bool,
    /// The options under `dialect`.
    pub dialect: &'static [DialectOption],
    /// The reasons in its records, one table for each of its sources.
    pub reasons: &'static [&'static [Reason]],
    /// The codes of its refusals.
    pub refusals: &'static [Refusal],
    /// What a code outside `refusals` means (nothing where the answer names none), and whether a dial refused with it may have been placed
    /// all the same.
    pub unlisted: fn(Option<&str>) -> (ErrorCode, bool),
    /// What its refusals ask for.
    pub advice: Advice,
    /// Reads the options that only this platform has.
    pub open: Open,
    /// Why an element of a push is no report of records, where its own words say so.
    pub refuse: Option<Refuse>,
    /// The field that names a push's event, and the event that is a call record; nothing where every push is one.
    pub event: Option<(&'static str, &'static str)>,
    /// Fields of which a record has at least one.
    pub signs: &'static [&'static str],
    /// What of a record is only moved.
    pub(crate) fields: &'static Mapping,
    /// Fills in what takes more than moving.
    pub(crate) complete: fn(&mut CallRecord, &Element<'_>, &PushContext<'_>),
    /// The answer to a push that was kept.
    pub ack: fn(&Dialect) -> Reply,
    /// The answer to a push that was not kept.
    pub nack: fn() -> Reply,
}

/// Reads a platform's own options and makes its provider.
pub type Open = fn(&mut Fields, Account, Credentials) -> Box<dyn Provider>;

/// Says why an element of a push is no report of records.
pub type Refuse = fn(&Element<'_>) -> Option<Unreadable>;

/// Where it is written that a platform pushes records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PushSource {
    /// In the platform's document.
    Documented,
    /// Seen in public integrations of it or of a sibling.
    Known,
}

/// How something is known of a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It is in the platform's document.
    Documented,
    /// It was seen in public integrations of the platform or of a sibling.
    Known,
    /// No document says it: it is this library's choice.
    Chosen,
}

impl Mark {
    /// The word in the matrix.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Known => "known",
            Self::Chosen => "chosen",
        }
    }
}

/// Whose phone a platform rings first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RungFirst {
    /// The caller's (主叫).
    Caller,
    /// The callee's (被叫).
    Callee,
    /// The document does not say.
    Unknown,
}

/// The most characters of ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The user's reference.
    pub reference: usize,
    /// The platform's call id.
    pub call_id: usize,
    /// A seat.
    pub seat: usize,
}

impl Limits {
    /// What no document limits (chosen).
    pub const UNDOCUMENTED: Self = Self { reference: 256, call_id: 1024, seat: 64 };
}

/// What is known of a push besides its body.
pub struct PushContext<'a> {
    /// The account's name.
    pub account: Option<&'a str>,
    /// The zone of times without one.
    pub zone: Zone,
    /// The push address's query, without `?`.
    pub query: &'a str,
}

/// A documented reason in a record.
#[derive(Debug)]
pub struct Reason {
    /// The platform's code.
    pub code: &'static str,
    /// What it means for the call.
    pub status: Status,
    /// Why.
    pub cause: Cause,
    /// The leg that decided it.
    pub leg: Option<Side>,
    /// The document's words.
    pub message: &'static str,
    /// The same in English.
    pub message_en: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

/// A documented refusal.
#[derive(Debug)]
pub struct Refusal {
    /// The platform's code.
    pub code: &'static str,
    /// Its kind.
    pub error: ErrorCode,
    /// Its reason, which may say more than its kind.
    pub reason: ErrorReason,
    /// Nobody can know whether a dial was placed.
    pub indeterminate: bool,
    /// The document's words.
    pub message: &'static str,
    /// The same in English.
    pub message_en: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

impl Refusal {
    /// The same with a reason that says more than its kind.
    pub(crate) const fn because(self, reason: ErrorReason) -> Self {
        Self { reason, ..self }
    }
}

/// A platform with an account's credentials.
pub trait Provider: Send + Sync {
    /// What needs no credentials.
    fn platform(&self) -> &'static Platform;

    /// The options that every platform has.
    fn account(&self) -> &Account;

    /// The account's credentials.
    fn credentials(&self) -> &Credentials;

    /// The account's push address, on platforms to which it is told with each dial.
    fn push_url(&self) -> Option<&str> {
        None
    }

    /// What no error, trace, hook or log line may show: the credentials that the description calls secret, and the tokens in the
    /// push address.
    fn secrets(&self) -> Vec<Cow<'_, str>> {
        let tokens = self.push_url().into_iter().flat_map(tokens).map(Cow::Owned);
        self.credentials().secrets().map(Cow::Borrowed).chain(tokens).collect()
    }

    /// Whether the options that only this platform has may be used. Asked before every request.
    ///
    /// # Errors
    /// `invalid-argument` naming the option.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// The signed request, and how it came about. Called with operations that the platform offers, after account and operation were checked.
    ///
    /// # Errors
    /// `invalid-argument` naming the parameter.
    fn build(&self, operation: &Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error>;

    /// Reads an answer that came with a success status.
    ///
    /// # Errors
    /// What the answer refuses, or why it cannot be read.
    fn read(&self, operation: &Operation, answer: &Element<'_>) -> Result<OperationResult, Complaint>;

    /// Whether the record of this dial will carry its reference.
    fn echoes_reference(&self, dial: &Dial) -> bool {
        let _ = dial;
        self.platform().echoes_reference
    }

    /// When the recording of a call that ended then is deleted, where that is known.
    fn recording_expiry(&self, ended_at: Timestamp) -> Option<Timestamp> {
        let _ = ended_at;
        None
    }

    /// The signed request of this operation. `now` is milliseconds after 1970 in UTC, or a [`Moment`] that brings a fresh reference too.
    ///
    /// # Errors
    /// `unsupported`, or `invalid-argument` naming the parameter.
    fn prepare<'a>(&self, operation: impl Into<Operation>, now: impl Into<Moment<'a>>) -> Result<Prepared, Error>
    where
        Self: Sized,
    {
        prepare(self, operation.into(), &now.into())
    }

    /// What an answer to a prepared request means.
    ///
    /// # Errors
    /// A classified error, see [`Error`].
    fn interpret(&self, prepared: &Prepared, response: &Response<'_>) -> Result<OperationResult, Error>
    where
        Self: Sized,
    {
        interpret(self, &prepared.params, response)
    }
}

/// The platform only. Not a supertrait's: the table of every provider would carry its whole derived `Debug` into the wasm.
impl fmt::Debug for dyn Provider + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.platform().name)
    }
}

/// Why an answer is no success.
#[derive(Debug)]
pub enum Complaint {
    /// The platform refused with this code and these words.
    Refused {
        /// The platform's code, where it gave one.
        code: Option<String>,
        /// Its words.
        message: Option<String>,
    },
    /// The answer is not what the document says.
    Malformed(String),
    /// The answer contradicts itself, or says less than it must: nobody can know whether the platform acted.
    Unclear {
        /// The kind of doubt.
        reason: ErrorReason,
        /// The platform's code, where it gave one.
        code: Option<String>,
        /// Its words.
        message: Option<String>,
        /// What it says, in words that go on from "the platform answered dial with".
        why: String,
        /// Something in it speaks for a call (or what else was asked for): then no HTTP status makes a refusal of it.
        is_half_done: bool,
        /// The id of a call that it names.
        call_id: Option<String>,
    },
}

impl From<Unreadable> for Complaint {
    fn from(unreadable: Unreadable) -> Self {
        Self::Malformed(unreadable.reason)
    }
}

/// A signed request that was not sent. Plain values: a queue may carry it. It holds credentials, and its signature expires where the platform
/// checks the time.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Prepared {
    /// The platform's name.
    pub provider: &'static str,
    /// The account's name, where the client has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The operation.
    pub operation: &'static str,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The whole address. On one platform (dingxin's recording) it holds the secret: do not log it.
    pub url: String,
    /// Names in lower case.
    pub headers: Headers,
    /// Text, to be sent as UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Of a dial: your id for it, or the one that was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Of a dial that binds the parties: see [`Call::bound_until`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound_until: Option<String>,
    /// The operation's parameters, which `interpret` needs again.
    pub params: Operation,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("provider", &self.provider).field("operation", &self.operation).finish_non_exhaustive()
    }
}

/// The platform of that name.
///
/// # Errors
/// `invalid-argument` that lists the names.
pub fn platform(name: &str) -> Result<&'static Platform, Error> {
    PLATFORMS.into_iter().find(|platform| platform.name == name).ok_or_else(|| {
        let names: Vec<&str> = PLATFORMS.iter().map(|platform| platform.name).collect();
        Error::invalid(ErrorReason::UnsupportedValue, "provider", "is no platform known here", &format!("pass one of {}", names.join(", ")))
    })
}

/// Opens an account from flat options, as `createClient` takes them.
///
/// # Errors
/// `invalid-argument` naming the unknown, missing or wrong option.
pub fn open(mut options: Fields) -> Result<Box<dyn Provider>, Error> {
    let platform = platform_of(&mut options)?;
    let account = Account::read(platform, &mut options);
    let credentials = Credentials::read(platform.credentials, &mut options);
    let provider = (platform.open)(&mut options, account, credentials);
    match options.finish_as(&format!("option of {}", platform.name), meant).and_then(|()| checks::account(&*provider)) {
        Ok(()) => Ok(provider),
        Err(mut error) => {
            error.provider = Some(platform.name);
            Err(error)
        }
    }
}

/// The word here for a platform's own spelling, which is given in lower case and without `_` and `-`.
fn meant(folded_name: &str) -> Option<&'static str> {
    let mut spellings = PLATFORMS.into_iter().flat_map(|platform| platform.spellings);
    spellings.find(|(own, word)| !word.is_empty() && folded(own) == folded_name).map(|(_, word)| *word)
}

/// The platform that the options name.
pub(crate) fn platform_of(options: &mut Fields) -> Result<&'static Platform, Error> {
    let name = options.required("provider", "pass the platform's name");
    options.check()?;
    platform(&name)
}

/// The signed request of an operation.
///
/// # Errors
/// `unsupported`, or `invalid-argument` naming the parameter.
pub fn prepare(provider: &dyn Provider, operation: Operation, moment: &Moment<'_>) -> Result<Prepared, Error> {
    build(provider, operation, moment, &mut SignatureTrace::default())
}

/// Each step of an operation's signature, without secrets and numbers.
///
/// # Errors
/// As [`prepare`].
pub fn explain(provider: &dyn Provider, operation: Operation, moment: &Moment<'_>) -> Result<SignatureTrace, Error> {
    let (platform, kind) = (provider.platform(), operation.kind());
    let redactor = Redactor::new(secrets(provider, Some(&operation)));
    let mut trace = SignatureTrace { provider: platform.name, operation: kind.as_str(), is_wanted: true, ..SignatureTrace::default() };
    build(provider, operation, moment, &mut trace)?;
    trace.hide(&redactor);
    Ok(trace)
}

fn build(provider: &dyn Provider, mut operation: Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Prepared, Error> {
    let (platform, account) = (provider.platform(), provider.account());
    let kind = operation.kind();
    let built = (|| {
        if kind != OperationKind::Download && !platform.operations.contains(&kind) {
            return Err(platform.unsupported(kind));
        }
        checks::account(provider)?;
        unbind(&mut operation);
        complete(provider, &mut operation, moment);
        checks::operation(platform, &mut operation)?;
        if lacks_reference(platform, &operation) {
            return Err(Error::invalid(
                ErrorReason::Missing,
                "reference",
                "is missing and no fresh one was given",
                "pass your own id for this dial",
            ));
        }
        let request = match &operation {
            Operation::Download(download) => account.download(platform, &download.url)?,
            Operation::Recording(of) => match own_recording_address(provider, of)? {
                Some(url) => {
                    trace.step("the recording's address stands in the record: nothing is signed", "");
                    Request::get(url)
                }
                None => provider.build(&operation, moment, trace)?,
            },
            operation => provider.build(operation, moment, trace)?,
        };
        Ok(request)
    })();
    let request = built.map_err(|error| of_dial(about(provider, kind, error), &operation))?;
    let (reference, bound_until) = match &operation {
        Operation::Dial(dial) => (dial.reference.clone(), dial.bound_until.clone()),
        _ => (None, None),
    };
    Ok(Prepared {
        provider: platform.name,
        account: account.name.clone(),
        operation: kind.as_str(),
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: request.body,
        reference,
        bound_until,
        params: operation,
    })
}

/// What a dial gets from the moment of its request: the fresh reference where it has none and the platform echoes it, and the end of its
/// binding where the platform binds the parties for a while.
pub(crate) fn complete(provider: &dyn Provider, operation: &mut Operation, moment: &Moment<'_>) {
    let platform = provider.platform();
    let lacks_reference = lacks_reference(platform, operation) && !moment.fresh.is_empty();
    let Operation::Dial(dial) = operation else { return };
    if lacks_reference {
        dial.reference = Some(moment.fresh.to_owned());
    }
    if dial.bound_until.is_some() {
        return;
    }
    let minutes = platform.binding_minutes.map(|standard| dial.expires_in_minutes.unwrap_or(standard));
    // No longer than a day: what is beyond is refused anyway, and may be no instant.
    let end = |minutes: i64| at(moment, provider.account().zone).plus_ms(minutes.clamp(0, MINUTES_OF_A_DAY) * 60_000);
    dial.bound_until = minutes.map(|minutes| end(minutes).to_string());
}

/// Forgets when a binding ends: only the moment of the request says it.
pub(crate) fn unbind(operation: &mut Operation) {
    if let Operation::Dial(dial) = operation {
        dial.bound_until = None;
    }
}

const MINUTES_OF_A_DAY: i64 = 24 * 60;

/// Whether a moment's fresh reference will be used: drawing randomness takes a cold process some milliseconds.
#[must_use]
pub fn lacks_reference(platform: &Platform, operation: &Operation) -> bool {
    platform.echoes_reference && matches!(operation, Operation::Dial(dial) if dial.reference.is_none())
}

/// The error with what it is about.
#[must_use]
pub fn about(provider: &dyn Provider, kind: OperationKind, mut error: Error) -> Error {
    error.provider = Some(provider.platform().name);
    error.account.clone_from(&provider.account().name);
    error.operation = Some(kind.as_str());
    error
}

/// What can be answered without asking the platform: a recording whose address stands in the record.
///
/// # Errors
/// Where the address leads elsewhere and the call cannot be asked for by its id.
pub(crate) fn without_request(provider: &dyn Provider, operation: &Operation) -> Result<Option<OperationResult>, Error> {
    let Operation::Recording(of) = operation else { return Ok(None) };
    if !provider.platform().operations.contains(&OperationKind::Recording) {
        return Ok(None);
    }
    let url = own_recording_address(provider, of)?;
    let start = |url| RecordingStart { url: Some(url), expires_at: recording_expiry(provider, of), ..RecordingStart::default() };
    Ok(url.map(|url| OperationResult::Recording(start(url))))
}

/// The address in a record, where it may be fetched: its host is the platform's or one of `recordingHosts`, and it holds no secret.
/// Nothing where the call is to be asked for by its id.
pub(crate) fn own_recording_address(provider: &dyn Provider, of: &RecordingOf) -> Result<Option<String>, Error> {
    let Some(given) = &of.url else { return Ok(None) };
    let checked = provider.account().recording_address(provider.platform(), given).and_then(|url| {
        if !holds_secret(provider, &url) {
            return Ok(url);
        }
        Err(Error::invalid(
            ErrorReason::SecretInUrl,
            "recording.url",
            "holds one of the account's secrets",
            "pass the call id instead of the record",
        ))
    });
    match checked {
        Ok(url) => Ok(Some(url)),
        Err(error) => {
            if of.call_id.is_some() && provider.platform().recording_by_id {
                Ok(None)
            } else {
                Err(error)
            }
        }
    }
}

/// Whether a text holds one of the account's secrets. One of a few characters may stand anywhere by chance, and is not looked for.
pub(crate) fn holds_secret(provider: &dyn Provider, text: &str) -> bool {
    const SHORTEST: usize = 8;
    let long = Redactor::new(provider.secrets().into_iter().filter(|secret| secret.len() >= SHORTEST));
    long.without_secrets(text) != text
}

/// When a record's recording is deleted, ISO 8601 with offset.
pub(crate) fn recording_expiry(provider: &dyn Provider, of: &RecordingOf) -> Option<String> {
    let ended_at = Timestamp::parse(of.ended_at.as_deref()?, provider.account().zone)?;
    provider.recording_expiry(ended_at).map(|at| at.to_string())
}

/// What hides this account's secrets and this operation's numbers.
#[must_use]
pub fn redactor(provider: &dyn Provider, operation: Option<&Operation>) -> Redactor {
    let platform = provider.platform();
    let codes =
        platform.refusals.iter().map(|refusal| refusal.code).chain(platform.reasons.iter().copied().flatten().map(|reason| reason.code));
    let numbers = operation.into_iter().flat_map(Operation::numbers);
    Redactor::new(secrets(provider, operation)).with_numbers(numbers).with_codes(codes)
}

/// The account's secrets, and those that this operation brings: the tokens in a dial's own push address.
fn secrets<'a>(provider: &'a dyn Provider, operation: Option<&Operation>) -> Vec<Cow<'a, str>> {
    let mut secrets = provider.secrets();
    if let Some(Operation::Dial(Dial { push_url: Some(url), .. })) = operation {
        secrets.extend(tokens(url).into_iter().map(Cow::Owned));
    }
    secrets
}

/// The answer of a platform to a dial it accepted.
pub(crate) fn accepted(
    provider: &dyn Provider,
    operation: &Operation,
    id: Option<String>,
    virtual_number: Option<String>,
    answer: &Element<'_>,
) -> OperationResult {
    let platform = provider.platform();
    let correlation = match (&id, platform.correlation) {
        (Some(_), _) => Correlation::CallId,
        (None, Correlation::Reference) => Correlation::Reference,
        (None, _) => Correlation::None,
    };
    let (reference, bound_until) = match operation {
        Operation::Dial(dial) => (dial.reference.clone(), dial.bound_until.clone()),
        _ => (None, None),
    };
    OperationResult::Call(Call {
        provider: platform.name,
        account: provider.account().name.clone(),
        id,
        reference,
        virtual_number,
        bound_until,
        correlation,
        raw: answer.raw(),
    })
}

/// What a platform's code means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The broad answer.
    pub status: Status,
    /// Why the call ended.
    pub cause: Cause,
    /// The leg that decided it, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leg: Option<Side>,
    /// Of the code of a refusal: the `code` of the error that carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorCode>,
    /// The document's own words.
    pub message: &'static str,
    /// The same in English.
    pub message_en: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

/// Explains a reason of a record or the code of a refusal. An unknown code is explained as unknown.
///
/// # Errors
/// `invalid-argument` for an unknown platform.
pub fn explain_code(provider: &str, code: &str) -> Result<Explanation, Error> {
    let platform = platform(provider)?;
    let code = code.trim();
    if let Some(reason) = platform.reason(code) {
        return Ok(Explanation {
            status: reason.status,
            cause: reason.cause,
            leg: reason.leg,
            error: None,
            message: reason.message,
            message_en: reason.message_en,
            advice: reason.advice,
        });
    }
    Ok(match platform.refusal(code) {
        Some(refusal) => Explanation {
            status: if refusal.indeterminate { Status::Unknown } else { Status::Failed },
            cause: Cause::Platform,
            leg: None,
            error: Some(refusal.error),
            message: refusal.message,
            message_en: refusal.message_en,
            advice: refusal.advice,
        },
        None => Explanation {
            status: Status::Unknown,
            cause: Cause::Unknown,
            leg: None,
            error: platform.range(code),
            message: "未知代码",
            message_en: "a code that the platform's document does not list",
            advice: "Keep the record; ask the platform what the code means.",
        },
    })
}

impl Platform {
    /// The outcome of a record with this code. A code that no document lists is kept, and unknown.
    pub(crate) fn outcome(&self, code: Option<String>) -> Outcome {
        outcome_in(self.reasons, code)
    }

    /// The documented reason of that code.
    #[must_use]
    pub fn reason(&self, code: &str) -> Option<&'static Reason> {
        reason_in(self.reasons, code)
    }

    pub(crate) fn unsupported(&self, kind: OperationKind) -> Error {
        let offered: Vec<&str> = self.operations.iter().map(|kind| kind.as_str()).collect();
        Error::new(
            ErrorCode::Unsupported,
            ErrorReason::UnsupportedOperation,
            Delivery::NotSent,
            format!("{} offers no {}", self.name, kind.as_str()),
        )
        .with_hint(format!("{} offers {}", self.name, offered.join(", ")))
    }

    /// The documented refusal with that code.
    #[must_use]
    pub fn refusal(&self, code: &str) -> Option<&'static Refusal> {
        self.refusals.iter().find(|refusal| code::same(refusal.code, code))
    }

    /// What kind of refusal an unlisted code is, where the document gives its range a meaning.
    fn range(&self, code: &str) -> Option<ErrorCode> {
        let known = !self.refusals.is_empty() && code::integer(code).is_some();
        known.then(|| (self.unlisted)(Some(code)).0).filter(|error| *error != ErrorCode::Rejected)
    }

    /// Checks the options under `dialect`.
    pub fn read_dialect(&self, options: &mut Fields) -> Dialect {
        Dialect::read(self, options)
    }
}

/// The outcome with this code, where only these tables count.
pub(crate) fn outcome_in(tables: &[&'static [Reason]], code: Option<String>) -> Outcome {
    let reason = code.as_deref().and_then(|code| reason_in(tables, code));
    match reason {
        Some(reason) => {
            Outcome { status: reason.status, leg: reason.leg, cause: reason.cause, code, message: Some(reason.message.to_owned()) }
        }
        None => Outcome { code, ..Outcome::default() },
    }
}

/// Codes are compared as numbers where they are numbers.
fn reason_in(tables: &[&'static [Reason]], code: &str) -> Option<&'static Reason> {
    tables.iter().flat_map(|table| table.iter()).find(|reason| code::same(reason.code, code))
}

/// A platform's row of the matrix.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// Its name for people.
    pub title: &'static str,
    /// The options that `createClient` must be given, in the order of the platform's document.
    pub credentials: Vec<CredentialRow>,
    /// What it offers.
    pub operations: &'static [OperationKind],
    /// The fields of a dial besides caller, callee, reference and extra.
    pub dial_fields: &'static [&'static str],
    /// Whose phone rings first.
    pub rung_first: RungFirst,
    /// How that is known.
    pub rung_first_source: Mark,
    /// How a call is found among the records.
    pub correlation: Correlation,
    /// Where it is written that it pushes records.
    pub push: PushSource,
    /// A push that was not acknowledged comes again.
    pub pushes_again: bool,
    /// The options under `dialect` with what they may be; the first is the default, no list means any text.
    pub dialect: std::collections::BTreeMap<&'static str, &'static [&'static str]>,
    /// What a user must know, each with how it is known: `[documented]`, `[known]` or `[chosen]` at its end.
    pub notes: Vec<String>,
}

/// A credential in the matrix.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CredentialRow {
    /// The option's name.
    pub name: &'static str,
    /// Whether it must never be shown.
    pub secret: bool,
}

/// The capability matrix, by platform.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn capabilities() -> Vec<(&'static str, Capabilities)> {
    let row = |platform: &'static Platform| Capabilities {
        title: platform.title,
        credentials: platform.credentials.iter().map(|it| CredentialRow { name: it.name, secret: it.is_secret }).collect(),
        operations: platform.operations,
        dial_fields: platform.dial_fields,
        rung_first: platform.rung_first.0,
        rung_first_source: platform.rung_first.1,
        correlation: platform.correlation,
        push: platform.push,
        pushes_again: platform.pushes_again,
        dialect: platform.dialect.iter().map(|option| (option.name, option.values)).collect(),
        notes: platform.notes.iter().map(|(mark, text)| format!("{text} [{}]", mark.as_str())).collect(),
    };
    PLATFORMS.into_iter().map(|platform| (platform.name, row(platform))).collect()
}

/// The operation of a prepared request that comes back from a queue.
///
/// # Errors
/// `invalid-argument` where it was prepared for another platform or is not what `prepare` returned.
pub fn prepared_operation(provider: &dyn Provider, prepared: Value) -> Result<Operation, Error> {
    let mend = "pass what prepare returned, to the client that prepared it";
    let Value::Object(mut fields) = prepared else {
        return Err(Error::invalid(ErrorReason::WrongType, "prepared", "is not an object", mend));
    };
    let (platform, name) = (fields.required("provider", mend), fields.required("operation", mend));
    if !platform.is_empty() && platform != provider.platform().name {
        return Err(Error::invalid(ErrorReason::WrongPlatform, "prepared", "was prepared for another platform", mend));
    }
    let bound_until = fields.text("boundUntil", mend);
    fields.check()?;
    let mut read = operation(provider, &name, fields.take("params"))?;
    if let Operation::Dial(dial) = &mut read {
        dial.bound_until = bound_until;
    }
    Ok(read)
}

/// The options of `prepare` and friends, read from a bag: what JavaScript hands over.
///
/// # Errors
/// As [`Operation::read`].
pub fn operation(provider: &dyn Provider, name: &str, parameters: Value) -> Result<Operation, Error> {
    let platform = provider.platform();
    if let Some(kind) = OperationKind::named(name)
        && kind != OperationKind::Download
        && !platform.operations.contains(&kind)
    {
        // Said before the parameters are looked at: they cannot be right.
        return Err(about(provider, kind, platform.unsupported(kind)));
    }
    if let Value::Object(fields) = &parameters
        && name == OperationKind::Recording.as_str()
        && let Some(Value::Text(other)) = fields.peek("call").and_then(Value::as_object).unwrap_or(fields).peek("provider")
        && other != platform.name
    {
        return Err(about(
            provider,
            OperationKind::Recording,
            Error::invalid(ErrorReason::WrongPlatform, "call", "is another platform's record", "ask the client of the record's provider"),
        ));
    }
    Operation::read_as(name, parameters, meant).map_err(|mut error| {
        error.provider = Some(platform.name);
        error.account.clone_from(&provider.account().name);
        error.operation = OperationKind::named(name).map(OperationKind::as_str);
        error
    })
}
