//! From an operation to its signed request.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::interpretation::with_reference;
use super::own::{read_own, unsupported};
use super::platform::{Kind, Platform};
use super::{PLATFORMS, Provider, checks};
use crate::http::{Headers, Method, Request};
use crate::model::{
    Error, ErrorReason, Operation, OperationKind, OperationResult, Options, OwnFields, OwnValue, RecordingOf, RecordingStart, Text,
    Timestamp, Value, Zone, fold_name,
};
use crate::redaction::{Redactor, tokens};
use crate::signature::SignatureTrace;

/// When a request is made, and the randomness that it may use. Both are given, never taken from the system.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Milliseconds after 1970 in UTC.
    pub now_ms: i64,
    fresh: &'a str,
}

impl<'a> Moment<'a> {
    /// A moment with fresh randomness: a text of 16 to 64 digits, letters, `_` and `-` that was not used before, for example 16 random
    /// bytes in hex. It becomes the reference of a dial that has none, and the nonce of a signature. [`needs_randomness`] says whether it
    /// will be used. Draw another one for each attempt: a nonce that is used twice is refused.
    #[must_use]
    pub fn new(now_ms: i64, fresh: &'a str) -> Self {
        Self { now_ms, fresh }
    }

    /// Unix time in whole seconds.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.now_ms.div_euclid(1000)
    }

    /// The moment in a zone.
    #[must_use]
    pub fn at(&self, zone: Zone) -> Timestamp {
        Timestamp::new(self.now_ms, zone)
    }

    /// Returns the fresh randomness, where there is any.
    #[must_use]
    pub fn fresh(&self) -> Option<&'a str> {
        Some(self.fresh).filter(|fresh| !fresh.is_empty())
    }

    /// Returns the moment with a placeholder where there is no randomness, to build a request again that is not sent.
    pub(crate) fn or_placeholder(self) -> Self {
        Self { fresh: self.fresh().unwrap_or("00000000000000000000000000000000"), ..self }
    }

    /// Returns the nonce to sign.
    ///
    /// # Errors
    /// Where no fresh randomness was given: an empty nonce is never signed.
    pub fn nonce(&self) -> Result<&'a str, Error> {
        let hint = "pass 16 random bytes in hex to Moment::new, others for each attempt";
        self.fresh().ok_or_else(|| Error::invalid(ErrorReason::Missing, "fresh", "is missing: this platform signs a nonce", hint))
    }
}

/// A moment without randomness. A dial that needs a reference must then bring its own, and a platform that signs a nonce cannot be asked.
impl From<i64> for Moment<'_> {
    fn from(now_ms: i64) -> Self {
        Self { now_ms, fresh: "" }
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
    pub method: Method,
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
    /// Of a dial that binds the parties: see [`Call::bound_until`](crate::Call::bound_until).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound_until: Option<String>,
    /// The operation's parameters, which `interpret` needs again.
    pub params: Operation,
}

/// Parameters hold phone numbers, headers hold credentials.
impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("provider", &self.provider).field("operation", &self.operation).finish_non_exhaustive()
    }
}

/// Signs the request of an operation.
///
/// # Errors
/// `unsupported`, or `invalid-argument` naming the parameter.
pub fn prepare_request(provider: &dyn Provider, operation: Operation, moment: &Moment<'_>) -> Result<Prepared, Error> {
    sign(provider, operation, moment, &mut SignatureTrace::default())
}

/// Lists each step of an operation's signature, with secrets and phone numbers masked.
///
/// # Errors
/// As [`prepare_request`].
pub fn explain_signature(provider: &dyn Provider, operation: Operation, moment: &Moment<'_>) -> Result<SignatureTrace, Error> {
    explain(provider, operation, moment, false)
}

/// As [`explain_signature`], with phone numbers in full: the digest can be computed again from it and the secrets, which are masked.
///
/// # Errors
/// As [`prepare_request`].
pub fn explain_signature_with_numbers(provider: &dyn Provider, operation: Operation, moment: &Moment<'_>) -> Result<SignatureTrace, Error> {
    explain(provider, operation, moment, true)
}

fn explain(provider: &dyn Provider, operation: Operation, moment: &Moment<'_>, shows_numbers: bool) -> Result<SignatureTrace, Error> {
    let (platform, kind) = (provider.platform(), operation.kind());
    let redactor = Redactor::new(secrets(provider, Some(&operation)));
    let mut trace = SignatureTrace { shows_numbers, ..SignatureTrace::wanted(platform.name, kind.as_str()) };
    sign(provider, operation, moment, &mut trace)?;
    trace.hide(&redactor);
    Ok(trace)
}

fn sign(provider: &dyn Provider, mut operation: Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Prepared, Error> {
    let (platform, account, kind) = (provider.platform(), provider.account(), operation.kind());
    let signed = check_and_sign(provider, &mut operation, moment, trace);
    let request = signed.map_err(|error| with_reference(about(provider, kind, error), &operation))?;
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

fn check_and_sign(
    provider: &dyn Provider,
    operation: &mut Operation,
    moment: &Moment<'_>,
    trace: &mut SignatureTrace,
) -> Result<Request, Error> {
    let (platform, kind) = (provider.platform(), operation.kind());
    if kind != OperationKind::Download && !platform.supports(kind) {
        return Err(platform.unsupported(kind));
    }
    checks::account(provider)?;
    unbind(operation);
    complete(provider, operation, moment);
    checks::operation(platform, operation)?;
    if lacks_reference(platform, operation) {
        let hint = "pass your own id for this dial";
        return Err(Error::invalid(ErrorReason::Missing, "reference", "is missing and no fresh one was given", hint));
    }
    match &*operation {
        Operation::Download(download) => provider.account().recording_address(platform, &download.url).map(Request::get),
        Operation::Recording(of) => match own_recording_address(provider, of)? {
            Some(url) => {
                trace.step(ADDRESS_IN_RECORD.en, "");
                Ok(Request::get(url))
            }
            None => sign_request(provider, operation, moment, trace),
        },
        _ => sign_request(provider, operation, moment, trace),
    }
}

fn sign_request(provider: &dyn Provider, operation: &Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
    if provider.platform().signs_nonce {
        moment.nonce()?;
    }
    provider.build_request(operation, moment, trace)
}

/// The address that an operation's request would go to. It is for messages only: what is signed here is never sent.
pub(crate) fn unsent_request(provider: &dyn Provider, operation: &Operation) -> Result<Request, Error> {
    provider.build_request(operation, &Moment::from(0).or_placeholder(), &mut SignatureTrace::default())
}

/// Fills in what a dial gets from the moment of its request: the fresh reference where it has none and the platform echoes it, and the end
/// of its binding where the platform binds the parties.
pub(crate) fn complete(provider: &dyn Provider, operation: &mut Operation, moment: &Moment<'_>) {
    let platform = provider.platform();
    let made = moment.fresh().filter(|_| lacks_reference(platform, operation));
    let Operation::Dial(dial) = operation else { return };
    if let Some(made) = made {
        dial.reference = Some(made.to_owned());
    }
    if dial.bound_until.is_some() {
        return;
    }
    let minutes = platform.binding.map(|binding| dial.own.integer(binding.field).unwrap_or(binding.minutes));
    // No longer than a day: a longer one is refused anyway, and its end may not be an instant.
    let end = |minutes: i64| moment.at(provider.account().zone).plus_ms(minutes.clamp(0, MINUTES_OF_A_DAY) * 60_000);
    dial.bound_until = minutes.map(|minutes| end(minutes).to_string());
}

/// Forgets when a binding ends: it is counted from the moment of the request.
pub(crate) fn unbind(operation: &mut Operation) {
    if let Operation::Dial(dial) = operation {
        dial.bound_until = None;
    }
}

/// The caption of a trace in which nothing is signed.
pub(super) const ADDRESS_IN_RECORD: Text =
    Text::new("the recording's address is in the record: nothing is signed", "录音地址在话单中，无需签名");

const MINUTES_OF_A_DAY: i64 = 24 * 60;

/// Returns whether the next request of an operation uses the fresh randomness of its [`Moment`]: as the reference of a dial that has none,
/// or as the nonce of its signature. Where it does not, none needs to be drawn: that takes a cold process some milliseconds.
#[must_use]
pub fn needs_randomness(provider: &dyn Provider, operation: &Operation) -> bool {
    let platform = provider.platform();
    platform.signs_nonce || lacks_reference(platform, operation)
}

fn lacks_reference(platform: &Platform, operation: &Operation) -> bool {
    platform.echoes_reference && matches!(operation, Operation::Dial(dial) if dial.reference.is_none())
}

/// Returns the error with platform, account and operation.
#[must_use]
pub fn about(provider: &dyn Provider, kind: OperationKind, mut error: Error) -> Error {
    error.provider = Some(provider.platform().name);
    error.account.clone_from(&provider.account().name);
    error.operation = Some(kind.as_str());
    error
}

/// Answers what needs no request: a recording whose address is in the record.
///
/// # Errors
/// Where the address leads elsewhere and the call cannot be asked for by its id.
pub(crate) fn answer_without_request(provider: &dyn Provider, operation: &Operation) -> Result<Option<OperationResult>, Error> {
    let Operation::Recording(of) = operation else { return Ok(None) };
    if !provider.platform().supports(OperationKind::Recording) {
        return Ok(None);
    }
    let url = own_recording_address(provider, of)?;
    let start = |url| RecordingStart { url: Some(url), expires_at: recording_expiry(provider, of), ..RecordingStart::default() };
    Ok(url.map(|url| OperationResult::Recording(start(url))))
}

/// Returns the address in a record, where it may be fetched: its host is the platform's or one of `recordingHosts`, and it holds no secret.
/// `None` where the recording must be requested by the call's id.
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
        Err(_) if of.call_id.is_some() && provider.platform().recording_by_id => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether a text holds one of the account's secrets. A secret of a few characters may be part of any text by chance, and is not
/// looked for.
pub(crate) fn holds_secret(provider: &dyn Provider, text: &str) -> bool {
    const SHORTEST: usize = 8;
    let long = Redactor::new(provider.secrets().into_iter().filter(|secret| secret.len() >= SHORTEST));
    long.without_secrets(text) != text
}

/// Returns when a record's recording is deleted, ISO 8601 with offset.
pub(crate) fn recording_expiry(provider: &dyn Provider, of: &RecordingOf) -> Option<String> {
    let ended_at = Timestamp::parse(of.ended_at.as_deref()?, provider.account().zone)?;
    provider.recording_expiry(ended_at).map(|at| at.to_string())
}

/// Builds the redactor for this account's secrets and this operation's phone numbers.
#[must_use]
pub(crate) fn redactor(provider: &dyn Provider, operation: Option<&Operation>) -> Redactor {
    let platform = provider.platform();
    let mut numbers: Vec<&str> = operation.into_iter().flat_map(Operation::numbers).collect();
    numbers.extend(own_texts(platform, operation, |kind, _| matches!(kind, Kind::PhoneNumber)).map(|(_, number)| number));
    Redactor::new(secrets(provider, operation)).with_numbers(numbers).with_codes(platform.codes())
}

/// Lists the account's secrets, and those that this operation brings: secret fields of a dial, of an address the tokens in it.
fn secrets<'a>(provider: &'a dyn Provider, operation: Option<&'a Operation>) -> Vec<Cow<'a, str>> {
    let mut secrets = provider.secrets();
    for (kind, text) in own_texts(provider.platform(), operation, |_, is_secret| is_secret) {
        match kind {
            Kind::Url => secrets.extend(tokens(text).into_iter().map(Cow::Owned)),
            _ => secrets.push(Cow::Borrowed(text)),
        }
    }
    secrets
}

/// Lists the texts of a dial's own fields whose description passes a test.
fn own_texts<'a>(
    platform: &'static Platform,
    operation: Option<&'a Operation>,
    is_wanted: fn(Kind, bool) -> bool,
) -> impl Iterator<Item = (Kind, &'a str)> {
    let own = operation.and_then(|operation| if let Operation::Dial(dial) = operation { Some(&dial.own) } else { None });
    own.into_iter().flat_map(OwnFields::entries).filter_map(move |(name, value)| {
        let field = platform.dial_fields.iter().find(|field| field.name == name)?;
        match value {
            OwnValue::Text(text) if is_wanted(field.kind, field.is_secret) => Some((field.kind, text.as_str())),
            _ => None,
        }
    })
}

/// Finds Ringback's word for a platform's own name, which is given in lower case and without `_` and `-`.
pub(super) fn find_meant(folded_name: &str) -> Option<&'static str> {
    let mut spellings = PLATFORMS.into_iter().flat_map(|platform| platform.spellings);
    spellings.find(|(own, word)| !word.is_empty() && fold_name(own) == folded_name).map(|(_, word)| *word)
}

/// Reads the operation of a prepared request that comes back from a queue.
///
/// # Errors
/// `invalid-argument` where it was prepared for another platform or is not what [`prepare_request`] returned.
pub fn read_prepared(provider: &dyn Provider, prepared: Value) -> Result<Operation, Error> {
    let hint = "pass what prepare returned, to the client that prepared it";
    let Value::Object(mut given) = prepared else {
        return Err(Error::invalid(ErrorReason::WrongType, "prepared", "is not an object", hint));
    };
    let (platform, name) = (given.require_text("provider", hint)?, given.require_text("operation", hint)?);
    if platform != provider.platform().name {
        return Err(Error::invalid(ErrorReason::WrongPlatform, "prepared", "was prepared for another platform", hint));
    }
    let bound_until = given.take_text("boundUntil", hint)?;
    let mut operation = read_operation(provider, &name, given.take("params"))?;
    if let Operation::Dial(dial) = &mut operation {
        dial.bound_until = bound_until;
    }
    Ok(operation)
}

/// Reads an operation from its name and its parameters, which JavaScript passes. A dial's own fields are read by the platform's
/// description.
///
/// # Errors
/// `unsupported`, or `invalid-argument` naming the parameter.
pub fn read_operation(provider: &dyn Provider, name: &str, parameters: Value) -> Result<Operation, Error> {
    let platform = provider.platform();
    if let Some(kind) = OperationKind::named(name)
        && kind != OperationKind::Download
        && !platform.supports(kind)
    {
        // Before the parameters are read: they cannot be right.
        return Err(about(provider, kind, platform.unsupported(kind)));
    }
    if let Value::Object(given) = &parameters
        && name == OperationKind::Recording.as_str()
        && let Some(Value::Text(other)) = given.peek("call").and_then(Value::as_object).unwrap_or(given).peek("provider")
        && other != platform.name
    {
        let hint = "ask the client of the record's provider";
        let error = Error::invalid(ErrorReason::WrongPlatform, "call", "is another platform's record", hint);
        return Err(about(provider, OperationKind::Recording, error));
    }
    let own_names: Vec<&str> = platform.dial_fields.iter().map(|field| field.name).collect();
    let read = match &parameters {
        Value::Object(given) if name == OperationKind::Dial.as_str() => check_dial_fields(platform, given),
        _ => Ok(()),
    };
    let read = read.and_then(|()| Operation::read(name, parameters, &own_names, |given| read_own(platform.dial_fields, given), find_meant));
    read.map_err(|mut error| {
        error.provider = Some(platform.name);
        error.account.clone_from(&provider.account().name);
        error.operation = OperationKind::named(name).map(OperationKind::as_str);
        error
    })
}

/// Refuses the dial fields that only other platforms have.
fn check_dial_fields(platform: &Platform, given: &Options) -> Result<(), Error> {
    let is_own = |name: &str| platform.dial_fields.iter().any(|field| field.name == name);
    let mut others = PLATFORMS.into_iter().flat_map(|other| other.dial_fields).filter(|field| !is_own(field.name));
    others.find(|field| given.has(field.name)).map_or(Ok(()), |field| Err(unsupported(platform, field.name)))
}
