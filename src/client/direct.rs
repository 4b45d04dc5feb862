// SPDX-License-Identifier: Apache-2.0
//! Requests on their own, each over connections of its own.

use crate::Error;
use crate::client::connection::open;
use crate::client::connector::{ConnectionOf, Connector, Lease, Opened, Wanted};
use crate::client::exchange;
use crate::client::request::Request;
use crate::client::response::Response;
use crate::client::stream::ResponseStream;
use crate::proto::persistence::CloseReason;
#[cfg(any(feature = "host", feature = "zephyr"))]
use crate::transport::PlatformNetwork;
use crate::transport::{Deadline, Network};

/// Marks a [`Request`] that belongs to no [`Session`](crate::Session).
#[derive(Debug, Clone, Copy, Default)]
pub struct Direct(());

impl Direct {
    pub(super) const fn new() -> Self {
        Self(())
    }
}

/// Opens connections over a network, and keeps none.
#[derive(Debug)]
pub struct OneOff<N>(N);

impl<N: Network> Connector for OneOff<N> {
    type Network = N;

    const KEEPS_ALIVE: bool = false;

    fn network(&mut self) -> &mut N {
        &mut self.0
    }

    fn deadline(&self, until: Deadline<'static>) -> Deadline<'_> {
        until
    }

    fn open(&mut self, wanted: &Wanted<'_>, until: Deadline<'static>) -> Result<Opened<Self>, Error> {
        Ok((open(&mut self.0, wanted, until)?, Lease::default()))
    }

    fn close(&mut self, connection: ConnectionOf<Self>, _: Lease, _: Result<Option<u32>, CloseReason>) {
        drop(connection);
    }
}

impl Request<'_, Direct> {
    /// Sends the request over the network of this platform and receives the whole response into `buffer`.
    ///
    /// The buffer, in bytes, has to hold the URL together with what is larger of the request's JSON body and the
    /// response's head and body. The rest of the request only passes through it.
    ///
    /// # Errors
    /// Every [`Error`] but those of reading a response. Whatever the server sent, there is no response then.
    #[cfg(any(feature = "host", feature = "zephyr"))]
    pub fn send<'b>(self, buffer: &'b mut [u8]) -> Result<Response<'b>, Error> {
        exchange::run(&self.parts, &mut OneOff(PlatformNetwork::default()), buffer)
    }

    /// Sends the request over any [`Network`], otherwise as [`send`](Self::send).
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_over<'b, N: Network>(
        self,
        network: &mut N,
        buffer: &'b mut [u8],
    ) -> Result<Response<'b>, Error> {
        exchange::run(&self.parts, &mut OneOff(network), buffer)
    }

    /// Sends the request over the network of this platform and receives the head of the response. The body is received
    /// as it is read from the [`ResponseStream`].
    ///
    /// The buffer, in bytes, has to hold the URL together with what is larger of the request's JSON body and the
    /// response's head. What is free besides, the more the better, is where the body passes through.
    ///
    /// # Errors
    /// As [`send`](Self::send), as far as the head.
    #[cfg(any(feature = "host", feature = "zephyr"))]
    pub fn stream<'b>(
        self,
        buffer: &'b mut [u8],
    ) -> Result<ResponseStream<'b, OneOff<PlatformNetwork>>, Error> {
        ResponseStream::begin(&self.parts, OneOff(PlatformNetwork::default()), buffer)
    }

    /// Sends the request over any [`Network`], otherwise as [`stream`](Self::stream).
    ///
    /// # Errors
    /// As [`stream`](Self::stream).
    pub fn stream_over<'b, N: Network>(
        self,
        network: N,
        buffer: &'b mut [u8],
    ) -> Result<ResponseStream<'b, OneOff<N>>, Error> {
        ResponseStream::begin(&self.parts, OneOff(network), buffer)
    }
}
