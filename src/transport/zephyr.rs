// SPDX-License-Identifier: Apache-2.0
//! The network of Zephyr: its own IP stack, or the sockets that a driver offloads.

use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use embedded_io::ErrorKind;

use super::{Addresses, Deadline, DnsError, IoError, Network, Transport};
use crate::config::MAX_ADDRESSES;
use crate::sys::zephyr::{self, Address, Failure, HostName, Kind, Socket};

/// The network that this Zephyr application is built with.
///
/// Needs `CONFIG_REQUESTS=y`, which brings the C functions that this calls. All of its calls block the thread,
/// which has to run in supervisor mode.
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
        deadline: Deadline,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError> {
        // What is too long or holds NUL is no name that could exist.
        let mut name = HostName::new();
        name.set(host).ok_or(DnsError::NotFound)?;
        let mut found = [Address::default(); MAX_ADDRESSES];
        let count = zephyr::resolve(&name, port, &mut found, time_left(deadline))?;
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

    fn connect(&mut self, address: SocketAddr, deadline: Deadline) -> Result<ZephyrTransport, IoError> {
        let socket = Socket::connect(&from_socket_addr(address), time_left(deadline))?;
        Ok(ZephyrTransport(socket))
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        Ok(zephyr::fill_random(bytes)?)
    }
}

impl Transport for ZephyrTransport {
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, IoError> {
        Ok(self.0.send(bytes, time_left(deadline))?)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, IoError> {
        Ok(self.0.receive(buffer, time_left(deadline))?)
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
            _ => Self::Failed(failure.code),
        }
    }
}

/// Milliseconds until `deadline`.
fn time_left(deadline: Deadline) -> i32 {
    deadline.poll_timeout_ms(zephyr::uptime_ms())
}

/// The address as Rust has it, if it is of a family that this crate knows.
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

/// The address as the port layer has it.
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
