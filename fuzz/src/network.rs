// SPDX-License-Identifier: Apache-2.0
//! A network with one connection that receives bytes in pieces.

use std::net::SocketAddr;

use requests::transport::{Addresses, Deadline, DnsError, IoError, Network, Transport};

use crate::input::Numbers;

/// Each connection receives one of `streams` in pieces, and is then closed by the peer.
pub struct Pieces<'a> {
    streams: std::vec::IntoIter<&'a [u8]>,
    sizes: Option<Numbers>,
    /// Calls of transports and of the clock: a request that never ends is noticed.
    calls: std::rc::Rc<std::cell::Cell<usize>>,
}

impl<'a> Pieces<'a> {
    /// Pieces of sizes that depend on `seed`; one piece if there is none.
    pub fn new(streams: Vec<&'a [u8]>, seed: Option<u8>) -> Self {
        Self { streams: streams.into_iter(), sizes: seed.map(Numbers::new), calls: Default::default() }
    }
}

impl<'a> Network for Pieces<'a> {
    type Transport = PiecesTransport<'a>;

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

    fn connect(&mut self, _: SocketAddr, _: Deadline<'_>) -> Result<PiecesTransport<'a>, IoError> {
        let rest = self.streams.next().ok_or(IoError::new(embedded_io::ErrorKind::ConnectionRefused))?;
        Ok(PiecesTransport { rest, sizes: self.sizes.clone(), calls: self.calls.clone() })
    }

    fn unix_time(&self) -> Option<i64> {
        Some(1_750_000_000)
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        bytes.fill(7);
        Ok(())
    }

    fn sleep(&mut self, _: Deadline<'_>) -> Result<(), IoError> {
        Ok(())
    }
}

/// See [`Pieces`].
pub struct PiecesTransport<'a> {
    rest: &'a [u8],
    sizes: Option<Numbers>,
    calls: std::rc::Rc<std::cell::Cell<usize>>,
}

impl Transport for PiecesTransport<'_> {
    fn send(&mut self, bytes: &[u8], _: Deadline<'_>) -> Result<usize, IoError> {
        assert!(!bytes.is_empty());
        Ok(bytes.len())
    }

    fn receive(&mut self, buffer: &mut [u8], _: Deadline<'_>) -> Result<usize, IoError> {
        assert!(!buffer.is_empty());
        self.calls.set(self.calls.get() + 1);
        assert!(self.calls.get() < 1_000_000, "the request does not end");
        let size = self.sizes.as_mut().map_or(usize::MAX, Numbers::piece);
        let count = size.min(buffer.len()).min(self.rest.len());
        let (piece, rest) = self.rest.split_at(count);
        buffer[..count].copy_from_slice(piece);
        self.rest = rest;
        Ok(count)
    }
}
