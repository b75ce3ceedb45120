//! Decodes bytes, by one rule for pushes, answers, kept envelopes and streams. Valid UTF-8 is read as UTF-8, whatever the content type
//! says. Otherwise the charset that the content type names is tried, then GB18030, which these platforms use besides UTF-8. What none of
//! them can read becomes U+FFFD. UTF-16 is recognized by its byte-order mark.
//!
//! The encoding tables are not here: the host has them, and passes a [`Decoder`].

use std::borrow::Cow;
use std::fmt;

/// The charset that these platforms use besides UTF-8. GBK and GB2312 are parts of it.
const CHINESE: &str = "gb18030";

/// Decodes bytes by the label of a charset (WHATWG: `gbk`, `big5`, …). `None` if the label is unknown or the bytes are not in that charset.
/// The default decodes with the feature `encoding_rs`; without it, it knows no charset.
#[derive(Clone, Copy)]
pub struct Decoder(pub fn(label: &str, bytes: &[u8]) -> Option<String>);

impl Default for Decoder {
    fn default() -> Self {
        #[cfg(feature = "encoding_rs")]
        return Self(|label, bytes| {
            let encoding = encoding_rs::Encoding::for_label(label.as_bytes())?;
            encoding.decode_without_bom_handling_and_without_replacement(bytes).map(Cow::into_owned)
        });
        #[cfg(not(feature = "encoding_rs"))]
        Self(|_, _| None)
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decoder")
    }
}

/// Decodes a body, by the rule above.
#[must_use]
pub fn text<'a>(body: &'a [u8], content_type: Option<&str>, decoder: Decoder) -> Cow<'a, str> {
    if let Ok(text) = str::from_utf8(body) {
        return Cow::Borrowed(text);
    }
    if let Some(text) = by_mark(body) {
        return Cow::Owned(text);
    }
    let text = labels(content_type).into_iter().flatten().find_map(|label| (decoder.0)(&label, body));
    text.map_or_else(|| String::from_utf8_lossy(body), Cow::Owned)
}

/// Decodes a form's names and values, which are all in one charset, by the same rule.
pub(crate) fn texts(pieces: Vec<Vec<u8>>, content_type: Option<&str>, decoder: Decoder) -> Vec<String> {
    if pieces.iter().all(|piece| str::from_utf8(piece).is_ok()) {
        return pieces.into_iter().filter_map(|piece| String::from_utf8(piece).ok()).collect();
    }
    let decoded =
        |label: &str, piece: &[u8]| if piece.is_ascii() { String::from_utf8(piece.to_vec()).ok() } else { (decoder.0)(label, piece) };
    let all = |label: String| pieces.iter().map(|piece| decoded(&label, piece)).collect::<Option<Vec<_>>>();
    let texts = labels(content_type).into_iter().flatten().find_map(all);
    texts.unwrap_or_else(|| pieces.iter().map(|piece| String::from_utf8_lossy(piece).into_owned()).collect())
}

/// Lists the charsets to try for bytes that are not UTF-8.
fn labels(content_type: Option<&str>) -> [Option<String>; 2] {
    let chinese = Some(CHINESE.to_owned());
    [named(content_type).filter(|label| Some(label) != chinese.as_ref()), chinese]
}

/// Returns the charset that a content type names, in lower case. `None` for none and for UTF-8.
#[must_use]
pub fn named(content_type: Option<&str>) -> Option<String> {
    let parameters = content_type?.split(';').skip(1);
    let label =
        parameters.filter_map(|parameter| parameter.split_once('=')).find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?.1;
    let label = label.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    (!label.is_empty() && !matches!(label.as_str(), "utf-8" | "utf8")).then_some(label)
}

/// Returns true if the bytes begin with UTF-16's byte-order mark.
pub(crate) fn is_utf_16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
}

/// Decodes UTF-16 that begins with its byte-order mark.
fn by_mark(bytes: &[u8]) -> Option<String> {
    let is_big_endian = bytes.starts_with(&[0xfe, 0xff]);
    let (pairs, odd) = bytes.get(2..).filter(|_| is_utf_16(bytes))?.as_chunks::<2>();
    let unit = |pair: &[u8; 2]| if is_big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    let units = pairs.iter().map(unit).chain((!odd.is_empty()).then_some(0xfffd));
    Some(char::decode_utf16(units).map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

#[cfg(test)]
mod tests {
    use super::{Decoder, named, text, texts};

    /// Knows two charsets in part: enough to tell which was asked for.
    const HOST: Decoder = Decoder(|label, bytes| match label {
        "gb18030" | "gbk" => (bytes.contains(&0xc3) && !bytes.contains(&0xff)).then(|| "忙".to_owned()),
        "iso-8859-1" => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        _ => None,
    });

    #[test]
    fn bytes_are_utf_8_then_what_is_named_then_gb18030_then_replaced() {
        let read = |bytes: &[u8], content_type| text(bytes, content_type, HOST).into_owned();
        assert_eq!(read("忙".as_bytes(), Some("application/json; charset=ISO-8859-1")), "忙");
        assert_eq!(read("忙".as_bytes(), Some("application/json; charset=gbk")), "忙");
        assert_eq!(read(b"\xc3\xa6", Some("text/plain; charset=gbk")), "æ", "valid UTF-8, whatever is named");
        assert_eq!(read(b"\xc3\xa6\xc3", Some("text/plain; charset=ISO-8859-1")), "Ã¦Ã");
        for content_type in [None, Some("application/json"), Some("x; charset=utf8mb4"), Some("x; charset=utf-8"), Some("x;charset=gbk")] {
            assert_eq!(read(b"\xc3\xa6\xc3", content_type), "忙", "{content_type:?}");
        }
        assert_eq!(read(b"a\xff", None), "a\u{fffd}");
        assert_eq!(text(b"a\xc3", None, Decoder(|_, _| None)), "a\u{fffd}");
    }

    #[test]
    fn utf_16_is_known_by_its_mark() {
        let read = |bytes: &[u8]| text(bytes, None, HOST).into_owned();
        assert_eq!(read(b"\xff\xfe{\0\xd9\x5f"), "{忙");
        assert_eq!(read(b"\xfe\xff\0{\x5f\xd9"), "{忙");
        assert_eq!(read(b"\xff\xfe{\0\xd8\xd8{"), "{\u{fffd}\u{fffd}", "half a pair, and half a unit");
    }

    #[test]
    fn all_of_a_form_is_in_one_charset() {
        let read = |pieces: &[&[u8]]| texts(pieces.iter().map(|piece| piece.to_vec()).collect(), None, HOST);
        assert_eq!(read(&[b"a", "忙".as_bytes()]), ["a", "忙"]);
        // The second would be UTF-8 by itself.
        assert_eq!(read(&[b"\xc3\x41", b"\xc3\xa6", b"a"]), ["忙", "忙", "a"]);
        assert_eq!(read(&[b"\xff", b"\xc3\xa6"]), ["\u{fffd}", "æ"]);
    }

    #[test]
    fn a_charset_is_named_in_any_spelling() {
        assert_eq!(named(Some("application/json;CharSet = \"GBK\" ; x=y")).as_deref(), Some("gbk"));
        for none in [None, Some("application/json"), Some("a; charset=UTF-8"), Some("a; charset=utf8"), Some("a; charset=")] {
            assert_eq!(named(none), None, "{none:?}");
        }
    }
}
