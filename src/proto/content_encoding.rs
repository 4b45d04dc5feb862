// SPDX-License-Identifier: Apache-2.0
//! How the content of a response is encoded (`Content-Encoding`, RFC 9110 §8.4).

use crate::proto::header::HeaderFields;
use crate::proto::syntax::ListElements;

/// The codings of the content, in the order in which they were applied. What is no coding is left out: `identity`,
/// which RFC 9110 §12.5.3 only has in requests, `none`, and `utf-8`, the charset, which servers put here by mistake.
pub fn codings<'a>(headers: &HeaderFields<'a>) -> impl Iterator<Item = &'a [u8]> {
    const NONE: [&[u8]; 5] = [b"", b"identity", b"none", b"utf-8", b"utf8"];
    let is_coding = |name: &&[u8]| !NONE.iter().any(|none| none.eq_ignore_ascii_case(name));
    headers.clone().values_of("Content-Encoding").flat_map(ListElements::new).filter(is_coding)
}

/// Whether the content is as it is on the server, and not encoded for the transfer.
#[must_use]
pub fn is_identity(headers: &HeaderFields<'_>) -> bool {
    codings(headers).next().is_none()
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
}
