// SPDX-License-Identifier: Apache-2.0
//! Content that goes to a sink, however often the connection drops on the way.

#[cfg(feature = "sha256")]
mod digest;
mod job;
mod sink;

use core::fmt;
use core::time::Duration;

use crate::Error;
use crate::client::connect::one_off::{AsConnector, OneOff};
#[cfg(feature = "sha256")]
use crate::client::download::digest::Digest;
pub use crate::client::download::job::Downloaded;
use crate::client::download::job::Job;
pub use crate::client::download::sink::{Seeking, Sequential, Sink};
use crate::client::duration::milliseconds;
use crate::client::exchange::parts::{Lent, Parts};
use crate::client::exchange::retry::Retry;
use crate::client::request::{Request, Route, platform_network};
use crate::proto::range::Validator;
use crate::proto::request_head::WriteRest;
use crate::proto::resume::write_piece;
use crate::transport::{Network, PlatformNetwork};

/// A `GET` whose content goes to a [`Sink`], built step by step; see [`download`](crate::download) and
/// [`Session::download`](crate::Session::download).
///
/// Where the connection drops, or an answer does not come in time, the rest is asked for (RFC 9110 §14.2), on
/// condition that the file is still the same (`If-Range`, RFC 9110 §13.1.5). That takes a strong validator:
/// an entity tag, or a date of modification long enough ago. Without one, or if the file has changed, or if
/// the server answers with a part that does not belong there, the download starts anew: parts of different
/// versions are never put together. A server that has sent a wrong part is not asked for parts any more.
///
/// A validator tells versions of one file apart, not files. So a part that a redirect has led to another URL
/// for does not belong there either, unless [`sha256`](Self::sha256) checks the whole: with it, a server
/// whose redirects change each time, as those to signed URLs do, can be resumed.
///
/// An attempt that fails is followed by another after a while that doubles each time.
/// [`attempts`](Self::attempts) says how many may fail in a row; an attempt that has brought more of the file
/// than any before it starts the count anew, so that a long download over a bad link ends.
///
/// Each wait for data is bound by the [`read_timeout`](Self::read_timeout), the download as a whole only by
/// the [`timeout`](Self::timeout), if one is set.
///
/// ```
/// # fn main() -> Result<(), requests::Error> {
/// # use requests::transport::scripted::{Script, ScriptedNetwork};
/// # let mut network = ScriptedNetwork::new([
/// #     Script::new(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nETag: \"1\"\r\n\r\nhello "),
/// #     Script::new(b"HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nETag: \"1\"\r\n\
/// #         Content-Range: bytes 6-10/11\r\n\r\nworld"),
/// # ]);
/// let mut image = [0; 11]; // or flash, or a file: see `Sink`
/// let mut buffer = [0; 1024];
/// let done = requests::download("http://example.org/image", &mut image)
///     .attempts(3)
///     .send_over(&mut network, &mut buffer)?; // `send(&mut buffer)` uses the real network
/// assert_eq!((done.len, done.requests), (11, 2));
/// assert_eq!(&image, b"hello world");
/// # Ok(())
/// # }
/// ```
#[must_use = "a download does nothing until it is sent"]
pub struct Download<'a> {
    request: Request<'a>,
    job: Job<'a>,
}

impl<'a> Request<'a> {
    /// Has the content of the response go to `sink`, as [`download`](crate::download) does for a request
    /// without further settings. The request's [`retry`](Self::retry) holds for the download.
    ///
    /// With `decompress` the sink is given what comes of the compressed content. A download
    /// that has begun so starts anew where the connection drops, for parts of it cannot be decompressed on
    /// their own; a digest is compared with what the sink has.
    ///
    /// ```
    /// # fn main() -> Result<(), requests::Error> {
    /// # use requests::transport::scripted::{Script, ScriptedNetwork};
    /// # let mut network = ScriptedNetwork::new([Script::new(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]);
    /// let mut image = [0; 5]; // or flash, or a file: see `Sink`
    /// let mut buffer = [0; 512];
    /// let done = requests::get("http://example.org/image")
    ///     .header("X-Device", "42")
    ///     .download(&mut image)
    ///     .send_over(&mut network, &mut buffer)?; // `send(&mut buffer)` uses the real network
    /// assert_eq!(done.len, 5);
    /// # Ok(())
    /// # }
    /// ```
    pub fn download(mut self, sink: &'a mut dyn Sink) -> Download<'a> {
        let retry = self.parts.settings.retry.take().map(|(retry, _)| retry);
        Download { request: self, job: Job::new(sink, retry) }
    }
}

impl<'a> Download<'a> {
    /// Bounds the download as a whole, all attempts and the time between them included. There is no bound by
    /// default: how long a download takes is up to its size.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.job.timeout_ms = Some(milliseconds(timeout));
        self
    }

    /// Bounds each wait within the download: from the look-up of the name to the head of an answer, redirects
    /// included, and from each piece of content to the next. The attempt fails where that is exceeded. The
    /// default is the [`read_timeout`](crate::Session::read_timeout) of the session, or its timeout, or else
    /// `CONFIG_REQUESTS_TIMEOUT_MS`, 30 seconds.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.request = self.request.timeout(timeout).read_timeout(timeout);
        self
    }

    /// How many attempts may fail in a row before the download does, 5 by default. An attempt that has
    /// brought more of the file than any before it counts as the first again.
    pub fn attempts(mut self, attempts: u16) -> Self {
        self.job.retry = self.job.retry.attempts(attempts);
        self
    }

    /// How attempts follow each other: how many as [`attempts`](Self::attempts), and how long to wait between
    /// them.
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.job.retry = retry;
        self
    }

    /// Takes the content up where an earlier download was left: `offset` bytes of it are in the sink already,
    /// and they belong to the version that `validator` names, as [`Sink::start`] was told. `len` is the size
    /// of the whole, where that was told too.
    ///
    /// The download starts anew where the content has changed meanwhile, or `validator` is none that names
    /// one version. Which URL a redirect had led to is not known any more: where it may lead to another file
    /// with the same validator, as that of `/latest` to `/v2.bin`, do not resume without
    /// [`sha256`](Self::sha256).
    pub fn resume(mut self, offset: u64, len: Option<u64>, validator: &str) -> Self {
        self.job.offset = offset;
        self.job.complete = len;
        self.job.validator = Validator::from_kept(validator);
        self
    }

    /// Asks for at most `bytes` of the file at a time, by ranges (RFC 9110 §14.2), so that no response is
    /// longer: for connections that cannot take long records of TLS, as modems with buffers of 2 KB, or small
    /// `CONFIG_REQUESTS_TLS_IN_CONTENT_LEN`. 0 asks for everything at once, which is the default.
    ///
    /// Each piece is checked as the rest of a download that is resumed. A server that sends no strong
    /// validator can be asked for pieces only with [`sha256`](Self::sha256); it is asked for everything at
    /// once else, as one that does not know ranges answers anyway. In a [`Session`](crate::Session) all
    /// pieces come over one connection.
    ///
    /// ```
    /// # fn main() -> Result<(), requests::Error> {
    /// # use requests::transport::scripted::{Script, ScriptedNetwork};
    /// # let mut network = ScriptedNetwork::new([
    /// #     Script::new(b"HTTP/1.1 206 Partial Content\r\nContent-Length: 6\r\nETag: \"1\"\r\n\
    /// #         Content-Range: bytes 0-5/11\r\n\r\nhello "),
    /// #     Script::new(b"HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nETag: \"1\"\r\n\
    /// #         Content-Range: bytes 6-10/11\r\n\r\nworld"),
    /// # ]);
    /// let mut image = [0; 11];
    /// let mut buffer = [0; 1024];
    /// let done = requests::download("http://example.org/image", &mut image)
    ///     .piece(6)
    ///     .send_over(&mut network, &mut buffer)?;
    /// assert_eq!((&image, done.requests), (b"hello world", 2));
    /// # Ok(())
    /// # }
    /// ```
    pub fn piece(mut self, bytes: u64) -> Self {
        self.job.piece = (bytes > 0).then_some((bytes, write_piece as WriteRest));
        self
    }

    /// Has the content checked against its SHA-256 digest: another ends the download with
    /// [`Error::Sha256Mismatch`]. The digest is made while the content passes by; what
    /// [`resume`](Self::resume) finds in the sink is [read](Sink::read_at) for it. Content that was put
    /// together of parts, and is wrong, is fetched once more as a whole first.
    #[cfg(feature = "sha256")]
    pub fn sha256(mut self, digest: [u8; 32]) -> Self {
        self.job.digest = Some(Digest::new(digest));
        self
    }

    /// Has `callback` called with the bytes of content in the sink, and with how many there are in all, where
    /// that is known, whenever that has changed.
    pub fn on_progress(mut self, callback: &'a mut dyn FnMut(u64, Option<u64>)) -> Self {
        self.job.progress = Some(callback);
        self
    }

    /// Downloads, over connections as [`Request::send`] has them.
    ///
    /// The buffer, in bytes, has to hold the URL together with the head of the response. What is free
    /// besides, the more the better, is where the content passes through.
    ///
    /// # Errors
    /// Every [`Error`] of a request; [`Error::Status`] where there is nothing to download,
    /// [`Error::UnsupportedCoding`] where the server sends an encoded form of the file that no
    /// `Accept-Encoding` header asked for, [`Error::Sink`], [`Error::InvalidRange`],
    /// [`Error::Sha256Mismatch`]. Of failures that are worth another attempt it is the last one.
    pub fn send(mut self, buffer: &mut [u8]) -> Result<Downloaded, Error> {
        let (parts, lent) = (&self.request.parts, &mut self.request.lent);
        match self.request.route {
            Route::Alone(as_connector) => send_alone(parts, as_connector, lent, &mut self.job, buffer),
            Route::Session(connector) => self.job.run(parts, connector, lent, buffer),
        }
    }

    /// Downloads over any [`Network`], otherwise as [`send`](Self::send). The connections of a session are
    /// not used.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_over<N: Network>(mut self, network: &mut N, buffer: &mut [u8]) -> Result<Downloaded, Error> {
        self.job.run(&self.request.parts, &mut OneOff::new(network), &mut self.request.lent, buffer)
    }
}

// In its own frame: a download of a session needs no room for the connection.
#[inline(never)]
fn send_alone(
    parts: &Parts<'_>,
    as_connector: AsConnector<PlatformNetwork>,
    lent: &mut Lent<'_>,
    job: &mut Job<'_>,
    buffer: &mut [u8],
) -> Result<Downloaded, Error> {
    let mut one_off = OneOff::new(platform_network()?);
    job.run(parts, as_connector(&mut one_off), lent, buffer)
}

impl fmt::Debug for Download<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("request", &self.request)
            .field("offset", &self.job.offset)
            .finish_non_exhaustive()
    }
}
