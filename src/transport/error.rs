// SPDX-License-Identifier: Apache-2.0
//! Why a transport or a network failed.

use embedded_io::ErrorKind;

/// Why a [`Transport`](super::Transport) or a [`Network`](super::Network) failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IoError {
    /// What happened, the same on every platform.
    pub kind: ErrorKind,
    /// The platform's own number for it (`errno`), or 0 if there is none.
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

/// Why a name could not be resolved to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DnsError {
    /// The name does not exist, or has no address of a family that this machine supports.
    NotFound,
    /// No answer came before the deadline.
    TimedOut,
    /// The deadline's token was cancelled.
    Cancelled,
    /// The look-up failed. This is the resolver's own code (`EAI_…` or `DNS_EAI_…`).
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
