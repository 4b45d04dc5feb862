// SPDX-License-Identifier: Apache-2.0
//! Bytes in mbedTLS's heap: the one place where TLS needs memory of a size that nobody knows beforehand.

use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;
use core::slice;

use mbedtls_sys as ffi;

use super::failure::Failure;

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
            .ok_or(Failure::new(ffi::REQUESTS_MBEDTLS_ERR_ALLOC_FAILED))
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

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

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
}
