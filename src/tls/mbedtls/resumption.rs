// SPDX-License-Identifier: Apache-2.0
//! Resuming the sessions of earlier connections, for who has connections without a
//! [`Session`](crate::Session).

use super::handshake::Handshake;
use super::sessions::TlsSessions;
use super::transport::TlsTransport;
use crate::tls::{TlsConfig, TlsError};
use crate::transport::{Deadline, Transport};

impl<T: Transport> TlsTransport<T> {
    /// Does the handshake as [`connect`](Self::connect) does, and offers the server to resume a session of
    /// `sessions`, if there is one of an earlier connection to this host and port under settings that trust
    /// and show the same.
    ///
    /// [`TlsSessions::keep`] then keeps the session of this connection for later ones.
    ///
    /// # Errors
    /// As for [`connect`](Self::connect). The session offered is gone then, so that a second attempt is a
    /// full handshake.
    pub fn connect_with<const N: usize>(
        transport: T,
        (host, port): (&str, u16),
        config: &TlsConfig<'_>,
        sessions: &mut TlsSessions<N>,
        now: Option<i64>,
        deadline: Deadline<'_>,
        buffer: &mut [u8],
    ) -> Result<Self, TlsError> {
        // What fails for want of a date must not cost the session.
        config.date(now)?;
        let resumption = config.fingerprint()?.key(host, port)?.map(|key| sessions.offer(&key, now));
        let handshake = Handshake { host, config, resumption, now, deadline, buffer };
        Self::establish(transport, handshake, |connection| connection)
    }
}

impl<const N: usize> TlsSessions<N> {
    /// Keeps the session of a connection that [`TlsTransport::connect_with`] made, if the server has given
    /// one by now.
    ///
    /// With TLS 1.2 that is so from the beginning, with TLS 1.3 it comes with or after the first data: call
    /// this when a response was received, and before the connection is closed. It costs next to nothing when
    /// there is nothing new. `now` is the date, as for [`TlsTransport::connect`].
    pub fn keep<T: Transport>(&mut self, transport: &mut TlsTransport<T>, now: Option<i64>) {
        if let Some((key, session, lifetime)) = transport.take_session() {
            self.put(key, session, lifetime, now);
        }
    }
}
