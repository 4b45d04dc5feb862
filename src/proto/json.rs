// SPDX-License-Identifier: Apache-2.0
//! JSON in and out, by `serde-json-core`.
//!
//! That library reads what a type asks for and skips the rest by recursion, which a hostile document could drive
//! through the end of the stack; so each document is first walked over by [`json_scan`](crate::proto::json_scan),
//! which limits its depth and checks all of it. The library does not know surrogate pairs (`"\ud83d\ude00"`, as
//! Python writes an emoji); [`combine_surrogates`] puts characters in their place.

use core::fmt;

use serde::{Deserialize, Serialize};
use serde_json_core::{de, ser};

use crate::proto::hex;
use crate::proto::json_scan::{skip_space, value_end};
use crate::proto::syntax::split_at_byte;
use crate::proto::write::{SliceWriter, Write};

/// What is wrong with JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonError {
    /// It is not well-formed.
    Syntax,
    /// It ends too early; an empty body does.
    UnexpectedEnd,
    /// A string has an invalid escape.
    Escape,
    /// Something follows the value.
    TrailingData,
    /// More arrays and objects inside one another than `CONFIG_REQUESTS_MAX_JSON_DEPTH`.
    TooDeep,
    /// A value does not have the type that was asked for: another kind, a number that does not fit, a field
    /// that is missing, a string too long for its field, or one with escapes where a `&str` borrows.
    Type,
    /// The pointer is not a JSON Pointer (RFC 6901).
    Pointer,
    /// The pointer leads nowhere in this document.
    NotFound,
    /// The value cannot be written as JSON: `serde-json-core` knows no maps with keys that are not text, and no
    /// bytes.
    Unsupported,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "not well-formed",
            Self::UnexpectedEnd => "unexpected end",
            Self::Escape => "invalid escape in a string",
            Self::TrailingData => "something follows the value",
            Self::TooDeep => "nested too deeply; see CONFIG_REQUESTS_MAX_JSON_DEPTH",
            Self::Type => "a value does not have the type asked for",
            Self::Pointer => "not a JSON Pointer",
            Self::NotFound => "nothing at this pointer",
            Self::Unsupported => "the value cannot be written as JSON",
        })
    }
}

impl core::error::Error for JsonError {}

/// A value that can be written as JSON: everything that is [`serde::Serialize`].
pub trait ToJson {
    /// Writes the value to the start of `out` and returns its length.
    ///
    /// # Errors
    /// `None` where `out` is too small, else [`JsonError::Unsupported`].
    fn to_json(&self, out: &mut [u8]) -> Result<usize, Option<JsonError>>;

    /// Writes the value to the end of `room`, and returns what is left of it together with the JSON.
    ///
    /// # Errors
    /// As [`to_json`](Self::to_json).
    fn to_json_at_end<'r>(&self, room: &'r mut [u8]) -> Result<(&'r mut [u8], &'r [u8]), Option<JsonError>> {
        let length = self.to_json(room)?;
        let start = room.len() - length;
        room.copy_within(..length, start);
        let (rest, json) = room.split_at_mut(start);
        Ok((rest, json))
    }
}

impl<T: Serialize + ?Sized> ToJson for T {
    fn to_json(&self, out: &mut [u8]) -> Result<usize, Option<JsonError>> {
        ser::to_slice(self, out).map_err(|error| match error {
            ser::Error::BufferFull => None,
            _ => Some(JsonError::Unsupported),
        })
    }
}

/// Reads the one value that `text` has. `scratch` holds one string at a time while its escapes are resolved.
///
/// # Errors
/// `None` where `scratch` is too small, else [`JsonError`].
pub fn from_slice<'a, T: Deserialize<'a>>(
    text: &'a [u8],
    scratch: &mut [u8],
) -> Result<T, Option<JsonError>> {
    let end = value_end(text, 0)?;
    if skip_space(text, end) != text.len() {
        return Err(Some(JsonError::TrailingData));
    }
    match de::from_slice_escaped(text, scratch) {
        Ok((value, _)) => Ok(value),
        Err(de::Error::EscapedStringIsTooLong) => Err(None),
        Err(de::Error::InvalidEscapeSequence) => Err(Some(JsonError::Escape)),
        Err(de::Error::InvalidUnicodeCodePoint) => Err(Some(JsonError::Syntax)),
        // The text is well-formed: what remains is that it is not what `T` asks for.
        Err(_) => Err(Some(JsonError::Type)),
    }
}

/// Whether `text` has an escaped half of a surrogate pair, `\ud800` to `\udfff`.
#[must_use]
pub fn has_surrogates(text: &[u8]) -> bool {
    text.windows(4)
        .any(|window| matches!(window, [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F']))
}

/// Copies JSON `text` to the start of `out` with each escaped surrogate pair replaced by its character, and a
/// half of one by U+FFFD. The copy is never longer than `text`.
///
/// # Errors
/// `None` where `out` is too small; [`JsonError::Syntax`] where `text` is not UTF-8.
pub fn combine_surrogates<'a>(text: &[u8], out: &'a mut [u8]) -> Result<&'a [u8], Option<JsonError>> {
    if core::str::from_utf8(text).is_err() {
        return Err(Some(JsonError::Syntax));
    }
    let mut out = SliceWriter::new(out);
    let mut rest = text;
    while let (plain, Some(_)) = split_at_byte(rest, b'\\') {
        out.write(plain);
        let escape = rest.get(plain.len()..).unwrap_or_default();
        let next = escape.get(6..).and_then(surrogate);
        let length = match (surrogate(escape), next) {
            (Some(high @ ..0xdc00), Some(low @ 0xdc00..)) => {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.write(character.encode_utf8(&mut [0; 4]).as_bytes());
                12
            }
            (Some(_), _) => {
                out.write("\u{fffd}".as_bytes());
                6
            }
            // Any other escape stays: two bytes of it keep an escaped backslash from starting one.
            (None, _) => {
                out.write(escape.get(..2).unwrap_or_default());
                2
            }
        };
        rest = escape.get(length..).ok_or(Some(JsonError::UnexpectedEnd))?;
    }
    out.write(rest);
    out.finish().map_err(|_| None)
}

/// The half of a surrogate pair that `text` starts with, escaped.
fn surrogate(text: &[u8]) -> Option<u32> {
    let [b'\\', b'u', b'd' | b'D', digits @ ..] = text else {
        return None;
    };
    let mut half = 0xd;
    for &digit in digits.get(..3)? {
        half = half << 4 | u32::from(hex::value(digit)?);
    }
    (half >= 0xd800).then_some(half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Reading<'a> {
        id: u32,
        unit: &'a str,
        note: heapless::String<16>,
    }

    fn read(text: &str) -> Result<Reading<'_>, Option<JsonError>> {
        from_slice(text.as_bytes(), &mut [0; 16])
    }

    #[test]
    fn reads_the_fields_asked_for() {
        let text = r#" {"id": 7, "other": [1, {"x": null}], "unit": "°C", "note": "a\n\"b\""} "#;
        let expected = Reading { id: 7, unit: "°C", note: heapless::String::try_from("a\n\"b\"").unwrap() };
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, error) in [
            ("", JsonError::UnexpectedEnd),
            ("{", JsonError::UnexpectedEnd),
            ("{}", JsonError::Type),
            ("[]", JsonError::Type),
            ("{} x", JsonError::TrailingData),
            (r#"{"id": -1, "unit": "", "note": ""}"#, JsonError::Type),
            (r#"{"id": 1, "unit": "a\nb", "note": ""}"#, JsonError::Type),
            (r#"{"id": 1, "unit": "", "note": "longer than 16 bytes"}"#, JsonError::Type),
            (r#"{"id": 1, "x": "\z"}"#, JsonError::Escape),
            (r#"{"id": 1, "x": nul}"#, JsonError::Syntax),
        ] {
            assert_eq!(read(text), Err(Some(error)), "{text}");
        }
    }

    #[test]
    fn a_string_too_long_for_the_scratch_is_told_apart() {
        let text = r#"{"id": 1, "unit": "", "x": "0123456789abcdef\n", "note": ""}"#;
        assert_eq!(read(text), Err(None));
    }

    #[test]
    fn a_document_nested_too_deeply_does_not_reach_the_recursion() {
        let text = format!(r#"{{"x": {}"#, "[".repeat(100_000));
        assert_eq!(read(&text), Err(Some(JsonError::TooDeep)));
    }

    #[test]
    fn surrogate_pairs_become_characters() {
        for (text, expected) in [
            (r#""\ud83d\ude00""#, r#""😀""#),
            (r#""a\n\uD83D\uDE00\\ud83d\u00e9""#, r#""a\n😀\\ud83d\u00e9""#),
            (r#""\ud83d" "\ude00""#, "\"\u{fffd}\" \"\u{fffd}\""),
            (r#""\ud83d\ud83d\ude00""#, "\"\u{fffd}😀\""),
        ] {
            let mut room = [0; 64];
            assert!(has_surrogates(text.as_bytes()));
            let combined = combine_surrogates(text.as_bytes(), &mut room[..text.len()]);
            assert_eq!(combined.as_deref(), Ok(expected.as_bytes()), "{text}");
        }
        assert!(!has_surrogates(br#""\u00e9 \ue000""#));
        assert_eq!(combine_surrogates(b"\"abc\"", &mut [0; 4]), Err(None));
    }
}
