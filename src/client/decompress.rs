// SPDX-License-Identifier: Apache-2.0
//! Content that comes compressed (RFC 9110 §8.4): received whole, or as a stream.

use embedded_io::{ErrorType, Read};

use crate::Error;
use crate::client::connector::Connector;
use crate::client::receive::Receiver;
use crate::client::stream::ResponseStream;
use crate::error::Phase;
use crate::proto::body::BodyDecoder;
use crate::proto::content_encoding::codings;
use crate::proto::framing::Framing;
use crate::proto::header::HeaderFields;
use crate::proto::inflate::{Coding, Inflater};

/// How many bytes are received at once, at the end of the buffer, while the content grows towards them.
pub(super) const INPUT: usize = 256;

/// How much content is decompressed before the clock is looked at again, in bytes.
const STEP: usize = 32 * 1024;

/// The coding of the content of a response; `None` where it has none, or the response has no content.
///
/// # Errors
/// [`Error::UnsupportedCoding`] for any other than gzip and deflate, and for several one upon the other.
pub(super) fn coding(headers: &HeaderFields<'_>, framing: Framing) -> Result<Option<Coding>, Error> {
    if framing.length() == Some(0) {
        return Ok(None);
    }
    let mut codings = codings(headers);
    match (codings.next(), codings.next()) {
        (None, _) => Ok(None),
        (Some(name), None) => Coding::from_name(name).map(Some).ok_or(Error::UnsupportedCoding),
        (Some(_), Some(_)) => Err(Error::UnsupportedCoding),
    }
}

impl Receiver<'_> {
    /// Receives the rest of the body behind the head, which ends at `start`, and decompresses it; returns where the
    /// content ends. `now` is the clock of the deadline.
    pub(super) fn receive_compressed(
        &mut self,
        work: &mut [u8],
        start: usize,
        decoder: &mut BodyDecoder,
        inflater: &mut Inflater,
        now: &dyn Fn() -> u64,
    ) -> Result<usize, Error> {
        // What came together with the head makes room for the content.
        let mut count = self.filled.saturating_sub(start);
        let input_size = INPUT.min(work.len().saturating_sub(start)).max(count);
        let input_start = work.len().saturating_sub(input_size);
        work.copy_within(start..start + count, input_start);
        let (room, input) = work.split_at_mut(input_start);
        // Where there is no room at all, the end of the body is still to be received.
        let mut overflow = [0; 16];
        let input = if input.is_empty() { &mut overflow[..] } else { input };
        let mut end = start;
        loop {
            let piece = input.get_mut(..count).unwrap_or_default();
            let content = decoder.decode(piece)?.content;
            let mut compressed = input.get(..content).unwrap_or_default();
            loop {
                self.check(now())?;
                let mut beyond = [0];
                let (is_full, free) = match room.get_mut(end..) {
                    None | Some([]) => (true, &mut beyond[..]),
                    Some(free) => (false, free),
                };
                let size = free.len().min(STEP);
                let free = free.get_mut(..size).unwrap_or_default();
                let inflated = inflater.decode(compressed, free).map_err(Error::InvalidCompression)?;
                if is_full && inflated.produced > 0 {
                    // How much more there is, nobody knows.
                    let needed = (input_start as u64 + input_size as u64).saturating_add(1);
                    return Err(self.too_small(Phase::Body, needed));
                }
                end += inflated.produced;
                compressed = compressed.get(inflated.consumed..).unwrap_or_default();
                if inflated.produced < size {
                    // All of the input is used up, and nothing is held back.
                    break;
                }
            }
            if decoder.is_complete() {
                break;
            }
            count = self.receive(input)?;
            if count == 0 {
                decoder.end_of_stream()?;
                break;
            }
        }
        inflater.finish().map_err(Error::InvalidCompression)?;
        Ok(end)
    }
}

/// Compressed content of a stream that has been received and not been decompressed.
pub(super) struct Compressed<'b> {
    pub input: &'b mut [u8],
    /// Where in the input it is: its start and its end.
    pub unread: (usize, usize),
    /// Whether all of the content has been decompressed.
    pub has_ended: bool,
}

impl Compressed<'_> {
    /// Decompresses to `room`, which is not empty, and returns how much; 0 where more has to be received for it.
    pub(super) fn decode(&mut self, inflater: &mut Inflater, room: &mut [u8]) -> Result<usize, Error> {
        let (start, end) = self.unread;
        let input = self.input.get(start..end).unwrap_or_default();
        let inflated = inflater.decode(input, room).map_err(Error::InvalidCompression)?;
        self.unread.0 = start + inflated.consumed;
        Ok(inflated.produced)
    }

    /// To be called when nothing more is to be received.
    pub(super) fn finish(&mut self, inflater: &Inflater) -> Result<usize, Error> {
        inflater.finish().map_err(Error::InvalidCompression)?;
        self.has_ended = true;
        Ok(0)
    }
}

/// The content of a [`ResponseStream`], decompressed as it is read.
///
/// Made by [`ResponseStream::decompress`]. It ends where the compressed data ends, and fails where that is damaged or
/// cut short.
pub struct Decompressed<'i, 'b, C: Connector> {
    stream: ResponseStream<'b, C>,
    /// What decompresses, where the content is compressed and the stream has not been given an inflater by its request.
    inflater: Option<&'i mut Inflater>,
}

impl<'b, C: Connector> ResponseStream<'b, C> {
    /// Decompresses the content as it is read, if it is compressed. To have it compressed, the request needs the
    /// header `Accept-Encoding: gzip, deflate`.
    ///
    /// [`Request::decompress`](crate::Request::<crate::Direct>::decompress) does the same before the request is sent, with
    /// [`BufRead`](embedded_io::BufRead) and [`iter_lines`](Self::iter_lines) for what comes out.
    ///
    /// # Errors
    /// [`Error::UnsupportedCoding`] where it is compressed in another way than gzip or deflate.
    pub fn decompress(mut self, inflater: &mut Inflater) -> Result<Decompressed<'_, 'b, C>, Error> {
        let coding =
            if self.is_decompressed() { None } else { coding(&self.header_fields(), self.framing())? };
        let inflater = coding.map(|coding| {
            inflater.reset(coding);
            self.start_decompressing();
            inflater
        });
        Ok(Decompressed { stream: self, inflater })
    }
}

impl<C: Connector> ErrorType for Decompressed<'_, '_, C> {
    type Error = Error;
}

impl<C: Connector> Read for Decompressed<'_, '_, C> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        match &mut self.inflater {
            Some(inflater) => self.stream.read_decompressed(inflater, out),
            None => self.stream.read(out),
        }
    }
}

impl<C: Connector> core::fmt::Debug for Decompressed<'_, '_, C> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Decompressed")
            .field("stream", &self.stream)
            .field("is_compressed", &self.inflater.is_some())
            .finish()
    }
}
