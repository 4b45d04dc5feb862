// SPDX-License-Identifier: Apache-2.0
//! The one lock around mbedTLS.

use core::marker::PhantomData;

use mbedtls_sys as ffi;

/// Holds the lock until it is dropped, on the thread that took it.
///
/// The lock is not recursive: nothing that allocates in or calls mbedTLS may be made or dropped meanwhile,
/// except through [`Lock::released`].
pub(super) struct Lock(PhantomData<*const ()>);

impl Lock {
    pub(super) fn acquire() -> Self {
        // SAFETY: the lock is initialised statically and this thread does not hold it, see above.
        unsafe { ffi::requests_mbedtls_lock() };
        Self(PhantomData)
    }

    /// Runs `work` with the lock given back, inside a callback of mbedTLS.
    ///
    /// mbedTLS leaves nothing half done that another connection could see when it calls back.
    ///
    /// # Safety
    /// The calling thread holds the lock.
    pub(super) unsafe fn released<T>(work: impl FnOnce() -> T) -> T {
        // SAFETY: the caller holds the lock.
        unsafe { ffi::requests_mbedtls_unlock() };
        let result = work();
        // SAFETY: this thread has just given the lock back, and `work` has dropped what it took.
        unsafe { ffi::requests_mbedtls_lock() };
        result
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // SAFETY: this value was made by taking the lock on this thread, which it cannot leave.
        unsafe { ffi::requests_mbedtls_unlock() };
    }
}
