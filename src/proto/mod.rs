// SPDX-License-Identifier: Apache-2.0
//! HTTP/1.1 as pure functions and small state machines.
//!
//! Nothing here does I/O, reads a clock or allocates memory. The code takes slices and returns what
//! it found in them. So every part can be tested byte by byte, without a socket.
//!
//! The module is public for tests only: any release may change it. The interface for applications is
//! the root of the crate.

pub mod auth;
pub mod body;
pub mod bytes;
pub mod calendar;
pub mod chunked;
pub mod content_encoding;
#[cfg(feature = "cookies")]
pub mod cookie;
#[cfg(feature = "digest-auth")]
pub mod digest_auth;
pub mod encoding;
pub mod event_stream;
pub mod form;
pub mod framing;
pub mod header;
pub mod hex;
pub mod http_date;
#[cfg(feature = "gzip")]
pub mod inflate;
pub mod json;
pub mod lines;
pub mod multipart;
pub mod percent;
pub mod persistence;
pub mod range;
pub mod reader;
pub mod redirect;
pub mod request_head;
pub mod response_head;
pub mod resume;
pub mod retry_after;
#[cfg(feature = "std")]
mod swar;
pub mod syntax;
pub mod url;
pub mod write;
