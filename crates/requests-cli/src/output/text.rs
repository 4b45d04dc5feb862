// SPDX-License-Identifier: Apache-2.0
//! `--output text`: for people.

use std::io::{self, IsTerminal as _, Write as _};

use requests::{Head, Response};

use crate::failure::Failure;
use crate::options::Destination;
use crate::output::style::Style;
use crate::output::{header_text, stdout};

/// Prints a response: status line, headers, an empty line, and the body, unless it goes elsewhere.
///
/// # Errors
/// When it cannot be written.
pub fn answer(response: &Response<'_>, destination: &Destination) -> Result<(), Failure> {
    let terminal = io::stdout().is_terminal();
    match destination {
        Destination::WithHead => {
            let mut text = head(response, Style::of(terminal));
            text.extend_from_slice(&body(response.content(), terminal));
            stdout(&text)
        }
        Destination::Stdout => {
            // Whoever wants the body has it even where nobody reads this.
            let _ = io::stderr().write_all(&head(response, Style::of(io::stderr().is_terminal())));
            stdout(&body(response.content(), terminal))
        }
        Destination::File(path) => {
            stdout(&head(response, Style::of(terminal)))?;
            if terminal {
                let size = response.content().len();
                return stdout(format!("{size} bytes in {}\n", path.display()).as_bytes());
            }
            Ok(())
        }
    }
}

/// Prints the head of a response whose body follows piece by piece.
///
/// # Errors
/// When it cannot be written.
pub fn begin(response: &Head<'_>, destination: &Destination) -> Result<(), Failure> {
    match destination {
        Destination::Stdout => {
            let _ = io::stderr().write_all(&head(response, Style::of(io::stderr().is_terminal())));
            Ok(())
        }
        _ => stdout(&head(response, Style::of(io::stdout().is_terminal()))),
    }
}

/// Prints a piece of a body; `false` where a terminal is not to see any of it.
///
/// # Errors
/// When it cannot be written.
pub fn piece(content: &[u8]) -> Result<bool, Failure> {
    if io::stdout().is_terminal() && content.contains(&0) {
        stdout(b"binary data; -o FILE saves it, a pipe takes it\n")?;
        return Ok(false);
    }
    stdout(content)?;
    Ok(true)
}

/// Status line and headers, with the empty line that ends them.
fn head(response: &Head<'_>, style: Style) -> Vec<u8> {
    let status = format!("{} {}", response.status_code, response.reason);
    let status = style.status(response.status_code, style.foreign(status).trim_end());
    let mut text = format!("HTTP/{} {status}\n", response.http_version()).into_bytes();
    for field in response.header_fields() {
        text.extend_from_slice(style.name(field.name).as_bytes());
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

/// The body as it is. On a terminal, its last line is ended, and binary data is only told of.
fn body(content: &[u8], terminal: bool) -> std::borrow::Cow<'_, [u8]> {
    if !terminal || content.is_empty() {
        return content.into();
    }
    if content.contains(&0) {
        let note = format!("{} bytes of binary data; -o FILE saves them, a pipe takes them\n", content.len());
        return note.into_bytes().into();
    }
    if content.ends_with(b"\n") { content.into() } else { [content, b"\n"].concat().into() }
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
        assert!(body(b"\0\xff", true).starts_with(b"2 bytes of binary data"));
    }
}
