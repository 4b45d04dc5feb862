// SPDX-License-Identifier: Apache-2.0
//! Values of a JSON body, reached by JSON Pointers (RFC 6901).

use core::ffi::{c_char, c_int};

use serde::Deserialize;

use crate::capi::code::Code;
use crate::capi::failure::{Failure, Response, result_of};
use crate::capi::response::{checked_response, copy_out, pointer_and_length, write_text};
use crate::proto::json::error::ReadError;
use crate::proto::json::scan::Scanner;
use crate::proto::json::{self, pointer};
use crate::sys::c::checks::PointerChecks;
use crate::sys::c::pointer::{Out, Room, Shared, Text};
use crate::sys::c::types::CBool;

fn find<'a>(
    checks: &PointerChecks,
    response: Shared<'a, Response>,
    pointer: Text<'a>,
) -> Result<Scanner<'a>, Failure> {
    let response = checked_response(checks, response)?;
    let pointer = checks.text(pointer)?;
    let document = json::document(checks.bytes(response.body())?)?;
    Ok(pointer::find(document, pointer)?)
}

/// Reads a value that is not a string.
fn read<'a, T: Deserialize<'a>>(response: Shared<'a, Response>, pointer: Text<'a>) -> Result<T, Failure> {
    let value = find(&PointerChecks::new(), response, pointer)?;
    json::read(value, &mut Default::default()).map_err(|error| Failure::Code(code_of(error)))
}

/// Reads a value, and writes it to `value` as the type that C has for it.
fn write<'a, T: Deserialize<'a>, V: From<T>>(
    response: Shared<'a, Response>,
    pointer: Text<'a>,
    value: Out<'_, V>,
) -> c_int {
    let checks = PointerChecks::new();
    result_of(checks.out(value).map_err(Failure::from).and_then(|()| {
        value.write(V::from(read::<T>(response, pointer)?));
        Ok(())
    }))
}

fn code_of(error: ReadError) -> Code {
    match error {
        ReadError::Json(fault) => fault.cause.into(),
        ReadError::ScratchTooSmall { .. } => Code::BufferTooSmall,
    }
}

/// `requests_json_int`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_json_int(
    response: Shared<'_, Response>,
    pointer: Text<'_>,
    value: Out<'_, i64>,
) -> c_int {
    write::<i64, _>(response, pointer, value)
}

/// `requests_json_double`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_json_double(
    response: Shared<'_, Response>,
    pointer: Text<'_>,
    value: Out<'_, f64>,
) -> c_int {
    write::<f64, _>(response, pointer, value)
}

/// `requests_json_bool`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_json_bool(
    response: Shared<'_, Response>,
    pointer: Text<'_>,
    value: Out<'_, CBool>,
) -> c_int {
    write::<bool, _>(response, pointer, value)
}

/// `requests_json_string`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_json_string(
    response: Shared<'_, Response>,
    pointer: Text<'_>,
    value: Room<'_>,
    size: usize,
) -> c_int {
    copy_out(value, size, |checks, room| {
        let value = find(checks, response, pointer)?;
        let start = room.as_ptr().addr();
        // A string with escapes is rewritten at the start of the room, another is in the text.
        let string: &str =
            json::read(value, &mut &mut *room).map_err(|error| Failure::Code(code_of(error)))?;
        let (is_written, len) = (string.as_ptr().addr() == start, string.len());
        if is_written {
            let end = room.get_mut(len).ok_or(Failure::Code(Code::BufferTooSmall))?;
            *end = 0;
            return Ok(len);
        }
        let text = checks.bytes(checked_response(checks, response)?.body())?;
        let offset = string.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
        let string = text.get(offset..offset.saturating_add(len)).unwrap_or_default();
        write_text(room, string)
    })
}

/// `requests_json_text`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_json_text(
    response: Shared<'_, Response>,
    pointer: Text<'_>,
    len: Out<'_, usize>,
) -> *const c_char {
    let text = find(&PointerChecks::new(), response, pointer).and_then(|mut value| {
        let text = value.value().map_err(Code::from)?;
        Ok(text.as_bytes())
    });
    pointer_and_length(text, len)
}
