// SPDX-License-Identifier: Apache-2.0
//! Content that is read while it is sent.

use embedded_io::ErrorKind;

/// A source of content: everything that implements [`embedded_io::Read`].
pub trait BodyReader {
    /// Reads at least one byte into `buffer`, which is not empty, and returns how many; 0 at the end.
    ///
    /// # Errors
    /// What the source says.
    fn read_body(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind>;
}

impl<R: embedded_io::Read> BodyReader for R {
    fn read_body(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.read(buffer).map_err(|error| embedded_io::Error::kind(&error))
    }
}
