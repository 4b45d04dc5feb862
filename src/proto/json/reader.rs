// SPDX-License-Identifier: Apache-2.0
//! Reading JSON (RFC 8259) into a [`serde::Deserialize`] type.
//!
//! What is read is checked on the way. If reading fails, the fault may be one of the type or one of the text.
//! Structure and strings are read here, numbers with a fraction or exponent by the core library. The deserializer of
//! `serde-json-core` panics on map keys that are not `&str`, skips what a type does not ask for by recursion, knows no
//! surrogate pairs, and takes `null` for a number.

use core::fmt::{self, Display};

use serde::de::{
    self, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};

use crate::config::MAX_JSON_DEPTH;
use crate::proto::bytes::{copy, split_at_mut};
use crate::proto::json::scan::{Scanner, unescape};
use crate::proto::syntax::parse_decimal;

/// Why a value of a well-formed document could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueError {
    /// It does not have the type that was asked for.
    Type,
    /// Its strings with escapes are longer than the scratch.
    ScratchTooSmall,
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Type => "a value does not have the type asked for",
            Self::ScratchTooSmall => "the strings with escapes are longer than the scratch",
        })
    }
}

impl core::error::Error for ValueError {}

impl de::Error for ValueError {
    fn custom<T: Display>(_message: T) -> Self {
        Self::Type
    }

    // The messages are dropped, so the code that formats them need not be linked.
    fn invalid_type(_unexpected: Unexpected<'_>, _expected: &dyn de::Expected) -> Self {
        Self::Type
    }

    fn invalid_value(_unexpected: Unexpected<'_>, _expected: &dyn de::Expected) -> Self {
        Self::Type
    }

    fn invalid_length(_length: usize, _expected: &dyn de::Expected) -> Self {
        Self::Type
    }

    fn unknown_variant(_variant: &str, _expected: &'static [&'static str]) -> Self {
        Self::Type
    }

    fn unknown_field(_field: &str, _expected: &'static [&'static str]) -> Self {
        Self::Type
    }

    fn missing_field(_field: &'static str) -> Self {
        Self::Type
    }

    fn duplicate_field(_field: &'static str) -> Self {
        Self::Type
    }
}

const TYPE: ValueError = ValueError::Type;

/// Reads the value at its position.
pub struct JsonReader<'de, 's> {
    scanner: Scanner<'de>,
    /// Where the value that is being read starts.
    value_start: usize,
    /// The number of arrays and objects around it that are being read.
    depth: u32,
    scratch: &'s mut &'de mut [u8],
}

impl<'de, 's> JsonReader<'de, 's> {
    /// Reads the value at `scanner`. Strings with escapes are rewritten in `scratch`. The part of `scratch`
    /// that is not used is left in it.
    pub fn new(scanner: Scanner<'de>, scratch: &'s mut &'de mut [u8]) -> Self {
        Self { scanner, value_start: scanner.position(), depth: 0, scratch }
    }

    /// Whether nothing but white space is left of a text of `len` bytes.
    pub fn is_at_end(&mut self, len: usize) -> bool {
        self.scanner.skip_space();
        self.scanner.position() >= len
    }

    /// Where the value starts that was read last; after an error, the value that is to blame for it.
    pub fn offset(&self) -> usize {
        self.value_start
    }

    fn byte(&self) -> u8 {
        self.scanner.peek().unwrap_or_default()
    }

    fn start_value(&mut self) {
        self.scanner.skip_space();
        self.value_start = self.scanner.position();
    }

    /// Returns the text of the value here, and moves behind it.
    fn token(&mut self) -> Result<&'de str, ValueError> {
        self.scanner.value_within(self.depth).map_err(|_| TYPE)
    }

    /// Returns the inside of the string here, and moves behind it.
    fn string(&mut self) -> Result<&'de str, ValueError> {
        self.scanner.string().map_err(|_| TYPE)
    }

    fn visit_string<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_borrowed_str(self.unescaped_string()?)
    }

    /// Decodes the string at the current position, and moves behind it.
    fn unescaped_string(&mut self) -> Result<&'de str, ValueError> {
        let inside = self.string()?;
        if !inside.as_bytes().contains(&b'\\') {
            return Ok(inside);
        }
        let scratch = core::mem::take(self.scratch);
        let Some(len) = write_unescaped(inside, scratch) else {
            *self.scratch = scratch;
            return Err(ValueError::ScratchTooSmall);
        };
        let (text, rest) = split_at_mut(scratch, len);
        *self.scratch = rest;
        core::str::from_utf8(text).map_err(|_| TYPE)
    }

    fn visit_integer<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ValueError> {
        Integer::parse(self.token()?)?.visit(visitor)
    }

    fn visit_f64<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_f64(parse_float(self.token()?)?)
    }

    fn visit_f32<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_f32(parse_f32(self.token()?)?)
    }

    fn visit_i128<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_i128(self.token()?.parse().map_err(|_| TYPE)?)
    }

    fn visit_u128<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_u128(parse_u128(self.token()?)?)
    }

    fn visit_seq<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ValueError> {
        self.visit_items(b'[', b']', |items| visitor.visit_seq(items))
    }

    fn visit_map<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ValueError> {
        self.visit_items(b'{', b'}', |items| visitor.visit_map(items))
    }

    fn visit_items<T>(
        &mut self,
        open: u8,
        close: u8,
        visit: impl FnOnce(&mut Items<'_, 'de, 's>) -> Result<T, ValueError>,
    ) -> Result<T, ValueError> {
        if self.byte() != open || self.depth >= MAX_JSON_DEPTH {
            return Err(TYPE);
        }
        self.depth += 1;
        let start = self.scanner.position();
        self.scanner.skip_byte();
        let mut items = Items { reader: self, start, close, is_first: true };
        let value = visit(&mut items)?;
        // A tuple has less elements than the array.
        if items.next()? {
            return Err(TYPE);
        }
        self.scanner.skip_byte();
        self.depth -= 1;
        Ok(value)
    }
}

/// Writes `inside`, the inside of a string, without its escapes to the start of `scratch`, and returns its
/// length.
fn write_unescaped(inside: &str, scratch: &mut [u8]) -> Option<usize> {
    let mut len = 0;
    for character in unescape(inside) {
        let mut utf8 = [0; 4];
        let utf8 = character.encode_utf8(&mut utf8).as_bytes();
        copy(scratch.get_mut(len..len + utf8.len())?, utf8);
        len += utf8.len();
    }
    Some(len)
}

enum Integer {
    Positive(u64),
    Negative(i64),
}

impl Integer {
    fn parse(token: &str) -> Result<Self, ValueError> {
        match token.as_bytes() {
            [b'-', digits @ ..] => {
                let number = parse_decimal(digits).ok_or(TYPE)?;
                0i64.checked_sub_unsigned(number).map(Self::Negative).ok_or(TYPE)
            }
            digits => parse_decimal(digits).map(Self::Positive).ok_or(TYPE),
        }
    }

    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Self::Positive(number) => visitor.visit_u64(number),
            Self::Negative(number) => visitor.visit_i64(number),
        }
    }
}

fn visit_bool<'de, V: Visitor<'de>>(token: &str, visitor: V) -> Result<V::Value, ValueError> {
    match token {
        "true" => visitor.visit_bool(true),
        "false" => visitor.visit_bool(false),
        _ => Err(TYPE),
    }
}

/// The number that `token`, a JSON value, is; an error for one beyond what an f64 can hold.
fn parse_float(token: &str) -> Result<f64, ValueError> {
    token.parse().ok().filter(|number: &f64| number.is_finite()).ok_or(TYPE)
}

/// As [`parse_float`], for an f32.
fn parse_f32(token: &str) -> Result<f32, ValueError> {
    Some(parse_float(token)? as f32).filter(|number| number.is_finite()).ok_or(TYPE)
}

fn parse_u128(token: &str) -> Result<u128, ValueError> {
    if token == "-0" { Ok(0) } else { token.parse().map_err(|_| TYPE) }
}

macro_rules! methods {
    ($de:lifetime: $($method:ident => $visit:ident;)+) => {$(
        fn $method<V: Visitor<$de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            self.$visit(visitor)
        }
    )+};
}

impl<'de> de::Deserializer<'de> for &mut JsonReader<'de, '_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.byte() {
            b'"' => self.visit_string(visitor),
            b'[' => self.visit_seq(visitor),
            b'{' => self.visit_map(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            b'n' => self.deserialize_unit(visitor),
            _ => {
                let token = self.token()?;
                match Integer::parse(token) {
                    Ok(number) => number.visit(visitor),
                    Err(_) => visitor.visit_f64(parse_float(token)?),
                }
            }
        }
    }

    methods! { 'de:
        deserialize_i8 => visit_integer; deserialize_i16 => visit_integer;
        deserialize_i32 => visit_integer; deserialize_i64 => visit_integer;
        deserialize_u8 => visit_integer; deserialize_u16 => visit_integer;
        deserialize_u32 => visit_integer; deserialize_u64 => visit_integer;
        deserialize_i128 => visit_i128; deserialize_u128 => visit_u128;
        deserialize_f32 => visit_f32; deserialize_f64 => visit_f64;
        deserialize_char => visit_string; deserialize_str => visit_string;
        deserialize_string => visit_string; deserialize_identifier => visit_string;
        deserialize_seq => visit_seq; deserialize_map => visit_map;
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visit_bool(self.token()?, visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.byte() == b'[' { self.visit_seq(visitor) } else { self.visit_string(visitor) }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.byte() == b'n' {
            self.token()?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.token()? == "null" { visitor.visit_unit() } else { Err(TYPE) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, ValueError> {
        self.visit_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.visit_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.visit_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        if self.byte() == b'"' {
            return visitor.visit_enum(self.unescaped_string()?.into_deserializer());
        }
        self.visit_items(b'{', b'}', |items| visitor.visit_enum(items))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.token()?;
        visitor.visit_unit()
    }
}

/// The elements of an array, or the members of an object.
struct Items<'r, 'de, 's> {
    reader: &'r mut JsonReader<'de, 's>,
    /// Where the array or object starts.
    start: usize,
    close: u8,
    is_first: bool,
}

impl<'de, 's> Items<'_, 'de, 's> {
    /// Moves to the next item. Returns `false` if there is none.
    fn next(&mut self) -> Result<bool, ValueError> {
        self.reader.scanner.skip_space();
        if self.reader.byte() == self.close {
            // The missing item belongs to this array or object.
            self.reader.value_start = self.start;
            return Ok(false);
        }
        if core::mem::take(&mut self.is_first) {
            self.reader.start_value();
        } else {
            self.pass(b',')?;
        }
        Ok(true)
    }

    /// Goes from a member's name to its value.
    fn value(&mut self) -> Result<&mut JsonReader<'de, 's>, ValueError> {
        self.reader.scanner.skip_space();
        self.pass(b':')?;
        Ok(self.reader)
    }

    /// Passes the separator behind the value or name that was read, if one was.
    fn pass(&mut self, separator: u8) -> Result<(), ValueError> {
        let is_read = self.reader.scanner.position() > self.reader.value_start;
        if !is_read || self.reader.byte() != separator {
            return Err(TYPE);
        }
        self.reader.scanner.skip_byte();
        self.reader.start_value();
        Ok(())
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de, '_> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        if self.next()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de, '_> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ValueError> {
        if self.next()? { seed.deserialize(Key(&mut *self.reader)).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ValueError> {
        seed.deserialize(self.value()?)
    }
}

/// An enum with content is an object with one member.
impl<'de, 'i, 'r, 's> EnumAccess<'de> for &'i mut Items<'r, 'de, 's> {
    type Error = ValueError;
    type Variant = &'i mut JsonReader<'de, 's>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), ValueError> {
        if !self.next()? {
            return Err(TYPE);
        }
        let variant = seed.deserialize(Key(&mut *self.reader))?;
        Ok((variant, self.value()?))
    }
}

impl<'de> VariantAccess<'de> for &mut JsonReader<'de, '_> {
    type Error = ValueError;

    fn unit_variant(self) -> Result<(), ValueError> {
        if self.token()? == "null" { Ok(()) } else { Err(TYPE) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ValueError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, ValueError> {
        self.visit_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.visit_map(visitor)
    }
}

/// The name of a member, which is a string, but may be asked for as a number or a bool.
struct Key<'r, 'de, 's>(&'r mut JsonReader<'de, 's>);

impl<'de> Key<'_, 'de, '_> {
    /// The number in the string.
    fn number(self) -> Result<&'de str, ValueError> {
        let name = self.0.string()?;
        if Scanner::new(name).value() == Ok(name) { Ok(name) } else { Err(TYPE) }
    }

    fn visit_integer<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        Integer::parse(self.number()?)?.visit(visitor)
    }

    fn visit_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_f64(parse_float(self.number()?)?)
    }

    fn visit_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_f32(parse_f32(self.number()?)?)
    }

    fn visit_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_i128(self.number()?.parse().map_err(|_| TYPE)?)
    }

    fn visit_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_u128(parse_u128(self.number()?)?)
    }
}

impl<'de> de::Deserializer<'de> for Key<'_, 'de, '_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.0.visit_string(visitor)
    }

    methods! { 'de:
        deserialize_i8 => visit_integer; deserialize_i16 => visit_integer;
        deserialize_i32 => visit_integer; deserialize_i64 => visit_integer;
        deserialize_u8 => visit_integer; deserialize_u16 => visit_integer;
        deserialize_u32 => visit_integer; deserialize_u64 => visit_integer;
        deserialize_i128 => visit_i128; deserialize_u128 => visit_u128;
        deserialize_f32 => visit_f32; deserialize_f64 => visit_f64;
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visit_bool(self.0.string()?, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_enum(self.0.unescaped_string()?.into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

#[cfg(test)]
mod tests {
    use crate::proto::json::error::{JsonError, JsonFault, ReadError};
    use crate::proto::json::from_slice;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    fn type_error(offset: usize) -> ReadError {
        ReadError::Json(JsonFault { cause: JsonError::Type, offset })
    }

    fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ReadError> {
        from_slice(text.as_bytes(), &mut &mut *vec![0; 64].leak())
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Shape<'a> {
        Unit,
        Newtype(u8),
        Tuple(u8, char),
        Struct { a: Option<bool>, b: &'a str },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Nested<'a> {
        #[serde(borrow, rename = "sh\"apes")]
        shapes: Vec<Shape<'a>>,
        #[serde(default)]
        missing: (i8, f32),
        point: BTreeMap<char, f64>,
    }

    #[test]
    fn types_of_all_kinds_are_read() {
        let text = r#" {"sh\"apes" : [ "Unit", {"Newtype": 7} , {"Tuple":[1,"é"]}, {"Struct":{"b":"x","c":[{}],"a":null}} ],
            "ignored": {"deep": [[], {"\ud83d\ude00": "\ud83d\ude00"}]}, "point": {"x": 1, "y": -0.5e1}} "#;
        let expected = Nested {
            shapes: vec![
                Shape::Unit,
                Shape::Newtype(7),
                Shape::Tuple(1, 'é'),
                Shape::Struct { a: None, b: "x" },
            ],
            missing: (0, 0.0),
            point: BTreeMap::from([('x', 1.0), ('y', -5.0)]),
        };
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn any_document_is_read_as_serde_json_reads_it() {
        for text in [
            "null",
            "true",
            "-1",
            "18446744073709551615",
            "1e3",
            "[]",
            "{}",
            r#""\u00e9\n\ud83d\ude00""#,
            r#"{"a":[1,-2,0.5,"x",null,true,{"b":[]}],"c":{}}"#,
        ] {
            let expected: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(read::<serde_json::Value>(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn keys_of_other_types_are_read() {
        assert_eq!(read(r#"{"1":"a","-2":"b"}"#), Ok(BTreeMap::from([(1i8, 'a'), (-2, 'b')])));
        assert_eq!(read(r#"{"true":1}"#), Ok(BTreeMap::from([(true, 1u8)])));
        assert_eq!(read::<BTreeMap<u8, u8>>(r#"{"x":1}"#), Err(type_error(1)));
    }

    #[test]
    fn limits_of_integers_are_kept() {
        assert_eq!(read("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(read("18446744073709551615"), Ok(u64::MAX));
        assert_eq!(read("255"), Ok(255u8));
        assert_eq!(read::<u8>("256"), Err(type_error(0)));
        assert_eq!(read::<i64>("-9223372036854775809"), Err(type_error(0)));
        assert_eq!(read::<u64>("1.0"), Err(type_error(0)));
    }

    #[test]
    fn arrays_and_tuples_must_be_as_long() {
        assert_eq!(read("[1,2]"), Ok([1u8, 2]));
        assert_eq!(read::<[u8; 2]>("[1]"), Err(type_error(0)));
        assert_eq!(read::<[u8; 2]>("[1,2,3]"), Err(type_error(5)));
    }

    #[test]
    fn borrowed_strings_can_have_escapes_while_there_is_room() {
        assert_eq!(read(r#""plain""#), Ok("plain"));
        assert_eq!(read(r#"["a\n","\ud83d\ude00"]"#), Ok(["a\n", "😀"]));
        let long = format!(r#""{}\n""#, "x".repeat(64));
        assert_eq!(read::<String>(&long), Err(ReadError::ScratchTooSmall { needed: long.len() }));
    }
}
