// SPDX-License-Identifier: Apache-2.0
//! Bytes in mbedTLS's heap: the one place where TLS needs memory of a size that nobody knows beforehand.

use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;
use core::slice;

use mbedtls_sys as ffi;

use super::Failure;

/// A block of mbedTLS's heap, overwritten before it is freed.
pub(crate) struct HeapBytes {
    start: NonNull<u8>,
    len: usize,
}

impl HeapBytes {
    /// `len` zero bytes.
    pub(crate) fn zeroed(len: usize) -> Result<Self, Failure> {
        // SAFETY: any count and size may be asked for; the result is null or a zeroed block of that size.
        let start = unsafe { ffi::requests_mbedtls_calloc(1, len.max(1)) };
        NonNull::new(start.cast())
            .map(|start| Self { start, len })
            .ok_or(Failure::new(ffi::MBEDTLS_ERR_SSL_ALLOC_FAILED))
    }

    /// Uses the first `len` bytes only.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

// SAFETY: plain bytes that belong to this value alone; the heap has a lock.
unsafe impl Send for HeapBytes {}

impl Deref for HeapBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the block has at least `len` initialised bytes and this value alone owns it.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for HeapBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as for `deref`, and the borrow is unique.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Drop for HeapBytes {
    fn drop(&mut self) {
        // SAFETY: the block came from this heap, has at least `len` bytes, and is used no more.
        unsafe { ffi::requests_mbedtls_free_secret(self.start.as_ptr().cast(), self.len) };
    }
}
