//! dingxin AXB. Sections refer to the platform's document, "接口文档".

mod codes;
mod description;
mod push;

pub(super) use description::{DOCUMENTATION, PLATFORM};
pub use description::{DingxinDial, DingxinPushUrlField, DingxinSignatureCase, DingxinTimestampUnit};

use description::{MD5_OF_PAIRS, PUSH_URL, RECORDING_APP_KEY};

use super::own::check_url;
use super::{Account, ResponseFields, ResponseError, BodyEncoding, Credentials, Moment, NumberFormat, Platform, Provider, Secret, Word as _, accept_call};
use crate::digest::{hex, md5};
use crate::http::{self, Request, percent_encode};
use crate::model::{Dial, Error, ErrorReason, Operation, OperationResult, OwnFields, PhoneNumber, code};
use crate::signature::{Joining, Parameter, Part, SignatureTrace, canonicalize, sent_fields};

/// The query parameter of a push address that carries the reference to the record.
pub(crate) const REFERENCE_PARAMETER: &str = "reference";

/// An account at dingxin.
#[derive(Clone, Debug)]
pub struct Dingxin {
    /// The options that every platform has.
    pub account: Account,
    credentials: Credentials,
    /// It may hold a receiver's token.
    push_url: Option<Secret>,
}

impl Dingxin {
    /// An account at the documented addresses. Without a push address the platform pushes no record.
    #[must_use]
    pub fn new(app_key: impl Into<String>, app_secret: impl Into<String>, push_url: Option<String>) -> Self {
        Self {
            account: Account::new(&PLATFORM),
            credentials: Credentials::new(PLATFORM.credentials, [app_key.into(), app_secret.into()]),
            push_url: push_url.map(Secret::new),
        }
    }

    pub(super) fn open(account: Account, credentials: Credentials, own: &OwnFields) -> Self {
        Self { account, credentials, push_url: own.text(PUSH_URL.name).map(Secret::new) }
    }

    fn timestamp(&self, moment: &Moment<'_>) -> Parameter {
        let time = match self.account.dialect.get() {
            DingxinTimestampUnit::Seconds => moment.seconds(),
            DingxinTimestampUnit::Milliseconds => moment.now_ms,
        };
        Parameter::plain("timestamp", time.to_string())
    }

    fn dial_parameters(&self, dial: &Dial, moment: &Moment<'_>) -> Result<Vec<Parameter>, Error> {
        let number = |field, text: &str| {
            let number = PhoneNumber::parse(field, text)?;
            Ok::<_, Error>(match self.account.dialect.get() {
                NumberFormat::National => number.national().to_owned(),
                NumberFormat::E164 => number.with_country_code(),
            })
        };
        let mut parameters = vec![
            Parameter::plain("appKey", self.credentials.reveal("appKey")),
            Parameter::secret("appSecret", self.credentials.reveal("appSecret")),
            Parameter::number("telA", number("caller", &dial.caller)?),
            Parameter::number("telB", number("callee", &dial.callee)?),
            self.timestamp(moment),
        ];
        let own = DingxinDial::read(&dial.own)?;
        let push_url = match own.push_url.as_deref().or(self.push_url()) {
            Some(url) => add_reference(url, dial.reference.as_deref())?,
            None => String::new(),
        };
        parameters.push(Parameter::address(self.account.dialect.get::<DingxinPushUrlField>().as_str(), push_url));
        parameters.extend(dial.extra.iter().map(Parameter::extra));
        Ok(parameters)
    }

    /// 1: `key=value` joined with `&`, keys in lower case and sorted, MD5. The secret is one of the parameters.
    fn sign(&self, parameters: &[Parameter], trace: &mut SignatureTrace) -> String {
        let lower_values = self.account.dialect.get::<DingxinSignatureCase>() == DingxinSignatureCase::KeysAndValues;
        let sign = hex(md5(canonicalize(parameters, Joining::Pairs { lower_values }, trace)));
        trace.step(MD5_OF_PAIRS.en, sign.as_str());
        sign
    }

    /// 4: subid is in the path but is signed, too.
    fn build_recording_request(&self, call_id: &str, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
        // The id may come from a push, which is not signed, and these would leave the path.
        if matches!(call_id, "." | "..") {
            return Err(Error::invalid(
                ErrorReason::WrongFormat,
                "callId",
                "is not a call id",
                "pass the id that dial returned, or a record that has one",
            ));
        }
        let own = self.credentials.reveal("appKey");
        let (key_name, app_key) = match self.account.dialect.text(&RECORDING_APP_KEY) {
            "appKey" => ("appKey", own),
            "appId" => ("appId", own),
            app_id => ("appKey", app_id),
        };
        let mut query = vec![
            Parameter::plain(key_name, app_key),
            Parameter::secret("appSecret", self.credentials.reveal("appSecret")),
            self.timestamp(moment),
        ];
        let mut signed = query.clone();
        signed.push(Parameter::plain("subid", call_id));
        let sign = self.sign(&signed, trace);
        trace.place(Part::Query, "sign", sign.as_str());
        query.push(Parameter::plain("sign", sign));
        let query = http::form(query.iter().map(|parameter| (&*parameter.name, parameter.value.as_str())));
        let url = format!("{}/call/companyRecordDownlaod/{}?{query}", self.account.recording_base_url, percent_encode(call_id));
        Ok(Request::get(url))
    }
}

/// Adds the reference to the query of the push address, from where the receiver reads it back.
fn add_reference(url: &str, reference: Option<&str>) -> Result<String, Error> {
    let Some(reference) = reference else { return Ok(url.to_owned()) };
    let (address, fragment) = url.split_once('#').map_or((url, None), |(address, fragment)| (address, Some(fragment)));
    let query = address.split_once('?').map(|(_, query)| query);
    if query.is_some_and(|query| http::pairs(query).any(|(name, _)| name == REFERENCE_PARAMETER)) {
        return Err(Error::invalid(
            ErrorReason::ReservedName,
            "pushUrl",
            "has a reference parameter already",
            "leave it out: the dial's own reference goes there",
        ));
    }
    let joint = match query {
        None => "?",
        Some("") => "",
        Some(query) if query.ends_with('&') => "",
        Some(_) => "&",
    };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    Ok(format!("{address}{joint}{REFERENCE_PARAMETER}={}{fragment}", percent_encode(reference)))
}

impl Provider for Dingxin {
    fn platform(&self) -> &'static Platform {
        &PLATFORM
    }

    fn account(&self) -> &Account {
        &self.account
    }

    fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    fn push_url(&self) -> Option<&str> {
        self.push_url.as_ref().map(Secret::reveal)
    }

    fn check(&self) -> Result<(), Error> {
        self.push_url().map_or(Ok(()), |url| check_url(&PUSH_URL, url))
    }

    fn build_request(&self, operation: &Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
        match operation {
            Operation::Dial(dial) => {
                let mut parameters = self.dial_parameters(dial, moment)?;
                let sign = self.sign(&parameters, trace);
                trace.place(Part::Body, "sign", sign.as_str());
                parameters.push(Parameter::plain("sign", sign));
                let url = format!("{}/prod-api/axb/call/callByTelA", self.account.base_url);
                Ok(Request::post(url, self.account.dialect.get::<BodyEncoding>().into(), sent_fields(&parameters)))
            }
            Operation::Recording(of) => self.build_recording_request(of.id()?, moment, trace),
            other => Err(PLATFORM.unsupported(other.kind())),
        }
    }

    fn read_response(&self, operation: &Operation, answer: &ResponseFields<'_, '_>) -> Result<OperationResult, ResponseError> {
        let code = answer.required_code("code")?;
        if !code::is_same(&code, "200") {
            return Err(ResponseError::Refused { code: Some(code), message: answer.words("msg") });
        }
        if !matches!(operation, Operation::Dial(_)) {
            return Err(ResponseError::Malformed("success, but no recording".to_owned()));
        }
        // 2: the table calls `data` a string and writes subid and telX beside it, the sample has an object.
        let virtual_number = answer.required_in("data", "telX").ok();
        Ok(accept_call(self, operation, Some(answer.required_in("data", "subid")?), virtual_number, answer))
    }

    fn echoes_reference(&self, dial: &Dial) -> bool {
        dial.own.text(PUSH_URL.name).is_some() || self.push_url.is_some()
    }
}
