// SPDX-License-Identifier: Apache-2.0
//! A short text inside an error, without a heap.

use core::fmt;
use core::ops::Deref;

/// Up to 80 bytes of text from a certificate; the end of a longer one is left out and marked with `...`.
///
/// Only printable ASCII is kept, anything else becomes `?`: the text comes from a stranger and goes into
/// logs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text {
    len: u8,
    bytes: [u8; Self::MAX],
}

impl Text {
    /// The length in bytes that fits.
    pub const MAX: usize = 80;

    pub(super) const fn new() -> Self {
        Self { len: 0, bytes: [0; Self::MAX] }
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let mut text = Self::new();
        text.push(bytes);
        text
    }

    /// Appends `bytes`, or as much as fits and the mark.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        const MARK: &[u8] = b"...";
        let start = usize::from(self.len);
        let free = &mut self.bytes[start..];
        let printable = |byte: &u8| if matches!(byte, 0x20..=0x7e) { *byte } else { b'?' };
        for (place, byte) in free.iter_mut().zip(bytes) {
            *place = printable(byte);
        }
        if bytes.len() > free.len() {
            self.bytes[Self::MAX - MARK.len()..].copy_from_slice(MARK);
        }
        self.len = (start + bytes.len()).min(Self::MAX) as u8;
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or("")
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_wild_texts_are_tamed() {
        let mut text = Text::from_bytes(b"a\n\x1b[1m\xc3\xa4");
        assert_eq!(text.as_str(), "a??[1m??");
        text.push(&[b'x'; 72]);
        assert_eq!(text.len(), 80);
        assert!(text.ends_with("xx"));
        text.push(b"y");
        assert!(text.len() == 80 && text.ends_with("x..."));
    }
}
