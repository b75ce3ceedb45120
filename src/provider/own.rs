//! A platform's own fields: read from options and checked by the platform's description.

use super::Platform;
use super::platform::{Field, Kind};
use super::words::Word;
use crate::http;
use crate::model::{Error, ErrorReason, Options, OwnFields, OwnValue, PhoneNumber};

/// Takes the described fields out of options or parameters.
pub(super) fn read_own(described: &[Field], given: &mut Options) -> Result<OwnFields, Error> {
    let mut own = OwnFields::default();
    for field in described {
        match field.kind {
            Kind::Integer { least, most } => {
                if let Some(number) = given.take_integer(field.name, least, most)? {
                    own.set(field.name, number);
                }
            }
            _ => {
                if let Some(text) = given.take_text(field.name, field.hint)? {
                    own.set(field.name, text);
                }
            }
        }
    }
    Ok(own)
}

/// Checks a dial's own fields by the platform's description. Texts lose surrounding spaces.
pub(super) fn check_own(platform: &Platform, own: &mut OwnFields) -> Result<(), Error> {
    for (name, value) in own.entries_mut() {
        let Some(field) = platform.dial_fields.iter().find(|field| field.name == name) else {
            return Err(unsupported(platform, name));
        };
        check_value(field, value)?;
    }
    match platform.dial_fields.iter().find(|field| field.is_required && !own.entries().any(|(name, _)| name == field.name)) {
        Some(missing) => Err(Error::invalid(ErrorReason::Missing, missing.name, "is missing", missing.hint)),
        None => Ok(()),
    }
}

/// Builds the error of a dial field that the platform does not have.
pub(super) fn unsupported(platform: &Platform, name: &str) -> Error {
    let wrong = format!("is not supported by {} for a dial", platform.name);
    Error::invalid(ErrorReason::UnsupportedOption, name, &wrong, "leave it out")
}

fn check_value(field: &Field, value: &mut OwnValue) -> Result<(), Error> {
    let error = |reason, wrong: &str| Error::invalid(reason, field.name, wrong, field.hint);
    let invalid = |reason, wrong: &str| Err(error(reason, wrong));
    let text = match (field.kind, value) {
        (Kind::Integer { least, most }, OwnValue::Integer(number)) => {
            return if (least..=most).contains(number) {
                Ok(())
            } else {
                Err(error(ErrorReason::OutOfRange, &format!("is not between {least} and {most}")).between(least, most))
            };
        }
        (Kind::Integer { .. }, OwnValue::Text(_)) => {
            return Err(error(ErrorReason::WrongType, "is text, not a number").expecting(&["number"]));
        }
        (_, OwnValue::Integer(_)) => return invalid(ErrorReason::NotText, "is a number, not text"),
        (_, OwnValue::Text(text)) => text,
    };
    let trimmed = text.trim();
    if trimmed.len() < text.len() && !matches!(field.kind, Kind::Url) {
        *text = trimmed.to_owned();
    }
    if text.trim().is_empty() {
        return invalid(ErrorReason::Empty, "is empty");
    }
    match field.kind {
        Kind::Text { .. } if text.chars().any(char::is_control) => invalid(ErrorReason::ForbiddenCharacter, "has control characters"),
        Kind::Text { longest } if text.chars().count() > longest => {
            Err(error(ErrorReason::TooLong, &format!("is longer than {longest} characters")).at_most(longest))
        }
        Kind::PhoneNumber => PhoneNumber::parse(field.name, text).map(drop),
        Kind::Url => check_url(field, text),
        Kind::OneOf { values } if !values.contains(&text.as_str()) => {
            Err(error(ErrorReason::UnsupportedValue, "has no such value").expecting(values))
        }
        Kind::Text { .. } | Kind::Integer { .. } | Kind::OneOf { .. } => Ok(()),
    }
}

/// Checks that a field's text is an absolute http(s) URL.
pub(super) fn check_url(field: &Field, url: &str) -> Result<(), Error> {
    if http::host(url).is_some() {
        return Ok(());
    }
    Err(Error::invalid(ErrorReason::NotAUrl, field.name, "must be an absolute http(s) URL", field.hint))
}

/// A member of a struct of own fields: how it is written and read.
pub(crate) trait OwnMember: Sized {
    fn write(self, field: &Field, own: &mut OwnFields);

    /// Reads what [`check_own`] found right.
    fn read(field: &Field, own: &OwnFields) -> Result<Self, Error>;
}

impl OwnMember for String {
    fn write(self, field: &Field, own: &mut OwnFields) {
        own.set(field.name, self);
    }

    fn read(field: &Field, own: &OwnFields) -> Result<Self, Error> {
        let missing = || Error::invalid(ErrorReason::Missing, field.name, "is missing", field.hint);
        own.text(field.name).map(str::to_owned).ok_or_else(missing)
    }
}

impl OwnMember for Option<String> {
    fn write(self, field: &Field, own: &mut OwnFields) {
        if let Some(text) = self {
            own.set(field.name, text);
        }
    }

    fn read(field: &Field, own: &OwnFields) -> Result<Self, Error> {
        Ok(own.text(field.name).map(str::to_owned))
    }
}

impl OwnMember for Option<i64> {
    fn write(self, field: &Field, own: &mut OwnFields) {
        if let Some(number) = self {
            own.set(field.name, number);
        }
    }

    fn read(field: &Field, own: &OwnFields) -> Result<Self, Error> {
        Ok(own.integer(field.name))
    }
}

impl<W: Word> OwnMember for Option<W> {
    fn write(self, field: &Field, own: &mut OwnFields) {
        if let Some(word) = self {
            own.set(field.name, word.as_str());
        }
    }

    fn read(field: &Field, own: &OwnFields) -> Result<Self, Error> {
        let Some(word) = own.text(field.name) else { return Ok(None) };
        let wrong = || Error::invalid(ErrorReason::UnsupportedValue, field.name, "has no such value", field.hint);
        W::named(word).map(Some).ok_or_else(wrong)
    }
}

/// Declares the struct of a platform's own dial fields, and their description. The doc comments are also those of the generated TypeScript.
macro_rules! own_fields {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident {
            $($(#[doc = $doc:literal])+ pub $member:ident: $type:ty = $field:expr;)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Default, PartialEq, Eq)]
        pub struct $name {
            $($(#[doc = $doc])+ pub $member: $type,)+
        }

        impl $name {
            /// The fields as the platform's description lists them.
            pub(crate) const FIELDS: &'static [$crate::provider::platform::Documented<$crate::provider::platform::Field>] =
                &[$($field.with_doc(concat!($($doc),+))),+];

            /// Reads the fields of a dial that was checked.
            pub(crate) fn read(own: &$crate::model::OwnFields) -> Result<Self, $crate::model::Error> {
                Ok(Self { $($member: $crate::provider::own::OwnMember::read(&$field.item, own)?,)+ })
            }
        }

        impl From<$name> for $crate::model::OwnFields {
            fn from(fields: $name) -> Self {
                let mut own = Self::default();
                $($crate::provider::own::OwnMember::write(fields.$member, &$field.item, &mut own);)+
                own
            }
        }
    };
}

pub(crate) use own_fields;
