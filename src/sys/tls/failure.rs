// SPDX-License-Identifier: Apache-2.0
//! Why a call of mbedTLS failed.

use core::ffi::c_int;

use mbedtls_sys as ffi;

use super::stream::StreamError;

/// Why a call of mbedTLS failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failure {
    /// mbedTLS's code, or one of the shim's.
    pub code: i32,
    /// The error of the stream below TLS, if that was the cause.
    pub io: Option<StreamError>,
    /// The number of the alert that the peer sent.
    pub received_alert: Option<u8>,
    /// The number of the alert that was sent, if it was not encrypted.
    pub sent_alert: Option<u8>,
}

impl Failure {
    pub(crate) const fn new(code: i32) -> Self {
        Self { code, io: None, received_alert: None, sent_alert: None }
    }

    pub(super) const fn io(error: StreamError) -> Self {
        Self { code: ffi::REQUESTS_MBEDTLS_ERR_IO, io: Some(error), received_alert: None, sent_alert: None }
    }

    /// Whether mbedTLS had no memory left, in whichever module.
    pub(crate) fn is_out_of_memory(&self) -> bool {
        ffi::requests_mbedtls_is_out_of_memory(self.code)
    }
}

/// The structures of the bindings differ from those of the linked library. This only happens if a
/// build has mixed two configurations.
pub(crate) const CODE_LAYOUT: i32 = -0x7ffc;
/// The peer sent more in a handshake, or between data, than any correct peer sends.
pub(crate) const CODE_FLOOD: i32 = -0x7ffb;
/// A step was called out of order, or mbedTLS returned an impossible result.
pub(crate) const CODE_INTERNAL: i32 = -0x7ffa;
/// There are no random bytes.
pub(crate) const CODE_RANDOM: i32 = ffi::REQUESTS_MBEDTLS_ERR_RANDOM;

/// Prepares what mbedTLS computes with. Needed before anything is parsed, and allowed at any time.
pub(super) fn start() -> Result<(), Failure> {
    // SAFETY: has no arguments, and its own locks.
    check(unsafe { ffi::requests_mbedtls_start() })
}

/// Turns a code into a failure, unless it is 0.
pub(super) fn check(code: c_int) -> Result<(), Failure> {
    if code == 0 { Ok(()) } else { Err(Failure::new(code)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_memory_is_seen_in_every_module() {
        let is_out_of_memory = |code| Failure::new(code).is_out_of_memory();
        assert!(is_out_of_memory(-141));
        assert!(is_out_of_memory(ffi::REQUESTS_MBEDTLS_ERR_ALLOC_FAILED));
        // Before mbedTLS 4 each module has a number of its own, and an error of X.509 or PK can be the sum of
        // its own and that of ASN.1 or of a big number.
        let sums = [-(0x2180 + 0x6a), -(0x3d00 + 0x10)];
        let modules = [-0x7f00, -0x2880, -0x3f80, -0x4d80, -0x5180, -0x6a, -0x10];
        for code in modules.into_iter().chain(sums) {
            assert_eq!(is_out_of_memory(code), ffi::MBEDTLS_VERSION_MAJOR < 4, "{code:#x}");
        }
        for code in [0, 1, -0x7280, -0x7780, -0x2700, -0x2562, -0x6900, -0x004c, -144, -i32::MAX] {
            assert!(!is_out_of_memory(code), "{code:#x}");
        }
    }
}
