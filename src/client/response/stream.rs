// SPDX-License-Identifier: Apache-2.0
//! A response whose content is received while it is read.

use core::fmt;
use core::ops::Deref;

use embedded_io::{BufRead, ErrorType, Read};

use crate::Error;
use crate::client::connect::connector::Connector;
use crate::client::connect::one_off::{AsConnector, OneOff};
use crate::client::exchange::attempts::receive_head;
use crate::client::exchange::parts::{Exchange, Parts, Resources};
use crate::client::response::content::{Content, Timing};
use crate::client::response::head::Head;
use crate::client::response::lines::{Lines, NextLine};
use crate::client::response::whole::Response;
#[cfg(feature = "capi")]
use crate::error::Phase;
use crate::proto::bytes::split_at_mut;
use crate::transport::{Network, PlatformNetwork};

/// The head of a response, and its content as a stream.
///
/// It implements [`embedded_io::Read`] and [`embedded_io::BufRead`]. It dereferences to its
/// [`Head`], so `status_code`, [`header`](Head::header) and the others can be used directly. A read
/// returns 0 bytes only after the whole content was received. If the content is cut short, a read
/// fails.
///
/// Dropping a stream before its end closes its connection, unless the rest of the content is short
/// and has already arrived.
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
pub struct Stream<'b, N: Network = PlatformNetwork> {
    head: Head<'b>,
    content: Content<'b>,
    source: Source<'b, N>,
    buffer_size: usize,
}

/// The source of the content.
#[allow(clippy::large_enum_variant, reason = "there is no heap to put the connection into")]
pub enum Source<'b, N: Network> {
    /// The connection of a request outside a session.
    Alone(OneOff<N>, AsConnector<N>),
    Session(&'b mut (dyn Connector + 'b)),
}

impl<N: Network> Source<'_, N> {
    fn connector(&mut self) -> &mut dyn Connector {
        match self {
            Self::Alone(one_off, as_connector) => as_connector(one_off),
            Self::Session(connector) => *connector,
        }
    }
}

impl<'b, N: Network> Stream<'b, N> {
    /// Sends the request and receives the head of its response.
    pub(in crate::client) fn begin(
        request: &Parts<'_>,
        mut source: Source<'b, N>,
        mut resources: Resources<'b>,
        buffer: &'b mut [u8],
    ) -> Result<Self, Error> {
        let settings = &request.settings;
        let deadline = resources.deadline(source.connector().now(), settings.timeout_ms);
        let mut exchange = Exchange::new(request, source.connector(), deadline, resources.inflater());
        receive_head(&mut exchange, buffer)?;
        let pending = exchange.response;
        let timing = match settings.read_timeout_ms {
            Some(read_timeout_ms) => Timing { deadline: resources.deadline(0, u64::MAX), read_timeout_ms },
            None => Timing { deadline, read_timeout_ms: u64::MAX },
        };
        let buffer_size = buffer.len();
        let (work, url) = split_at_mut(buffer, buffer_size.saturating_sub(pending.url_len));
        let (received, window) = split_at_mut(work, pending.head.end);
        // C strings end with NUL. This byte was the end of the status line.
        #[cfg(feature = "capi")]
        if let Some(byte) = received.get_mut(pending.head.reason.end) {
            *byte = 0;
        }
        let head = Head::new(received, url, &pending.head, pending.redirects);
        let content = Content::new(
            pending,
            &head.header_fields(),
            timing,
            resources.inflater,
            source.connector(),
            window,
        )?;
        Ok(Self { head, content, source, buffer_size })
    }

    /// Calls `callback` each time that content was received, with the number of bytes received so
    /// far, and the total number if the server announces it. The first call is at once if content
    /// has come together with the head.
    #[must_use]
    pub fn on_progress(mut self, callback: &'b mut dyn FnMut(u64, Option<u64>)) -> Self {
        if self.received() > 0 {
            callback(self.received(), self.content_length());
        }
        self.content.set_progress(callback);
        self
    }

    /// The lines of the content, as Python's `iter_lines`. A second call continues behind the last
    /// line.
    pub fn iter_lines(&mut self) -> Lines<'_> {
        Lines::new(self)
    }

    /// Receives the rest of the content into the request's buffer and returns a [`Response`]. Use
    /// it for example if the answer is an error with a JSON body.
    ///
    /// ```
    /// # fn main() -> Result<(), requests::Error> {
    /// # use requests::transport::scripted::{Script, ScriptedNetwork};
    /// # let mut network = ScriptedNetwork::new([Script::new(
    /// #     b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 16\r\n\r\n{\"error\":\"slow\"}",
    /// # )]);
    /// let mut buffer = [0; 512];
    /// let stream = requests::get("http://example.org/events").stream_over(&mut network, &mut buffer)?;
    /// if !stream.ok() {
    ///     let response = stream.into_response()?;
    ///     assert_eq!(response.json_at::<&str>("/error")?, "slow");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`] if the buffer cannot hold the content. Otherwise those of reading
    /// the stream.
    pub fn into_response(mut self) -> Result<Response<'b>, Error> {
        let (content, spare) = self.content.receive_rest(self.source.connector())?;
        Ok(Response::read(self.head.clone(), content, spare, self.buffer_size))
    }

    /// As [`into_response`](Self::into_response), without moving the stream. Behind the content there is a
    /// NUL, as texts of C have it.
    #[cfg(feature = "capi")]
    pub(crate) fn receive_rest(&mut self) -> Result<Response<'b>, Error> {
        let received = self.content.receive_rest(self.source.connector());
        let (content, spare) = received.map_err(Error::counting_nul)?;
        let Some((nul, spare)) = spare.split_first_mut() else {
            let needed = self.buffer_size.saturating_add(1);
            return Err(Error::BufferTooSmall { phase: Phase::Body, needed });
        };
        *nul = 0;
        Ok(Response::read(self.head.clone(), content, spare, self.buffer_size))
    }

    /// The length of the content in bytes, if the server announces it. For compressed content, the
    /// length before decompression.
    #[must_use]
    pub const fn content_length(&self) -> Option<u64> {
        self.content.length()
    }

    /// The number of bytes of content received so far, including those that have not been read yet.
    /// For compressed content, the number before decompression.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.content.received()
    }
}

impl<N: Network> NextLine for Stream<'_, N> {
    fn next_line(&mut self) -> Result<Option<&[u8]>, Error> {
        self.content.next_line(self.source.connector())
    }
}

impl<N: Network> Drop for Stream<'_, N> {
    fn drop(&mut self) {
        self.content.discard(self.source.connector());
    }
}

impl<N: Network> ErrorType for Stream<'_, N> {
    type Error = Error;
}

impl<N: Network> Read for Stream<'_, N> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        self.content.read(self.source.connector(), out)
    }
}

impl<N: Network> BufRead for Stream<'_, N> {
    fn fill_buf(&mut self) -> Result<&[u8], Error> {
        self.content.fill(self.source.connector())
    }

    fn consume(&mut self, count: usize) {
        self.content.consume(count);
    }
}

impl<'b, N: Network> Deref for Stream<'b, N> {
    type Target = Head<'b>;

    fn deref(&self) -> &Head<'b> {
        &self.head
    }
}

impl<N: Network> fmt::Debug for Stream<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("status_code", &self.head.status_code)
            .field("reason", &self.head.reason)
            .field("received", &self.received())
            .finish_non_exhaustive()
    }
}
