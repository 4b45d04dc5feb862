// SPDX-License-Identifier: Apache-2.0
//! A TLS session, and how long it is valid.

use super::fingerprint::SessionKey;
use crate::sys::tls::HeapBytes;

/// The largest session that is kept, in bytes. Tickets of most servers have 200; those with a client's
/// certificate in them, 1500.
pub(super) const MAX_SESSION: usize = 2048;

/// The time of a verification of the peer's certificates, and the end of their validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    /// The time of the verification, in seconds since 1970; `None` if the clock was not set.
    pub verified: Option<i64>,
    /// The last moment at which all certificates of the path are valid, likewise.
    pub not_after: i64,
}

impl Validity {
    /// Never valid.
    pub(super) const NONE: Self = Self { verified: None, not_after: i64::MIN };
}

/// A session to offer to the server that has created it.
pub(super) struct TlsSession {
    pub bytes: HeapBytes,
    pub validity: Validity,
}

/// The key and the validity of a session that is to be kept.
pub(super) struct Keeping {
    pub key: SessionKey,
    pub validity: Validity,
}

/// The key of a connection's sessions, and the session to resume.
pub(crate) struct Resumption {
    pub(super) key: SessionKey,
    pub(super) session: Option<TlsSession>,
}

impl Resumption {
    /// Whether there is a session to resume.
    pub(crate) const fn has_session(&self) -> bool {
        self.session.is_some()
    }
}
