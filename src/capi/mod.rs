// SPDX-License-Identifier: Apache-2.0
//! The functions of `include/requests/requests.h`, for programs in C.
//!
//! ```text
//!   requests_get, requests_session_get, requests_stream_open, requests_download
//!        │
//!      checks       pointers become references, or the call is refused
//!        │
//!      options      struct requests_options ──► RequestBuilder
//!        │
//!      client
//!        │
//!      code         Error ──► enum requests_error
//! ```
//!
//! All the conversions are in `sys::c`, and no code here is unsafe.

mod cancel;
mod code;
mod cookies;
mod credentials;
mod download;
mod failure;
mod inflater;
mod json;
mod log;
mod network;
mod options;
mod request;
mod response;
mod session;
mod sha256;
mod stream;
mod tls;

/// The panic handler of `crates/requests-capi` calls this: Zephyr's `k_panic`.
#[cfg(on_zephyr)]
pub fn panic() -> ! {
    crate::sys::zephyr::panic()
}
