// SPDX-License-Identifier: Apache-2.0
//! `application/x-www-form-urlencoded`: query parameters and form bodies (WHATWG URL standard §5).

use crate::proto::bytes::copy;
use crate::proto::percent::{is_plain_in_form, write_encoded};
use crate::proto::write::{Counter, Decimal, Write};
use writer::FieldWriter;

/// The fields of a query or a form. [`params`](crate::RequestBuilder::params) and
/// [`form`](crate::RequestBuilder::form) take them by reference. Fields are: a pair of a name and a
/// [`FieldValue`], an array of pairs with values of one type, a tuple of pairs with values of
/// several types, and tuples and arrays of all of these.
///
/// ```
/// # use requests::get;
/// # let url = "http://example.org/";
/// let celsius = 21.5;
/// let room: Option<&str> = None;
/// get(url).params(&("q", "two words")); // ?q=two+words
/// get(url).params(&[("first", 0), ("count", 25)]); // ?first=0&count=25
/// get(url).params(&(("celsius", celsius), ("id", 7), ("room", room))); // ?celsius=21.5&id=7
/// get(url).params(&("id", [1, 2])); // ?id=1&id=2
/// ```
///
/// A slice `&[(&str, &str)]` can be passed as it is. Pass a slice with other values by reference,
/// because a reference has a known size:
///
/// ```
/// # let url = "http://example.org/";
/// let texts: &[(&str, &str)] = &[("a", "b")];
/// let numbers: &[(&str, u32)] = &[("a", 1)];
/// requests::get(url).params(texts);
/// requests::get(url).params(&numbers);
/// ```
///
/// Only this crate can implement this trait.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a name with its value nor an array or a tuple of those",
    note = "fields are given as `&[(name, value), …]`, `&((name, value), …)` or `&slice`"
)]
pub trait Fields: Sync {
    #[doc(hidden)]
    fn write_fields(&self, out: &mut FieldWriter<'_>);

    #[doc(hidden)]
    fn list(&self) -> FieldList<'_>;
}

/// The value of a field in a query or a form; see [`Fields`].
///
/// | | is sent as | Python |
/// |---|---|---|
/// | text | itself, encoded | the same |
/// | an integer of up to 64 bits | its decimal digits | the same |
/// | a float | the shortest text that reads as the same number, as in JSON: `21.5`, `1.0`, `1e16` | `1e+16` |
/// | not a number, infinities | `nan`, `inf`, `-inf` | the same |
/// | `true`, `false` | `true`, `false`, as in JSON | `True`, `False` |
/// | `None` | nothing: the field is left out | the same |
/// | an array, a slice | the field once for each element | the same |
///
/// Only floats are expensive: the code and tables to write them take 13 KB of flash on a Cortex-M3.
///
/// For other text types, pass the `str` inside, for example by `as_str()`. Only this crate can
/// implement this trait.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a field",
    note = "values are text, numbers, `bool`, and `Option`, arrays and slices of them"
)]
pub trait FieldValue: Sync {
    #[doc(hidden)]
    fn write_value(&self, name: &str, out: &mut FieldWriter<'_>);
}

// This module is private, so other crates cannot name `FieldWriter` and cannot implement the
// traits.
mod writer {
    use super::{Write, write_component};

    /// Writes fields one after the other.
    pub struct FieldWriter<'w> {
        pub(super) out: &'w mut dyn Write,
        /// The separator in front of the next field.
        pub(super) before: &'static [u8],
    }

    impl FieldWriter<'_> {
        // Not inlined: every kind of value calls it.
        #[inline(never)]
        pub(super) fn field(&mut self, name: &str, value: &[u8]) {
            self.out.write(self.before);
            self.before = b"&";
            write_component(self.out, name.as_bytes());
            self.out.write(b"=");
            write_component(self.out, value);
        }
    }
}

fn write_component(out: &mut dyn Write, text: &[u8]) {
    for (index, word) in text.split(|&byte| byte == b' ').enumerate() {
        if index > 0 {
            out.write(b"+");
        }
        write_encoded(out, word, is_plain_in_form);
    }
}

/// Fields of any kind, with a pointer to the code that writes them, so that only programs with
/// fields link it.
#[derive(Clone, Copy)]
pub struct FieldList<'a>(Kind<'a>);

#[derive(Clone, Copy)]
enum Kind<'a> {
    Sized(&'a dyn Fields),
    Texts(&'a [(&'a str, &'a str)], fn(&[(&str, &str)], &mut FieldWriter<'_>)),
}

impl FieldList<'_> {
    /// Writes `name=value` for each field, joined by `&`. `before` is written in front of the
    /// first.
    pub fn write(&self, out: &mut dyn Write, before: &'static [u8]) {
        let mut out = FieldWriter { out, before };
        match self.0 {
            Kind::Sized(fields) => fields.write_fields(&mut out),
            Kind::Texts(fields, write) => write(fields, &mut out),
        }
    }

    /// The number of bytes that [`write()`](Self::write) writes with an empty `before`.
    #[must_use]
    pub fn content_length(&self) -> u64 {
        let mut counter = Counter::default();
        self.write(&mut counter, b"");
        counter.count
    }
}

fn write_all<T: Fields>(fields: &[T], out: &mut FieldWriter<'_>) {
    for field in fields {
        field.write_fields(out);
    }
}

impl Fields for [(&str, &str)] {
    fn write_fields(&self, out: &mut FieldWriter<'_>) {
        write_all(self, out);
    }

    fn list(&self) -> FieldList<'_> {
        FieldList(Kind::Texts(self, |fields, out| write_all(fields, out)))
    }
}

macro_rules! fields {
    ([$($generics:tt)*] $type:ty, $this:ident, $out:ident => $write:expr) => {
        impl<$($generics)*> Fields for $type {
            fn write_fields(&self, $out: &mut FieldWriter<'_>) {
                let $this = self;
                $write;
            }

            fn list(&self) -> FieldList<'_> {
                FieldList(Kind::Sized(self))
            }
        }
    };
}

fields!([V: FieldValue] (&str, V), this, out => this.1.write_value(this.0, out));
fields!([T: Fields, const N: usize] [T; N], this, out => write_all(this, out));
fields!([T: Fields] &[T], this, out => write_all(this, out));
fields!([T: Fields] &T, this, out => (*this).write_fields(out));
#[cfg(feature = "std")]
fields!([T: Fields] std::vec::Vec<T>, this, out => write_all(this, out));

macro_rules! tuples {
    ($($type:ident $index:tt)+) => {
        fields!([$($type: Fields),+] ($($type,)+), this, out => {
            $(this.$index.write_fields(out);)+
        });
    };
}

tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11);

impl FieldValue for str {
    fn write_value(&self, name: &str, out: &mut FieldWriter<'_>) {
        out.field(name, self.as_bytes());
    }
}

#[cfg(feature = "std")]
impl FieldValue for std::string::String {
    fn write_value(&self, name: &str, out: &mut FieldWriter<'_>) {
        out.field(name, self.as_bytes());
    }
}

impl FieldValue for bool {
    fn write_value(&self, name: &str, out: &mut FieldWriter<'_>) {
        out.field(name, if *self { b"true" } else { b"false" });
    }
}

macro_rules! unsigned {
    ($($type:ty)+) => {$(
        impl FieldValue for $type {
            fn write_value(&self, name: &str, out: &mut FieldWriter<'_>) {
                out.field(name, Decimal::new(*self as u64).as_bytes());
            }
        }
    )+};
}

macro_rules! signed {
    ($($type:ty)+) => {$(
        impl FieldValue for $type {
            fn write_value(&self, name: &str, out: &mut FieldWriter<'_>) {
                write_signed(*self as i64, name, out);
            }
        }
    )+};
}

unsigned!(u8 u16 u32 u64 usize);
signed!(i8 i16 i32 i64 isize);

fn write_signed(number: i64, name: &str, out: &mut FieldWriter<'_>) {
    let digits = Decimal::new(number.unsigned_abs());
    let digits = digits.as_bytes();
    // The smallest number has a sign and 19 digits.
    let mut text = [b'-'; 20];
    let Some(room) = text.get_mut(1..=digits.len()) else {
        return;
    };
    copy(room, digits);
    out.field(name, text.get(usize::from(number >= 0)..=digits.len()).unwrap_or_default());
}

macro_rules! floats {
    ($($type:ty)+) => {$(
        impl FieldValue for $type {
            fn write_value(&self, name: &str, out: &mut FieldWriter<'_>) {
                // The longest text is an f64 in scientific notation, 24 bytes.
                let mut digits = [0; 32];
                out.field(name, if self.is_nan() {
                    b"nan"
                } else if self.is_infinite() {
                    if *self > 0.0 { b"inf" } else { b"-inf" }
                } else {
                    let len = serde_json_core::to_slice(self, &mut digits).unwrap_or_default();
                    digits.get(..len).unwrap_or_default()
                });
            }
        }
    )+};
}

floats!(f32 f64);

impl<V: FieldValue + ?Sized> FieldValue for &V {
    fn write_value(&self, name: &str, out: &mut FieldWriter<'_>) {
        (**self).write_value(name, out);
    }
}

impl<V: FieldValue> FieldValue for Option<V> {
    fn write_value(&self, name: &str, out: &mut FieldWriter<'_>) {
        if let Some(value) = self {
            value.write_value(name, out);
        }
    }
}

impl<V: FieldValue> FieldValue for [V] {
    fn write_value(&self, name: &str, out: &mut FieldWriter<'_>) {
        for value in self {
            value.write_value(name, out);
        }
    }
}

impl<V: FieldValue, const N: usize> FieldValue for [V; N] {
    fn write_value(&self, name: &str, out: &mut FieldWriter<'_>) {
        self.as_slice().write_value(name, out);
    }
}

#[cfg(feature = "std")]
impl<V: FieldValue> FieldValue for std::vec::Vec<V> {
    fn write_value(&self, name: &str, out: &mut FieldWriter<'_>) {
        self.as_slice().write_value(name, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;
    use proptest::prelude::*;

    fn written<F: Fields + ?Sized>(fields: &F) -> String {
        let mut room = [0; 1000];
        let mut out = SliceWriter::new(&mut room);
        let fields = fields.list();
        fields.write(&mut out, b"");
        let text = str::from_utf8(out.finish().expect("room")).expect("text").to_owned();
        assert_eq!(fields.content_length(), text.len() as u64);
        text
    }

    #[test]
    fn encodes_as_browsers_and_python_do() {
        let fields = [("a b", "1&2=3"), ("é", ""), ("", "~*-._")];
        let expected = "a+b=1%262%3D3&%C3%A9=&=%7E*-._";
        assert_eq!(written(&fields), expected);
        assert_eq!(written(&fields[..]), expected);
        assert_eq!(written(&&fields[..]), expected);
        assert_eq!(written(&&fields), expected);
    }

    #[cfg(feature = "std")]
    #[test]
    fn vectors_and_strings_are_fields_and_values() {
        assert_eq!(written(&vec![("a", 1), ("b", 2)]), "a=1&b=2");
        assert_eq!(written(&("a", vec![String::from("x")])), "a=x");
    }

    #[test]
    fn fields_of_several_types_stand_in_a_tuple() {
        let common: &[(&str, &str)] = &[("k", "v")];
        assert_eq!(written(&("a", "b")), "a=b");
        assert_eq!(written(&(("q", "x y"), ("n", 5), common)), "q=x+y&n=5&k=v");
        assert_eq!(written(&[("a", 1), ("b", -2)]), "a=1&b=-2");
        assert_eq!(written(&(("a", 1),)), "a=1");
        assert_eq!(written::<[(&str, i32); 0]>(&[]), "");
    }

    #[test]
    fn numbers_are_written_in_full() {
        assert_eq!(written(&("n", [i64::MIN, -1, 0, 7, i64::MAX])), {
            "n=-9223372036854775808&n=-1&n=0&n=7&n=9223372036854775807"
        });
        assert_eq!(written(&("n", u64::MAX)), "n=18446744073709551615");
        assert_eq!(written(&(("a", -128_i8), ("b", 255_u8), ("c", 3_usize), ("d", -3_isize))), {
            "a=-128&b=255&c=3&d=-3"
        });
    }

    #[test]
    fn floats_are_written_as_in_json() {
        assert_eq!(written(&("x", [21.5, 1.0, -0.0, 1e16, 5e-324])), "x=21.5&x=1.0&x=-0.0&x=1e16&x=5e-324");
        assert_eq!(written(&("x", 0.1_f32)), "x=0.1");
        assert_eq!(written(&("x", [f64::NAN, f64::INFINITY, f64::NEG_INFINITY])), "x=nan&x=inf&x=-inf");
    }

    #[test]
    fn none_leaves_a_field_out_and_lists_repeat_it() {
        assert_eq!(written(&(("a", None::<u8>), ("b", Some("c")))), "b=c");
        assert_eq!(written(&("a", [Some(1), None, Some(3)])), "a=1&a=3");
        assert_eq!(written(&(("a", [0; 0]), ("b", &[true, false][..]))), "b=true&b=false");
    }

    #[test]
    fn what_stands_before_the_first_field_stands_there_once() {
        let mut room = [0; 64];
        let mut out = SliceWriter::new(&mut room);
        (("a", None::<u8>), ("b", 1), ("c", 2)).list().write(&mut out, b"?");
        ("a", None::<u8>).list().write(&mut out, b"?");
        assert_eq!(out.written(), b"?b=1&c=2");
    }

    proptest! {
        #[test]
        fn values_read_as_what_they_were(
            text: String, signed: i64, unsigned: u64, float in proptest::num::f64::NORMAL, flag: bool,
            list: Vec<Option<i32>>,
        ) {
            let fields =
                (("t", &text[..]), ("s", signed), ("u", unsigned), ("f", float), ("b", flag), ("l", &list[..]));
            let mut room = vec![0; 3 * text.len() + 20 * list.len() + 200];
            let mut out = SliceWriter::new(&mut room);
            fields.list().write(&mut out, b"");
            prop_assert_eq!(fields.list().content_length(), out.len() as u64);
            let decoded: Vec<_> = form_urlencoded::parse(out.written()).into_owned().collect();
            let value = |name: &str| decoded.iter().find(|(other, _)| other == name).expect("the field").1.clone();
            prop_assert_eq!(value("t"), text);
            prop_assert_eq!(value("s"), signed.to_string());
            prop_assert_eq!(value("u"), unsigned.to_string());
            prop_assert_eq!(value("f").parse(), Ok(float));
            prop_assert_eq!(value("b"), flag.to_string());
            let read: Vec<i32> = decoded.iter().skip(5).map(|(_, value)| value.parse().expect("a number")).collect();
            prop_assert_eq!(read, list.into_iter().flatten().collect::<Vec<_>>());
        }
    }
}
