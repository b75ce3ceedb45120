//! Options and parameters as they come in: plain values, taken one by one, so that every error names the option and what to pass.
//!
//! Why not a derived `Deserialize`: for all options it makes the download of the npm package 8.4 KB larger (gzip, `opt-level` z, by
//! serde-wasm-bindgen) to 23 KB (by `serde_json`); this module takes 5.5 KB before compression. And a derive's messages are worse: they
//! name neither the field nor what to pass, and suggest no name. Reading JavaScript's objects member by member instead of the text of
//! `JSON.stringify` costs 6 KB more, and is slower.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::error::Error;
use super::reason::ErrorReason;
use crate::json::scan;

/// The deepest nesting that is read, so that a value from outside cannot exhaust the stack.
const DEEPEST: usize = 100;

/// A plain value.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// `undefined` or `null`: as if it were not given.
    Absent,
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Fraction,
    /// True or false.
    Bool(bool),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Object(Options),
}

/// Shows the type only: a value may be a secret.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl Value {
    /// Returns the members of an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Options> {
        if let Self::Object(options) = self { Some(options) } else { None }
    }

    /// Reads JSON text. `None` if it is not JSON or nests too deep.
    #[must_use]
    pub fn from_json(json: &str) -> Option<Self> {
        Self::nested(json, DEEPEST)
    }

    fn nested(json: &str, depth: usize) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        let json = json.trim_ascii();
        Some(match json.as_bytes().first()? {
            b'{' => {
                let mut options = Options::default();
                let mut sound = true;
                let read = scan::read_object(json, &mut |name, value| match Self::nested(value, depth) {
                    Some(value) => options.entries.push((name.into_owned(), value)),
                    None => sound = false,
                });
                read.ok().filter(|found| sound && !found.nearly)?;
                Self::Object(options)
            }
            b'[' => {
                let mut list = Vec::new();
                for item in scan::read_array(json).ok()? {
                    list.push(Self::nested(item, depth)?);
                }
                Self::List(list)
            }
            _ if !scan::is_value(json) => return None,
            b'"' => Self::Text(scan::decode_exactly(json)?.into_owned()),
            b't' => Self::Bool(true),
            b'f' => Self::Bool(false),
            b'n' => Self::Absent,
            _ => json.parse().map_or(Self::Fraction, Self::Integer),
        })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Absent => "nothing",
            Self::Text(_) => "text",
            Self::Integer(_) | Self::Fraction => "a number",
            Self::Bool(_) => "true or false",
            Self::List(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

/// Named values as they come in: options or parameters. Each `take_…` removes a value and checks its type.
#[derive(Clone, Default, PartialEq)]
pub struct Options {
    entries: Vec<(String, Value)>,
}

/// Shows names only: a value may be a secret.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|(name, _)| name)).finish()
    }
}

impl Options {
    /// Reads a JSON object; `null` is one without members.
    ///
    /// # Errors
    /// `invalid-argument` naming `what`.
    pub fn from_json(what: &str, json: &str) -> Result<Self, Error> {
        let wrong = || Error::invalid(ErrorReason::WrongType, what, "is not an object", "pass a plain object").expecting(&["object"]);
        Value::from_json(json).and_then(Self::from_value).ok_or_else(wrong)
    }

    /// Returns the members of an object; an absent value has none. `None` for any other value.
    #[must_use]
    pub fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Object(options) => Some(options),
            Value::Absent => Some(Self::default()),
            _ => None,
        }
    }

    /// Adds a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.entries.push((name.to_owned(), value));
        self
    }

    /// Returns true if there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns a value without removing it.
    #[must_use]
    pub fn peek(&self, name: &str) -> Option<&Value> {
        self.entries.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Returns true if a value is given: neither missing nor `null`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.peek(name).is_some_and(|value| !matches!(value, Value::Absent))
    }

    /// Removes and returns a value of any type.
    pub fn take(&mut self, name: &str) -> Value {
        let at = self.entries.iter().position(|(key, _)| key == name);
        at.map_or(Value::Absent, |at| self.entries.swap_remove(at).1)
    }

    /// Takes a text that must be given and not be blank. `hint` says what to pass.
    ///
    /// # Errors
    /// `invalid-argument` naming the option, as by all that follow.
    pub fn require_text(&mut self, name: &str, hint: &str) -> Result<String, Error> {
        self.take_text(name, hint)?.ok_or_else(|| Error::invalid(ErrorReason::Missing, name, "is missing", hint))
    }

    /// Takes a text that may be missing, but not be blank.
    ///
    /// # Errors
    /// Where it is blank or not text.
    pub fn take_text(&mut self, name: &str, hint: &str) -> Result<Option<String>, Error> {
        match self.take(name) {
            Value::Absent => Ok(None),
            Value::Text(text) if text.trim().is_empty() => Err(Error::invalid(ErrorReason::Empty, name, "is empty", hint)),
            Value::Text(text) => Ok(Some(text)),
            Value::Integer(_) | Value::Fraction => {
                let wrong = "is a number, not text: a number loses digits and leading zeros";
                Err(Error::invalid(ErrorReason::NotText, name, wrong, "pass it as text, in quotes"))
            }
            other => Err(Error::invalid(ErrorReason::NotText, name, &format!("is {}, not text", other.kind()), hint)),
        }
    }

    /// Takes a whole number within a range.
    ///
    /// # Errors
    /// Where it is not a whole number or out of range.
    pub fn take_integer(&mut self, name: &str, least: i64, most: i64) -> Result<Option<i64>, Error> {
        let (reason, wrong) = match self.take(name) {
            Value::Absent => return Ok(None),
            Value::Integer(number) if (least..=most).contains(&number) => return Ok(Some(number)),
            Value::Integer(number) if number > most => (ErrorReason::OutOfRange, format!("is more than {most}")),
            Value::Integer(_) => (ErrorReason::OutOfRange, format!("is less than {least}")),
            Value::Fraction => (ErrorReason::NotAWholeNumber, "is not a whole number".to_owned()),
            other => (ErrorReason::WrongType, format!("is {}, not a number", other.kind())),
        };
        Err(Error::invalid(reason, name, &wrong, &format!("give a whole number from {least} to {most}")).between(least, most))
    }

    /// Takes a list of texts. A single text is a list of one; a missing value is an empty list.
    ///
    /// # Errors
    /// Where an item is not text.
    pub fn take_texts(&mut self, name: &str, hint: &str) -> Result<Vec<String>, Error> {
        let items = match self.take(name) {
            Value::Absent => Vec::new(),
            Value::List(items) => items,
            one => vec![one],
        };
        let text = |item| match item {
            Value::Text(text) => Ok(text),
            _ => Err(Error::invalid(ErrorReason::WrongType, name, "is not a list of texts", hint).expecting(&["list of texts"])),
        };
        items.into_iter().map(text).collect()
    }

    /// Takes an object whose members are texts.
    ///
    /// # Errors
    /// Where it is not an object, or a member is not text.
    pub fn take_texts_by_name(&mut self, name: &str) -> Result<BTreeMap<String, String>, Error> {
        let mut texts = BTreeMap::new();
        for (key, value) in self.take_object(name)?.entries {
            match value {
                Value::Absent => {}
                Value::Text(text) => {
                    texts.insert(key, text);
                }
                other => {
                    let shown = if is_name(&key) { &key } else { UNNAMED };
                    let wrong = format!("is {}, not text", other.kind());
                    return Err(Error::invalid(ErrorReason::NotText, &format!("{name}.{shown}"), &wrong, "pass it as text, in quotes"));
                }
            }
        }
        Ok(texts)
    }

    /// Takes an object; a missing one has no members.
    ///
    /// # Errors
    /// Where it is not an object.
    pub fn take_object(&mut self, name: &str) -> Result<Self, Error> {
        let value = self.take(name);
        let kind = value.kind();
        let wrong = || {
            Error::invalid(ErrorReason::WrongType, name, &format!("is {kind}, not an object"), "pass a plain object").expecting(&["object"])
        };
        Self::from_value(value).ok_or_else(wrong)
    }

    /// Refuses names that are not known, and suggests the one that was meant. Call it before the values are taken: then `app_key` is
    /// reported as a wrong name, not `appKey` as missing. `what` goes on from "is not a", for example "option of mixcom".
    ///
    /// # Errors
    /// `invalid-argument` naming the unknown option.
    pub fn check_names(&self, what: &str, known: &[&'static str]) -> Result<(), Error> {
        self.check_names_of(what, known, |_| None)
    }

    /// As [`Options::check_names`]. `find_meant` translates a platform's own spelling, which comes in lower case and without `_` and `-`.
    ///
    /// # Errors
    /// As [`Options::check_names`].
    pub fn check_names_of(
        &self,
        what: &str,
        known: &[&'static str],
        find_meant: impl Fn(&str) -> Option<&'static str>,
    ) -> Result<(), Error> {
        let mut given = self.entries.iter().filter(|(_, value)| !matches!(value, Value::Absent)).map(|(name, _)| name.as_str());
        let Some(unknown) = given.find(|name| !known.contains(name)) else { return Ok(()) };
        let nearest = find_nearest(unknown, known, &find_meant);
        let hint = match nearest {
            Some(name) => format!("did you mean {name}?"),
            None if known.is_empty() => "leave it out".to_owned(),
            None => format!("leave it out; known here: {}", known.join(", ")),
        };
        // It may be a value that was passed as a name: only identifiers are repeated.
        let is_known = nearest.is_some_and(|name| fold_name(name) == fold_name(unknown));
        let shown = if is_known || is_name(unknown) { unknown } else { UNNAMED };
        let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        let error = Error::invalid(ErrorReason::UnknownOption, shown, &format!("is not {article} {what}"), &hint);
        Err(match nearest {
            Some(name) => error.expecting(&[name]),
            None => error.expecting(known),
        })
    }
}

/// Finds the known name that an unknown one means: in another spelling, in the platform's or another product's word, or misspelt.
fn find_nearest(unknown: &str, known: &[&'static str], find_meant: &impl Fn(&str) -> Option<&'static str>) -> Option<&'static str> {
    let given = fold_name(unknown);
    let as_known = |name: &str| known.iter().copied().find(|known| *known == name);
    let spelt_alike = known.iter().copied().find(|name| fold_name(name) == given);
    spelt_alike
        .or_else(|| find_meant(&given).and_then(as_known))
        .or_else(|| SYNONYMS.iter().filter(|(other, _)| *other == given).find_map(|(_, name)| as_known(name)))
        .or_else(|| find_misspelt(&given, known))
}

fn find_misspelt(given: &str, known: &[&'static str]) -> Option<&'static str> {
    let distances = known.iter().map(|name| (strsim::damerau_levenshtein(&fold_name(name), given), *name));
    // One letter in four may be wrong: "from" is not meant by "form_id".
    distances.filter(|(distance, name)| *distance * 4 <= name.len().min(given.len())).min().map(|(_, name)| name)
}

/// Shown instead of a name that is not repeated.
const UNNAMED: &str = "a name that is no identifier";

/// Words of other products and of everyday speech, folded, each with the word here. Some have several: which one is meant depends on the
/// names that are known.
const SYNONYMS: &[(&str, &str)] = &[
    ("from", "caller"),
    ("src", "caller"),
    ("callerid", "caller"),
    ("callernumber", "caller"),
    ("callerphone", "caller"),
    ("to", "callee"),
    ("dst", "callee"),
    ("called", "callee"),
    ("calleenumber", "callee"),
    ("calleephone", "callee"),
    ("uuid", "reference"),
    ("outcallid", "reference"),
    ("outid", "reference"),
    ("userid", "reference"),
    ("bizid", "reference"),
    ("orderid", "reference"),
    ("requestid", "reference"),
    ("ref", "reference"),
    ("id", "reference"),
    ("id", "callId"),
    ("callidentifier", "callId"),
    ("sessionid", "callId"),
    ("subid", "callId"),
    ("icid", "callId"),
    ("agent", "seat"),
    ("seatid", "seat"),
    ("seatno", "seat"),
    ("extension", "seat"),
    ("mobile", "phone"),
    ("number", "phone"),
    ("tel", "phone"),
    ("virtualnum", "virtualNumber"),
    ("displaynumber", "virtualNumber"),
    ("display", "virtualNumber"),
    ("telx", "virtualNumber"),
    ("bindnum", "virtualNumber"),
    ("minutes", "expiresInMinutes"),
    ("expiration", "expiresInMinutes"),
    ("expires", "expiresInMinutes"),
    ("citycode", "areaCode"),
    ("callbackurl", "pushUrl"),
    ("notifyurl", "pushUrl"),
    ("webhook", "pushUrl"),
    ("start", "from"),
    ("starttime", "from"),
    ("begin", "from"),
    ("end", "to"),
    ("endtime", "to"),
    ("cursor", "after"),
    ("key", "appKey"),
    ("accesskey", "appKey"),
    ("apikey", "appKey"),
    ("appid", "appKey"),
    ("appkey", "appId"),
    ("secret", "appSecret"),
    ("accesssecret", "appSecret"),
    ("apisecret", "appSecret"),
    ("sid", "accountSid"),
    ("host", "baseUrl"),
    ("url", "baseUrl"),
    ("endpoint", "baseUrl"),
    ("server", "baseUrl"),
    ("timeout", "timeoutMs"),
    ("retry", "retries"),
    ("tz", "timeZone"),
    ("zone", "timeZone"),
    ("name", "account"),
    ("platform", "provider"),
    ("token", "tokens"),
    ("secret", "tokens"),
    ("ips", "allow"),
    ("allowlist", "allow"),
    ("whitelist", "allow"),
];

/// Returns the letters and digits of a name, in lower case: `app_key`, `APP-KEY` and `appKey` are one name.
pub(crate) fn fold_name(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

fn is_name(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (1..=LONGEST_NAME).contains(&text.len())
        && digits <= MOST_DIGITS
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

const LONGEST_NAME: usize = 30;
/// A phone number has more.
const MOST_DIGITS: usize = 6;

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As deep as `from_json` reads.
        Nesting(DEEPEST - 1).deserialize(deserializer)
    }
}

/// Reads a value that nests at most so deep: one that contains itself has no end.
#[derive(Clone, Copy)]
struct Nesting(usize);

impl Nesting {
    fn inner<E: de::Error>(self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("it nests too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Nesting {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nesting {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plain value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Absent)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Absent)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Fraction, Value::Integer))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Fraction)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_bytes<E: de::Error>(self, _: &[u8]) -> Result<Value, E> {
        Ok(Value::List(Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        let inner = self.inner()?;
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        let inner = self.inner()?;
        while let Some(name) = map.next_key()? {
            entries.push((name, map.next_value_seed(inner)?));
        }
        Ok(Value::Object(Options { entries }))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Fraction => serializer.serialize_unit(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Object(options) => options.serialize(serializer),
        }
    }
}

impl Serialize for Options {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.entries.len()))?;
        for (name, value) in &self.entries {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
