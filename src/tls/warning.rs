// SPDX-License-Identifier: Apache-2.0
//! Telling the log what is dangerous.

/// Logs that nothing proves who `host` is.
pub(super) fn unverified(host: &str) {
    #[cfg(feature = "log")]
    log::warn!("the certificate of {host} is NOT verified: danger::accept_invalid_certs was called");
    #[cfg(not(feature = "log"))]
    let _ = host;
}
