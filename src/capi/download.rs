// SPDX-License-Identifier: Apache-2.0
//! Downloads, `struct requests_download`.

use core::ffi::{CStr, c_int};

use embedded_io::ErrorKind;

#[cfg(not(feature = "sha256"))]
use crate::capi::code::Code;
use crate::capi::failure::{Failure, Response};
use crate::capi::inflater::{InflaterInUse, take_inflater};
use crate::capi::options::{Options, apply, retry};
use crate::capi::request::{Call, Defaults, NoSession, client_room};
use crate::capi::session;
use crate::client::{self, Downloaded, Job, Sink};
use crate::proto::bytes::copy;
use crate::sys::c::Misuse;
use crate::sys::c::arena::Arena;
use crate::sys::c::checks::PointerChecks;
use crate::sys::c::pointer::{Out, Room, Shared, SinkCallbacks, Text};
use crate::sys::c::storage::Handle;
use crate::sys::c::types::{DownloadOptions, DownloadedFields};

/// `requests_download`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_download(
    url: Text<'_>,
    options: Shared<'_, Options<'_>>,
    download: Shared<'_, DownloadOptions<'_>>,
    room: Room<'_>,
    len: usize,
    done: Out<'_, DownloadedFields>,
    response: Out<'_, Response>,
) -> c_int {
    let call = Call { method: Text::constant(c"GET"), url, options, room, len };
    send(&mut NoSession, &call, download, done, response)
}

/// `requests_session_download`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_session_download(
    session: Handle<'_, session::State>,
    url: Text<'_>,
    options: Shared<'_, Options<'_>>,
    download: Shared<'_, DownloadOptions<'_>>,
    room: Room<'_>,
    len: usize,
    done: Out<'_, DownloadedFields>,
    response: Out<'_, Response>,
) -> c_int {
    let call = Call { method: Text::constant(c"GET"), url, options, room, len };
    if let Err(failure) = call.check_apart(session, response) {
        return failure.number();
    }
    match session.borrow_mut() {
        Ok(mut state) => send(&mut *state, &call, download, done, response),
        Err(misuse) => call.answer(response, |_, _, _| Err(misuse.into())),
    }
}

fn send(
    defaults: &mut dyn Defaults,
    call: &Call<'_, '_>,
    download: Shared<'_, DownloadOptions<'_>>,
    done: Out<'_, DownloadedFields>,
    response: Out<'_, Response>,
) -> c_int {
    call.answer(response, |checks, buffer, reserved| {
        checks.out(done)?;
        let downloaded = receive(defaults, call, download, checks, buffer, reserved)?;
        done.write(DownloadedFields { len: downloaded.len, requests: downloaded.requests });
        Ok(Response::received(0, &[], &[]))
    })
}

#[inline(never)]
fn receive(
    defaults: &mut dyn Defaults,
    call: &Call<'_, '_>,
    download: Shared<'_, DownloadOptions<'_>>,
    checks: &PointerChecks,
    buffer: &mut [u8],
    reserved: &mut usize,
) -> Result<Downloaded, Failure> {
    let (method, url, options) = call.read(checks)?;
    let wanted = checks.shared(download)?.ok_or(Misuse::Null)?;
    if !wanted.sink.is_writable() {
        return Err(Misuse::Null.into());
    }
    let mut inflater = InflaterInUse::default();
    let mut arena = Arena::new(buffer);
    let mut request = client::request(method, url);
    let applied = defaults.apply_to(&mut request, checks, &mut arena);
    let prepared = applied.and_then(|()| {
        let Some(options) = options else { return Ok(()) };
        apply(&mut request, options, checks, &mut arena)?;
        take_inflater(&mut request, options.inflater, &mut inflater)
    });
    let room = client_room(arena, reserved);
    prepared?;
    let room = room?;

    let mut sink = CSink { callbacks: wanted.sink, can_restart: !wanted.no_restart.is_set() };
    let progress_of = wanted.sink;
    let mut progress = |received, len: Option<u64>| progress_of.progress(received, len.unwrap_or(UNKNOWN));
    let retry = options.and_then(|options| retry(&options.retry)).or_else(|| request.take_retry());
    let mut job = Job::new(&mut sink, retry);
    if let Some(options) = options {
        if options.timeout_ms != 0 {
            job.timeout_ms = Some(options.timeout_ms.into());
        }
        if options.read_timeout_ms != 0 {
            // As `Download::read_timeout`: each wait, and each attempt as far as the head.
            request.parts.settings.timeout_ms = options.read_timeout_ms.into();
            request.parts.settings.read_timeout_ms = Some(options.read_timeout_ms.into());
        }
    }
    if let Some(validator) = checks.optional_text(wanted.validator)? {
        job.resume(wanted.offset, (wanted.len > 0).then_some(wanted.len), validator);
    }
    job.set_piece(wanted.piece);
    if let Some(digest) = checks.shared(wanted.sha256)? {
        #[cfg(feature = "sha256")]
        job.set_digest(*digest);
        #[cfg(not(feature = "sha256"))]
        {
            let _ = digest;
            return Err(Code::NotBuiltIn.into());
        }
    }
    if wanted.sink.has_progress() {
        job.progress = Some(&mut progress);
    }
    Ok(request.run_job(&mut job, room)?)
}

/// `REQUESTS_UNKNOWN`: a length that is not known.
const UNKNOWN: u64 = u64::MAX;

/// Bytes of the longest validator, and a NUL.
const VALIDATOR: usize = 128;

/// A sink that calls the callbacks.
struct CSink {
    callbacks: SinkCallbacks,
    can_restart: bool,
}

impl Sink for CSink {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind> {
        check(self.callbacks.write(offset, bytes))
    }

    fn start(&mut self, len: Option<u64>, validator: Option<&str>) -> Result<(), ErrorKind> {
        let mut text = [0; VALIDATOR];
        let validator = validator.and_then(|validator| {
            copy(text.get_mut(..validator.len())?, validator.as_bytes());
            CStr::from_bytes_until_nul(&text).ok()
        });
        check(self.callbacks.start(len.unwrap_or(UNKNOWN), validator))
    }

    fn can_restart(&self) -> bool {
        self.can_restart
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let len = buffer.len();
        let count = self.callbacks.read(offset, buffer).ok_or(ErrorKind::Unsupported)?;
        usize::try_from(count).ok().filter(|&count| count <= len).ok_or(ErrorKind::Other)
    }

    fn finish(&mut self, len: u64) -> Result<(), ErrorKind> {
        check(self.callbacks.finish(len))
    }
}

/// Converts the result of a callback. `None`: there is no callback.
fn check(result: Option<c_int>) -> Result<(), ErrorKind> {
    if result.is_some_and(|result| result < 0) { Err(ErrorKind::Other) } else { Ok(()) }
}
