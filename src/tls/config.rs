// SPDX-License-Identifier: Apache-2.0
//! The settings of TLS connections.

use core::fmt;

use super::pin::Pin;
use crate::config::TLS_UNCHECKED_DATES;

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2, RFC 5246.
    #[default]
    Tls12,
    /// TLS 1.3, RFC 8446.
    Tls13,
}

/// How the dates of certificates are checked while the clock is not set.
///
/// When the clock is set, they are always checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DatePolicy {
    /// There is no connection without the date: [`TlsError::ClockNotSet`](super::TlsError::ClockNotSet).
    #[default]
    Required,
    /// Dates are ignored while the clock is not set: certificates that have expired or are not valid yet are
    /// accepted.
    ///
    /// So an attacker with a stolen key and its expired certificate is accepted. When the clock is set, this
    /// ends: new connections are checked, and TLS sessions from before are not resumed. Open connections stay
    /// open until [`Session::close`](crate::Session::close) closes them.
    IgnoredWithoutClock,
}

/// The roots that are trusted.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    all(tls_sockets, not(feature = "capi")),
    expect(dead_code, reason = "secure sockets refuse certificates, whichever they are")
)]
pub(super) enum Roots<'a> {
    /// The built-in roots.
    Bundle,
    /// Only these.
    Given(Texts<'a>),
    /// The built-in roots and these.
    BundleAnd(Texts<'a>),
}

/// Certificates in PEM, or in DER one after the other.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(tls_sockets, expect(dead_code, reason = "secure sockets refuse certificates, whichever they are"))]
pub(super) enum Texts<'a> {
    Many(&'a [&'a [u8]]),
    /// One text, from the C API.
    #[cfg(feature = "capi")]
    One(&'a [u8]),
}

#[cfg(not(tls_sockets))]
impl<'a> Texts<'a> {
    pub(super) const fn as_slice(&self) -> &[&'a [u8]] {
        match self {
            Self::Many(texts) => texts,
            #[cfg(feature = "capi")]
            Self::One(text) => core::slice::from_ref(text),
        }
    }

    /// Whether both are the same memory.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Many(one), Self::Many(other)) => core::ptr::eq(*one, *other),
            #[cfg(feature = "capi")]
            (Self::One(one), Self::One(other)) => core::ptr::eq(*one, *other),
            #[cfg(feature = "capi")]
            _ => false,
        }
    }
}

/// The settings of TLS connections: the roots, the client's own certificate, and requirements for the server.
///
/// It borrows everything, so it can live in flash:
///
/// ```
/// use requests::tls::{TlsConfig, TlsVersion};
///
/// static OUR_ROOT: &[u8] = b"-----BEGIN CERTIFICATE-----\n...";
/// static ROOTS: [&[u8]; 1] = [OUR_ROOT];
/// static CONFIG: TlsConfig<'static> =
///     TlsConfig::new().roots(&ROOTS).min_version(TlsVersion::Tls13);
/// ```
#[derive(Clone, Copy)]
pub struct TlsConfig<'a> {
    pub(super) roots: Roots<'a>,
    pub(super) identity: Option<(&'a [u8], &'a [u8])>,
    /// Zephyr's security tags; empty without the feature `zephyr`.
    pub(super) tags: &'a [u32],
    pub(super) pins: &'a [Pin],
    pub(super) min_version: TlsVersion,
    pub(super) dates: DatePolicy,
    pub(super) is_verified: bool,
}

impl<'a> TlsConfig<'a> {
    /// The defaults: servers are verified against the built-in roots, with TLS 1.2 or newer, without a client
    /// certificate. Dates are required, except on Zephyr with `CONFIG_REQUESTS_TLS_UNCHECKED_DATES`.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            roots: Roots::Bundle,
            identity: None,
            tags: &[],
            pins: &[],
            min_version: TlsVersion::Tls12,
            dates: if TLS_UNCHECKED_DATES { DatePolicy::IgnoredWithoutClock } else { DatePolicy::Required },
            is_verified: true,
        }
    }

    /// Trusts these certificates and no others.
    ///
    /// Each slice contains certificates in PEM, or in DER one after the other. A root can also be an intermediate
    /// authority, or the certificate of a server itself, which is then trusted for its own names and dates, no
    /// matter who signed it. The certificates are read when a server sends its chain. Only those that the chain
    /// needs are copied to RAM, until the handshake is over. So a long list takes no more RAM than one root.
    #[must_use]
    pub const fn roots(mut self, certificates: &'a [&'a [u8]]) -> Self {
        self.roots = Roots::Given(Texts::Many(certificates));
        self
    }

    /// Trusts these certificates in addition to the built-in roots. Their format is that of
    /// [`roots`](Self::roots).
    #[must_use]
    pub const fn extra_roots(mut self, certificates: &'a [&'a [u8]]) -> Self {
        self.roots = Roots::BundleAnd(Texts::Many(certificates));
        self
    }

    /// As [`roots`](Self::roots) or [`extra_roots`](Self::extra_roots), with one text.
    #[cfg(feature = "capi")]
    pub(crate) const fn one_text_of_roots(mut self, certificates: &'a [u8], is_extra: bool) -> Self {
        let texts = Texts::One(certificates);
        self.roots = if is_extra { Roots::BundleAnd(texts) } else { Roots::Given(texts) };
        self
    }

    /// The roots, certificates and key that these settings borrow from a program in C, and the pins.
    #[cfg(feature = "capi")]
    pub(crate) fn borrowed(&self) -> ([&'a [u8]; 3], &'a [Pin]) {
        let roots = match self.roots {
            Roots::Given(Texts::One(text)) | Roots::BundleAnd(Texts::One(text)) => text,
            _ => &[],
        };
        let (certificates, key) = self.identity.unwrap_or_default();
        ([roots, certificates, key], self.pins)
    }

    /// Sends this certificate to servers that ask for one, and proves that the client has this key.
    ///
    /// The target of a redirect gets the certificate too. It learns the identity of the client, but not the key.
    /// To prevent that, follow no redirects.
    ///
    /// Both are in DER or PEM. The client's certificate comes first, then the intermediate certificates. The key is
    /// RSA or EC, in PKCS #8, PKCS #1 or SEC 1 form, not encrypted.
    #[must_use]
    pub const fn identity(mut self, certificates: &'a [u8], key: &'a [u8]) -> Self {
        self.identity = Some((certificates, key));
        self
    }

    /// Uses the credentials that the application has registered under these security tags by Zephyr's
    /// `tls_credential_add()`:
    ///
    /// - `TLS_CREDENTIAL_CA_CERTIFICATE`: roots, which replace the built-in ones. If none of the tags has any, the
    ///   built-in ones are used. If [`roots`](Self::roots) or [`extra_roots`](Self::extra_roots) was called, the
    ///   registered ones are ignored.
    /// - `TLS_CREDENTIAL_PUBLIC_CERTIFICATE` and `TLS_CREDENTIAL_PRIVATE_KEY`: the client's certificate and key, as
    ///   for [`identity`](Self::identity), unless that was called. If several tags have them, the first one counts.
    ///
    /// The credentials are looked up for each connection. If nothing of this is registered under a tag, the
    /// connection fails. The credentials are copied to mbedTLS's heap only while they are read.
    ///
    /// This needs `CONFIG_TLS_CREDENTIALS`, which `CONFIG_REQUESTS_TLS` implies.
    #[cfg(feature = "zephyr")]
    #[must_use]
    pub const fn credentials(mut self, tags: &'a [u32]) -> Self {
        self.tags = tags;
        self
    }

    /// Requires, in addition to all other checks, that a key of the chain has one of these pins: the key of the
    /// server, of an intermediate authority or of the root.
    #[must_use]
    pub const fn pins(mut self, pins: &'a [Pin]) -> Self {
        self.pins = pins;
        self
    }

    /// Sets the oldest version that is accepted. The default is TLS 1.2.
    #[must_use]
    pub const fn min_version(mut self, version: TlsVersion) -> Self {
        self.min_version = version;
        self
    }

    /// Sets how dates are checked while the clock is not set.
    #[must_use]
    pub const fn dates(mut self, policy: DatePolicy) -> Self {
        self.dates = policy;
        self
    }

    pub(super) const fn unverified(mut self) -> Self {
        self.is_verified = false;
        self
    }
}

impl Default for TlsConfig<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TlsConfig<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A log must hold neither keys nor whole certificates.
        f.debug_struct("TlsConfig")
            .field("has_own_roots", &!matches!(self.roots, Roots::Bundle))
            .field("has_identity", &self.identity.is_some())
            .field("credentials", &self.tags)
            .field("pins", &self.pins)
            .field("min_version", &self.min_version)
            .field("dates", &self.dates)
            .field("is_verified", &self.is_verified)
            .finish()
    }
}
