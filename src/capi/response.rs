// SPDX-License-Identifier: Apache-2.0
//! Reading a response, and the sentences of errors.

use core::ffi::{c_char, c_int};
use core::fmt::{self, Write};
use core::ptr;

use crate::capi::code::{Code, phase_name, sentence};
use crate::capi::failure::{Failure, Response, result_of};
use crate::proto::bytes::copy;
use crate::proto::header::HeaderFields;
use crate::sys::c::Misuse;
use crate::sys::c::checks::PointerChecks;
use crate::sys::c::pointer::{Bytes, Out, Room, Shared, Text};
use crate::sys::c::types::{HeaderOut, TextForC};

/// The response that a pointer from C points to, if this crate has written it.
pub fn checked_response<'a>(
    checks: &PointerChecks,
    response: Shared<'a, Response>,
) -> Result<&'a Response, Misuse> {
    let response = checks.shared(response)?.ok_or(Misuse::Null)?;
    if response.is_known() { Ok(response) } else { Err(Misuse::Closed) }
}

/// `requests_response_init`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_response_init(
    response: Out<'_, Response>,
    status: u16,
    headers: Text<'_>,
    body: Bytes<'_>,
) -> c_int {
    let checks = PointerChecks::new();
    let init = || {
        checks.out(response)?;
        let headers = checks.optional_text(headers)?.unwrap_or_default();
        response.write(Response::received(status, headers.as_bytes(), checks.bytes(body)?));
        Ok::<_, Misuse>(())
    };
    result_of(init())
}

/// `requests_header`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_header(
    response: Shared<'_, Response>,
    name: Text<'_>,
    len: Out<'_, usize>,
) -> *const c_char {
    pointer_and_length(find_header(&PointerChecks::new(), response, name), len)
}

/// Returns a pointer to what was found, and writes its length; or returns NULL.
pub fn pointer_and_length(found: Result<&[u8], Failure>, len: Out<'_, usize>) -> *const c_char {
    match found {
        Ok(bytes) if len.is_writable() => {
            len.write(bytes.len());
            bytes.as_ptr().cast()
        }
        _ => ptr::null(),
    }
}

fn find_header<'a>(
    checks: &PointerChecks,
    response: Shared<'a, Response>,
    name: Text<'a>,
) -> Result<&'a [u8], Failure> {
    let response = checked_response(checks, response)?;
    let name = checks.text(name)?;
    HeaderFields::new(checks.bytes(response.headers())?)
        .first(name)
        .ok_or(Failure::Code(Code::HeaderNotFound))
}

/// `requests_header_copy`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_header_copy(
    response: Shared<'_, Response>,
    name: Text<'_>,
    value: Room<'_>,
    size: usize,
) -> c_int {
    copy_out(value, size, |checks, room| {
        let value = find_header(checks, response, name)?;
        write_text(room, value)
    })
}

/// `requests_header_at`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_header_at(
    response: Shared<'_, Response>,
    index: usize,
    header: Out<'_, HeaderOut>,
) -> c_int {
    let checks = PointerChecks::new();
    let find = || {
        checks.out(header)?;
        let mut fields = HeaderFields::new(checks.bytes(checked_response(&checks, response)?.headers())?);
        let field = fields.nth(index).ok_or(Failure::Code(Code::HeaderNotFound))?;
        header.write(HeaderOut {
            name: TextForC::bytes(field.name.as_bytes()),
            name_len: field.name.len(),
            value: TextForC::bytes(field.value),
            value_len: field.value.len(),
        });
        Ok::<_, Failure>(())
    };
    result_of(find())
}

/// `requests_error_phase`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_error_phase(response: Shared<'_, Response>) -> *const c_char {
    let error =
        checked_response(&PointerChecks::new(), response).ok().and_then(|response| response.error().1);
    error.map_or(c"", |error| phase_name(error.phase())).as_ptr()
}

/// `requests_error_errno`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_error_errno(response: Shared<'_, Response>) -> c_int {
    use crate::Error;
    use crate::transport::DnsError;
    match checked_response(&PointerChecks::new(), response).map(|response| response.error().1) {
        Ok(Some(
            Error::Connect(error) | Error::Send(error) | Error::Receive(error) | Error::Random(error),
        )) => error.errno.into(),
        Ok(Some(Error::Dns(DnsError::Failed(code)))) => code.into(),
        #[cfg(feature = "tls")]
        Ok(Some(Error::Tls(error))) => error.code(),
        _ => 0,
    }
}

/// `requests_error_describe`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_error_describe(
    response: Shared<'_, Response>,
    text: Room<'_>,
    size: usize,
) -> c_int {
    copy_out(text, size, |checks, room| {
        let response = checked_response(checks, response)?;
        checks.bytes(response.buffer())?;
        let mut room = TextRoom::new(room);
        // It never fails.
        let _ = write!(room, "{}", Description(response));
        Ok(room.finish())
    })
}

/// Why a request failed, in a sentence.
pub struct Description<'a>(pub &'a Response);

impl fmt::Display for Description<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let buffer = PointerChecks::new().bytes(self.0.buffer()).unwrap_or_default();
        match self.0.error() {
            (_, Some(error)) => error.message(buffer).fmt(f),
            (code, None) => f.write_str(sentence(code).to_str().unwrap_or_default()),
        }
    }
}

/// Room for a text that ends with NUL. What does not fit is left out.
pub struct TextRoom<'a> {
    room: &'a mut [u8],
    len: usize,
}

impl<'a> TextRoom<'a> {
    pub const fn new(room: &'a mut [u8]) -> Self {
        Self { room, len: 0 }
    }

    /// Ends the text with NUL. Returns the length of the whole text.
    pub fn finish(self) -> usize {
        let end = self.len.min(self.room.len().saturating_sub(1));
        // If the text was cut inside a character, it ends before this character.
        let whole = match core::str::from_utf8(self.room.get(..end).unwrap_or_default()) {
            Ok(_) => end,
            Err(error) => error.valid_up_to(),
        };
        if let Some(byte) = self.room.get_mut(whole) {
            *byte = 0;
        }
        self.len
    }
}

impl Write for TextRoom<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.room.get_mut(self.len..).unwrap_or_default();
        for (to, from) in room.iter_mut().zip(text.as_bytes()) {
            *to = *from;
        }
        self.len = self.len.saturating_add(text.len());
        Ok(())
    }
}

/// Calls `write` with the caller's memory, and returns the length of the text or the number of the error. After an
/// error, the text is empty.
pub fn copy_out(
    room: Room<'_>,
    size: usize,
    write: impl FnOnce(&PointerChecks, &mut [u8]) -> Result<usize, Failure>,
) -> c_int {
    let (checks, room) = match PointerChecks::with_room(room, size) {
        Ok(both) => both,
        Err(misuse) => return Failure::from(misuse).number(),
    };
    match write(&checks, room) {
        Ok(len) => c_int::try_from(len).unwrap_or(c_int::MAX),
        Err(failure) => {
            if let Some(byte) = room.first_mut() {
                *byte = 0;
            }
            failure.number()
        }
    }
}

/// Writes a text and its NUL to the start of `room`, or nothing if they do not fit.
pub fn write_text(room: &mut [u8], text: &[u8]) -> Result<usize, Failure> {
    let Some((place, rest)) = room.split_at_mut_checked(text.len()) else {
        return Err(Failure::Code(Code::BufferTooSmall));
    };
    let Some(end) = rest.first_mut() else { return Err(Failure::Code(Code::BufferTooSmall)) };
    copy(place, text);
    *end = 0;
    Ok(text.len())
}
