// SPDX-License-Identifier: Apache-2.0
//! A response whose content is received while it is read.

use core::fmt;
use core::ops::Deref;

use embedded_io::{BufRead, ErrorType, Read};

use crate::Error;
#[cfg(feature = "gzip")]
use crate::client::connector::Decompression;
use crate::client::connector::{Connector, Lease, Place};
#[cfg(feature = "gzip")]
use crate::client::decompress::{Compressed, INPUT, coding};
use crate::client::exchange::{Begun, DRAIN_MS, begin_patiently, drain};
use crate::client::head::Head;
use crate::client::lines::Lines;
use crate::client::request::Parts;
use crate::error::Phase;
use crate::proto::body::BodyDecoder;
use crate::proto::framing::Framing;
#[cfg(feature = "gzip")]
use crate::proto::header::HeaderFields;
#[cfg(feature = "gzip")]
use crate::proto::inflate::Inflater;
use crate::proto::lines;
use crate::proto::persistence::CloseReason;
use crate::proto::write::at_most;
use crate::transport::{Deadline, Network, Transport};

/// The head of a response, and its content as a stream.
///
/// It implements [`embedded_io::Read`] and [`embedded_io::BufRead`]; what stands in its [`Head`], such as
/// `status_code` and [`header`](Head::header), is reached directly. Reading gives 0 bytes only where the content has
/// been received whole: if it is cut short, the read that finds out fails.
///
/// A stream that is dropped before its end closes its connection, unless the rest has arrived already and is short.
///
/// ```
/// # fn main() -> Result<(), requests::Error> {
/// # use requests::transport::scripted::{Script, ScriptedNetwork};
/// # let mut network = ScriptedNetwork::new([Script::new(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]);
/// use embedded_io::Read;
///
/// let mut buffer = [0; 512];
/// let mut stream = requests::get("http://example.org/").stream_over(&mut network, &mut buffer)?;
/// stream.raise_for_status()?;
/// let mut piece = [0; 4];
/// let mut size = 0;
/// loop {
///     match stream.read(&mut piece)? {
///         0 => break,
///         count => size += count,
///     }
/// }
/// assert_eq!(size, 5);
/// # Ok(())
/// # }
/// ```
pub struct ResponseStream<'b, C: Connector> {
    head: Head<'b>,
    content: Content<'b, C>,
}

/// The content of a response, on its way.
pub(super) struct Content<'b, C: Connector> {
    connector: C,
    /// The connection, until all has been received.
    connection: Place<C>,
    lease: Lease,
    /// Whether the connection can be used further, as far as the head tells.
    keep: Result<Option<u32>, CloseReason>,
    decoder: BodyDecoder,
    /// What content passes through when it is not read in pieces that are larger.
    window: &'b mut [u8],
    /// What has been received of content that is decompressed on its way to the window, or to the reader.
    #[cfg(feature = "gzip")]
    compressed: Option<Compressed<'b>>,
    /// Size of the buffer besides the window, for errors.
    outside: usize,
    /// Where in the window the content is that has not been read: its start and its end.
    unread: (usize, usize),
    /// Splits it into lines, if somebody wants to: kept here, for [`Lines`] to be made again behind any line.
    finder: lines::Lines,
    timing: Timing,
    /// Why there will be no more.
    failure: Option<Error>,
    progress: Option<&'b mut dyn FnMut(u64, Option<u64>)>,
}

/// How long content is waited for.
#[derive(Clone, Copy)]
pub(super) struct Timing {
    /// Until when all of it has to be there.
    pub until: Deadline<'static>,
    /// How long each read may take.
    pub read_timeout_ms: u64,
}

impl<'b, C: Connector> ResponseStream<'b, C> {
    /// Sends the request and receives the head of its response.
    pub(super) fn begin(request: &Parts<'_>, mut connector: C, buffer: &'b mut [u8]) -> Result<Self, Error> {
        let until = Deadline::after(connector.network().now(), request.timeout_ms);
        let mut place = None;
        let begun = begin_patiently(request, &mut connector, until, buffer, &mut place)?;
        let timing = match request.read_timeout_ms {
            Some(read_timeout_ms) => Timing { until: Deadline::after(0, u64::MAX), read_timeout_ms },
            None => Timing { until, read_timeout_ms: u64::MAX },
        };
        Self::new(begun, place, connector, timing, buffer)
    }

    /// The stream of a response whose head has been received into `buffer`.
    pub(super) fn new(
        begun: Begun,
        connection: Place<C>,
        connector: C,
        timing: Timing,
        buffer: &'b mut [u8],
    ) -> Result<Self, Error> {
        let Begun { head, url_len, filled, redirects, decoder, lease, keep } = begun;
        let url_start = buffer.len().saturating_sub(url_len);
        let (work, url) = buffer.split_at_mut(url_start);
        let (received, window) = work.split_at_mut(head.end);
        let mut content = Content {
            connector,
            connection,
            lease,
            keep,
            decoder,
            window,
            #[cfg(feature = "gzip")]
            compressed: None,
            outside: head.end.saturating_add(url_len),
            unread: (0, 0),
            finder: lines::Lines::default(),
            timing,
            failure: None,
            progress: None,
        };
        let taken = content.take_in(filled.saturating_sub(head.end));
        let head = Head::new(received, url, &head, redirects);
        // Whether it can be decompressed does not depend on how much of it has come already.
        #[cfg(feature = "gzip")]
        let is_compressed = content.prepare_inflater(&head.header_fields())?;
        taken?;
        #[cfg(feature = "gzip")]
        if is_compressed {
            content.start_decompressing();
        }
        Ok(Self { head, content })
    }

    /// Has `callback` called with the bytes of content received so far, and with how many there are in all, where the
    /// server says so, whenever more have been received; at once for those that came together with the head.
    #[must_use]
    pub fn on_progress(mut self, callback: &'b mut dyn FnMut(u64, Option<u64>)) -> Self {
        if self.received() > 0 {
            callback(self.received(), self.content_length());
        }
        self.content.progress = Some(callback);
        self
    }

    /// The lines of the content, as Python's `iter_lines` gives them. Called again, it goes on behind the last line.
    pub fn iter_lines(&mut self) -> Lines<'_, 'b, C> {
        Lines::new(&mut self.content)
    }

    /// How many bytes the content has, where the server says so beforehand; of compressed content, before it is
    /// decompressed.
    #[must_use]
    pub const fn content_length(&self) -> Option<u64> {
        self.content.length()
    }

    /// How many bytes of content have been received so far, also those that have not been read yet; of compressed
    /// content, before it is decompressed.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.content.decoder.received()
    }

    /// Whether the content is decompressed as it is read.
    #[cfg(feature = "gzip")]
    pub(super) const fn is_decompressed(&self) -> bool {
        self.content.compressed.is_some()
    }

    /// How the end of the content is told.
    #[cfg(feature = "gzip")]
    pub(super) const fn framing(&self) -> Framing {
        self.content.decoder.framing()
    }

    /// Has the content that has not been read decompressed by [`read_decompressed`](Self::read_decompressed).
    #[cfg(feature = "gzip")]
    pub(super) fn start_decompressing(&mut self) {
        self.content.start_decompressing();
    }

    /// Reads content that `inflater` decompresses.
    #[cfg(feature = "gzip")]
    pub(super) fn read_decompressed(
        &mut self,
        inflater: &mut Inflater,
        out: &mut [u8],
    ) -> Result<usize, Error> {
        if out.is_empty() {
            return Ok(0);
        }
        self.content.receive_content(Some(inflater), out)
    }
}

impl<C: Connector> Content<'_, C> {
    const fn length(&self) -> Option<u64> {
        self.decoder.framing().length()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        if out.is_empty() {
            return Ok(0);
        }
        if self.unread().is_empty() && out.len() >= self.window.len() {
            // There is no use in a detour through the window.
            return self.receive(out);
        }
        let content = self.fill()?;
        let count = content.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), content.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }

    /// The content in the window; where there is none, receives some. Empty at the end of the content.
    fn fill(&mut self) -> Result<&[u8], Error> {
        if self.unread().is_empty() {
            self.unread = (0, 0);
            self.fill_more()?;
        }
        Ok(self.unread())
    }

    /// Receives content behind that in the window, and returns how much; 0 at the end.
    pub(super) fn fill_more(&mut self) -> Result<usize, Error> {
        let (start, end) = self.unread;
        if start > 0 && end == self.window.len() {
            self.window.copy_within(start..end, 0);
            self.unread = (0, end - start);
        }
        let end = self.unread.1;
        // The window is taken out so that it can be lent beside `self`.
        let window = core::mem::take(&mut self.window);
        let room = window.get_mut(end..).unwrap_or_default();
        let result = if room.is_empty() && !self.has_ended() {
            let needed = self.outside.saturating_add(window.len()).saturating_add(1);
            Err(Error::BufferTooSmall { phase: Phase::Body, needed })
        } else {
            self.receive(room)
        };
        self.window = window;
        let count = result?;
        self.unread.1 += count;
        Ok(count)
    }

    /// Whether all of the content has been received.
    pub(super) fn has_ended(&self) -> bool {
        #[cfg(feature = "gzip")]
        if self.compressed.as_ref().is_some_and(|compressed| !compressed.has_ended) {
            return false;
        }
        self.connection.is_none() && self.failure.is_none()
    }

    /// Where the next line is in the window, if all of it is there.
    pub(super) fn next_line(&mut self, has_ended: bool) -> Option<lines::Line> {
        let (start, end) = self.unread;
        self.finder.next(self.window.get(start..end).unwrap_or_default(), has_ended)
    }

    /// Takes the first `count` bytes out of the window.
    pub(super) fn take(&mut self, count: usize) -> &[u8] {
        let (start, _) = self.unread;
        self.consume(count);
        self.window.get(start..self.unread.0).unwrap_or_default()
    }

    /// The content that has been received to the window and not been read.
    fn unread(&self) -> &[u8] {
        let (start, end) = self.unread;
        self.window.get(start..end).unwrap_or_default()
    }

    /// So many bytes were read as what they are: a line begins behind them.
    fn leave_line(&mut self, count: usize) {
        if count > 0 {
            self.finder = lines::Lines::default();
        }
    }

    fn consume(&mut self, count: usize) {
        self.unread.0 = self.unread.0.saturating_add(count).min(self.unread.1);
    }

    /// Receives at least one byte of content into `room`, which is not empty before the end; 0 at the end.
    fn receive(&mut self, room: &mut [u8]) -> Result<usize, Error> {
        self.receive_content(
            #[cfg(feature = "gzip")]
            None,
            room,
        )
    }

    /// The same. Compressed content is decompressed by `inflater`, or that of the request.
    fn receive_content(
        &mut self,
        #[cfg(feature = "gzip")] inflater: Option<&mut Inflater>,
        room: &mut [u8],
    ) -> Result<usize, Error> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        // Once for all of it: who sends framing and no content does not prolong it.
        let Timing { until, read_timeout_ms } = self.timing;
        let until = until.within(self.connector.network().now(), read_timeout_ms);
        #[cfg(feature = "gzip")]
        if let Some(mut compressed) = self.compressed.take() {
            let result = self.receive_compressed(&mut compressed, inflater, until, room);
            self.compressed = Some(compressed);
            return result;
        }
        self.receive_as_it_is(room, until)
    }

    /// Receives content and decompresses it, until there is some.
    #[cfg(feature = "gzip")]
    fn receive_compressed(
        &mut self,
        compressed: &mut Compressed<'_>,
        mut inflater: Option<&mut Inflater>,
        until: Deadline<'static>,
        room: &mut [u8],
    ) -> Result<usize, Error> {
        while !compressed.has_ended {
            let Decompression { inflater: own, deadline, network } = self.connector.decompression(until);
            let inflater = inflater.as_deref_mut().or(own).ok_or(Error::UnsupportedCoding)?;
            // What was received in time can still take long: little compressed content can be much.
            deadline
                .check(network.now())
                .map_err(|error| Error::from_io(error, Phase::Receive, Error::Receive))?;
            let result = match compressed.decode(inflater, room) {
                Ok(0) if self.connection.is_none() => compressed.finish(inflater),
                result => result,
            };
            match result {
                Ok(0) if compressed.has_ended => break,
                Ok(0) if compressed.input.is_empty() => {
                    let needed = self.outside.saturating_add(self.window.len()).saturating_add(2);
                    return Err(Error::BufferTooSmall { phase: Phase::Body, needed });
                }
                Ok(0) => {
                    let count = self.receive_as_it_is(compressed.input, until)?;
                    compressed.unread = (0, count);
                }
                Ok(count) => return Ok(count),
                Err(error) => {
                    self.failure = Some(error);
                    self.close(Err(CloseReason::Error));
                    return Err(error);
                }
            }
        }
        Ok(0)
    }

    /// Whether the content is compressed, and the request wants it decompressed: its inflater is ready then.
    #[cfg(feature = "gzip")]
    fn prepare_inflater(&mut self, headers: &HeaderFields<'_>) -> Result<bool, Error> {
        let Some(inflater) = self.connector.decompression(self.timing.until).inflater else {
            return Ok(false);
        };
        let coding = coding(headers, self.decoder.framing())?;
        Ok(coding.map(|coding| inflater.reset(coding)).is_some())
    }

    /// Divides the window: what is in it is compressed, and moves to the part where content is received.
    #[cfg(feature = "gzip")]
    fn start_decompressing(&mut self) {
        let (start, end) = self.unread;
        let count = end - start;
        let window = core::mem::take(&mut self.window);
        let input_start = window.len() - INPUT.min(window.len() / 2).max(count);
        window.copy_within(start..end, input_start);
        let (window, input) = window.split_at_mut(input_start);
        self.outside = self.outside.saturating_add(input.len());
        self.window = window;
        self.unread = (0, 0);
        self.compressed = Some(Compressed { input, unread: (0, count), has_ended: false });
    }

    /// Receives content without decompressing it.
    fn receive_as_it_is(&mut self, room: &mut [u8], until: Deadline<'static>) -> Result<usize, Error> {
        loop {
            let Some(connection) = &mut self.connection else {
                return Ok(0);
            };
            let wanted = match self.decoder.framing() {
                Framing::Length(_) => at_most(room.len(), self.decoder.announced()),
                _ => room.len(),
            };
            let piece = room.get_mut(..wanted).unwrap_or_default();
            match connection.receive(piece, self.connector.deadline(until)) {
                Ok(count) => {
                    let piece = piece.get_mut(..count).unwrap_or_default();
                    let decoded = if count == 0 {
                        self.decoder.end_of_stream().map(|()| 0)
                    } else {
                        self.decoder.decode(piece).map(|decoded| decoded.content)
                    };
                    let content = self.settle(decoded.map_err(Error::from))?;
                    if content > 0 {
                        return Ok(content);
                    }
                }
                Err(error) => {
                    let error = connection.explain(Error::from_io(error, Phase::Receive, Error::Receive));
                    return self.settle(Err(error));
                }
            }
        }
    }

    /// Takes in `count` bytes that were received to the start of the window.
    fn take_in(&mut self, count: usize) -> Result<(), Error> {
        let piece = self.window.get_mut(..count).unwrap_or_default();
        let decoded = self.decoder.decode(piece).map(|decoded| decoded.content);
        self.unread = (0, self.settle(decoded.map_err(Error::from))?);
        Ok(())
    }

    /// Gives the connection back at the end of the content, and where it has failed.
    fn settle(&mut self, decoded: Result<usize, Error>) -> Result<usize, Error> {
        match decoded {
            Ok(count) => {
                if self.decoder.is_complete() {
                    self.close(self.decoder.persistence());
                }
                let length = self.length();
                if let (Some(progress), 1..) = (&mut self.progress, count) {
                    progress(self.decoder.received(), length);
                }
            }
            // Time may be given once more.
            Err(Error::Timeout { .. } | Error::Cancelled { .. }) => {}
            Err(error) => {
                self.failure = Some(error);
                self.close(Err(CloseReason::Error));
            }
        }
        decoded
    }

    fn close(&mut self, persistence: Result<(), CloseReason>) {
        if self.connection.is_some() {
            let keep = self.keep.and_then(|keep| persistence.map(|()| keep));
            self.connector.close(&mut self.connection, self.lease, keep);
        }
    }
}

impl<C: Connector> Drop for Content<'_, C> {
    fn drop(&mut self) {
        let drained = match &mut self.connection {
            Some(connection) if self.keep.is_ok() => {
                let soon = self.timing.until.within(self.connector.network().now(), DRAIN_MS);
                let deadline = self.connector.deadline(soon).without_waiting();
                drain(&mut self.decoder, connection, deadline, self.window, 0)
            }
            _ => Err(CloseReason::ResponseIncomplete),
        };
        self.close(drained);
    }
}

impl<C: Connector> ErrorType for ResponseStream<'_, C> {
    type Error = Error;
}

impl<C: Connector> Read for ResponseStream<'_, C> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        let count = self.content.read(out)?;
        self.content.leave_line(count);
        Ok(count)
    }
}

impl<C: Connector> BufRead for ResponseStream<'_, C> {
    fn fill_buf(&mut self) -> Result<&[u8], Error> {
        self.content.fill()
    }

    fn consume(&mut self, count: usize) {
        self.content.consume(count);
        self.content.leave_line(count);
    }
}

impl<'b, C: Connector> Deref for ResponseStream<'b, C> {
    type Target = Head<'b>;

    fn deref(&self) -> &Head<'b> {
        &self.head
    }
}

impl<C: Connector> fmt::Debug for ResponseStream<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseStream")
            .field("status_code", &self.head.status_code)
            .field("reason", &self.head.reason)
            .field("received", &self.received())
            .finish_non_exhaustive()
    }
}
