//! Options and parameters as they come in: a bag of named values, read one by one so that every complaint names its field.
//!
//! Why this is written by hand: derived `Deserialize` for all options in its place was measured at 8 to 23 KB more to download (gzip), and its
//! messages lose the field, the hint and "did you mean". Reading JavaScript's objects member by member instead of the text of
//! `JSON.stringify` costs 6 KB more, and is slower.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::error::Error;
use super::reason::ErrorReason;
use crate::json::scan;

/// No options nest deeper; what comes from outside shall not exhaust the stack.
const DEEPEST: usize = 100;

/// One value of the bag.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// `undefined` or `null`: as if it were not there.
    Absent,
    /// Text.
    Text(String),
    /// A whole number that JavaScript holds exactly.
    Integer(i64),
    /// Any other number.
    Fraction,
    /// True or false.
    Bool(bool),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Object(Fields),
}

/// The kind only: a value may be a secret.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl Value {
    /// The bag, where it is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Fields> {
        if let Self::Object(fields) = self { Some(fields) } else { None }
    }

    /// Reads JSON text; nothing where it is none, or nests too deep.
    #[must_use]
    pub fn from_json(json: &str) -> Option<Self> {
        Self::nested(json, DEEPEST)
    }

    fn nested(json: &str, depth: usize) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        let json = json.trim_ascii();
        Some(match json.as_bytes().first()? {
            b'{' => {
                let mut fields = Fields::default();
                let mut sound = true;
                let read = scan::object(json, &mut |name, value| match Self::nested(value, depth) {
                    Some(value) => fields.entries.push((name.into_owned(), value)),
                    None => sound = false,
                });
                read.ok().filter(|found| sound && !found.nearly)?;
                Self::Object(fields)
            }
            b'[' => {
                let mut list = Vec::new();
                for item in scan::array(json).ok()? {
                    list.push(Self::nested(item, depth)?);
                }
                Self::List(list)
            }
            _ if !scan::is_value(json) => return None,
            b'"' => Self::Text(scan::decoded_exactly(json)?.into_owned()),
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

/// A bag of named values. Reading takes a value out, so that [`Fields::finish`] finds what nobody knows.
#[derive(Default, PartialEq)]
pub struct Fields {
    entries: Vec<(String, Value)>,
    known: Vec<&'static str>,
    /// The first complaint.
    fault: Option<Error>,
    /// The field of the first complaint, where it was not given.
    missing: Option<String>,
    /// What was asked for and not given.
    absent: Vec<&'static str>,
}

/// What was given, to be read anew.
impl Clone for Fields {
    fn clone(&self) -> Self {
        Self { entries: self.entries.clone(), ..Self::default() }
    }
}

/// Names only: a bag may hold a secret.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|(name, _)| name)).finish()
    }
}

impl Fields {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// `invalid-argument` naming `what`.
    pub fn from_json(what: &str, json: &str) -> Result<Self, Error> {
        Value::from_json(json)
            .and_then(Self::of)
            .ok_or_else(|| Error::invalid(ErrorReason::WrongType, what, "is not an object", "pass a plain object"))
    }

    /// The bag of an object; an absent value is an empty bag.
    #[must_use]
    pub fn of(value: Value) -> Option<Self> {
        match value {
            Value::Object(fields) => Some(fields),
            Value::Absent => Some(Self::default()),
            _ => None,
        }
    }

    /// The same bag with one value more.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.entries.push((name.to_owned(), value));
        self
    }

    /// Looks at a value without taking it out.
    #[must_use]
    pub fn peek(&self, name: &str) -> Option<&Value> {
        self.entries.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Takes a value out.
    pub fn take(&mut self, name: &'static str) -> Value {
        self.known.push(name);
        if let Some(at) = self.entries.iter().position(|(key, _)| key == name) {
            return self.entries.swap_remove(at).1;
        }
        self.absent.push(name);
        Value::Absent
    }

    /// A text that must be there and not be blank. `mend` says what to give. A wrong one is noted for [`Fields::check`], as by all that
    /// follow: the first complaint counts, and whoever reads many options asks for it once.
    pub fn required(&mut self, name: &'static str, mend: &str) -> String {
        match self.text(name, mend) {
            Some(text) => text,
            None => self.complain(ErrorReason::Missing, name, "is missing", mend),
        }
    }

    /// A text that may be missing but, where it is there, is not blank.
    pub fn text(&mut self, name: &'static str, mend: &str) -> Option<String> {
        match self.take(name) {
            Value::Absent => None,
            Value::Text(text) if text.trim().is_empty() => self.complain(ErrorReason::Empty, name, "is empty", mend),
            Value::Text(text) => Some(text),
            Value::Integer(_) | Value::Fraction => {
                let wrong = "is a number, not text: a number loses digits and leading zeros";
                self.complain(ErrorReason::NotText, name, wrong, "pass it as text, in quotes")
            }
            other => self.complain(ErrorReason::NotText, name, &format!("is {}, not text", other.kind()), mend),
        }
    }

    /// A whole number between two borders.
    pub fn integer(&mut self, name: &'static str, least: i64, most: i64) -> Option<i64> {
        let (reason, wrong) = match self.take(name) {
            Value::Absent => return None,
            Value::Integer(number) if (least..=most).contains(&number) => return Some(number),
            Value::Integer(number) if number > most => (ErrorReason::OutOfRange, format!("is more than {most}")),
            Value::Integer(_) => (ErrorReason::OutOfRange, format!("is less than {least}")),
            Value::Fraction => (ErrorReason::NotAWholeNumber, "is not a whole number".to_owned()),
            other => (ErrorReason::WrongType, format!("is {}, not a number", other.kind())),
        };
        self.complain(reason, name, &wrong, &format!("give a whole number from {least} to {most}"))
    }

    /// A list of texts; one text alone is a list of one.
    pub fn texts(&mut self, name: &'static str, mend: &str) -> Vec<String> {
        let items = match self.take(name) {
            Value::Absent => Vec::new(),
            Value::List(items) => items,
            one => vec![one],
        };
        let mut texts = Vec::new();
        for item in items {
            let Value::Text(text) = item else { return self.complain(ErrorReason::WrongType, name, "is not a list of texts", mend) };
            texts.push(text);
        }
        texts
    }

    /// An object of texts, by name.
    pub fn texts_by_name(&mut self, name: &'static str) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        for (key, value) in self.object(name).entries {
            let shown = if is_name(&key) { &key } else { UNNAMED };
            match value {
                Value::Absent => {}
                Value::Text(text) => {
                    texts.insert(key, text);
                }
                other => {
                    let wrong = format!("is {}, not text", other.kind());
                    return self.complain(ErrorReason::NotText, &format!("{name}.{shown}"), &wrong, "pass it as text, in quotes");
                }
            }
        }
        texts
    }

    /// An object inside the bag.
    #[must_use]
    pub fn object(&mut self, name: &'static str) -> Self {
        let value = self.take(name);
        let kind = value.kind();
        match Self::of(value) {
            Some(fields) => fields,
            None => self.complain(ErrorReason::WrongType, name, &format!("is {kind}, not an object"), "pass a plain object"),
        }
    }

    /// Notes what is wrong with a field, and gives nothing in its place.
    pub fn complain<T: Default>(&mut self, reason: ErrorReason, name: &str, wrong: &str, mend: &str) -> T {
        if self.fault.is_none() && self.absent.contains(&name) {
            self.missing = Some(name.to_owned());
        }
        self.accept(Err(Error::invalid(reason, name, wrong, mend)))
    }

    /// What was read elsewhere, or nothing in its place and a note of what is wrong.
    pub fn accept<T: Default>(&mut self, read: Result<T, Error>) -> T {
        read.unwrap_or_else(|error| {
            self.fault.get_or_insert(error);
            T::default()
        })
    }

    /// Whether everything that was read so far is right.
    ///
    /// # Errors
    /// The first complaint: `invalid-argument` naming the field.
    pub fn check(&mut self) -> Result<(), Error> {
        self.fault.take().map_or(Ok(()), Err)
    }

    /// As [`Fields::check`], and refuses what nobody took, naming it and the known name that was meant.
    ///
    /// # Errors
    /// `invalid-argument` naming the field.
    pub fn finish(&mut self, what: &str) -> Result<(), Error> {
        self.finish_as(what, |_| None)
    }

    /// As [`Fields::finish`]. `meant` translates a platform's own spelling, which comes in lower case and without `_` and `-`.
    ///
    /// # Errors
    /// As [`Fields::finish`].
    pub fn finish_as(&mut self, what: &str, meant: impl Fn(&str) -> Option<&'static str>) -> Result<(), Error> {
        let unknown = || self.entries.iter().filter(|(_, value)| !matches!(value, Value::Absent)).map(|(name, _)| name);
        // "app_key" beside a missing appKey is one mistake, and the unknown name says more of it.
        let misspelt = self.missing.as_deref().and_then(|missing| unknown().find(|name| self.nearest(name, &meant) == Some(missing)));
        let Some(unknown) = misspelt.or_else(|| unknown().next()).cloned() else { return self.check() };
        if misspelt.is_none() {
            self.check()?;
        }
        let nearest = self.nearest(&unknown, &meant);
        let mend = match nearest {
            Some(name) => format!("did you mean {name}?"),
            None if self.known.is_empty() => "leave it out".to_owned(),
            None => format!("leave it out; known here: {}", self.known.join(", ")),
        };
        // Somebody may have taken a name for a value: what is no name is not repeated.
        let is_known = nearest.is_some_and(|name| folded(name) == folded(&unknown));
        let shown = if is_known || is_name(&unknown) { &unknown } else { UNNAMED };
        let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        Err(Error::invalid(ErrorReason::UnknownOption, shown, &format!("is not {article} {what}"), &mend))
    }

    /// The known name that was meant by an unknown one: in another spelling, in the platform's or another product's word, or misspelt.
    fn nearest(&self, unknown: &str, meant: &impl Fn(&str) -> Option<&'static str>) -> Option<&'static str> {
        let given = folded(unknown);
        let known = |name: &str| self.known.iter().copied().find(|known| *known == name);
        self.known
            .iter()
            .copied()
            .find(|name| folded(name) == given)
            .or_else(|| meant(&given).and_then(known))
            .or_else(|| SYNONYMS.iter().filter(|(other, _)| *other == given).find_map(|(_, name)| known(name)))
            .or_else(|| self.misspelt(&given))
    }

    fn misspelt(&self, given: &str) -> Option<&'static str> {
        let distances = self.known.iter().map(|name| (strsim::damerau_levenshtein(&folded(name), given), *name));
        // One letter in four may be wrong: "from" is not meant by "form_id".
        distances.filter(|(distance, name)| *distance * 4 <= name.len().min(given.len())).min().map(|(_, name)| name)
    }
}

/// What stands for a name that is not repeated.
const UNNAMED: &str = "a name that is no identifier";

/// Words of other products and of everyday speech, folded, each with the word here. More than one where the word here depends on what is asked.
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

/// The letters and digits of a name, in lower case: `app_key`, `APP-KEY` and `appKey` are one name.
pub(crate) fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

fn is_name(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (1..=LONGEST_NAME).contains(&text.len())
        && digits <= MOST_DIGITS
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

const LONGEST_NAME: usize = 30;
/// The shortest phone number has more.
const MOST_DIGITS: usize = 6;

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As deep as `from_json` reads, to which a value within these is the last level.
        Nesting(DEEPEST - 1).deserialize(deserializer)
    }
}

/// A value that nests at most so deep: one that contains itself would have no end.
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
        Ok(Value::Object(Fields { entries, ..Fields::default() }))
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
            Self::Object(fields) => fields.serialize(serializer),
        }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.entries.len()))?;
        for (name, value) in &self.entries {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
