// SPDX-License-Identifier: Apache-2.0
//! Python's `requests` for Zephyr RTOS and other small systems. This HTTP client needs no heap,
//! ends every request by a deadline, and never returns a part of a response as the whole.
//!
//! ```no_run
//! # #[cfg(feature = "host")]
//! # fn main() -> Result<(), requests::Error> {
//! let mut buffer = [0; 2048];
//! let response = requests::get("http://httpbin.org/get").send(&mut buffer)?;
//! assert_eq!(response.status_code, 200);
//! let url: &str = response.json_at("/url")?;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "host"))]
//! # fn main() {}
//! ```
//!
//! # Layers
//!
//! Each layer uses only the layers below it.
//!
//! ```text
//!   get, post, …          the functions of this page; with the feature `capi`, those of the C header
//!        │
//!     client              Request, RequestBuilder, Response, Session, Download, and the exchange behind them
//!      │   │
//!      │   ├─ tls          a Transport over a Transport: handshake, verification, roots
//!      │   │   │
//!      │  transport       Network and Transport: bytes, addresses, time; Zephyr, host, or a script
//!      │       │
//!      │      sys         the only unsafe code: calls into C
//!      │
//!    proto                URLs, heads, framing, multipart, JSON: no I/O at all
//! ```
//!
//! `docs/architecture.md` in the repository says where new code belongs.
//!
//! # Memory
//!
//! The caller passes one buffer to each request. The request is written to it in pieces, the
//! response is received into it, and [`Response`] borrows from it. If something does not fit, the
//! error says how large the buffer must be. Content that is larger than any buffer can be streamed:
//! [`Request::stream`], [`download()`], [`Request::body`].
//!
//! # Connections
//!
//! A single [`Request`] opens a connection and closes it. The requests of a [`Session`] share
//! connections and TLS sessions.
//!
//! # Threads
//!
//! Requests on several threads are independent: each has its own buffer and its own connection. A
//! [`Session`] is `Send` and serves one request at a time. A [`Response`] is `Send`, but not
//! `Sync`. [`Request`], [`Stream`], [`Download`] and [`Part`] borrow readers and values of any
//! type, so they are neither. Errors, [`TlsConfig`] and [`CancelToken`] are both.
//!
//! # Features
//!
//! - `host` (default): the sockets of the operating system.
//! - `zephyr`: the sockets of Zephyr, through the C port layer of the Zephyr module in this repository.
//! - `tls` (default): `https`, see [`tls`]. Without it, such URLs fail with
//!   [`Error::TlsNotSupported`].
//! - `cookies` (default): [`CookieJar`] for sessions. A single request keeps the cookies that its
//!   redirects set until it has its response.
//! - `sha256` (default): checks downloads (`Download::sha256`). On a Cortex-M3, it takes 7.9 KB of
//!   flash, or 1.3 KB if `RUSTFLAGS` contains `--cfg sha2_backend_soft="compact"`.
//! - `digest-auth`: Digest access authentication (`Request::digest_auth`), for servers that do not
//!   accept Basic.
//! - `gzip`: decompression of content (`Request::decompress`). It takes 43 KB of RAM, which the
//!   caller provides.
//! - `capi`: the functions of the header `requests/requests.h`, for the C code of a Rust
//!   application. See `docs/c.md`.
//! - `std`: everything that needs the standard library: files as a [`Sink`] and (by `IoReader`) as
//!   a body, `transport::scripted`, and `embedded_io`'s conversions of `std::io`. `host` turns it
//!   on. The error types implement `core::error::Error` without it.
//! - `log`: records for the `log` crate. At level debug, these are the host of each request, the
//!   status of its response, and the failed attempts of a download. At level warn, they are
//!   connections without verification, and Digest challenges that are not answered.
//!
//! Features are additive. With both `host` and `zephyr`, for example by `--all-features`, requests
//! use the host's sockets, and nothing of Zephyr is linked. With neither, requests need
//! [`Request::send_over`] with a [`transport::Network`] of the caller.
//!
//! # Stability
//!
//! The items on this page and in the modules `tls` and [`transport`] follow semantic versioning, as
//! Cargo understands it. The module `proto` is public for tests only, and not part of these pages:
//! any release may change it.

#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![deny(unsafe_code)]

#[cfg(feature = "capi")]
pub mod capi;
mod client;
pub mod config;
mod error;
mod json;
#[doc(hidden)]
pub mod proto;
#[cfg(any(feature = "capi", feature = "gzip", feature = "tls", on_zephyr))]
mod sys;
#[cfg(feature = "tls")]
pub mod tls;
pub mod transport;

pub use client::{
    Download, Downloaded, Head, Lines, Request, RequestBuilder, Response, Retry, Seeking, Sequential,
    Session, Sink, Stream, request,
};
pub use embedded_io;
pub use error::{Error, ErrorMessage, Phase};
pub use json::{json, json_at, json_with_scratch};
pub use proto::chunked::ChunkError;
#[cfg(feature = "cookies")]
pub use proto::cookie::CookieJar;
pub use proto::encoding::Encoding;
pub use proto::event_stream::{Event, EventParser, EventTooLarge};
pub use proto::form::{FieldValue, Fields};
pub use proto::framing::FramingError;
pub use proto::header::{HeaderField, HeaderFields};
#[cfg(feature = "gzip")]
pub use proto::inflate::{InflateError, Inflater};
pub use proto::json::error::JsonError;
pub use proto::multipart::Part;
pub use proto::persistence::CloseReason;
pub use proto::reader::BodyReader;
#[cfg(feature = "std")]
pub use proto::reader::IoReader;
pub use proto::request_head::HeaderError;
pub use proto::response_head::HeadError;
pub use proto::url::UrlError;
#[cfg(feature = "tls")]
pub use tls::{TlsConfig, TlsError};
pub use transport::{CancelToken, DnsError, IoError, NetworkError, network_wait};

macro_rules! methods {
    ($($(#[$doc:meta])* $function:ident $method:literal;)+) => {$(
        $(#[$doc])*
        pub const fn $function<'a, 'c>(url: &'a str) -> RequestBuilder<'a, 'c> {
            request($method, url)
        }
    )+};
}

methods! {
    /// Starts a `GET` request: retrieve the resource (RFC 9110 §9.3.1).
    get "GET";
    /// Starts a `HEAD` request: `GET` without the content (RFC 9110 §9.3.2).
    head "HEAD";
    /// Starts a `POST` request: let the resource process the content (RFC 9110 §9.3.3).
    post "POST";
    /// Starts a `PUT` request: replace the resource with the content (RFC 9110 §9.3.4).
    put "PUT";
    /// Starts a `PATCH` request: change the resource as the content says (RFC 5789).
    patch "PATCH";
    /// Starts a `DELETE` request: remove the resource (RFC 9110 §9.3.5).
    delete "DELETE";
    /// Starts an `OPTIONS` request: ask which methods the resource supports (RFC 9110 §9.3.7).
    options "OPTIONS";
}

/// Starts a download: the content of `url` is written to `sink` piece by piece. If the connection
/// drops, the download is resumed. See [`Download`].
///
/// ```no_run
/// # #[cfg(all(feature = "host", feature = "sha256"))]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut file = std::fs::File::create("image.bin")?;
/// let mut buffer = [0; 4096];
/// let done = requests::download("https://example.org/image.bin", &mut file)
///     .sha256([0x5f; 32]) // as published with the image
///     .send(&mut buffer)?;
/// println!("{} bytes by {} requests", done.len, done.requests);
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "host", feature = "sha256")))]
/// # fn main() {}
/// ```
pub fn download<'a>(url: &'a str, sink: &'a mut dyn Sink) -> Download<'a> {
    get(url).download(sink)
}
