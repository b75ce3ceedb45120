//! A platform's JSON or form, read without losing anything: values are decoded only where somebody asks for them, and the text stays.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::http;
use crate::json::{quote, scan};
use crate::model::{Raw, Timestamp, Zone};

/// Ten times what the longest record has. Each name is compared with those before it, so that a form of a hundred thousand would keep a
/// process busy for seconds.
const MOST_FORM_FIELDS: usize = 500;
/// RFC 2046 5.1.1: 70 characters, and the two hyphens before them. A boundary as long as half the body would be compared at every byte
/// of the other half.
const LONGEST_BOUNDARY: usize = 72;

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The platform's name of the field, where one field is at fault.
    pub field: Option<&'static str>,
    /// The byte at which reading stopped.
    pub offset: Option<usize>,
    /// What is wrong.
    pub reason: String,
}

impl Unreadable {
    /// A fault of the whole.
    pub fn whole(reason: impl Into<String>) -> Self {
        Self { field: None, offset: None, reason: reason.into() }
    }

    /// A fault of one field.
    pub fn field(field: &'static str, reason: impl Into<String>) -> Self {
        Self { field: Some(field), offset: None, reason: reason.into() }
    }

    fn json(at: usize) -> Self {
        Self { field: None, offset: Some(at), reason: format!("not valid JSON at byte {at}") }
    }
}

/// What is wrong with an element, and its payload.
pub type UnreadableElement = (Unreadable, Raw);

/// The elements of a body.
pub enum Elements<'a> {
    /// One JSON object, or one form.
    One(Element<'a>),
    /// The items of a JSON array.
    Many(Vec<&'a str>),
}

/// Tells the elements of a body.
///
/// # Errors
/// Where the body stops being readable.
pub fn elements<'a>(body: &'a str, content_type: Option<&str>) -> Result<Elements<'a>, Unreadable> {
    // In whatever order they stand: an envelope's reader has taken the white space off before.
    let text = body.trim_start_matches(|first: char| first == '\u{feff}' || first.is_whitespace()).trim_end();
    let shift = text.as_ptr() as usize - body.as_ptr() as usize;
    match text.as_bytes().first() {
        None => Err(Unreadable { field: None, offset: Some(0), reason: "the body is empty".to_owned() }),
        Some(b'[') => list(text).map(Elements::Many).map_err(|error| error.shifted(shift)),
        Some(b'{') => Element::read(text).map(Elements::One).map_err(|error| error.shifted(shift)),
        Some(_) => Element::of_form(text, content_type).map(Elements::One),
    }
}

impl Unreadable {
    fn shifted(mut self, by: usize) -> Self {
        if let Some(offset) = &mut self.offset {
            *offset += by;
            self.reason = format!("not valid JSON at byte {offset}");
        }
        self
    }
}

/// The items of a JSON array.
///
/// # Errors
/// Where it stops being one.
pub fn list(json: &str) -> Result<Vec<&str>, Unreadable> {
    scan::array(json).map_err(Unreadable::json)
}

/// One object, its values still undecoded.
pub struct Element<'a> {
    fields: Vec<(Cow<'a, str>, Field<'a>)>,
    /// The object's own text; nothing for a form.
    json: Option<&'a str>,
    /// No double gives some number of it back.
    has_long_number: bool,
    /// The first field that could not be read.
    fault: OnceCell<Unreadable>,
}

enum Field<'a> {
    /// JSON text.
    Json(&'a str),
    /// A form's value.
    Text(String),
}

impl<'a> Element<'a> {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// Where it stands and what is wrong.
    pub fn read(json: &'a str) -> Result<Self, Unreadable> {
        let mut fields = Vec::with_capacity(24);
        let has_long_number = scan::object(json, &mut |name, value| fields.push((name, Field::Json(value)))).map_err(Unreadable::json)?;
        Ok(Self { fields, json: Some(json), has_long_number, fault: OnceCell::new() })
    }

    /// An item of an array as an element, or why not, with its payload.
    ///
    /// # Errors
    /// Where it stands and what is wrong.
    pub fn of(json: &'a str) -> Result<Self, UnreadableElement> {
        if json.starts_with('{') {
            Self::read(json).map_err(|error| (error, raw_of(json)))
        } else {
            Err((Unreadable::whole(format!("{}, not an object", kind_of(json))), raw_of(json)))
        }
    }

    fn of_form(text: &'a str, content_type: Option<&str>) -> Result<Self, Unreadable> {
        let media_type = content_type.unwrap_or_default().to_ascii_lowercase();
        let fields: Vec<(String, String)> = if media_type.starts_with("multipart/form-data") {
            multipart_fields(text).ok_or_else(|| Unreadable::whole("multipart form without readable parts"))?
        } else if contains(&media_type, "json") || !text.contains('=') {
            return Err(Unreadable { field: None, offset: Some(0), reason: "neither a JSON object or array nor a form".to_owned() });
        } else {
            http::pairs(text).collect()
        };
        if fields.len() > MOST_FORM_FIELDS {
            return Err(Unreadable::whole(format!("a form of more than {MOST_FORM_FIELDS} fields")));
        }
        Ok(Self {
            fields: fields.into_iter().map(|(name, value)| (Cow::Owned(name), Field::Text(value))).collect(),
            json: None,
            has_long_number: false,
            fault: OnceCell::new(),
        })
    }

    /// The payload, whole, as JSON that any reader reads without rounding.
    pub fn raw(&self) -> Raw {
        match self.json {
            Some(json) if self.has_long_number => raw_of(json),
            Some(json) => Raw::trusted(json.to_owned()),
            None => Raw::trusted(self.form_as_json()),
        }
    }

    /// A name that a form gives twice holds the list of its values.
    fn form_as_json(&self) -> String {
        let mut out = String::from("{");
        for (at, (name, _)) in self.fields.iter().enumerate() {
            if self.fields[..at].iter().any(|(other, _)| other == name) {
                continue;
            }
            if at > 0 {
                out.push(',');
            }
            quote(&mut out, name);
            out.push(':');
            let start = out.len();
            let mut count = 0;
            for (_, field) in self.fields.iter().filter(|(other, _)| other == name) {
                if count > 0 {
                    out.push(',');
                }
                count += 1;
                match field {
                    Field::Text(text) => quote(&mut out, text),
                    Field::Json(json) => out.push_str(json),
                }
            }
            if count > 1 {
                out.insert(start, '[');
                out.push(']');
            }
        }
        out.push('}');
        out
    }

    /// All fields in their order: names, and values as they came.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.fields.iter().map(|(name, field)| {
            let value = match field {
                Field::Json(json) => json,
                Field::Text(text) => text.as_str(),
            };
            (name.as_ref(), value)
        })
    }

    /// Whether it has a field of that name, in any case.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// An exact name wins over one in another case.
    fn find(&self, name: &str) -> Option<&Field<'a>> {
        let mut alike = None;
        for (key, field) in self.fields.iter().rev().filter(|(key, _)| key.len() == name.len()) {
            if key == name {
                return Some(field);
            }
            if alike.is_none() && key.eq_ignore_ascii_case(name) {
                alike = Some(field);
            }
        }
        alike
    }

    /// The undecoded JSON of a field; nothing for a missing one, null or a form's.
    pub fn json(&self, name: &str) -> Option<&'a str> {
        match self.find(name)? {
            Field::Json(json) if *json != "null" => Some(json),
            _ => None,
        }
    }

    /// A scalar as trimmed text: a number's own digits, `true` or `false`. Missing, null and blank are nothing.
    ///
    /// # Errors
    /// Where it stands and what is wrong.
    pub fn try_text(&self, name: &'static str) -> Result<Option<String>, Unreadable> {
        self.trimmed(name).map(|text| text.map(Cow::into_owned))
    }

    /// The same, borrowed where nothing had to be decoded.
    fn trimmed(&self, name: &'static str) -> Result<Option<Cow<'_, str>>, Unreadable> {
        let text = match self.find(name) {
            None | Some(Field::Json("null")) => return Ok(None),
            Some(Field::Text(text)) => Cow::Borrowed(text.as_str()),
            Some(Field::Json(json)) => scalar(json).ok_or_else(|| Unreadable::field(name, format!("{name} is {}", kind_of(json))))?,
        };
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
            Cow::Owned(text) => Cow::Owned(trim(&text).to_owned()),
        };
        Ok((!text.is_empty()).then_some(text))
    }

    /// As [`Element::text`], borrowed where nothing had to be decoded.
    fn borrowed(&self, name: &'static str) -> Option<Cow<'_, str>> {
        self.trimmed(name).unwrap_or_else(|error| self.note(error))
    }

    /// As [`Element::try_text`]; what cannot be read is nothing here, and noted for [`Element::fault`]. Whoever reads many fields asks
    /// once at the end instead of carrying half of his work out of each.
    pub fn text(&self, name: &'static str) -> Option<String> {
        self.try_text(name).unwrap_or_else(|error| self.note(error))
    }

    /// A time; blank and all-zero ones are nothing. Faults as with [`Element::text`].
    pub fn time(&self, name: &'static str, zone: Zone) -> Option<Timestamp> {
        let text = self.borrowed(name)?;
        if text.bytes().all(|byte| matches!(byte, b'0' | b'-' | b':' | b' ' | b'T' | b'/' | b'.')) {
            return None;
        }
        Timestamp::parse(&text, zone).or_else(|| self.note(Unreadable::field(name, format!("{name} is no date and time"))))
    }

    /// A count of seconds or minutes; part units are cut off, a negative count is nothing. Faults as with [`Element::text`].
    pub fn count(&self, name: &'static str) -> Option<u64> {
        let text = self.borrowed(name)?;
        let (whole, part) = text.split_once('.').unwrap_or((text.as_ref(), ""));
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        let sound = !digits.is_empty() && digits.len() <= 15 && digits.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit());
        if !sound {
            return self.note(Unreadable::field(name, format!("{name} is no count")));
        }
        whole.parse().ok()
    }

    fn note<T>(&self, fault: Unreadable) -> Option<T> {
        // The first one counts.
        let _ = self.fault.set(fault);
        None
    }

    /// The first field that was asked for and could not be read.
    pub fn fault(&self) -> Option<&Unreadable> {
        self.fault.get()
    }
}

/// Most values begin and end with a letter or a digit.
fn trim(text: &str) -> &str {
    let plain = |byte: Option<&u8>| byte.is_some_and(|byte| (b'!'..0x7f).contains(byte));
    if plain(text.as_bytes().first()) && plain(text.as_bytes().last()) { text } else { text.trim() }
}

fn scalar(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' => scan::decoded(json),
        b'{' | b'[' => None,
        _ => Some(Cow::Borrowed(json)),
    }
}

fn kind_of(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'"') => "text that cannot be decoded",
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// The same JSON with every number that a double cannot hold put into quotes.
pub fn raw_of(json: &str) -> Raw {
    let mut safe = String::new();
    let mut copied = 0;
    let bytes = json.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = end_of_string(bytes, at),
            b'-' | b'0'..=b'9' => {
                let end = bytes[at..]
                    .iter()
                    .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
                    .map_or(bytes.len(), |n| at + n);
                if !is_exact(&json[at..end]) {
                    safe.push_str(&json[copied..at]);
                    safe.push('"');
                    safe.push_str(&json[at..end]);
                    safe.push('"');
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    Raw::trusted(if copied == 0 { json.to_owned() } else { safe + &json[copied..] })
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

/// Whether a double gives this number's digits back.
fn is_exact(number: &str) -> bool {
    const LARGEST: u64 = (1 << 53) - 1;
    let digits = number.strip_prefix('-').unwrap_or(number);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.parse::<u64>().is_ok_and(|value| value <= LARGEST);
    }
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    mantissa.bytes().filter(u8::is_ascii_digit).count() <= 15 && exponent.parse::<i16>().is_ok_and(|exponent| exponent.abs() < 290)
}

pub(crate) fn contains(text: &str, mark: &str) -> bool {
    cut(text, mark).is_some()
}

/// The named parts of a multipart form; the boundary is its first line.
fn multipart_fields(text: &str) -> Option<Vec<(String, String)>> {
    let boundary = text.lines().next()?.trim_end();
    if !boundary.starts_with("--") || !(3..=LONGEST_BOUNDARY).contains(&boundary.len()) {
        return None;
    }
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let (part, after) = cut(rest, boundary).map_or((rest, None), |(part, after)| (part, Some(after)));
        fields.extend(multipart_field(part));
        let Some(after) = after else { break };
        rest = after;
    }
    (!fields.is_empty()).then_some(fields)
}

fn multipart_field(part: &str) -> Option<(String, String)> {
    let (head, value) = cut(part, "\r\n\r\n").or_else(|| cut(part, "\n\n"))?;
    let name = cut(head, "name=\"")?.1.split('"').next()?;
    let value = value.strip_suffix("\r\n").or_else(|| value.strip_suffix('\n')).unwrap_or(value);
    Some((name.to_owned(), value.to_owned()))
}

/// What stands before a mark and what behind. Forms are short: the searcher of `str`, made for haystacks, would weigh 2 KB in the wasm.
fn cut<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let at = text.as_bytes().windows(mark.len()).position(|window| window == mark.as_bytes())?;
    Some((&text[..at], &text[at + mark.len()..]))
}
