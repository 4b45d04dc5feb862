// SPDX-License-Identifier: Apache-2.0
//! Resumption for programs that make TLS connections without a [`Session`](crate::Session).

use super::handshake::Handshake;
use super::sessions::TlsSessions;
use super::transport::TlsTransport;
use crate::tls::{TlsConfig, TlsError};
use crate::transport::{Deadline, Transport};

impl<T: Transport> TlsTransport<T> {
    /// Makes the handshake as [`connect`](Self::connect) does, and offers the server a session of `sessions`, if there
    /// is one for this host and port under the same trust.
    ///
    /// [`TlsSessions::keep`] then stores the session of this connection for later ones.
    ///
    /// # Errors
    /// As for [`connect`](Self::connect). The offered session is then removed, so that a second attempt is a full
    /// handshake.
    pub fn connect_with<const N: usize>(
        transport: T,
        (host, port): (&str, u16),
        config: &TlsConfig<'_>,
        sessions: &mut TlsSessions<N>,
        now: Option<i64>,
        deadline: Deadline<'_>,
        buffer: &mut [u8],
    ) -> Result<Self, TlsError> {
        // If the handshake fails because the clock is not set, the session must not be lost.
        config.date(now)?;
        let resumption = config.fingerprint()?.key(host, port)?.map(|key| sessions.offer(&key, now));
        let handshake = Handshake { host, config, resumption, now, deadline, buffer };
        Self::establish(transport, handshake, |connection| connection)
    }
}

impl<const N: usize> TlsSessions<N> {
    /// Stores the session of a connection that [`TlsTransport::connect_with`] made, if the server has sent one.
    ///
    /// With TLS 1.2, there is one after the handshake. With TLS 1.3, it arrives with the first data or later. So call
    /// this after a response was received, and before the connection is closed. If there is no new session, it does
    /// nothing. `now` is the date, as for [`TlsTransport::connect`].
    pub fn keep<T: Transport>(&mut self, transport: &mut TlsTransport<T>, now: Option<i64>) {
        if let Some((key, session, lifetime)) = transport.take_session() {
            self.put(key, session, lifetime, now);
        }
    }
}
