// SPDX-License-Identifier: Apache-2.0
//! Requests whose response is received whole.

use core::ffi::c_int;
use core::ops::Range;

use crate::Error;
#[cfg(not(feature = "gzip"))]
use crate::capi::code::Code;
use crate::capi::failure::{Failure, Response};
use crate::capi::options::{Options, apply};
use crate::client::{self, Request};
use crate::error::Phase;
#[cfg(feature = "gzip")]
use crate::proto::inflate::Inflater;
use crate::sys::c::arena::Arena;
use crate::sys::c::border::Border;
use crate::sys::c::pointer::{Out, Room, Shared, Text};
use crate::sys::c::types::ForC;

/// What begins a request: this client, or a session.
pub trait Source {
    /// The request, with what all requests of a session have. Lists are made in `arena`.
    fn begin<'x>(
        &'x mut self,
        method: &'x str,
        url: &'x str,
        border: &Border,
        arena: &mut Arena<'x>,
    ) -> Result<Request<'x>, Failure>;
}

/// Requests on their own.
pub struct Alone;

impl Source for Alone {
    fn begin<'x>(
        &'x mut self,
        method: &'x str,
        url: &'x str,
        _: &Border,
        _: &mut Arena<'x>,
    ) -> Result<Request<'x>, Failure> {
        Ok(client::request(method, url))
    }
}

/// `requests_request`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_request(
    method: Text<'_>,
    url: Text<'_>,
    options: Shared<'_, Options<'_>>,
    buffer: Room<'_>,
    len: usize,
    response: Out<'_, Response>,
) -> c_int {
    send(&mut Alone, &Target { method, url, options }, buffer, len, response)
}

/// What is asked for, as C says it.
pub struct Target<'a> {
    pub method: Text<'a>,
    pub url: Text<'a>,
    pub options: Shared<'a, Options<'a>>,
}

/// Sends a request and writes its response, or why there is none.
pub fn send(
    source: &mut dyn Source,
    target: &Target<'_>,
    buffer: Room<'_>,
    len: usize,
    out: Out<'_, Response>,
) -> c_int {
    let (border, buffer) = match Border::with_room(buffer, len) {
        Ok(both) => both,
        Err(misuse) => {
            let failure = Failure::from(misuse);
            out.write(failure.into_response(&[], 0));
            return failure.number();
        }
    };
    if let Err(misuse) = border.out(out) {
        return Failure::from(misuse).number();
    }
    let mut reserved = 0;
    let (number, response) = match receive(source, target, &border, buffer, &mut reserved) {
        Ok(placed) => (0, placed.into_response(buffer)),
        Err(failure) => (failure.number(), failure.into_response(buffer, reserved)),
    };
    out.write(response);
    number
}

/// Sends a request and receives its response into `buffer`, of which `reserved` bytes are taken for other
/// things.
fn receive(
    source: &mut dyn Source,
    target: &Target<'_>,
    border: &Border,
    buffer: &mut [u8],
    reserved: &mut usize,
) -> Result<Placed, Failure> {
    let (method, url) = (border.text(target.method)?, border.text(target.url)?);
    let options = border.shared(target.options)?;
    let start = buffer.as_ptr().addr();
    // The last byte is for the NUL behind the URL.
    *reserved = 1;
    let Some((_, room)) = buffer.split_last_mut() else { return Err(Failure::NoRoom) };
    let mut inflater = None;
    let mut arena = Arena::new(room);
    let request = source.begin(method, url, border, &mut arena).and_then(|request| match options {
        Some(options) => lend(apply(request, options, border, &mut arena)?, options, &mut inflater),
        None => Ok(request),
    });
    *reserved = arena.taken().saturating_add(1);
    let request = request?;
    let room = arena.rest();
    let size = room.len();
    let response = request.send(room)?;
    let placed = Placed {
        status: response.status_code,
        redirects: response.redirects,
        reason: place_of(response.reason.as_bytes(), start),
        headers: place_of(response.header_lines(), start),
        body: place_of(response.content(), start),
        url: place_of(response.url().as_bytes(), start),
    };
    // Behind the body, too, there has to be room for a NUL.
    if placed.body.end >= placed.url.start {
        return Err(Error::BufferTooSmall { phase: Phase::Body, needed: size.saturating_add(1) }.into());
    }
    Ok(placed)
}

/// Lends the request what it uses until its response is there.
fn lend<'x, 'o: 'x>(
    mut request: Request<'x>,
    options: &Options<'o>,
    inflater: &'x mut OptionalInflater<'o>,
) -> Result<Request<'x>, Failure> {
    if !options.cancel.is_null() {
        request = request.cancel_token(options.cancel.share()?.token());
    }
    if !options.inflater.is_null() {
        #[cfg(feature = "gzip")]
        {
            request = request.decompress(inflater.insert(options.inflater.hold_or_open(Inflater::new)?));
        }
        #[cfg(not(feature = "gzip"))]
        {
            let _ = inflater;
            return Err(Code::NotBuiltIn.into());
        }
    }
    Ok(request)
}

/// An inflater that a request has taken.
#[cfg(feature = "gzip")]
type OptionalInflater<'x> = Option<crate::sys::c::storage::Held<'x, Inflater>>;
/// Without the feature `gzip` there is none.
#[cfg(not(feature = "gzip"))]
type OptionalInflater<'x> = Option<core::marker::PhantomData<&'x ()>>;

/// Where in the buffer the parts of a response are.
struct Placed {
    status: u16,
    redirects: u16,
    reason: Range<usize>,
    headers: Range<usize>,
    body: Range<usize>,
    url: Range<usize>,
}

impl Placed {
    /// The response for C: texts end with NUL.
    fn into_response(self, buffer: &mut [u8]) -> Response {
        // Behind the reason is the end of its line, which nobody reads any more.
        for end in [self.reason.end, self.body.end, self.url.end] {
            if let Some(byte) = buffer.get_mut(end) {
                *byte = 0;
            }
        }
        let part = |place: &Range<usize>| buffer.get(place.clone()).unwrap_or_default();
        let mut response = Response::received(self.status, part(&self.headers), part(&self.body));
        response.redirects = self.redirects;
        response.reason = text_for_c(buffer, &self.reason);
        response.url = text_for_c(buffer, &self.url);
        response
    }
}

/// A text in the buffer, which has a NUL behind it there.
fn text_for_c(buffer: &[u8], place: &Range<usize>) -> ForC {
    match buffer.get(place.clone()) {
        Some(text) if !text.is_empty() => ForC::bytes(text),
        _ => ForC::constant(c""),
    }
}

/// Where in a buffer that begins at `start` the part is.
fn place_of(part: &[u8], start: usize) -> Range<usize> {
    let offset = part.as_ptr().addr().wrapping_sub(start);
    offset..offset.wrapping_add(part.len())
}
