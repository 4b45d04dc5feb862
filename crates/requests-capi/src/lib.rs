// SPDX-License-Identifier: Apache-2.0
//! The HTTP client `requests` as a static library for C programs, with the functions of
//! `requests/requests.h`.
//!
//! The functions are those of the crate `zephyr-requests` with its feature `capi`. This crate
//! builds a library of them, and on Zephyr it provides the panic handler. A Rust application
//! already has one, so it uses the feature instead of this crate.
//!
//! `docs/c.md` says how to use the library.

#![cfg_attr(not(feature = "host"), no_std)]
#![deny(unsafe_code)]

// This makes the linker include its functions in the library.
use requests as _;

/// Nothing in this client panics. If something still does, Zephyr handles it.
#[cfg(all(feature = "zephyr", not(feature = "host"), not(test)))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    requests::capi::panic()
}
