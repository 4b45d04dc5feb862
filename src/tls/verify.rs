// SPDX-License-Identifier: Apache-2.0
//! The decision whether the peer is who it should be.
//!
//! mbedTLS checks signatures, the strength of digests and keys, and whether a root may sign certificates. The rest is
//! here: the path to a root, dates by this machine's own clock, names by subject alternative names only, path lengths,
//! key usages, unknown critical extensions, name constraints, pins.

use core::fmt::{self, Write as _};
use core::net::{Ipv4Addr, Ipv6Addr};

use mbedtls_sys as ffi;

use super::certificate::{Certificate, GeneralName, id, telling_part};
use super::der::Malformed;
use super::name::{ServerName, is_permitted};
use super::path::{Demand, End, MAX_SENT, Search, Step, Steps, Top, WEAK};
use super::{Date, Pin, Roots, Text, TlsError};
use crate::sys::tls::{Certificates, Chain, Connection, Parsed, sha256};
use crate::transport::IoError;

/// What a certificate chain is measured by.
pub(super) struct Policy<'a> {
    pub name: ServerName<'a>,
    pub roots: Roots<'a>,
    /// The date, unless dates are not checked.
    pub now: Option<Date>,
    pub pins: &'a [Pin],
}

/// What can be wrong with a certificate or a path and has no verify flag of mbedTLS's own.
pub(super) mod flaw {
    pub(in crate::tls) const MALFORMED: u32 = 1 << 24;
    pub(in crate::tls) const CRITICAL_EXTENSION: u32 = 1 << 25;
    pub(in crate::tls) const NAME_CONSTRAINTS: u32 = 1 << 26;
    pub(in crate::tls) const PATH_LENGTH: u32 = 1 << 27;
    pub(in crate::tls) const UNPINNED: u32 = 1 << 28;
    /// A root has the issuer's name, but has not signed the certificate.
    pub(in crate::tls) const NOT_SIGNED: u32 = 1 << 29;
    /// What has the issuer's name may not sign certificates.
    pub(in crate::tls) const NOT_AUTHORITY: u32 = 1 << 30;
    /// Those of mbedTLS.
    pub(super) const FLAGS: u32 = (1 << 24) - 1;
}

/// Verifies the chain that the peer has shown, and tells the last moment at which all of it is valid.
///
/// `go_on` is called now and then, and fails once there is no time left.
pub(super) fn verify(
    connection: &Connection,
    policy: &Policy<'_>,
    go_on: &mut dyn FnMut() -> Result<(), IoError>,
) -> Result<Date, TlsError> {
    let Some(own) = connection.peer_chain().next() else { return Err(malformed()) };
    let Ok(peer) = Certificate::parse(own.der()) else { return Err(malformed()) };
    if connection.peer_chain().nth(MAX_SENT).is_some() {
        return Err(TlsError::TooManyCertificates);
    }
    let roots = policy.roots.for_chain(connection)?;
    let mut steps = Steps::new();
    let itself = trusted_itself(own, policy, &peer, &roots)?;
    let end = match itself {
        Some(end) if end.last.is_pinned => end,
        _ => {
            let mut search = Search::new(policy, connection.peer_chain(), &peer, &roots, go_on);
            let end = find_path(&mut search, policy, &mut steps)?;
            itself.filter(|_| matches!(end.top, Top::Missing(_))).unwrap_or(end)
        }
    };
    policy.judge(connection.peer_chain(), &peer, end, &steps)
}

/// The end of the path that is the peer's own certificate alone: it is one of the roots.
fn trusted_itself(
    own: Parsed<'_>,
    policy: &Policy<'_>,
    peer: &Certificate<'_>,
    roots: &Certificates,
) -> Result<Option<End<'static>>, TlsError> {
    let Some(root) = roots.iter().find(|root| root.der() == own.der()) else { return Ok(None) };
    let flags = own.flags_under(root).map_err(TlsError::from_internal)?;
    let last = Step::alone(policy.is_pinned(peer), flags);
    Ok(Some(End { last, top: Top::Itself }))
}

/// The end of the best path that there is.
fn find_path<'a>(
    search: &mut Search<'a, '_>,
    policy: &Policy<'_>,
    steps: &mut Steps,
) -> Result<End<'a>, TlsError> {
    // Without pins the first is the second.
    let demands =
        if policy.pins.is_empty() { &[Demand::Sound][..] } else { &[Demand::Pinned, Demand::Sound] };
    for &demand in demands {
        let end = search.run(demand, steps)?;
        if matches!(end.top, Top::Root(_)) {
            return Ok(end);
        }
    }
    search.run(Demand::Any, steps)
}

/// Checks the pin of the peer's own key, where nothing else is checked.
///
/// The other certificates of an unverified chain prove nothing: anyone can send them.
pub(super) fn verify_pin_only(connection: &Connection, pins: &[Pin]) -> Result<(), TlsError> {
    if pins.is_empty() {
        return Ok(());
    }
    let Some(Ok(peer)) = connection.peer_chain().next().map(|own| Certificate::parse(own.der())) else {
        return Err(malformed());
    };
    let seen = Pin(sha256(peer.public_key).map_err(TlsError::from_internal)?);
    if pins.contains(&seen) {
        Ok(())
    } else {
        Err(TlsError::PinMismatch { seen, flags: ffi::MBEDTLS_X509_BADCERT_OTHER })
    }
}

impl Policy<'_> {
    /// Whether the key has a pin; where there are none, it does.
    pub(super) fn is_pinned(&self, certificate: &Certificate<'_>) -> bool {
        // Without a digest there is no pin, and without a pin no connection.
        self.pins.is_empty()
            || sha256(certificate.public_key).is_ok_and(|digest| self.pins.contains(&Pin(digest)))
    }

    /// What is wrong with a certificate of the path of `peer`, which it may be itself.
    pub(super) fn flaws(&self, certificate: &Certificate<'_>, peer: &Certificate<'_>, is_peer: bool) -> u32 {
        self.examine(certificate, peer, is_peer).unwrap_or(flaw::MALFORMED)
    }

    fn examine(
        &self,
        certificate: &Certificate<'_>,
        peer: &Certificate<'_>,
        is_peer: bool,
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
                if !is_peer && !is_permitted(extension.value, peer)? {
                    flaws |= flaw::NAME_CONSTRAINTS;
                }
            } else if extension.critical && !is_understood(extension.id) {
                flaws |= flaw::CRITICAL_EXTENSION;
            }
        }
        if !certificate.serves_tls()? {
            flaws |= ffi::MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
        }
        if is_peer {
            if !certificate.may_sign()? {
                flaws |= ffi::MBEDTLS_X509_BADCERT_KEY_USAGE;
            }
            if !self.name.is_named_by(certificate)? {
                flaws |= ffi::MBEDTLS_X509_BADCERT_CN_MISMATCH;
            }
        }
        Ok(flaws)
    }

    /// The last moment at which all of the path is valid that ends there, or what to mend about it first.
    // Not in the frame that is on the stack while signatures are checked.
    #[inline(never)]
    fn judge(
        &self,
        sent: Chain<'_>,
        peer: &Certificate<'_>,
        end: End<'_>,
        steps: &Steps,
    ) -> Result<Date, TlsError> {
        let certificate =
            |index: u8| sent.clone().nth(index.into()).and_then(|sent| Certificate::parse(sent.der()).ok());
        let mut findings = Findings::default();
        let mut step = end.last;
        let mut above = match end.top {
            Top::Root(root) => Certificate::parse(root.der()).ok(),
            Top::Itself | Top::Missing(_) => None,
        };
        // From the root, or from what should have one above it, to the peer's own certificate.
        loop {
            if let Some(authority) = &above {
                findings.add(self.flaws(authority, peer, false), authority);
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
        findings.add(self.flaws(peer, peer, true), peer);
        findings.flaws |= end.last.weak();
        if !end.last.is_pinned {
            findings.flaws |= flaw::UNPINNED;
        }
        if let Top::Missing(hindrance) = end.top {
            let last = certificate(end.last.index);
            let last = last.as_ref().unwrap_or(peer);
            let is_readable = sent.clone().all(|sent| Certificate::parse(sent.der()).is_ok());
            return Err(untrusted(findings.flags(), last, end.last.index == 0, hindrance, is_readable));
        }
        if findings.flaws == 0 {
            return findings.not_after.ok_or_else(malformed);
        }
        Err(self.reason(&findings, peer))
    }

    /// The first thing to mend: the path, then the certificates themselves, their dates, names, use.
    fn reason(&self, findings: &Findings<'_>, peer: &Certificate<'_>) -> TlsError {
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
            return TlsError::PathLength { authority: Text::from_bytes(findings.exceeded), flags };
        }
        if has(WEAK) {
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
        if has(ffi::MBEDTLS_X509_BADCERT_CN_MISMATCH) {
            let names = names(peer);
            return if names.is_empty() {
                TlsError::NoAlternativeNames { flags }
            } else {
                TlsError::HostMismatch { names, flags }
            };
        }
        if has(USAGE) {
            return TlsError::NotForServers { flags };
        }
        if has(flaw::NAME_CONSTRAINTS) {
            return TlsError::NameConstraints { flags };
        }
        match sha256(peer.public_key) {
            Ok(digest) => TlsError::PinMismatch { seen: Pin(digest), flags },
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
) -> TlsError {
    let flags = flags | ffi::MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    let issuer = Text::from_bytes(telling_part(last.issuer));
    if hindrance & flaw::NOT_SIGNED != 0 {
        TlsError::BadSignature { issuer, flags }
    } else if is_peer && last.is_self_issued() {
        TlsError::SelfSigned { subject: issuer, flags }
    } else if hindrance & flaw::NOT_AUTHORITY != 0 {
        TlsError::NotAnAuthority { issuer, flags }
    } else if !is_readable {
        TlsError::InvalidCertificate { code: 0, flags }
    } else {
        TlsError::UnknownIssuer { issuer, flags }
    }
}

/// What is wrong with a path, certificate by certificate.
#[derive(Default)]
struct Findings<'a> {
    flaws: u32,
    /// The earliest last moment of a certificate of the path.
    not_after: Option<Date>,
    expired: Option<Date>,
    not_yet_valid: Option<Date>,
    /// The name of the authority that has too many others below it.
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

    /// What there is wrong, as mbedTLS's verify flags.
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
