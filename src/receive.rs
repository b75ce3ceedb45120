//! Reads pushes: the bytes become call records and the two answers, ack and nack, that the platform expects.

mod admission;
mod reader;

use serde::Serialize;

pub(crate) use admission::HINTS;
pub use admission::{Admission, Arrival, PushHeaders, Receiver, ReceiverAccount, ReceiverLimits, Refusal};
pub(crate) use reader::Reader;

use crate::charset::{self, Decoder};
use crate::http::Answer;
use crate::json::{self, scan};
use crate::model::{CallRecord, Delivery, Error, ErrorCode, ErrorReason, Options, Raw, UnreadableRecord, Value, Zone};
use crate::payload::{Element, Unreadable};
use crate::provider::{self, Dialect, Platform};

/// The context of a push besides its body.
#[derive(Clone, Debug)]
pub struct PushOptions {
    /// The `content-type` header. It is only a hint: the bytes decide.
    pub content_type: Option<String>,
    /// The `content-encoding` header of a body that may still be compressed. Nothing here decompresses: the error of an unreadable body
    /// names it.
    pub content_encoding: Option<String>,
    /// The query of the push address, without `?`. If the body is empty and the query has a record, the query is the push.
    pub query: String,
    /// The account's name, which becomes part of the records' keys.
    pub account: Option<String>,
    /// The zone of times without one.
    pub zone: Zone,
    /// How the platform's document is read where it is ambiguous.
    pub dialect: Dialect,
    /// The most records in one push. A push with more is refused unread. `None`: no limit.
    pub max_records: Option<usize>,
    /// Decodes charsets other than UTF-8.
    pub decoder: Decoder,
}

impl Default for PushOptions {
    fn default() -> Self {
        Self {
            content_type: None,
            content_encoding: None,
            query: String::new(),
            account: None,
            zone: Zone::BEIJING,
            dialect: Dialect::default(),
            max_records: None,
            decoder: Decoder::default(),
        }
    }
}

impl PushOptions {
    /// The names of `parsePush`'s options.
    pub(crate) const NAMES: [&'static str; 5] = ["contentType", "query", "account", "timeZone", "dialect"];

    /// Reads `parsePush`'s options.
    ///
    /// # Errors
    /// `invalid-argument` naming the option.
    pub fn read(platform: &Platform, mut options: Options) -> Result<Self, Error> {
        options.check_names("option of parsePush", &Self::NAMES)?;
        Self::take(platform, &mut options)
    }

    /// Takes the same options out of others.
    pub(crate) fn take(platform: &Platform, options: &mut Options) -> Result<Self, Error> {
        Ok(Self {
            content_type: take_content_type(options),
            content_encoding: None,
            query: take_query(options)?,
            account: provider::read_account_name(options, "account")?,
            zone: provider::read_zone(options)?,
            dialect: Dialect::read(platform, options)?,
            max_records: None,
            decoder: Decoder::default(),
        })
    }
}

/// A value that is not a header is ignored: it is no reason to lose a push.
fn take_content_type(options: &mut Options) -> Option<String> {
    if let Value::Text(text) = options.take("contentType") { Some(text) } else { None }
}

/// Removes a leading `?`, which belongs to the address.
fn take_query(options: &mut Options) -> Result<String, Error> {
    match options.take("query") {
        Value::Absent => Ok(String::new()),
        Value::Text(text) => Ok(text.strip_prefix('?').unwrap_or(&text).to_owned()),
        _ => Err(Error::invalid(ErrorReason::NotText, "query", "is not text", "pass the push address's query string")),
    }
}

/// The content of a push.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct ParsedPush {
    /// The call records, normalized.
    pub records: Vec<CallRecord>,
    /// Records that could not be read, with their payloads.
    pub unreadable: Vec<UnreadableRecord>,
    /// Genuine pushes that are not call records. Acknowledge them all the same.
    pub ignored: Vec<Ignored>,
    /// The answer that this platform takes as an acknowledgement. Give it only when everything was kept.
    pub ack: Answer,
    /// The answer that makes this platform push again.
    pub nack: Answer,
}

/// A result of receiving that is written as JSON text.
pub trait ToJson: Serialize {
    /// Writes the result as JSON text in ASCII. A JavaScript engine decodes and reads that a third faster than text with other characters:
    /// it keeps one byte for each character.
    #[must_use]
    fn to_json(&self) -> String {
        json::to_ascii(json::to_json(self))
    }
}

impl ToJson for ParsedPush {}
impl ToJson for Admission {}
impl ToJson for &ReceiverAccount {}
impl ToJson for Refusal {}

/// A genuine push of another event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Ignored {
    /// The event's name.
    pub event: String,
    /// The payload.
    pub raw: Raw,
}

/// Reads a push: JSON or a form, one record or many, bare or wrapped.
///
/// # Errors
/// `malformed-push` when nothing of it can be read; the error carries the platform's nack.
pub fn parse_push(platform: &Platform, body: &str, options: &PushOptions) -> Result<ParsedPush, Error> {
    let mut reader = Reader::new(platform, options);
    let read = reader.body(body, body.as_bytes());
    finish(reader, read)
}

/// Reads a push from its bytes, by the rule of [`Response::text`](crate::Response::text).
///
/// # Errors
/// As [`parse_push`].
pub fn parse_push_bytes(platform: &Platform, body: &[u8], options: &PushOptions) -> Result<ParsedPush, Error> {
    let mut reader = Reader::new(platform, options);
    let text = charset::text(body, options.content_type.as_deref(), options.decoder);
    // The escapes of a form stand for bytes in the form's own charset; UTF-16 has none but its own characters.
    let form = if charset::is_utf_16(body) { text.as_bytes() } else { body };
    let read = reader.body(&text, form);
    finish(reader, read).map_err(|error| match find_compression(body, options) {
        Some(coding) => push_error(
            platform,
            options,
            ErrorReason::CompressedPush,
            format!("{} push cannot be read: the body is still compressed ({coding})", platform.name),
        ),
        None => error,
    })
}

/// Returns how an unreadable body is compressed. `None` for text.
fn find_compression<'a>(body: &[u8], options: &'a PushOptions) -> Option<&'a str> {
    if body.starts_with(&GZIP) {
        return Some("gzip");
    }
    let coding = options.content_encoding.as_deref().map(str::trim).filter(|coding| !coding.is_empty())?;
    let is_plain = coding.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b',' | b' '));
    let coding = if is_plain { coding } else { "by a coding without a plain name" };
    (std::str::from_utf8(body).is_err() && !coding.eq_ignore_ascii_case("identity")).then_some(coding)
}

/// The first bytes of a gzip file (RFC 1952).
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// Reads a push whose object was read already.
pub(crate) fn parse_element(platform: &Platform, element: &Element<'_>, options: &PushOptions) -> Result<ParsedPush, Error> {
    let mut reader = Reader::new(platform, options);
    reader.element(element);
    finish(reader, Ok(()))
}

/// Reads the records of a pulled list.
pub(crate) fn read_items(platform: &Platform, items: &[&str], options: &PushOptions) -> ParsedPush {
    let mut reader = Reader::new(platform, options);
    reader.items(items);
    reader.push
}

fn finish(reader: Reader<'_>, read: Result<(), Unreadable>) -> Result<ParsedPush, Error> {
    let Reader { platform, options, push, has_too_many, .. } = reader;
    if let Some(most) = options.max_records.filter(|_| has_too_many) {
        let message = format!("{} push holds more than {most} records (maxRecords)", platform.name);
        return Err(push_error(platform, options, ErrorReason::TooManyRecords, message).at_most(most));
    }
    read.map_err(|error| malformed(platform, options, &error))?;
    match push.unreadable.first() {
        Some(first) if push.records.is_empty() && push.ignored.is_empty() => Err(unreadable_push(platform, options, first)),
        _ => Ok(push),
    }
}

fn malformed(platform: &Platform, options: &PushOptions, error: &Unreadable) -> Error {
    let place = error.field.map(|field| format!("{field}: ")).unwrap_or_default();
    let message = format!("{} push cannot be read: {place}{}", platform.name, error.reason);
    push_error(platform, options, ErrorReason::UnreadablePush, message)
}

fn unreadable_push(platform: &Platform, options: &PushOptions, first: &UnreadableRecord) -> Error {
    let place = first.field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default();
    push_error(
        platform,
        options,
        ErrorReason::UnreadablePush,
        format!("{} push cannot be read: record {}: {place}{}", platform.name, first.index, first.reason),
    )
}

fn push_error(platform: &Platform, options: &PushOptions, reason: ErrorReason, message: String) -> Error {
    let mut error = Error::new(ErrorCode::MalformedPush, reason, Delivery::NotSent, message)
        .with_hint("keep its bytes, and answer with nack until they are kept");
    error.provider = Some(platform.name);
    error.account.clone_from(&options.account);
    error.nack = Some((platform.nack)());
    error
}

/// Reads the push in an envelope that a receiver kept. The result is that of [`parse_push`].
///
/// # Errors
/// `invalid-argument` for something else than an envelope; otherwise as [`parse_push`].
pub fn process_push(envelope: &Element<'_>) -> Result<ParsedPush, Error> {
    process_push_with(envelope, None, None, Decoder::default())
}

/// As [`process_push`], where the envelope's body may come beside it as bytes. Nothing is read of a push with more than `max_records`.
///
/// # Errors
/// As [`process_push`].
pub fn process_push_with(
    envelope: &Element<'_>,
    body: Option<&[u8]>,
    max_records: Option<usize>,
    decoder: Decoder,
) -> Result<ParsedPush, Error> {
    let text = |name: &'static str| {
        envelope
            .try_text(name)
            .map_err(|error| Error::invalid(ErrorReason::DamagedEnvelope, name, &error.reason, "pass the envelope as it was kept"))
    };
    let platform = provider::find_platform(&text("provider")?.unwrap_or_default())?;
    let mut given = Options::default();
    for name in ["account", "contentType", "query", "timeZone"] {
        if let Some(value) = text(name)? {
            given = given.with(name, Value::Text(value));
        }
    }
    if let Some(dialect) = envelope.json("dialect") {
        given = given.with("dialect", Value::Object(Options::from_json("dialect", dialect)?));
    }
    let content_encoding = envelope.text("contentEncoding");
    let options = PushOptions { content_encoding, max_records, decoder, ..PushOptions::take(platform, &mut given)? };
    if let Some(bytes) = body {
        return parse_push_bytes(platform, bytes, &options);
    }
    if let Some(encoded) = text("bodyHex")? {
        let bytes = hex::decode(encoded)
            .map_err(|_| Error::invalid(ErrorReason::DamagedEnvelope, "bodyHex", "is not hex", "pass the envelope as it was kept"))?;
        return parse_push_bytes(platform, &bytes, &options);
    }
    match envelope.json("body") {
        Some(json) if json.starts_with(['{', '[']) => match read_bytes(json) {
            Some(bytes) => parse_push_bytes(platform, &bytes, &options),
            // A framework parsed the body before it was kept.
            None => parse_push(platform, json, &options),
        },
        // A push whose record is in the query has an empty body.
        _ if envelope.has("body") => parse_push(platform, &text("body")?.unwrap_or_default(), &options),
        _ => Err(Error::invalid(
            ErrorReason::DamagedEnvelope,
            "body",
            "is missing",
            "pass the envelope as it was kept, with its body or bodyHex",
        )),
    }
}

/// Reads bytes as `JSON.stringify` writes them: an object with numbers as names (a `Uint8Array`), `{"type":"Buffer","data":[…]}` (Node), or
/// a list. `None` for anything else.
fn read_bytes(json: &str) -> Option<Vec<u8>> {
    let list = |json: &str| scan::read_array(json).ok()?.into_iter().map(|byte| byte.parse().ok()).collect::<Option<Vec<u8>>>();
    if json.starts_with('[') {
        return list(json).filter(|bytes| !bytes.is_empty());
    }
    let element = Element::read(json).ok()?;
    if element.try_text("type").ok()?.as_deref() == Some("Buffer") {
        return list(element.json("data")?);
    }
    let mut bytes = Vec::new();
    for (place, (name, value)) in element.members().enumerate() {
        if name.parse() != Ok(place) {
            return None;
        }
        bytes.push(value.parse().ok()?);
    }
    (!bytes.is_empty()).then_some(bytes)
}

/// Returns true if an object is an envelope rather than a push.
pub(crate) fn is_envelope(element: &Element<'_>) -> bool {
    element.has("provider") && element.has("receivedAt") && (element.has("body") || element.has("bodyHex"))
}

/// Returns true if an object is an envelope that has lost its body.
pub(crate) fn is_envelope_without_body(platform: &Platform, element: &Element<'_>) -> bool {
    element.has("provider") && element.has("receivedAt") && !platform.is_record(element)
}
