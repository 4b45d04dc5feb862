// SPDX-License-Identifier: Apache-2.0
//! The settings of a platform's secure socket.

/// The settings of a secure socket, for [`Network::connect_tls`](super::Network::connect_tls).
#[derive(Debug, Clone, Copy)]
pub struct SecureSocket<'a> {
    pub(crate) host: &'a str,
    pub(crate) tags: &'a [u32],
    pub(crate) is_verified: bool,
}

impl<'a> SecureSocket<'a> {
    /// The name to send and to verify, or the address literal to verify.
    #[must_use]
    pub const fn host(&self) -> &'a str {
        self.host
    }

    /// The security tags of the credentials to use.
    #[must_use]
    pub const fn tags(&self) -> &'a [u32] {
        self.tags
    }

    /// Whether the peer's certificate is verified. It is not after
    /// [`danger::accept_invalid_certs`](crate::tls::danger::accept_invalid_certs).
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.is_verified
    }
}
