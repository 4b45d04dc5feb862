// SPDX-License-Identifier: Apache-2.0
//! Names with several addresses, some of which do not answer.

mod support;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use embedded_io::ErrorKind;
use requests::transport::host::{HostNetwork, HostTransport};
use requests::transport::scripted::{Script, ScriptedNetwork, ScriptedTransport};
use requests::transport::{Addresses, Deadline, DnsError, IoError, Network};
use requests::{CancelToken, Error, Phase};
use support::peer::{Peer, Step, Swallowing};

const OK: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// How an address reacts to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    /// Does not answer.
    Swallow,
    Refuse,
    /// Accepts after this many milliseconds.
    Accept(u64),
}

/// A network whose names have addresses with these reactions: 192.0.2.0, 192.0.2.1, …
struct Several {
    network: ScriptedNetwork,
    does: Vec<Does>,
    /// The addresses that were connected to.
    tried: Vec<usize>,
}

impl Several {
    fn new(does: &[Does]) -> Self {
        Self { network: ScriptedNetwork::new([Script::new(OK)]), does: does.to_vec(), tried: Vec::new() }
    }

    /// Sends a request. Returns its result, and the milliseconds that it took.
    fn get(&mut self, timeout: u64) -> (Result<u16, Error>, u64) {
        let mut buffer = [0; 512];
        let request = requests::get("http://a.example/").timeout(Duration::from_millis(timeout));
        let result = request.send_over(&mut *self, &mut buffer).map(|response| response.status_code);
        (result, self.network.now())
    }
}

impl Network for Several {
    type Transport = ScriptedTransport;

    fn now(&self) -> u64 {
        self.network.now()
    }

    fn resolve(
        &mut self,
        _: &str,
        port: u16,
        _: Deadline<'_>,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError> {
        for index in 0..self.does.len() {
            let _ = addresses.push(SocketAddr::from(([192, 0, 2, index as u8], port)));
        }
        Ok(())
    }

    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<ScriptedTransport, IoError> {
        let SocketAddr::V4(v4) = address else { unreachable!() };
        let index = usize::from(v4.ip().octets()[3]);
        self.tried.push(index);
        let left = deadline.remaining_ms(self.now());
        match self.does[index] {
            Does::Accept(ms) if ms <= left => {
                self.network.advance(ms);
                self.network.connect(address, deadline)
            }
            Does::Accept(_) | Does::Swallow => {
                self.network.advance(left);
                Err(IoError::new(ErrorKind::TimedOut))
            }
            Does::Refuse => Err(IoError::new(ErrorKind::ConnectionRefused)),
        }
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        self.network.fill_random(bytes)
    }
}

#[test]
fn an_address_that_says_nothing_costs_a_second() {
    let mut network = Several::new(&[Does::Swallow, Does::Accept(10)]);
    assert_eq!(network.get(30_000), (Ok(204), 1010));
    let mut network = Several::new(&[Does::Swallow, Does::Refuse, Does::Swallow, Does::Accept(10)]);
    assert_eq!(network.get(30_000), (Ok(204), 2010));
    assert_eq!(network.tried, [0, 1, 2, 3]);
}

#[test]
fn a_link_that_is_slow_is_waited_for_the_second_time() {
    let mut network = Several::new(&[Does::Accept(3000), Does::Refuse]);
    assert_eq!(network.get(30_000), (Ok(204), 4000));
    assert_eq!(network.tried, [0, 1, 0]);
    let mut network = Several::new(&[Does::Accept(3000)]);
    assert_eq!(network.get(30_000), (Ok(204), 3000));
    assert_eq!(network.tried, [0]);
}

#[test]
fn addresses_that_all_say_nothing_end_in_a_timeout_when_the_time_is_up() {
    for timeout in [500, 1500, 2000, 30_000] {
        let mut network = Several::new(&[Does::Swallow, Does::Swallow]);
        assert_eq!(network.get(timeout), (Err(Error::Timeout { phase: Phase::Connect }), timeout));
    }
}

#[test]
fn where_all_refuse_each_is_asked_once() {
    let mut network = Several::new(&[Does::Refuse, Does::Refuse, Does::Refuse]);
    let (result, took) = network.get(30_000);
    assert!(matches!(result, Err(Error::Connect(IoError { kind: ErrorKind::ConnectionRefused, .. }))));
    assert_eq!((network.tried, took), (vec![0, 1, 2], 0));
}

#[test]
fn one_that_says_nothing_beside_one_that_refuses_is_waited_for() {
    let mut network = Several::new(&[Does::Swallow, Does::Refuse]);
    assert_eq!(network.get(5000), (Err(Error::Timeout { phase: Phase::Connect }), 5000));
    assert_eq!(network.tried, [0, 1, 0]);
}

/// The sockets of the host, with one name that has these addresses.
struct Named(HostNetwork, Vec<SocketAddr>);

impl Network for Named {
    type Transport = HostTransport;

    fn now(&self) -> u64 {
        self.0.now()
    }

    fn resolve(
        &mut self,
        _: &str,
        _: u16,
        _: Deadline<'_>,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError> {
        addresses.extend_from_slice(&self.1).map_err(|_| DnsError::NotFound)
    }

    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<HostTransport, IoError> {
        self.0.connect(address, deadline)
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        self.0.fill_random(bytes)
    }
}

#[test]
fn sockets_get_past_an_address_that_says_nothing() {
    let swallowing = Swallowing::new();
    let peer = Peer::new([vec![Step::ReadRequest, Step::send(OK)]]);
    let live = peer.url("").trim_start_matches("http://").parse().unwrap();
    let mut network = Named(HostNetwork::default(), vec![swallowing.address(), live]);
    let start = Instant::now();
    let mut buffer = [0; 512];
    let response = requests::get("http://a.example/").send_over(&mut network, &mut buffer).unwrap();
    assert_eq!(response.status_code, 204);
    let took = start.elapsed();
    assert!((Duration::from_millis(900)..Duration::from_secs(6)).contains(&took), "{took:?}");
}

#[test]
fn cancelling_ends_the_wait_for_addresses_that_say_nothing() {
    let swallowing = Swallowing::new();
    let mut network = Named(HostNetwork::default(), vec![swallowing.address(); 2]);
    let token = CancelToken::new().unwrap();
    let start = Instant::now();
    let mut buffer = [0; 512];
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(1300));
            token.cancel();
        });
        let request = requests::get("http://a.example/").cancel_token(&token);
        request.send_over(&mut network, &mut buffer).map(|_| ()).unwrap_err()
    });
    assert_eq!(error, Error::Cancelled { phase: Phase::Connect });
    assert!(start.elapsed() < Duration::from_secs(6));
}
