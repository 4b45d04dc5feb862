// SPDX-License-Identifier: Apache-2.0
//! The HTTP client `requests` as a static library for programs in C: the functions of `requests/requests.h`.
//!
//! The functions are those of the crate `zephyr-requests` with its feature `capi`. This crate makes a library
//! of them, and on Zephyr it brings the panic handler. A Rust application has that already, so it takes the
//! feature in place of this crate.
//!
//! `docs/c.md` says how to use the library.

#![cfg_attr(not(feature = "host"), no_std)]
#![deny(unsafe_code)]

// So that its functions are in the library.
use requests as _;

/// Nothing in this client panics. If anything does all the same, it is for Zephyr to deal with.
#[cfg(all(feature = "zephyr", not(feature = "host"), not(test)))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    requests::capi::panic()
}
