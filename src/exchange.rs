//! One operation as a state machine without I/O: what to send, how long to wait, whether to try again, what it meant.
//!
//! A driver calls [`Exchange::step`] with what has happened and does what it is told, until it is told `Done` or `Fail`.

use crate::http::Response;
use crate::model::{Delivery, Error, ErrorCode, Operation, OperationKind, OperationResult, Origin};
use crate::payload::contains;
use crate::provider::{self, Moment, Prepared, Provider};
use crate::redaction::shown_url;

/// The wait before the first repetition; it doubles with each.
const FIRST_BACKOFF_MS: u64 = 500;
const LONGEST_BACKOFF_MS: u64 = 8_000;
/// A platform that asks for more is not waited for: the caller can do something better with that time.
const LONGEST_RETRY_AFTER_MS: u64 = 60_000;
/// No platform's answer comes near; one hundred records are some 60 KB.
const LARGEST_ANSWER: u32 = 16 * 1024 * 1024;

/// What has happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// Nothing yet.
    Start,
    /// The wait is over.
    Waited,
    /// The platform answered.
    Answer {
        /// Its answer.
        response: Response<'a>,
        /// Only the body's first bytes were read, as `peek` asked.
        partial: bool,
    },
    /// No answer came.
    Failure {
        /// Why.
        reason: FailureReason,
        /// The error and what caused it, outermost first.
        origins: Vec<Origin>,
        /// The request was handed to the network.
        sent: bool,
    },
}

/// Why no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureReason {
    /// The time given was over.
    Timeout,
    /// The caller's signal was aborted.
    Aborted,
    /// Anything else that the network does.
    Error,
    /// The same while an answer was read: whatever the error says, there was a connection.
    Broken,
}

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Send this, and report the answer.
    Send(Box<Send>),
    /// Read the rest of the answer whose first bytes were reported, and report it whole.
    Read,
    /// Wait so many milliseconds.
    Wait(u64),
    /// It is done.
    Done(Box<OperationResult>),
    /// It failed.
    Fail(Error),
}

/// A request to send.
#[derive(Debug)]
pub struct Send {
    /// The signed request.
    pub prepared: Prepared,
    /// Its address as it may be shown.
    pub shown: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// How long it may take, the reading of the body included.
    pub timeout_ms: u32,
    /// Report the body's first bytes before reading on: it may be a recording.
    pub peek: bool,
    /// The largest body to read: what lies beyond is cut off, and the answer will not be readable.
    pub max_bytes: u32,
}

/// How far an exchange has come: all that lives between two steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Attempts begun.
    pub attempts: u32,
    /// The time-out of this call; 0 for the account's.
    pub timeout_ms: u32,
}

/// One operation on its way.
#[derive(Debug)]
pub struct Exchange<'a> {
    provider: &'a dyn Provider,
    operation: Operation,
    progress: Progress,
}

impl<'a> Exchange<'a> {
    /// An exchange at its beginning, or where another left off.
    #[must_use]
    pub fn new(provider: &'a dyn Provider, operation: Operation, progress: Progress) -> Self {
        Self { provider, operation, progress }
    }

    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// What to do after this event. `jitter` is a fresh random number from 0 to below 1.
    pub fn step(&mut self, event: Event<'_>, moment: &Moment<'_>, jitter: f64) -> Step {
        match event {
            Event::Start => match self.provider.without_request(&self.operation) {
                Ok(Some(result)) => Step::Done(Box::new(result)),
                Ok(None) => self.send(moment),
                Err(error) => Step::Fail(provider::about(self.provider, self.kind(), error)),
            },
            Event::Waited => self.send(moment),
            Event::Answer { response, partial } => self.answered(&response, partial, moment, jitter),
            Event::Failure { reason, origins, sent } => {
                let error = self.failed(reason, origins, sent);
                self.again_or_fail(error, None, jitter)
            }
        }
    }

    fn kind(&self) -> OperationKind {
        self.operation.kind()
    }

    fn peeks(&self) -> bool {
        matches!(self.kind(), OperationKind::Recording | OperationKind::Download)
    }

    /// Signed anew each time: the signature's time must be that of the attempt.
    fn send(&mut self, moment: &Moment<'_>) -> Step {
        let prepared = match provider::prepare(self.provider, self.operation.clone(), moment) {
            Ok(prepared) => prepared,
            Err(error) => return Step::Fail(error),
        };
        self.progress.attempts += 1;
        let timeout_ms = if self.progress.timeout_ms == 0 { self.provider.account().timeout_ms } else { self.progress.timeout_ms };
        let shown = shown_url(&prepared.url);
        Step::Send(Box::new(Send {
            shown,
            attempt: self.progress.attempts,
            timeout_ms,
            peek: self.peeks(),
            max_bytes: LARGEST_ANSWER,
            prepared,
        }))
    }

    fn answered(&mut self, response: &Response<'_>, partial: bool, moment: &Moment<'_>, jitter: f64) -> Step {
        // The operation that was sent, with the reference that was made for it.
        let mut operation = self.operation.clone();
        provider::give_reference(self.provider.platform(), &mut operation, moment);
        let result = provider::interpret(self.provider, &operation, response);
        match result {
            // The first bytes are enough to know a recording; of anything else they are not the whole.
            Ok(OperationResult::Recording(start)) if start.streamed => Step::Done(Box::new(OperationResult::Recording(start))),
            _ if partial => Step::Read,
            Ok(result) => Step::Done(Box::new(result)),
            Err(error) => self.again_or_fail(error, retry_after(response, moment.now_ms), jitter),
        }
    }

    fn failed(&self, reason: FailureReason, mut origins: Vec<Origin>, sent: bool) -> Error {
        let name = self.provider.platform().name;
        let kind = self.kind();
        let sent_word = if sent { Delivery::Unknown } else { Delivery::NotSent };
        let (code, delivery, message) = match reason {
            FailureReason::Timeout => (ErrorCode::Timeout, sent_word, format!("{name} gave no whole answer to {} in time", kind.as_str())),
            FailureReason::Aborted => (ErrorCode::Aborted, sent_word, format!("{} was aborted by the caller", kind.as_str())),
            FailureReason::Error if !sent || origins.iter().any(was_never_connected) => {
                (ErrorCode::Network, Delivery::NotSent, format!("no connection to {name} for {}", kind.as_str()))
            }
            FailureReason::Error | FailureReason::Broken => {
                (ErrorCode::Network, Delivery::Unknown, format!("the connection to {name} broke during {}", kind.as_str()))
            }
        };
        let mut error = provider::failure(self.provider, kind, code, delivery, message);
        if kind == OperationKind::Dial && delivery == Delivery::Unknown {
            error.hint = Some(provider::MAYBE_PLACED.to_owned());
        }
        let redactor = provider::redactor(self.provider, Some(&self.operation));
        for origin in &mut origins {
            origin.name = redactor.redact(&origin.name);
            origin.code = origin.code.take().map(|code| redactor.redact(&code));
            origin.message = redactor.redact(&origin.message);
        }
        // The innermost names the system's own error.
        error.cause = origins.iter().rev().find(|origin| origin.code.is_some()).or(origins.first()).cloned();
        error
    }

    fn again_or_fail(&mut self, mut error: Error, retry_after_ms: Option<u64>, jitter: f64) -> Step {
        let left = self.progress.attempts <= self.provider.account().retries;
        if !(self.kind().is_safe() && error.retryable && left) {
            return Step::Fail(error);
        }
        match retry_after_ms {
            Some(ms) if ms > LONGEST_RETRY_AFTER_MS => {
                error.hint = Some(format!("the platform asks for a wait of {} s", ms / 1000));
                Step::Fail(error)
            }
            Some(ms) => Step::Wait(ms),
            None => Step::Wait(backoff_ms(self.progress.attempts, jitter)),
        }
    }
}

/// 0.5 s, 1 s, 2 s … up to 8 s, of which a random half may be left out, so that many clients do not come back at once.
fn backoff_ms(attempts: u32, jitter: f64) -> u64 {
    let whole = (FIRST_BACKOFF_MS << attempts.saturating_sub(1).min(10)).min(LONGEST_BACKOFF_MS);
    // Thousandths are fine enough, and whole numbers cannot surprise.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=999")]
    let thousandths = (jitter.clamp(0.0, 0.999) * 1000.0) as u64;
    whole / 2 + whole / 2 * thousandths / 1000
}

/// `Retry-After` in milliseconds: seconds or an HTTP date.
fn retry_after(response: &Response<'_>, now_ms: i64) -> Option<u64> {
    let text = response.retry_after.as_deref()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(u64::from(seconds) * 1000);
    }
    let at = http_date_ms(text)?;
    u64::try_from(at - now_ms).ok().or(Some(0))
}

/// `Wed, 21 Oct 2015 07:28:00 GMT` (RFC 9110 5.6.7).
fn http_date_ms(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_ascii_whitespace().skip(1);
    let (day, month, year, clock, zone) = (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let iso = format!("{year}-{month:02}-{day:0>2} {clock}");
    (zone == "GMT").then(|| crate::model::Timestamp::parse(&iso, crate::model::Zone::UTC))?.map(crate::model::Timestamp::epoch_ms)
}

/// A refused connection or an unknown name, in the words of Node, Bun and Deno. Anything else may have been sent: an unreachable host,
/// say, may have become so in the middle.
fn was_never_connected(origin: &Origin) -> bool {
    const CODES: [&str; 6] = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ConnectionRefused", "FailedToOpenSocket", "DNSException"];
    // Deno gives no code; the part in brackets is the phase, which no server can have a word in.
    const PHASE: &str = "client error (connect)";
    const WORDS: [&str; 3] = ["connection refused", "dns error", "failed to lookup address"];
    let message = origin.message.to_ascii_lowercase();
    origin.code.as_deref().is_some_and(|code| CODES.contains(&code))
        || (contains(&message, PHASE) && WORDS.iter().any(|word| contains(&message, word)))
}
