// SPDX-License-Identifier: Apache-2.0
//! Connections of the client: mbedTLS makes the handshake after connecting.

use core::net::SocketAddr;

use super::handshake::Handshake;
use super::session::Resumption;
use super::transport::TlsTransport;
use crate::tls::{TlsConfig, TlsError};
use crate::transport::{Deadline, IoError, Network, Transport};

/// The parameters of a connection by TLS.
pub(crate) struct Dialer<'a> {
    host: &'a str,
    config: &'a TlsConfig<'a>,
}

impl<'a> Dialer<'a> {
    /// Whether [`connect`](Self::connect) includes the handshake.
    pub(crate) const CONNECTS_WITH_HANDSHAKE: bool = false;

    /// A dialer for `host`, the name or address literal from the URL.
    #[expect(clippy::unnecessary_wraps, reason = "secure sockets cannot do all settings")]
    pub(crate) const fn new(host: &'a str, config: &'a TlsConfig<'a>) -> Result<Self, TlsError> {
        Ok(Self { host, config })
    }

    /// Connects to an address of the host.
    #[expect(clippy::unused_self, reason = "secure sockets need to know the host")]
    pub(crate) fn connect<N: Network>(
        &self,
        network: &mut N,
        address: SocketAddr,
        deadline: Deadline<'_>,
    ) -> Result<N::Transport, IoError> {
        network.connect(address, deadline)
    }

    /// The TLS error in an `error` of [`connect`](Self::connect): none, because the handshake comes later.
    #[expect(clippy::unused_self, reason = "secure sockets do the handshake there")]
    pub(crate) const fn cause_of(&self, _error: IoError) -> Option<TlsError> {
        None
    }

    /// Makes the handshake, and passes the connection to `put`. `resume` is called with the date, and returns the
    /// session to offer. The details of an error are written to `buffer`.
    pub(crate) fn handshake<T: Transport, R>(
        self,
        transport: T,
        resume: &mut dyn FnMut(Option<i64>) -> Option<Resumption>,
        now: Option<i64>,
        deadline: Deadline<'_>,
        buffer: &mut [u8],
        put: impl FnOnce(TlsTransport<T>) -> R,
    ) -> Result<R, TlsError> {
        let Self { host, config } = self;
        // If the handshake fails because the clock is not set, the session must not be lost.
        config.date(now)?;
        let resumption = resume(now);
        TlsTransport::establish(transport, Handshake { host, config, resumption, now, deadline, buffer }, put)
    }
}
