//! The HTTP answer of a receiver to a platform.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// An answer to a push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Headers,
    /// The body, to the byte.
    pub body: String,
}

impl Answer {
    /// A JSON answer.
    #[must_use]
    pub fn json(status: u16, body: &str) -> Self {
        Self::of(status, "application/json", body)
    }

    /// A text answer.
    #[must_use]
    pub fn text(status: u16, body: &str) -> Self {
        Self::of(status, "text/plain;charset=UTF-8", body)
    }

    fn of(status: u16, content_type: &str, body: &str) -> Self {
        Self { status, headers: Headers(vec![("content-type", content_type.to_owned())]), body: body.to_owned() }
    }
}

/// Header names, in lower case, with their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<(&'static str, String)>);

impl Headers {
    /// Finds a header's value by its name in lower case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
    }
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
