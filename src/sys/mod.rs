// SPDX-License-Identifier: Apache-2.0
//! All the unsafe code there is: what calls C or needs memory that is not initialised, behind functions and
//! types that are safe to use.

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
