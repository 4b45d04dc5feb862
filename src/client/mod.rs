// SPDX-License-Identifier: Apache-2.0
//! The client: it sends a [`Request`] over a transport and returns the [`Response`].
//!
//! ```text
//!                Request                Session          what the caller holds
//!                 │   │                    │
//!                 │   └────────────────┐   │ SessionConnections
//!                 ▼ OneOff             ▼   ▼
//!   response ◄─ exchange ──────────► connect             what goes on, and over which connection
//! ```
//!
//! # One exchange
//!
//! ```text
//!   effective URL ──► prepare: check and measure all of the request
//!        ▲                │
//!        │                ▼
//!        │             connect ◄──────────────────────┐
//!        │                │ kept or new               │ kept, and closed by the server meanwhile
//!        │                ▼                           │
//!        │              send ──► early response       │
//!        │                │          │                │
//!        │                ▼          ▼                │
//!        │          head of the response ─────────────┘
//!        │                │
//!        │                ├──► 417, challenge, redirect: discard the content ──┐
//!        │                │                                                    │
//!        └────────────────│────────────────────────────────────────────────────┘
//!                         ▼
//!            content: Response, Stream, Download
//!                         │
//!                         ▼
//!          close the connection, or keep it for the session
//! ```
//!
//! A failure at any step ends the exchange and closes its connection. If a [`Retry`] is set and
//! allows it, the exchange starts again.
//!
//! # Code that only some programs need
//!
//! A program must link only the code that it uses, or a request would not fit in a few kilobytes.
//! So a setting whose code is large stores a function pointer beside its value, and the exchange
//! calls the function through that pointer. If a program never calls the setter, the linker sees
//! that nothing refers to the function and leaves it out. `exchange::send::SendHooks` is an
//! example.

mod connect;
mod download;
mod duration;
mod exchange;
mod request;
mod response;
mod session;

#[cfg(feature = "capi")]
pub(crate) use download::Job;
pub use download::{Download, Downloaded, Seeking, Sequential, Sink};
pub use exchange::retry::Retry;
#[cfg(feature = "capi")]
pub(crate) use exchange::{
    body::Body,
    parts::{Parts, Settings},
};
#[cfg(all(feature = "capi", feature = "gzip"))]
pub(crate) use request::ACCEPT_COMPRESSED;
#[cfg(feature = "capi")]
pub(crate) use request::platform_network;
pub use request::{Request, RequestBuilder, request};
pub use response::{Head, Lines, Response, Stream};
pub use session::Session;
