// SPDX-License-Identifier: Apache-2.0
//! Requests on their own, each over connections of its own.

use crate::Error;
use crate::client::connection::open;
#[cfg(feature = "gzip")]
use crate::client::connector::Decompression;
use crate::client::connector::{Connector, Lease, Place, Wanted};
use crate::client::exchange;
use crate::client::request::Request;
use crate::client::response::Response;
#[cfg(feature = "cookies")]
use crate::client::session::seconds;
use crate::client::stream::ResponseStream;
#[cfg(feature = "cookies")]
use crate::config::REDIRECT_COOKIES;
#[cfg(feature = "cookies")]
use crate::proto::cookie::CookieJar;
#[cfg(feature = "cookies")]
use crate::proto::header::HeaderFields;
#[cfg(feature = "gzip")]
use crate::proto::inflate::Inflater;
use crate::proto::persistence::CloseReason;
#[cfg(feature = "cookies")]
use crate::proto::url::Url;
#[cfg(feature = "cookies")]
use crate::proto::write::Write;
#[cfg(any(feature = "host", feature = "zephyr"))]
use crate::transport::PlatformNetwork;
use crate::transport::{CancelToken, Deadline, IoError, Network};

/// Marks a [`Request`] that belongs to no [`Session`](crate::Session), and has what may cancel it, and what decompresses
/// its response.
#[derive(Debug, Default)]
pub struct Direct<'c> {
    cancel_token: Option<&'c CancelToken>,
    #[cfg(feature = "gzip")]
    inflater: Option<&'c mut Inflater>,
}

impl Direct<'static> {
    pub(super) const fn new() -> Self {
        Self {
            cancel_token: None,
            #[cfg(feature = "gzip")]
            inflater: None,
        }
    }
}

impl<'c> Direct<'c> {
    pub(super) const fn over<N>(self, network: N) -> OneOff<'c, N> {
        OneOff {
            network,
            direct: self,
            #[cfg(feature = "cookies")]
            cookies: CookieJar::new(),
        }
    }
}

/// Opens connections over a network, and keeps none.
#[derive(Debug)]
pub struct OneOff<'c, N> {
    network: N,
    direct: Direct<'c>,
    /// Of the redirects.
    #[cfg(feature = "cookies")]
    cookies: CookieJar<[u8; REDIRECT_COOKIES]>,
}

impl<N: Network> Connector for OneOff<'_, N> {
    type Network = N;

    const KEEPS_ALIVE: bool = false;

    fn network(&mut self) -> &mut N {
        &mut self.network
    }

    fn deadline(&self, until: Deadline<'static>) -> Deadline<'_> {
        until.with_token(self.direct.cancel_token)
    }

    #[cfg(feature = "gzip")]
    fn decompression(&mut self, until: Deadline<'static>) -> Decompression<'_, N> {
        let deadline = until.with_token(self.direct.cancel_token);
        Decompression { inflater: self.direct.inflater.as_deref_mut(), deadline, network: &self.network }
    }

    fn open(
        &mut self,
        wanted: &Wanted<'_>,
        until: Deadline<'static>,
        place: &mut Place<Self>,
    ) -> Result<Lease, Error> {
        let deadline = until.with_token(self.direct.cancel_token);
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

    #[cfg(feature = "cookies")]
    fn write_cookies(&self, url: &Url<'_>, out: &mut dyn Write) {
        self.cookies.write_header(url, seconds(&self.network), out);
    }

    #[cfg(feature = "cookies")]
    fn store_cookies(&mut self, url: &Url<'_>, headers: &HeaderFields<'_>) {
        self.cookies.store_response(url, headers, seconds(&self.network));
    }

    fn close(&mut self, place: &mut Place<Self>, _: Lease, _: Result<Option<u32>, CloseReason>) {
        *place = None;
    }

    fn sleep(&mut self, until: Deadline<'static>) -> Result<(), IoError> {
        self.network.sleep(until.with_token(self.direct.cancel_token))
    }
}

impl<'a, 'c> Request<'a, Direct<'c>> {
    /// Ends with [`Error::Cancelled`] as soon as another thread cancels `token`, or at once if it is cancelled already.
    pub fn cancel_token<'t>(self, token: &'t CancelToken) -> Request<'a, Direct<'t>>
    where
        'c: 't,
    {
        let mut via: Direct<'t> = self.via;
        via.cancel_token = Some(token);
        Request { parts: self.parts, via }
    }

    /// Asks for compressed content (`Accept-Encoding: gzip, deflate`), and decompresses it: into the buffer of
    /// [`send`](Self::send), which has to hold it whole, or as the [`stream`](Self::stream) is read.
    ///
    /// The [`Inflater`] takes 43 KB of RAM, best as a `static`. Sending fails with [`Error::UnsupportedCoding`] where the
    /// server compresses in another way, and with [`Error::InvalidCompression`] for damaged content.
    ///
    /// ```
    /// # fn main() -> Result<(), requests::Error> {
    /// # use requests::transport::scripted::{Script, ScriptedNetwork};
    /// # let network = ScriptedNetwork::new([Script::new(b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n\
    /// #     \x78\x01\x01\x04\x00\xfb\xff\x61\x0a\x62\x0a\x02\x74\x00\xd8")]);
    /// use requests::Inflater;
    ///
    /// let mut inflater = Inflater::new();
    /// let mut buffer = [0; 512];
    /// let mut stream = requests::get("http://example.org/log")
    ///     .decompress(&mut inflater)
    ///     .stream_over(network, &mut buffer)?; // `stream(&mut buffer)` uses the real network
    /// let mut lines = stream.iter_lines();
    /// assert_eq!(lines.next_text()?, Some("a"));
    /// assert_eq!(lines.next_text()?, Some("b"));
    /// assert_eq!(lines.next_text()?, None);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "gzip")]
    pub fn decompress<'t>(self, inflater: &'t mut Inflater) -> Request<'a, Direct<'t>>
    where
        'c: 't,
    {
        let Request { parts, via } = self.accept_compressed();
        let mut via: Direct<'t> = via;
        via.inflater = Some(inflater);
        Request { parts, via }
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
