// SPDX-License-Identifier: Apache-2.0
//! The sockets, clock and random bytes of the operating system (Unix).
//!
//! Sockets do not block. Every wait is a `poll` that ends at the deadline, or when its token is cancelled. The
//! system's name look-up supports neither. So it runs in a thread of its own, for which the request does not
//! wait beyond its deadline.

use std::io::pipe;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant, SystemTime};

use dns_lookup::{AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo};
use embedded_io::ErrorKind;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, connect, recv, send, socket_with, sockopt,
};

use crate::transport::{Addresses, Deadline, DnsError, IoError, Network, Transport};

/// The network of the operating system. Its clock is the same in all of the process.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct HostNetwork;

impl Network for HostNetwork {
    type Transport = HostTransport;

    fn now(&self) -> u64 {
        now()
    }

    fn resolve(
        &mut self,
        host: &str,
        port: u16,
        deadline: Deadline<'_>,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError> {
        if deadline.is_cancelled() {
            return Err(DnsError::Cancelled);
        }
        if let Ok(address) = host.parse() {
            return addresses.push(SocketAddr::new(address, port)).map_err(|_| DnsError::NotFound);
        }
        let host = host.to_owned();
        let found = apart(deadline, move || look_up(&host))??;
        // Addresses that do not fit are not tried.
        let mut found = interleaved(found).map(|mut address| {
            address.set_port(port);
            address
        });
        while found.next().is_some_and(|address| addresses.push(address).is_ok()) {}
        if addresses.is_empty() { Err(DnsError::NotFound) } else { Ok(()) }
    }

    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<HostTransport, IoError> {
        deadline.check(self.now())?;
        let family = match address {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        let transport = HostTransport { socket, sent: Sent::Nothing };
        match connect(&transport.socket, &address) {
            Ok(()) => {}
            Err(Errno::INPROGRESS | Errno::INTR) => {
                transport.wait(PollFlags::OUT, deadline)?;
                sockopt::socket_error(&transport.socket)??;
            }
            Err(errno) => return Err(errno.into()),
        }
        transport.set_nagle(false);
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

    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        match wait(None, until) {
            Err(error) if error.kind == ErrorKind::TimedOut => Ok(()),
            result => result,
        }
    }
}

/// Milliseconds since the clock was first read in this process. All networks share this clock, so the expiry
/// of a cookie that one has noted holds for the next.
fn now() -> u64 {
    static STARTED: OnceLock<Instant> = OnceLock::new();
    u64::try_from(STARTED.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The addresses of a name. std can look names up too, but hides the codes that tell an unknown name from an
/// unreachable resolver.
fn look_up(host: &str) -> Result<Vec<SocketAddr>, DnsError> {
    let hints = AddrInfoHints { socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
    let found = getaddrinfo(Some(host), None, Some(hints)).map_err(DnsError::from)?;
    // Addresses of other families are none to connect to.
    Ok(found.flatten().map(|info| info.sockaddr).collect())
}

/// The addresses of the two families in alternation (RFC 8305 §4), so that a family that does not work does not keep
/// the other from being tried.
fn interleaved(found: Vec<SocketAddr>) -> impl Iterator<Item = SocketAddr> {
    let is_ipv4 = found.first().is_some_and(SocketAddr::is_ipv4);
    let (first, second): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|address| address.is_ipv4() == is_ipv4);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    std::iter::from_fn(move || {
        let next = first.next();
        std::mem::swap(&mut first, &mut second);
        next.or_else(|| first.next())
    })
}

/// Waits until `watched` is ready, or broken.
fn wait(watched: Option<(&dyn AsFd, PollFlags)>, deadline: Deadline<'_>) -> Result<(), IoError> {
    let mut fds = heapless::Vec::<_, 2>::new();
    let _ = fds.extend_from_slice(
        watched.map(|(fd, events)| PollFd::from_borrowed_fd(fd.as_fd(), events)).as_slice(),
    );
    let _ = fds.extend_from_slice(
        deadline.token().map(|token| PollFd::new(token.signal(), PollFlags::IN)).as_slice(),
    );
    loop {
        let timeout = Duration::from_millis(deadline.remaining_ms(now()));
        let timeout = Timespec::try_from(timeout).ok();
        match poll(&mut fds, timeout.as_ref()) {
            Ok(0) => return Err(IoError::new(ErrorKind::TimedOut)),
            Ok(_) if deadline.is_cancelled() => return Err(IoError::new(ErrorKind::Interrupted)),
            // The token may have been reset since it woke the poll. Then the wait continues.
            Ok(_) if watched.is_some() && fds.first().is_some_and(|fd| !fd.revents().is_empty()) => {
                return Ok(());
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Does `work` in a thread of its own, and stops waiting for it at the deadline, or when it is cancelled.
fn apart<T: Send + 'static>(
    deadline: Deadline<'_>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, DnsError> {
    let failed = |error: std::io::Error| DnsError::Failed(error.raw_os_error().map_or(0, code));
    let (sender, receiver) = channel();
    // A channel cannot be polled beside a token. So the thread closes a pipe when it ends.
    let (end, working) = pipe().map_err(failed)?;
    let work = move || {
        // After the wait there is no receiver.
        let _ = sender.send(work());
        drop(working);
    };
    std::thread::Builder::new().name("requests-dns".to_owned()).spawn(work).map_err(failed)?;
    wait(Some((&end, PollFlags::IN)), deadline)?;
    // If the thread has panicked, nothing was sent.
    receiver.recv().map_err(|_| DnsError::Failed(0))
}

/// A connected TCP socket.
#[derive(Debug)]
pub struct HostTransport {
    socket: OwnedFd,
    sent: Sent,
}

/// What was sent since the transport last waited for something to receive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Sent {
    #[default]
    Nothing,
    /// One piece, which Nagle's algorithm would only delay.
    Once,
    /// Several pieces. Nagle's algorithm joins small ones to larger segments.
    Several,
}

impl HostTransport {
    /// Waits until the socket is ready, or broken, which the next call on it will tell.
    fn wait(&self, events: PollFlags, deadline: Deadline<'_>) -> Result<(), IoError> {
        wait(Some((&self.socket, events)), deadline)
    }

    /// Switches Nagle's algorithm. Without it, what it has held back is sent at once. Not every socket has the option.
    fn set_nagle(&self, is_on: bool) {
        let _ = sockopt::set_tcp_nodelay(&self.socket, !is_on);
    }
}

impl Transport for HostTransport {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        deadline.check(now())?;
        self.sent = match self.sent {
            Sent::Nothing => Sent::Once,
            Sent::Once => {
                self.set_nagle(true);
                Sent::Several
            }
            Sent::Several => Sent::Several,
        };
        loop {
            // A peer that has gone is an error, not a signal that ends the process.
            match send(&self.socket, bytes, SendFlags::NOSIGNAL) {
                Ok(count) => return Ok(count),
                Err(Errno::AGAIN) if deadline.may_wait() => self.wait(PollFlags::OUT, deadline)?,
                Err(Errno::AGAIN) => return Err(IoError::new(ErrorKind::TimedOut)),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        deadline.check(now())?;
        if deadline.may_wait() {
            let sent = core::mem::take(&mut self.sent);
            if sent == Sent::Several {
                self.set_nagle(false);
            }
            // There is likely nothing to receive yet.
            if sent != Sent::Nothing {
                self.wait(PollFlags::IN, deadline)?;
            }
        }
        loop {
            match recv(&self.socket, &mut *buffer, RecvFlags::empty()) {
                Ok((count, _)) => return Ok(count),
                Err(Errno::AGAIN) if deadline.may_wait() => self.wait(PollFlags::IN, deadline)?,
                Err(Errno::AGAIN) => return Err(IoError::new(ErrorKind::TimedOut)),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        deadline.check(now())?;
        self.wait(PollFlags::IN | PollFlags::OUT, deadline)
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

impl From<LookupError> for DnsError {
    fn from(error: LookupError) -> Self {
        // glibc's EAI_ADDRFAMILY: there are addresses, of other families.
        const OTHER_FAMILY: i32 = if cfg!(target_os = "linux") { -9 } else { 0 };
        match (error.kind(), error.error_num()) {
            (LookupErrorKind::NoName | LookupErrorKind::NoData, _) => Self::NotFound,
            // No code of the resolver's: no name has a zero byte in it.
            (_, 0) => Self::NotFound,
            (_, OTHER_FAMILY) => Self::NotFound,
            (LookupErrorKind::System, _) => {
                Self::Failed(std::io::Error::from(error).raw_os_error().map_or(0, code))
            }
            (_, number) => Self::Failed(code(number)),
        }
    }
}

impl From<std::io::Error> for IoError {
    fn from(error: std::io::Error) -> Self {
        Errno::from_io_error(&error).map_or(Self::new(ErrorKind::Other), Self::from)
    }
}

/// An error number of the system: they are all small.
fn code(number: i32) -> i16 {
    i16::try_from(number).unwrap_or(i16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::CancelToken;
    use std::net::TcpListener;

    /// How late a wait may end on a machine that is busy with other things.
    const SLACK_MS: u64 = 1000;

    /// Does `wait` with a deadline that is far, and cancels it after a while; how many milliseconds `wait`
    /// took.
    fn cancelled<T>(wait: impl FnOnce(&mut HostNetwork, Deadline<'_>) -> T) -> (T, u64) {
        let token = CancelToken::new().unwrap();
        let mut network = HostNetwork::default();
        let deadline = Deadline::after(network.now(), 60_000).cancelled_by(&token);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(200));
                token.cancel();
            });
            let start = network.now();
            let result = wait(&mut network, deadline);
            (result, network.now() - start)
        })
    }

    #[test]
    fn a_look_up_that_takes_too_long_is_left_alone() {
        let slow = || std::thread::sleep(Duration::from_secs(5));
        let (result, took) = cancelled(|_, deadline| apart(deadline, slow));
        assert_eq!(result, Err(DnsError::Cancelled));
        assert!((150..200 + SLACK_MS).contains(&took), "{took}");

        let network = HostNetwork::default();
        let start = network.now();
        assert_eq!(apart(Deadline::after(network.now(), 100), slow), Err(DnsError::TimedOut));
        let took = network.now() - start;
        assert!((100..100 + SLACK_MS).contains(&took), "{took}");
    }

    #[test]
    fn all_networks_have_one_clock() {
        let first = HostNetwork::default();
        let start = first.now();
        std::thread::sleep(Duration::from_millis(30));
        assert!(HostNetwork::default().now() >= start + 30);
    }

    #[test]
    fn families_take_turns() {
        let of = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let found = of(&["[::1]:1", "[::2]:1", "[::3]:1", "0.0.0.4:1"]);
        let taken: Vec<_> = interleaved(found).collect();
        assert_eq!(taken, of(&["[::1]:1", "0.0.0.4:1", "[::2]:1", "[::3]:1"]));
        let found = of(&["0.0.0.1:1", "[::2]:1", "[::3]:1", "[::4]:1"]);
        assert_eq!(interleaved(found.clone()).collect::<Vec<_>>(), found);
        assert_eq!(interleaved(Vec::new()).count(), 0);
    }

    #[test]
    fn addresses_are_found() {
        let mut network = HostNetwork::default();
        let mut addresses = Addresses::new();
        let deadline = Deadline::after(network.now(), 10_000);
        network.resolve("localhost", 8080, deadline, &mut addresses).unwrap();
        assert!(!addresses.is_empty());
        assert!(addresses.iter().all(|address| address.ip().is_loopback() && address.port() == 8080));
        let result = network.resolve("a\0b", 80, deadline, &mut Addresses::new());
        assert_eq!(result, Err(DnsError::NotFound));
    }

    /// Codes of glibc and musl.
    #[cfg(target_os = "linux")]
    #[test]
    fn only_a_name_that_is_known_not_to_exist_is_not_found() {
        let seen = |number| DnsError::from(LookupError::new(number));
        let (no_name, no_data, other_family) = (-2, -5, -9);
        for number in [no_name, no_data, other_family] {
            assert_eq!(seen(number), DnsError::NotFound, "{number}");
        }
        let (again, fail, memory) = (-3, -4, -10);
        for number in [again, fail, memory] {
            assert_eq!(seen(number), DnsError::Failed(code(number)), "{number}");
        }
    }

    #[test]
    fn a_look_up_has_a_result_or_has_failed() {
        let network = HostNetwork::default();
        let deadline = Deadline::after(network.now(), 10_000);
        assert_eq!(apart(deadline, || 42), Ok(42));
        let died = apart(deadline, || std::panic::resume_unwind(Box::new("as if it died")));
        assert_eq!(died, Err::<(), _>(DnsError::Failed(0)));
    }

    #[test]
    fn sleep_ends_at_its_time_or_when_it_is_cancelled() {
        let mut network = HostNetwork::default();
        let start = network.now();
        assert_eq!(network.sleep(Deadline::after(start, 100)), Ok(()));
        assert!((100..100 + SLACK_MS).contains(&(network.now() - start)));
        assert_eq!(network.sleep(Deadline::NO_WAIT), Ok(()));

        let (result, took) = cancelled(HostNetwork::sleep);
        assert_eq!(result, Err(IoError::new(ErrorKind::Interrupted)));
        assert!((150..200 + SLACK_MS).contains(&took), "{took}");
    }

    #[test]
    fn nagle_joins_the_pieces_of_a_body_and_delays_nothing_that_is_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut network = HostNetwork::default();
        let deadline = Deadline::after(network.now(), 5000);
        let mut transport = network.connect(listener.local_addr().unwrap(), deadline).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        let is_on = |transport: &HostTransport| !sockopt::tcp_nodelay(&transport.socket).unwrap();
        for _ in 0..2 {
            assert!(!is_on(&transport));
            transport.send(b"a", deadline).unwrap();
            assert!(!is_on(&transport));
            transport.send(b"b", deadline).unwrap();
            transport.send(b"c", deadline).unwrap();
            assert!(is_on(&transport));
            // To look for an early response is not to wait for one.
            assert!(transport.receive(&mut [0], Deadline::NO_WAIT).is_err());
            assert!(is_on(&transport));
            std::io::Write::write_all(&mut peer, b"x").unwrap();
            assert_eq!(transport.receive(&mut [0], deadline), Ok(1));
        }
        assert!(!is_on(&transport));
    }

    #[test]
    fn waits_for_either_direction() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut network = HostNetwork::default();
        let mut transport =
            network.connect(listener.local_addr().unwrap(), Deadline::after(network.now(), 5000)).unwrap();
        assert_eq!(transport.wait_ready(Deadline::NO_WAIT), Ok(()));
        let timed_out = Err(IoError::new(ErrorKind::TimedOut));
        assert_eq!(transport.receive(&mut [0], Deadline::NO_WAIT), timed_out);
        // Until no side of the connection can take more.
        let start = network.now();
        while network.now() - start < 300 {
            match transport.send(&[0; 65536], Deadline::NO_WAIT) {
                Ok(_) => {}
                Err(error) => assert_eq!(Err(error), timed_out),
            }
        }
        assert_eq!(transport.wait_ready(Deadline::after(network.now(), 50)).map(|()| 0), timed_out);
        let (mut peer, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut peer, b"x").unwrap();
        assert_eq!(transport.wait_ready(Deadline::after(network.now(), 5000)), Ok(()));
        assert_eq!(transport.receive(&mut [0], Deadline::NO_WAIT), Ok(1));
    }
}
