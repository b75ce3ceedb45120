//! Canonical strings, and the trace that explains a signature.

use std::borrow::Cow;

use serde::Serialize;

use crate::http;
use crate::model::{Text, phone};
use crate::redaction::Redactor;

/// How a parameter is shown in traces and errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// As it is.
    Plain,
    /// A phone number: its middle is masked.
    Number,
    /// Any text: phone numbers in it are masked.
    Free,
    /// A secret: not shown.
    Secret,
    /// An address that may hold a token: only its host is shown.
    Address,
}

/// One request parameter.
#[derive(Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The platform's spelling.
    pub name: Cow<'static, str>,
    /// The value as it is signed and sent.
    pub value: String,
    /// How it is shown.
    pub visibility: Visibility,
}

impl Parameter {
    /// A parameter that may be shown.
    pub fn plain(name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), visibility: Visibility::Plain }
    }

    /// A phone number.
    pub fn number(name: &'static str, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), visibility: Visibility::Number }
    }

    /// An undocumented field: phone numbers in it are masked.
    pub fn extra((name, value): (&String, &String)) -> Self {
        Self { name: name.clone().into(), value: value.clone(), visibility: Visibility::Free }
    }

    /// A secret.
    pub fn secret(name: &'static str, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), visibility: Visibility::Secret }
    }

    /// An address that may hold a token.
    pub fn address(name: &'static str, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), visibility: Visibility::Address }
    }

    fn mask(&self, shows_numbers: bool) -> String {
        match self.visibility {
            Visibility::Plain => self.value.clone(),
            Visibility::Number | Visibility::Free if shows_numbers => self.value.clone(),
            Visibility::Number => phone::mask_number(&self.value),
            Visibility::Free => Redactor::default().redact(&self.value),
            Visibility::Secret => MASK.to_owned(),
            Visibility::Address => http::host(&self.value).map_or_else(|| MASK.to_owned(), |host| format!("{host}/{MASK}")),
        }
    }
}

/// Lists the fields of a request: the parameters that have a value.
pub fn sent_fields(parameters: &[Parameter]) -> impl Iterator<Item = (&str, &str)> + Clone {
    parameters.iter().filter(|parameter| !parameter.value.is_empty()).map(|parameter| (&*parameter.name, parameter.value.as_str()))
}

/// The text shown in place of a secret.
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
    /// The signed values, in the order of signing.
    pub sorted: Vec<Shown>,
    /// The text of which the digest is taken. Absent where nothing is digested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical: Option<String>,
    /// Each step and its result.
    pub steps: Vec<Step>,
    /// Where the result goes in the request.
    pub placed: Vec<Placed>,
    /// The steps are recorded. Otherwise signing does not spend time on them.
    #[serde(skip)]
    pub(crate) is_wanted: bool,
    /// Phone numbers are shown in full, so that the digest can be computed again.
    #[serde(skip)]
    pub(crate) shows_numbers: bool,
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
    /// Its value, masked where necessary.
    pub value: String,
}

/// One step of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Step {
    /// A description of the step.
    pub action: &'static str,
    /// Its result, masked where necessary.
    pub value: String,
}

/// The part of a request that carries a result of signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The body.
    Body,
    /// The query of the address.
    Query,
    /// A header.
    Header,
}

/// A result of signing, and where it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Placed {
    /// The part of the request.
    #[serde(rename = "in")]
    pub part: Part,
    /// The name of the field, parameter or header.
    pub name: &'static str,
    /// The value, masked where it is a secret.
    pub value: String,
}

impl SignatureTrace {
    /// A trace that records the steps.
    pub(crate) fn wanted(provider: &'static str, operation: &'static str) -> Self {
        Self { provider, operation, is_wanted: true, ..Self::default() }
    }

    /// Records a step.
    pub fn step(&mut self, action: &'static str, value: impl Into<String>) {
        if self.is_wanted {
            self.steps.push(Step { action, value: value.into() });
        }
    }

    /// Records the text that is digested, with its secrets masked.
    pub fn sign_text(&mut self, masked: String) {
        self.canonical = Some(masked);
    }

    /// Records where a result is sent.
    pub fn place(&mut self, part: Part, name: &'static str, value: impl Into<String>) {
        if self.is_wanted {
            self.placed.push(Placed { part, name, value: value.into() });
        }
    }

    /// Also hides secrets that were passed in the place of something else: as another key, or as a call id.
    pub(crate) fn hide(&mut self, redactor: &Redactor) {
        let values = self.sorted.iter_mut().map(|shown| &mut shown.value).chain(self.steps.iter_mut().map(|step| &mut step.value));
        for value in values.chain(self.placed.iter_mut().map(|placed| &mut placed.value)).chain(&mut self.canonical) {
            *value = redactor.without_secrets(value);
        }
    }
}

const NOT_ITSELF: Text = Text::new("the signature does not sign itself", "签名本身不参与签名");
const NO_VALUE: Text = Text::new("a parameter without a value is neither signed nor sent", "没有值的参数既不参与签名，也不发送");

/// The reasons why a parameter is not signed.
pub(crate) const CAPTIONS: &[Text] = &[NOT_ITSELF, NO_VALUE];

/// How the sorted parameters are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joining {
    /// The values, without separators.
    Values,
    /// `name=value`, joined with `&`.
    Pairs {
        /// Values are in lower case, too.
        lower_values: bool,
    },
}

/// Builds the canonical string that mixcom and dingxin sign: without empty values, names in lower case, sorted by name. The trace records
/// what was signed.
pub fn canonicalize(parameters: &[Parameter], joining: Joining, trace: &mut SignatureTrace) -> String {
    // Inserted in order: there are at most a dozen, and a library's sort would be larger than all of this.
    let mut signed: Vec<(String, &Parameter)> = Vec::with_capacity(parameters.len());
    for parameter in parameters.iter().filter(|parameter| !parameter.value.is_empty()) {
        let name = parameter.name.to_ascii_lowercase();
        let at = signed.iter().position(|(other, _)| *other > name).unwrap_or(signed.len());
        signed.insert(at, (name, parameter));
    }
    if trace.is_wanted {
        record_canonical(parameters, &signed, joining, trace);
    }
    join(signed.iter().map(|(name, parameter)| (name.as_str(), parameter.value.as_str())), joining)
}

fn record_canonical(parameters: &[Parameter], signed: &[(String, &Parameter)], joining: Joining, trace: &mut SignatureTrace) {
    trace.dropped.push(Dropped { name: "sign".to_owned(), reason: NOT_ITSELF.en });
    for parameter in parameters.iter().filter(|parameter| parameter.value.is_empty()) {
        trace.dropped.push(Dropped { name: parameter.name.clone().into_owned(), reason: NO_VALUE.en });
    }
    trace.sorted =
        signed.iter().map(|(name, parameter)| Shown { name: name.clone(), value: parameter.mask(trace.shows_numbers) }).collect();
    trace.canonical = Some(join(trace.sorted.iter().map(|shown| (shown.name.as_str(), shown.value.as_str())), joining));
}

fn join<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)>, joining: Joining) -> String {
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
