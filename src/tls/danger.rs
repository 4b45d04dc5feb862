// SPDX-License-Identifier: Apache-2.0
//! What makes TLS pointless unless you know better: nothing outside this module turns a check off.

use super::config::TlsConfig;

/// Accepts any certificate: expired, for another host, of an unknown authority, made by an attacker.
///
/// Whoever sits on the path to the server can then read and change everything that is sent and received. Pins
/// ([`TlsConfig::pins`]) are still checked, against the key of the server alone; with one, such a connection
/// is to the holder of that key. Each connection made this way is logged as a warning (feature `log`).
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
