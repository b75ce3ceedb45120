//! A platform's JSON or form, read without losing anything: values are decoded only where somebody asks for them, and the text stays.

use std::borrow::Cow;
use std::cell::RefCell;

use crate::charset::{self, Decoder};
use crate::http;
use crate::json::{quote, scan};
use crate::model::{Problem, Raw, Timestamp, Zone, code, count};

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

    /// JSON that stops being JSON at this byte of `text`, which begins so many bytes into the body.
    pub(crate) fn json(text: &str, at: usize, shift: usize) -> Self {
        let at = at + shift;
        Self { field: None, offset: Some(at), reason: format!("not valid JSON at byte {at}{}", looks_like(text)) }
    }
}

/// What a text that cannot be read looks like, as the end of a reason.
pub(crate) fn looks_like(text: &str) -> &'static str {
    let inner = text.trim_start_matches(['[', '{', ' ', '\t', '\r', '\n']);
    if text.starts_with('<') {
        "; it looks like HTML or XML"
    } else if inner.starts_with("\\\"") {
        "; it looks like escaped JSON (a backslash before each quote)"
    } else if inner.starts_with('\'') {
        "; it looks like a Python dict (single quotes)"
    } else if contains(text, "\u{201c}") || contains(text, "\u{201d}") {
        "; it has curly quotes, as a word processor writes them"
    } else if contains(text, "\u{fffd}") {
        "; it has bytes that are no text in UTF-8 or in the charset that was named"
    } else {
        ""
    }
}

/// The body without byte-order marks and white space around it, in whatever order they stand: an envelope's reader has taken the white
/// space off before.
pub(crate) fn trimmed(body: &str) -> &str {
    body.trim_start_matches(|first: char| first == '\u{feff}' || first.is_whitespace()).trim_end()
}

/// JSON within a JSON string, once: the object or array that the string's text is. Any other text is itself.
pub(crate) fn unquoted(json: &str) -> Cow<'_, str> {
    if !json.starts_with('"') || scan::value(json).is_none() {
        return Cow::Borrowed(json);
    }
    match scan::decoded(json) {
        Some(text) if trimmed(&text).starts_with(['{', '[']) => Cow::Owned(trimmed(&text).to_owned()),
        _ => Cow::Borrowed(json),
    }
}

/// What compressed bytes are compressed with.
pub(crate) fn compression(body: &[u8]) -> Option<&'static str> {
    match body {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] if str::from_utf8(body).is_err() => Some("deflate"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        _ => None,
    }
}

/// The items of a JSON array.
///
/// # Errors
/// Where it stops being one.
pub fn list(json: &str) -> Result<Vec<&str>, Unreadable> {
    scan::array(json).map_err(|at| Unreadable::json(json, at, 0))
}

/// The items of a JSON array, or of an object that holds them by number, as PHP writes a list with gaps; any other object is the only item.
///
/// # Errors
/// Where it stops being readable.
pub(crate) fn items(json: &str) -> Result<Vec<&str>, Unreadable> {
    if !json.starts_with('{') {
        return list(json);
    }
    let (mut items, mut is_numbered) = (Vec::new(), true);
    let read = scan::object(json, &mut |name, value| {
        is_numbered &= !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
        items.push(value);
    });
    read.map_err(|at| Unreadable::json(json, at, 0))?;
    Ok(if is_numbered { items } else { vec![json] })
}

/// One object, its values still undecoded.
pub struct Element<'a> {
    fields: Vec<(Cow<'a, str>, Field<'a>)>,
    /// The object's own text; nothing for a form.
    json: Option<&'a str>,
    found: scan::Found,
    /// The fields that were asked for and could not be read.
    problems: RefCell<Vec<Unreadable>>,
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
        let found = scan::object(json, &mut |name, value| fields.push((name, Field::Json(value))));
        let found = found.map_err(|at| Unreadable::json(json, at, 0))?;
        Ok(Self { fields, json: Some(json), found, problems: RefCell::default() })
    }

    /// Reads a form. `body` is as it came: its escapes stand for bytes in the same charset.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn read_form(body: &[u8], content_type: Option<&str>, decoder: Decoder) -> Result<Element<'static>, Unreadable> {
        let pairs: Vec<&[u8]> = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).collect();
        if pairs.len() > MOST_FORM_FIELDS {
            return Err(too_many_fields());
        }
        let mut pieces = Vec::with_capacity(pairs.len() * 2);
        for pair in pairs {
            let mut parts = pair.splitn(2, |byte| *byte == b'=');
            pieces.extend([(); 2].map(|()| http::unescaped(parts.next().unwrap_or_default())));
        }
        let mut texts = charset::texts(pieces, content_type, decoder).into_iter();
        let mut fields = Vec::new();
        while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
            fields.push((name, value));
        }
        Ok(Element::of_texts(fields))
    }

    /// Reads a multipart form; the boundary is its first line.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn read_multipart(text: &str) -> Result<Element<'static>, Unreadable> {
        let fields = multipart_fields(text).ok_or_else(|| Unreadable::whole("multipart form without readable parts"))?;
        if fields.len() > MOST_FORM_FIELDS {
            return Err(too_many_fields());
        }
        Ok(Element::of_texts(fields))
    }

    fn of_texts(fields: Vec<(String, String)>) -> Element<'static> {
        Element {
            fields: fields.into_iter().map(|(name, value)| (Cow::Owned(name), Field::Text(value))).collect(),
            json: None,
            found: scan::Found::default(),
            problems: RefCell::default(),
        }
    }

    /// The payload, whole, as JSON that any reader reads without rounding: the text as it came, but for numbers that a double cannot hold
    /// and for what is only nearly JSON.
    pub fn raw(&self) -> Raw {
        match self.json {
            Some(json) if self.found.long_number || self.found.nearly => Raw::trusted(scan::rewritten(json)),
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
            Field::Json(json) if !scan::is_null(json) => Some(json),
            _ => None,
        }
    }

    /// The JSON that the field of this name holds: an object or an array, as such or as text.
    pub(crate) fn held(&self, name: &str) -> Option<Cow<'a, str>> {
        self.find(name).and_then(Self::inner)
    }

    /// The JSON that a field holds: an object or an array, as such or as text. Of a form it may be percent-encoded once more.
    fn inner(field: &Field<'a>) -> Option<Cow<'a, str>> {
        let text = match field {
            Field::Json(json) if json.starts_with(['{', '[']) => return Some(Cow::Borrowed(*json)),
            Field::Json(json) if json.starts_with('"') => scan::decoded(json)?.into_owned(),
            Field::Json(_) => return None,
            Field::Text(text) => text.clone(),
        };
        json_in(&text).map(|json| Cow::Owned(json.into_owned()))
    }

    /// The values that may wrap records: each field's name, and the JSON that it holds. The only name of a form without a value counts as
    /// one, too: that is JSON sent as a form.
    pub(crate) fn wrapped(&self) -> Vec<(&str, Cow<'a, str>)> {
        let mut held: Vec<(&str, Cow<'a, str>)> =
            self.fields.iter().filter_map(|(name, field)| Some((name.as_ref(), Self::inner(field)?))).collect();
        if let [(name, Field::Text(value))] = self.fields.as_slice()
            && value.is_empty()
            && let Some(json) = json_in(name)
        {
            held.push(("", Cow::Owned(json.into_owned())));
        }
        held
    }

    /// Whether its names are those of a form that PHP nests: `Data[0][sessionId]`.
    pub(crate) fn is_nested_form(&self) -> bool {
        self.json.is_none() && self.fields.iter().any(|(name, _)| name.ends_with(']') && name.contains('['))
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
            None => return Ok(None),
            Some(Field::Json(json)) if scan::is_null(json) => return Ok(None),
            Some(Field::Text(text)) => Cow::Borrowed(text.as_str()),
            Some(Field::Json(json)) => scalar(json).ok_or_else(|| Unreadable::field(name, format!("{name} is {}", kind_of(json))))?,
        };
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
            Cow::Owned(text) => Cow::Owned(trim(&text).to_owned()),
        };
        Ok((!text.is_empty()).then_some(text))
    }

    /// As [`Element::try_text`]; what cannot be read is nothing here, and noted as a problem.
    pub fn text(&self, name: &'static str) -> Option<String> {
        self.try_text(name).unwrap_or_else(|error| self.note(error))
    }

    /// What a record says under this name, borrowed where nothing had to be decoded. What languages write for none is nothing.
    fn told(&self, name: &'static str) -> Option<Cow<'_, str>> {
        self.trimmed(name).unwrap_or_else(|error| self.note(error)).filter(|text| !is_none(text))
    }

    /// A text of a record. What languages write for none (`null`, `None`, `N/A`, `-`, …) is nothing; `0` is a text.
    pub fn word(&self, name: &'static str) -> Option<String> {
        self.told(name).map(Cow::into_owned)
    }

    /// A reference, as the user gave it to the dial: `-` and `0` are such, and `null` is what the platform writes for none.
    pub fn reference(&self, name: &'static str) -> Option<String> {
        let text = self.trimmed(name).unwrap_or_else(|error| self.note(error))?;
        (text.starts_with('-') || !is_none(&text)).then(|| text.into_owned())
    }

    /// A phone number or an address of a record: a text in which 0 is none, as languages write it for no number.
    pub fn address(&self, name: &'static str) -> Option<String> {
        self.told(name).filter(|text| !text.bytes().all(|byte| byte == b'0')).map(Cow::into_owned)
    }

    /// A code of a record, without what JSON writers add to integers: `514` for `514.0` and `"514.0"`.
    pub fn code(&self, name: &'static str) -> Option<String> {
        self.told(name).map(|text| code::plain(&text).into_owned())
    }

    /// A time of a record. What languages write for none is nothing, and so is any time before 1990.
    pub fn time(&self, name: &'static str, zone: Zone) -> Option<Timestamp> {
        let text = self.told(name)?;
        match Timestamp::read(&text, zone) {
            Ok(time) => time,
            Err(looks_like) => self.note(Unreadable::field(name, format!("{name} is not a date and time{looks_like}"))),
        }
    }

    /// A count of seconds of a record; part seconds are cut off, a negative count is nothing.
    pub fn seconds(&self, name: &'static str) -> Option<u64> {
        self.counted(name, count::seconds, "a number of seconds")
    }

    /// A count of minutes of a record; part minutes are cut off, a negative count is nothing.
    pub fn minutes(&self, name: &'static str) -> Option<u64> {
        self.counted(name, count::minutes, "a number of minutes")
    }

    fn counted(&self, name: &'static str, read: fn(&str) -> Option<i64>, what: &str) -> Option<u64> {
        let text = self.told(name)?;
        match read(&text) {
            Some(count) => u64::try_from(count).ok(),
            None => self.note(Unreadable::field(name, format!("{name} is not {what}"))),
        }
    }

    fn note<T>(&self, fault: Unreadable) -> Option<T> {
        let mut problems = self.problems.borrow_mut();
        if problems.iter().all(|known| known.field != fault.field) {
            problems.push(fault);
        }
        None
    }

    /// The first field that was asked for and could not be read.
    pub fn fault(&self) -> Option<Unreadable> {
        self.problems.borrow().first().cloned()
    }

    /// Whether this field was asked for and could not be read: something is there, and nobody knows what.
    pub(crate) fn is_unreadable(&self, name: &str) -> bool {
        self.problems.borrow().iter().any(|problem| problem.field == Some(name))
    }

    /// All fields that were asked for and could not be read.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let of = |problem: &Unreadable| Some(Problem { field: problem.field?.to_owned(), reason: problem.reason.clone() });
        self.problems.borrow().iter().filter_map(of).collect()
    }
}

/// What languages, databases and spreadsheets write where there is nothing.
const NONE: [&str; 13] = ["null", "none", "nil", "undefined", "nan", "nat", "n/a", "-", "--", "(null)", "<null>", "<nil>", "\\n"];

fn is_none(text: &str) -> bool {
    text.len() <= 9 && NONE.iter().any(|none| text.eq_ignore_ascii_case(none))
}

/// The JSON object or array that a text is, also where it was percent-encoded once more.
fn json_in(text: &str) -> Option<Cow<'_, str>> {
    let text = trimmed(text);
    if text.starts_with(['{', '[']) {
        return Some(Cow::Borrowed(text));
    }
    is_escaped_json(text).then(|| Cow::Owned(http::form_decoded(text)))
}

/// Whether a text is percent-encoded, and begins with a bracket.
pub(crate) fn is_escaped_json(text: &str) -> bool {
    text.get(..3).is_some_and(|first| first.eq_ignore_ascii_case("%7B") || first.eq_ignore_ascii_case("%5B"))
}

fn too_many_fields() -> Unreadable {
    Unreadable::whole(format!("a form of more than {MOST_FORM_FIELDS} fields"))
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
        b'T' | b'F' => Some(Cow::Owned(json.to_ascii_lowercase())),
        _ => Some(Cow::Borrowed(json)),
    }
}

/// What a JSON text is, in words.
pub(crate) fn kind_of(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'"') => "text",
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b't' | b'f' | b'T' | b'F') => "true or false",
        _ if scan::is_null(json) => "null",
        _ => "a number",
    }
}

/// JSON text that may be only nearly so, as JSON that any reader reads without rounding; any other text as a JSON string.
pub fn raw_of(json: &str) -> Raw {
    match scan::value(json) {
        Some(found) if !found.long_number && !found.nearly => Raw::trusted(json.to_owned()),
        Some(_) => Raw::trusted(scan::rewritten(json)),
        None => Raw::text(json),
    }
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
