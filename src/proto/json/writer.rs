// SPDX-License-Identifier: Apache-2.0
//! Writing a [`serde::Serialize`] value as JSON (RFC 8259).
//!
//! The structure is written here, numbers by `serde-json-core`. Its own serializer panics on a `char`, a
//! tuple variant or an error of the value's, writes map keys that are no strings as they are, and does not
//! tell how much room is missing.

use core::fmt::{self, Display, Write as _};

use serde::ser::{self, Serialize};

use crate::proto::hex;
use crate::proto::write::{SliceWriter, Write};

/// The value cannot be written as JSON: a map key that is no text or number, a number that is not finite, or
/// an error of the value's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsupported;

impl Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value cannot be written as JSON")
    }
}

impl core::error::Error for Unsupported {}

impl ser::Error for Unsupported {
    fn custom<T: Display>(_message: T) -> Self {
        Self
    }
}

/// Writes one value; what does not fit is only counted.
pub struct JsonWriter<'o, 'a> {
    out: &'o mut SliceWriter<'a>,
}

impl<'o, 'a> JsonWriter<'o, 'a> {
    /// Writes to `out`.
    pub fn new(out: &'o mut SliceWriter<'a>) -> Self {
        Self { out }
    }

    fn number<T: Serialize>(&mut self, number: T) -> Result<(), Unsupported> {
        // The longest number is an f64 in scientific notation, 24 bytes.
        let mut digits = [0; 32];
        let len = serde_json_core::to_slice(&number, &mut digits).map_err(|_| Unsupported)?;
        self.out.write(digits.get(..len).unwrap_or_default());
        Ok(())
    }

    fn open<'w>(&'w mut self, open: &[u8], close: &'static [u8]) -> Compound<'w, 'o, 'a> {
        self.out.write(open);
        Compound { writer: self, is_first: true, close }
    }

    /// Opens `{"variant":` and what follows.
    fn open_variant<'w>(
        &'w mut self,
        variant: &str,
        open: &[u8],
        close: &'static [u8],
    ) -> Compound<'w, 'o, 'a> {
        self.out.write(b"{");
        self.string(variant);
        self.out.write(b":");
        self.open(open, close)
    }

    fn string(&mut self, text: &str) {
        self.out.write(b"\"");
        write_escaped(self.out, text);
        self.out.write(b"\"");
    }
}

fn write_escaped(out: &mut SliceWriter<'_>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some(index) = rest.iter().position(|&byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        let (plain, tail) = rest.split_at(index);
        out.write(plain);
        let Some((&byte, tail)) = tail.split_first() else {
            return;
        };
        match byte {
            b'"' | b'\\' => out.write(&[b'\\', byte]),
            b'\n' => out.write(b"\\n"),
            b'\r' => out.write(b"\\r"),
            b'\t' => out.write(b"\\t"),
            _ => out.write(&[b'\\', b'u', b'0', b'0', hex::digit(byte >> 4), hex::digit(byte)]),
        }
        rest = tail;
    }
    out.write(rest);
}

/// Escapes what is formatted into it.
struct Escaped<'o, 'a>(&'o mut SliceWriter<'a>);

impl fmt::Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_escaped(self.0, text);
        Ok(())
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty;)+) => {$(
        fn $method(self, number: $type) -> Result<(), Unsupported> {
            self.number(number)
        }
    )+};
}

impl<'w, 'o, 'a> ser::Serializer for &'w mut JsonWriter<'o, 'a> {
    type Ok = ();
    type Error = Unsupported;
    type SerializeSeq = Compound<'w, 'o, 'a>;
    type SerializeTuple = Compound<'w, 'o, 'a>;
    type SerializeTupleStruct = Compound<'w, 'o, 'a>;
    type SerializeTupleVariant = Compound<'w, 'o, 'a>;
    type SerializeMap = Compound<'w, 'o, 'a>;
    type SerializeStruct = Compound<'w, 'o, 'a>;
    type SerializeStructVariant = Compound<'w, 'o, 'a>;

    numbers! {
        serialize_i8: i8; serialize_i16: i16; serialize_i32: i32; serialize_i64: i64;
        serialize_u8: u8; serialize_u16: u16; serialize_u32: u32; serialize_u64: u64;
    }

    fn serialize_f32(self, number: f32) -> Result<(), Unsupported> {
        if number.is_finite() { self.number(number) } else { Err(Unsupported) }
    }

    fn serialize_f64(self, number: f64) -> Result<(), Unsupported> {
        if number.is_finite() { self.number(number) } else { Err(Unsupported) }
    }

    fn serialize_i128(self, number: i128) -> Result<(), Unsupported> {
        write!(Escaped(self.out), "{number}").map_err(|_| Unsupported)
    }

    fn serialize_u128(self, number: u128) -> Result<(), Unsupported> {
        write!(Escaped(self.out), "{number}").map_err(|_| Unsupported)
    }

    fn serialize_bool(self, value: bool) -> Result<(), Unsupported> {
        self.out.write(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_char(self, character: char) -> Result<(), Unsupported> {
        self.serialize_str(character.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Unsupported> {
        self.string(text);
        Ok(())
    }

    /// An array of numbers, as other serializers have it.
    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Unsupported> {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Result<(), Unsupported> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unsupported> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unsupported> {
        self.out.write(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Unsupported> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Unsupported> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        let compound = self.open_variant(variant, b"", b"}");
        value.serialize(&mut *compound.writer)?;
        compound.finish()
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Compound<'w, 'o, 'a>, Unsupported> {
        Ok(self.open(b"[", b"]"))
    }

    fn serialize_tuple(self, _len: usize) -> Result<Compound<'w, 'o, 'a>, Unsupported> {
        Ok(self.open(b"[", b"]"))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Compound<'w, 'o, 'a>, Unsupported> {
        Ok(self.open(b"[", b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Compound<'w, 'o, 'a>, Unsupported> {
        Ok(self.open_variant(variant, b"[", b"]}"))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Compound<'w, 'o, 'a>, Unsupported> {
        Ok(self.open(b"{", b"}"))
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Compound<'w, 'o, 'a>, Unsupported> {
        Ok(self.open(b"{", b"}"))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Compound<'w, 'o, 'a>, Unsupported> {
        Ok(self.open_variant(variant, b"{", b"}}"))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Unsupported> {
        self.out.write(b"\"");
        write!(Escaped(self.out), "{value}").map_err(|_| Unsupported)?;
        self.out.write(b"\"");
        Ok(())
    }
}

/// An array or object that is being written.
pub struct Compound<'w, 'o, 'a> {
    writer: &'w mut JsonWriter<'o, 'a>,
    is_first: bool,
    close: &'static [u8],
}

impl Compound<'_, '_, '_> {
    fn comma(&mut self) {
        if !core::mem::take(&mut self.is_first) {
            self.writer.out.write(b",");
        }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.comma();
        value.serialize(&mut *self.writer)
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Unsupported> {
        self.comma();
        self.writer.string(name);
        self.writer.out.write(b":");
        value.serialize(&mut *self.writer)
    }

    fn finish(self) -> Result<(), Unsupported> {
        self.writer.out.write(self.close);
        Ok(())
    }
}

macro_rules! compound {
    ($($trait:ident::$method:ident($($key:ident)?) => $inner:ident;)+) => {$(
        impl ser::$trait for Compound<'_, '_, '_> {
            type Ok = ();
            type Error = Unsupported;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($key: &'static str,)?
                value: &T,
            ) -> Result<(), Unsupported> {
                self.$inner($($key,)? value)
            }

            fn end(self) -> Result<(), Unsupported> {
                self.finish()
            }
        }
    )+};
}

compound! {
    SerializeSeq::serialize_element() => element;
    SerializeTuple::serialize_element() => element;
    SerializeTupleStruct::serialize_field() => element;
    SerializeTupleVariant::serialize_field() => element;
    SerializeStruct::serialize_field(name) => member;
    SerializeStructVariant::serialize_field(name) => member;
}

impl ser::SerializeMap for Compound<'_, '_, '_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unsupported> {
        self.comma();
        // A name is a string. What writes itself as one stands as it is, a number or a bool gets quotation
        // marks, and anything else cannot be a name. The longest number is an i128 of 40 bytes.
        let mut start = [0; 40];
        let mut probe = SliceWriter::new(&mut start);
        key.serialize(&mut JsonWriter::new(&mut probe))?;
        match probe.written().first() {
            Some(b'"') => key.serialize(&mut *self.writer)?,
            Some(b'[' | b'{' | b'n') | None => return Err(Unsupported),
            Some(_) => {
                self.writer.out.write(b"\"");
                key.serialize(&mut *self.writer)?;
                self.writer.out.write(b"\"");
            }
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.writer.out.write(b":");
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unsupported> {
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use std::collections::BTreeMap;

    fn written<T: Serialize + ?Sized>(value: &T) -> Result<String, Unsupported> {
        let mut room = [0; 512];
        let mut out = SliceWriter::new(&mut room);
        value.serialize(&mut JsonWriter::new(&mut out))?;
        Ok(String::from_utf8(out.finish().unwrap().to_vec()).unwrap())
    }

    #[derive(Serialize)]
    enum Shape {
        Unit,
        Newtype(u8),
        Tuple(u8, char),
        Struct { a: Option<bool>, b: () },
    }

    #[derive(Serialize)]
    struct Newtype(f32);

    #[derive(Serialize)]
    struct Point {
        x: i64,
        y: f64,
    }

    #[test]
    fn everything_is_written_as_serde_json_writes_it() {
        macro_rules! same {
            ($($value:expr),+ $(,)?) => {$(
                let value = $value;
                assert_eq!(written(&value), Ok(serde_json::to_string(&value).unwrap()));
            )+};
        }
        same![
            true,
            -128i8,
            i64::MIN,
            u64::MAX,
            i128::MIN,
            u128::MAX,
            0.5f64,
            -1.5e3f64,
            'é',
            "",
            "a\"\\/\n\r\t\0\u{7f}😀",
            (),
            None::<u8>,
            Some("x"),
            [1, 2, 3],
            (1, "a", [(); 0]),
            [0u8; 0],
            Shape::Unit,
            Shape::Newtype(1),
            Shape::Tuple(2, '\''),
            Shape::Struct { a: None, b: () },
            Newtype(2.5),
            Point { x: -1, y: 0.25 },
            BTreeMap::from([("b", 1), ("a", 2)]),
            BTreeMap::from([(1, 'x'), (-2, 'y')]),
            BTreeMap::from([(true, BTreeMap::from([('k', ())]))]),
        ];
        assert_eq!(written(&format_args!("a{}b", '"')).as_deref(), Ok(r#""a\"b""#));
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused() {
        for number in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            assert_eq!(written(&number), Err(Unsupported));
            assert_eq!(written(&(number as f32)), Err(Unsupported));
            assert_eq!(written(&Point { x: 1, y: number }), Err(Unsupported));
            assert_eq!(written(&[Some(Newtype(number as f32))]), Err(Unsupported));
        }
        assert_eq!(written(&[f64::MAX, -0.0]).as_deref(), Ok("[1.7976931348623157e308,-0.0]"));
    }

    #[test]
    fn keys_that_are_no_text_are_refused() {
        assert_eq!(written(&BTreeMap::from([([1], 1)])), Err(Unsupported));
        assert_eq!(written(&BTreeMap::from([(None::<u8>, 1)])), Err(Unsupported));
    }

    #[test]
    fn an_error_of_the_value_is_an_error() {
        struct Broken;
        impl Serialize for Broken {
            fn serialize<S: serde::Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom("broken"))
            }
        }
        assert_eq!(written(&[Broken]), Err(Unsupported));
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let value = Point { x: 1, y: 0.25 };
        let mut room = [0; 4];
        let mut out = SliceWriter::new(&mut room);
        value.serialize(&mut JsonWriter::new(&mut out)).unwrap();
        assert_eq!(out.finish(), Err(r#"{"x":1,"y":0.25}"#.len()));
    }
}
