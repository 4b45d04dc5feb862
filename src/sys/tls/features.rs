// SPDX-License-Identifier: Apache-2.0
//! The features that mbedTLS was built with.

use mbedtls_sys as ffi;

use crate::config::TLS_MAX_FRAGMENT_LENGTH;

/// Whether this mbedTLS was built with TLS 1.2.
pub(crate) fn has_tls12() -> bool {
    ffi::requests_mbedtls_features() & ffi::REQUESTS_MBEDTLS_HAS_TLS_1_2 != 0
}

/// Whether this mbedTLS was built with TLS 1.3.
pub(crate) fn has_tls13() -> bool {
    // OpenSSL confirms the extension `max_fragment_length` in TLS 1.3, and mbedTLS refuses that.
    TLS_MAX_FRAGMENT_LENGTH == 0 && ffi::requests_mbedtls_features() & ffi::REQUESTS_MBEDTLS_HAS_TLS_1_3 != 0
}
