// SPDX-License-Identifier: Apache-2.0
//! Conversion of time-outs to milliseconds.

use core::time::Duration;

/// Converts `timeout` to milliseconds. A fraction of a millisecond is rounded up.
pub const fn milliseconds(timeout: Duration) -> u64 {
    let fraction = timeout.subsec_nanos().div_ceil(1_000_000) as u64;
    timeout.as_secs().saturating_mul(1000).saturating_add(fraction)
}
