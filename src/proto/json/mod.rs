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

use crate::proto::json::error::{JsonError, ReadError, WriteError};
use crate::proto::json::reader::JsonReader;
use crate::proto::json::scan::{skip_space, value_end};
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
        self.serialize(&mut JsonWriter::new(&mut out)).map_err(|_| WriteError::Unsupported)?;
        let length = out.finish().map_err(WriteError::TooLong)?.len();
        let start = room.len() - length;
        room.copy_within(..length, start);
        let (rest, json) = room.split_at_mut(start);
        Ok((rest, json))
    }
}

/// `text` without a byte order mark, if it is one JSON value.
///
/// # Errors
/// [`JsonError`], whatever part of the document is wanted of it.
pub fn document(text: &[u8]) -> Result<&str, JsonError> {
    // A parser may ignore the mark (RFC 8259 §8.1).
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let end = value_end(text, 0)?;
    if skip_space(text, end) != text.len() {
        return Err(JsonError::TrailingData);
    }
    core::str::from_utf8(text).map_err(|_| JsonError::Syntax)
}

/// Reads the value at the start of `text`, which must be well-formed and not nested too deeply: a
/// [`document`], or a value in one. Strings with escapes are rewritten in `scratch`, of which what is not
/// used is left.
///
/// # Errors
/// [`ReadError`].
pub fn read<'a, T: Deserialize<'a>>(text: &'a str, scratch: &mut &'a mut [u8]) -> Result<T, ReadError> {
    T::deserialize(&mut JsonReader::new(text, scratch))
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
        for (text, error) in [
            ("", JsonError::UnexpectedEnd),
            ("{", JsonError::UnexpectedEnd),
            ("{}", JsonError::Type),
            ("[]", JsonError::Type),
            ("{} x", JsonError::TrailingData),
            (r#"{"id": -1, "unit": "", "note": ""}"#, JsonError::Type),
            (r#"{"id": 1, "unit": "", "note": "longer than 16 bytes"}"#, JsonError::Type),
            (r#"{"id": 1, "x": "\z"}"#, JsonError::Escape),
            (r#"{"id": 1, "x": nul}"#, JsonError::Syntax),
        ] {
            assert_eq!(reading(text), Err(ReadError::Json(error)), "{text}");
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
        assert_eq!(reading(&text), Err(ReadError::Json(JsonError::TooDeep)));
    }
}
