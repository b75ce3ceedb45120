//! A receiver of pushes.

use ringback::Arrival;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::input::{read_object, take_text};
use crate::output::{serialize, to_error};

/// A receiver's options, read once.
#[wasm_bindgen]
pub struct Receiver {
    receiver: ringback::Receiver,
}

#[wasm_bindgen]
impl Receiver {
    /// Reads `createReceiver`'s options.
    ///
    /// # Errors
    /// `invalid-argument` naming the option.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Receiver, JsValue> {
        let receiver = read_object("options", options).and_then(ringback::Receiver::read).map_err(to_error)?;
        Ok(Self { receiver })
    }

    /// Admits or refuses a request, and finds the account of its push.
    ///
    /// # Errors
    /// `invalid-argument` where the request is no object.
    #[wasm_bindgen(unchecked_return_type = "Admission | Refused")]
    pub fn admit(&self, arrival: &str) -> Result<JsValue, JsValue> {
        let mut arrival = read_object("request", arrival).map_err(to_error)?;
        let mut take = |name| take_text(&mut arrival, name);
        let (method, url) = (take("method").unwrap_or_default(), take("url").unwrap_or_default());
        let (remote_address, forwarded, content_type) = (take("remoteAddress"), take("forwarded"), take("contentType"));
        let verdict = self.receiver.admit(&Arrival {
            method: &method,
            url: &url,
            remote_address: remote_address.as_deref(),
            forwarded: forwarded.as_deref(),
            content_type: content_type.as_deref(),
        });
        verdict.map_or_else(|refusal| serialize(&refusal), |admission| serialize(&admission))
    }
}
