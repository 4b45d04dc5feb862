// SPDX-License-Identifier: Apache-2.0
//! Waiting until there is a network.

use core::fmt;
use core::time::Duration;

/// Why there is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkError {
    /// No network interface is up: no cable is connected, the modem has no connection, or no Wi-Fi network was
    /// joined.
    LinkDown,
    /// A network interface is up, but has no address. For example, no DHCP server answered.
    NoAddress,
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LinkDown => "no network interface is up: no cable, or no Wi-Fi network joined",
            Self::NoAddress => "no network interface has an address: no answer by DHCP",
        })
    }
}

impl core::error::Error for NetworkError {}

/// Waits until a network interface is up and has an address, for at most `timeout`. A `timeout` of zero looks once.
///
/// On Zephyr, an application calls this before its first request, or after a request that found no network. Options
/// of Zephyr decide what it does besides waiting. None of them is required:
///
/// - `CONFIG_NET_DHCPV4`: DHCP is started on Ethernet and Wi-Fi interfaces, unless it runs already. With it, an IPv6
///   address alone is enough only if no IPv4 address has come after `CONFIG_NET_DHCPV4_INITIAL_DELAY_MAX` (10 s by
///   default) and 2 s more.
/// - `CONFIG_NET_CONNECTION_MANAGER`: all interfaces are brought up, so that it connects modems. Interfaces that it
///   ignores are ignored here.
/// - `CONFIG_WIFI_CREDENTIALS_CONNECT_STORED`: a Wi-Fi network is joined of which Zephyr has the credentials, stored
///   or from `CONFIG_WIFI_CREDENTIALS_STATIC_SSID`. If that fails, it is tried again.
/// - `CONFIG_NET_CONFIG_CLOCK_SNTP_INIT`: if the clock is not set, it is set by SNTP, from
///   `CONFIG_NET_CONFIG_SNTP_INIT_SERVER`. If this server does not answer, that is not an error.
///
/// An interface whose driver offloads sockets needs no address. On other systems than Zephyr, this returns at once.
///
/// # Errors
/// [`NetworkError`] if the time has passed.
pub fn network_wait(timeout: Duration) -> Result<(), NetworkError> {
    #[cfg(all(on_zephyr, not(feature = "host")))]
    {
        use crate::sys::zephyr::{self, NetworkState, Wait};

        let seconds = i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX);
        let timeout_ms = seconds.saturating_mul(1000).saturating_add(timeout.subsec_millis().into());
        match zephyr::network_wait(&Wait { timeout_ms, token: Wait::NO_TOKEN }) {
            NetworkState::Up => Ok(()),
            NetworkState::LinkDown => Err(NetworkError::LinkDown),
            NetworkState::NoAddress => Err(NetworkError::NoAddress),
        }
    }
    #[cfg(not(all(on_zephyr, not(feature = "host"))))]
    {
        let _ = timeout;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(all(on_zephyr, not(feature = "host")))]
    fn the_state_of_the_network_becomes_an_error() {
        use crate::sys::zephyr::Wait;
        use crate::sys::zephyr::fake::{self, PORT};

        let _ = PORT.take();
        fake::expect(&[0, 1, 2, -(1 << 16 | 116)]);
        let results = [(); 4].map(|()| network_wait(Duration::from_millis(1500)));
        let down = Err(NetworkError::LinkDown);
        assert_eq!(results, [Ok(()), down, Err(NetworkError::NoAddress), down]);
        let wait = Wait { timeout_ms: 1500, token: Wait::NO_TOKEN };
        PORT.with_borrow(|port| assert_eq!(port.waits, [wait; 4]));
    }

    #[test]
    #[cfg(feature = "host")]
    fn the_network_of_a_host_is_there() {
        assert_eq!(network_wait(Duration::ZERO), Ok(()));
    }
}
