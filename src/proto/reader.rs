// SPDX-License-Identifier: Apache-2.0
//! Content that is read while it is sent.

use core::cell::{Cell, RefCell};
use core::fmt;

use embedded_io::ErrorKind;

use crate::Error;
use crate::proto::write::{Write, copy};

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

/// A body that a reader gives, together with the code that sends it, so that only programs that upload link it.
pub struct ReaderBody<'a> {
    reader: RefCell<&'a mut dyn BodyReader>,
    len: Option<u64>,
    is_started: Cell<bool>,
    write: fn(&Self, &mut dyn Write) -> Result<(), Error>,
}

impl<'a> ReaderBody<'a> {
    /// What `reader` gives: `len` bytes, or all of it.
    #[must_use]
    pub fn new(reader: &'a mut dyn BodyReader, len: Option<u64>) -> Self {
        Self { reader: RefCell::new(reader), len, is_started: Cell::new(false), write: write_reader }
    }

    /// Bytes that it has, where that is known.
    #[must_use]
    pub const fn len(&self) -> Option<u64> {
        self.len
    }

    /// Whether it is known to have none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.len, Some(0))
    }

    /// Whether nothing has been read yet: what has been cannot be had again.
    #[must_use]
    pub const fn is_replayable(&self) -> bool {
        !self.is_started.get()
    }

    /// Writes the body.
    ///
    /// # Errors
    /// [`Error::BodyReader`] where the reader fails or ends early.
    pub fn write(&self, out: &mut dyn Write) -> Result<(), Error> {
        (self.write)(self, out)
    }
}

impl fmt::Debug for ReaderBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReaderBody").field("len", &self.len).finish_non_exhaustive()
    }
}

fn write_reader(body: &ReaderBody<'_>, out: &mut dyn Write) -> Result<(), Error> {
    body.is_started.set(true);
    let mut reader = body.reader.try_borrow_mut().map_err(|_| Error::BodyReader)?;
    match body.len {
        Some(len) if copy(&mut **reader, out, len) > 0 => Err(Error::BodyReader),
        Some(_) => Ok(()),
        None => copy_all(&mut **reader, out),
    }
}

fn copy_all(reader: &mut dyn BodyReader, out: &mut dyn Write) -> Result<(), Error> {
    let mut piece = [0; 256];
    while !out.is_broken() {
        let count = reader.read_body(&mut piece).map_err(|_| Error::BodyReader)?;
        if count == 0 {
            break;
        }
        out.write(piece.get(..count).unwrap_or(&piece));
    }
    Ok(())
}
