// SPDX-License-Identifier: Apache-2.0
//! Credentials that are registered with Zephyr's `tls_credentials`, by security tag.
//!
//! A credential is copied into mbedTLS's heap while it is read, and the copy is overwritten afterwards.

use crate::sys::tls::HeapBytes;
use crate::sys::zephyr::{self, CredentialKind, Failure, Kind};
use crate::tls::TlsError;
use crate::transport::IoError;

/// How often a credential may be replaced by a longer one while it is copied.
const MAX_TRIES: usize = 4;

/// The credentials that are registered under the tags of a list.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// One of them has authorities.
    pub has_authorities: bool,
    /// The first of them that has a client's certificate and key.
    pub identity: Option<u32>,
}

impl Survey {
    /// Looks up all tags. A credential must be registered under each.
    pub(super) fn of(tags: &[u32]) -> Result<Self, TlsError> {
        let mut survey = Self::default();
        for &tag in tags {
            let has = |kind| size(tag, kind).map(|size| size.is_some());
            let has_authorities = has(CredentialKind::Authorities)?;
            match (has(CredentialKind::OwnCertificate)?, has(CredentialKind::PrivateKey)?) {
                (true, true) => survey.identity = survey.identity.or(Some(tag)),
                (false, false) if has_authorities => {}
                (false, false) => return Err(TlsError::MissingCredential { tag }),
                _ => return Err(TlsError::IncompleteIdentity { tag }),
            }
            survey.has_authorities |= has_authorities;
        }
        Ok(survey)
    }
}

/// A copy of the authorities under a tag, if it has any.
pub(super) fn authorities(tag: u32) -> Result<Option<HeapBytes>, TlsError> {
    load(tag, CredentialKind::Authorities)
}

/// A copy of the client's certificates under a tag, if it has any.
pub(super) fn own_certificate(tag: u32) -> Result<Option<HeapBytes>, TlsError> {
    load(tag, CredentialKind::OwnCertificate)
}

/// A copy of the private key under a tag, if it has one.
pub(super) fn private_key(tag: u32) -> Result<Option<HeapBytes>, TlsError> {
    load(tag, CredentialKind::PrivateKey)
}

/// A copy of a credential; `None` if there is none of this kind under the tag.
fn load(tag: u32, kind: CredentialKind) -> Result<Option<HeapBytes>, TlsError> {
    let Some(mut size) = size(tag, kind)? else { return Ok(None) };
    for _ in 0..MAX_TRIES {
        let mut bytes = HeapBytes::zeroed(size).map_err(TlsError::from_internal)?;
        match zephyr::credential(tag, kind, &mut bytes) {
            Ok(actual) if actual <= size => {
                bytes.truncate(actual);
                return Ok(Some(bytes));
            }
            Ok(longer) => size = longer,
            Err(failure) => return absent(tag, failure),
        }
    }
    Err(TlsError::MissingCredential { tag })
}

/// The size of a credential.
fn size(tag: u32, kind: CredentialKind) -> Result<Option<usize>, TlsError> {
    zephyr::credential(tag, kind, &mut []).map(Some).or_else(|failure| absent(tag, failure))
}

/// Whether a failure only means that there is no such credential.
fn absent<T>(tag: u32, failure: Failure) -> Result<Option<T>, TlsError> {
    match failure.kind {
        Kind::NotFound => Ok(None),
        _ => Err(TlsError::UnreadableCredential { tag, error: IoError::from(failure) }),
    }
}
