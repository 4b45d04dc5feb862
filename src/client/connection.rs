// SPDX-License-Identifier: Apache-2.0
//! From a URL to a connection.

use embedded_io::ErrorKind;

use crate::Error;
use crate::client::connector::Wanted;
use crate::error::Phase;
use crate::proto::url::{Scheme, Url};
#[cfg(all(feature = "tls", not(tls_sockets)))]
use crate::tls::Resumption;
#[cfg(tls_sockets)]
use crate::tls::SecureSocket;
#[cfg(feature = "tls")]
use crate::tls::{TlsError, TlsTransport};
use crate::transport::{Addresses, Deadline, DnsError, IoError, Network, Transport};

/// A connection to an origin server.
pub enum Connection<T: Transport> {
    /// By TCP alone.
    Plain(T),
    /// By TLS.
    #[cfg(feature = "tls")]
    Tls(TlsTransport<T>),
}

/// Connects to the host of the URL, by TLS where it is `https`. `resume` is asked for a session to resume, with the date,
/// once there is a connection to offer it over. The connection goes to `place`.
pub(super) fn open<N: Network>(
    network: &mut N,
    wanted: &Wanted<'_>,
    #[cfg(all(feature = "tls", not(tls_sockets)))] resume: &mut dyn FnMut(Option<i64>) -> Option<Resumption>,
    deadline: Deadline<'_>,
    place: &mut Option<Connection<N::Transport>>,
) -> Result<(), Error> {
    let url = &wanted.url;
    #[cfg(not(feature = "tls"))]
    if url.scheme == Scheme::Https {
        return Err(Error::TlsNotSupported);
    }
    #[cfg(tls_sockets)]
    if url.scheme == Scheme::Https {
        let socket = SecureSocket::new(url.host_name(), wanted.tls).map_err(Error::Tls)?;
        return connect(network, url, Some(&socket), deadline)
            .map(|transport| *place = Some(Connection::Tls(TlsTransport::new(transport))))
            .map_err(|error| match error {
                Error::Connect(cause) => socket.explain(cause).map_or(error, Error::Tls),
                error => error,
            });
    }
    let transport = connect(
        network,
        url,
        #[cfg(tls_sockets)]
        None,
        deadline,
    )?;
    #[cfg(all(feature = "tls", not(tls_sockets)))]
    if url.scheme == Scheme::Https {
        let now = network.unix_time();
        wanted.tls.date(now).map_err(from_tls)?;
        let (host, resumption) = (url.host_name(), resume(now));
        let put = |connection| *place = Some(Connection::Tls(connection));
        return TlsTransport::connect_resuming(transport, host, wanted.tls, resumption, now, deadline, put)
            .map_err(from_tls);
    }
    *place = Some(Connection::Plain(transport));
    Ok(())
}

#[cfg(feature = "tls")]
pub(super) fn from_tls(error: TlsError) -> Error {
    match error {
        TlsError::TimedOut => Error::Timeout { phase: Phase::Tls },
        TlsError::Cancelled => Error::Cancelled { phase: Phase::Tls },
        error => Error::Tls(error),
    }
}

impl<T: Transport> Connection<T> {
    /// What `error`, met in sending or receiving, is on this connection: TLS knows more than its transport.
    pub(super) fn explain(&self, error: Error) -> Error {
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

impl<T: Transport> Transport for Connection<T> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        match self {
            Self::Plain(transport) => transport.send(bytes, deadline),
            #[cfg(feature = "tls")]
            Self::Tls(transport) => transport.send(bytes, deadline),
        }
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        match self {
            Self::Plain(transport) => transport.receive(buffer, deadline),
            #[cfg(feature = "tls")]
            Self::Tls(transport) => transport.receive(buffer, deadline),
        }
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        match self {
            Self::Plain(transport) => transport.wait_ready(deadline),
            #[cfg(feature = "tls")]
            Self::Tls(transport) => transport.wait_ready(deadline),
        }
    }
}

/// A place where a connection is.
impl<T: Transport> Transport for Option<Connection<T>> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.as_mut().ok_or(NOT_CONNECTED)?.send(bytes, deadline)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.as_mut().ok_or(NOT_CONNECTED)?.receive(buffer, deadline)
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        self.as_mut().ok_or(NOT_CONNECTED)?.wait_ready(deadline)
    }
}

const NOT_CONNECTED: IoError = IoError::new(ErrorKind::NotConnected);

/// Connects to the first of the host's addresses that answers. Each address gets an equal share of the time
/// that is left, so that one that swallows packets leaves time for the next.
// In its own frame, so that the name and the addresses are off the stack during the handshake of TLS, which takes most.
#[inline(never)]
fn connect<N: Network>(
    network: &mut N,
    url: &Url<'_>,
    #[cfg(tls_sockets)] socket: Option<&SecureSocket<'_>>,
    deadline: Deadline<'_>,
) -> Result<N::Transport, Error> {
    let mut addresses = Addresses::new();
    network.resolve(url.host_name(), url.port_or_default(), deadline, &mut addresses).map_err(|error| {
        match error {
            DnsError::TimedOut => Error::Timeout { phase: Phase::Dns },
            DnsError::Cancelled => Error::Cancelled { phase: Phase::Dns },
            error => Error::Dns(error),
        }
    })?;
    let mut failure = Error::Dns(DnsError::NotFound);
    for (index, address) in addresses.iter().enumerate() {
        let share = deadline.share(network.now(), addresses.len() - index);
        #[cfg(not(tls_sockets))]
        let connected = network.connect(*address, share);
        #[cfg(tls_sockets)]
        let connected = match socket {
            Some(socket) => network.connect_tls(*address, socket, share),
            None => network.connect(*address, share),
        };
        match connected {
            Ok(transport) => return Ok(transport),
            Err(error) => failure = Error::from_io(error, Phase::Connect, Error::Connect),
        }
        if deadline.remaining_ms(network.now()) == 0 {
            return Err(Error::Timeout { phase: Phase::Connect });
        }
    }
    Err(failure)
}
