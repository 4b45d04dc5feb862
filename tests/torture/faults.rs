// SPDX-License-Identifier: Apache-2.0
//! A network on which one operation fails: the one with this number, in this way.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;

use embedded_io::ErrorKind;
use requests::DnsError;
use requests::IoError;
use requests::transport::{Addresses, Deadline, Network, Transport};

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// With this error.
    Error(ErrorKind),
    /// The stream ends.
    End,
    /// Nothing happens until the deadline, from then on.
    Stall,
    /// It takes or gives a single byte.
    Short,
    /// From then on, all take or give a single byte.
    OneByte,
    /// From then on, all fail.
    Broken,
}

pub const FAULTS: [Fault; 10] = [
    Fault::Error(ErrorKind::ConnectionReset),
    Fault::Error(ErrorKind::Other),
    Fault::Error(ErrorKind::TimedOut),
    Fault::Error(ErrorKind::OutOfMemory),
    Fault::Error(ErrorKind::Unsupported),
    Fault::End,
    Fault::Stall,
    Fault::Short,
    Fault::OneByte,
    Fault::Broken,
];

/// Counts operations and fails one of them.
#[derive(Clone)]
struct Plan {
    fault: Fault,
    /// The number of operations before the fault.
    before: usize,
    count: Rc<Cell<usize>>,
    most: usize,
}

impl Plan {
    /// The fault of the next operation, if it has one.
    fn next(&self) -> Option<Fault> {
        let number = self.count.get();
        self.count.set(number + 1);
        assert!(number < self.most, "{:?} after {} operations: it does not end", self.fault, self.before);
        let stays = matches!(self.fault, Fault::Stall | Fault::OneByte | Fault::Broken);
        (number == self.before || stays && number > self.before).then_some(self.fault)
    }
}

pub struct Faulty<N> {
    inner: N,
    clock: Rc<Cell<u64>>,
    plan: Plan,
}

impl<N> Faulty<N> {
    /// Operation `before` of `inner` fails, counted from 0. More than `most` operations are a failure of the test.
    pub fn new(inner: N, clock: Rc<Cell<u64>>, fault: Fault, before: usize, most: usize) -> Self {
        Self { inner, clock, plan: Plan { fault, before, count: Rc::default(), most } }
    }

    /// Counts operations.
    pub fn count(&self) -> Rc<Cell<usize>> {
        Rc::clone(&self.plan.count)
    }
}

/// Lets the time pass until the deadline.
fn stall(clock: &Cell<u64>, deadline: Deadline<'_>) -> IoError {
    clock.set(clock.get() + deadline.remaining_ms(clock.get()).min(1 << 40));
    IoError::new(ErrorKind::TimedOut)
}

impl<N: Network> Network for Faulty<N> {
    type Transport = FaultyTransport<N::Transport>;

    fn now(&self) -> u64 {
        self.inner.now()
    }

    fn resolve(
        &mut self,
        host: &str,
        port: u16,
        deadline: Deadline<'_>,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError> {
        match self.plan.next() {
            Some(Fault::Error(kind)) => Err(IoError::new(kind).into()),
            Some(Fault::Stall) => Err(stall(&self.clock, deadline).into()),
            Some(Fault::End | Fault::Broken) => Err(DnsError::NotFound),
            _ => self.inner.resolve(host, port, deadline, addresses),
        }
    }

    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<Self::Transport, IoError> {
        match self.plan.next() {
            Some(Fault::Error(kind)) => Err(IoError::new(kind)),
            Some(Fault::Stall) => Err(stall(&self.clock, deadline)),
            Some(Fault::End | Fault::Broken) => Err(IoError::new(ErrorKind::ConnectionRefused)),
            _ => {
                let inner = self.inner.connect(address, deadline)?;
                Ok(FaultyTransport { inner, clock: Rc::clone(&self.clock), plan: self.plan.clone() })
            }
        }
    }

    fn unix_time(&self) -> Option<i64> {
        self.inner.unix_time()
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        match self.plan.next() {
            Some(Fault::Error(kind)) => Err(IoError::new(kind)),
            Some(Fault::End | Fault::Broken) => Err(IoError::new(ErrorKind::Other)),
            _ => self.inner.fill_random(bytes),
        }
    }

    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        match self.plan.next() {
            Some(Fault::Error(kind)) => Err(IoError::new(kind)),
            Some(Fault::Broken) => Err(IoError::new(ErrorKind::Other)),
            _ => self.inner.sleep(until),
        }
    }
}

pub struct FaultyTransport<T> {
    inner: T,
    clock: Rc<Cell<u64>>,
    plan: Plan,
}

impl<T: Transport> Transport for FaultyTransport<T> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        assert!(!bytes.is_empty(), "nothing is sent");
        match self.plan.next() {
            Some(Fault::Error(kind)) => Err(IoError::new(kind)),
            Some(Fault::Stall) => Err(stall(&self.clock, deadline)),
            Some(Fault::End | Fault::Broken) => Err(IoError::new(ErrorKind::BrokenPipe)),
            Some(Fault::Short | Fault::OneByte) => self.inner.send(&bytes[..1], deadline),
            None => self.inner.send(bytes, deadline),
        }
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        assert!(!buffer.is_empty(), "there is no room");
        match self.plan.next() {
            Some(Fault::Error(kind)) => Err(IoError::new(kind)),
            Some(Fault::Stall) => Err(stall(&self.clock, deadline)),
            Some(Fault::End) => Ok(0),
            Some(Fault::Broken) => Err(IoError::new(ErrorKind::ConnectionReset)),
            Some(Fault::Short | Fault::OneByte) => self.inner.receive(&mut buffer[..1], deadline),
            None => self.inner.receive(buffer, deadline),
        }
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        match self.plan.next() {
            Some(Fault::Error(kind)) => Err(IoError::new(kind)),
            Some(Fault::Stall) => Err(stall(&self.clock, deadline)),
            Some(Fault::Broken) => Err(IoError::new(ErrorKind::ConnectionReset)),
            _ => self.inner.wait_ready(deadline),
        }
    }
}
