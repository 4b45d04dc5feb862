// SPDX-License-Identifier: Apache-2.0
//! Content that goes to a sink, however often the connection drops on the way.

use core::fmt;
use core::time::Duration;

use embedded_io::{BufRead as _, ErrorKind};

use crate::Error;
use crate::client::connector::Connector;
use crate::client::direct::Direct;
use crate::client::exchange::begin;
use crate::client::request::{Parts, Request, milliseconds};
use crate::client::retry::{Retry, is_transient, wait};
use crate::client::session::InSession;
#[cfg(feature = "sha256")]
use crate::client::sha256::Digest;
use crate::client::sink::Sink;
use crate::client::stream::{ResponseStream, Timing};
use crate::proto::content_encoding::{asks_for_encoded, is_identity};
use crate::proto::framing::Framing;
use crate::proto::header::HeaderFields;
use crate::proto::range::Validator;
use crate::proto::request_head::WriteRest;
use crate::proto::resume::{Part, Rest, part_of_response, write_rest};
use crate::proto::retry_after;
#[cfg(feature = "sha256")]
use crate::proto::write::at_most;
#[cfg(feature = "tls")]
use crate::tls::TlsConfig;
#[cfg(any(feature = "host", feature = "zephyr"))]
use crate::transport::PlatformNetwork;
use crate::transport::{CancelToken, Deadline, Network};

/// The longest validator that a download is resumed with, in bytes. Entity tags are digests at most, in practice.
const MAX_VALIDATOR: usize = 80;

/// Attempts without progress, unless [`Download::attempts`] says otherwise.
const ATTEMPTS: u16 = 5;

/// A `GET` whose content goes to a [`Sink`], built step by step; see [`download`](crate::download) and
/// [`Session::download`](crate::Session::download).
///
/// Where the connection drops, or an answer does not come in time, the rest is asked for (RFC 9110 §14.2), on condition
/// that the file is still the same (`If-Range`, RFC 9110 §13.1.5). That takes a strong validator: an entity tag, or a
/// date of modification long enough ago. Without one, or if the file has changed, or if the server answers with a part
/// that does not belong there, the download starts anew: parts of different versions are never put together. A server
/// that has sent a wrong part is not asked for parts any more.
///
/// A validator tells versions of one file apart, not files. So a part that a redirect has led to another URL for does
/// not belong there either, unless [`sha256`](Self::sha256) checks the whole: with it, a server whose redirects change
/// each time, as those to signed URLs do, can be resumed.
///
/// An attempt that fails is followed by another after a while that doubles each time. [`attempts`](Self::attempts) says
/// how many may fail in a row; an attempt that has brought more of the file than any before it starts the count anew, so
/// that a long download over a bad link ends.
///
/// Each wait for data is bound by the [`read_timeout`](Self::read_timeout), the download as a whole only by the
/// [`timeout`](Self::timeout), if one is set.
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
pub struct Download<'a, V = Direct<'static>> {
    request: Request<'a, V>,
    job: Job<'a>,
}

/// A download that is complete.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Downloaded {
    /// Size of the content in bytes.
    pub len: u64,
    /// How many requests it took, redirects not counted.
    pub requests: u32,
    validator: Option<Validator<MAX_VALIDATOR>>,
}

impl Downloaded {
    /// What tells this version of the content from others, where the server has said so and it is strong.
    #[must_use]
    pub fn validator(&self) -> Option<&str> {
        self.validator.as_ref().and_then(text)
    }
}

/// What there is of the content, and what is to become of it.
struct Job<'a> {
    sink: &'a mut dyn Sink,
    #[cfg(feature = "sha256")]
    digest: Option<Digest>,
    retry: Retry,
    timeout_ms: Option<u64>,
    progress: Option<&'a mut dyn FnMut(u64, Option<u64>)>,
    /// How many bytes are in the sink.
    offset: u64,
    /// How many there are in all, where that is known.
    complete: Option<u64>,
    /// What the bytes in the sink are resumed with, if they can be.
    validator: Option<Validator<MAX_VALIDATOR>>,
    /// Which URL they came from, behind all redirects, where that is known; see [`hash`].
    source: Option<u64>,
    /// Whether more than one response, or run, has a share in them.
    is_joined: bool,
    /// Whether the server has given no reason not to trust the parts that it sends.
    trusts_parts: bool,
    /// How far the best attempt has got.
    furthest: u64,
    requests: u32,
    /// How many seconds the server wants to be left alone.
    retry_after: Option<u32>,
    /// Whether the caller has asked for an encoded form of the content, by a header of his own.
    accepts_encoded: bool,
}

impl<'a, V> Request<'a, V> {
    pub(crate) fn into_download(self, sink: &'a mut dyn Sink) -> Download<'a, V> {
        let job = Job {
            sink,
            #[cfg(feature = "sha256")]
            digest: None,
            retry: Retry::new(ATTEMPTS),
            timeout_ms: None,
            progress: None,
            offset: 0,
            complete: None,
            validator: None,
            source: None,
            is_joined: false,
            trusts_parts: true,
            furthest: 0,
            requests: 0,
            retry_after: None,
            accepts_encoded: false,
        };
        Download { request: self, job }
    }
}

impl<'a, V> Download<'a, V> {
    /// As [`Request::params`].
    pub fn params(mut self, params: &'a [(&'a str, &'a str)]) -> Self {
        self.request = self.request.params(params);
        self
    }

    /// As [`Request::header`]. `Range` and `If-Range` are the download's own: sending fails with
    /// [`Error::InvalidHeader`].
    pub fn header(mut self, name: &'a str, value: &'a str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Adds headers, each as [`header`](Self::header) does.
    pub fn headers(mut self, headers: &[(&'a str, &'a str)]) -> Self {
        self.request = self.request.headers(headers);
        self
    }

    /// As [`Request::remove_header`].
    pub fn remove_header(mut self, name: &'a str) -> Self {
        self.request = self.request.remove_header(name);
        self
    }

    /// As [`Request::auth`].
    pub fn auth(mut self, credentials: (&'a str, &'a str)) -> Self {
        self.request = self.request.auth(credentials);
        self
    }

    /// As [`Request::bearer_auth`].
    pub fn bearer_auth(mut self, token: &'a str) -> Self {
        self.request = self.request.bearer_auth(token);
        self
    }

    /// As [`Request::digest_auth`].
    #[cfg(feature = "digest-auth")]
    pub fn digest_auth(mut self, credentials: (&'a str, &'a str)) -> Self {
        self.request = self.request.digest_auth(credentials);
        self
    }

    /// As [`Request::redirects`]; a redirect that is not followed is an [`Error::Status`].
    pub fn redirects(mut self, limit: u16) -> Self {
        self.request = self.request.redirects(limit);
        self
    }

    /// As [`Request::allow_https_downgrade`].
    pub fn allow_https_downgrade(mut self) -> Self {
        self.request = self.request.allow_https_downgrade();
        self
    }

    /// As [`Request::tls`].
    #[cfg(feature = "tls")]
    pub fn tls(mut self, config: TlsConfig<'a>) -> Self {
        self.request = self.request.tls(config);
        self
    }

    /// Bounds the download as a whole, all attempts and the time between them included. There is no bound by default:
    /// how long a download takes is up to its size.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.job.timeout_ms = Some(milliseconds(timeout));
        self
    }

    /// Bounds each wait within the download: from the look-up of the name to the head of an answer, redirects included,
    /// and from each piece of content to the next. The attempt fails where that is exceeded. The default is the
    /// [`read_timeout`](crate::Session::read_timeout) of the session, or its timeout, or else
    /// `CONFIG_REQUESTS_TIMEOUT_MS`, 30 seconds.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.request = self.request.timeout(timeout).read_timeout(timeout);
        self
    }

    /// How many attempts may fail in a row before the download does, 5 by default. An attempt that has brought more of
    /// the file than any before it counts as the first again.
    pub fn attempts(mut self, attempts: u16) -> Self {
        self.job.retry = self.job.retry.attempts(attempts);
        self
    }

    /// How attempts follow each other: how many as [`attempts`](Self::attempts), and how long to wait between them.
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.job.retry = retry;
        self
    }

    /// Takes the content up where an earlier download was left: `offset` bytes of it are in the sink already, and they
    /// belong to the version that `validator` names, as [`Sink::start`] was told. `len` is the size of the whole, where
    /// that was told too.
    ///
    /// The download starts anew where the content has changed meanwhile, or `validator` is none that names one version.
    /// Which URL a redirect had led to is not known any more: where it may lead to another file with the same validator,
    /// as that of `/latest` to `/v2.bin`, do not resume without [`sha256`](Self::sha256).
    pub fn resume(mut self, offset: u64, len: Option<u64>, validator: &str) -> Self {
        self.job.offset = offset;
        self.job.complete = len;
        self.job.validator = Validator::from_kept(validator);
        self
    }

    /// Has the content checked against its SHA-256 digest: another ends the download with [`Error::Sha256Mismatch`].
    /// The digest is made while the content passes by; what [`resume`](Self::resume) finds in the sink is
    /// [read](Sink::read_at) for it. Content that was put together of parts, and is wrong, is fetched once more as a
    /// whole first.
    #[cfg(feature = "sha256")]
    pub fn sha256(mut self, digest: [u8; 32]) -> Self {
        self.job.digest = Some(Digest::new(digest));
        self
    }

    /// Has `callback` called with the bytes of content in the sink, and with how many there are in all, where that is
    /// known, whenever that has changed.
    pub fn on_progress(mut self, callback: &'a mut dyn FnMut(u64, Option<u64>)) -> Self {
        self.job.progress = Some(callback);
        self
    }
}

impl<'a, 'c> Download<'a, Direct<'c>> {
    /// As [`Request::cancel_token`](Request::<Direct>::cancel_token).
    pub fn cancel_token<'t>(self, token: &'t CancelToken) -> Download<'a, Direct<'t>>
    where
        'c: 't,
    {
        Download { request: self.request.cancel_token(token), job: self.job }
    }

    /// Downloads over the network of this platform.
    ///
    /// The buffer, in bytes, has to hold the URL together with the head of the response. What is free besides, the more
    /// the better, is where the content passes through.
    ///
    /// # Errors
    /// Every [`Error`] of a request; [`Error::Status`] where there is nothing to download, [`Error::UnsupportedCoding`]
    /// where the server sends an encoded form of the file that no `Accept-Encoding` header asked for, [`Error::Sink`],
    /// [`Error::InvalidRange`], [`Error::Sha256Mismatch`]. Of failures that are worth another attempt it is the last one.
    #[cfg(any(feature = "host", feature = "zephyr"))]
    pub fn send(self, buffer: &mut [u8]) -> Result<Downloaded, Error> {
        self.send_over(&mut PlatformNetwork::default(), buffer)
    }

    /// Downloads over any [`Network`], otherwise as [`send`](Self::send).
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_over<N: Network>(mut self, network: &mut N, buffer: &mut [u8]) -> Result<Downloaded, Error> {
        self.job.run(&self.request.parts, &mut self.request.via.over(network), buffer)
    }
}

impl<'s, N: Network, const SLOTS: usize> Download<'_, InSession<'s, '_, N, SLOTS>> {
    /// As [`Request::cancel_token`](Request::<Direct>::cancel_token).
    pub fn cancel_token(mut self, token: &'s CancelToken) -> Self {
        self.request = self.request.cancel_token(token);
        self
    }

    /// Downloads over connections of the session, otherwise as [`send`](Download::<Direct>::send).
    ///
    /// # Errors
    /// As [`send`](Download::<Direct>::send).
    pub fn send(mut self, buffer: &mut [u8]) -> Result<Downloaded, Error> {
        self.job.run(&self.request.parts, &mut self.request.via, buffer)
    }
}

impl<V> fmt::Debug for Download<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("request", &self.request)
            .field("offset", &self.job.offset)
            .finish_non_exhaustive()
    }
}

impl Job<'_> {
    fn run<C: Connector>(
        &mut self,
        request: &Parts<'_>,
        connector: &mut C,
        buffer: &mut [u8],
    ) -> Result<Downloaded, Error> {
        check_headers(request)?;
        self.accepts_encoded = request.headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("Accept-Encoding") && value.is_some_and(asks_for_encoded)
        });
        self.take_up();
        #[cfg(feature = "sha256")]
        self.digest_kept(buffer)?;
        self.furthest = self.offset;
        let until = Deadline::after(connector.network().now(), self.timeout_ms.unwrap_or(u64::MAX));
        let mut failures: u16 = 0;
        loop {
            let furthest = self.furthest;
            let error = match self.attempt(request, connector, until, buffer) {
                Ok(true) => match self.finish() {
                    // It comes in one piece then, so this happens once.
                    Err(Error::Sha256Mismatch) if self.is_joined && self.sink.can_restart() => {
                        self.trusts_parts = false;
                        self.forget();
                        continue;
                    }
                    result => return result,
                },
                // A part that does not reach the end: the next one follows.
                Ok(false) => {
                    failures = 0;
                    continue;
                }
                Err(error) => error,
            };
            failures = if self.furthest > furthest { 1 } else { failures.saturating_add(1) };
            let retry_after = self.retry_after.take();
            let next = match self.prepare_another(&error) {
                true => self.retry.next_attempt(failures, retry_after, connector.network(), until),
                false => None,
            };
            #[cfg(feature = "log")]
            log::debug!("download failed ({}), {} bytes are kept", error.kind(), self.offset);
            match next {
                Some(next) if wait(connector, next)? => {}
                _ => return Err(error),
            }
        }
    }

    /// Sends one request and takes in what comes of it; whether all is there then.
    fn attempt<C: Connector>(
        &mut self,
        request: &Parts<'_>,
        connector: &mut C,
        until: Deadline<'static>,
        buffer: &mut [u8],
    ) -> Result<bool, Error> {
        let begin_by = until.within(connector.network().now(), request.timeout_ms);
        let unix_time = connector.network().unix_time();
        let mut connector = connector;
        self.requests = self.requests.saturating_add(1);
        let rest = self.rest().map(|rest| (rest, write_rest as WriteRest));
        let mut place = None;
        let begun = begin(request, &mut connector, begin_by, rest, buffer, &mut place)?;
        let framing = begun.decoder.framing();
        let source = hash(buffer.get(buffer.len().saturating_sub(begun.url_len)..).unwrap_or_default());
        let headers = begun.header_fields(buffer);
        let answer = self.judge(begun.head.status_code, framing, &headers, source, unix_time);
        let read_timeout_ms = request.read_timeout_ms.unwrap_or(request.timeout_ms);
        // Also where nothing of it is wanted, so that its connection can be used further.
        let stream = ResponseStream::new(begun, place, connector, Timing { until, read_timeout_ms }, buffer);
        let Some(mut left) = answer? else {
            return Ok(true);
        };
        let mut stream = stream?;
        loop {
            let piece = stream.fill_buf()?;
            if piece.is_empty() {
                break;
            }
            let count = piece.len();
            left = left.map(|left| left.checked_sub(count as u64).ok_or(Error::InvalidRange)).transpose()?;
            self.take(piece)?;
            stream.consume(count);
        }
        match left {
            None => self.complete = Some(self.offset),
            Some(0) => {}
            // Less than the head of the part said.
            Some(_) => {
                return Err(Error::TruncatedBody {
                    received: usize::try_from(stream.received()).unwrap_or(usize::MAX),
                });
            }
        }
        Ok(self.complete == Some(self.offset))
    }

    /// Takes up what an earlier download left, if it can be resumed.
    fn take_up(&mut self) {
        if self.rest().is_none() || self.complete.is_some_and(|complete| complete < self.offset) {
            self.forget();
        }
    }

    /// Reads what an earlier download left in the sink, for the digest to know it.
    #[cfg(feature = "sha256")]
    fn digest_kept(&mut self, buffer: &mut [u8]) -> Result<(), Error> {
        let Some(digest) = &mut self.digest else {
            return Ok(());
        };
        let mut offset = 0;
        while offset < self.offset {
            let room = buffer.get_mut(..at_most(buffer.len(), self.offset - offset)).unwrap_or_default();
            match self.sink.read_at(offset, room) {
                Ok(count @ 1..) => {
                    let read = room.get(..count).unwrap_or(room);
                    digest.update(read);
                    offset += read.len() as u64;
                }
                Ok(0) | Err(ErrorKind::Unsupported) => {
                    self.forget();
                    break;
                }
                Err(kind) => return Err(Error::Sink(kind)),
            }
        }
        Ok(())
    }

    /// What is to be asked for, if not all of it.
    fn rest(&self) -> Option<Rest<'_>> {
        let validator = self.validator.as_ref().filter(|_| self.offset > 0 && self.trusts_parts)?;
        Some(Rest { first: self.offset, complete: self.complete, validator: validator.as_bytes() })
    }

    /// How many bytes of content there are to take in, as far as a part says; `None` where there is nothing to take in.
    fn judge(
        &mut self,
        status_code: u16,
        framing: Framing,
        headers: &HeaderFields<'_>,
        source: u64,
        unix_time: Option<i64>,
    ) -> Result<Option<Option<u64>>, Error> {
        let part = part_of_response(self.rest().as_ref(), status_code, framing, headers);
        if matches!(part, Part::Rest { .. } | Part::Nothing) {
            if *self.source.get_or_insert(source) != source && !self.is_checked() {
                return Err(Error::InvalidRange);
            }
            self.is_joined = true;
        }
        match part {
            // It is not the file: compressed, or encoded in another way, though that was not asked for.
            Part::Whole if !self.accepts_encoded && !is_identity(headers) => Err(Error::UnsupportedCoding),
            Part::Whole => {
                self.start(framing, headers)?;
                self.source = Some(source);
                Ok(Some(None))
            }
            Part::Rest { len, complete } => {
                self.complete = complete;
                Ok(Some(Some(len)))
            }
            Part::Nothing => {
                self.complete = Some(self.offset);
                Ok(None)
            }
            Part::Unusable => Err(Error::InvalidRange),
            Part::Other => {
                self.retry_after = retry_after::of_response(headers, unix_time);
                Err(Error::Status(status_code))
            }
        }
    }

    /// The whole content comes, whatever was asked for.
    fn start(&mut self, framing: Framing, headers: &HeaderFields<'_>) -> Result<(), Error> {
        if self.offset > 0 && !self.sink.can_restart() {
            return Err(Error::Sink(ErrorKind::Unsupported));
        }
        self.forget();
        self.complete = framing.length();
        self.validator = Validator::of_response(headers).filter(|_| is_identity(headers));
        self.sink.start(self.complete, self.validator.as_ref().and_then(text)).map_err(Error::Sink)
    }

    /// What is in the sink is void.
    fn forget(&mut self) {
        self.offset = 0;
        self.complete = None;
        self.validator = None;
        self.source = None;
        self.is_joined = false;
        #[cfg(feature = "sha256")]
        if let Some(digest) = &mut self.digest {
            digest.reset();
        }
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.sink.write_at(self.offset, piece).map_err(Error::Sink)?;
        #[cfg(feature = "sha256")]
        if let Some(digest) = &mut self.digest {
            digest.update(piece);
        }
        self.offset = self.offset.saturating_add(piece.len() as u64);
        self.furthest = self.furthest.max(self.offset);
        if let Some(progress) = &mut self.progress {
            progress(self.offset, self.complete);
        }
        Ok(())
    }

    /// Whether another attempt is worth it after this failure. What the next one cannot join is void then.
    fn prepare_another(&mut self, error: &Error) -> bool {
        let is_worth_it = match error {
            Error::InvalidRange => {
                self.trusts_parts = false;
                true
            }
            Error::Status(code) => self.retry.is_for(*code),
            error => is_transient(error),
        };
        if !is_worth_it || self.offset == 0 || self.rest().is_some() {
            return is_worth_it;
        }
        let can_restart = self.sink.can_restart();
        if can_restart {
            self.forget();
        }
        can_restart
    }

    /// Whether what comes of it is compared with a digest in the end.
    const fn is_checked(&self) -> bool {
        #[cfg(feature = "sha256")]
        return self.digest.is_some();
        #[cfg(not(feature = "sha256"))]
        return false;
    }

    fn finish(&mut self) -> Result<Downloaded, Error> {
        #[cfg(feature = "sha256")]
        if self.digest.as_ref().is_some_and(|digest| !digest.is_expected()) {
            return Err(Error::Sha256Mismatch);
        }
        self.sink.finish(self.offset).map_err(Error::Sink)?;
        Ok(Downloaded { len: self.offset, requests: self.requests, validator: self.validator.take() })
    }
}

/// Refuses what would contradict the fields that a download sends itself.
fn check_headers(request: &Parts<'_>) -> Result<(), Error> {
    let is_own = |name: &str| name.eq_ignore_ascii_case("Range") || name.eq_ignore_ascii_case("If-Range");
    match request.headers.iter().position(|(name, value)| value.is_some() && is_own(name)) {
        Some(index) => Err(Error::InvalidHeader { index }),
        None => Ok(()),
    }
}

/// What tells URLs apart in a few bytes: FNV-1a. Anybody can make up two with the same hash, but a server that wants to
/// mislead need not redirect for it. This is about mistakes.
fn hash(url: &[u8]) -> u64 {
    url.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn text(validator: &Validator<MAX_VALIDATOR>) -> Option<&str> {
    core::str::from_utf8(validator.as_bytes()).ok()
}
