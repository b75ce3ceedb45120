//! A receiver's options, read once and kept.

use wasm_bindgen::prelude::wasm_bindgen;

use super::{answer, bag, failure, result, text};
use crate::model::Error;
use crate::receive::{Arrival, Receiver};

/// What `createReceiver` was given, or what is wrong with it. It lives as long as its instance of the wasm: the host keeps the options,
/// and makes another in the next instance.
#[wasm_bindgen]
pub struct ReceiverHandle {
    receiver: Result<Receiver, Error>,
}

#[wasm_bindgen]
impl ReceiverHandle {
    /// Reads the options. It never fails: see [`ReceiverHandle::check`].
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Self {
        Self { receiver: bag("options", options).and_then(Receiver::read) }
    }

    /// Whether the options are right.
    pub fn check(&self) -> String {
        answer(self.receiver.as_ref().map(|_| ()).map_err(Clone::clone))
    }

    /// Whether a request may come in, and whose push it is.
    pub fn admit(&self, arrival: &str) -> String {
        let read = || {
            let receiver = self.receiver.as_ref().map_err(Clone::clone)?;
            let mut arrival = bag("request", arrival)?;
            let mut take = |name| text(&mut arrival, name);
            let (method, url) = (take("method").unwrap_or_default(), take("url").unwrap_or_default());
            let (remote_address, forwarded, content_type) = (take("remoteAddress"), take("forwarded"), take("contentType"));
            let verdict = receiver.admit(&Arrival {
                method: &method,
                url: &url,
                remote_address: remote_address.as_deref(),
                forwarded: forwarded.as_deref(),
                content_type: content_type.as_deref(),
            });
            Ok(verdict.map_or_else(|refusal| result(&refusal), |admission| result(&admission)))
        };
        read().unwrap_or_else(failure)
    }
}
