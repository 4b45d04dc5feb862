// SPDX-License-Identifier: Apache-2.0
//! The status line and header section of a response (RFC 9112 §4 and §5).
//!
//! This parser works in place in the caller's buffer, so it needs no array of headers and has no
//! limit on their number. It replaces folded lines as RFC 9112 §5.2 says. It can resume at the byte
//! where the last piece ended. `docs/design.md` compares it with `httparse`.

use core::fmt;
use core::ops::Range;

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
    /// The reason phrase, without white space at its end. It may be empty.
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

/// Parses a head in place while its bytes arrive.
///
/// Folded header lines are joined by spaces. Bytes of the reason that are not UTF-8 are replaced by `?`.
///
/// A line that is not a header field is replaced by spaces behind the line before it, for example a warning that a
/// script printed into its head. So is a field whose name is not a token directly followed by the colon, or whose value
/// contains a control character (RFC 9110 §5.5). But if such a line could be a field that frames the body, the head is
/// refused: the length of a body is never guessed.
///
/// What has been parsed is still a head with the same fields, so another parser may start again with it.
#[derive(Debug, Default)]
pub struct HeadParser {
    /// The parts so far. `end` is where the current line starts.
    head: ResponseHead,
    /// Bytes that have been searched for the end of the line.
    scanned: usize,
}

impl HeadParser {
    /// Parses the head at the start of `received`, or returns `None` if it is incomplete. The next call must pass the
    /// same bytes and more behind them.
    ///
    /// # Errors
    /// [`HeadError`] says what is wrong, as soon as the line has arrived, and [`HeadError::NotHttp1`] as soon as the
    /// bytes cannot be the start of an HTTP/1 response.
    pub fn parse(&mut self, received: &mut [u8]) -> Result<Option<ResponseHead>, HeadError> {
        const START: &[u8] = b"HTTP/1.";
        if !START.starts_with(received) && !received.starts_with(START) {
            return Err(HeadError::NotHttp1);
        }
        while let Some(rest) = received.get(self.scanned..)
            && let Some(length) = find_byte(b'\n', rest)
        {
            let start = self.head.end;
            let line_feed = self.scanned + length;
            let next = line_feed + 1;
            let end = content_end(received, line_feed);
            let line = received.get(start..end).unwrap_or_default();
            if line.is_empty() {
                self.head.headers.end = start;
                self.head.end = next;
                return Ok(Some(core::mem::take(&mut self.head)));
            }
            if start == 0 {
                self.parse_status_line(line)?;
                make_text(received.get_mut(self.head.reason.clone()).unwrap_or_default());
                self.head.headers.start = next;
            } else {
                match received.get(next) {
                    // White space would continue the line.
                    None => {
                        self.scanned = line_feed;
                        return Ok(None);
                    }
                    Some(b' ' | b'\t') => {
                        blank(received, end..next);
                        self.scanned = next;
                        continue;
                    }
                    Some(_) if is_field_line(line)? => {}
                    Some(_) => {
                        blank(received, content_end(received, start - 1)..end);
                        if self.head.headers.start == start {
                            self.head.headers.start = next;
                        }
                    }
                }
            }
            self.scanned = next;
            self.head.end = next;
        }
        self.scanned = received.len();
        Ok(None)
    }

    /// Parses `HTTP/1.x NNN reason`.
    fn parse_status_line(&mut self, line: &[u8]) -> Result<(), HeadError> {
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
        self.head.minor_version = minor - b'0';
        self.head.status_code = code as u16;
        let start = line.len() - reason.len();
        self.head.reason = start..start + reason.trim_ascii_end().len();
        Ok(())
    }
}

/// Where the content of the line ends whose LF is at `line_feed`. A lone LF ends a line too (RFC 9112 §2.2).
fn content_end(text: &[u8], line_feed: usize) -> usize {
    match line_feed.checked_sub(1) {
        Some(last) if text.get(last) == Some(&b'\r') => last,
        _ => line_feed,
    }
}

/// Replaces the bytes of `range` by spaces, so that it is white space at the end of a line or inside it.
fn blank(text: &mut [u8], range: Range<usize>) {
    text.get_mut(range).unwrap_or_default().fill(b' ');
}

/// Whether `line`, without its end, is a header field.
fn is_field_line(line: &[u8]) -> Result<bool, HeadError> {
    // It is the first: behind another, it would have been joined to that.
    if matches!(line, [b' ' | b'\t', ..]) {
        return Err(HeadError::Fold);
    }
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
    use crate::proto::header::HeaderFields;
    use proptest::prelude::*;

    /// The parts of a head as text, or the error.
    fn parsed(text: &str) -> Result<(u8, u16, String, String), HeadError> {
        let mut bytes = text.as_bytes().to_vec();
        let head = HeadParser::default().parse(&mut bytes)?.expect("a complete head");
        let part = |range: Range<usize>| String::from_utf8(bytes[range].to_vec()).unwrap();
        Ok((head.minor_version, head.status_code, part(head.reason), part(head.headers)))
    }

    fn fields(headers: &str) -> Vec<(&str, &[u8])> {
        HeaderFields::new(headers.as_bytes()).map(|field| (field.name, field.value)).collect()
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
                let (_, _, reason, headers) = parsed(&text).unwrap();
                assert_eq!(reason, "OK");
                assert_eq!(fields(&headers), fields(&format!("{before}{behind}")), "{text:?}");
            }
        }
        let (.., headers) = parsed("HTTP/1.1 200 OK\r\nx\r\nA: b\r\ny\r\nz\r\nC: d\r\n\r\n").unwrap();
        assert_eq!(headers, "A: b      \r\nC: d\r\n");
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
        let head = HeadParser::default().parse(&mut bytes).unwrap().unwrap();
        assert_eq!(&bytes[head.reason], b"a?b");
    }

    /// The head is complete with its last byte, and a line that continues is not taken for a complete one.
    #[test]
    fn the_head_is_the_same_however_the_bytes_arrive() {
        let text = b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nno field\r\n and more\r\nD: e\r\n\r\nbody\r\n\r\n";
        let end = text.len() - 8;
        let mut whole = *text;
        let head = HeadParser::default().parse(&mut whole).unwrap().unwrap();
        assert_eq!(head.end, end);
        let mut bytes = *text;
        let mut parser = HeadParser::default();
        for length in 0..end {
            assert_eq!(parser.parse(&mut bytes[..length]), Ok(None), "{length}");
        }
        assert_eq!(parser.parse(&mut bytes[..end]), Ok(Some(head)));
        assert_eq!(bytes, whole);
    }

    /// After a part of a head, or all of it, another parser begins again with the same bytes.
    #[test]
    fn what_was_parsed_can_be_parsed_again() {
        let text = b"HTTP/1.1 200 OK\r\njunk\r\nA: b\r\n c\r\njunk\r\n more\r\njunk\r\nD: e\r\n\r\n";
        for length in 0..=text.len() {
            let mut bytes = *text;
            HeadParser::default().parse(&mut bytes[..length]).unwrap();
            let head = HeadParser::default().parse(&mut bytes).unwrap().unwrap();
            assert_eq!((head.status_code, head.end), (200, text.len()));
            assert_eq!(&bytes[head.reason], b"OK");
            let headers = std::str::from_utf8(&bytes[head.headers]).unwrap();
            assert_eq!(fields(headers), [("A", &b"b   c"[..]), ("D", b"e")], "{length}");
        }
    }

    #[test]
    fn an_error_is_known_as_soon_as_its_line_is_complete() {
        let parse = |text: &str| HeadParser::default().parse(&mut text.as_bytes().to_vec());
        assert_eq!(parse("S"), Err(HeadError::NotHttp1));
        assert_eq!(parse("HTTP/1.1 20"), Ok(None));
        assert_eq!(parse("HTTP/1.1 20 OK\r\n"), Err(HeadError::StatusLine));
        assert_eq!(parse("HTTP/1.1 200 OK\r\nA\0: b\r\n"), Ok(None));
        assert_eq!(parse("HTTP/1.1 200 OK\r\nA\0: b\r\nC"), Err(HeadError::ControlCharacter));
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(bytes: Vec<u8>, start in prop::bool::ANY) {
            let mut head = if start { b"HTTP/1.1 200 OK\r\n".to_vec() } else { Vec::new() };
            head.extend(bytes);
            let _ = HeadParser::default().parse(&mut head);
        }
    }
}
