// SPDX-License-Identifier: Apache-2.0
//! From a URL to a connection.

use crate::Error;
use crate::error::Phase;
use crate::proto::url::Url;
use crate::transport::{Addresses, Deadline, DnsError, Network};

/// Connects to the first of the host's addresses that answers. Each address gets an equal share of the time
/// that is left, so that one that swallows packets leaves time for the next.
pub(super) fn connect<N: Network>(
    network: &mut N,
    url: &Url<'_>,
    deadline: Deadline,
) -> Result<N::Transport, Error> {
    let mut addresses = Addresses::new();
    network.resolve(url.host_name(), url.port_or_default(), deadline, &mut addresses).map_err(|error| {
        match error {
            DnsError::TimedOut => Error::Timeout { phase: Phase::Dns },
            error => Error::Dns(error),
        }
    })?;
    let mut failure = Error::Dns(DnsError::NotFound);
    for (index, address) in addresses.iter().enumerate() {
        let share = deadline.share(network.now(), addresses.len() - index);
        match network.connect(*address, share) {
            Ok(transport) => return Ok(transport),
            Err(error) => failure = Error::from_io(error, Phase::Connect, Error::Connect),
        }
        if deadline.remaining_ms(network.now()) == 0 {
            return Err(Error::Timeout { phase: Phase::Connect });
        }
    }
    Err(failure)
}
