// SPDX-License-Identifier: Apache-2.0
//! The fields for fetching a part of a file: `Range`, `Content-Range` and `If-Range` (RFC 9110
//! §13.1.5 and §14).

use heapless::Vec;

use crate::proto::header::HeaderFields;
use crate::proto::http_date;
use crate::proto::syntax::{is_field_value, parse_decimal, split_at_byte};
use crate::proto::write::{Decimal, Write};

/// How many seconds before the response's `Date` a `Last-Modified` must be to count as a strong
/// validator (rule: RFC 9110 §8.8.2.2, number: RFC 7232 §2.2.2). A file may change twice within a
/// second, and the two dates may come from clocks that differ.
const STRONG_AFTER: i64 = 60;

/// The value of a `Content-Range` (RFC 9110 §14.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentRange {
    /// The range that a response with status 206 carries.
    Bytes {
        /// Offset of the first byte.
        first: u64,
        /// Offset of the last byte; not less than `first`.
        last: u64,
        /// Size of the whole in bytes, which is more than `last`; `None` if the server does not
        /// know it.
        complete: Option<u64>,
    },
    /// The requested range is outside the file (status 416).
    Unsatisfied {
        /// Size of the whole in bytes.
        complete: u64,
    },
}

impl ContentRange {
    /// Parses the value of a `Content-Range`. `None` if it is not a valid range of bytes.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let (unit, Some(range)) = split_at_byte(value, b' ') else {
            return None;
        };
        let (positions, Some(complete)) = split_at_byte(range, b'/') else {
            return None;
        };
        if !unit.eq_ignore_ascii_case(b"bytes") {
            return None;
        }
        if positions == b"*" {
            return Some(Self::Unsatisfied { complete: parse_decimal(complete)? });
        }
        let (first, Some(last)) = split_at_byte(positions, b'-') else {
            return None;
        };
        let (first, last) = (parse_decimal(first)?, parse_decimal(last)?);
        let complete = if complete == b"*" { None } else { Some(parse_decimal(complete)?) };
        // The largest offset is refused, because a size of 2^64 does not fit in 64 bits.
        if first > last || last >= complete.unwrap_or(u64::MAX) {
            return None;
        }
        Some(Self::Bytes { first, last, complete })
    }

    /// The `Content-Range` of a response. `None` if there is none, more than one, or an invalid
    /// one.
    #[must_use]
    pub fn of_response(headers: &HeaderFields<'_>) -> Option<Self> {
        Self::parse(only(headers, "Content-Range")?)
    }
}

/// Writes the value of a `Range` that asks for all bytes from offset `first` (RFC 9110 §14.2).
pub fn write_range_from(first: u64, out: &mut dyn Write) {
    out.write(b"bytes=");
    out.write(Decimal::new(first).as_bytes());
    out.write(b"-");
}

/// Writes the value of a `Range` that asks for at most `len` bytes from offset `first`. `len` is not 0.
pub fn write_range(first: u64, len: u64, out: &mut dyn Write) {
    write_range_from(first, out);
    out.write(Decimal::new(first.saturating_add(len - 1)).as_bytes());
}

/// A strong validator, which identifies one version of a file: the value of an `If-Range` (RFC 9110
/// §13.1.5). It is a copy of at most `N` bytes, so it outlives the response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validator<const N: usize> {
    text: Vec<u8, N>,
}

impl<const N: usize> Validator<N> {
    /// The [`strong_validator`] of a response. `None` if it has none, or one longer than `N` bytes.
    #[must_use]
    pub fn of_response(headers: &HeaderFields<'_>) -> Option<Self> {
        Vec::from_slice(strong_validator(headers)?).ok().map(|text| Self { text })
    }

    /// A validator that was stored as text. `None` if it is neither a strong entity tag nor a date,
    /// or longer than `N` bytes.
    #[must_use]
    pub fn from_kept(text: &str) -> Option<Self> {
        let is_date = http_date::parse(text.as_bytes(), None).is_some() && is_field_value(text.as_bytes());
        let is_valid = is_date || is_strong_tag(text.as_bytes());
        Vec::from_slice(text.as_bytes()).ok().filter(|_| is_valid).map(|text| Self { text })
    }

    /// The entity tag or date, as the server wrote it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// Whether a response belongs to another version; see [`contradicts`].
    #[must_use]
    pub fn contradicts(&self, headers: &HeaderFields<'_>) -> bool {
        contradicts(&self.text, headers)
    }
}

/// The entity tag of a response, or else its `Last-Modified`, if it is strong. Parts with the same
/// strong validator belong together, even if they were fetched at different times.
///
/// A date counts only if there is no entity tag (RFC 9110 §13.1.5). It is strong if the response's
/// `Date` is at least 60 seconds later.
#[must_use]
pub fn strong_validator<'a>(headers: &HeaderFields<'a>) -> Option<&'a [u8]> {
    if headers.clone().first("ETag").is_some() {
        return only(headers, "ETag").filter(|tag| is_strong_tag(tag));
    }
    let text = only(headers, "Last-Modified")?;
    let date = http_date::of_field(headers, "Date", None)?;
    let modified = http_date::parse(text, Some(date))?;
    (date.checked_sub(modified)? >= STRONG_AFTER).then_some(text)
}

/// Whether a response names another version than `validator`, even with status 206. Its content
/// must not be joined with the bytes received before. A response without a validator does not
/// contradict, and nothing contradicts an empty `validator`.
#[must_use]
pub fn contradicts(validator: &[u8], headers: &HeaderFields<'_>) -> bool {
    if validator.is_empty() {
        return false;
    }
    let name = if validator.first() == Some(&b'"') { "ETag" } else { "Last-Modified" };
    headers.clone().values_of(name).any(|value| value != validator)
}

/// The value of the field called `name`, if there is exactly one.
fn only<'a>(headers: &HeaderFields<'a>, name: &str) -> Option<&'a [u8]> {
    let mut headers = headers.clone();
    let value = headers.next_called(name)?;
    headers.next_called(name).is_none().then_some(value)
}

/// Whether `tag` is a strong entity tag (RFC 9110 §8.8.3).
fn is_strong_tag(tag: &[u8]) -> bool {
    let [b'"', opaque @ .., b'"'] = tag else {
        return false;
    };
    opaque.iter().all(|&byte| byte == b'!' || (byte >= b'#' && byte != 0x7f))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;

    #[test]
    fn content_ranges() {
        let bytes = |first, last, complete| Some(ContentRange::Bytes { first, last, complete });
        const LARGEST: u64 = u64::MAX;
        for (value, expected) in [
            ("bytes 5-9/10", bytes(5, 9, Some(10))),
            ("Bytes 5-9/*", bytes(5, 9, None)),
            ("bytes 0-0/1", bytes(0, 0, Some(1))),
            ("bytes */10", Some(ContentRange::Unsatisfied { complete: 10 })),
            ("bytes */0", Some(ContentRange::Unsatisfied { complete: 0 })),
            ("bytes 0-18446744073709551614/*", bytes(0, LARGEST - 1, None)),
            ("bytes 0-18446744073709551614/18446744073709551615", bytes(0, LARGEST - 1, Some(LARGEST))),
            ("bytes 0-18446744073709551615/*", None),
            ("bytes 0-18446744073709551616/*", None),
            ("bytes 5-4/10", None),
            ("bytes 5-10/10", None),
            ("bytes 0-0/0", None),
            ("bytes */*", None),
            ("bytes -9/10", None),
            ("bytes 5-/10", None),
            ("bytes 5-9", None),
            ("bytes 5-9/", None),
            ("bytes  5-9/10", None),
            ("bytes\t5-9/10", None),
            ("bytes 5 -9/10", None),
            ("bytes 5-9 /10", None),
            ("bytes 5-9/10 ", None),
            ("bytes 5-9/10/10", None),
            ("bytes +5-9/10", None),
            ("bytes=5-9/10", None),
            ("bytes:5-9/10", None),
            ("items 5-9/10", None),
            ("5-9/10", None),
            ("", None),
        ] {
            assert_eq!(ContentRange::parse(value.as_bytes()), expected, "{value:?}");
        }
    }

    #[test]
    fn a_content_range_given_twice_is_none() {
        let line = "Content-Range: bytes 5-9/10\r\n";
        let of_lines = |lines: &str| ContentRange::of_response(&HeaderFields::new(lines.as_bytes()));
        assert_eq!(of_lines(line), Some(ContentRange::Bytes { first: 5, last: 9, complete: Some(10) }));
        assert_eq!(of_lines(&line.repeat(2)), None);
        assert_eq!(of_lines(""), None);
    }

    #[test]
    fn a_range_is_written() {
        for (first, expected) in [(0, "bytes=0-"), (u64::MAX, "bytes=18446744073709551615-")] {
            let mut room = [0; 32];
            let mut out = SliceWriter::new(&mut room);
            write_range_from(first, &mut out);
            assert_eq!(out.written(), expected.as_bytes());
        }
    }

    const MODIFIED: &str = "Last-Modified: Fri, 31 Dec 1999 23:59:00 GMT\r\n";

    fn validator(headers: &str) -> Option<&str> {
        strong_validator(&HeaderFields::new(headers.as_bytes())).map(|text| str::from_utf8(text).unwrap())
    }

    #[test]
    fn only_strong_entity_tags_count() {
        for (tag, expected) in [
            ("\"abc\"", Some("\"abc\"")),
            ("\"\"", Some("\"\"")),
            ("\"é\"", Some("\"é\"")),
            ("W/\"abc\"", None),
            ("abc", None),
            ("\"", None),
            ("", None),
            ("\"a\"b\"", None),
            ("\"a b\"", None),
        ] {
            // A date must not be used if there is an entity tag.
            let headers = format!("ETag: {tag}\r\n{MODIFIED}Date: Sat, 01 Jan 2000 23:59:00 GMT\r\n");
            assert_eq!(validator(&headers), expected, "{tag}");
        }
        assert_eq!(validator("ETag: \"a\"\r\nETag: \"a\"\r\n"), None);
    }

    #[test]
    fn a_date_counts_once_it_is_a_minute_old() {
        let text = Some("Fri, 31 Dec 1999 23:59:00 GMT");
        for (date, expected) in [
            ("Date: Sat, 01 Jan 2000 00:00:00 GMT\r\n", text),
            ("Date: Fri, 31 Dec 1999 23:59:59 GMT\r\n", None),
            ("Date: Fri, 31 Dec 1999 23:58:00 GMT\r\n", None),
            ("Date: yesterday\r\n", None),
            ("", None),
        ] {
            assert_eq!(validator(&format!("{MODIFIED}{date}")), expected, "{date}");
        }
        assert_eq!(validator("Last-Modified: 1\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\n"), None);
    }

    #[test]
    fn a_validator_is_kept_whole_or_not_at_all() {
        let headers = HeaderFields::new(b"ETag: \"abc\"\r\n");
        assert_eq!(Validator::<5>::of_response(&headers).unwrap().as_bytes(), b"\"abc\"");
        assert_eq!(Validator::<4>::of_response(&headers), None);
        assert_eq!(Validator::<5>::from_kept("\"abc\"").unwrap().as_bytes(), b"\"abc\"");
        let date = "Fri, 31 Dec 1999 23:59:00 GMT";
        assert_eq!(Validator::<32>::from_kept(date).unwrap().as_bytes(), date.as_bytes());
        for text in ["", "abc", "W/\"abc\"", "\"abc\"\r\nX: y", "X: y\r\n, 31 Dec 1999 23:59:00 GMT"] {
            assert_eq!(Validator::<32>::from_kept(text), None, "{text:?}");
        }
        assert_eq!(Validator::<4>::from_kept("\"abc\""), None);
    }

    #[test]
    fn another_version_is_seen() {
        let tag = Validator::<32>::of_response(&HeaderFields::new(b"ETag: \"abc\"\r\n")).unwrap();
        for (headers, expected) in [
            ("", false),
            ("ETag: \"abc\"\r\n", false),
            ("ETag: \"abd\"\r\n", true),
            ("ETag: W/\"abc\"\r\n", true),
            ("ETag: \"abc\"\r\nETag: \"abd\"\r\n", true),
            (MODIFIED, false),
        ] {
            assert_eq!(tag.contradicts(&HeaderFields::new(headers.as_bytes())), expected, "{headers}");
        }
        let date = b"Fri, 31 Dec 1999 23:59:00 GMT";
        assert!(!contradicts(date, &HeaderFields::new(MODIFIED.as_bytes())));
        assert!(contradicts(date, &HeaderFields::new(b"Last-Modified: Fri, 31 Dec 1999 23:59:01 GMT\r\n")));
    }
}
