//! Interprets answers: success, a refusal in the platform's own words, or something that no document describes.

use super::advice::{self, MAYBE_DONE};
use super::evidence::{self, Evidence};
use super::request::{about, own_recording_address, recording_expiry, redactor};
use super::{Platform, Provider, ResponseError, ResponseFields};
use crate::http::Response;
use crate::model::{
    Delivery, Error, ErrorCode, ErrorReason, Operation, OperationKind, OperationResult, RecordingStart, code as codes, phone,
};
use crate::payload::{self, Element};
use crate::redaction::Redactor;

/// How much of an unreadable answer an error repeats.
const EXCERPT: usize = 160;
/// Far more than any documented answer: that to a dial has some 100 bytes.
const LARGEST_ANSWER: usize = 1 << 20;
/// One hundred records have some 60 KB.
const LARGEST_PAGE: usize = 4 << 20;

/// Returns the largest answer to an operation that is read, in bytes. A recording is streamed instead, without a limit.
#[must_use]
pub(crate) fn largest_answer(kind: OperationKind) -> usize {
    if kind == OperationKind::Records { LARGEST_PAGE } else { LARGEST_ANSWER }
}

/// Returns whether an answer is the sound itself: by its first bytes whatever the content type says, else by the content type. Text, HTML
/// and JSON are not. A `partial` body may have more bytes.
fn is_recording(response: &Response<'_>, partial: bool) -> bool {
    let body = response.body;
    if body.is_empty() {
        return false;
    }
    if has_sound_signature(body) {
        return true;
    }
    let media_type = response.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    let may_be_markup = matches!(body.trim_ascii_start().first(), None | Some(b'{' | b'[' | b'<'));
    if media_type.starts_with("audio/") || media_type.starts_with("video/") {
        // Samples may begin with any byte, and an error may have an audio type: only the whole body tells them apart.
        return !may_be_markup || !partial && !is_markup(&response.text());
    }
    !may_be_markup && !media_type.starts_with("text/") && !payload::contains(&media_type, "json") && !is_text(body)
}

/// WAV, MP3 with tags, MPEG and AAC frames, Ogg, AMR, MPEG-4.
fn has_sound_signature(body: &[u8]) -> bool {
    let is_frame = matches!(body, [0xff, second, ..] if second & 0xe0 == 0xe0 && *second != 0xff);
    // FF FE begins text in UTF-16 too, whose second character is then ASCII or white space.
    let is_utf16 = matches!(body, [0xff, 0xfe, b'{' | b'[' | b'<' | b'"' | b'\r' | b'\n' | b' ', 0, ..]);
    [b"RIFF".as_slice(), b"ID3", b"OggS", b"#!AMR"].iter().any(|start| body.starts_with(start))
        || body.get(4..8) == Some(b"ftyp")
        || is_frame && !is_utf16
}

fn is_markup(text: &str) -> bool {
    let text = payload::trim_body(text);
    match text.as_bytes().first() {
        Some(b'{') => Element::read(text).is_ok(),
        Some(b'[') => payload::list(text).is_ok(),
        Some(b'<') => advice::is_html(text.as_bytes()) || text.starts_with("<?xml"),
        _ => false,
    }
}

/// Text in UTF-8 without control characters; the last character may be cut off.
fn is_text(body: &[u8]) -> bool {
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => str::from_utf8(&body[..error.valid_up_to()]).unwrap_or_default(),
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !c.is_ascii_whitespace())
}

/// Interprets the response to an operation's request.
///
/// # Errors
/// A classified error, see [`Error`].
pub fn interpret_response(provider: &dyn Provider, operation: &Operation, response: &Response<'_>) -> Result<OperationResult, Error> {
    interpret_part(provider, operation, response, false)
}

/// As [`interpret_response`], where the body may have only its first bytes. They are enough for a recording only.
pub(crate) fn interpret_part(
    provider: &dyn Provider,
    operation: &Operation,
    response: &Response<'_>,
    partial: bool,
) -> Result<OperationResult, Error> {
    let kind = operation.kind();
    let meaning = if !(200..300).contains(&response.status) {
        Err(http_error(provider, operation, response))
    } else if !matches!(kind, OperationKind::Recording | OperationKind::Download) {
        interpret_body(provider, operation, response)
    } else if is_recording(response, partial) {
        let (url, expires_at) = match operation {
            Operation::Recording(of) => (own_recording_address(provider, of).ok().flatten(), recording_expiry(provider, of)),
            _ => (None, None),
        };
        Ok(OperationResult::Recording(RecordingStart { streamed: true, url, expires_at, content_type: response.content_type.clone() }))
    } else if response.body.is_empty() && !partial {
        Err(not_ready_error(provider, kind))
    } else {
        interpret_body(provider, operation, response)
    };
    meaning.map_err(|error| with_answer(with_reference(error, operation), response))
}

/// Returns the error with what the answer says besides its body.
fn with_answer(mut error: Error, response: &Response<'_>) -> Error {
    error.status = Some(response.status).filter(|status| *status != 0);
    error.retry_after_ms =
        response.retry_after.as_deref().and_then(|text| u32::try_from(advice::retry_after_ms(text, response.received_ms?)?).ok());
    if error.reason == ErrorReason::ClockSkew {
        // A clock that is off by more than 24 days has no offset to speak of.
        error.clock_offset_ms = advice::clock_offset_ms(response).and_then(|ms| i32::try_from(ms).ok());
    }
    error
}

/// Returns the error with the dial's reference, by which its record can be found.
pub(crate) fn with_reference(mut error: Error, operation: &Operation) -> Error {
    if let Operation::Dial(dial) = operation
        && error.reference.is_none()
        // A reference that cannot be used is not repeated: it may be anything.
        && error.field.as_deref() != Some("reference")
    {
        error.reference = dial.reference.clone().filter(|reference| is_showable(reference));
    }
    error
}

/// Returns whether a reference may be shown in an error: not if it holds a phone number.
pub(crate) fn is_showable(reference: &str) -> bool {
    is_random_id(reference) || !holds_number(reference)
}

/// Returns true for 32 hexadecimal digits, the form of a made reference, and for a UUID. One made in three hundred has the digits of a phone
/// number in a row, by chance.
fn is_random_id(reference: &str) -> bool {
    const LEAST_LETTERS: usize = 4;
    let lengths: Vec<usize> = reference.split('-').map(str::len).collect();
    let is_hex = reference.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let letters = reference.bytes().filter(u8::is_ascii_alphabetic).count();
    matches!(lengths[..], [32] | [8, 4, 4, 4, 12]) && is_hex && letters >= LEAST_LETTERS
}

fn holds_number(reference: &str) -> bool {
    let is_number = |text: &str| phone::e164(text).is_some();
    let digits = |part: &str| part.chars().filter(char::is_ascii_digit).collect::<String>();
    let written = |c: char| c.is_alphabetic() || c == '_';
    reference.split(|c: char| !c.is_alphanumeric()).any(is_number) || reference.split(written).any(|part| is_number(&digits(part)))
}

fn interpret_body(provider: &dyn Provider, operation: &Operation, response: &Response<'_>) -> Result<OperationResult, Error> {
    let largest = largest_answer(operation.kind());
    if response.body.len() > largest {
        return Err(too_large_error(provider, operation, response, largest));
    }
    read_response(provider, operation, response).map_err(|error| explain_failure(provider, operation, response, error))
}

fn explain_failure(provider: &dyn Provider, operation: &Operation, response: &Response<'_>, answer_error: ResponseError) -> Error {
    match answer_error {
        ResponseError::Refused { code, message } => refusal_error(provider, operation, response, code, message),
        ResponseError::Malformed(reason) => malformed_error(provider, operation, response, ErrorReason::UnreadableAnswer, &reason),
        ResponseError::Unclear { reason, code, message, why, call_id, .. } => {
            unclear_error(provider, operation, reason, (code, message), &why, call_id.as_deref())
        }
    }
}

fn read_response(provider: &dyn Provider, operation: &Operation, response: &Response<'_>) -> Result<OperationResult, ResponseError> {
    if matches!(operation, Operation::Download(_)) {
        return Err(ResponseError::Malformed("it is not a recording".to_owned()));
    }
    let text = response.text();
    let json = payload::unquote(payload::trim_body(&text));
    let element = Element::read(&json).map_err(|error| ResponseError::Malformed(error.reason))?;
    let result = provider.read_response(operation, &ResponseFields::new(&element));
    if operation.kind().is_safe() { result } else { weigh_evidence(operation, result, &element) }
}

/// Turns an answer that speaks both for and against a call into an unclear one: a wrong `refused` calls a person twice.
fn weigh_evidence(
    operation: &Operation,
    result: Result<OperationResult, ResponseError>,
    answer: &Element<'_>,
) -> Result<OperationResult, ResponseError> {
    let reason = ErrorReason::ContradictingAnswer;
    match result {
        Err(ResponseError::Refused { code, message }) => match Evidence::of_success(operation, answer) {
            Some(Evidence { what, call_id }) => {
                let why = code
                    .as_deref()
                    .map_or_else(|| format!("no success, but {what}"), |code| format!("code {}, but {what}", codes::simplify(code)));
                Err(ResponseError::Unclear { reason, code, message, why, is_half_done: true, call_id })
            }
            None => Err(ResponseError::Refused { code, message }),
        },
        Err(ResponseError::Malformed(reason)) => match Evidence::of_success(operation, answer) {
            Some(Evidence { what, call_id }) => {
                let why = format!("something that is not in its document ({reason}), but {what}");
                Err(ResponseError::Unclear {
                    reason: ErrorReason::UnreadableAnswer,
                    code: None,
                    message: None,
                    why,
                    is_half_done: true,
                    call_id,
                })
            }
            None => Err(ResponseError::Malformed(reason)),
        },
        Ok(done) => match evidence::of_failure(answer) {
            Some(what) => {
                let call_id = Evidence::of_success(operation, answer).and_then(|evidence| evidence.call_id);
                let why = format!("success, but {what}");
                Err(ResponseError::Unclear { reason, code: None, message: None, why, is_half_done: true, call_id })
            }
            None => Ok(done),
        },
        unclear => unclear,
    }
}

/// Builds the error of a refusal in a readable answer.
fn refusal_error(
    provider: &dyn Provider,
    operation: &Operation,
    response: &Response<'_>,
    code: Option<String>,
    message: Option<String>,
) -> Error {
    let kind = operation.kind();
    let platform = provider.platform();
    let known = code.as_deref().and_then(|code| platform.refusal(code));
    let (error_code, indeterminate) = match known {
        Some(refusal) => (refusal.error, refusal.indeterminate),
        None => (platform.classify_unlisted)(code.as_deref()),
    };
    let delivery = if indeterminate && !kind.is_safe() { Delivery::Unknown } else { Delivery::Refused };
    let redactor = redactor(provider, Some(operation)).with_codes(code.as_deref());
    let words = message.map(|words| redactor.excerpt(&words, EXCERPT));
    let shown_words = words.clone().or_else(|| known.map(|refusal| refusal.message.to_owned())).filter(|words| !words.is_empty());
    let shown_code = code.as_deref().map(|code| show_code(platform, &redactor, code));
    let verb = if delivery == Delivery::Unknown { "answered" } else { "refused" };
    let text = match (&shown_code, &shown_words) {
        (Some(code), Some(words)) => format!("{} {verb} {} with {code}: {words}", platform.name, kind.as_str()),
        (Some(code), None) => format!("{} {verb} {} with {code}", platform.name, kind.as_str()),
        (None, Some(words)) => format!("{} {verb} {}: {words}", platform.name, kind.as_str()),
        (None, None) => format!("{} {verb} {}", platform.name, kind.as_str()),
    };
    let (reason, hint) = advice::after_refusal(platform, kind, error_code, known, words.as_deref(), response);
    let mut error = operation_error(provider, kind, error_code, reason, delivery, text);
    error.provider_code = shown_code;
    error.provider_message = shown_words;
    error.hint = if delivery == Delivery::Unknown { Some(advice::after_unknown(provider, operation, None)) } else { hint };
    error
}

/// Returns a platform's code as an error may show it. A documented code is shown as its document writes it: it is not a phone number, however
/// many digits it has.
fn show_code(platform: &Platform, redactor: &Redactor, code: &str) -> String {
    let documented = platform.codes().find(|documented| codes::is_same(documented, code));
    documented.map_or_else(|| redactor.code(&codes::simplify(code)), str::to_owned)
}

/// Classifies a code outside a platform's table by its meaning in HTTP, for platforms whose documents call every other code a failure.
pub(crate) fn classify_like_http(code: Option<&str>) -> (ErrorCode, bool) {
    match code.and_then(codes::read_integer) {
        Some(401) => (ErrorCode::Authentication, false),
        Some(403) => (ErrorCode::Forbidden, false),
        Some(404) => (ErrorCode::NotFound, false),
        Some(429) => (ErrorCode::RateLimited, false),
        Some(500..=599) => (ErrorCode::ProviderUnavailable, true),
        _ => (ErrorCode::Rejected, false),
    }
}

/// Builds the error of an answer that contradicts itself or says less than it must.
fn unclear_error(
    provider: &dyn Provider,
    operation: &Operation,
    reason: ErrorReason,
    (code, message): (Option<String>, Option<String>),
    why: &str,
    call_id: Option<&str>,
) -> Error {
    let kind = operation.kind();
    let redactor = redactor(provider, Some(operation)).with_codes(code.as_deref());
    let text = format!("{} answered {} with {}", provider.platform().name, kind.as_str(), redactor.excerpt(why, EXCERPT));
    let mut error = operation_error(provider, kind, ErrorCode::MalformedResponse, reason, Delivery::Unknown, text);
    error.provider_code = code.map(|code| show_code(provider.platform(), &redactor, &code));
    error.provider_message = message.map(|words| redactor.excerpt(&words, EXCERPT));
    error.hint = Some(advice::after_unknown(provider, operation, call_id));
    error.call_id = advice::shown_call_id(provider, call_id);
    error
}

fn malformed_error(provider: &dyn Provider, operation: &Operation, response: &Response<'_>, reason: ErrorReason, why: &str) -> Error {
    let kind = operation.kind();
    let redactor = redactor(provider, Some(operation));
    let sample = &response.body[..response.body.len().min(EXCERPT * 64)];
    let excerpt = redactor.excerpt(&Response { body: sample, ..response.clone() }.text(), EXCERPT);
    let shown = if excerpt.is_empty() { "; the body is empty".to_owned() } else { format!(": {excerpt}") };
    let text = format!(
        "{} answered {} with status {} and something that is not in its document ({}){shown}",
        provider.platform().name,
        kind.as_str(),
        response.status,
        redactor.redact(why)
    );
    let mut error = operation_error(provider, kind, ErrorCode::MalformedResponse, reason, Delivery::Unknown, text);
    error.hint = Some(advice::after_unreadable(provider, operation, response));
    error
}

fn too_large_error(provider: &dyn Provider, operation: &Operation, response: &Response<'_>, largest: usize) -> Error {
    let kind = operation.kind();
    let name = provider.platform().name;
    let text = format!("{name} answered {} with more than {} MiB", kind.as_str(), largest >> 20);
    let mut error = operation_error(provider, kind, ErrorCode::MalformedResponse, ErrorReason::AnswerTooLarge, Delivery::Unknown, text)
        .at_most(largest);
    error.hint = Some(advice::after_unreadable(provider, operation, response));
    error
}

/// Builds the error of a 200 with an empty body, which is not an empty recording.
fn not_ready_error(provider: &dyn Provider, kind: OperationKind) -> Error {
    let text = format!("{} answered recording without a byte: it is not ready yet", provider.platform().name);
    operation_error(provider, kind, ErrorCode::NotFound, ErrorReason::RecordingNotReady, Delivery::Refused, text)
        .with_hint("ask again some minutes after the call's end; a call that was not answered has no recording")
}

/// Builds the error of an answer whose HTTP status is not a success.
#[must_use]
pub(crate) fn http_error(provider: &dyn Provider, operation: &Operation, response: &Response<'_>) -> Error {
    let kind = operation.kind();
    let platform = provider.platform();
    let status = response.status;
    if status == 0 || (300..400).contains(&status) {
        return redirect_error(provider, operation, response);
    }
    let too_large = response.body.len() > largest_answer(kind);
    let said =
        if too_large { Err(ResponseError::Malformed("it is too large".to_owned())) } else { read_response(provider, operation, response) };
    let code = match status {
        401 => ErrorCode::Authentication,
        403 => ErrorCode::Forbidden,
        404 => ErrorCode::NotFound,
        429 => ErrorCode::RateLimited,
        500..=599 => ErrorCode::ProviderUnavailable,
        400..=499 => {
            return match said {
                Err(error @ (ResponseError::Refused { .. } | ResponseError::Unclear { .. })) => {
                    explain_failure(provider, operation, response, error)
                }
                _ => malformed_error(
                    provider,
                    operation,
                    response,
                    ErrorReason::HttpStatus,
                    "an error status without the platform's own words",
                ),
            };
        }
        _ => return malformed_error(provider, operation, response, ErrorReason::HttpStatus, "a status that no document names"),
    };
    let redactor = redactor(provider, Some(operation));
    let mut text = format!("{} answered {} with status {status}", platform.name, kind.as_str());
    let mut delivery = if status >= 500 { Delivery::Unknown } else { Delivery::Refused };
    let (mut provider_code, mut provider_message, mut known, mut call_id) = (None, None, None, None);
    let mut doubt = None;
    match said {
        Err(ResponseError::Refused { code, message }) => {
            let told = refusal_error(provider, operation, response, code.clone(), message);
            provider_code.clone_from(&told.provider_code);
            provider_message.clone_from(&told.provider_message);
            known = code.as_deref().and_then(|code| platform.refusal(code));
            if let Some(words) = &provider_message {
                text = format!("{text}: {words}");
            }
        }
        // The status refuses, but the body speaks for a call.
        Err(ResponseError::Unclear { reason, code, message, why, is_half_done, call_id: id }) => {
            if is_half_done {
                doubt = Some(reason);
                delivery = Delivery::Unknown;
            }
            let redactor = redactor.with_codes(code.as_deref());
            provider_code = code.map(|code| show_code(platform, &redactor, &code));
            provider_message = message.map(|words| redactor.excerpt(&words, EXCERPT));
            text = format!("{text} and {}", redactor.excerpt(&why, EXCERPT));
            call_id = id;
        }
        Ok(result) if !kind.is_safe() => {
            doubt = Some(ErrorReason::ContradictingAnswer);
            delivery = Delivery::Unknown;
            text.push_str(", but its body says success");
            if let OperationResult::Call(call) = result {
                call_id = call.id;
            }
        }
        _ if !response.body.is_empty() && !too_large => {
            text = format!("{text}: {}", redactor.excerpt(&response.text(), EXCERPT));
        }
        _ => {}
    }
    let (reason, hint) = advice::after_refusal(platform, kind, code, known, provider_message.as_deref(), response);
    let mut error = operation_error(provider, kind, code, doubt.unwrap_or(reason), delivery, text);
    error.hint = if delivery == Delivery::Unknown && !kind.is_safe() {
        Some(advice::after_unknown(provider, operation, call_id.as_deref()))
    } else {
        hint
    };
    error.call_id = advice::shown_call_id(provider, call_id.as_deref());
    error.provider_code = provider_code;
    error.provider_message = provider_message;
    error
}

/// Builds the error of a redirect that is not followed: that of any POST that does not request a recording.
fn redirect_error(provider: &dyn Provider, operation: &Operation, response: &Response<'_>) -> Error {
    let kind = operation.kind();
    let (to, address, hint) = advice::after_redirect(provider, operation, response);
    let text =
        format!("{} redirected {} with status {}{to}; it was not followed", provider.platform().name, kind.as_str(), response.status);
    let mut error = operation_error(provider, kind, ErrorCode::MalformedResponse, ErrorReason::Redirect, Delivery::Unknown, text);
    let unknown = (!kind.is_safe()).then(|| advice::after_unknown(provider, operation, None));
    if let Some(address) = address {
        error = error.expecting(&[&address]);
    }
    error.hint = Some([unknown, Some(hint)].into_iter().flatten().collect::<Vec<_>>().join(". "));
    error
}

/// Builds an error about this operation. It is `retryable` where repeating cannot act twice and may help.
#[must_use]
pub(crate) fn operation_error(
    provider: &dyn Provider,
    kind: OperationKind,
    code: ErrorCode,
    reason: ErrorReason,
    delivery: Delivery,
    message: String,
) -> Error {
    let mut error = Error::new(code, reason, delivery, message);
    // The only refusal after which a dial may be repeated is a rate limit; a platform with a failure of its own may have acted.
    let cannot_act_twice =
        kind.is_safe() || delivery == Delivery::NotSent || (delivery == Delivery::Refused && code == ErrorCode::RateLimited);
    error.retryable = code.is_transient() && cannot_act_twice;
    if delivery == Delivery::Unknown && matches!(kind, OperationKind::HangUp | OperationKind::BindSeat) {
        error.hint = Some(MAYBE_DONE.to_owned());
    }
    about(provider, kind, error)
}

#[cfg(test)]
mod tests {
    use super::{holds_number, is_showable};
    use crate::digest::{hex, md5};

    #[test]
    fn a_made_reference_is_shown_whatever_its_digits() {
        let made: Vec<String> = (0..10_000).map(|seed: u32| hex(md5(seed.to_string()))).collect();
        let with_number = made.iter().filter(|reference| holds_number(reference)).count();
        assert!(with_number > 0, "none has the digits of a number");
        assert!(made.iter().all(|reference| is_showable(reference)), "{with_number} of 10,000 have the digits of a number");
        let uuid = "550e8400-e29b-41d4-a716-013712345678";
        assert!(holds_number(uuid) && is_showable(uuid));
    }
}
