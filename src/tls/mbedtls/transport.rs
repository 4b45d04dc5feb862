// SPDX-License-Identifier: Apache-2.0
//! A TLS connection.

use core::fmt;

use super::failure::During;
use super::fingerprint::SessionKey;
use super::handshake::{Established, Handshake};
use super::session::{Keeping, MAX_SESSION, TlsSession};
use super::stream::TransportStream;
use crate::sys::tls::{Connection, Failure, Received};
use crate::tls::{TlsConfig, TlsError, TlsVersion};
use crate::transport::{Deadline, IoError, Transport};

/// A TLS connection over another transport.
///
/// It is a [`Transport`] itself. The end of the stream is reported only if the peer has sent a close_notify ([RFC
/// 8446 section 6.1]). An end without it is an error, because an attacker can cut a connection, but cannot send a
/// close_notify. [`TlsTransport::error`] says more than the [`IoError`].
///
/// When it is dropped, it sends a close_notify, if that is possible without waiting.
///
/// [RFC 8446 section 6.1]: https://www.rfc-editor.org/rfc/rfc8446#section-6.1
pub struct TlsTransport<T: Transport> {
    connection: Connection,
    transport: T,
    /// The last failure.
    failure: Option<Failure>,
    /// The key and the validity of this connection's session, if it is to be kept.
    keeping: Option<Keeping>,
}

impl<T: Transport> TlsTransport<T> {
    /// Makes the handshake with `host`, the name or address literal from the URL, over `transport`.
    ///
    /// `now` is the date in seconds since 1970-01-01 00:00 UTC, or `None` if the clock is not set. The names or dates
    /// that belong to an error ([`TlsError::message`]) are written to the start of `buffer`. They have at most
    /// [`Details::MAX`](crate::tls::Details::MAX) bytes. If `buffer` is empty, they are left out.
    ///
    /// # Errors
    /// Any [`TlsError`] except [`TlsError::Truncated`]. The transport is then closed.
    pub fn connect(
        transport: T,
        host: &str,
        config: &TlsConfig<'_>,
        now: Option<i64>,
        deadline: Deadline<'_>,
        buffer: &mut [u8],
    ) -> Result<Self, TlsError> {
        let handshake = Handshake { host, config, resumption: None, now, deadline, buffer };
        Self::establish(transport, handshake, |connection| connection)
    }

    /// Makes this handshake, and passes the connection to `put`: returning it would take stack.
    pub(super) fn establish<R>(
        mut transport: T,
        handshake: Handshake<'_>,
        put: impl FnOnce(Self) -> R,
    ) -> Result<R, TlsError> {
        let Established { connection, keeping } = handshake.run(&mut transport)?;
        Ok(put(Self { connection, transport, failure: None, keeping }))
    }

    /// Why the last [`receive`](Transport::receive) or [`send`](Transport::send) failed.
    #[must_use]
    pub fn error(&self) -> Option<TlsError> {
        self.failure.map(|failure| TlsError::from_failure(failure, During::Transfer))
    }

    /// The version of TLS in use.
    #[must_use]
    pub fn version(&self) -> TlsVersion {
        if self.connection.version() >= 0x0304 { TlsVersion::Tls13 } else { TlsVersion::Tls12 }
    }

    /// Whether the server has resumed a session instead of sending its certificate.
    #[must_use]
    pub const fn is_resumed(&self) -> bool {
        self.connection.is_resumed()
    }

    /// The session of this connection, its key, and its lifetime in seconds, if the server has sent a new one.
    pub(super) fn take_session(&mut self) -> Option<(SessionKey, TlsSession, Option<u32>)> {
        let &Keeping { key, validity } = self.keeping.as_ref()?;
        // If there is no memory for a session, it is not kept.
        let saved = self.connection.take_session(MAX_SESSION).ok()??;
        Some((key, TlsSession { bytes: saved.bytes, validity }, saved.lifetime))
    }

    fn fail(&mut self, failure: Failure) -> IoError {
        let error = TlsError::from_failure(failure, During::Transfer);
        // If the connection has failed before, the missing close_notify is a consequence of that.
        if !(error == TlsError::Truncated && matches!(self.error(), Some(TlsError::Io(_)))) {
            self.failure = Some(failure);
        }
        error.as_io()
    }
}

impl<T: Transport> Transport for TlsTransport<T> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        let Self { connection, transport, .. } = self;
        connection
            .send(&mut TransportStream { transport, deadline }, bytes)
            .map_err(|failure| self.fail(failure))
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        let Self { connection, transport, .. } = self;
        match connection.receive(&mut TransportStream { transport, deadline }, buffer) {
            Ok(Received::Bytes(len)) => Ok(len),
            Ok(Received::Closed) => Ok(0),
            Err(failure) => Err(self.fail(failure)),
        }
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        if self.connection.has_received() { Ok(()) } else { self.transport.wait_ready(deadline) }
    }
}

impl<T: Transport> Drop for TlsTransport<T> {
    fn drop(&mut self) {
        let Self { connection, transport, .. } = self;
        connection.close(&mut TransportStream { transport, deadline: Deadline::NO_WAIT });
    }
}

impl<T: Transport> fmt::Debug for TlsTransport<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTransport")
            .field("version", &self.version())
            .field("error", &self.error())
            .finish_non_exhaustive()
    }
}
