// SPDX-License-Identifier: Apache-2.0
//! The lines of a response that is streamed.

use crate::Error;
use crate::client::connector::Connector;
use crate::client::stream::Content;

/// The lines of a [`ResponseStream`](crate::ResponseStream), as they arrive.
///
/// Lines end in LF, CR LF or CR. A line is handed out as soon as its end is there, so an endless stream, such as
/// server-sent events, can be followed; see [`EventParser`](crate::EventParser) for what its lines mean.
pub struct Lines<'s, 'b, C: Connector> {
    content: &'s mut Content<'b, C>,
}

impl<'s, 'b, C: Connector> Lines<'s, 'b, C> {
    pub(super) const fn new(content: &'s mut Content<'b, C>) -> Self {
        Self { content }
    }

    /// The next line without its end; `None` at the end of the content. What follows the last line end is a line too,
    /// if it is not empty.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`] for a line that the buffer of the request, behind the head, cannot hold; else as
    /// reading the [`ResponseStream`](crate::ResponseStream).
    pub fn next_line(&mut self) -> Result<Option<&[u8]>, Error> {
        loop {
            let has_ended = self.content.has_ended();
            if let Some(line) = self.content.next_line(has_ended) {
                return Ok(self.content.take(line.consumed).get(line.text));
            }
            if has_ended {
                return Ok(None);
            }
            self.content.fill_more()?;
        }
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
