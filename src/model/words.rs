//! Enums whose variants are words of the public surface.

/// Declares such an enum. Each variant's doc comment, word and Chinese meaning stand once: the enum, its word as text, its serialization, and
/// the union of words in TypeScript are made from them. `or Variant` behind the name gives the default.
macro_rules! words {
    (
        $(#[doc = $about:literal])+
        pub enum $name:ident $(or $default:ident)? { $($(#[doc = $doc:literal])+ $variant:ident = $word:literal / $zh:literal,)+ }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the public surface.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The meaning, in one or two sentences.
            #[must_use]
            pub const fn meaning(self) -> $crate::model::Text {
                match self {
                    $(Self::$variant => $crate::model::Text::new(concat!($($doc),+).trim_ascii(), $zh),)+
                }
            }
        }

        $(impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        })?

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "typescript")]
        impl ts_rs::TS for $name {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;

            fn name(_: &ts_rs::Config) -> String {
                stringify!($name).to_owned()
            }

            fn inline(_: &ts_rs::Config) -> String {
                [$(concat!("\"", $word, "\"")),+].join(" | ")
            }

            fn decl(config: &ts_rs::Config) -> String {
                format!("type {} = {};", stringify!($name), Self::inline(config))
            }

            fn docs() -> Option<String> {
                Some(concat!($($about),+).to_owned())
            }
        }
    };
}

pub(crate) use words;
