// SPDX-License-Identifier: Apache-2.0
//! Conversion of mbedTLS's failures to errors.

use embedded_io::ErrorKind;
use mbedtls_sys as ffi;

use crate::sys::tls::{CODE_FLOOD, CODE_INTERNAL, CODE_LAYOUT, CODE_RANDOM, Failure};
use crate::tls::{Alert, TlsError};
use crate::transport::IoError;

/// When a call of mbedTLS failed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::tls) enum During {
    /// During the handshake.
    Handshake,
    /// After it.
    Transfer,
}

impl TlsError {
    /// The error of a call that reads from or writes to the transport.
    pub(in crate::tls) fn from_failure(failure: Failure, during: During) -> Self {
        let handshake = during == During::Handshake;
        let Failure { code, .. } = failure;
        if let Some(io) = failure.io {
            return match io.kind {
                ErrorKind::TimedOut => Self::TimedOut,
                ErrorKind::Interrupted => Self::Cancelled,
                _ => Self::Io(io.into()),
            };
        }
        if let Some(alert) = failure.received_alert {
            let alert = Alert(alert);
            return if alert == Alert::PROTOCOL_VERSION {
                Self::UnsupportedVersion { code }
            } else {
                Self::AlertReceived { alert, code }
            };
        }
        if failure.is_out_of_memory() {
            return Self::OutOfMemory { code };
        }
        match code {
            ffi::MBEDTLS_ERR_SSL_CONN_EOF if handshake => Self::PeerClosed,
            ffi::MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY if handshake => Self::PeerClosed,
            ffi::MBEDTLS_ERR_SSL_CONN_EOF => Self::Truncated,
            ffi::MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION => Self::UnsupportedVersion { code },
            CODE_RANDOM => Self::NoRandom { code },
            CODE_LAYOUT | CODE_INTERNAL => Self::Internal { code },
            CODE_FLOOD => Self::Protocol { code },
            // mbedTLS converts PSA's "not supported" to the first of these.
            ffi::MBEDTLS_ERR_SSL_HW_ACCEL_FAILED | ffi::MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE => {
                Self::MissingFeature { code }
            }
            ffi::REQUESTS_MBEDTLS_ERR_BAD_INPUT => Self::TooLarge { code },
            // mbedTLS reports an unknown critical extension as one with the wrong tag.
            -0x2562 => Self::CriticalExtension { code, flags: 0 },
            ffi::MBEDTLS_ERR_SSL_BAD_CERTIFICATE => Self::InvalidCertificate { code, flags: 0 },
            // The codes of X.509 are 0x2080 to 0x2980, those of PK 0x3900 to 0x3f80. The cause is the peer's
            // certificate.
            -0x29ff..=-0x2080 | -0x3fff..=-0x3900 if handshake => Self::InvalidCertificate { code, flags: 0 },
            code => match failure.sent_alert {
                Some(alert) if Alert(alert) == Alert::PROTOCOL_VERSION => Self::UnsupportedVersion { code },
                Some(alert) => Self::AlertSent { alert: Alert(alert), code },
                None => Self::Protocol { code },
            },
        }
    }

    /// The error of a call that only used the crypto.
    pub(in crate::tls) fn from_internal(failure: Failure) -> Self {
        let Failure { code, .. } = failure;
        if failure.is_out_of_memory() {
            Self::OutOfMemory { code }
        } else if code == CODE_RANDOM {
            Self::NoRandom { code }
        } else {
            Self::Internal { code }
        }
    }

    /// The alert that reports an error in the peer's certificate to the peer.
    pub(in crate::tls) const fn alert(&self) -> Alert {
        match self {
            Self::Expired { .. } | Self::NotYetValid { .. } => {
                Alert(ffi::MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED as u8)
            }
            Self::UnknownIssuer { .. }
            | Self::SelfSigned { .. }
            | Self::NotAnAuthority { .. }
            | Self::PathLength { .. } => Alert(ffi::MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA as u8),
            Self::WeakCertificate { .. } | Self::NotForServers { .. } | Self::CriticalExtension { .. } => {
                Alert(ffi::MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT as u8)
            }
            Self::PinMismatch { .. } => Alert(ffi::MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN as u8),
            Self::OutOfMemory { .. } | Self::UnreadableCredential { .. } | Self::Internal { .. } => {
                Alert(ffi::MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR as u8)
            }
            _ => Alert(ffi::MBEDTLS_SSL_ALERT_MSG_BAD_CERT as u8),
        }
    }

    /// The most similar error of a transport.
    pub(in crate::tls) const fn as_io(&self) -> IoError {
        match *self {
            Self::Io(error) => error,
            Self::TimedOut => IoError::new(ErrorKind::TimedOut),
            Self::Cancelled => IoError::new(ErrorKind::Interrupted),
            Self::Truncated | Self::PeerClosed => IoError::new(ErrorKind::ConnectionAborted),
            Self::AlertReceived { .. } => IoError::new(ErrorKind::ConnectionReset),
            Self::OutOfMemory { .. } => IoError::new(ErrorKind::OutOfMemory),
            _ => IoError::new(ErrorKind::InvalidData),
        }
    }
}
