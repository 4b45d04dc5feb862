// SPDX-License-Identifier: Apache-2.0
//! Showing what came of it.

pub mod file;
pub mod json;
pub mod part;
mod style;
pub mod terminal;
pub mod text;

use std::io::{self, Write as _};

use crate::failure::Failure;

/// Writes to standard output. A reader that has gone away has seen what it wanted.
///
/// # Errors
/// When it cannot be written for any other reason.
pub fn stdout(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::output("standard output", &error))
        }
        _ => Ok(()),
    }
}

/// Any writer, for the library.
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

/// Header text for people and JSON: UTF-8 where it is, else ISO-8859-1, in which every byte is a character.
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
