// SPDX-License-Identifier: Apache-2.0
//! Byte streams and the network that opens them.
//!
//! The client knows no sockets: it asks a [`Network`] for addresses and for a connected [`Transport`], and
//! gives every call a [`Deadline`]. `host` serves operating systems, `zephyr` serves Zephyr, and `scripted` plays
//! a written part in tests.

use core::net::SocketAddr;

use embedded_io::ErrorKind;

use crate::config::MAX_ADDRESSES;

#[cfg(feature = "host")]
pub mod host;
#[cfg(not(any(feature = "host", feature = "zephyr")))]
pub mod none;
#[cfg(feature = "std")]
pub mod scripted;
#[cfg(feature = "zephyr")]
pub mod zephyr;

/// The network of the platform that the crate is compiled for.
#[cfg(feature = "host")]
pub type PlatformNetwork = host::HostNetwork;
/// The network of the platform that the crate is compiled for.
#[cfg(all(feature = "zephyr", not(feature = "host")))]
pub type PlatformNetwork = zephyr::ZephyrNetwork;

/// A network that there is none of: the platform is not known.
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
    /// peer is ready, so that a peer that never pauses cannot prolong it. Any other kind when the stream is broken
    /// for good.
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, IoError>;

    /// Receives at least one byte into `buffer` and returns how many arrived.
    ///
    /// `buffer` is never empty. `Ok(0)` means that the peer has ended its side of the stream in an orderly
    /// way; an error is never reported as an end.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, IoError>;

    /// Waits.
    fn wait_ready(&mut self, _deadline: Deadline<'_>) -> Result<(), IoError> {
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
    /// [`DnsError`] tells a name that does not exist from a look-up that failed or took until `deadline`.
    fn resolve(
        &mut self,
        host: &str,
        port: u16,
        deadline: Deadline,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError>;

    /// Connects to `address`.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] when the peer did not answer by `deadline`, else why it could not be reached.
    fn connect(&mut self, address: SocketAddr, deadline: Deadline) -> Result<Self::Transport, IoError>;

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
}

impl<N: Network> Network for &mut N {
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

    fn unix_time(&self) -> Option<i64> {
        (**self).unix_time()
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        (**self).fill_random(bytes)
    }
}

/// The moment at which a request gives up, on the clock of its [`Network`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline<'c>(u64, core::marker::PhantomData<&'c ()>);

impl Deadline<'_> {
    /// No waiting at all: what can be done at once is done, else the time is out.
    pub const NO_WAIT: Self = Self(0, core::marker::PhantomData);

    /// The moment `timeout_ms` milliseconds after `now`.
    #[must_use]
    pub const fn after(now: u64, timeout_ms: u64) -> Self {
        Self(now.saturating_add(timeout_ms), core::marker::PhantomData)
    }

    /// Milliseconds left at `now`: 0 once the deadline has passed.
    #[must_use]
    pub const fn remaining_ms(self, now: u64) -> u64 {
        self.0.saturating_sub(now)
    }

    /// Refuses to start anything at `now` once the deadline has passed: a peer that is always ready does not prolong
    /// it.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`].
    pub fn check(self, now: u64) -> Result<(), IoError> {
        if self != Self::NO_WAIT && self.0 <= now {
            return Err(IoError::new(ErrorKind::TimedOut));
        }
        Ok(())
    }

    /// The same as [`Deadline::remaining_ms`], no more than an `i32` holds, as poll functions take it.
    #[must_use]
    pub fn poll_timeout_ms(self, now: u64) -> i32 {
        i32::try_from(self.remaining_ms(now)).unwrap_or(i32::MAX)
    }

    /// The deadline for the next of `attempts` attempts, so that each gets an equal share of what is left.
    #[must_use]
    pub fn share(self, now: u64, attempts: usize) -> Self {
        // 32 bits hold 49 days, and are divided in one instruction.
        let remaining = u32::try_from(self.remaining_ms(now)).unwrap_or(u32::MAX);
        let attempts = u32::try_from(attempts).unwrap_or(u32::MAX).max(1);
        Self::after(now, u64::from(remaining.div_ceil(attempts)))
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
    /// The look-up itself failed: the resolver's own code (`EAI_…` or `DNS_EAI_…`).
    Failed(i16),
}

impl core::fmt::Display for DnsError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such host"),
            Self::TimedOut => f.write_str("timed out"),
            Self::Failed(code) => write!(f, "look-up failed (code {code})"),
        }
    }
}

impl core::error::Error for DnsError {}
