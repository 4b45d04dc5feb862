// SPDX-License-Identifier: Apache-2.0
//! A connection by a secure socket.

use core::fmt;

use embedded_io::ErrorKind;

use crate::tls::error::TlsError;
use crate::transport::{Deadline, IoError, Transport};

/// A connection by a secure socket.
///
/// The socket reports a connection that was cut as an orderly end. So every end is an error here: a response
/// that lasts until the server closes the connection cannot be told from a part of it.
pub struct TlsTransport<T: Transport> {
    transport: T,
    error: Option<TlsError>,
}

impl<T: Transport> TlsTransport<T> {
    /// Takes a socket that has done its handshake.
    pub(super) const fn new(transport: T) -> Self {
        Self { transport, error: None }
    }

    /// Why the last [`receive`](Transport::receive) or [`send`](Transport::send) failed.
    #[must_use]
    pub const fn error(&self) -> Option<TlsError> {
        self.error
    }

    fn fail(&mut self, error: IoError) -> IoError {
        self.error = Some(match error.kind {
            ErrorKind::TimedOut => TlsError::TimedOut,
            ErrorKind::Interrupted => TlsError::Cancelled,
            _ => TlsError::Io(error),
        });
        error
    }
}

impl<T: Transport> Transport for TlsTransport<T> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.transport.send(bytes, deadline).map_err(|error| self.fail(error))
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        match self.transport.receive(buffer, deadline) {
            Ok(0) => {
                self.error = Some(TlsError::Truncated);
                Err(IoError::new(ErrorKind::ConnectionAborted))
            }
            Ok(count) => Ok(count),
            Err(error) => Err(self.fail(error)),
        }
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        self.transport.wait_ready(deadline)
    }
}

impl<T: Transport> fmt::Debug for TlsTransport<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTransport").field("error", &self.error).finish_non_exhaustive()
    }
}
