// SPDX-License-Identifier: Apache-2.0
//! The sentences of errors, with the details that are in the buffer.

use core::fmt;

use embedded_io::ErrorKind;

use super::backend::sentences;
use super::error::TlsError;

impl TlsError {
    /// The whole sentence, with the names or dates of the server's certificate.
    ///
    /// `buffer` is the buffer of the handshake, which contains the [`Details`](super::Details). If it was used for
    /// something else since, the sentence is that of `Display`.
    #[must_use]
    pub fn message<'b>(&self, buffer: &'b [u8]) -> TlsErrorMessage<'b> {
        TlsErrorMessage { error: *self, details: self.details().text(buffer) }
    }
}

/// The sentence of an error, with details: see [`TlsError::message`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlsErrorMessage<'b> {
    error: TlsError,
    details: Option<&'b str>,
}

impl fmt::Display for TlsErrorMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.error, self.details) {
            (TlsError::Io(error), _) => return error.fmt(f),
            (error, Some(details)) => write_with_details(error, details, f)?,
            (error, None) => write_without_details(error, f)?,
        }
        match (self.error.code(), self.error.verify_flags()) {
            (0, 0) => Ok(()),
            (code, 0) => write!(f, " (mbedTLS -{:#06x})", code.unsigned_abs()),
            (code, flags) => write!(f, " (mbedTLS -{:#06x}, flags {flags:#x})", code.unsigned_abs()),
        }
    }
}

/// The sentence without names and dates, which [`TlsError::message`] adds.
impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message(&[]).fmt(f)
    }
}

fn write_with_details(error: &TlsError, details: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (before, after) = match error {
        TlsError::Expired { .. } => ("certificate expired on ", ""),
        TlsError::NotYetValid { .. } => ("certificate not valid before ", ": is it set?"),
        TlsError::UnknownIssuer { .. } => (
            "no trusted certificate of the issuer \"",
            "\": an unknown authority, or the server leaves out an intermediate certificate or sends a wrong one",
        ),
        TlsError::SelfSigned { .. } => ("certificate \"", "\" is signed by itself and not among the roots"),
        TlsError::BadSignature { .. } => {
            ("\"", "\" did not sign the certificate that names it as its issuer")
        }
        TlsError::NotAnAuthority { .. } => {
            ("\"", "\" is named as the issuer of a certificate, but is no authority")
        }
        TlsError::PathLength { .. } => ("authority \"", "\" may not have so many authorities below it"),
        TlsError::HostMismatch { .. } => ("certificate is not for this host but for ", ""),
        TlsError::PinMismatch { .. } => ("no key of the chain has a pin: the server's is ", ""),
        error => return write_without_details(error, f),
    };
    f.write_str(before)?;
    f.write_str(details)?;
    f.write_str(after)
}

fn write_without_details(error: &TlsError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match error {
        TlsError::MissingCredential { tag } => {
            write!(
                f,
                "no certificate is registered under security tag {tag}: call tls_credential_add() first"
            )
        }
        TlsError::IncompleteIdentity { tag } => write!(
            f,
            "of the client certificate and its key, only one is registered under security tag {tag}"
        ),
        TlsError::UnreadableCredential { tag, error } if error.kind == ErrorKind::Unsupported => {
            write!(f, "security tag {tag} needs registered credentials: set CONFIG_TLS_CREDENTIALS")
        }
        TlsError::UnreadableCredential { tag, error } => {
            write!(f, "cannot read the credentials of security tag {tag}: {error}")
        }
        TlsError::UnsupportedSetting { setting } => write!(
            f,
            "secure sockets cannot do what TlsConfig::{setting} asks for: build with CONFIG_REQUESTS_TLS_MBEDTLS"
        ),
        TlsError::HandshakeFailed(error) => write!(
            f,
            "the handshake failed or the server's certificate was refused: secure sockets do not tell which \
             (errno {})",
            error.errno
        ),
        TlsError::AlertReceived { alert, .. } => write!(f, "the peer refused with alert {alert}"),
        TlsError::AlertSent { alert, .. } => write!(f, "the peer's answer was refused with alert {alert}"),
        error => f.write_str(sentence(error)),
    }
}

/// The sentence of an error without values.
const fn sentence(error: &TlsError) -> &'static str {
    match error {
        TlsError::NoRoots => sentences::NO_ROOTS,
        TlsError::InvalidRoots => "the root certificates given are neither DER nor PEM",
        TlsError::InvalidServerName => "the host is not a name that a certificate can contain",
        TlsError::InvalidIdentity { .. } => {
            "the client certificate or key cannot be read (an encrypted key cannot)"
        }
        TlsError::KeyMismatch { .. } => "the client key does not belong to the client certificate",
        TlsError::ClockNotSet => {
            "the clock is not set, so the certificate's dates cannot be checked: set it first, or allow \
             unchecked dates"
        }
        TlsError::Expired { .. } => "certificate has expired",
        TlsError::NotYetValid { .. } => "certificate is not valid yet: is the clock set?",
        TlsError::UnknownIssuer { .. } => {
            "no trusted certificate of the issuer: an unknown authority, or the server leaves out an \
             intermediate certificate or sends a wrong one"
        }
        TlsError::SelfSigned { .. } => "certificate is signed by itself and not among the roots",
        TlsError::BadSignature { .. } => {
            "a certificate is not signed by the authority that it names as its issuer"
        }
        TlsError::NotAnAuthority { .. } => "what is named as the issuer of a certificate is no authority",
        TlsError::PathLength { .. } => "an authority of the chain may not have so many authorities below it",
        TlsError::TooManyCertificates => {
            "the server sends too many certificates: more than 32, or too many of one name"
        }
        TlsError::HostMismatch { .. } => "certificate is not for this host",
        TlsError::NoAlternativeNames { .. } => {
            "certificate names no host (it has no subject alternative name; a common name does not count)"
        }
        TlsError::PinMismatch { .. } => "no key of the chain has a pin",
        TlsError::WeakCertificate { .. } => "certificate has a key or signature that is no longer secure",
        TlsError::NotForServers { .. } => "certificate is not meant for a TLS server",
        TlsError::NameConstraints { .. } => {
            "the name constraints of an authority exclude the certificate's names"
        }
        TlsError::CriticalExtension { .. } => "certificate has a critical extension that is not understood",
        TlsError::InvalidCertificate { .. } => "certificate is not valid",
        TlsError::UnsupportedVersion { .. } => "the peer speaks none of the enabled versions of TLS",
        TlsError::MissingFeature { .. } => "mbedTLS was built without something that this connection needs",
        TlsError::Protocol { code: sentences::CODE_FLOOD } => {
            "the peer keeps sending TLS messages without data"
        }
        TlsError::Protocol { .. } => "the peer's messages are not valid TLS: is it a TLS port?",
        TlsError::TooLarge { .. } => {
            "a message of the peer, most likely its certificates, is larger than the TLS buffer: raise \
             CONFIG_REQUESTS_TLS_IN_CONTENT_LEN (to at most 16384)"
        }
        TlsError::PeerClosed => "the peer closed the connection during the TLS handshake",
        TlsError::Truncated => sentences::TRUNCATED,
        TlsError::TimedOut => "timed out",
        TlsError::Cancelled => "cancelled",
        TlsError::OutOfMemory { .. } => "mbedTLS is out of memory: raise CONFIG_MBEDTLS_HEAP_SIZE",
        TlsError::NoRandom { .. } => "no random bytes: the machine has no working source",
        // All others are written above, with their values.
        _ => "internal error of the TLS layer",
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;
    use crate::tls::alert::Alert;
    use crate::tls::details::{Details, DetailsWriter};
    use crate::transport::IoError;

    /// Flags come with mbedTLS's code for a certificate that was refused, where mbedTLS is there to have one.
    const CODE_OF_FLAGS: &str =
        if cfg!(tls_sockets) { "mbedTLS -0x0000, flags" } else { "mbedTLS -0x2700, flags" };

    /// The words of each error: people search for them.
    #[test]
    fn sentences() {
        let details = Details::NONE;
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
                "the host is not a name that a certificate can contain",
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
            (TlsError::Expired { details, flags: 0x1 }, "expired", "certificate has expired (FLAGS 0x1)"),
            (
                TlsError::NotYetValid { details, flags: 0x200 },
                "not-yet-valid",
                "certificate is not valid yet: is the clock set? (FLAGS 0x200)",
            ),
            (
                TlsError::ClockNotSet,
                "clock-not-set",
                "the clock is not set, so the certificate's dates cannot be checked: set it first, or allow unchecked \
                 dates",
            ),
            (
                TlsError::UnknownIssuer { details, flags },
                "unknown-issuer",
                "no trusted certificate of the issuer: an unknown authority, or the server leaves out an intermediate \
                 certificate or sends a wrong one (FLAGS 0x8)",
            ),
            (
                TlsError::SelfSigned { details, flags },
                "self-signed",
                "certificate is signed by itself and not among the roots (FLAGS 0x8)",
            ),
            (
                TlsError::BadSignature { details, flags },
                "bad-signature",
                "a certificate is not signed by the authority that it names as its issuer (FLAGS 0x8)",
            ),
            (
                TlsError::NotAnAuthority { details, flags },
                "not-an-authority",
                "what is named as the issuer of a certificate is no authority (FLAGS 0x8)",
            ),
            (
                TlsError::PathLength { details, flags },
                "path-length",
                "an authority of the chain may not have so many authorities below it (FLAGS 0x8)",
            ),
            (
                TlsError::TooManyCertificates,
                "too-many-certificates",
                "the server sends too many certificates: more than 32, or too many of one name",
            ),
            (
                TlsError::HostMismatch { details, flags: 0x4 },
                "host-mismatch",
                "certificate is not for this host (FLAGS 0x4)",
            ),
            (
                TlsError::NoAlternativeNames { flags: 0x4 },
                "no-alternative-names",
                "certificate names no host (it has no subject alternative name; a common name does not count) (FLAGS \
                 0x4)",
            ),
            (
                TlsError::PinMismatch { details, flags: 0x100 },
                "pin-mismatch",
                "no key of the chain has a pin (FLAGS 0x100)",
            ),
            (
                TlsError::WeakCertificate { flags: 0x4000 },
                "weak-certificate",
                "certificate has a key or signature that is no longer secure (FLAGS 0x4000)",
            ),
            (
                TlsError::NotForServers { flags: 0x1000 },
                "not-for-servers",
                "certificate is not meant for a TLS server (FLAGS 0x1000)",
            ),
            (
                TlsError::NameConstraints { flags: 0x100 },
                "name-constraints",
                "the name constraints of an authority exclude the certificate's names (FLAGS 0x100)",
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
                "the peer's messages are not valid TLS: is it a TLS port? (mbedTLS -0x7200)",
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
                TlsError::Protocol { code: sentences::CODE_FLOOD },
                "protocol",
                "the peer keeps sending TLS messages without data (mbedTLS -0x7ffb)",
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
        let docs = include_str!("../../docs/tls.md");
        for (error, kind, sentence) in sentences {
            let is_explained = |line: &str| line.starts_with('|') && line.contains(&std::format!("`{kind}`"));
            assert!(docs.lines().any(is_explained), "{kind}");
            assert_eq!(error.to_string(), sentence.replace("FLAGS", CODE_OF_FLAGS));
            assert_eq!(error.kind(), kind);
        }
    }

    #[test]
    fn sentences_with_details() {
        type Kind = fn(Details, u32) -> TlsError;
        let sentences: [(Kind, &str, &str); 9] = [
            (
                |details, flags| TlsError::Expired { details, flags },
                "2020-09-13 12:26 UTC (the clock says 2027-01-15 08:00 UTC)",
                "certificate expired on 2020-09-13 12:26 UTC (the clock says 2027-01-15 08:00 UTC)",
            ),
            (
                |details, flags| TlsError::NotYetValid { details, flags },
                "2027-01-15 08:00 UTC, but the clock says 2020-09-13 12:26 UTC",
                "certificate not valid before 2027-01-15 08:00 UTC, but the clock says 2020-09-13 12:26 UTC: is it \
                 set?",
            ),
            (
                |details, flags| TlsError::UnknownIssuer { details, flags },
                "CA",
                "no trusted certificate of the issuer \"CA\": an unknown authority, or the server leaves out an \
                 intermediate certificate or sends a wrong one",
            ),
            (
                |details, flags| TlsError::SelfSigned { details, flags },
                "me",
                "certificate \"me\" is signed by itself and not among the roots",
            ),
            (
                |details, flags| TlsError::BadSignature { details, flags },
                "CA",
                "\"CA\" did not sign the certificate that names it as its issuer",
            ),
            (
                |details, flags| TlsError::NotAnAuthority { details, flags },
                "CA",
                "\"CA\" is named as the issuer of a certificate, but is no authority",
            ),
            (
                |details, flags| TlsError::PathLength { details, flags },
                "CA",
                "authority \"CA\" may not have so many authorities below it",
            ),
            (
                |details, flags| TlsError::HostMismatch { details, flags },
                "a.example, b.example",
                "certificate is not for this host but for a.example, b.example",
            ),
            (
                |details, flags| TlsError::PinMismatch { details, flags },
                "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "no key of the chain has a pin: the server's is \
                 sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            ),
        ];
        for (kind, text, sentence) in sentences {
            let mut buffer = [0; 256];
            let error = kind(DetailsWriter::write(&mut buffer, text.as_bytes()), 0x8);
            assert_eq!(error.message(&buffer).to_string(), std::format!("{sentence} ({CODE_OF_FLAGS} 0x8)"));
            assert_eq!(error.details().text(&buffer), Some(text));
            // A buffer that was used since says nothing.
            buffer[0] = b'{';
            assert_eq!(error.message(&buffer).to_string(), error.to_string());
        }
    }
}
