//! A platform's JSON or form, read without losing anything. A value is decoded only when it is asked for, and the text is kept.

use std::borrow::Cow;
use std::cell::RefCell;

use crate::charset::{self, Decoder};
use crate::http;
use crate::json::{quote, scan};
use crate::model::{Problem, Raw, Timestamp, Zone, code, count};

/// Ten times the fields of the longest record. Each name is compared with those before it, so a form of a hundred thousand fields would
/// block the process for seconds.
const MOST_FORM_FIELDS: usize = 500;
/// RFC 2046 5.1.1: 70 characters, and the two hyphens before them. A boundary as long as half the body would be compared at every byte
/// of the other half.
const LONGEST_BOUNDARY: usize = 72;

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The platform's name of the field, if one field is wrong.
    pub field: Option<&'static str>,
    /// The byte at which reading stopped.
    pub offset: Option<usize>,
    /// The fault.
    pub reason: String,
}

impl Unreadable {
    /// The text as a whole is wrong.
    pub fn whole(reason: impl Into<String>) -> Self {
        Self { field: None, offset: None, reason: reason.into() }
    }

    /// One field is wrong.
    pub fn field(field: &'static str, reason: impl Into<String>) -> Self {
        Self { field: Some(field), offset: None, reason: reason.into() }
    }

    /// `text` is not JSON from byte `at` on. It begins `shift` bytes into the body.
    pub(crate) fn json(text: &str, at: usize, shift: usize) -> Self {
        let at = at + shift;
        Self { field: None, offset: Some(at), reason: format!("not valid JSON at byte {at}{}", looks_like(text)) }
    }
}

/// Guesses what an unreadable text is, as the end of a reason.
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

/// Removes byte-order marks and white space around a body, in any order: the reader of an envelope removes white space first.
pub(crate) fn trim_body(body: &str) -> &str {
    body.trim_start_matches(|first: char| first == '\u{feff}' || first.is_whitespace()).trim_end()
}

/// Unwraps an object or array that is written as a JSON string, once. Returns any other text unchanged.
pub(crate) fn unquote(json: &str) -> Cow<'_, str> {
    if !json.starts_with('"') || scan::value(json).is_none() {
        return Cow::Borrowed(json);
    }
    match scan::decode(json) {
        Some(text) if trim_body(&text).starts_with(['{', '[']) => Cow::Owned(trim_body(&text).to_owned()),
        _ => Cow::Borrowed(json),
    }
}

/// Recognizes a compression by the first bytes.
pub(crate) fn compression(body: &[u8]) -> Option<&'static str> {
    match body {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] if str::from_utf8(body).is_err() => Some("deflate"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        _ => None,
    }
}

/// Returns the items of a JSON array.
///
/// # Errors
/// Where the text is not one.
pub fn list(json: &str) -> Result<Vec<&str>, Unreadable> {
    scan::read_array(json).map_err(|at| Unreadable::json(json, at, 0))
}

/// Returns the items of a JSON array, or of an object with numbers as names, as PHP writes a list with gaps. Any other object is the only
/// item.
///
/// # Errors
/// Where the text is not JSON.
pub(crate) fn items(json: &str) -> Result<Vec<&str>, Unreadable> {
    if !json.starts_with('{') {
        return list(json);
    }
    let (mut items, mut is_numbered) = (Vec::new(), true);
    let read = scan::read_object(json, &mut |name, value| {
        is_numbered &= !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
        items.push(value);
    });
    read.map_err(|at| Unreadable::json(json, at, 0))?;
    Ok(if is_numbered { items } else { vec![json] })
}

/// One JSON object or form. Its values are decoded when they are asked for.
///
/// `try_text` returns what is wrong with a value. The methods for records (`text`, `word`, `time`, …) return nothing for a value that
/// cannot be read and note it in `problems`, since such a value must not cost the record.
pub struct Element<'a> {
    fields: Vec<(Cow<'a, str>, Field<'a>)>,
    /// The object's text; `None` for a form.
    json: Option<&'a str>,
    found: scan::Found,
    /// The fields of a record that were asked for and could not be read.
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
    /// The fault and its byte.
    pub fn read(json: &'a str) -> Result<Self, Unreadable> {
        let mut fields = Vec::with_capacity(24);
        let found = scan::read_object(json, &mut |name, value| fields.push((name, Field::Json(value))));
        let found = found.map_err(|at| Unreadable::json(json, at, 0))?;
        Ok(Self { fields, json: Some(json), found, problems: RefCell::default() })
    }

    /// Reads a form. `body` is undecoded: its escapes are bytes in the same charset.
    ///
    /// # Errors
    /// The fault.
    pub(crate) fn read_form(body: &[u8], content_type: Option<&str>, decoder: Decoder) -> Result<Element<'static>, Unreadable> {
        let pairs: Vec<&[u8]> = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).collect();
        if pairs.len() > MOST_FORM_FIELDS {
            return Err(too_many_fields());
        }
        let mut pieces = Vec::with_capacity(pairs.len() * 2);
        for pair in pairs {
            let mut parts = pair.splitn(2, |byte| *byte == b'=');
            pieces.extend([(); 2].map(|()| http::percent_decode(parts.next().unwrap_or_default())));
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
    /// The fault.
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

    /// Returns the whole payload as JSON that every reader reads alike: the original text, with numbers that a double cannot hold as text,
    /// and with what is only nearly JSON rewritten.
    pub fn raw(&self) -> Raw {
        match self.json {
            Some(json) if self.found.long_number || self.found.nearly => Raw::trusted(scan::rewrite(json)),
            Some(json) => Raw::trusted(json.to_owned()),
            None => Raw::trusted(self.form_as_json()),
        }
    }

    /// Writes a form as JSON. A name that occurs twice has the list of its values.
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

    /// Lists all fields in order: names and undecoded values.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.fields.iter().map(|(name, field)| {
            let value = match field {
                Field::Json(json) => json,
                Field::Text(text) => text.as_str(),
            };
            (name.as_ref(), value)
        })
    }

    /// Returns true if there is a field of this name, in any case.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Finds a field. An exact name wins over one in another case.
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

    /// Returns the undecoded JSON of a field. `None` for a missing one, for null and in a form.
    pub fn json(&self, name: &str) -> Option<&'a str> {
        match self.find(name)? {
            Field::Json(json) if !scan::is_null(json) => Some(json),
            _ => None,
        }
    }

    /// Returns the object or array in a field, written as such or as text.
    pub(crate) fn held(&self, name: &str) -> Option<Cow<'a, str>> {
        self.find(name).and_then(Self::inner)
    }

    /// Finds an object or array in a field, written as such or as text; in a form perhaps percent-encoded once more.
    fn inner(field: &Field<'a>) -> Option<Cow<'a, str>> {
        let text = match field {
            Field::Json(json) if json.starts_with(['{', '[']) => return Some(Cow::Borrowed(*json)),
            Field::Json(json) if json.starts_with('"') => scan::decode(json)?.into_owned(),
            Field::Json(_) => return None,
            Field::Text(text) => text.clone(),
        };
        json_in(&text).map(|json| Cow::Owned(json.into_owned()))
    }

    /// Lists the fields that may wrap records: name, and the object or array in it. The only name of a form, without a value, counts too:
    /// that is JSON sent as a form.
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

    /// Returns true if the names are those of a nested form of PHP: `Data[0][sessionId]`.
    pub(crate) fn is_nested_form(&self) -> bool {
        self.json.is_none() && self.fields.iter().any(|(name, _)| name.ends_with(']') && name.contains('['))
    }

    /// Reads a scalar as trimmed text: a number's own digits, `true` or `false`. `None` for a missing, null or blank one.
    ///
    /// # Errors
    /// The fault and its byte.
    pub fn try_text(&self, name: &'static str) -> Result<Option<String>, Unreadable> {
        self.read_trimmed(name).map(|text| text.map(Cow::into_owned))
    }

    /// As [`Element::try_text`], borrowed where nothing had to be decoded.
    fn read_trimmed(&self, name: &'static str) -> Result<Option<Cow<'_, str>>, Unreadable> {
        let text = match self.find(name) {
            None => return Ok(None),
            Some(Field::Json(json)) if scan::is_null(json) => return Ok(None),
            Some(Field::Text(text)) => Cow::Borrowed(text.as_str()),
            Some(Field::Json(json)) => {
                read_scalar(json).ok_or_else(|| Unreadable::field(name, format!("{name} is {}", name_kind(json))))?
            }
        };
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
            Cow::Owned(text) => Cow::Owned(trim(&text).to_owned()),
        };
        Ok((!text.is_empty()).then_some(text))
    }

    /// As [`Element::try_text`], but a value that cannot be read gives `None` and is noted as a problem.
    pub fn text(&self, name: &'static str) -> Option<String> {
        self.try_text(name).unwrap_or_else(|error| self.note(error))
    }

    /// Reads a field of a record, borrowed where nothing had to be decoded. `None` for what languages write for no value.
    fn read_value(&self, name: &'static str) -> Option<Cow<'_, str>> {
        self.read_trimmed(name).unwrap_or_else(|error| self.note(error)).filter(|text| !means_nothing(text))
    }

    /// Reads a text of a record. `None` for what languages write for no value (`null`, `None`, `N/A`, `-`, …). `0` is a text.
    pub fn word(&self, name: &'static str) -> Option<String> {
        self.read_value(name).map(Cow::into_owned)
    }

    /// Reads a reference, as the user gave it to the dial. `-` and `0` are references; `null` is what a platform writes for none.
    pub fn reference(&self, name: &'static str) -> Option<String> {
        let text = self.read_trimmed(name).unwrap_or_else(|error| self.note(error))?;
        (text.starts_with('-') || !means_nothing(&text)).then(|| text.into_owned())
    }

    /// Reads a phone number or an address of a record. `None` also for `0`, which languages write for no number.
    pub fn address(&self, name: &'static str) -> Option<String> {
        self.read_value(name).filter(|text| !text.bytes().all(|byte| byte == b'0')).map(Cow::into_owned)
    }

    /// Reads a code of a record, without what JSON writers add to integers: `514` for `514.0` and `"514.0"`.
    pub fn code(&self, name: &'static str) -> Option<String> {
        self.read_value(name).map(|text| code::simplify(&text).into_owned())
    }

    /// Reads a time of a record. `None` for what languages write for no time, and for any time before 1990.
    pub fn time(&self, name: &'static str, zone: Zone) -> Option<Timestamp> {
        let text = self.read_value(name)?;
        match Timestamp::read(&text, zone) {
            Ok(time) => time,
            Err(looks_like) => self.note(Unreadable::field(name, format!("{name} is not a date and time{looks_like}"))),
        }
    }

    /// Reads a count of seconds of a record. Fractions are cut off; `None` for a negative count.
    pub fn seconds(&self, name: &'static str) -> Option<u64> {
        self.read_count(name, count::seconds, "a number of seconds")
    }

    /// Reads a count of minutes of a record. Fractions are cut off; `None` for a negative count.
    pub fn minutes(&self, name: &'static str) -> Option<u64> {
        self.read_count(name, count::minutes, "a number of minutes")
    }

    fn read_count(&self, name: &'static str, read: fn(&str) -> Option<i64>, what: &str) -> Option<u64> {
        let text = self.read_value(name)?;
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

    /// Returns true if this field was asked for and could not be read.
    pub(crate) fn is_unreadable(&self, name: &str) -> bool {
        self.problems.borrow().iter().any(|problem| problem.field == Some(name))
    }

    /// Lists the fields that were asked for and could not be read.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let of = |problem: &Unreadable| Some(Problem { field: problem.field?.to_owned(), reason: problem.reason.clone() });
        self.problems.borrow().iter().filter_map(of).collect()
    }
}

/// Placeholders for "no value" of languages, databases and spreadsheets.
const NONE: [&str; 13] = ["null", "none", "nil", "undefined", "nan", "nat", "n/a", "-", "--", "(null)", "<null>", "<nil>", "\\n"];

fn means_nothing(text: &str) -> bool {
    text.len() <= 9 && NONE.iter().any(|none| text.eq_ignore_ascii_case(none))
}

/// Returns the JSON object or array in a text, also where it was percent-encoded once more.
fn json_in(text: &str) -> Option<Cow<'_, str>> {
    let text = trim_body(text);
    if text.starts_with(['{', '[']) {
        return Some(Cow::Borrowed(text));
    }
    is_escaped_json(text).then(|| Cow::Owned(http::decode_form(text)))
}

/// Returns true if a text is percent-encoded, and begins with a bracket.
pub(crate) fn is_escaped_json(text: &str) -> bool {
    text.get(..3).is_some_and(|first| first.eq_ignore_ascii_case("%7B") || first.eq_ignore_ascii_case("%5B"))
}

fn too_many_fields() -> Unreadable {
    Unreadable::whole(format!("a form of more than {MOST_FORM_FIELDS} fields"))
}

/// Removes white space at both ends. Fast for most values, which begin and end with a letter or a digit.
fn trim(text: &str) -> &str {
    let plain = |byte: Option<&u8>| byte.is_some_and(|byte| (b'!'..0x7f).contains(byte));
    if plain(text.as_bytes().first()) && plain(text.as_bytes().last()) { text } else { text.trim() }
}

fn read_scalar(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' => scan::decode(json),
        b'{' | b'[' => None,
        b'T' | b'F' => Some(Cow::Owned(json.to_ascii_lowercase())),
        _ => Some(Cow::Borrowed(json)),
    }
}

/// Names the type of a JSON text.
pub(crate) fn name_kind(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'"') => "text",
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b't' | b'f' | b'T' | b'F') => "true or false",
        _ if scan::is_null(json) => "null",
        _ => "a number",
    }
}

/// Makes a payload of any text: strict JSON of what is JSON or nearly JSON, and a JSON string of any other text.
pub fn to_raw(json: &str) -> Raw {
    match scan::value(json) {
        Some(found) if !found.long_number && !found.nearly => Raw::trusted(json.to_owned()),
        Some(_) => Raw::trusted(scan::rewrite(json)),
        None => Raw::text(json),
    }
}

pub(crate) fn contains(text: &str, mark: &str) -> bool {
    cut(text, mark).is_some()
}

/// Reads the named parts of a multipart form. The boundary is its first line.
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

/// Splits a text at a mark. Forms are short: the general search of `str` would add 2 KB to the wasm.
fn cut<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let at = text.as_bytes().windows(mark.len()).position(|window| window == mark.as_bytes())?;
    Some((&text[..at], &text[at + mark.len()..]))
}
