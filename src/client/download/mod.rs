// SPDX-License-Identifier: Apache-2.0
//! Downloads: content is written to a sink, and resumed when the connection drops.

#[cfg(feature = "sha256")]
mod digest;
mod job;
mod sink;

use core::fmt;
use core::time::Duration;

use crate::Error;
use crate::client::connect::one_off::{AsConnector, OneOff};
pub use crate::client::download::job::{Downloaded, Job};
pub use crate::client::download::sink::{Seeking, Sequential, Sink};
use crate::client::duration::milliseconds;
use crate::client::exchange::parts::{Parts, Resources};
use crate::client::exchange::retry::Retry;
use crate::client::request::{Request, Route, platform_network};
use crate::transport::{Network, PlatformNetwork};

/// A `GET` request whose content is written to a [`Sink`], built step by step. See
/// [`download`](crate::download) and [`Session::download`](crate::Session::download).
///
/// If the connection drops, or an answer does not arrive in time, the next attempt asks for the
/// rest of the file (RFC 9110 §14.2), on condition that the file has not changed (`If-Range`, RFC
/// 9110 §13.1.5). That requires a strong validator: an entity tag, or a `Last-Modified` date long
/// enough ago. The download starts again if there is none, if the file has changed, or if the
/// server answers with a wrong part. Parts of different versions are never combined. If a server
/// has sent a wrong part, it is not asked for parts again.
///
/// A validator distinguishes versions of one file, not different files. So a part that came from
/// another URL, after a redirect, counts as wrong too, unless [`sha256`](Self::sha256) checks the
/// whole. With `sha256`, a download can be resumed even if the server redirects to another URL each
/// time, for example a signed one.
///
/// After a failed attempt there is a wait, which doubles each time, and then another attempt.
/// [`attempts`](Self::attempts) sets how many may fail in a row. An attempt that gets further in
/// the file than all before it resets the count. So a long download over a bad link still
/// completes.
///
/// The [`read_timeout`](Self::read_timeout) limits each wait for data. The
/// [`timeout`](Self::timeout), if it is set, limits the whole download.
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
    /// Writes the content of the response to `sink`, as [`download`](crate::download) does. Use it
    /// for a request with further settings. The request's [`retry`](Self::retry) applies to the
    /// download.
    ///
    /// With `decompress`, the sink receives the decompressed content, and a digest is compared with
    /// that. If the connection drops, such a download starts again, because a part of it cannot be
    /// decompressed on its own.
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
        let retry = self.take_retry();
        Download { request: self, job: Job::new(sink, retry) }
    }

    /// Takes the request's retry setting, which a download handles itself.
    pub(crate) fn take_retry(&mut self) -> Option<Retry> {
        self.parts.settings.retry.take().map(|(retry, _)| retry)
    }

    /// Runs a download of this request.
    pub(crate) fn run_job(&mut self, job: &mut Job<'_>, buffer: &mut [u8]) -> Result<Downloaded, Error> {
        let (parts, resources) = (&self.parts, &mut self.resources);
        match &mut self.route {
            Route::Alone(as_connector) => send_alone(parts, *as_connector, resources, job, buffer),
            Route::Session(connector) => job.run(parts, &mut **connector, resources, buffer),
        }
    }
}

impl<'a> Download<'a> {
    /// Limits the time of the whole download, including all attempts and the waits between them.
    /// There is no limit by default, because the time depends on the size.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.job.timeout_ms = Some(milliseconds(timeout));
        self
    }

    /// Limits each wait of the download: from the name look-up to the head of the response,
    /// including redirects, and from each piece of content to the next. If the limit is exceeded,
    /// the attempt fails. The default is the [`read_timeout`](crate::Session::read_timeout) of the
    /// session, or else its timeout, or else `CONFIG_REQUESTS_TIMEOUT_MS`, 30 seconds.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.request = self.request.timeout(timeout).read_timeout(timeout);
        self
    }

    /// Sets how many attempts may fail in a row before the download fails, 5 by default. An attempt
    /// that gets further in the file than all before it resets the count to 1.
    pub fn attempts(mut self, attempts: u16) -> Self {
        self.job.retry = self.job.retry.attempts(attempts);
        self
    }

    /// Sets how many attempts there are, as [`attempts`](Self::attempts), and how long to wait
    /// between them.
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.job.retry = retry;
        self
    }

    /// Resumes an earlier download. `offset` bytes of the content are in the sink already. They
    /// belong to the version that `validator` names, which [`Sink::start`] was given. `len` is the
    /// length of the whole in bytes, if [`Sink::start`] was given it.
    ///
    /// The download starts again if the content has changed meanwhile, or if `validator` is not a
    /// strong one. The URL of the earlier download, after its redirects, is not known any more. If
    /// a redirect may now lead to another file with the same validator, for example from `/latest`
    /// to `/v2.bin`, resume only with [`sha256`](Self::sha256).
    pub fn resume(mut self, offset: u64, len: Option<u64>, validator: &str) -> Self {
        self.job.resume(offset, len, validator);
        self
    }

    /// Asks for at most `bytes` of the file at a time, by range requests (RFC 9110 §14.2). Use it
    /// for connections that cannot receive long TLS records: modems with buffers of 2 KB, or a
    /// small `CONFIG_REQUESTS_TLS_IN_CONTENT_LEN`. 0, the default, asks for everything at once.
    ///
    /// Each piece is checked like the rest of a resumed download. If a server sends no strong
    /// validator, pieces require [`sha256`](Self::sha256); without it, the whole file is asked for
    /// at once. A server that does not support ranges sends the whole file anyway. In a
    /// [`Session`](crate::Session), all pieces use one connection.
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
        self.job.set_piece(bytes);
        self
    }

    /// Checks the content against its SHA-256 digest. A mismatch fails with
    /// [`Error::Sha256Mismatch`]. The digest is computed while the content is written. After
    /// [`resume`](Self::resume), the bytes in the sink are [read](Sink::read_at) for it. If content
    /// assembled from parts does not match, it is first fetched once more as a whole.
    #[cfg(feature = "sha256")]
    pub fn sha256(mut self, digest: [u8; 32]) -> Self {
        self.job.set_digest(digest);
        self
    }

    /// Calls `callback` each time that content was written to the sink, with the number of bytes in
    /// the sink, and the total number if it is known.
    pub fn on_progress(mut self, callback: &'a mut dyn FnMut(u64, Option<u64>)) -> Self {
        self.job.progress = Some(callback);
        self
    }

    /// Runs the download. It uses the same connections as [`Request::send`].
    ///
    /// The buffer must hold the URL and the head of the response. The content passes through the
    /// rest of the buffer. A larger rest needs fewer reads.
    ///
    /// # Errors
    /// Every [`Error`] of a request. [`Error::Status`] if the server does not send the file,
    /// [`Error::UnsupportedCoding`] if the server encodes the file and no `Accept-Encoding` header
    /// asked for that, and [`Error::Sink`], [`Error::InvalidRange`] and [`Error::Sha256Mismatch`].
    /// After several failed attempts, the error of the last one.
    pub fn send(mut self, buffer: &mut [u8]) -> Result<Downloaded, Error> {
        self.request.run_job(&mut self.job, buffer)
    }

    /// As [`send`](Self::send), over any [`Network`]. A session's connections are not used.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_over<N: Network>(mut self, network: &mut N, buffer: &mut [u8]) -> Result<Downloaded, Error> {
        self.job.run(&self.request.parts, &mut OneOff::new(network), &mut self.request.resources, buffer)
    }
}

// Not inlined, so that downloads of a session need no stack for this connection.
#[inline(never)]
fn send_alone(
    parts: &Parts<'_>,
    as_connector: AsConnector<PlatformNetwork>,
    resources: &mut Resources<'_>,
    job: &mut Job<'_>,
    buffer: &mut [u8],
) -> Result<Downloaded, Error> {
    let mut one_off = OneOff::new(platform_network()?);
    job.run(parts, as_connector(&mut one_off), resources, buffer)
}

impl fmt::Debug for Download<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("request", &self.request)
            .field("offset", &self.job.offset)
            .finish_non_exhaustive()
    }
}
