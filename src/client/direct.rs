// SPDX-License-Identifier: Apache-2.0
//! Requests on their own, each over connections of its own.

use crate::Error;
use crate::client::connection::open;
use crate::client::connector::{Connector, Lease, Place, Wanted};
use crate::client::exchange;
use crate::client::request::Request;
use crate::client::response::Response;
use crate::client::stream::ResponseStream;
use crate::proto::persistence::CloseReason;
#[cfg(any(feature = "host", feature = "zephyr"))]
use crate::transport::PlatformNetwork;
use crate::transport::{CancelToken, Deadline, IoError, Network};

/// Marks a [`Request`] that belongs to no [`Session`](crate::Session), and has what may cancel it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Direct<'c> {
    cancel_token: Option<&'c CancelToken>,
}

impl Direct<'static> {
    pub(super) const fn new() -> Self {
        Self { cancel_token: None }
    }
}

impl<'c> Direct<'c> {
    pub(super) const fn over<N>(self, network: N) -> OneOff<'c, N> {
        OneOff { network, cancel_token: self.cancel_token }
    }
}

/// Opens connections over a network, and keeps none.
#[derive(Debug)]
pub struct OneOff<'c, N> {
    network: N,
    cancel_token: Option<&'c CancelToken>,
}

impl<N: Network> Connector for OneOff<'_, N> {
    type Network = N;

    const KEEPS_ALIVE: bool = false;

    fn network(&mut self) -> &mut N {
        &mut self.network
    }

    fn deadline(&self, until: Deadline<'static>) -> Deadline<'_> {
        until.with_token(self.cancel_token)
    }

    fn open(
        &mut self,
        wanted: &Wanted<'_>,
        until: Deadline<'static>,
        place: &mut Place<Self>,
    ) -> Result<Lease, Error> {
        let deadline = until.with_token(self.cancel_token);
        open(
            &mut self.network,
            wanted,
            #[cfg(all(feature = "tls", not(tls_sockets)))]
            &mut |_| None,
            deadline,
            place,
        )?;
        Ok(Lease::default())
    }

    fn close(&mut self, place: &mut Place<Self>, _: Lease, _: Result<Option<u32>, CloseReason>) {
        *place = None;
    }

    fn sleep(&mut self, until: Deadline<'static>) -> Result<(), IoError> {
        self.network.sleep(until.with_token(self.cancel_token))
    }
}

impl<'a> Request<'a, Direct<'_>> {
    /// Ends with [`Error::Cancelled`] as soon as another thread cancels `token`, or at once if it is cancelled already.
    pub fn cancel_token(self, token: &CancelToken) -> Request<'a, Direct<'_>> {
        Request { parts: self.parts, via: Direct { cancel_token: Some(token) } }
    }
}

/// The methods that send a [`Request`] marked by `$via`, over a `$connector`. Generic code in its place would be compiled
/// with the application, and take more flash.
macro_rules! send_alone {
    ($via:ident over $connector:ident) => {
        impl<'c> Request<'_, $via<'c>> {
            /// Sends the request over the network of this platform and receives the whole response into `buffer`.
            ///
            /// The buffer, in bytes, has to hold the URL together with what is larger of the request's JSON body and the
            /// response's head and body. The rest of the request only passes through it.
            ///
            /// # Errors
            /// Every [`Error`] but those of reading a response. Whatever the server sent, there is no response then.
            #[cfg(any(feature = "host", feature = "zephyr"))]
            pub fn send<'b>(self, buffer: &'b mut [u8]) -> Result<Response<'b>, Error> {
                exchange::run(&self.parts, &mut self.via.over(PlatformNetwork::default()), buffer)
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
                exchange::run(&self.parts, &mut self.via.over(network), buffer)
            }

            /// Sends the request over the network of this platform and receives the head of the response. The body is
            /// received as it is read from the [`ResponseStream`].
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
            ) -> Result<ResponseStream<'b, $connector<'c, PlatformNetwork>>, Error> {
                ResponseStream::begin(&self.parts, self.via.over(PlatformNetwork::default()), buffer)
            }

            /// Sends the request over any [`Network`], otherwise as [`stream`](Self::stream).
            ///
            /// # Errors
            /// As [`stream`](Self::stream).
            pub fn stream_over<'b, N: Network>(
                self,
                network: N,
                buffer: &'b mut [u8],
            ) -> Result<ResponseStream<'b, $connector<'c, N>>, Error> {
                ResponseStream::begin(&self.parts, self.via.over(network), buffer)
            }
        }
    };
}

pub(super) use send_alone;

send_alone!(Direct over OneOff);
