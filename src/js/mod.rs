//! The wasm-bindgen layer: text in, text out. No platform knowledge, no rules, nothing that awaits.
//!
//! Each function answers one JSON text, `{"result":…}` or `{"error":…}`; or else `{"ask":…}`, where the host must bring something before it
//! asks again. Texts were measured against objects that are read and built member by member across the border: the download is 10 KB
//! smaller (gzip, of 114 KB).

mod receiver;

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{TextDecoder, TextDecoderOptions};

pub use self::receiver::ReceiverHandle;

use crate::bulk::{self, LineOptions, Position};
use crate::charset::Decoder;
use crate::digest::hex;
use crate::exchange::{Event, Exchange, FailureReason, Progress, Step};
use crate::http::{Headers, Response};
use crate::json::{quote, scan, to_json, write_json};
use crate::model::{Delivery, Error, ErrorReason, Fields, Operation, OperationKind, OperationResult, Origin, Value};
use crate::payload::Element;
use crate::provider::{self, Moment, Provider};
use crate::receive::{self, ParsedPush, PushOptions};
use crate::redaction::Redactor;

/// Checks `createClient`'s options.
#[wasm_bindgen(js_name = clientConfig)]
pub fn client_config(options: &str) -> String {
    answer(opened(options).map(|_| ()))
}

/// Whether a platform offers an operation.
#[wasm_bindgen]
pub fn supports(platform: &str, operation: &str) -> String {
    let offered = provider::platform(platform);
    answer(offered.map(|platform| OperationKind::named(operation).is_some_and(|kind| platform.operations.contains(&kind))))
}

/// The signed request, not sent. Asks for a fresh reference where it needs one and got none.
#[wasm_bindgen]
pub fn prepare(config: &str, operation: &str, params: &str, now: f64, fresh: &str) -> String {
    signing(config, operation, params, now, fresh, |asked, moment| {
        provider::prepare(&*asked.provider, asked.operation, moment).map(|prepared| result(&prepared))
    })
}

/// Each step of the signature. Asks as [`prepare`] does.
#[wasm_bindgen]
pub fn explain(config: &str, operation: &str, params: &str, now: f64, fresh: &str) -> String {
    signing(config, operation, params, now, fresh, |asked, moment| {
        provider::explain(&*asked.provider, asked.operation, moment).map(|trace| result(&trace))
    })
}

// Out of line, so that it stands in the wasm once.
#[inline(never)]
fn signing(
    config: &str,
    operation: &str,
    params: &str,
    now: f64,
    fresh: &str,
    sign: fn(Asked, &Moment<'_>) -> Result<String, Error>,
) -> String {
    let signed = Asked::read(config, operation, params).and_then(|asked| {
        if asked.lacks(fresh) {
            return Ok(ask(""));
        }
        sign(asked, &moment(now, fresh)?)
    });
    signed.unwrap_or_else(failure)
}

/// What an answer to a prepared request means. `response` is its status and headers.
#[wasm_bindgen]
pub fn interpret(config: &str, prepared: &str, response: &str, body: &[u8]) -> String {
    let read = || {
        let provider = opened(config)?;
        let operation = provider::prepared_operation(&*provider, value("prepared", prepared)?)?;
        // Whatever is wrong with a response, its request was sent.
        let mut head = bag("response", response).map_err(|mut error| {
            error.delivery = Delivery::Unknown;
            error
        })?;
        let response = response_of(&mut head, body);
        provider::interpret(&*provider, &operation, &response).map(|meant| result(&meant))
    };
    read().unwrap_or_else(failure)
}

/// One step of an exchange; see `crate::exchange`. Asks as [`prepare`] does.
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "flat arguments cross the border cheaper than an object")]
pub fn advance(
    config: &str,
    operation: &str,
    params: &str,
    progress: &str,
    event: &str,
    body: &[u8],
    now: f64,
    fresh: &str,
    jitter: f64,
) -> String {
    let step = (|| {
        let mut came = Progress::read(progress);
        let event = bag("event", event)?;
        let event = event_of(event, body, &mut came)?;
        let asked = Asked::read(config, operation, params)?;
        if asked.lacks(fresh) {
            return Ok(ask(""));
        }
        let mut exchange = Exchange::new(&*asked.provider, asked.operation, came);
        let step = exchange.step(event, &moment(now, fresh)?, jitter);
        told(&step, &exchange.progress())
    })();
    step.unwrap_or_else(failure)
}

/// What has happened, in the driver's words.
fn event_of<'a>(mut event: Fields, body: &'a [u8], came: &mut Progress) -> Result<Event<'a>, Error> {
    Ok(match text(&mut event, "type").as_deref() {
        Some("waited") => Event::Waited,
        Some("answer") => Event::Answer { response: response_of(&mut event, body), partial: is_true(&mut event, "partial") },
        Some("failure") => {
            let reason = match text(&mut event, "reason").as_deref() {
                Some("timeout") => FailureReason::Timeout,
                Some("aborted") => FailureReason::Aborted,
                Some("broken") => FailureReason::Broken,
                _ => FailureReason::Error,
            };
            Event::Failure { reason, origins: origins_of(event.take("origins")), sent: is_true(&mut event, "sent") }
        }
        _ => {
            came.timeout_ms = provider::timeout(event.take("timeoutMs"))?.unwrap_or(0);
            Event::Start
        }
    })
}

/// A step in the driver's words.
#[derive(Serialize)]
#[serde(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Told<'a> {
    Send {
        progress: String,
        attempt: u32,
        request: Sent<'a>,
        shown: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        timeout_ms: u32,
        peek: bool,
        max_bytes: u32,
    },
    Read {
        progress: String,
    },
    Wait {
        progress: String,
        ms: u64,
    },
    Done {
        result: &'a OperationResult,
    },
}

/// What `fetch` is to be given, and nothing else of what is known.
#[derive(Serialize)]
struct Sent<'a> {
    method: &'a str,
    url: &'a str,
    headers: &'a Headers,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
}

fn told(step: &Step, progress: &Progress) -> Result<String, Error> {
    let progress = progress.write();
    Ok(result(&match step {
        Step::Send(send) => {
            let prepared = &send.prepared;
            let request = Sent { method: prepared.method, url: &prepared.url, headers: &prepared.headers, body: prepared.body.as_deref() };
            let (attempt, timeout_ms, peek, max_bytes) = (send.attempt, send.timeout_ms, send.peek, send.max_bytes);
            let reference = send.reference.as_deref();
            Told::Send { progress, attempt, request, shown: &send.shown, reference, timeout_ms, peek, max_bytes }
        }
        Step::Read => Told::Read { progress },
        Step::Wait(ms) => Told::Wait { progress, ms: *ms },
        Step::Done(result) => Told::Done { result },
        Step::Fail(error) => return Err(error.clone()),
    }))
}

impl Progress {
    fn read(text: &str) -> Self {
        let mut parts = text.splitn(4, ';');
        let mut number = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
        let (attempts, timeout_ms, redirects) = (number(), number(), number());
        Self { attempts, timeout_ms, redirects, location: parts.next().unwrap_or_default().to_owned() }
    }

    fn write(&self) -> String {
        format!("{};{};{};{}", self.attempts, self.timeout_ms, self.redirects, self.location)
    }
}

/// Reads a push, given as bytes or as the UTF-8 of a text.
#[wasm_bindgen(js_name = parsePush)]
pub fn parse_push(platform: &str, options: &str, body: &[u8]) -> String {
    let read = || {
        let platform = provider::platform(platform)?;
        let mut fields = bag("options", options)?;
        let push = PushOptions { decoder: HOST, ..PushOptions::take(platform, &mut fields)? };
        fields.finish("option of parsePush")?;
        receive::parse_push_bytes(platform, body, &push).map(|push| result(&push))
    };
    read().unwrap_or_else(failure)
}

/// Reads a push from the envelope in which it was kept, whose body may come beside it as bytes. Nothing is read of one with more than
/// `max_records`.
#[wasm_bindgen(js_name = processPush)]
pub fn process_push(envelope: &str, body: Option<Vec<u8>>, max_records: Option<u32>) -> String {
    let read = || {
        let wrong = |_| Error::invalid(ErrorReason::DamagedEnvelope, "push", "is not an envelope", "pass the envelope as it was kept");
        let envelope = Element::read(envelope).map_err(wrong)?;
        let most = max_records.map(|most| most as usize);
        receive::process_push_beside(&envelope, body.as_deref(), most, HOST).map(|push: ParsedPush| result(&push))
    };
    read().unwrap_or_else(failure)
}

/// The host's own tables of encodings.
const HOST: Decoder = Decoder(|label, bytes| {
    let options = TextDecoderOptions::new();
    options.set_fatal(true);
    TextDecoder::new_with_label_and_options(label, &options).ok()?.decode_with_u8_array(bytes).ok()
});

/// Normalizes the whole lines of a chunk of NDJSON: the records' lines, then what else is to be told as JSON text, then that text's length
/// in four bytes. So the lines leave the wasm in one copy.
#[wasm_bindgen(js_name = normalizeLines)]
pub fn normalize_lines(platform: &str, options: &str, chunk: &[u8], last: bool, line: f64, offset: f64) -> Vec<u8> {
    let read = || {
        let platform = provider::platform(platform)?;
        let options = bag("options", options).and_then(|options| LineOptions::read(platform, options))?.with_decoder(HOST);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of a stream, below 2^53")]
        let from = Position { line: line as u64, offset: offset as u64 };
        Ok(bulk::normalize_lines(platform, &options, chunk, last, from))
    };
    let (mut bytes, told) = match read() {
        Ok(done) => (done.output, result(&(done.consumed, done.lines, done.unreadable))),
        Err(error) => (Vec::new(), failure(error)),
    };
    bytes.extend_from_slice(told.as_bytes());
    bytes.extend_from_slice(&u32::try_from(told.len()).unwrap_or(0).to_le_bytes());
    bytes
}

/// A foreign error's message for a log, on one line: no phone number, nothing as long as a token or a digest.
#[wasm_bindgen]
pub fn excerpt(message: &str) -> String {
    Redactor::default().excerpt(message, LONGEST_EXCERPT)
}

const LONGEST_EXCERPT: usize = 300;

/// What a platform's code means, in both languages.
#[wasm_bindgen(js_name = explainCode)]
pub fn explain_code(platform: &str, code: &str) -> String {
    answer(provider::explain_code(platform, code))
}

/// Traps, so that tests can prove that a trap does not poison the process.
#[cfg(feature = "test-trap")]
#[wasm_bindgen(js_name = trapForTests)]
pub fn trap_for_tests() {
    panic!("a trap for tests");
}

/// What is asked of whom.
struct Asked {
    provider: Box<dyn Provider>,
    operation: Operation,
}

impl Asked {
    // Out of line, so that it stands in the wasm once.
    #[inline(never)]
    fn read(config: &str, name: &str, params: &str) -> Result<Self, Error> {
        let provider = opened(config)?;
        let operation = provider::operation(&*provider, name, value("params", params)?)?;
        Ok(Self { provider, operation })
    }

    /// Whether a fresh reference must be drawn: it is not where nothing needs it, since randomness takes a cold process some milliseconds.
    fn lacks(&self, fresh: &str) -> bool {
        fresh.is_empty() && provider::lacks_reference(self.provider.platform(), &self.operation)
    }
}

fn opened(config: &str) -> Result<Box<dyn Provider>, Error> {
    bag("options", config).and_then(provider::open)
}

fn moment(now: f64, fresh: &str) -> Result<Moment<'_>, Error> {
    if !now.is_finite() || now.abs() > 8.64e15 {
        return Err(Error::invalid(
            ErrorReason::UnusableClock,
            "now",
            "did not give a time",
            "let it return milliseconds since 1970, like Date.now",
        ));
    }
    #[expect(clippy::cast_possible_truncation, reason = "finite and within a Date's range")]
    Ok(Moment::new(now as i64, fresh))
}

fn answer<T: Serialize>(outcome: Result<T, Error>) -> String {
    outcome.map_or_else(failure, |value| result(&value))
}

fn result<T: Serialize>(value: &T) -> String {
    let mut out = String::with_capacity(2048);
    out.push_str("{\"result\":");
    write_json(&mut out, value);
    out.push('}');
    if scan::first_beyond_ascii(out.as_bytes()).is_none() { out } else { in_ascii(&out) }
}

/// The same JSON with an escape for each other character: a host decodes ASCII in less than half the time.
#[inline(never)]
fn in_ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut rest = json;
    while let Some(at) = scan::first_beyond_ascii(rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(character) = rest.chars().next() else { break };
        for unit in character.encode_utf16(&mut [0; 2]) {
            out.push_str("\\u");
            out.push_str(&hex(unit.to_be_bytes()));
        }
        rest = &rest[character.len_utf8()..];
    }
    out.push_str(rest);
    out
}

#[expect(clippy::needless_pass_by_value, reason = "the end of every error's way")]
fn failure(error: Error) -> String {
    ["{\"error\":", &to_json(&*error), "}"].concat()
}

fn ask(what: &str) -> String {
    let mut out = String::from("{\"ask\":");
    quote(&mut out, what);
    out.push('}');
    out
}

fn value(what: &str, json: &str) -> Result<Value, Error> {
    Value::from_json(json).ok_or_else(|| {
        Error::invalid(ErrorReason::NotPlainData, what, "is no plain data", "pass text, numbers, true, false and plain objects only")
    })
}

/// An object of options; nothing is an empty one.
fn bag(what: &str, json: &str) -> Result<Fields, Error> {
    Fields::from_json(what, json)
}

fn text(fields: &mut Fields, name: &'static str) -> Option<String> {
    if let Value::Text(text) = fields.take(name) { Some(text) } else { None }
}

fn is_true(fields: &mut Fields, name: &'static str) -> bool {
    fields.take(name) == Value::Bool(true)
}

fn response_of<'a>(fields: &mut Fields, body: &'a [u8]) -> Response<'a> {
    let status = if let Value::Integer(status) = fields.take("status") { u16::try_from(status).unwrap_or(0) } else { 0 };
    let received_ms = if let Value::Integer(ms) = fields.take("receivedAt") { Some(ms) } else { None };
    Response {
        status,
        content_type: text(fields, "contentType"),
        retry_after: text(fields, "retryAfter"),
        location: text(fields, "location"),
        date: text(fields, "date"),
        received_ms,
        body,
        decoder: HOST,
    }
}

fn origins_of(origins: Value) -> Vec<Origin> {
    let Value::List(items) = origins else { return Vec::new() };
    let origin = |item| {
        let mut item = Fields::of(item)?;
        let (name, code, syscall) = (text(&mut item, "name"), text(&mut item, "code"), text(&mut item, "syscall"));
        let message = text(&mut item, "message").unwrap_or_default();
        Some(Origin { name: name.unwrap_or_else(|| "Error".to_owned()), code, syscall, message })
    };
    items.into_iter().filter_map(origin).collect()
}
