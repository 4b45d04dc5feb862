// SPDX-License-Identifier: Apache-2.0
//! One request with all its redirects.
//!
//! The caller's buffer is used from both ends: the effective URL stands at its end, and in front of that the
//! request is put together, then the response received.

use embedded_io::ErrorKind;

use crate::Error;
use crate::client::connection::Connection;
#[cfg(feature = "gzip")]
use crate::client::connector::Decompression;
use crate::client::connector::{Connector, Lease, Place, Wanted};
#[cfg(feature = "gzip")]
use crate::client::decompress;
#[cfg(feature = "digest-auth")]
use crate::client::digest_auth;
use crate::client::receive::Receiver;
use crate::client::request::{Body, Parts};
use crate::client::response::Response;
use crate::client::retry::{Outcome, wait};
use crate::client::send::{CONTINUE_MS, Message, prepare};
use crate::error::Phase;
use crate::proto::auth::Auth;
use crate::proto::body::BodyDecoder;
use crate::proto::form::Fields;
use crate::proto::framing::Framing;
use crate::proto::header::HeaderFields;
use crate::proto::multipart::{BOUNDARY_RANDOM, Boundary};
use crate::proto::persistence::{CloseReason, close_reason, keep_alive_timeout};
use crate::proto::redirect::{becomes_get, is_redirect, location};
use crate::proto::request_head::{AskForRest, RequestHead, is_idempotent};
use crate::proto::response_head::ResponseHead;
use crate::proto::url::{Scheme, Url, UrlError};
use crate::proto::write::{SliceWriter, Write};
use crate::transport::{Deadline, Network, Transport};

/// The longest body of a redirect that is received so that its connection can be used further, in bytes.
const MAX_DRAINED: u64 = 4096;

/// How long such a body may take, in milliseconds: a new connection is faster than a long wait.
pub(super) const DRAIN_MS: u64 = 500;

/// A response whose head has been received, at the start of the buffer.
pub(super) struct Begun {
    pub head: ResponseHead,
    /// Length of the effective URL, at the end of the buffer.
    pub url_len: usize,
    /// How many bytes have been received, of the head and of what follows it.
    pub filled: usize,
    pub redirects: u16,
    pub decoder: BodyDecoder,
    pub lease: Lease,
    /// For how many seconds the server keeps the connection, where it says so, or why it cannot be used further.
    pub keep: Result<Option<u32>, CloseReason>,
}

impl Begun {
    /// The header fields, in the buffer that the head was received into.
    pub fn header_fields<'b>(&self, buffer: &'b [u8]) -> HeaderFields<'b> {
        HeaderFields::new(buffer.get(self.head.headers.clone()).unwrap_or_default())
    }

    /// Receives what is left of a body that nobody wants to `room`, behind the head, where the connection can be used
    /// further.
    fn drain_and_close<C: Connector>(
        &mut self,
        connector: &mut C,
        place: &mut Place<C>,
        room: &mut [u8],
        until: Deadline<'static>,
    ) {
        let mut keep = self.keep;
        // `keep` would do, but the compiler does not see that it never is where no connection is kept.
        if C::KEEPS_ALIVE && keep.is_ok() {
            let soon = until.within(connector.network().now(), DRAIN_MS);
            let received = self.filled.saturating_sub(self.head.end);
            let drained = drain(&mut self.decoder, place, connector.deadline(soon), room, received);
            keep = keep.and_then(|keep| drained.map(|()| keep));
        }
        connector.close(place, self.lease, keep);
    }
}

/// Sends a request, follows its redirects, and receives the response that is no redirect.
// In its own frame: the caller's often has the buffer in it, which would put every variable out of reach of the
// short instructions of a Cortex-M.
#[inline(never)]
pub(super) fn run<'b, C: Connector>(
    request: &Parts<'_>,
    connector: &mut C,
    buffer: &'b mut [u8],
) -> Result<Response<'b>, Error> {
    let until = Deadline::after(connector.network().now(), request.timeout_ms);
    // Every connection is made here, and is moved no more: with TLS it is large.
    let mut place: Place<C> = None;
    let (begun, content_end) = loop {
        let mut begun = begin_patiently(request, connector, until, buffer, &mut place)?;
        let received = receive_content(connector, until, &mut begun, buffer, &mut place);
        match received {
            Ok(content_end) => break (begun, content_end),
            Err(error) => {
                let error = explain(place.as_ref(), error);
                place = None;
                if !C::RETRIES {
                    return Err(error);
                }
                let next = next_try(request, connector, until, Err(error)).ok_or(error)?;
                wait(connector, next)?;
            }
        }
    };
    let keep = begun.keep.and_then(|keep| begun.decoder.persistence().map(|()| keep));
    connector.close(&mut place, begun.lease, keep);
    Ok(Response::received(buffer, begun.url_len, &begun.head, content_end, begun.redirects))
}

/// Receives the content, decompressed if the caller wants that, and returns where in the buffer it ends.
fn receive_content<C: Connector>(
    connector: &mut C,
    until: Deadline<'static>,
    begun: &mut Begun,
    buffer: &mut [u8],
    place: &mut Place<C>,
) -> Result<usize, Error> {
    let (work, _) = split(buffer, begun.url_len);
    let Begun { head, decoder, url_len, filled, .. } = begun;
    #[cfg(feature = "gzip")]
    let Decompression { inflater, deadline, network } = connector.decompression(until);
    #[cfg(not(feature = "gzip"))]
    let deadline = connector.deadline(until);
    let mut receiver = Receiver::new(place, deadline, *url_len, *filled);
    #[cfg(feature = "gzip")]
    if let Some(inflater) = inflater
        && let headers = HeaderFields::new(work.get(head.headers.clone()).unwrap_or_default())
        && let Some(coding) = decompress::coding(&headers, decoder.framing())?
    {
        inflater.reset(coding);
        return receiver.receive_compressed(work, head.end, decoder, inflater, &|| network.now());
    }
    receiver.receive_body(work, head.end, decoder)
}

/// Does as [`begin`], again and again, until the outcome is one that counts for the connector.
pub(super) fn begin_patiently<C: Connector>(
    request: &Parts<'_>,
    connector: &mut C,
    until: Deadline<'static>,
    buffer: &mut [u8],
    place: &mut Place<C>,
) -> Result<Begun, Error> {
    loop {
        let outcome = begin(request, connector, until, None, buffer, place);
        if !C::RETRIES {
            return outcome;
        }
        let result = match &outcome {
            Ok(begun) => Ok((begun.head.status_code, begun.header_fields(buffer))),
            Err(error) => Err(*error),
        };
        let Some(next) = next_try(request, connector, until, result) else {
            return outcome;
        };
        // The connection does not have to last for as long as the wait does.
        if let Ok(mut begun) = outcome {
            let (work, _) = split(buffer, begun.url_len);
            let room = work.get_mut(begun.head.end..).unwrap_or_default();
            begun.drain_and_close(connector, place, room, until);
        }
        *place = None;
        wait(connector, next)?;
    }
}

/// Until when to wait before the exchange that had this result is tried again; `None` where the result counts.
fn next_try<C: Connector>(
    request: &Parts<'_>,
    connector: &mut C,
    until: Deadline<'static>,
    result: Result<(u16, HeaderFields<'_>), Error>,
) -> Option<Deadline<'static>> {
    let outcome = Outcome {
        result,
        is_idempotent: is_idempotent(request.method),
        is_replayable: request.body.is_replayable(),
    };
    let next = connector.try_again(&outcome, until)?;
    // Where nobody can wait, nothing is tried again.
    match connector.sleep(Deadline::NO_WAIT) {
        Err(error) if error.kind == ErrorKind::Unsupported => None,
        _ => Some(next),
    }
}

/// Sends a request, follows its redirects, and receives the head of the response that is no redirect. All of it is
/// done by `until`.
pub(super) fn begin<C: Connector>(
    request: &Parts<'_>,
    connector: &mut C,
    until: Deadline<'static>,
    rest: Option<AskForRest<'_>>,
    buffer: &mut [u8],
    place: &mut Place<C>,
) -> Result<Begun, Error> {
    if let Some(mistake) = request.mistake {
        return Err(mistake);
    }
    let boundary = boundary(request, connector.network())?;
    let mut head = RequestHead {
        method: request.method,
        headers: &request.headers,
        inherited_headers: request.inherited_headers,
        keep_alive: C::KEEPS_ALIVE,
        expects_continue: request.await_continue.is_some(),
        auth: request.auth,
        rest,
        body: None,
        chunked: request.chunked.is_some(),
        cross_origin: false,
        beyond_base: false,
        body_dropped: false,
    };
    let mut url_len = {
        // Only sessions have one.
        let base_url = request.base_url.filter(|_| C::KEEPS_ALIVE);
        let is_auth_inherited = C::KEEPS_ALIVE && request.is_auth_inherited;
        write_url(&mut head, request.url, base_url, request.params.as_ref(), is_auth_inherited, buffer)?
    };
    #[cfg(feature = "digest-auth")]
    let mut digest = digest_auth::Progress::new(
        request.digest_auth.filter(|_| !(head.beyond_base && request.is_auth_inherited)),
    );
    #[cfg(feature = "digest-auth")]
    if digest.credentials.is_some() {
        // A password that is proved to the server is not sent.
        head.auth = Auth::None;
    }
    let mut redirects = 0;
    let mut exchange = Exchange { request, boundary: &boundary, until, fresh: false, outside: url_len };
    loop {
        #[cfg(feature = "digest-auth")]
        if digest.is_kept || exchange.outside == url_len {
            let line = digest.write_kept_line(&head, connector, buffer, url_len)?;
            exchange.outside = url_len + line;
        }
        let (work, tail) = split(buffer, exchange.outside);
        #[cfg(feature = "digest-auth")]
        let (authorization, url) = tail.split_at_checked(exchange.outside - url_len).unwrap_or((b"", tail));
        #[cfg(not(feature = "digest-auth"))]
        let (authorization, url) = (&[][..], tail);
        let url = Url::parse(url).map_err(Error::InvalidUrl)?;
        let Some(answer) = exchange.run(&mut head, &url, authorization, connector, work, place)? else {
            exchange.fresh = true;
            continue;
        };
        exchange.fresh = false;
        let Answer { head: response, filled, lease, is_complete } = answer;
        #[cfg(feature = "log")]
        log::debug!("{} answered {}", url.host, response.status_code);

        let (head_text, behind) = work.split_at_mut(response.end);
        let headers = HeaderFields::new(head_text.get(response.headers.clone()).unwrap_or_default());
        // Where it is not clear how long it is, nothing of a response is acted upon (RFC 9112 §6.3).
        let framing = Framing::of_response(head.method, response.status_code, headers.clone())
            .map_err(Error::InvalidFraming)?;
        connector.store_cookies(&url, &headers);
        if response.status_code == 417 && head.expects_continue && is_replayable(request, &head) {
            // The server does not know how to be asked (RFC 9110 §15.5.18), and has not processed the request.
            head.expects_continue = false;
            continue;
        }
        let keep = if !C::KEEPS_ALIVE {
            Err(CloseReason::NotKept)
        } else if !is_complete {
            Err(CloseReason::RequestIncomplete)
        } else if head.asks_to_close() {
            Err(CloseReason::RequestedClose)
        } else {
            close_reason(response.minor_version, response.status_code, framing, &headers)
                .map_or(Ok(()), Err)
                .map(|()| keep_alive_timeout(&headers))
        };
        let decoder = BodyDecoder::new(framing);
        let mut begun = Begun { head: response, url_len, filled, redirects, decoder, lease, keep };
        #[cfg(feature = "digest-auth")]
        if let Some(credentials) = digest.credentials
            && let response = (begun.head.status_code, &headers)
            && let Some((challenge, client_nonce)) =
                digest.take_response(request, &head, response, &url, connector)?
        {
            begun.drain_and_close(connector, place, behind, until);
            if digest.is_kept {
                exchange.outside = url_len;
                continue;
            }
            let mut out = SliceWriter::new(behind);
            digest_auth::write_line(&challenge, credentials, &head, &url, 1, &client_nonce, &mut out);
            let start = begun.head.end;
            let len = fitting(out, start + url_len)?.len();
            exchange.outside = url_len + len;
            buffer.copy_within(start..start + len, buffer.len() - exchange.outside);
            continue;
        }
        let location = match request.max_redirects > 0 && is_redirect(begun.head.status_code) {
            true => location(&headers).map_err(Error::InvalidLocation)?,
            false => None,
        };
        let Some(location) = location else {
            return Ok(begun);
        };

        if redirects == request.max_redirects {
            return Err(Error::TooManyRedirects { limit: redirects });
        }
        redirects += 1;
        begun.drain_and_close(connector, place, behind, until);
        let Begun { head: response, .. } = begun;
        let mut out = SliceWriter::new(behind);
        url.write_resolved(location, &mut out).map_err(Error::InvalidLocation)?;
        let location = fitting(out, response.end + exchange.outside)?;
        follow(&mut head, request, &url, location, response.status_code)?;
        url_len = location.len();
        buffer.copy_within(response.end..response.end + url_len, buffer.len() - url_len);
        exchange.outside = url_len;
        #[cfg(feature = "digest-auth")]
        {
            digest.is_answered = false;
        }
    }
}

/// A request to one server, and the head of its answer.
struct Exchange<'x, 'a> {
    request: &'x Parts<'a>,
    boundary: &'x Boundary,
    until: Deadline<'static>,
    /// Whether a connection that was kept will not do.
    fresh: bool,
    /// How many bytes at the end of the buffer are in use: for the URL, and before it for the `Authorization` line that
    /// answers a challenge.
    outside: usize,
}

/// The answer to one request, as far as its head.
struct Answer {
    head: ResponseHead,
    /// How many bytes have been received, of the head and of what follows it.
    filled: usize,
    lease: Lease,
    /// Whether the request was sent to its end.
    is_complete: bool,
}

impl<'x> Exchange<'x, '_> {
    /// Sends the request and receives the head of the answer to `work`; `None` where the connection was one that had
    /// been kept and has ended meanwhile, so that the request can be sent over a fresh one.
    fn run<'h, C: Connector>(
        &self,
        head: &mut RequestHead<'h>,
        url: &Url<'_>,
        authorization: &[u8],
        connector: &mut C,
        work: &mut [u8],
        place: &mut Place<C>,
    ) -> Result<Option<Answer>, Error>
    where
        'x: 'h,
    {
        let Self { request, boundary, until, fresh, outside } = *self;
        let prepared = prepare(request, head, boundary, work, outside)?;
        let wanted = Wanted {
            url: *url,
            fresh,
            repeatable: C::KEEPS_ALIVE && is_idempotent(head.method) && is_repeatable(request, head),
            #[cfg(feature = "tls")]
            tls: &request.tls,
        };
        *place = None;
        let lease = connector.open(&wanted, until, place)?;
        // Neither path nor query: both can hold secrets.
        #[cfg(feature = "log")]
        log::debug!("{} {}://{}", head.method, url.scheme.as_str(), url.host);
        let continue_by =
            if head.expects_continue { until.within(connector.network().now(), CONTINUE_MS) } else { until };
        #[cfg(feature = "gzip")]
        let is_decompressed = connector.decompression(until).inflater.is_some();
        let deadline = connector.deadline(until);
        let more = |out: &mut dyn Write| {
            if !head.caller_sets("Cookie") {
                connector.write_cookies(url, out);
            }
            if !authorization.is_empty() {
                out.write(authorization);
            }
        };
        let message = Message { request, head, url, more: &more };
        let sent = prepared.send(&message, place, deadline, connector.deadline(continue_by))?;
        let mut receiver = Receiver::new(place, deadline, outside, sent.received);
        #[cfg(feature = "gzip")]
        if is_decompressed {
            receiver.most = decompress::INPUT;
        }
        // A server may answer before it has read everything, and close (RFC 9112 §9.5): its answer counts.
        let answer = match sent.failure {
            None | Some(Error::Send(_)) => receiver.receive_head(work).map_err(|error| match error {
                Error::Cancelled { .. } => error,
                error => sent.failure.unwrap_or(error),
            }),
            Some(error) => Err(error),
        };
        let filled = receiver.filled;
        match answer {
            Ok(head) => Ok(Some(Answer { head, filled, lease, is_complete: sent.is_complete })),
            Err(error) => {
                // A kept connection may have ended while nobody looked: that is no failure of the server's.
                let is_stale = C::KEEPS_ALIVE && lease.is_reused && !fresh && filled == 0 && is_end(&error);
                if is_stale && (is_idempotent(head.method) || !sent.was_taken) && is_replayable(request, head)
                {
                    return Ok(None);
                }
                Err(explain(place.as_ref(), error))
            }
        }
    }
}

/// What `error` is, met on this connection.
fn explain<T: Transport>(connection: Option<&Connection<T>>, error: Error) -> Error {
    connection.map_or(error, |connection| connection.explain(error))
}

/// The buffer without the URL that stands at its end, and the URL.
pub(super) fn split(buffer: &mut [u8], url_len: usize) -> (&mut [u8], &[u8]) {
    let (work, url) = buffer.split_at_mut(buffer.len().saturating_sub(url_len));
    (work, url)
}

/// Writes the URL that is asked for to the end of the buffer, and returns its length. `head` learns the user name and
/// password that are in the caller's.
fn write_url<'h>(
    head: &mut RequestHead<'h>,
    url: &'h str,
    base_url: Option<&'h str>,
    params: Option<&Fields<'_>>,
    is_auth_inherited: bool,
    buffer: &mut [u8],
) -> Result<usize, Error> {
    let mut out = SliceWriter::new(buffer);
    let mut start = 0;
    match (Url::parse(url.as_bytes()), base_url) {
        (Err(UrlError::Scheme), Some(base)) => {
            let base = Url::parse(base.as_bytes()).map_err(Error::InvalidUrl)?;
            base.write_resolved(url.as_bytes(), &mut out).map_err(Error::InvalidUrl)?;
            start = fitting(out, 0)?.len();
            let (resolved, rest) = buffer.split_at_mut(start);
            out = SliceWriter::new(rest);
            let resolved = Url::parse(resolved).map_err(Error::InvalidUrl)?;
            // `//other.example/` is relative too (RFC 3986 §4.2), but leads to another origin.
            head.beyond_base = !resolved.same_origin(&base);
            if !head.beyond_base {
                use_credentials(head, &base);
            } else if is_auth_inherited {
                head.auth = Auth::None;
            }
            resolved.write_effective(&mut out, params);
        }
        (url, base) => {
            let url = url.map_err(Error::InvalidUrl)?;
            if let Some(base) = base {
                let base = Url::parse(base.as_bytes()).map_err(Error::InvalidUrl)?;
                head.beyond_base = !url.same_origin(&base);
            }
            // The session's are for the origin of its base URL, and those in the URL are the request's own.
            if is_auth_inherited && (head.beyond_base || url.credentials().is_some()) {
                head.auth = Auth::None;
            }
            use_credentials(head, &url);
            url.write_effective(&mut out, params);
        }
    }
    let len = fitting(out, start)?.len();
    buffer.copy_within(start..start + len, buffer.len() - len);
    Ok(len)
}

/// Authenticates by user name and password of `url`, unless the caller chose otherwise.
fn use_credentials<'a>(head: &mut RequestHead<'a>, url: &Url<'a>) {
    if let (Auth::None, Some((user, password))) = (head.auth, url.credentials()) {
        head.auth = Auth::Basic { user, password, percent_encoded: true };
    }
}

/// The URL in `out`; where it did not fit, the error for a buffer with `outside` more bytes.
pub(super) fn fitting(out: SliceWriter<'_>, outside: usize) -> Result<&[u8], Error> {
    out.finish()
        .map_err(|needed| Error::BufferTooSmall { phase: Phase::Url, needed: needed.saturating_add(outside) })
}

/// The boundary for a request with files; without files nothing shows it.
fn boundary<N: Network>(request: &Parts<'_>, network: &mut N) -> Result<Boundary, Error> {
    let Body::Files(parts) = &request.body else {
        return Ok(Boundary::default());
    };
    let mut random = [0; BOUNDARY_RANDOM];
    network.fill_random(&mut random).map_err(Error::Random)?;
    Ok(parts.boundary(random))
}

/// Whether the body can be sent more than once.
fn is_repeatable(request: &Parts<'_>, head: &RequestHead<'_>) -> bool {
    let is_read_once = matches!(request.body, Body::Reader(_)) && !head.body_dropped;
    !is_read_once && is_replayable(request, head)
}

/// Whether the body can be sent, perhaps once more.
pub(super) fn is_replayable(request: &Parts<'_>, head: &RequestHead<'_>) -> bool {
    head.body_dropped || request.body.is_replayable()
}

/// Whether it is the end of a connection that `error` tells of.
const fn is_end(error: &Error) -> bool {
    matches!(error, Error::Send(_) | Error::Receive(_) | Error::EmptyResponse)
}

/// Turns the head of the request for `old`, which was answered with `status_code`, into the one for `new`.
fn follow(
    head: &mut RequestHead<'_>,
    request: &Parts<'_>,
    old: &Url<'_>,
    new: &[u8],
    status_code: u16,
) -> Result<(), Error> {
    let new = Url::parse(new).map_err(Error::InvalidLocation)?;
    let downgrade = old.scheme == Scheme::Https && new.scheme == Scheme::Http;
    if downgrade && !request.allow_https_downgrade {
        return Err(Error::InsecureRedirect);
    }
    // What another origin was not meant to see, it does not see when it redirects back either.
    head.cross_origin |= !new.same_origin(old);
    if becomes_get(head.method, status_code) {
        head.method = "GET";
        head.body_dropped = true;
    }
    if is_replayable(request, head) { Ok(()) } else { Err(Error::BodyNotReplayable) }
}

/// Receives a body that nobody wants, unless it is long. The first `count` bytes of `room` have been received of it.
pub(super) fn drain(
    decoder: &mut BodyDecoder,
    transport: &mut dyn Transport,
    deadline: Deadline<'_>,
    room: &mut [u8],
    mut count: usize,
) -> Result<(), CloseReason> {
    let mut left = MAX_DRAINED;
    loop {
        let Ok(_) = decoder.decode(room.get_mut(..count).unwrap_or_default()) else {
            return Err(CloseReason::Error);
        };
        left = left.saturating_sub(count as u64);
        if decoder.is_complete() {
            return decoder.persistence();
        }
        if room.is_empty() || decoder.announced() > left || left == 0 {
            return Err(CloseReason::ResponseIncomplete);
        }
        count = match transport.receive(room, deadline) {
            Ok(count @ 1..) => count,
            Err(error) if error.kind == ErrorKind::TimedOut => return Err(CloseReason::ResponseIncomplete),
            _ => return Err(CloseReason::Error),
        };
    }
}
