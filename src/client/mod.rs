// SPDX-License-Identifier: Apache-2.0
//! Driving the protocol over a transport: from a [`Request`] to its [`Response`].
//!
//! ```text
//! Request ──► exchange ──► Response        all of it
//!                │    └──► ResponseStream  piece by piece
//!                ▼
//!            Connector ──► OneOff: a connection for each exchange
//!                     └──► InSession: the connections of a Session, in its Pool
//! ```

mod connection;
mod connector;
#[cfg(feature = "gzip")]
mod decompress;
mod direct;
mod exchange;
mod head;
mod lines;
mod pool;
mod receive;
mod request;
mod response;
mod send;
mod session;
mod stream;

pub use connector::Connector;
#[cfg(feature = "gzip")]
pub use decompress::Decompressed;
pub use direct::{Direct, OneOff};
pub use head::Head;
pub use lines::Lines;
pub use request::{Request, request};
pub use response::Response;
pub use session::{InSession, Session};
pub use stream::ResponseStream;
