// SPDX-License-Identifier: Apache-2.0
//! Compressed content of a stream, on its way from the connection to the reader.

use crate::Error;
use crate::proto::inflate::Inflater;

/// Compressed content that has been received but not decompressed yet.
pub(super) struct Compressed<'b> {
    pub input: &'b mut [u8],
    /// Its start and end in `input`.
    pub unread: (usize, usize),
    pub inflater: &'b mut Inflater,
    /// Whether all of the content has been decompressed.
    pub has_ended: bool,
}

impl Compressed<'_> {
    /// Decompresses into `room`, which is not empty, and returns the number of bytes written. 0
    /// means that more input is needed.
    pub(super) fn decode(&mut self, room: &mut [u8]) -> Result<usize, Error> {
        let (start, end) = self.unread;
        let input = self.input.get(start..end).unwrap_or_default();
        let inflated = self.inflater.decode(input, room).map_err(Error::InvalidCompression)?;
        self.unread.0 = start + inflated.consumed;
        Ok(inflated.produced)
    }

    /// Call this when all input has been received.
    pub(super) fn finish(&mut self) -> Result<usize, Error> {
        self.inflater.finish().map_err(Error::InvalidCompression)?;
        self.has_ended = true;
        Ok(0)
    }
}
