//! Options and parameters as they come in: the text of `JSON.stringify`, read by the core's option reader.

use ringback::Response;
use ringback::model::{Error, ErrorReason, Fields, Origin, Value};

use crate::host::DECODER;

/// Any plain value.
pub fn read_value(what: &str, json: &str) -> Result<Value, Error> {
    Value::from_json(json).ok_or_else(|| {
        Error::invalid(ErrorReason::NotPlainData, what, "is no plain data", "pass text, numbers, true, false and plain objects only")
    })
}

/// An object of options; `null` is an empty one.
pub fn read_object(what: &str, json: &str) -> Result<Fields, Error> {
    Fields::from_json(what, json)
}

/// A text; nothing where the value is something else.
pub fn take_text(fields: &mut Fields, name: &'static str) -> Option<String> {
    if let Value::Text(text) = fields.take(name) { Some(text) } else { None }
}

/// A whole number; nothing where the value is something else.
pub fn take_integer(fields: &mut Fields, name: &'static str) -> Option<i64> {
    if let Value::Integer(number) = fields.take(name) { Some(number) } else { None }
}

pub fn is_true(fields: &mut Fields, name: &'static str) -> bool {
    fields.take(name) == Value::Bool(true)
}

/// A response's status and headers, with its body.
pub fn read_response<'a>(fields: &mut Fields, body: &'a [u8]) -> Response<'a> {
    Response {
        status: take_integer(fields, "status").and_then(|status| u16::try_from(status).ok()).unwrap_or(0),
        content_type: take_text(fields, "contentType"),
        retry_after: take_text(fields, "retryAfter"),
        location: take_text(fields, "location"),
        date: take_text(fields, "date"),
        received_ms: take_integer(fields, "receivedAt"),
        body,
        decoder: DECODER,
    }
}

/// An error of the network and what caused it.
pub fn read_origins(origins: Value) -> Vec<Origin> {
    let Value::List(items) = origins else { return Vec::new() };
    let origin = |item| {
        let mut item = Fields::of(item)?;
        let (name, code, syscall) = (take_text(&mut item, "name"), take_text(&mut item, "code"), take_text(&mut item, "syscall"));
        let message = take_text(&mut item, "message").unwrap_or_default();
        Some(Origin { name: name.unwrap_or_else(|| "Error".to_owned()), code, syscall, message })
    };
    items.into_iter().filter_map(origin).collect()
}
