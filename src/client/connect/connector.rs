// SPDX-License-Identifier: Apache-2.0
//! The interface between an exchange and the source of its connections.

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

/// Gives an exchange one connection at a time, and a clock.
///
/// The default methods are for a connector that keeps no connections. So a program without a
/// session does not link the code that keeps them.
pub trait Connector {
    /// The time in milliseconds, as [`Network::now`](crate::transport::Network::now).
    fn now(&self) -> u64;

    /// The date in seconds, as [`Network::unix_time`](crate::transport::Network::unix_time).
    fn unix_time(&self) -> Option<i64>;

    /// As [`Network::fill_random`](crate::transport::Network::fill_random).
    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError>;

    /// As [`Network::sleep`](crate::transport::Network::sleep).
    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError>;

    /// Whether connections are kept for further requests.
    fn keeps_alive(&self) -> bool {
        false
    }

    /// Connects to the host of `target`, or takes a kept connection to it. Closes the previous
    /// connection first.
    fn open(&mut self, target: &mut Target<'_>, deadline: Deadline<'_>) -> Result<(), Error>;

    /// Whether `error` means that the server had closed a kept connection, so that the request can
    /// be sent over a new one. `was_taken` says whether any byte of the request was sent.
    fn is_stale(&self, error: &Error, was_taken: bool) -> bool {
        let _ = (error, was_taken);
        false
    }

    /// The connection and the cookies for the request.
    fn channel(&mut self) -> Channel<'_>;

    /// Returns the cause of a send or receive `error`, as [`Connection::cause_of`] does.
    ///
    /// [`Connection::cause_of`]: super::connection::Connection::cause_of
    fn cause_of(&self, error: Error) -> Error;

    /// Stores the cookies that a response for `url` sets.
    fn store_cookies(&mut self, url: &Url<'_>, headers: &HeaderFields<'_>);

    /// The challenge that is kept for later requests.
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

    /// Ends a response whose body is not needed. If the rest of the body is short, receives it into
    /// `room` so that the connection can be kept. Otherwise closes the connection. The first
    /// `received` bytes of `room` already belong to the body.
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

    /// Keeps the connection for later requests, or closes it.
    fn close(&mut self, persistence: Persistence);
}

impl dyn Connector + '_ {
    /// Receives at least one byte, or 0 bytes if the server has closed the connection.
    pub fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, Error> {
        self.channel()
            .transport
            .receive(buffer, deadline)
            .map(|count| count.min(buffer.len()))
            .map_err(|error| self.cause_of(Error::from_io(error, Phase::Receive, Error::Receive)))
    }

    /// Checks that neither `deadline` has passed nor the request was cancelled. Decompression needs
    /// this check: a few received bytes can expand to a lot of content.
    #[cfg(feature = "gzip")]
    pub fn check(&self, deadline: Deadline<'_>) -> Result<(), Error> {
        deadline.check(self.now()).map_err(|error| Error::from_io(error, Phase::Receive, Error::Receive))
    }
}

/// Whether a connection can be used again. `Ok` holds the seconds for which the server says that it
/// keeps the connection, if it says so. `Err` says why the connection cannot be used again.
pub type Persistence = Result<Option<u32>, CloseReason>;

/// The connection that an exchange asks for.
pub struct Target<'a> {
    /// The URL whose host to connect to.
    pub url: &'a Url<'a>,
    pub method: &'a str,
    /// How often the body can be sent.
    pub replay: Replay,
    /// Whether a kept connection may be used. `false` after a kept connection proved to be closed.
    pub may_reuse: bool,
    #[cfg(feature = "tls")]
    pub tls: &'a TlsConfig<'a>,
    /// A failed handshake writes details of the server's certificate here.
    #[cfg(feature = "tls")]
    pub details: &'a mut [u8],
}

/// How often the body of a request can still be sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Any number of times.
    Always,
    /// Once: none of it has been read.
    Once,
    /// Never again, or perhaps not again.
    Never,
}

/// The connection for a request, and its cookies.
pub struct Channel<'c> {
    pub transport: &'c mut dyn Transport,
    pub cookies: Cookies<'c>,
}

/// The cookies for a request, if there is a jar.
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

    /// Writes the `Cookie` line of a request to `url`. `now` is the time in milliseconds.
    pub fn write(&self, url: &Url<'_>, now: u64, out: &mut dyn Write) {
        #[cfg(feature = "cookies")]
        if let Some(jar) = self.jar {
            jar.write_header(url, now / 1000, out);
        }
        #[cfg(not(feature = "cookies"))]
        let _ = (url, now, out);
    }
}
