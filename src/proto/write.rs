// SPDX-License-Identifier: Apache-2.0
//! Where the protocol writes what is to be sent.

use crate::Error;
use crate::proto::reader::BodyReader;

/// Takes bytes in order: counts them, keeps them, or passes them on to a peer.
pub trait Write {
    /// Takes all of `bytes`.
    ///
    /// # Errors
    /// Whatever keeps the destination from taking them.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// Takes `len` bytes from `reader`, and returns how many of them the reader still owed when it ended or
    /// failed.
    ///
    /// # Errors
    /// Whatever keeps the destination from taking them.
    fn write_from(&mut self, reader: &mut dyn BodyReader, len: u64) -> Result<u64, Error> {
        let mut piece = [0; 64];
        let mut missing = len;
        while missing > 0 {
            let size = usize::try_from(missing).map_or(piece.len(), |len| len.min(piece.len()));
            let room = piece.get_mut(..size).unwrap_or_default();
            let Ok(count @ 1..) = reader.read_body(room) else {
                break;
            };
            self.write(room.get(..count).unwrap_or_default())?;
            missing = missing.saturating_sub(count as u64);
        }
        Ok(missing)
    }
}

/// Counts the bytes and keeps none: how a `Content-Length` is known before the body is sent.
#[derive(Debug, Default)]
pub struct Counter {
    /// Bytes written so far.
    pub count: u64,
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.count = self.count.saturating_add(bytes.len() as u64);
        Ok(())
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

    /// Appends `bytes`.
    pub fn push(&mut self, bytes: &[u8]) {
        let end = self.len.saturating_add(bytes.len());
        if let Some(room) = self.slice.get_mut(self.len..end) {
            room.copy_from_slice(bytes);
        }
        self.len = end;
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
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.push(bytes);
        Ok(())
    }
}

/// The decimal digits of a number, without `core::fmt`, which costs several kilobytes of flash.
#[derive(Debug)]
pub struct Decimal {
    digits: [u8; 20],
    start: usize,
}

impl Decimal {
    /// The digits of `number`.
    #[must_use]
    pub fn new(mut number: u64) -> Self {
        let mut digits = [b'0'; 20];
        let mut start = digits.len();
        for (index, digit) in digits.iter_mut().enumerate().rev() {
            // The remainder of a division by ten fits a byte.
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
            start = index;
            if number == 0 {
                break;
            }
        }
        Self { digits, start }
    }

    /// The digits as ASCII, without leading zeros.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.digits.get(self.start..).unwrap_or_default()
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
        writer.push(b"abc");
        writer.push(b"de");
        assert_eq!(writer.finish(), Err(5));
    }

    #[test]
    fn slice_writer_truncates_and_goes_on() {
        let mut slice = [0; 4];
        let mut writer = SliceWriter::new(&mut slice);
        writer.push(b"abc");
        writer.truncate(1);
        writer.push(b"xyz");
        assert_eq!(writer.finish(), Ok(&b"axyz"[..]));
    }
}
