// SPDX-License-Identifier: Apache-2.0
//! The trait of what opens connections.

use core::net::SocketAddr;

use embedded_io::ErrorKind;

use super::deadline::Deadline;
use super::error::{DnsError, IoError};
#[cfg(tls_sockets)]
use super::secure_socket::SecureSocket;
use super::stream::Transport;
use crate::config::MAX_ADDRESSES;

/// The addresses of one name, in the order in which they are to be tried.
pub type Addresses = heapless::Vec<SocketAddr, MAX_ADDRESSES>;

/// What a request needs of the machine that it runs on: name look-up, connections, a clock, random bytes.
pub trait Network {
    /// The connections that this network opens.
    type Transport: Transport;

    /// Milliseconds on a clock that never goes back and that no one sets.
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
    /// [`ErrorKind::TimedOut`] when the peer did not answer by `deadline`, [`ErrorKind::Interrupted`] when
    /// the deadline's token was cancelled, else why it could not be reached.
    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<Self::Transport, IoError>;

    /// Connects to `address` and speaks TLS as `socket` says, by a secure socket of the platform.
    ///
    /// Only a build for Zephyr with `CONFIG_REQUESTS_TLS_SOCKETS` has this, and sends `https` by nothing
    /// else.
    ///
    /// # Errors
    /// As [`connect`](Self::connect). [`ErrorKind::ConnectionAborted`] when the handshake failed or the
    /// peer's certificate was refused; [`ErrorKind::Unsupported`] where the network has no such sockets.
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

    /// Seconds since 1970-01-01 00:00 UTC, to check certificates with; `None` where the clock is not set.
    fn unix_time(&self) -> Option<i64> {
        None
    }

    /// Fills `bytes` with random bytes that a peer cannot guess.
    ///
    /// # Errors
    /// When the machine's source of randomness does not answer.
    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError>;

    /// Waits until `until`.
    ///
    /// # Errors
    /// [`ErrorKind::Interrupted`] when its token is cancelled before, [`ErrorKind::Unsupported`] where the
    /// network cannot wait, which is what it does by default.
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
