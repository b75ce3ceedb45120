//! Texts for people, in the languages of the documentation.

use serde::Serialize;

/// A text in English and in Chinese. What a program says while it runs is English; the Chinese is for the documentation and for `ringback/zh`,
/// and is not part of the wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Text {
    /// The English text.
    pub en: &'static str,
    /// The Chinese text.
    pub zh: &'static str,
}

impl Text {
    /// No text.
    pub const EMPTY: Self = Self::new("", "");

    /// Describes a text in both languages.
    #[must_use]
    pub const fn new(en: &'static str, zh: &'static str) -> Self {
        Self { en, zh }
    }

    /// Returns whether there is no text.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.en.is_empty()
    }

    /// Returns the text without surrounding spaces, which doc comments have.
    #[must_use]
    pub const fn trim(&self) -> Self {
        Self::new(self.en.trim_ascii(), self.zh.trim_ascii())
    }
}
