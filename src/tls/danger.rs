// SPDX-License-Identifier: Apache-2.0
//! Functions that make TLS insecure. Nothing outside this module turns a check off.

use super::config::TlsConfig;

/// Accepts any certificate: expired, for another host, of an unknown authority, or made by an attacker.
///
/// Anyone on the path to the server can then read and change everything that is sent and received. Pins
/// ([`TlsConfig::pins`]) are still checked, but only against the key of the server. With a pin, the peer is the
/// owner of that key. Each such connection is logged as a warning (feature `log`).
///
/// ```
/// use requests::tls::{TlsConfig, danger};
///
/// let config = danger::accept_invalid_certs(TlsConfig::new());
/// ```
#[must_use]
pub const fn accept_invalid_certs(config: TlsConfig<'_>) -> TlsConfig<'_> {
    config.unverified()
}
