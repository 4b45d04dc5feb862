// SPDX-License-Identifier: Apache-2.0
//! What can go wrong in reading and writing JSON.

use core::fmt;

/// What is wrong with JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonError {
    /// It is not well-formed.
    Syntax,
    /// It ends too early; an empty body does.
    UnexpectedEnd,
    /// A string has an invalid escape.
    Escape,
    /// Something follows the value.
    TrailingData,
    /// More arrays and objects inside one another than `CONFIG_REQUESTS_MAX_JSON_DEPTH`.
    TooDeep,
    /// A value does not have the type that was asked for: another kind, a number that does not fit, a field
    /// that is missing, a string too long for its field.
    Type,
    /// The pointer is not a JSON Pointer (RFC 6901).
    Pointer,
    /// The pointer leads nowhere in this document, which is valid JSON.
    NotFound,
    /// The value cannot be written as JSON: it has a map whose keys are no text, number or bool, a number
    /// that is not finite (RFC 8259 §6), or its own serialisation failed.
    Unsupported,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "not well-formed",
            Self::UnexpectedEnd => "unexpected end",
            Self::Escape => "invalid escape in a string",
            Self::TrailingData => "something follows the value",
            Self::TooDeep => "nested too deeply; see CONFIG_REQUESTS_MAX_JSON_DEPTH",
            Self::Type => "a value does not have the type asked for",
            Self::Pointer => "not a JSON Pointer",
            Self::NotFound => "nothing at this pointer",
            Self::Unsupported => "the value cannot be written as JSON",
        })
    }
}

impl core::error::Error for JsonError {}

/// What is wrong with JSON, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonFault {
    /// What is wrong.
    pub cause: JsonError,
    /// Bytes of the text before the fault.
    pub offset: usize,
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause {
            JsonError::Pointer => self.cause.fmt(f),
            cause => write!(f, "{cause} (byte {})", self.offset),
        }
    }
}

impl core::error::Error for JsonFault {}

/// Why a value could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadError {
    /// The text is not what the type asks for.
    Json(JsonFault),
    /// The strings with escapes are longer than the scratch.
    ScratchTooSmall {
        /// Bytes of the value. Its strings are not longer.
        needed: usize,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::ScratchTooSmall { .. } => {
                f.write_str("the strings with escapes are longer than the scratch")
            }
        }
    }
}

impl core::error::Error for ReadError {}

/// Why a value could not be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteError {
    /// A part of it has no form in JSON.
    Unsupported {
        /// Bytes of JSON written before that part.
        offset: usize,
    },
    /// It takes this many bytes.
    TooLong(usize),
}
