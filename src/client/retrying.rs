// SPDX-License-Identifier: Apache-2.0
//! Requests on their own that are sent again where they fail by chance.

use crate::Error;
#[cfg(feature = "gzip")]
use crate::client::connector::Decompression;
use crate::client::connector::{Connector, Lease, Place, Wanted};
use crate::client::direct::{Direct, OneOff, send_alone};
use crate::client::exchange;
use crate::client::request::Request;
use crate::client::response::Response;
use crate::client::retry::{Outcome, Retry, Tries, decide};
use crate::client::stream::ResponseStream;
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

/// Marks a [`Request`] that belongs to no [`Session`](crate::Session) and is sent again where a [`Retry`] says so.
#[derive(Debug)]
pub struct Retrying<'c> {
    direct: Direct<'c>,
    retry: Retry,
}

impl<'c> Retrying<'c> {
    fn over<N>(self, network: N) -> Again<'c, N> {
        Again { one_off: self.direct.over(network), retry: self.retry, tries: Tries::default() }
    }
}

/// Opens connections over a network, keeps none, and has exchanges done again that failed by chance.
#[derive(Debug)]
pub struct Again<'c, N> {
    one_off: OneOff<'c, N>,
    retry: Retry,
    tries: Tries,
}

impl<N: Network> Connector for Again<'_, N> {
    type Network = N;

    const KEEPS_ALIVE: bool = false;

    const RETRIES: bool = true;

    fn network(&mut self) -> &mut N {
        self.one_off.network()
    }

    fn deadline(&self, until: Deadline<'static>) -> Deadline<'_> {
        self.one_off.deadline(until)
    }

    #[cfg(feature = "gzip")]
    fn decompression(&mut self, until: Deadline<'static>) -> Decompression<'_, N> {
        self.one_off.decompression(until)
    }

    fn open(
        &mut self,
        wanted: &Wanted<'_>,
        until: Deadline<'static>,
        place: &mut Place<Self>,
    ) -> Result<Lease, Error> {
        let lease = self.one_off.open(wanted, until, place)?;
        self.tries.connected();
        Ok(lease)
    }

    #[cfg(feature = "cookies")]
    fn write_cookies(&self, url: &Url<'_>, out: &mut dyn Write) {
        self.one_off.write_cookies(url, out);
    }

    #[cfg(feature = "cookies")]
    fn store_cookies(&mut self, url: &Url<'_>, headers: &HeaderFields<'_>) {
        self.one_off.store_cookies(url, headers);
    }

    fn close(&mut self, place: &mut Place<Self>, lease: Lease, keep: Result<Option<u32>, CloseReason>) {
        self.one_off.close(place, lease, keep);
    }

    fn try_again(&mut self, outcome: &Outcome<'_>, until: Deadline<'static>) -> Option<Deadline<'static>> {
        decide(&self.retry, &mut self.tries, self.one_off.network(), outcome, until)
    }

    fn sleep(&mut self, until: Deadline<'static>) -> Result<(), IoError> {
        self.one_off.sleep(until)
    }
}

impl<'a, 'c> Request<'a, Direct<'c>> {
    /// Sends the request again where it fails by chance, as `retry` says. Only requests that ask for this take flash for
    /// it. What becomes of the body of a [`stream`](Self::stream) is not tried again; see [`download`](crate::download)
    /// for that.
    ///
    /// ```
    /// # fn main() -> Result<(), requests::Error> {
    /// # use requests::transport::scripted::{Script, ScriptedNetwork};
    /// # let mut network = ScriptedNetwork::new([
    /// #     Script::new(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n"),
    /// #     Script::new(b"HTTP/1.1 204 No Content\r\n\r\n"),
    /// # ]);
    /// let mut buffer = [0; 512];
    /// let response = requests::get("http://example.org/")
    ///     .retry(requests::Retry::new(3))
    ///     .send_over(&mut network, &mut buffer)?; // `send(&mut buffer)` uses the real network
    /// assert_eq!(response.status_code, 204);
    /// # Ok(())
    /// # }
    /// ```
    pub fn retry(self, retry: Retry) -> Request<'a, Retrying<'c>> {
        Request { parts: self.parts, via: Retrying { direct: self.via, retry } }
    }
}

impl<'a, 'c> Request<'a, Retrying<'c>> {
    /// Ends with [`Error::Cancelled`] as soon as another thread cancels `token`, while it waits for the next attempt too.
    pub fn cancel_token<'t>(self, token: &'t CancelToken) -> Request<'a, Retrying<'t>>
    where
        'c: 't,
    {
        let Retrying { direct, retry } = self.via;
        Request { parts: self.parts, via: direct }.cancel_token(token).retry(retry)
    }

    /// As [`decompress`](Request::<Direct>::decompress) of a request that is not tried again.
    #[cfg(feature = "gzip")]
    pub fn decompress<'t>(self, inflater: &'t mut Inflater) -> Request<'a, Retrying<'t>>
    where
        'c: 't,
    {
        let Retrying { direct, retry } = self.via;
        Request { parts: self.parts, via: direct }.decompress(inflater).retry(retry)
    }
}

send_alone!(Retrying over Again);
