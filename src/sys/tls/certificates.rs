// SPDX-License-Identifier: Apache-2.0
//! A list of parsed certificates.

use core::mem::size_of;
use core::ptr::NonNull;
use core::slice;

use mbedtls_sys as ffi;

use super::{Failure, Lock, check};

/// Parsed certificates in mbedTLS's heap.
pub(crate) struct Certificates {
    first: NonNull<ffi::mbedtls_x509_crt>,
    len: usize,
}

impl Certificates {
    pub(crate) fn new() -> Result<Self, Failure> {
        if !ffi::layout_matches() {
            return Err(Failure::new(super::CODE_LAYOUT));
        }
        let _lock = Lock::acquire();
        // SAFETY: asks for a zeroed block of the size that the C compiler gives the structure, as compared above.
        let first = unsafe { ffi::requests_mbedtls_calloc(1, size_of::<ffi::mbedtls_x509_crt>()) };
        let first = NonNull::new(first.cast::<ffi::mbedtls_x509_crt>())
            .ok_or(Failure::new(ffi::MBEDTLS_ERR_X509_ALLOC_FAILED))?;
        // SAFETY: the block is large enough and aligned for any type.
        unsafe { ffi::mbedtls_x509_crt_init(first.as_ptr()) };
        Ok(Self { first, len: 0 })
    }

    /// Parses one certificate and appends it; `der` is copied.
    pub(crate) fn push(&mut self, der: &[u8]) -> Result<(), Failure> {
        let _lock = Lock::acquire();
        // SAFETY: the list is initialised and uniquely borrowed; the slice is readable for its length.
        check(unsafe { ffi::mbedtls_x509_crt_parse_der(self.first.as_ptr(), der.as_ptr(), der.len()) })?;
        self.len += 1;
        Ok(())
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Frees all certificates; the list stays, empty.
    pub(super) fn clear(&mut self) {
        let _lock = Lock::acquire();
        // SAFETY: the list is initialised and uniquely borrowed.
        unsafe {
            ffi::mbedtls_x509_crt_free(self.first.as_ptr());
            ffi::mbedtls_x509_crt_init(self.first.as_ptr());
        }
        self.len = 0;
    }

    pub(super) const fn as_ptr(&self) -> *mut ffi::mbedtls_x509_crt {
        self.first.as_ptr()
    }
}

// SAFETY: the list belongs to this value alone, and mbedTLS, which ties nothing to a thread, is called under
// one lock whichever thread calls it.
unsafe impl Send for Certificates {}

impl Drop for Certificates {
    fn drop(&mut self) {
        let _lock = Lock::acquire();
        // SAFETY: initialised by `new`, referred to by nothing else: whoever lends it out borrows this value.
        unsafe {
            ffi::mbedtls_x509_crt_free(self.first.as_ptr());
            ffi::requests_mbedtls_free(self.first.as_ptr().cast());
        }
    }
}

/// The DER of one parsed certificate.
///
/// # Safety
/// `certificate` points to a parsed certificate that lives and does not change for `'a`.
pub(super) unsafe fn der<'a>(certificate: *const ffi::mbedtls_x509_crt) -> &'a [u8] {
    // SAFETY: the caller vouches for the pointer; `raw` is a plain pair of pointer and length.
    let (start, len) = unsafe { ((*certificate).raw.p, (*certificate).raw.len) };
    if start.is_null() || isize::try_from(len).is_err() {
        return &[];
    }
    // SAFETY: mbedTLS keeps the whole certificate there as long as it lives.
    unsafe { slice::from_raw_parts(start, len) }
}

/// Walks over the certificates of a list in their order.
pub(crate) struct Chain<'a> {
    next: *const ffi::mbedtls_x509_crt,
    lifetime: core::marker::PhantomData<&'a ()>,
}

impl Chain<'_> {
    /// # Safety
    /// `first` is null or points to a list that lives and does not change for the lifetime of the result.
    pub(super) const unsafe fn new(first: *const ffi::mbedtls_x509_crt) -> Self {
        Self { next: first, lifetime: core::marker::PhantomData }
    }
}

impl<'a> Iterator for Chain<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.next.is_null() {
            return None;
        }
        // SAFETY: not null, and alive and unchanged for 'a, as `new` demands.
        let (bytes, next) = unsafe { (der::<'a>(self.next), (*self.next).next) };
        self.next = next;
        Some(bytes)
    }
}
