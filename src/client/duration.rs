// SPDX-License-Identifier: Apache-2.0
//! Time-outs as the clock counts them.

use core::time::Duration;

/// `timeout` in milliseconds, fractions rounded up.
pub const fn milliseconds(timeout: Duration) -> u64 {
    let fraction = timeout.subsec_nanos().div_ceil(1_000_000) as u64;
    timeout.as_secs().saturating_mul(1000).saturating_add(fraction)
}
