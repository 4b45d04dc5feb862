// SPDX-License-Identifier: Apache-2.0
//! Raw bindings to the mbedTLS that `requests` is linked with.
//!
//! - Feature `vendored`: an mbedTLS 3.6 that the build script compiles, for programs on a host. That takes a C
//!   compiler and nothing else. Cargo fetches the sources; `crates/mbedtls-source` says how. The environment
//!   variable `REQUESTS_MBEDTLS_SOURCE` names the directory of another release instead, of 3.6 or 4.
//! - Feature `zephyr`: the mbedTLS of the Zephyr workspace, bound from its own headers with its own
//!   configuration. Nothing of mbedTLS is compiled by Cargo then.
//!
//! With both, the vendored one is linked. With neither there is nothing to bind, which is a compile error.
//!
//! Only what `requests` uses is here. Macros, inline functions, private members and all that differs between
//! mbedTLS 3.6 and 4 are behind the C functions of `shim/mbedtls_shim.c`.
//!
//! A structure of the wrong size would be memory corruption: [`layout_matches`] compares the sizes that these
//! bindings have with those that the C compiler had, and must be asked before the first structure is made.
#![no_std]

#[cfg(not(any(feature = "vendored", feature = "zephyr")))]
compile_error!(
    "TLS needs an mbedTLS: turn on the feature `host` or `zephyr` of zephyr-requests besides `tls`"
);

#[cfg(feature = "vendored")]
#[allow(
    missing_docs,
    non_camel_case_types,
    non_upper_case_globals,
    reason = "named and described in C headers"
)]
mod vendored;
#[cfg(feature = "vendored")]
pub use vendored::*;

#[cfg(bound)]
#[allow(
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    dead_code,
    unnecessary_transmutes,
    unsafe_op_in_unsafe_fn,
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    reason = "generated from C headers"
)]
mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}
#[cfg(bound)]
pub use bindings::*;

#[cfg(any(feature = "vendored", bound))]
mod shim;
#[cfg(any(feature = "vendored", bound))]
pub use shim::*;
