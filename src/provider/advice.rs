//! Hints: what to do after a failure. A hint does not repeat the message.

use super::request::unsent_request;
use super::{Platform, Provider, Refusal};
use crate::http::{self, Response};
use crate::model::{ErrorCode, ErrorReason, Operation, OperationKind};
use crate::payload::contains;
use crate::redaction::{Redactor, shown_url};

/// The hint after a dial that may have been placed.
const MAYBE_PLACED: &str = "the call may have been placed: look for its record";
/// The hint after another operation that changes something, where its result is unknown.
pub(super) const MAYBE_DONE: &str = "it may have been done: look at the platform before asking again";
/// Where no document gives a limit, a clock that is off by less did not cause the refusal.
const CLOCK_TOLERANCE_S: i64 = 60;

/// A platform's hints for its refusals, where its table of codes has none.
#[derive(Debug)]
pub struct Advice {
    /// After a refusal of the credentials or the signature.
    pub authentication: &'static str,
    /// After a refusal of the caller's address or rights.
    pub forbidden: &'static str,
    /// How many seconds the clock may be off for this operation; 0 where no document says; `None` where its request carries no time.
    pub clock_seconds: fn(OperationKind) -> Option<i64>,
    /// Words in a refusal, each with its reason and the hint.
    pub words: &'static [(&'static str, ErrorReason, &'static str)],
}

impl Advice {
    /// General hints, for a platform whose document says nothing more.
    pub const EMPTY: Self = Self {
        authentication: "check the credentials in the platform's console",
        forbidden: "ask the platform whether this server's address must be admitted",
        clock_seconds: |_| None,
        words: &[],
    };
}

const TOP_UP: &str = "top the account up in the platform's console";
const SLOW_DOWN: &str = "wait before the next request, and send fewer at a time";
const SET_CLOCK: &str = "set this machine's clock (NTP), or pass the right time as now";

/// Words in the Chinese and English refusals of any platform, with their hints. Nothing is decided by them.
const WORDS: [(&str, ErrorReason, &str); 13] = [
    ("余额", ErrorReason::InsufficientBalance, TOP_UP),
    ("欠费", ErrorReason::InsufficientBalance, TOP_UP),
    ("费用不足", ErrorReason::InsufficientBalance, TOP_UP),
    ("balance", ErrorReason::InsufficientBalance, TOP_UP),
    ("白名单", ErrorReason::AddressNotAllowed, "have this server's address admitted by the platform"),
    ("whitelist", ErrorReason::AddressNotAllowed, "have this server's address admitted by the platform"),
    ("时间戳", ErrorReason::ClockSkew, SET_CLOCK),
    ("请求超时", ErrorReason::ClockSkew, SET_CLOCK),
    ("timestamp", ErrorReason::ClockSkew, SET_CLOCK),
    ("频繁", ErrorReason::RateLimited, SLOW_DOWN),
    ("过快", ErrorReason::RateLimited, SLOW_DOWN),
    ("too many", ErrorReason::RateLimited, SLOW_DOWN),
    ("too frequent", ErrorReason::RateLimited, SLOW_DOWN),
];

/// Returns the hint after a failure that leaves open whether the platform acted.
pub(crate) fn after_unknown(provider: &dyn Provider, operation: &Operation, call_id: Option<&str>) -> String {
    let Operation::Dial(dial) = operation else {
        return if operation.kind().is_safe() { "ask again".to_owned() } else { MAYBE_DONE.to_owned() };
    };
    let hidden = super::redactor(provider, None);
    let is_shown = |text: &&str| is_showable_id(&hidden, text);
    // Only a reference that the record carries helps to find it.
    let is_echoed = provider.echoes_reference(dial);
    let by = match (call_id.filter(is_shown), dial.reference.as_deref().filter(|_| is_echoed).filter(is_shown)) {
        (Some(id), _) => format!("call id {id}"),
        (None, Some(reference)) => format!("reference {reference}"),
        (None, None) => "by the two numbers and the time".to_owned(),
    };
    format!("{MAYBE_PLACED} ({by}) before dialing again")
}

/// Returns the id of a call as an error may show it, or `None`.
pub(super) fn shown_call_id(provider: &dyn Provider, call_id: Option<&str>) -> Option<String> {
    call_id.filter(|id| is_showable_id(&super::redactor(provider, None), id)).map(str::to_owned)
}

fn is_showable_id(hidden: &Redactor, text: &str) -> bool {
    text.len() <= 128 && !text.contains(|c: char| c.is_control()) && hidden.without_secrets(text) == *text && super::is_showable(text)
}

/// Returns the hint after an answer that cannot be read.
pub(super) fn after_unreadable(provider: &dyn Provider, operation: &Operation, response: &Response<'_>) -> String {
    let cause = if response.status == 407 {
        Some(PROXY_CREDENTIALS)
    } else if is_html(response.body) {
        Some(
            "a web page came instead of the platform's JSON: check baseUrl, and whether a proxy, a firewall or a login page answers in the platform's place",
        )
    } else {
        None
    };
    let unknown = (!operation.kind().is_safe()).then(|| after_unknown(provider, operation, None));
    match (unknown, cause) {
        (Some(unknown), Some(cause)) => format!("{unknown}. {}", capitalize(cause)),
        (Some(unknown), None) => unknown,
        (None, Some(cause)) => cause.to_owned(),
        (None, None) => "check baseUrl, and what stands between here and the platform".to_owned(),
    }
}

const PROXY_CREDENTIALS: &str = "the outgoing proxy wants credentials: pass a fetch that sends them to the proxy";

/// Returns whether a body is a web page.
pub(super) fn is_html(body: &[u8]) -> bool {
    let start: Vec<u8> = body.trim_ascii_start().iter().take(14).map(u8::to_ascii_lowercase).collect();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    [b"<!doctype html".as_slice(), b"<html", b"<head", b"<body", b"<br", b"<title", b"<script", b"<!--"]
        .iter()
        .any(|mark| start.starts_with(mark))
}

/// Returns the reason of a refusal, and the hint. `known` is the entry of its code in the platform's table.
pub(super) fn after_refusal(
    platform: &Platform,
    kind: OperationKind,
    code: ErrorCode,
    known: Option<&'static Refusal>,
    words: Option<&str>,
    response: &Response<'_>,
) -> (ErrorReason, Option<String>) {
    if let Some(clock) = clock_is_off(platform, kind, code, response) {
        return (ErrorReason::ClockSkew, Some(clock));
    }
    let said = words.and_then(|words| {
        let words = words.to_ascii_lowercase();
        let mut marks = platform.advice.words.iter().chain(&WORDS);
        marks.find(|(mark, ..)| contains(&words, mark)).map(|(_, reason, advice)| (*reason, *advice))
    });
    // The platform's words say more than a kind that fits many causes; a kind that names its cause says it better than words do.
    let is_general = matches!(code, ErrorCode::Authentication | ErrorCode::Forbidden | ErrorCode::InvalidArgument | ErrorCode::Rejected);
    let reason = match (known, said) {
        (Some(refusal), _) => refusal.reason,
        (None, Some((reason, _))) if is_general => reason,
        (None, _) => ErrorReason::of_refusal(code),
    };
    if let Some(wait) = response.retry_after.as_deref().and_then(|text| retry_after_ms(text, response.received_ms?)) {
        return (reason, Some(format!("wait {} s before the next request", wait.div_ceil(1000))));
    }
    if let Some(listed) = known.map(|refusal| refusal.advice).filter(|advice| !advice.is_empty()) {
        return (reason, Some(listed.to_owned()));
    }
    let said = said.map(|(_, advice)| advice);
    let advice = match code {
        ErrorCode::Authentication => Some(platform.advice.authentication),
        ErrorCode::Forbidden => Some(platform.advice.forbidden),
        ErrorCode::InsufficientBalance => Some(TOP_UP),
        ErrorCode::RateLimited => Some(SLOW_DOWN),
        ErrorCode::NotFound if response.status == 404 => Some("check baseUrl and the call id"),
        ErrorCode::NotFound => said.or(Some("check the call id; a recording may take some minutes to appear")),
        ErrorCode::ProviderUnavailable => Some("try again later"),
        _ => said,
    };
    (reason, advice.map(str::to_owned))
}

/// Compares the platform's `date` header with the time at which its answer arrived.
fn clock_is_off(platform: &Platform, kind: OperationKind, code: ErrorCode, response: &Response<'_>) -> Option<String> {
    let documented = (platform.advice.clock_seconds)(kind)?;
    let may_be_time = matches!(code, ErrorCode::Authentication | ErrorCode::Forbidden | ErrorCode::InvalidArgument | ErrorCode::Rejected);
    if !may_be_time {
        return None;
    }
    let seconds = clock_offset_ms(response)? / 1000;
    let tolerance = if documented == 0 { CLOCK_TOLERANCE_S } else { documented };
    let word = if seconds > 0 { "ahead of" } else { "behind" };
    (seconds.abs() >= tolerance).then(|| format!("this machine's clock is {} s {word} the platform's: {SET_CLOCK}", seconds.abs()))
}

/// Returns how far this machine's clock is ahead of the one that wrote the `date` header.
pub(super) fn clock_offset_ms(response: &Response<'_>) -> Option<i64> {
    Some(response.received_ms? - http::date_ms(response.date.as_deref()?)?)
}

/// Returns the address of an operation's request (it may hold a secret), and the option that sets it.
pub(crate) fn address_of(provider: &dyn Provider, operation: &Operation) -> (String, &'static str) {
    let account = provider.account();
    if let Operation::Download(download) = operation {
        return (download.url.clone(), "recordingBaseUrl");
    }
    match unsent_request(provider, operation).map(|request| request.url) {
        Ok(url) if url.starts_with(account.base_url.as_str()) => (url, "baseUrl"),
        Ok(url) => (url, "recordingBaseUrl"),
        Err(_) => (account.base_url.clone(), "baseUrl"),
    }
}

/// Returns where a redirect leads that is not followed, for the message; the base address that it gives or else its host; and the hint.
pub(super) fn after_redirect(provider: &dyn Provider, operation: &Operation, response: &Response<'_>) -> (String, Option<String>, String) {
    let (url, option) = address_of(provider, operation);
    let unnamed = || (String::new(), None, format!("open {option} in a browser to see where it leads, and set {option} to that address"));
    let Some(target) = response.location.as_deref().and_then(|location| http::resolve_url(&url, location)) else { return unnamed() };
    let Some(host) = http::host(&target) else { return unnamed() };
    // The part before the operation's own path is the base address that the platform wants.
    let account = provider.account();
    let base = if option == "baseUrl" { &account.base_url } else { &account.recording_base_url };
    let own = url.strip_prefix(base.as_str()).unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
    let address = target.split(['?', '#']).next().unwrap_or_default();
    let is_same_host = http::host(&url).as_ref() == Some(&host);
    let base = address.strip_suffix(own).filter(|base| !own.is_empty() && http::host(base).is_some()).map(shown_url);
    let hint = match &base {
        Some(base) if is_same_host => format!("set {option} to \"{base}\""),
        Some(base) => format!("if {host} is the platform's, set {option} to \"{base}\""),
        None => format!("if {host} is the platform's, set {option} to its address; a login page or a firewall redirects too"),
    };
    (format!(" to {host}"), base.or(Some(host)), hint)
}

/// Makes a hint a sentence of its own.
fn capitalize(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// Reads `Retry-After`, which is seconds or an HTTP date, in milliseconds.
pub(crate) fn retry_after_ms(text: &str, now_ms: i64) -> Option<u64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(u64::from(seconds) * 1000);
    }
    u64::try_from(http::date_ms(text)? - now_ms).ok().or(Some(0))
}
