// SPDX-License-Identifier: Apache-2.0
//! An unreliable relay: it passes bytes between a client and a server, and drops connections.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rustix::net::sockopt;

/// What is done when a connection is dropped, with its number.
type OnDrop = Box<dyn Fn(usize) + Send>;

pub struct Relay {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Relay {
    /// Passes connections on to `port` of this machine. The first ones are dropped once the server has sent
    /// as many bytes as `drops` says, by turns in an orderly way and with a reset; those behind them are not.
    pub fn new(port: u16, drops: Vec<usize>) -> Self {
        Self::with(port, drops, Box::new(|_| {}))
    }

    /// The same, and does something at each drop.
    pub fn with(port: u16, drops: Vec<usize>, on_drop: OnDrop) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let own_port = listener.local_addr().expect("an address").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        std::thread::spawn(move || {
            for (index, client) in listener.incoming().enumerate() {
                count.fetch_add(1, Ordering::Relaxed);
                let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("a server");
                pass(client.expect("a connection"), server, drops.get(index).copied(), index);
                if index < drops.len() {
                    on_drop(index);
                }
            }
        });
        Self { port: own_port, connections }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn https_url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

/// Passes on both ways until either side ends the connection, or it is dropped.
fn pass(mut client: TcpStream, mut server: TcpStream, limit: Option<usize>, index: usize) {
    client.set_read_timeout(Some(Duration::from_millis(10))).expect("a time-out");
    server.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
    let is_over = Arc::new(AtomicBool::new(false));
    let requests = {
        let (from, to) = (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"));
        let is_over = Arc::clone(&is_over);
        std::thread::spawn(move || pass_requests(from, to, &is_over))
    };
    let mut left = limit.unwrap_or(usize::MAX);
    let mut piece = [0; 64 * 1024];
    while left > 0 {
        let room = left.min(piece.len());
        let Ok(count @ 1..) = server.read(&mut piece[..room]) else { break };
        if client.write_all(&piece[..count]).is_err() {
            break;
        }
        left -= count;
    }
    is_over.store(true, Ordering::Relaxed);
    requests.join().expect("no panic");
    if limit.is_some() && index % 2 == 1 {
        sockopt::set_socket_linger(&client, Some(Duration::ZERO)).expect("no linger");
    }
}

fn pass_requests(mut from: TcpStream, mut to: TcpStream, is_over: &AtomicBool) {
    let mut piece = [0; 4096];
    while !is_over.load(Ordering::Relaxed) {
        match from.read(&mut piece) {
            Ok(0) => break,
            Ok(count) if to.write_all(&piece[..count]).is_ok() => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            _ => break,
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Numbers without a pattern, the same in each run.
pub struct Chance(pub u64);

impl Chance {
    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            self.below(1);
            bytes.extend_from_slice(&self.0.to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }

    /// The lengths of the pieces that `count` cuts at random points make of `len`, but for the last.
    pub fn cuts(&mut self, len: usize, count: usize) -> Vec<usize> {
        let mut points: Vec<_> = (0..count).map(|_| 1 + self.below(len - 1)).collect();
        points.sort_unstable();
        let mut start = 0;
        points.into_iter().map(|point| point - std::mem::replace(&mut start, point)).collect()
    }
}
