// SPDX-License-Identifier: Apache-2.0
//! Writes DER from its end to its beginning, so that each length is known when it is written.

/// A buffer that is filled from its end.
pub(crate) struct Writer<'a> {
    buffer: &'a mut [u8],
    start: usize,
}

/// The buffer is too small.
#[derive(Debug)]
pub(crate) struct Full;

impl<'a> Writer<'a> {
    pub(crate) fn new(buffer: &'a mut [u8]) -> Self {
        let start = buffer.len();
        Self { buffer, start }
    }

    /// Writes bytes in front of those written so far.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let start = self.start.checked_sub(bytes.len()).ok_or(Full)?;
        self.buffer[start..self.start].copy_from_slice(bytes);
        self.start = start;
        Ok(())
    }

    /// Writes an element with this tag, whose content `content` writes.
    pub(crate) fn element(
        &mut self,
        tag: u8,
        content: impl FnOnce(&mut Self) -> Result<(), Full>,
    ) -> Result<(), Full> {
        let end = self.start;
        content(self)?;
        let len = end - self.start;
        match len {
            0..0x80 => self.put(&[len as u8])?,
            0x80..0x100 => self.put(&[0x81, len as u8])?,
            _ => self.put(&[0x82, (len >> 8) as u8, len as u8])?,
        }
        self.put(&[tag])
    }

    /// The bytes written so far.
    pub(crate) fn written(&self) -> &[u8] {
        &self.buffer[self.start..]
    }
}
