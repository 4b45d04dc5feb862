// SPDX-License-Identifier: Apache-2.0
//! The result of the verification of a path: the end of its validity, or the most important flaw.

use core::fmt::{self, Write as _};
use core::net::{Ipv4Addr, Ipv6Addr};

use mbedtls_sys as ffi;

use super::certificate::{Certificate, GeneralName, telling_part};
use super::flaw::{self, WEAK};
use super::path::{End, Steps, Top};
use super::policy::{Policy, Role};
use crate::sys::tls::{Chain, sha256};
use crate::tls::details::{Details, DetailsWriter};
use crate::tls::{Date, Pin, TlsError};

impl Policy<'_> {
    /// Returns the last moment at which all certificates of the path are valid, or its most important flaw.
    // Not inlined, so that its variables are not on the stack while signatures are checked.
    #[inline(never)]
    pub(super) fn judge(
        &self,
        sent: Chain<'_>,
        peer: &Certificate<'_>,
        end: End<'_>,
        steps: &Steps,
        buffer: &mut [u8],
    ) -> Result<Date, TlsError> {
        let certificate =
            |index: u8| sent.clone().nth(index.into()).and_then(|sent| Certificate::parse(sent.der()).ok());
        let mut findings = Findings::default();
        let mut step = end.last;
        let mut above = match end.top {
            Top::Root(root) => Certificate::parse(root.der()).ok(),
            Top::Itself | Top::Missing(_) => None,
        };
        // From the root, or from the certificate without an issuer, down to the peer's own certificate.
        loop {
            if let Some(authority) = &above {
                findings.add(self.flaws(authority, peer, Role::Authority), authority);
                if authority.is_exceeded_by(step.authorities) {
                    findings.flaws |= flaw::PATH_LENGTH;
                    findings.exceeded = telling_part(authority.subject);
                }
            }
            if step.index == 0 {
                break;
            }
            above = certificate(step.index);
            step = steps.get(usize::from(step.below)).copied().unwrap_or_default();
        }
        findings.add(self.flaws(peer, peer, Role::Peer), peer);
        findings.flaws |= end.last.weak();
        if !end.last.is_pinned {
            findings.flaws |= flaw::UNPINNED;
        }
        if let Top::Missing(hindrance) = end.top {
            let last = certificate(end.last.index);
            let last = last.as_ref().unwrap_or(peer);
            let is_readable = sent.clone().all(|sent| Certificate::parse(sent.der()).is_ok());
            return Err(untrusted(
                findings.flags(),
                last,
                end.last.index == 0,
                hindrance,
                is_readable,
                buffer,
            ));
        }
        if findings.flaws == 0 {
            return findings.not_after.ok_or_else(malformed);
        }
        Err(self.reason(&findings, peer, buffer))
    }

    /// The most important flaw, in this order: of the path, of the certificates, their dates, names, usage.
    fn reason(&self, findings: &Findings<'_>, peer: &Certificate<'_>, buffer: &mut [u8]) -> TlsError {
        const USAGE: u32 = ffi::MBEDTLS_X509_BADCERT_KEY_USAGE | ffi::MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
        let flags = findings.flags();
        let has = |flaws: u32| findings.flaws & flaws != 0;
        if has(flaw::MALFORMED) {
            return TlsError::InvalidCertificate { code: 0, flags };
        }
        if has(flaw::CRITICAL_EXTENSION) {
            return TlsError::CriticalExtension { code: 0, flags };
        }
        if has(flaw::PATH_LENGTH) {
            return TlsError::PathLength { details: DetailsWriter::write(buffer, findings.exceeded), flags };
        }
        if has(WEAK) {
            return TlsError::WeakCertificate { flags };
        }
        if let Some(now) = self.now {
            if let Some(not_after) = findings.expired {
                let text = format_args!("{not_after} (the clock says {now})");
                return TlsError::Expired { details: DetailsWriter::format(buffer, text), flags };
            }
            if let Some(not_before) = findings.not_yet_valid {
                let text = format_args!("{not_before}, but the clock says {now}");
                return TlsError::NotYetValid { details: DetailsWriter::format(buffer, text), flags };
            }
        }
        if has(ffi::MBEDTLS_X509_BADCERT_CN_MISMATCH) {
            return match write_names(peer, buffer) {
                Some(details) => TlsError::HostMismatch { details, flags },
                None => TlsError::NoAlternativeNames { flags },
            };
        }
        if has(USAGE) {
            return TlsError::NotForServers { flags };
        }
        if has(flaw::NAME_CONSTRAINTS) {
            return TlsError::NameConstraints { flags };
        }
        match sha256(peer.public_key) {
            Ok(digest) => pin_mismatch(Pin(digest), flags, buffer),
            Err(failure) => TlsError::from_internal(failure),
        }
    }
}

/// Why no path leads to a root from `last`, which is the peer's own certificate or the last one above it.
fn untrusted(
    flags: u32,
    last: &Certificate<'_>,
    is_peer: bool,
    hindrance: u32,
    is_readable: bool,
    buffer: &mut [u8],
) -> TlsError {
    let flags = flags | ffi::MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    let details = DetailsWriter::write(buffer, telling_part(last.issuer));
    if hindrance & flaw::NOT_SIGNED != 0 {
        TlsError::BadSignature { details, flags }
    } else if is_peer && last.is_self_issued() {
        TlsError::SelfSigned { details, flags }
    } else if hindrance & flaw::NOT_AUTHORITY != 0 {
        TlsError::NotAnAuthority { details, flags }
    } else if !is_readable {
        TlsError::InvalidCertificate { code: 0, flags }
    } else {
        TlsError::UnknownIssuer { details, flags }
    }
}

/// The flaws of a path, collected from all its certificates.
#[derive(Default)]
struct Findings<'a> {
    flaws: u32,
    /// The earliest end of validity of all certificates.
    not_after: Option<Date>,
    expired: Option<Date>,
    not_yet_valid: Option<Date>,
    /// The name of the authority that has too many authorities below it.
    exceeded: &'a [u8],
}

impl Findings<'_> {
    fn add(&mut self, flaws: u32, certificate: &Certificate<'_>) {
        self.flaws |= flaws;
        let not_after = certificate.not_after;
        self.not_after = Some(self.not_after.map_or(not_after, |earlier| earlier.min(not_after)));
        if flaws & ffi::MBEDTLS_X509_BADCERT_EXPIRED != 0 {
            self.expired = Some(not_after);
        }
        if flaws & ffi::MBEDTLS_X509_BADCERT_FUTURE != 0 {
            self.not_yet_valid = Some(certificate.not_before);
        }
    }

    /// The flaws as mbedTLS's verify flags.
    const fn flags(&self) -> u32 {
        const OTHER: u32 =
            flaw::MALFORMED | flaw::CRITICAL_EXTENSION | flaw::NAME_CONSTRAINTS | flaw::UNPINNED;
        let mut flags = self.flaws & flaw::FLAGS;
        if self.flaws & OTHER != 0 {
            flags |= ffi::MBEDTLS_X509_BADCERT_OTHER;
        }
        if self.flaws & flaw::PATH_LENGTH != 0 {
            flags |= ffi::MBEDTLS_X509_BADCERT_NOT_TRUSTED;
        }
        flags
    }
}

/// No key has a pin; the details are the pin that the server's own key would have.
pub(super) fn pin_mismatch(seen: Pin, flags: u32, buffer: &mut [u8]) -> TlsError {
    TlsError::PinMismatch { details: DetailsWriter::format(buffer, format_args!("{seen}")), flags }
}

/// Writes the names in a certificate, as many as fit. `None` if there are none.
fn write_names(certificate: &Certificate<'_>, buffer: &mut [u8]) -> Option<Details> {
    let mut text = DetailsWriter::new(buffer);
    let mut separator: &[u8] = b"";
    for name in certificate.alternative_names().into_iter().flatten().flatten() {
        match name {
            GeneralName::Dns(name) => {
                text.push(separator);
                text.push(name);
            }
            GeneralName::Ip(bytes) => {
                text.push(separator);
                let _ = write!(text, "{}", Address(bytes));
            }
            GeneralName::Other => continue,
        }
        separator = b", ";
    }
    (!separator.is_empty()).then(|| text.finish())
}

/// The text of an IP address in a certificate.
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

pub(super) fn malformed() -> TlsError {
    TlsError::InvalidCertificate { code: ffi::MBEDTLS_ERR_SSL_BAD_CERTIFICATE, flags: 0 }
}
