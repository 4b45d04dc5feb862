// SPDX-License-Identifier: Apache-2.0
//! A machine without Zephyr's `tls_credentials`: nothing is registered under any security tag.

use crate::sys::tls::HeapBytes;
use crate::tls::TlsError;

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
    pub(super) const fn of(tags: &[u32]) -> Result<Self, TlsError> {
        match tags {
            [] => Ok(Self { has_authorities: false, identity: None }),
            &[tag, ..] => Err(TlsError::MissingCredential { tag }),
        }
    }
}

/// No authorities.
#[expect(clippy::unnecessary_wraps, reason = "where there are credentials, they can be unreadable")]
pub(super) const fn authorities(_tag: u32) -> Result<Option<HeapBytes>, TlsError> {
    Ok(None)
}

/// No certificates.
#[expect(clippy::unnecessary_wraps, reason = "where there are credentials, they can be unreadable")]
pub(super) const fn own_certificate(_tag: u32) -> Result<Option<HeapBytes>, TlsError> {
    Ok(None)
}

/// No key.
#[expect(clippy::unnecessary_wraps, reason = "where there are credentials, they can be unreadable")]
pub(super) const fn private_key(_tag: u32) -> Result<Option<HeapBytes>, TlsError> {
    Ok(None)
}
