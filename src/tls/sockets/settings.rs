// SPDX-License-Identifier: Apache-2.0
//! Checks whether secure sockets support a [`TlsConfig`].

use crate::tls::config::{DatePolicy, Roots, TlsConfig, TlsVersion};

impl TlsConfig<'_> {
    /// The first setting that secure sockets do not support.
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
