//! Errors: the fault, the fate of the request, and if a retry is safe.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::Serialize;

use super::answer::Answer;
use super::reason::ErrorReason;
use super::words::words;

words! {
    /// The kind of error, with the same words for every platform.
    pub enum ErrorCode {
        /// An option or a parameter cannot be used. The message names it, the hint says what to pass. Nothing was sent.
        InvalidArgument = "invalid-argument",
        /// The platform has no such operation.
        Unsupported = "unsupported",
        /// The wasm module is not loaded yet: `await init()` first.
        NotInitialized = "not-initialized",
        /// The platform does not accept the credentials or the signature.
        Authentication = "authentication",
        /// The credentials are valid but do not permit this, or the address may not be fetched.
        Forbidden = "forbidden",
        /// The account has no money or call time left.
        InsufficientBalance = "insufficient-balance",
        /// Too many requests. Wait before the next one.
        RateLimited = "rate-limited",
        /// The number is in a call already.
        LineBusy = "line-busy",
        /// It already exists.
        Conflict = "conflict",
        /// No such call, record or recording.
        NotFound = "not-found",
        /// The platform refused for a reason that has no word of its own here.
        Rejected = "rejected",
        /// The platform has a fault: it answered with a 5xx status, or with its own code for that.
        ProviderUnavailable = "provider-unavailable",
        /// There was no connection, or it broke.
        Network = "network",
        /// No complete answer came within `timeoutMs`.
        Timeout = "timeout",
        /// The signal that was passed was aborted.
        Aborted = "aborted",
        /// The answer is not what the document says.
        MalformedResponse = "malformed-response",
        /// The push, or a line of a stream of pushes, cannot be read.
        MalformedPush = "malformed-push",
        /// A defect of this library.
        Internal = "internal",
    }
}

impl ErrorCode {
    /// Returns true if the same request may well succeed a little later.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Timeout | Self::Network | Self::ProviderUnavailable | Self::RateLimited)
    }
}

words! {
    /// The fate of the request.
    pub enum Delivery {
        /// The request was not sent.
        NotSent = "not-sent",
        /// The platform refused in a documented way, and did nothing.
        Refused = "refused",
        /// The platform may have acted. Look for the record before dialing again.
        Unknown = "unknown",
    }
}

/// The failure below ours (a broken connection, say), cleaned of secrets and numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The class of the original error, for example `TypeError`.
    pub name: String,
    /// The system's code, for example `ECONNREFUSED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The system call that failed, for example `connect`. It tells a connection that never was from one that broke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub syscall: Option<String>,
    /// The original message, redacted.
    pub message: String,
}

/// Everything that an error says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ErrorDetail {
    /// The kind of error.
    pub code: ErrorCode,
    /// The kind of fault, finer than `code`: a stable word, to be compared and translated by. Messages may change with any release.
    pub reason: ErrorReason,
    /// The fate of the request.
    pub delivery: Delivery,
    /// Repeating the request cannot act twice, and may help.
    pub retryable: bool,
    /// A description of the fault, for a person. `hint` says what to do.
    pub message: String,
    /// With `invalid-argument`: the option or parameter concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Of a dial: your id for it or the one that was made, by which its record can be found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The platform concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<&'static str>,
    /// The account's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The operation concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<&'static str>,
    /// The platform's own code, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_code: Option<String>,
    /// The platform's own words, redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_message: Option<String>,
    /// The advice. It does not repeat the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The failure below this one, redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Origin>,
    /// With `malformed-push`: the answer that makes the platform push again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nack: Option<Answer>,
}

/// A failure with its [`ErrorDetail`]; the fields are read straight from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Error(Box<ErrorDetail>);

impl Error {
    /// A failure of this kind, so far without a platform.
    #[must_use]
    pub fn new(code: ErrorCode, reason: ErrorReason, delivery: Delivery, message: impl Into<String>) -> Self {
        Self(Box::new(ErrorDetail {
            code,
            reason,
            delivery,
            retryable: false,
            message: message.into(),
            field: None,
            reference: None,
            provider: None,
            account: None,
            operation: None,
            provider_code: None,
            provider_message: None,
            hint: None,
            cause: None,
            nack: None,
        }))
    }

    /// Bad input. The message names the field and what is wrong with it, the hint says what to do. Nothing was sent.
    #[must_use]
    pub fn invalid(reason: ErrorReason, field: &str, wrong: &str, hint: &str) -> Self {
        let message = format!("{field}: {wrong}");
        let mut error = Self::new(ErrorCode::InvalidArgument, reason, Delivery::NotSent, message).with_hint(hint);
        error.field = Some(field.to_owned());
        error
    }

    /// The same error of a field of one of several accounts: `accounts[1].tokens`.
    #[must_use]
    pub(crate) fn within(mut self, place: &str) -> Self {
        if let Some(field) = &mut self.field {
            *field = format!("{place}.{field}");
            self.message = format!("{} (in {place})", self.message);
        }
        self
    }

    /// The same error with what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Deref for Error {
    type Target = ErrorDetail;

    fn deref(&self) -> &ErrorDetail {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut ErrorDetail {
        &mut self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
