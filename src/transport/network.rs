// SPDX-License-Identifier: Apache-2.0
//! The trait of a network, which opens connections.

use core::net::SocketAddr;

use embedded_io::ErrorKind;

use super::deadline::Deadline;
use super::error::{DnsError, IoError};
#[cfg(tls_sockets)]
use super::secure_socket::SecureSocket;
use super::stream::Transport;
use crate::config::MAX_ADDRESSES;

/// The addresses of one name, in the order in which they are tried.
pub type Addresses = heapless::Vec<SocketAddr, MAX_ADDRESSES>;

/// The functions of the machine that requests need: name look-up, connections, a clock, random bytes.
pub trait Network {
    /// The connections that this network opens.
    type Transport: Transport;

    /// Milliseconds on a clock that never goes back and cannot be set.
    fn now(&self) -> u64;

    /// Appends the addresses of `host` to `addresses`, best first, as many as fit.
    ///
    /// `host` is a name, or an IPv4 or IPv6 address without brackets, which is its own result. Success means at
    /// least one address.
    ///
    /// # Errors
    /// [`DnsError`]: the name does not exist, or the look-up failed, timed out or was cancelled.
    fn resolve(
        &mut self,
        host: &str,
        port: u16,
        deadline: Deadline<'_>,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError>;

    /// Connects to `address`.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] if the peer did not answer by `deadline`, [`ErrorKind::Interrupted`] if the
    /// deadline's token was cancelled, or another kind if the peer could not be reached.
    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<Self::Transport, IoError>;

    /// Connects to `address` by a secure socket of the platform, with the settings in `socket`.
    ///
    /// Only a build for Zephyr with `CONFIG_REQUESTS_TLS_SOCKETS` supports this. It uses secure sockets for all
    /// `https` requests.
    ///
    /// # Errors
    /// As [`connect`](Self::connect). [`ErrorKind::ConnectionAborted`] if the handshake failed or the peer's
    /// certificate was refused. [`ErrorKind::Unsupported`] if the network has no secure sockets.
    #[cfg(tls_sockets)]
    fn connect_tls(
        &mut self,
        address: SocketAddr,
        socket: &SecureSocket<'_>,
        deadline: Deadline<'_>,
    ) -> Result<Self::Transport, IoError> {
        let _ = (address, socket, deadline);
        Err(IoError::new(ErrorKind::Unsupported))
    }

    /// The date in seconds since 1970-01-01 00:00 UTC, to check certificates; `None` if the clock is not set.
    fn unix_time(&self) -> Option<i64> {
        None
    }

    /// Fills `bytes` with random bytes that a peer cannot guess.
    ///
    /// # Errors
    /// If the machine has no source of random bytes, or if it failed.
    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError>;

    /// Waits until `until`.
    ///
    /// # Errors
    /// [`ErrorKind::Interrupted`] if its token is cancelled before. [`ErrorKind::Unsupported`] if the network
    /// cannot wait. This is the default.
    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        let _ = until;
        Err(IoError::new(ErrorKind::Unsupported))
    }
}

impl<N: Network + ?Sized> Network for &mut N {
    type Transport = N::Transport;

    fn now(&self) -> u64 {
        (**self).now()
    }

    fn resolve(
        &mut self,
        host: &str,
        port: u16,
        deadline: Deadline<'_>,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError> {
        (**self).resolve(host, port, deadline, addresses)
    }

    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<Self::Transport, IoError> {
        (**self).connect(address, deadline)
    }

    #[cfg(tls_sockets)]
    fn connect_tls(
        &mut self,
        address: SocketAddr,
        socket: &SecureSocket<'_>,
        deadline: Deadline<'_>,
    ) -> Result<Self::Transport, IoError> {
        (**self).connect_tls(address, socket, deadline)
    }

    fn unix_time(&self) -> Option<i64> {
        (**self).unix_time()
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        (**self).fill_random(bytes)
    }

    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        (**self).sleep(until)
    }
}
