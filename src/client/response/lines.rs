// SPDX-License-Identifier: Apache-2.0
//! The lines of a stream.

use crate::Error;

/// A [`Stream`](crate::Stream) over any network, as a source of lines.
pub(super) trait NextLine {
    fn next_line(&mut self) -> Result<Option<&[u8]>, Error>;
}

/// The lines of a [`Stream`](crate::Stream), as they arrive.
///
/// Lines end with LF, CR LF or CR. A line is returned as soon as its end has arrived, so endless
/// streams such as server-sent events work. [`EventParser`](crate::EventParser) parses the lines of
/// those.
pub struct Lines<'s> {
    stream: &'s mut (dyn NextLine + 's),
}

impl<'s> Lines<'s> {
    pub(super) fn new(stream: &'s mut (dyn NextLine + 's)) -> Self {
        Self { stream }
    }

    /// Returns the next line without its line end; `None` at the end of the content. Text behind
    /// the last line end is a line too.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`] if the line does not fit in the request's buffer behind the head.
    /// The next call returns the line after it. Otherwise the errors of reading the
    /// [`Stream`](crate::Stream).
    pub fn next_line(&mut self) -> Result<Option<&[u8]>, Error> {
        self.stream.next_line()
    }

    /// Returns the next line as text, as [`next_line`](Self::next_line).
    ///
    /// # Errors
    /// As [`next_line`](Self::next_line), and [`Error::NotText`] if the line is not UTF-8. The line
    /// after it can still be read.
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
