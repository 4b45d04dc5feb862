// SPDX-License-Identifier: Apache-2.0
//! Why a function of the header failed.

use core::ffi::c_int;

use crate::Error;
use crate::capi::code::Code;
use crate::error::Phase;
use crate::proto::json::error::JsonFault;
use crate::sys::c::Misuse;
use crate::sys::c::arena::NoRoom;
use crate::sys::c::pointer::Room;
use crate::sys::c::types::ResponseFields;

/// `struct requests_response`.
pub type Response = ResponseFields<Error>;

/// Why a function of the header failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// An error that is only a number.
    Code(Code),
    Error(Error),
    /// The lists of the request do not fit into the buffer.
    NoRoom,
}

impl Failure {
    /// The number for C.
    pub fn number(&self) -> c_int {
        let code = match self {
            Self::Code(code) => *code,
            Self::Error(error) => error.into(),
            Self::NoRoom => Code::BufferTooSmall,
        };
        code.number()
    }

    /// The response that describes the failure. `buffer` is the caller's, of which lists took `reserved` bytes.
    pub fn into_response(self, buffer: (Room<'_>, usize), reserved: usize) -> Response {
        let number = self.number();
        let error = match self {
            Self::Code(_) => None,
            Self::NoRoom => Some(Error::BufferTooSmall { phase: Phase::Request, needed: reserved }),
            Self::Error(Error::BufferTooSmall { phase, needed }) => {
                Some(Error::BufferTooSmall { phase, needed: needed.saturating_add(reserved) })
            }
            Self::Error(error) => Some(error),
        };
        let needed = match error {
            Some(Error::BufferTooSmall { needed, .. }) => needed,
            _ => 0,
        };
        let mut response = Response::failed(number, error, needed, buffer);
        if let Some(Error::Status(code)) = error {
            response.status = code;
        }
        response
    }
}

impl From<Misuse> for Failure {
    fn from(misuse: Misuse) -> Self {
        Self::Code(misuse.into())
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self::Code(code)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<JsonFault> for Failure {
    fn from(fault: JsonFault) -> Self {
        Self::Code(fault.cause.into())
    }
}

impl From<NoRoom> for Failure {
    fn from(NoRoom: NoRoom) -> Self {
        Self::NoRoom
    }
}

/// The result of a function that returns 0 if it succeeds.
pub fn result_of<F: Into<Failure>>(result: Result<(), F>) -> c_int {
    match result {
        Ok(()) => 0,
        Err(failure) => failure.into().number(),
    }
}
