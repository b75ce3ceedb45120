//! The platforms' descriptions for generators, documentation and tests. Nothing here is used while a program dials or receives, so the
//! linker leaves it out of the wasm.

use std::collections::BTreeMap;

use serde::Serialize;

use super::DOCUMENTATION;
use super::codes::{Reason, Refusal};
use super::dialect::Dialect;
use super::mapping::Place;
use super::platform::{
    Advised, Credential, DialectDoc, Documentation, Documented, Field, Form, Kind, Limits, Mark, Platform, PushSource, Randomness,
    RungFirst,
};
use crate::http::Answer;
use crate::model::{Correlation, ErrorReason, OperationKind, Options, PARAMETER_HINTS, Text, Value};
use crate::receive;
use crate::signature;

/// A platform's row of the capability matrix.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// The platform's own name, for people.
    pub title: &'static str,
    /// The credentials, in the order of the platform's document.
    pub credentials: Vec<CredentialRow>,
    /// The operations that it offers.
    pub operations: &'static [OperationKind],
    /// The fields of a dial besides caller, callee, reference and extra.
    pub dial_fields: Vec<&'static str>,
    /// Whose phone rings first.
    pub rung_first: RungFirst,
    /// How that is known.
    pub rung_first_source: Mark,
    /// How a call is found among the records.
    pub correlation: Correlation,
    /// The record carries the dial's reference.
    pub echoes_reference: bool,
    /// The randomness that its requests need.
    pub randomness: Randomness,
    /// How push support is known.
    pub push: PushSource,
    /// A push that was not acknowledged is sent again.
    pub pushes_again: bool,
    /// The options under `dialect` with their values, the default first; an empty list means any text.
    pub dialect: BTreeMap<&'static str, &'static [&'static str]>,
    /// Notes for users, each ending with its mark: `[documented]`, `[known]` or `[chosen]`.
    pub notes: Vec<String>,
}

/// A credential in the capability matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CredentialRow {
    /// The option's name.
    pub name: &'static str,
    /// It must never be shown.
    pub secret: bool,
}

/// Lists the capability matrix, by platform.
#[must_use]
pub fn capabilities() -> Vec<(&'static str, Capabilities)> {
    let row = |documentation: &'static Documentation| {
        let platform = documentation.platform;
        Capabilities {
            title: documentation.title,
            credentials: platform.credentials.iter().map(|it| CredentialRow { name: it.name, secret: it.is_secret }).collect(),
            operations: platform.operations,
            dial_fields: platform.dial_fields.iter().map(|field| field.name).collect(),
            rung_first: platform.rung_first.0,
            rung_first_source: platform.rung_first.1,
            correlation: platform.correlation,
            echoes_reference: platform.echoes_reference,
            randomness: platform.randomness(),
            push: platform.push,
            pushes_again: platform.pushes_again,
            dialect: platform.dialect.iter().map(|option| (option.name, option.values)).collect(),
            notes: documentation.notes.iter().map(|(mark, text)| format!("{} [{}]", text.en, mark.as_str())).collect(),
        }
    };
    DOCUMENTATION.into_iter().map(|documentation| (documentation.platform.name, row(documentation))).collect()
}

/// A platform's whole description: what types, tables and command-line options are generated from.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// The name in options, records and errors, for example `mixcom`.
    pub name: &'static str,
    /// The beginning of type names, for example `Mixcom`.
    pub type_prefix: String,
    /// The platform's own name, for people.
    pub title: &'static str,
    /// Sentences on an account at this platform; may be empty.
    pub doc: Text,
    /// The documented address. Without one the option `baseUrl` is required.
    pub base_url: Option<&'static str>,
    /// The documented address of recordings.
    pub recording_base_url: Option<&'static str>,
    /// The credentials, in the order of the platform's document.
    pub credentials: Vec<OptionRow>,
    /// The account options besides the credentials and those that every platform has; `baseUrl` where it is required.
    pub options: Vec<OptionRow>,
    /// The fields of a dial besides caller, callee, reference and extra.
    pub dial_fields: Vec<OptionRow>,
    /// The options under `dialect`; the likeliest cause of a refused signature first.
    pub dialect: Vec<DialectRow>,
    /// The operations that it offers.
    pub operations: &'static [OperationKind],
    /// Whose phone rings first.
    pub rung_first: RungFirst,
    /// How that is known.
    pub rung_first_source: Mark,
    /// How a call is found among the records. By the reference: a dial answers no call id.
    pub correlation: Correlation,
    /// The record carries the dial's reference.
    pub echoes_reference: bool,
    /// The randomness that its requests need.
    pub randomness: Randomness,
    /// The minutes for which a dial binds the virtual number, where it does.
    pub binding_minutes: Option<i64>,
    /// How push support is known.
    pub push: PushSource,
    /// A push that was not acknowledged is sent again.
    pub pushes_again: bool,
    /// The answer to a push that was kept, in the default dialect.
    pub ack: Answer,
    /// The answer to a push that was not kept.
    pub nack: Answer,
    /// The most characters of ids.
    pub limits: Limits,
    /// By operation, how many seconds the clock may be off; 0: the time is checked, but the document does not say how strictly. An
    /// operation whose request carries no time is not listed.
    pub clock_seconds: BTreeMap<&'static str, i64>,
    /// A recording can be requested by the call's id.
    pub recording_by_id: bool,
    /// Domains whose hosts belong to the platform.
    pub domains: &'static [&'static str],
    /// The platform's own names, each with Ringback's word.
    pub spellings: &'static [(&'static str, &'static str)],
    /// The platform's field of each place in a record that is copied one to one.
    pub record_fields: &'static [(&'static str, Place)],
    /// The codes in its records.
    #[serde(skip)]
    pub reasons: Vec<&'static Advised<Reason>>,
    /// The codes of its refusals.
    #[serde(skip)]
    pub refusals: &'static [Advised<Refusal>],
    /// What to do about its refusals, where its table of codes does not say it: by the reason of the error.
    pub advice: &'static [(ErrorReason, Text)],
    /// The captions of the steps in a trace.
    pub captions: &'static [Text],
    /// The text, for users.
    pub notes: Vec<Note>,
}

/// An option or a parameter in a description.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OptionRow {
    /// Its name.
    pub name: &'static str,
    /// No output may show it.
    pub is_secret: bool,
    /// It must be given.
    pub is_required: bool,
    /// The accepted values.
    pub kind: Kind,
    /// The form that the document gives. A hint for people: nothing is refused by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// The value to pass.
    pub hint: Text,
    /// One or two plain sentences.
    pub doc: Text,
    /// An invented value in the documented form.
    pub sample: &'static str,
}

/// A dialect option in a description.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DialectRow {
    /// Its name.
    pub name: &'static str,
    /// The words that it may be, the default first; empty for any text.
    pub values: &'static [&'static str],
    /// One sentence for each value.
    pub value_docs: Vec<Text>,
    /// The value where none is given.
    pub default: &'static str,
    /// How the default is known.
    pub mark: Mark,
    /// One or two plain sentences.
    pub doc: Text,
}

/// A note about a platform for its users.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Note {
    /// How it is known.
    pub mark: Mark,
    /// One or two plain sentences.
    pub text: Text,
}

/// Lists the hints of the options and parameters that every platform has, by name. Those of a platform's own are in its description.
#[must_use]
pub fn hints() -> Vec<(&'static str, Text)> {
    [super::account::HINTS, PARAMETER_HINTS, receive::HINTS].concat()
}

/// Lists the captions of signature traces that no single platform has, and the reasons why a parameter is not signed.
#[must_use]
pub fn shared_captions() -> Vec<Text> {
    [signature::CAPTIONS, &[super::request::ADDRESS_IN_RECORD]].concat()
}

/// Lists the descriptions of all platforms.
#[must_use]
pub fn descriptions() -> Vec<Description> {
    DOCUMENTATION.into_iter().map(describe).collect()
}

fn describe(documentation: &'static Documentation) -> Description {
    let platform = documentation.platform;
    let clock = |kind: OperationKind| Some((kind.as_str(), (platform.advice.clock_seconds)(kind)?));
    let mut options: Vec<OptionRow> = documentation.options.iter().map(describe_field).collect();
    if platform.base_url.is_none() {
        options.insert(0, BASE_URL);
    }
    Description {
        name: platform.name,
        type_prefix: platform.name[..1].to_ascii_uppercase() + &platform.name[1..],
        title: documentation.title,
        doc: documentation.doc,
        base_url: platform.base_url,
        recording_base_url: platform.recording_base_url,
        credentials: documentation.credentials.iter().map(describe_credential).collect(),
        options,
        dial_fields: documentation.dial_fields.iter().map(describe_field).collect(),
        dialect: documentation.dialect.iter().map(describe_dialect).collect(),
        operations: platform.operations,
        rung_first: platform.rung_first.0,
        rung_first_source: platform.rung_first.1,
        correlation: platform.correlation,
        echoes_reference: platform.echoes_reference,
        randomness: platform.randomness(),
        binding_minutes: platform.binding.map(|binding| binding.minutes),
        push: platform.push,
        pushes_again: platform.pushes_again,
        ack: (platform.ack)(&Dialect::default()),
        nack: (platform.nack)(),
        limits: platform.limits,
        clock_seconds: platform.operations.iter().copied().filter_map(clock).collect(),
        recording_by_id: platform.recording_by_id,
        domains: platform.domains,
        spellings: platform.spellings,
        record_fields: platform.record_fields,
        reasons: documentation.reasons.iter().copied().flatten().collect(),
        refusals: documentation.refusals,
        advice: documentation.advice,
        captions: documentation.captions,
        notes: documentation.notes.iter().map(|&(mark, text)| Note { mark, text }).collect(),
    }
}

/// The address that a platform agrees with each customer.
const BASE_URL: OptionRow = OptionRow {
    name: "baseUrl",
    is_secret: false,
    is_required: true,
    kind: Kind::Url,
    form: None,
    hint: super::account::BASE_URL_HINT,
    doc: Text::new(
        "The platform's address. It is agreed with each customer: the document names none.",
        "平台的接口地址，由平台与每个客户约定：文档中没有。",
    ),
    sample: "https://platform.example",
};

/// The most characters of a credential whose document gives no limit.
const UNLIMITED: usize = 4096;

fn describe_credential(documented: &Documented<Credential>) -> OptionRow {
    let Documented { item, doc, hint_zh, sample, form } = *documented;
    OptionRow {
        name: item.name,
        is_secret: item.is_secret,
        is_required: true,
        kind: Kind::Text { longest: item.longest.unwrap_or(UNLIMITED) },
        form,
        hint: Text::new(item.hint, hint_zh),
        doc: doc.trim(),
        sample,
    }
}

fn describe_field(documented: &Documented<Field>) -> OptionRow {
    let Documented { item, doc, hint_zh, sample, form } = *documented;
    OptionRow {
        name: item.name,
        is_secret: item.is_secret,
        is_required: item.is_required,
        kind: item.kind,
        form,
        hint: Text::new(item.hint, hint_zh),
        doc: doc.trim(),
        sample,
    }
}

fn describe_dialect(documented: &DialectDoc) -> DialectRow {
    let DialectDoc { option, mark, doc, value_docs } = *documented;
    DialectRow {
        name: option.name,
        values: option.values,
        value_docs: value_docs.iter().map(Text::trim).collect(),
        default: option.default,
        mark,
        doc: doc.trim(),
    }
}

impl Description {
    /// Returns the description of a platform.
    ///
    /// # Panics
    /// Where the registry does not have this platform.
    #[must_use]
    pub fn of(platform: &Platform) -> Self {
        let found = DOCUMENTATION.into_iter().find(|documentation| documentation.platform.name == platform.name);
        describe(found.expect("a platform of the registry"))
    }

    /// Returns the options of an account with invented values, as `createClient` takes them.
    #[must_use]
    pub fn sample_account(&self) -> Options {
        let rows = self.credentials.iter().chain(&self.options);
        rows.fold(Options::default().with("provider", text(self.name)), |fields, row| fields.with(row.name, row.sample()))
    }

    /// Returns the parameters of an operation with invented values.
    #[must_use]
    pub fn sample_parameters(&self, kind: OperationKind) -> Value {
        let fields = |pairs: &[(&str, &str)]| pairs.iter().fold(Options::default(), |fields, (name, value)| fields.with(name, text(value)));
        Value::Object(match kind {
            OperationKind::Dial => {
                let parties = fields(&[("caller", "13800000001"), ("callee", "13900000002")]);
                let required = self.dial_fields.iter().filter(|row| row.is_required);
                required.fold(parties, |fields, row| fields.with(row.name, row.sample()))
            }
            OperationKind::BindSeat => fields(&[("seat", "PP7568036551"), ("phone", "13800000001")]),
            OperationKind::Records => fields(&[("from", "2020-03-02T00:00:00+08:00"), ("to", "2020-03-03T00:00:00+08:00")]),
            OperationKind::HangUp => fields(&[("callId", "c-1")]),
            OperationKind::Recording if self.recording_by_id => fields(&[("callId", "c-1")]),
            OperationKind::Recording => fields(&[("callId", "c-1"), ("url", "https://platform.example/c-1.mp3")]),
            OperationKind::Balance => Options::default(),
            OperationKind::Download => fields(&[("url", "https://platform.example/c-1.mp3")]),
        })
    }
}

impl OptionRow {
    /// Returns the invented value with its type.
    #[must_use]
    pub fn sample(&self) -> Value {
        match self.kind {
            Kind::Integer { .. } => self.sample.parse().map_or(Value::Absent, Value::Integer),
            _ => text(self.sample),
        }
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
