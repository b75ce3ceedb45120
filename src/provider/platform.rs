//! The description of a platform, as data. Options, dial fields and lists of secrets are read by it; the TypeScript types, the capability
//! matrix, the command line's options and the tables of the documentation are generated from it.

use serde::Serialize;

use super::advice::Advice;
use super::codes::{Reason, Refusal};
use super::dialect::Dialect;
use super::interpretation::classify_like_http;
use super::mapping::{self, Place};
use crate::http::Answer;
use crate::model::{CallRecord, Correlation, Delivery, Error, ErrorCode, ErrorReason, OperationKind, Outcome, Text, Zone};
use crate::payload::{Element, Unreadable};

/// Everything about a platform that needs no credentials. [`Platform::EMPTY`] gives the fields that a platform does not need:
/// `Platform { name: "acme", ..Platform::EMPTY }`.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each named where a platform sets it")]
pub struct Platform {
    /// The name in options, records and errors, for example `mixcom`.
    pub name: &'static str,
    /// The credentials of an account, in the order of the platform's document.
    pub credentials: &'static [Credential],
    /// The documented address, without a slash at the end. Without one the address is agreed with each customer, and the option `baseUrl` is
    /// required.
    pub base_url: Option<&'static str>,
    /// The documented address of recordings; without one they are at the base address.
    pub recording_base_url: Option<&'static str>,
    /// The options of an account besides the credentials and those that every platform has.
    pub options: &'static [Field],
    /// The operations that the platform offers.
    pub operations: &'static [OperationKind],
    /// The fields of a dial besides caller, callee, reference and extra.
    pub dial_fields: &'static [Field],
    /// The platform's own names of parameters and credentials, each with Ringback's word; an empty word where Ringback makes the value
    /// itself. None of them may be in a dial's `extra`, and an option written with such a name gets the hint "did you mean".
    pub spellings: &'static [(&'static str, &'static str)],
    /// The most characters of ids.
    pub limits: Limits,
    /// Whose phone rings first, and how that is known.
    pub rung_first: (RungFirst, Mark),
    /// How long a dial binds the virtual number to both parties, where it does.
    pub binding: Option<Binding>,
    /// How a call is found among the records.
    pub correlation: Correlation,
    /// The record carries the reference of its dial, so a reference is made where the user gives none.
    pub echoes_reference: bool,
    /// Each request is signed with a nonce: fresh randomness is needed for each attempt. See [`Randomness`].
    pub signs_nonce: bool,
    /// How push support is known.
    pub push: PushSource,
    /// A push that was not acknowledged is sent again.
    pub pushes_again: bool,
    /// Domains whose hosts belong to the platform. Recordings may be fetched from them.
    pub domains: &'static [&'static str],
    /// A recording can be requested by the call's id; otherwise its address is in the record only.
    pub recording_by_id: bool,
    /// The options under `dialect`.
    pub dialect: &'static [DialectOption],
    /// The codes in its records, one table for each of their sources.
    pub reasons: &'static [&'static [Reason]],
    /// The codes of its refusals.
    pub refusals: &'static [Refusal],
    /// Classifies a code that is not in `refusals` (`None` where the answer has no code). The second value says whether a dial with this
    /// answer may have been placed all the same.
    pub classify_unlisted: fn(Option<&str>) -> (ErrorCode, bool),
    /// Hints for its refusals.
    pub advice: Advice,
    /// Says why an element of a push is no report of records, where its own words say so.
    pub refuse_push: Option<fn(&Element<'_>) -> Option<Unreadable>>,
    /// The field that names a push's event, and the event of a call record. `None`: every push is a call record.
    pub event: Option<(&'static str, &'static str)>,
    /// A payload with none of these fields is not a record.
    pub marker_fields: &'static [&'static str],
    /// Record fields that are copied one to one.
    pub record_fields: &'static [(&'static str, Place)],
    /// Computes the derived fields of a record: outcome, direction, connected time, recording.
    pub complete_record: fn(&mut CallRecord, &Element<'_>, &PushContext<'_>),
    /// Builds the answer to a push that was kept.
    pub ack: fn(&Dialect) -> Answer,
    /// Builds the answer to a push that was not kept.
    pub nack: fn() -> Answer,
}

impl Platform {
    /// A platform without credentials, operations, fields and codes: the rest of a description that names only what it has.
    pub const EMPTY: Self = Self {
        name: "",
        credentials: &[],
        base_url: None,
        recording_base_url: None,
        options: &[],
        operations: &[],
        dial_fields: &[],
        spellings: &[],
        limits: Limits::UNDOCUMENTED,
        rung_first: (RungFirst::Unknown, Mark::Chosen),
        binding: None,
        correlation: Correlation::CallId,
        echoes_reference: false,
        signs_nonce: false,
        push: PushSource::Documented,
        pushes_again: false,
        domains: &[],
        recording_by_id: true,
        dialect: &[],
        reasons: &[],
        refusals: &[],
        classify_unlisted: classify_like_http,
        advice: Advice::EMPTY,
        refuse_push: None,
        event: None,
        marker_fields: &[],
        record_fields: &[],
        complete_record: |_, _, _| {},
        ack: |_| Answer::json(200, "{}"),
        nack: || Answer::json(500, "{}"),
    };

    /// Returns whether the platform offers an operation.
    #[must_use]
    pub fn supports(&self, kind: OperationKind) -> bool {
        self.operations.contains(&kind)
    }

    /// Returns the randomness that its requests need.
    #[must_use]
    pub fn randomness(&self) -> Randomness {
        match (self.signs_nonce, self.echoes_reference) {
            (true, _) => Randomness::ForEachRequest,
            (false, true) => Randomness::ForReference,
            (false, false) => Randomness::Never,
        }
    }

    /// Builds the error of an operation that the platform does not offer.
    #[must_use]
    pub fn unsupported(&self, kind: OperationKind) -> Error {
        let offered: Vec<&str> = self.operations.iter().map(|kind| kind.as_str()).collect();
        Error::new(
            ErrorCode::Unsupported,
            ErrorReason::UnsupportedOperation,
            Delivery::NotSent,
            format!("{} offers no {}", self.name, kind.as_str()),
        )
        .with_hint(format!("{} offers {}", self.name, offered.join(", ")))
        .expecting(&offered)
    }

    /// Returns the event that an element reports, where it is not a call record.
    pub(crate) fn other_event(&self, element: &Element<'_>) -> Option<String> {
        mapping::other_event(self, element)
    }

    /// Returns whether an element has at least one of the marker fields.
    #[must_use]
    pub fn is_record(&self, element: &Element<'_>) -> bool {
        self.marker_fields.iter().any(|name| element.has(name))
    }

    /// Returns whether an element has a call id.
    pub(crate) fn has_call_id(&self, element: &Element<'_>) -> bool {
        self.record_fields.iter().any(|(name, place)| matches!(place, Place::CallId) && element.has(name))
    }

    /// Reads one record. A field that cannot be read is left out and named in `problems`.
    pub(crate) fn record(&self, element: &Element<'_>, context: &PushContext<'_>) -> CallRecord {
        mapping::read_record(self, element, context)
    }

    /// Judges how a call ended, by its code (`told`) and by the record's own times: both parties picked up is `answered` whatever the code
    /// says, and the leg is the one that was called and did not pick up.
    #[must_use]
    pub fn judge_outcome(&self, told: Outcome, record: &CallRecord, element: &Element<'_>) -> Outcome {
        mapping::judge_outcome(self, told, record, element)
    }
}

/// A credential of a platform's accounts.
#[derive(Clone, Copy, Debug)]
pub struct Credential {
    /// The option's name, for example `appSecret`.
    pub name: &'static str,
    /// It proves who asks: no error, trace, hook or `Debug` shows it. Otherwise it only identifies the account.
    pub is_secret: bool,
    /// Where the user finds it: the hint of the error where it is missing.
    pub hint: &'static str,
    /// The most characters that the document allows, where it says so.
    pub longest: Option<usize>,
}

impl Credential {
    /// Describes a credential that only identifies the account.
    #[must_use]
    pub const fn public(name: &'static str, hint: &'static str) -> Self {
        Self { name, is_secret: false, hint, longest: None }
    }

    /// Describes a credential that proves who asks.
    #[must_use]
    pub const fn secret(name: &'static str, hint: &'static str) -> Self {
        Self { name, is_secret: true, hint, longest: None }
    }

    /// Adds the most characters that the document allows.
    #[must_use]
    pub const fn at_most(self, longest: usize) -> Self {
        Self { longest: Some(longest), ..self }
    }

    /// Adds the doc text, the hint in Chinese, and an invented value in the documented form.
    pub(crate) const fn documented(self, doc: Text, hint_zh: &'static str, sample: &'static str) -> Documented<Self> {
        Documented { item: self, doc, hint_zh, sample, form: None }
    }
}

/// A field that only some platforms have: an account option or a parameter of a dial.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The name in options and parameters, for example `seat`.
    pub name: &'static str,
    /// The accepted values.
    pub kind: Kind,
    /// It must be given.
    pub is_required: bool,
    /// It holds a secret or a token: no error, trace, hook or `Debug` shows it.
    pub is_secret: bool,
    /// The hint of an error: the value to pass.
    pub hint: &'static str,
}

impl Field {
    /// Describes an optional field that may be shown.
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind, hint: &'static str) -> Self {
        Self { name, kind, is_required: false, is_secret: false, hint }
    }

    /// Makes the field required.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// Marks the field as one that holds a secret or a token.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// Adds the doc text and the hint in Chinese, and an invented value in the documented form. The English doc text comes with
    /// [`Documented::with_doc`].
    pub(crate) const fn documented(self, doc_zh: &'static str, hint_zh: &'static str, sample: &'static str) -> Documented<Self> {
        Documented { item: self, doc: Text::new("", doc_zh), hint_zh, sample, form: None }
    }
}

/// The values that a field accepts.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Kind {
    /// Text.
    Text {
        /// The most characters.
        longest: usize,
    },
    /// A phone number in any usual spelling.
    PhoneNumber,
    /// An absolute http(s) URL.
    Url,
    /// A whole number.
    Integer {
        /// The least.
        least: i64,
        /// The greatest.
        most: i64,
    },
    /// One of these words.
    OneOf {
        /// The words.
        values: &'static [&'static str],
    },
}

/// An option under `dialect`: how an ambiguous place of the document is read.
#[derive(Clone, Copy, Debug)]
pub struct DialectOption {
    /// Its name.
    pub name: &'static str,
    /// The words that it may be, the default first; empty for any text.
    pub values: &'static [&'static str],
    /// The value where none is given.
    pub default: &'static str,
}

impl DialectOption {
    /// Describes an option that takes any text.
    #[must_use]
    pub const fn text(name: &'static str, default: &'static str) -> Self {
        Self { name, values: &[], default }
    }

    /// Adds how the default is known, and the doc text.
    pub(crate) const fn documented(self, mark: Mark, doc: Text) -> DialectDoc {
        DialectDoc { option: self, mark, doc, value_docs: &[] }
    }
}

/// How long a dial binds the virtual number to both parties.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The field of the dial that gives the minutes.
    pub field: &'static str,
    /// The minutes where the dial gives none.
    pub minutes: i64,
}

/// The randomness that a platform's requests need. Where any is needed, [`Moment::fresh`](super::Moment) must bring it: a driver draws it
/// when [`needs_randomness`](super::needs_randomness) says so, anew for each attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Randomness {
    /// No request needs any.
    Never,
    /// A dial without a reference needs one, which its record will carry.
    ForReference,
    /// Each request is signed with a nonce.
    ForEachRequest,
}

/// How it is known that a platform pushes records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PushSource {
    /// It is in the platform's document.
    Documented,
    /// It was seen in public integrations of the platform or of a sibling.
    Known,
}

/// How something is known of a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It is in the platform's document.
    Documented,
    /// It was seen in public integrations of the platform or of a sibling.
    Known,
    /// No document says it: Ringback chose it.
    Chosen,
}

impl Mark {
    /// Returns the word in the matrix.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Known => "known",
            Self::Chosen => "chosen",
        }
    }
}

/// Whose phone a platform rings first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RungFirst {
    /// The caller's (主叫).
    Caller,
    /// The callee's (被叫).
    Callee,
    /// The document does not say.
    Unknown,
}

/// The most characters of ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// The user's reference.
    pub reference: usize,
    /// The platform's call id.
    pub call_id: usize,
    /// A seat.
    pub seat: usize,
}

impl Limits {
    /// The limits where no document gives any (chosen).
    pub const UNDOCUMENTED: Self = Self { reference: 256, call_id: 1024, seat: 64 };
}

/// The context of a push besides its body.
pub struct PushContext<'a> {
    /// The account's name.
    pub account: Option<&'a str>,
    /// The zone of times without one.
    pub zone: Zone,
    /// The push address's query, without `?`.
    pub query: &'a str,
}

/// A part of a description with the texts that only documentation and tests need.
#[derive(Clone, Copy)]
pub(crate) struct Documented<T> {
    pub(crate) item: T,
    /// One or two plain sentences. The English ones become the doc comment in TypeScript.
    pub(crate) doc: Text,
    /// The item's hint in Chinese.
    pub(crate) hint_zh: &'static str,
    /// An invented value in the documented form.
    pub(crate) sample: &'static str,
    /// The form that the document gives.
    pub(crate) form: Option<Form>,
}

impl<T: Copy> Documented<T> {
    pub(crate) const fn with_doc(self, doc_en: &'static str) -> Self {
        Self { doc: Text::new(doc_en, self.doc.zh), ..self }
    }

    pub(crate) const fn with_form(self, characters: Characters, shortest: usize, longest: usize) -> Self {
        Self { form: Some(Form { characters, shortest, longest }), ..self }
    }
}

/// A dialect option with its doc texts.
#[derive(Clone, Copy)]
pub(crate) struct DialectDoc {
    pub(crate) option: DialectOption,
    /// How the default is known.
    pub(crate) mark: Mark,
    /// One or two plain sentences.
    pub(crate) doc: Text,
    /// One sentence for each value; empty for an option that takes any text.
    pub(crate) value_docs: &'static [Text],
}

/// The form of a credential, as the platform's document or its samples show it. A hint for people: nothing is refused by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Form {
    /// Its characters.
    pub characters: Characters,
    /// The fewest.
    pub shortest: usize,
    /// The most.
    pub longest: usize,
}

/// A class of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Characters {
    /// `0` to `9`.
    Digits,
    /// ASCII letters and digits.
    LettersAndDigits,
}

/// The part of a description that only documentation and tests need. It is a separate static, so that the linker leaves it out of the wasm.
pub(crate) struct Documentation {
    pub(crate) platform: &'static Platform,
    /// The platform's own name, for people.
    pub(crate) title: &'static str,
    /// Sentences on an account at this platform; may be empty.
    pub(crate) doc: Text,
    pub(crate) credentials: &'static [Documented<Credential>],
    pub(crate) options: &'static [Documented<Field>],
    pub(crate) dial_fields: &'static [Documented<Field>],
    pub(crate) dialect: &'static [DialectDoc],
    /// The codes in its records, in the order of [`Platform::reasons`].
    pub(crate) reasons: &'static [&'static [Advised<Reason>]],
    /// The codes of its refusals.
    pub(crate) refusals: &'static [Advised<Refusal>],
    /// The hints of [`Platform::advice`], each with the reason of the errors that carry it.
    pub(crate) advice: &'static [(ErrorReason, Text)],
    /// The captions of the steps in a trace.
    pub(crate) captions: &'static [Text],
    /// Notes for users, each with its mark.
    pub(crate) notes: &'static [(Mark, Text)],
}

/// A documented code with its advice in Chinese, which only documentation needs.
#[derive(Clone, Copy, Debug)]
pub struct Advised<T> {
    /// The code.
    pub item: T,
    /// The advice in Chinese.
    pub advice_zh: &'static str,
}

/// Takes the codes out of a table with Chinese advice, at compile time.
pub(crate) const fn codes<T: Copy, const N: usize>(advised: &[Advised<T>]) -> [T; N] {
    let mut codes = [advised[0].item; N];
    let mut at = 1;
    while at < N {
        codes[at] = advised[at].item;
        at += 1;
    }
    codes
}

/// Takes the items out of a documented list, at compile time. So each fact is written once, and its doc text stays out of the wasm.
pub(crate) const fn items<T: Copy, const N: usize>(documented: &[Documented<T>]) -> [T; N] {
    let mut items = [documented[0].item; N];
    let mut at = 1;
    while at < N {
        items[at] = documented[at].item;
        at += 1;
    }
    items
}

/// The same of a list of dialect options.
pub(crate) const fn dialect_options<const N: usize>(documented: &[DialectDoc]) -> [DialectOption; N] {
    let mut options = [documented[0].option; N];
    let mut at = 1;
    while at < N {
        options[at] = documented[at].option;
        at += 1;
    }
    options
}
