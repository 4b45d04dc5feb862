// SPDX-License-Identifier: Apache-2.0
//! Copying and splitting bytes. Where the core library would panic, these do what is possible.

use core::ops::Range;

/// Copies `from` to the start of `to`, as far as it fits.
pub fn copy(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

/// The address of a slice, and its length in bytes.
#[cfg(feature = "capi")]
pub fn place<T>(slice: &[T]) -> (usize, usize) {
    (slice.as_ptr().addr(), size_of_val(slice))
}

/// Moves the bytes of `range` to `to`. Does nothing if one of the two is not within `bytes`.
pub fn move_within(bytes: &mut [u8], range: Range<usize>, to: usize) {
    move_count(bytes, range.start, range.len(), to);
}

/// Moves `count` bytes from `from` to `to`.
// Not inlined where flash is scarce: the compiler then sees that the checks of `copy_within` cannot
// fail.
#[cfg_attr(not(feature = "std"), inline(never))]
fn move_count(bytes: &mut [u8], from: usize, count: usize, to: usize) {
    if let Some(end) = from.checked_add(count)
        && end <= bytes.len()
        && to <= bytes.len() - count
    {
        bytes.copy_within(from..end, to);
    }
}

/// Splits `bytes` at `at`. The second part is empty if there are not so many bytes.
pub fn split_at_mut(bytes: &mut [u8], at: usize) -> (&mut [u8], &mut [u8]) {
    bytes.split_at_mut(at.min(bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_copied() {
        let mut bytes = *b"abcde";
        copy(&mut bytes[1..], b"12");
        assert_eq!(&bytes, b"a12de");
        copy(&mut bytes[3..], b"345");
        assert_eq!(&bytes, b"a1234");
        copy(&mut [], b"1");
    }

    #[test]
    fn what_is_within_is_moved() {
        for (range, to, expected) in [
            (1..3, 0, b"bccde"),
            (0..3, 2, b"ababc"),
            (2..5, 1, b"acdee"),
            (0..5, 0, b"abcde"),
            (5..5, 5, b"abcde"),
            (2..6, 1, b"abcde"),
            (0..4, 2, b"abcde"),
            (0..1, 9, b"abcde"),
            (usize::MAX..usize::MAX, 0, b"abcde"),
        ] {
            let mut bytes = *b"abcde";
            move_within(&mut bytes, range, to);
            assert_eq!(&bytes, expected);
        }
    }

    #[test]
    fn a_split_behind_the_end_is_at_the_end() {
        let mut bytes = *b"ab";
        assert_eq!(split_at_mut(&mut bytes, 1), (&mut b"a"[..].to_owned()[..], &mut b"b"[..].to_owned()[..]));
        assert_eq!(split_at_mut(&mut bytes, 3).1, b"");
    }
}
