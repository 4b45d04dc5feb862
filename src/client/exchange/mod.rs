// SPDX-License-Identifier: Apache-2.0
//! One exchange: a request and its response.
//!
//! ```text
//! attempts   the request again where it failed and a Retry says so
//!    │
//!  hops      redirects, challenges, 417
//!    │
//!  hop       one request over one connection, as far as the head of its response
//!    │
//!    ├── effective_url, challenge, body, send, early, receive
//!    │
//!  content   the content of the response that is left in the end
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
mod hops;
pub(super) mod parts;
pub(super) mod progress;
mod receive;
pub(super) mod retry;
pub(super) mod send;
