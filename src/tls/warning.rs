// SPDX-License-Identifier: Apache-2.0
//! Warnings in the log about what is insecure.

/// Logs that the identity of `host` is not verified.
pub(super) fn unverified(host: &str) {
    #[cfg(feature = "log")]
    log::warn!("the certificate of {host} is NOT verified: danger::accept_invalid_certs was called");
    #[cfg(not(feature = "log"))]
    let _ = host;
}
