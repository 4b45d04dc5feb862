// SPDX-License-Identifier: Apache-2.0
//! One exchange: a request and its response.
//!
//! ```text
//! attempts   repeats a request that failed, if a Retry is set
//!    │
//!  hops      redirects, challenges, 417
//!    │
//!  hop       one request over one connection, as far as the head of its response
//!    │
//!    ├── effective_url, challenge, body, send, early, receive
//!    │
//!  content   receives the content of the final response
//! ```

pub(super) mod attempts;
pub(super) mod body;
#[cfg(feature = "digest-auth")]
mod challenge;
mod content;
#[cfg(feature = "gzip")]
pub(super) mod decompress;
mod early;
pub(super) mod effective_url;
mod hop;
pub(super) mod hop_state;
mod hops;
pub(super) mod parts;
pub(super) mod receive;
pub(super) mod retry;
pub(super) mod send;
