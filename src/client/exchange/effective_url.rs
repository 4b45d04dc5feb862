// SPDX-License-Identifier: Apache-2.0
//! The URL to which a request is sent: resolved against the session's base URL, with the
//! parameters.

use crate::Error;
use crate::error::Phase;
use crate::proto::auth::Auth;
use crate::proto::bytes::{move_within, split_at_mut};
use crate::proto::form::FieldList;
use crate::proto::request_head::RequestHead;
use crate::proto::url::{Url, UrlError};
use crate::proto::write::SliceWriter;

/// The base URL and parameters of a session, with a pointer to the code that applies them. Only
/// programs with a session link that code.
#[derive(Clone, Copy)]
pub struct Base<'a> {
    url: Option<&'a str>,
    /// The session's parameters. They precede those of the request.
    params: Option<FieldList<'a>>,
    write: WriteUrl,
}

type WriteUrl =
    for<'h> fn(&mut RequestHead<'h>, &RequestUrl<'h>, &Base<'h>, &mut [u8]) -> Result<usize, Error>;

impl<'a> Base<'a> {
    pub const fn new(url: Option<&'a str>, params: Option<FieldList<'a>>) -> Self {
        Self { url, params, write: write_in_session }
    }
}

/// The URL of a request, as the caller gives it.
pub(super) struct RequestUrl<'h> {
    pub url: &'h str,
    pub base: Option<Base<'h>>,
    pub params: Option<FieldList<'h>>,
    /// Whether the credentials in the head come from the session.
    pub is_auth_inherited: bool,
}

/// Parses `text` as a URL.
// Not inlined: several places call it, so this takes less flash.
#[inline(never)]
pub(super) fn parse_url(text: &[u8]) -> Result<Url<'_>, Error> {
    Url::parse(text).map_err(Error::InvalidUrl)
}

/// Writes the effective URL to the end of the buffer and returns its length in bytes. A user name
/// and password in the URL become the credentials of `head`, unless it already has some.
pub(super) fn write_effective_url<'h>(
    head: &mut RequestHead<'h>,
    request: &RequestUrl<'h>,
    buffer: &mut [u8],
) -> Result<usize, Error> {
    if let Some(base) = &request.base {
        return (base.write)(head, request, base, buffer);
    }
    let url = parse_url(request.url.as_bytes())?;
    use_credentials(head, &url);
    write_at_end(&url, request, 0, buffer)
}

fn write_in_session<'h>(
    head: &mut RequestHead<'h>,
    request: &RequestUrl<'h>,
    session: &Base<'h>,
    buffer: &mut [u8],
) -> Result<usize, Error> {
    let base = session.url.map(|base| parse_url(base.as_bytes())).transpose()?;
    let text = request.url.as_bytes();
    let absolute = match (Url::parse(text), &base) {
        (Err(UrlError::Scheme), Some(base)) => base.network_path(text).transpose(),
        (url, _) => url.map(Some),
    };
    match (absolute.map_err(Error::InvalidUrl)?, base) {
        (None, Some(base)) => {
            let mut out = SliceWriter::new(buffer);
            base.write_resolved(text, &mut out).map_err(Error::InvalidUrl)?;
            let len = written(out, 0)?.len();
            let (resolved, rest) = split_at_mut(buffer, len);
            head.outside_base_origin = false;
            use_credentials(head, &base);
            write_with_params(&parse_url(resolved)?, request, session, len, rest)
        }
        (Some(url), base) => {
            head.outside_base_origin = base.is_some_and(|base| !url.same_origin(&base));
            // The session's credentials are for the origin of its base URL. Credentials in the URL
            // belong to the request and take precedence.
            if request.is_auth_inherited && (head.outside_base_origin || url.credentials().is_some()) {
                head.auth = Auth::None;
            }
            use_credentials(head, &url);
            write_with_params(&url, request, session, 0, buffer)
        }
        // A URL without a base is an absolute one.
        (None, None) => Err(Error::InvalidUrl(UrlError::Scheme)),
    }
}

/// As [`write_at_end`], with the session's parameters before those of the request.
fn write_with_params(
    url: &Url<'_>,
    request: &RequestUrl<'_>,
    session: &Base<'_>,
    before: usize,
    room: &mut [u8],
) -> Result<usize, Error> {
    if session.params.is_none() {
        return write_at_end(url, request, before, room);
    }
    let mut out = SliceWriter::new(room);
    url.write_effective(&mut out, session.params.as_ref());
    let len = written(out, before)?.len();
    let (url, rest) = split_at_mut(room, len);
    let url = parse_url(url)?;
    write_at_end(&url, request, before.saturating_add(len), rest)
}

/// Writes the effective URL to the end of `room`. `before` is the number of bytes in use in front
/// of `room`, for errors.
fn write_at_end(
    url: &Url<'_>,
    request: &RequestUrl<'_>,
    before: usize,
    room: &mut [u8],
) -> Result<usize, Error> {
    let mut out = SliceWriter::new(room);
    url.write_effective(&mut out, request.params.as_ref());
    let len = written(out, before)?.len();
    move_within(room, 0..len, room.len() - len);
    Ok(len)
}

/// Uses the user name and password of `url` as credentials, unless the caller has set others.
fn use_credentials<'a>(head: &mut RequestHead<'a>, url: &Url<'a>) {
    if let (Auth::None, Some((user, password))) = (head.auth, url.credentials()) {
        head.auth = Auth::Basic { user, password, percent_encoded: true };
    }
}

/// Returns the text in `out`. If it did not fit, returns the error for a buffer with `reserved`
/// more bytes.
pub(super) fn written(out: SliceWriter<'_>, reserved: usize) -> Result<&[u8], Error> {
    out.finish().map_err(|needed| Error::BufferTooSmall {
        phase: Phase::Url,
        needed: needed.saturating_add(reserved),
    })
}
