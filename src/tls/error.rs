// SPDX-License-Identifier: Apache-2.0
//! Why TLS failed, in words that a person can act on.

use core::fmt;

use embedded_io::ErrorKind;

use super::alert::Alert;
use super::backend::words;
use super::date::Date;
use super::pin::Pin;
use super::text::Text;
use crate::transport::IoError;

/// Why a TLS connection was not made or ended early.
///
/// What concerns the peer's certificate carries `flags`: mbedTLS's verify flags (`MBEDTLS_X509_BADCERT_…`),
/// all that apply, even if another one is the first to mend. What mbedTLS reported carries its `code`.
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
        /// Until when it was valid.
        not_after: Date,
        /// What this machine's clock says.
        now: Date,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The certificate is not valid yet, or the clock of this machine is wrong.
    NotYetValid {
        /// From when it will be valid.
        not_before: Date,
        /// What this machine's clock says.
        now: Date,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// This machine does not know the date, and the connection's policy wants it to.
    ///
    /// Set the clock first, or choose [`DatePolicy::IgnoredWithoutClock`](super::DatePolicy).
    ClockNotSet,
    /// No trusted certificate is of the authority that the certificate names as its issuer.
    ///
    /// Either the authority is unknown here, or the server does not send the certificates in between, or
    /// others than those in between.
    UnknownIssuer {
        /// The issuer's name.
        issuer: Text,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The server signed its certificate itself, and it is not among the roots.
    SelfSigned {
        /// The name in it.
        subject: Text,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// A trusted authority of that name is known, but did not sign this.
    BadSignature {
        /// The issuer's name.
        issuer: Text,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// What has the name of the issuer, among the roots or what the server has sent, may not sign
    /// certificates: its `basicConstraints` or `keyUsage` say so (RFC 5280 §4.2.1.9, §4.2.1.3).
    NotAnAuthority {
        /// The issuer's name.
        issuer: Text,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// There are more authorities between this one and the server than its `pathLenConstraint` allows (RFC
    /// 5280 §4.2.1.9).
    PathLength {
        /// The authority's name.
        authority: Text,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The server has sent more than 32 certificates, or so many of one name that no path to a root was found
    /// by checking 100 signatures.
    TooManyCertificates,
    /// The certificate is for other hosts.
    HostMismatch {
        /// The first names that it has.
        names: Text,
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// The certificate names no host at all, at most in its subject's common name, which does not count.
    NoAlternativeNames {
        /// mbedTLS's verify flags.
        flags: u32,
    },
    /// No key of the chain has a pin.
    PinMismatch {
        /// The pin that the server's own key would have.
        seen: Pin,
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
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoots => f.write_str(words::NO_ROOTS)?,
            Self::InvalidRoots => f.write_str("the root certificates given are neither DER nor PEM")?,
            Self::MissingCredential { tag } => write!(
                f,
                "no certificate is registered under security tag {tag}: call tls_credential_add() first",
            )?,
            Self::IncompleteIdentity { tag } => write!(
                f,
                "of the client certificate and its key, only one is registered under security tag {tag}",
            )?,
            Self::UnreadableCredential { tag, error } if error.kind == ErrorKind::Unsupported => write!(
                f,
                "security tag {tag} needs registered credentials: set CONFIG_TLS_CREDENTIALS",
            )?,
            Self::UnreadableCredential { tag, error } => {
                write!(f, "cannot read the credentials of security tag {tag}: {error}")?;
            }
            Self::UnsupportedSetting { setting } => write!(
                f,
                "secure sockets cannot do what TlsConfig::{setting} asks for: build with CONFIG_REQUESTS_TLS_MBEDTLS"
            )?,
            Self::HandshakeFailed(error) => write!(
                f,
                "the handshake failed or the server's certificate was refused: secure sockets do not tell which \
                 (errno {})",
                error.errno
            )?,
            Self::InvalidServerName => {
                f.write_str("the host is no name that a certificate can be for")?;
            }
            Self::InvalidIdentity { .. } => {
                f.write_str("the client certificate or key cannot be read (an encrypted key cannot)")?;
            }
            Self::KeyMismatch { .. } => {
                f.write_str("the client key does not belong to the client certificate")?;
            }
            Self::Expired { not_after, now, .. } => {
                write!(f, "certificate expired on {not_after} (the clock says {now})")?;
            }
            Self::NotYetValid { not_before, now, .. } => {
                write!(f, "certificate not valid before {not_before}, but the clock says {now}: is it set?")?;
            }
            Self::ClockNotSet => f.write_str(
                "the clock is not set, so the certificate's dates cannot be checked: set it first, or allow \
                 unchecked dates",
            )?,
            Self::UnknownIssuer { issuer, .. } => write!(
                f,
                "no trusted certificate of the issuer \"{issuer}\": an unknown authority, or the server \
                 leaves out an intermediate certificate or sends a wrong one",
            )?,
            Self::SelfSigned { subject, .. } => {
                write!(f, "certificate \"{subject}\" is signed by itself and not among the roots")?;
            }
            Self::BadSignature { issuer, .. } => {
                write!(f, "\"{issuer}\" did not sign the certificate that names it as its issuer")?;
            }
            Self::NotAnAuthority { issuer, .. } => {
                write!(f, "\"{issuer}\" is named as the issuer of a certificate, but is no authority")?;
            }
            Self::PathLength { authority, .. } => {
                write!(f, "authority \"{authority}\" may not have so many authorities below it")?;
            }
            Self::TooManyCertificates => {
                f.write_str("the server sends too many certificates: more than 32, or too many of one name")?;
            }
            Self::HostMismatch { names, .. } => write!(f, "certificate is not for this host but for {names}")?,
            Self::NoAlternativeNames { .. } => f.write_str(
                "certificate names no host (it has no subject alternative name; a common name does not count)",
            )?,
            Self::PinMismatch { seen, .. } => write!(f, "no key of the chain has a pin: the server's is {seen}")?,
            Self::WeakCertificate { .. } => {
                f.write_str("certificate has a key or signature that is not secure any more")?;
            }
            Self::NotForServers { .. } => f.write_str("certificate is not meant for a TLS server")?,
            Self::NameConstraints { .. } => {
                f.write_str("an authority of the chain may not vouch for the certificate's names")?;
            }
            Self::CriticalExtension { .. } => {
                f.write_str("certificate has a critical extension that is not understood")?;
            }
            Self::InvalidCertificate { .. } => f.write_str("certificate is not valid")?,
            Self::AlertReceived { alert, .. } => write!(f, "the peer refused with alert {alert}")?,
            Self::AlertSent { alert, .. } => write!(f, "the peer's answer was refused with alert {alert}")?,
            Self::UnsupportedVersion { .. } => {
                f.write_str("the peer speaks none of the enabled versions of TLS")?;
            }
            Self::MissingFeature { .. } => {
                f.write_str("mbedTLS was built without something that this connection needs")?;
            }
            Self::Protocol { code: words::CODE_FLOOD } => {
                f.write_str("the peer goes on sending TLS messages that carry no data")?;
            }
            Self::Protocol { .. } => f.write_str("what the peer sent is not sound TLS: is it a TLS port?")?,
            Self::TooLarge { .. } => f.write_str(
                "a message of the peer, most likely its certificates, is larger than the TLS buffer: raise \
                 CONFIG_REQUESTS_TLS_IN_CONTENT_LEN (to at most 16384)",
            )?,
            Self::PeerClosed => f.write_str("the peer closed the connection during the TLS handshake")?,
            Self::Truncated => f.write_str(words::TRUNCATED)?,
            Self::TimedOut => f.write_str("timed out")?,
            Self::Cancelled => f.write_str("cancelled")?,
            Self::Io(error) => return error.fmt(f),
            Self::OutOfMemory { .. } => {
                f.write_str("mbedTLS is out of memory: raise CONFIG_MBEDTLS_HEAP_SIZE")?;
            }
            Self::NoRandom { .. } => f.write_str("no random bytes: the machine has no working source")?,
            Self::Internal { .. } => f.write_str("internal error of the TLS layer")?,
        }
        match (self.code(), self.verify_flags()) {
            (0, 0) => Ok(()),
            (code, 0) => write!(f, " (mbedTLS -{:#06x})", code.unsigned_abs()),
            (code, flags) => write!(f, " (mbedTLS -{:#06x}, flags {flags:#x})", code.unsigned_abs()),
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

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    #[test]
    fn an_error_has_room_for_one_text() {
        assert!(size_of::<TlsError>() <= size_of::<Text>().next_multiple_of(4) + size_of::<u32>());
    }

    /// The words of each error: people search for them.
    #[test]
    fn sentences() {
        let text = |text: &str| Text::from_bytes(text.as_bytes());
        let [early, late] = [1_600_000_000, 1_800_000_000].map(Date::from_unix);
        let io = |kind, errno| IoError { kind, errno };
        let unsupported = io(ErrorKind::Unsupported, 134);
        let denied = io(ErrorKind::PermissionDenied, 13);
        let refused = io(ErrorKind::ConnectionAborted, 113);
        let reset = io(ErrorKind::ConnectionReset, 104);
        let (code, flags) = (-0x7200, 0x8);
        let sentences = [
            (
                TlsError::MissingCredential { tag: 7 },
                "missing-credential",
                "no certificate is registered under security tag 7: call tls_credential_add() first",
            ),
            (
                TlsError::IncompleteIdentity { tag: 7 },
                "incomplete-identity",
                "of the client certificate and its key, only one is registered under security tag 7",
            ),
            (
                TlsError::UnreadableCredential { tag: 7, error: unsupported },
                "unreadable-credential",
                "security tag 7 needs registered credentials: set CONFIG_TLS_CREDENTIALS",
            ),
            (
                TlsError::UnreadableCredential { tag: 7, error: denied },
                "unreadable-credential",
                "cannot read the credentials of security tag 7: permission denied (errno 13)",
            ),
            (
                TlsError::UnsupportedSetting { setting: "pins" },
                "unsupported-setting",
                "secure sockets cannot do what TlsConfig::pins asks for: build with CONFIG_REQUESTS_TLS_MBEDTLS",
            ),
            (
                TlsError::HandshakeFailed(refused),
                "handshake-failed",
                "the handshake failed or the server's certificate was refused: secure sockets do not tell which \
                 (errno 113)",
            ),
            (TlsError::InvalidRoots, "invalid-roots", "the root certificates given are neither DER nor PEM"),
            (
                TlsError::InvalidServerName,
                "invalid-server-name",
                "the host is no name that a certificate can be for",
            ),
            (
                TlsError::InvalidIdentity { code: 0 },
                "invalid-identity",
                "the client certificate or key cannot be read (an encrypted key cannot)",
            ),
            (
                TlsError::KeyMismatch { code },
                "key-mismatch",
                "the client key does not belong to the client certificate (mbedTLS -0x7200)",
            ),
            (
                TlsError::Expired { not_after: early, now: late, flags: 0x1 },
                "expired",
                "certificate expired on 2020-09-13 12:26 UTC (the clock says 2027-01-15 08:00 UTC) (FLAGS 0x1)",
            ),
            (
                TlsError::NotYetValid { not_before: late, now: early, flags: 0x200 },
                "not-yet-valid",
                "certificate not valid before 2027-01-15 08:00 UTC, but the clock says 2020-09-13 12:26 UTC: is it \
                 set? (FLAGS 0x200)",
            ),
            (
                TlsError::ClockNotSet,
                "clock-not-set",
                "the clock is not set, so the certificate's dates cannot be checked: set it first, or allow unchecked \
                 dates",
            ),
            (
                TlsError::UnknownIssuer { issuer: text("CA"), flags },
                "unknown-issuer",
                "no trusted certificate of the issuer \"CA\": an unknown authority, or the server leaves out an \
                 intermediate certificate or sends a wrong one (FLAGS 0x8)",
            ),
            (
                TlsError::SelfSigned { subject: text("me"), flags },
                "self-signed",
                "certificate \"me\" is signed by itself and not among the roots (FLAGS 0x8)",
            ),
            (
                TlsError::BadSignature { issuer: text("CA"), flags },
                "bad-signature",
                "\"CA\" did not sign the certificate that names it as its issuer (FLAGS 0x8)",
            ),
            (
                TlsError::NotAnAuthority { issuer: text("CA"), flags },
                "not-an-authority",
                "\"CA\" is named as the issuer of a certificate, but is no authority (FLAGS 0x8)",
            ),
            (
                TlsError::PathLength { authority: text("CA"), flags },
                "path-length",
                "authority \"CA\" may not have so many authorities below it (FLAGS 0x8)",
            ),
            (
                TlsError::TooManyCertificates,
                "too-many-certificates",
                "the server sends too many certificates: more than 32, or too many of one name",
            ),
            (
                TlsError::HostMismatch { names: text("a.example, b.example"), flags: 0x4 },
                "host-mismatch",
                "certificate is not for this host but for a.example, b.example (FLAGS 0x4)",
            ),
            (
                TlsError::NoAlternativeNames { flags: 0x4 },
                "no-alternative-names",
                "certificate names no host (it has no subject alternative name; a common name does not count) (FLAGS \
                 0x4)",
            ),
            (
                TlsError::PinMismatch { seen: Pin([0; 32]), flags: 0x100 },
                "pin-mismatch",
                "no key of the chain has a pin: the server's is sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
                 (FLAGS 0x100)",
            ),
            (
                TlsError::WeakCertificate { flags: 0x4000 },
                "weak-certificate",
                "certificate has a key or signature that is not secure any more (FLAGS 0x4000)",
            ),
            (
                TlsError::NotForServers { flags: 0x1000 },
                "not-for-servers",
                "certificate is not meant for a TLS server (FLAGS 0x1000)",
            ),
            (
                TlsError::NameConstraints { flags: 0x100 },
                "name-constraints",
                "an authority of the chain may not vouch for the certificate's names (FLAGS 0x100)",
            ),
            (
                TlsError::CriticalExtension { code: 0, flags: 0 },
                "critical-extension",
                "certificate has a critical extension that is not understood",
            ),
            (
                TlsError::InvalidCertificate { code, flags: 0 },
                "invalid-certificate",
                "certificate is not valid (mbedTLS -0x7200)",
            ),
            (
                TlsError::AlertReceived { alert: Alert(48), code: -0x7780 },
                "alert-received",
                "the peer refused with alert unknown_ca (48) (mbedTLS -0x7780)",
            ),
            (
                TlsError::AlertSent { alert: Alert(50), code },
                "alert-sent",
                "the peer's answer was refused with alert decode_error (50) (mbedTLS -0x7200)",
            ),
            (
                TlsError::UnsupportedVersion { code: 0 },
                "unsupported-version",
                "the peer speaks none of the enabled versions of TLS",
            ),
            (
                TlsError::MissingFeature { code },
                "missing-feature",
                "mbedTLS was built without something that this connection needs (mbedTLS -0x7200)",
            ),
            (
                TlsError::Protocol { code },
                "protocol",
                "what the peer sent is not sound TLS: is it a TLS port? (mbedTLS -0x7200)",
            ),
            (
                TlsError::TooLarge { code },
                "too-large",
                "a message of the peer, most likely its certificates, is larger than the TLS buffer: raise \
                 CONFIG_REQUESTS_TLS_IN_CONTENT_LEN (to at most 16384) (mbedTLS -0x7200)",
            ),
            (TlsError::TimedOut, "timed-out", "timed out"),
            (TlsError::Cancelled, "cancelled", "cancelled"),
            (TlsError::Io(reset), "io", "connection reset by peer (errno 104)"),
            (
                TlsError::OutOfMemory { code },
                "out-of-memory",
                "mbedTLS is out of memory: raise CONFIG_MBEDTLS_HEAP_SIZE (mbedTLS -0x7200)",
            ),
            (
                TlsError::NoRandom { code },
                "no-random",
                "no random bytes: the machine has no working source (mbedTLS -0x7200)",
            ),
            (TlsError::Internal { code }, "internal", "internal error of the TLS layer (mbedTLS -0x7200)"),
            #[cfg(not(tls_sockets))]
            (
                TlsError::Protocol { code: words::CODE_FLOOD },
                "protocol",
                "the peer goes on sending TLS messages that carry no data (mbedTLS -0x7ffb)",
            ),
            #[cfg(not(tls_sockets))]
            (
                TlsError::NoRoots,
                "no-roots",
                "no root certificates: give some, or build the bundle in (CONFIG_REQUESTS_CA_BUNDLE)",
            ),
            #[cfg(not(tls_sockets))]
            (
                TlsError::PeerClosed,
                "peer-closed",
                "the peer closed the connection during the TLS handshake (mbedTLS -0x7280)",
            ),
            #[cfg(not(tls_sockets))]
            (
                TlsError::Truncated,
                "truncated",
                "the connection ended without the peer saying so in TLS: data may be missing (mbedTLS -0x7280)",
            ),
            #[cfg(tls_sockets)]
            (
                TlsError::NoRoots,
                "no-roots",
                "no root certificates: name their security tags (TlsConfig::credentials)",
            ),
            #[cfg(tls_sockets)]
            (TlsError::PeerClosed, "peer-closed", "the peer closed the connection during the TLS handshake"),
            #[cfg(tls_sockets)]
            (
                TlsError::Truncated,
                "truncated",
                "the connection ended, which secure sockets do not tell from one that was cut: data may be missing",
            ),
        ];
        // Flags come with mbedTLS's code for a certificate that was refused, where mbedTLS is there to have
        // one.
        let code_of_flags =
            if cfg!(tls_sockets) { "mbedTLS -0x0000, flags" } else { "mbedTLS -0x2700, flags" };
        let docs = include_str!("../../docs/tls.md");
        for (error, kind, sentence) in sentences {
            let is_explained = |line: &str| line.starts_with('|') && line.contains(&std::format!("`{kind}`"));
            assert!(docs.lines().any(is_explained), "{kind}");
            assert_eq!(error.to_string(), sentence.replace("FLAGS", code_of_flags));
            assert_eq!(error.kind(), kind);
        }
    }
}
