// SPDX-License-Identifier: Apache-2.0
//! Sessions that later connections resume: [RFC 8446 section 2.2] and [RFC 5246 section 7.3], with tickets
//! ([RFC 5077]) or identifiers.
//!
//! A resumed handshake has no certificate. It only proves that the peer is the one that was verified when the
//! session was created. So a session is used only for the same host, port and trust, only as long as the verified
//! certificates are valid, and only if no check was left out then that would be made now.
//!
//! [RFC 8446 section 2.2]: https://www.rfc-editor.org/rfc/rfc8446#section-2.2
//! [RFC 5246 section 7.3]: https://www.rfc-editor.org/rfc/rfc5246#section-7.3
//! [RFC 5077]: https://www.rfc-editor.org/rfc/rfc5077

use core::fmt;

use heapless::Vec;

use super::fingerprint::SessionKey;
use super::session::{Resumption, TlsSession, Validity};
use crate::config::TLS_RESUMPTION;

const DAY: i64 = 24 * 60 * 60;

/// The longest time in seconds from a verification to the last resumption: RFC 8446 section 4.6.1.
const MAX_AGE: i64 = 7 * DAY;

/// The lifetime in seconds of a session for which the server has set none: RFC 5246 section F.1.4.
const DEFAULT_LIFETIME: i64 = DAY;

/// A stored session.
pub(super) struct Entry {
    pub key: SessionKey,
    pub session: TlsSession,
    /// The last moment at which the session may be resumed, in seconds since 1970, if the clock was set.
    pub until: i64,
}

impl Entry {
    /// Whether the session may replace a verification at `now`.
    fn is_valid(&self, now: Option<i64>) -> bool {
        match (now, self.session.validity.verified) {
            // Nor while the clock is behind the time of the verification.
            (Some(now), Some(verified)) => verified <= now && now <= self.until,
            // The dates could not be checked then, but they can now.
            (Some(_), None) => false,
            // Whether the clock may be unset is one of the settings, which are the same.
            (None, _) => true,
        }
    }
}

/// Up to `N` TLS sessions of earlier connections, which later connections resume.
///
/// A resumed handshake takes one round trip, no certificates and no signatures: a fraction of the time, the traffic
/// and the memory of a full one. The server decides whether a session is resumed. If it is not, the handshake is a
/// full one.
///
/// The sessions are in mbedTLS's heap. With most servers, each takes 200 to 400 bytes, and never more than 2048.
/// The value itself has 80 bytes for each. If there are too many, the oldest one is removed.
pub struct TlsSessions<const N: usize> {
    /// The oldest first.
    pub(super) entries: Vec<Entry, N>,
}

impl<const N: usize> TlsSessions<N> {
    /// No sessions.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// The number of sessions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no sessions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Removes all sessions and overwrites their secrets.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The session for `key` that may be offered now, if there is one. The session of the new connection will have
    /// the same key.
    pub(crate) fn offer(&mut self, key: &SessionKey, now: Option<i64>) -> Resumption {
        Resumption { key: *key, session: self.take(key, now) }
    }

    /// Takes the session for `key` that may be offered now.
    ///
    /// It is removed: a ticket of TLS 1.3 is for one connection (RFC 8446 section C.4), and a session with which a
    /// handshake has failed is not tried again. [`keep`](Self::keep) adds the next one, with TLS 1.2 at once.
    fn take(&mut self, key: &SessionKey, now: Option<i64>) -> Option<TlsSession> {
        if !TLS_RESUMPTION {
            return None;
        }
        let index = self.entries.iter().position(|entry| entry.key == *key)?;
        let entry = self.entries.remove(index);
        entry.is_valid(now).then_some(entry.session)
    }

    pub(super) fn put(
        &mut self,
        key: SessionKey,
        session: TlsSession,
        lifetime: Option<u32>,
        now: Option<i64>,
    ) {
        let Validity { verified, not_after } = session.validity;
        let verified_until = verified.map_or(i64::MAX, |verified| verified.saturating_add(MAX_AGE));
        let known_until =
            now.map_or(i64::MAX, |now| now.saturating_add(lifetime.map_or(DEFAULT_LIFETIME, i64::from)));
        let until = not_after.min(verified_until).min(known_until);
        self.push(Entry { key, session, until });
    }

    /// Adds a session. It replaces the one with the same key, or else the oldest one if there is no room.
    pub(super) fn push(&mut self, entry: Entry) {
        if let Some(index) = self.entries.iter().position(|old| old.key == entry.key) {
            drop(self.entries.remove(index));
        }
        if self.entries.is_full() && !self.entries.is_empty() {
            drop(self.entries.remove(0));
        }
        // This fails if there is no room for any session. Then none is kept.
        let _ = self.entries.push(entry);
    }
}

impl<const N: usize> Default for TlsSessions<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> fmt::Debug for TlsSessions<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The rest is secret.
        f.debug_struct("TlsSessions").field("len", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::tls::HeapBytes;

    fn entry(number: u8) -> Entry {
        let bytes = HeapBytes::zeroed(1).unwrap();
        let validity = Validity { verified: Some(1000), not_after: i64::MAX };
        Entry { key: SessionKey([number; 32]), session: TlsSession { bytes, validity }, until: 5000 }
    }

    #[test]
    fn an_entry_is_small() {
        assert!(size_of::<Entry>() <= 80);
    }

    #[test]
    fn lifetimes_end_with_whatever_ends_first() {
        let until = |verified, not_after, lifetime, now| {
            let mut sessions = TlsSessions::<1>::new();
            let mut session = entry(1).session;
            session.validity = Validity { verified, not_after };
            sessions.put(SessionKey([1; 32]), session, lifetime, now);
            sessions.entries[0].until
        };
        assert_eq!(until(Some(100), 1_000_000_000, Some(50), Some(200)), 250);
        assert_eq!(until(Some(100), 240, Some(50), Some(200)), 240);
        assert_eq!(until(Some(100), 1_000_000_000, None, Some(200)), 200 + DAY);
        assert_eq!(until(Some(100), 1_000_000_000, Some(u32::MAX), Some(200)), 100 + 7 * DAY);
        assert_eq!(until(Some(100), 1_000_000_000, Some(50), None), 100 + 7 * DAY);
        assert_eq!(until(None, i64::MAX, Some(50), None), i64::MAX);
        assert_eq!(until(Some(i64::MAX), i64::MAX, Some(50), Some(i64::MAX)), i64::MAX);
    }

    #[test]
    fn a_session_counts_only_in_its_time() {
        let mut sessions = TlsSessions::<2>::new();
        sessions.push(entry(2));
        for (now, is_valid) in
            [(None, true), (Some(999), false), (Some(1000), true), (Some(5000), true), (Some(5001), false)]
        {
            sessions.push(entry(1));
            assert_eq!(sessions.take(&SessionKey([1; 32]), now).is_some(), is_valid, "{now:?}");
            assert_eq!(sessions.len(), 1);
        }
        let mut unchecked = entry(1);
        unchecked.session.validity.verified = None;
        unchecked.until = i64::MAX;
        assert!(unchecked.is_valid(None));
        assert!(!unchecked.is_valid(Some(2000)));
        assert!(sessions.take(&SessionKey([3; 32]), None).is_none());
    }
}
