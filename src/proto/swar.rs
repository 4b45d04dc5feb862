// SPDX-License-Identifier: Apache-2.0
//! Looks at eight bytes at a time: SIMD within a register.

const EACH_BYTE: u64 = u64::from_ne_bytes([1; 8]);
const HIGH_BITS: u64 = EACH_BYTE * 0x80;

/// Whether one of the bytes of `word` is `byte`.
pub const fn has_byte(word: u64, byte: u8) -> bool {
    has_byte_below(word ^ (EACH_BYTE * byte as u64), 1)
}

/// Whether one of the bytes of `word` is below `limit`, which is 128 at most.
pub const fn has_byte_below(word: u64, limit: u8) -> bool {
    // A byte below the limit gets its highest bit by the subtraction. So does the one behind it by
    // the borrow, which does not change the result.
    word.wrapping_sub(EACH_BYTE * limit as u64) & !word & HIGH_BITS != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn words_are_as_their_bytes(mut bytes: [u8; 8], at in 0usize..8, byte: u8, near in 0u8..3) {
            bytes[at] = byte.wrapping_add(near).wrapping_sub(1);
            let word = u64::from_ne_bytes(bytes);
            prop_assert_eq!(has_byte(word, byte), bytes.contains(&byte));
            let limit = byte.min(128);
            prop_assert_eq!(has_byte_below(word, limit), bytes.iter().any(|&other| other < limit));
        }
    }
}
