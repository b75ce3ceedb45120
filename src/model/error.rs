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
        InvalidArgument = "invalid-argument" / "选项或参数不可用。消息指明是哪一个，提示说明应当怎样传入。请求没有发出。",
        /// The platform has no such operation.
        Unsupported = "unsupported" / "平台没有这个操作。",
        /// The wasm module is not loaded yet: `await init()` first.
        NotInitialized = "not-initialized" / "wasm 模块尚未加载：请先 `await init()`。",
        /// The platform does not accept the credentials or the signature.
        Authentication = "authentication" / "平台不接受凭证或签名。",
        /// The credentials are valid but do not permit this, or the address may not be fetched.
        Forbidden = "forbidden" / "凭证有效，但没有这项权限，或不允许访问该地址。",
        /// The account has no money or call time left.
        InsufficientBalance = "insufficient-balance" / "账号的余额或通话时长已用完。",
        /// Too many requests. Wait before the next one.
        RateLimited = "rate-limited" / "请求过于频繁，请等一等再试。",
        /// The number is in a call already.
        LineBusy = "line-busy" / "号码正在通话中。",
        /// It already exists.
        Conflict = "conflict" / "所要的已经存在。",
        /// No such call, record or recording.
        NotFound = "not-found" / "没有这通电话、话单或录音。",
        /// The platform refused for a reason that has no word of its own here.
        Rejected = "rejected" / "平台拒绝，原因在这里没有专门的代码。",
        /// The platform has a fault: it answered with a 5xx status, or with its own code for that.
        ProviderUnavailable = "provider-unavailable" / "平台故障：响应为 5xx，或返回了表示故障的代码。",
        /// There was no connection, or it broke.
        Network = "network" / "没有连上，或连接中断。",
        /// No complete answer came within `timeoutMs`.
        Timeout = "timeout" / "在 `timeoutMs` 之内没有收到完整的响应。",
        /// The signal that was passed was aborted.
        Aborted = "aborted" / "传入的 signal 已中止。",
        /// The answer is not what the document says.
        MalformedResponse = "malformed-response" / "响应与平台文档不符。",
        /// The push, or a line of a stream of pushes, cannot be read.
        MalformedPush = "malformed-push" / "推送，或推送流中的一行，无法解析。",
        /// A defect of this library.
        Internal = "internal" / "本库的缺陷。",
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
        NotSent = "not-sent" / "请求没有发出。",
        /// The platform refused in a documented way, and did nothing.
        Refused = "refused" / "平台以文档所列的方式拒绝，什么也没有做。",
        /// The platform may have acted. Look for the record before dialing again.
        Unknown = "unknown" / "平台可能已经处理。再次呼叫之前请先查话单。",
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
    /// The accepted values, where they can be listed: the allowed values, the lowest and the highest number, the longest length, the form by
    /// example, or the name that was probably meant. `reason` tells which of them it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Vec<String>>,
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
    /// The id of a call that the answer names although it does not say clearly that the call was placed. Look for its record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// The HTTP status of the answer, where one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long to wait before the next request, where the platform says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u32>,
    /// With the reason `clock-skew`: how far this machine's clock is ahead of the platform's; below 0 it is behind. Absent where the platform's
    /// answer carries no time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_offset_ms: Option<i32>,
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
            expected: None,
            reference: None,
            provider: None,
            account: None,
            operation: None,
            call_id: None,
            status: None,
            retry_after_ms: None,
            clock_offset_ms: None,
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

    /// The same error with what would be accepted.
    #[must_use]
    #[inline(never)]
    pub fn expecting(mut self, expected: &[&str]) -> Self {
        self.expected = Some(expected.iter().map(|&text| text.to_owned()).collect());
        self
    }

    /// The same error with the lowest and the highest number.
    #[must_use]
    pub(crate) fn between(self, least: i64, most: i64) -> Self {
        self.expecting(&[&least.to_string(), &most.to_string()])
    }

    /// The same error with the longest length.
    #[must_use]
    pub(crate) fn at_most(self, longest: usize) -> Self {
        self.expecting(&[&longest.to_string()])
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
