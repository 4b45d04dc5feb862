// SPDX-License-Identifier: Apache-2.0
//! mbedTLS with ownership: every block has one owner that frees it.
//!
//! What Rust moves holds only pointers into mbedTLS's own heap, so nothing that mbedTLS points to ever moves:
//! a [`Connection`] is one block there. The transport is lent to mbedTLS for the length of one call, and its
//! errors come back beside mbedTLS's code, never as an end of the stream.
//!
//! mbedTLS is built with its own locks (`MBEDTLS_THREADING_C`), around what its users share: the heap, PSA's keys. The
//! structures here are used by one thread at a time, whose ownership sees to that. So no thread waits for what another
//! computes, and none for the network of another.

mod bio;
mod certificates;
mod connection;
mod heap;
mod key;
mod session;

use core::ffi::c_int;

use mbedtls_sys as ffi;

pub(crate) use certificates::{Certificates, Chain, Parsed};
pub(crate) use connection::{Connection, Identity, Progress, Received, Setup};
pub(crate) use heap::HeapBytes;
pub(crate) use key::Key;
pub(crate) use session::check_session;

use crate::transport::IoError;

/// Why a call of mbedTLS failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failure {
    /// mbedTLS's code, or one of the shim's.
    pub code: i32,
    /// The error of the transport, where it was that.
    pub io: Option<IoError>,
    /// The number of the alert that the peer sent.
    pub received_alert: Option<u8>,
    /// The number of the alert that was sent, where it could be seen.
    pub sent_alert: Option<u8>,
}

impl Failure {
    pub(crate) const fn new(code: i32) -> Self {
        Self { code, io: None, received_alert: None, sent_alert: None }
    }

    pub(crate) const fn io(error: IoError) -> Self {
        Self { code: ffi::REQUESTS_MBEDTLS_ERR_IO, io: Some(error), received_alert: None, sent_alert: None }
    }

    /// Whether mbedTLS had no memory left, whatever module noticed it.
    pub(crate) const fn is_out_of_memory(&self) -> bool {
        is_out_of_memory(self.code)
    }
}

/// The structures of the bindings are not those of the library that is linked: never seen unless a build
/// mixed two configurations.
pub(crate) const CODE_LAYOUT: i32 = -0x7ffc;
/// The peer sent more than any sound one does in a handshake, or without data in between.
pub(crate) const CODE_FLOOD: i32 = -0x7ffb;
/// A step was taken out of order, or mbedTLS reported something impossible.
pub(crate) const CODE_INTERNAL: i32 = -0x7ffa;
/// No random bytes could be had.
pub(crate) const CODE_RANDOM: i32 = ffi::REQUESTS_MBEDTLS_ERR_RANDOM;

const fn is_out_of_memory(code: i32) -> bool {
    if code > -0x100 && code < -0x80 {
        return code == ffi::PSA_ERROR_INSUFFICIENT_MEMORY;
    }
    // A code is the sum of a module's high part and, optionally, a low part from ASN.1 or big numbers.
    let high = -(-code & 0xff80);
    let low = -(-code & 0x7f);
    matches!(
        high,
        ffi::MBEDTLS_ERR_SSL_ALLOC_FAILED
            | ffi::MBEDTLS_ERR_X509_ALLOC_FAILED
            | ffi::MBEDTLS_ERR_PK_ALLOC_FAILED
            | ffi::MBEDTLS_ERR_ECP_ALLOC_FAILED
            | ffi::MBEDTLS_ERR_MD_ALLOC_FAILED
    ) || matches!(low, ffi::MBEDTLS_ERR_ASN1_ALLOC_FAILED | ffi::MBEDTLS_ERR_MPI_ALLOC_FAILED)
}

fn check(code: c_int) -> Result<(), Failure> {
    if code == 0 { Ok(()) } else { Err(Failure::new(code)) }
}

/// Whether this mbedTLS was built with TLS 1.2.
pub(crate) fn has_tls12() -> bool {
    ffi::requests_mbedtls_features() & ffi::REQUESTS_MBEDTLS_HAS_TLS_1_2 != 0
}

/// Whether this mbedTLS was built with TLS 1.3.
pub(crate) fn has_tls13() -> bool {
    ffi::requests_mbedtls_features() & ffi::REQUESTS_MBEDTLS_HAS_TLS_1_3 != 0
}

/// Bytes in use, the most that ever were, and blocks in use, of mbedTLS's heap, where they are counted.
pub(crate) fn heap_usage() -> Option<(usize, usize, usize)> {
    let mut usage = ffi::requests_mbedtls_heap::default();
    // SAFETY: the structure is writable.
    let code = unsafe { ffi::requests_mbedtls_heap_usage(&raw mut usage) };
    (code == 0).then_some((usage.used, usage.peak, usage.blocks))
}

/// A number that grows with each allocation of mbedTLS that fails on this thread, where they are counted.
pub(crate) fn failed_allocations() -> u32 {
    ffi::requests_mbedtls_failed_allocations()
}

/// Lets no more than this many bytes of mbedTLS's heap be in use.
#[cfg(feature = "host")]
pub(crate) fn limit_heap(bytes: usize) {
    ffi::requests_mbedtls_limit_heap(bytes);
}

/// The SHA-256 digest of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> Result<[u8; 32], Failure> {
    let mut digest = [0; 32];
    // SAFETY: the slice is readable for its length and the digest writable for its 32 bytes.
    check(unsafe { ffi::requests_mbedtls_sha256(bytes.as_ptr(), bytes.len(), &raw mut digest) })?;
    Ok(digest)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn out_of_memory_is_seen_in_every_module() {
        for code in [-0x7f00, -0x2880, -0x3f80, -0x4d80, -0x5180, -0x6a, -0x10, -141] {
            assert!(is_out_of_memory(code), "{code:#x}");
        }
        // Parsing errors of X.509 and PK that an allocation of ASN.1 or of a big number caused.
        assert!(is_out_of_memory(-(0x2180 + 0x6a)));
        assert!(is_out_of_memory(-(0x3d00 + 0x10)));
        for code in [0, -0x7280, -0x7780, -0x2700, -0x2562, -0x6900, -0x004c, -144] {
            assert!(!is_out_of_memory(code), "{code:#x}");
        }
    }

    #[test]
    #[cfg(feature = "std")]
    fn failed_allocations_are_those_of_the_thread() {
        let fail = || {
            let before = failed_allocations();
            assert!(HeapBytes::zeroed(usize::MAX / 2).is_err());
            assert!(failed_allocations() > before);
        };
        fail();
        let before = failed_allocations();
        std::thread::spawn(fail).join().unwrap();
        assert_eq!(failed_allocations(), before);
    }

    #[test]
    fn sha256_of_nothing() {
        let digest = sha256(b"").unwrap();
        assert_eq!(digest[..4], [0xe3, 0xb0, 0xc4, 0x42]);
    }
}
