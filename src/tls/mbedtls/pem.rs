// SPDX-License-Identifier: Apache-2.0
//! PEM (RFC 7468), one block at a time, so that a long list of roots never lies decoded in RAM.

#[cfg(not(tls_sockets))]
use crate::sys::tls::{Failure, HeapBytes};

/// Walks over the blocks of a text; whatever stands between them is skipped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks<'a>(pub(super) &'a [u8]);

/// One block: its label and its text in base 64 with line breaks.
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

#[cfg(not(tls_sockets))]
impl Block<'_> {
    /// The block's bytes.
    ///
    /// `Ok(None)` when the text is not base 64, which that of an encrypted key with its headers is not.
    pub(super) fn decode(&self) -> Result<Option<HeapBytes>, Failure> {
        let digits = self.body.iter().filter(|byte| !byte.is_ascii_whitespace());
        let mut bytes = HeapBytes::zeroed(digits.clone().count() / 4 * 3)?;
        match decode(digits.copied(), &mut bytes) {
            Some(len) => {
                bytes.truncate(len);
                Ok(Some(bytes))
            }
            None => Ok(None),
        }
    }
}

/// What stands before and behind the first occurrence of `pattern`.
fn split_at_pattern<'a>(text: &'a [u8], pattern: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = text.windows(pattern.len()).position(|window| window == pattern)?;
    Some((&text[..start], &text[start + pattern.len()..]))
}

/// Decodes base 64 in groups of four digits; `bytes` has three for each.
pub(super) fn decode(mut digits: impl Iterator<Item = u8>, bytes: &mut [u8]) -> Option<usize> {
    let mut len = 0;
    while let Some(first) = digits.next() {
        let group = [first, digits.next()?, digits.next()?, digits.next()?];
        let padding = group.iter().rev().take_while(|digit| **digit == b'=').count();
        if padding > 2 {
            return None;
        }
        let mut bits = 0u32;
        for digit in &group[..4 - padding] {
            bits = bits << 6 | value(*digit)?;
        }
        bits <<= 6 * padding;
        let group = bits.to_be_bytes();
        let taken = 3 - padding;
        // The bits that padding stands for are zero, so that each byte string has one text.
        if group[1 + taken..].iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.get_mut(len..len + taken)?.copy_from_slice(&group[1..1 + taken]);
        len += taken;
        if padding > 0 {
            return digits.next().is_none().then_some(len);
        }
    }
    Some(len)
}

const fn value(digit: u8) -> Option<u32> {
    Some(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    } as u32)
}

#[cfg(all(test, not(tls_sockets)))]
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
            let mut bytes = [0; 16];
            decode(text.bytes(), &mut bytes).map(|len| bytes[..len].to_vec())
        };
        assert_eq!(decoded("").unwrap(), b"");
        assert_eq!(decoded("Zm9vYmE=").unwrap(), b"fooba");
        assert_eq!(decoded("Zm9vYg==").unwrap(), b"foob");
        assert_eq!(decoded("Zm9vYmFy").unwrap(), b"foobar");
        for bad in ["Zg", "Zg=", "Z===", "====", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v!mFy", "Zm=v"] {
            assert_eq!(decoded(bad), None, "{bad}");
        }
    }
}
