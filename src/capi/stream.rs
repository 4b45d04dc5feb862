// SPDX-License-Identifier: Apache-2.0
//! Streams, `struct requests_stream`: responses that are received while they are read.

use core::ffi::c_int;

use embedded_io::{BufRead, Read};

use crate::capi::code::Code;
use crate::capi::failure::{Failure, Response, result_of};
use crate::capi::inflater::{Inflating, take_inflater};
use crate::capi::options::{Options, apply, apply_timing};
use crate::capi::request::{Call, client_room, text_for_c};
use crate::capi::session;
use crate::client::{self, RequestBuilder, Stream};
use crate::config::{CAPI_COOKIES, CAPI_TLS, REDIRECT_COOKIES};
use crate::sys::c::Misuse;
use crate::sys::c::arena::Arena;
use crate::sys::c::border::Border;
use crate::sys::c::pointer::{Out, Room, Shared, Taker, Text, User};
use crate::sys::c::storage::{Handle, Lease, Opaque};
use crate::sys::c::types::ForC;

/// Bytes of a pointer.
const POINTER: usize = size_of::<*const u8>();
/// Bytes of `struct requests_stream`, as the header computes them.
const STREAM_SIZE: usize = 120 + 37 * POINTER + CAPI_TLS * 144 + CAPI_COOKIES * REDIRECT_COOKIES;

/// What a `struct requests_stream` holds.
pub struct State {
    stream: Stream<'static>,
    /// The buffer that it has.
    room: (Room<'static>, usize),
    // Dropped behind the stream, which refers to them.
    _inflater: Inflating<'static>,
    _session: Option<Lease<'static, session::State>>,
}

// tests/c/layout.c asserts the same.
#[cfg(feature = "host")]
const _: () = assert!(<State as Opaque>::SIZE == if POINTER == 8 { 4656 } else { 4512 });

impl Opaque for State {
    const MARK: u32 = 0x5354_524d;
    const SIZE: usize = STREAM_SIZE.next_multiple_of(8);
}

/// `requests_stream_open`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_stream_open(
    stream: Handle<'_, State>,
    method: Text<'_>,
    url: Text<'_>,
    options: Shared<'_, Options<'static>>,
    room: Room<'static>,
    len: usize,
    response: Out<'_, Response>,
) -> c_int {
    let call = Call { method, url, options, room, len };
    call.answer(response, |border, buffer, reserved| {
        open(stream, (room, len), |lent| {
            let (method, url, options) = call.read(border)?;
            let mut request = client::request(method, url);
            let mut arena = Arena::new(buffer);
            let applied = apply_all(&mut request, options, border, &mut arena, lent);
            begin(&mut request, applied, arena, reserved)
        })
    })
}

/// `requests_session_stream_open`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_session_stream_open(
    session: Handle<'static, session::State>,
    stream: Handle<'_, State>,
    method: Text<'_>,
    url: Text<'_>,
    options: Shared<'_, Options<'static>>,
    room: Room<'static>,
    len: usize,
    response: Out<'_, Response>,
) -> c_int {
    let call = Call { method, url, options, room, len };
    call.answer(response, |border, buffer, reserved| {
        open(stream, (room, len), |lent| {
            let (method, url, options) = call.read(border)?;
            let (state, lease) = session.hold()?.lease();
            lent.session = Some(lease);
            let mut request = client::request(method, url);
            let mut arena = Arena::new(buffer);
            let applied = session::adopt(state, &mut request, border, &mut arena)
                .and_then(|()| apply_all(&mut request, options, border, &mut arena, lent));
            begin(&mut request, applied, arena, reserved)
        })
    })
}

/// What a stream goes on using.
#[derive(Default)]
struct Lent {
    inflater: Inflating<'static>,
    session: Option<Lease<'static, session::State>>,
}

/// Puts the stream that `make` gives to its place, and returns the head of its response.
fn open(
    handle: Handle<'_, State>,
    room: (Room<'static>, usize),
    make: impl FnOnce(&mut Lent) -> Result<Stream<'static>, Failure>,
) -> Result<Response, Failure> {
    let mut head = None;
    handle.open_in_place(|place| {
        let mut lent = Lent::default();
        let stream = make(&mut lent)?;
        let state = place.write(State { stream, room, _inflater: lent.inflater, _session: lent.session });
        head = Some(head_of(&state.stream));
        Ok::<_, Failure>(state)
    })?;
    head.ok_or(Failure::Code(Code::Closed))
}

/// The head of the response of a stream, for C.
fn head_of(stream: &Stream<'static>) -> Response {
    let mut response = Response::received(stream.status_code, stream.header_lines(), &[]);
    response.redirects = stream.redirects;
    response.reason = text_for_c(stream.reason.as_bytes());
    response.url = text_for_c(stream.url().as_bytes());
    response
}

/// Gives the request what its options say.
fn apply_all<'r>(
    request: &mut RequestBuilder<'r, 'static>,
    options: Option<&'r Options<'static>>,
    border: &Border,
    arena: &mut Arena<'static>,
    lent: &mut Lent,
) -> Result<(), Failure>
where
    'static: 'r,
{
    let Some(options) = options else { return Ok(()) };
    apply(request, options, border, arena)?;
    apply_timing(request, options)?;
    take_inflater(request, options.inflater, &mut lent.inflater)
}

/// Sends the request, if all went well with its options, and receives the head of its response.
#[inline(never)]
fn begin(
    request: &mut RequestBuilder<'_, 'static>,
    applied: Result<(), Failure>,
    arena: Arena<'static>,
    reserved: &mut usize,
) -> Result<Stream<'static>, Failure> {
    let room = client_room(arena, reserved);
    applied?;
    Ok(request.stream_in_place(room?)?)
}

/// `requests_stream_read`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_stream_read(stream: Handle<'_, State>, room: Room<'_>, len: usize) -> c_int {
    let len = len.min(c_int::MAX as usize);
    let read = || {
        let mut state = stream.hold()?;
        if room.overlaps(len, state.room.0, state.room.1) {
            return Err(Misuse::Overlap.into());
        }
        let (_, room) = Border::with_room(room, len)?;
        if room.is_empty() {
            return Err(Failure::from(Misuse::Length));
        }
        Ok(state.stream.read(room)?)
    };
    match read() {
        Ok(count) => c_int::try_from(count).unwrap_or(c_int::MAX),
        Err(failure) => failure.number(),
    }
}

/// `requests_stream_line`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_stream_line(
    stream: Handle<'_, State>,
    line: Out<'_, ForC>,
    len: Out<'_, usize>,
) -> c_int {
    let next = || {
        line.check()?;
        len.check()?;
        let mut state = stream.hold()?;
        let mut lines = state.stream.iter_lines();
        let Some(text) = lines.next_line()? else { return Ok(0) };
        line.write(ForC::bytes(text));
        len.write(text.len());
        Ok::<_, Failure>(1)
    };
    next().unwrap_or_else(|failure| failure.number())
}

/// `requests_stream_each`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_stream_each(stream: Handle<'_, State>, take: Taker, user: User) -> c_int {
    let each = || {
        if take.is_null() {
            return Err(Failure::from(Misuse::Null));
        }
        let mut state = stream.hold()?;
        loop {
            let piece = state.stream.fill_buf()?;
            let count = piece.len();
            if count == 0 {
                return Ok(0);
            }
            let result = take.take(user, piece);
            if result < 0 {
                return Ok(result);
            }
            state.stream.consume(count);
        }
    };
    each().unwrap_or_else(|failure: Failure| failure.number())
}

/// `requests_stream_close`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_stream_close(stream: Handle<'_, State>) -> c_int {
    result_of(stream.close())
}
