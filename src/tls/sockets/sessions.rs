// SPDX-License-Identifier: Apache-2.0
//! TLS sessions that later connections resume: secure sockets keep their own.

use super::fingerprint::SessionKey;
use super::transport::TlsTransport;
use crate::transport::Transport;

/// No sessions.
pub(crate) struct TlsSessions<const N: usize>;

impl<const N: usize> TlsSessions<N> {
    pub(crate) const fn new() -> Self {
        Self
    }

    /// No session to offer.
    #[expect(clippy::unused_self, reason = "mbedTLS's keep some")]
    pub(crate) const fn offer(&mut self, _key: &SessionKey, _now: Option<i64>) -> Resumption {
        Resumption
    }

    /// Keeps nothing.
    #[expect(clippy::unused_self, reason = "mbedTLS's keep some")]
    pub(crate) const fn keep<T: Transport>(&mut self, _transport: &mut TlsTransport<T>, _now: Option<i64>) {}
}

/// What a connection resumes: nothing.
pub(crate) struct Resumption;

impl Resumption {
    #[expect(clippy::unused_self, reason = "mbedTLS's may have one")]
    pub(crate) const fn has_session(&self) -> bool {
        false
    }
}
