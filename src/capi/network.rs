// SPDX-License-Identifier: Apache-2.0
//! Waiting until there is a network.

use core::ffi::c_int;
use core::time::Duration;

use crate::capi::code::Code;
use crate::transport::{NetworkError, network_wait};

/// `requests_network_wait`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_network_wait(timeout_ms: u32) -> c_int {
    match network_wait(Duration::from_millis(timeout_ms.into())) {
        Ok(()) => 0,
        Err(NetworkError::LinkDown) => Code::LinkDown.number(),
        Err(NetworkError::NoAddress) => Code::NoAddress.number(),
    }
}
