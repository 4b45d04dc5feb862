// SPDX-License-Identifier: Apache-2.0
//! Fetching the rest of a file: the fields of the request, and the check of the response (RFC 9110
//! §14 and §15.3.7).

use crate::proto::content_encoding::is_identity;
use crate::proto::framing::Framing;
use crate::proto::header::HeaderFields;
use crate::proto::range::{ContentRange, contradicts, write_range, write_range_from};
use crate::proto::write::Write;

/// The part of a file to ask for.
#[derive(Debug, Clone, Copy)]
pub struct Rest<'a> {
    /// Offset of the first byte to ask for: the number of bytes that have been received.
    pub first: u64,
    /// Size of the whole file in bytes, if it is known.
    pub complete: Option<u64>,
    /// Strong validator of the version that the received bytes belong to. Empty if there are none
    /// yet, or if a digest will check the whole.
    pub validator: &'a [u8],
    /// The most bytes to ask for in one response, not 0. `None` for all.
    pub len: Option<u64>,
}

/// What a response contains of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The whole file, from its first byte on.
    Whole,
    /// The bytes that follow the received ones.
    Rest {
        /// The number of bytes, not 0.
        len: u64,
        /// Size of the whole file in bytes, if the server knows it.
        complete: Option<u64>,
    },
    /// Nothing: the whole file has been received.
    Nothing,
    /// A part that cannot be joined to the received bytes.
    Unusable,
    /// Nothing of the file. The status says why.
    Other,
}

impl Rest<'_> {
    /// Checks a 206. Its range must start where the received bytes end. No field may name another
    /// version or contradict the `Content-Range`.
    fn part(&self, framing: Framing, headers: &HeaderFields<'_>) -> Option<Part> {
        // A multipart/byteranges response has no Content-Range in its head, but in its parts (RFC
        // 9110 §15.3.7.2).
        let ContentRange::Bytes { first, last, complete } = ContentRange::of_response(headers)? else {
            return None;
        };
        let len = (last - first).checked_add(1)?;
        let fits = first == self.first
            && self.len.is_none_or(|most| len <= most)
            && (complete.is_none() || self.complete.is_none() || complete == self.complete)
            && self.complete.is_none_or(|complete| last < complete)
            && (matches!(framing, Framing::Chunked | Framing::UntilClose) || framing == Framing::Length(len))
            && !is_multipart(headers)
            && is_identity(headers)
            && !contradicts(self.validator, headers)
            // A server that sends an entity tag with the whole must send it with a part too (RFC
            // 9110 §15.3.7).
            && (self.validator.first() != Some(&b'"') || headers.clone().first("ETag").is_some());
        fits.then_some(Part::Rest { len, complete: complete.or(self.complete) })
    }

    /// Checks a 416. If the version is known to be the same, it means that there are no bytes
    /// behind the received ones.
    fn end(&self, headers: &HeaderFields<'_>) -> Option<Part> {
        let ContentRange::Unsatisfied { complete } = ContentRange::of_response(headers)? else {
            return None;
        };
        // Another version can be just as long as the received part. Only the size of the whole or
        // the validator excludes that.
        let is_known = self.complete == Some(complete)
            || headers.clone().values_of("ETag").any(|tag| tag == self.validator);
        (complete == self.first && is_known && !contradicts(self.validator, headers)).then_some(Part::Nothing)
    }
}

/// Writes the header fields that ask for the rest of this version, or for the whole of another one
/// (RFC 9110 §13.1.5).
pub fn write_rest(rest: &Rest<'_>, out: &mut dyn Write) {
    out.write(b"Range: ");
    write_range_from(rest.first, out);
    end_rest(rest, out);
}

/// As [`write_rest`], for at most [`Rest::len`] bytes.
pub fn write_piece(rest: &Rest<'_>, out: &mut dyn Write) {
    out.write(b"Range: ");
    write_range(rest.first, rest.len.unwrap_or(u64::MAX), out);
    end_rest(rest, out);
}

fn end_rest(rest: &Rest<'_>, out: &mut dyn Write) {
    out.write(b"\r\n");
    if !rest.validator.is_empty() {
        out.write(b"If-Range: ");
        out.write(rest.validator);
        out.write(b"\r\n");
    }
}

/// Returns what the response with this head contains of the file. `rest` is what the request asked
/// for, or `None` for the whole.
#[must_use]
pub fn part_of_response(
    rest: Option<&Rest<'_>>,
    status_code: u16,
    framing: Framing,
    headers: &HeaderFields<'_>,
) -> Part {
    match (status_code, rest) {
        (200 | 203, _) => Part::Whole,
        (206, Some(rest)) => rest.part(framing, headers).unwrap_or(Part::Unusable),
        (416, Some(rest)) => rest.end(headers).unwrap_or(Part::Unusable),
        // The request did not ask for a part.
        (206, None) => Part::Unusable,
        _ => Part::Other,
    }
}

fn is_multipart(headers: &HeaderFields<'_>) -> bool {
    const TYPE: &[u8] = b"multipart/";
    headers
        .clone()
        .values_of("Content-Type")
        .any(|value| value.get(..TYPE.len()).is_some_and(|start| start.eq_ignore_ascii_case(TYPE)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;

    const TAG: &[u8] = b"\"v1\"";
    const REST: Rest<'_> = Rest { first: 100, complete: Some(1000), validator: TAG, len: None };
    const UNSIZED: Rest<'_> = Rest { complete: None, ..REST };

    fn part(rest: Option<&Rest<'_>>, status_code: u16, framing: Framing, headers: &str) -> Part {
        part_of_response(rest, status_code, framing, &HeaderFields::new(headers.as_bytes()))
    }

    #[test]
    fn pieces_are_asked_for_with_and_without_a_version() {
        for (rest, expected) in [
            (Rest { len: Some(50), ..REST }, "Range: bytes=100-149\r\nIf-Range: \"v1\"\r\n"),
            (Rest { first: 0, len: Some(1), validator: b"", ..REST }, "Range: bytes=0-0\r\n"),
            (
                Rest { len: Some(u64::MAX), validator: b"", ..REST },
                "Range: bytes=100-18446744073709551615\r\n",
            ),
        ] {
            let mut room = [0; 64];
            let mut out = SliceWriter::new(&mut room);
            write_piece(&rest, &mut out);
            assert_eq!(out.written(), expected.as_bytes());
        }
    }

    #[test]
    fn a_piece_may_be_shorter_than_asked_for_and_not_longer() {
        let asked = Rest { len: Some(50), ..REST };
        for (last, expected) in [(149, true), (120, true), (150, false), (999, false)] {
            let len = last - 99;
            let head = format!("ETag: \"v1\"\r\nContent-Range: bytes 100-{last}/1000\r\n");
            let part = part(Some(&asked), 206, Framing::Length(len), &head);
            assert_eq!(part == Part::Rest { len, complete: Some(1000) }, expected, "{last}");
        }
    }

    #[test]
    fn the_rest_of_one_version_is_asked_for() {
        let mut room = [0; 64];
        let mut out = SliceWriter::new(&mut room);
        write_rest(&REST, &mut out);
        assert_eq!(out.written(), b"Range: bytes=100-\r\nIf-Range: \"v1\"\r\n");
    }

    #[test]
    fn a_part_that_fits_is_joined() {
        let rest = |len, complete| Part::Rest { len, complete };
        for (asked, framing, headers, expected) in [
            (REST, Framing::Length(900), "Content-Range: bytes 100-999/1000\r\n", rest(900, Some(1000))),
            (REST, Framing::Chunked, "Content-Range: bytes 100-999/1000\r\n", rest(900, Some(1000))),
            (REST, Framing::UntilClose, "Content-Range: bytes 100-999/*\r\n", rest(900, Some(1000))),
            (REST, Framing::Length(1), "Content-Range: bytes 100-100/1000\r\n", rest(1, Some(1000))),
            (UNSIZED, Framing::Length(900), "Content-Range: bytes 100-999/1000\r\n", rest(900, Some(1000))),
            (UNSIZED, Framing::Length(900), "Content-Range: bytes 100-999/*\r\n", rest(900, None)),
            (
                REST,
                Framing::Length(900),
                "Content-Range: bytes 100-999/1000\r\nContent-Encoding: identity\r\n",
                rest(900, Some(1000)),
            ),
        ] {
            let tagged = format!("{headers}ETag: \"v1\"\r\n");
            assert_eq!(part(Some(&asked), 206, framing, &tagged), expected, "{headers}");
            // Without the entity tag, the version of the part is unknown. A date need not be sent
            // again.
            assert_eq!(part(Some(&asked), 206, framing, headers), Part::Unusable, "{headers}");
            let dated = Rest { validator: b"Sun, 06 Nov 1994 08:49:37 GMT", ..asked };
            assert_eq!(part(Some(&dated), 206, framing, headers), expected, "{headers}");
        }
    }

    #[test]
    fn any_other_part_is_not() {
        const FITS: &str = "Content-Range: bytes 100-999/1000\r\n";
        let with = |more: &str| format!("{FITS}{more}\r\n");
        for (framing, headers) in [
            (Framing::Length(900), String::new()),
            (Framing::Length(901), "Content-Range: bytes 99-999/1000\r\n".to_owned()),
            (Framing::Length(899), "Content-Range: bytes 101-999/1000\r\n".to_owned()),
            (Framing::Length(1000), "Content-Range: bytes 0-999/1000\r\n".to_owned()),
            (Framing::Length(900), "Content-Range: bytes 100-999/1001\r\n".to_owned()),
            (Framing::Length(901), "Content-Range: bytes 100-1000/*\r\n".to_owned()),
            (Framing::Length(900), "Content-Range: items 100-999/1000\r\n".to_owned()),
            (Framing::Length(900), "Content-Range: bytes */1000\r\n".to_owned()),
            (Framing::Length(900), "Content-Range: bytes 100-999\r\n".to_owned()),
            (Framing::Length(900), with(FITS.trim_end())),
            (Framing::Length(899), FITS.to_owned()),
            (Framing::Length(901), FITS.to_owned()),
            (Framing::None, FITS.to_owned()),
            (Framing::Length(900), with("ETag: \"v2\"")),
            (Framing::Length(900), with("ETag: W/\"v1\"")),
            (Framing::Length(900), with("Content-Encoding: gzip")),
            (Framing::Length(900), with("Content-Type: Multipart/ByteRanges; boundary=x")),
        ] {
            // Each gets an entity tag if it has none, so that it is refused only for its own fault.
            let tag = if headers.contains("ETag") { "" } else { "ETag: \"v1\"\r\n" };
            let headers = headers + tag;
            assert_eq!(part(Some(&REST), 206, framing, &headers), Part::Unusable, "{headers} {framing:?}");
        }
        assert_eq!(part(None, 206, Framing::Length(900), FITS), Part::Unusable);
    }

    #[test]
    fn nothing_is_left_where_size_or_validator_says_so() {
        let all = Rest { first: 1000, ..REST };
        let unsized_all = Rest { complete: None, ..all };
        let tagged = "Content-Range: bytes */1000\r\nETag: \"v1\"\r\n";
        for (asked, headers, expected) in [
            (all, "Content-Range: bytes */1000\r\n", Part::Nothing),
            (all, tagged, Part::Nothing),
            (unsized_all, tagged, Part::Nothing),
            (unsized_all, "Content-Range: bytes */1000\r\n", Part::Unusable),
            (all, "Content-Range: bytes */1000\r\nETag: \"v2\"\r\n", Part::Unusable),
            (all, "Content-Range: bytes */999\r\n", Part::Unusable),
            (all, "Content-Range: bytes 100-999/1000\r\n", Part::Unusable),
            (all, "", Part::Unusable),
            (REST, tagged, Part::Unusable),
        ] {
            assert_eq!(part(Some(&asked), 416, Framing::Length(0), headers), expected, "{headers}");
        }
        assert_eq!(part(None, 416, Framing::Length(0), tagged), Part::Other);
    }

    #[test]
    fn a_whole_file_is_one_whatever_was_asked_for() {
        for asked in [None, Some(&REST)] {
            assert_eq!(
                part(asked, 200, Framing::Length(5), "Content-Range: bytes 100-999/1000\r\n"),
                Part::Whole
            );
            assert_eq!(part(asked, 404, Framing::Length(5), ""), Part::Other);
            assert_eq!(part(asked, 204, Framing::None, ""), Part::Other);
        }
    }
}
