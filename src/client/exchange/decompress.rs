// SPDX-License-Identifier: Apache-2.0
//! Decompressing the content of a response into the caller's buffer (RFC 9110 §8.4).

use crate::Error;
use crate::client::exchange::parts::Exchange;
use crate::client::exchange::receive::{INPUT, too_small};
use crate::error::Phase;
use crate::proto::bytes::{move_within, split_at_mut};
use crate::proto::content_encoding::codings;
use crate::proto::framing::Framing;
use crate::proto::header::HeaderFields;
use crate::proto::inflate::{Coding, Inflater};

/// How much content is decompressed between two checks of the deadline, in bytes.
const STEP: usize = 32 * 1024;

/// The coding of a response's content; `None` if it has none, or the response has no content.
///
/// # Errors
/// [`Error::UnsupportedCoding`] for any coding but gzip and deflate, and for several codings.
pub fn coding(headers: &HeaderFields<'_>, framing: Framing) -> Result<Option<Coding>, Error> {
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

/// The two parts of the buffer: decompressed content at the start, compressed input at the end.
struct Halves<'w> {
    input: &'w mut [u8],
    room: &'w mut [u8],
    /// Index in `room` where the content ends.
    end: usize,
}

impl Exchange<'_, '_> {
    /// Receives and decompresses the content behind the head. Returns the index where it ends, or
    /// `None` if it is not compressed.
    pub(super) fn receive_decompressed(
        &mut self,
        inflater: &mut Inflater,
        work: &mut [u8],
    ) -> Result<Option<usize>, Error> {
        let Some(coding) = coding(&self.response.header_fields(work), self.response.decoder.framing())?
        else {
            return Ok(None);
        };
        inflater.reset(coding);
        let start = self.response.head.end;
        // Moves the input that came with the head out of the way of the content.
        let mut count = self.response.filled.saturating_sub(start);
        let input_size = INPUT.min(work.len().saturating_sub(start)).max(count);
        let input_start = work.len().saturating_sub(input_size);
        move_within(work, start..start + count, input_start);
        let needed = work.len() as u64 + 1;
        let (room, input) = split_at_mut(work, input_start);
        // Even if there is no room at all, the end of the body must be received.
        let mut overflow = [0; 16];
        let input = if input.is_empty() { &mut overflow[..] } else { input };
        let mut halves = Halves { input, room, end: start };
        loop {
            let piece = halves.input.get_mut(..count).unwrap_or_default();
            let content = self.response.decoder.decode(piece)?.content;
            if !self.inflate(inflater, &mut halves, content)? {
                // The decompressed size is unknown, so ask for one byte more.
                return Err(too_small(Phase::Body, needed, self.response.url_len));
            }
            if self.response.decoder.is_complete() {
                break;
            }
            count = self.connector.receive(halves.input, self.deadline)?;
            if count == 0 {
                self.response.decoder.end_of_stream()?;
                break;
            }
        }
        inflater.finish().map_err(Error::InvalidCompression)?;
        Ok(Some(halves.end))
    }

    /// Decompresses the first `count` bytes of the input. Returns whether the result fitted.
    fn inflate(
        &mut self,
        inflater: &mut Inflater,
        halves: &mut Halves<'_>,
        count: usize,
    ) -> Result<bool, Error> {
        let mut compressed = halves.input.get(..count).unwrap_or_default();
        loop {
            self.connector.check(self.deadline)?;
            let mut beyond = [0];
            let (is_full, free) = match halves.room.get_mut(halves.end..) {
                None | Some([]) => (true, &mut beyond[..]),
                Some(free) => (false, free),
            };
            let size = free.len().min(STEP);
            let free = free.get_mut(..size).unwrap_or_default();
            let inflated = inflater.decode(compressed, free).map_err(Error::InvalidCompression)?;
            if is_full && inflated.produced > 0 {
                return Ok(false);
            }
            halves.end += inflated.produced;
            compressed = compressed.get(inflated.consumed..).unwrap_or_default();
            if inflated.produced < size {
                // The inflater has used all input and holds back no output.
                return Ok(true);
            }
        }
    }
}
