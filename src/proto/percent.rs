// SPDX-License-Identifier: Apache-2.0
//! Percent-encoding (RFC 3986 §2.1), with the character sets of the WHATWG URL standard, and what else must not stand in
//! a request line.

use crate::proto::hex;
use crate::proto::write::Write;

/// Writes `bytes`. A byte for which `is_plain` returns `false` is written as `%XX`.
pub fn write_encoded(out: &mut dyn Write, bytes: &[u8], is_plain: fn(u8) -> bool) {
    let mut rest = bytes;
    while let Some(index) = rest.iter().position(|&byte| !is_plain(byte)) {
        let (plain, tail) = rest.split_at(index);
        out.write(plain);
        if let Some((&byte, tail)) = tail.split_first() {
            out.write(&encode_byte(byte));
            rest = tail;
        }
    }
    out.write(rest);
}

/// The form `%XX` of a byte.
const fn encode_byte(byte: u8) -> [u8; 3] {
    [b'%', hex::digit(byte >> 4), hex::digit(byte)]
}

/// Decodes percent-encoded text. A `%` without two hexadecimal digits behind it stands for itself.
#[derive(Debug, Clone)]
pub struct Decode<'a> {
    rest: &'a [u8],
    verbatim: bool,
}

impl<'a> Decode<'a> {
    /// Decodes `text`.
    #[must_use]
    pub const fn new(text: &'a [u8]) -> Self {
        Self { rest: text, verbatim: false }
    }

    /// Returns the bytes of `text` unchanged, because it is not percent-encoded.
    #[must_use]
    pub const fn verbatim(text: &'a [u8]) -> Self {
        Self { rest: text, verbatim: true }
    }
}

impl Iterator for Decode<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if let [b'%', high, low, tail @ ..] = self.rest
            && let (false, Some(high), Some(low)) = (self.verbatim, hex::value(*high), hex::value(*low))
        {
            self.rest = tail;
            return Some(high << 4 | low);
        }
        let (&byte, tail) = self.rest.split_first()?;
        self.rest = tail;
        Some(byte)
    }
}

/// Whether a byte is not encoded in a path.
#[must_use]
pub const fn is_plain_in_path(byte: u8) -> bool {
    is_plain_in_query(byte) && byte != b'?' || byte == b'\''
}

/// Whether a byte is not encoded in a query. The last six may not stand there (RFC 3986 §3.4), and some servers refuse
/// them, though browsers send them.
#[must_use]
pub const fn is_plain_in_query(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'"' | b'#' | b'<' | b'>' | b'\'' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

/// Whether a byte is not encoded in a fragment.
#[must_use]
pub const fn is_plain_in_fragment(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'`')
}

/// Whether a byte is not encoded in the name or value of a form field. A space becomes `+` there.
#[must_use]
pub const fn is_plain_in_form(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'-' | b'.' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;
    use proptest::prelude::*;

    #[test]
    fn a_stray_percent_sign_stands_for_itself() {
        assert!(Decode::new(b"100%&%4").eq(*b"100%&%4"));
        assert!(Decode::new(b"%41%7a%zz").eq(*b"Az%zz"));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(bytes: Vec<u8>) {
            let mut room = vec![0; bytes.len() * 3];
            let mut out = SliceWriter::new(&mut room);
            write_encoded(&mut out, &bytes, is_plain_in_form);
            prop_assert_eq!(Decode::new(out.written()).collect::<Vec<_>>(), bytes);
        }
    }
}
