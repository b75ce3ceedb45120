//! One operation as a state machine without I/O: what to send, how long to wait, whether to try again, what the answer means.

mod network;
mod text;

use serde::Serialize;

use crate::http::{self, Method, Response};
use crate::model::{Delivery, Error, ErrorCode, ErrorReason, Headers, Operation, OperationKind, OperationResult, Origin};
use crate::provider::{self, Moment, Prepared, Provider};

/// The wait before the first repetition. It doubles with each further one.
const FIRST_BACKOFF_MS: u64 = 500;
const LONGEST_BACKOFF_MS: u64 = 8_000;
/// The longest `Retry-After` that is waited for. With a longer one the operation fails, and the hint names the time.
const LONGEST_RETRY_AFTER_MS: u64 = 60_000;
/// The most redirects that are followed on the way to a recording.
const MOST_REDIRECTS: u32 = 3;
/// How many characters of a foreign error's message are repeated where its code has no meaning here.
const EXCERPT: usize = 100;

/// An event that the driver reports.
#[derive(Debug)]
pub enum Event<'a> {
    /// The exchange begins.
    Start,
    /// The wait is over.
    Waited,
    /// A response came.
    Response {
        /// The response.
        response: Response<'a>,
        /// True if only the body's first bytes were read, as `peek` asks.
        partial: bool,
    },
    /// No response came.
    Failure {
        /// Why.
        reason: FailureReason,
        /// The error and what caused it, outermost first.
        origins: Vec<Origin>,
        /// True if the request was handed to the network.
        sent: bool,
    },
}

/// The reason why no response came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureReason {
    /// The time-out passed.
    Timeout,
    /// The caller's signal was aborted.
    Aborted,
    /// The network failed.
    Error,
    /// The connection failed while the answer's body was read. So there was one, whatever the error says.
    Broken,
}

/// The next action.
#[derive(Debug)]
pub enum Step {
    /// Send this request, then report [`Event::Response`] or [`Event::Failure`].
    Send(Box<Outgoing>),
    /// Read the rest of the answer whose first bytes were reported, then report the whole answer.
    Read,
    /// Wait so many milliseconds, then report [`Event::Waited`].
    Wait(u64),
    /// The operation succeeded.
    Done(Box<OperationResult>),
    /// The operation failed.
    Fail(Error),
}

/// A request to send.
#[derive(Debug)]
pub struct Outgoing {
    /// The signed request. For hooks, show [`shown_url`](crate::shown_url) of its address.
    pub prepared: Prepared,
    /// A dial's reference, for hooks. Absent where it may hold a phone number.
    pub reference: Option<String>,
    /// The number of this attempt, from 1. A followed redirect belongs to its attempt.
    pub attempt: u32,
    /// The time-out in milliseconds, reading the body included.
    pub timeout_ms: u32,
    /// True to report the body's first bytes before reading on: it may be a recording.
    pub peek: bool,
    /// The most bytes of the body to read: one more than the largest answer, so that a larger one is noticed.
    pub max_bytes: u32,
}

/// The state of an exchange between two steps. A driver may keep it anywhere, and go on with a new [`Exchange`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The attempts that have begun.
    pub attempts: u32,
    /// The time-out of this operation in milliseconds; 0 for the account's.
    pub timeout_ms: u32,
    /// The redirects followed in this attempt.
    pub redirects: u32,
    /// The address that the last redirect led to; empty where there was none.
    pub location: String,
    /// The reference that was made for a dial that has none of its own. It stays the same while the randomness of each step is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// One operation from its first request to its result.
///
/// The exchange does no I/O and reads no clock: a driver does both. Its methods are used in this order:
///
/// 1. **Begin.** [`Exchange::new`] with a provider, an operation and `Progress::default()`.
/// 2. **Draw.** Before [`Event::Start`] and [`Event::Waited`], [`Exchange::needs_randomness`] says whether the moment needs fresh randomness.
/// 3. **Step.** [`Exchange::step`] with [`Event::Start`], and after that with what happened last. Do what the returned [`Step`] says:
///
///    | step | what the driver does | next event |
///    |---|---|---|
///    | [`Step::Send`] | sends the request once, without following redirects; stops after `timeout_ms` and at `max_bytes` | [`Event::Response`]; [`Event::Failure`] where none came |
///    | [`Step::Read`] | reads on in the answer of which it reported the first bytes | [`Event::Response`] with `partial: false`, or [`Event::Failure`] |
///    | [`Step::Wait`] | waits | [`Event::Waited`]; [`Event::Failure`] where the caller aborts |
///    | [`Step::Done`], [`Step::Fail`] | gives the result or the error to the caller | none: the exchange has ended |
///
/// 4. **Look**, between any two steps. [`Exchange::reference`] is the dial's reference, also after a failure.
/// 5. **Suspend**, between any two steps. [`Exchange::progress`] is the whole state: a new exchange made with it, the same provider and the
///    same operation goes on where this one stopped. The JavaScript driver does so at every step, so that a trap loses no dial in flight.
///
/// A dial, `hangUp` and `bindSeat` are sent once, whatever happens. Only operations that read are repeated. Each request is signed anew, at
/// the moment that its step is given.
#[derive(Debug)]
pub struct Exchange<'a> {
    provider: &'a dyn Provider,
    operation: Operation,
    progress: Progress,
}

impl<'a> Exchange<'a> {
    /// Begins an exchange, or goes on where another stopped: see [`Exchange::progress`].
    #[must_use]
    pub fn new(provider: &'a dyn Provider, mut operation: Operation, progress: Progress) -> Self {
        provider::unbind(&mut operation);
        if let Operation::Dial(dial) = &mut operation
            && dial.reference.is_none()
        {
            dial.reference.clone_from(&progress.reference);
        }
        Self { provider, operation, progress }
    }

    /// Returns the state, with which a new exchange can go on.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Returns the dial's reference: the user's own, or the one that was made at the first step.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        if let Operation::Dial(dial) = &self.operation { dial.reference.as_deref() } else { None }
    }

    /// Says whether the step for [`Event::Start`] or [`Event::Waited`] will use the fresh randomness of its moment: for the reference of a
    /// dial that has none, or for the nonce of a signature. Draw it anew for each such step: a nonce must not be used twice.
    #[must_use]
    pub fn needs_randomness(&self) -> bool {
        provider::needs_randomness(self.provider, &self.operation)
    }

    /// Says what to do after an event. `jitter` is a random number from 0 to below 1. The moment has the present time, and fresh randomness
    /// where [`Exchange::needs_randomness`] asks for it. A reference is made at the first step, and kept in the progress.
    pub fn step(&mut self, event: Event<'_>, moment: &Moment<'_>, jitter: f64) -> Step {
        self.complete(moment);
        match event {
            Event::Start => match provider::answer_without_request(self.provider, &self.operation) {
                Ok(Some(result)) => Step::Done(Box::new(result)),
                Ok(None) => self.send(moment),
                Err(error) => Step::Fail(provider::about(self.provider, self.kind(), error)),
            },
            Event::Waited => self.send(moment),
            Event::Response { response, partial } => self.read_response(&response, partial, moment, jitter),
            Event::Failure { reason, origins, sent } => {
                let error = self.describe_failure(reason, origins, sent);
                self.retry_or_fail(error, None, jitter)
            }
        }
    }

    fn complete(&mut self, moment: &Moment<'_>) {
        let lacked_reference = self.reference().is_none();
        provider::complete(self.provider, &mut self.operation, moment);
        if lacked_reference {
            self.progress.reference = self.reference().map(str::to_owned);
        }
    }

    fn kind(&self) -> OperationKind {
        self.operation.kind()
    }

    fn reads_first_bytes(&self) -> bool {
        matches!(self.kind(), OperationKind::Recording | OperationKind::Download)
    }

    /// Signs and sends. Each attempt is signed anew: the signature's time must be that of the attempt.
    fn send(&mut self, moment: &Moment<'_>) -> Step {
        let prepared = match provider::prepare_request(self.provider, self.operation.clone(), moment) {
            Ok(prepared) => prepared,
            Err(error) => return Step::Fail(error),
        };
        self.progress.attempts += 1;
        self.progress.redirects = 0;
        self.progress.location.clear();
        self.build_send(prepared)
    }

    fn build_send(&self, prepared: Prepared) -> Step {
        Step::Send(Box::new(Outgoing {
            reference: prepared.reference.clone().filter(|reference| provider::is_showable(reference)),
            attempt: self.progress.attempts,
            timeout_ms: self.timeout_ms(),
            peek: self.reads_first_bytes(),
            max_bytes: u32::try_from(provider::largest_answer(self.kind()) + 1).unwrap_or(u32::MAX),
            prepared,
        }))
    }

    fn read_response(&mut self, response: &Response<'_>, partial: bool, moment: &Moment<'_>, jitter: f64) -> Step {
        let response = &Response { received_ms: response.received_ms.or(Some(moment.now_ms)), ..response.clone() };
        if let Some(step) = self.follow_redirect(response, moment) {
            return step;
        }
        let result = provider::interpret_part(self.provider, &self.operation, response, partial);
        match result {
            // The first bytes tell a recording. Anything else must be read whole.
            Ok(OperationResult::Recording(start)) if start.streamed => Step::Done(Box::new(OperationResult::Recording(start))),
            _ if partial => Step::Read,
            Ok(result) => Step::Done(Box::new(result)),
            Err(error) => {
                let wait = response.retry_after.as_deref().and_then(|text| provider::retry_after_ms(text, moment.now_ms));
                self.retry_or_fail(error, wait, jitter)
            }
        }
    }

    /// Follows a redirect on the way to a recording, to the hosts that an address in a record may have. The request has no header, no body,
    /// and no parameter of ours that the platform put into the address. No other operation follows redirects.
    fn follow_redirect(&mut self, response: &Response<'_>, moment: &Moment<'_>) -> Option<Step> {
        if !self.reads_first_bytes() || !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let location = response.location.as_deref().filter(|location| !location.trim().is_empty())?;
        let from = if self.progress.location.is_empty() {
            provider::prepare_request(self.provider, self.operation.clone(), &moment.or_placeholder()).ok()?.url
        } else {
            self.progress.location.clone()
        };
        let to = http::resolve_url(&from, location)?;
        let host = http::host(&to)?;
        let name = self.provider.platform().name;
        let fail = |reason, what: String, hint: String| {
            let message = format!("{name} redirected recording with status {} {what}", response.status);
            let code = ErrorCode::MalformedResponse;
            let mut error = provider::operation_error(self.provider, self.kind(), code, reason, Delivery::Unknown, message)
                .with_hint(hint)
                .expecting(&[&host]);
            error.status = Some(response.status);
            Step::Fail(error)
        };
        let own = if self.is_signed() { from.split_once('?').map_or("", |(_, query)| query) } else { "" };
        let is_secret = |pair: &str| {
            let value = pair.split_once('=').map(|(_, value)| http::decode_form(value)).unwrap_or_default();
            self.provider.secrets().iter().any(|secret| *secret == value) || provider::holds_secret(self.provider, pair)
        };
        let is_ours = |pair: &str| is_secret(pair) || own.split('&').any(|own| own == pair);
        let bare = remove_parameters(&to, is_ours);
        // The same path at another host or scheme needs the signature, so the address must be set instead.
        if self.is_signed() && find_path(&to) == find_path(&from) {
            return None;
        }
        let to = bare;
        if provider::holds_secret(self.provider, &to) {
            let hint = format!("if {host} is the platform's, set recordingBaseUrl to its address");
            return Some(fail(ErrorReason::SecretInUrl, format!("to {host} with a secret in the address"), hint));
        }
        let Ok(url) = self.provider.account().recording_address(self.provider.platform(), &to) else {
            let hint = format!("if {host} is to be trusted, add it to recordingHosts; a login page or a firewall redirects too");
            return Some(fail(
                ErrorReason::UntrustedHost,
                format!("to {host}, which (or whose port) is neither the platform's nor in recordingHosts"),
                hint,
            ));
        };
        if self.progress.redirects == MOST_REDIRECTS {
            let hint = "open the recording's address in a browser to see where it leads".to_owned();
            return Some(fail(ErrorReason::Redirect, format!("more than {MOST_REDIRECTS} times, last to {host}"), hint));
        }
        self.progress.redirects += 1;
        self.progress.location.clone_from(&url);
        Some(self.build_send(Prepared {
            provider: name,
            account: self.provider.account().name.clone(),
            operation: self.kind().as_str(),
            method: Method::Get,
            url,
            headers: Headers::default(),
            body: None,
            reference: None,
            bound_until: None,
            params: self.operation.clone(),
        }))
    }

    /// Returns true if the last request was signed. One that only fetches a given address is not.
    fn is_signed(&self) -> bool {
        let is_found = |of| provider::own_recording_address(self.provider, of).is_ok_and(|url| url.is_some());
        self.progress.location.is_empty() && matches!(&self.operation, Operation::Recording(of) if !is_found(of))
    }

    /// Returns host and port of the last request, for messages, and the option that sets its address.
    fn describe_address(&self) -> (String, &'static str) {
        let (url, option) = if self.progress.location.is_empty() {
            provider::address_of(self.provider, &self.operation)
        } else {
            (self.progress.location.clone(), "recordingBaseUrl")
        };
        let place = match http::host_and_port(&url) {
            Some((host, Some(port))) => format!("{host}:{port}"),
            Some((host, None)) => host,
            None => option.to_owned(),
        };
        (place, option)
    }

    fn describe_failure(&self, reason: FailureReason, mut origins: Vec<Origin>, sent: bool) -> Error {
        let name = self.provider.platform().name;
        let kind = self.kind();
        let (place, option) = self.describe_address();
        let redactor = provider::redactor(self.provider, Some(&self.operation));
        // Classified before they are redacted: a code of OpenSSL is as long as a token, and would be hidden.
        let never = if reason == FailureReason::Error { network::find_connect_failure(&origins) } else { None };
        for origin in &mut origins {
            origin.name = redactor.redact(&origin.name);
            for text in [&mut origin.code, &mut origin.syscall] {
                *text =
                    text.take().map(|text| if is_system_code(&text) { redactor.without_secrets(&text) } else { redactor.redact(&text) });
            }
            origin.message = redactor.redact(&origin.message);
        }
        // The innermost names the system's own error.
        let with_code = origins.iter().rev().find(|origin| origin.code.is_some());
        let innermost = with_code.or(origins.last());
        let words = network::find_break(&origins).map(|cause| cause.words().to_owned());
        let words = words.or_else(|| innermost.map(|origin| redactor.excerpt(&origin.message, EXCERPT)));
        let words = words.filter(|words| !words.is_empty()).map(|words| format!(": {words}")).unwrap_or_default();
        let sent_word = if sent { Delivery::Unknown } else { Delivery::NotSent };
        let (code, why, delivery, message) = match reason {
            FailureReason::Timeout => {
                let ms = self.timeout_ms();
                let message = format!("{name} ({place}) gave no complete answer to {} within {ms} ms", kind.as_str());
                (ErrorCode::Timeout, ErrorReason::NoAnswerInTime, sent_word, message)
            }
            FailureReason::Aborted => {
                (ErrorCode::Aborted, ErrorReason::Aborted, sent_word, format!("{} was aborted by the caller", kind.as_str()))
            }
            FailureReason::Error | FailureReason::Broken => match never {
                Some(cause) => {
                    let message = format!("no connection to {name} ({place}): {}", cause.words());
                    (ErrorCode::Network, cause.reason(), Delivery::NotSent, message)
                }
                None if !sent => {
                    let message = format!("no connection to {name} ({place}){words}");
                    (ErrorCode::Network, ErrorReason::ConnectFailed, Delivery::NotSent, message)
                }
                None => (
                    ErrorCode::Network,
                    ErrorReason::ConnectionLost,
                    Delivery::Unknown,
                    format!("the connection to {name} ({place}) broke during {}{words}", kind.as_str()),
                ),
            },
        };
        let mut error = provider::operation_error(self.provider, kind, code, why, delivery, message);
        if why == ErrorReason::NoAnswerInTime {
            error = error.expecting(&[&self.timeout_ms().to_string()]);
        }
        if let Some(cause) = never {
            error.hint = Some(cause.advice(option));
        } else if kind == OperationKind::Dial && delivery == Delivery::Unknown {
            error.hint = Some(provider::after_unknown(self.provider, &self.operation, None));
        } else if reason == FailureReason::Timeout && error.hint.is_none() {
            error.hint = Some(format!("check {option}; a longer timeoutMs helps where the platform is slow"));
        }
        error.cause = with_code.or(origins.first()).cloned();
        provider::with_reference(error, &self.operation)
    }

    fn timeout_ms(&self) -> u32 {
        if self.progress.timeout_ms == 0 { self.provider.account().timeout_ms } else { self.progress.timeout_ms }
    }

    fn retry_or_fail(&mut self, mut error: Error, retry_after_ms: Option<u64>, jitter: f64) -> Step {
        let left = self.progress.attempts <= self.provider.account().retries;
        if !(self.kind().is_safe() && error.retryable && left) {
            return Step::Fail(error);
        }
        match retry_after_ms {
            Some(ms) if ms > LONGEST_RETRY_AFTER_MS => {
                error.hint = Some(format!("wait {} s before the next request, as the platform asks", ms / 1000));
                Step::Fail(error)
            }
            Some(ms) => Step::Wait(ms),
            None => Step::Wait(compute_backoff_ms(self.progress.attempts, jitter)),
        }
    }
}

/// Computes the wait: 0.5 s, 1 s, 2 s … up to 8 s, up to half of it left out at random, so that many clients do not return at once.
fn compute_backoff_ms(attempts: u32, jitter: f64) -> u64 {
    let whole = (FIRST_BACKOFF_MS << attempts.saturating_sub(1).min(10)).min(LONGEST_BACKOFF_MS);
    // Thousandths are fine enough, and whole numbers cannot surprise.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=999")]
    let thousandths = (jitter.clamp(0.0, 0.999) * 1000.0) as u64;
    whole / 2 + whole / 2 * thousandths / 1000
}

/// Returns true if a text is like `ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE`: words in capitals, none as long as a phone number or a token.
fn is_system_code(text: &str) -> bool {
    let is_word = |word: &str| {
        word.len() <= 16
            && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'/')
            && word.bytes().filter(u8::is_ascii_digit).count() < 5
    };
    text.split('_').all(is_word)
}

fn find_path(url: &str) -> &str {
    let rest = http::after_scheme(url).map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("", |at| rest[at..].split(['?', '#']).next().unwrap_or_default())
}

/// Returns the address without some parameters of its query.
fn remove_parameters(url: &str, is_dropped: impl Fn(&str) -> bool) -> String {
    let Some((address, query)) = url.split_once('?') else { return url.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_dropped(pair)).collect();
    if kept.is_empty() { address.to_owned() } else { format!("{address}?{}", kept.join("&")) }
}
