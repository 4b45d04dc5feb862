// SPDX-License-Identifier: Apache-2.0
//! Decompression of content: the codings `gzip` (RFC 1952) and `deflate` (RFC 1950, RFC 1951) of
//! RFC 9110 §8.4.1.

use core::fmt;

use miniz_oxide::inflate::TINFLStatus as Status;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_HAS_MORE_INPUT, TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress_with_limit};

use crate::proto::bytes::copy;
use crate::sys::slot::Slot;

/// The longest distance that compressed data may refer back, in bytes (RFC 1951 §2). It must be a
/// power of two.
const WINDOW: usize = 32 * 1024;

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// `gzip` or `x-gzip`: one or several members.
    Gzip,
    /// `deflate`: the zlib format, or the same data without header and checksum, as many servers
    /// send it.
    Deflate,
}

impl Coding {
    /// The coding with this name in `Content-Encoding`, ignoring case.
    #[must_use]
    pub const fn from_name(name: &[u8]) -> Option<Self> {
        if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip") {
            Some(Self::Gzip)
        } else if name.eq_ignore_ascii_case(b"deflate") {
            Some(Self::Deflate)
        } else {
            None
        }
    }
}

/// What is wrong with compressed content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InflateError {
    /// The content is not in the format that the server announced.
    Header,
    /// The compressed data is damaged.
    Data,
    /// The content does not match its checksum.
    Checksum,
    /// The content does not match the length behind it.
    Length,
    /// The content ends too early.
    Truncated,
    /// There are bytes behind the end of the content.
    TrailingBytes,
}

impl fmt::Display for InflateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "it is not in the format announced",
            Self::Data => "the compressed data is damaged",
            Self::Checksum => "it does not match its checksum",
            Self::Length => "it does not have the length that it names",
            Self::Truncated => "it ends too early",
            Self::TrailingBytes => "there are bytes behind its end",
        })
    }
}

impl core::error::Error for InflateError {}

/// The result of [`Inflater::decode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inflated {
    /// The number of bytes of input that were consumed.
    pub consumed: usize,
    /// The number of bytes of content written to the start of the output.
    pub produced: usize,
}

/// Decompresses content as it arrives. It takes at most [`Inflater::SIZE`] bytes of RAM: make it a
/// `static`, or put it in a `Box` if there is a heap. Content of any size can pass through it.
pub struct Inflater {
    /// It cannot be created in a constant, so it is created on first use.
    data: Slot<DecompressorOxide>,
    window: [u8; WINDOW],
    /// The position in the window that is written next.
    position: usize,
    /// Whether the window has been written to its end once.
    wrapped: bool,
    coding: Coding,
    step: Step,
    /// The flags of a gzip member: which header fields follow.
    flags: u8,
    /// The number of bytes within the current step.
    count: u16,
    /// A number of the gzip format, as far as it was received.
    number: u32,
    /// CRC-32 of a gzip member: first of its header, then of its content.
    crc: u32,
    /// Size of the content of a gzip member, modulo 2³².
    length: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Nothing has been received yet.
    Start,
    /// A gzip member is complete. Another one may follow.
    NextMember,
    /// In the zeros behind a gzip member, which pad blocks on tapes. They are ignored, as by Python
    /// and gzip itself.
    Padding,
    /// The ten bytes at the start of each gzip member.
    Fixed,
    ExtraLength,
    Extra,
    Name,
    Comment,
    HeaderCrc,
    Data {
        zlib: bool,
    },
    Crc,
    Length,
    /// The zlib or raw data is complete.
    End,
    Failed(InflateError),
}

/// Bits of a gzip header's flags (RFC 1952 §2.3.1).
const FHCRC: u8 = 2;
const FEXTRA: u8 = 4;
const FNAME: u8 = 8;
const FCOMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

impl Inflater {
    /// The most bytes of RAM that an inflater takes.
    pub const SIZE: usize = 43 * 1024;

    /// Creates an inflater, for gzip until [`reset`](Self::reset) sets another coding. As a
    /// `static` it takes no flash.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            data: Slot::new(),
            window: [0; WINDOW],
            position: 0,
            wrapped: false,
            coding: Coding::Gzip,
            step: Step::Start,
            flags: 0,
            count: 0,
            number: 0,
            crc: 0,
            length: 0,
        }
    }

    /// Prepares for new content with this coding.
    pub fn reset(&mut self, coding: Coding) {
        self.coding = coding;
        self.step = Step::Start;
    }

    /// Decompresses `input` to `output`, as far as both reach. The next call must pass the input
    /// that was not consumed, and more behind it. If `output` was not filled, all input was
    /// consumed, and no further content comes from it.
    ///
    /// # Errors
    /// [`InflateError`]. The content so far must not be trusted then. Every later call returns the
    /// same error.
    pub fn decode(&mut self, input: &[u8], output: &mut [u8]) -> Result<Inflated, InflateError> {
        let mut done = Inflated { consumed: 0, produced: 0 };
        let outcome = self.run(input, output, &mut done);
        if let Err(error) = outcome {
            self.step = Step::Failed(error);
        }
        outcome.map(|()| done)
    }

    /// Call this when all input has been decoded.
    ///
    /// # Errors
    /// [`InflateError::Truncated`] if input is missing. Empty input is valid, and means empty
    /// content.
    pub fn finish(&self) -> Result<(), InflateError> {
        match self.step {
            Step::Start | Step::NextMember | Step::Padding | Step::End => Ok(()),
            Step::Failed(error) => Err(error),
            _ => Err(InflateError::Truncated),
        }
    }

    fn run(&mut self, input: &[u8], output: &mut [u8], done: &mut Inflated) -> Result<(), InflateError> {
        loop {
            let rest = input.get(done.consumed..).unwrap_or_default();
            if let Step::Data { zlib } = self.step {
                let room = output.get_mut(done.produced..).unwrap_or_default();
                let (goes_on, step) = self.inflate(zlib, rest, room)?;
                done.consumed += step.consumed;
                done.produced += step.produced;
                if !goes_on {
                    return Ok(());
                }
            } else if let Some(&byte) = rest.first() {
                if self.take_byte(byte)? {
                    done.consumed += 1;
                }
            } else {
                return Ok(());
            }
        }
    }

    /// Decompresses data into the window and copies it to `output`. Returns whether to call it
    /// again.
    fn inflate(
        &mut self,
        zlib: bool,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<(bool, Inflated), InflateError> {
        let mut flags = TINFL_FLAG_HAS_MORE_INPUT;
        if zlib {
            flags |= TINFL_FLAG_PARSE_ZLIB_HEADER;
        }
        if !self.wrapped {
            // With this flag, a reference to bytes before the content is an error. Without it, it
            // would show bytes of an earlier response in the window.
            flags |= TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        }
        let (status, consumed, produced) = decompress_with_limit(
            self.data.get_or_default(),
            input,
            &mut self.window,
            self.position,
            output.len(),
            flags,
        );
        let content = self.window.get(self.position..self.position + produced).unwrap_or_default();
        if let Some(room) = output.get_mut(..content.len()) {
            copy(room, content);
        }
        if self.coding == Coding::Gzip {
            self.crc = crc32(self.crc, content);
            self.length = self.length.wrapping_add(content.len() as u32);
        }
        self.position += produced;
        if self.position >= WINDOW {
            self.position = 0;
            self.wrapped = true;
        }
        let goes_on = match status {
            Status::Done => {
                self.count = 0;
                self.number = 0;
                self.step = if self.coding == Coding::Gzip { Step::Crc } else { Step::End };
                true
            }
            // The window was written to its end.
            Status::HasMoreOutput => produced > 0 && produced < output.len(),
            Status::NeedsMoreInput => false,
            Status::Adler32Mismatch => return Err(InflateError::Checksum),
            _ => return Err(InflateError::Data),
        };
        Ok((goes_on, Inflated { consumed, produced }))
    }

    /// Processes a byte outside the compressed data. Returns whether it was consumed: the first
    /// byte of `deflate` only tells the format.
    fn take_byte(&mut self, byte: u8) -> Result<bool, InflateError> {
        let index = self.count;
        self.count = self.count.wrapping_add(1);
        if matches!(self.step, Step::Crc | Step::Length | Step::ExtraLength | Step::HeaderCrc) {
            self.number |= u32::from(byte) << (8 * u32::from(index & 3));
        }
        let crc_before = self.crc;
        if !matches!(self.step, Step::Crc | Step::Length) {
            self.crc = crc32(self.crc, &[byte]);
        }
        match self.step {
            Step::Start if self.coding == Coding::Deflate => {
                // Data without a zlib header could only start with this byte if it were a stored
                // block with padding that is not zero. No encoder does that.
                self.start_data(byte & 0x0f == 8);
                return Ok(false);
            }
            Step::Start if byte == 0x1f => self.start_member(),
            Step::NextMember | Step::Padding if byte == 0x1f => self.start_member(),
            Step::NextMember | Step::Padding if byte == 0 => self.step = Step::Padding,
            Step::Start => return Err(InflateError::Header),
            Step::NextMember | Step::Padding | Step::End => return Err(InflateError::TrailingBytes),
            Step::Fixed => match (index, byte) {
                (1, 0x8b) | (2, 8) | (4..=8, _) => {}
                (3, flags) if flags & RESERVED == 0 => self.flags = flags,
                (9.., _) => self.enter(Step::ExtraLength),
                _ => return Err(InflateError::Header),
            },
            Step::ExtraLength if index == 1 => {
                self.count = self.number as u16;
                self.step = Step::Extra;
                if self.count == 0 {
                    self.enter(Step::Name);
                }
            }
            Step::Extra => {
                self.count = index - 1;
                if self.count == 0 {
                    self.enter(Step::Name);
                }
            }
            Step::Name if byte == 0 => self.enter(Step::Comment),
            Step::Comment if byte == 0 => self.enter(Step::HeaderCrc),
            Step::HeaderCrc => {
                // This field is the CRC of the bytes before it.
                self.crc = crc_before;
                if index == 1 {
                    if self.number != self.crc & 0xffff {
                        return Err(InflateError::Checksum);
                    }
                    self.start_data(false);
                }
            }
            Step::Crc if index == 3 => {
                if self.number != self.crc {
                    return Err(InflateError::Checksum);
                }
                self.count = 0;
                self.number = 0;
                self.step = Step::Length;
            }
            Step::Length if index == 3 => {
                if self.number != self.length {
                    return Err(InflateError::Length);
                }
                self.step = Step::NextMember;
            }
            Step::ExtraLength | Step::Name | Step::Comment | Step::Crc | Step::Length => {}
            Step::Failed(error) => return Err(error),
            // `run` handles data itself.
            Step::Data { .. } => return Err(InflateError::Data),
        }
        Ok(true)
    }

    /// Starts a gzip member, whose first byte was just processed.
    fn start_member(&mut self) {
        self.step = Step::Fixed;
        self.count = 1;
        self.flags = 0;
        self.crc = crc32(0, &[0x1f]);
    }

    /// Goes to a field of the gzip header. If it is absent, goes to the next one that is present.
    fn enter(&mut self, step: Step) {
        self.count = 0;
        self.number = 0;
        for (field, flag) in [
            (Step::ExtraLength, FEXTRA),
            (Step::Name, FNAME),
            (Step::Comment, FCOMMENT),
            (Step::HeaderCrc, FHCRC),
        ]
        .into_iter()
        .skip_while(|&(field, _)| field != step)
        {
            if self.flags & flag != 0 {
                self.step = field;
                return;
            }
        }
        self.start_data(false);
    }

    fn start_data(&mut self, zlib: bool) {
        self.data.get_or_default().init();
        self.position = 0;
        self.wrapped = false;
        self.crc = 0;
        self.length = 0;
        self.step = Step::Data { zlib };
    }
}

impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater")
            .field("coding", &self.coding)
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}

/// The CRC-32 of RFC 1952 §8, continued from `crc`. It processes four bits at a time: a table for
/// whole bytes would take a kilobyte of flash.
fn crc32(crc: u32, bytes: &[u8]) -> u32 {
    let step = |crc: u32| crc >> 4 ^ CRC_TABLE.get(crc as usize & 15).copied().unwrap_or_default();
    !bytes.iter().fold(!crc, |crc, &byte| step(step(crc ^ u32::from(byte))))
}

static CRC_TABLE: [u32; 16] = crc_table();

const fn crc_table() -> [u32; 16] {
    let mut table = [0; 16];
    let mut index = 0;
    while index < 16 {
        let mut crc = index as u32;
        let mut bit = 0;
        while bit < 4 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = b"a text, a text, and yet another text";

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn raw(content: &[u8], level: Compression) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), level);
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    /// A gzip member with these flags and header fields.
    fn member(flags: u8, fields: &[u8], content: &[u8]) -> Vec<u8> {
        let mut member = vec![0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255];
        member.extend(fields);
        if flags & FHCRC != 0 {
            member.extend((crc32(0, &member) as u16).to_le_bytes());
        }
        member.extend(raw(content, Compression::default()));
        member.extend(crc32(0, content).to_le_bytes());
        member.extend((content.len() as u32).to_le_bytes());
        member
    }

    /// Decodes input that arrives in pieces of `step` bytes to outputs of `room` bytes.
    fn decode_by(
        inflater: &mut Inflater,
        input: &[u8],
        step: usize,
        room: usize,
    ) -> Result<Vec<u8>, InflateError> {
        let mut content = Vec::new();
        let mut output = vec![0; room];
        let mut start = 0;
        let mut end = 0;
        loop {
            let done = inflater.decode(&input[start..end], &mut output)?;
            content.extend(&output[..done.produced]);
            start += done.consumed;
            if done.produced < room {
                assert_eq!(start, end);
                if end == input.len() {
                    inflater.finish()?;
                    return Ok(content);
                }
                end = input.len().min(end + step);
            }
        }
    }

    fn decode(coding: Coding, input: &[u8]) -> Result<Vec<u8>, InflateError> {
        let mut inflater = Box::new(Inflater::new());
        inflater.reset(coding);
        let whole = decode_by(&mut inflater, input, usize::MAX / 2, 1000);
        for (step, room) in [(1, 1), (1, 1000), (3, 2), (1000, 1)] {
            inflater.reset(coding);
            assert_eq!(decode_by(&mut inflater, input, step, room), whole, "{step} {room}");
        }
        whole
    }

    #[test]
    fn it_has_the_size_that_it_states() {
        let size = size_of::<Inflater>();
        assert!((Inflater::SIZE - 1024..=Inflater::SIZE).contains(&size), "{size}");
    }

    #[test]
    fn content_in_each_format() {
        for content in [b"".as_slice(), b"a", TEXT, &TEXT.repeat(3000)] {
            assert_eq!(decode(Coding::Gzip, &gzip(content)).as_deref(), Ok(content));
            assert_eq!(decode(Coding::Deflate, &zlib(content)).as_deref(), Ok(content));
            for level in [Compression::none(), Compression::fast(), Compression::best()] {
                assert_eq!(decode(Coding::Deflate, &raw(content, level)).as_deref(), Ok(content));
            }
        }
    }

    #[test]
    fn what_other_encoders_made() {
        // Compressed by Python's gzip and zlib: "hello, hello, hello".
        let data = b"\xcb\x48\xcd\xc9\xc9\xd7\x51\xc8\x40\xa2\x00";
        let tail = b"\x9f\xa1\xca\x09\x13\0\0\0";
        let gzip = [b"\x1f\x8b\x08\0\0\0\0\0\x02\x03", &data[..], tail].concat();
        assert_eq!(decode(Coding::Gzip, &gzip).as_deref(), Ok(&b"hello, hello, hello"[..]));
        let zlib = [b"\x78\x9c", &data[..], b"\x44\x28\x06\xd5"].concat();
        assert_eq!(decode(Coding::Deflate, &zlib).as_deref(), Ok(&b"hello, hello, hello"[..]));
    }

    #[test]
    fn each_field_of_a_gzip_header() {
        for flags in 0..32 {
            let mut fields = Vec::new();
            for (flag, field) in [(FEXTRA, &b"\x03\x00a\0c"[..]), (FNAME, b"name\0"), (FCOMMENT, b"\0")] {
                if flags & flag != 0 {
                    fields.extend(field);
                }
            }
            let member = member(flags, &fields, TEXT);
            assert_eq!(decode(Coding::Gzip, &member).as_deref(), Ok(TEXT), "{flags:#x}");
        }
        let empty_extra = member(FEXTRA, b"\0\0", TEXT);
        assert_eq!(decode(Coding::Gzip, &empty_extra).as_deref(), Ok(TEXT));
    }

    #[test]
    fn several_members_are_one_content() {
        let members = [gzip(TEXT), gzip(b""), member(FHCRC | FNAME, b"\0", b"end")].concat();
        assert_eq!(decode(Coding::Gzip, &members), Ok([TEXT, b"end"].concat()));
    }

    #[test]
    fn empty_input_is_empty_content() {
        for coding in [Coding::Gzip, Coding::Deflate] {
            assert_eq!(decode(coding, b""), Ok(Vec::new()));
        }
    }

    #[test]
    fn every_truncation_is_an_error() {
        let members = member(31, b"\x03\0abcname\0comment\0", TEXT);
        for (coding, input) in [
            (Coding::Gzip, members),
            (Coding::Deflate, zlib(TEXT)),
            (Coding::Deflate, raw(TEXT, Compression::best())),
        ] {
            for length in 1..input.len() {
                assert_eq!(decode(coding, &input[..length]), Err(InflateError::Truncated), "{length}");
            }
        }
    }

    #[test]
    fn bytes_behind_the_end_are_an_error() {
        for (coding, mut input, byte) in [
            (Coding::Gzip, gzip(TEXT), 1),
            (Coding::Gzip, [gzip(TEXT), vec![0; 3]].concat(), b'x'),
            (Coding::Deflate, zlib(TEXT), 0),
            (Coding::Deflate, raw(TEXT, Compression::best()), 0),
        ] {
            input.push(byte);
            assert_eq!(decode(coding, &input), Err(InflateError::TrailingBytes));
        }
    }

    #[test]
    fn zeros_behind_a_gzip_member_count_for_nothing() {
        for zeros in [1, 7, 512] {
            let padded = [gzip(TEXT), vec![0; zeros]].concat();
            assert_eq!(decode(Coding::Gzip, &padded).as_deref(), Ok(TEXT), "{zeros}");
            let two = [&padded[..], &gzip(b"end"), &vec![0; zeros]].concat();
            assert_eq!(decode(Coding::Gzip, &two), Ok([TEXT, b"end"].concat()), "{zeros}");
        }
        assert_eq!(decode(Coding::Gzip, &[0; 8]), Err(InflateError::Header));
    }

    #[test]
    fn checksums_and_lengths_are_checked() {
        let flipped = |mut input: Vec<u8>, from_end: usize| {
            let index = input.len() - from_end;
            input[index] ^= 0x10;
            input
        };
        for (coding, input, from_end, error) in [
            (Coding::Gzip, gzip(TEXT), 8, InflateError::Checksum),
            (Coding::Gzip, gzip(TEXT), 5, InflateError::Checksum),
            (Coding::Gzip, gzip(TEXT), 4, InflateError::Length),
            (Coding::Gzip, gzip(TEXT), 1, InflateError::Length),
            (Coding::Deflate, zlib(TEXT), 4, InflateError::Checksum),
            (Coding::Deflate, zlib(TEXT), 1, InflateError::Checksum),
        ] {
            assert_eq!(decode(coding, &flipped(input, from_end)), Err(error), "{from_end}");
        }
        let mut header = member(FHCRC, b"", TEXT);
        header[4] ^= 1;
        assert_eq!(decode(Coding::Gzip, &header), Err(InflateError::Checksum));
    }

    #[test]
    fn what_is_not_in_the_format_announced() {
        for input in [&b"<html>"[..], b"\x1f\x8c", b"\x1f\x8b\x07", b"\x1f\x8b\x08\x20", &zlib(TEXT)] {
            assert_eq!(decode(Coding::Gzip, input), Err(InflateError::Header), "{input:?}");
        }
        assert_eq!(decode(Coding::Deflate, b"\x78\x9d"), Err(InflateError::Data));
        assert_eq!(decode(Coding::Deflate, b"\x07"), Err(InflateError::Data));
        let garbage = [gzip(TEXT), b"\x1f\x00".to_vec()].concat();
        assert_eq!(decode(Coding::Gzip, &garbage), Err(InflateError::Header));
    }

    #[test]
    fn an_error_stays() {
        let mut inflater = Box::new(Inflater::default());
        assert_eq!(inflater.decode(b"x", &mut [0; 8]), Err(InflateError::Header));
        assert_eq!(inflater.decode(&gzip(TEXT), &mut [0; 8]), Err(InflateError::Header));
        assert_eq!(inflater.finish(), Err(InflateError::Header));
        inflater.reset(Coding::Gzip);
        assert_eq!(decode_by(&mut inflater, &gzip(TEXT), 5, 5).as_deref(), Ok(TEXT));
    }

    #[test]
    fn earlier_content_is_out_of_reach() {
        let mut inflater = Box::new(Inflater::default());
        inflater.reset(Coding::Deflate);
        decode_by(&mut inflater, &zlib(&TEXT.repeat(2000)), 100, 100).unwrap();
        inflater.reset(Coding::Deflate);
        // A block with fixed codes: it copies three bytes at distance 1 before there is any byte.
        assert_eq!(decode_by(&mut inflater, b"\x03\x02\x00", 100, 100), Err(InflateError::Data));
    }

    #[test]
    fn a_bomb_fills_no_more_than_the_output() {
        let bomb = gzip(&vec![0; 10 << 20]);
        let mut inflater = Box::new(Inflater::default());
        let done = inflater.decode(&bomb, &mut [0; 100]).unwrap();
        assert_eq!(done.produced, 100);
        assert!(done.consumed < bomb.len() / 10, "{done:?}");
        inflater.reset(Coding::Gzip);
        assert_eq!(decode_by(&mut inflater, &bomb, 1000, 4096), Ok(vec![0; 10 << 20]));
    }

    #[test]
    fn names_of_codings() {
        for (name, coding) in [
            (&b"GZip"[..], Some(Coding::Gzip)),
            (b"x-gzip", Some(Coding::Gzip)),
            (b"deflate", Some(Coding::Deflate)),
            (b"br", None),
            (b"identity", None),
            (b"gzip, gzip", None),
        ] {
            assert_eq!(Coding::from_name(name), coding);
        }
    }
}
