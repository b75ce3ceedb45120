//! A receiver of pushes.

use ringback::{Arrival, PushHeaders};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::host::DECODER;
use crate::input::read_object;
use crate::output::{parse_json_of, to_error};

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
        Ok(Self { receiver: receiver.with_decoder(DECODER) })
    }

    /// Admits or refuses a request, and finds the account of its push. `forwarded` is the header that `trustProxy` names.
    ///
    /// # Errors
    /// None of ours.
    #[wasm_bindgen(unchecked_return_type = "Admission | Refused")]
    pub fn admit(
        &self,
        method: &str,
        url: &str,
        #[wasm_bindgen(js_name = remoteAddress)] remote_address: Option<String>,
        forwarded: Option<String>,
        #[wasm_bindgen(js_name = contentType)] content_type: Option<String>,
    ) -> Result<JsValue, JsValue> {
        let verdict = self.receiver.admit(&Arrival {
            method,
            url,
            remote_address: remote_address.as_deref(),
            forwarded: forwarded.as_deref(),
            content_type: content_type.as_deref(),
        });
        verdict.map_or_else(|refusal| parse_json_of(Ok(refusal)), |admission| parse_json_of(Ok(admission)))
    }

    /// Returns the account of an admission: all that is the same for each of its pushes.
    ///
    /// # Errors
    /// None of ours.
    #[wasm_bindgen(unchecked_return_type = "AdmittedAccount")]
    pub fn account(&self, index: usize) -> Result<JsValue, JsValue> {
        self.receiver.account(index).map_or(Ok(JsValue::UNDEFINED), |account| parse_json_of(Ok(account)))
    }

    /// Reads an admitted push of an account.
    ///
    /// # Errors
    /// `malformed-push`.
    #[wasm_bindgen(js_name = parsePush, unchecked_return_type = "ParsedPush")]
    pub fn parse_push(
        &self,
        index: usize,
        body: &[u8],
        query: String,
        #[wasm_bindgen(js_name = contentType)] content_type: Option<String>,
        #[wasm_bindgen(js_name = contentEncoding)] content_encoding: Option<String>,
    ) -> Result<JsValue, JsValue> {
        let Some(account) = self.receiver.account(index) else { return Ok(JsValue::UNDEFINED) };
        parse_json_of(account.parse_push(body, PushHeaders { content_type, content_encoding, query }))
    }
}
