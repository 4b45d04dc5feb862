// SPDX-License-Identifier: Apache-2.0
//! Where an exchange gets its connection from.
//!
//! ```text
//! Connector ◄── OneOff  a connection for each hop, for a request on its own
//!     ▲
//!     └──────── Kept    the connections of a Session, in its Pool
//! ```

pub(super) mod connection;
pub(super) mod connector;
mod dial;
mod drain;
pub(super) mod kept;
pub(super) mod one_off;
mod pool;
