//! What went wrong, whether anything was sent, and whether trying again is safe.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::Serialize;

use super::answer::Reply;
use super::reason::ErrorReason;

/// The kind of failure, the same words for every platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCode {
    /// An option or a parameter cannot be used; the message names it, the hint says what to pass. Nothing was sent.
    InvalidArgument,
    /// The platform has no such operation.
    Unsupported,
    /// The wasm module is not there yet.
    NotInitialized,
    /// The platform does not accept the credentials or the signature.
    Authentication,
    /// The credentials are good but may not do this, or the address may not be fetched.
    Forbidden,
    /// The account has no money or call time left.
    InsufficientBalance,
    /// Too many requests; wait before the next.
    RateLimited,
    /// The number is in a call already.
    LineBusy,
    /// What was asked for is there already.
    Conflict,
    /// No such call, record or recording.
    NotFound,
    /// The platform refused, for a reason without a word of its own here.
    Rejected,
    /// The platform is ill (5xx, or its own code for that).
    ProviderUnavailable,
    /// No connection, or it broke.
    Network,
    /// No whole answer within `timeoutMs`.
    Timeout,
    /// The caller's signal was aborted.
    Aborted,
    /// The answer is not what the document says.
    MalformedResponse,
    /// The push cannot be read.
    MalformedPush,
    /// A defect of this library.
    Internal,
}

impl ErrorCode {
    /// The code's word in the public surface, for example `line-busy`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid-argument",
            Self::Unsupported => "unsupported",
            Self::NotInitialized => "not-initialized",
            Self::Authentication => "authentication",
            Self::Forbidden => "forbidden",
            Self::InsufficientBalance => "insufficient-balance",
            Self::RateLimited => "rate-limited",
            Self::LineBusy => "line-busy",
            Self::Conflict => "conflict",
            Self::NotFound => "not-found",
            Self::Rejected => "rejected",
            Self::ProviderUnavailable => "provider-unavailable",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Aborted => "aborted",
            Self::MalformedResponse => "malformed-response",
            Self::MalformedPush => "malformed-push",
            Self::Internal => "internal",
        }
    }

    /// Whether the same request may well succeed a little later.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Timeout | Self::Network | Self::ProviderUnavailable | Self::RateLimited)
    }
}

/// What is known of the request's fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// Nothing left this machine.
    NotSent,
    /// The platform said no, in a documented way: nothing was done.
    Refused,
    /// Nobody can know whether the platform acted.
    Unknown,
}

impl Delivery {
    /// The word in the public surface, for example `not-sent`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not-sent",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
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

/// Everything an [`Error`] knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorDetail {
    /// The kind of failure.
    pub code: ErrorCode,
    /// The kind of fault, finer than `code`.
    pub reason: ErrorReason,
    /// What is known of the request's fate.
    pub delivery: Delivery,
    /// Repeating cannot act twice, and may help.
    pub retryable: bool,
    /// What happened, for a person. What to do about it is in `hint`.
    pub message: String,
    /// For `invalid-argument`: the option or parameter concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// For a dial: the user's id for it or the one that was made, by which its record can be found.
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
    /// The platform's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_code: Option<String>,
    /// The platform's own words, redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_message: Option<String>,
    /// What to do about it. Does not repeat the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The failure below this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Origin>,
    /// For `malformed-push`: the answer that makes the platform try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nack: Option<Reply>,
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
