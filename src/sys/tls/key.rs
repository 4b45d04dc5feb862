// SPDX-License-Identifier: Apache-2.0
//! A private key.

use core::mem::size_of;
use core::ptr::NonNull;

use mbedtls_sys as ffi;

use super::certificates::Certificates;
use super::failure::{CODE_LAYOUT, Failure, check, start};

/// A parsed private key in mbedTLS's heap.
pub(crate) struct Key(NonNull<ffi::mbedtls_pk_context>);

impl Key {
    /// Parses a key in DER that is not encrypted.
    pub(crate) fn parse(der: &[u8]) -> Result<Self, Failure> {
        if !ffi::layout_matches() {
            return Err(Failure::new(CODE_LAYOUT));
        }
        start()?;
        // SAFETY: the block is zeroed, aligned for any type, and of the size that the C compiler
        // gives the structure. The slice is readable for its length.
        let (key, code) = unsafe {
            let key = ffi::requests_mbedtls_calloc(1, size_of::<ffi::mbedtls_pk_context>());
            let key = NonNull::new(key.cast::<ffi::mbedtls_pk_context>())
                .ok_or(Failure::new(ffi::REQUESTS_MBEDTLS_ERR_ALLOC_FAILED))?;
            ffi::mbedtls_pk_init(key.as_ptr());
            (key, ffi::requests_mbedtls_parse_key(key.as_ptr(), der.as_ptr(), der.len()))
        };
        let key = Self(key);
        check(code)?;
        Ok(key)
    }

    /// Checks that the first certificate is for this key.
    pub(crate) fn check_pair(&self, chain: &Certificates) -> Result<(), Failure> {
        // SAFETY: both are initialised, and belong to this thread, which uses them for nothing else
        // during the call.
        check(unsafe { ffi::requests_mbedtls_check_pair(chain.as_ptr(), self.as_ptr()) })
    }

    /// Overwrites and frees the key. An empty key remains.
    pub(super) fn clear(&mut self) {
        // SAFETY: the key is initialised and uniquely borrowed.
        unsafe {
            ffi::mbedtls_pk_free(self.as_ptr());
            ffi::mbedtls_pk_init(self.as_ptr());
        }
    }

    pub(super) const fn as_ptr(&self) -> *mut ffi::mbedtls_pk_context {
        self.0.as_ptr()
    }
}

// SAFETY: this value alone owns the key. mbedTLS does not depend on the thread, and its shared data
// has locks.
unsafe impl Send for Key {}

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: `parse` has initialised it. Nothing else refers to it: everything that points to
        // it owns this value.
        unsafe {
            ffi::mbedtls_pk_free(self.as_ptr());
            ffi::requests_mbedtls_free(self.as_ptr().cast());
        }
    }
}
