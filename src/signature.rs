//! Canonical strings, and the trace that explains a signature.

use std::borrow::Cow;

use serde::Serialize;

use crate::digest::{hex, md5};
use crate::http::{self, Headers, Request};
use crate::json::quote;
use crate::model::phone;
use crate::redaction::Redactor;

/// How a parameter may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// As it is.
    Plain,
    /// A phone number: its middle is masked.
    Number,
    /// Anything: the numbers in it are masked.
    Free,
    /// A secret: not at all.
    Secret,
    /// May hold a token (a push address): only its host is shown.
    Address,
}

/// One request parameter.
#[derive(Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The platform's spelling.
    pub name: Cow<'static, str>,
    /// The value as it is signed and sent.
    pub value: String,
    /// How it may be shown.
    pub sight: Sight,
}

impl Parameter {
    /// A parameter that may be shown.
    pub fn plain(name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), sight: Sight::Plain }
    }

    /// A phone number.
    pub fn number(name: &'static str, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), sight: Sight::Number }
    }

    /// A field that no document lists: what looks like a number in it is masked.
    pub fn extra((name, value): (&String, &String)) -> Self {
        Self { name: name.clone().into(), value: value.clone(), sight: Sight::Free }
    }

    /// A secret.
    pub fn secret(name: &'static str, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), sight: Sight::Secret }
    }

    /// An address that may hold a token.
    pub fn address(name: &'static str, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), sight: Sight::Address }
    }

    fn shown(&self) -> String {
        match self.sight {
            Sight::Plain => self.value.clone(),
            Sight::Number => phone::masked(&self.value),
            Sight::Free => Redactor::default().redact(&self.value),
            Sight::Secret => MASK.to_owned(),
            Sight::Address => http::host(&self.value).map_or_else(|| MASK.to_owned(), |host| format!("{host}/{MASK}")),
        }
    }
}

/// What stands where a secret was.
pub const MASK: &str = "***";

/// How a request's signature was made, step by step. Secrets and phone numbers are masked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct SignatureTrace {
    /// The platform's name.
    pub provider: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// Parameters that are not signed, and why.
    pub dropped: Vec<Dropped>,
    /// What is signed, in the order of signing.
    pub sorted: Vec<Shown>,
    /// The text of which the digest is taken. Absent where nothing is digested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical: Option<String>,
    /// Each step and its result.
    pub steps: Vec<Step>,
    /// Where the result goes in the request.
    pub placed: Vec<Placed>,
    /// Somebody will read it: who only signs does not pay for what would be shown.
    #[serde(skip)]
    pub(crate) is_wanted: bool,
}

/// A parameter that is not signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Dropped {
    /// Its name.
    pub name: String,
    /// Why it is not signed.
    pub reason: &'static str,
}

/// A parameter as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Shown {
    /// Its name as it is signed.
    pub name: String,
    /// Its value, masked where it must be.
    pub value: String,
}

/// One step of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Step {
    /// What is done.
    pub action: &'static str,
    /// What it gave, masked where it must be.
    pub value: String,
}

/// A place of the request that carries a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Placed {
    /// `body`, `query` or `header`.
    #[serde(rename = "in")]
    pub place: &'static str,
    /// The field's, parameter's or header's name.
    pub name: &'static str,
    /// The value, masked where it is a secret.
    pub value: String,
}

impl SignatureTrace {
    /// One step more.
    pub fn step(&mut self, action: &'static str, value: impl Into<String>) {
        if self.is_wanted {
            self.steps.push(Step { action, value: value.into() });
        }
    }

    /// One place more.
    pub fn place(&mut self, place: &'static str, name: &'static str, value: impl Into<String>) {
        if self.is_wanted {
            self.placed.push(Placed { place, name, value: value.into() });
        }
    }

    /// Hides a secret that somebody passed as something else, too: a key in another key's place, a call id that was copied from a header.
    pub(crate) fn hide(&mut self, redactor: &Redactor) {
        let values = self.sorted.iter_mut().map(|shown| &mut shown.value).chain(self.steps.iter_mut().map(|step| &mut step.value));
        for value in values.chain(self.placed.iter_mut().map(|placed| &mut placed.value)).chain(&mut self.canonical) {
            *value = redactor.without_secrets(value);
        }
    }
}

/// How a platform joins the sorted parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joining {
    /// The values, with nothing between them.
    Values,
    /// `name=value`, joined with `&`.
    Pairs {
        /// The values in lower case too.
        lower_values: bool,
    },
}

impl Request {
    /// A POST of these parameters as `form`, `multipart`, `json`, or in the `query`.
    pub(crate) fn post(url: String, encoding: &str, parameters: &[Parameter]) -> Self {
        let given = parameters.iter().filter(|parameter| !parameter.value.is_empty());
        let fields = || given.clone().map(|parameter| (&*parameter.name, parameter.value.as_str()));
        let (content_type, body) = match encoding {
            "query" => {
                return Self { method: "POST", url: format!("{url}?{}", http::form(fields())), headers: Headers::default(), body: None };
            }
            "multipart" => {
                // No randomness here: a digest of the values stands in no value.
                let boundary = format!("ringback-{}", hex(md5(http::form(fields()))));
                (format!("multipart/form-data; boundary={boundary}"), http::multipart(&boundary, fields()))
            }
            "json" => return Self::post_json(url, &json_object(fields())),
            _ => ("application/x-www-form-urlencoded;charset=UTF-8".to_owned(), http::form(fields())),
        };
        Self {
            method: "POST",
            url,
            headers: Headers(vec![("accept", "application/json".to_owned()), ("content-type", content_type)]),
            body: Some(body),
        }
    }

    /// A POST of JSON text, its encoding named.
    pub(crate) fn post_json(url: String, json: &str) -> Self {
        Self::post_json_as(url, json, "application/json;charset=utf-8")
    }

    /// A POST of JSON text under the content type that the document writes.
    pub(crate) fn post_json_as(url: String, json: &str, content_type: &str) -> Self {
        let headers = Headers(vec![("accept", "application/json".to_owned()), ("content-type", content_type.to_owned())]);
        Self { method: "POST", url, headers, body: Some(json.to_owned()) }
    }
}

/// A JSON object of texts, in this order.
pub fn json_object<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut json = String::from("{");
    for (name, value) in fields {
        if json.len() > 1 {
            json.push(',');
        }
        quote(&mut json, name);
        json.push(':');
        quote(&mut json, value);
    }
    json.push('}');
    json
}

/// The canonical string of mixcom's and dingxin's signatures: without empty values, names in lower case, sorted by name.
/// What it did is noted in `trace`.
pub fn canonical(parameters: &[Parameter], joining: Joining, trace: &mut SignatureTrace) -> String {
    // Kept in order as they come: there are a dozen at most, and a sort weighs more in the wasm than all of this.
    let mut signed: Vec<(String, &Parameter)> = Vec::with_capacity(parameters.len());
    for parameter in parameters.iter().filter(|parameter| !parameter.value.is_empty()) {
        let name = parameter.name.to_ascii_lowercase();
        let at = signed.iter().position(|(other, _)| *other > name).unwrap_or(signed.len());
        signed.insert(at, (name, parameter));
    }
    if trace.is_wanted {
        note(parameters, &signed, joining, trace);
    }
    joined(signed.iter().map(|(name, parameter)| (name.as_str(), parameter.value.as_str())), joining)
}

fn note(parameters: &[Parameter], signed: &[(String, &Parameter)], joining: Joining, trace: &mut SignatureTrace) {
    trace.dropped.push(Dropped { name: "sign".to_owned(), reason: "the signature does not sign itself" });
    for parameter in parameters.iter().filter(|parameter| parameter.value.is_empty()) {
        trace.dropped.push(Dropped { name: parameter.name.clone().into_owned(), reason: "what has no value is neither signed nor sent" });
    }
    trace.sorted = signed.iter().map(|(name, parameter)| Shown { name: name.clone(), value: parameter.shown() }).collect();
    trace.canonical = Some(joined(trace.sorted.iter().map(|shown| (shown.name.as_str(), shown.value.as_str())), joining));
}

fn joined<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)>, joining: Joining) -> String {
    let mut joined = String::new();
    for (name, value) in parameters {
        let Joining::Pairs { lower_values } = joining else {
            joined.push_str(value);
            continue;
        };
        if !joined.is_empty() {
            joined.push('&');
        }
        joined.push_str(name);
        joined.push('=');
        let start = joined.len();
        joined.push_str(value);
        if lower_values {
            joined[start..].make_ascii_lowercase();
        }
    }
    joined
}
