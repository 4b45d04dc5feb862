// SPDX-License-Identifier: Apache-2.0
//! A response that was received as a whole.

use core::cell::Cell;
use core::fmt;
use core::ops::Deref;

use serde::Deserialize;

use crate::Error;
use crate::client::exchange::parts::PendingResponse;
use crate::client::response::head::Head;
use crate::error::Phase;
use crate::proto::bytes::split_at_mut;
use crate::proto::encoding::{Encoding, NotBorrowed, decode_iso_8859_1};
use crate::proto::json;
use crate::proto::json::error::ReadError;
use crate::proto::json::pointer;

/// A complete response. It borrows the buffer that was given to `send`.
///
/// It dereferences to its [`Head`], so `status_code`, [`header`](Head::header) and the others can
/// be used directly.
pub struct Response<'b> {
    head: Head<'b>,
    /// The encoding of headers and content, for reading them as text. The default is UTF-8. The
    /// charset of `Content-Type` is ignored; [`Encoding::from_name`] finds the encoding for a
    /// charset name.
    pub encoding: Encoding,
    content: &'b [u8],
    /// The free part of the buffer. Text that must be rewritten goes there.
    spare: Cell<&'b mut [u8]>,
    /// Size of the whole buffer in bytes.
    buffer_size: usize,
}

impl<'b> Response<'b> {
    /// Makes a response from its parts, to test code that reads responses.
    ///
    /// `headers` are lines `Name: value`, each ended by CR LF. There is no buffer, so text that
    /// must be rewritten (ISO-8859-1 beyond ASCII, JSON strings with escapes) cannot be read; see
    /// [`with_scratch`](Self::with_scratch).
    #[must_use]
    pub fn new(code: u16, reason: &'b str, headers: &'b [u8], content: &'b [u8]) -> Self {
        Self {
            head: Head { status_code: code, reason, redirects: 0, minor_version: 1, headers, url: "" },
            encoding: Encoding::default(),
            content,
            spare: Cell::default(),
            buffer_size: 0,
        }
    }

    /// Gives the response a buffer in which it can rewrite text.
    #[must_use]
    pub fn with_scratch(mut self, scratch: &'b mut [u8]) -> Self {
        self.buffer_size += scratch.len();
        self.spare = Cell::new(scratch);
        self
    }

    /// Makes the response from `buffer`: the head is at its start, the content behind the head, the
    /// URL at its end.
    pub(in crate::client) fn received(
        buffer: &'b mut [u8],
        pending: &PendingResponse,
        content_end: usize,
    ) -> Self {
        let buffer_size = buffer.len();
        let (work, url) = split_at_mut(buffer, buffer_size.saturating_sub(pending.url_len));
        let (received, spare) = split_at_mut(work, content_end);
        Self {
            head: Head::new(received, url, &pending.head, pending.redirects),
            encoding: Encoding::default(),
            content: received.get(pending.head.end..).unwrap_or_default(),
            spare: Cell::new(spare),
            buffer_size,
        }
    }

    /// Makes the response of a stream that was read to its end.
    pub(super) fn read(head: Head<'b>, content: &'b [u8], spare: &'b mut [u8], buffer_size: usize) -> Self {
        Self { head, encoding: Encoding::default(), content, spare: Cell::new(spare), buffer_size }
    }

    /// The header lines as text, each ended by CR LF, decoded by [`encoding`](Self::encoding).
    ///
    /// In place of a line that is not a header field, there are spaces behind the line before it.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn headers(&self) -> Result<&'b str, Error> {
        self.decode(self.head.headers)
    }

    /// The body in bytes, without framing.
    #[must_use]
    pub const fn content(&self) -> &'b [u8] {
        self.content
    }

    /// The body as text, decoded by [`encoding`](Self::encoding).
    ///
    /// ISO-8859-1 text with bytes beyond ASCII is rewritten as UTF-8 in the free part of the
    /// buffer. Each call uses up a part of that.
    ///
    /// # Errors
    /// [`Error::NotText`] if the bytes are not valid in this encoding, [`Error::BufferTooSmall`] if
    /// there is no room to rewrite them.
    pub fn text(&self) -> Result<&'b str, Error> {
        self.decode(self.content)
    }

    /// Reads the body as JSON (RFC 8259). Anything behind the value is an error. A byte order mark
    /// before it is skipped.
    ///
    /// Fields of type `&str` borrow from the buffer. Strings with escapes are rewritten in the free
    /// part of the buffer. Each call uses up a part of that.
    ///
    /// # Errors
    /// [`Error::Json`] if the body is not JSON or does not match `T`, [`Error::BufferTooSmall`] if
    /// there is no room to rewrite strings.
    pub fn json<T: Deserialize<'b>>(&self) -> Result<T, Error> {
        self.read_json(|scratch| json::read_document(self.content, scratch))
    }

    /// Reads one value of the body's JSON, found by a JSON Pointer (RFC 6901) such as
    /// `"/items/0/name"`. The rest of the document needs no type. It is still checked: this refuses
    /// every document that [`json`](Self::json) refuses.
    ///
    /// # Errors
    /// As [`json`](Self::json), and [`JsonError::NotFound`](crate::JsonError::NotFound) if the
    /// document is valid but has no value at the pointer.
    pub fn json_at<T: Deserialize<'b>>(&self, pointer: &str) -> Result<T, Error> {
        let document = json::document(self.content)?;
        let value = pointer::find(document, pointer)?;
        self.read_json(|scratch| json::read(value, scratch))
    }

    fn decode(&self, bytes: &'b [u8]) -> Result<&'b str, Error> {
        match self.encoding.borrow(bytes) {
            Ok(text) => Ok(text),
            Err(NotBorrowed::NotText { offset }) => Err(Error::NotText { offset }),
            Err(NotBorrowed::MustDecode { needed }) => {
                let room = self.take_spare(needed, Phase::Text)?;
                decode_iso_8859_1(bytes, room).ok_or(Error::NotText { offset: 0 })
            }
        }
    }

    /// Reads JSON with the spare room as scratch.
    fn read_json<T>(&self, read: impl FnOnce(&mut &'b mut [u8]) -> Result<T, ReadError>) -> Result<T, Error> {
        let mut scratch = self.spare.take();
        let result = read(&mut scratch);
        self.spare.set(scratch);
        result.map_err(|error| match error {
            ReadError::Json(fault) => fault.into(),
            ReadError::ScratchTooSmall { needed } => self.too_small(needed, Phase::Json),
        })
    }

    /// Takes `size` bytes of the spare room. They are never returned.
    fn take_spare(&self, size: usize, phase: Phase) -> Result<&'b mut [u8], Error> {
        let spare = self.spare.take();
        if spare.len() < size {
            self.spare.set(spare);
            return Err(self.too_small(size, phase));
        }
        let (taken, rest) = split_at_mut(spare, size);
        self.spare.set(rest);
        Ok(taken)
    }

    /// The error if there are less than `size` bytes of spare room.
    fn too_small(&self, size: usize, phase: Phase) -> Error {
        let spare = self.spare.take();
        let missing = size.saturating_sub(spare.len());
        self.spare.set(spare);
        Error::BufferTooSmall { phase, needed: self.buffer_size.saturating_add(missing.max(1)) }
    }
}

impl<'b> Deref for Response<'b> {
    type Target = Head<'b>;

    fn deref(&self) -> &Head<'b> {
        &self.head
    }
}

/// Prints no content: a body can be long, and can hold secrets.
impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status_code", &self.head.status_code)
            .field("reason", &self.head.reason)
            .field("content_length", &self.content.len())
            .finish_non_exhaustive()
    }
}
