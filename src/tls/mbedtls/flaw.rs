// SPDX-License-Identifier: Apache-2.0
//! What can be wrong with a certificate or a path and has no verify flag of mbedTLS's own.

use mbedtls_sys as ffi;

pub(super) const MALFORMED: u32 = 1 << 24;
pub(super) const CRITICAL_EXTENSION: u32 = 1 << 25;
pub(super) const NAME_CONSTRAINTS: u32 = 1 << 26;
pub(super) const PATH_LENGTH: u32 = 1 << 27;
pub(super) const UNPINNED: u32 = 1 << 28;
/// A root has the issuer's name, but has not signed the certificate.
pub(super) const NOT_SIGNED: u32 = 1 << 29;
/// What has the issuer's name may not sign certificates.
pub(super) const NOT_AUTHORITY: u32 = 1 << 30;
/// Those of mbedTLS.
pub(super) const FLAGS: u32 = (1 << 24) - 1;

/// What mbedTLS says about the strength of a signature and of the keys on both sides of it.
pub(super) const WEAK: u32 =
    ffi::MBEDTLS_X509_BADCERT_BAD_MD | ffi::MBEDTLS_X509_BADCERT_BAD_PK | ffi::MBEDTLS_X509_BADCERT_BAD_KEY;
