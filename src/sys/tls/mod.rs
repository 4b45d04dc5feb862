// SPDX-License-Identifier: Apache-2.0
//! mbedTLS with ownership: each block has one owner, which frees it.
//!
//! Rust values that may move contain only pointers into mbedTLS's heap, so nothing that mbedTLS
//! points to ever moves. A [`Connection`] is one block there. The stream below TLS is given to
//! mbedTLS for the length of one call only. Its errors are returned beside mbedTLS's code, never as
//! an end of the stream.
//!
//! mbedTLS is built with its own locks (`MBEDTLS_THREADING_C`) for the data that its users share:
//! the heap and PSA's keys. Ownership ensures that one thread at a time uses each structure here.
//! So no thread waits for the computation or the network of another.

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
pub(crate) use heap::{HeapBytes, failed_allocations, heap_usage};
#[cfg(feature = "host")]
pub(crate) use heap::{fail_allocation, limit_heap};
pub(crate) use key::Key;
pub(crate) use session::check_session;
pub(crate) use stream::{Stream, StreamError, Wait};
