// SPDX-License-Identifier: Apache-2.0
//! mbedTLS with ownership: every block has one owner that frees it.
//!
//! What Rust moves holds only pointers into mbedTLS's own heap, so nothing that mbedTLS points to ever moves:
//! a [`Connection`] is one block there. The stream below is lent to mbedTLS for the length of one call, and
//! its errors come back beside mbedTLS's code, never as an end of the stream.
//!
//! mbedTLS is built with its own locks (`MBEDTLS_THREADING_C`), around what its users share: the heap, PSA's
//! keys. The structures here are used by one thread at a time, whose ownership sees to that. So no thread
//! waits for what another computes, and none for the network of another.

mod bio;
mod certificates;
mod connection;
mod digest;
mod failure;
mod features;
mod heap;
mod key;
mod session;
mod stream;

pub(crate) use certificates::{Certificates, Chain, Parsed};
pub(crate) use connection::{Connection, Identity, Progress, Received, Setup};
pub(crate) use digest::sha256;
pub(crate) use failure::{CODE_FLOOD, CODE_INTERNAL, CODE_LAYOUT, CODE_RANDOM, Failure};
pub(crate) use features::{has_tls12, has_tls13};
#[cfg(feature = "host")]
pub(crate) use heap::limit_heap;
pub(crate) use heap::{HeapBytes, failed_allocations, heap_usage};
pub(crate) use key::Key;
pub(crate) use session::check_session;
pub(crate) use stream::{Stream, StreamError, Wait};
