// SPDX-License-Identifier: Apache-2.0
//! Why TLS failed, in words that a person can act on.

use super::alert::Alert;
use super::backend::words;
use super::details::Details;
use crate::transport::IoError;

/// Why a TLS connection was not made or ended early.
///
/// Errors about the peer's certificate carry `flags`: every verify flag of mbedTLS (`MBEDTLS_X509_BADCERT_…`)
/// that applies. Errors that mbedTLS reported carry its `code`.
///
/// The names and dates of a certificate are in the buffer that the handshake was given:
/// [`message`](Self::message) puts them into the sentence, and [`Details::text`] gives them alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsError {
    /// There is nothing to verify a server with: no roots were given or registered, and no bundle is built
    /// in. With secure sockets: no security tags were given.
    NoRoots,
    /// The roots given, or the authorities registered under a security tag, hold no certificate in DER or
    /// PEM.
    InvalidRoots,
    /// Nothing that TLS can use is registered under this security tag.
    MissingCredential {
        /// The tag.
        tag: u32,
    },
    /// Of a client's certificate and its key, only one is registered under this security tag.
    IncompleteIdentity {
        /// The tag.
        tag: u32,
    },
    /// The credentials of this security tag cannot be had: without `CONFIG_TLS_CREDENTIALS`, because access
    /// is denied, or because their storage fails.
    UnreadableCredential {
        /// The tag.
        tag: u32,
        /// Why.
        error: IoError,
    },
    /// Secure sockets (`CONFIG_REQUESTS_TLS_SOCKETS`) cannot do what this setting of
    /// [`TlsConfig`](super::TlsConfig) asks for, so no connection was made.
    UnsupportedSetting {
        /// The name of the method that sets it.
        setting: &'static str,
    },
    /// The handshake by a secure socket failed, or the server's certificate was refused: which of the two,
    /// and why, secure sockets do not tell.
    HandshakeFailed(IoError),
    /// The host of the URL is no name that a certificate can be for.
    InvalidServerName,
    /// The client's certificate or key cannot be read: it is damaged, encrypted, or of a kind left out of
    /// this build.
    InvalidIdentity {
        /// mbedTLS's code, 0 when the text was not even PEM or DER.
        code: i32,
    },
    /// The client's key does not belong to its certificate.
    KeyMismatch {
        /// mbedTLS's code.
        code: i32,
    },
    /// The certificate's last day has passed.
    Expired {
        /// Until when it was valid, and what this machine's clock says.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The certificate is not valid yet, or the clock of this machine is wrong.
    NotYetValid {
        /// From when it will be valid, and what this machine's clock says.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// This machine does not know the date, and the connection's policy wants it to.
    ///
    /// Set the clock first, or choose [`DatePolicy::IgnoredWithoutClock`](super::DatePolicy).
    ClockNotSet,
    /// No trusted certificate is of the authority that the certificate names as its issuer.
    ///
    /// Either the authority is unknown here, or the server does not send the right intermediate certificates.
    UnknownIssuer {
        /// The issuer's name.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The server signed its certificate itself, and it is not among the roots.
    SelfSigned {
        /// The name in it.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// A trusted authority of that name is known, but did not sign this.
    BadSignature {
        /// The issuer's name.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// What has the name of the issuer, among the roots or what the server has sent, may not sign
    /// certificates: its `basicConstraints` or `keyUsage` say so (RFC 5280 §4.2.1.9, §4.2.1.3).
    NotAnAuthority {
        /// The issuer's name.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// There are more authorities between this one and the server than its `pathLenConstraint` allows (RFC
    /// 5280 §4.2.1.9).
    PathLength {
        /// The authority's name.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The server has sent more than 32 certificates, or so many of one name that no path to a root was found
    /// by checking 100 signatures.
    TooManyCertificates,
    /// The certificate is for other hosts.
    HostMismatch {
        /// The first names that it has.
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
        /// The pin that the server's own key would have.
        details: Details,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The key or the signature is of a kind that is not secure any more.
    WeakCertificate {
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The certificate is not one of a TLS server, or one above it not of an authority for such.
    NotForServers {
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// An authority of the chain may not vouch for a name that the certificate has.
    NameConstraints {
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The certificate has an extension marked as critical that is not understood here.
    CriticalExtension {
        /// mbedTLS's code, 0 when mbedTLS would have passed over it.
        code: i32,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The certificate cannot be read or is unsound in some other way.
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
    /// What the peer sent was answered with an alert.
    AlertSent {
        /// Which one.
        alert: Alert,
        /// mbedTLS's code.
        code: i32,
    },
    /// Peer and this client have no version of TLS in common.
    UnsupportedVersion {
        /// mbedTLS's code, 0 when the version asked for is not built in.
        code: i32,
    },
    /// mbedTLS was built without an algorithm or a protocol feature that this connection needs.
    MissingFeature {
        /// mbedTLS's code.
        code: i32,
    },
    /// What the peer sent is not TLS, or damaged, or messages of TLS without data and without an end.
    Protocol {
        /// mbedTLS's code.
        code: i32,
    },
    /// A message of the peer, most likely its certificates, is larger than mbedTLS's buffer for input: raise
    /// `CONFIG_REQUESTS_TLS_IN_CONTENT_LEN`, up to 16384.
    TooLarge {
        /// mbedTLS's code.
        code: i32,
    },
    /// The peer closed the connection during the handshake.
    PeerClosed,
    /// The peer closed the connection without saying that it had sent everything.
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
    /// No random bytes could be had.
    NoRandom {
        /// mbedTLS's code.
        code: i32,
    },
    /// This program and the mbedTLS it is linked with disagree, or this crate has an error.
    Internal {
        /// mbedTLS's code.
        code: i32,
    },
}

impl TlsError {
    /// A short name of the variant that stays the same from version to version.
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

    /// mbedTLS's code, 0 where none is behind it.
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
            Self::PeerClosed | Self::Truncated => words::CODE_END,
            _ if self.verify_flags() != 0 => words::CODE_REFUSED,
            _ => 0,
        }
    }

    /// mbedTLS's verify flags, 0 where the certificate is not the reason.
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

    /// The details of the error, [`Details::NONE`] where it has none.
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
