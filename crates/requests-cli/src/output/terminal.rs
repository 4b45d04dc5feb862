// SPDX-License-Identifier: Apache-2.0
//! Makes text from the server safe for a terminal, which would execute control characters.

use std::io::{self, Write};

/// Whether a terminal may do more with `c` than show it: control characters of ASCII and
/// ISO-8859-1, and characters that change the direction of text.
pub fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns `text`, a part of one line, with U+FFFD instead of harmful characters. Tabs stay.
pub fn harmless(text: &str) -> String {
    text.chars().map(|c| if is_harmful(c) && c != '\t' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Makes lines of text safe that arrive in pieces.
#[derive(Default)]
pub struct Filter {
    /// The start of an incomplete character, or a carriage return.
    pending: Vec<u8>,
}

impl Filter {
    /// Returns the safe text of the next piece, as far as its characters are complete.
    pub fn piece(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let bytes = std::mem::take(&mut self.pending);
        let mut text = String::with_capacity(bytes.len());
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (valid, invalid) = match std::str::from_utf8(rest) {
                Ok(valid) => (valid, Some(0)),
                Err(error) => {
                    let (valid, _) = rest.split_at(error.valid_up_to());
                    (std::str::from_utf8(valid).unwrap_or_default(), error.error_len())
                }
            };
            rest = rest.get(valid.len()..).unwrap_or_default();
            let ends = rest.is_empty();
            let mut chars = valid.chars().peekable();
            while let Some(c) = chars.next() {
                match (c, chars.peek()) {
                    ('\r', Some('\n')) => text.push(c),
                    ('\r', None) if ends => self.pending.push(b'\r'),
                    ('\n' | '\t', _) => text.push(c),
                    _ if is_harmful(c) => text.push(char::REPLACEMENT_CHARACTER),
                    _ => text.push(c),
                }
            }
            match invalid {
                Some(0) => {}
                Some(count) => {
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = rest.get(count..).unwrap_or_default();
                }
                None => {
                    self.pending.extend_from_slice(rest);
                    rest = b"";
                }
            }
        }
        text
    }

    /// Returns the rest at the end.
    pub fn end(&mut self) -> &'static str {
        if std::mem::take(&mut self.pending).is_empty() { "" } else { "\u{fffd}" }
    }
}

/// Writes lines of text to a terminal safely.
pub struct Harmless<W: Write> {
    terminal: W,
    filter: Filter,
}

impl<W: Write> Harmless<W> {
    /// Writes to `terminal`.
    pub fn new(terminal: W) -> Self {
        Self { terminal, filter: Filter::default() }
    }
}

impl<W: Write> Write for Harmless<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.terminal.write_all(self.filter.piece(bytes).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.terminal.flush()
    }
}

impl<W: Write> Drop for Harmless<W> {
    fn drop(&mut self) {
        let _ = self.terminal.write_all(self.filter.end().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text that a terminal sees of `bytes` that arrive in pieces of `size`.
    fn shown(bytes: &[u8], size: usize) -> String {
        let mut terminal = Vec::new();
        let mut harmless = Harmless::new(&mut terminal);
        bytes.chunks(size).for_each(|piece| harmless.write_all(piece).unwrap());
        drop(harmless);
        String::from_utf8(terminal).unwrap()
    }

    #[test]
    fn no_control_character_is_left() {
        for code in (0..0x20).chain(0x7f..0xa0) {
            let c = char::from_u32(code).unwrap();
            let expected = if c == '\t' { '\t' } else { char::REPLACEMENT_CHARACTER };
            assert_eq!(harmless(&format!("a{c}b")), format!("a{expected}b"));
        }
        assert_eq!(harmless("a\u{202e}b\u{2066}\u{200f}é😀"), "a\u{fffd}b\u{fffd}\u{fffd}é😀");
    }

    #[test]
    fn lines_stay_lines_in_pieces_of_any_size() {
        for (bytes, expected) in [
            (&b"a\tb\r\nc\n"[..], "a\tb\r\nc\n"),
            ("é€😀\u{200d}\u{a0}".as_bytes(), "é€😀\u{200d}\u{a0}"),
            (b"\x1b[2J\x07\0", "\u{fffd}[2J\u{fffd}\u{fffd}"),
            ("\u{9b}31m\u{85}\u{90}".as_bytes(), "\u{fffd}31m\u{fffd}\u{fffd}"),
            (b"\x9b31m", "\u{fffd}31m"),
            (b"caf\xe9 \xe2\x82 x", "caf\u{fffd} \u{fffd} x"),
            (b"a\rb\r\r\n\r", "a\u{fffd}b\u{fffd}\r\n\u{fffd}"),
            (b"\r\xff\xe2\x82", "\u{fffd}\u{fffd}\u{fffd}"),
            ("\u{202e}x".as_bytes(), "\u{fffd}x"),
            (b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
        ] {
            for size in 1..=bytes.len() {
                assert_eq!(shown(bytes, size), expected, "{} by {size}", bytes.escape_ascii());
            }
        }
        assert_eq!(shown(b"", 1), "");
    }
}
