//! Results as JSON text. All that they hold is text, integers, true and false, lists and objects: a writer for just these is a tenth
//! of a general one, in which every member brings its own error path.

#[expect(clippy::inline_always, reason = "measured: this runs over every byte, and inlining has low limits in the wasm")]
pub(crate) mod scan;

use std::fmt;

use serde::ser::{self, Impossible, Serialize, Serializer};

use crate::digest::hex;

/// The name under which [`Raw`](crate::model::Raw) hands over its text, to be written as it stands: that of `serde_json`'s own
/// `RawValue`, so that `serde_json` understands it too.
pub(crate) const VERBATIM: &str = "$serde_json::private::RawValue";

/// The JSON text of a result.
#[cfg(any(test, target_arch = "wasm32"))]
pub(crate) fn to_json<T: Serialize + ?Sized>(result: &T) -> String {
    let mut out = String::new();
    write_json(&mut out, result);
    out
}

/// The same behind what stands there already.
pub(crate) fn write_json<T: Serialize + ?Sized>(out: &mut String, result: &T) {
    let Ok(()) = result.serialize(Writer { out, verbatim: false });
}

/// A text as a JSON string. Never inlined: it stands behind nearly every member.
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
            out.push_str(&hex([0, byte]));
        }
        copied = at + 1;
    }
    out.push_str(&text[copied..]);
    out.push('"');
}

/// A comma where something stands before in the same brackets. What stands before never ends with an opening bracket: a text ends
/// with its quote.
#[inline(never)]
fn comma(out: &mut String) {
    if follows(out) {
        out.push(',');
    }
}

fn follows(out: &str) -> bool {
    !matches!(out.as_bytes().last(), None | Some(b'{' | b'['))
}

/// The name of a member: an identifier, in which nothing needs an escape.
#[inline(never)]
fn name(out: &mut String, name: &str) {
    out.push_str(if follows(out) { ",\"" } else { "\"" });
    out.push_str(name);
    out.push_str("\":");
}

#[inline(never)]
fn number(out: &mut String, number: i64) {
    out.push_str(&number.to_string());
}

struct Writer<'a> {
    out: &'a mut String,
    /// The next text is JSON already.
    verbatim: bool,
}

/// What is within brackets.
struct Members<'a> {
    out: &'a mut String,
    close: &'static str,
}

/// Nothing that is written here can fail.
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
        unreachable!("no result has a value that refuses to be written")
    }
}

type Written = Result<(), Never>;

impl<'a> Writer<'a> {
    fn open(self, brackets: (&str, &'static str)) -> Members<'a> {
        self.out.push_str(brackets.0);
        Members { out: self.out, close: brackets.1 }
    }
}

const OBJECT: (&str, &str) = ("{", "}");
const LIST: (&str, &str) = ("[", "]");
const AS_IT_STANDS: (&str, &str) = ("", "");

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
        number(self.out, value);
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

    /// Counts, of fifteen digits at most.
    fn serialize_u64(self, value: u64) -> Written {
        self.serialize_i64(i64::try_from(value).unwrap_or(i64::MAX))
    }

    /// No result has a fraction.
    fn serialize_f32(self, _: f32) -> Written {
        self.serialize_unit()
    }

    fn serialize_f64(self, _: f64) -> Written {
        self.serialize_unit()
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
        Ok(self.open(LIST))
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'a>, Never> {
        Ok(self.open(LIST))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Never> {
        Ok(self.open(LIST))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeTupleVariant, Never> {
        unreachable!("no result has such a variant")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a>, Never> {
        Ok(self.open(OBJECT))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Members<'a>, Never> {
        Ok(self.open(if name == VERBATIM { AS_IT_STANDS } else { OBJECT }))
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeStructVariant, Never> {
        unreachable!("no result has such a variant")
    }
}

impl Members<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        comma(self.out);
        value.serialize(Writer { out: self.out, verbatim: false })
    }

    fn close(self) {
        self.out.push_str(self.close);
    }
}

impl ser::SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Written {
        let verbatim = key == VERBATIM;
        if !verbatim {
            name(self.out, key);
        }
        value.serialize(Writer { out: self.out, verbatim })
    }

    fn end(self) -> Written {
        self.close();
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
        self.close();
        Ok(())
    }
}

/// serde has three kinds of lists; JSON has one.
macro_rules! list {
    ($($kind:ident::$item:ident),*) => {
        $(impl ser::$kind for Members<'_> {
            type Ok = ();
            type Error = Never;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                self.item(value)
            }

            fn end(self) -> Written {
                self.close();
                Ok(())
            }
        })*
    };
}

list!(SerializeSeq::serialize_element, SerializeTuple::serialize_element, SerializeTupleStruct::serialize_field);

#[cfg(test)]
mod tests {
    use super::{quote, to_json};
    use crate::model::Raw;

    #[test]
    fn a_text_is_quoted_as_serde_json_quotes_it() {
        let text: String = (0..0x180).filter_map(char::from_u32).chain("话单".chars()).collect();
        let mut quoted = String::new();
        quote(&mut quoted, &text);
        assert_eq!(Some(quoted), serde_json::to_string(&text).ok());
    }

    #[test]
    fn a_payload_is_written_as_it_stands_by_either_writer() {
        let results = [(Raw::new("{\"a\": 1.50}".to_owned()), -7_i64, None::<bool>), (Raw::text("{\"a\""), 0, Some(true))];
        assert_eq!(Some(to_json(&results)), serde_json::to_string(&results).ok());
        assert_eq!(to_json(&results), r#"[[{"a": 1.50},-7,null],["{\"a\"",0,true]]"#);
    }
}
