// SPDX-License-Identifier: Apache-2.0
//! Driving the protocol over a transport: from a [`Request`] to its [`Response`].

mod connection;
mod exchange;
mod receive;
mod request;
mod response;
mod send;

pub use request::{Request, request};
pub use response::Response;
