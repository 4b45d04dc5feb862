// SPDX-License-Identifier: Apache-2.0
//! JSON in and out, for every type that serde knows.
//!
//! [`writer`] and [`reader`] do the work. [`scan`] walks over each document first: it checks all of it and
//! limits its depth. So a hostile document does not decide how much stack it takes.

pub mod error;
pub mod pointer;
pub mod reader;
pub mod scan;
pub mod writer;

use serde::{Deserialize, Serialize};

use crate::proto::bytes::{move_within, split_at_mut};
use crate::proto::json::error::{JsonError, JsonFault, ReadError, WriteError};
use crate::proto::json::reader::{JsonReader, ValueError};
use crate::proto::json::scan::Scanner;
use crate::proto::json::writer::JsonWriter;
use crate::proto::write::SliceWriter;

/// A value that can be written as JSON: everything that is [`serde::Serialize`].
pub trait ToJson {
    /// Writes the value to the end of `room`, and returns what is left of it together with the JSON.
    ///
    /// # Errors
    /// [`WriteError`].
    fn to_json_at_end<'r>(&self, room: &'r mut [u8]) -> Result<(&'r mut [u8], &'r [u8]), WriteError>;
}

impl<T: Serialize + ?Sized> ToJson for T {
    fn to_json_at_end<'r>(&self, room: &'r mut [u8]) -> Result<(&'r mut [u8], &'r [u8]), WriteError> {
        let mut out = SliceWriter::new(room);
        let result = self.serialize(&mut JsonWriter::new(&mut out));
        result.map_err(|_| WriteError::Unsupported { offset: out.len() })?;
        let length = out.finish().map_err(WriteError::TooLong)?.len();
        let start = room.len() - length;
        move_within(room, 0..length, start);
        let (rest, json) = split_at_mut(room, start);
        Ok((rest, json))
    }
}

/// Checks that `text` is one JSON value, and returns a scanner in front of it.
///
/// # Errors
/// [`JsonFault`], whatever part of the document is wanted.
pub fn document(text: &[u8]) -> Result<Scanner<'_>, JsonFault> {
    let (valid, ends_inside_character) = valid_utf8(text);
    let mut start = Scanner::new(valid);
    start.skip_byte_order_mark();
    start.skip_space();
    let mut scanner = start;
    match scanner.value() {
        Ok(_) => scanner.skip_space(),
        Err(JsonError::UnexpectedEnd) if valid.len() < text.len() && !ends_inside_character => {
            return Err(scanner.fault(JsonError::Syntax));
        }
        Err(cause) => return Err(scanner.fault(cause)),
    }
    if scanner.position() < text.len() {
        return Err(scanner.fault(JsonError::TrailingData));
    }
    Ok(start)
}

/// The UTF-8 at the start of `text`, and whether `text` ends inside the character behind it.
fn valid_utf8(text: &[u8]) -> (&str, bool) {
    match core::str::from_utf8(text) {
        Ok(text) => (text, false),
        Err(error) => {
            let valid = text.get(..error.valid_up_to()).unwrap_or_default();
            (core::str::from_utf8(valid).unwrap_or_default(), error.error_len().is_none())
        }
    }
}

/// Reads the value at `scanner`, whose text must be a [`document`]. Strings with escapes are rewritten in
/// `scratch`. The part of `scratch` that is not used is left in it.
///
/// # Errors
/// [`ReadError`]. The offset of a [`JsonError::Type`] is that of the value; where a field or an element is
/// missing, that of its object or array.
pub fn read<'a, T: Deserialize<'a>>(
    scanner: Scanner<'a>,
    scratch: &mut &'a mut [u8],
) -> Result<T, ReadError> {
    let mut reader = JsonReader::new(scanner, scratch);
    T::deserialize(&mut reader).map_err(|error| match error {
        ValueError::Type => ReadError::Json(JsonFault { cause: JsonError::Type, offset: reader.offset() }),
        ValueError::ScratchTooSmall => ReadError::ScratchTooSmall,
    })
}

#[cfg(test)]
pub(super) fn from_slice<'a, T: Deserialize<'a>>(
    text: &'a [u8],
    scratch: &mut &'a mut [u8],
) -> Result<T, ReadError> {
    read(document(text).map_err(ReadError::Json)?, scratch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MAX_JSON_DEPTH;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Reading<'a> {
        id: u32,
        unit: &'a str,
        note: heapless::String<16>,
    }

    fn reading(text: &str) -> Result<Reading<'_>, ReadError> {
        from_slice(text.as_bytes(), &mut &mut *vec![0; 16].leak())
    }

    #[test]
    fn reads_the_fields_asked_for() {
        let text = r#" {"id": 7, "other": [1, {"x": null}], "unit": "°C", "note": "a\n\"b\""} "#;
        let expected = Reading { id: 7, unit: "°C", note: heapless::String::try_from("a\n\"b\"").unwrap() };
        assert_eq!(reading(text), Ok(expected));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, cause, offset) in [
            ("", JsonError::UnexpectedEnd, 0),
            (" {", JsonError::UnexpectedEnd, 2),
            (" {}", JsonError::Type, 1),
            ("[]", JsonError::Type, 0),
            ("{} x", JsonError::TrailingData, 3),
            (r#"{"id": -1, "unit": "", "note": ""}"#, JsonError::Type, 7),
            (r#"{"id": 1, "unit": [], "note": ""}"#, JsonError::Type, 18),
            (r#"{"id": 1, "unit": "", "id": 1}"#, JsonError::Type, 22),
            (r#"{"id": 1, "unit": "", "note": "longer than 16 bytes"}"#, JsonError::Type, 30),
            (r#"{"id": 1, "x": "\z"}"#, JsonError::Escape, 16),
            (r#"{"id": 1, "x": nul}"#, JsonError::Syntax, 18),
        ] {
            assert_eq!(reading(text), Err(ReadError::Json(JsonFault { cause, offset })), "{text}");
        }
    }

    #[test]
    fn text_that_is_not_utf_8_is_refused_at_the_first_fault() {
        for (text, cause, offset) in [
            (&b"\"\xe9\""[..], JsonError::Syntax, 1),
            (b"\"\xc3", JsonError::UnexpectedEnd, 1),
            (b"<p>\xe9", JsonError::Syntax, 0),
            (b"1 \xe9", JsonError::TrailingData, 2),
            (b"\xef\xbb\xbf \"\x01", JsonError::Syntax, 5),
        ] {
            assert_eq!(document(text), Err(JsonFault { cause, offset }), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn a_string_too_long_for_the_scratch_is_told_apart() {
        let text = r#"{"id": 1, "unit": "", "x": "", "note": "0123456789abcdef\n"}"#;
        assert_eq!(reading(text), Err(ReadError::ScratchTooSmall));
    }

    #[test]
    fn a_document_nested_too_deeply_does_not_reach_the_recursion() {
        let text = format!(r#"{{"x": {}"#, "[".repeat(100_000));
        assert_eq!(
            reading(&text),
            Err(ReadError::Json(JsonFault {
                cause: JsonError::TooDeep,
                offset: 6 + MAX_JSON_DEPTH as usize - 1
            }))
        );
    }
}
