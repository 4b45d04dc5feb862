// SPDX-License-Identifier: Apache-2.0
//! The character classes of RFC 9110 §5.5 and §5.6.

#[cfg(feature = "std")]
use crate::proto::swar::{has_byte, has_byte_below};

/// Whether `byte` is allowed in a token (`tchar`, RFC 9110 §5.6.2).
#[must_use]
pub const fn is_token_byte(byte: u8) -> bool {
    #[cfg(feature = "std")]
    return IS_TOKEN_BYTE[byte as usize];
    #[cfg(not(feature = "std"))]
    return is_in_token_bytes(byte);
}

/// [`is_in_token_bytes`] of each byte, which takes less time and more flash.
#[cfg(feature = "std")]
static IS_TOKEN_BYTE: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0);
    while byte < 256 {
        table[byte] = is_in_token_bytes(byte as u8);
        byte += 1;
    }
    table
};

/// Looks `byte` up in [`TOKEN_BYTES`].
const fn is_in_token_bytes(byte: u8) -> bool {
    byte < 128 && TOKEN_BYTES[(byte >> 5) as usize] >> (byte & 31) & 1 == 1
}

/// A bit for each byte that may stand in a token.
static TOKEN_BYTES: [u32; 4] = {
    let (mut words, mut byte) = ([0; 4], 0);
    while byte < 128 {
        let is_mark = matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        );
        if byte.is_ascii_alphanumeric() || is_mark {
            words[byte as usize / 32] |= 1 << (byte % 32);
        }
        byte += 1;
    }
    words
};

/// Whether `text` is a token (RFC 9110 §5.6.2).
#[must_use]
pub fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && token_len(text) == text.len()
}

/// The number of bytes at the start of `text` that are allowed in a token.
#[must_use]
pub fn token_len(text: &[u8]) -> usize {
    let mut len = 0;
    // Four bytes at a time. On a microcontroller this would take flash.
    #[cfg(feature = "std")]
    for &[a, b, c, d] in text.as_chunks().0 {
        if !(is_token_byte(a) & is_token_byte(b) & is_token_byte(c) & is_token_byte(d)) {
            break;
        }
        len += 4;
    }
    while text.get(len).is_some_and(|&byte| is_token_byte(byte)) {
        len += 1;
    }
    len
}

/// Whether `byte` is allowed in a field value: visible characters, space, tab and obs-text (RFC
/// 9110 §5.5). CR, LF and NUL are not.
#[must_use]
pub const fn is_field_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// Whether every byte of `value` is allowed in a field value.
#[must_use]
pub fn is_field_value(value: &[u8]) -> bool {
    field_value_len(value) == value.len()
}

/// The number of bytes at the start of `text` that are allowed in a field value.
#[must_use]
pub fn field_value_len(text: &[u8]) -> usize {
    let mut len = 0;
    // Eight bytes at a time. On a microcontroller this would take flash.
    #[cfg(feature = "std")]
    for &word in text.as_chunks().0 {
        let word = u64::from_ne_bytes(word);
        if has_byte_below(word, 0x20) | has_byte(word, 0x7f) {
            break;
        }
        len += 8;
    }
    while text.get(len).is_some_and(|&byte| is_field_byte(byte)) {
        len += 1;
    }
    len
}

/// Whether `name` is one of `names`, ignoring case.
#[must_use]
pub fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    names.iter().any(|other| other.as_bytes().eq_ignore_ascii_case(name))
}

/// Removes spaces and tabs at the ends of `value` (`OWS`, RFC 9110 §5.6.3).
#[must_use]
pub const fn trim_ows(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// The elements of a comma-separated list, trimmed, including empty ones (RFC 9110 §5.6.1).
#[derive(Debug, Clone)]
pub struct ListElements<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> ListElements<'a> {
    /// The elements of `list`.
    #[must_use]
    pub const fn new(list: &'a [u8]) -> Self {
        Self { rest: Some(list) }
    }
}

impl<'a> Iterator for ListElements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        let (element, rest) = split_at_byte(self.rest?, b',');
        self.rest = rest;
        Some(trim_ows(element))
    }
}

/// The index of the first `byte` in `text`.
#[must_use]
pub fn find_byte(byte: u8, text: &[u8]) -> Option<usize> {
    #[cfg(feature = "std")]
    return memchr::memchr(byte, text);
    // A loop takes less flash than memchr, which takes a kilobyte.
    #[cfg(not(feature = "std"))]
    return text.iter().position(|&other| other == byte);
}

/// Splits `text` at the first `byte`. The second part is `None` if there is no such byte.
#[must_use]
pub fn split_at_byte(text: &[u8], byte: u8) -> (&[u8], Option<&[u8]>) {
    match find_byte(byte, text) {
        Some(index) => (text.get(..index).unwrap_or_default(), text.get(index + 1..)),
        None => (text, None),
    }
}

/// Parses a decimal number. `None` if it is empty, contains anything but ASCII digits, or does not
/// fit in a `u64`.
#[must_use]
pub fn parse_decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |value, &digit| {
        if !digit.is_ascii_digit() {
            return None;
        }
        value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trim_ows_takes_both_ends_and_nothing_inside() {
        assert_eq!(trim_ows(b" \t a b \t"), b"a b");
        assert_eq!(trim_ows(b" \t "), b"");
    }

    #[test]
    fn decimal_is_digits_only_and_fits() {
        assert_eq!(parse_decimal(b"0"), Some(0));
        assert_eq!(parse_decimal(b"18446744073709551615"), Some(u64::MAX));
        for bad in [&b""[..], b"+1", b"-1", b" 1", b"1 ", b"1a", b"18446744073709551616"] {
            assert_eq!(parse_decimal(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn list_elements_are_trimmed() {
        let elements: [&[u8]; 4] = [b"a", b"", b"b", b""];
        assert!(ListElements::new(b" a ,, b,").eq(elements));
    }

    #[test]
    fn control_characters_are_no_field_bytes() {
        for byte in 0..=255u8 {
            let control = byte != b'\t' && byte.is_ascii_control();
            assert_eq!(is_field_byte(byte), !control, "{byte:#x}");
        }
    }
}
