// SPDX-License-Identifier: Apache-2.0
//! Sessions for a later connection to resume, in mbedTLS's format.

use core::ffi::{c_char, c_int};

use mbedtls_sys as ffi;

use super::failure::{Failure, check, start};
use super::heap::HeapBytes;

/// A session in mbedTLS's format, and its lifetime as told by the server.
pub(crate) struct SavedSession {
    pub bytes: HeapBytes,
    /// In seconds.
    pub lifetime: Option<u32>,
}

/// Returns the session that the server can resume. `None` if it was taken already, or is larger
/// than `most` bytes.
///
/// # Safety
/// `ssl` must be set up, and nothing else may use it.
pub(super) unsafe fn save(
    ssl: *mut ffi::mbedtls_ssl_context,
    most: usize,
) -> Result<Option<SavedSession>, Failure> {
    let mut lifetime = 0;
    // SAFETY: the caller guarantees that the context is valid.
    let size = unsafe { ffi::requests_mbedtls_session_size(ssl, &raw mut lifetime) };
    if size == 0 || size > most {
        return Ok(None);
    }
    let mut bytes = HeapBytes::zeroed(size)?;
    // SAFETY: as above; the bytes are writable for their length.
    check(unsafe { ffi::requests_mbedtls_save_session(ssl, bytes.as_mut_ptr(), bytes.len()) })?;
    Ok(Some(SavedSession { bytes, lifetime: (lifetime > 0).then_some(lifetime) }))
}

/// Checks that any bytes are a session that this mbedTLS can offer.
pub(crate) fn check_session(bytes: &[u8]) -> Result<(), Failure> {
    start()?;
    // SAFETY: the slice is readable for its length.
    check(unsafe { ffi::requests_mbedtls_check_session(bytes.as_ptr(), bytes.len()) })
}

/// Offers a saved session. Any result but 0 means that none was offered.
///
/// # Safety
/// `ssl` must be set up, nothing else may use it, and `name` must be null or end with a NUL.
pub(super) unsafe fn offer(ssl: *mut ffi::mbedtls_ssl_context, saved: &[u8], name: *const c_char) -> c_int {
    // SAFETY: the caller guarantees that context and name are valid. The slice is readable for its
    // length.
    unsafe { ffi::requests_mbedtls_offer_session(ssl, saved.as_ptr(), saved.len(), name) }
}
