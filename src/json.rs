// SPDX-License-Identifier: Apache-2.0
//! JSON outside a response: lines of NDJSON, the data of server-sent events.

use serde::Deserialize;

use crate::Error;
use crate::error::Phase;
use crate::proto::json::error::ReadError;
use crate::proto::json::{document, pointer, read, read_document};

/// Reads a JSON text (RFC 8259), for example a line of NDJSON or the data of an event. Anything
/// behind the value is an error.
///
/// Fields of type `&str` borrow from the text. A string with escapes must be rewritten, which
/// [`json_with_scratch`] can do.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Reading<'a> {
///     sensor: &'a str,
///     celsius: f32,
/// }
///
/// let line = r#"{"sensor": "roof", "celsius": 21.5}"#;
/// let reading: Reading<'_> = requests::json(line)?;
/// assert_eq!((reading.sensor, reading.celsius), ("roof", 21.5));
/// # Ok::<(), requests::Error>(())
/// ```
///
/// # Errors
/// [`Error::Json`] if the text is not JSON or does not match `T`. [`Error::BufferTooSmall`] if a
/// string has escapes, with the number of bytes that [`json_with_scratch`] needs at most.
pub fn json<'a, T: Deserialize<'a>>(text: &'a (impl AsRef<[u8]> + ?Sized)) -> Result<T, Error> {
    json_with_scratch(text, &mut [])
}

/// Reads one value of a JSON text, found by a JSON Pointer (RFC 6901) such as `"/items/0/name"`.
/// The rest of the text is still checked.
///
/// ```
/// let delta: &str = requests::json_at(br#"{"choices": [{"delta": "Hello"}]}"#, "/choices/0/delta")?;
/// assert_eq!(delta, "Hello");
/// # Ok::<(), requests::Error>(())
/// ```
///
/// # Errors
/// As [`json`], and [`JsonError::NotFound`](crate::JsonError::NotFound) if the text is valid but
/// has no value at the pointer.
pub fn json_at<'a, T: Deserialize<'a>>(
    text: &'a (impl AsRef<[u8]> + ?Sized),
    pointer: &str,
) -> Result<T, Error> {
    let document = document(text.as_ref())?;
    read(pointer::find(document, pointer)?, &mut Default::default()).map_err(error_of)
}

/// Reads a JSON text as [`json`] does, and rewrites strings with escapes in `scratch`. A `scratch`
/// as long as the text is always large enough.
///
/// # Errors
/// As [`json`].
pub fn json_with_scratch<'a, T: Deserialize<'a>>(
    text: &'a (impl AsRef<[u8]> + ?Sized),
    mut scratch: &'a mut [u8],
) -> Result<T, Error> {
    read_document(text.as_ref(), &mut scratch).map_err(error_of)
}

fn error_of(error: ReadError) -> Error {
    match error {
        ReadError::Json(fault) => fault.into(),
        ReadError::ScratchTooSmall { needed } => Error::BufferTooSmall { phase: Phase::Json, needed },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::JsonError;

    #[test]
    fn text_and_bytes_are_read() {
        assert_eq!(json::<u8>("7"), Ok(7));
        assert_eq!(json::<[u8; 2]>(b" [1, 2] "), Ok([1, 2]));
        assert_eq!(json_at::<u8>(r#"{"a": {"b": 3}}"#, "/a/b"), Ok(3));
        assert_eq!(json_at::<u8>("{}", "/a"), Err(Error::Json { cause: JsonError::NotFound, offset: 0 }));
        assert_eq!(json::<u8>(b"7 x"), Err(Error::Json { cause: JsonError::TrailingData, offset: 2 }));
    }

    #[test]
    fn escapes_take_scratch() {
        let text = r#"["a\n"]"#;
        assert_eq!(json::<[&str; 1]>(text), Err(Error::BufferTooSmall { phase: Phase::Json, needed: 7 }));
        assert_eq!(json_with_scratch::<[&str; 1]>(text, &mut [0; 7]), Ok(["a\n"]));
    }
}
