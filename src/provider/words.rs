//! Enums of words: what an option may be, with the word for each value.

use super::platform::{DialectDoc, DialectOption};
use crate::http::Encoding;

/// A closed list of words. The first is the default.
pub trait Word: Copy + Default + 'static {
    /// All words, the default first.
    const WORDS: &'static [&'static str];

    /// Returns the word in options and in the platform's description.
    fn as_str(self) -> &'static str;

    /// Finds the value of a word.
    fn named(word: &str) -> Option<Self>;
}

/// A dialect option whose values are a closed list: how an ambiguous place in a platform's document is read.
pub trait DialectChoice: Word {
    /// The option's name and values.
    const OPTION: DialectOption;
}

/// The same with doc texts, for descriptions within this crate.
pub(crate) trait DocumentedChoice: DialectChoice {
    /// The option with its doc texts.
    const DOCUMENTED: DialectDoc;
}

/// Declares an enum of words. The first value is the default.
macro_rules! words {
    (
        $(#[doc = $doc:literal])+
        pub enum $name:ident {
            $(#[doc = $first_doc:literal])+ $first:ident = $first_word:literal
            $(, $(#[doc = $value_doc:literal])+ $value:ident = $word:literal)* $(,)?
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = $first_doc])+
            #[default]
            $first,
            $($(#[doc = $value_doc])+ $value,)*
        }

        impl $crate::provider::words::Word for $name {
            const WORDS: &'static [&'static str] = &[$first_word $(, $word)*];

            fn as_str(self) -> &'static str {
                match self {
                    Self::$first => $first_word,
                    $(Self::$value => $word,)*
                }
            }

            fn named(word: &str) -> Option<Self> {
                match word {
                    $first_word => Some(Self::$first),
                    $($word => Some(Self::$value),)*
                    _ => None,
                }
            }
        }
    };
}

/// Declares a dialect option: its name, how the default is known, and its values, the default first. The doc comments are also those of the
/// generated TypeScript types and tables; the Chinese texts stand beside them.
macro_rules! dialect_choice {
    (
        $(#[doc = $doc:literal])+
        pub enum $name:ident ($option:literal, $mark:ident, $zh:literal) {
            $(#[doc = $first_doc:literal])+ $first:ident = $first_word:literal / $first_zh:literal
            $(, $(#[doc = $value_doc:literal])+ $value:ident = $word:literal / $value_zh:literal)* $(,)?
        }
    ) => {
        $crate::provider::words::words! {
            $(#[doc = $doc])+
            pub enum $name {
                $(#[doc = $first_doc])+ $first = $first_word
                $(, $(#[doc = $value_doc])+ $value = $word)*
            }
        }

        impl $crate::provider::words::DialectChoice for $name {
            const OPTION: $crate::provider::platform::DialectOption = $crate::provider::platform::DialectOption {
                name: $option,
                values: <Self as $crate::provider::words::Word>::WORDS,
                default: $first_word,
            };
        }

        impl $crate::provider::words::DocumentedChoice for $name {
            const DOCUMENTED: $crate::provider::platform::DialectDoc = $crate::provider::platform::DialectDoc {
                option: <Self as $crate::provider::words::DialectChoice>::OPTION,
                mark: $crate::provider::platform::Mark::$mark,
                doc: $crate::model::Text::new(concat!($($doc),+), $zh),
                value_docs: &[
                    $crate::model::Text::new(concat!($($first_doc),+), $first_zh)
                    $(, $crate::model::Text::new(concat!($($value_doc),+), $value_zh))*
                ],
            };
        }
    };
}

pub(crate) use {dialect_choice, words};

dialect_choice! {
    /// The body of a dial. Default `form` (chosen): the document does not say.
    pub enum BodyEncoding ("bodyEncoding", Chosen, "呼叫请求的正文格式。默认 `form`（本库选定）：文档未说明。") {
        /// `application/x-www-form-urlencoded`.
        Form = "form" / "`application/x-www-form-urlencoded`。",
        /// `multipart/form-data`.
        Multipart = "multipart" / "`multipart/form-data`。",
        /// A JSON object of texts.
        Json = "json" / "JSON 对象，值都是文本。",
    }
}

dialect_choice! {
    /// How numbers are sent. Default `national` (chosen): the document gives no format.
    pub enum NumberFormat ("numberFormat", Chosen, "号码的发送格式。默认 `national`（本库选定）：文档没有给出格式。") {
        /// `13800000001`, `075528000123`.
        National = "national" / "`13800000001`、`075528000123`。",
        /// `+8613800000001`, `+8675528000123`.
        E164 = "e164" / "`+8613800000001`、`+8675528000123`。",
    }
}

impl From<BodyEncoding> for Encoding {
    fn from(encoding: BodyEncoding) -> Self {
        match encoding {
            BodyEncoding::Form => Self::Form,
            BodyEncoding::Multipart => Self::Multipart,
            BodyEncoding::Json => Self::Json,
        }
    }
}
