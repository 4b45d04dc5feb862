// SPDX-License-Identifier: Apache-2.0
//! Sessions that later connections resume: [RFC 8446 section 2.2] and [RFC 5246 section 7.3], with tickets
//! ([RFC 5077]) or identifiers.
//!
//! A resumed handshake shows no certificate: the peer is who was verified when the session was made. So a session
//! is found again only for the same host, port and settings of trust, only as long as the certificates that were
//! verified are valid, and only where no check would now be made that was left out then.
//!
//! [RFC 8446 section 2.2]: https://www.rfc-editor.org/rfc/rfc8446#section-2.2
//! [RFC 5246 section 7.3]: https://www.rfc-editor.org/rfc/rfc5246#section-7.3
//! [RFC 5077]: https://www.rfc-editor.org/rfc/rfc5077

use core::fmt;

use heapless::Vec;
use mbedtls_sys as ffi;

use super::TlsTransport;
use super::fingerprint::SessionKey;
use crate::config::TLS_RESUMPTION;
use crate::sys::tls::{Failure, HeapBytes, check_session, sha256};
use crate::transport::Transport;

/// The largest session that is kept, in bytes. Tickets of most servers have 200; those with a client's
/// certificate in them, 1500.
pub(super) const MAX_SESSION: usize = 2048;

const DAY: i64 = 24 * 60 * 60;

/// For how long what was verified counts, however often it is resumed, in seconds: RFC 8446 section 4.6.1.
const MAX_AGE: i64 = 7 * DAY;

/// For how long a session is kept of which the server has not said it, in seconds: RFC 5246 section F.1.4.
const DEFAULT_LIFETIME: i64 = DAY;

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
pub(crate) struct TlsSession {
    pub(super) bytes: HeapBytes,
    pub(super) validity: Validity,
}

struct Entry {
    key: SessionKey,
    session: TlsSession,
    /// The last moment at which the session may be resumed, in seconds since 1970, where there was a clock.
    until: i64,
}

impl Entry {
    /// Whether the session may stand for a verification made at `now`.
    fn is_valid(&self, now: Option<i64>) -> bool {
        match (now, self.session.validity.verified) {
            // Also not while the clock is behind what it was.
            (Some(now), Some(verified)) => verified <= now && now <= self.until,
            // What could not be checked then can be now.
            (Some(_), None) => false,
            // That there may be no clock is a matter of the settings, which are the same.
            (None, _) => true,
        }
    }
}

/// Up to `N` TLS sessions of earlier connections, for later ones to resume.
///
/// A resumed handshake takes one round trip, no signature and no certificates: a fraction of the time, the traffic
/// and the memory of a full one. Whether there is one is up to the server, and without one the handshake is as
/// always, certificate and all.
///
/// The sessions are in mbedTLS's heap, 200 to 400 bytes each with most servers and never more than 2048; the value
/// itself has 80 bytes for each. When there are too many the oldest is forgotten.
pub struct TlsSessions<const N: usize> {
    /// The oldest first.
    entries: Vec<Entry, N>,
}

impl<const N: usize> TlsSessions<N> {
    /// No sessions.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets all, overwriting their secrets.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Keeps the session of a connection that [`TlsTransport::connect_with`] made, if the server has given one by
    /// now.
    ///
    /// With TLS 1.2 that is so from the beginning, with TLS 1.3 it comes with or after the first data: call this
    /// when a response was received, and before the connection is closed. It costs next to nothing when there is
    /// nothing new. `now` is the date, as for [`TlsTransport::connect`].
    pub fn keep<T: Transport>(&mut self, transport: &mut TlsTransport<T>, now: Option<i64>) {
        if let Some((key, session, lifetime)) = transport.take_session() {
            self.put(key, session, lifetime, now);
        }
    }

    /// Takes the session for `key` that may be offered now.
    ///
    /// It is gone then: a ticket of TLS 1.3 is for one connection (RFC 8446 section C.4), and what a handshake
    /// failed with is not tried twice. [`keep`](Self::keep) brings the next one, with TLS 1.2 at once.
    pub(crate) fn take(&mut self, key: &SessionKey, now: Option<i64>) -> Option<TlsSession> {
        if !TLS_RESUMPTION {
            return None;
        }
        let index = self.entries.iter().position(|entry| entry.key == *key)?;
        let entry = self.entries.remove(index);
        entry.is_valid(now).then_some(entry.session)
    }

    fn put(&mut self, key: SessionKey, session: TlsSession, lifetime: Option<u32>, now: Option<i64>) {
        let Validity { verified, not_after } = session.validity;
        let verified_until = verified.map_or(i64::MAX, |verified| verified.saturating_add(MAX_AGE));
        let known_until =
            now.map_or(i64::MAX, |now| now.saturating_add(lifetime.map_or(DEFAULT_LIFETIME, i64::from)));
        let until = not_after.min(verified_until).min(known_until);
        self.push(Entry { key, session, until });
    }

    fn push(&mut self, entry: Entry) {
        if let Some(index) = self.entries.iter().position(|old| old.key == entry.key) {
            drop(self.entries.remove(index));
        }
        if self.entries.is_full() && !self.entries.is_empty() {
            drop(self.entries.remove(0));
        }
        // Fails where there is no room for any, which keeps none.
        let _ = self.entries.push(entry);
    }

    /// How many bytes [`export`](Self::export) writes.
    #[must_use]
    pub fn export_len(&self) -> usize {
        let entries: usize = self.exported().map(|entry| ENTRY_LEN + entry.session.bytes.len()).sum();
        HEADER_LEN + entries + DIGEST_LEN
    }

    /// The newest, as many as one byte can count.
    fn exported(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter().skip(self.entries.len().saturating_sub(usize::from(u8::MAX)))
    }

    /// Writes all sessions to `out`, for [`import`](Self::import) after a restart or deep sleep, and returns how
    /// many bytes that took.
    ///
    /// **The bytes are secret, and to be trusted.** Who reads them can decrypt what is sent over connections that
    /// resume these sessions with TLS 1.2; who can change them can pose as the servers. Keep them in memory that
    /// is retained, or in protected storage. Import them once: a ticket of TLS 1.3 is for one use.
    ///
    /// # Errors
    /// [`SessionsError::BufferTooSmall`] when `out` is shorter than [`export_len`](Self::export_len); nothing is
    /// written then. [`SessionsError::OutOfMemory`].
    pub fn export(&self, out: &mut [u8]) -> Result<usize, SessionsError> {
        let needed = self.export_len();
        let Some(out) = out.get_mut(..needed) else {
            return Err(SessionsError::BufferTooSmall { needed });
        };
        let Some((contents, digest)) = out.split_last_chunk_mut::<DIGEST_LEN>() else {
            return Err(SessionsError::BufferTooSmall { needed });
        };
        let mut writer = Writer(contents);
        writer.put(&MAGIC);
        writer.put(&[FORMAT, u8::try_from(self.exported().len()).unwrap_or(u8::MAX)]);
        for entry in self.exported() {
            let Validity { verified, not_after } = entry.session.validity;
            writer.put(&entry.key.0);
            writer.put(&[u8::from(verified.is_some())]);
            writer.put(&verified.unwrap_or(0).to_be_bytes());
            writer.put(&not_after.to_be_bytes());
            writer.put(&entry.until.to_be_bytes());
            writer.put(&u16::try_from(entry.session.bytes.len()).unwrap_or(0).to_be_bytes());
            writer.put(&entry.session.bytes);
        }
        digest.copy_from_slice(&sha256(contents).map_err(SessionsError::from_failure)?);
        Ok(needed)
    }

    /// Adds the sessions that [`export`](Self::export) wrote and returns how many they are. Of more than `N`, the
    /// newest stay.
    ///
    /// # Errors
    /// All but the last of these add nothing:
    /// - [`SessionsError::Malformed`]: the bytes were cut or changed, or are something else.
    /// - [`SessionsError::OtherBuild`]: they are of a program with another mbedTLS, or another version of this
    ///   crate.
    /// - [`SessionsError::OutOfMemory`]: mbedTLS's heap had room for some or none.
    pub fn import(&mut self, bytes: &[u8]) -> Result<usize, SessionsError> {
        let (contents, digest) = bytes.split_last_chunk::<DIGEST_LEN>().ok_or(SessionsError::Malformed)?;
        let mut reader = Reader(contents);
        if reader.array()? != MAGIC {
            return Err(SessionsError::Malformed);
        }
        if sha256(contents).map_err(SessionsError::from_failure)? != *digest {
            return Err(SessionsError::Malformed);
        }
        let [format, count] = reader.array()?;
        if format != FORMAT {
            return Err(SessionsError::OtherBuild);
        }
        // First all are looked at, then all are added.
        let mut scout = Reader(reader.0);
        for _ in 0..count {
            check_session(scout.entry()?.bytes).map_err(SessionsError::from_failure)?;
        }
        if !scout.0.is_empty() {
            return Err(SessionsError::Malformed);
        }
        for _ in 0..count {
            let Exported { key, validity, until, bytes } = reader.entry()?;
            let mut copy = HeapBytes::zeroed(bytes.len()).map_err(SessionsError::from_failure)?;
            copy.copy_from_slice(bytes);
            self.push(Entry { key, session: TlsSession { bytes: copy, validity }, until });
        }
        Ok(usize::from(count))
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

/// Why sessions were not exported or imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionsError {
    /// The buffer is shorter than what is to be written.
    BufferTooSmall {
        /// How many bytes it must have.
        needed: usize,
    },
    /// The bytes are not what was exported.
    Malformed,
    /// The bytes were exported by a program with another mbedTLS or another version of this crate. Begin without
    /// sessions.
    OtherBuild,
    /// mbedTLS's heap is too small: raise `CONFIG_MBEDTLS_HEAP_SIZE`.
    OutOfMemory,
}

impl SessionsError {
    fn from_failure(failure: Failure) -> Self {
        if failure.is_out_of_memory() {
            Self::OutOfMemory
        } else if failure.code == ffi::MBEDTLS_ERR_SSL_VERSION_MISMATCH {
            Self::OtherBuild
        } else {
            Self::Malformed
        }
    }
}

impl fmt::Display for SessionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BufferTooSmall { needed } => write!(f, "the TLS sessions take a buffer of {needed} bytes"),
            Self::Malformed => f.write_str("these are not exported TLS sessions, or not all of them"),
            Self::OtherBuild => {
                f.write_str("these TLS sessions were exported by another build of the program")
            }
            Self::OutOfMemory => {
                f.write_str("out of memory for TLS sessions: raise CONFIG_MBEDTLS_HEAP_SIZE")
            }
        }
    }
}

impl core::error::Error for SessionsError {}

// The format: MAGIC, FORMAT, a byte with the number of entries, these, the SHA-256 digest of all that. Numbers are
// big-endian.

const MAGIC: [u8; 4] = *b"RqTS";
const FORMAT: u8 = 1;
const HEADER_LEN: usize = MAGIC.len() + 2;
const DIGEST_LEN: usize = 32;
/// Of an entry without the session: key, whether the dates were checked, three moments, length.
const ENTRY_LEN: usize = 32 + 1 + 3 * 8 + 2;

/// Writes into a slice as long as there is room.
struct Writer<'a>(&'a mut [u8]);

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let rest = core::mem::take(&mut self.0);
        if let Some((room, rest)) = rest.split_at_mut_checked(bytes.len()) {
            room.copy_from_slice(bytes);
            self.0 = rest;
        }
    }
}

/// An entry as it was exported.
struct Exported<'a> {
    key: SessionKey,
    validity: Validity,
    until: i64,
    bytes: &'a [u8],
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const LEN: usize>(&mut self) -> Result<[u8; LEN], SessionsError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(SessionsError::Malformed)?;
        self.0 = rest;
        Ok(*array)
    }

    fn moment(&mut self) -> Result<i64, SessionsError> {
        self.array().map(i64::from_be_bytes)
    }

    fn entry(&mut self) -> Result<Exported<'a>, SessionsError> {
        let key = SessionKey(self.array()?);
        let [has_dates] = self.array()?;
        let verified = self.moment()?;
        let verified = match has_dates {
            0 => None,
            1 => Some(verified),
            _ => return Err(SessionsError::Malformed),
        };
        let validity = Validity { verified, not_after: self.moment()? };
        let until = self.moment()?;
        let len = usize::from(u16::from_be_bytes(self.array()?));
        if len > MAX_SESSION {
            return Err(SessionsError::Malformed);
        }
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(SessionsError::Malformed)?;
        self.0 = rest;
        Ok(Exported { key, validity, until, bytes })
    }
}
