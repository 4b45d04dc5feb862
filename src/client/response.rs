// SPDX-License-Identifier: Apache-2.0
//! What the server answered.

use core::cell::Cell;
use core::fmt;

use serde::Deserialize;

use crate::Error;
use crate::error::Phase;
use crate::proto::encoding::{Encoding, NotBorrowed, decode_iso_8859_1};
use crate::proto::header::HeaderFields;
use crate::proto::json::from_slice;
use crate::proto::json_pointer;
use crate::proto::json_read::ReadError;

/// A complete response. It borrows the buffer that the request was sent with.
pub struct Response<'b> {
    /// The status code, 100 to 999 (RFC 9110 §15).
    pub status_code: u16,
    /// The reason phrase, for people; often empty (RFC 9112 §4).
    pub reason: &'b str,
    /// How headers and content become text; UTF-8 unless it is set otherwise.
    pub encoding: Encoding,
    /// Redirects that were followed to get here.
    pub redirects: u16,
    pub(super) minor_version: u8,
    pub(super) headers: &'b [u8],
    pub(super) content: &'b [u8],
    pub(super) url: &'b str,
    /// What the response left free of the buffer; text that has to be rewritten to be read goes there.
    pub(super) spare: Cell<&'b mut [u8]>,
    /// Size of the whole buffer.
    pub(super) buffer_size: usize,
}

impl<'b> Response<'b> {
    /// A response made of its parts, for tests of code that reads responses.
    ///
    /// `headers` are lines `Name: value`, each ended by CR LF. There is no buffer, so text that has to be
    /// rewritten (ISO-8859-1 beyond ASCII, JSON with escapes) cannot be read from it; see
    /// [`with_scratch`](Self::with_scratch).
    #[must_use]
    pub fn new(code: u16, reason: &'b str, headers: &'b [u8], content: &'b [u8]) -> Self {
        Self {
            status_code: code,
            reason,
            encoding: Encoding::default(),
            redirects: 0,
            minor_version: 1,
            headers,
            content,
            url: "",
            spare: Cell::default(),
            buffer_size: 0,
        }
    }

    /// Lends the response `scratch` bytes to rewrite text in.
    #[must_use]
    pub fn with_scratch(mut self, scratch: &'b mut [u8]) -> Self {
        self.buffer_size += scratch.len();
        self.spare = Cell::new(scratch);
        self
    }

    /// The header lines as text, each ended by CR LF, in [`encoding`](Self::encoding).
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn headers(&self) -> Result<&'b str, Error> {
        self.decode(self.headers)
    }

    /// The value of the first header called `name`, without regard to case; `None` where there is none, or where
    /// it is not UTF-8 (see [`header_fields`](Self::header_fields)).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'b str> {
        core::str::from_utf8(self.header_fields().first(name)?).ok()
    }

    /// All headers in the order in which they were received, repeated ones included.
    #[must_use]
    pub const fn header_fields(&self) -> HeaderFields<'b> {
        HeaderFields::new(self.headers)
    }

    /// The body as it was received, without the framing.
    #[must_use]
    pub const fn content(&self) -> &'b [u8] {
        self.content
    }

    /// The body as text in [`encoding`](Self::encoding).
    ///
    /// ISO-8859-1 text with bytes beyond ASCII is rewritten as UTF-8 in what is free of the buffer; each call takes
    /// its share of that.
    ///
    /// # Errors
    /// [`Error::NotText`] where the bytes are no text in this encoding, [`Error::BufferTooSmall`] where there is
    /// no room to rewrite them.
    pub fn text(&self) -> Result<&'b str, Error> {
        self.decode(self.content)
    }

    /// The body read as JSON.
    ///
    /// Fields of type `&str` borrow from the buffer. Strings with escapes are rewritten in what is free of it; each call
    /// takes its share.
    ///
    /// # Errors
    /// [`Error::Json`] where the body is not JSON or not a `T`, [`Error::BufferTooSmall`] where there is no room
    /// to rewrite strings.
    pub fn json<T: Deserialize<'b>>(&self) -> Result<T, Error> {
        self.parse_json(self.content)
    }

    /// One value of the body's JSON, reached by a JSON Pointer (RFC 6901) such as `"/items/0/name"`, without a type
    /// for the rest.
    ///
    /// # Errors
    /// As [`json`](Self::json); [`JsonError::NotFound`](crate::JsonError::NotFound) where the pointer leads nowhere.
    pub fn json_at<T: Deserialize<'b>>(&self, pointer: &str) -> Result<T, Error> {
        self.parse_json(json_pointer::find(self.content, pointer).map_err(Error::Json)?)
    }

    /// Whether the status code is below 400.
    #[must_use]
    pub const fn ok(&self) -> bool {
        self.status_code < 400
    }

    /// Turns a 4xx or 5xx into an error.
    ///
    /// # Errors
    /// [`Error::Status`].
    pub const fn raise_for_status(&self) -> Result<(), Error> {
        if self.ok() { Ok(()) } else { Err(Error::Status(self.status_code)) }
    }

    /// The URL that answered: normalised, with the parameters, after all redirects, without user name and password.
    #[must_use]
    pub const fn url(&self) -> &'b str {
        self.url
    }

    /// The protocol version of the response, `"1.0"` or `"1.1"`; a later minor version counts as 1.1 (RFC 9110
    /// §2.5).
    #[must_use]
    pub const fn http_version(&self) -> &'static str {
        if self.minor_version == 0 { "1.0" } else { "1.1" }
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

    fn parse_json<T: Deserialize<'b>>(&self, text: &'b [u8]) -> Result<T, Error> {
        let mut scratch = self.spare.take();
        let value = from_slice(text, &mut scratch);
        self.spare.set(scratch);
        value.map_err(|error| match error {
            ReadError::Json(error) => Error::Json(error),
            // No string is longer than the document.
            ReadError::ScratchTooSmall => self.too_small(text.len(), Phase::Json),
        })
    }

    /// Takes `size` bytes of the spare room for good.
    fn take_spare(&self, size: usize, phase: Phase) -> Result<&'b mut [u8], Error> {
        let spare = self.spare.take();
        if spare.len() < size {
            self.spare.set(spare);
            return Err(self.too_small(size, phase));
        }
        let (taken, rest) = spare.split_at_mut(size);
        self.spare.set(rest);
        Ok(taken)
    }

    /// The error for `size` bytes of spare room that are not there.
    fn too_small(&self, size: usize, phase: Phase) -> Error {
        let spare = self.spare.take();
        let missing = size.saturating_sub(spare.len());
        self.spare.set(spare);
        Error::BufferTooSmall { phase, needed: self.buffer_size.saturating_add(missing.max(1)) }
    }
}

/// Shows no content: a log must not fill with bodies, or with secrets.
impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status_code", &self.status_code)
            .field("reason", &self.reason)
            .field("content_length", &self.content.len())
            .finish_non_exhaustive()
    }
}
