// SPDX-License-Identifier: Apache-2.0
//! `--output text`: for humans.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use requests::{Head, Response};

use crate::failure::Failure;
use crate::options::Destination;
use crate::output::style::Style;
use crate::output::terminal::Filter;
use crate::output::{header_text, stdout};

/// Prints a response: status line, headers, an empty line, and the body, unless it goes elsewhere.
///
/// # Errors
/// If writing fails.
pub fn answer(response: &Response<'_>, destination: &Destination) -> Result<(), Failure> {
    let terminal = io::stdout().is_terminal();
    match destination {
        Destination::WithHead => {
            let mut text = head(response, Style::of(terminal));
            text.extend_from_slice(&body(response.content(), terminal));
            stdout(&text)
        }
        Destination::Stdout => {
            // The body is written even if nobody reads the headers.
            let _ = io::stderr().write_all(&head(response, Style::of(io::stderr().is_terminal())));
            stdout(&body(response.content(), terminal))
        }
        Destination::File(path) => {
            stdout(&head(response, Style::of(terminal)))?;
            if terminal {
                return stored(response.content().len() as u64, path);
            }
            Ok(())
        }
    }
}

/// Prints that the file at `path` has `bytes` bytes.
///
/// # Errors
/// If writing fails.
pub fn stored(size: u64, path: &Path) -> Result<(), Failure> {
    // The name may contain control characters.
    let name = Style::of(io::stdout().is_terminal()).foreign(path.display().to_string());
    stdout(format!("{size} bytes in {name}\n").as_bytes())
}

/// Prints the head of a response whose body follows piece by piece.
///
/// # Errors
/// If writing fails.
pub fn begin(response: &Head<'_>, destination: &Destination) -> Result<(), Failure> {
    match destination {
        Destination::Stdout => {
            let _ = io::stderr().write_all(&head(response, Style::of(io::stderr().is_terminal())));
            Ok(())
        }
        _ => stdout(&head(response, Style::of(io::stdout().is_terminal()))),
    }
}

/// A body that is printed piece by piece.
pub struct Pieces {
    /// For a terminal.
    filter: Option<Filter>,
}

impl Pieces {
    /// A body for standard output.
    pub fn begin() -> Self {
        Self { filter: io::stdout().is_terminal().then(Filter::default) }
    }

    /// Prints the next piece. Returns `false` if it must not be printed on a terminal.
    ///
    /// # Errors
    /// If writing fails.
    pub fn piece(&mut self, content: &[u8]) -> Result<bool, Failure> {
        let Some(filter) = &mut self.filter else {
            stdout(content)?;
            return Ok(true);
        };
        if content.contains(&0) {
            stdout(b"binary data; -o FILE saves it, a pipe takes it\n")?;
            return Ok(false);
        }
        stdout(filter.piece(content).as_bytes())?;
        Ok(true)
    }

    /// Prints the rest.
    ///
    /// # Errors
    /// If writing fails.
    pub fn end(mut self) -> Result<(), Failure> {
        self.filter.as_mut().map_or(Ok(()), |filter| stdout(filter.end().as_bytes()))
    }
}

/// Status line and headers, with the empty line that ends them.
fn head(response: &Head<'_>, style: Style) -> Vec<u8> {
    let status = format!("{} {}", response.status_code, response.reason);
    let status = style.status(response.status_code, style.foreign(status).trim_end());
    let mut text = format!("HTTP/{} {status}\n", response.http_version()).into_bytes();
    for field in response.header_fields() {
        text.extend_from_slice(style.name(&style.foreign(field.name.to_owned())).as_bytes());
        text.extend_from_slice(b": ");
        if style.terminal {
            text.extend_from_slice(style.foreign(header_text(field.value)).as_bytes());
        } else {
            text.extend_from_slice(field.value);
        }
        text.push(b'\n');
    }
    text.push(b'\n');
    text
}

/// Prints the body unchanged. On a terminal, control characters are replaced, the last line is
/// ended, and binary data are only mentioned.
fn body(content: &[u8], terminal: bool) -> std::borrow::Cow<'_, [u8]> {
    if !terminal || content.is_empty() {
        return content.into();
    }
    if content.contains(&0) {
        let note = format!("{} bytes of binary data; -o FILE saves them, a pipe takes them\n", content.len());
        return note.into_bytes().into();
    }
    let mut filter = Filter::default();
    let mut text = filter.piece(content) + filter.end();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_like_http() {
        let plain = Style { terminal: false, colour: false };
        let response = Response::new(200, "OK", b"A: b\r\nC: \xe9\r\n", b"");
        assert_eq!(head(&response, plain), b"HTTP/1.1 200 OK\nA: b\nC: \xe9\n\n");
        assert_eq!(head(&Response::new(299, "", b"", b""), plain), b"HTTP/1.1 299\n\n");
        let terminal = Style { terminal: true, colour: true };
        assert_eq!(
            head(&response, terminal),
            "HTTP/1.1 \x1b[1;32m200 OK\x1b[0m\n\x1b[36mA\x1b[0m: b\n\x1b[36mC\x1b[0m: é\n\n".as_bytes()
        );
    }

    #[test]
    fn a_body_is_left_as_it_is_except_on_a_terminal() {
        for content in [&b""[..], b"a", b"a\n", b"\0\xff"] {
            assert_eq!(&*body(content, false), content);
        }
        assert_eq!(&*body(b"a", true), b"a\n");
        assert_eq!(&*body(b"a\n", true), b"a\n");
        assert_eq!(&*body(b"", true), b"");
        assert_eq!(
            &*body(b"a\r\n\x1b]0;t\x07\xc2\x9bb", true),
            "a\r\n\u{fffd}]0;t\u{fffd}\u{fffd}b\n".as_bytes()
        );
        assert!(body(b"\0\xff", true).starts_with(b"2 bytes of binary data"));
    }
}
