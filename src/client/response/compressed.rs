// SPDX-License-Identifier: Apache-2.0
//! Compressed content of a stream, between the connection and the reader.

use crate::Error;
use crate::proto::inflate::Inflater;

/// Compressed content that has been received and not been decompressed.
pub(super) struct Compressed<'b> {
    pub input: &'b mut [u8],
    /// Where in the input it is: its start and its end.
    pub unread: (usize, usize),
    pub inflater: &'b mut Inflater,
    /// Whether all of the content has been decompressed.
    pub has_ended: bool,
}

impl Compressed<'_> {
    /// Decompresses to `room`, which is not empty, and returns how much; 0 where more has to be received for
    /// it.
    pub(super) fn decode(&mut self, room: &mut [u8]) -> Result<usize, Error> {
        let (start, end) = self.unread;
        let input = self.input.get(start..end).unwrap_or_default();
        let inflated = self.inflater.decode(input, room).map_err(Error::InvalidCompression)?;
        self.unread.0 = start + inflated.consumed;
        Ok(inflated.produced)
    }

    /// To be called when nothing more is to be received.
    pub(super) fn finish(&mut self) -> Result<usize, Error> {
        self.inflater.finish().map_err(Error::InvalidCompression)?;
        self.has_ended = true;
        Ok(0)
    }
}
