// SPDX-License-Identifier: Apache-2.0
//! Sessions that a later connection can resume, as mbedTLS writes them.

use core::ffi::{c_char, c_int};

use mbedtls_sys as ffi;

use super::failure::{Failure, check, start};
use super::heap::HeapBytes;

/// A session as bytes, and for how long the server said that it will know it.
pub(crate) struct SavedSession {
    pub bytes: HeapBytes,
    /// In seconds.
    pub lifetime: Option<u32>,
}

/// The session that the server can resume, unless it was taken already or is larger than `most` bytes.
///
/// # Safety
/// `ssl` is set up, and nothing else uses it.
pub(super) unsafe fn save(
    ssl: *mut ffi::mbedtls_ssl_context,
    most: usize,
) -> Result<Option<SavedSession>, Failure> {
    let mut lifetime = 0;
    // SAFETY: the caller vouches for the context.
    let size = unsafe { ffi::requests_mbedtls_session_size(ssl, &raw mut lifetime) };
    if size == 0 || size > most {
        return Ok(None);
    }
    let mut bytes = HeapBytes::zeroed(size)?;
    // SAFETY: as above; the bytes are writable for their length.
    check(unsafe { ffi::requests_mbedtls_save_session(ssl, bytes.as_mut_ptr(), bytes.len()) })?;
    Ok(Some(SavedSession { bytes, lifetime: (lifetime > 0).then_some(lifetime) }))
}

/// Whether such bytes, whatever they are, are a session that this mbedTLS can offer.
pub(crate) fn check_session(bytes: &[u8]) -> Result<(), Failure> {
    start()?;
    // SAFETY: the slice is readable for its length.
    check(unsafe { ffi::requests_mbedtls_check_session(bytes.as_ptr(), bytes.len()) })
}

/// Offers a saved session; what is not 0 has offered nothing.
///
/// # Safety
/// `ssl` is set up, nothing else uses it, and `name` is null or ends with a NUL.
pub(super) unsafe fn offer(ssl: *mut ffi::mbedtls_ssl_context, saved: &[u8], name: *const c_char) -> c_int {
    // SAFETY: the caller vouches for the context and the name; the slice is readable for its length.
    unsafe { ffi::requests_mbedtls_offer_session(ssl, saved.as_ptr(), saved.len(), name) }
}
