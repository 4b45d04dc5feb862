// SPDX-License-Identifier: Apache-2.0
//! A list of parsed certificates.

use core::marker::PhantomData;
use core::mem::size_of;
use core::ptr::{self, NonNull};
use core::slice;

use mbedtls_sys as ffi;

use super::failure::{CODE_LAYOUT, Failure, check, start};

/// Parsed certificates in mbedTLS's heap.
pub(crate) struct Certificates {
    first: NonNull<ffi::mbedtls_x509_crt>,
    len: usize,
}

impl Certificates {
    pub(crate) fn new() -> Result<Self, Failure> {
        if !ffi::layout_matches() {
            return Err(Failure::new(CODE_LAYOUT));
        }
        start()?;
        // SAFETY: allocates a zeroed block of the size that the C compiler gives the structure,
        // which was compared above.
        let first = unsafe { ffi::requests_mbedtls_calloc(1, size_of::<ffi::mbedtls_x509_crt>()) };
        let first = NonNull::new(first.cast::<ffi::mbedtls_x509_crt>())
            .ok_or(Failure::new(ffi::REQUESTS_MBEDTLS_ERR_ALLOC_FAILED))?;
        // SAFETY: the block is large enough and aligned for any type.
        unsafe { ffi::mbedtls_x509_crt_init(first.as_ptr()) };
        Ok(Self { first, len: 0 })
    }

    /// Parses one certificate and appends it. `der` is copied.
    pub(crate) fn push(&mut self, der: &[u8]) -> Result<(), Failure> {
        // SAFETY: the list is initialised and uniquely borrowed; the slice is readable for its length.
        check(unsafe { ffi::mbedtls_x509_crt_parse_der(self.first.as_ptr(), der.as_ptr(), der.len()) })?;
        self.len += 1;
        Ok(())
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The certificates in the order in which they were added.
    pub(crate) const fn iter(&self) -> Chain<'_> {
        // A list without certificates still has one empty structure.
        let first = if self.len == 0 { ptr::null_mut() } else { self.first.as_ptr() };
        // SAFETY: parsed, and the borrow keeps the list as it is.
        unsafe { Chain::new(first) }
    }

    /// Frees all certificates. An empty list remains.
    pub(super) fn clear(&mut self) {
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

// SAFETY: this value alone owns the list. mbedTLS does not depend on the thread, and its shared
// data has locks.
unsafe impl Send for Certificates {}

impl Drop for Certificates {
    fn drop(&mut self) {
        // SAFETY: `new` has initialised it. Nothing else refers to it: every reference borrows this
        // value.
        unsafe {
            ffi::mbedtls_x509_crt_free(self.first.as_ptr());
            ffi::requests_mbedtls_free(self.first.as_ptr().cast());
        }
    }
}

/// One parsed certificate of a list.
#[derive(Clone, Copy)]
pub(crate) struct Parsed<'a> {
    certificate: NonNull<ffi::mbedtls_x509_crt>,
    lifetime: PhantomData<&'a Certificates>,
}

impl<'a> Parsed<'a> {
    /// The certificate in DER.
    pub(crate) fn der(self) -> &'a [u8] {
        // SAFETY: the certificate is parsed, alive and unchanged for 'a. `raw` is a plain pair of
        // pointer and length.
        let (start, len) = unsafe {
            let certificate = self.certificate.as_ptr();
            ((*certificate).raw.p, (*certificate).raw.len)
        };
        if start.is_null() || isize::try_from(len).is_err() {
            return &[];
        }
        // SAFETY: mbedTLS keeps the whole certificate there as long as the structure lives.
        unsafe { slice::from_raw_parts(start, len) }
    }

    /// Returns mbedTLS's verify flags for this certificate, with `issuer` as its issuer: whether
    /// `issuer` signed it, whether `issuer` may sign certificates, and whether digests or keys of
    /// either are weak.
    ///
    /// An issuer without extensions counts as a trusted certificate of an old version, which may
    /// sign. The flags include those for dates, if mbedTLS checks dates.
    pub(crate) fn flags_under(self, issuer: Parsed<'_>) -> Result<u32, Failure> {
        let (child, issuer) = (self.certificate.as_ptr(), issuer.certificate.as_ptr());
        if child == issuer {
            return Ok(ffi::MBEDTLS_X509_BADCERT_NOT_TRUSTED);
        }
        let mut flags = 0;
        // SAFETY: both are parsed and alive. Each is a list of its own during the call, so that
        // mbedTLS cannot choose another issuer. Nothing else uses their lists meanwhile: the lists
        // belong to this thread, because `Parsed` and `Chain` contain pointers and cannot leave it.
        let code = unsafe {
            let (child_next, issuer_next) = ((*child).next, (*issuer).next);
            (*child).next = ptr::null_mut();
            (*issuer).next = ptr::null_mut();
            let code = ffi::mbedtls_x509_crt_verify_with_profile(
                child,
                issuer,
                ptr::null_mut(),
                &raw const ffi::mbedtls_x509_crt_profile_default,
                ptr::null(),
                &raw mut flags,
                None,
                ptr::null_mut(),
            );
            (*child).next = child_next;
            (*issuer).next = issuer_next;
            code
        };
        match code {
            0 => Ok(0),
            ffi::MBEDTLS_ERR_X509_CERT_VERIFY_FAILED if flags != 0 => Ok(flags),
            code => Err(Failure::new(code)),
        }
    }
}

/// An iterator over the certificates of a list.
#[derive(Clone)]
pub(crate) struct Chain<'a> {
    next: *mut ffi::mbedtls_x509_crt,
    lifetime: PhantomData<&'a Certificates>,
}

impl Chain<'_> {
    /// # Safety
    /// `first` must be null, or point to a parsed list that lives and does not change for the
    /// lifetime of the result.
    pub(super) const unsafe fn new(first: *mut ffi::mbedtls_x509_crt) -> Self {
        Self { next: first, lifetime: PhantomData }
    }
}

impl<'a> Iterator for Chain<'a> {
    type Item = Parsed<'a>;

    fn next(&mut self) -> Option<Parsed<'a>> {
        let certificate = NonNull::new(self.next)?;
        // SAFETY: alive and unchanged for 'a, as `new` requires.
        self.next = unsafe { (*certificate.as_ptr()).next };
        Some(Parsed { certificate, lifetime: PhantomData })
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec;

    use super::*;

    const BAD_DIGEST: u32 = ffi::MBEDTLS_X509_BADCERT_BAD_MD;

    /// Each root of Mozilla's list has signed itself, so the key in the table must verify its
    /// certificate.
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
            let own = chain.iter().next().unwrap();
            // Some roots have signed themselves with SHA-1. That does not matter for a root, so it
            // is masked out.
            let flags = |issuer: Parsed<'_>| own.flags_under(issuer).unwrap() & !BAD_DIGEST;
            assert!(roots.iter().any(|root| flags(root) == 0));
            assert_eq!(flags(own), ffi::MBEDTLS_X509_BADCERT_NOT_TRUSTED);
            assert!(Certificates::new().unwrap().iter().next().is_none());
            verified += 1;
        }
        assert_eq!(verified, requests_ca_bundle::LEN);
    }

    /// Finds the name of the issuer in a root certificate, whose layout is always the same.
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
