//! What an answer means: success, a refusal in the platform's own words, or something no document describes.

use super::{Complaint, Provider, about, redactor};
use crate::http::Response;
use crate::model::{Delivery, Error, ErrorCode, Operation, OperationKind, OperationResult, RecordingStart};
use crate::payload::{Element, contains};

/// What to do after a dial of which nobody knows what became.
pub(crate) const MAYBE_PLACED: &str = "the call may have been placed: look for its record before dialing again";

/// How much of an unreadable answer an error repeats.
const EXCERPT: usize = 160;

impl Element<'_> {
    /// What an answer must give under this name, as text or a number.
    pub(crate) fn required(&self, name: &'static str) -> Result<String, Complaint> {
        self.try_text(name)?.ok_or_else(|| Complaint::Malformed(format!("{name} is missing")))
    }
}

/// An answer that is not JSON but the recording itself.
fn is_recording(response: &Response<'_>) -> bool {
    let media_type = response.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    if media_type.starts_with("audio/") || media_type.starts_with("video/") {
        return true;
    }
    let first = response.body.trim_ascii_start().first();
    // A platform that is ill calls JSON or HTML octet-stream, or text a recording: the first byte tells, no audio format begins with one of these.
    !response.body.is_empty()
        && !matches!(first, None | Some(b'{' | b'[' | b'<'))
        && !media_type.starts_with("text/")
        && !contains(&media_type, "json")
}

/// What an answer to an operation's request means.
///
/// # Errors
/// A classified error, see [`Error`].
pub fn interpret(provider: &dyn Provider, operation: &Operation, response: &Response<'_>) -> Result<OperationResult, Error> {
    let kind = operation.kind();
    if (200..300).contains(&response.status) {
        if matches!(kind, OperationKind::Recording | OperationKind::Download) && is_recording(response) {
            return Ok(OperationResult::Recording(RecordingStart {
                streamed: true,
                content_type: response.content_type.clone(),
                ..RecordingStart::default()
            }));
        }
        return read(provider, operation, response);
    }
    Err(http_failure(provider, operation, response))
}

fn read(provider: &dyn Provider, operation: &Operation, response: &Response<'_>) -> Result<OperationResult, Error> {
    match complaint(provider, operation, response.body) {
        Ok(result) => Ok(result),
        Err(Complaint::Refused { code, message }) => Err(refused(provider, operation, code, message)),
        Err(Complaint::Malformed(reason)) => Err(malformed(provider, operation, response, &reason)),
    }
}

fn complaint(provider: &dyn Provider, operation: &Operation, body: &[u8]) -> Result<OperationResult, Complaint> {
    let text = std::str::from_utf8(body).map_err(|_| Complaint::Malformed("it is not UTF-8".to_owned()))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if matches!(operation, Operation::Download(_)) {
        return Err(Complaint::Malformed("it is no recording".to_owned()));
    }
    let element = Element::read(text).map_err(|error| Complaint::Malformed(error.reason))?;
    let result = provider.read(operation, &element);
    match element.fault() {
        Some(fault) => Err(Complaint::Malformed(fault.reason.clone())),
        None => result,
    }
}

/// A refusal in a readable answer.
fn refused(provider: &dyn Provider, operation: &Operation, code: Option<String>, message: Option<String>) -> Error {
    let kind = operation.kind();
    let platform = provider.platform();
    let known = code.as_deref().and_then(|code| platform.refusals.iter().find(|refusal| refusal.code == code));
    let (error_code, indeterminate) = match known {
        Some(refusal) => (refusal.error, refusal.indeterminate),
        None => (platform.unlisted)(code.as_deref().and_then(|code| code.parse().ok()).unwrap_or(0)),
    };
    let delivery = if indeterminate && !kind.is_safe() { Delivery::Unknown } else { Delivery::Refused };
    let redactor = redactor(provider, Some(operation));
    let words = message.map(|words| redactor.excerpt(&words, EXCERPT)).or_else(|| known.map(|refusal| refusal.message.to_owned()));
    let shown_code = code.as_deref().map(|code| redactor.excerpt(code, 40));
    let text = match (&shown_code, &words) {
        (Some(code), Some(words)) => format!("{} refused {} with {code}: {words}", platform.name, kind.as_str()),
        (Some(code), None) => format!("{} refused {} with {code}", platform.name, kind.as_str()),
        (None, Some(words)) => format!("{} refused {}: {words}", platform.name, kind.as_str()),
        (None, None) => format!("{} refused {}", platform.name, kind.as_str()),
    };
    let mut error = failure(provider, kind, error_code, delivery, text);
    error.hint = known.map(|refusal| refusal.advice.to_owned());
    error.provider_code = shown_code;
    error.provider_message = words;
    error
}

/// What a code outside a platform's table means by its sense in HTTP, for platforms that document no codes.
pub(super) fn by_http_sense(code: u32) -> (ErrorCode, bool) {
    match code {
        401 => (ErrorCode::Authentication, false),
        403 => (ErrorCode::Forbidden, false),
        404 => (ErrorCode::NotFound, false),
        429 => (ErrorCode::RateLimited, false),
        500..=599 => (ErrorCode::ProviderUnavailable, true),
        _ => (ErrorCode::Rejected, false),
    }
}

fn malformed(provider: &dyn Provider, operation: &Operation, response: &Response<'_>, reason: &str) -> Error {
    let kind = operation.kind();
    let redactor = redactor(provider, Some(operation));
    let excerpt = redactor.excerpt(&String::from_utf8_lossy(response.body), EXCERPT);
    let text = format!(
        "{} answered {} with status {} and something that is not in its document ({}): {excerpt}",
        provider.platform().name,
        kind.as_str(),
        response.status,
        redactor.redact(reason)
    );
    failure(provider, kind, ErrorCode::MalformedResponse, Delivery::Unknown, text).with_hint(if kind == OperationKind::Dial {
        MAYBE_PLACED
    } else {
        "look at the address and at what stands between here and the platform"
    })
}

/// An answer with a status that is no success.
#[must_use]
pub fn http_failure(provider: &dyn Provider, operation: &Operation, response: &Response<'_>) -> Error {
    let kind = operation.kind();
    let status = response.status;
    let code = match status {
        401 => ErrorCode::Authentication,
        403 => ErrorCode::Forbidden,
        404 => ErrorCode::NotFound,
        429 => ErrorCode::RateLimited,
        500..=599 => ErrorCode::ProviderUnavailable,
        400..=499 => {
            return match complaint(provider, operation, response.body) {
                Err(Complaint::Refused { code, message }) => refused(provider, operation, code, message),
                _ => malformed(provider, operation, response, "an error status without the platform's own words"),
            };
        }
        _ => {
            return malformed(
                provider,
                operation,
                response,
                if status == 0 || (300..400).contains(&status) {
                    "a redirect, which is never followed"
                } else {
                    "a status that no document names"
                },
            );
        }
    };
    let delivery = if status >= 500 { Delivery::Unknown } else { Delivery::Refused };
    let mut text = format!("{} answered {} with status {status}", provider.platform().name, kind.as_str());
    let mut hint = if delivery == Delivery::Unknown && kind == OperationKind::Dial { Some(MAYBE_PLACED.to_owned()) } else { None };
    let mut provider_code = None;
    let mut provider_message = None;
    if let Err(Complaint::Refused { code, message }) = complaint(provider, operation, response.body) {
        let told = refused(provider, operation, code, message);
        provider_code.clone_from(&told.provider_code);
        provider_message.clone_from(&told.provider_message);
        hint = hint.or_else(|| told.hint.clone());
        if let Some(words) = &provider_message {
            text = format!("{text}: {words}");
        }
    } else if !response.body.is_empty() {
        text = format!("{text}: {}", redactor(provider, Some(operation)).excerpt(&String::from_utf8_lossy(response.body), EXCERPT));
    }
    let mut error = failure(provider, kind, code, delivery, text);
    error.hint = hint;
    error.provider_code = provider_code;
    error.provider_message = provider_message;
    error
}

/// An error about this operation, with `retryable` by the one rule: repeating cannot act twice, and may help.
#[must_use]
pub fn failure(provider: &dyn Provider, kind: OperationKind, code: ErrorCode, delivery: Delivery, message: String) -> Error {
    let mut error = Error::new(code, delivery, message);
    // "Not now" is the only refusal that a dial may take as an invitation; an ill platform may have acted whatever it says.
    let cannot_act_twice =
        kind.is_safe() || delivery == Delivery::NotSent || (delivery == Delivery::Refused && code == ErrorCode::RateLimited);
    error.retryable = code.is_transient() && cannot_act_twice;
    about(provider, kind, error)
}
