// SPDX-License-Identifier: Apache-2.0
//! Requests whose response is received as a whole, and the code that all requests share.

use core::ffi::c_int;
use core::ops::Range;

use crate::Error;
use crate::capi::failure::{Failure, Response};
use crate::capi::inflater::{InflaterInUse, take_inflater};
use crate::capi::log;
use crate::capi::options::{Options, apply, apply_timing};
use crate::client::{self, Request};
use crate::error::Phase;
use crate::sys::c::Misuse;
use crate::sys::c::arena::Arena;
use crate::sys::c::checks::PointerChecks;
use crate::sys::c::pointer::{Out, Room, Shared, Text};
use crate::sys::c::storage::{Handle, Opaque};
use crate::sys::c::types::TextForC;

/// The defaults of requests, before their options are applied.
pub trait Defaults {
    /// Applies the defaults to a request. Lists are created in `arena`.
    fn apply_to<'x>(
        &'x mut self,
        request: &mut Request<'x>,
        checks: &PointerChecks,
        arena: &mut Arena<'x>,
    ) -> Result<(), Failure>;
}

/// The defaults of a request without a session: none.
pub struct NoSession;

impl Defaults for NoSession {
    fn apply_to<'x>(
        &'x mut self,
        _: &mut Request<'x>,
        _: &PointerChecks,
        _: &mut Arena<'x>,
    ) -> Result<(), Failure> {
        Ok(())
    }
}

/// The arguments of a function that sends a request, as they come from C.
pub struct Call<'a, 'o> {
    pub method: Text<'a>,
    pub url: Text<'a>,
    pub options: Shared<'a, Options<'o>>,
    pub room: Room<'o>,
    pub len: usize,
}

impl<'a, 'o> Call<'a, 'o> {
    /// Checks the buffer and the pointer to the response, calls `run`, and writes the response or the error that
    /// it returns. `run` sets the last argument to the number of bytes of the buffer that lists take.
    pub fn answer(
        &self,
        out: Out<'_, Response>,
        run: impl FnOnce(&PointerChecks, &'o mut [u8], &mut usize) -> Result<Response, Failure>,
    ) -> c_int {
        let mut reserved = 0;
        let mut room = (Room::NULL, 0);
        if let Err(misuse) = out.check() {
            return Failure::from(misuse).number();
        }
        let result = match PointerChecks::with_room(self.room, self.len) {
            Ok((checks, buffer)) => {
                if let Err(misuse) = checks.out(out) {
                    return Failure::from(misuse).number();
                }
                room = (self.room, self.len);
                run(&checks, buffer, &mut reserved)
            }
            Err(misuse) => Err(misuse.into()),
        };
        let (number, response) = match result {
            Ok(response) => (0, response),
            Err(failure) => {
                let response = failure.into_response(room, reserved);
                log::failure(&response);
                (failure.number(), response)
            }
        };
        out.write(response);
        number
    }

    /// Checks that an object which the call uses is neither in the buffer nor where the response is written.
    pub fn check_apart<T: Opaque>(
        &self,
        object: Handle<'_, T>,
        out: Out<'_, Response>,
    ) -> Result<(), Failure> {
        let (memory, size) = object.memory();
        let is_overlap = self.room.overlaps(self.len, memory, size) || out.overlaps(memory, size);
        if is_overlap { Err(Misuse::Overlap.into()) } else { Ok(()) }
    }

    /// Method, URL and options.
    pub fn read(&self, checks: &PointerChecks) -> Result<Read<'a, 'o>, Misuse> {
        Ok((checks.text(self.method)?, checks.text(self.url)?, checks.shared(self.options)?))
    }
}

/// Method, URL and options.
pub type Read<'a, 'o> = (&'a str, &'a str, Option<&'a Options<'o>>);

/// `requests_request`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_request(
    method: Text<'_>,
    url: Text<'_>,
    options: Shared<'_, Options<'_>>,
    room: Room<'_>,
    len: usize,
    response: Out<'_, Response>,
) -> c_int {
    send(&mut NoSession, &Call { method, url, options, room, len }, response)
}

/// Sends a request and writes its response, or the error.
pub fn send(defaults: &mut dyn Defaults, call: &Call<'_, '_>, out: Out<'_, Response>) -> c_int {
    call.answer(out, |checks, buffer, reserved| {
        let placed = receive(defaults, call, checks, buffer, reserved)?;
        Ok(placed.into_response(buffer))
    })
}

/// Sends a request and receives its response into `buffer`, of which lists take `reserved` bytes.
// It has its own stack frame, and so have the functions that it calls first: their frames are gone when the exchange
// begins.
#[inline(never)]
fn receive(
    defaults: &mut dyn Defaults,
    call: &Call<'_, '_>,
    checks: &PointerChecks,
    buffer: &mut [u8],
    reserved: &mut usize,
) -> Result<Placed, Failure> {
    let (method, url, options) = call.read(checks)?;
    let start = buffer.as_ptr().addr();
    let mut inflater = InflaterInUse::default();
    let mut arena = Arena::new(buffer);
    // It is created here and changed in place: each copy of it takes half a kilobyte of stack.
    let mut request = client::request(method, url);
    let applied = defaults.apply_to(&mut request, checks, &mut arena);
    let prepared = applied.and_then(|()| {
        let Some(options) = options else { return Ok(()) };
        apply(&mut request, options, checks, &mut arena)?;
        apply_timing(&mut request, options)?;
        take_inflater(&mut request, options.inflater, &mut inflater)
    });
    let room = client_room(arena, reserved);
    prepared?;
    let room = room?;
    let size = room.len();
    let response = request.send_in_place(room).map_err(Error::counting_nul)?;
    let placed = Placed {
        status: response.status_code,
        redirects: response.redirects,
        reason: place_of(response.reason.as_bytes(), start),
        headers: place_of(response.header_lines(), start),
        body: place_of(response.content(), start),
        url: place_of(response.url().as_bytes(), start),
    };
    // There must be room for a NUL behind the body.
    if placed.body.end >= placed.url.start {
        return Err(Error::BufferTooSmall { phase: Phase::Body, needed: size.saturating_add(1) }.into());
    }
    Ok(placed)
}

/// The part of the buffer that lists leave to the client. The byte behind it is the NUL of the URL, which the client
/// writes to the end of its part.
pub fn client_room<'r>(arena: Arena<'r>, reserved: &mut usize) -> Result<&'r mut [u8], Failure> {
    *reserved = arena.taken().saturating_add(1);
    match arena.rest().split_last_mut() {
        Some((nul, room)) => {
            *nul = 0;
            Ok(room)
        }
        None => Err(Failure::NoRoom),
    }
}

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
        // The byte behind the reason is the end of its line, which is not needed any more.
        for end in [self.reason.end, self.body.end] {
            if let Some(byte) = buffer.get_mut(end) {
                *byte = 0;
            }
        }
        let part = |place: &Range<usize>| buffer.get(place.clone()).unwrap_or_default();
        let mut response = Response::received(self.status, part(&self.headers), part(&self.body));
        response.redirects = self.redirects;
        response.reason = text_for_c(part(&self.reason));
        response.url = text_for_c(part(&self.url));
        response
    }
}

/// A text in the buffer that has a NUL behind it there.
pub fn text_for_c(text: &[u8]) -> TextForC {
    if text.is_empty() { TextForC::constant(c"") } else { TextForC::bytes(text) }
}

/// Where in a buffer that begins at `start` the part is.
fn place_of(part: &[u8], start: usize) -> Range<usize> {
    let offset = part.as_ptr().addr().wrapping_sub(start);
    offset..offset.wrapping_add(part.len())
}
