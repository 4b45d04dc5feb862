// SPDX-License-Identifier: Apache-2.0
//! Sessions as bytes that survive a restart or deep sleep.

use core::fmt;

use mbedtls_sys as ffi;

use super::fingerprint::SessionKey;
use super::session::{MAX_SESSION, TlsSession, Validity};
use super::sessions::{Entry, TlsSessions};
use crate::sys::tls::{Failure, HeapBytes, check_session, sha256};

impl<const N: usize> TlsSessions<N> {
    /// The number of bytes that [`export`](Self::export) writes.
    #[must_use]
    pub fn export_len(&self) -> usize {
        let entries: usize = self.exported().map(|entry| ENTRY_LEN + entry.session.bytes.len()).sum();
        HEADER_LEN + entries + DIGEST_LEN
    }

    /// The newest, as many as one byte can count.
    fn exported(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter().skip(self.entries.len().saturating_sub(usize::from(u8::MAX)))
    }

    /// Writes all sessions to `out`, for [`import`](Self::import) after a restart or deep sleep. Returns the number
    /// of bytes written.
    ///
    /// **The bytes are secret and must not be changed.** Anybody who has them can decrypt TLS 1.2 connections that
    /// resume these sessions. Anybody who can change them can impersonate the servers. Keep them in retained memory
    /// or in protected storage. Import them only once, because a ticket of TLS 1.3 is for one use.
    ///
    /// # Errors
    /// [`SessionsError::BufferTooSmall`] if `out` is shorter than [`export_len`](Self::export_len). Then nothing is
    /// written. [`SessionsError::OutOfMemory`] if mbedTLS's heap is too small.
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

    /// Adds the sessions that [`export`](Self::export) wrote, and returns their number. If there are more than `N`,
    /// the newest ones stay.
    ///
    /// # Errors
    /// After the first two of these, no session was added:
    /// - [`SessionsError::Malformed`]: the bytes are incomplete, were changed, or are something else.
    /// - [`SessionsError::OtherBuild`]: another version or configuration of mbedTLS, or another version of this crate,
    ///   wrote them.
    /// - [`SessionsError::OutOfMemory`]: mbedTLS's heap had room for some of them or for none.
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
        // First all are checked, then all are added.
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

/// Why sessions were not exported or imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionsError {
    /// The buffer is too small.
    BufferTooSmall {
        /// The size in bytes that it must have.
        needed: usize,
    },
    /// The bytes are not exported sessions, or are incomplete or changed.
    Malformed,
    /// Another version or configuration of mbedTLS, or another version of this crate, wrote the bytes. Start without
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
            Self::OtherBuild => f.write_str(
                "these TLS sessions were exported by another build of mbedTLS, or by another version of this client",
            ),
            Self::OutOfMemory => {
                f.write_str("out of memory for TLS sessions: raise CONFIG_MBEDTLS_HEAP_SIZE")
            }
        }
    }
}

impl core::error::Error for SessionsError {}

// The format: MAGIC, FORMAT, a byte with the number of entries, these, the SHA-256 digest of all that.
// Numbers are big-endian.

const MAGIC: [u8; 4] = *b"RqTS";
const FORMAT: u8 = 1;
const HEADER_LEN: usize = MAGIC.len() + 2;
const DIGEST_LEN: usize = 32;
/// The length of an entry without its session: key, whether the dates were checked, three moments, length.
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

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec;
    use std::vec::Vec as StdVec;

    use proptest::prelude::*;

    use super::*;
    use crate::sys::tls::{Connection, Setup, Stream, StreamError, Wait};

    /// Sessions as mbedTLS writes them, which has no server here to make some: of TLS 1.2 and of TLS 1.3.
    fn saved(version: u8, ticket: &[u8]) -> StdVec<u8> {
        let mut bytes = StdVec::from(header());
        let len = ticket.len() as u16;
        if version == 3 {
            // An empty identifier, the secret, the result of verifying, no certificate.
            bytes.extend([3, 0, 0xc0, 0x2b, 0]);
            bytes.extend([0; 32 + 48 + 4 + 3 + 1]);
            bytes.extend(len.to_be_bytes());
            bytes.extend_from_slice(ticket);
            // Lifetime, fragment length, encrypt-then-MAC.
            bytes.extend([0, 0, 28, 32, 0, 0]);
        } else {
            // What is added to the age, flags, a key of 32 bytes, no name, lifetime.
            bytes.extend([4, 0, 0x13, 0x01, 1, 2, 3, 4, 5, 32]);
            bytes.extend([7; 32]);
            bytes.extend([0, 0, 0, 0, 28, 32]);
            bytes.extend(len.to_be_bytes());
            bytes.extend_from_slice(ticket);
        }
        bytes
    }

    /// What mbedTLS puts in front: its version and a summary of its configuration, which it tells nobody.
    fn header() -> [u8; 5] {
        let [major, minor, patch] =
            [ffi::MBEDTLS_VERSION_MAJOR, ffi::MBEDTLS_VERSION_MINOR, ffi::MBEDTLS_VERSION_PATCH]
                .map(|number| u8::try_from(number).unwrap());
        for flags in 0_u16..1 << 11 {
            let [high, low] = flags.to_be_bytes();
            let header = [major, minor, patch, high, low];
            let code = check_session(&[&header[..], &[0; 4]].concat()).unwrap_err().code;
            if code != ffi::MBEDTLS_ERR_SSL_VERSION_MISMATCH {
                return header;
            }
        }
        panic!("no header of this mbedTLS is known to it")
    }

    fn entry(number: u8, saved: &[u8]) -> Entry {
        let mut bytes = HeapBytes::zeroed(saved.len()).unwrap();
        bytes.copy_from_slice(saved);
        let validity = Validity { verified: Some(1000), not_after: i64::MAX };
        Entry { key: SessionKey([number; 32]), session: TlsSession { bytes, validity }, until: 5000 }
    }

    fn two() -> TlsSessions<2> {
        let mut sessions = TlsSessions::new();
        sessions.push(entry(1, &saved(3, b"ticket")));
        sessions.push(entry(2, &saved(4, b"other ticket")));
        sessions
    }

    fn export<const N: usize>(sessions: &TlsSessions<N>) -> StdVec<u8> {
        let mut bytes = vec![0; sessions.export_len()];
        assert_eq!(sessions.export(&mut bytes), Ok(bytes.len()));
        bytes
    }

    /// Puts the digest right after a change, so that what is behind it is put to the test.
    fn seal(bytes: &mut [u8]) {
        if let Some((contents, digest)) = bytes.split_last_chunk_mut() {
            *digest = sha256(contents).unwrap();
        }
    }

    fn import(bytes: &[u8]) -> Result<TlsSessions<2>, SessionsError> {
        let mut sessions = TlsSessions::new();
        let result = sessions.import(bytes);
        assert_eq!(result.unwrap_or(0).min(2), sessions.len());
        result.map(|_| sessions)
    }

    /// Takes everything and says nothing.
    struct Mute(usize);

    impl Stream for Mute {
        fn send(&mut self, bytes: &[u8]) -> Result<usize, StreamError> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn receive(&mut self, _: &mut [u8], _: Wait) -> Result<usize, StreamError> {
            Ok(0)
        }
    }

    /// Begins a handshake that offers the session, or, where it cannot be, one without; how many bytes were
    /// sent.
    fn begin(session: &[u8]) -> usize {
        let mut connection = Connection::new(Setup {
            name: "localhost",
            sends_name: true,
            needs_tls13: false,
            identity: None,
            keeps_session: true,
            session: Some(session),
        })
        .unwrap();
        let mut peer = Mute(0);
        connection.handshake(&mut peer).unwrap_err();
        peer.0
    }

    #[test]
    fn sessions_are_offered() {
        let ticket = [b't'; 1000];
        assert!((100..600).contains(&begin(b"")));
        for version in [3, 4] {
            assert!(begin(&saved(version, &ticket)) > 1000);
        }
    }

    #[test]
    fn export_and_import_round_trip() {
        let bytes = export(&two());
        let sessions = import(&bytes).unwrap();
        assert_eq!(export(&sessions), bytes);
        assert_eq!(import(&export(&TlsSessions::<2>::new())).unwrap().len(), 0);
        // What is there already is replaced, not doubled.
        let mut sessions = two();
        assert_eq!(sessions.import(&bytes), Ok(2));
        assert_eq!(export(&sessions), bytes);
    }

    #[test]
    fn no_part_and_no_changed_bit_is_imported() {
        let bytes = export(&two());
        for end in 0..bytes.len() {
            assert_eq!(import(&bytes[..end]).unwrap_err(), SessionsError::Malformed);
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(import(&longer).unwrap_err(), SessionsError::Malformed);
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(import(&bytes).unwrap_err(), SessionsError::Malformed);
        }
    }

    #[test]
    fn no_part_is_imported_even_with_a_digest_of_its_own() {
        let bytes = export(&two());
        for end in 0..bytes.len() - DIGEST_LEN {
            let mut part = [&bytes[..end], &[0; DIGEST_LEN]].concat();
            seal(&mut part);
            assert_eq!(import(&part).unwrap_err(), SessionsError::Malformed, "{end}");
        }
    }

    #[test]
    fn another_build_is_told_from_damage() {
        let good = export(&two());
        let first = HEADER_LEN + ENTRY_LEN;
        // The format of this crate; version and configuration of mbedTLS.
        for place in [MAGIC.len(), first, first + 1, first + 2, first + 3, first + 4] {
            let mut bytes = good.clone();
            bytes[place] ^= 4;
            seal(&mut bytes);
            assert_eq!(import(&bytes).unwrap_err(), SessionsError::OtherBuild, "{place}");
        }
    }

    #[test]
    fn a_session_with_a_certificate_or_of_a_server_is_refused() {
        let certificate = &webpki_root_certs::TLS_SERVER_ROOT_CERTS[0];
        let mut bytes = saved(3, b"ticket");
        let place = 5 + 4 + 1 + 32 + 48 + 4;
        assert_eq!(bytes[place..place + 3], [0; 3]);
        bytes[place + 1..place + 3].copy_from_slice(&(certificate.len() as u16).to_be_bytes());
        bytes.splice(place + 3..place + 3, certificate.iter().copied());
        assert_eq!(check_session(&bytes).unwrap_err().code, ffi::REQUESTS_MBEDTLS_ERR_BAD_INPUT);
        for version in [3, 4] {
            let mut bytes = saved(version, b"ticket");
            check_session(&bytes).unwrap();
            bytes[6] = 1;
            assert_eq!(check_session(&bytes).unwrap_err().code, ffi::REQUESTS_MBEDTLS_ERR_BAD_INPUT);
            // Neither ticket nor identifier: nothing to offer.
            assert_eq!(
                check_session(&saved(version, b"")).unwrap_err().code,
                ffi::REQUESTS_MBEDTLS_ERR_BAD_INPUT
            );
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused(bytes: StdVec<u8>) {
            prop_assert!(import(&bytes).is_err());
        }

        #[test]
        fn any_contents_are_imported_whole_or_refused(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = export(&two());
            for (place, value) in changes {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
            if cut.index(4) == 0 {
                bytes.truncate(cut.index(bytes.len()));
            }
            seal(&mut bytes);
            if let Ok(sessions) = import(&bytes) {
                prop_assert!(sessions.len() <= 2);
                // What came in goes out as it is, unless it is of one key.
                if sessions.len() == 2 {
                    prop_assert_eq!(export(&sessions), bytes);
                }
            }
        }

        #[test]
        fn any_session_is_offered_or_refused(
            version in 3_u8..=4,
            body: StdVec<u8>,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        ) {
            let mut bytes = saved(version, &body);
            for (place, value) in changes {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
            prop_assert!(begin(&bytes) > 100);
            bytes.truncate(9);
            bytes.extend_from_slice(&body);
            prop_assert!(begin(&bytes) > 100);
        }
    }
}
