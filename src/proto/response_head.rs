// SPDX-License-Identifier: Apache-2.0
//! The status line and header section of a response (RFC 9112 §4 and §5).
//!
//! This parser works in place in the caller's buffer, so it needs no array of headers and has no
//! limit on their number. It replaces folded lines as RFC 9112 §5.2 says. It can resume at the byte
//! where the last piece ended. `docs/design.md` compares it with `httparse`.

use core::fmt;
use core::ops::Range;

use crate::proto::bytes::move_within;
use crate::proto::syntax::{
    find_byte, is_field_value, is_one_of, is_token_byte, parse_decimal, split_at_byte, token_len,
};

/// What is wrong with a response head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeadError {
    /// The response does not start with `HTTP/1.`: another protocol or version.
    NotHttp1,
    /// The status line is not `HTTP/1.x NNN reason`, with a code from 100 to 999.
    StatusLine,
    /// The line of `Content-Length` or `Transfer-Encoding` has no colon, other text between name
    /// and colon, or a control character in its value.
    FieldName,
    /// A header line contains NUL or a bare CR, or the reason phrase contains a control character.
    ControlCharacter,
    /// The first header line starts with white space.
    Fold,
    /// The head is longer than `CONFIG_REQUESTS_MAX_RESPONSE_HEAD` bytes.
    TooLarge,
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotHttp1 => "it does not start with HTTP/1.",
            Self::StatusLine => "malformed status line",
            Self::FieldName => "malformed Content-Length or Transfer-Encoding line",
            Self::ControlCharacter => "control character in a header",
            Self::Fold => "white space before the first header",
            Self::TooLarge => "larger than CONFIG_REQUESTS_MAX_RESPONSE_HEAD",
        })
    }
}

impl core::error::Error for HeadError {}

/// The positions of the parts of a response head in its buffer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// The minor version: 0 for HTTP/1.0, 1 for HTTP/1.1.
    pub minor_version: u8,
    /// The status code, 100 to 999.
    pub status_code: u16,
    /// The reason phrase, which may be empty.
    pub reason: Range<usize>,
    /// The header lines, without the empty line that ends them.
    pub headers: Range<usize>,
    /// The index where the body starts.
    pub end: usize,
}

impl ResponseHead {
    /// Whether the response is interim, so that another one follows (RFC 9110 §15.2). 101 does not
    /// count as interim: it ends HTTP on the connection.
    #[must_use]
    pub const fn is_interim(&self) -> bool {
        self.status_code < 200 && self.status_code != 101
    }
}

/// Finds the end of a head while its bytes arrive.
#[derive(Debug, Default)]
pub struct HeadScanner {
    /// Where the current line starts.
    line: usize,
    /// Bytes that have been looked at.
    scanned: usize,
}

impl HeadScanner {
    /// Returns the length of the head at the start of `received`, or `None` if it is incomplete.
    /// The next call must pass the same bytes and more behind them.
    ///
    /// # Errors
    /// [`HeadError::NotHttp1`] as soon as the bytes cannot be the start of an HTTP/1 response.
    pub fn find_end(&mut self, received: &[u8]) -> Result<Option<usize>, HeadError> {
        const START: &[u8] = b"HTTP/1.";
        if !START.starts_with(received) && !received.starts_with(START) {
            return Err(HeadError::NotHttp1);
        }
        while let Some(rest) = received.get(self.scanned..)
            && let Some(length) = find_byte(b'\n', rest)
        {
            let line_feed = self.scanned + length;
            // An empty line ends the head: LF or CR LF.
            let is_empty = matches!(received.get(self.line..line_feed), Some([] | [b'\r']));
            self.scanned = line_feed + 1;
            self.line = self.scanned;
            if is_empty {
                return Ok(Some(self.scanned));
            }
        }
        self.scanned = received.len();
        Ok(None)
    }
}

/// Parses the head that [`HeadScanner::find_end`] found. Folded header lines are joined in place by
/// spaces. Bytes of the reason that are not UTF-8 are replaced by `?`.
///
/// A line that is not a header field is removed, for example a warning that a script printed into
/// its head. A field is also removed if its name is not a token directly followed by the colon, or
/// its value contains a control character (RFC 9110 §5.5). But if such a line could be a field that
/// frames the body, the head is refused: the length of a body is never guessed.
///
/// # Errors
/// [`HeadError`] says what is wrong.
pub fn parse(head: &mut [u8]) -> Result<ResponseHead, HeadError> {
    let (line, rest) = next_line(head).ok_or(HeadError::StatusLine)?;
    let start = head.len() - rest.len();
    let (minor_version, status_code, reason) = parse_status_line(line)?;
    make_text(head.get_mut(reason.clone()).unwrap_or_default());

    let lines = keep_fields(head.get_mut(start..).unwrap_or_default())?;
    Ok(ResponseHead { minor_version, status_code, reason, headers: start..start + lines, end: head.len() })
}

/// Returns the first line of `text` without its line end, and the rest. A lone LF ends a line too
/// (RFC 9112 §2.2).
fn next_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = split_at_byte(text, b'\n');
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest?))
}

/// Moves the lines that are header fields to the start of `fields`, and returns their length in
/// bytes. A line end followed by white space becomes spaces (RFC 9112 §5.2).
#[inline(never)]
fn keep_fields(fields: &mut [u8]) -> Result<usize, HeadError> {
    if matches!(fields, [b' ' | b'\t', ..]) {
        return Err(HeadError::Fold);
    }
    let (mut kept, mut start) = (0, 0);
    loop {
        let end = unfold(fields, start).ok_or(HeadError::StatusLine)?;
        let line = fields.get(start..end).unwrap_or_default();
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        if content.is_empty() {
            return Ok(kept);
        }
        if is_field_line(content)? {
            // If no line was removed, this one stays where it is.
            if kept != start {
                move_within(fields, start..end, kept);
            }
            kept += end - start;
        }
        start = end;
    }
}

/// Replaces line ends that are followed by white space with spaces. Returns the index behind the LF that ends the
/// line at `start`; `None` if it has no end.
fn unfold(fields: &mut [u8], start: usize) -> Option<usize> {
    let mut position = start;
    loop {
        let line_feed = position + find_byte(b'\n', fields.get(position..)?)?;
        position = line_feed + 1;
        if !matches!(fields.get(position), Some(b' ' | b'\t')) {
            return Some(position);
        }
        *fields.get_mut(line_feed)? = b' ';
        if let Some(last @ b'\r') = line_feed.checked_sub(1).and_then(|last| fields.get_mut(last)) {
            *last = b' ';
        }
    }
}

/// Whether `line`, without its end, is a header field. Other lines are removed.
fn is_field_line(line: &[u8]) -> Result<bool, HeadError> {
    if let Some((name, [b':', value @ ..])) = line.split_at_checked(token_len(line))
        && !name.is_empty()
        && is_field_value(value)
    {
        return Ok(true);
    }
    if line.iter().any(|byte| matches!(byte, 0 | b'\r')) {
        return Err(HeadError::ControlCharacter);
    }
    let (name, _) = split_at_byte(line, b':');
    if could_frame(name) { Err(HeadError::FieldName) } else { Ok(false) }
}

/// Whether a malformed name could be meant as the name of a field that frames the body.
fn could_frame(name: &[u8]) -> bool {
    let start = name.iter().position(|&byte| is_token_byte(byte)).unwrap_or(name.len());
    let name = name.get(start..).unwrap_or_default();
    let end = name.iter().position(|&byte| !is_token_byte(byte)).unwrap_or(name.len());
    is_one_of(name.get(..end).unwrap_or_default(), &["Content-Length", "Transfer-Encoding"])
}

/// Parses `HTTP/1.x NNN reason`. The range of the reason counts from the start of the line.
fn parse_status_line(line: &[u8]) -> Result<(u8, u16, Range<usize>), HeadError> {
    let rest = line.strip_prefix(b"HTTP/1.").ok_or(HeadError::NotHttp1)?;
    let [minor @ b'0'..=b'9', b' ', rest @ ..] = rest else {
        return Err(HeadError::StatusLine);
    };
    let (code, reason) = rest.split_at_checked(3).ok_or(HeadError::StatusLine)?;
    let Some(code @ 100..=999) = parse_decimal(code) else {
        return Err(HeadError::StatusLine);
    };
    // Some servers send neither a reason nor the space before it.
    let reason = match reason {
        [] => reason,
        [b' ' | b'\t', reason @ ..] => reason,
        _ => return Err(HeadError::StatusLine),
    };
    if !is_field_value(reason) {
        return Err(HeadError::ControlCharacter);
    }
    Ok((minor - b'0', code as u16, line.len() - reason.len()..line.len()))
}

/// Replaces the bytes that are not UTF-8 by `?`.
fn make_text(bytes: &mut [u8]) {
    let mut start = 0;
    while let Some(rest) = bytes.get_mut(start..)
        && let Err(error) = core::str::from_utf8(rest)
        && let Some(byte) = rest.get_mut(error.valid_up_to())
    {
        *byte = b'?';
        start += error.valid_up_to() + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The parts of a head as text, or the error.
    fn parsed(text: &str) -> Result<(u8, u16, String, String), HeadError> {
        let mut bytes = text.as_bytes().to_vec();
        let end = HeadScanner::default().find_end(&bytes)?.expect("a complete head");
        let head = parse(&mut bytes[..end])?;
        assert_eq!(head.end, end);
        let part = |range: Range<usize>| String::from_utf8(bytes[range].to_vec()).unwrap();
        Ok((head.minor_version, head.status_code, part(head.reason), part(head.headers)))
    }

    fn status(text: &str) -> Result<(u8, u16, String), HeadError> {
        parsed(&format!("{text}\r\n\r\n")).map(|(minor, code, reason, _)| (minor, code, reason))
    }

    #[test]
    fn status_lines() {
        for (line, minor, code, reason) in [
            ("HTTP/1.1 200 OK", 1, 200, "OK"),
            ("HTTP/1.0 404 Not Found", 0, 404, "Not Found"),
            ("HTTP/1.1 999 ", 1, 999, ""),
            ("HTTP/1.1 301", 1, 301, ""),
            ("HTTP/1.1 200  two spaces", 1, 200, " two spaces"),
            ("HTTP/1.1 500 Oriëntatie", 1, 500, "Oriëntatie"),
        ] {
            assert_eq!(status(line), Ok((minor, code, reason.to_owned())), "{line}");
        }
    }

    #[test]
    fn malformed_status_lines() {
        for (line, error) in [
            ("HTTP/2 200", HeadError::NotHttp1),
            ("HTTP/11.1 200 OK", HeadError::NotHttp1),
            ("ICY 200 OK", HeadError::NotHttp1),
            ("http/1.1 200 OK", HeadError::NotHttp1),
            ("HTTP/1.01 200 OK", HeadError::StatusLine),
            ("HTTP/1. 200 OK", HeadError::StatusLine),
            ("HTTP/1.1  200 OK", HeadError::StatusLine),
            ("HTTP/1.1\t200 OK", HeadError::StatusLine),
            ("HTTP/1.1 20 OK", HeadError::StatusLine),
            ("HTTP/1.1 099 OK", HeadError::StatusLine),
            ("HTTP/1.1 2000 OK", HeadError::StatusLine),
            ("HTTP/1.1 -20 OK", HeadError::StatusLine),
            ("HTTP/1.1 200X", HeadError::StatusLine),
            ("HTTP/1.1 200 \0", HeadError::ControlCharacter),
            ("HTTP/1.1 200 OK\rX", HeadError::ControlCharacter),
        ] {
            assert_eq!(status(line), Err(error), "{line:?}");
        }
    }

    #[test]
    fn malformed_header_lines() {
        for (lines, error) in [
            ("Content-Length : 5", HeadError::FieldName),
            ("content-length\t: 5", HeadError::FieldName),
            ("Content-Length", HeadError::FieldName),
            ("Content-Length 5", HeadError::FieldName),
            ("\"Content-Length\": 5", HeadError::FieldName),
            ("Content-Length: \u{b}5", HeadError::FieldName),
            ("Transfer-Encoding: chunked\u{7f}", HeadError::FieldName),
            ("Transfer-Encoding : chunked", HeadError::FieldName),
            ("Transfer-Encoding\u{b}: chunked", HeadError::FieldName),
            ("\u{1}Transfer-Encoding: chunked", HeadError::FieldName),
            ("A: 1\r\n\u{a0}Transfer-Encoding: chunked", HeadError::FieldName),
            ("A: b\0c", HeadError::ControlCharacter),
            ("A: b\rB: c", HeadError::ControlCharacter),
            ("A : b\0c", HeadError::ControlCharacter),
            ("A\0: b", HeadError::ControlCharacter),
            ("no colon\0", HeadError::ControlCharacter),
            ("no colon\rB: c", HeadError::ControlCharacter),
            ("A\rB: c", HeadError::ControlCharacter),
            (" A: folded", HeadError::Fold),
        ] {
            let text = format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n");
            assert_eq!(parsed(&text).map(|_| ()), Err(error), "{lines:?}");
        }
    }

    #[test]
    fn lines_that_are_no_header_fields_are_taken_out() {
        for line in [
            "no colon",
            ": no name",
            "Name : x",
            "Name\t: x",
            "Two words: x",
            "PHP Warning  Module already loaded",
            "HTTP/1.1 200 OK",
            "\u{fc}ber: x",
            "(Name): x",
            "X-Content-Length : 5",
            "Name : x\r\n and more",
            "\u{1b}[31mWarning\u{1b}[0m",
            "Name: \u{1}",
            "Name: \u{1b}[31mvalue\u{1b}[0m",
            "Set-Cookie: a=\u{c}b",
            "Content-Length-Hint: \u{7f}",
        ] {
            for (before, behind) in [("", ""), ("A: b\r\n", ""), ("", "C: d\r\n"), ("A: b\r\n", "C: d\n")] {
                let text = format!("HTTP/1.1 200 OK\r\n{before}{line}\r\n{behind}\r\n");
                let (.., headers) = parsed(&text).unwrap();
                assert_eq!(headers, format!("{before}{behind}"), "{text:?}");
            }
        }
        let (.., headers) = parsed("HTTP/1.1 200 OK\r\nx\r\nA: b\r\ny\r\nz\r\nC: d\r\n\r\n").unwrap();
        assert_eq!(headers, "A: b\r\nC: d\r\n");
    }

    #[test]
    fn a_folded_line_becomes_one() {
        let (.., headers) = parsed("HTTP/1.1 200 OK\r\nA: b\r\n \tc\r\nD: e\n f\r\n\r\n").unwrap();
        assert_eq!(headers, "A: b   \tc\r\nD: e  f\r\n");
    }

    #[test]
    fn line_feeds_alone_end_lines() {
        let head = parsed("HTTP/1.1 200 OK\nA: b\n\n").unwrap();
        assert_eq!(head, (1, 200, "OK".to_owned(), "A: b\n".to_owned()));
    }

    #[test]
    fn a_reason_that_is_not_text_is_made_text() {
        let mut bytes = *b"HTTP/1.1 200 a\xffb\r\n\r\n";
        let head = parse(&mut bytes).unwrap();
        assert_eq!(&bytes[head.reason], b"a?b");
    }

    #[test]
    fn the_end_is_found_however_the_bytes_arrive() {
        let text = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody\r\n\r\n";
        let end = text.len() - 8;
        let mut scanner = HeadScanner::default();
        for length in 0..end {
            assert_eq!(scanner.find_end(&text[..length]), Ok(None), "{length}");
        }
        assert_eq!(scanner.find_end(&text[..end]), Ok(Some(end)));
    }

    #[test]
    fn what_is_not_http_is_known_by_its_first_byte() {
        assert_eq!(HeadScanner::default().find_end(b"S"), Err(HeadError::NotHttp1));
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(bytes: Vec<u8>, start in prop::bool::ANY) {
            let mut head = if start { b"HTTP/1.1 200 OK\r\n".to_vec() } else { Vec::new() };
            head.extend(bytes);
            let _ = parse(&mut head);
        }
    }
}
