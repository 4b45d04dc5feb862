// SPDX-License-Identifier: Apache-2.0
//! The trait of an open connection.

use embedded_io::ErrorKind;

use super::deadline::Deadline;
use super::error::IoError;

/// A connected, reliable, ordered stream of bytes to one peer, closed when it is dropped.
pub trait Transport {
    /// Sends at least one byte of `bytes` and returns how many were sent.
    ///
    /// `bytes` is never empty, and `Ok(0)` is never returned.
    ///
    /// # Errors
    /// - [`ErrorKind::TimedOut`] if nothing could be sent by `deadline`. If `deadline` has already passed, this
    ///   is the error even if the peer is ready, so a peer that never pauses cannot prolong a request.
    /// - [`ErrorKind::Interrupted`] if the deadline's token was cancelled, and for no other reason.
    /// - Any other kind if the connection is broken.
    ///
    /// After the first two, the call can be repeated, with the same bytes at the start of `bytes`.
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError>;

    /// Receives at least one byte into `buffer` and returns how many arrived.
    ///
    /// `buffer` is never empty. `Ok(0)` means that the peer has ended its side of the stream in an orderly
    /// way. An error is never reported as an end.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError>;

    /// Waits until bytes can be received or sent, or until the stream has ended or is broken. The next call
    /// of [`send`](Self::send) or [`receive`](Self::receive) says which.
    ///
    /// It is for callers that send and receive in turn without waiting ([`Deadline::NO_WAIT`]). It may return
    /// early.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] and [`ErrorKind::Interrupted`] as [`send`](Self::send),
    /// [`ErrorKind::Unsupported`] if the transport cannot wait for both at once. This is the default.
    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        let _ = deadline;
        Err(IoError::new(ErrorKind::Unsupported))
    }
}
