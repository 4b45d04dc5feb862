// SPDX-License-Identifier: Apache-2.0
//! Blocks of mbedTLS's heap, for data whose size is not known beforehand.

use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;
use core::slice;

use mbedtls_sys as ffi;

use super::failure::Failure;

/// A block of mbedTLS's heap. It is overwritten before it is freed.
pub(crate) struct HeapBytes {
    start: NonNull<u8>,
    len: usize,
}

impl HeapBytes {
    /// Allocates `len` zero bytes.
    pub(crate) fn zeroed(len: usize) -> Result<Self, Failure> {
        // SAFETY: any count and size are allowed. The result is null or a zeroed block of that
        // size.
        let start = unsafe { ffi::requests_mbedtls_calloc(1, len.max(1)) };
        NonNull::new(start.cast())
            .map(|start| Self { start, len })
            .ok_or(Failure::new(ffi::REQUESTS_MBEDTLS_ERR_ALLOC_FAILED))
    }

    /// Keeps the first `len` bytes only.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

// SAFETY: this value alone owns the bytes, and the heap has a lock.
unsafe impl Send for HeapBytes {}

impl Deref for HeapBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the block has at least `len` initialised bytes, and this value alone owns it.
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
        // SAFETY: the block is from this heap, has at least `len` bytes, and is not used any more.
        unsafe { ffi::requests_mbedtls_free_secret(self.start.as_ptr().cast(), self.len) };
    }
}

/// The usage of mbedTLS's heap, if it is counted: bytes in use, the most bytes that ever were in
/// use, and blocks in use.
pub(crate) fn heap_usage() -> Option<(usize, usize, usize)> {
    let mut usage = ffi::requests_mbedtls_heap::default();
    // SAFETY: the structure is writable.
    let code = unsafe { ffi::requests_mbedtls_heap_usage(&raw mut usage) };
    (code == 0).then_some((usage.used, usage.peak, usage.blocks))
}

/// A counter of mbedTLS's failed allocations on this thread, if they are counted.
pub(crate) fn failed_allocations() -> u32 {
    ffi::requests_mbedtls_failed_allocations()
}

/// Limits the bytes of mbedTLS's heap that may be in use.
#[cfg(feature = "host")]
pub(crate) fn limit_heap(bytes: usize) {
    ffi::requests_mbedtls_limit_heap(bytes);
}

/// Lets one allocation of mbedTLS's heap fail. Returns what was left of the number before.
#[cfg(feature = "host")]
pub(crate) fn fail_allocation(number: usize) -> usize {
    ffi::requests_mbedtls_fail_allocation(number)
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
