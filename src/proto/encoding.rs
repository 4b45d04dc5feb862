// SPDX-License-Identifier: Apache-2.0
//! Decoding of bytes to text.

/// An encoding of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8, `"utf-8"`.
    #[default]
    Utf8,
    /// US-ASCII, `"us-ascii"`: bytes up to 0x7F.
    UsAscii,
    /// ISO-8859-1, `"iso-8859-1"`: each byte is the code point of its character.
    Iso8859_1,
}

impl Encoding {
    /// The encoding with this name or alias, ignoring case (IANA character sets registry).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            ("utf-8", Self::Utf8),
            ("utf8", Self::Utf8),
            ("us-ascii", Self::UsAscii),
            ("ascii", Self::UsAscii),
            ("iso-8859-1", Self::Iso8859_1),
            ("latin-1", Self::Iso8859_1),
            ("latin1", Self::Iso8859_1),
        ]
        .into_iter()
        .find_map(|(alias, encoding)| alias.eq_ignore_ascii_case(name).then_some(encoding))
    }

    /// The preferred name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::UsAscii => "us-ascii",
            Self::Iso8859_1 => "iso-8859-1",
        }
    }

    /// Returns `bytes` as text, if they are valid UTF-8 without rewriting.
    ///
    /// # Errors
    /// [`NotBorrowed`] if they are not valid in this encoding, or must be rewritten as UTF-8.
    pub fn borrow(self, bytes: &[u8]) -> Result<&str, NotBorrowed> {
        let beyond_ascii = |byte: &&u8| !byte.is_ascii();
        match (self, bytes.iter().position(|byte| !byte.is_ascii())) {
            (Self::UsAscii, Some(offset)) => Err(NotBorrowed::NotText { offset }),
            (Self::Iso8859_1, Some(_)) => Err(NotBorrowed::MustDecode {
                needed: bytes.len() + bytes.iter().filter(beyond_ascii).count(),
            }),
            // ASCII text has the same bytes in every encoding.
            _ => core::str::from_utf8(bytes)
                .map_err(|error| NotBorrowed::NotText { offset: error.valid_up_to() }),
        }
    }
}

/// Why [`Encoding::borrow`] cannot return the bytes as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBorrowed {
    /// The byte at this offset is not text in the encoding.
    NotText {
        /// Offset in bytes.
        offset: usize,
    },
    /// [`decode_iso_8859_1`] must rewrite the text, which takes this many bytes in UTF-8.
    MustDecode {
        /// Size in bytes.
        needed: usize,
    },
}

/// Writes ISO-8859-1 `bytes` as UTF-8 to the start of `out`. `None` if `out` is too small.
pub fn decode_iso_8859_1<'a>(bytes: &[u8], out: &'a mut [u8]) -> Option<&'a str> {
    let mut len = 0;
    let mut push = |byte: u8| {
        *out.get_mut(len)? = byte;
        len += 1;
        Some(())
    };
    for &byte in bytes {
        if byte.is_ascii() {
            push(byte)?;
        } else {
            // Code points from U+0080 to U+07FF take two bytes (RFC 3629 §3).
            push(0b1100_0000 | byte >> 6)?;
            push(0b1000_0000 | byte & 0b0011_1111)?;
        }
    }
    core::str::from_utf8(out.get(..len)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_is_borrowed_in_every_encoding() {
        for encoding in [Encoding::Utf8, Encoding::UsAscii, Encoding::Iso8859_1] {
            assert_eq!(encoding.borrow(b"abc"), Ok("abc"));
            assert_eq!(Encoding::from_name(encoding.name()), Some(encoding));
        }
    }

    #[test]
    fn what_is_not_ascii_depends_on_the_encoding() {
        let utf8 = "aé".as_bytes();
        assert_eq!(Encoding::Utf8.borrow(utf8), Ok("aé"));
        assert_eq!(Encoding::UsAscii.borrow(utf8), Err(NotBorrowed::NotText { offset: 1 }));
        assert_eq!(Encoding::Utf8.borrow(b"a\xe9"), Err(NotBorrowed::NotText { offset: 1 }));
        assert_eq!(Encoding::Iso8859_1.borrow(b"a\xe9"), Err(NotBorrowed::MustDecode { needed: 3 }));
        assert_eq!(decode_iso_8859_1(b"a\xe9", &mut [0; 3]), Some("aé"));
        assert_eq!(decode_iso_8859_1(b"a\xe9", &mut [0; 2]), None);
    }

    #[test]
    fn every_latin_1_byte_decodes_as_its_code_point() {
        let bytes: Vec<u8> = (0..=255).collect();
        let expected: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        assert_eq!(decode_iso_8859_1(&bytes, &mut [0; 384]), Some(&expected[..]));
    }
}
