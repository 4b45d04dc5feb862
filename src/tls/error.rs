// SPDX-License-Identifier: Apache-2.0
//! Why TLS failed.

use super::alert::Alert;
use super::backend::sentences;
use super::details::Details;
use crate::transport::IoError;

/// Why a TLS connection was not made or ended early.
///
/// Errors about the peer's certificate have `flags`: all verify flags of mbedTLS (`MBEDTLS_X509_BADCERT_…`) that
/// apply. Errors that mbedTLS reported have its `code`.
///
/// The names and dates of a certificate are in the buffer of the handshake. [`message`](Self::message) includes
/// them in the sentence, and [`Details::text`] returns them alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsError {
    /// There are no roots to verify a server with: none were set or registered, and none are built in. With
    /// secure sockets: no security tags were set.
    NoRoots,
    /// The roots that were set, or the authorities registered under a security tag, contain no certificate in
    /// DER or PEM.
    InvalidRoots,
    /// Nothing that TLS can use is registered under this security tag.
    MissingCredential {
        /// The tag.
        tag: u32,
    },
    /// Under this security tag, only the client's certificate or only its key is registered.
    IncompleteIdentity {
        /// The tag.
        tag: u32,
    },
    /// The credentials of this security tag cannot be read: `CONFIG_TLS_CREDENTIALS` is not set, access is
    /// denied, or their storage fails.
    UnreadableCredential {
        /// The tag.
        tag: u32,
        /// Why.
        error: IoError,
    },
    /// Secure sockets (`CONFIG_REQUESTS_TLS_SOCKETS`) do not support this setting of
    /// [`TlsConfig`](super::TlsConfig), so no connection was made.
    UnsupportedSetting {
        /// The name of the method that sets it.
        setting: &'static str,
    },
    /// The handshake by a secure socket failed, or the server's certificate was refused. Secure sockets do not
    /// report which of the two, or why.
    HandshakeFailed(IoError),
    /// The host of the URL is not a name that a certificate can contain.
    InvalidServerName,
    /// The client's certificate or key cannot be read: it is damaged, encrypted, or of a type that this build
    /// does not support.
    InvalidIdentity {
        /// mbedTLS's code, or 0 if it is neither PEM nor DER.
        code: i32,
    },
    /// The client's key does not belong to its certificate.
    KeyMismatch {
        /// mbedTLS's code.
        code: i32,
    },
    /// The certificate's last day has passed.
    Expired {
        /// The end of its validity, and the time of this machine's clock.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The certificate is not valid yet, or the clock of this machine is wrong.
    NotYetValid {
        /// The start of its validity, and the time of this machine's clock.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The clock of this machine is not set, so the dates of certificates cannot be checked.
    ///
    /// Set the clock first, or choose [`DatePolicy::IgnoredWithoutClock`](super::DatePolicy).
    ClockNotSet,
    /// The issuer that the certificate names is not among the roots.
    ///
    /// Either the authority is not trusted, or the server does not send the right intermediate certificates.
    UnknownIssuer {
        /// The issuer's name.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The server signed its certificate itself, and it is not among the roots.
    SelfSigned {
        /// The name in the certificate.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// A root with the name of the issuer exists, but has not signed the certificate.
    BadSignature {
        /// The issuer's name.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The certificate with the name of the issuer may not sign certificates, according to its
    /// `basicConstraints` or `keyUsage` (RFC 5280 §4.2.1.9, §4.2.1.3).
    NotAnAuthority {
        /// The issuer's name.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// There are more authorities below an authority than its `pathLenConstraint` allows (RFC 5280 §4.2.1.9).
    PathLength {
        /// The authority's name.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The server has sent more than 32 certificates, or so many with the same name that 100 signatures were
    /// checked without finding a path to a root.
    TooManyCertificates,
    /// The certificate is for other hosts.
    HostMismatch {
        /// The first names in the certificate.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The certificate has no subject alternative name. The common name of its subject does not count.
    NoAlternativeNames {
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// No key of the chain has a pin.
    PinMismatch {
        /// The pin of the server's own key.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The key or the signature uses an algorithm that is no longer secure.
    WeakCertificate {
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The certificate is not for TLS servers, or a certificate above it is not for authorities of TLS servers.
    NotForServers {
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The name constraints of an authority exclude a name in the certificate.
    NameConstraints {
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The certificate has a critical extension that is not understood.
    CriticalExtension {
        /// mbedTLS's code, or 0 if mbedTLS itself would have ignored the extension.
        code: i32,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The certificate cannot be read, or is not valid for another reason.
    InvalidCertificate {
        /// mbedTLS's code.
        code: i32,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The peer ended the connection with an alert.
    AlertReceived {
        /// Which one.
        alert: Alert,
        /// mbedTLS's code.
        code: i32,
    },
    /// The client ended the connection with an alert, because of what the peer sent.
    AlertSent {
        /// Which one.
        alert: Alert,
        /// mbedTLS's code.
        code: i32,
    },
    /// The peer and this client have no version of TLS in common.
    UnsupportedVersion {
        /// mbedTLS's code, or 0 if the required version is not built in.
        code: i32,
    },
    /// mbedTLS was built without an algorithm or a protocol feature that this connection needs.
    MissingFeature {
        /// mbedTLS's code.
        code: i32,
    },
    /// The peer's messages are not valid TLS, or it sends messages without data and does not stop.
    Protocol {
        /// mbedTLS's code.
        code: i32,
    },
    /// A message of the peer, most likely its certificates, does not fit in mbedTLS's input buffer: raise
    /// `CONFIG_REQUESTS_TLS_IN_CONTENT_LEN`, up to 16384.
    TooLarge {
        /// mbedTLS's code.
        code: i32,
    },
    /// The peer closed the connection during the handshake.
    PeerClosed,
    /// The connection ended without a close_notify: data may be missing.
    Truncated,
    /// The deadline passed.
    TimedOut,
    /// The deadline's token was cancelled.
    Cancelled,
    /// The connection below TLS failed.
    Io(IoError),
    /// mbedTLS's heap is too small: raise `CONFIG_MBEDTLS_HEAP_SIZE`.
    OutOfMemory {
        /// mbedTLS's code.
        code: i32,
    },
    /// There are no random bytes.
    NoRandom {
        /// mbedTLS's code.
        code: i32,
    },
    /// This program does not match its mbedTLS, or this crate has a bug.
    Internal {
        /// mbedTLS's code.
        code: i32,
    },
}

impl TlsError {
    /// The name of the variant in lower case, the same in every release.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NoRoots => "no-roots",
            Self::InvalidRoots => "invalid-roots",
            Self::MissingCredential { .. } => "missing-credential",
            Self::IncompleteIdentity { .. } => "incomplete-identity",
            Self::UnreadableCredential { .. } => "unreadable-credential",
            Self::InvalidServerName => "invalid-server-name",
            Self::InvalidIdentity { .. } => "invalid-identity",
            Self::KeyMismatch { .. } => "key-mismatch",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::ClockNotSet => "clock-not-set",
            Self::UnknownIssuer { .. } => "unknown-issuer",
            Self::SelfSigned { .. } => "self-signed",
            Self::BadSignature { .. } => "bad-signature",
            Self::NotAnAuthority { .. } => "not-an-authority",
            Self::PathLength { .. } => "path-length",
            Self::TooManyCertificates => "too-many-certificates",
            Self::HostMismatch { .. } => "host-mismatch",
            Self::NoAlternativeNames { .. } => "no-alternative-names",
            Self::PinMismatch { .. } => "pin-mismatch",
            Self::WeakCertificate { .. } => "weak-certificate",
            Self::UnsupportedSetting { .. } => "unsupported-setting",
            Self::HandshakeFailed(_) => "handshake-failed",
            Self::NotForServers { .. } => "not-for-servers",
            Self::NameConstraints { .. } => "name-constraints",
            Self::CriticalExtension { .. } => "critical-extension",
            Self::InvalidCertificate { .. } => "invalid-certificate",
            Self::AlertReceived { .. } => "alert-received",
            Self::AlertSent { .. } => "alert-sent",
            Self::UnsupportedVersion { .. } => "unsupported-version",
            Self::MissingFeature { .. } => "missing-feature",
            Self::Protocol { .. } => "protocol",
            Self::TooLarge { .. } => "too-large",
            Self::PeerClosed => "peer-closed",
            Self::Truncated => "truncated",
            Self::TimedOut => "timed-out",
            Self::Cancelled => "cancelled",
            Self::Io(_) => "io",
            Self::OutOfMemory { .. } => "out-of-memory",
            Self::NoRandom { .. } => "no-random",
            Self::Internal { .. } => "internal",
        }
    }

    /// mbedTLS's code, or 0 if the error is not from mbedTLS.
    #[must_use]
    pub const fn code(&self) -> i32 {
        match *self {
            Self::InvalidIdentity { code }
            | Self::KeyMismatch { code }
            | Self::CriticalExtension { code, .. }
            | Self::InvalidCertificate { code, .. }
            | Self::AlertReceived { code, .. }
            | Self::AlertSent { code, .. }
            | Self::UnsupportedVersion { code }
            | Self::MissingFeature { code }
            | Self::Protocol { code }
            | Self::TooLarge { code }
            | Self::OutOfMemory { code }
            | Self::NoRandom { code }
            | Self::Internal { code } => code,
            Self::PeerClosed | Self::Truncated => sentences::CODE_END,
            _ if self.verify_flags() != 0 => sentences::CODE_REFUSED,
            _ => 0,
        }
    }

    /// mbedTLS's verify flags, or 0 if the error is not about a certificate.
    #[must_use]
    pub const fn verify_flags(&self) -> u32 {
        match *self {
            Self::Expired { flags, .. }
            | Self::NotYetValid { flags, .. }
            | Self::UnknownIssuer { flags, .. }
            | Self::SelfSigned { flags, .. }
            | Self::BadSignature { flags, .. }
            | Self::NotAnAuthority { flags, .. }
            | Self::PathLength { flags, .. }
            | Self::HostMismatch { flags, .. }
            | Self::NoAlternativeNames { flags }
            | Self::PinMismatch { flags, .. }
            | Self::WeakCertificate { flags }
            | Self::NotForServers { flags }
            | Self::NameConstraints { flags }
            | Self::CriticalExtension { flags, .. }
            | Self::InvalidCertificate { flags, .. } => flags,
            _ => 0,
        }
    }

    /// The details of the error, or [`Details::NONE`].
    #[must_use]
    pub const fn details(&self) -> Details {
        match *self {
            Self::Expired { details, .. }
            | Self::NotYetValid { details, .. }
            | Self::UnknownIssuer { details, .. }
            | Self::SelfSigned { details, .. }
            | Self::BadSignature { details, .. }
            | Self::NotAnAuthority { details, .. }
            | Self::PathLength { details, .. }
            | Self::HostMismatch { details, .. }
            | Self::PinMismatch { details, .. } => details,
            _ => Details::NONE,
        }
    }
}

impl core::error::Error for TlsError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) | Self::UnreadableCredential { error, .. } | Self::HandshakeFailed(error) => {
                Some(error)
            }
            _ => None,
        }
    }
}

// Every `?` copies it.
#[cfg(target_pointer_width = "32")]
const _: () = assert!(size_of::<TlsError>() <= 12);
