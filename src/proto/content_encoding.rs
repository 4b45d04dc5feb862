// SPDX-License-Identifier: Apache-2.0
//! The coding of a response's content (`Content-Encoding`, RFC 9110 §8.4).

use crate::proto::header::HeaderFields;
use crate::proto::syntax::{ListElements, is_one_of, split_at_byte, trim_ows};

/// The codings of the content, in the order in which they were applied. Names that are not codings
/// are left out: `identity`, which RFC 9110 §12.5.3 allows in requests only, `none`, and the
/// charset `utf-8`, which some servers send here by mistake.
pub fn codings<'a>(headers: &HeaderFields<'a>) -> impl Iterator<Item = &'a [u8]> {
    headers.clone().values_of("Content-Encoding").flat_map(ListElements::new).filter(|name| is_coding(name))
}

fn is_coding(name: &[u8]) -> bool {
    !is_one_of(name, &["", "identity", "none", "utf-8", "utf8"])
}

/// Whether the content is not encoded.
#[must_use]
pub fn is_identity(headers: &HeaderFields<'_>) -> bool {
    codings(headers).next().is_none()
}

/// Whether `accepted`, the value of an `Accept-Encoding`, allows encoded content: it names a coding
/// whose weight is not 0 (RFC 9110 §12.5.3).
#[must_use]
pub fn asks_for_encoded(accepted: &str) -> bool {
    ListElements::new(accepted.as_bytes()).any(|element| {
        let (name, weight) = split_at_byte(element, b';');
        let is_excluded = matches!(
            trim_ows(weight.unwrap_or_default()),
            [b'q' | b'Q', b'=', b'0', digits @ ..] if digits.iter().all(|digit| matches!(digit, b'.' | b'0'))
        );
        is_coding(trim_ows(name)) && !is_excluded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_coding_is_left_out() {
        for (headers, expected) in [
            ("", &[][..]),
            ("Content-Encoding:\r\n", &[]),
            ("Content-Encoding: Identity\r\n", &[]),
            ("Content-Encoding: none\r\nContent-Encoding: UTF-8\r\n", &[]),
            ("content-encoding: gzip\r\n", &["gzip"]),
            ("Content-Encoding: identity, gzip\r\n", &["gzip"]),
            ("Content-Encoding: br, gzip\r\nContent-Encoding: zstd\r\n", &["br", "gzip", "zstd"]),
        ] {
            let headers = HeaderFields::new(headers.as_bytes());
            assert!(codings(&headers).eq(expected.iter().map(|name| name.as_bytes())), "{headers:?}");
            assert_eq!(is_identity(&headers), expected.is_empty());
        }
    }

    #[test]
    fn only_codings_that_may_be_used_are_asked_for() {
        for (accepted, expected) in [
            ("", false),
            ("identity", false),
            (" Identity ;q=1, *;q=0", false),
            ("gzip;q=0, br; Q=0.000", false),
            ("gzip", true),
            ("identity, gzip;q=0.1", true),
            ("*", true),
            ("br;q=1.0", true),
        ] {
            assert_eq!(asks_for_encoded(accepted), expected, "{accepted}");
        }
    }
}
