// SPDX-License-Identifier: Apache-2.0
//! The trait of an open connection.

use embedded_io::ErrorKind;

use super::deadline::Deadline;
use super::error::IoError;

/// A connected, reliable, ordered stream of bytes to one peer, closed when it is dropped.
pub trait Transport {
    /// Sends at least one byte of `bytes` and returns how many were taken.
    ///
    /// `bytes` is never empty, and `Ok(0)` is never returned.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] when nothing could be sent by `deadline`, and once `deadline` has passed even
    /// if the peer is ready, so that a peer that never pauses cannot prolong it. [`ErrorKind::Interrupted`]
    /// when the deadline's token was cancelled, and for nothing else. After either the call can be repeated,
    /// with the same bytes at the start of `bytes`. Any other kind when the stream is broken for good.
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError>;

    /// Receives at least one byte into `buffer` and returns how many arrived.
    ///
    /// `buffer` is never empty. `Ok(0)` means that the peer has ended its side of the stream in an orderly
    /// way; an error is never reported as an end.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError>;

    /// Waits until bytes can be received or sent, or the stream has ended or is broken, which the next call
    /// tells.
    ///
    /// It is for callers that send and receive by turns and wait in neither ([`Deadline::NO_WAIT`]). It may
    /// return early.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] and [`ErrorKind::Interrupted`] as [`send`](Self::send),
    /// [`ErrorKind::Unsupported`] where the transport cannot wait for both at once, which is what it does by
    /// default.
    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        let _ = deadline;
        Err(IoError::new(ErrorKind::Unsupported))
    }
}
