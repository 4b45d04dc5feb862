// SPDX-License-Identifier: Apache-2.0
//! The network of Zephyr: its own IP stack, or the sockets that a driver offloads.

use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use embedded_io::ErrorKind;

#[cfg(tls_sockets)]
use super::SecureSocket;
use super::{Addresses, Deadline, DnsError, IoError, Network, Transport};
use crate::config::MAX_ADDRESSES;
use crate::sys::zephyr::{self, Address, Failure, HostName, Kind, Socket, Wait};

/// The network that this Zephyr application is built with.
///
/// It needs `CONFIG_REQUESTS=y`, which adds the C functions that this calls. All of its calls block the thread,
/// which must run in supervisor mode.
#[derive(Debug, Clone, Copy, Default)]
pub struct ZephyrNetwork;

/// A TCP connection of [`ZephyrNetwork`].
#[derive(Debug)]
pub struct ZephyrTransport(Socket);

impl Network for ZephyrNetwork {
    type Transport = ZephyrTransport;

    fn now(&self) -> u64 {
        zephyr::uptime_ms()
    }

    fn resolve(
        &mut self,
        host: &str,
        port: u16,
        deadline: Deadline<'_>,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError> {
        // A name that is too long or contains NUL cannot exist.
        let mut name = HostName::new();
        name.set(host).ok_or(DnsError::NotFound)?;
        let mut found = [Address::default(); MAX_ADDRESSES];
        let count = zephyr::resolve(&name, port, &mut found, &wait(deadline))?;
        for address in found.iter().take(count).filter_map(to_socket_addr) {
            if addresses.push(address).is_err() {
                break;
            }
        }
        if addresses.is_empty() {
            return Err(DnsError::NotFound);
        }
        Ok(())
    }

    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<ZephyrTransport, IoError> {
        let socket = Socket::connect(&from_socket_addr(address), &wait(deadline))?;
        Ok(ZephyrTransport(socket))
    }

    /// By a secure socket of Zephyr's, or of the driver that offloads TLS. Zephyr's own takes up to
    /// `CONFIG_NET_SOCKETS_CONNECT_TIMEOUT` for TCP and again for TLS, even if `deadline` comes before.
    #[cfg(tls_sockets)]
    fn connect_tls(
        &mut self,
        address: SocketAddr,
        socket: &SecureSocket<'_>,
        deadline: Deadline<'_>,
    ) -> Result<ZephyrTransport, IoError> {
        let mut host = HostName::new();
        host.set(socket.host()).ok_or(IoError::new(ErrorKind::InvalidInput))?;
        let address = from_socket_addr(address);
        let socket =
            Socket::connect_tls(&address, &host, socket.tags(), socket.is_verified(), &wait(deadline))?;
        Ok(ZephyrTransport(socket))
    }

    /// The time of Zephyr's realtime clock, once the application has set it.
    fn unix_time(&self) -> Option<i64> {
        zephyr::unix_time()
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        Ok(zephyr::fill_random(bytes)?)
    }

    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        loop {
            let wait = wait(until);
            if wait.timeout_ms <= 0 {
                return Ok(());
            }
            zephyr::sleep(&wait)?;
        }
    }
}

impl Transport for ZephyrTransport {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        Ok(self.0.send(bytes, &wait(deadline))?)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        Ok(self.0.receive(buffer, &wait(deadline))?)
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        Ok(self.0.wait_ready(&wait(deadline))?)
    }
}

impl From<Failure> for IoError {
    fn from(failure: Failure) -> Self {
        Self {
            kind: match failure.kind {
                Kind::TimedOut => ErrorKind::TimedOut,
                Kind::Refused => ErrorKind::ConnectionRefused,
                Kind::Reset => ErrorKind::ConnectionReset,
                Kind::Aborted => ErrorKind::ConnectionAborted,
                Kind::NotConnected => ErrorKind::NotConnected,
                Kind::BrokenPipe => ErrorKind::BrokenPipe,
                Kind::OutOfMemory => ErrorKind::OutOfMemory,
                Kind::Unreachable => ErrorKind::AddrNotAvailable,
                Kind::Permission => ErrorKind::PermissionDenied,
                Kind::Unsupported => ErrorKind::Unsupported,
                Kind::NotFound => ErrorKind::NotFound,
                Kind::Other => ErrorKind::Other,
                Kind::Interrupted => ErrorKind::Interrupted,
            },
            errno: failure.code,
        }
    }
}

impl From<Failure> for DnsError {
    fn from(failure: Failure) -> Self {
        match failure.kind {
            Kind::NotFound => Self::NotFound,
            Kind::TimedOut => Self::TimedOut,
            Kind::Interrupted => Self::Cancelled,
            _ => Self::Failed(failure.code),
        }
    }
}

/// Converts `deadline` to the time and the token of a wait. The port layer starts nothing if the deadline has
/// passed or the token is cancelled.
fn wait(deadline: Deadline<'_>) -> Wait {
    let now = zephyr::uptime_ms();
    #[cfg(not(feature = "host"))]
    let token = deadline.token().map_or(Wait::NO_TOKEN, |token| token.signal().handle());
    // Tokens are the host's then.
    #[cfg(feature = "host")]
    let token = Wait::NO_TOKEN;
    let left = match deadline.has_passed(now) {
        true => -1,
        false => i64::try_from(deadline.remaining_ms(now)).unwrap_or(i64::MAX),
    };
    Wait { timeout_ms: left, token }
}

/// Converts an address of the port layer. `None` if its family is not known.
fn to_socket_addr(address: &Address) -> Option<SocketAddr> {
    match address.family {
        4 => {
            let [a, b, c, d, ..] = address.ip;
            Some(SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::new(a, b, c, d), address.port)))
        }
        6 => Some(SocketAddr::V6(SocketAddrV6::new(
            Ipv6Addr::from(address.ip),
            address.port,
            0,
            address.scope_id,
        ))),
        _ => None,
    }
}

/// Converts an address for the port layer.
fn from_socket_addr(address: SocketAddr) -> Address {
    let mut ip = [0; 16];
    let (family, scope_id) = match address {
        SocketAddr::V4(v4) => {
            ip[..4].copy_from_slice(&v4.ip().octets());
            (4, 0)
        }
        SocketAddr::V6(v6) => {
            ip = v6.ip().octets();
            (6, v6.scope_id())
        }
    };
    Address { family, ip, port: address.port(), scope_id }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::zephyr::MAX_NAME;
    use crate::sys::zephyr::fake::{self, PORT};

    const DEADLINE: Deadline<'_> = Deadline::after(1000, 5000);

    fn resolve(host: &str) -> Result<Addresses, DnsError> {
        let mut addresses = Addresses::new();
        ZephyrNetwork.resolve(host, 80, DEADLINE, &mut addresses).map(|()| addresses)
    }

    #[test]
    fn addresses_are_the_same_on_both_sides() {
        for text in ["192.0.2.1:80", "[2001:db8::1]:8080", "[fe80::1%3]:80"] {
            let address: SocketAddr = text.parse().unwrap();
            assert_eq!(to_socket_addr(&from_socket_addr(address)), Some(address));
        }
        assert_eq!(to_socket_addr(&Address::default()), None);
    }

    #[test]
    fn names_reach_the_resolver_unchanged() {
        let longest = "x".repeat(MAX_NAME);
        for name in ["a.example", longest.as_str()] {
            PORT.take();
            PORT.with_borrow_mut(|port| {
                port.addresses = ["192.0.2.1:80", "[2001:db8::1]:80"]
                    .map(|text| from_socket_addr(text.parse().unwrap()))
                    .to_vec();
            });
            fake::expect(&[2]);
            let found: Vec<_> = resolve(name).unwrap().iter().map(SocketAddr::to_string).collect();
            assert_eq!(found, ["192.0.2.1:80", "[2001:db8::1]:80"]);
            PORT.with_borrow(|port| assert_eq!(port.names, [name]));
        }
    }

    #[test]
    fn what_cannot_be_a_name_is_not_found_without_asking() {
        for name in ["x".repeat(MAX_NAME + 1), "a\0b".to_owned()] {
            assert_eq!(resolve(&name), Err(DnsError::NotFound));
        }
        PORT.with_borrow(|port| assert!(port.names.is_empty()));
    }

    #[test]
    fn failures_of_a_look_up_are_told_apart() {
        for (result, error) in [
            (-(11 << 16 | 0xfffe), DnsError::NotFound),
            (-(1 << 16 | 116), DnsError::TimedOut),
            (-(12 << 16 | 0xff9b), DnsError::Failed(-101)),
            (0, DnsError::NotFound),
        ] {
            fake::expect(&[result]);
            assert_eq!(resolve("a.example"), Err(error));
        }
    }

    #[test]
    fn failures_of_a_connection_have_kind_and_errno() {
        fake::expect(&[-(2 << 16 | 111)]);
        let error = ZephyrNetwork.connect("192.0.2.1:80".parse().unwrap(), DEADLINE).unwrap_err();
        assert_eq!(error, IoError { kind: ErrorKind::ConnectionRefused, errno: 111 });
        assert_eq!(error.to_string(), "connection refused (errno 111)");
    }

    #[test]
    #[cfg(not(feature = "host"))]
    fn a_token_reaches_every_wait() {
        let _ = PORT.take();
        fake::expect(&[3, 1, 7, 1, 1, 0, 0]);
        let token = crate::CancelToken::new().unwrap();
        let deadline = DEADLINE.cancelled_by(&token);
        let _ = ZephyrNetwork.resolve("a.example", 80, deadline, &mut Addresses::new());
        let mut transport = ZephyrNetwork.connect("192.0.2.1:80".parse().unwrap(), deadline).unwrap();
        assert_eq!(transport.send(b"x", deadline), Ok(1));
        assert_eq!(transport.receive(&mut [0], deadline), Ok(1));
        assert_eq!(transport.wait_ready(deadline), Ok(()));
        PORT.with_borrow(|port| assert_eq!(port.waits, [Wait { timeout_ms: 5000, token: 3 }; 5]));
    }

    #[test]
    fn a_deadline_that_has_passed_differs_from_no_wait() {
        let timeout = |deadline| wait(deadline).timeout_ms;
        assert_eq!(timeout(Deadline::NO_WAIT), 0);
        assert_eq!(timeout(Deadline::after(400, 600)), -1);
        assert_eq!(timeout(Deadline::after(400, 601)), 1);
        // No single wait takes longer than 49 days.
        assert_eq!(timeout(Deadline::after(400, u64::MAX)), i64::from(u32::MAX));
    }

    #[test]
    fn a_cancelled_wait_is_interrupted() {
        fake::expect(&[-(13 << 16 | 4), -(13 << 16 | 4)]);
        assert_eq!(resolve("a.example"), Err(DnsError::Cancelled));
        let error = ZephyrNetwork.sleep(DEADLINE).unwrap_err();
        assert_eq!(error, IoError { kind: ErrorKind::Interrupted, errno: 4 });
    }
}
