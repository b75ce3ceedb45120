//! Operations, their parameters and their results.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::error::{Delivery, Error, ErrorCode};
use super::options::{Options, Value};
use super::own::OwnFields;
use super::phone;
use super::reason::ErrorReason;
use super::record::{CallRecord, Raw};
use super::text::Text;
use super::words::words;

/// The name of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum OperationKind {
    /// Place a call.
    Dial,
    /// End a call.
    HangUp,
    /// Bind a phone number to a seat.
    BindSeat,
    /// Pull call records.
    Records,
    /// Fetch a sound recording.
    Recording,
    /// Query the account's balance.
    Balance,
    /// Fetch a recording's bytes from an address that a platform named: the second half of `recording`.
    Download,
}

impl OperationKind {
    /// The operations that a client offers by name.
    pub const PUBLIC: [Self; 6] = [Self::Dial, Self::HangUp, Self::BindSeat, Self::Records, Self::Recording, Self::Balance];

    /// Returns the name in options and errors, for example `hangUp`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dial => "dial",
            Self::HangUp => "hangUp",
            Self::BindSeat => "bindSeat",
            Self::Records => "records",
            Self::Balance => "balance",
            // For the user, downloading is part of fetching the recording.
            Self::Recording | Self::Download => "recording",
        }
    }

    /// Finds an operation by its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if name == "download" {
            return Some(Self::Download);
        }
        Self::PUBLIC.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The names of its parameters. A platform may have more for a dial; a recording is asked for by what is known of the call.
    fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Dial => &["caller", "callee", "reference", "extra"],
            Self::HangUp => &["callId"],
            Self::BindSeat => &["seat", "phone"],
            Self::Records => &["from", "to", "after"],
            Self::Recording | Self::Balance => &[],
            Self::Download => &["url"],
        }
    }

    /// Returns how a client is asked for it, for hints.
    fn usage(self) -> &'static str {
        match self {
            Self::Dial => "pass one object: dial({ caller, callee })",
            Self::HangUp => "pass the id that dial returned: hangUp(callId)",
            Self::BindSeat => "pass one object: bindSeat({ seat, phone })",
            Self::Records => "pass one object: records({ from, to })",
            Self::Recording => "pass a call id or a CallRecord: recording(record)",
            Self::Balance => "pass nothing: balance()",
            Self::Download => "pass one object: { url }",
        }
    }

    /// Returns whether the operation only reads. Then repeating it cannot act twice, and the exchange may repeat it.
    #[must_use]
    pub fn is_safe(self) -> bool {
        matches!(self, Self::Records | Self::Recording | Self::Balance | Self::Download)
    }
}

/// Place a call between `caller` (主叫) and `callee` (被叫): the platform rings both and connects them. Which of them it rings first differs:
/// see [`Platform::rung_first`](crate::Platform::rung_first).
///
/// ```
/// use ringback::{Dial, SeatcallDial};
///
/// let dial = Dial {
///     caller: "13800000001".into(),
///     callee: "0755-28000123".into(),
///     // What only seatcall takes.
///     own: SeatcallDial { seat: "PP7568036551".into() }.into(),
///     ..Dial::default()
/// };
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Dial {
    /// The calling party (主叫): one number in any usual spelling, see [`PhoneNumber::parse`](super::PhoneNumber::parse).
    pub caller: String,
    /// The called party (被叫): one number in any usual spelling, and not the caller's.
    pub callee: String,
    /// The user's own id for this dial, accepted on every platform. Where the platform echoes it with the record, one is made where there is
    /// none. Its length is limited by [`Limits::reference`](crate::Limits).
    pub reference: Option<String>,
    /// The fields that only this platform takes. Each platform that has some has a struct of them, for example
    /// [`CyjcloudDial`](crate::CyjcloudDial), which converts into this.
    pub own: OwnFields,
    /// Undocumented fields, by the platform's name, for example mixcom's `maxduration`. They are sent with the others, and signed where the
    /// platform signs all parameters. A field that the platform's own document lists is refused.
    pub extra: BTreeMap<String, String>,
    /// Filled in when the request is prepared, for [`Provider::interpret`](crate::Provider::interpret): when the binding ends, ISO 8601 with
    /// offset. A value that is given here is overwritten.
    pub bound_until: Option<String>,
}

impl Serialize for Dial {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("caller", &self.caller)?;
        map.serialize_entry("callee", &self.callee)?;
        if let Some(reference) = &self.reference {
            map.serialize_entry("reference", reference)?;
        }
        self.own.write_members(&mut map)?;
        if !self.extra.is_empty() {
            map.serialize_entry("extra", &self.extra)?;
        }
        map.end()
    }
}

/// End a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HangUp {
    /// The id that the dial answered.
    pub call_id: String,
}

/// Bind a phone number to a seat; one seat, one number.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct BindSeat {
    /// The seat's number, `PP…`.
    pub seat: String,
    /// The phone that this seat dials from, in any usual spelling.
    pub phone: String,
}

/// Which records to pull.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordRange {
    /// ISO 8601 with offset.
    pub from: String,
    /// ISO 8601 with offset; not before `from`.
    pub to: String,
    /// The cursor of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Which call's recording to fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordingOf {
    /// The platform's id of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// The recording's address in the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When the call ended, ISO 8601 with offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
}

impl RecordingOf {
    /// Returns the call id, for platforms at which a recording is requested by it.
    pub(crate) fn id(&self) -> Result<&str, Error> {
        self.call_id.as_deref().ok_or_else(|| {
            Error::invalid(ErrorReason::Missing, "callId", "is missing", "pass the id that dial returned, or a record that has one")
        })
    }
}

/// An address that a platform named as a recording's.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Download {
    /// The address.
    pub url: String,
}

/// One operation with its parameters.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Operation {
    /// Place a call.
    Dial(Dial),
    /// End a call.
    HangUp(HangUp),
    /// Bind a phone number to a seat.
    BindSeat(BindSeat),
    /// Pull call records.
    Records(RecordRange),
    /// Fetch a sound recording.
    Recording(RecordingOf),
    /// Query the account's balance.
    Balance(Balance),
    /// Fetch a recording's bytes.
    Download(Download),
}

/// Query the account's balance: no parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Balance {}

macro_rules! operation_from {
    ($($name:ident => $variant:ident),* $(,)?) => {
        $(impl From<&$name> for Operation {
            fn from(parameters: &$name) -> Self {
                Self::$variant(parameters.clone())
            }
        })*
    };
}

operation_from! {
    Dial => Dial, HangUp => HangUp, BindSeat => BindSeat, RecordRange => Records, RecordingOf => Recording, Balance => Balance, Download => Download,
}

impl From<&Operation> for Operation {
    fn from(operation: &Operation) -> Self {
        operation.clone()
    }
}

/// Parameters hold phone numbers.
impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Operation").field(&self.kind()).finish()
    }
}

impl Operation {
    /// Its name.
    #[must_use]
    pub fn kind(&self) -> OperationKind {
        match self {
            Self::Dial(_) => OperationKind::Dial,
            Self::HangUp(_) => OperationKind::HangUp,
            Self::BindSeat(_) => OperationKind::BindSeat,
            Self::Records(_) => OperationKind::Records,
            Self::Recording(_) => OperationKind::Recording,
            Self::Balance(_) => OperationKind::Balance,
            Self::Download(_) => OperationKind::Download,
        }
    }

    /// Reads an operation from its name and its parameters. Their values are checked when the request is prepared. `read_own` reads the
    /// fields of a dial that only the platform has, whose names are `own_names`. `find_meant` gives Ringback's word for a platform's own
    /// name, see [`Options::check_names_of`].
    ///
    /// # Errors
    /// `unsupported` for an unknown name, `invalid-argument` naming the parameter.
    pub(crate) fn read(
        name: &str,
        parameters: Value,
        own_names: &[&'static str],
        read_own: impl Fn(&mut Options) -> Result<OwnFields, Error>,
        find_meant: impl Fn(&str) -> Option<&'static str>,
    ) -> Result<Self, Error> {
        let Some(kind) = OperationKind::named(name) else {
            return Err(Error::new(
                ErrorCode::Unsupported,
                ErrorReason::UnknownOperation,
                Delivery::NotSent,
                "no platform has an operation of this name",
            )
            .with_hint("dial, hangUp, bindSeat, records, recording and balance are the operations")
            .expecting(&OperationKind::PUBLIC.map(OperationKind::as_str)));
        };
        if kind == OperationKind::Recording {
            return read_recording(parameters).map(Self::Recording);
        }
        let mut given = match (kind, parameters) {
            (OperationKind::HangUp, Value::Text(call_id)) => Options::default().with("callId", Value::Text(call_id)),
            (_, parameters) => Options::from_value(parameters).ok_or_else(|| {
                Error::invalid(ErrorReason::WrongType, kind.as_str(), "its parameters are not an object", kind.usage())
                    .expecting(&["object"])
            })?,
        };
        let mut known = kind.parameters().to_vec();
        if kind == OperationKind::Dial {
            known.extend(own_names);
        }
        given.check_names_of(&format!("parameter of {name}"), &known, find_meant)?;
        Ok(match kind {
            OperationKind::Dial => Self::Dial(read_dial(&mut given, read_own)?),
            OperationKind::HangUp => Self::HangUp(HangUp { call_id: trim(given.require_text("callId", CALL_ID_HINT.en)?) }),
            OperationKind::BindSeat => Self::BindSeat(BindSeat {
                seat: trim(given.require_text("seat", SEAT_HINT.en)?),
                phone: given.require_text("phone", PHONE_HINT.en)?,
            }),
            OperationKind::Records => Self::Records(RecordRange {
                from: given.require_text("from", INSTANT_HINT.en)?,
                to: given.require_text("to", INSTANT_HINT.en)?,
                after: given.take_text("after", CURSOR_HINT.en)?,
            }),
            OperationKind::Balance => Self::Balance(Balance {}),
            OperationKind::Recording | OperationKind::Download => {
                Self::Download(Download { url: given.require_text("url", "pass the recording's address")? })
            }
        })
    }

    /// Lists the phone numbers in it, which no message may show. Those in a platform's own fields are not known here.
    pub(crate) fn numbers(&self) -> Vec<&str> {
        match self {
            Self::Dial(dial) => {
                let parties = [&dial.caller, &dial.callee].into_iter();
                parties.chain(dial.extra.values().filter(|value| phone::looks_like_number(value))).map(String::as_str).collect()
            }
            Self::BindSeat(bind) => vec![&bind.phone],
            _ => Vec::new(),
        }
    }
}

const NUMBER_HINT: Text =
    Text::new("give it like \"13800000001\" or \"0755-28000123\"", "请传入一个号码，例如 `13800000001` 或 `0755-28000123`");
const PHONE_HINT: Text = Text::new("pass the phone that the seat dials from", "请传入坐席使用的电话号码");
pub(crate) const CALL_ID_HINT: Text = Text::new("pass the id that dial returned", "请传入 `dial` 返回的通话标识");
const CALL_HINT: Text = Text::new("pass the id that dial returned, or the record", "请传入 `dial` 返回的通话标识，或话单");
pub(crate) const SEAT_HINT: Text = Text::new("pass the seat's number, like \"PP7568032251\"", "请传入坐席号，例如 `PP7568032251`");
pub(crate) const REFERENCE_HINT: Text =
    Text::new("pass your own id for this dial, or leave it out", "请传入您自己给这次呼叫的标识，或不传");
const INSTANT_HINT: Text =
    Text::new("pass a Date or ISO 8601 with an offset", "请传入 Date，或带时区偏移的 ISO 8601 文本，例如 `2020-03-02T17:48:15+08:00`");
const CURSOR_HINT: Text = Text::new("pass a page's cursor", "请原样传入某一页的 `cursor`");

/// The hints of the parameters that every platform has.
pub(crate) const HINTS: &[(&str, Text)] = &[
    ("caller", NUMBER_HINT),
    ("callee", NUMBER_HINT),
    ("phone", PHONE_HINT),
    ("callId", CALL_ID_HINT),
    ("call", CALL_HINT),
    ("seat", SEAT_HINT),
    ("reference", REFERENCE_HINT),
    ("from", INSTANT_HINT),
    ("to", INSTANT_HINT),
    ("after", CURSOR_HINT),
];

/// Removes surrounding spaces from an id: the documents' own samples have them.
fn trim(text: String) -> String {
    text.trim().to_owned()
}

fn read_dial(given: &mut Options, read_own: impl Fn(&mut Options) -> Result<OwnFields, Error>) -> Result<Dial, Error> {
    Ok(Dial {
        caller: given.require_text("caller", NUMBER_HINT.en)?,
        callee: given.require_text("callee", NUMBER_HINT.en)?,
        reference: given.take_text("reference", REFERENCE_HINT.en)?.map(trim),
        own: read_own(given)?,
        extra: given.take_texts_by_name("extra")?,
        bound_until: None,
    })
}

/// Reads a call id, a record, or an object that has one of them as `call`.
fn read_recording(parameters: Value) -> Result<RecordingOf, Error> {
    let wrong = || {
        Error::invalid(ErrorReason::WrongType, "call", "is neither a call id nor a CallRecord", CALL_HINT.en)
            .expecting(&["call id", "CallRecord"])
    };
    let mut given = match parameters {
        Value::Text(call_id) if call_id.trim().is_empty() => {
            return Err(Error::invalid(ErrorReason::Empty, "call", "is empty", CALL_HINT.en));
        }
        Value::Text(call_id) => {
            return Ok(RecordingOf { call_id: Some(trim(call_id)), ..RecordingOf::default() });
        }
        Value::Object(given) => given,
        _ => return Err(wrong()),
    };
    match given.take("call") {
        Value::Absent => {}
        inner => return read_recording(inner),
    }
    let url = match given.take("recording") {
        Value::Object(mut recording) => recording.take_text("url", "leave it out")?,
        _ => given.take_text("url", "leave it out")?,
    };
    let of = RecordingOf {
        call_id: given.take_text("callId", CALL_HINT.en)?.map(trim),
        url,
        ended_at: given.take_text("endedAt", "leave it out")?,
    };
    if of.call_id.is_none() && of.url.is_none() { Err(wrong()) } else { Ok(of) }
}

words! {
    /// How a call will be found among the records.
    pub enum Correlation {
        /// By the platform's call id.
        CallId = "call-id" / "按平台的通话标识。",
        /// By the reference, which the platform echoes.
        Reference = "reference" / "按 `reference`，平台会随话单返回。",
        /// Not at all: the platform gives neither.
        None = "none" / "无法对应：平台两样都不给。",
    }
}

/// A call that the platform accepted.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// The platform's name.
    pub provider: &'static str,
    /// The account's name, where the client has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The platform's id of the call. Some platforms answer none: there the `reference` is the only way to find the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Your id for this dial, or the one that was made for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The number that the parties see, where the platform's answer names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_number: Option<String>,
    /// Until when the callee can call the virtual number back and reach the caller, ISO 8601 with an offset: the time of the request plus the
    /// binding's length. Then the platform ends the binding by itself. Absent on platforms that bind nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound_until: Option<String>,
    /// How this call will be found among the records. `none`: the platform promises no link between the two.
    pub correlation: Correlation,
    /// The platform's answer, complete.
    pub raw: Raw,
}

/// The answer may hold phone numbers.
impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("provider", &self.provider).field("id", &self.id).finish_non_exhaustive()
    }
}

/// A record of a push or page that could not be read. The records beside it are not lost.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct UnreadableRecord {
    /// Its position in the push or page, counted from 0.
    pub index: usize,
    /// The platform's name of the field that stopped the reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The byte of the body at which reading stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// The fault, for a person.
    pub reason: String,
    /// Its payload.
    pub raw: Raw,
}

/// A page as `interpret` gives it to programs that ask for the next page themselves.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct RecordPage {
    /// The records, in the platform's order.
    pub records: Vec<CallRecord>,
    /// Pass it as `after` to continue behind this page.
    pub cursor: String,
    /// This is the last page of the range.
    pub end: bool,
    /// Records of this page that could not be read.
    pub unreadable: Vec<UnreadableRecord>,
}

/// A recording that can be read: the body of this answer, or at `url`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordingStart {
    /// The answer's body is the recording.
    pub streamed: bool,
    /// The recording's address. Absent where the address holds a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it will be deleted, ISO 8601 with offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// The media type that came with the bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

/// The result of an operation. It serializes to the value that JavaScript gets; [`OperationResult::Done`] to null.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum OperationResult {
    /// Of dial.
    Call(Call),
    /// Of hangUp and bindSeat: done.
    Done,
    /// Of records.
    Page(RecordPage),
    /// Of recording.
    Recording(RecordingStart),
    /// Of balance: a decimal number as the platform wrote it; its unit is undocumented.
    Balance {
        /// The number, as JSON.
        remaining: Raw,
        /// The platform's whole answer.
        raw: Raw,
    },
}
