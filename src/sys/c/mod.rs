// SPDX-License-Identifier: Apache-2.0
//! What C programs hand over: pointers, which are checked before anything is made of them.
//!
//! The types of [`pointer`] and [`types`] are what the functions of `include/requests/requests.h` take. They
//! have no constructors: all of them come from C, and so from a program that keeps to what the header says of
//! them: a pointer that is not NULL leads to memory of the size named beside it, which stays as it is for as
//! long as the header says. Everything that can be checked of a pointer is checked in [`border`].

pub mod arena;
pub mod border;
pub mod pointer;
pub mod storage;
pub mod types;

/// What a function of the header was called with that cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misuse {
    /// A pointer is NULL that must not be.
    Null,
    /// A pointer is not aligned to what it points to.
    Unaligned,
    /// A length that no memory has, or more items than there can be.
    Length,
    /// A number that stands for nothing.
    Number,
    /// A text has no NUL within [`MAX_TEXT`](pointer::MAX_TEXT) bytes.
    Unterminated,
    /// A text is not UTF-8.
    NotUtf8,
    /// What is to be read lies in the buffer that is written to.
    Overlap,
    /// The object is in use: by a call that has not returned, or by a stream.
    Busy,
    /// The object was not opened, or is closed, or was moved.
    Closed,
    /// The object is open already.
    Open,
}
