// SPDX-License-Identifier: Apache-2.0
//! The TLS of this build, `struct requests_tls_info`.

use core::ffi::c_int;

use crate::capi::failure::result_of;
use crate::sys::c::checks::PointerChecks;
use crate::sys::c::pointer::Out;
use crate::sys::c::types::TlsInfoFields;

/// `requests_tls_info`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_tls_info(info: Out<'_, TlsInfoFields>) -> c_int {
    if let Err(misuse) = PointerChecks::new().out(info) {
        return result_of(Err(misuse));
    }
    #[cfg(feature = "tls")]
    {
        info.write(current());
        0
    }
    #[cfg(not(feature = "tls"))]
    crate::capi::code::Code::NotBuiltIn.number()
}

#[cfg(all(feature = "tls", not(tls_sockets)))]
fn current() -> TlsInfoFields {
    use crate::tls::{TlsVersion, heap_usage, versions};

    let number = |version| match version {
        TlsVersion::Tls12 => 12,
        TlsVersion::Tls13 => 13,
    };
    let ((oldest, newest), heap) = (versions(), heap_usage());
    TlsInfoFields {
        roots: u32::try_from(requests_ca_bundle::LEN).unwrap_or(u32::MAX),
        oldest_version: number(oldest),
        newest_version: number(newest),
        is_heap_counted: heap.is_some(),
        heap_used: heap.map_or(0, |heap| heap.used),
        heap_peak: heap.map_or(0, |heap| heap.peak),
    }
}

/// Secure sockets have roots, versions and memory of their own.
#[cfg(all(feature = "tls", tls_sockets))]
fn current() -> TlsInfoFields {
    TlsInfoFields::default()
}
