// SPDX-License-Identifier: Apache-2.0
//! The targets of downloads.

use crate::proto::bytes::copy;
use embedded_io::{ErrorKind, Seek, SeekFrom, Write};

/// The target of a [`Download`](crate::Download): flash, a file, a slice.
///
/// Content arrives in pieces of any length. Each piece starts where the previous one ended, or at
/// offset 0 after another call of [`start`](Self::start).
pub trait Sink {
    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// Why they could not be written. The download then fails with
    /// [`Error::Sink`](crate::Error::Sink).
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind>;

    /// Prepares for content from its first byte on. Anything written before is invalid. Erase flash
    /// here, refuse content that is too large, and store what a later
    /// [`resume`](crate::Download::resume) needs: `len`, the length in bytes if the server
    /// announces it, and `validator`, if there is a strong one.
    ///
    /// # Errors
    /// As [`write_at`](Self::write_at).
    fn start(&mut self, len: Option<u64>, validator: Option<&str>) -> Result<(), ErrorKind> {
        let _ = (len, validator);
        Ok(())
    }

    /// Whether the content can be written again from its start.
    fn can_restart(&self) -> bool {
        true
    }

    /// Reads at least one byte of what was written at `offset`, and returns the number of bytes
    /// read. Only a resumed download with a digest needs it, for the bytes of the earlier download.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] if the sink cannot read, as by default. The download then starts
    /// again. Otherwise as [`write_at`](Self::write_at).
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let _ = (offset, buffer);
        Err(ErrorKind::Unsupported)
    }

    /// Completes the content: all `len` bytes were written, and their digest, if one was set, is
    /// right.
    ///
    /// Bytes behind `len` may be left from a longer earlier version. Cut them off here if
    /// [`start`](Self::start) has not erased them.
    ///
    /// # Errors
    /// As [`write_at`](Self::write_at).
    fn finish(&mut self, len: u64) -> Result<(), ErrorKind> {
        let _ = len;
        Ok(())
    }
}

/// Content that does not fit fails with [`ErrorKind::OutOfMemory`]. Behind shorter content, the old
/// bytes stay: [`Downloaded::len`](crate::Downloaded::len) says where the content ends.
impl Sink for &mut [u8] {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind> {
        let room =
            usize::try_from(offset).ok().and_then(|start| self.get_mut(start..)?.get_mut(..bytes.len()));
        copy(room.ok_or(ErrorKind::OutOfMemory)?, bytes);
        Ok(())
    }

    fn start(&mut self, len: Option<u64>, _: Option<&str>) -> Result<(), ErrorKind> {
        if len.is_some_and(|len| len > self.len() as u64) { Err(ErrorKind::OutOfMemory) } else { Ok(()) }
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let written = usize::try_from(offset).ok().and_then(|start| self.get(start..)).unwrap_or_default();
        let count = written.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), written.get(..count)) {
            copy(to, from);
        }
        Ok(count)
    }
}

/// As a slice.
impl<const N: usize> Sink for [u8; N] {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind> {
        (&mut self[..]).write_at(offset, bytes)
    }

    fn start(&mut self, len: Option<u64>, validator: Option<&str>) -> Result<(), ErrorKind> {
        (&mut self[..]).start(len, validator)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        (&mut self[..]).read_at(offset, buffer)
    }
}

/// A [`Sink`] over anything that can write and seek.
///
/// It does not cut off old bytes behind the content, because [`embedded_io`] cannot do that. Cut to
/// [`Downloaded::len`](crate::Downloaded::len) bytes yourself.
#[derive(Debug)]
pub struct Seeking<T> {
    inner: T,
    /// The position of `inner`, if it is known.
    position: Option<u64>,
}

impl<T: Write + Seek> Seeking<T> {
    /// Writes to `inner`. Offsets count from its start.
    #[must_use]
    pub const fn new(inner: T) -> Self {
        Self { inner, position: None }
    }
}

impl<T: Write + Seek> Sink for Seeking<T> {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind> {
        if self.position != Some(offset) {
            self.position = None;
            self.inner.seek(SeekFrom::Start(offset)).map_err(kind)?;
        }
        let written = self.inner.write_all(bytes).map_err(kind);
        self.position = written.ok().and_then(|()| offset.checked_add(bytes.len() as u64));
        written
    }

    fn finish(&mut self, _: u64) -> Result<(), ErrorKind> {
        self.inner.flush().map_err(kind)
    }
}

/// A [`Sink`] over anything that can only be written in order. If a download cannot be resumed and
/// would have to start again, it fails.
#[derive(Debug)]
pub struct Sequential<W> {
    inner: W,
    written: u64,
}

impl<W: Write> Sequential<W> {
    /// Writes to `inner`.
    #[must_use]
    pub const fn new(inner: W) -> Self {
        Self { inner, written: 0 }
    }
}

impl<W: Write> Sink for Sequential<W> {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind> {
        if offset != self.written {
            return Err(ErrorKind::Unsupported);
        }
        self.inner.write_all(bytes).map_err(kind)?;
        self.written = self.written.saturating_add(bytes.len() as u64);
        Ok(())
    }

    fn can_restart(&self) -> bool {
        self.written == 0
    }

    fn finish(&mut self, _: u64) -> Result<(), ErrorKind> {
        self.inner.flush().map_err(kind)
    }
}

/// Replaces the content of the file. To resume with a digest, the file must also be open for
/// reading.
#[cfg(feature = "std")]
impl Sink for std::fs::File {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind> {
        use std::io::{Seek as _, Write as _};
        self.seek(std::io::SeekFrom::Start(offset)).map_err(kind)?;
        self.write_all(bytes).map_err(kind)
    }

    fn start(&mut self, _: Option<u64>, _: Option<&str>) -> Result<(), ErrorKind> {
        self.set_len(0).map_err(kind)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        use std::io::{Read as _, Seek as _};
        self.seek(std::io::SeekFrom::Start(offset)).map_err(kind)?;
        self.read(buffer).map_err(kind)
    }

    fn finish(&mut self, len: u64) -> Result<(), ErrorKind> {
        self.set_len(len).map_err(kind)
    }
}

/// Replaces the content of the vector.
#[cfg(feature = "std")]
impl Sink for std::vec::Vec<u8> {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind> {
        let start = usize::try_from(offset).map_err(|_| ErrorKind::OutOfMemory)?;
        if start > self.len() {
            return Err(ErrorKind::InvalidInput);
        }
        self.truncate(start);
        self.try_reserve(bytes.len()).map_err(|_| ErrorKind::OutOfMemory)?;
        self.extend_from_slice(bytes);
        Ok(())
    }

    fn start(&mut self, _: Option<u64>, _: Option<&str>) -> Result<(), ErrorKind> {
        self.clear();
        Ok(())
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        (&mut self[..]).read_at(offset, buffer)
    }

    fn finish(&mut self, len: u64) -> Result<(), ErrorKind> {
        self.truncate(usize::try_from(len).unwrap_or(usize::MAX));
        Ok(())
    }
}

fn kind(error: impl embedded_io::Error) -> ErrorKind {
    error.kind()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(sink: &mut dyn Sink) {
        sink.start(Some(6), None).unwrap();
        sink.write_at(0, b"abc").unwrap();
        sink.write_at(3, b"def").unwrap();
        sink.finish(6).unwrap();
    }

    #[test]
    fn pieces_are_put_together() {
        let mut array = [0; 6];
        fill(&mut array);
        assert_eq!(&array, b"abcdef");
        let mut room = [0; 8];
        fill(&mut &mut room[..]);
        assert_eq!(&room, b"abcdef\0\0");
        let mut room = [0; 6];
        fill(&mut Sequential::new(&mut room[..]));
        assert_eq!(&room, b"abcdef");
    }

    #[cfg(feature = "std")]
    #[test]
    fn pieces_take_the_place_of_what_was_here() {
        let mut vector = b"what was here before".to_vec();
        fill(&mut vector);
        assert_eq!(vector, b"abcdef");
        let mut file = tempfile::tempfile().unwrap();
        file.write_at(0, b"what was here before").unwrap();
        fill(&mut file);
        let mut read = [0; 16];
        assert_eq!(file.read_at(1, &mut read), Ok(5));
        assert_eq!(&read[..5], b"bcdef");
    }

    /// A resumed download does not call `start`, so `finish` must cut off what an earlier run left
    /// behind the end.
    #[cfg(feature = "std")]
    #[test]
    fn what_is_behind_the_content_is_cut_off() {
        let mut vector = b"abcdef and more".to_vec();
        vector.finish(6).unwrap();
        assert_eq!(vector, b"abcdef");
        let mut file = tempfile::tempfile().unwrap();
        file.write_at(0, b"abcdef and more").unwrap();
        file.finish(6).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 6);
    }

    #[test]
    fn a_slice_takes_no_more_than_it_holds() {
        let mut array = [0; 4];
        assert_eq!(array.start(Some(5), None), Err(ErrorKind::OutOfMemory));
        assert_eq!(array.start(None, None), Ok(()));
        assert_eq!(array.write_at(2, b"abc"), Err(ErrorKind::OutOfMemory));
        assert_eq!(array.write_at(u64::MAX, b"abc"), Err(ErrorKind::OutOfMemory));
        assert_eq!(array.read_at(9, &mut [0; 4]), Ok(0));
    }

    #[test]
    fn what_only_writes_in_order_does_not_start_anew() {
        let mut room = [0; 8];
        let mut sink = Sequential::new(&mut room[..]);
        assert!(sink.can_restart());
        sink.write_at(0, b"abc").unwrap();
        assert!(!sink.can_restart());
        assert_eq!(sink.write_at(0, b"abc"), Err(ErrorKind::Unsupported));
    }

    #[test]
    fn seeking_happens_only_where_it_must() {
        struct Tape {
            bytes: Vec<u8>,
            at: usize,
            seeks: usize,
        }
        impl embedded_io::ErrorType for Tape {
            type Error = ErrorKind;
        }
        impl Write for Tape {
            fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
                self.bytes.resize(self.bytes.len().max(self.at + bytes.len()), 0);
                self.bytes[self.at..self.at + bytes.len()].copy_from_slice(bytes);
                self.at += bytes.len();
                Ok(bytes.len())
            }
            fn flush(&mut self) -> Result<(), ErrorKind> {
                Ok(())
            }
        }
        impl Seek for Tape {
            fn seek(&mut self, to: SeekFrom) -> Result<u64, ErrorKind> {
                let SeekFrom::Start(offset) = to else { return Err(ErrorKind::Unsupported) };
                self.at = usize::try_from(offset).unwrap();
                self.seeks += 1;
                Ok(offset)
            }
        }
        let mut sink = Seeking::new(Tape { bytes: Vec::new(), at: 0, seeks: 0 });
        fill(&mut sink);
        assert_eq!((&sink.inner.bytes[..], sink.inner.seeks), (&b"abcdef"[..], 1));
        sink.write_at(0, b"xyz").unwrap();
        assert_eq!((&sink.inner.bytes[..], sink.inner.seeks), (&b"xyzdef"[..], 2));
    }
}
