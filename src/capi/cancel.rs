// SPDX-License-Identifier: Apache-2.0
//! Tokens that end requests, `struct requests_cancel`.

use core::ffi::c_int;

use embedded_io::ErrorKind;

use crate::capi::code::Code;
use crate::capi::failure::{Failure, result_of};
use crate::sys::c::storage::{Handle, Opaque};
use crate::transport::CancelToken;

/// Bytes of `struct requests_cancel`.
pub const CANCEL_SIZE: usize = 32;

/// What a `struct requests_cancel` holds.
pub struct Token(CancelToken);

impl Token {
    pub const fn token(&self) -> &CancelToken {
        &self.0
    }
}

impl Opaque for Token {
    const MARK: u32 = 0x5443_4e4c;
    const SIZE: usize = CANCEL_SIZE;
}

/// `requests_cancel_open`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_cancel_open(cancel: Handle<'_, Token>) -> c_int {
    result_of(cancel.open(|| {
        CancelToken::new().map(Token).map_err(|error| {
            Failure::Code(match error.kind {
                ErrorKind::Unsupported => Code::NotBuiltIn,
                _ => Code::OutOfMemory,
            })
        })
    }))
}

/// `requests_cancel`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_cancel(cancel: Handle<'_, Token>) -> c_int {
    result_of(cancel.borrow().map(|token| token.0.cancel()))
}

/// `requests_cancel_reset`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_cancel_reset(cancel: Handle<'_, Token>) -> c_int {
    result_of(cancel.borrow().map(|token| token.0.reset()))
}

/// `requests_is_cancelled`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_is_cancelled(cancel: Handle<'_, Token>) -> c_int {
    match cancel.borrow() {
        Ok(token) => c_int::from(token.0.is_cancelled()),
        Err(misuse) => Failure::from(misuse).number(),
    }
}

/// `requests_cancel_close`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_cancel_close(cancel: Handle<'_, Token>) -> c_int {
    result_of(cancel.close())
}
