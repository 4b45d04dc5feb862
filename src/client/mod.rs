// SPDX-License-Identifier: Apache-2.0
//! Driving the protocol over a transport: from a [`Request`] to its [`Response`].
//!
//! ```text
//!                Request                Session          what the caller holds
//!                 │   │                    │
//!                 │   └────────────────┐   │ Kept
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
//! A failure at any place ends the exchange and closes its connection. Where a [`Retry`] says so, the
//! exchange begins anew.
//!
//! # Code that only some programs need
//!
//! A request in a few kilobytes takes that a program links what it uses and nothing else. A setting whose
//! code is large stores the function that does the work beside the value, and the exchange calls it through
//! that pointer. So the linker sees that a program which never calls the setter never reaches the function.
//! `exchange::send::SendHooks` is an example.

mod connect;
mod download;
mod duration;
mod exchange;
mod request;
mod response;
mod session;

pub use download::{Download, Downloaded, Seeking, Sequential, Sink};
pub use exchange::retry::Retry;
#[cfg(feature = "capi")]
pub(crate) use request::platform_network;
pub use request::{Request, RequestBuilder, request};
pub use response::{Head, Lines, Response, Stream};
pub use session::Session;
