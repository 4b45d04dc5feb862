// SPDX-License-Identifier: Apache-2.0
//! Content that is received while it is read.

use core::mem;

use crate::Error;
use crate::client::connect::connector::{Connector, Persistence};
#[cfg(feature = "gzip")]
use crate::client::exchange::decompress::coding;
use crate::client::exchange::parts::{OptionalInflater, PendingResponse};
#[cfg(feature = "gzip")]
use crate::client::exchange::receive::INPUT;
#[cfg(feature = "gzip")]
use crate::client::response::compressed::Compressed;
use crate::error::Phase;
use crate::proto::body::BodyDecoder;
use crate::proto::bytes::{copy, move_within, split_at_mut};
use crate::proto::framing::Framing;
use crate::proto::header::HeaderFields;
use crate::proto::lines;
use crate::proto::persistence::CloseReason;
use crate::proto::write::at_most;
use crate::transport::Deadline;

/// Called with the number of bytes received so far, and the total number if the server announces
/// it.
pub type Progress<'b> = &'b mut dyn FnMut(u64, Option<u64>);

/// Content that is received through a window: the part of the buffer behind the head.
///
/// ```text
/// buffer   head │ window: read │ unread │ free │ URL
/// ```
///
/// Each method that receives takes the connector of the exchange.
pub struct Content<'b> {
    window: &'b mut [u8],
    /// Start and end, in the window, of the content that has not been read.
    unread: (usize, usize),
    decoder: BodyDecoder,
    /// The input of decompression, if the content is decompressed.
    #[cfg(feature = "gzip")]
    compressed: Option<Compressed<'b>>,
    /// Size in bytes of the buffer besides the window, for errors.
    reserved: usize,
    /// Whether the connection is still in use: until all content has been received.
    is_open: bool,
    /// Whether the connection can be used again according to the head.
    persistence: Persistence,
    timing: Timing<'b>,
    /// The error that ended the content.
    failure: Option<Error>,
    /// Finds the lines. It is here so that another [`Lines`](crate::Lines) can continue behind any
    /// line.
    line_finder: lines::Lines,
    /// Whether the current line is too long and is being skipped.
    is_skipping_line: bool,
    progress: Option<Progress<'b>>,
}

/// How long to wait for content.
#[derive(Clone, Copy)]
pub struct Timing<'b> {
    /// When all of it must have arrived.
    pub deadline: Deadline<'b>,
    /// How long each read may take, in milliseconds.
    pub read_timeout_ms: u64,
}

impl<'b> Content<'b> {
    /// The content of a response whose head has been received. `window` already holds its first
    /// bytes.
    pub fn new(
        pending: PendingResponse,
        headers: &HeaderFields<'_>,
        timing: Timing<'b>,
        inflater: OptionalInflater<'b>,
        connector: &mut dyn Connector,
        window: &'b mut [u8],
    ) -> Result<Self, Error> {
        let PendingResponse { head, url_len, filled, decoder, persistence, .. } = pending;
        let mut content = Self {
            window,
            unread: (0, 0),
            decoder,
            #[cfg(feature = "gzip")]
            compressed: None,
            reserved: head.end.saturating_add(url_len),
            is_open: true,
            persistence,
            timing,
            failure: None,
            line_finder: lines::Lines::default(),
            is_skipping_line: false,
            progress: None,
        };
        let decoded = content.decode_received(connector, filled.saturating_sub(head.end));
        let result = content.prepare(headers, inflater, decoded);
        if let Err(error) = result {
            content.close(connector, Err(CloseReason::Error));
            return Err(error);
        }
        Ok(content)
    }

    /// Starts decompression, if the content is compressed and there is an inflater. `decoded` is
    /// the result of decoding the first bytes. A coding that is not supported is reported before
    /// that, so that the error does not depend on how many bytes have arrived.
    fn prepare(
        &mut self,
        headers: &HeaderFields<'_>,
        inflater: OptionalInflater<'b>,
        decoded: Result<(), Error>,
    ) -> Result<(), Error> {
        #[cfg(feature = "gzip")]
        if let Some(inflater) = inflater
            && let Some(coding) = coding(headers, self.decoder.framing())?
        {
            decoded?;
            inflater.reset(coding);
            return self.start_decompressing(inflater);
        }
        #[cfg(not(feature = "gzip"))]
        let _ = (headers, inflater);
        decoded
    }

    /// Splits the window into a part for decompressed content and one for compressed input. The
    /// received bytes move to the second, where they fit: the head was received with
    /// [`leaves_room`](crate::client::exchange::receive::Receiver::leaves_room).
    #[cfg(feature = "gzip")]
    fn start_decompressing(
        &mut self,
        inflater: &'b mut crate::proto::inflate::Inflater,
    ) -> Result<(), Error> {
        let (start, end) = self.unread;
        let count = end - start;
        let window = mem::take(&mut self.window);
        // Not more if more has arrived, so that the room does not depend on how the bytes arrive.
        let input_len = INPUT.min(window.len() / 2);
        if input_len == 0 {
            // One byte for each part.
            let needed = self.reserved.saturating_add(2);
            return Err(Error::BufferTooSmall { phase: Phase::Body, needed });
        }
        let input_start = window.len() - input_len;
        move_within(window, start..end, input_start);
        let (window, input) = split_at_mut(window, input_start);
        self.reserved = self.reserved.saturating_add(input.len());
        self.window = window;
        self.unread = (0, 0);
        self.compressed = Some(Compressed { input, unread: (0, count), inflater, has_ended: false });
        Ok(())
    }

    pub fn set_progress(&mut self, progress: Progress<'b>) {
        self.progress = Some(progress);
    }

    /// The length in bytes, if the server announces it.
    pub const fn length(&self) -> Option<u64> {
        self.decoder.framing().length()
    }

    /// The number of bytes received.
    pub const fn received(&self) -> u64 {
        self.decoder.received()
    }

    pub fn read(&mut self, connector: &mut dyn Connector, out: &mut [u8]) -> Result<usize, Error> {
        if out.is_empty() {
            return Ok(0);
        }
        let count = if self.unread().is_empty() && out.len() >= self.window.len() {
            // Large reads do not need the window.
            self.receive(connector, out)?
        } else {
            let content = self.fill(connector)?;
            let count = content.len().min(out.len());
            if let (Some(to), Some(from)) = (out.get_mut(..count), content.get(..count)) {
                copy(to, from);
            }
            self.advance(count);
            count
        };
        self.leave_line(count);
        Ok(count)
    }

    /// Returns the content in the window, and receives some first if there is none. Empty at the
    /// end of the content.
    pub fn fill(&mut self, connector: &mut dyn Connector) -> Result<&[u8], Error> {
        if self.unread().is_empty() {
            self.unread = (0, 0);
            self.fill_more(connector)?;
        }
        Ok(self.unread())
    }

    /// Receives all remaining content into the window and returns it, together with the room behind
    /// it.
    pub fn receive_rest(
        &mut self,
        connector: &mut dyn Connector,
    ) -> Result<(&'b mut [u8], &'b mut [u8]), Error> {
        self.move_to_start();
        while !self.has_ended() {
            self.check_room()?;
            self.fill_more(connector)?;
        }
        let (_, end) = mem::take(&mut self.unread);
        Ok(split_at_mut(mem::take(&mut self.window), end))
    }

    /// Fails if the content that the server has announced does not fit behind the content in the window.
    fn check_room(&self) -> Result<(), Error> {
        // The decompressed size is unknown.
        #[cfg(feature = "gzip")]
        if self.compressed.is_some() {
            return Ok(());
        }
        let (_, end) = self.unread;
        // Behind the data of a chunk there has to be room for framing.
        let framing = u64::from(self.decoder.framing() == Framing::Chunked);
        let announced = match self.decoder.announced() {
            0 => 0,
            announced => announced.saturating_add(framing),
        };
        if !self.is_open || announced <= (self.window.len() - end) as u64 {
            return Ok(());
        }
        let announced = usize::try_from(announced).unwrap_or(usize::MAX);
        let needed = self.reserved.saturating_add(end).saturating_add(announced);
        Err(Error::BufferTooSmall { phase: Phase::Body, needed })
    }

    /// Removes the first `count` bytes from the window. They count as bytes, not as lines.
    pub fn consume(&mut self, count: usize) {
        self.advance(count);
        self.leave_line(count);
    }

    /// Returns the next line without its line end; `None` at the end of the content.
    pub fn next_line(&mut self, connector: &mut dyn Connector) -> Result<Option<&[u8]>, Error> {
        loop {
            let has_ended = self.has_ended();
            // Skip the LF of the previous CR LF now: in a full window it would take the place of
            // one byte of the line.
            let (start, end) = self.unread;
            let received = self.window.get(start..end).unwrap_or_default();
            let count = self.line_finder.skip_line_feed(received);
            self.advance(count);
            let start = start + count;
            let received = self.window.get(start..end).unwrap_or_default();
            if let Some(line) = self.line_finder.next(received, has_ended) {
                self.advance(line.consumed);
                if mem::take(&mut self.is_skipping_line) {
                    continue;
                }
                return Ok(self.window.get(start + line.text.start..start + line.text.end));
            }
            if has_ended {
                return Ok(None);
            }
            if let Err(error) = self.fill_more(connector) {
                if matches!(error, Error::BufferTooSmall { .. }) {
                    // Only this line is lost. The lines behind it can still be read, unless there
                    // is no room for a single byte.
                    let (_, dropped) = mem::take(&mut self.unread);
                    self.line_finder = lines::Lines::default();
                    if mem::replace(&mut self.is_skipping_line, true) && dropped > 0 {
                        continue;
                    }
                }
                return Err(error);
            }
        }
    }

    /// Receives more content behind the content in the window.
    fn fill_more(&mut self, connector: &mut dyn Connector) -> Result<(), Error> {
        let (start, end) = self.unread;
        if start > 0 && end == self.window.len() {
            self.move_to_start();
        }
        let end = self.unread.1;
        // Moved out of `self`, so that it can be borrowed together with `self`.
        let window = mem::take(&mut self.window);
        let room = window.get_mut(end..).unwrap_or_default();
        let result = if room.is_empty() && !self.has_ended() {
            let needed = self.reserved.saturating_add(window.len()).saturating_add(1);
            Err(Error::BufferTooSmall { phase: Phase::Body, needed })
        } else {
            self.receive(connector, room)
        };
        self.window = window;
        self.unread.1 += result?;
        Ok(())
    }

    /// Moves the unread content to the start of the window, to make room behind it.
    fn move_to_start(&mut self) {
        let (start, end) = self.unread;
        move_within(self.window, start..end, 0);
        self.unread = (0, end - start);
    }

    /// Whether all of the content has been received.
    fn has_ended(&self) -> bool {
        #[cfg(feature = "gzip")]
        if self.compressed.as_ref().is_some_and(|compressed| !compressed.has_ended) {
            return false;
        }
        !self.is_open && self.failure.is_none()
    }

    /// The content in the window that has not been read.
    fn unread(&self) -> &[u8] {
        let (start, end) = self.unread;
        self.window.get(start..end).unwrap_or_default()
    }

    fn advance(&mut self, count: usize) {
        self.unread.0 = self.unread.0.saturating_add(count).min(self.unread.1);
    }

    /// Notes that `count` bytes were read as bytes. The next line starts behind them.
    fn leave_line(&mut self, count: usize) {
        if count > 0 {
            self.line_finder = lines::Lines::default();
            self.is_skipping_line = false;
        }
    }

    /// Receives at least one byte of content into `room`, which is not empty before the end.
    /// Returns 0 at the end.
    fn receive(&mut self, connector: &mut dyn Connector, room: &mut [u8]) -> Result<usize, Error> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        // One deadline for the whole call: a peer that sends framing without content must not
        // prolong it.
        let Timing { deadline, read_timeout_ms } = self.timing;
        let deadline = deadline.within(connector.now(), read_timeout_ms);
        #[cfg(feature = "gzip")]
        if let Some(mut compressed) = self.compressed.take() {
            let result = self.receive_compressed(connector, &mut compressed, deadline, room);
            self.compressed = Some(compressed);
            return result;
        }
        self.receive_decoded(connector, room, deadline)
    }

    /// Receives input until some content has been decompressed.
    #[cfg(feature = "gzip")]
    fn receive_compressed(
        &mut self,
        connector: &mut dyn Connector,
        compressed: &mut Compressed<'_>,
        deadline: Deadline<'_>,
        room: &mut [u8],
    ) -> Result<usize, Error> {
        while !compressed.has_ended {
            connector.check(deadline)?;
            let result = match compressed.decode(room) {
                Ok(0) if !self.is_open => compressed.finish(),
                result => result,
            };
            match result {
                Ok(0) if compressed.has_ended => break,
                Ok(0) => {
                    let count = self.receive_decoded(connector, compressed.input, deadline)?;
                    compressed.unread = (0, count);
                }
                Ok(count) => return Ok(count),
                Err(error) => {
                    self.fail(connector, error);
                    return Err(error);
                }
            }
        }
        Ok(0)
    }

    /// Receives content and removes its framing.
    fn receive_decoded(
        &mut self,
        connector: &mut dyn Connector,
        room: &mut [u8],
        deadline: Deadline<'_>,
    ) -> Result<usize, Error> {
        while self.is_open {
            let wanted = match self.decoder.framing() {
                Framing::Length(_) => at_most(room.len(), self.decoder.announced()),
                _ => room.len(),
            };
            let piece = room.get_mut(..wanted).unwrap_or_default();
            let decoded = connector.receive(piece, deadline).and_then(|count| match count {
                0 => Ok(self.decoder.end_of_stream().map(|()| 0)?),
                _ => Ok(self.decoder.decode(piece.get_mut(..count).unwrap_or_default())?.content),
            });
            let content = self.record(connector, decoded)?;
            if content > 0 {
                return Ok(content);
            }
        }
        Ok(0)
    }

    /// Removes the framing from the first `count` bytes of the window.
    fn decode_received(&mut self, connector: &mut dyn Connector, count: usize) -> Result<(), Error> {
        let piece = self.window.get_mut(..count).unwrap_or_default();
        let decoded = self.decoder.decode(piece).map(|decoded| decoded.content);
        self.unread = (0, self.record(connector, decoded.map_err(Error::from))?);
        Ok(())
    }

    /// Reports progress, and closes or keeps the connection at the end of the content or after a
    /// failure.
    fn record(
        &mut self,
        connector: &mut dyn Connector,
        decoded: Result<usize, Error>,
    ) -> Result<usize, Error> {
        match decoded {
            Ok(count) => {
                if self.decoder.is_complete() {
                    self.close(connector, self.decoder.persistence());
                }
                let length = self.length();
                if let (Some(progress), 1..) = (&mut self.progress, count) {
                    progress(self.decoder.received(), length);
                }
            }
            // These do not end the content: the next read may succeed.
            Err(Error::Timeout { .. } | Error::Cancelled { .. }) => {}
            Err(error) => self.fail(connector, error),
        }
        decoded
    }

    fn fail(&mut self, connector: &mut dyn Connector, error: Error) {
        self.failure = Some(error);
        self.close(connector, Err(CloseReason::Error));
    }

    fn close(&mut self, connector: &mut dyn Connector, content: Result<(), CloseReason>) {
        if mem::take(&mut self.is_open) {
            connector.close(self.persistence.and_then(|seconds| content.map(|()| seconds)));
        }
    }

    /// Ends the use of the connection before the end of the content. Keeps it only if the rest of
    /// the content is short and has already arrived.
    pub fn discard(&mut self, connector: &mut dyn Connector) {
        if mem::take(&mut self.is_open) {
            let deadline = self.timing.deadline.without_waiting();
            connector.discard(self.persistence, &mut self.decoder, self.window, 0, deadline);
        }
    }
}
