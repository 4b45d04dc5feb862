// SPDX-License-Identifier: Apache-2.0
//! Receiving the head of a response into the caller's buffer.

use crate::Error;
use crate::config::MAX_RESPONSE_HEAD;
use crate::error::Phase;
use crate::proto::bytes::move_within;
use crate::proto::response_head::{HeadError, HeadParser, ResponseHead};
use crate::transport::{Deadline, Transport};

/// The most bytes of compressed content that are received at once. They go to the end of the
/// buffer, and the content grows towards them.
#[cfg(feature = "gzip")]
pub const INPUT: usize = 256;

/// Receives the heads of responses from a connection.
pub struct Receiver<'a> {
    pub transport: &'a mut dyn Transport,
    pub deadline: Deadline<'a>,
    /// Size in bytes of the buffer besides the part for the response, for errors.
    pub reserved: usize,
    /// The number of bytes received so far, including the body's framing.
    pub filled: usize,
    /// Whether to receive little at once, because what follows the head may be input of
    /// decompression: it takes no more than [`INPUT`] bytes then, and no more than half of the room
    /// behind the head.
    #[cfg(feature = "gzip")]
    pub leaves_room: bool,
}

impl<'a> Receiver<'a> {
    /// Receives from `transport`. The first `filled` bytes have been received already.
    pub(super) fn new(
        transport: &'a mut dyn Transport,
        deadline: Deadline<'a>,
        reserved: usize,
        filled: usize,
    ) -> Self {
        Self {
            transport,
            deadline,
            reserved,
            filled,
            #[cfg(feature = "gzip")]
            leaves_room: false,
        }
    }
}

impl Receiver<'_> {
    /// Receives the head of the final response. Interim responses are dropped (RFC 9110 §15.2),
    /// except 101: no other response follows it.
    pub(super) fn receive_head(&mut self, work: &mut [u8], head: &mut ResponseHead) -> Result<(), Error> {
        loop {
            *head = self.receive_any_head(work)?;
            if !head.is_interim() {
                return Ok(());
            }
            self.discard(work, head.end);
        }
    }

    /// Receives the head of the next response, final or interim.
    pub(super) fn receive_any_head(&mut self, work: &mut [u8]) -> Result<ResponseHead, Error> {
        let mut parser = HeadParser::default();
        loop {
            let received = work.get_mut(..self.filled.min(MAX_RESPONSE_HEAD)).unwrap_or_default();
            if let Some(head) = parser.parse(received).map_err(Error::InvalidHead)? {
                return Ok(head);
            }
            if self.filled > MAX_RESPONSE_HEAD {
                return Err(Error::InvalidHead(HeadError::TooLarge));
            }
            let free = work.get_mut(self.filled..).unwrap_or_default();
            #[cfg(feature = "gzip")]
            let free = if self.leaves_room {
                // If half is rounded up, at least one byte of it is of the head.
                let most = free.len().div_ceil(2).min(INPUT);
                free.get_mut(..most).unwrap_or_default()
            } else {
                free
            };
            if free.is_empty() {
                return Err(too_small(Phase::Parse, work.len() as u64 + 1, self.reserved));
            }
            match self.receive(free)? {
                0 if self.filled == 0 => return Err(Error::EmptyResponse),
                0 => return Err(Error::TruncatedHead),
                count => self.filled += count,
            }
        }
    }

    /// Removes the first `end` bytes received.
    pub(super) fn discard(&mut self, work: &mut [u8], end: usize) {
        let rest = end..self.filled.min(work.len());
        if rest.start <= rest.end {
            self.filled = rest.len();
            move_within(work, rest, 0);
        }
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        self.transport
            .receive(buffer, self.deadline)
            .map(|count| count.min(buffer.len()))
            .map_err(|error| Error::from_io(error, Phase::Receive, Error::Receive))
    }
}

/// The error for a buffer that needs `needed` bytes besides the `reserved` ones.
// Not inlined: several places call it, so this takes less flash.
#[inline(never)]
pub(super) fn too_small(phase: Phase, needed: u64, reserved: usize) -> Error {
    let needed = usize::try_from(needed).unwrap_or(usize::MAX);
    Error::BufferTooSmall { phase, needed: needed.saturating_add(reserved) }
}
