// SPDX-License-Identifier: Apache-2.0
//! All unsafe code of the crate: calls to C and uninitialised memory, behind safe functions and
//! types.

#![allow(unsafe_code)]

#[cfg(feature = "capi")]
#[allow(dead_code, reason = "some of it is for other features")]
pub mod c;
#[cfg(feature = "gzip")]
pub mod slot;
#[cfg(all(feature = "tls", not(tls_sockets)))]
pub mod tls;
#[cfg(on_zephyr)]
pub mod zephyr;
