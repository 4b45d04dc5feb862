// SPDX-License-Identifier: Apache-2.0
//! Splits content into lines while it arrives.

use core::ops::Range;

/// The position of a line in the bytes received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line without its line end.
    pub text: Range<usize>,
    /// The number of bytes consumed. Do not pass them again.
    pub consumed: usize,
}

/// Finds lines that end with LF, CR LF or CR, as in Python's `iter_lines` and in server-sent events
/// (WHATWG HTML §9.2.5).
///
/// A line that ends with CR is returned at once, although an LF may follow that belongs to the line
/// end: after an event, a server may not send another byte for hours.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    after_cr: bool,
    scanned: usize,
}

impl Lines {
    /// Returns the number of bytes of `received` that belong to the end of the previous line: 1 if
    /// that ended with CR, and `received` starts with LF. The next call must pass the bytes behind
    /// them.
    pub fn skip_line_feed(&mut self, received: &[u8]) -> usize {
        let has_line_feed = self.after_cr && received.first() == Some(&b'\n');
        if has_line_feed {
            *self = Self::default();
        }
        usize::from(has_line_feed)
    }

    /// Returns the next line of `received`, or `None` while it is incomplete. The next call must
    /// pass the same bytes and more behind them. After a line, it must pass the bytes behind those
    /// consumed.
    ///
    /// `ended` means that no bytes will follow. The remaining bytes are a line then, and `None`
    /// means that there are none.
    pub fn next(&mut self, received: &[u8], ended: bool) -> Option<Line> {
        let start = usize::from(self.after_cr && received.first() == Some(&b'\n'));
        let scanned = self.scanned.max(start);
        let rest = received.get(scanned..).unwrap_or_default();
        let Some(length) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            self.scanned = received.len();
            if !ended || received.len() <= start {
                return None;
            }
            *self = Self::default();
            return Some(Line { text: start..received.len(), consumed: received.len() });
        };
        let end = scanned + length;
        let cr = received.get(end) == Some(&b'\r');
        let crlf = cr && received.get(end + 1) == Some(&b'\n');
        *self = Self { after_cr: cr && !crlf, scanned: 0 };
        Some(Line { text: start..end, consumed: end + 1 + usize::from(crlf) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of bytes that arrive in pieces of `step` bytes.
    fn lines(bytes: &[u8], step: usize) -> Vec<&[u8]> {
        let mut finder = Lines::default();
        let mut found = Vec::new();
        let (mut start, mut end) = (0, 0);
        loop {
            match finder.next(&bytes[start..end], end == bytes.len()) {
                Some(line) => {
                    found.push(&bytes[start..][line.text]);
                    start += line.consumed;
                }
                None if end == bytes.len() => return found,
                None => end = (end + step).min(bytes.len()),
            }
        }
    }

    #[test]
    fn every_line_end_at_every_split() {
        for (bytes, expected) in [
            ("", &[][..]),
            ("\n", &[""]),
            ("\r", &[""]),
            ("\r\n", &[""]),
            ("\n\r", &["", ""]),
            ("\r\r\n\n", &["", "", ""]),
            ("a", &["a"]),
            ("a\n", &["a"]),
            ("a\nb", &["a", "b"]),
            ("a\r\nb\r\n", &["a", "b"]),
            ("a\rb\r", &["a", "b"]),
            ("a\r\n\r\nb", &["a", "", "b"]),
            ("a\x0bb\x0cc\u{85}d", &["a\x0bb\x0cc\u{85}d"]),
        ] {
            for step in 1..=bytes.len().max(1) {
                let found = lines(bytes.as_bytes(), step);
                assert!(
                    found.iter().copied().eq(expected.iter().map(|line| line.as_bytes())),
                    "{bytes:?} {step}"
                );
            }
        }
    }

    #[test]
    fn a_line_that_ends_in_cr_does_not_wait() {
        let mut finder = Lines::default();
        assert_eq!(finder.next(b"a\r", false), Some(Line { text: 0..1, consumed: 2 }));
        assert_eq!(finder.next(b"", false), None);
        assert_eq!(finder.next(b"\n", false), None);
        assert_eq!(finder.next(b"\nb\n", false), Some(Line { text: 1..2, consumed: 3 }));
    }

    #[test]
    fn a_line_feed_left_over_is_no_line() {
        let mut finder = Lines::default();
        assert_eq!(finder.next(b"a\r", false), Some(Line { text: 0..1, consumed: 2 }));
        assert_eq!(finder.next(b"\n", true), None);
    }
}
