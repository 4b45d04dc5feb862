// SPDX-License-Identifier: Apache-2.0
//! PEM (RFC 7468), one block at a time, so that a long list of roots is never decoded as a whole.

use base64ct::{Base64, Encoding as _};

use crate::sys::tls::{Failure, HeapBytes};

/// Iterates over the blocks of a text. Text between them is skipped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks<'a>(pub(super) &'a [u8]);

/// One block: its label and its text in Base64 with line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block<'a> {
    pub label: &'a [u8],
    pub body: &'a [u8],
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        let (_, rest) = split_at_pattern(self.0, b"-----BEGIN ")?;
        let (label, rest) = split_at_pattern(rest, b"-----")?;
        let (body, rest) = split_at_pattern(rest, b"-----END ")?;
        self.0 = rest;
        Some(Block { label, body })
    }
}

impl Block<'_> {
    /// The block's bytes.
    ///
    /// `Ok(None)` if the text is not Base64, for example that of an encrypted key with headers.
    pub(super) fn decode(&self) -> Result<Option<HeapBytes>, Failure> {
        let digits = self.body.iter().filter(|byte| !byte.is_ascii_whitespace()).count();
        let mut bytes = HeapBytes::zeroed(digits / 4 * 3)?;
        match decode(self.body, &mut bytes) {
            Some(len) => {
                bytes.truncate(len);
                Ok(Some(bytes))
            }
            None => Ok(None),
        }
    }
}

/// The text before and the text behind the first occurrence of `pattern`.
fn split_at_pattern<'a>(text: &'a [u8], pattern: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = text.windows(pattern.len()).position(|window| window == pattern)?;
    Some((&text[..start], &text[start + pattern.len()..]))
}

/// The number of digits that are decoded at a time, a multiple of 4: one line in most files.
const LINE: usize = 64;

/// Decodes Base64 with white space anywhere in it. `bytes` has room for 3 bytes for each 4 digits.
fn decode(text: &[u8], bytes: &mut [u8]) -> Option<usize> {
    let mut digits = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    let mut len = 0;
    loop {
        let mut line = [0; LINE];
        let mut count = 0;
        for (place, digit) in line.iter_mut().zip(digits.by_ref()) {
            *place = *digit;
            count += 1;
        }
        let decoded = Base64::decode(line.get(..count)?, bytes.get_mut(len..)?).ok()?.len();
        len += decoded;
        if decoded < LINE / 4 * 3 {
            // The end, or the padding before it.
            return digits.next().is_none().then_some(len);
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn blocks_are_found_among_other_text() {
        let text = b"subject=x\r\n-----BEGIN A B-----\r\nAAEC\r\nAw==\r\n-----END A B-----\r\n-----BEGIN C-----\n-----END C-----";
        let blocks: Vec<_> = Blocks(text).collect();
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[0].label, b"A B");
        assert_eq!(&*blocks[0].decode().unwrap().unwrap(), [0, 1, 2, 3]);
        assert_eq!(&*blocks[1].decode().unwrap().unwrap(), [0u8; 0]);
        assert_eq!(Blocks(b"-----BEGIN A-----\nAAEC").count(), 0);
    }

    #[test]
    fn only_canonical_base64_is_decoded() {
        let decoded = |text: &str| {
            let mut bytes = [0; 128];
            decode(text.as_bytes(), &mut bytes).map(|len| bytes[..len].to_vec())
        };
        assert_eq!(decoded("").unwrap(), b"");
        assert_eq!(decoded("Zm9vYmE=").unwrap(), b"fooba");
        assert_eq!(decoded("Zm9vYg==").unwrap(), b"foob");
        assert_eq!(decoded("Zm9vYmFy").unwrap(), b"foobar");
        for bad in ["Zg", "Zg=", "Z===", "====", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v!mFy", "Zm=v"] {
            assert_eq!(decoded(bad), None, "{bad}");
        }
        // On both sides of where a line ends.
        let line = "AAAA".repeat(16);
        assert_eq!(decoded(&line).unwrap(), [0; 48]);
        assert_eq!(decoded(&[&line, " \r\n\tAAAA\n"].concat()).unwrap(), [0; 51]);
        assert_eq!(decoded(&[&line[..62], "==\n"].concat()).unwrap(), [0; 46]);
        for bad in [[&line[..62], "==AAAA"], [&line, "===="], [&line, "A"], [&line, "A AA"]] {
            assert_eq!(decoded(&bad.concat()), None, "{bad:?}");
        }
    }
}
