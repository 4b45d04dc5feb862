// SPDX-License-Identifier: Apache-2.0
//! Where the protocol writes what is to be sent.

/// Takes bytes in order: counts them, keeps them, or passes them on to a peer.
///
/// Writing cannot fail: a destination that breaks takes no more, and tells why when it is asked. So what is
/// written is checked beforehand, and the code that writes it stays small.
pub trait Write {
    /// Takes `bytes`.
    fn write(&mut self, bytes: &[u8]);

    /// Whether the destination is broken: what is written is lost.
    fn is_broken(&self) -> bool {
        false
    }
}

/// `len`, or what is `left` where that is less.
#[must_use]
pub fn at_most(len: usize, left: u64) -> usize {
    usize::try_from(left).map_or(len, |left| left.min(len))
}

/// Counts the bytes and keeps none: how a `Content-Length` is known before the body is sent.
#[derive(Debug, Default)]
pub struct Counter {
    /// Bytes written so far.
    pub count: u64,
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) {
        self.count = self.count.saturating_add(bytes.len() as u64);
    }
}

/// Keeps bytes in a slice. Past its end it only counts, so that the size needed can be told.
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

    /// Bytes written, also those that did not fit.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was written yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What was written, as far as it fitted.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.slice.get(..self.len).unwrap_or(self.slice)
    }

    /// Takes back all but the first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Everything that was written.
    ///
    /// # Errors
    /// The number of bytes needed, when they did not all fit.
    pub fn finish(self) -> Result<&'a [u8], usize> {
        let Self { slice, len } = self;
        slice.get(..len).ok_or(len)
    }
}

impl Write for SliceWriter<'_> {
    fn write(&mut self, bytes: &[u8]) {
        let end = self.len.saturating_add(bytes.len());
        if let Some(room) = self.slice.get_mut(self.len..end) {
            room.copy_from_slice(bytes);
        }
        self.len = end;
    }
}

/// The decimal digits of a number, without `core::fmt`, which costs several kilobytes of flash.
#[derive(Debug)]
pub struct Decimal {
    digits: [u8; 20],
}

impl Decimal {
    /// The digits of `number`.
    #[must_use]
    pub fn new(number: u64) -> Self {
        // Doubling in decimal for each bit: Cortex-M has no instruction to divide 64 bits.
        let mut digits = [b'0'; 20];
        for bit in (0..u64::BITS).rev() {
            let mut carry = (number >> bit) as u8 & 1;
            for digit in digits.iter_mut().rev() {
                let double = (*digit - b'0') * 2 + carry;
                carry = u8::from(double >= 10);
                *digit = b'0' + double - carry * 10;
            }
        }
        Self { digits }
    }

    /// The digits as ASCII, without leading zeros.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        let start = self.digits.iter().position(|&digit| digit != b'0').unwrap_or(self.digits.len() - 1);
        self.digits.get(start..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_writes_every_length() {
        for number in [0, 7, 10, 65_535, 1_000_000_007, u64::MAX] {
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
}
