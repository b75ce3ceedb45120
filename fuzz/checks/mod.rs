//! What must hold of any input. The fuzz targets call these with what they make up, `tests/corpus.rs` with what they kept.
//!
//! An input's first line names the platform, so that a further platform does not change what a kept input means. The bytes after it
//! choose operations and the like from fixed lists.
#![allow(dead_code, reason = "each target uses one of them")]

pub mod addresses;
pub mod answers;
pub mod numbers;
pub mod pushes;
pub mod signing;
pub mod streams;

use ringback::{Description, OperationKind, Options, PLATFORMS, Platform, Provider, Value as Input, open_account};
use serde_json::Value;

/// Bytes that are taken from the front.
pub struct Choices<'a>(pub &'a [u8]);

impl<'a> Choices<'a> {
    /// The next byte, or 0 where there is none.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub fn of<T: Copy>(&mut self, items: &[T]) -> T {
        items[usize::from(self.byte()) % items.len()]
    }

    /// The platform that the first line names; nothing where it names none.
    pub fn platform(&mut self) -> Option<&'static Platform> {
        let end = self.0.iter().position(|byte| *byte == b'\n')?;
        let (name, rest) = (&self.0[..end], &self.0[end + 1..]);
        let platform = PLATFORMS.into_iter().find(|platform| platform.name.as_bytes() == name)?;
        self.0 = rest;
        Some(platform)
    }

    /// What is left, as text.
    pub fn text(&self) -> std::borrow::Cow<'a, str> {
        String::from_utf8_lossy(self.0)
    }
}

/// A secret that is no part of anything else.
pub const SECRET: &str = "Zq9/k+7=Wv&x%Ü";

/// An account with that secret.
pub fn account(platform: &Platform, more: &Value) -> Box<dyn Provider> {
    let mut options = serde_json::to_value(Description::of(platform).sample_account()).expect("options");
    for credential in platform.credentials.iter().filter(|credential| credential.is_secret) {
        options[credential.name] = SECRET.into();
    }
    options.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    open_account(Options::from_json("options", &options.to_string()).expect("an object")).expect("an account")
}

/// The parameters of an operation, with the numbers and ids that the checks look for.
pub fn sample(platform: &Platform, kind: OperationKind) -> Value {
    let mut given = serde_json::to_value(Description::of(platform).sample_parameters(kind)).expect("parameters");
    match kind {
        OperationKind::Dial => (given["caller"], given["callee"]) = ("13712345678".into(), "0755-28000123".into()),
        OperationKind::BindSeat => given["phone"] = "13712345678".into(),
        _ => {}
    }
    given
}

/// A JSON value as parameters.
pub fn parameters(value: Value) -> Input {
    serde_json::from_value(value).expect("parameters")
}

/// Nothing that may be logged holds the secret.
pub fn shows_no_secret(shown: &str) {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    use sha1::Digest as _;
    let percent: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let folded = shown.to_ascii_lowercase();
    for needle in [
        SECRET.to_owned(),
        percent,
        STANDARD_NO_PAD.encode(SECRET),
        URL_SAFE_NO_PAD.encode(SECRET),
        hex::encode(sha1::Sha1::digest(SECRET)),
        hex::encode(md5::Md5::digest(SECRET)),
    ] {
        assert!(!folded.contains(&needle.to_ascii_lowercase()), "{needle} is seen in {shown}");
    }
}

/// What is given out is JSON. Where it holds half a surrogate pair, which `JSON.parse` takes and `serde_json` does not, it is not decoded.
pub fn is_json(text: &str) -> Value {
    assert!(serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok(), "{text}");
    serde_json::from_str(text).unwrap_or_default()
}
