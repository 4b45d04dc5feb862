// SPDX-License-Identifier: Apache-2.0
//! Byte streams and the network that opens them.
//!
//! The client knows no sockets: it asks a [`Network`] for addresses and for a connected [`Transport`], and
//! gives every call a [`Deadline`], which a [`CancelToken`] can end. `host` serves operating systems, `zephyr` serves
//! Zephyr, and `scripted` plays a written part in tests.

use core::net::SocketAddr;

use embedded_io::ErrorKind;

use crate::config::MAX_ADDRESSES;

mod cancel;
mod deadline;
#[cfg(feature = "host")]
pub mod host;
#[cfg(not(any(feature = "host", feature = "zephyr")))]
mod none;
#[cfg(feature = "std")]
pub mod scripted;
#[cfg(any(feature = "host", not(feature = "zephyr")))]
mod signal;
#[cfg(feature = "zephyr")]
pub mod zephyr;

pub use cancel::CancelToken;
pub use deadline::Deadline;

/// The network of the platform that the crate is compiled for.
#[cfg(feature = "host")]
pub type PlatformNetwork = host::HostNetwork;
/// The network of the platform that the crate is compiled for.
#[cfg(all(feature = "zephyr", not(feature = "host")))]
pub type PlatformNetwork = zephyr::ZephyrNetwork;

/// The network of a platform that is not known: there is none, callers bring their own.
#[cfg(not(any(feature = "host", feature = "zephyr")))]
pub type PlatformNetwork = none::NoNetwork;

/// The addresses of one name, in the order in which they are to be tried.
pub type Addresses = heapless::Vec<SocketAddr, MAX_ADDRESSES>;

/// A connected, reliable, ordered stream of bytes to one peer, closed when it is dropped.
pub trait Transport {
    /// Sends at least one byte of `bytes` and returns how many were taken.
    ///
    /// `bytes` is never empty, and `Ok(0)` is never returned.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] when nothing could be sent by `deadline`, and once `deadline` has passed even if the
    /// peer is ready, so that a peer that never pauses cannot prolong it. [`ErrorKind::Interrupted`] when the
    /// deadline's token was cancelled, and for nothing else. After either the call can be repeated, with the same bytes
    /// at the start of `bytes`. Any other kind when the stream is broken for good.
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError>;

    /// Receives at least one byte into `buffer` and returns how many arrived.
    ///
    /// `buffer` is never empty. `Ok(0)` means that the peer has ended its side of the stream in an orderly
    /// way; an error is never reported as an end.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError>;

    /// Waits until bytes can be received or sent, or the stream has ended or broken, which the next call will tell.
    ///
    /// For who sends and receives by turns without waiting in either ([`Deadline::NO_WAIT`]). It may return although
    /// nothing can be done yet.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] and [`ErrorKind::Interrupted`] as [`send`](Self::send), [`ErrorKind::Unsupported`] where
    /// the transport cannot wait for both at once, which is what it does by default.
    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        let _ = deadline;
        Err(IoError::new(ErrorKind::Unsupported))
    }
}

/// What a request needs of the machine that it runs on: name look-up, connections, a clock, random bytes.
pub trait Network {
    /// The connections that this network opens.
    type Transport: Transport;

    /// Milliseconds on a clock that never goes back and that no one sets.
    fn now(&self) -> u64;

    /// Appends the addresses of `host` to `addresses`, best first, as many as fit.
    ///
    /// `host` is a name, or an IPv4 or IPv6 address without brackets, which stands for itself. Success means at
    /// least one address.
    ///
    /// # Errors
    /// [`DnsError`] tells a name that does not exist from a look-up that failed, took until `deadline` or was
    /// cancelled.
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
    /// [`ErrorKind::TimedOut`] when the peer did not answer by `deadline`, [`ErrorKind::Interrupted`] when the
    /// deadline's token was cancelled, else why it could not be reached.
    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<Self::Transport, IoError>;

    /// Connects to `address` and speaks TLS as `socket` says, by a secure socket of the platform.
    ///
    /// Only a build for Zephyr with `CONFIG_REQUESTS_TLS_SOCKETS` has this, and sends `https` by nothing else.
    ///
    /// # Errors
    /// As [`connect`](Self::connect). [`ErrorKind::ConnectionAborted`] when the handshake failed or the peer's
    /// certificate was refused; [`ErrorKind::Unsupported`] where the network has no such sockets.
    #[cfg(tls_sockets)]
    fn connect_tls(
        &mut self,
        address: SocketAddr,
        socket: &crate::tls::SecureSocket<'_>,
        deadline: Deadline<'_>,
    ) -> Result<Self::Transport, IoError> {
        let _ = (address, socket, deadline);
        Err(IoError::new(ErrorKind::Unsupported))
    }

    /// Seconds since 1970-01-01 00:00 UTC, which certificates are dated in; `None` where the machine does not know
    /// what day it is.
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
    /// [`ErrorKind::Interrupted`] when its token is cancelled before, [`ErrorKind::Unsupported`] where the network
    /// cannot wait, which is what it does by default.
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
        socket: &crate::tls::SecureSocket<'_>,
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

/// Why a [`Transport`] or a [`Network`] failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IoError {
    /// What happened, the same on every platform.
    pub kind: ErrorKind,
    /// The platform's own number for it (`errno`), 0 where it has none.
    pub errno: i16,
}

impl IoError {
    /// An error of `kind` for which the platform has no number.
    #[must_use]
    pub const fn new(kind: ErrorKind) -> Self {
        Self { kind, errno: 0 }
    }
}

impl core::fmt::Display for IoError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self.kind {
            ErrorKind::TimedOut => "timed out",
            ErrorKind::Interrupted => "cancelled",
            ErrorKind::ConnectionRefused => "connection refused",
            ErrorKind::ConnectionReset => "connection reset by peer",
            ErrorKind::ConnectionAborted => "connection aborted",
            ErrorKind::NotConnected => "not connected",
            ErrorKind::BrokenPipe => "peer has closed the connection",
            ErrorKind::OutOfMemory => "out of memory or sockets",
            ErrorKind::AddrNotAvailable => "network or host unreachable",
            ErrorKind::PermissionDenied => "permission denied",
            ErrorKind::Unsupported => "not supported",
            _ => "input/output error",
        })?;
        if self.errno != 0 {
            write!(f, " (errno {})", self.errno)?;
        }
        Ok(())
    }
}

impl core::error::Error for IoError {}

/// Why a name could not be turned into an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DnsError {
    /// The name does not exist, or has no address of a family that this machine speaks.
    NotFound,
    /// No answer came before the deadline.
    TimedOut,
    /// The deadline's token was cancelled.
    Cancelled,
    /// The look-up itself failed: the resolver's own code (`EAI_…` or `DNS_EAI_…`).
    Failed(i16),
}

impl core::fmt::Display for DnsError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such host"),
            Self::TimedOut => f.write_str("timed out"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Failed(code) => write!(f, "look-up failed (code {code})"),
        }
    }
}

impl core::error::Error for DnsError {}

impl From<IoError> for DnsError {
    fn from(error: IoError) -> Self {
        match error.kind {
            ErrorKind::TimedOut => Self::TimedOut,
            ErrorKind::Interrupted => Self::Cancelled,
            _ => Self::Failed(error.errno),
        }
    }
}
