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

/// How the dates of certificates are checked on a machine that does not know the date.
///
/// Where the date is known, they are always checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DatePolicy {
    /// Without the date there is no connection: [`TlsError::ClockNotSet`](super::TlsError::ClockNotSet).
    #[default]
    Required,
    /// Without the date, certificates are accepted that have expired or are not valid yet.
    ///
    /// An attacker who has a stolen key and its expired certificate is accepted then. Setting the clock ends
    /// that: new connections are checked, and sessions made before are not resumed. Open connections stay
    /// open, until [`Session::close`](crate::Session::close) ends them.
    IgnoredWithoutClock,
}

/// Where trust begins.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(tls_sockets, expect(dead_code, reason = "secure sockets refuse certificates, whichever they are"))]
pub(super) enum Roots<'a> {
    /// The authorities that are built in.
    Bundle,
    /// These.
    Given(Texts<'a>),
    /// The authorities that are built in, and these.
    BundleAnd(Texts<'a>),
}

/// Certificates in DER, one or several in a row, or in PEM.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(tls_sockets, expect(dead_code, reason = "secure sockets refuse certificates, whichever they are"))]
pub(super) enum Texts<'a> {
    Many(&'a [&'a [u8]]),
    /// As C gives them.
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

    /// Whether they are in the same place.
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

/// The settings of TLS connections: the roots, the client's own certificate, and what a server must meet.
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
    /// The defaults: servers are verified against the built-in authorities, by TLS 1.2 or newer, without a
    /// client certificate. Dates are required, except on Zephyr with `CONFIG_REQUESTS_TLS_UNCHECKED_DATES`.
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
    /// Each slice holds certificates in PEM, or one or several in DER. They may include intermediate
    /// authorities, and the certificate of a server itself, which is trusted for its own names and dates no
    /// matter who signed it. The certificates are read when a server sends its chain, and only those that the
    /// chain needs are in RAM meanwhile. So the list of an operating system takes no more RAM than one root.
    #[must_use]
    pub const fn roots(mut self, certificates: &'a [&'a [u8]]) -> Self {
        self.roots = Roots::Given(Texts::Many(certificates));
        self
    }

    /// Trusts these certificates, as [`roots`](Self::roots) takes them, besides the built-in authorities.
    #[must_use]
    pub const fn extra_roots(mut self, certificates: &'a [&'a [u8]]) -> Self {
        self.roots = Roots::BundleAnd(Texts::Many(certificates));
        self
    }

    /// As [`roots`](Self::roots), or as [`extra_roots`](Self::extra_roots), of one text.
    #[cfg(feature = "capi")]
    pub(crate) const fn one_text_of_roots(mut self, certificates: &'a [u8], is_extra: bool) -> Self {
        let texts = Texts::One(certificates);
        self.roots = if is_extra { Roots::BundleAnd(texts) } else { Roots::Given(texts) };
        self
    }

    /// Sends this certificate to servers that ask for one, and proves that the client has this key.
    ///
    /// Servers that a redirect leads to get it too: they learn the identity, but not the key. To prevent that,
    /// follow no redirects.
    ///
    /// Both in DER or PEM; the certificate first, then what leads from it to the root. The key is RSA or EC,
    /// in PKCS #8, PKCS #1 or SEC 1 form, not encrypted.
    #[must_use]
    pub const fn identity(mut self, certificates: &'a [u8], key: &'a [u8]) -> Self {
        self.identity = Some((certificates, key));
        self
    }

    /// Uses what the application has registered under these security tags by Zephyr's `tls_credential_add()`:
    ///
    /// - `TLS_CREDENTIAL_CA_CERTIFICATE`: certificates to trust, as [`roots`](Self::roots) takes them, in place of
    ///   the built-in authorities. Where [`roots`](Self::roots) or [`extra_roots`](Self::extra_roots) was called, the
    ///   roots given there count and these do not. Where none of the tags has any, the built-in ones count.
    /// - `TLS_CREDENTIAL_PUBLIC_CERTIFICATE` with `TLS_CREDENTIAL_PRIVATE_KEY`: what
    ///   [`identity`](Self::identity) takes, unless that was called. Of several tags that have it, the first counts.
    ///
    /// The credentials are looked up for each connection: a tag without any of these is an error then. They
    /// are copied to mbedTLS's heap only while they are read.
    ///
    /// Takes `CONFIG_TLS_CREDENTIALS`, which `CONFIG_REQUESTS_TLS` sets unless told otherwise.
    #[cfg(feature = "zephyr")]
    #[must_use]
    pub const fn credentials(mut self, tags: &'a [u32]) -> Self {
        self.tags = tags;
        self
    }

    /// Besides all other checks, demands that a key of the chain has one of these pins.
    ///
    /// The key can be the server's own, an intermediate authority's, or the root's.
    #[must_use]
    pub const fn pins(mut self, pins: &'a [Pin]) -> Self {
        self.pins = pins;
        self
    }

    /// Speaks no older version than this.
    #[must_use]
    pub const fn min_version(mut self, version: TlsVersion) -> Self {
        self.min_version = version;
        self
    }

    /// Sets how dates are checked on a machine that does not know the date.
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
