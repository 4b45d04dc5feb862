// SPDX-License-Identifier: Apache-2.0
//! Networks with behaviour that neither sockets nor scripts can produce.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;

use embedded_io::ErrorKind;
use requests::transport::scripted::{ScriptedNetwork, ScriptedTransport};
use requests::transport::{Addresses, Deadline, DnsError, IoError, Network, Transport};

/// Methods of a [`Network`] that call the network in a field.
macro_rules! forward {
    ($field:tt: $($method:ident)+) => {
        $(forward!(@$method $field);)+
    };
    (@now $field:tt) => {
        fn now(&self) -> u64 {
            self.$field.now()
        }
    };
    (@resolve $field:tt) => {
        fn resolve(
            &mut self,
            host: &str,
            port: u16,
            deadline: Deadline<'_>,
            addresses: &mut Addresses,
        ) -> Result<(), DnsError> {
            self.$field.resolve(host, port, deadline, addresses)
        }
    };
    (@fill_random $field:tt) => {
        fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
            self.$field.fill_random(bytes)
        }
    };
    (@sleep $field:tt) => {
        fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
            self.$field.sleep(until)
        }
    };
}

/// A network whose name look-up fails with this error.
pub struct NoNames(pub DnsError);

impl Network for NoNames {
    type Transport = ScriptedTransport;

    fn now(&self) -> u64 {
        0
    }

    fn resolve(&mut self, _: &str, _: u16, _: Deadline<'_>, _: &mut Addresses) -> Result<(), DnsError> {
        Err(self.0)
    }

    fn connect(&mut self, address: SocketAddr, _: Deadline<'_>) -> Result<ScriptedTransport, IoError> {
        panic!("connects to {address} though the name has no address");
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        bytes.fill(0);
        Ok(())
    }
}

/// A scripted network whose source of random bytes does not answer.
pub struct NoRandom(pub ScriptedNetwork, pub IoError);

impl Network for NoRandom {
    type Transport = ScriptedTransport;

    forward!(0: now resolve sleep);

    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<ScriptedTransport, IoError> {
        self.0.connect(address, deadline)
    }

    fn fill_random(&mut self, _: &mut [u8]) -> Result<(), IoError> {
        Err(self.1)
    }
}

/// A scripted network that records the buffer size of each call to receive.
pub struct ReceiveLog {
    pub network: ScriptedNetwork,
    pub rooms: Rc<RefCell<Vec<usize>>>,
}

impl ReceiveLog {
    pub fn new(network: ScriptedNetwork) -> Self {
        Self { network, rooms: Rc::default() }
    }
}

impl Network for ReceiveLog {
    type Transport = LoggedTransport;

    forward!(network: now resolve fill_random sleep);

    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<LoggedTransport, IoError> {
        let transport = self.network.connect(address, deadline)?;
        Ok(LoggedTransport { transport, rooms: Rc::clone(&self.rooms) })
    }
}

pub struct LoggedTransport {
    transport: ScriptedTransport,
    rooms: Rc<RefCell<Vec<usize>>>,
}

impl Transport for LoggedTransport {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.transport.send(bytes, deadline)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.rooms.borrow_mut().push(buffer.len());
        self.transport.receive(buffer, deadline)
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        self.transport.wait_ready(deadline)
    }
}

/// A network with one connection that receives `bytes` in pieces of the given sizes, and is then
/// closed.
pub struct InPieces {
    bytes: Vec<u8>,
    sizes: Vec<usize>,
}

impl InPieces {
    /// The pieces end at the positions `ends`, in any order.
    pub fn new(bytes: &[u8], ends: &[usize]) -> Self {
        let mut ends: Vec<_> = ends.iter().copied().filter(|&end| end < bytes.len()).collect();
        ends.push(bytes.len());
        ends.sort_unstable();
        let mut start = 0;
        let sizes = ends.into_iter().map(|end| end - std::mem::replace(&mut start, end)).collect();
        Self { bytes: bytes.to_owned(), sizes }
    }
}

impl Network for InPieces {
    type Transport = InPiecesTransport;

    fn now(&self) -> u64 {
        0
    }

    fn resolve(
        &mut self,
        _: &str,
        port: u16,
        _: Deadline<'_>,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError> {
        addresses.push(SocketAddr::from(([192, 0, 2, 1], port))).map_err(|_| DnsError::NotFound)
    }

    fn connect(&mut self, _: SocketAddr, _: Deadline<'_>) -> Result<InPiecesTransport, IoError> {
        let sizes = std::mem::take(&mut self.sizes).into_iter().filter(|&size| size > 0).collect();
        Ok(InPiecesTransport { bytes: std::mem::take(&mut self.bytes).into(), sizes })
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        bytes.fill(7);
        Ok(())
    }
}

pub struct InPiecesTransport {
    bytes: VecDeque<u8>,
    sizes: VecDeque<usize>,
}

impl Transport for InPiecesTransport {
    fn send(&mut self, bytes: &[u8], _: Deadline<'_>) -> Result<usize, IoError> {
        Ok(bytes.len())
    }

    fn receive(&mut self, buffer: &mut [u8], _: Deadline<'_>) -> Result<usize, IoError> {
        let Some(size) = self.sizes.front_mut() else { return Ok(0) };
        let count = buffer.len().min(*size);
        *size -= count;
        if *size == 0 {
            self.sizes.pop_front();
        }
        for (byte, received) in buffer.iter_mut().zip(self.bytes.drain(..count)) {
            *byte = received;
        }
        Ok(count)
    }
}

/// A scripted network that supports this many connections at a time.
pub struct Scarce {
    pub network: ScriptedNetwork,
    pub room: usize,
}

impl Network for Scarce {
    type Transport = ScriptedTransport;

    forward!(network: now resolve fill_random sleep);

    fn connect(&mut self, address: SocketAddr, deadline: Deadline) -> Result<ScriptedTransport, IoError> {
        if self.network.open() >= self.room {
            return Err(IoError::new(ErrorKind::OutOfMemory));
        }
        self.network.connect(address, deadline)
    }
}

/// A scripted network whose connections accept only this many bytes, which is not visible before
/// something is sent.
pub struct Deaf {
    pub network: ScriptedNetwork,
    /// The number of bytes that each connection accepts, in the order of opening. Later connections
    /// accept all.
    pub takes: VecDeque<usize>,
}

impl Network for Deaf {
    type Transport = DeafTransport;

    forward!(network: now resolve fill_random sleep);

    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<DeafTransport, IoError> {
        let transport = self.network.connect(address, deadline)?;
        Ok(DeafTransport { transport, takes: self.takes.pop_front().unwrap_or(usize::MAX), is_seen: false })
    }
}

pub struct DeafTransport {
    transport: ScriptedTransport,
    takes: usize,
    /// Whether sending has failed.
    is_seen: bool,
}

impl Transport for DeafTransport {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        if self.takes == 0 {
            self.is_seen = true;
            return Err(IoError::new(ErrorKind::ConnectionReset));
        }
        let count = self.transport.send(&bytes[..bytes.len().min(self.takes)], deadline)?;
        self.takes -= count;
        Ok(count)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        if self.is_seen { Ok(0) } else { self.transport.receive(buffer, deadline) }
    }
}

/// A scripted network whose clock advances by 10 ms after one of the calls that read it.
pub struct Jumping {
    pub network: ScriptedNetwork,
    /// The number of calls until then.
    pub looks: Cell<u32>,
}

impl Network for Jumping {
    type Transport = ScriptedTransport;

    fn now(&self) -> u64 {
        let now = self.network.now();
        if self.looks.replace(self.looks.get().saturating_sub(1)) == 1 {
            self.network.advance(10);
        }
        now
    }

    fn resolve(
        &mut self,
        host: &str,
        port: u16,
        deadline: Deadline<'_>,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError> {
        self.network.resolve(host, port, deadline, addresses)
    }

    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<ScriptedTransport, IoError> {
        self.network.connect(address, deadline)
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        self.network.fill_random(bytes)
    }
}
