// SPDX-License-Identifier: Apache-2.0
//! The decision whether the peer is who it should be.
//!
//! mbedTLS finds the path to a root and checks signatures, key sizes, path lengths and key usages. On top of
//! that, here: dates by this machine's own clock, names by subject alternative names only, extended key usage,
//! unknown critical extensions, name constraints, pins.

use core::fmt::{self, Write as _};
use core::net::{Ipv4Addr, Ipv6Addr};

use mbedtls_sys as ffi;

use super::certificate::{Certificate, GeneralName, id, telling_part};
use super::der::Malformed;
use super::name::{ServerName, is_permitted};
use super::{Date, Pin, Roots, Text, TlsError};
use crate::sys::tls::{Connection, sha256};

/// What a certificate chain is measured by.
pub(super) struct Policy<'a> {
    pub name: ServerName<'a>,
    pub roots: Roots<'a>,
    /// The date, unless dates are not checked.
    pub now: Option<Date>,
    pub pins: &'a [Pin],
}

/// Verifies the chain that the peer has shown, and tells the last moment at which all of it is valid.
pub(super) fn verify(connection: &Connection, policy: &Policy<'_>) -> Result<Date, TlsError> {
    let Some(Ok(peer)) = connection.peer_chain().next().map(Certificate::parse) else {
        return Err(malformed());
    };
    let roots = policy.roots.for_chain(connection)?;
    let mut judge = Judge { policy, peer: &peer, findings: Findings::default() };
    let flags = connection
        .verify(&roots, &mut |distance, der, flags| judge.consider(distance, der, flags))
        .map_err(TlsError::from_internal)?;
    let mut findings = judge.findings;
    if !policy.pins.is_empty() && !findings.pinned {
        findings.flags |= ffi::MBEDTLS_X509_BADCERT_OTHER;
    }
    let flags = flags | findings.flags;
    if flags == 0 {
        return findings.not_after.ok_or_else(malformed);
    }
    Err(policy.reason(flags, &findings, &peer, roots.len() > 0))
}

/// Checks the pin of the peer's own key, where nothing else is checked.
///
/// The other certificates of an unverified chain prove nothing: anyone can send them.
pub(super) fn verify_pin_only(connection: &Connection, pins: &[Pin]) -> Result<(), TlsError> {
    if pins.is_empty() {
        return Ok(());
    }
    let Some(Ok(peer)) = connection.peer_chain().next().map(Certificate::parse) else {
        return Err(malformed());
    };
    let seen = Pin(sha256(peer.public_key).map_err(TlsError::from_internal)?);
    if pins.contains(&seen) {
        Ok(())
    } else {
        Err(TlsError::PinMismatch { seen, flags: ffi::MBEDTLS_X509_BADCERT_OTHER })
    }
}

/// Collects what is wrong with a path, certificate by certificate.
struct Judge<'a> {
    policy: &'a Policy<'a>,
    peer: &'a Certificate<'a>,
    findings: Findings,
}

#[derive(Default)]
struct Findings {
    flags: u32,
    /// The issuer of the last certificate of the path, which is missing if the path ends nowhere.
    issuer: Option<Text>,
    /// The earliest last moment of a certificate of the path.
    not_after: Option<Date>,
    expired: Option<Date>,
    not_yet_valid: Option<Date>,
    malformed: bool,
    critical: bool,
    constrained: bool,
    pinned: bool,
}

impl Judge<'_> {
    fn consider(&mut self, distance: usize, der: &[u8], flags: u32) -> u32 {
        let by_date = ffi::MBEDTLS_X509_BADCERT_EXPIRED | ffi::MBEDTLS_X509_BADCERT_FUTURE;
        match Certificate::parse(der).and_then(|certificate| self.examine(distance, &certificate)) {
            // Whether mbedTLS looks at dates, and by which clock, is up to its configuration: this crate does
            // by its own.
            Ok(own) => flags & !by_date | own,
            Err(Malformed) => {
                self.findings.malformed = true;
                flags | ffi::MBEDTLS_X509_BADCERT_OTHER
            }
        }
    }

    fn examine(&mut self, distance: usize, certificate: &Certificate<'_>) -> Result<u32, Malformed> {
        let mut flags = 0;
        let findings = &mut self.findings;
        // The root, or what should have one above it, comes first.
        findings.issuer.get_or_insert_with(|| Text::from_bytes(telling_part(certificate.issuer)));

        let not_after = certificate.not_after;
        findings.not_after = Some(findings.not_after.map_or(not_after, |earlier| earlier.min(not_after)));
        if let Some(now) = self.policy.now {
            if now > certificate.not_after {
                flags |= ffi::MBEDTLS_X509_BADCERT_EXPIRED;
                findings.expired = Some(certificate.not_after);
            }
            if now < certificate.not_before {
                flags |= ffi::MBEDTLS_X509_BADCERT_FUTURE;
                findings.not_yet_valid = Some(certificate.not_before);
            }
        }

        for extension in certificate.extensions() {
            let extension = extension?;
            if extension.id == id::NAME_CONSTRAINTS {
                if distance > 0 && !is_permitted(extension.value, self.peer)? {
                    findings.constrained = true;
                    flags |= ffi::MBEDTLS_X509_BADCERT_OTHER;
                }
            } else if extension.critical && !is_understood(extension.id) {
                findings.critical = true;
                flags |= ffi::MBEDTLS_X509_BADCERT_OTHER;
            }
        }

        if !certificate.serves_tls()? {
            flags |= ffi::MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
        }
        if distance == 0 {
            if !certificate.may_sign()? {
                flags |= ffi::MBEDTLS_X509_BADCERT_KEY_USAGE;
            }
            if !self.policy.name.is_named_by(certificate)? {
                flags |= ffi::MBEDTLS_X509_BADCERT_CN_MISMATCH;
            }
        }
        if !self.policy.pins.is_empty() {
            // Without a digest there is no pin, and without a pin no connection.
            findings.pinned |=
                sha256(certificate.public_key).is_ok_and(|digest| self.policy.pins.contains(&Pin(digest)));
        }
        Ok(flags)
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

impl Policy<'_> {
    /// The first thing to mend: whom to trust, then the certificate itself, its dates, its names, its use.
    fn reason(
        &self,
        flags: u32,
        findings: &Findings,
        peer: &Certificate<'_>,
        is_root_known: bool,
    ) -> TlsError {
        const WEAK: u32 = ffi::MBEDTLS_X509_BADCERT_BAD_MD
            | ffi::MBEDTLS_X509_BADCERT_BAD_PK
            | ffi::MBEDTLS_X509_BADCERT_BAD_KEY;
        const USAGE: u32 = ffi::MBEDTLS_X509_BADCERT_KEY_USAGE | ffi::MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
        if flags & ffi::MBEDTLS_X509_BADCERT_NOT_TRUSTED != 0 {
            let issuer = findings.issuer.unwrap_or(Text::new());
            return if is_root_known {
                TlsError::BadSignature { issuer, flags }
            } else if peer.issuer == peer.subject {
                TlsError::SelfSigned { subject: Text::from_bytes(telling_part(peer.subject)), flags }
            } else {
                TlsError::UnknownIssuer { issuer, flags }
            };
        }
        if findings.malformed {
            return TlsError::InvalidCertificate { code: 0, flags };
        }
        if findings.critical {
            return TlsError::CriticalExtension { code: 0, flags };
        }
        if flags & WEAK != 0 {
            return TlsError::WeakCertificate { flags };
        }
        if let Some(now) = self.now {
            if let Some(not_after) = findings.expired {
                return TlsError::Expired { not_after, now, flags };
            }
            if let Some(not_before) = findings.not_yet_valid {
                return TlsError::NotYetValid { not_before, now, flags };
            }
        }
        if flags & ffi::MBEDTLS_X509_BADCERT_CN_MISMATCH != 0 {
            let names = names(peer);
            return if names.is_empty() {
                TlsError::NoAlternativeNames { flags }
            } else {
                TlsError::HostMismatch { names, flags }
            };
        }
        if flags & USAGE != 0 {
            return TlsError::NotForServers { flags };
        }
        if findings.constrained {
            return TlsError::NameConstraints { flags };
        }
        match sha256(peer.public_key) {
            Ok(digest) if flags == ffi::MBEDTLS_X509_BADCERT_OTHER && !findings.pinned => {
                TlsError::PinMismatch { seen: Pin(digest), flags }
            }
            _ => TlsError::InvalidCertificate { code: 0, flags },
        }
    }
}

/// The names that a certificate is for, as many as fit.
fn names(certificate: &Certificate<'_>) -> Text {
    let mut text = Text::new();
    for name in certificate.alternative_names().into_iter().flatten().flatten() {
        let separate = |text: &mut Text| {
            if !text.is_empty() {
                text.push(b", ");
            }
        };
        match name {
            GeneralName::Dns(name) => {
                separate(&mut text);
                text.push(name);
            }
            GeneralName::Ip(bytes) => {
                separate(&mut text);
                let _ = write!(text, "{}", Address(bytes));
            }
            GeneralName::Other => {}
        }
    }
    text
}

/// An address as a certificate has it, in text.
struct Address<'a>(&'a [u8]);

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Ok(octets) = <[u8; 4]>::try_from(self.0) {
            Ipv4Addr::from(octets).fmt(f)
        } else if let Ok(octets) = <[u8; 16]>::try_from(self.0) {
            Ipv6Addr::from(octets).fmt(f)
        } else {
            f.write_str("?")
        }
    }
}

fn malformed() -> TlsError {
    TlsError::InvalidCertificate { code: ffi::MBEDTLS_ERR_SSL_BAD_CERTIFICATE, flags: 0 }
}
