// SPDX-License-Identifier: Apache-2.0
//! The pointers that C programs pass. They are checked before they become references.
//!
//! The functions of `include/requests/requests.h` take the types of [`pointer`] and [`types`].
//! These types have no constructors: all values come from C. The C program must keep to the header:
//! a pointer that is not NULL points to memory of the size passed with it, which stays unchanged
//! for as long as the header says. [`checks`] checks everything else that can be checked.

pub mod arena;
pub mod checks;
pub mod pointer;
pub mod storage;
pub mod types;

/// Why the arguments of a function of the header cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misuse {
    /// A pointer is NULL, but must not be.
    Null,
    /// A pointer is not aligned for its type.
    Unaligned,
    /// A length is larger than memory can be.
    Length,
    /// A number is not one of the values that the header defines.
    Number,
    /// A text has no NUL within [`MAX_TEXT`](pointer::MAX_TEXT) bytes.
    Unterminated,
    /// A text is not UTF-8.
    NotUtf8,
    /// Memory to read is in the buffer that is written to.
    Overlap,
    /// The object is in use by a call that has not returned, or by a stream.
    Busy,
    /// The object was not opened, or was closed or moved.
    Closed,
    /// The object is already open.
    Open,
}
