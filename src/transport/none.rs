// SPDX-License-Identifier: Apache-2.0
//! The network of a platform that the crate was not compiled for.

use core::net::SocketAddr;

use super::{Addresses, Deadline, DnsError, IoError, Network, Transport};

/// A network that cannot be made: without the features `host` and `zephyr`, callers bring a [`Network`] of
/// their own.
#[derive(Debug, Clone, Copy)]
pub enum NoNetwork {}

impl Network for NoNetwork {
    type Transport = Self;

    fn now(&self) -> u64 {
        match *self {}
    }

    fn resolve(&mut self, _: &str, _: u16, _: Deadline<'_>, _: &mut Addresses) -> Result<(), DnsError> {
        match *self {}
    }

    fn connect(&mut self, _: SocketAddr, _: Deadline<'_>) -> Result<Self, IoError> {
        match *self {}
    }

    fn fill_random(&mut self, _: &mut [u8]) -> Result<(), IoError> {
        match *self {}
    }
}

impl Transport for NoNetwork {
    fn send(&mut self, _: &[u8], _: Deadline<'_>) -> Result<usize, IoError> {
        match *self {}
    }

    fn receive(&mut self, _: &mut [u8], _: Deadline<'_>) -> Result<usize, IoError> {
        match *self {}
    }
}
