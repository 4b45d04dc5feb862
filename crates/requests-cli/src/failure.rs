// SPDX-License-Identifier: Apache-2.0
//! Failures, as the user sees them.

use std::fmt::Display;
use std::io;

use requests::{Error, TlsError};
use serde::Serialize;

/// The command line is invalid: exit code 2.
#[derive(Debug, PartialEq, Eq)]
pub struct Usage(pub String);

impl From<lexopt::Error> for Usage {
    fn from(error: lexopt::Error) -> Self {
        Self(error.to_string())
    }
}

/// The request failed, or its response could not be written: exit code 1.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Failure {
    /// The cause: a few words joined by hyphens.
    pub kind: &'static str,
    /// The step in which it happened: one word.
    pub phase: &'static str,
    /// A sentence for humans.
    pub message: String,
    /// The client's error behind it.
    #[serde(skip)]
    pub error: Option<Error>,
}

impl Failure {
    /// The response could not be written to `destination`.
    pub fn output(destination: impl Display, error: &io::Error) -> Self {
        let message = format!("cannot write to {destination}: {error}");
        Self { kind: "output", phase: "output", message, error: None }
    }

    /// The same, with the names and dates of a refused certificate, which are in the request's
    /// buffer.
    pub fn with_details(mut self, buffer: &[u8]) -> Self {
        if let Some(error) = self.error {
            self.message = self.message.replacen(&error.to_string(), &error.message(buffer).to_string(), 1);
        }
        self
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = match error {
            Error::BufferTooSmall { .. } => format!("{error}; give more with --buffer BYTES"),
            Error::TooManyHeaders { limit } => format!("more than {limit} headers"),
            Error::Tls(TlsError::NoRoots) => {
                "TLS: no root certificates are built in; name some with --cacert FILE".to_owned()
            }
            Error::Tls(TlsError::TooLarge { .. }) => {
                "TLS: a message of the peer, most likely its certificates, is too large".to_owned()
            }
            Error::Tls(TlsError::OutOfMemory { .. }) => "TLS: out of memory".to_owned(),
            _ => error.to_string(),
        };
        Self { kind: error.kind(), phase: error.phase().name(), message, error: Some(error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use requests::Phase;

    #[test]
    fn a_small_buffer_names_the_option() {
        let failure = Failure::from(Error::BufferTooSmall { phase: Phase::Body, needed: 70_000 });
        assert_eq!((failure.kind, failure.phase), ("buffer-too-small", "body"));
        assert_eq!(
            failure.message,
            "the buffer is too small (body): it needs at least 70000 bytes; give more with --buffer BYTES"
        );
    }

    #[test]
    fn no_message_names_kconfig() {
        let failure = Failure::from(Error::TooManyHeaders { limit: 16 });
        assert_eq!(failure.message, "more than 16 headers");
        let code = -0x7200;
        for error in [TlsError::NoRoots, TlsError::TooLarge { code }, TlsError::OutOfMemory { code }] {
            assert!(error.to_string().contains("CONFIG_"));
            let message = Failure::from(Error::Tls(error)).message;
            assert!(message.starts_with("TLS: ") && !message.contains("CONFIG_"), "{message}");
        }
    }
}
