// SPDX-License-Identifier: Apache-2.0
//! Percent-encoding (RFC 3986 §2.1), with the sets of characters of the WHATWG URL standard.

use crate::proto::hex;
use crate::proto::write::Write;

/// Writes `bytes`, each that `stands` does not accept as `%XX`.
pub fn write_encoded(out: &mut dyn Write, bytes: &[u8], stands: fn(u8) -> bool) {
    let mut rest = bytes;
    while let Some(index) = rest.iter().position(|&byte| !stands(byte)) {
        let (plain, tail) = rest.split_at(index);
        out.write(plain);
        if let Some((&byte, tail)) = tail.split_first() {
            out.write(&encode_byte(byte));
            rest = tail;
        }
    }
    out.write(rest);
}

/// `%XX`, the form of one byte that may not stand as itself.
const fn encode_byte(byte: u8) -> [u8; 3] {
    [b'%', hex::digit(byte >> 4), hex::digit(byte)]
}

/// The bytes that percent-encoded text stands for; a `%` that two hexadecimal digits do not follow stands for
/// itself.
#[derive(Debug, Clone)]
pub struct Decode<'a> {
    rest: &'a [u8],
    verbatim: bool,
}

impl<'a> Decode<'a> {
    /// The bytes that `text` stands for.
    #[must_use]
    pub const fn new(text: &'a [u8]) -> Self {
        Self { rest: text, verbatim: false }
    }

    /// The bytes of text that is not percent-encoded: themselves.
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

/// Characters that stand in a path as they are.
#[must_use]
pub const fn stands_in_path(byte: u8) -> bool {
    stands_in_query(byte) && !matches!(byte, b'?' | b'^' | b'`' | b'{' | b'}') || byte == b'\''
}

/// Characters that stand in a query as they are.
#[must_use]
pub const fn stands_in_query(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'#' | b'<' | b'>' | b'\'')
}

/// Characters that stand in a fragment as they are.
#[must_use]
pub const fn stands_in_fragment(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'`')
}

/// Characters that stand for themselves in the name or value of a form field; a space becomes `+` there.
#[must_use]
pub const fn stands_in_form(byte: u8) -> bool {
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
            write_encoded(&mut out, &bytes, stands_in_form);
            prop_assert_eq!(Decode::new(out.written()).collect::<Vec<_>>(), bytes);
        }
    }
}
