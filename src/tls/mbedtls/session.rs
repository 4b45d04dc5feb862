// SPDX-License-Identifier: Apache-2.0
//! A TLS session, and what it is worth.

use super::fingerprint::SessionKey;
use crate::sys::tls::HeapBytes;

/// The largest session that is kept, in bytes. Tickets of most servers have 200; those with a client's
/// certificate in them, 1500.
pub(super) const MAX_SESSION: usize = 2048;

/// What was known of the peer's certificates when they were verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    /// The moment by which the dates were checked, in seconds since 1970; `None` without a clock.
    pub verified: Option<i64>,
    /// The last moment at which all certificates of the path are valid, likewise.
    pub not_after: i64,
}

impl Validity {
    /// Of nothing: it is over.
    pub(super) const NONE: Self = Self { verified: None, not_after: i64::MIN };
}

/// A session to offer to the server that it is of.
pub(super) struct TlsSession {
    pub bytes: HeapBytes,
    pub validity: Validity,
}

/// What belongs to a session besides its bytes.
pub(super) struct Keeping {
    pub key: SessionKey,
    pub validity: Validity,
}

/// How the sessions of a connection are found again, and the one to resume.
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
