//! Options and parameters as they come in: the text of `JSON.stringify`, read by the core's option reader.

use ringback::{Error, ErrorReason, Options, Origin, Response, Value};

use crate::host::DECODER;

/// Any plain value.
pub fn read_value(what: &str, json: &str) -> Result<Value, Error> {
    Value::from_json(json).ok_or_else(|| {
        Error::invalid(ErrorReason::NotPlainData, what, "is no plain data", "pass text, numbers, true, false and plain objects only")
    })
}

/// An object of options; `null` is an empty one.
pub fn read_object(what: &str, json: &str) -> Result<Options, Error> {
    Options::from_json(what, json)
}

/// A text; nothing where the value is something else.
pub fn take_text(options: &mut Options, name: &'static str) -> Option<String> {
    if let Value::Text(text) = options.take(name) { Some(text) } else { None }
}

/// A whole number; nothing where the value is something else.
pub fn take_integer(options: &mut Options, name: &'static str) -> Option<i64> {
    if let Value::Integer(number) = options.take(name) { Some(number) } else { None }
}

pub fn is_true(options: &mut Options, name: &'static str) -> bool {
    options.take(name) == Value::Bool(true)
}

/// A response's status and headers, with its body.
pub fn read_response<'a>(options: &mut Options, body: &'a [u8]) -> Response<'a> {
    Response {
        status: take_integer(options, "status").and_then(|status| u16::try_from(status).ok()).unwrap_or(0),
        content_type: take_text(options, "contentType"),
        retry_after: take_text(options, "retryAfter"),
        location: take_text(options, "location"),
        date: take_text(options, "date"),
        received_ms: take_integer(options, "receivedAt"),
        body,
        decoder: DECODER,
    }
}

/// An error of the network and what caused it.
pub fn read_origins(origins: Value) -> Vec<Origin> {
    let Value::List(items) = origins else { return Vec::new() };
    let origin = |item| {
        let mut item = Options::from_value(item)?;
        let (name, code, syscall) = (take_text(&mut item, "name"), take_text(&mut item, "code"), take_text(&mut item, "syscall"));
        let message = take_text(&mut item, "message").unwrap_or_default();
        Some(Origin { name: name.unwrap_or_else(|| "Error".to_owned()), code, syscall, message })
    };
    items.into_iter().filter_map(origin).collect()
}
