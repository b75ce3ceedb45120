//! Finds the records of a push, whatever the platform, a proxy or a queue wrapped them in.

use std::borrow::Cow;
use std::collections::BinaryHeap;

use super::{Ignored, ParsedPush, PushOptions};
use crate::http;
use crate::json::scan;
use crate::model::{Raw, UnreadableRecord};
use crate::payload::{self, Element, Unreadable};
use crate::provider::{Platform, PushContext};

/// The names of fields that wrap records at the platforms and their siblings, in any case.
const WRAPPERS: [&str; 4] = ["data", "feeLst", "list", "records"];
/// The deepest nesting of wrappers. Each is searched before it is read.
const MOST_WRAPPERS: u8 = 5;

/// Reads one push.
pub(crate) struct Reader<'a> {
    pub(super) platform: &'a Platform,
    pub(super) options: &'a PushOptions,
    pub(super) push: ParsedPush,
    /// True if there are more than `max_records`. Then the rest is not read.
    pub(super) has_too_many: bool,
    context: PushContext<'a>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(platform: &'a Platform, options: &'a PushOptions) -> Self {
        let push = ParsedPush {
            records: Vec::new(),
            unreadable: Vec::new(),
            ignored: Vec::new(),
            ack: (platform.ack)(&options.dialect),
            nack: (platform.nack)(),
        };
        let context = PushContext { account: options.account.as_deref(), zone: options.zone, query: &options.query };
        Self { platform, options, push, has_too_many: false, context }
    }

    /// Reads a whole body. `form` is the undecoded body, if it is not UTF-8.
    pub(super) fn body(&mut self, body: &str, form: &[u8]) -> Result<(), Unreadable> {
        if let Some(kind) = payload::compression(form) {
            return Err(Unreadable::whole(format!("it is compressed ({kind}) and must be decompressed first")));
        }
        let text = payload::trim_body(body);
        let shift = text.as_ptr() as usize - body.as_ptr() as usize;
        match text.as_bytes().first() {
            None => self.query(),
            Some(b'{' | b'[') => self.document(text, shift),
            // JSON within a JSON string, once.
            Some(b'"') => match payload::unquote(text) {
                Cow::Owned(inner) => self.document(&inner, 0),
                Cow::Borrowed(_) => Err(neither()),
            },
            Some(b'<') => Err(Unreadable { reason: format!("{}{}", neither().reason, payload::looks_like(text)), ..neither() }),
            Some(_) => self.form(text, if form == body.as_bytes() { text.as_bytes() } else { form.trim_ascii() }),
        }
    }

    /// Reads a push without a body, whose record may be in the query.
    fn query(&mut self) -> Result<(), Unreadable> {
        let element = Element::read_form(self.options.query.as_bytes(), None, self.options.decoder)?;
        if !self.holds_record_in(&element, MOST_WRAPPERS) {
            return Err(Unreadable { field: None, offset: Some(0), reason: "the body is empty".to_owned() });
        }
        self.element(&element);
        Ok(())
    }

    fn form(&mut self, text: &str, form: &[u8]) -> Result<(), Unreadable> {
        let content_type = self.options.content_type.as_deref();
        let is_multipart = content_type.unwrap_or_default().to_ascii_lowercase().starts_with("multipart/form-data");
        if is_multipart || text.starts_with("--") && payload::contains(text, "form-data") {
            let element = Element::read_multipart(text)?;
            self.element(&element);
        } else if payload::is_escaped_json(text) && !text.trim_end_matches('=').contains('=') {
            // JSON that was percent-encoded as a whole.
            return self.document(&http::decode_form(text.trim_end_matches('=')), 0);
        } else if text.contains('=') {
            let element = Element::read_form(form, content_type, self.options.decoder)?;
            self.element(&element);
        } else {
            return Err(neither());
        }
        Ok(())
    }

    /// Reads an object or an array that begins `shift` bytes into the body; or lines of such; or escaped JSON.
    fn document(&mut self, json: &str, shift: usize) -> Result<(), Unreadable> {
        let error = if json.starts_with('{') {
            match Element::read(json) {
                Ok(element) => {
                    self.element(&element);
                    return Ok(());
                }
                Err(error) => error,
            }
        } else {
            match payload::list(json) {
                Ok(items) => {
                    self.items(&items);
                    return Ok(());
                }
                Err(error) => error,
            }
        };
        if self.lines(json, shift) {
            return Ok(());
        }
        if let Some(json) = unescape_json(json) {
            return self.document(&json, 0);
        }
        Err(Unreadable::json(json, error.offset.unwrap_or_default(), shift))
    }

    /// Reads lines of JSON (NDJSON), if the first line is a value by itself. Returns whether it did.
    fn lines(&mut self, text: &str, shift: usize) -> bool {
        let Some((first, _)) = text.split_once('\n') else { return false };
        if scan::value(first.trim_end()).is_none() {
            return false;
        }
        let mut at = shift;
        for line in text.split_inclusive('\n') {
            let json = payload::trim_body(line);
            let start = at + (json.as_ptr() as usize - line.as_ptr() as usize);
            at += line.len();
            if json.is_empty() || self.is_full(1) {
                continue;
            }
            if scan::value(json).is_some() {
                self.value(json, MOST_WRAPPERS);
            } else {
                let reached = scan::read_object(json, &mut |_, _| {}).err().unwrap_or_default();
                self.note(Unreadable::json(json, reached, start), Raw::text(json));
            }
        }
        true
    }

    /// Reads the items of a list.
    pub(super) fn items(&mut self, items: &[&str]) {
        self.items_within(items, MOST_WRAPPERS);
    }

    fn items_within(&mut self, items: &[&str], depth: u8) {
        if self.is_full(items.len()) {
            return;
        }
        for item in items {
            self.value(item, depth);
        }
    }

    /// Returns true if `more` further records exceed `max_records`.
    fn is_full(&mut self, more: usize) -> bool {
        let count = self.push.records.len() + self.push.ignored.len() + self.push.unreadable.len();
        self.has_too_many |= self.options.max_records.is_some_and(|most| count.saturating_add(more) > most);
        self.has_too_many
    }

    /// Reads a JSON value: a record, or a wrapper of records.
    fn value(&mut self, json: &str, depth: u8) {
        match json.as_bytes().first() {
            Some(b'{') => match Element::read(json) {
                Ok(element) => self.element_within(&element, depth),
                Err(error) => self.note(error, payload::to_raw(json)),
            },
            Some(b'[') if self.holds_record(json, depth) => {
                let items = payload::list(json).unwrap_or_default();
                self.items_within(&items, depth.saturating_sub(1));
            }
            Some(b'"') if depth > 0 => match payload::unquote(json) {
                Cow::Owned(inner) if self.holds_record(&inner, depth - 1) => self.value(&inner, depth - 1),
                _ => self.note_kind(json),
            },
            _ => self.note_kind(json),
        }
    }

    fn note_kind(&mut self, json: &str) {
        self.note(Unreadable::whole(format!("{}, not an object", payload::name_kind(json))), payload::to_raw(json));
    }

    /// Reads one object or form.
    pub(super) fn element(&mut self, element: &Element<'_>) {
        self.element_within(element, MOST_WRAPPERS);
    }

    fn element_within(&mut self, element: &Element<'_>, depth: u8) {
        if let Some(error) = self.platform.refuse_push.and_then(|refuse| refuse(element)) {
            return self.note(error, element.raw());
        }
        if let Some(event) = self.platform.other_event(element) {
            return self.push.ignored.push(Ignored { event, raw: element.raw() });
        }
        let is_record = self.platform.is_record(element);
        // An object with a call id is a record, whatever else it has. Other marker fields may belong to a wrapper.
        if !(is_record && self.platform.has_call_id(element)) && depth > 0 && self.wrapper(element, is_record, depth - 1) {
            return;
        }
        if is_record {
            return self.push.records.push(self.platform.record(element, &self.context));
        }
        let markers = self.platform.marker_fields;
        let nested = if element.is_nested_form() { "; it looks like PHP's nested form (name[0][field])" } else { "" };
        let reason = format!("this is no call record: none of {} is there{nested}", markers.join(", "));
        self.note(Unreadable::field(markers.first().copied().unwrap_or_default(), reason), element.raw());
    }

    /// Reads the records that an element wraps. Returns whether it wraps any.
    fn wrapper(&mut self, element: &Element<'_>, is_record: bool, depth: u8) -> bool {
        let held = element.wrapped();
        if held.is_empty() {
            return false;
        }
        let is_named = |name: &str| WRAPPERS.iter().any(|wrapper| name.eq_ignore_ascii_case(wrapper));
        let is_number = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
        let is_numbered = held.iter().all(|(name, _)| is_number(name));
        let mut inner: Vec<&(&str, Cow<'_, str>)> = held.iter().filter(|(_, json)| self.holds_record(json, depth)).collect();
        // An element with marker fields of its own wraps only what is in a field with a wrapper's name.
        if is_record || inner.iter().any(|(name, _)| is_named(name)) {
            inner.retain(|(name, _)| is_named(name));
        } else if is_numbered && !inner.is_empty() {
            inner = held.iter().collect();
        } else if inner.is_empty() {
            // It wraps no record: each item is reported by itself, and an empty list is a push without records.
            inner.extend(held.iter().find(|(name, json)| is_named(name) && json.starts_with('[')));
        }
        // In the order of their numbers, if the names are numbers: JSON objects have no order.
        if inner.iter().all(|(name, _)| is_number(name)) {
            let numbers = inner.iter().map(|(name, _)| name.trim_start_matches('0'));
            // Sorted by a heap: in the wasm, that is a fifth of the code of `sort`.
            let order: BinaryHeap<_> = numbers.enumerate().map(|(at, digits)| (digits.len(), digits, at)).collect();
            inner = order.into_sorted_vec().into_iter().map(|(.., at)| inner[at]).collect();
        }
        for (name, json) in &inner {
            match payload::list(json) {
                _ if scan::value(json).is_none() => {
                    self.note(Unreadable::whole(format!("{name} holds no valid JSON{}", payload::looks_like(json))), Raw::text(json));
                }
                Ok(items) => self.items_within(&items, depth),
                Err(_) => self.value(json, depth),
            }
        }
        !inner.is_empty()
    }

    /// Returns true if a JSON text contains a record or another event.
    fn holds_record(&self, json: &str, depth: u8) -> bool {
        match json.as_bytes().first() {
            Some(b'{') => Element::read(json).is_ok_and(|element| self.holds_record_in(&element, depth)),
            Some(b'[') if depth > 0 => payload::list(json).is_ok_and(|items| items.iter().any(|item| self.holds_record(item, depth - 1))),
            Some(b'"') if depth > 0 => match payload::unquote(json) {
                Cow::Owned(inner) => self.holds_record(&inner, depth - 1),
                Cow::Borrowed(_) => false,
            },
            _ => false,
        }
    }

    fn holds_record_in(&self, element: &Element<'_>, depth: u8) -> bool {
        self.platform.is_record(element)
            || self.platform.other_event(element).is_some()
            || depth > 0 && element.wrapped().iter().any(|(_, json)| self.holds_record(json, depth - 1))
    }

    fn note(&mut self, error: Unreadable, raw: Raw) {
        self.push.unreadable.push(UnreadableRecord {
            index: self.push.records.len() + self.push.ignored.len() + self.push.unreadable.len(),
            field: error.field.map(str::to_owned),
            offset: error.offset,
            reason: error.reason,
            raw,
        });
    }
}

fn neither() -> Unreadable {
    Unreadable { field: None, offset: Some(0), reason: "neither a JSON object or array nor a form".to_owned() }
}

/// Removes the backslash before each quote, which PHP's magic quotes add.
fn unescape_json(json: &str) -> Option<String> {
    let inner = json.trim_start_matches(['[', '{', ' ', '\t', '\r', '\n']);
    if !inner.starts_with("\\\"") {
        return None;
    }
    let text = scan::decode(&["\"", json, "\""].concat())?.into_owned();
    scan::value(&text).map(|_| text)
}
