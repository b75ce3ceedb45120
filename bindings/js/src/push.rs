//! Pushes, read without an account.

use ringback::{Element, Error, ErrorReason, PushOptions};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::host::DECODER;
use crate::input::read_object;
use crate::output::parse_json_of;

/// Reads a push, given as bytes or as the UTF-8 of a text.
///
/// # Errors
/// `malformed-push`, or `invalid-argument` naming the option.
#[wasm_bindgen(js_name = parsePush, unchecked_return_type = "ParsedPush")]
pub fn parse_push(provider: &str, options: &str, body: &[u8]) -> Result<JsValue, JsValue> {
    let read = || {
        let platform = ringback::find_platform(provider)?;
        let push = PushOptions { decoder: DECODER, ..PushOptions::read(platform, read_object("options", options)?)? };
        ringback::parse_push_bytes(platform, body, &push)
    };
    parse_json_of(read())
}

/// Reads a push from the envelope in which it was kept, whose body may come beside it as bytes. Nothing is read of one with more than
/// `max_records`.
///
/// # Errors
/// `malformed-push`, or `invalid-argument` for something that is no envelope.
#[wasm_bindgen(js_name = processPush, unchecked_return_type = "ParsedPush")]
pub fn process_push(
    envelope: &str,
    body: Option<Vec<u8>>,
    #[wasm_bindgen(js_name = maxRecords)] max_records: Option<u32>,
) -> Result<JsValue, JsValue> {
    let read = || {
        let wrong = |_| Error::invalid(ErrorReason::DamagedEnvelope, "push", "is not an envelope", "pass the envelope as it was kept");
        let envelope = Element::read(envelope).map_err(wrong)?;
        ringback::process_push_with(&envelope, body.as_deref(), max_records.map(|most| most as usize), DECODER)
    };
    parse_json_of(read())
}
