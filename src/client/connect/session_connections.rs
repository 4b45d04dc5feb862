// SPDX-License-Identifier: Apache-2.0
//! The connections of a session.

use embedded_io::ErrorKind;

use crate::Error;
use crate::client::connect::connection::Connection;
use crate::client::connect::connector::{Channel, Connector, Cookies, Persistence, Replay, Target};
use crate::client::connect::dial::dial;
#[cfg(feature = "tls")]
use crate::client::connect::dial::from_tls;
use crate::client::connect::drain::{DRAIN_MS, drain};
use crate::client::connect::pool::{Origin, Pool, Reuse};
use crate::config::SESSION_IDLE_MS;
use crate::proto::body::BodyDecoder;
#[cfg(feature = "cookies")]
use crate::proto::cookie::CookieJar;
#[cfg(feature = "digest-auth")]
use crate::proto::digest_auth::KeptChallenge;
use crate::proto::framing::Framing;
use crate::proto::header::HeaderFields;
use crate::proto::persistence::{CloseReason, persistence};
use crate::proto::request_head::{RequestHead, is_idempotent};
use crate::proto::response_head::ResponseHead;
#[cfg(feature = "tls")]
use crate::proto::url::Scheme;
use crate::proto::url::Url;
#[cfg(feature = "tls")]
use crate::tls::{KnownTrust, TlsConfig, TlsError, TlsSessions};
use crate::transport::{Deadline, IoError, Network};

/// Opens connections over a network and keeps those that can be used again (RFC 9112 §9.3).
pub struct SessionConnections<'a, N: Network, const CONNECTIONS: usize> {
    pub network: N,
    pool: Pool<N::Transport, CONNECTIONS>,
    /// The connection of the current exchange.
    connection: Connection<N::Transport>,
    /// The pool's slot for it.
    slot: Option<usize>,
    is_reused: bool,
    /// Whether the method of the current request is idempotent (RFC 9110 §9.2.2).
    is_idempotent: bool,
    pub idle_ms: u64,
    #[cfg(feature = "tls")]
    tls: TlsConfig<'a>,
    /// The fingerprint of `tls`.
    #[cfg(feature = "tls")]
    known_trust: KnownTrust,
    #[cfg(feature = "tls")]
    pub tls_sessions: TlsSessions<CONNECTIONS>,
    #[cfg(feature = "cookies")]
    pub cookies: Option<&'a mut CookieJar>,
    #[cfg(feature = "digest-auth")]
    challenge: KeptChallenge,
    /// The number of connections opened.
    pub opened: u32,
    /// Why the last connection was not kept.
    pub close_reason: Option<CloseReason>,
    lifetime: core::marker::PhantomData<&'a ()>,
}

impl<'a, N: Network, const CONNECTIONS: usize> SessionConnections<'a, N, CONNECTIONS> {
    pub const fn new(network: N) -> Self {
        Self {
            network,
            pool: Pool::new(),
            connection: Connection::Closed,
            slot: None,
            is_reused: false,
            is_idempotent: false,
            idle_ms: SESSION_IDLE_MS,
            #[cfg(feature = "tls")]
            tls: TlsConfig::new(),
            #[cfg(feature = "tls")]
            known_trust: KnownTrust::NONE,
            #[cfg(feature = "tls")]
            tls_sessions: TlsSessions::new(),
            #[cfg(feature = "cookies")]
            cookies: None,
            #[cfg(feature = "digest-auth")]
            challenge: KeptChallenge::new(),
            opened: 0,
            close_reason: None,
            lifetime: core::marker::PhantomData,
        }
    }

    /// Sets the session's TLS settings. Their fingerprint is computed once.
    #[cfg(feature = "tls")]
    pub fn set_tls(&mut self, config: TlsConfig<'a>) {
        self.tls = config;
        self.known_trust = KnownTrust::NONE;
    }

    /// The number of connections that are kept now.
    pub fn len(&self) -> usize {
        self.pool.len()
    }

    /// Closes all connections.
    pub fn close_all(&mut self) {
        self.pool.close_all();
    }

    /// Opens a connection. With TLS, resumes the TLS session of an earlier connection if there is
    /// one.
    fn connect(
        &mut self,
        target: &mut Target<'_>,
        origin: Option<&Origin>,
        deadline: Deadline<'_>,
    ) -> Result<(), Error> {
        #[cfg(feature = "tls")]
        if let Some(Origin::Https(key)) = origin {
            let (network, sessions) = (&mut self.network, &mut self.tls_sessions);
            let mut is_resumed = false;
            let mut resume = |now| {
                let resumption = sessions.offer(key, now);
                is_resumed = resumption.has_session();
                Some(resumption)
            };
            let mut result = dial(network, target, &mut resume, deadline, &mut self.connection);
            // A TLS session is bound to its TLS version, which the server may no longer support.
            // That session is gone now, so this attempt makes a full handshake.
            if is_resumed && matches!(result, Err(Error::Tls(TlsError::UnsupportedVersion { .. }))) {
                let mut resume = |now| Some(sessions.offer(key, now));
                result = dial(network, target, &mut resume, deadline, &mut self.connection);
            }
            return result;
        }
        let _ = origin;
        dial(
            &mut self.network,
            target,
            #[cfg(feature = "tls")]
            &mut |_| None,
            deadline,
            &mut self.connection,
        )
    }

    /// The origin under which a connection to `target` is kept; `None` if it cannot be kept.
    fn origin(&mut self, target: &Target<'_>) -> Result<Option<Origin>, Error> {
        #[cfg(feature = "tls")]
        if target.url.scheme == Scheme::Https {
            let key = self
                .known_trust
                .fingerprint(&self.tls, target.tls)
                .and_then(|trust| trust.key(target.url.host_name(), target.url.port_or_default()))
                .map_err(from_tls)?;
            return Ok(key.map(Origin::Https));
        }
        Ok(Origin::http(target.url))
    }
}

impl<N: Network, const CONNECTIONS: usize> Connector for SessionConnections<'_, N, CONNECTIONS> {
    fn now(&self) -> u64 {
        self.network.now()
    }

    fn unix_time(&self) -> Option<i64> {
        self.network.unix_time()
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        self.network.fill_random(bytes)
    }

    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        self.network.sleep(until)
    }

    fn keeps_alive(&self) -> bool {
        true
    }

    fn open(&mut self, target: &mut Target<'_>, deadline: Deadline<'_>) -> Result<(), Error> {
        self.connection = Connection::Closed;
        self.slot = None;
        self.is_reused = false;
        self.is_idempotent = is_idempotent(target.method);
        // `close` replaces this. If it is never called, the connection has failed.
        self.close_reason = Some(CloseReason::Error);
        let now = self.network.now();
        self.pool.close_expired(now);
        let origin = self.origin(target)?;
        if let Some(origin) = &origin {
            if target.may_reuse {
                let reuse = match target.replay {
                    Replay::Always if self.is_idempotent => Reuse::Repeatable,
                    _ => Reuse::SentOnce,
                };
                self.slot = self.pool.take(origin, now, reuse, &mut self.connection);
                self.is_reused = self.slot.is_some();
                if self.is_reused {
                    return Ok(());
                }
            } else {
                // The server has closed one of these connections, so most likely the others too.
                self.pool.close_origin(origin);
            }
            self.slot = self.pool.reserve(origin.clone());
        }
        let mut result = self.connect(target, origin.as_ref(), deadline);
        // The idle connections may hold the memory or socket that was missing.
        if result.as_ref().is_err_and(is_out_of_memory) && self.pool.close_all() {
            result = self.connect(target, origin.as_ref(), deadline);
        }
        result?;
        self.opened = self.opened.saturating_add(1);
        Ok(())
    }

    fn is_stale(&self, error: &Error, was_taken: bool) -> bool {
        let is_end = matches!(error, Error::Send(_) | Error::Receive(_) | Error::EmptyResponse);
        is_end && self.is_reused && (self.is_idempotent || !was_taken)
    }

    fn channel(&mut self) -> Channel<'_> {
        #[cfg(feature = "cookies")]
        let cookies = Cookies::of(self.cookies.as_deref());
        #[cfg(not(feature = "cookies"))]
        let cookies = Cookies::default();
        Channel { transport: &mut self.connection, cookies }
    }

    fn cause_of(&self, error: Error) -> Error {
        self.connection.cause_of(error)
    }

    fn store_cookies(&mut self, url: &Url<'_>, headers: &HeaderFields<'_>) {
        #[cfg(feature = "cookies")]
        if let Some(cookies) = &mut self.cookies {
            cookies.store_response(url, headers, self.network.now() / 1000);
        }
        #[cfg(not(feature = "cookies"))]
        let _ = (url, headers);
    }

    #[cfg(feature = "digest-auth")]
    fn kept_challenge(&mut self) -> Option<&mut KeptChallenge> {
        Some(&mut self.challenge)
    }

    fn persistence(
        &self,
        request: &RequestHead<'_>,
        response: &ResponseHead,
        framing: Framing,
        headers: &HeaderFields<'_>,
    ) -> Persistence {
        if request.asks_to_close() {
            return Err(CloseReason::RequestedClose);
        }
        persistence(response.minor_version, response.status_code, framing, headers.clone())
    }

    fn discard(
        &mut self,
        persistence: Persistence,
        decoder: &mut BodyDecoder,
        room: &mut [u8],
        received: usize,
        deadline: Deadline<'_>,
    ) {
        let persistence = persistence.and_then(|seconds| {
            let deadline = deadline.within(self.network.now(), DRAIN_MS);
            drain(decoder, &mut self.connection, deadline, room, received).map(|()| seconds)
        });
        self.close(persistence);
    }

    fn close(&mut self, persistence: Persistence) {
        if self.connection.is_closed() {
            return;
        }
        #[cfg(feature = "tls")]
        if let (Connection::Tls(connection), false) =
            (&mut self.connection, persistence == Err(CloseReason::Error))
        {
            self.tls_sessions.keep(connection, self.network.unix_time());
        }
        let lifetime_ms = persistence.map(|seconds| match seconds {
            Some(seconds) => self.idle_ms.min(usable_ms(seconds)),
            None => self.idle_ms,
        });
        self.close_reason = match (lifetime_ms, self.slot) {
            (Ok(0), _) => Some(CloseReason::IdleLimit),
            (Ok(_), None) => Some(CloseReason::NotKept),
            (Err(reason), _) => Some(reason),
            (Ok(lifetime_ms), Some(slot)) => {
                self.pool.put(slot, &mut self.connection, self.network.now(), lifetime_ms);
                None
            }
        };
        self.connection = Connection::Closed;
    }
}

/// How long a connection is used if the server closes it after `seconds`, in milliseconds. The last
/// second, or half of a shorter time, is left out: a request sent then would arrive too late.
fn usable_ms(seconds: u32) -> u64 {
    let ms = u64::from(seconds) * 1000;
    ms - (ms / 2).min(1000)
}

/// Whether the error is about a resource that idle connections may hold: memory or sockets.
fn is_out_of_memory(error: &Error) -> bool {
    match error {
        Error::Connect(error) => error.kind == ErrorKind::OutOfMemory,
        #[cfg(feature = "tls")]
        Error::Tls(error) => matches!(error, TlsError::OutOfMemory { .. }),
        _ => false,
    }
}
