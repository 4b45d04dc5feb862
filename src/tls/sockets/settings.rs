// SPDX-License-Identifier: Apache-2.0
//! What a [`TlsConfig`] means for a secure socket.

use embedded_io::ErrorKind;

use crate::tls::config::{DatePolicy, Roots, TlsConfig, TlsVersion};
use crate::tls::error::TlsError;
use crate::tls::warning;
use crate::transport::{IoError, SecureSocket};

impl TlsConfig<'_> {
    /// The first setting that secure sockets cannot do.
    pub(super) const fn unsupported(&self) -> Option<&'static str> {
        Some(match self.roots {
            Roots::Given(_) => "roots",
            Roots::BundleAnd(_) => "extra_roots",
            Roots::Bundle if self.identity.is_some() => "identity",
            Roots::Bundle if !self.pins.is_empty() => "pins",
            // The protocol that such a socket is made with is no lower bound.
            Roots::Bundle if !matches!(self.min_version, TlsVersion::Tls12) => "min_version",
            Roots::Bundle if !matches!(self.dates, DatePolicy::Required) => "dates",
            Roots::Bundle => return None,
        })
    }
}

impl<'a> SecureSocket<'a> {
    /// A socket for a connection to `host`, the name or address literal from the URL.
    pub(crate) fn new(host: &'a str, config: &TlsConfig<'a>) -> Result<Self, TlsError> {
        if let Some(setting) = config.unsupported() {
            return Err(TlsError::UnsupportedSetting { setting });
        }
        if config.is_verified && config.tags.is_empty() {
            return Err(TlsError::NoRoots);
        }
        if !config.is_verified {
            warning::unverified(host);
        }
        // The final dot says that the name is absolute; certificates leave it out.
        let name = host.strip_suffix('.').unwrap_or(host);
        if name.is_empty() {
            return Err(TlsError::InvalidServerName);
        }
        Ok(Self { host: name, tags: config.tags, is_verified: config.is_verified })
    }

    /// What `error`, met in connecting, says of TLS.
    pub(crate) fn explain(&self, error: IoError) -> Option<TlsError> {
        match (error.kind, self.tags) {
            (ErrorKind::ConnectionAborted, _) => Some(TlsError::HandshakeFailed(error)),
            (ErrorKind::InvalidInput, _) => Some(TlsError::InvalidServerName),
            (ErrorKind::NotFound, &[tag]) => Some(TlsError::MissingCredential { tag }),
            _ => None,
        }
    }
}
