//! Ringback for JavaScript: converts values at the border and decides nothing.
//!
//! - Results go out as plain objects, built by serde-wasm-bindgen; a platform's payload inside them, and a parsed push as a whole, go through
//!   `JSON.parse`.
//! - Options and parameters come in as the text of `JSON.stringify` and are read by the core's option reader, which names the wrong field.
//!   Reading objects member by member instead was measured: 6 KB more to download (gzip), and slower.
//! - Errors are thrown as plain objects with the fields of [`ringback::Error`]; the package makes its error class of them.
//! - Nothing here awaits: a panic behind an `await` would leave a promise pending for ever.
//!
//! [`Client`], [`Receiver`], [`Router`] and [`Normalizer`] hold options that were read once. They belong to the instance of the wasm that made them.

mod client;
mod host;
mod input;
mod normalizer;
mod output;
mod push;
mod receiver;
mod router;
mod types;

pub use client::Client;
pub use host::Host;
pub use normalizer::Normalizer;
pub use push::{parse_push, process_push};
pub use receiver::Receiver;
pub use router::Router;

use ringback::Redactor;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::output::to_object;

/// Explains a platform's code in both languages.
///
/// # Errors
/// `invalid-argument` for an unknown platform.
#[wasm_bindgen(js_name = explainCode, unchecked_return_type = "CodeExplanation")]
pub fn explain_code(provider: &str, code: &str) -> Result<JsValue, JsValue> {
    to_object(ringback::explain_code(provider, code))
}

/// The message of a foreign error as a log may show it, on one line: without phone numbers, tokens and digests.
#[wasm_bindgen]
pub fn excerpt(message: &str) -> String {
    Redactor::default().excerpt(message, LONGEST_EXCERPT)
}

const LONGEST_EXCERPT: usize = 300;

/// An address as a hook or a log may show it: without secrets, tokens and phone numbers.
#[wasm_bindgen(js_name = shownUrl)]
pub fn shown_url(url: &str) -> String {
    ringback::shown_url(url)
}

/// Traps.
#[cfg(feature = "test-trap")]
#[wasm_bindgen(js_name = trapForTests)]
pub fn trap_for_tests() {
    panic!("a trap for tests");
}
