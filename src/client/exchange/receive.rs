// SPDX-License-Identifier: Apache-2.0
//! Receiving the head of a response into the caller's buffer.

use crate::Error;
use crate::config::MAX_RESPONSE_HEAD;
use crate::error::Phase;
use crate::proto::response_head::{HeadError, HeadScanner, ResponseHead, parse};
use crate::transport::{Deadline, Transport};

/// The connection that a response comes from, and until when.
pub struct Receiver<'a> {
    pub transport: &'a mut dyn Transport,
    pub deadline: Deadline<'a>,
    /// Size of the buffer besides the part that the response is received into, for errors.
    pub reserved: usize,
    /// How many bytes of that part have been received so far, the body's framing included.
    pub filled: usize,
    /// Most bytes to be received at once along with the head, where what follows it has to be moved.
    #[cfg(feature = "gzip")]
    pub most: usize,
}

impl<'a> Receiver<'a> {
    /// Receives from `transport`; `filled` bytes are there already.
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
            most: usize::MAX,
        }
    }
}

impl Receiver<'_> {
    /// Receives the head of the final response; interim ones are dropped (RFC 9110 §15.2), except 101, which
    /// no other follows.
    pub(super) fn receive_head(&mut self, work: &mut [u8], head: &mut ResponseHead) -> Result<(), Error> {
        loop {
            *head = self.receive_any_head(work)?;
            if !head.is_interim() {
                return Ok(());
            }
            self.discard(work, head.end);
        }
    }

    /// Receives the head of the next response, be it final or interim.
    pub(super) fn receive_any_head(&mut self, work: &mut [u8]) -> Result<ResponseHead, Error> {
        let mut scanner = HeadScanner::default();
        loop {
            let received = work.get_mut(..self.filled).unwrap_or_default();
            let end = scanner.find_end(received).map_err(Error::InvalidHead)?;
            if end.unwrap_or(self.filled) > MAX_RESPONSE_HEAD {
                return Err(Error::InvalidHead(HeadError::TooLarge));
            }
            if let Some(end) = end {
                return parse(received.get_mut(..end).unwrap_or_default()).map_err(Error::InvalidHead);
            }
            let free = work.get_mut(self.filled..).unwrap_or_default();
            #[cfg(feature = "gzip")]
            let free = {
                let most = free.len().min(self.most);
                free.get_mut(..most).unwrap_or_default()
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

    /// Removes the first `end` of the bytes received.
    pub(super) fn discard(&mut self, work: &mut [u8], end: usize) {
        let rest = end..self.filled.min(work.len());
        if rest.start <= rest.end {
            self.filled = rest.len();
            work.copy_within(rest, 0);
        }
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        self.transport
            .receive(buffer, self.deadline)
            .map(|count| count.min(buffer.len()))
            .map_err(|error| Error::from_io(error, Phase::Receive, Error::Receive))
    }
}

/// The error for `needed` bytes of the buffer besides those that are `reserved`.
pub(super) fn too_small(phase: Phase, needed: u64, reserved: usize) -> Error {
    let needed = usize::try_from(needed).unwrap_or(usize::MAX);
    Error::BufferTooSmall { phase, needed: needed.saturating_add(reserved) }
}
