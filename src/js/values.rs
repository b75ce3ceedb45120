//! JavaScript values to the core's and back.

use js_sys::{Array, ArrayBuffer, Error as JsError, JSON, Object, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Headers, TextDecoder};

use crate::http::Response;
use crate::json::to_json;
use crate::model::{Error, Fields, Origin, Value};
use crate::provider::Prepared;
use crate::receive;

/// How deep a chain of causes is followed.
const LONGEST_CHAIN: usize = 6;

pub(super) fn field(object: &JsValue, name: &str) -> JsValue {
    if object.is_object() { Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED) } else { JsValue::UNDEFINED }
}

pub(super) fn optional_text(object: &JsValue, name: &str) -> Option<String> {
    field(object, name).as_string()
}

pub(super) fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Only a frozen object refuses, and these are made here.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
pub(super) fn number_field(count: usize) -> JsValue {
    (count as f64).into()
}

/// Options and parameters.
pub(super) fn value(what: &str, given: &JsValue) -> Result<Value, Error> {
    serde_wasm_bindgen::from_value(given.clone())
        .map_err(|_| Error::invalid(what, "has a value that is no plain data", "pass text, numbers, true, false and plain objects only"))
}

/// An object of options; undefined is an empty one.
pub(super) fn bag(what: &str, given: &JsValue) -> Result<Fields, Error> {
    Fields::of(value(what, given)?).ok_or_else(|| Error::invalid(what, "is not an object", "pass a plain object"))
}

/// What `fetch` is to be given, and nothing else of what is known.
pub(super) fn request_of(prepared: &Prepared) -> Result<JsValue, JsValue> {
    let out = Object::new();
    set(&out, "method", &prepared.method.into());
    set(&out, "url", &prepared.url.as_str().into());
    set(&out, "headers", &json_of(&prepared.headers)?);
    if let Some(body) = &prepared.body {
        set(&out, "body", &body.into());
    }
    Ok(out.into())
}

/// A result: written here, parsed once there. Building the object member by member took more code.
pub(super) fn json_of<T: Serialize>(result: &T) -> Result<JsValue, JsValue> {
    parsed(&to_json(result))
}

// Out of line, so that it stands in the wasm once.
#[inline(never)]
fn parsed(json: &str) -> Result<JsValue, JsValue> {
    if json == "null" { Ok(JsValue::UNDEFINED) } else { JSON::parse(json) }
}

/// A real JavaScript Error with the detail as its own properties.
pub(super) fn error_of(error: Error) -> JsValue {
    let out = JsError::new(&error.message);
    out.set_name("RingbackError");
    set(&out, "code", &error.code.as_str().into());
    set(&out, "delivery", &error.delivery.as_str().into());
    set(&out, "retryable", &error.retryable.into());
    let texts = [
        ("provider", error.provider),
        ("account", error.account.as_deref()),
        ("operation", error.operation),
        ("providerCode", error.provider_code.as_deref()),
        ("providerMessage", error.provider_message.as_deref()),
        ("hint", error.hint.as_deref()),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            set(&out, name, &text.into());
        }
    }
    if let Some(origin) = &error.cause {
        let cause = JsError::new(&origin.message);
        cause.set_name(&origin.name);
        if let Some(code) = &origin.code {
            set(&cause, "code", &code.into());
        }
        set(&out, "cause", &cause);
    }
    if let Some(nack) = &error.nack {
        set(&out, "nack", &json_of(nack).unwrap_or_default());
    }
    out.into()
}

/// Text, bytes, or nothing.
pub(super) fn body_of(body: &JsValue) -> Result<Vec<u8>, JsValue> {
    if let Some(text) = body.as_string() {
        return Ok(text.into_bytes());
    }
    if body.is_undefined() || body.is_null() {
        return Ok(Vec::new());
    }
    bytes_of(body).ok_or_else(|| error_of(Error::invalid("body", "is neither text nor bytes", "pass a string or a Uint8Array")))
}

fn bytes_of(body: &JsValue) -> Option<Vec<u8>> {
    if let Some(bytes) = body.dyn_ref::<Uint8Array>() {
        return Some(bytes.to_vec());
    }
    body.dyn_ref::<ArrayBuffer>().map(|buffer| Uint8Array::new(buffer).to_vec())
}

/// Status, headers (a `Headers` of any implementation, or a plain object) and the given body.
pub(super) fn response_of<'a>(response: &JsValue, body: &'a [u8]) -> Response<'a> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and no status is near")]
    let status = field(response, "status").as_f64().unwrap_or(0.0) as u16;
    let headers = field(response, "headers");
    Response { status, content_type: header(&headers, "content-type"), retry_after: header(&headers, "retry-after"), body }
}

fn header(headers: &JsValue, name: &str) -> Option<String> {
    // Known by what it can do: a polyfill's Headers is no instance of the host's.
    if field(headers, "get").is_function() {
        return headers.unchecked_ref::<Headers>().get(name).ok().flatten();
    }
    let entries = Object::entries(headers.dyn_ref::<Object>()?);
    entries
        .iter()
        .map(|entry| Array::from(&entry))
        .find(|entry| entry.get(0).as_string().is_some_and(|key| key.eq_ignore_ascii_case(name)))?
        .get(1)
        .as_string()
}

/// An error and what caused it, outermost first, with the members of an `AggregateError`.
pub(super) fn origins_of(error: &JsValue) -> Vec<Origin> {
    let mut origins = Vec::new();
    let mut next = vec![error.clone()];
    while let Some(error) = next.pop() {
        if origins.len() == LONGEST_CHAIN || error.is_undefined() || error.is_null() {
            continue;
        }
        let text = |name| optional_text(&error, name);
        origins.push(Origin {
            name: text("name").unwrap_or_else(|| "Error".to_owned()),
            code: text("code"),
            message: text("message").or_else(|| error.as_string()).unwrap_or_default(),
        });
        if let Some(members) = field(&error, "errors").dyn_ref::<Array>() {
            next.extend(members.iter().take(LONGEST_CHAIN));
        }
        next.push(field(&error, "cause"));
    }
    origins
}

/// A push's body as it can be read.
pub(super) enum PushBody {
    Text(String),
    /// UTF-8 is still to be checked.
    Bytes(Vec<u8>),
}

/// Text as it is; bytes that are not UTF-8 through the host's decoder; what a framework has parsed back to JSON.
pub(super) fn text_of_push(body: &JsValue, content_type: Option<&str>) -> Result<PushBody, JsValue> {
    if let Some(text) = body.as_string() {
        return Ok(PushBody::Text(text));
    }
    if let Some(bytes) = bytes_of(body) {
        return match receive::charset(content_type) {
            None => Ok(PushBody::Bytes(bytes)),
            Some(label) => decoded(&label, &bytes).map(PushBody::Text),
        };
    }
    if body.is_object() {
        return JSON::stringify(body).map(|text| PushBody::Text(text.into()));
    }
    Err(error_of(Error::invalid(
        "body",
        "is neither text nor bytes",
        "pass the request's body as text or Uint8Array, before a framework reads it",
    )))
}

fn decoded(label: &str, bytes: &[u8]) -> Result<String, JsValue> {
    let unknown = |_| {
        error_of(Error::invalid(
            "contentType",
            "names an encoding that this host cannot decode",
            "decode the body first and pass it as text",
        ))
    };
    let decoder = TextDecoder::new_with_label(label).map_err(unknown)?;
    decoder.decode_with_js_u8_array(&Uint8Array::from(bytes)).map_err(unknown)
}

/// The envelope as JSON, its body as text.
pub(super) fn envelope_json(envelope: &JsValue) -> Result<String, JsValue> {
    let wrong = || error_of(Error::invalid("push", "is not an envelope", "pass the envelope as it was kept"));
    if !envelope.is_object() {
        return Err(wrong());
    }
    let copy = Object::assign(&Object::new(), envelope.unchecked_ref());
    let body = field(envelope, "body");
    if bytes_of(&body).is_some() {
        // What no encoding explains is read all the same: numbers, times and ids are ASCII.
        let text = match text_of_push(&body, optional_text(envelope, "contentType").as_deref()) {
            Ok(PushBody::Text(text)) => text,
            _ => String::from_utf8_lossy(&bytes_of(&body).unwrap_or_default()).into_owned(),
        };
        set(&copy, "body", &text.into());
    }
    JSON::stringify(&copy).map(String::from).map_err(|_| wrong())
}
