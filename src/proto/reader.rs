// SPDX-License-Identifier: Apache-2.0
//! Request bodies that are read while they are sent.

use core::cell::{Cell, RefCell};
use core::fmt;

use embedded_io::ErrorKind;

use crate::proto::write::{Write, at_most};

/// A source of a request body: anything that implements [`embedded_io::Read`]. With the feature
/// `std`, `IoReader(file)` adapts anything that implements [`std::io::Read`].
pub trait BodyReader {
    /// Reads at least one byte into `buffer`, which is not empty, and returns the number of bytes
    /// read. 0 at the end.
    ///
    /// # Errors
    /// The error of the source.
    fn read_body(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind>;
}

impl<R: embedded_io::Read> BodyReader for R {
    fn read_body(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.read(buffer).map_err(|error| embedded_io::Error::kind(&error))
    }
}

/// Adapts a [`std::io::Read`], such as a file, to [`BodyReader`]. It can hold a `&File`, so that
/// the caller keeps the file.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use requests::{IoReader, Part};
///
/// let mut buffer = [0; 2048];
/// let file = std::fs::File::open("photo.jpg")?;
/// let len = file.metadata()?.len();
///
/// // With its length, which most servers want to be told,
/// requests::put("http://example.org/photo").body(&mut IoReader(&file), Some(len)).send(&mut buffer)?;
/// // in chunks, where the length is not known,
/// requests::put("http://example.org/log").body(&mut IoReader(std::io::stdin()), None).send(&mut buffer)?;
/// // or as a file of a form.
/// requests::post("http://example.org/form")
///     .files(&[Part::reader("photo", "photo.jpg", &mut IoReader(&file), len)])
///     .send(&mut buffer)?;
/// # Ok(())
/// # }
/// ```
///
/// Each of these requests starts at the current position of the file. To send the same bytes again,
/// first call [`rewind`](std::io::Seek::rewind). If the request or the list of parts is kept in a
/// variable, keep the reader in a variable too: `let mut photo = IoReader(&file);`.
#[cfg(feature = "std")]
#[derive(Debug)]
pub struct IoReader<R>(
    /// The source.
    pub R,
);

#[cfg(feature = "std")]
impl<R: std::io::Read> embedded_io::ErrorType for IoReader<R> {
    type Error = std::io::Error;
}

#[cfg(feature = "std")]
impl<R: std::io::Read> embedded_io::Read for IoReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, std::io::Error> {
        loop {
            match self.0.read(buffer) {
                // A signal interrupted the call, which is not an error of the source.
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

/// A reader failed, or ended before its announced length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReaderFailed;

impl fmt::Display for ReaderFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reader failed or ended before the length announced for it")
    }
}

impl core::error::Error for ReaderFailed {}

/// A body from a reader.
pub struct ReaderBody<'a> {
    reader: RefCell<&'a mut dyn BodyReader>,
    len: Option<u64>,
    is_started: Cell<bool>,
}

impl<'a> ReaderBody<'a> {
    /// A body of `len` bytes from `reader`, or of all its bytes.
    #[must_use]
    pub fn new(reader: &'a mut dyn BodyReader, len: Option<u64>) -> Self {
        Self { reader: RefCell::new(reader), len, is_started: Cell::new(false) }
    }

    /// The length in bytes, if it is known.
    #[must_use]
    pub const fn len(&self) -> Option<u64> {
        self.len
    }

    /// Whether the length is known to be 0.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.len, Some(0))
    }

    /// Whether nothing has been read yet. Bytes that have been read cannot be read again.
    #[must_use]
    pub const fn is_replayable(&self) -> bool {
        !self.is_started.get()
    }

    /// Writes the body.
    ///
    /// # Errors
    /// [`ReaderFailed`] if the reader fails or ends early.
    pub fn write(&self, out: &mut dyn Write) -> Result<(), ReaderFailed> {
        self.is_started.set(true);
        let mut reader = self.reader.try_borrow_mut().map_err(|_| ReaderFailed)?;
        match self.len {
            Some(len) if copy(&mut **reader, out, len) > 0 => Err(ReaderFailed),
            Some(_) => Ok(()),
            None => copy_all(&mut **reader, out),
        }
    }
}

impl fmt::Debug for ReaderBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReaderBody").field("len", &self.len).finish_non_exhaustive()
    }
}

fn copy_all(reader: &mut dyn BodyReader, out: &mut dyn Write) -> Result<(), ReaderFailed> {
    while !out.is_broken() && copy_some(reader, out, u64::MAX)? > 0 {}
    Ok(())
}

/// Writes between 1 and `most` bytes from `reader` to `out`, and returns their number; 0 if `reader` has ended.
fn copy_some(reader: &mut dyn BodyReader, out: &mut dyn Write, most: u64) -> Result<usize, ReaderFailed> {
    let room = out.room();
    if room.is_empty() {
        return copy_piece(reader, out, most);
    }
    let size = at_most(room.len(), most);
    let room = room.get_mut(..size).unwrap_or_default();
    let count = reader.read_body(room).map_err(|_| ReaderFailed)?.min(size);
    out.advance(count);
    Ok(count)
}

/// As [`copy_some`], for an `out` without room of its own.
#[inline(never)]
fn copy_piece(reader: &mut dyn BodyReader, out: &mut dyn Write, most: u64) -> Result<usize, ReaderFailed> {
    let mut piece = [0; 256];
    let size = at_most(piece.len(), most);
    let room = piece.get_mut(..size).unwrap_or_default();
    let count = reader.read_body(room).map_err(|_| ReaderFailed)?;
    let read = room.get(..count).unwrap_or(room);
    out.write(read);
    Ok(read.len())
}

/// Writes `len` bytes from `reader` to `out`. Returns the number of missing bytes if the reader
/// ends early or fails. Returns 0 if `out` is broken, because that is not the reader's fault.
pub fn copy(reader: &mut dyn BodyReader, out: &mut dyn Write, len: u64) -> u64 {
    let mut missing = len;
    while missing > 0 {
        if out.is_broken() {
            return 0;
        }
        let Ok(count @ 1..) = copy_some(reader, out, missing) else {
            break;
        };
        missing -= count as u64;
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::Counter;

    /// A reader that claims to have read more than the buffer holds.
    struct Boaster;

    impl BodyReader for Boaster {
        fn read_body(&mut self, buffer: &mut [u8]) -> Result<usize, embedded_io::ErrorKind> {
            Ok(buffer.len() + 1)
        }
    }

    #[test]
    fn a_reader_is_believed_no_more_than_it_had_room_for() {
        let mut counter = Counter::default();
        assert_eq!(copy(&mut Boaster, &mut counter, 1000), 0);
        assert_eq!(counter.count, 1000);
    }

    #[cfg(feature = "std")]
    #[test]
    fn a_signal_does_not_end_what_is_read() {
        struct Signalled(bool);

        impl std::io::Read for Signalled {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                self.0 = !self.0;
                if self.0 {
                    return Err(std::io::ErrorKind::Interrupted.into());
                }
                buffer.fill(b'x');
                Ok(buffer.len())
            }
        }

        let mut counter = Counter::default();
        assert_eq!(copy(&mut IoReader(Signalled(false)), &mut counter, 1000), 0);
        assert_eq!(counter.count, 1000);
    }

    #[test]
    fn a_broken_destination_ends_the_copy_and_is_not_the_readers_fault() {
        struct Broken;

        impl Write for Broken {
            fn write(&mut self, _: &[u8]) {
                panic!("it is broken");
            }

            fn is_broken(&self) -> bool {
                true
            }
        }
        assert_eq!(copy(&mut Boaster, &mut Broken, 1000), 0);
    }
}
