// SPDX-License-Identifier: Apache-2.0
//! What an exchange needs of the machine and of the connections that are kept.

use core::marker::PhantomData;

use crate::Error;
use crate::error::Phase;
use crate::proto::body::BodyDecoder;
#[cfg(feature = "cookies")]
use crate::proto::cookie::CookieJar;
#[cfg(feature = "digest-auth")]
use crate::proto::digest_auth::KeptChallenge;
use crate::proto::framing::Framing;
use crate::proto::header::HeaderFields;
use crate::proto::persistence::CloseReason;
use crate::proto::request_head::RequestHead;
use crate::proto::response_head::ResponseHead;
use crate::proto::url::Url;
use crate::proto::write::Write;
#[cfg(feature = "tls")]
use crate::tls::TlsConfig;
use crate::transport::{Deadline, IoError, Transport};

/// Gives an exchange its connection, one at a time, and a clock.
///
/// The defaults are those of a connector that keeps no connection. A program that has no session does not
/// link the code that keeps them.
pub trait Connector {
    /// Milliseconds, as [`Network::now`](crate::transport::Network::now) tells them.
    fn now(&self) -> u64;

    /// The date, as [`Network::unix_time`](crate::transport::Network::unix_time) tells it.
    fn unix_time(&self) -> Option<i64>;

    /// As [`Network::fill_random`](crate::transport::Network::fill_random).
    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError>;

    /// As [`Network::sleep`](crate::transport::Network::sleep).
    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError>;

    /// Whether connections are kept for further requests.
    fn keeps_alive(&self) -> bool {
        false
    }

    /// Connects to the host of `target`, or takes a connection to it that was kept. The connection before it
    /// is closed.
    fn open(&mut self, target: &mut Target<'_>, deadline: Deadline<'_>) -> Result<(), Error>;

    /// Whether the request can be sent over a new connection after `error`: the one at hand was kept, and the
    /// server had closed it meanwhile. `was_taken` tells whether any byte of the request was sent.
    fn is_stale(&self, error: &Error, was_taken: bool) -> bool {
        let _ = (error, was_taken);
        false
    }

    /// The connection, and the cookies that go over it.
    fn channel(&mut self) -> Channel<'_>;

    /// The cause of `error`, which sending or receiving over the connection gave: TLS knows more than its
    /// transport.
    fn cause_of(&self, error: Error) -> Error;

    /// Stores the cookies that a response for `url` sets.
    fn store_cookies(&mut self, url: &Url<'_>, headers: &HeaderFields<'_>);

    /// The challenge that is kept for further requests.
    #[cfg(feature = "digest-auth")]
    fn kept_challenge(&mut self) -> Option<&mut KeptChallenge> {
        None
    }

    /// Whether the connection can serve another request after this response.
    fn persistence(
        &self,
        request: &RequestHead<'_>,
        response: &ResponseHead,
        framing: Framing,
        headers: &HeaderFields<'_>,
    ) -> Persistence {
        let _ = (request, response, framing, headers);
        Err(CloseReason::NotKept)
    }

    /// Ends with a response that nobody reads: receives the rest of a short body into `room`, so that the
    /// connection can be kept, or closes it. The first `received` bytes of `room` are part of that body
    /// already.
    fn discard(
        &mut self,
        persistence: Persistence,
        decoder: &mut BodyDecoder,
        room: &mut [u8],
        received: usize,
        deadline: Deadline<'_>,
    ) {
        let _ = (decoder, room, received, deadline);
        self.close(persistence);
    }

    /// Keeps the connection for further requests, or closes it.
    fn close(&mut self, persistence: Persistence);
}

impl dyn Connector + '_ {
    /// Receives at least one byte, unless the server has ended the connection.
    pub fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, Error> {
        self.channel()
            .transport
            .receive(buffer, deadline)
            .map(|count| count.min(buffer.len()))
            .map_err(|error| self.cause_of(Error::from_io(error, Phase::Receive, Error::Receive)))
    }

    /// Refuses to go on with what was received in time once the deadline has passed, or the request is
    /// cancelled: little compressed content can be much.
    #[cfg(feature = "gzip")]
    pub fn check(&self, deadline: Deadline<'_>) -> Result<(), Error> {
        deadline.check(self.now()).map_err(|error| Error::from_io(error, Phase::Receive, Error::Receive))
    }
}

/// Whether a connection can be used again: for how many seconds the server keeps it, where the server says
/// so, or why it cannot.
pub type Persistence = Result<Option<u32>, CloseReason>;

/// The connection that an exchange asks for.
pub struct Target<'a> {
    /// The connection leads to the host of this URL.
    pub url: &'a Url<'a>,
    pub method: &'a str,
    /// How often the body can be sent.
    pub replay: Replay,
    /// Whether a connection that was kept will do: one has not just proved to be closed.
    pub may_reuse: bool,
    #[cfg(feature = "tls")]
    pub tls: &'a TlsConfig<'a>,
    /// Where a failed handshake writes what it tells of the server's certificate.
    #[cfg(feature = "tls")]
    pub details: &'a mut [u8],
}

/// How often the body of a request can be sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Any number of times.
    Always,
    /// Once: it has not been begun.
    Once,
    /// Not any more, or not surely.
    Never,
}

/// What a request is sent over.
pub struct Channel<'c> {
    pub transport: &'c mut dyn Transport,
    pub cookies: Cookies<'c>,
}

/// The cookies that are sent along, where there are any.
#[derive(Clone, Copy, Default)]
pub struct Cookies<'c> {
    #[cfg(feature = "cookies")]
    jar: Option<&'c CookieJar>,
    lifetime: PhantomData<&'c ()>,
}

impl<'c> Cookies<'c> {
    #[cfg(feature = "cookies")]
    pub const fn of(jar: Option<&'c CookieJar>) -> Self {
        Self { jar, lifetime: PhantomData }
    }

    /// Writes the `Cookie` line for a request to `url` at `now`, in milliseconds.
    pub fn write(&self, url: &Url<'_>, now: u64, out: &mut dyn Write) {
        #[cfg(feature = "cookies")]
        if let Some(jar) = self.jar {
            jar.write_header(url, now / 1000, out);
        }
        #[cfg(not(feature = "cookies"))]
        let _ = (url, now, out);
    }
}
