// SPDX-License-Identifier: Apache-2.0
//! The attempts of a download.

use embedded_io::ErrorKind;

use crate::Error;
use crate::client::connect::connector::Connector;
#[cfg(feature = "sha256")]
use crate::client::download::digest::Digest;
use crate::client::download::sink::Sink;
use crate::client::exchange::attempts::{next_attempt, wait};
use crate::client::exchange::hop_state::split;
use crate::client::exchange::parts::{Exchange, Parts, Resources};
use crate::client::exchange::retry::{Retry, is_transient};
use crate::client::response::{Content, Timing};
use crate::proto::bytes::split_at_mut;
use crate::proto::content_encoding::{asks_for_encoded, is_identity};
use crate::proto::framing::Framing;
use crate::proto::header::HeaderFields;
use crate::proto::range::Validator;
use crate::proto::request_head::{HeaderError, WriteRange};
use crate::proto::resume::{Part, Rest, part_of_response, write_piece, write_rest};
use crate::proto::retry_after;
#[cfg(feature = "sha256")]
use crate::proto::write::at_most;
use crate::transport::Deadline;

/// The longest validator that a download can be resumed with, in bytes. In practice, entity tags
/// are no longer than a digest.
pub(super) const MAX_VALIDATOR: usize = 80;

/// The default number of attempts without progress, see
/// [`Download::attempts`](crate::Download::attempts).
const ATTEMPTS: u16 = 5;

/// The result of a completed download.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Downloaded {
    /// Size of the content in bytes.
    pub len: u64,
    /// The number of requests that it took, without redirects.
    pub requests: u32,
    validator: Option<Validator<MAX_VALIDATOR>>,
}

impl Downloaded {
    /// The validator of this version of the content, if the server sent a strong one.
    #[must_use]
    pub fn validator(&self) -> Option<&str> {
        self.validator.as_ref().and_then(text)
    }
}

/// The state and settings of a download.
pub struct Job<'a> {
    sink: &'a mut dyn Sink,
    #[cfg(feature = "sha256")]
    digest: Option<Digest>,
    pub retry: Retry,
    pub timeout_ms: Option<u64>,
    pub progress: Option<&'a mut dyn FnMut(u64, Option<u64>)>,
    /// The number of bytes in the sink.
    pub(super) offset: u64,
    /// The length of the whole content in bytes, if it is known.
    complete: Option<u64>,
    /// The validator to resume with, if there is one.
    validator: Option<Validator<MAX_VALIDATOR>>,
    /// The [`hash`] of the URL that the bytes came from, after all redirects, if it is known.
    source: Option<u64>,
    /// Whether the bytes came from more than one response or download.
    is_assembled: bool,
    /// Whether parts may be asked for: until the server sends a wrong one.
    trusts_parts: bool,
    /// The most bytes that one request asks for, with the code that writes the range.
    piece: Option<(u64, WriteRange)>,
    /// The highest offset that any attempt has reached.
    best_offset: u64,
    requests: u32,
    /// The seconds of the server's `Retry-After`.
    retry_after: Option<u32>,
    /// Whether the caller asks for encoded content by an `Accept-Encoding` header.
    accepts_encoded: bool,
}

impl<'a> Job<'a> {
    pub fn new(sink: &'a mut dyn Sink, retry: Option<Retry>) -> Self {
        Self {
            sink,
            #[cfg(feature = "sha256")]
            digest: None,
            retry: retry.unwrap_or(Retry::new(ATTEMPTS)),
            timeout_ms: None,
            progress: None,
            offset: 0,
            complete: None,
            validator: None,
            source: None,
            is_assembled: false,
            trusts_parts: true,
            piece: None,
            best_offset: 0,
            requests: 0,
            retry_after: None,
            accepts_encoded: false,
        }
    }
}

/// What a successful attempt has brought.
enum Attempt {
    /// All content is in the sink.
    Complete,
    /// One part is in the sink, and does not reach the end of the file.
    PartWritten,
}

impl Job<'_> {
    /// Resumes an earlier download, as [`Download::resume`](crate::Download::resume).
    pub fn resume(&mut self, offset: u64, len: Option<u64>, validator: &str) {
        self.offset = offset;
        self.complete = len;
        self.validator = Validator::from_kept(validator);
    }

    /// Asks for at most `bytes` bytes per request. 0 asks for all at once.
    pub fn set_piece(&mut self, bytes: u64) {
        self.piece = (bytes > 0).then_some((bytes, write_piece as WriteRange));
    }

    /// Checks the content against this digest.
    #[cfg(feature = "sha256")]
    pub fn set_digest(&mut self, digest: [u8; 32]) {
        self.digest = Some(Digest::new(digest));
    }

    /// Sends requests until all of the content is in the sink.
    pub(super) fn run(
        &mut self,
        request: &Parts<'_>,
        connector: &mut dyn Connector,
        resources: &mut Resources<'_>,
        buffer: &mut [u8],
    ) -> Result<Downloaded, Error> {
        check_headers(request)?;
        self.accepts_encoded = request.headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("Accept-Encoding") && value.is_some_and(asks_for_encoded)
        });
        self.check_resumption();
        #[cfg(feature = "sha256")]
        self.digest_existing(buffer)?;
        self.best_offset = self.offset;
        let deadline = resources.deadline(connector.now(), self.timeout_ms.unwrap_or(u64::MAX));
        let mut failures: u16 = 0;
        loop {
            let best_offset = self.best_offset;
            let error = match self.attempt(request, connector, deadline, resources, buffer) {
                Ok(Attempt::Complete) => match self.finish() {
                    // This happens once only, because the next attempt asks for the whole.
                    Err(Error::Sha256Mismatch) if self.is_assembled && self.sink.can_restart() => {
                        self.trusts_parts = false;
                        self.restart();
                        continue;
                    }
                    result => return result,
                },
                Ok(Attempt::PartWritten) => {
                    failures = 0;
                    continue;
                }
                Err(error) => error,
            };
            failures = if self.best_offset > best_offset { 1 } else { failures.saturating_add(1) };
            #[cfg(feature = "log")]
            log::debug!("download failed ({}), {} bytes are kept", error.kind(), self.offset);
            if !self.prepare_retry(&error) {
                return Err(error);
            }
            let retry_after = self.retry_after.take();
            let next = next_attempt(&self.retry, connector, failures, retry_after, deadline).ok_or(error)?;
            wait(connector, next)?;
        }
    }

    /// Sends one request and writes its content to the sink.
    // Not inlined: in one frame with the loop, its variables would be out of reach of short
    // instructions.
    #[inline(never)]
    fn attempt(
        &mut self,
        request: &Parts<'_>,
        connector: &mut dyn Connector,
        deadline: Deadline<'_>,
        resources: &mut Resources<'_>,
        buffer: &mut [u8],
    ) -> Result<Attempt, Error> {
        // Nothing of any version is kept, so the next response may be of another one.
        if self.offset == 0 {
            self.restart();
        }
        let settings = &request.settings;
        let read_timeout_ms = settings.read_timeout_ms.unwrap_or(settings.timeout_ms);
        self.requests = self.requests.saturating_add(1);
        let head_by = deadline.within(connector.now(), settings.timeout_ms);
        let mut exchange = Exchange::new(request, connector, head_by, resources.inflater());
        exchange.rest =
            self.rest().map(|rest| (rest, self.piece.map_or(write_rest as WriteRange, |(_, write)| write)));
        exchange.receive_head(buffer)?;
        let pending = exchange.response;
        let (work, url) = split(buffer, pending.url_len);
        let source = hash(url);
        let (head, window) = split_at_mut(work, pending.head.end);
        let headers = pending.header_fields(head);
        let framing = pending.decoder.framing();
        let answer = self.accept_head(
            pending.head.status_code,
            framing,
            &headers,
            resources.inflates(),
            source,
            connector.unix_time(),
        );
        let timing = Timing { deadline, read_timeout_ms };
        let content = Content::new(pending, &headers, timing, resources.inflater(), connector, window);
        // If the content is not needed, discard it so that the connection can be used again.
        let left = match answer {
            Ok(Some(left)) => left,
            answer => {
                if let Ok(mut content) = content {
                    content.discard(connector);
                }
                return answer.map(|_| Attempt::Complete);
            }
        };
        let mut content = content?;
        let result = self.write_content(&mut content, left, connector);
        content.discard(connector);
        result?;
        Ok(if self.complete == Some(self.offset) { Attempt::Complete } else { Attempt::PartWritten })
    }

    /// Writes all of the content to the sink: `left` bytes, if the head says so.
    fn write_content(
        &mut self,
        content: &mut Content<'_>,
        mut left: Option<u64>,
        connector: &mut dyn Connector,
    ) -> Result<(), Error> {
        loop {
            let piece = content.fill(connector)?;
            let count = piece.len();
            if count == 0 {
                break;
            }
            left = left.map(|left| left.checked_sub(count as u64).ok_or(Error::InvalidRange)).transpose()?;
            self.write(piece)?;
            content.consume(count);
        }
        match left {
            None => self.complete = Some(self.offset),
            Some(0) => {}
            // The content is shorter than the head of the part said.
            Some(_) => {
                return Err(Error::TruncatedBody {
                    received: usize::try_from(content.received()).unwrap_or(usize::MAX),
                });
            }
        }
        Ok(())
    }

    /// Starts again if an earlier download cannot be resumed.
    fn check_resumption(&mut self) {
        if self.rest().is_none() || self.complete.is_some_and(|complete| complete < self.offset) {
            self.restart();
        }
    }

    /// Reads the bytes of an earlier download from the sink, for the digest.
    #[cfg(feature = "sha256")]
    fn digest_existing(&mut self, buffer: &mut [u8]) -> Result<(), Error> {
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
                    self.restart();
                    break;
                }
                Err(kind) => return Err(Error::Sink(kind)),
            }
        }
        Ok(())
    }

    /// The range to ask for, if not the whole.
    fn rest(&self) -> Option<Rest<'_>> {
        let len = self.piece.map(|(len, _)| len);
        if !self.trusts_parts || self.offset == 0 && len.is_none() {
            return None;
        }
        let validator = match &self.validator {
            Some(validator) => validator.as_bytes(),
            // Without a validator, the version may change between parts. That is safe for the first
            // part, and if a digest checks the whole.
            None if len.is_some() && (self.offset == 0 || self.is_checked()) => b"",
            None => return None,
        };
        Some(Rest { first: self.offset, complete: self.complete, validator, len })
    }

    /// Checks the head of the response. `Some` means that content is to be written, and holds its
    /// length if the head of a part says it. `None` means that there is nothing to write.
    fn accept_head(
        &mut self,
        status_code: u16,
        framing: Framing,
        headers: &HeaderFields<'_>,
        inflates: bool,
        source: u64,
        unix_time: Option<i64>,
    ) -> Result<Option<Option<u64>>, Error> {
        let part = part_of_response(self.rest().as_ref(), status_code, framing, headers);
        let is_first = self.offset == 0 && matches!(part, Part::Rest { .. });
        if matches!(part, Part::Rest { .. } | Part::Nothing) && !is_first {
            if *self.source.get_or_insert(source) != source && !self.is_checked() {
                return Err(Error::InvalidRange);
            }
            self.is_assembled = true;
        }
        match part {
            // The content is encoded though nobody asked for that, so it is not the file.
            Part::Whole if !self.accepts_encoded && !is_identity(headers) => Err(Error::UnsupportedCoding),
            Part::Whole => {
                // The decompressed size is unknown.
                let len = framing.length().filter(|_| !inflates || is_identity(headers));
                self.start(len, headers, source)?;
                Ok(Some(None))
            }
            Part::Rest { len, complete } => {
                if is_first {
                    self.start(complete, headers, source)?;
                }
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

    /// Prepares the sink for content from its first byte on.
    fn start(&mut self, complete: Option<u64>, headers: &HeaderFields<'_>, source: u64) -> Result<(), Error> {
        if self.offset > 0 && !self.sink.can_restart() {
            return Err(Error::Sink(ErrorKind::Unsupported));
        }
        self.restart();
        self.complete = complete;
        self.validator = Validator::of_response(headers).filter(|_| is_identity(headers));
        self.sink.start(self.complete, self.validator.as_ref().and_then(text)).map_err(Error::Sink)?;
        self.source = Some(source);
        Ok(())
    }

    /// Forgets the bytes in the sink, so that the next attempt starts again.
    fn restart(&mut self) {
        self.offset = 0;
        self.complete = None;
        self.validator = None;
        self.source = None;
        self.is_assembled = false;
        #[cfg(feature = "sha256")]
        if let Some(digest) = &mut self.digest {
            digest.reset();
        }
    }

    fn write(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.sink.write_at(self.offset, piece).map_err(Error::Sink)?;
        #[cfg(feature = "sha256")]
        if let Some(digest) = &mut self.digest {
            digest.update(piece);
        }
        self.offset = self.offset.saturating_add(piece.len() as u64);
        self.best_offset = self.best_offset.max(self.offset);
        if let Some(progress) = &mut self.progress {
            progress(self.offset, self.complete);
        }
        Ok(())
    }

    /// Whether this failure is worth another attempt. Forgets the bytes in the sink if the next
    /// attempt cannot resume.
    fn prepare_retry(&mut self, error: &Error) -> bool {
        let is_worth_it = match error {
            Error::InvalidRange => {
                self.trusts_parts = false;
                true
            }
            Error::Status(code) => self.retry.retries_status(*code),
            error => is_transient(error),
        };
        if !is_worth_it || self.offset == 0 || self.rest().is_some() {
            return is_worth_it;
        }
        let can_restart = self.sink.can_restart();
        if can_restart {
            self.restart();
        }
        can_restart
    }

    /// Whether the whole content is checked against a digest.
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

/// Refuses headers that a download sets itself.
fn check_headers(request: &Parts<'_>) -> Result<(), Error> {
    let is_own = |name: &str| name.eq_ignore_ascii_case("Range") || name.eq_ignore_ascii_case("If-Range");
    match request.headers.iter().position(|(name, value)| value.is_some() && is_own(name)) {
        Some(index) => Err(Error::InvalidHeader { cause: HeaderError::OfDownload, index }),
        None => Ok(()),
    }
}

/// FNV-1a, to distinguish URLs in a few bytes. Collisions are easy to make. But this only detects
/// mistakes: a server that wants to mislead the client can send wrong content without any redirect.
fn hash(url: &[u8]) -> u64 {
    url.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn text(validator: &Validator<MAX_VALIDATOR>) -> Option<&str> {
    core::str::from_utf8(validator.as_bytes()).ok()
}
