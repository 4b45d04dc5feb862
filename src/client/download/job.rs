// SPDX-License-Identifier: Apache-2.0
//! The attempts of a download.

use embedded_io::ErrorKind;

use crate::Error;
use crate::client::connect::connector::Connector;
#[cfg(feature = "sha256")]
use crate::client::download::digest::Digest;
use crate::client::download::sink::Sink;
use crate::client::exchange::attempts::{next_attempt, wait};
use crate::client::exchange::parts::{Exchange, Lent, Parts};
use crate::client::exchange::progress::split;
use crate::client::exchange::retry::{Retry, is_transient};
use crate::client::response::{Content, Timing};
use crate::proto::content_encoding::{asks_for_encoded, is_identity};
use crate::proto::framing::Framing;
use crate::proto::header::HeaderFields;
use crate::proto::range::Validator;
use crate::proto::request_head::{HeaderError, WriteRest};
use crate::proto::resume::{Part, Rest, part_of_response, write_rest};
use crate::proto::retry_after;
#[cfg(feature = "sha256")]
use crate::proto::write::at_most;
use crate::transport::Deadline;

/// The longest validator that a download is resumed with, in bytes. Entity tags are digests at most, in
/// practice.
pub(super) const MAX_VALIDATOR: usize = 80;

/// Attempts without progress, unless [`Download::attempts`](crate::Download::attempts) says otherwise.
const ATTEMPTS: u16 = 5;

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
pub(super) struct Job<'a> {
    sink: &'a mut dyn Sink,
    #[cfg(feature = "sha256")]
    pub digest: Option<Digest>,
    pub retry: Retry,
    pub timeout_ms: Option<u64>,
    pub progress: Option<&'a mut dyn FnMut(u64, Option<u64>)>,
    /// How many bytes are in the sink.
    pub offset: u64,
    /// How many there are in all, where that is known.
    pub complete: Option<u64>,
    /// What the bytes in the sink are resumed with, if they can be.
    pub validator: Option<Validator<MAX_VALIDATOR>>,
    /// Which URL they came from, behind all redirects, where that is known; see [`hash`].
    source: Option<u64>,
    /// Whether more than one response, or run, has a share in them.
    is_joined: bool,
    /// Whether the server has given no reason not to trust the parts that it sends.
    trusts_parts: bool,
    /// Most bytes that one request asks for, with the code that writes that.
    pub piece: Option<(u64, WriteRest)>,
    /// How far the best attempt has got.
    furthest: u64,
    requests: u32,
    /// How many seconds the server wants to be left alone.
    retry_after: Option<u32>,
    /// Whether the caller has asked for an encoded form of the content, by a header of his own.
    accepts_encoded: bool,
}

impl<'a> Job<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink, retry: Option<Retry>) -> Self {
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
            is_joined: false,
            trusts_parts: true,
            piece: None,
            furthest: 0,
            requests: 0,
            retry_after: None,
            accepts_encoded: false,
        }
    }
}

impl Job<'_> {
    /// Sends requests until all of the content is in the sink.
    pub(super) fn run(
        &mut self,
        request: &Parts<'_>,
        connector: &mut dyn Connector,
        lent: &mut Lent<'_>,
        buffer: &mut [u8],
    ) -> Result<Downloaded, Error> {
        check_headers(request)?;
        self.accepts_encoded = request.headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("Accept-Encoding") && value.is_some_and(asks_for_encoded)
        });
        self.check_resumption();
        #[cfg(feature = "sha256")]
        self.digest_kept(buffer)?;
        self.furthest = self.offset;
        let deadline = lent.deadline(connector.now(), self.timeout_ms.unwrap_or(u64::MAX));
        let mut failures: u16 = 0;
        loop {
            let furthest = self.furthest;
            let error = match self.attempt(request, connector, deadline, lent, buffer) {
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
            #[cfg(feature = "log")]
            log::debug!("download failed ({}), {} bytes are kept", error.kind(), self.offset);
            if !self.prepare_another(&error) {
                return Err(error);
            }
            let retry_after = self.retry_after.take();
            let next = next_attempt(&self.retry, connector, failures, retry_after, deadline).ok_or(error)?;
            wait(connector, next)?;
        }
    }

    /// Sends one request and takes in what comes of it; whether all is there then.
    // In its own frame: together with the loop it would not be reached by short instructions.
    #[inline(never)]
    fn attempt(
        &mut self,
        request: &Parts<'_>,
        connector: &mut dyn Connector,
        deadline: Deadline<'_>,
        lent: &mut Lent<'_>,
        buffer: &mut [u8],
    ) -> Result<bool, Error> {
        let settings = &request.settings;
        let read_timeout_ms = settings.read_timeout_ms.unwrap_or(settings.timeout_ms);
        self.requests = self.requests.saturating_add(1);
        let head_by = deadline.within(connector.now(), settings.timeout_ms);
        let mut exchange = Exchange::new(request, connector, head_by, lent.inflater());
        exchange.rest =
            self.rest().map(|rest| (rest, self.piece.map_or(write_rest as WriteRest, |(_, write)| write)));
        exchange.receive_head(buffer)?;
        let pending = exchange.response;
        let (work, url) = split(buffer, pending.url_len);
        let source = hash(url);
        let (head, window) = work.split_at_mut(pending.head.end);
        let headers = pending.header_fields(head);
        let framing = pending.decoder.framing();
        let answer = self.judge(
            pending.head.status_code,
            framing,
            &headers,
            lent.inflates(),
            source,
            connector.unix_time(),
        );
        let timing = Timing { deadline, read_timeout_ms };
        let content = Content::new(pending, &headers, timing, lent.inflater(), connector, window);
        // Where nothing of it is wanted, its connection can be used again.
        let left = match answer {
            Ok(Some(left)) => left,
            answer => {
                if let Ok(mut content) = content {
                    content.discard(connector);
                }
                return answer.map(|_| true);
            }
        };
        let mut content = content?;
        let result = self.take_content(&mut content, left, connector);
        content.discard(connector);
        result?;
        Ok(self.complete == Some(self.offset))
    }

    /// Writes all of the content, `left` bytes where the head says so, to the sink.
    fn take_content(
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
            self.take(piece)?;
            content.consume(count);
        }
        match left {
            None => self.complete = Some(self.offset),
            Some(0) => {}
            // Less than the head of the part said.
            Some(_) => {
                return Err(Error::TruncatedBody {
                    received: usize::try_from(content.received()).unwrap_or(usize::MAX),
                });
            }
        }
        Ok(())
    }

    /// Starts anew where what an earlier download left cannot be resumed.
    fn check_resumption(&mut self) {
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
        let len = self.piece.map(|(len, _)| len);
        if !self.trusts_parts || self.offset == 0 && len.is_none() {
            return None;
        }
        let validator = match &self.validator {
            Some(validator) => validator.as_bytes(),
            // Nothing is there that another version could be joined to, or it would be noticed.
            None if len.is_some() && (self.offset == 0 || self.is_checked()) => b"",
            None => return None,
        };
        Some(Rest { first: self.offset, complete: self.complete, validator, len })
    }

    /// How many bytes of content there are to take in, as far as a part says; `None` where there is nothing
    /// to take in.
    fn judge(
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
            self.is_joined = true;
        }
        match part {
            // It is not the file: compressed, or encoded in another way, though that was not asked for.
            Part::Whole if !self.accepts_encoded && !is_identity(headers) => Err(Error::UnsupportedCoding),
            Part::Whole => {
                // Of what is decompressed nobody tells the size.
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

    /// The content comes from its first byte on.
    fn start(&mut self, complete: Option<u64>, headers: &HeaderFields<'_>, source: u64) -> Result<(), Error> {
        if self.offset > 0 && !self.sink.can_restart() {
            return Err(Error::Sink(ErrorKind::Unsupported));
        }
        self.forget();
        self.complete = complete;
        self.validator = Validator::of_response(headers).filter(|_| is_identity(headers));
        self.sink.start(self.complete, self.validator.as_ref().and_then(text)).map_err(Error::Sink)?;
        self.source = Some(source);
        Ok(())
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
        Some(index) => Err(Error::InvalidHeader { cause: HeaderError::OfDownload, index }),
        None => Ok(()),
    }
}

/// What tells URLs apart in a few bytes: FNV-1a. Anybody can make up two with the same hash, but a server
/// that wants to mislead need not redirect for it. This is about mistakes.
fn hash(url: &[u8]) -> u64 {
    url.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn text(validator: &Validator<MAX_VALIDATOR>) -> Option<&str> {
    core::str::from_utf8(validator.as_bytes()).ok()
}
