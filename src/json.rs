//! Writes results as JSON text. A serde serializer for what results consist of: text, integers, booleans, lists and objects.
//!
//! Why not `serde_json`'s writer: it makes the download of the npm package 5.6 to 5.9 KB larger (gzip). At `opt-level` 3 it is as fast;
//! at `z` it takes 27 % longer for a push and leaves `normalizeStream` 37 % fewer bytes a second. Both write the same text: the tests here
//! compare them.

#[expect(clippy::inline_always, reason = "measured: this runs over every byte, and inlining has low limits in the wasm")]
pub(crate) mod scan;

use std::fmt::{self, Write as _};

use serde::ser::{self, Impossible, Serialize, Serializer};

/// The struct name as which [`Raw`](crate::model::Raw) serializes, so that its text is written unchanged. It is the name that `serde_json`
/// gives its `RawValue`, so `serde_json` writes a payload unchanged, too. Serializing through a real `RawValue` would need no name, but
/// `RawValue` can only be made by parsing the text again, and brings `serde_json`'s parser into the download (9 KB and more, see
/// [`scan`]). The tests below fail if a new `serde_json` changes the name.
pub(crate) const VERBATIM: &str = "$serde_json::private::RawValue";

/// Writes a result as JSON text.
pub(crate) fn to_json<T: Serialize + ?Sized>(result: &T) -> String {
    let mut out = String::with_capacity(2048);
    write_json(&mut out, result);
    out
}

/// Appends a result as JSON text.
pub(crate) fn write_json<T: Serialize + ?Sized>(out: &mut String, result: &T) {
    let Ok(()) = result.serialize(Writer { out, verbatim: false });
}

/// Appends a text as a JSON string. Not inlined: nearly every member calls it.
#[inline(never)]
pub(crate) fn quote(out: &mut String, text: &str) {
    out.push('"');
    let mut copied = 0;
    loop {
        let at = scan::plain_until(text.as_bytes(), copied);
        let Some(byte) = text.as_bytes().get(at).copied() else { break };
        let short = match byte {
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            8 => b'b',
            12 => b'f',
            0..b' ' => b'u',
            _ => byte,
        };
        out.push_str(&text[copied..at]);
        out.push('\\');
        out.push(char::from(short));
        if short == b'u' {
            push_hex(out, byte.into());
        }
        copied = at + 1;
    }
    out.push_str(&text[copied..]);
    out.push('"');
}

/// Escapes all characters beyond ASCII in JSON text, where they occur in strings only.
pub(crate) fn to_ascii(json: String) -> String {
    let mut at = scan::ascii_until(json.as_bytes(), 0);
    if at == json.len() {
        return json;
    }
    let mut out = String::with_capacity(json.len() * 5 / 4);
    let mut copied = 0;
    while let Some(character) = json[at..].chars().next() {
        out.push_str(&json[copied..at]);
        for unit in character.encode_utf16(&mut [0; 2]) {
            out.push_str("\\u");
            push_hex(&mut out, *unit);
        }
        copied = at + character.len_utf8();
        at = scan::ascii_until(json.as_bytes(), copied);
    }
    out.push_str(&json[copied..]);
    out
}

/// Appends the four hex digits of an escape.
pub(crate) fn push_hex(out: &mut String, unit: u16) {
    out.extend([12, 8, 4, 0].into_iter().filter_map(|shift| char::from_digit(u32::from(unit >> shift) & 15, 16)));
}

/// Appends a comma, except for the first item within brackets.
#[inline(never)]
fn write_comma(out: &mut String) {
    if has_previous(out) {
        out.push(',');
    }
}

/// Returns true if an item was already written within the same brackets. No item ends with an opening bracket: a text ends with its quote.
fn has_previous(out: &str) -> bool {
    !matches!(out.as_bytes().last(), None | Some(b'{' | b'['))
}

/// Appends a member's name: an identifier, in which nothing needs an escape.
#[inline(never)]
fn write_name(out: &mut String, name: &str) {
    if has_previous(out) {
        out.push(',');
    }
    out.push('"');
    out.push_str(name);
    out.push_str("\":");
}

#[inline(never)]
fn write_number(out: &mut String, number: impl fmt::Display) {
    let Ok(()) = write!(out, "{number}") else { unreachable!("a String takes any text") };
}

struct Writer<'a> {
    out: &'a mut String,
    /// True if the next text is already JSON.
    verbatim: bool,
}

/// Writes what is within brackets.
struct Members<'a> {
    out: &'a mut String,
    close: Option<char>,
}

/// The error of a writer that cannot fail: it has no value.
#[derive(Debug)]
enum Never {}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl ser::Error for Never {
    fn custom<T: fmt::Display>(_: T) -> Self {
        unreachable!("results consist of values that serialize")
    }
}

type Written = Result<(), Never>;

impl<'a> Writer<'a> {
    fn open(self, open: char, close: char) -> Members<'a> {
        self.out.push(open);
        Members { out: self.out, close: Some(close) }
    }

    fn open_list(self) -> Members<'a> {
        self.open('[', ']')
    }

    fn open_object(self) -> Members<'a> {
        self.open('{', '}')
    }
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Members<'a>;
    type SerializeTuple = Members<'a>;
    type SerializeTupleStruct = Members<'a>;
    type SerializeTupleVariant = Impossible<(), Never>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Impossible<(), Never>;

    fn serialize_bool(self, value: bool) -> Written {
        self.out.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Written {
        write_number(self.out, value);
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Written {
        write_number(self.out, value);
        Ok(())
    }

    /// Numbers with a fraction stay in payloads, as text. Formatting one takes more code than this whole module.
    fn serialize_f32(self, _: f32) -> Written {
        unreachable!("results have no fractions")
    }

    fn serialize_f64(self, _: f64) -> Written {
        unreachable!("results have no fractions")
    }

    fn serialize_char(self, value: char) -> Written {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Written {
        if self.verbatim {
            self.out.push_str(value);
        } else {
            quote(self.out, value);
        }
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.out.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'a>, Never> {
        Ok(self.open_list())
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'a>, Never> {
        Ok(self.open_list())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Never> {
        Ok(self.open_list())
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeTupleVariant, Never> {
        unreachable!("results have no such variant")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a>, Never> {
        Ok(self.open_object())
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Members<'a>, Never> {
        Ok(if name == VERBATIM { Members { out: self.out, close: None } } else { self.open_object() })
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeStructVariant, Never> {
        unreachable!("results have no such variant")
    }
}

impl Members<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        write_comma(self.out);
        value.serialize(Writer { out: self.out, verbatim: false })
    }

    fn finish(self) {
        self.out.extend(self.close);
    }
}

impl ser::SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Written {
        let verbatim = key == VERBATIM;
        if !verbatim {
            write_name(self.out, key);
        }
        value.serialize(Writer { out: self.out, verbatim })
    }

    fn end(self) -> Written {
        self.finish();
        Ok(())
    }
}

impl ser::SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        self.item(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        self.out.push(':');
        value.serialize(Writer { out: self.out, verbatim: false })
    }

    fn end(self) -> Written {
        self.finish();
        Ok(())
    }
}

/// Implements serde's three kinds of lists, which are one in JSON.
macro_rules! list {
    ($($kind:ident::$item:ident),*) => {
        $(impl ser::$kind for Members<'_> {
            type Ok = ();
            type Error = Never;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                self.item(value)
            }

            fn end(self) -> Written {
                self.finish();
                Ok(())
            }
        })*
    };
}

list!(SerializeSeq::serialize_element, SerializeTuple::serialize_element, SerializeTupleStruct::serialize_field);

#[cfg(test)]
mod tests {
    use super::{quote, to_ascii, to_json};
    use crate::model::Raw;

    #[test]
    fn a_text_is_quoted_as_serde_json_quotes_it() {
        let text: String = (0..0x180).filter_map(char::from_u32).chain("话单".chars()).collect();
        let mut quoted = String::new();
        quote(&mut quoted, &text);
        assert_eq!(Some(quoted), serde_json::to_string(&text).ok());
    }

    #[test]
    fn ascii_text_is_read_as_what_it_was_made_of() {
        for json in ["{}", "\"话单\"", "{\"a话\":[\"é😀\\n\\u4e00\"], \"b\": \"\u{7f}\u{80}\u{ffff}\"}"] {
            let ascii = to_ascii(json.to_owned());
            assert!(ascii.is_ascii(), "{ascii}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&ascii).ok(), serde_json::from_str(json).ok(), "{json}");
        }
        assert_eq!(to_ascii("[\"x😀话y\"]".to_owned()), r#"["x\ud83d\ude00\u8bddy"]"#);
    }

    #[test]
    fn numbers_keep_all_their_digits() {
        let results = (u64::MAX, i64::MIN, u32::MAX, -1_i8);
        assert_eq!(to_json(&results), "[18446744073709551615,-9223372036854775808,4294967295,-1]");
    }

    #[test]
    fn a_payload_is_written_unchanged_by_either_writer() {
        let results = [(Raw::new("{\"a\": 1.50}".to_owned()), -7_i64, None::<bool>), (Raw::text("{\"a\""), 0, Some(true))];
        assert_eq!(Some(to_json(&results)), serde_json::to_string(&results).ok());
        assert_eq!(to_json(&results), r#"[[{"a": 1.50},-7,null],["{\"a\"",0,true]]"#);
    }
}
