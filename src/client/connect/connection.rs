// SPDX-License-Identifier: Apache-2.0
//! A connection to a server, with or without TLS.

use embedded_io::ErrorKind;

use crate::Error;
#[cfg(feature = "tls")]
use crate::tls::{TlsError, TlsTransport};
use crate::transport::{Deadline, IoError, Transport};

/// A connection, or [`Closed`](Self::Closed).
#[derive(Default)]
pub enum Connection<T: Transport> {
    #[default]
    Closed,
    /// Without TLS.
    Plain(T),
    #[cfg(feature = "tls")]
    Tls(TlsTransport<T>),
}

impl<T: Transport> Connection<T> {
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }

    /// Returns the cause of a send or receive `error`. TLS knows more than its transport: it
    /// returns the TLS error behind an [`IoError`].
    pub fn cause_of(&self, error: Error) -> Error {
        match (self, error) {
            #[cfg(feature = "tls")]
            (Self::Tls(tls), Error::Send(_) | Error::Receive(_)) => match tls.error() {
                None | Some(TlsError::Io(_)) => error,
                Some(cause) => Error::Tls(cause),
            },
            _ => error,
        }
    }
}

/// Calls on a closed connection fail with [`ErrorKind::NotConnected`].
impl<T: Transport> Transport for Connection<T> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        match self {
            Self::Closed => Err(NOT_CONNECTED),
            Self::Plain(transport) => transport.send(bytes, deadline),
            #[cfg(feature = "tls")]
            Self::Tls(transport) => transport.send(bytes, deadline),
        }
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        match self {
            Self::Closed => Err(NOT_CONNECTED),
            Self::Plain(transport) => transport.receive(buffer, deadline),
            #[cfg(feature = "tls")]
            Self::Tls(transport) => transport.receive(buffer, deadline),
        }
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        match self {
            Self::Closed => Err(NOT_CONNECTED),
            Self::Plain(transport) => transport.wait_ready(deadline),
            #[cfg(feature = "tls")]
            Self::Tls(transport) => transport.wait_ready(deadline),
        }
    }
}

const NOT_CONNECTED: IoError = IoError::new(ErrorKind::NotConnected);
