//! Results as plain JavaScript objects, by serde-wasm-bindgen.
//!
//! The steps of an exchange and the results of receiving are made otherwise, since every dial and push needs them: the core writes them as JSON
//! text, as it writes the lines of a stream, and `JSON.parse` reads it at once. Member by member was measured: a push takes 23 % longer, a dial 12 %.
//!
//! Two kinds of values are built by JavaScript itself. A payload is given to `JSON.parse`, and a map to `Object.fromEntries`: their names
//! come from outside, and both make `__proto__` an ordinary member. serde-wasm-bindgen would assign it (`object[name] = value`), which
//! sets the object's prototype.

use js_sys::{Array, JSON, Object};
use ringback::{Error, Raw, ToJson};
use serde::ser::{self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer};
use serde_wasm_bindgen::preserve;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

type ObjectSerializer = serde_wasm_bindgen::Serializer;

const OBJECTS: ObjectSerializer = ObjectSerializer::json_compatible();

#[wasm_bindgen]
extern "C" {
    /// js-sys takes the text from Rust only, which would copy it a second time.
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse_payload(text: &JsValue) -> Result<JsValue, JsValue>;
}

/// The result as an object, or the error to throw.
pub fn to_object<T: Serialize>(outcome: Result<T, Error>) -> Result<JsValue, JsValue> {
    serialize(&outcome.map_err(to_error)?)
}

/// The object of the core's own JSON text.
pub fn parse_json(text: &str) -> Result<JsValue, JsValue> {
    JSON::parse(text)
}

/// The result of receiving as an object, or the error to throw.
pub fn parse_json_of<T: ToJson>(outcome: Result<T, Error>) -> Result<JsValue, JsValue> {
    parse_json(&outcome.map_err(to_error)?.to_json())
}

/// The error as a plain object.
#[expect(clippy::needless_pass_by_value, reason = "the end of every error's way")]
pub fn to_error(error: Error) -> JsValue {
    serialize(&*error).unwrap_or_else(|failure| failure)
}

/// Any result as an object.
pub fn serialize<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    value.serialize(Plain(&OBJECTS)).map_err(JsValue::from)
}

/// Hands everything on to serde-wasm-bindgen but payloads and maps.
struct Plain<S>(S);

/// A value inside of another, which is to be written by the same rules.
struct Inner<'a, T: ?Sized>(&'a T);

impl<T: Serialize + ?Sized> Serialize for Inner<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(Plain(serializer))
    }
}

macro_rules! hand_on {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {
        $(fn $name(self, $($argument: $type),*) -> Result<S::Ok, S::Error> {
            self.0.$name($($argument),*)
        })*
    };
}

impl<S: Serializer> Serializer for Plain<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Plain<S::SerializeSeq>;
    type SerializeTuple = Plain<S::SerializeTuple>;
    type SerializeTupleStruct = Impossible<S::Ok, S::Error>;
    type SerializeTupleVariant = Impossible<S::Ok, S::Error>;
    type SerializeMap = Members<S>;
    type SerializeStruct = Struct<S>;
    type SerializeStructVariant = Impossible<S::Ok, S::Error>;

    hand_on! {
        serialize_bool(value: bool);
        serialize_i8(value: i8);
        serialize_i16(value: i16);
        serialize_i32(value: i32);
        serialize_i64(value: i64);
        serialize_u8(value: u8);
        serialize_u16(value: u16);
        serialize_u32(value: u32);
        serialize_u64(value: u64);
        serialize_f32(value: f32);
        serialize_f64(value: f64);
        serialize_char(value: char);
        serialize_str(value: &str);
        serialize_bytes(value: &[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(name: &'static str);
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str);
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        self.0.serialize_newtype_struct(name, &Inner(value))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.0.serialize_newtype_variant(name, index, variant, &Inner(value))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.0.serialize_seq(length).map(Plain)
    }

    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.0.serialize_tuple(length).map(Plain)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, S::Error> {
        Err(no_such_result())
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeTupleVariant, S::Error> {
        Err(no_such_result())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<S>, S::Error> {
        Ok(Members { serializer: self.0, entries: Array::new(), name: JsValue::UNDEFINED })
    }

    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Struct<S>, S::Error> {
        if name == Raw::STRUCT_NAME {
            return Ok(Struct::Payload { serializer: self.0, value: JsValue::UNDEFINED });
        }
        self.0.serialize_struct(name, length).map(Struct::Object)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        Err(no_such_result())
    }
}

fn no_such_result<E: ser::Error>() -> E {
    E::custom("no result has such a form")
}

impl<S: SerializeSeq> SerializeSeq for Plain<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.0.serialize_element(&Inner(value))
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.0.end()
    }
}

impl<S: SerializeTuple> SerializeTuple for Plain<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.0.serialize_element(&Inner(value))
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.0.end()
    }
}

/// A struct's fields, or the one field of a payload.
enum Struct<S: Serializer> {
    Object(S::SerializeStruct),
    Payload { serializer: S, value: JsValue },
}

impl<S: Serializer> SerializeStruct for Struct<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, field: &T) -> Result<(), S::Error> {
        match self {
            Self::Object(object) => object.serialize_field(name, &Inner(field)),
            Self::Payload { value, .. } => {
                let text = field.serialize(&OBJECTS).map_err(ser::Error::custom)?;
                *value = parse_payload(&text).map_err(|_| ser::Error::custom("a payload is not JSON"))?;
                Ok(())
            }
        }
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        match self {
            Self::Object(object) => object.end(),
            Self::Payload { serializer, value } => preserve::serialize(&value, serializer),
        }
    }
}

/// A map's names and values, so far.
struct Members<S> {
    serializer: S,
    entries: Array,
    name: JsValue,
}

impl<S: Serializer> SerializeMap for Members<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), S::Error> {
        self.name = name.serialize(&OBJECTS).map_err(ser::Error::custom)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        let value = value.serialize(Plain(&OBJECTS)).map_err(ser::Error::custom)?;
        self.entries.push(&Array::of2(&self.name, &value));
        Ok(())
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        let object = Object::from_entries(&self.entries).map_err(|_| ser::Error::custom("no entries"))?;
        preserve::serialize(&object, self.serializer)
    }
}
