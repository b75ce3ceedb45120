//! A client of one account.

use ringback::{
    Delivery, Error, Event, Exchange, FailureReason, Moment, Operation, OperationKind, Options, Progress, Provider, Step, Value,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::host::Host;
use crate::input::{is_true, read_object, read_origins, read_response, read_value, take_integer, take_text};
use crate::output::{parse_json, to_error, to_object};

/// An account's options, read once.
#[wasm_bindgen]
pub struct Client {
    provider: Box<dyn Provider>,
}

#[wasm_bindgen]
impl Client {
    /// Reads `createClient`'s options.
    ///
    /// # Errors
    /// `invalid-argument` naming the option.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Client, JsValue> {
        let provider = read_object("options", options).and_then(ringback::open_account).map_err(to_error)?;
        Ok(Self { provider })
    }

    /// Returns true if the platform offers an operation.
    pub fn supports(&self, operation: &str) -> bool {
        OperationKind::named(operation).is_some_and(|kind| self.provider.platform().operations.contains(&kind))
    }

    /// The signed request, not sent.
    ///
    /// # Errors
    /// `unsupported`, or `invalid-argument` naming the parameter.
    #[wasm_bindgen(unchecked_return_type = "Prepared")]
    pub fn prepare(&self, operation: &str, params: &str, host: &Host) -> Result<JsValue, JsValue> {
        self.sign(operation, params, host, |provider, operation, moment| to_object(ringback::prepare_request(provider, operation, moment)))
    }

    /// Each step of the signature, with secrets masked, and numbers unless `show_numbers`.
    ///
    /// # Errors
    /// As [`Client::prepare`].
    #[wasm_bindgen(unchecked_return_type = "SignatureTrace")]
    pub fn explain(&self, operation: &str, params: &str, host: &Host, show_numbers: bool) -> Result<JsValue, JsValue> {
        let explain: Sign = if show_numbers {
            |provider, operation, moment| to_object(ringback::explain_signature_with_numbers(provider, operation, moment))
        } else {
            |provider, operation, moment| to_object(ringback::explain_signature(provider, operation, moment))
        };
        self.sign(operation, params, host, explain)
    }

    /// Interprets the response to a prepared request. `response` holds its status and headers.
    ///
    /// # Errors
    /// The error of the operation, as if it had been sent by this client.
    #[wasm_bindgen(unchecked_return_type = "unknown")]
    pub fn interpret(&self, prepared: &str, response: &str, body: &[u8]) -> Result<JsValue, JsValue> {
        let result = read_value("prepared", prepared).and_then(|prepared| ringback::read_prepared(&*self.provider, prepared)).and_then(
            |operation| {
                // The request was already sent, so report delivery "unknown".
                let mut head = read_object("response", response).map_err(|mut error| {
                    error.delivery = Delivery::Unknown;
                    error
                })?;
                ringback::interpret_response(&*self.provider, &operation, &read_response(&mut head, body))
            },
        );
        to_object(result)
    }

    /// One step of an exchange: what to do after this event. The exchange's state stays in JavaScript, as the plain object `progress` of
    /// each step, which comes back within the next event: a trap in another call cannot lose it.
    ///
    /// # Errors
    /// The error of the operation.
    #[wasm_bindgen(unchecked_return_type = "Step")]
    pub fn advance(&self, operation: &str, params: &str, event: &str, body: &[u8], host: &Host) -> Result<JsValue, JsValue> {
        let mut event = read_object("event", event).map_err(to_error)?;
        let mut progress = read_progress(event.take("progress"));
        let event = read_event(event, body, &mut progress).map_err(to_error)?;
        let operation = self.operation(operation, params).map_err(to_error)?;
        let mut exchange = Exchange::new(&*self.provider, operation, progress);
        let fresh = host.fresh_if(exchange.needs_randomness())?;
        let step = exchange.step(event, &host.moment(&fresh).map_err(to_error)?, host.jitter());
        encode_step(step, &exchange.progress())
    }
}

impl Client {
    pub(crate) fn provider(&self) -> &dyn Provider {
        &*self.provider
    }

    fn operation(&self, name: &str, params: &str) -> Result<Operation, Error> {
        ringback::read_operation(&*self.provider, name, read_value("params", params)?)
    }

    // Out of line, so that it stands in the wasm once.
    #[inline(never)]
    fn sign(&self, name: &str, params: &str, host: &Host, sign: Sign) -> Result<JsValue, JsValue> {
        let operation = self.operation(name, params).map_err(to_error)?;
        let fresh = host.fresh_if(ringback::needs_randomness(&*self.provider, &operation))?;
        sign(&*self.provider, operation, &host.moment(&fresh).map_err(to_error)?)
    }
}

type Sign = fn(&dyn Provider, Operation, &Moment<'_>) -> Result<JsValue, JsValue>;

/// How far the exchange has come, as the last step said.
fn read_progress(progress: Value) -> Progress {
    let mut given = Options::from_value(progress).unwrap_or_default();
    let mut number = |name| take_integer(&mut given, name).and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
    let (attempts, timeout_ms, redirects) = (number("attempts"), number("timeoutMs"), number("redirects"));
    let (location, reference) = (take_text(&mut given, "location").unwrap_or_default(), take_text(&mut given, "reference"));
    Progress { attempts, timeout_ms, redirects, location, reference }
}

/// An event, as the driver reports it.
fn read_event<'a>(mut event: Options, body: &'a [u8], progress: &mut Progress) -> Result<Event<'a>, Error> {
    Ok(match take_text(&mut event, "type").as_deref() {
        Some("waited") => Event::Waited,
        Some("response") => Event::Response { response: read_response(&mut event, body), partial: is_true(&mut event, "partial") },
        Some("failure") => {
            let reason = match take_text(&mut event, "reason").as_deref() {
                Some("timeout") => FailureReason::Timeout,
                Some("aborted") => FailureReason::Aborted,
                Some("broken") => FailureReason::Broken,
                _ => FailureReason::Error,
            };
            Event::Failure { reason, origins: read_origins(event.take("origins")), sent: is_true(&mut event, "sent") }
        }
        _ => {
            progress.timeout_ms = ringback::read_timeout(event.take("timeoutMs"))?.unwrap_or(0);
            Event::Start
        }
    })
}

/// The step as an object, or the error to throw.
fn encode_step(step: Step, progress: &Progress) -> Result<JsValue, JsValue> {
    match step {
        Step::Fail(error) => Err(to_error(error)),
        step => parse_json(&step.to_json(progress)),
    }
}
