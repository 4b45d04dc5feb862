// SPDX-License-Identifier: Apache-2.0
//! The versions of TLS that mbedTLS was built with.

use crate::sys::tls::{has_tls12, has_tls13};
use crate::tls::TlsVersion;

/// The oldest version of TLS that connections can have, and the newest one.
pub(crate) fn versions() -> (TlsVersion, TlsVersion) {
    let oldest = if has_tls12() { TlsVersion::Tls12 } else { TlsVersion::Tls13 };
    let newest = if has_tls13() { TlsVersion::Tls13 } else { TlsVersion::Tls12 };
    (oldest, newest)
}
