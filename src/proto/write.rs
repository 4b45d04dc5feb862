// SPDX-License-Identifier: Apache-2.0
//! Destinations for the bytes that the protocol code writes.

use crate::proto::bytes::copy;
/// A destination for bytes, in order. It counts them, stores them or sends them.
///
/// Writing does not return an error. A destination that breaks ignores further bytes, and reports
/// its error when it is asked. So everything is checked before it is written, and the code that
/// writes stays small.
pub trait Write {
    /// Writes `bytes`.
    fn write(&mut self, bytes: &[u8]);

    /// Room that a source can read into. [`advance`](Self::advance) then takes the bytes at its start. The room is
    /// empty if this destination has none; use [`write`](Self::write) then.
    fn room(&mut self) -> &mut [u8] {
        &mut []
    }

    /// Takes the first `count` bytes of [`room`](Self::room). No other method may be called in between.
    fn advance(&mut self, count: usize) {
        let _ = count;
    }

    /// Whether the destination is broken, so that further bytes are lost.
    fn is_broken(&self) -> bool {
        false
    }
}

/// The smaller of `len` and `left`.
#[must_use]
pub fn at_most(len: usize, left: u64) -> usize {
    usize::try_from(left).map_or(len, |left| left.min(len))
}

/// Counts the bytes and does not store them. It computes a `Content-Length` before the body is
/// sent.
#[derive(Debug, Default)]
pub struct Counter {
    /// The number of bytes written so far.
    pub count: u64,
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) {
        self.count = self.count.saturating_add(bytes.len() as u64);
    }
}

/// Stores bytes in a slice. Bytes past its end are only counted, so that an error can say how many
/// are needed.
#[derive(Debug)]
pub struct SliceWriter<'a> {
    slice: &'a mut [u8],
    len: usize,
}

impl<'a> SliceWriter<'a> {
    /// Writes from the start of `slice`.
    pub fn new(slice: &'a mut [u8]) -> Self {
        Self { slice, len: 0 }
    }

    /// The number of bytes written, including those that did not fit.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was written yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes written, as far as they fit.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.slice.get(..self.len).unwrap_or(self.slice)
    }

    /// Removes all but the first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Returns all bytes written.
    ///
    /// # Errors
    /// The number of bytes needed, if they did not all fit.
    pub fn finish(self) -> Result<&'a [u8], usize> {
        let Self { slice, len } = self;
        slice.get(..len).ok_or(len)
    }
}

impl Write for SliceWriter<'_> {
    fn write(&mut self, bytes: &[u8]) {
        let end = self.len.saturating_add(bytes.len());
        if let Some(room) = self.slice.get_mut(self.len..end) {
            copy(room, bytes);
        }
        self.len = end;
    }
}

/// The decimal digits of a number. `core::fmt` would take several kilobytes of flash.
#[derive(Debug)]
pub struct Decimal {
    digits: [u8; 20],
    /// Where the first digit is.
    start: usize,
}

impl Decimal {
    /// The digits of `number`.
    #[must_use]
    pub fn new(number: u64) -> Self {
        let mut rest = number;
        let mut decimal = Self { digits: [b'0'; 20], start: 20 };
        for digit in decimal.digits.iter_mut().rev() {
            let remainder;
            (rest, remainder) = divide_by_ten(rest);
            *digit = b'0' + remainder;
            decimal.start -= 1;
            if rest == 0 {
                break;
            }
        }
        decimal
    }

    /// The digits as ASCII, without leading zeros.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.digits.get(self.start..).unwrap_or_default()
    }
}

/// Quotient and remainder, by 16 bits at a time: Cortex-M has no instruction to divide 64 bits, and the routine for it
/// takes some 600 bytes of flash.
fn divide_by_ten(number: u64) -> (u64, u8) {
    [48, 32, 16, 0].into_iter().fold((0, 0), |(quotient, remainder), shift| {
        let part = u32::from(remainder) << 16 | u32::from((number >> shift) as u16);
        (quotient << 16 | u64::from(part / 10), (part % 10) as u8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_writes_every_length() {
        let edges =
            [u64::from(u32::MAX) - 1, u64::from(u32::MAX), u64::from(u32::MAX) + 1, 1 << 48, u64::MAX];
        let powers = (0..20).flat_map(|exponent| [10u64.pow(exponent) - 1, 10u64.pow(exponent)]);
        for number in edges.into_iter().chain(powers) {
            assert_eq!(Decimal::new(number).as_bytes(), number.to_string().as_bytes());
        }
    }

    #[test]
    fn slice_writer_tells_the_size_needed() {
        let mut slice = [0; 4];
        let mut writer = SliceWriter::new(&mut slice);
        writer.write(b"abc");
        writer.write(b"de");
        assert_eq!(writer.finish(), Err(5));
    }

    #[test]
    fn slice_writer_truncates_and_goes_on() {
        let mut slice = [0; 4];
        let mut writer = SliceWriter::new(&mut slice);
        writer.write(b"abc");
        writer.truncate(1);
        writer.write(b"xyz");
        assert_eq!(writer.finish(), Ok(&b"axyz"[..]));
    }

    #[test]
    fn a_destination_without_room_takes_nothing_from_it() {
        let mut counter = Counter::default();
        assert!(counter.room().is_empty());
        counter.advance(0);
        assert_eq!((counter.count, counter.is_broken()), (0, false));
    }
}
