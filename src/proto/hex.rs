// SPDX-License-Identifier: Apache-2.0
//! Hexadecimal digits.

/// The digit for the lower four bits of `value`, in upper case.
#[must_use]
pub const fn digit(value: u8) -> u8 {
    match value & 15 {
        value @ 0..10 => b'0' + value,
        value => b'A' + value - 10,
    }
}

/// The value of a digit in upper or lower case.
#[must_use]
pub const fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_have_their_values() {
        for number in 0..16 {
            assert_eq!(value(digit(number)), Some(number));
            assert_eq!(value(digit(number).to_ascii_lowercase()), Some(number));
        }
        assert_eq!(value(b'g'), None);
    }
}
