// SPDX-License-Identifier: Apache-2.0
//! The chunked transfer coding (RFC 9112 §7.1).

use core::fmt;
#[cfg(feature = "std")]
use core::ops::Range;

use crate::proto::bytes::{copy, move_within};
use crate::proto::hex;
use crate::proto::write::{Write, at_most};

/// What is wrong with a chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChunkError {
    /// The size of a chunk is not a hexadecimal number, or does not fit in 64 bits.
    Size,
    /// The text behind the size of a chunk is not an extension, or contains NUL or a line feed.
    Extension,
    /// The data of a chunk is not followed by CR LF, or a CR in the line of its size is not
    /// followed by LF.
    LineEnd,
    /// A trailer field contains NUL or a bare CR.
    Trailer,
}

impl fmt::Display for ChunkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Size => "malformed chunk size",
            Self::Extension => "malformed chunk extension",
            Self::LineEnd => "CR LF is missing",
            Self::Trailer => "malformed trailer field",
        })
    }
}

impl core::error::Error for ChunkError {}

/// Removes the framing from a chunked body. The body may arrive in pieces of any length.
///
/// Chunk extensions (RFC 9112 §7.1.1) and trailer fields (RFC 9112 §7.1.2) are ignored. Spaces and
/// tabs behind a size are ignored too, because servers on small devices pad each size to a fixed
/// width.
#[derive(Debug, Clone, Default)]
pub struct ChunkedDecoder {
    state: State,
    /// The size while it is parsed, then the number of bytes missing from the chunk.
    remaining: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Before the first digit of a size.
    #[default]
    SizeStart,
    Size,
    /// In the white space behind a size.
    Padding,
    /// Behind `;`.
    Extension,
    SizeLineFeed,
    Data,
    DataCarriageReturn,
    DataLineFeed,
    /// At the start of a line of the trailer section.
    TrailerStart,
    Trailer,
    TrailerLineFeed,
    EndLineFeed,
    End,
}

/// The result of [`ChunkedDecoder::decode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoded {
    /// The number of bytes of content, which are now at the start of the piece.
    pub content: usize,
    /// The number of bytes of the piece that belong to the body: all, unless the body has ended.
    pub consumed: usize,
}

impl ChunkedDecoder {
    /// Decodes the next piece of the body in place.
    ///
    /// # Errors
    /// [`ChunkError`] says what is wrong. The rest of the body cannot be decoded then.
    pub fn decode(&mut self, piece: &mut [u8]) -> Result<Decoded, ChunkError> {
        let mut read = 0;
        let mut written = 0;
        while self.state != State::End
            && let Some(&byte) = piece.get(read)
        {
            #[cfg(feature = "std")]
            if self.state == State::SizeStart {
                let start = read;
                while let Some(data) = small_chunk(piece, read) {
                    let (len, end) = (data.len(), data.end);
                    match piece.get(data.clone()) {
                        // To call memmove would take as long as all else.
                        Some(&[byte]) => copy(piece.get_mut(written..).unwrap_or_default(), &[byte]),
                        _ => move_within(piece, data, written),
                    }
                    written += len;
                    read = end + 2;
                }
                if read != start {
                    continue;
                }
            }
            if self.state == State::Data {
                let count = at_most(piece.len() - read, self.remaining);
                move_within(piece, read..read + count, written);
                written += count;
                read += count;
                self.remaining -= count as u64;
                if self.remaining == 0 {
                    self.state = State::DataCarriageReturn;
                }
            } else {
                self.state = self.step(byte)?;
                read += 1;
            }
        }
        Ok(Decoded { content: written, consumed: read })
    }

    /// Whether the last chunk and the trailer section have been decoded.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.state == State::End
    }

    /// The number of bytes of content that will certainly follow: the rest of the current chunk.
    #[must_use]
    pub fn announced(&self) -> u64 {
        if self.state == State::Data { self.remaining } else { 0 }
    }

    /// Returns the state after one byte of framing.
    fn step(&mut self, byte: u8) -> Result<State, ChunkError> {
        if matches!(self.state, State::SizeStart | State::Size)
            && let Some(digit) = hex::value(byte)
        {
            if self.remaining >> 60 != 0 {
                return Err(ChunkError::Size);
            }
            self.remaining = self.remaining << 4 | u64::from(digit);
            return Ok(State::Size);
        }
        for &(from, accepted, to) in &TRANSITIONS {
            if from == self.state && accepted == byte {
                let is_last = to == State::Data && self.remaining == 0;
                return Ok(if is_last { State::TrailerStart } else { to });
            }
        }
        match self.state {
            State::Extension if !matches!(byte, b'\n' | 0) => Ok(State::Extension),
            State::TrailerStart | State::Trailer if byte != 0 => Ok(State::Trailer),
            State::Padding | State::Extension => Err(ChunkError::Extension),
            State::SizeLineFeed | State::DataCarriageReturn | State::DataLineFeed => Err(ChunkError::LineEnd),
            State::TrailerStart | State::Trailer | State::TrailerLineFeed | State::EndLineFeed => {
                Err(ChunkError::Trailer)
            }
            // `decode` handles the last two itself.
            State::SizeStart | State::Size | State::Data | State::End => Err(ChunkError::Size),
        }
    }
}

/// The place of the data of the chunk at `start`, if the chunk is complete, shorter than 256 bytes, and has neither
/// padding nor extensions. This takes less time than [`step`](ChunkedDecoder::step) for each byte, and more flash.
#[cfg(feature = "std")]
fn small_chunk(piece: &[u8], start: usize) -> Option<Range<usize>> {
    let &[first, second, third, fourth] = piece.get(start..)?.first_chunk()?;
    let first = usize::from(hex::value(first)?);
    let (data, size) = match (second, third, fourth) {
        (b'\r', b'\n', _) => (start + 3, first),
        (second, b'\r', b'\n') => (start + 4, first << 4 | usize::from(hex::value(second)?)),
        _ => return None,
    };
    let end = data + size;
    // An empty chunk ends the body.
    (size != 0 && piece.get(end..end + 2) == Some(b"\r\n")).then_some(data..end)
}

/// The bytes of framing that lead from one state to another. `step` handles the rest: the digits of
/// a size, the bytes of extensions and trailer fields, and the step from the last chunk to the
/// trailer section.
static TRANSITIONS: [(State, u8, State); 18] = {
    use State::{
        Data, DataCarriageReturn, DataLineFeed, End, EndLineFeed, Extension, Padding, Size, SizeLineFeed,
        SizeStart, Trailer, TrailerLineFeed, TrailerStart,
    };
    [
        // The usual ones first.
        (Size, b'\r', SizeLineFeed),
        (SizeLineFeed, b'\n', Data),
        (DataCarriageReturn, b'\r', DataLineFeed),
        (DataLineFeed, b'\n', SizeStart),
        (Size, b';', Extension),
        (Size, b' ', Padding),
        (Size, b'\t', Padding),
        (Padding, b'\r', SizeLineFeed),
        (Padding, b';', Extension),
        (Padding, b' ', Padding),
        (Padding, b'\t', Padding),
        (Extension, b'\r', SizeLineFeed),
        // A lone LF ends a field line, but not the line of a chunk's size (RFC 9112 §2.2).
        (TrailerStart, b'\r', EndLineFeed),
        (TrailerStart, b'\n', End),
        (EndLineFeed, b'\n', End),
        (Trailer, b'\r', TrailerLineFeed),
        (Trailer, b'\n', TrailerStart),
        (TrailerLineFeed, b'\n', TrailerStart),
    ]
};

/// Sends each piece of a body as a chunk.
pub struct ChunkedWriter<'a> {
    out: &'a mut dyn Write,
}

impl<'a> ChunkedWriter<'a> {
    /// Writes chunks to `out`.
    pub fn new(out: &'a mut dyn Write) -> Self {
        Self { out }
    }

    /// Writes the last chunk and an empty trailer section.
    pub fn finish(self) {
        self.out.write(b"0\r\n\r\n");
    }
}

/// The most bytes of a size in hexadecimal, with CR LF.
const SIZE_LEN: usize = usize::BITS as usize / 4 + 2;

impl Write for ChunkedWriter<'_> {
    fn write(&mut self, bytes: &[u8]) {
        // An empty chunk would end the body.
        if bytes.is_empty() {
            return;
        }
        let (size, start) = size_line(bytes.len());
        self.out.write(size.get(start..).unwrap_or_default());
        self.out.write(bytes);
        self.out.write(b"\r\n");
    }

    fn room(&mut self) -> &mut [u8] {
        let room = self.out.room();
        let end = room.len().saturating_sub(2);
        room.get_mut(SIZE_LEN..end).unwrap_or_default()
    }

    fn advance(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        let (size, start) = size_line(count);
        let size = size.get(start..).unwrap_or_default();
        let room = self.out.room();
        // The data moves to where its size ends.
        let end = size.len() + count;
        if let Some(data) = room.get_mut(..SIZE_LEN + count) {
            move_within(data, SIZE_LEN..SIZE_LEN + count, size.len());
        }
        for (range, bytes) in [(0..size.len(), size), (end..end + 2, b"\r\n")] {
            if let Some(place) = room.get_mut(range) {
                copy(place, bytes);
            }
        }
        self.out.advance(end + 2);
    }

    fn is_broken(&self) -> bool {
        self.out.is_broken()
    }
}

/// The line in front of a chunk of `size` bytes, and where it starts in the array.
fn size_line(mut size: usize) -> ([u8; SIZE_LEN], usize) {
    let mut line = [b'\n'; SIZE_LEN];
    let mut start = SIZE_LEN;
    for (index, byte) in line.iter_mut().enumerate().rev().skip(1) {
        start = index;
        if index == SIZE_LEN - 2 {
            *byte = b'\r';
            continue;
        }
        *byte = hex::digit((size & 15) as u8);
        size >>= 4;
        if size == 0 {
            break;
        }
    }
    (line, start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;
    use proptest::prelude::*;

    /// Decodes `body` in pieces of `size` bytes. Returns the content, and the bytes behind its end.
    fn decode(body: &[u8], size: usize) -> Result<(Vec<u8>, Vec<u8>, bool), ChunkError> {
        let mut decoder = ChunkedDecoder::default();
        let mut content = Vec::new();
        let mut rest = Vec::new();
        for piece in body.chunks(size) {
            let mut piece = piece.to_vec();
            let decoded = decoder.decode(&mut piece)?;
            content.extend(&piece[..decoded.content]);
            rest.extend(&piece[decoded.consumed..]);
        }
        Ok((content, rest, decoder.is_complete()))
    }

    macro_rules! refused {
        ($($name:ident: $body:expr => $error:ident;)+) => {$(
            #[test]
            fn $name() {
                for size in [1, 3, 1000] {
                    assert_eq!(decode($body, size).map(|_| ()), Err(ChunkError::$error));
                }
            }
        )+};
    }

    refused! {
        size_with_plus: b"+5\r\nhello\r\n0\r\n\r\n" => Size;
        size_with_minus: b"-5\r\nhello\r\n0\r\n\r\n" => Size;
        size_with_prefix: b"0x5\r\nhello\r\n0\r\n\r\n" => Size;
        space_before_size: b" 5\r\nhello\r\n0\r\n\r\n" => Size;
        no_size: b"\r\nhello\r\n0\r\n\r\n" => Size;
        size_over_64_bits: b"10000000000000000\r\n" => Size;
        tab_before_size: b"\t5\r\nhello\r\n0\r\n\r\n" => Size;
        letter_behind_size: b"5x\r\nhello\r\n0\r\n\r\n" => Size;
        extension_without_semicolon: b"5 a\r\nhello\r\n0\r\n\r\n" => Extension;
        two_sizes: b"5 5\r\nhello\r\n0\r\n\r\n" => Extension;
        extension_with_nul: b"5;a=\0\r\nhello\r\n0\r\n\r\n" => Extension;
        size_ended_by_line_feed: b"5\nhello\r\n0\r\n\r\n" => Size;
        padding_ended_by_line_feed: b"5 \nhello\r\n0\r\n\r\n" => Extension;
        extension_ended_by_line_feed: b"5;a\nhello\r\n0\r\n\r\n" => Extension;
        carriage_return_in_extension: b"5;a\rb\r\nhello\r\n0\r\n\r\n" => LineEnd;
        data_too_long: b"5\r\nhello!\r\n0\r\n\r\n" => LineEnd;
        data_ended_by_line_feed: b"5\r\nhello\n0\r\n\r\n" => LineEnd;
        carriage_return_in_size_line: b"5\r\rhello" => LineEnd;
        trailer_with_nul: b"0\r\na: \0\r\n\r\n" => Trailer;
        trailer_that_starts_with_nul: b"0\r\n\0\r\n\r\n" => Trailer;
        carriage_return_in_trailer: b"0\r\na: b\rc: d\r\n\r\n" => Trailer;
        carriage_return_at_the_end: b"0\r\n\r\rx" => Trailer;
    }

    #[test]
    fn padding_extensions_and_trailers_of_any_form_are_ignored() {
        let lines = [
            "5 ",
            "5   ",
            "5\t",
            "5 \t ",
            "0005    ",
            "5;",
            "5;;",
            "5 ;",
            "5; ",
            "5;a ",
            "5;a=",
            "5;=",
            "5;a=b ",
            "5;a=\"b",
            "5;a=\"b\"c",
            "5;a=\\",
            "5; a = b ; c",
            "5;\u{fc}",
            "5;a\u{1}",
            "5;(@:/)",
        ];
        let trailers = [
            "",
            "T: 1\r\n",
            "T:\r\n",
            "no colon\r\n",
            "T : 1\r\n",
            ": 1\r\n",
            " T: 1\r\n",
            "T: 1\r\n folded\r\n",
            "(T): 1\r\n",
            "T: \u{fc}\u{1}\r\n",
            "T: 1\n",
            "T: 1\nU: 2\r\n",
        ];
        for line in lines {
            for trailer in trailers {
                let body = format!("{line}\r\nhello\r\n{}\r\n{trailer}\r\nrest", line.replace('5', "0"));
                for size in [1, 2, 7, 1000] {
                    let (content, rest, complete) = decode(body.as_bytes(), size).unwrap();
                    let whole = (&b"hello"[..], &b"rest"[..], true);
                    assert_eq!((&content[..], &rest[..], complete), whole, "{body:?}");
                }
            }
        }
    }

    #[test]
    fn extensions_and_trailers_are_dropped() {
        let body = b"5;a;b=c ; d = \"e;\\\"f\"\r\nhello\r\n006\r\n world\r\n0;z\r\nT: 1\r\nU:\r\n\r\nrest";
        for size in [1, 2, 7, 1000] {
            let (content, rest, complete) = decode(body, size).unwrap();
            assert_eq!((&content[..], &rest[..], complete), (&b"hello world"[..], &b"rest"[..], true));
        }
    }

    #[test]
    fn no_prefix_of_a_body_is_complete() {
        let body = b"5\r\nhello\r\n0\r\nT: 1\r\n\r\n";
        for length in 0..body.len() {
            assert!(!decode(&body[..length], 1000).unwrap().2, "{length}");
        }
        assert!(decode(body, 1000).unwrap().2);
    }

    #[test]
    fn announces_the_rest_of_a_chunk() {
        let mut decoder = ChunkedDecoder::default();
        decoder.decode(&mut b"ff\r\nab".to_owned()).unwrap();
        assert_eq!(decoder.announced(), 0xfd);
    }

    proptest! {
        #[test]
        fn what_is_written_is_decoded(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..4),
        ) {
            let mut room = vec![0; 2000];
            let mut out = SliceWriter::new(&mut room);
            let mut writer = ChunkedWriter::new(&mut out);
            for piece in &pieces {
                writer.write(piece);
            }
            writer.finish();
            let (content, rest, complete) = decode(out.written(), 1000).unwrap();
            prop_assert!(complete && rest.is_empty());
            prop_assert_eq!(content, pieces.concat());
        }

        #[test]
        fn any_content_survives_any_split(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..6),
            size in 1usize..50,
        ) {
            let mut body = Vec::new();
            for chunk in &chunks {
                body.extend(format!("{:X}\r\n", chunk.len()).bytes());
                body.extend(chunk);
                body.extend(b"\r\n");
            }
            body.extend(b"0\r\n\r\n");
            let (content, rest, complete) = decode(&body, size).unwrap();
            prop_assert!(complete && rest.is_empty());
            prop_assert_eq!(content, chunks.concat());
        }

        #[test]
        fn any_bytes_decode_the_same_however_they_are_split(
            body in "[0-9a-f;=\"\\\\ \r\nA:]{0,40}", size in 1usize..20,
        ) {
            prop_assert_eq!(decode(body.as_bytes(), size), decode(body.as_bytes(), 1000));
        }
    }
}
