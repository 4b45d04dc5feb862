// SPDX-License-Identifier: Apache-2.0
//! Connections of the client: a secure socket makes the handshake while it connects.

use core::net::SocketAddr;

use embedded_io::ErrorKind;

use super::sessions::Resumption;
use super::transport::TlsTransport;
use crate::tls::config::TlsConfig;
use crate::tls::error::TlsError;
use crate::tls::warning;
use crate::transport::{Deadline, IoError, Network, SecureSocket, Transport};

/// The parameters of a connection by TLS.
pub(crate) struct Dialer<'a>(SecureSocket<'a>);

impl<'a> Dialer<'a> {
    /// Whether [`connect`](Self::connect) includes the handshake.
    pub(crate) const CONNECTS_WITH_HANDSHAKE: bool = true;

    /// A dialer for `host`, the name or address literal from the URL.
    pub(crate) fn new(host: &'a str, config: &TlsConfig<'a>) -> Result<Self, TlsError> {
        if let Some(setting) = config.unsupported() {
            return Err(TlsError::UnsupportedSetting { setting });
        }
        if config.is_verified && config.tags.is_empty() {
            return Err(TlsError::NoRoots);
        }
        if !config.is_verified {
            warning::unverified(host);
        }
        // The final dot says that the name is absolute; certificates leave it out.
        let host = host.strip_suffix('.').unwrap_or(host);
        if host.is_empty() {
            return Err(TlsError::InvalidServerName);
        }
        Ok(Self(SecureSocket { host, tags: config.tags, is_verified: config.is_verified }))
    }

    /// Connects to an address of the host, and makes the handshake.
    pub(crate) fn connect<N: Network>(
        &self,
        network: &mut N,
        address: SocketAddr,
        deadline: Deadline<'_>,
    ) -> Result<N::Transport, IoError> {
        network.connect_tls(address, &self.0, deadline)
    }

    /// The TLS error in an `error` of [`connect`](Self::connect).
    pub(crate) fn cause_of(&self, error: IoError) -> Option<TlsError> {
        match (error.kind, self.0.tags) {
            (ErrorKind::ConnectionAborted, _) => Some(TlsError::HandshakeFailed(error)),
            (ErrorKind::InvalidInput, _) => Some(TlsError::InvalidServerName),
            (ErrorKind::NotFound, &[tag]) => Some(TlsError::MissingCredential { tag }),
            _ => None,
        }
    }

    /// Passes the connection to `put`, because the handshake is over. Sockets need neither a session nor the date, and
    /// report no details.
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "mbedTLS does the handshake here")]
    pub(crate) fn handshake<T: Transport, R>(
        self,
        transport: T,
        _resume: &mut dyn FnMut(Option<i64>) -> Option<Resumption>,
        _now: Option<i64>,
        _deadline: Deadline<'_>,
        _buffer: &mut [u8],
        put: impl FnOnce(TlsTransport<T>) -> R,
    ) -> Result<R, TlsError> {
        Ok(put(TlsTransport::new(transport)))
    }
}
