// SPDX-License-Identifier: Apache-2.0
//! Streams, `struct requests_stream`: responses that are received while they are read.

use core::ffi::c_int;

use embedded_io::{BufRead, Read};

use crate::capi::code::Code;
use crate::capi::failure::{Failure, Response, result_of};
use crate::capi::inflater::{InflaterInUse, take_inflater};
use crate::capi::log;
use crate::capi::options::{Options, apply, apply_timing};
use crate::capi::request::{Call, client_room, text_for_c};
use crate::capi::session;
use crate::client::{self, Head, RequestBuilder, Stream};
use crate::config::{CAPI_COOKIES, CAPI_TLS, REDIRECT_COOKIES};
use crate::sys::c::Misuse;
use crate::sys::c::arena::Arena;
use crate::sys::c::checks::PointerChecks;
use crate::sys::c::pointer::{DataCallback, Out, Room, Shared, Text, User};
use crate::sys::c::storage::{BusyGuard, Handle, Opaque};
use crate::sys::c::types::TextForC;

/// Bytes of a pointer.
const POINTER: usize = size_of::<*const u8>();
/// Bytes of `struct requests_stream`, as the header computes them.
const STREAM_SIZE: usize = 120 + 43 * POINTER + CAPI_TLS * 144 + CAPI_COOKIES * REDIRECT_COOKIES;

/// What a `struct requests_stream` holds.
pub struct State {
    stream: Stream<'static>,
    /// The buffer of the caller.
    room: (Room<'static>, usize),
    /// The number of bytes of the buffer that lists take.
    reserved: usize,
    /// Why the last call failed.
    failure: Option<Failure>,
    // Dropped behind the stream, which refers to them.
    _inflater: InflaterInUse<'static>,
    _session: Option<BusyGuard<'static, session::State>>,
}

// crates/requests-capi/layout.c asserts the same.
#[cfg(feature = "host")]
const _: () = assert!(<State as Opaque>::SIZE == if POINTER == 8 { 4704 } else { 4536 });

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
    open(stream, &Call { method, url, options, room, len }, response, |_, _, _| Ok(None))
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
    if let Err(failure) = call.check_apart(session, response) {
        return failure.number();
    }
    open(stream, &call, response, |request, checks, arena| {
        let (state, guard) = session.borrow_mut()?.into_parts();
        session::apply_defaults(state, request, checks, arena)?;
        Ok(Some(guard))
    })
}

/// What a stream uses until it is closed.
#[derive(Default)]
struct UsedObjects {
    inflater: InflaterInUse<'static>,
    session: Option<BusyGuard<'static, session::State>>,
}

/// Sends a request, stores the stream of its response, and returns the head of the response. `join` adds the request
/// to a session, if there is one. It is a parameter so that a program without sessions does not contain their code.
fn open(
    stream: Handle<'_, State>,
    call: &Call<'_, 'static>,
    response: Out<'_, Response>,
    join: impl FnOnce(
        &mut RequestBuilder<'_, 'static>,
        &PointerChecks,
        &mut Arena<'static>,
    ) -> Result<Option<BusyGuard<'static, session::State>>, Failure>,
) -> c_int {
    if let Err(failure) = call.check_apart(stream, response) {
        return failure.number();
    }
    call.answer(response, |checks, buffer, reserved| {
        let mut head = None;
        stream.open_in_place(|place| {
            let (method, url, options) = call.read(checks)?;
            let mut used = UsedObjects::default();
            let mut request = client::request(method, url);
            let mut arena = Arena::new(buffer);
            let applied = join(&mut request, checks, &mut arena).and_then(|session| {
                used.session = session;
                apply_all(&mut request, options, checks, &mut arena, &mut used)
            });
            let stream = begin(&mut request, applied, arena, reserved)?;
            let UsedObjects { inflater, session } = used;
            let state = place.write(State {
                stream,
                room: (call.room, call.len),
                reserved: *reserved,
                failure: None,
                _inflater: inflater,
                _session: session,
            });
            head = Some(response_of(&state.stream, &[]));
            Ok::<_, Failure>(state)
        })?;
        head.ok_or(Failure::Code(Code::Closed))
    })
}

/// A response with the head of a stream and this body, for C.
fn response_of(head: &Head<'static>, body: &[u8]) -> Response {
    let mut response = Response::received(head.status_code, head.header_lines(), body);
    response.redirects = head.redirects;
    response.reason = text_for_c(head.reason.as_bytes());
    response.url = text_for_c(head.url().as_bytes());
    response
}

/// Applies all options to a request.
fn apply_all<'r>(
    request: &mut RequestBuilder<'r, 'static>,
    options: Option<&'r Options<'static>>,
    checks: &PointerChecks,
    arena: &mut Arena<'static>,
    used: &mut UsedObjects,
) -> Result<(), Failure>
where
    'static: 'r,
{
    let Some(options) = options else { return Ok(()) };
    apply(request, options, checks, arena)?;
    apply_timing(request, options)?;
    take_inflater(request, options.inflater, &mut used.inflater)
}

/// Sends the request, if its options could be applied, and receives the head of its response.
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

/// Checks that a result can be written there, and that this is not in the buffer of the stream.
fn check_apart<T>(out: Out<'_, T>, state: &State) -> Result<(), Misuse> {
    out.check()?;
    if out.overlaps(state.room.0, state.room.1) { Err(Misuse::Overlap) } else { Ok(()) }
}

/// Calls `act` with a stream. Stores its error for `requests_stream_error`.
fn with(stream: Handle<'_, State>, act: impl FnOnce(&mut State) -> Result<c_int, Failure>) -> c_int {
    let mut state = match stream.borrow_mut() {
        Ok(state) => state,
        Err(misuse) => return Failure::from(misuse).number(),
    };
    match act(&mut state) {
        Ok(result) => result,
        Err(failure) => {
            state.failure = Some(failure);
            log::failure(&failure.into_response((Room::NULL, 0), state.reserved));
            failure.number()
        }
    }
}

/// `requests_stream_read`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_stream_read(stream: Handle<'_, State>, room: Room<'_>, len: usize) -> c_int {
    let len = len.min(c_int::MAX as usize);
    with(stream, |state| {
        let (memory, size) = stream.memory();
        if room.overlaps(len, state.room.0, state.room.1) || room.overlaps(len, memory, size) {
            return Err(Misuse::Overlap.into());
        }
        let (_, room) = PointerChecks::with_room(room, len)?;
        if room.is_empty() {
            return Err(Misuse::Length.into());
        }
        Ok(c_int::try_from(state.stream.read(room)?).unwrap_or(c_int::MAX))
    })
}

/// `requests_stream_line`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_stream_line(
    stream: Handle<'_, State>,
    line: Out<'_, TextForC>,
    len: Out<'_, usize>,
) -> c_int {
    if let Err(misuse) = line.check().and_then(|()| len.check()) {
        return result_of(Err(misuse));
    }
    with(stream, |state| {
        check_apart(line, state)?;
        check_apart(len, state)?;
        let mut lines = state.stream.iter_lines();
        let Some(text) = lines.next_line()? else { return Ok(0) };
        line.write(TextForC::bytes(text));
        len.write(text.len());
        Ok(1)
    })
}

/// `requests_stream_each`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_stream_each(stream: Handle<'_, State>, data: DataCallback, user: User) -> c_int {
    if data.is_null() {
        return result_of(Err(Misuse::Null));
    }
    with(stream, |state| {
        loop {
            let piece = state.stream.fill_buf()?;
            let count = piece.len();
            if count == 0 {
                return Ok(0);
            }
            let result = data.call(user, piece);
            if result < 0 {
                return Ok(result);
            }
            state.stream.consume(count);
        }
    })
}

/// `requests_stream_error`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_stream_error(stream: Handle<'_, State>, response: Out<'_, Response>) -> c_int {
    let tell = || {
        let state = stream.borrow_mut()?;
        check_apart(response, &state)?;
        response.write(match state.failure {
            Some(failure) => failure.into_response((Room::NULL, 0), state.reserved),
            None => Response::failed(0, None, 0, (Room::NULL, 0)),
        });
        Ok::<_, Misuse>(())
    };
    result_of(tell())
}

/// `requests_stream_into_response`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_stream_into_response(
    stream: Handle<'_, State>,
    response: Out<'_, Response>,
) -> c_int {
    if let Err(misuse) = PointerChecks::new().out(response) {
        return result_of(Err(misuse));
    }
    let mut state = match stream.borrow_mut() {
        Ok(state) => state,
        Err(misuse) => {
            let failure = Failure::from(misuse);
            response.write(failure.into_response((Room::NULL, 0), 0));
            return failure.number();
        }
    };
    if let Err(misuse) = check_apart(response, &state) {
        return result_of(Err(misuse));
    }
    let received = state.stream.receive_rest();
    let (number, result) = match &received {
        Ok(received) => (0, response_of(received, received.content())),
        Err(error) => {
            let failure = Failure::from(*error);
            let result = failure.into_response(state.room, state.reserved);
            log::failure(&result);
            (failure.number(), result)
        }
    };
    response.write(result);
    drop((received, state));
    // This cannot fail, because the stream was open and not in use.
    let _ = stream.close();
    number
}

/// `requests_stream_close`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_stream_close(stream: Handle<'_, State>) -> c_int {
    result_of(stream.close())
}
