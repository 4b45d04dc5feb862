// SPDX-License-Identifier: Apache-2.0
//! The memory that secure sockets use, which is not counted.

use crate::tls::heap::HeapUsage;

/// The usage of mbedTLS's heap by all connections together.
///
/// `None` if it is not counted. On Zephyr, `CONFIG_REQUESTS_TLS_HEAP_STATISTICS` counts it, but not with secure
/// sockets (`CONFIG_REQUESTS_TLS_SOCKETS`).
#[must_use]
pub const fn heap_usage() -> Option<HeapUsage> {
    None
}
