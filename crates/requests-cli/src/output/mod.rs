// SPDX-License-Identifier: Apache-2.0
//! Printing results.

pub mod file;
pub mod json;
pub mod part;
mod style;
pub mod terminal;
pub mod text;

use std::io::{self, Write as _};

use crate::failure::Failure;

/// Writes to standard output. It is not an error if the reader has closed the pipe.
///
/// # Errors
/// If writing fails for any other reason.
pub fn stdout(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::output("standard output", &error))
        }
        _ => Ok(()),
    }
}

/// Adapts any writer for the library.
pub struct Writer<'a>(pub &'a mut dyn io::Write);

impl embedded_io::ErrorType for Writer<'_> {
    type Error = io::Error;
}

impl embedded_io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Decodes header text: UTF-8 if it is valid, otherwise ISO-8859-1, in which every byte is a
/// character.
fn header_text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().copied().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::header_text;

    #[test]
    fn header_text_is_utf_8_or_iso_8859_1() {
        assert_eq!(header_text("é".as_bytes()), "é");
        assert_eq!(header_text(b"\xe9"), "é");
    }
}
