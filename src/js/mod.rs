//! The wasm-bindgen layer: conversions and errors. No platform knowledge, no rules, nothing that awaits, nothing that outlives a call.

mod values;

use js_sys::{Function, Object, Uint8Array};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::bulk::{self, LineOptions, Position};
use crate::exchange::{Event, Exchange, FailureReason, Progress, Step};
use crate::json::to_json;
use crate::model::{Error, Fields, Operation, OperationKind, Value};
use crate::payload::Element;
use crate::provider::{self, Moment, Provider};
use crate::receive::{self, Arrival, ParsedPush, PushOptions, Receiver};

use values::{bag, body_of, error_of, field, json_of, number_field, optional_text, origins_of, response_of, set};

/// Checks `createClient`'s options; the text holds secrets and is for this module only.
#[wasm_bindgen(js_name = clientConfig)]
pub fn client_config(options: &JsValue) -> Result<String, JsValue> {
    let options = bag("options", options).map_err(error_of)?;
    let config = to_json(&options);
    provider::open(options).map_err(error_of)?;
    Ok(config)
}

/// Whether a platform offers an operation.
#[wasm_bindgen]
pub fn supports(platform: &str, operation: &str) -> Result<bool, JsValue> {
    let platform = provider::platform(platform).map_err(error_of)?;
    Ok(OperationKind::named(operation).is_some_and(|kind| platform.operations.contains(&kind)))
}

/// The signed request, not sent.
#[wasm_bindgen]
pub fn prepare(config: &str, operation: &str, params: &JsValue, now: f64, fresh: &Function) -> Result<JsValue, JsValue> {
    let asked = Asked::read(config, operation, params).map_err(error_of)?;
    let fresh = asked.fresh(fresh)?;
    let prepared = provider::prepare(&*asked.provider, asked.operation, &moment(now, &fresh)?).map_err(error_of)?;
    json_of(&prepared)
}

/// Each step of the signature.
#[wasm_bindgen]
pub fn explain(config: &str, operation: &str, params: &JsValue, now: f64, fresh: &Function) -> Result<JsValue, JsValue> {
    let asked = Asked::read(config, operation, params).map_err(error_of)?;
    let fresh = asked.fresh(fresh)?;
    let trace = provider::explain(&*asked.provider, asked.operation, &moment(now, &fresh)?).map_err(error_of)?;
    json_of(&trace)
}

/// What an answer to a prepared request means.
#[wasm_bindgen]
pub fn interpret(config: &str, prepared: &JsValue, response: &JsValue) -> Result<JsValue, JsValue> {
    let body = body_of(&field(response, "body"))?;
    let result = opened(config).and_then(|provider| {
        let operation = provider::prepared_operation(&*provider, values::value("prepared", prepared)?)?;
        provider::interpret(&*provider, &operation, &response_of(response, &body))
    });
    result.map_err(error_of).and_then(|result| json_of(&result))
}

/// One step of an exchange; see `crate::exchange`.
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "flat arguments cross the border cheaper than an object")]
pub fn advance(
    config: &str,
    operation: &str,
    params: &JsValue,
    progress: &str,
    event: &JsValue,
    now: f64,
    fresh: &Function,
    jitter: f64,
) -> Result<JsValue, JsValue> {
    let mut came = Progress::read(progress);
    let body;
    let what = match optional_text(event, "type").as_deref() {
        Some("waited") => Event::Waited,
        Some("answer") => {
            body = body_of(&field(event, "body"))?;
            Event::Answer { response: response_of(event, &body), partial: field(event, "partial").is_truthy() }
        }
        Some("failure") => {
            let reason = match optional_text(event, "reason").as_deref() {
                Some("timeout") => FailureReason::Timeout,
                Some("aborted") => FailureReason::Aborted,
                _ => FailureReason::Error,
            };
            Event::Failure { reason, origins: origins_of(&field(event, "error")), sent: field(event, "sent").is_truthy() }
        }
        _ => {
            let given = serde_wasm_bindgen::from_value(field(event, "timeoutMs")).unwrap_or(Value::Fraction);
            came.timeout_ms = provider::timeout(given).map_err(error_of)?.unwrap_or(0);
            Event::Start
        }
    };
    // Parameters that cannot be read fail the exchange before it begins.
    let asked = match Asked::read(config, operation, params) {
        Ok(asked) => asked,
        Err(error) => return step_of(Step::Fail(error), came),
    };
    let fresh = asked.fresh(fresh)?;
    let mut exchange = Exchange::new(&*asked.provider, asked.operation, came);
    let step = exchange.step(what, &moment(now, &fresh)?, jitter);
    step_of(step, exchange.progress())
}

fn step_of(step: Step, progress: Progress) -> Result<JsValue, JsValue> {
    let out = Object::new();
    set(&out, "progress", &JsValue::from_str(&progress.write()));
    let word = match step {
        Step::Send(send) => {
            set(&out, "attempt", &send.attempt.into());
            set(&out, "timeoutMs", &send.timeout_ms.into());
            set(&out, "peek", &send.peek.into());
            set(&out, "maxBytes", &send.max_bytes.into());
            set(&out, "shown", &JsValue::from_str(&send.shown));
            set(&out, "request", &values::request_of(&send.prepared)?);
            "send"
        }
        Step::Read => "read",
        Step::Wait(ms) => {
            #[expect(clippy::cast_precision_loss, reason = "at most a minute")]
            set(&out, "ms", &(ms as f64).into());
            "wait"
        }
        Step::Done(result) => {
            set(&out, "result", &json_of(&*result)?);
            "done"
        }
        Step::Fail(error) => {
            set(&out, "error", &error_of(error));
            "fail"
        }
    };
    set(&out, "do", &JsValue::from_str(word));
    Ok(out.into())
}

impl Progress {
    fn read(text: &str) -> Self {
        let (attempts, timeout_ms) = text.split_once(';').unwrap_or(("", ""));
        Self { attempts: attempts.parse().unwrap_or(0), timeout_ms: timeout_ms.parse().unwrap_or(0) }
    }

    fn write(self) -> String {
        format!("{};{}", self.attempts, self.timeout_ms)
    }
}

/// Reads a push.
#[wasm_bindgen(js_name = parsePush)]
pub fn parse_push(platform: &str, body: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let read = || {
        let platform = provider::platform(platform)?;
        let mut fields = bag("options", options)?;
        let push = PushOptions::take(platform, &mut fields)?;
        fields.finish("option of parsePush")?;
        Ok((platform, push))
    };
    let (platform, push) = read().map_err(error_of)?;
    let parsed = match values::text_of_push(body, push.content_type.as_deref())? {
        values::PushBody::Text(text) => receive::parse_push(platform, &text, &push),
        values::PushBody::Bytes(bytes) => receive::parse_push_bytes(platform, &bytes, &push),
    };
    parsed_push(parsed)
}

/// Reads a push from the envelope in which it was kept.
#[wasm_bindgen(js_name = processPush)]
pub fn process_push(envelope: &JsValue) -> Result<JsValue, JsValue> {
    let json = values::envelope_json(envelope)?;
    let wrong = |_| error_of(Error::invalid("push", "is not an envelope", "pass the envelope as it was kept"));
    parsed_push(receive::process_push(&Element::read(&json).map_err(wrong)?))
}

fn parsed_push(parsed: Result<ParsedPush, Error>) -> Result<JsValue, JsValue> {
    parsed.map_err(error_of).and_then(|push| json_of(&push))
}

/// Checks `createReceiver`'s options; the text holds tokens and is for this module only.
#[wasm_bindgen(js_name = receiverConfig)]
pub fn receiver_config(options: &JsValue) -> Result<String, JsValue> {
    let options = bag("options", options).map_err(error_of)?;
    let config = to_json(&options);
    Receiver::read(options).map_err(error_of)?;
    Ok(config)
}

/// Whether a request may come in, and whose push it is.
#[wasm_bindgen]
pub fn admit(
    config: &str,
    method: &str,
    url: &str,
    remote_address: Option<String>,
    forwarded: Option<String>,
    content_type: Option<String>,
) -> Result<JsValue, JsValue> {
    let receiver = Fields::from_json("options", config).and_then(Receiver::read).map_err(error_of)?;
    let (remote_address, forwarded, content_type) = (remote_address.as_deref(), forwarded.as_deref(), content_type.as_deref());
    let (out, admitted) = match receiver.admit(&Arrival { method, url, remote_address, forwarded, content_type }) {
        Ok(admission) => (json_of(&admission)?, true),
        Err(refusal) => (json_of(&refusal)?, false),
    };
    set(&out, "admitted", &admitted.into());
    Ok(out)
}

/// Normalizes the whole lines of a chunk of NDJSON.
#[wasm_bindgen(js_name = normalizeLines)]
pub fn normalize_lines(platform: &str, options: &JsValue, chunk: &[u8], last: bool, line: f64, offset: f64) -> Result<JsValue, JsValue> {
    let platform = provider::platform(platform).map_err(error_of)?;
    let options = bag("options", options).and_then(|options| LineOptions::read(platform, options)).map_err(error_of)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of a stream, below 2^53")]
    let from = Position { line: line as u64, offset: offset as u64 };
    let done = bulk::normalize_lines(platform, &options, chunk, last, from);
    let out = Object::new();
    set(&out, "output", &Uint8Array::from(done.output.as_slice()));
    set(&out, "consumed", &number_field(done.consumed));
    set(&out, "lines", &number_field(usize::try_from(done.lines).unwrap_or(usize::MAX)));
    set(&out, "unreadable", &json_of(&done.unreadable)?);
    Ok(out.into())
}

/// What a platform's code means, in both languages.
#[wasm_bindgen(js_name = explainCode)]
pub fn explain_code(platform: &str, code: &JsValue) -> Result<JsValue, JsValue> {
    // A code may come as the number that it is in the platform's JSON.
    #[expect(clippy::cast_possible_truncation, reason = "no code has a fraction")]
    let code = code.as_string().or_else(|| code.as_f64().map(|number| (number as i64).to_string())).unwrap_or_default();
    provider::explain_code(platform, &code).map_err(error_of).and_then(|explanation| json_of(&explanation))
}

/// Traps, so that tests can prove that a trap does not poison the process.
#[cfg(feature = "test-trap")]
#[wasm_bindgen(js_name = trapForTests)]
pub fn trap_for_tests() {
    panic!("a trap for tests");
}

fn moment(now: f64, fresh: &str) -> Result<Moment<'_>, JsValue> {
    if !now.is_finite() || now.abs() > 8.64e15 {
        return Err(error_of(Error::invalid("now", "did not give a time", "let it return milliseconds since 1970, like Date.now")));
    }
    #[expect(clippy::cast_possible_truncation, reason = "finite and within a Date's range")]
    Ok(Moment::new(now as i64, fresh))
}

fn opened(config: &str) -> Result<Box<dyn Provider>, Error> {
    Fields::from_json("options", config).and_then(provider::open)
}

/// What is asked of whom.
struct Asked {
    provider: Box<dyn Provider>,
    operation: Operation,
}

impl Asked {
    // Out of line, so that it stands in the wasm once.
    #[inline(never)]
    fn read(config: &str, name: &str, params: &JsValue) -> Result<Self, Error> {
        let provider = opened(config)?;
        let operation = provider::operation(&*provider, name, values::value("params", params)?)?;
        Ok(Self { provider, operation })
    }

    /// A fresh reference, drawn only where it will be used.
    #[inline(never)]
    fn fresh(&self, draw: &Function) -> Result<String, JsValue> {
        if !provider::lacks_reference(self.provider.platform(), &self.operation) {
            return Ok(String::new());
        }
        Ok(draw.call0(&JsValue::UNDEFINED)?.as_string().unwrap_or_default())
    }
}
