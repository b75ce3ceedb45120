//! A router over several accounts.

use ringback::{AttemptEnd, Options, RouterHealth, Routing, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::client::Client;
use crate::host::Host;
use crate::input::{is_true, read_object, read_value, take_text};
use crate::output::{parse_json_of, to_error};

/// A router's options, read once.
#[wasm_bindgen]
pub struct Router {
    router: ringback::Router,
}

#[wasm_bindgen]
impl Router {
    /// Reads `createRouter`'s options, and the accounts of its clients in their order.
    ///
    /// # Errors
    /// `invalid-argument` naming the option.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str, accounts: &str) -> Result<Router, JsValue> {
        let options = read_object("options", options).map_err(to_error)?;
        let accounts = read_value("routes", accounts).map_err(to_error)?;
        ringback::Router::read(options, accounts).map(|router| Self { router }).map_err(to_error)
    }

    /// One step of a dial: notes how the last attempt ended, and chooses the next one. Health and dial are the plain objects of the step
    /// before.
    ///
    /// # Errors
    /// Before the first attempt, if there is no account for this call now.
    #[wasm_bindgen(unchecked_return_type = "RouterStep")]
    pub fn advance(&self, given: &str, host: &Host) -> Result<JsValue, JsValue> {
        let mut given = read_object("step", given).map_err(to_error)?;
        let now = host.moment("").map_err(to_error)?.now_ms;
        let (health, mut dial) = (RouterHealth::from_value(given.take("health")), Routing::from_value(given.take("dial")));
        let ended = if let Value::Object(ended) = given.take("ended") { Some(read_end(ended)) } else { None };
        if is_true(&mut given, "stop") {
            ringback::Router::stop(&mut dial);
        }
        let callee = take_text(&mut given, "callee").unwrap_or_default();
        parse_json_of(self.router.step(health, dial, ended, &callee, now, host.jitter()))
    }

    /// The state of the accounts.
    ///
    /// # Errors
    /// `invalid-argument` if the clock gives no time.
    #[wasm_bindgen(unchecked_return_type = "RouteHealth[]")]
    pub fn health(&self, health: &str, host: &Host) -> Result<JsValue, JsValue> {
        let health = read_value("health", health).map(RouterHealth::from_value).map_err(to_error)?;
        let now = host.moment("").map_err(to_error)?.now_ms;
        parse_json_of(Ok(self.router.health(&health, now)))
    }
}

fn read_end(mut ended: Options) -> AttemptEnd {
    let mut word = |name| take_text(&mut ended, name);
    let (delivery, code, reason) = (word("delivery"), word("code"), word("reason"));
    AttemptEnd::from_words(delivery.as_deref(), code.as_deref(), reason.as_deref())
}

#[wasm_bindgen]
impl Client {
    /// Checks a dial as it is checked before its request is signed.
    ///
    /// # Errors
    /// `invalid-argument` naming the parameter.
    #[wasm_bindgen(js_name = checkDial)]
    pub fn check_dial(&self, params: &str) -> Result<(), JsValue> {
        let dial = read_value("params", params).and_then(|params| ringback::read_operation(self.provider(), "dial", params));
        dial.and_then(|dial| ringback::check_dial(self.provider(), dial)).map_err(to_error)
    }

    /// A digest of the account, to compare it with another client's.
    pub fn identity(&self) -> String {
        ringback::identify_account(self.provider())
    }
}
