// SPDX-License-Identifier: Apache-2.0
//! Support for the tests: servers, hostile peers, and an independent parser of the requests that
//! were sent.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

pub mod keeping;
pub mod network;
pub mod nginx;
pub mod peer;
pub mod relay;
pub mod sent;
pub mod servers;
pub mod time;

use requests::transport::scripted::{End, Script, ScriptedNetwork};
use requests::{Error, RequestBuilder, Response};

/// A buffer that is large enough if its size does not matter.
pub const BUFFER: usize = 16 * 1024;

/// A network with one connection that receives each of `responses` in order. Then the peer closes
/// it.
pub fn answering(responses: impl IntoIterator<Item = impl AsRef<[u8]>>) -> ScriptedNetwork {
    ScriptedNetwork::new(responses.into_iter().map(|response| Script::new(response.as_ref())))
}

/// A network with one connection that stays open after `response` without another byte.
pub fn answering_and_stalling(response: impl AsRef<[u8]>) -> ScriptedNetwork {
    ScriptedNetwork::new([Script::new(response.as_ref()).then(End::Stall)])
}

/// The important parts of a response, which outlive its buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub reason: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub content: Vec<u8>,
    pub url: String,
    pub redirects: u16,
}

impl From<Response<'_>> for Answer {
    fn from(response: Response<'_>) -> Self {
        Self {
            status: response.status_code,
            reason: response.reason.to_owned(),
            headers: response
                .header_fields()
                .map(|field| (field.name.to_owned(), field.value.to_owned()))
                .collect(),
            content: response.content().to_owned(),
            url: response.url().to_owned(),
            redirects: response.redirects,
        }
    }
}

/// Sends over the sockets of this machine, with a buffer that is large enough.
pub fn send(request: RequestBuilder<'_, '_>) -> Result<Answer, Error> {
    send_with_buffer(request, BUFFER)
}

/// Sends over the sockets of this machine.
pub fn send_with_buffer(request: RequestBuilder<'_, '_>, size: usize) -> Result<Answer, Error> {
    request.send(&mut vec![0; size]).map(Answer::from)
}

/// Sends over `network`, with a buffer that is large enough.
pub fn send_over(request: RequestBuilder<'_, '_>, network: &mut ScriptedNetwork) -> Result<Answer, Error> {
    request.send_over(network, &mut vec![0; BUFFER]).map(Answer::from)
}
