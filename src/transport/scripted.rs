// SPDX-License-Identifier: Apache-2.0
//! A network that plays scripts: tests send requests over it, without a socket.
//!
//! ```
//! use requests::transport::scripted::{Script, ScriptedNetwork};
//!
//! # fn main() -> Result<(), requests::Error> {
//! let mut network = ScriptedNetwork::new([Script::new(b"HTTP/1.1 204 No Content\r\n\r\n")]);
//! let mut buffer = [0; 256];
//! let response = requests::delete("http://example.org/x").send_over(&mut network, &mut buffer)?;
//! assert_eq!(response.status_code, 204);
//! assert!(network.sent(0).starts_with(b"DELETE /x HTTP/1.1\r\nHost: example.org\r\n"));
//! # Ok(())
//! # }
//! ```

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;

use embedded_io::ErrorKind;

use crate::transport::{Addresses, Deadline, DnsError, IoError, Network, Transport};

/// The script of one connection.
#[derive(Debug, Clone)]
pub struct Script {
    turns: Vec<Vec<u8>>,
    /// The total number of bytes that must be sent before each turn. Empty: any number of bytes.
    after: Vec<usize>,
    piece: usize,
    accepts: usize,
    end: End,
}

/// What happens after the last byte of a [`Script`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// The peer closes the connection in an orderly way.
    Close,
    /// The peer sends nothing more, until the deadline has passed.
    Stall,
    /// The connection breaks with this error.
    Break(ErrorKind),
}

impl Script {
    /// A connection that accepts everything that is sent. The peer sends `bytes` and closes the connection.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self::turns([bytes])
    }

    /// A connection on which the peer sends several times. It sends each turn but the first when something was
    /// sent to it after the previous turn. Otherwise it is as [`new`](Self::new). With an empty last turn, the
    /// peer accepts one more request, and then [ends](Self::then).
    #[must_use]
    pub fn turns(turns: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        let turns = turns.into_iter().map(|turn| turn.as_ref().to_vec()).collect();
        Self { turns, after: Vec::new(), piece: usize::MAX, accepts: usize::MAX, end: End::Close }
    }

    /// A connection on which the peer sends each of `turns` as soon as this total number of bytes was sent to
    /// it, even if more follows. Only with such a script does the client receive while it sends
    /// ([`Transport::wait_ready`]). Otherwise it is as [`new`](Self::new).
    #[must_use]
    pub fn interrupting(turns: impl IntoIterator<Item = (usize, impl AsRef<[u8]>)>) -> Self {
        let (after, turns): (Vec<_>, Vec<_>) = turns.into_iter().unzip();
        Self { after, ..Self::turns(turns) }
    }

    /// Sends and receives at most `size` bytes at a time.
    #[must_use]
    pub const fn in_pieces_of(mut self, size: usize) -> Self {
        self.piece = size;
        self
    }

    /// Accepts only the first `count` bytes. Then sending fails with [`ErrorKind::BrokenPipe`].
    #[must_use]
    pub const fn accepts(mut self, count: usize) -> Self {
        self.accepts = count;
        self
    }

    /// Sets how the connection ends. By default, the peer closes it.
    #[must_use]
    pub const fn then(mut self, end: End) -> Self {
        self.end = end;
        self
    }
}

/// A network whose connections follow scripts, one after the other.
///
/// Every name has the address 192.0.2.1. After the last script, connections are refused. The clock moves only
/// when a script stalls, when a request sleeps, and by [`advance`](Self::advance). Every random byte is 42.
#[derive(Debug)]
pub struct ScriptedNetwork {
    scripts: std::vec::IntoIter<Script>,
    clock: Rc<Cell<u64>>,
    addresses: Vec<SocketAddr>,
    sent: Vec<Rc<RefCell<Vec<u8>>>>,
}

impl ScriptedNetwork {
    /// A network whose connections follow `scripts`.
    #[must_use]
    pub fn new(scripts: impl IntoIterator<Item = Script>) -> Self {
        Self {
            scripts: scripts.into_iter().collect::<Vec<_>>().into_iter(),
            clock: Rc::default(),
            addresses: Vec::new(),
            sent: Vec::new(),
        }
    }

    /// What was sent over the connection with this index, from 0. Empty if there was no such connection.
    #[must_use]
    pub fn sent(&self, connection: usize) -> Vec<u8> {
        self.sent.get(connection).map(|sent| sent.borrow().clone()).unwrap_or_default()
    }

    /// The addresses of all attempts to connect, including refused ones.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Moves the clock forward.
    pub fn advance(&self, ms: u64) {
        self.clock.set(self.clock.get() + ms);
    }

    /// The number of open connections.
    #[must_use]
    pub fn open(&self) -> usize {
        self.sent.iter().filter(|sent| Rc::strong_count(sent) > 1).count()
    }
}

impl Network for ScriptedNetwork {
    type Transport = ScriptedTransport;

    fn now(&self) -> u64 {
        self.clock.get()
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
        let address = host.parse().unwrap_or(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
        addresses.push(SocketAddr::new(address, port)).map_err(|_| DnsError::NotFound)
    }

    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<ScriptedTransport, IoError> {
        deadline.check(self.now())?;
        self.addresses.push(address);
        let script = self.scripts.next().ok_or(IoError::new(ErrorKind::ConnectionRefused))?;
        let sent = Rc::default();
        self.sent.push(Rc::clone(&sent));
        Ok(ScriptedTransport {
            script,
            turn: 0,
            received: 0,
            sent_before: 0,
            clock: Rc::clone(&self.clock),
            sent,
        })
    }

    fn unix_time(&self) -> Option<i64> {
        None
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        bytes.fill(42);
        Ok(())
    }

    /// Moves the clock forward.
    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        if until.is_cancelled() {
            return Err(IoError::new(ErrorKind::Interrupted));
        }
        self.clock.set(self.now() + until.remaining_ms(self.now()));
        Ok(())
    }
}

/// A connection that follows a [`Script`].
#[derive(Debug)]
pub struct ScriptedTransport {
    script: Script,
    /// The index of the current turn.
    turn: usize,
    /// The number of bytes of it that were received.
    received: usize,
    /// The number of bytes that had been sent at the end of the previous turn.
    sent_before: usize,
    clock: Rc<Cell<u64>>,
    sent: Rc<RefCell<Vec<u8>>>,
}

impl Transport for ScriptedTransport {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        deadline.check(self.clock.get())?;
        let mut sent = self.sent.borrow_mut();
        let room = self.script.accepts.saturating_sub(sent.len());
        let count = bytes.len().min(self.script.piece).min(room);
        if count == 0 {
            return Err(IoError::new(ErrorKind::BrokenPipe));
        }
        sent.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        deadline.check(self.clock.get())?;
        while let Some(rest) = self.rest_of_turn() {
            let count = rest.len().min(buffer.len()).min(self.script.piece);
            buffer[..count].copy_from_slice(&rest[..count]);
            self.received += count;
            if self.received == self.script.turns[self.turn].len() {
                self.turn += 1;
                self.received = 0;
                self.sent_before = self.sent.borrow().len();
            }
            if count > 0 {
                return Ok(count);
            }
        }
        match self.script.end {
            End::Close if self.has_ended() => Ok(0),
            End::Break(kind) if self.has_ended() => Err(IoError::new(kind)),
            _ => {
                self.clock.set(self.clock.get() + deadline.remaining_ms(self.clock.get()));
                Err(IoError::new(ErrorKind::TimedOut))
            }
        }
    }

    /// Sending never has to wait.
    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        if self.script.after.is_empty() {
            return Err(IoError::new(ErrorKind::Unsupported));
        }
        deadline.check(self.clock.get())
    }
}

impl ScriptedTransport {
    /// The rest of this turn that can be received, if the peer may send now.
    fn rest_of_turn(&self) -> Option<&[u8]> {
        let sent = self.sent.borrow().len();
        let has_come = match self.script.after.get(self.turn) {
            Some(&after) => sent >= after,
            None => self.turn == 0 || sent > self.sent_before,
        };
        let turn = self.script.turns.get(self.turn)?;
        // A turn that was begun is finished, whatever is sent meanwhile.
        (has_come || self.received > 0).then(|| &turn[self.received..])
    }

    /// Whether the peer is gone: it accepts nothing more.
    fn has_ended(&self) -> bool {
        self.turn == self.script.turns.len() || self.sent.borrow().len() >= self.script.accepts
    }
}
