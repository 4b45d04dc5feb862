// SPDX-License-Identifier: Apache-2.0
//! A list of parsed certificates.

use core::ffi::{c_char, c_int, c_void};
use core::mem::size_of;
use core::ptr::{self, NonNull};
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

/// Verifies the certificate `chain`, with those behind it in its list as what may lead to one of `roots`.
///
/// `judge` is as for [`Connection::verify`](super::Connection::verify), and so is the result.
///
/// # Safety
/// `chain` points to a parsed list that does not change during the call, `name` is null or ends with a NUL, and
/// the calling thread holds the lock.
pub(super) unsafe fn verify_path(
    chain: *mut ffi::mbedtls_x509_crt,
    roots: &Certificates,
    name: *const c_char,
    mut judge: &mut dyn FnMut(usize, &[u8], u32) -> u32,
) -> Result<u32, Failure> {
    let mut flags = 0;
    // A list without certificates still has a first, empty structure.
    let roots = if roots.len() == 0 { ptr::null_mut() } else { roots.as_ptr() };
    // SAFETY: the caller vouches for the chain and the name, `roots` is parsed and borrowed, and the context of
    // the callback is a reference to a reference that outlives the call.
    let code = unsafe {
        ffi::mbedtls_x509_crt_verify_with_profile(
            chain,
            roots,
            ptr::null_mut(),
            &raw const ffi::mbedtls_x509_crt_profile_default,
            name,
            &raw mut flags,
            Some(call_judge),
            (&raw mut judge).cast::<c_void>(),
        )
    };
    match code {
        0 => Ok(0),
        ffi::MBEDTLS_ERR_X509_CERT_VERIFY_FAILED if flags != 0 => Ok(flags),
        code => Err(Failure::new(code)),
    }
}

unsafe extern "C" fn call_judge(
    context: *mut c_void,
    certificate: *mut ffi::mbedtls_x509_crt,
    distance: c_int,
    flags: *mut u32,
) -> c_int {
    // SAFETY: `verify_path` passes this reference to a closure and waits; mbedTLS passes a parsed certificate and
    // its flags. Given back while the closure runs, the lock is held by this thread, which called mbedTLS.
    unsafe {
        let judge = &mut *context.cast::<&mut dyn FnMut(usize, &[u8], u32) -> u32>();
        let before = *flags;
        let distance = usize::try_from(distance).unwrap_or(usize::MAX);
        let bytes = der(certificate);
        *flags = Lock::released(|| judge(distance, bytes, before));
    }
    0
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

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec;

    use super::*;

    const BAD_DIGEST: u32 = ffi::MBEDTLS_X509_BADCERT_BAD_MD;

    fn verify(chain: &Certificates, roots: &Certificates) -> u32 {
        let _lock = Lock::acquire();
        // SAFETY: a parsed list that nothing changes; the lock is held.
        unsafe { verify_path(chain.as_ptr(), roots, ptr::null(), &mut |_, _, flags| flags) }.unwrap()
    }

    /// Each root of Mozilla's signed itself, so the key in the table has to verify its certificate.
    #[test]
    fn every_root_of_the_bundle_verifies_what_it_signed() {
        let mut verified = 0;
        for der in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
            let mut chain = Certificates::new().unwrap();
            chain.push(der).unwrap();
            let issuer = issuer(der);
            let mut roots = Certificates::new().unwrap();
            for root in requests_ca_bundle::find(issuer) {
                let mut buffer = vec![0; root.certificate_bound(issuer.len())];
                roots.push(root.write_certificate(issuer, &mut buffer).unwrap()).unwrap();
            }
            assert!(roots.len() >= 1);
            // Some signed themselves with SHA-1, which matters for no root and is checked here all the same.
            assert_eq!(verify(&chain, &roots) & !BAD_DIGEST, 0);
            assert_eq!(verify(&chain, &Certificates::new().unwrap()) & !BAD_DIGEST, 0x8);
            verified += 1;
        }
        assert_eq!(verified, requests_ca_bundle::LEN);
    }

    /// The name of the issuer in a root certificate, by hand: its layout is always the same.
    fn issuer(der: &[u8]) -> &[u8] {
        let skip = |bytes: &[u8], from: usize| {
            let first = usize::from(bytes[from + 1]);
            let (header, len) = match first {
                0x81 => (3, usize::from(bytes[from + 2])),
                0x82 => (4, usize::from(bytes[from + 2]) << 8 | usize::from(bytes[from + 3])),
                _ => (2, first),
            };
            (from + header, from + header + len)
        };
        let (body, _) = skip(der, 0);
        let (mut at, _) = skip(der, body);
        for _ in 0..3 {
            at = skip(der, at).1; // version, serial number, algorithm
        }
        &der[at..skip(der, at).1]
    }
}
