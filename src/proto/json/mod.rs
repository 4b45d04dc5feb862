// SPDX-License-Identifier: Apache-2.0
//! JSON in and out, for every type that serde knows.
//!
//! [`writer`] and [`reader`] do the work. [`scan`] skips what a type does not ask for, and checks a document
//! that cannot be read. Both limit the depth. So a hostile document does not decide how much stack it takes.

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
    let start = start(text);
    let mut scanner = start;
    match scanner.value() {
        Ok(_) => scanner.skip_space(),
        Err(JsonError::UnexpectedEnd) if !ends_inside_character(text) => {
            return Err(scanner.fault(JsonError::Syntax));
        }
        Err(cause) => return Err(scanner.fault(cause)),
    }
    if scanner.position() < text.len() {
        return Err(scanner.fault(JsonError::TrailingData));
    }
    Ok(start)
}

/// The start of the value in `text`. The scanner ends with the UTF-8 at the start of `text`.
#[inline(never)]
fn start(text: &[u8]) -> Scanner<'_> {
    let valid = core::str::from_utf8(text).or_else(|error| {
        // This cannot fail.
        core::str::from_utf8(text.get(..error.valid_up_to()).unwrap_or_default())
    });
    let mut scanner = Scanner::new(valid.unwrap_or_default());
    scanner.skip_byte_order_mark();
    scanner.skip_space();
    scanner
}

/// Whether `text` is UTF-8, or would be with some bytes more.
fn ends_inside_character(text: &[u8]) -> bool {
    core::str::from_utf8(text).err().is_none_or(|error| error.error_len().is_none())
}

/// Reads `text`, which must be one JSON value. Strings with escapes are rewritten in `scratch`. The part of
/// `scratch` that is not used is left in it.
///
/// # Errors
/// That of [`document`] if there is one, else that of [`read`].
pub fn read_document<'a, T: Deserialize<'a>>(
    text: &'a [u8],
    scratch: &mut &'a mut [u8],
) -> Result<T, ReadError> {
    let mut reader = JsonReader::new(start(text), scratch);
    match T::deserialize(&mut reader) {
        Ok(value) if reader.is_at_end(text.len()) => Ok(value),
        Ok(value) => document(text).map(|_| value).map_err(ReadError::Json),
        Err(error) => Err(reason(error, &reader, text)),
    }
}

/// Why `text` could not be read.
// Not inlined: there is a `read_document` for each type.
#[inline(never)]
fn reason(error: ValueError, reader: &JsonReader<'_, '_>, text: &[u8]) -> ReadError {
    match document(text) {
        Ok(value) => read_error(error, reader, value),
        Err(fault) => ReadError::Json(fault),
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
    T::deserialize(&mut reader).map_err(|error| read_error(error, &reader, scanner))
}

/// Why the value at `value` could not be read.
fn read_error(error: ValueError, reader: &JsonReader<'_, '_>, value: Scanner<'_>) -> ReadError {
    match error {
        ValueError::Type => ReadError::Json(JsonFault { cause: JsonError::Type, offset: reader.offset() }),
        ValueError::ScratchTooSmall => ReadError::ScratchTooSmall { needed: value.value_len() },
    }
}

#[cfg(test)]
pub(super) fn from_slice<'a, T: Deserialize<'a>>(
    text: &'a [u8],
    scratch: &mut &'a mut [u8],
) -> Result<T, ReadError> {
    let again = vec![0; scratch.len()];
    let again = read::<T>(document(text).map_err(ReadError::Json)?, &mut &mut *again.leak()).map(|_| ());
    let result = read_document(text, scratch);
    // Both ways lead to the same.
    assert_eq!(result.as_ref().map(|_| ()), again.as_ref().copied());
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MAX_JSON_DEPTH;
    use proptest::prelude::*;
    use serde::de;
    use std::collections::BTreeMap;

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
        assert_eq!(reading(text), Err(ReadError::ScratchTooSmall { needed: text.len() }));
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

    /// Reads nothing: the value stays unread.
    #[derive(Debug, PartialEq)]
    struct Nothing;

    impl<'de> Deserialize<'de> for Nothing {
        fn deserialize<D: serde::Deserializer<'de>>(_deserializer: D) -> Result<Self, D::Error> {
            Ok(Self)
        }
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Kind {
        A,
        B(u8),
        C { x: Option<bool> },
        D(Nothing),
    }

    proptest! {
        /// `from_slice` compares reading at once with reading after a check.
        #[test]
        fn what_can_be_read_is_well_formed(
            text in prop_oneof![
                r#"[\[\]{}:,"\\u0-9 truefalsn.e-]{0,24}"#,
                r#"[ \[{]{0,4}("[ABCDx]"|[:,\[\]{}]|-?[0-9.]{1,3}|null|true| |"\\\\n"){0,8}[ \]}]{0,4}"#,
                r#"[\[{]{14,18}[\]}]{0,18}"#,
                r#"\[(\[|\{"x":){13,16}(\]|\}){12,17}\]"#,
            ],
        ) {
            let _ = from_slice::<de::IgnoredAny>(text.as_bytes(), &mut Default::default());
            let _ = from_slice::<Nothing>(text.as_bytes(), &mut Default::default());
            let _ = from_slice::<Vec<Nothing>>(text.as_bytes(), &mut Default::default());
            let _ = from_slice::<BTreeMap<String, Nothing>>(text.as_bytes(), &mut &mut *vec![0; 64].leak());
            let _ = from_slice::<BTreeMap<u8, de::IgnoredAny>>(text.as_bytes(), &mut Default::default());
            let _ = from_slice::<Vec<Option<f32>>>(text.as_bytes(), &mut Default::default());
            let _ = from_slice::<(bool, [i8; 2])>(text.as_bytes(), &mut Default::default());
            let _ = from_slice::<Vec<Kind>>(text.as_bytes(), &mut &mut *vec![0; 64].leak());
            let read = from_slice::<serde_json::Value>(text.as_bytes(), &mut &mut *vec![0; 64].leak());
            if read.is_ok() {
                prop_assert!(document(text.as_bytes()).is_ok());
            }
        }
    }
}
