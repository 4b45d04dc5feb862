// SPDX-License-Identifier: Apache-2.0
//! The memory that secure sockets take, which nobody counts.

use crate::tls::heap::HeapUsage;

/// How much of mbedTLS's heap is in use by all connections together.
///
/// `None` where it is not counted: on Zephyr this takes `CONFIG_REQUESTS_TLS_HEAP_STATISTICS`, which secure
/// sockets (`CONFIG_REQUESTS_TLS_SOCKETS`) do not have.
#[must_use]
pub const fn heap_usage() -> Option<HeapUsage> {
    None
}
