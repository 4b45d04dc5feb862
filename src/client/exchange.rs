// SPDX-License-Identifier: Apache-2.0
//! One request with all its redirects.
//!
//! The caller's buffer is used from both ends: the effective URL stands at its end, and in front of that the
//! request is put together, then the response received.

use core::cell::Cell;

use crate::Error;
use crate::client::connection::open;
use crate::client::receive::Receiver;
use crate::client::request::{Body, Request};
use crate::client::response::Response;
use crate::client::send::prepare;
use crate::error::Phase;
use crate::proto::auth::Auth;
use crate::proto::body::{BodyDecoder, Framing};
use crate::proto::encoding::Encoding;
use crate::proto::header::HeaderFields;
use crate::proto::multipart::{BOUNDARY_RANDOM, Boundary};
use crate::proto::redirect::{becomes_get, is_redirect};
use crate::proto::request_head::RequestHead;
use crate::proto::response_head::ResponseHead;
use crate::proto::url::{Scheme, Url};
use crate::proto::write::SliceWriter;
use crate::transport::{Deadline, Network};

/// Sends `request`, follows its redirects, and receives the response that is no redirect.
// In its own frame: the caller's often has the buffer in it, which would put every variable out of reach of the
// short instructions of a Cortex-M.
#[inline(never)]
pub(super) fn run<'b, N: Network>(
    request: &Request<'_>,
    network: &mut N,
    buffer: &'b mut [u8],
) -> Result<Response<'b>, Error> {
    if let Some(mistake) = request.mistake {
        return Err(mistake);
    }
    let deadline = Deadline::after(network.now(), request.timeout_ms).with_token(request.cancel_token);
    let url = Url::parse(request.url.as_bytes()).map_err(Error::InvalidUrl)?;
    let boundary = boundary(request, network)?;
    let mut request_head = RequestHead {
        method: request.method,
        headers: &request.headers,
        auth: request.auth,
        body: None,
        chunked: request.chunked.is_some(),
        cross_origin: false,
        body_dropped: false,
    };
    if let (Auth::None, Some((user, password))) = (request.auth, url.credentials()) {
        request_head.auth = Auth::Basic { user, password, percent_encoded: true };
    }
    let mut out = SliceWriter::new(buffer);
    url.write_effective(&mut out, request.params.as_ref());
    let mut url_len = fitting(out, 0)?.len();
    buffer.copy_within(0..url_len, buffer.len() - url_len);

    let mut redirects = 0;
    loop {
        let (work, url_text) = buffer.split_at_mut(buffer.len() - url_len);
        let url = Url::parse(url_text).map_err(Error::InvalidUrl)?;
        let prepared = prepare(request, &mut request_head, &boundary, work, url_len)?;
        let mut connection = open(
            network,
            &url,
            #[cfg(feature = "tls")]
            &request.tls,
            deadline,
        )?;
        // Neither path nor query: both can hold secrets.
        #[cfg(feature = "log")]
        log::debug!("{} {}://{}", request_head.method, url.scheme.as_str(), url.host);
        let sent = prepared.send(request, &request_head, &url, &mut connection, deadline);
        if let Err(error) = sent
            && !matches!(error, Error::Send(_))
        {
            return Err(error);
        }
        let mut receiver = Receiver { transport: &mut connection, deadline, outside: url_len, filled: 0 };
        // A server may answer before it has read everything, and close (RFC 9112 §9.5): its answer counts.
        let head = match (receiver.receive_head(work), sent) {
            (Ok(head), _) => head,
            (Err(_), Err(error)) | (Err(error), Ok(())) => return Err(connection.explain(error)),
        };

        #[cfg(feature = "log")]
        log::debug!("{} answered {}", url.host, head.status_code);

        let (head_text, free) = work.split_at_mut(head.end);
        let headers = HeaderFields::new(head_text.get(head.headers.clone()).unwrap_or_default());
        if request.max_redirects > 0
            && is_redirect(head.status_code)
            && let Some(location) = headers.clone().first("Location")
        {
            drop(connection);
            if redirects == request.max_redirects {
                return Err(Error::TooManyRedirects { limit: redirects });
            }
            redirects += 1;
            let mut out = SliceWriter::new(free);
            url.write_resolved(location, &mut out).map_err(Error::InvalidLocation)?;
            let location = fitting(out, head.end + url_len)?;
            follow(&mut request_head, request, &url, location, head.status_code)?;
            url_len = location.len();
            buffer.copy_within(head.end..head.end + url_len, buffer.len() - url_len);
            continue;
        }

        let framing = Framing::of_response(request_head.method, head.status_code, headers)
            .map_err(Error::InvalidFraming)?;
        let mut decoder = BodyDecoder::new(framing);
        let content_end =
            receiver.receive_body(work, head.end, &mut decoder).map_err(|error| connection.explain(error))?;
        return Ok(response(buffer, url_len, &head, content_end, redirects));
    }
}

/// The URL in `out`; where it did not fit, the error for a buffer with `outside` more bytes.
fn fitting(out: SliceWriter<'_>, outside: usize) -> Result<&[u8], Error> {
    out.finish()
        .map_err(|needed| Error::BufferTooSmall { phase: Phase::Url, needed: needed.saturating_add(outside) })
}

/// The boundary for a request with files; without files nothing shows it.
fn boundary<N: Network>(request: &Request<'_>, network: &mut N) -> Result<Boundary, Error> {
    let Body::Files(parts) = &request.body else {
        return Ok(Boundary::default());
    };
    let mut random = [0; BOUNDARY_RANDOM];
    network.fill_random(&mut random).map_err(Error::Random)?;
    Ok(parts.boundary(random))
}

/// Turns the head of the request for `old`, which was answered with `status_code`, into the one for `new`.
fn follow(
    head: &mut RequestHead<'_>,
    request: &Request<'_>,
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
    match request.body {
        Body::Files(parts) if !head.body_dropped && !parts.is_replayable() => Err(Error::BodyNotReplayable),
        _ => Ok(()),
    }
}

/// The response whose head is at the start of `buffer`, followed by its content.
fn response<'b>(
    buffer: &'b mut [u8],
    url_len: usize,
    head: &ResponseHead,
    content_end: usize,
    redirects: u16,
) -> Response<'b> {
    let buffer_size = buffer.len();
    let (work, url) = buffer.split_at_mut(buffer_size - url_len);
    let (received, spare) = work.split_at_mut(content_end);
    let received: &[u8] = received;
    let text = |bytes| core::str::from_utf8(bytes).unwrap_or_default();
    Response {
        status_code: head.status_code,
        reason: text(received.get(head.reason.clone()).unwrap_or_default()),
        encoding: Encoding::default(),
        redirects,
        minor_version: head.minor_version,
        headers: received.get(head.headers.clone()).unwrap_or_default(),
        content: received.get(head.end..).unwrap_or_default(),
        url: text(url),
        spare: Cell::new(spare),
        buffer_size,
    }
}
