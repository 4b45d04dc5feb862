// SPDX-License-Identifier: Apache-2.0
//! The lines of a response that is streamed.

use crate::Error;

/// What has lines: a [`Stream`](crate::Stream), over whatever network.
pub(super) trait NextLine {
    fn next_line(&mut self) -> Result<Option<&[u8]>, Error>;
}

/// The lines of a [`Stream`](crate::Stream), as they arrive.
///
/// Lines end in LF, CR LF or CR. A line is handed out as soon as its end is there, so an endless stream, such
/// as server-sent events, can be followed; see [`EventParser`](crate::EventParser) for what its lines mean.
pub struct Lines<'s> {
    stream: &'s mut (dyn NextLine + 's),
}

impl<'s> Lines<'s> {
    pub(super) fn new(stream: &'s mut (dyn NextLine + 's)) -> Self {
        Self { stream }
    }

    /// The next line without its end; `None` at the end of the content. What follows the last line end is a
    /// line too, if it is not empty.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`] for a line that the buffer of the request, behind the head, cannot hold: the
    /// next call gives the line behind it. Else as reading the [`Stream`](crate::Stream).
    pub fn next_line(&mut self) -> Result<Option<&[u8]>, Error> {
        self.stream.next_line()
    }

    /// The next line as text, as [`next_line`](Self::next_line) gives it.
    ///
    /// # Errors
    /// Also [`Error::NotText`] where the line is not UTF-8; the line after it can be read.
    pub fn next_text(&mut self) -> Result<Option<&str>, Error> {
        match self.next_line()? {
            Some(line) => core::str::from_utf8(line)
                .map(Some)
                .map_err(|error| Error::NotText { offset: error.valid_up_to() }),
            None => Ok(None),
        }
    }
}

impl core::fmt::Debug for Lines<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Lines").finish_non_exhaustive()
    }
}
