// SPDX-License-Identifier: Apache-2.0
//! The source of an exchange's connections.
//!
//! ```text
//! Connector ◄── OneOff              a new connection for each hop of a single request
//!     ▲
//!     └──────── SessionConnections  the connections of a Session, kept in its Pool
//! ```

pub(super) mod connection;
pub(super) mod connector;
mod dial;
mod drain;
pub(super) mod one_off;
mod pool;
pub(super) mod session_connections;
