//! Values of fields that only some platforms have.

use serde::ser::SerializeMap;

/// One value of a platform's own field.
#[derive(Clone, PartialEq, Eq)]
pub enum OwnValue {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
}

impl From<&str> for OwnValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for OwnValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for OwnValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

/// Values by the names of a platform's own fields, for example `seat`. Which fields there are, and what they may hold, is in the platform's
/// description; it is checked before a request is signed. Each platform that has such fields has a struct that converts into this.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OwnFields(Vec<(&'static str, OwnValue)>);

impl OwnFields {
    /// Sets one field. An earlier value of the same field is replaced.
    pub fn set(&mut self, name: &'static str, value: impl Into<OwnValue>) {
        self.0.retain(|(other, _)| *other != name);
        self.0.push((name, value.into()));
    }

    /// Returns the fields with one more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<OwnValue>) -> Self {
        self.set(name, value);
        self
    }

    /// Returns a field's text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.entries().find_map(|(key, value)| match value {
            OwnValue::Text(text) if key == name => Some(text.as_str()),
            _ => None,
        })
    }

    /// Returns a field's number.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.entries().find_map(|(key, value)| match value {
            OwnValue::Integer(number) if key == name => Some(*number),
            _ => None,
        })
    }

    /// Lists the fields that are set.
    pub fn entries(&self) -> impl Iterator<Item = (&'static str, &OwnValue)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut OwnValue)> {
        self.0.iter_mut().map(|(name, value)| (*name, value))
    }

    /// Writes the fields among the members of an object.
    pub(crate) fn write_members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.entries().try_for_each(|(name, value)| match value {
            OwnValue::Text(text) => map.serialize_entry(name, text),
            OwnValue::Integer(number) => map.serialize_entry(name, number),
        })
    }
}
