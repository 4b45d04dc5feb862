// SPDX-License-Identifier: Apache-2.0
//! Flaws of a certificate or a path for which mbedTLS has no verify flag.

use mbedtls_sys as ffi;

pub(super) const MALFORMED: u32 = 1 << 24;
pub(super) const CRITICAL_EXTENSION: u32 = 1 << 25;
pub(super) const NAME_CONSTRAINTS: u32 = 1 << 26;
pub(super) const PATH_LENGTH: u32 = 1 << 27;
pub(super) const UNPINNED: u32 = 1 << 28;
/// A root has the issuer's name, but has not signed the certificate.
pub(super) const NOT_SIGNED: u32 = 1 << 29;
/// The certificate with the issuer's name may not sign certificates.
pub(super) const NOT_AUTHORITY: u32 = 1 << 30;
/// The bits of mbedTLS's verify flags.
pub(super) const FLAGS: u32 = (1 << 24) - 1;

/// mbedTLS's verify flags for weak signatures and keys.
pub(super) const WEAK: u32 =
    ffi::MBEDTLS_X509_BADCERT_BAD_MD | ffi::MBEDTLS_X509_BADCERT_BAD_PK | ffi::MBEDTLS_X509_BADCERT_BAD_KEY;
