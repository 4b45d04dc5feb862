// SPDX-License-Identifier: Apache-2.0
//! Content that comes compressed (RFC 9110 §8.4): received whole, or as a stream.

use embedded_io::{BufRead, ErrorType, Read};

use crate::Error;
use crate::client::connector::Connector;
use crate::client::receive::Receiver;
use crate::client::stream::ResponseStream;
use crate::error::Phase;
use crate::proto::body::BodyDecoder;
use crate::proto::header::HeaderFields;
use crate::proto::inflate::{Coding, Inflater};

/// How many bytes are received at once, at the end of the buffer, while the content grows towards them.
pub(super) const INPUT: usize = 256;

/// The coding of the content of a response; `None` where it has none.
///
/// # Errors
/// [`Error::UnsupportedCoding`] for any other than gzip and deflate, and for several one upon the other.
pub(super) fn coding(headers: &HeaderFields<'_>) -> Result<Option<Coding>, Error> {
    let mut headers = headers.clone();
    let mut coding = None;
    while let Some(name) = headers.next_called("Content-Encoding") {
        if name.is_empty() || name.eq_ignore_ascii_case(b"identity") {
            continue;
        }
        let found = Coding::from_name(name).ok_or(Error::UnsupportedCoding)?;
        if coding.replace(found).is_some() {
            return Err(Error::UnsupportedCoding);
        }
    }
    Ok(coding)
}

impl Receiver<'_> {
    /// Receives the rest of the body behind the head, which ends at `start`, and decompresses it; returns where the
    /// content ends.
    pub(super) fn receive_compressed(
        &mut self,
        work: &mut [u8],
        start: usize,
        decoder: &mut BodyDecoder,
        inflater: &mut Inflater,
    ) -> Result<usize, Error> {
        // What came together with the head makes room for the content.
        let mut count = self.filled.saturating_sub(start);
        let input_size = INPUT.min(work.len().saturating_sub(start)).max(count);
        let input_start = work.len().saturating_sub(input_size);
        work.copy_within(start..start + count, input_start);
        let (room, input) = work.split_at_mut(input_start);
        let mut end = start;
        loop {
            let piece = input.get_mut(..count).unwrap_or_default();
            let content = decoder.decode(piece)?.content;
            let mut compressed = input.get(..content).unwrap_or_default();
            while !compressed.is_empty() {
                let free = room.get_mut(end..).unwrap_or_default();
                let inflated = inflater.decode(compressed, free).map_err(Error::InvalidCompression)?;
                end += inflated.produced;
                compressed = compressed.get(inflated.consumed..).unwrap_or_default();
                if inflated.consumed == 0 && inflated.produced == 0 {
                    // More is not known: what is left may be a checksum, or another gigabyte.
                    let needed = (room.len() as u64 + input_size as u64).saturating_add(1);
                    return Err(self.too_small(Phase::Body, needed));
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

/// The content of a [`ResponseStream`], decompressed as it is read.
///
/// Made by [`ResponseStream::decompress`]. It ends where the compressed data ends, and fails where that is damaged or
/// cut short.
pub struct Decompressed<'i, 'b, C: Connector> {
    stream: ResponseStream<'b, C>,
    /// What decompresses, where the content is compressed.
    inflater: Option<&'i mut Inflater>,
}

impl<'b, C: Connector> ResponseStream<'b, C> {
    /// Decompresses the content as it is read, if it is compressed. To have it compressed, the request needs the
    /// header `Accept-Encoding: gzip, deflate`.
    ///
    /// # Errors
    /// [`Error::UnsupportedCoding`] where it is compressed in another way than gzip or deflate.
    pub fn decompress(self, inflater: &mut Inflater) -> Result<Decompressed<'_, 'b, C>, Error> {
        let inflater = match coding(&self.header_fields())? {
            Some(coding) => {
                inflater.reset(coding);
                Some(inflater)
            }
            None => None,
        };
        Ok(Decompressed { stream: self, inflater })
    }
}

impl<C: Connector> ErrorType for Decompressed<'_, '_, C> {
    type Error = Error;
}

impl<C: Connector> Read for Decompressed<'_, '_, C> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        let Some(inflater) = &mut self.inflater else {
            return self.stream.read(out);
        };
        while !out.is_empty() {
            let compressed = self.stream.fill_buf()?;
            if compressed.is_empty() {
                return inflater.finish().map(|()| 0).map_err(Error::InvalidCompression);
            }
            let inflated = inflater.decode(compressed, out).map_err(Error::InvalidCompression)?;
            self.stream.consume(inflated.consumed);
            if inflated.produced > 0 {
                return Ok(inflated.produced);
            }
        }
        Ok(0)
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
