//! A push's bytes become call records and the answer, good or bad, that the platform expects.

mod admission;

use serde::Serialize;

pub use admission::{Admission, Arrival, Receiver, Refusal};

use crate::http::{self, Reply};
use crate::model::{CallRecord, Delivery, Error, ErrorCode, Fields, Raw, UnreadableRecord, Zone};
use crate::payload::{self, Element, Elements, Unreadable};
use crate::provider::{self, Dialect, Platform, PushContext, Pushed};

/// What is known of a push besides its body.
#[derive(Clone, Debug)]
pub struct PushOptions {
    /// The `content-type` header.
    pub content_type: Option<String>,
    /// The push address's query, without `?`.
    pub query: String,
    /// The account's name; it enters the records' keys.
    pub account: Option<String>,
    /// The zone of times without one.
    pub zone: Zone,
    /// How the platform's document is read where it is ambiguous.
    pub dialect: Dialect,
    /// The most records in one push: nothing is read of one that has more. `None`: no limit.
    pub max_records: Option<usize>,
}

impl Default for PushOptions {
    fn default() -> Self {
        Self {
            content_type: None,
            query: String::new(),
            account: None,
            zone: Zone::BEIJING,
            dialect: Dialect::default(),
            max_records: None,
        }
    }
}

impl PushOptions {
    /// Takes the options that `parsePush` has out of the bag.
    ///
    /// # Errors
    /// `invalid-argument` naming the option.
    pub fn take(platform: &Platform, options: &mut Fields) -> Result<Self, Error> {
        let read = Self {
            content_type: content_type(options),
            query: query(options),
            account: provider::account_name(options, "account"),
            zone: provider::zone(options),
            dialect: platform.read_dialect(options),
            max_records: None,
        };
        options.check().map(|()| read)
    }
}

/// Whatever is no header is no reason to lose a push.
fn content_type(options: &mut Fields) -> Option<String> {
    if let crate::model::Value::Text(text) = options.take("contentType") { Some(text) } else { None }
}

/// An empty query is none, and a leading `?` is the address's, not the query's.
fn query(options: &mut Fields) -> String {
    match options.take("query") {
        crate::model::Value::Absent => String::new(),
        crate::model::Value::Text(text) => text.strip_prefix('?').unwrap_or(&text).to_owned(),
        _ => options.complain("query", "is not text", "pass the push address's query string"),
    }
}

/// What a push held.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ParsedPush {
    /// The call records.
    pub records: Vec<CallRecord>,
    /// What of the push could not be read.
    pub unreadable: Vec<UnreadableRecord>,
    /// Genuine pushes that are no call record.
    pub ignored: Vec<Ignored>,
    /// The answer once everything is kept.
    pub ack: Reply,
    /// The answer that makes the platform try again, if it does.
    pub nack: Reply,
    #[serde(skip)]
    limit: Limit,
}

/// How many elements a push may have. They are counted before any of them is read.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Limit {
    most: usize,
    exceeded: bool,
}

/// A genuine push of another event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ignored {
    /// The event's name.
    pub event: String,
    /// The payload.
    pub raw: Raw,
}

/// Reads a push: JSON or a form, one record or many.
///
/// # Errors
/// `malformed-push` when nothing of it can be read; the error carries the platform's nack.
pub fn parse_push(platform: &Platform, body: &str, options: &PushOptions) -> Result<ParsedPush, Error> {
    let elements = payload::elements(body, options.content_type.as_deref()).map_err(|error| malformed(platform, options, &error))?;
    parse_elements(platform, elements, options)
}

/// The same of a body that was taken apart already.
pub(crate) fn parse_elements(platform: &Platform, elements: Elements<'_>, options: &PushOptions) -> Result<ParsedPush, Error> {
    let context = PushContext { account: options.account.as_deref(), zone: options.zone, query: &options.query };
    let ack = (platform.ack)(&options.dialect);
    let limit = Limit { most: options.max_records.unwrap_or(usize::MAX), exceeded: false };
    let mut push = ParsedPush { records: Vec::new(), unreadable: Vec::new(), ignored: Vec::new(), ack, nack: (platform.nack)(), limit };
    match elements {
        Elements::One(element) => push.unwrap(platform, &element, &context),
        Elements::Many(items) => push.read_items(items, |push, element| push.unwrap(platform, element, &context)),
    }
    if push.limit.exceeded {
        return Err(push_error(platform, options, format!("{} push holds more than {} records (maxRecords)", platform.name, limit.most)));
    }
    match push.unreadable.first() {
        Some(first) if push.records.is_empty() && push.ignored.is_empty() => Err(all_unreadable(platform, options, first)),
        _ => Ok(push),
    }
}

/// Reads a push from bytes, which must be UTF-8: a host decodes other encodings (see [`foreign_charset`]) and passes text.
///
/// # Errors
/// As [`parse_push`].
pub fn parse_push_bytes(platform: &Platform, body: &[u8], options: &PushOptions) -> Result<ParsedPush, Error> {
    match std::str::from_utf8(body) {
        Ok(text) => parse_push(platform, text, options),
        Err(error) => {
            let at = error.valid_up_to();
            Err(malformed(platform, options, &Unreadable { field: None, offset: Some(at), reason: format!("not UTF-8 at byte {at}") }))
        }
    }
}

impl ParsedPush {
    fn count(&self) -> usize {
        self.records.len() + self.ignored.len() + self.unreadable.len()
    }

    fn note(&mut self, error: Unreadable, raw: Raw) {
        self.unreadable.push(UnreadableRecord {
            index: self.count(),
            field: error.field.map(str::to_owned),
            offset: error.offset,
            reason: error.reason,
            raw,
        });
    }

    fn read(&mut self, platform: &Platform, element: &Element<'_>, context: &PushContext<'_>) {
        match platform.record(element, context) {
            Ok(Pushed::Record(record)) => self.records.push(*record),
            Ok(Pushed::Ignored { event }) => self.ignored.push(Ignored { event, raw: element.raw() }),
            Err(error) => self.note(error, element.raw()),
        }
    }

    /// Reads an element, or the list of records that it wraps.
    fn unwrap(&mut self, platform: &Platform, element: &Element<'_>, context: &PushContext<'_>) {
        let list = match platform.unwrap.map(|unwrap| unwrap(element)) {
            None | Some(Ok(None)) => return self.read(platform, element, context),
            Some(Ok(Some(list))) => list,
            Some(Err(error)) => return self.note(error, element.raw()),
        };
        let whole = format!("[{list}]");
        match payload::list(if list.starts_with('[') { &list } else { &whole }) {
            Ok(items) => self.read_items(items, |push, element| push.read(platform, element, context)),
            Err(error) => self.note(error, payload::raw_of(&list)),
        }
    }

    fn read_items(&mut self, items: Vec<&str>, read: impl Fn(&mut Self, &Element<'_>)) {
        self.limit.exceeded |= self.count().saturating_add(items.len()) > self.limit.most;
        for item in items {
            if self.limit.exceeded {
                return;
            }
            match Element::of(item) {
                Ok(element) => read(self, &element),
                Err((error, raw)) => self.note(error, raw),
            }
        }
    }
}

fn malformed(platform: &Platform, options: &PushOptions, error: &Unreadable) -> Error {
    let place = error.field.map(|field| format!("{field}: ")).unwrap_or_default();
    let message = format!("{} push cannot be read: {place}{}", platform.name, error.reason);
    push_error(platform, options, message)
}

fn all_unreadable(platform: &Platform, options: &PushOptions, first: &UnreadableRecord) -> Error {
    let place = first.field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default();
    push_error(platform, options, format!("{} push cannot be read: record {}: {place}{}", platform.name, first.index, first.reason))
}

fn push_error(platform: &Platform, options: &PushOptions, message: String) -> Error {
    let mut error = Error::new(ErrorCode::MalformedPush, Delivery::NotSent, message)
        .with_hint("keep its bytes, and answer with nack until they are kept");
    error.provider = Some(platform.name);
    error.account.clone_from(&options.account);
    error.nack = Some((platform.nack)());
    error
}

/// The push in an envelope, as a receiver kept it: what `parsePush` returns.
///
/// # Errors
/// `invalid-argument` for an envelope that is none, else as [`parse_push`].
pub fn process_push(envelope: &Element<'_>) -> Result<ParsedPush, Error> {
    process_push_beside(envelope, None, None)
}

/// The same where the envelope's body may have come beside it.
pub(crate) fn process_push_beside(envelope: &Element<'_>, body: Option<&[u8]>, max_records: Option<usize>) -> Result<ParsedPush, Error> {
    let text = |name: &'static str| {
        envelope.try_text(name).map_err(|error| Error::invalid(name, &error.reason, "pass the envelope as it was kept"))
    };
    let platform = provider::platform(&text("provider")?.unwrap_or_default())?;
    let mut fields = Fields::default();
    for name in ["account", "contentType", "query", "timeZone"] {
        if let Some(value) = text(name)? {
            fields = fields.with(name, crate::model::Value::Text(value));
        }
    }
    if let Some(dialect) = envelope.json("dialect") {
        fields = fields.with("dialect", crate::model::Value::Object(Fields::from_json("dialect", dialect)?));
    }
    let options = PushOptions { max_records, ..PushOptions::take(platform, &mut fields)? };
    // What no encoding explains is read all the same: numbers, times and ids are ASCII.
    if let Some(bytes) = body {
        return parse_push(platform, &String::from_utf8_lossy(bytes), &options);
    }
    if let Some(encoded) = text("bodyHex")? {
        let bytes = hex::decode(encoded).map_err(|_| Error::invalid("bodyHex", "is not hex", "pass the envelope as it was kept"))?;
        return parse_push(platform, &String::from_utf8_lossy(&bytes), &options);
    }
    match envelope.json("body") {
        // A framework may have parsed the body before it was kept.
        Some(json) if json.starts_with(['{', '[']) => parse_push(platform, json, &options),
        _ => parse_push(platform, &text("body")?.unwrap_or_default(), &options),
    }
}

/// Whether a line is an envelope rather than a push.
pub(crate) fn is_envelope(element: &Element<'_>) -> bool {
    element.has("provider") && element.has("receivedAt") && (element.has("body") || element.has("bodyHex"))
}

/// How far a host has come with a body's encoding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Decoding {
    /// The bytes are as they came.
    None,
    /// It is text: of a form only the escapes are as they came.
    Text,
    /// The host has done what it can.
    Done,
}

/// The encoding that the host must decode a body from before it is read; nothing where it can be read as it is. Of a form this goes for
/// what its escapes stand for, too.
#[must_use]
pub fn foreign_charset(content_type: Option<&str>, body: &[u8], decoding: Decoding) -> Option<String> {
    let wanting = match decoding {
        Decoding::None => true,
        Decoding::Text => is_escaped_form(content_type) && body.contains(&b'%'),
        Decoding::Done => false,
    };
    http::charset(content_type).filter(|_| wanting)
}

fn is_escaped_form(content_type: Option<&str>) -> bool {
    let media_type = content_type.and_then(|content_type| content_type.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
