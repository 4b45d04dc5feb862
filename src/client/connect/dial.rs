// SPDX-License-Identifier: Apache-2.0
//! From a URL to a connection.

use embedded_io::ErrorKind;

use crate::Error;
use crate::client::connect::connection::Connection;
use crate::client::connect::connector::Target;
use crate::error::Phase;
use crate::proto::url::{Scheme, Url};
#[cfg(all(feature = "tls", not(tls_sockets)))]
use crate::tls::Resumption;
#[cfg(tls_sockets)]
use crate::tls::SecureSocket;
#[cfg(feature = "tls")]
use crate::tls::{TlsError, TlsTransport};
use crate::transport::{Addresses, Deadline, DnsError, Network};

/// Connects to the host of `target`, by TLS where its URL is `https`. The connection goes to `place`: with
/// TLS it is large, and every move would take stack.
///
/// `resume` is called with the date once there is a connection, and gives the TLS session to resume.
pub(super) fn dial<N: Network>(
    network: &mut N,
    target: &Target<'_>,
    #[cfg(all(feature = "tls", not(tls_sockets)))] resume: &mut dyn FnMut(Option<i64>) -> Option<Resumption>,
    deadline: Deadline<'_>,
    place: &mut Connection<N::Transport>,
) -> Result<(), Error> {
    let url = target.url;
    #[cfg(not(feature = "tls"))]
    if url.scheme == Scheme::Https {
        return Err(Error::TlsNotSupported);
    }
    #[cfg(tls_sockets)]
    if url.scheme == Scheme::Https {
        let socket = SecureSocket::new(url.host_name(), target.tls).map_err(Error::Tls)?;
        return connect(network, url, Some(&socket), deadline)
            .map(|transport| *place = Connection::Tls(TlsTransport::new(transport)))
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
        target.tls.date(now).map_err(from_tls)?;
        let (host, resumption) = (url.host_name(), resume(now));
        let put = |connection| *place = Connection::Tls(connection);
        return TlsTransport::connect_resuming(transport, host, target.tls, resumption, now, deadline, put)
            .map_err(from_tls);
    }
    *place = Connection::Plain(transport);
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

/// How long each of several addresses may be silent before the next is tried, in milliseconds. A connection
/// over a slow link can take longer: those that were silent are tried once more, and are waited for then.
const PATIENCE_MS: u64 = 1000;

/// Connects to the first of the host's addresses that answers. Where there are several, each gets
/// [`PATIENCE_MS`] at first. Those that said nothing get an equal share each of the time that is left. One
/// after the other, where RFC 8305 has attempts overlap: that takes a second socket, which small devices
/// may not have.
// In its own frame, so that the name and the addresses are off the stack during the handshake of TLS, which
// takes most.
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
    let mut is_short = addresses.len() > 1;
    // A secure socket does the handshake too, which takes its time.
    #[cfg(tls_sockets)]
    {
        is_short &= socket.is_none();
    }
    loop {
        let count = addresses.len();
        let mut silent = 0;
        for index in 0..count {
            let Some(&address) = addresses.get(index) else { break };
            let now = network.now();
            let mut share = deadline.share(now, count - index);
            if is_short {
                share = share.within(now, PATIENCE_MS);
            }
            #[cfg(not(tls_sockets))]
            let connected = network.connect(address, share);
            #[cfg(tls_sockets)]
            let connected = match socket {
                Some(socket) => network.connect_tls(address, socket, share),
                None => network.connect(address, share),
            };
            match connected {
                Ok(transport) => return Ok(transport),
                Err(error) => {
                    if error.kind == ErrorKind::TimedOut {
                        if let Some(place) = addresses.get_mut(silent) {
                            *place = address;
                        }
                        silent += 1;
                    }
                    failure = Error::from_io(error, Phase::Connect, Error::Connect);
                }
            }
            if deadline.has_passed(network.now()) {
                return Err(Error::Timeout { phase: Phase::Connect });
            }
        }
        if !is_short || silent == 0 {
            return Err(failure);
        }
        is_short = false;
        addresses.truncate(silent);
    }
}
