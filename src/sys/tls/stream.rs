// SPDX-License-Identifier: Apache-2.0
//! The interface by which mbedTLS sends and receives.

use embedded_io::ErrorKind;

/// The stream of bytes below TLS, with the deadline of the current call.
pub(crate) trait Stream {
    /// Sends at least one byte of `bytes`, which is not empty, and returns the number of bytes
    /// sent.
    fn send(&mut self, bytes: &[u8]) -> Result<usize, StreamError>;

    /// Receives at least one byte into `buffer`, which is not empty. 0 is the orderly end of the
    /// stream.
    fn receive(&mut self, buffer: &mut [u8], wait: Wait) -> Result<usize, StreamError>;
}

/// How long to wait for bytes to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Until the deadline of the call.
    ToDeadline,
    /// Not at all: if nothing has arrived, the call times out.
    Never,
}

/// Why a [`Stream`] failed.
///
/// [`TimedOut`](ErrorKind::TimedOut) and [`Interrupted`](ErrorKind::Interrupted) leave the stream as it was.
/// After any other kind it is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamError {
    /// What happened.
    pub kind: ErrorKind,
    /// The platform's own error number; 0 if there is none.
    pub errno: i16,
}

impl StreamError {
    /// An error for which the platform has no number.
    pub(super) const fn new(kind: ErrorKind) -> Self {
        Self { kind, errno: 0 }
    }
}
