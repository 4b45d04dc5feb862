// SPDX-License-Identifier: Apache-2.0
//! The sockets, clock and random bytes of the operating system (Unix).
//!
//! Sockets do not block; every wait is a `poll` that ends at the deadline. The system's name look-up knows no
//! deadline, so it runs in a thread that is left to itself when its time is up.

use std::net::{SocketAddr, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime};

use embedded_io::ErrorKind;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, connect, recv, send, socket_with, sockopt,
};

use crate::transport::{Addresses, Deadline, DnsError, IoError, Network, Transport};

/// The network of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct HostNetwork {
    started: Instant,
}

impl Default for HostNetwork {
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

impl Network for HostNetwork {
    type Transport = HostTransport;

    fn now(&self) -> u64 {
        now(self.started)
    }

    fn resolve(
        &mut self,
        host: &str,
        port: u16,
        deadline: Deadline,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError> {
        if let Ok(address) = host.parse() {
            return addresses.push(SocketAddr::new(address, port)).map_err(|_| DnsError::NotFound);
        }
        let (sender, receiver) = channel();
        let host = host.to_owned();
        let lookup = move || {
            let result = (host.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
            // Nobody listens any more once the deadline has passed.
            let _ = sender.send(result);
        };
        std::thread::Builder::new()
            .name("requests-dns".to_owned())
            .spawn(lookup)
            .map_err(|error| DnsError::Failed(error.raw_os_error().map_or(0, code)))?;
        let timeout = Duration::from_millis(deadline.remaining_ms(self.now()));
        match receiver.recv_timeout(timeout) {
            Ok(Ok(found)) => {
                // What does not fit is not tried.
                found.into_iter().map_while(|address| addresses.push(address).ok()).for_each(drop);
                if addresses.is_empty() { Err(DnsError::NotFound) } else { Ok(()) }
            }
            // std gives no code of its own for a name that does not exist.
            Ok(Err(error)) => match error.raw_os_error() {
                Some(number) => Err(DnsError::Failed(code(number))),
                None => Err(DnsError::NotFound),
            },
            Err(RecvTimeoutError::Timeout) => Err(DnsError::TimedOut),
            Err(RecvTimeoutError::Disconnected) => Err(DnsError::Failed(0)),
        }
    }

    fn connect(&mut self, address: SocketAddr, deadline: Deadline) -> Result<HostTransport, IoError> {
        let family = match address {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        let transport = HostTransport { socket, started: self.started };
        match connect(&transport.socket, &address) {
            Ok(()) => {}
            Err(Errno::INPROGRESS | Errno::INTR) => {
                transport.wait(PollFlags::OUT, deadline)?;
                sockopt::socket_error(&transport.socket)??;
            }
            Err(errno) => return Err(errno.into()),
        }
        // Each send holds all there is to send: waiting for more would only delay it. Not every socket can.
        let _ = sockopt::set_tcp_nodelay(&transport.socket, true);
        Ok(transport)
    }

    fn unix_time(&self) -> Option<i64> {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
        i64::try_from(since_1970.as_secs()).ok()
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        getrandom::fill(bytes)
            .map_err(|error| IoError { kind: ErrorKind::Other, errno: error.raw_os_error().map_or(0, code) })
    }
}

fn now(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// A connected TCP socket.
#[derive(Debug)]
pub struct HostTransport {
    socket: OwnedFd,
    started: Instant,
}

impl HostTransport {
    /// Waits until the socket is ready, or broken, which the next call on it will tell.
    fn wait(&self, events: PollFlags, deadline: Deadline) -> Result<(), IoError> {
        loop {
            let timeout = Duration::from_millis(deadline.remaining_ms(now(self.started)));
            let timeout = Timespec::try_from(timeout).ok();
            let mut fds = [PollFd::new(&self.socket, events)];
            match poll(&mut fds, timeout.as_ref()) {
                Ok(0) => return Err(IoError::new(ErrorKind::TimedOut)),
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }
}

impl Transport for HostTransport {
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, IoError> {
        deadline.check(now(self.started))?;
        loop {
            // A peer that has gone is an error, not a signal that ends the process.
            match send(&self.socket, bytes, SendFlags::NOSIGNAL) {
                Ok(count) => return Ok(count),
                Err(Errno::AGAIN) => self.wait(PollFlags::OUT, deadline)?,
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, IoError> {
        deadline.check(now(self.started))?;
        loop {
            match recv(&self.socket, &mut *buffer, RecvFlags::empty()) {
                Ok((count, _)) => return Ok(count),
                Err(Errno::AGAIN) => self.wait(PollFlags::IN, deadline)?,
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }
}

impl From<Errno> for IoError {
    fn from(errno: Errno) -> Self {
        let kind = match errno {
            Errno::CONNREFUSED => ErrorKind::ConnectionRefused,
            Errno::CONNRESET => ErrorKind::ConnectionReset,
            Errno::CONNABORTED => ErrorKind::ConnectionAborted,
            Errno::NOTCONN => ErrorKind::NotConnected,
            Errno::PIPE => ErrorKind::BrokenPipe,
            Errno::TIMEDOUT => ErrorKind::TimedOut,
            Errno::NETUNREACH | Errno::HOSTUNREACH | Errno::ADDRNOTAVAIL => ErrorKind::AddrNotAvailable,
            Errno::ACCESS | Errno::PERM => ErrorKind::PermissionDenied,
            Errno::NOMEM | Errno::NOBUFS | Errno::MFILE | Errno::NFILE => ErrorKind::OutOfMemory,
            Errno::AFNOSUPPORT => ErrorKind::Unsupported,
            _ => ErrorKind::Other,
        };
        Self { kind, errno: code(errno.raw_os_error()) }
    }
}

/// A number of the system's, which are all small.
fn code(number: i32) -> i16 {
    i16::try_from(number).unwrap_or(i16::MAX)
}
