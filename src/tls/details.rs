// SPDX-License-Identifier: Apache-2.0
//! The names and dates of a refused certificate, in the caller's buffer.

use core::fmt;

/// The names or dates that belong to an error: a text at the start of the caller's buffer.
///
/// The text is too long for an error, which is copied often. So a failed handshake writes it to the buffer, and
/// the error contains its length and checksum. If the buffer was used for something else since, the text is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Details {
    len: u8,
    sum: [u8; 2],
}

impl Details {
    /// No text.
    pub const NONE: Self = Self { len: 0, sum: [0; 2] };

    /// The longest text in bytes. If a text is longer, its end is replaced by `...`.
    pub const MAX: usize = 160;

    /// The text, if `buffer` still begins with it. It contains only printable ASCII. All other bytes of a
    /// certificate, which can be an attacker's, are replaced by `?`.
    #[must_use]
    pub fn text<'b>(&self, buffer: &'b [u8]) -> Option<&'b str> {
        let text = buffer.get(..usize::from(self.len)).filter(|text| !text.is_empty())?;
        let is_it = text.iter().all(|byte| is_printable(*byte)) && sum(text) == self.sum;
        core::str::from_utf8(text).ok().filter(|_| is_it)
    }
}

const fn is_printable(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e)
}

/// A checksum of 16 bits: FNV-1a, folded.
fn sum(text: &[u8]) -> [u8; 2] {
    let hash =
        text.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    ((hash >> 16 ^ hash) as u16).to_be_bytes()
}

/// The end of a text that was too long.
const MARK: [u8; 3] = *b"...";

/// Writes details to the start of a buffer.
#[cfg_attr(tls_sockets, allow(dead_code, reason = "secure sockets tell no details"))]
pub(super) struct DetailsWriter<'b> {
    buffer: &'b mut [u8],
    len: usize,
}

#[cfg_attr(tls_sockets, allow(dead_code, reason = "secure sockets tell no details"))]
impl<'b> DetailsWriter<'b> {
    pub(super) fn new(buffer: &'b mut [u8]) -> Self {
        let len = if buffer.len() < MARK.len() { 0 } else { buffer.len().min(Details::MAX) };
        Self { buffer: buffer.get_mut(..len).unwrap_or_default(), len: 0 }
    }

    /// Appends a text. If it does not fit, its end is replaced by [`MARK`].
    pub(super) fn push(&mut self, text: &[u8]) {
        let free = self.buffer.get_mut(self.len..).unwrap_or_default();
        for (place, byte) in free.iter_mut().zip(text) {
            *place = if is_printable(*byte) { *byte } else { b'?' };
        }
        let is_cut = text.len() > free.len();
        self.len += text.len().min(free.len());
        if is_cut && let Some(end) = self.buffer.last_chunk_mut() {
            *end = MARK;
        }
    }

    /// The length and checksum of the text.
    pub(super) fn finish(self) -> Details {
        let text = self.buffer.get(..self.len).unwrap_or_default();
        Details { len: self.len as u8, sum: sum(text) }
    }

    /// Writes one text, and returns its length and checksum.
    pub(super) fn write(buffer: &'b mut [u8], text: &[u8]) -> Details {
        let mut writer = Self::new(buffer);
        writer.push(text);
        writer.finish()
    }

    /// As [`write`](Self::write).
    pub(super) fn format(buffer: &'b mut [u8], text: fmt::Arguments<'_>) -> Details {
        let mut writer = Self::new(buffer);
        let _ = fmt::write(&mut writer, text);
        writer.finish()
    }
}

impl fmt::Write for DetailsWriter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::String;
    use std::vec;

    use super::*;

    #[test]
    fn a_text_is_found_where_it_was_written_and_nowhere_else() {
        let mut buffer = [0; 64];
        let details = DetailsWriter::write(&mut buffer, b"a.example, b.example");
        assert_eq!(details.text(&buffer), Some("a.example, b.example"));
        for index in 0..20 {
            let mut used = buffer;
            used[index] ^= 1;
            assert_eq!(details.text(&used), None, "{index}");
        }
        assert_eq!([details.text(&buffer[..19]), details.text(&buffer[1..]), details.text(&[])], [None; 3]);
        assert_eq!(Details::NONE.text(&buffer), None);
    }

    #[test]
    fn wild_texts_are_tamed() {
        let mut buffer = [0; 64];
        let details = DetailsWriter::write(&mut buffer, b"a\n\x1b[1m\xc3\xa4");
        assert_eq!(details.text(&buffer), Some("a??[1m??"));
        // What was not written by this is not shown either, whatever its sum.
        let details = Details { len: 1, sum: sum(b"\n") };
        assert_eq!(details.text(b"\n"), None);
    }

    #[test]
    fn long_texts_are_cut_where_the_room_ends() {
        for room in [0, 2, 3, 5, 159, 160, 161, 1000] {
            let mut buffer = vec![0; room];
            let mut writer = DetailsWriter::new(&mut buffer);
            writer.push(&[b'x'; 100]);
            writer.push(&[b'x'; 60]);
            let details = writer.finish();
            let expected = match room {
                0 | 2 => None,
                3..160 => Some("x".repeat(room - 3) + "..."),
                _ => Some("x".repeat(160)),
            };
            assert_eq!(details.text(&buffer).map(String::from), expected, "{room}");
        }
        let mut buffer = vec![0; 200];
        let details = DetailsWriter::format(&mut buffer, format_args!("{:200}", "y"));
        assert!(details.text(&buffer).is_some_and(|text| text.len() == 160 && text.ends_with(" ...")));
        assert!(buffer[160..].iter().all(|byte| *byte == 0));
    }
}
