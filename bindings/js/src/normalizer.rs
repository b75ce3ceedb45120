//! A stream of pushes, as lines of NDJSON.

use js_sys::Uint8Array;
use ringback::{LineOptions, Platform, Position, UnreadableLine};
use serde::Serialize;
use serde_wasm_bindgen::preserve;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::host::DECODER;
use crate::input::read_object;
use crate::output::{serialize, to_error};

/// A stream's options, read once.
#[wasm_bindgen]
pub struct Normalizer {
    platform: &'static Platform,
    options: LineOptions,
}

/// The result of a chunk.
#[derive(Serialize)]
struct NormalizedChunk<'a> {
    #[serde(with = "preserve")]
    output: Uint8Array,
    consumed: usize,
    lines: u64,
    unreadable: &'a [UnreadableLine],
}

#[wasm_bindgen]
impl Normalizer {
    /// Reads `normalizeStream`'s options.
    ///
    /// # Errors
    /// `invalid-argument` naming the option.
    #[wasm_bindgen(constructor)]
    pub fn new(provider: &str, options: &str) -> Result<Normalizer, JsValue> {
        let platform = ringback::find_platform(provider).map_err(to_error)?;
        let options = read_object("options", options).and_then(|options| LineOptions::read(platform, options)).map_err(to_error)?;
        Ok(Self { platform, options: options.with_decoder(DECODER) })
    }

    /// Normalizes the whole lines of a chunk, which begins with that line (counted from 1) and that byte of the stream. `last` says that no
    /// more follows, so that an unfinished line counts as one.
    ///
    /// # Errors
    /// None of ours.
    #[wasm_bindgen(unchecked_return_type = "NormalizedChunk")]
    pub fn normalize(&self, chunk: &[u8], last: bool, line: f64, offset: f64) -> Result<JsValue, JsValue> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of a stream, below 2^53")]
        let from = Position { line: line as u64, offset: offset as u64 };
        let done = ringback::normalize_lines(self.platform, &self.options, chunk, last, from);
        serialize(&NormalizedChunk {
            output: Uint8Array::from(&*done.output),
            consumed: done.consumed,
            lines: done.lines,
            unreadable: &done.unreadable,
        })
    }
}
