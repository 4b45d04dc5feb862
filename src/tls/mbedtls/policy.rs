// SPDX-License-Identifier: Apache-2.0
//! The requirements for a certificate, and its flaws.

use mbedtls_sys as ffi;

use super::certificate::{Certificate, id};
use super::der::Malformed;
use super::flaw;
use super::name::{ServerName, is_permitted};
use super::roots::Authorities;
use crate::sys::tls::sha256;
use crate::tls::{Date, Pin};

/// The requirements for a certificate chain.
pub(super) struct Policy<'a> {
    pub name: ServerName<'a>,
    pub roots: Authorities<'a>,
    /// The date, unless dates are not checked.
    pub now: Option<Date>,
    pub pins: &'a [Pin],
}

/// The role of a certificate in its path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The server's own certificate.
    Peer,
    /// An authority's certificate.
    Authority,
}

impl Policy<'_> {
    /// Whether the key has a pin. Always `true` if there are no pins.
    pub(super) fn is_pinned(&self, certificate: &Certificate<'_>) -> bool {
        // Without a digest there is no pin, and without a pin no connection.
        self.pins.is_empty()
            || sha256(certificate.public_key).is_ok_and(|digest| self.pins.contains(&Pin(digest)))
    }

    /// The flaws of `certificate`, which is in the path of `peer`.
    pub(super) fn flaws(&self, certificate: &Certificate<'_>, peer: &Certificate<'_>, role: Role) -> u32 {
        self.examine(certificate, peer, role).unwrap_or(flaw::MALFORMED)
    }

    fn examine(
        &self,
        certificate: &Certificate<'_>,
        peer: &Certificate<'_>,
        role: Role,
    ) -> Result<u32, Malformed> {
        let mut flaws = 0;
        if self.now.is_some_and(|now| now > certificate.not_after) {
            flaws |= ffi::MBEDTLS_X509_BADCERT_EXPIRED;
        }
        if self.now.is_some_and(|now| now < certificate.not_before) {
            flaws |= ffi::MBEDTLS_X509_BADCERT_FUTURE;
        }
        for extension in certificate.extensions() {
            let extension = extension?;
            if extension.id == id::NAME_CONSTRAINTS {
                if role == Role::Authority && !is_permitted(extension.value, peer)? {
                    flaws |= flaw::NAME_CONSTRAINTS;
                }
            } else if extension.critical && !is_understood(extension.id) {
                flaws |= flaw::CRITICAL_EXTENSION;
            }
        }
        if !certificate.serves_tls()? {
            flaws |= ffi::MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
        }
        if role == Role::Peer {
            if !certificate.may_sign()? {
                flaws |= ffi::MBEDTLS_X509_BADCERT_KEY_USAGE;
            }
            if !self.name.is_named_by(certificate)? {
                flaws |= ffi::MBEDTLS_X509_BADCERT_CN_MISMATCH;
            }
        }
        Ok(flaws)
    }
}

/// The extensions that mbedTLS or this module acts on.
fn is_understood(extension: &[u8]) -> bool {
    [
        id::SUBJECT_ALT_NAME,
        id::BASIC_CONSTRAINTS,
        id::KEY_USAGE,
        id::EXTENDED_KEY_USAGE,
        id::CERTIFICATE_POLICIES,
    ]
    .contains(&extension)
}
