// SPDX-License-Identifier: Apache-2.0
//! `multipart/form-data` (RFC 7578), streamed: the body is never stored as a whole.

use core::cell::RefCell;
use core::fmt;

use crate::proto::hex;
use crate::proto::percent::write_encoded;
use crate::proto::reader::{BodyReader, copy};
use crate::proto::syntax::{is_field_byte, is_field_value};
use crate::proto::write::{Counter, Write};

/// The number of random bytes in a boundary. 128 random bits do not occur in content by chance, and
/// cannot be guessed.
pub const BOUNDARY_RANDOM: usize = 16;

/// The boundary between parts: random hexadecimal digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Boundary([u8; BOUNDARY_RANDOM * 2]);

impl Boundary {
    /// Makes a boundary from random bytes.
    #[must_use]
    pub fn new(random: [u8; BOUNDARY_RANDOM]) -> Self {
        let mut digits = [0; BOUNDARY_RANDOM * 2];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(random) {
            pair.copy_from_slice(&[hex::digit(byte >> 4), hex::digit(byte)]);
        }
        Self(digits)
    }

    /// The boundary as written in `Content-Type`.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// One field or file of a form.
#[derive(Debug)]
pub struct Part<'a> {
    name: &'a str,
    filename: Option<&'a str>,
    content_type: Option<&'a str>,
    content: Content<'a>,
}

enum Content<'a> {
    Bytes(&'a [u8]),
    Reader { reader: RefCell<&'a mut dyn BodyReader>, len: u64 },
}

impl fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Reader { len, .. } => write!(f, "reader of {len} bytes"),
        }
    }
}

impl<'a> Part<'a> {
    /// A plain field.
    #[must_use]
    pub const fn field(name: &'a str, value: &'a str) -> Self {
        Self { name, filename: None, content_type: None, content: Content::Bytes(value.as_bytes()) }
    }

    /// A file with its content in memory. Its type is `application/octet-stream` unless
    /// [`content_type`](Self::content_type) sets another.
    #[must_use]
    pub const fn file(name: &'a str, filename: &'a str, content: &'a [u8]) -> Self {
        Self { name, filename: Some(filename), content_type: None, content: Content::Bytes(content) }
    }

    /// A file whose content is read from `reader` while it is sent: exactly `len` bytes. A reader
    /// is anything that implements [`embedded_io::Read`]. With the feature `std`, `IoReader(file)`
    /// adapts a file.
    ///
    /// The part can be sent once only: a redirect that keeps the body fails with
    /// [`Error::BodyNotReplayable`](crate::Error::BodyNotReplayable). If the reader fails or ends
    /// early, the request fails with [`Error::PartReader`](crate::Error::PartReader). Bytes beyond
    /// `len` are not read.
    #[must_use]
    pub const fn reader(name: &'a str, filename: &'a str, reader: &'a mut dyn BodyReader, len: u64) -> Self {
        Self {
            name,
            filename: Some(filename),
            content_type: None,
            content: Content::Reader { reader: RefCell::new(reader), len },
        }
    }

    /// Sets the part's media type.
    #[must_use]
    pub const fn content_type(mut self, content_type: &'a str) -> Self {
        self.content_type = Some(content_type);
        self
    }

    const fn len(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Reader { len, .. } => *len,
        }
    }

    /// Writes the part's delimiter and header section.
    fn write_head(&self, out: &mut dyn Write, boundary: &Boundary) {
        out.write(b"--");
        out.write(boundary.as_bytes());
        out.write(b"\r\nContent-Disposition: form-data; name=\"");
        write_escaped(out, self.name);
        if let Some(filename) = self.filename {
            out.write(b"\"; filename=\"");
            write_escaped(out, filename);
        }
        out.write(b"\"");
        let default = self.filename.map(|_| "application/octet-stream");
        if let Some(content_type) = self.content_type.or(default) {
            out.write(b"\r\nContent-Type: ");
            out.write(content_type.as_bytes());
        }
        out.write(b"\r\n\r\n");
    }

    fn is_valid(&self) -> bool {
        let is_name = |name: &str| name.bytes().all(|byte| is_field_byte(byte) || is_escaped(byte));
        is_name(self.name)
            && self.filename.is_none_or(is_name)
            && self.content_type.is_none_or(|content_type| is_field_value(content_type.as_bytes()))
    }
}

/// Writes a name as browsers do (WHATWG HTML §4.10.21.8): the characters that would end the name or
/// its line are percent-encoded, and all others are unchanged, including the backslash. Other
/// control characters have been refused before.
///
/// Unlike browsers, this percent-encodes a backslash at the end. Many servers would read it and the
/// quotation mark behind it as an escape, and the text behind that as part of the name.
fn write_escaped(out: &mut dyn Write, name: &str) {
    let start = name.strip_suffix('\\');
    write_encoded(out, start.unwrap_or(name).as_bytes(), |byte| !is_escaped(byte));
    if start.is_some() {
        out.write(b"%5C");
    }
}

const fn is_escaped(byte: u8) -> bool {
    matches!(byte, b'"' | b'\r' | b'\n')
}

/// The parts of a body.
#[derive(Debug, Clone, Copy)]
pub struct Multipart<'r, 'a> {
    parts: &'r [Part<'a>],
}

/// What is wrong with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartError {
    /// The name, file name or content type contains a control character that would end its header
    /// line.
    Invalid {
        /// The index of the part, from 0.
        index: usize,
    },
    /// The reader failed, or ended before its announced length.
    Reader {
        /// The index of the part, from 0.
        index: usize,
    },
}

impl fmt::Display for PartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { index } => write!(f, "part {index} has a control character in its head"),
            Self::Reader { index } => write!(f, "the reader of part {index} failed"),
        }
    }
}

impl core::error::Error for PartError {}

impl<'r, 'a> Multipart<'r, 'a> {
    /// A body of these parts.
    #[must_use]
    pub const fn new(parts: &'r [Part<'a>]) -> Self {
        Self { parts }
    }

    /// Refuses names and types with control characters that would end their header line.
    ///
    /// # Errors
    /// [`PartError::Invalid`] with the index of the part.
    pub fn check(&self) -> Result<(), PartError> {
        match self.parts.iter().position(|part| !part.is_valid()) {
            Some(index) => Err(PartError::Invalid { index }),
            None => Ok(()),
        }
    }

    /// Whether the parts can be sent more than once.
    #[must_use]
    pub fn is_replayable(&self) -> bool {
        self.parts.iter().all(|part| matches!(part.content, Content::Bytes(_)))
    }

    /// The exact number of bytes that [`write()`](Self::write) writes.
    #[must_use]
    pub fn content_length(&self, boundary: &Boundary) -> u64 {
        let mut counter = Counter::default();
        for part in self.parts {
            part.write_head(&mut counter, boundary);
            counter.count = counter.count.saturating_add(part.len()).saturating_add(2);
        }
        write_close(&mut counter, boundary);
        counter.count
    }

    /// Writes the whole body.
    ///
    /// # Errors
    /// [`PartError::Reader`] if a reader fails or ends early.
    pub fn write(&self, out: &mut dyn Write, boundary: &Boundary) -> Result<(), PartError> {
        for (index, part) in self.parts.iter().enumerate() {
            part.write_head(out, boundary);
            match &part.content {
                Content::Bytes(bytes) => out.write(bytes),
                Content::Reader { reader, len } => {
                    let missing =
                        reader.try_borrow_mut().map_or(*len, |mut reader| copy(&mut **reader, out, *len));
                    if missing > 0 {
                        return Err(PartError::Reader { index });
                    }
                }
            }
            out.write(b"\r\n");
        }
        write_close(out, boundary);
        Ok(())
    }
}

fn write_close(out: &mut dyn Write, boundary: &Boundary) {
    out.write(b"--");
    out.write(boundary.as_bytes());
    out.write(b"--\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;
    use proptest::prelude::*;

    const BOUNDARY: &str = "000102030405060708090A0B0C0D0EFF";

    fn boundary() -> Boundary {
        Boundary::new([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255])
    }

    fn body(parts: &[Part<'_>]) -> Result<String, PartError> {
        let mut room = [0; 4096];
        let mut out = SliceWriter::new(&mut room);
        Multipart::new(parts).write(&mut out, &boundary())?;
        Ok(String::from_utf8(out.finish().unwrap().to_vec()).unwrap())
    }

    #[test]
    fn fields_and_files() {
        let parts = [
            Part::field("a", "1"),
            Part::file("f", "x.txt", b"hello").content_type("text/plain"),
            Part::file("g", "y \"z\\.bin", b""),
        ];
        let expected = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
             --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n\
             Content-Type: text/plain\r\n\r\nhello\r\n\
             --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"g\"; filename=\"y %22z\\.bin\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n\r\n\
             --{BOUNDARY}--\r\n"
        );
        assert_eq!(body(&parts).as_ref(), Ok(&expected));
        assert_eq!(Multipart::new(&parts).content_length(&boundary()), expected.len() as u64);
    }

    #[test]
    fn a_reader_is_read_to_its_length_and_once() {
        let mut reader = &b"hello, and more"[..];
        {
            let parts = [Part::reader("f", "x", &mut reader, 5)];
            assert!(!Multipart::new(&parts).is_replayable());
            let length = Multipart::new(&parts).content_length(&boundary());
            let text = body(&parts).unwrap();
            assert!(text.contains("\r\n\r\nhello\r\n--"));
            assert_eq!(text.len() as u64, length);
        }
        assert_eq!(reader, b", and more");
    }

    #[test]
    fn a_reader_that_ends_early_is_an_error() {
        let mut reader = &b"hel"[..];
        let parts = [Part::field("a", "b"), Part::reader("f", "x", &mut reader, 5)];
        assert_eq!(body(&parts), Err(PartError::Reader { index: 1 }));
    }

    #[test]
    fn control_characters_in_names_are_refused() {
        for part in [
            Part::field("a\0", ""),
            Part::field("a\x7f", ""),
            Part::file("a", "b\0", b""),
            Part::file("a", "b\x1b[31m", b""),
            Part::file("a", "b", b"").content_type("text/plain\n"),
            Part::file("a", "b", b"").content_type("text/plain\r\nX: y"),
        ] {
            let parts = [Part::field("fine", "\r\n\0 in a value is content"), part];
            assert_eq!(Multipart::new(&parts).check(), Err(PartError::Invalid { index: 1 }));
        }
    }

    #[test]
    fn names_are_escaped_as_browsers_do() {
        for (name, escaped) in [
            ("a\"b", "a%22b"),
            ("a\r\nX: y", "a%0D%0AX: y"),
            ("\n\r", "%0A%0D"),
            ("C:\\dir\\x.txt", "C:\\dir\\x.txt"),
            ("a\\\"b\\", "a\\%22b%5C"),
            ("\\\\", "\\%5C"),
            ("a%22b%0D", "a%22b%0D"),
            ("a\tb;c='d' é/", "a\tb;c='d' é/"),
        ] {
            let parts = [Part::file(name, name, b"")];
            assert_eq!(Multipart::new(&parts).check(), Ok(()), "{name:?}");
            let disposition =
                format!("Content-Disposition: form-data; name=\"{escaped}\"; filename=\"{escaped}\"");
            assert_eq!(body(&parts).unwrap().split("\r\n").nth(1), Some(&*disposition), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn the_length_is_exact(name in "[^\\x00-\\x1f\\x7f]{0,20}[\r\n]?", content: Vec<u8>, file: bool) {
            let part = if file { Part::file(&name, &name, &content) } else { Part::file(&name, "x", &content) };
            let part = [part];
            let parts = Multipart::new(&part);
            let mut counter = Counter::default();
            parts.write(&mut counter, &boundary()).unwrap();
            prop_assert_eq!(parts.content_length(&boundary()), counter.count);
        }
    }
}
