// SPDX-License-Identifier: Apache-2.0
//! How much memory mbedTLS takes.

use crate::sys;
use crate::tls::heap::HeapUsage;

/// How much of mbedTLS's heap is in use by all connections together.
///
/// `None` where it is not counted: on Zephyr this takes `CONFIG_REQUESTS_TLS_HEAP_STATISTICS`, which secure
/// sockets (`CONFIG_REQUESTS_TLS_SOCKETS`) do not have.
#[must_use]
pub fn heap_usage() -> Option<HeapUsage> {
    sys::tls::heap_usage().map(|(used, peak, blocks)| HeapUsage { used, peak, blocks })
}

/// Limits mbedTLS's heap to `bytes`, as `CONFIG_MBEDTLS_HEAP_SIZE` does on a device.
///
/// This shows on a host how much an application needs, and what it does when that is not there.
#[cfg(feature = "host")]
pub fn limit_heap(bytes: usize) {
    sys::tls::limit_heap(bytes);
}

/// Lets one allocation of mbedTLS fail: the one that `number` others precede. None fails for `usize::MAX`.
///
/// Returns how many others would still have preceded the one that was to fail before; `usize::MAX` if it has failed.
#[cfg(feature = "host")]
#[must_use = "it says whether the allocation was reached"]
pub fn fail_allocation(number: usize) -> usize {
    sys::tls::fail_allocation(number)
}
