// SPDX-License-Identifier: Apache-2.0
//! The connections of a single request, outside a session.

use crate::Error;
use crate::client::connect::connection::Connection;
use crate::client::connect::connector::{Channel, Connector, Cookies, Persistence, Target};
use crate::client::connect::dial::dial;
#[cfg(feature = "cookies")]
use crate::config::REDIRECT_COOKIES;
#[cfg(feature = "cookies")]
use crate::proto::cookie::CookieJar;
use crate::proto::header::HeaderFields;
use crate::proto::url::Url;
use crate::transport::{Deadline, IoError, Network};

/// Opens connections over a network and keeps none.
pub struct OneOff<N: Network> {
    network: N,
    connection: Connection<N::Transport>,
    /// The cookies that the request's redirects set. Without cookies there is no jar: it would have to be filled
    /// with zeros for each request.
    #[cfg(feature = "cookies")]
    cookies: Option<CookieJar<[u8; REDIRECT_COOKIES]>>,
}

/// The type of [`as_connector`]. Only programs that send requests outside a session refer to that
/// function, so only they link the code of [`OneOff`].
pub type AsConnector<N> = fn(&mut OneOff<N>) -> &mut dyn Connector;

pub fn as_connector<N: Network>(one_off: &mut OneOff<N>) -> &mut dyn Connector {
    one_off
}

impl<N: Network> OneOff<N> {
    pub const fn new(network: N) -> Self {
        Self {
            network,
            connection: Connection::Closed,
            #[cfg(feature = "cookies")]
            cookies: None,
        }
    }
}

impl<N: Network> Connector for OneOff<N> {
    fn now(&self) -> u64 {
        self.network.now()
    }

    fn unix_time(&self) -> Option<i64> {
        self.network.unix_time()
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        self.network.fill_random(bytes)
    }

    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        self.network.sleep(until)
    }

    fn open(&mut self, target: &mut Target<'_>, deadline: Deadline<'_>) -> Result<(), Error> {
        self.connection = Connection::Closed;
        dial(
            &mut self.network,
            target,
            #[cfg(feature = "tls")]
            &mut |_| None,
            deadline,
            &mut self.connection,
        )
    }

    fn channel(&mut self) -> Channel<'_> {
        #[cfg(feature = "cookies")]
        let cookies = Cookies::of(self.cookies.as_deref());
        #[cfg(not(feature = "cookies"))]
        let cookies = Cookies::default();
        Channel { transport: &mut self.connection, cookies }
    }

    fn cause_of(&self, error: Error) -> Error {
        self.connection.cause_of(error)
    }

    fn store_cookies(&mut self, url: &Url<'_>, headers: &HeaderFields<'_>) {
        #[cfg(feature = "cookies")]
        if headers.clone().first("Set-Cookie").is_some() {
            let now = self.network.now() / 1000;
            self.cookies.get_or_insert_default().store_response(url, headers, now);
        }
        #[cfg(not(feature = "cookies"))]
        let _ = (url, headers);
    }

    fn close(&mut self, _: Persistence) {
        self.connection = Connection::Closed;
    }
}
