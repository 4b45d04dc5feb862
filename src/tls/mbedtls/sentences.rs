// SPDX-License-Identifier: Apache-2.0
//! The sentences and codes of errors that differ between mbedTLS and secure sockets.

use mbedtls_sys as ffi;

pub(in crate::tls) use crate::sys::tls::CODE_FLOOD;

/// mbedTLS's code for a stream that has ended.
pub(in crate::tls) const CODE_END: i32 = ffi::MBEDTLS_ERR_SSL_CONN_EOF;
/// mbedTLS's code for a certificate that was refused.
pub(in crate::tls) const CODE_REFUSED: i32 = ffi::MBEDTLS_ERR_X509_CERT_VERIFY_FAILED;

pub(in crate::tls) const NO_ROOTS: &str =
    "no root certificates: give some, or build the bundle in (CONFIG_REQUESTS_CA_BUNDLE)";
pub(in crate::tls) const TRUNCATED: &str =
    "the connection ended without the peer saying so in TLS: data may be missing";
