//! dingxin AXB. Sections refer to the platform's document, "接口文档".

mod codes;
mod push;

use super::{
    Account, Advice, Complaint, Credential, Credentials, DialectOption, Limits, Mark, Moment, Platform, Provider, PushSource, RungFirst,
    Secret, accepted,
};
use crate::digest::{hex, md5};
use crate::http::{self, Headers, Reply, Request, percent_encoded};
use crate::model::{Correlation, Dial, Error, ErrorReason, Operation, OperationKind, OperationResult, PhoneNumber, code};
use crate::payload::Element;
use crate::signature::{self, Joining, Parameter, SignatureTrace};

/// 2
const BASE: &str = "https://xlv2.dingxin106.com";
/// 4
const RECORDINGS: &str = "https://xl.dingxin106.com";
/// The query parameter of a push address that carries the reference to the record.
pub(crate) const REFERENCE_PARAMETER: &str = "reference";

const CREDENTIALS_HINT: &str = "pass the appKey and appSecret of the company's account";

/// What needs no credentials.
pub static PLATFORM: Platform = Platform {
    name: "dingxin",
    title: "dingxin AXB",
    credentials: &[Credential::public("appKey", CREDENTIALS_HINT), Credential::secret("appSecret", CREDENTIALS_HINT)],
    operations: &[OperationKind::Dial, OperationKind::Recording],
    dial_fields: &["pushUrl"],
    spellings: &[
        ("telA", "caller"),
        ("telB", "callee"),
        ("return_url", "pushUrl"),
        ("retrun_url", "pushUrl"),
        ("appKey", "appKey"),
        ("appSecret", "appSecret"),
        ("timestamp", ""),
        ("sign", ""),
        ("subid", "callId"),
    ],
    limits: Limits::UNDOCUMENTED,
    rung_first: (RungFirst::Unknown, Mark::Chosen),
    binding_minutes: None,
    correlation: Correlation::CallId,
    echoes_reference: false,
    push: PushSource::Documented,
    pushes_again: false,
    #[cfg(not(target_arch = "wasm32"))]
    notes: &[
        (Mark::Documented, "Without a pushUrl this platform pushes no record."),
        (
            Mark::Chosen,
            "A reference travels in the pushUrl's query, and comes back with the record if the platform keeps the query; it should, but the document does not say so.",
        ),
        (Mark::Documented, "The secret is a parameter of every request; a recording's address holds it, so it is never handed out."),
        (Mark::Documented, "After one success a record is not pushed again."),
        (Mark::Chosen, "That a record is pushed again before its first success is likely, but not promised."),
        (Mark::Documented, "The platform keeps records for 30 days to push them; older ones can be seen in its console only."),
        (Mark::Documented, "durationSeconds and billedSeconds are the charged seconds (计费秒数)."),
        (Mark::Documented, "When the parties were connected is not said: startTime and endTime are called timestamps, and nothing more."),
        (Mark::Documented, "Who is rung first is not said."),
        (Mark::Chosen, "Numbers go out in national form: the document gives none. See dialect.numberFormat."),
        (Mark::Chosen, "The timestamp is in seconds and the digest in lower-case hex: the document says neither."),
    ],
    domains: &["dingxin106.com"],
    recording_by_id: true,
    dialect: &[
        DialectOption { name: "signatureCase", values: &["keys", "keys-and-values"] },
        DialectOption { name: "timestampUnit", values: &["s", "ms"] },
        DialectOption { name: "pushUrlField", values: &["return_url", "retrun_url"] },
        DialectOption { name: "bodyEncoding", values: &["form", "multipart", "json"] },
        DialectOption { name: "numberFormat", values: &["national", "e164"] },
        DialectOption { name: "recordingAppKey", values: &[] },
        DialectOption { name: "ack", values: &[] },
    ],
    reasons: &[codes::REASONS],
    refusals: codes::REFUSALS,
    unlisted: codes::unlisted,
    advice: Advice {
        authentication: "check appKey and appSecret of the company's account",
        forbidden: "ask the platform whether this server's address must be admitted",
        // 1: a time check is documented (1006), how far off it lets a clock be is not.
        clock_seconds: |_| Some(0),
        words: &[],
    },
    open: |options, account, credentials| {
        let push_mend = "pass the http(s) address that receives the records";
        let dingxin = Dingxin {
            credentials,
            push_url: options.text("pushUrl", push_mend).map(Secret::new),
            account: account.with_bases(BASE, RECORDINGS),
        };
        Box::new(dingxin)
    },
    refuse: None,
    event: None,
    signs: &["subid", "telA", "telB"],
    fields: push::FIELDS,
    complete: push::complete,
    ack: |dialect| Reply::json(200, dialect.get("ack").unwrap_or(r#"{"code":200,"msg":"success"}"#)),
    nack: || Reply::json(500, r#"{"code":500,"msg":"fail"}"#),
};

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
            account: Account::new(BASE, RECORDINGS),
            credentials: Credentials::new(PLATFORM.credentials, [app_key.into(), app_secret.into()]),
            push_url: push_url.map(Secret::new),
        }
    }

    fn timestamp(&self, moment: &Moment<'_>) -> Parameter {
        let in_ms = self.account.dialect.is("timestampUnit", "ms");
        Parameter::plain("timestamp", if in_ms { moment.now_ms } else { moment.seconds() }.to_string())
    }

    fn dial(&self, dial: &Dial, moment: &Moment<'_>) -> Result<Vec<Parameter>, Error> {
        let has_code = self.account.dialect.is("numberFormat", "e164");
        let number = |field, text: &str| {
            let number = PhoneNumber::parse(field, text)?;
            Ok::<_, Error>(if has_code { number.with_country_code() } else { number.national().to_owned() })
        };
        let mut parameters = vec![
            Parameter::plain("appKey", self.credentials.reveal("appKey")),
            Parameter::secret("appSecret", self.credentials.reveal("appSecret")),
            Parameter::number("telA", number("caller", &dial.caller)?),
            Parameter::number("telB", number("callee", &dial.callee)?),
            self.timestamp(moment),
        ];
        let field = if self.account.dialect.is("pushUrlField", "retrun_url") { "retrun_url" } else { "return_url" };
        let push_url = match dial.push_url.as_deref().or(self.push_url()) {
            Some(url) => {
                check_push_url(url)?;
                with_reference(url, dial.reference.as_deref())?
            }
            None => String::new(),
        };
        parameters.push(Parameter::address(field, push_url));
        parameters.extend(dial.extra.iter().map(Parameter::extra));
        Ok(parameters)
    }

    /// 1: `key=value` joined with `&`, keys in lower case and sorted, MD5. The secret is one of the parameters.
    fn sign(&self, parameters: &[Parameter], trace: &mut SignatureTrace) -> String {
        let lower_values = self.account.dialect.is("signatureCase", "keys-and-values");
        let sign = hex(md5(signature::canonical(parameters, Joining::Pairs { lower_values }, trace)));
        trace.step("MD5 of the pairs, lower-case hex", sign.as_str());
        sign
    }

    /// 4: subid stands in the path but is signed too.
    fn recording(&self, call_id: &str, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
        // It may come from a push that anybody wrote, and these are no names of a path's part but ways out of it.
        if matches!(call_id, "." | "..") {
            return Err(Error::invalid(
                ErrorReason::WrongFormat,
                "callId",
                "is no call id",
                "pass the id that dial returned, or a record that has one",
            ));
        }
        // The table's row is named appKey and described as 公司账号的appId: another name, or another value.
        let own = self.credentials.reveal("appKey");
        let (key_name, app_key) = match self.account.dialect.get("recordingAppKey") {
            None | Some("appKey") => ("appKey", own),
            Some("appId") => ("appId", own),
            Some(app_id) => ("appKey", app_id),
        };
        let mut query = vec![
            Parameter::plain(key_name, app_key),
            Parameter::secret("appSecret", self.credentials.reveal("appSecret")),
            self.timestamp(moment),
        ];
        let mut signed = query.clone();
        signed.push(Parameter::plain("subid", call_id));
        let sign = self.sign(&signed, trace);
        trace.place("query", "sign", sign.as_str());
        query.push(Parameter::plain("sign", sign));
        let query = http::form(query.iter().map(|parameter| (&*parameter.name, parameter.value.as_str())));
        let url = format!("{}/call/companyRecordDownlaod/{}?{query}", self.account.recording_base_url, percent_encoded(call_id));
        Ok(Request { method: "GET", url, headers: Headers::default(), body: None })
    }
}

fn check_push_url(url: &str) -> Result<(), Error> {
    if http::host(url).is_none() {
        return Err(Error::invalid(
            ErrorReason::NotAUrl,
            "pushUrl",
            "must be an absolute http(s) URL",
            "pass an address like \"https://crm.example.com/push\"",
        ));
    }
    Ok(())
}

/// The reference goes into the query, from where the receiver reads it back.
fn with_reference(url: &str, reference: Option<&str>) -> Result<String, Error> {
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
    Ok(format!("{address}{joint}{REFERENCE_PARAMETER}={}{fragment}", percent_encoded(reference)))
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
        self.push_url().map_or(Ok(()), check_push_url)
    }

    fn build(&self, operation: &Operation, moment: &Moment<'_>, trace: &mut SignatureTrace) -> Result<Request, Error> {
        match operation {
            Operation::Dial(dial) => {
                let mut parameters = self.dial(dial, moment)?;
                let sign = self.sign(&parameters, trace);
                trace.place("body", "sign", sign.as_str());
                parameters.push(Parameter::plain("sign", sign));
                let encoding = self.account.dialect.get("bodyEncoding").unwrap_or("form");
                Ok(Request::post(format!("{}/prod-api/axb/call/callByTelA", self.account.base_url), encoding, &parameters))
            }
            Operation::Recording(of) => self.recording(of.id()?, moment, trace),
            other => Err(PLATFORM.unsupported(other.kind())),
        }
    }

    fn read(&self, operation: &Operation, answer: &Element<'_>) -> Result<OperationResult, Complaint> {
        let code = answer.required_code("code")?;
        if !code::same(&code, "200") {
            return Err(Complaint::Refused { code: Some(code), message: answer.words("msg") });
        }
        if !matches!(operation, Operation::Dial(_)) {
            return Err(Complaint::Malformed("success, but no recording".to_owned()));
        }
        // 2: the table calls `data` a string and writes subid and telX beside it, the sample has an object.
        let virtual_number = answer.inside("data", "telX").ok();
        Ok(accepted(self, operation, Some(answer.inside("data", "subid")?), virtual_number, answer))
    }

    fn echoes_reference(&self, dial: &Dial) -> bool {
        dial.push_url.is_some() || self.push_url.is_some()
    }
}
