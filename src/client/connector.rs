// SPDX-License-Identifier: Apache-2.0
//! Where an exchange gets its connections from, and what becomes of them.

use crate::Error;
use crate::client::connection::Connection;
use crate::client::retry::Outcome;
#[cfg(feature = "digest-auth")]
use crate::proto::digest_auth::KeptChallenge;
use crate::proto::header::HeaderFields;
#[cfg(feature = "gzip")]
use crate::proto::inflate::Inflater;
use crate::proto::persistence::CloseReason;
use crate::proto::url::Url;
use crate::proto::write::Write;
#[cfg(feature = "tls")]
use crate::tls::TlsConfig;
use crate::transport::{Deadline, IoError, Network};

/// What exchanges go over: a network, and perhaps connections that were kept of earlier exchanges.
pub trait Connector {
    /// The network that connections are opened over.
    type Network: Network;

    /// Whether connections are kept for further requests.
    const KEEPS_ALIVE: bool;

    /// Whether exchanges may be tried again.
    const RETRIES: bool = false;

    /// The network.
    fn network(&mut self) -> &mut Self::Network;

    /// `until`, or when the caller cancels.
    fn deadline(&self, until: Deadline<'static>) -> Deadline<'_>;

    /// What decompresses the content, if the caller wants that, with [`deadline`](Self::deadline) and the network's clock.
    #[cfg(feature = "gzip")]
    fn decompression(&mut self, until: Deadline<'static>) -> Decompression<'_, Self::Network>;

    /// Puts a connection to the host of `wanted` into `place`, which is empty.
    ///
    /// # Errors
    /// Why none could be opened.
    fn open(
        &mut self,
        wanted: &Wanted<'_>,
        until: Deadline<'static>,
        place: &mut Place<Self>,
    ) -> Result<Lease, Error>;

    /// Writes the `Cookie` line for a request to `url`.
    fn write_cookies(&self, url: &Url<'_>, out: &mut dyn Write) {
        let _ = (url, out);
    }

    /// Takes the cookies that a response for `url` sets.
    fn store_cookies(&mut self, url: &Url<'_>, headers: &HeaderFields<'_>) {
        let _ = (url, headers);
    }

    /// Where a challenge is kept for further requests, if it is.
    #[cfg(feature = "digest-auth")]
    fn kept_challenge(&mut self) -> Option<&mut KeptChallenge> {
        None
    }

    /// Takes back the connection in `place`, whose response has been received, and which can serve another request
    /// unless there is a reason not to.
    fn close(&mut self, place: &mut Place<Self>, lease: Lease, keep: Result<Option<u32>, CloseReason>);

    /// Until when to wait before the exchange is tried again that had this outcome, all of it by `until`; `None` where
    /// the outcome counts, as it always does by default.
    fn try_again(&mut self, outcome: &Outcome<'_>, until: Deadline<'static>) -> Option<Deadline<'static>> {
        let _ = (outcome, until);
        None
    }

    /// Waits until `until`, or until the caller cancels.
    ///
    /// # Errors
    /// As [`Network::sleep`].
    fn sleep(&mut self, until: Deadline<'static>) -> Result<(), IoError>;
}

/// For one exchange of several.
impl<C: Connector> Connector for &mut C {
    type Network = C::Network;

    const KEEPS_ALIVE: bool = C::KEEPS_ALIVE;

    const RETRIES: bool = C::RETRIES;

    fn network(&mut self) -> &mut Self::Network {
        (**self).network()
    }

    fn deadline(&self, until: Deadline<'static>) -> Deadline<'_> {
        (**self).deadline(until)
    }

    #[cfg(feature = "gzip")]
    fn decompression(&mut self, until: Deadline<'static>) -> Decompression<'_, Self::Network> {
        (**self).decompression(until)
    }

    fn open(
        &mut self,
        wanted: &Wanted<'_>,
        until: Deadline<'static>,
        place: &mut Place<Self>,
    ) -> Result<Lease, Error> {
        (**self).open(wanted, until, place)
    }

    fn write_cookies(&self, url: &Url<'_>, out: &mut dyn Write) {
        (**self).write_cookies(url, out);
    }

    fn store_cookies(&mut self, url: &Url<'_>, headers: &HeaderFields<'_>) {
        (**self).store_cookies(url, headers);
    }

    #[cfg(feature = "digest-auth")]
    fn kept_challenge(&mut self) -> Option<&mut KeptChallenge> {
        (**self).kept_challenge()
    }

    fn close(&mut self, place: &mut Place<Self>, lease: Lease, keep: Result<Option<u32>, CloseReason>) {
        (**self).close(place, lease, keep);
    }

    fn try_again(&mut self, outcome: &Outcome<'_>, until: Deadline<'static>) -> Option<Deadline<'static>> {
        (**self).try_again(outcome, until)
    }

    fn sleep(&mut self, until: Deadline<'static>) -> Result<(), IoError> {
        (**self).sleep(until)
    }
}

/// What it takes to decompress content while it is received.
#[cfg(feature = "gzip")]
pub struct Decompression<'c, N> {
    /// What decompresses, if the caller wants that.
    pub inflater: Option<&'c mut Inflater>,
    /// When to stop.
    pub deadline: Deadline<'c>,
    /// Has the clock of the deadline.
    pub network: &'c N,
}

/// A connection of the network of a [`Connector`].
pub type ConnectionOf<C> = Connection<<<C as Connector>::Network as Network>::Transport>;

/// Where a connection is while an exchange goes on. It is not moved meanwhile: with TLS it is large, and every move would
/// take stack.
pub type Place<C> = Option<ConnectionOf<C>>;

/// The connection that an exchange asks for.
pub struct Wanted<'a> {
    /// Whose host it is to lead to.
    pub url: Url<'a>,
    /// Whether one that was kept will not do.
    pub fresh: bool,
    /// Whether what is sent over it can be sent again if it proves to be dead.
    pub repeatable: bool,
    /// Whom to trust there.
    #[cfg(feature = "tls")]
    pub tls: &'a TlsConfig<'a>,
}

/// What a [`Connector`] knows of a connection that it gave.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lease {
    /// The place that is reserved for it.
    pub slot: Option<usize>,
    /// Whether it has served a request before.
    pub is_reused: bool,
}
