//! The readings that an account chooses where a platform's document is ambiguous.

use super::Platform;
use super::platform::DialectOption;
use super::words::DialectChoice;
use crate::model::{Error, ErrorReason, Options};

/// The dialect options that an account sets. All others have their defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dialect(Vec<(&'static str, String)>);

impl Dialect {
    /// Takes the dialect out of options.
    pub(crate) fn read(platform: &Platform, options: &mut Options) -> Result<Self, Error> {
        let mut inside = options.take_object("dialect")?;
        if inside.is_empty() {
            return Ok(Self::default());
        }
        let known: Vec<&str> = platform.dialect.iter().map(|option| option.name).collect();
        inside.check_names(&format!("dialect option of {}", platform.name), &known)?;
        let mut chosen = Vec::new();
        for option in platform.dialect {
            let Some(value) = inside.take_text(option.name, &option.hint())? else { continue };
            option.check(&value)?;
            chosen.push((option.name, value));
        }
        Ok(Self(chosen))
    }

    /// Checks that the platform has these options with these values.
    pub(super) fn check(&self, platform: &Platform) -> Result<(), Error> {
        self.0.iter().try_for_each(|(name, value)| {
            if let Some(option) = platform.dialect.iter().find(|option| option.name == *name) {
                return option.check(value);
            }
            let known: Vec<&str> = platform.dialect.iter().map(|option| option.name).collect();
            let wrong = format!("is not a dialect option of {}", platform.name);
            let hint = format!("{} has {}", platform.name, known.join(", "));
            Err(Error::invalid(ErrorReason::UnknownOption, &format!("dialect.{name}"), &wrong, &hint).expecting(&known))
        })
    }

    /// Returns the dialect with one reading chosen: `Dialect::default().with(MixcomSignature::DigestOnly)`. A reading of another platform
    /// is refused when a request is prepared.
    #[must_use]
    pub fn with<C: DialectChoice>(self, choice: C) -> Self {
        self.with_text(C::OPTION.name, choice.as_str())
    }

    /// Returns the dialect with the text of an option that takes any text, for example `softVersion`.
    #[must_use]
    pub fn with_text(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// Returns the chosen reading, or the default.
    #[must_use]
    pub fn get<C: DialectChoice>(&self) -> C {
        self.find(C::OPTION.name).and_then(C::named).unwrap_or_default()
    }

    /// Returns the text of an option that takes any text, or its default.
    #[must_use]
    pub fn text(&self, option: &DialectOption) -> &str {
        self.find(option.name).unwrap_or(option.default)
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }
}

impl DialectOption {
    fn hint(&self) -> String {
        if self.values.is_empty() { "pass text".to_owned() } else { format!("pass one of {}", self.values.join(", ")) }
    }

    fn check(&self, value: &str) -> Result<(), Error> {
        let field = format!("dialect.{}", self.name);
        if value.trim().is_empty() {
            return Err(Error::invalid(ErrorReason::Empty, &field, "is empty", &self.hint()));
        }
        if !self.values.is_empty() && !self.values.contains(&value) {
            return Err(Error::invalid(ErrorReason::UnsupportedValue, &field, "has no such value", &self.hint()).expecting(self.values));
        }
        Ok(())
    }
}
