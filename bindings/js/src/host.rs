//! Values that the host provides to the core: the clock, randomness and its decoder.

use ringback::{Decoder, Error, ErrorReason, Moment};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{TextDecoder, TextDecoderOptions};

#[wasm_bindgen]
extern "C" {
    /// The time and the randomness of one call.
    #[wasm_bindgen(typescript_type = "Host")]
    pub type Host;

    /// Milliseconds after 1970 in UTC.
    #[wasm_bindgen(method, getter)]
    fn now(this: &Host) -> f64;

    /// A fresh random text. Drawn only when it is needed: randomness takes a cold process some milliseconds.
    #[wasm_bindgen(method, catch)]
    fn fresh(this: &Host) -> Result<String, JsValue>;

    /// A random number from 0 to below 1.
    #[wasm_bindgen(method, getter)]
    pub fn jitter(this: &Host) -> f64;
}

impl Host {
    /// The fresh text, where it is needed.
    pub(crate) fn fresh_if(&self, is_needed: bool) -> Result<String, JsValue> {
        if is_needed { self.fresh() } else { Ok(String::new()) }
    }

    /// The moment of this call.
    pub(crate) fn moment<'a>(&self, fresh: &'a str) -> Result<Moment<'a>, Error> {
        let now = self.now();
        if !now.is_finite() || now.abs() > LATEST_MS {
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
}

/// The last instant that a JavaScript Date holds.
const LATEST_MS: f64 = 8.64e15;

/// The host's own tables of encodings.
pub const DECODER: Decoder = Decoder(|label, bytes| {
    let options = TextDecoderOptions::new();
    options.set_fatal(true);
    TextDecoder::new_with_label_and_options(label, &options).ok()?.decode_with_u8_array(bytes).ok()
});
