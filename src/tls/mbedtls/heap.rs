// SPDX-License-Identifier: Apache-2.0
//! The memory that mbedTLS uses.

use crate::sys;
use crate::tls::heap::HeapUsage;

/// The usage of mbedTLS's heap by all connections together.
///
/// `None` if it is not counted. On Zephyr, `CONFIG_REQUESTS_TLS_HEAP_STATISTICS` counts it, but not with secure
/// sockets (`CONFIG_REQUESTS_TLS_SOCKETS`).
#[must_use]
pub fn heap_usage() -> Option<HeapUsage> {
    sys::tls::heap_usage().map(|(used, peak, blocks)| HeapUsage { used, peak, blocks })
}

/// Limits mbedTLS's heap to `bytes`, as `CONFIG_MBEDTLS_HEAP_SIZE` does on a device.
///
/// This shows on a host how much an application needs, and what it does if the heap is too small.
#[cfg(feature = "host")]
pub fn limit_heap(bytes: usize) {
    sys::tls::limit_heap(bytes);
}

/// Lets one allocation of mbedTLS fail: the one after `number` others. With `usize::MAX`, none fails.
///
/// Returns the number of allocations that were left before the failure set earlier; `usize::MAX` if it has occurred.
#[cfg(feature = "host")]
#[must_use = "it says whether the allocation was reached"]
pub fn fail_allocation(number: usize) -> usize {
    sys::tls::fail_allocation(number)
}
