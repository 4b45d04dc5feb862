// SPDX-License-Identifier: Apache-2.0
//! Opening a connection to the host of a URL.

use embedded_io::ErrorKind;

use crate::Error;
use crate::client::connect::connection::Connection;
use crate::client::connect::connector::Target;
use crate::error::Phase;
use crate::proto::url::{Scheme, Url};
#[cfg(feature = "tls")]
use crate::tls::{Dialer, Resumption, TlsError};
use crate::transport::{Addresses, Deadline, DnsError, Network};

/// Connects to the host of `target`, with TLS if its URL is `https`. Stores the connection in
/// `into`: with TLS it is large, and each move of it would take stack.
///
/// Once TCP is connected, `resume` is called with the date. It returns the TLS session to resume,
/// if any.
pub(super) fn dial<N: Network>(
    network: &mut N,
    target: &mut Target<'_>,
    #[cfg(feature = "tls")] resume: &mut dyn FnMut(Option<i64>) -> Option<Resumption>,
    deadline: Deadline<'_>,
    into: &mut Connection<N::Transport>,
) -> Result<(), Error> {
    match target.url.scheme {
        #[cfg(feature = "tls")]
        Scheme::Https => {
            let dialer = Dialer::new(target.url.host_name(), target.tls).map_err(Error::Tls)?;
            let transport =
                connect(network, target.url, Some(&dialer), deadline).map_err(|error| match error {
                    Error::Connect(cause) => dialer.cause_of(cause).map_or(error, Error::Tls),
                    error => error,
                })?;
            let now = network.unix_time();
            let put = |connection| *into = Connection::Tls(connection);
            dialer.handshake(transport, resume, now, deadline, target.details, put).map_err(from_tls)
        }
        #[cfg(not(feature = "tls"))]
        Scheme::Https => Err(Error::TlsNotSupported),
        Scheme::Http => {
            let transport = connect(
                network,
                target.url,
                #[cfg(feature = "tls")]
                None,
                deadline,
            )?;
            *into = Connection::Plain(transport);
            Ok(())
        }
    }
}

#[cfg(feature = "tls")]
pub(super) fn from_tls(error: TlsError) -> Error {
    match error {
        TlsError::TimedOut => Error::Timeout { phase: Phase::Tls },
        TlsError::Cancelled => Error::Cancelled { phase: Phase::Tls },
        error => Error::Tls(error),
    }
}

/// How long to wait for each of several addresses before the next is tried, in milliseconds. A
/// connection over a slow link can take longer. So the addresses that did not answer are tried
/// again, and get more time then.
const PATIENCE_MS: u64 = 1000;

/// Connects to the first address of the host that answers. If there are several, each gets
/// [`PATIENCE_MS`] at first. Then those that did not answer are tried again, each with an equal
/// share of the time that is left. Attempts do not overlap as in RFC 8305: that takes a second
/// socket, which small devices may not have.
// Not inlined, so that name and addresses are off the stack during the TLS handshake, which takes
// most stack.
#[inline(never)]
fn connect<N: Network>(
    network: &mut N,
    url: &Url<'_>,
    #[cfg(feature = "tls")] dialer: Option<&Dialer<'_>>,
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
    // Where `connect` includes the TLS handshake, it can take longer than `PATIENCE_MS`.
    #[cfg(feature = "tls")]
    {
        is_short &= dialer.is_none() || !Dialer::CONNECTS_WITH_HANDSHAKE;
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
            #[cfg(not(feature = "tls"))]
            let connected = network.connect(address, share);
            #[cfg(feature = "tls")]
            let connected = match dialer {
                Some(dialer) => dialer.connect(network, address, share),
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
