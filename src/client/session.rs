// SPDX-License-Identifier: Apache-2.0
//! Requests that share connections and settings.

use core::fmt;
use core::time::Duration;

use crate::Error;
use crate::client;
use crate::client::connect::session_connections::SessionConnections;
use crate::client::download::{Download, Sink};
use crate::client::duration::milliseconds;
use crate::client::exchange::effective_url::Base;
use crate::client::exchange::parts::Settings;
use crate::client::exchange::retry::Retry;
use crate::client::request::{RequestBuilder, Route};
use crate::config::{MAX_HEADERS, SESSION_CONNECTIONS};
use crate::error::Phase;
use crate::proto::auth::Auth;
use crate::proto::bytes::copy;
#[cfg(feature = "capi")]
use crate::proto::bytes::place;
#[cfg(feature = "cookies")]
use crate::proto::cookie::CookieJar;
use crate::proto::form::{FieldList, Fields};
use crate::proto::persistence::CloseReason;
#[cfg(feature = "tls")]
use crate::tls::TlsConfig;
#[cfg(all(feature = "tls", not(tls_sockets)))]
use crate::tls::TlsSessions;
use crate::transport::{CancelToken, Network, PlatformNetwork};

/// Requests that share connections and settings.
///
/// A connection is kept after its response if HTTP allows it (RFC 9112 §9.3). The next request to
/// the same host under the same TLS trust uses it again. `CONNECTIONS` is how many connections are
/// kept, each to another host. The default is `CONFIG_REQUESTS_SESSION_CONNECTIONS`;
/// [`with_connections`](Self::with_connections) sets another number. If the server has closed a
/// kept connection, the request is sent once more over a new one, provided that its method is
/// idempotent (RFC 9110 §9.2.2) or none of its bytes were sent.
///
/// ```
/// # fn main() -> Result<(), requests::Error> {
/// # use requests::transport::scripted::{Script, ScriptedNetwork};
/// # let network = ScriptedNetwork::new([Script::new(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")]);
/// use requests::Session;
///
/// // `Session::new()` uses the real network.
/// let mut session = Session::over(network)
///     .base_url("http://example.org/api/")
///     .headers(&[("X-Device", "42")]);
/// let mut buffer = [0; 1024];
/// let response = session.get("status").send(&mut buffer)?;
/// assert_eq!(response.url(), "http://example.org/api/status");
/// # Ok(())
/// # }
/// ```
pub struct Session<'a, N: Network = PlatformNetwork, const CONNECTIONS: usize = SESSION_CONNECTIONS> {
    connections: SessionConnections<'a, N, CONNECTIONS>,
    base_url: Option<&'a str>,
    headers: &'a [(&'a str, &'a str)],
    params: Option<FieldList<'a>>,
    settings: Settings<'a>,
    cancel_token: Option<&'a CancelToken>,
    /// The buffer for credentials that change while the session is used.
    auth_buffer: &'a mut [u8],
    /// The credentials in `auth_buffer`, if any. They replace those in `settings`.
    changed_auth: Option<ChangedAuth>,
}

/// The lengths, in bytes, of the credentials in `auth_buffer`.
#[derive(Clone, Copy)]
enum ChangedAuth {
    /// For Digest if the session was made with credentials for that, else for Basic.
    User {
        name: usize,
        password: usize,
    },
    Bearer {
        token: usize,
    },
}

#[cfg(any(feature = "host", feature = "zephyr"))]
impl<'a> Session<'a> {
    /// A session over the network of this platform.
    #[must_use]
    pub fn new() -> Self {
        Self::over(PlatformNetwork::default())
    }

    /// A session over the network of this platform. It keeps up to `CONNECTIONS` connections.
    ///
    /// ```
    /// # #[cfg(feature = "host")]
    /// let session = requests::Session::with_connections::<3>();
    /// ```
    #[must_use]
    pub fn with_connections<const CONNECTIONS: usize>() -> Session<'a, PlatformNetwork, CONNECTIONS> {
        Session::over_with_connections(PlatformNetwork::default())
    }
}

#[cfg(any(feature = "host", feature = "zephyr"))]
impl Default for Session<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: Network> Session<'_, N> {
    /// A session over any network.
    #[must_use]
    pub const fn over(network: N) -> Self {
        Self::over_with_connections(network)
    }
}

impl<'a, N: Network, const CONNECTIONS: usize> Session<'a, N, CONNECTIONS> {
    /// A session over any network. It keeps up to `CONNECTIONS` connections.
    #[must_use]
    pub const fn over_with_connections(network: N) -> Self {
        Self {
            connections: SessionConnections::new(network),
            base_url: None,
            headers: &[],
            params: None,
            settings: Settings::new(),
            cancel_token: None,
            auth_buffer: &mut [],
            changed_auth: None,
        }
    }

    /// Sets the base of relative URLs (RFC 3986 §5): with `https://example.org/api/`, a request for
    /// `status` goes to `https://example.org/api/status`. A user name and password in the base URL
    /// are sent with such requests.
    ///
    /// Mind the slash at the end. A relative URL replaces everything behind the last slash: with
    /// `https://example.org/v1`, a request for `status` goes to `https://example.org/status`. A
    /// request for `/status` goes there with any base on this host.
    ///
    /// The session's credentials are for the origin of this URL only: `auth`, `bearer_auth`,
    /// `digest_auth`, and the headers `Authorization`, `Cookie`, `Proxy-Authorization` and `Host`.
    /// They are not sent with a request for another origin. To send credentials there, give them to
    /// that request.
    #[must_use]
    pub fn base_url(mut self, url: &'a str) -> Self {
        self.base_url = Some(url);
        self
    }

    /// Sets headers for every request. A request's own header replaces the session's header of the
    /// same name. The headers are sent to every host that a request names, except those that are
    /// bound to the [`base_url`](Self::base_url).
    ///
    /// `Authorization`, `Cookie`, `Proxy-Authorization` and `Host` are not sent to the target of a
    /// redirect to another origin. All other headers are, because nothing marks one as secret, for
    /// example `X-Api-Key`. If you send such a header to servers whose redirects you do not trust,
    /// set [`redirects`](Self::redirects) to 0.
    #[must_use]
    pub fn headers(mut self, headers: &'a [(&'a str, &'a str)]) -> Self {
        self.headers = headers;
        self
    }

    /// Adds fields to the query of every request. Values are text, numbers and the other types of
    /// [`Fields`]. They follow the fields in the request's URL and precede those of its
    /// [`params`](crate::Request::params). If several of them have the same name, all are sent.
    /// (Python sends the request's field only.) They are sent to every host that a request names,
    /// but not to the target of a redirect.
    #[must_use]
    pub fn params<P: Fields + ?Sized>(mut self, params: &'a P) -> Self {
        self.params = Some(params.list());
        self
    }

    /// As [`Request::auth`](crate::Request::auth), for every request without credentials of its
    /// own.
    #[must_use]
    pub fn auth(mut self, (user, password): (&'a str, &'a str)) -> Self {
        self.replace_auth(Auth::basic(user, password));
        self
    }

    /// As [`Request::bearer_auth`](crate::Request::bearer_auth), for every request without
    /// credentials of its own.
    #[must_use]
    pub fn bearer_auth(mut self, token: &'a str) -> Self {
        self.replace_auth(Auth::Bearer(token));
        self
    }

    const fn replace_auth(&mut self, auth: Auth<'a>) {
        self.settings.auth = auth;
        #[cfg(feature = "digest-auth")]
        {
            self.settings.digest_auth = None;
        }
    }

    /// As [`Request::digest_auth`](crate::Request::digest_auth), for every request on which no
    /// method sets other credentials.
    ///
    /// The session keeps the last challenge, for its origin and these credentials. Later requests
    /// answer it at once (RFC 7616 §3.6), so that even a body that is [read
    /// once](crate::Request::body) can be sent. When the server no longer accepts the nonce, it
    /// sends a new challenge. A challenge longer than 320 bytes is not kept.
    #[cfg(feature = "digest-auth")]
    #[must_use]
    pub fn digest_auth(mut self, credentials: (&'a str, &'a str)) -> Self {
        self.settings.digest_auth = Some(credentials);
        self
    }

    /// As [`Request::timeout`](crate::Request::timeout), for every request without one.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout_ms = milliseconds(timeout);
        self
    }

    /// As [`Request::read_timeout`](crate::Request::read_timeout), for every upload, stream and
    /// download without one.
    #[must_use]
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.settings.read_timeout_ms = Some(milliseconds(timeout));
        self
    }

    /// As [`Request::redirects`](crate::Request::redirects), for every request without a limit of
    /// its own.
    #[must_use]
    pub fn redirects(mut self, limit: u16) -> Self {
        self.settings.max_redirects = limit;
        self
    }

    /// As [`Request::tls`](crate::Request::tls), for every request without such settings of its
    /// own.
    ///
    /// A kept connection is used again only under the same trust, which is compared by a digest.
    /// The digest of these settings is computed once. The digest of a request's own settings, or of
    /// registered credentials, is computed for each request.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, config: TlsConfig<'a>) -> Self {
        self.settings.tls = config;
        self.connections.set_tls(config);
        self
    }

    /// As [`Request::cancel_token`](crate::Request::cancel_token), for every request without one.
    #[must_use]
    pub fn cancel_token(mut self, token: &'a CancelToken) -> Self {
        self.cancel_token = Some(token);
        self
    }

    /// As [`Request::retry`](crate::Request::retry), for every request without one.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.settings.set_retry(retry);
        self
    }

    /// Keeps the cookies that servers set and sends them back as RFC 6265 says. A request with a
    /// `Cookie` header of its own sends that header instead.
    ///
    /// The jar may outlive the session and serve another one. Cookies expire by the clock of the
    /// network, so both sessions must use networks with the same clock. All networks of this crate
    /// share one clock, which starts again when the program restarts. So do not keep a jar across a
    /// restart.
    ///
    /// ```
    /// use requests::{CookieJar, Session, transport::scripted::ScriptedNetwork};
    ///
    /// let mut jar = CookieJar::<[u8; 512]>::new();
    /// let session = Session::over(ScriptedNetwork::new([])).cookies(&mut jar);
    /// ```
    #[cfg(feature = "cookies")]
    #[must_use]
    pub fn cookies(mut self, jar: &'a mut CookieJar) -> Self {
        self.connections.cookies = Some(jar);
        self
    }

    /// Sets how long an unused connection is kept. If the server announces a shorter time
    /// (`Keep-Alive: timeout=…`), that counts. The default is `CONFIG_REQUESTS_SESSION_IDLE_MS`, 60
    /// seconds. Expired connections are closed when the session is next used.
    #[must_use]
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.connections.idle_ms = milliseconds(limit);
        self
    }

    /// Gives the session a buffer for credentials that change while it is used.
    /// [`set_auth`](Self::set_auth) and [`set_bearer_auth`](Self::set_bearer_auth) copy them there.
    /// In bytes, it must hold the longest token, or the longest user name and password together.
    ///
    /// ```
    /// # fn main() -> Result<(), requests::Error> {
    /// # use requests::transport::scripted::{Script, ScriptedNetwork};
    /// # let network = ScriptedNetwork::new([
    /// #     Script::new(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n\
    /// #         HTTP/1.1 204 No Content\r\n\r\n"),
    /// #     Script::new(b"HTTP/1.1 204 No Content\r\n\r\n"),
    /// # ]);
    /// # fn renewed() -> String { "second".into() }
    /// use requests::Session;
    ///
    /// let mut room = [0; 1024];
    /// let mut session = Session::over(network).bearer_auth("first").auth_buffer(&mut room);
    /// let mut buffer = [0; 512];
    /// if session.get("http://example.org/").send(&mut buffer)?.status_code == 401 {
    ///     session.set_bearer_auth(&renewed())?; // the connections stay
    /// }
    /// let response = session.get("http://example.org/").send(&mut buffer)?;
    /// assert_eq!(response.status_code, 204);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn auth_buffer(mut self, buffer: &'a mut [u8]) -> Self {
        self.auth_buffer = buffer;
        self
    }

    /// Replaces the credentials. Connections stay open. If the session was built with `digest_auth`, they are for
    /// Digest, and the password is never sent. Otherwise they are for Basic, as with [`auth`](Self::auth).
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`], with the size in bytes that [`auth_buffer`](Self::auth_buffer)
    /// must have. The session keeps its old credentials.
    pub fn set_auth(&mut self, (user, password): (&str, &str)) -> Result<(), Error> {
        self.copy_auth(user, password)?;
        self.changed_auth = Some(ChangedAuth::User { name: user.len(), password: password.len() });
        Ok(())
    }

    /// Replaces the credentials by this token, as [`bearer_auth`](Self::bearer_auth). Connections
    /// stay open.
    ///
    /// # Errors
    /// As [`set_auth`](Self::set_auth).
    pub fn set_bearer_auth(&mut self, token: &str) -> Result<(), Error> {
        self.copy_auth(token, "")?;
        self.changed_auth = Some(ChangedAuth::Bearer { token: token.len() });
        Ok(())
    }

    fn copy_auth(&mut self, first: &str, second: &str) -> Result<(), Error> {
        let needed = first.len().saturating_add(second.len());
        let Some((head, tail)) =
            self.auth_buffer.get_mut(..needed).and_then(|room| room.split_at_mut_checked(first.len()))
        else {
            return Err(Error::BufferTooSmall { phase: Phase::Request, needed });
        };
        copy(head, first.as_bytes());
        copy(tail, second.as_bytes());
        Ok(())
    }

    /// Replaces the [`headers`](Self::headers) for the next requests. Connections stay open.
    pub const fn set_headers(&mut self, headers: &'a [(&'a str, &'a str)]) {
        self.headers = headers;
    }

    /// Replaces the [`timeout`](Self::timeout) for the next requests.
    pub const fn set_timeout(&mut self, timeout: Duration) {
        self.settings.timeout_ms = milliseconds(timeout);
    }

    /// Starts a request with any method (RFC 9110 §9.1) in this session.
    pub fn request<'r, 's: 'r>(&'s mut self, method: &'r str, url: &'r str) -> RequestBuilder<'r, 's> {
        let mut request = client::request(method, url);
        let (headers, params) = (self.headers, self.params);
        self.adopt(&mut request, headers, params);
        request
    }

    /// The addresses and lengths, in bytes, of what this session has borrowed and reads in its requests, but for headers
    /// and parameters.
    #[cfg(feature = "capi")]
    pub(crate) fn borrowed(&self) -> impl Iterator<Item = (usize, usize)> {
        let (first, second) = match self.settings.auth {
            Auth::None => (&[][..], &[][..]),
            Auth::Basic { user, password, .. } => (user, password),
            Auth::Bearer(token) => (token.as_bytes(), &[][..]),
        };
        let base = self.base_url.unwrap_or_default().as_bytes();
        let places = [base, first, second, self.auth_buffer].map(place);
        #[cfg(feature = "digest-auth")]
        let (user, password) = self.settings.digest_auth.unwrap_or_default();
        #[cfg(feature = "digest-auth")]
        let places = places.into_iter().chain([user, password].map(|text| place(text.as_bytes())));
        #[cfg(feature = "tls")]
        let (texts, pins) = self.settings.tls.borrowed();
        #[cfg(feature = "tls")]
        let places = places.into_iter().chain(texts.map(place)).chain([place(pins)]);
        places.into_iter()
    }

    /// Makes a new request one of this session, with `headers` and `params` as the session's.
    pub(crate) fn adopt<'r, 's: 'r>(
        &'s mut self,
        request: &mut RequestBuilder<'r, 's>,
        headers: &'r [(&'r str, &'r str)],
        params: Option<FieldList<'r>>,
    ) {
        let parts = &mut request.parts;
        parts.base = Some(Base::new(self.base_url, params));
        parts.settings = self.settings;
        if let Some(changed) = self.changed_auth {
            changed.read(self.auth_buffer, &mut parts.settings);
        }
        parts.is_auth_inherited = true;
        #[cfg(feature = "digest-auth")]
        if let Some(credentials) = parts.settings.digest_auth {
            parts.set_digest_auth(credentials);
        }
        for &(name, value) in headers {
            if parts.headers.push((name, Some(value))).is_err() {
                parts.mistake = Some(Error::TooManyHeaders { limit: MAX_HEADERS });
            }
        }
        parts.inherited_headers = parts.headers.len();
        request.route = Route::Session(&mut self.connections);
        request.resources.cancel_token = self.cancel_token;
    }

    /// Starts a download in this session, see [`download`](crate::download). The session's
    /// [`retry`](Self::retry) applies to it.
    pub fn download<'r>(&'r mut self, url: &'r str, sink: &'r mut dyn Sink) -> Download<'r> {
        self.get(url).download(sink)
    }

    /// The number of connections that the session has opened.
    #[must_use]
    pub const fn connections_opened(&self) -> u32 {
        self.connections.opened
    }

    /// The number of connections that are kept now.
    #[must_use]
    pub fn connections_kept(&self) -> usize {
        self.connections.len()
    }

    /// Why the connection of the last response was not kept; `None` if it was kept.
    #[must_use]
    pub const fn close_reason(&self) -> Option<CloseReason> {
        self.connections.close_reason
    }

    /// Closes all kept connections, for example before the network goes down. The session can still
    /// be used.
    pub fn close(&mut self) {
        self.connections.close_all();
    }

    /// The TLS sessions that the next connections resume. Export them before the device sleeps or
    /// restarts, and import them afterwards.
    #[cfg(all(feature = "tls", not(tls_sockets)))]
    pub const fn tls_sessions(&mut self) -> &mut TlsSessions<CONNECTIONS> {
        &mut self.connections.tls_sessions
    }

    /// The network that the session uses.
    pub const fn network(&mut self) -> &mut N {
        &mut self.connections.network
    }
}

impl ChangedAuth {
    /// Puts the credentials in `buffer` in place of those of a session.
    fn read<'a>(self, buffer: &'a [u8], settings: &mut Settings<'a>) {
        let (first, second) = match self {
            Self::User { name, password } => (name, password),
            Self::Bearer { token } => (token, 0),
        };
        let (first, rest) = buffer.split_at_checked(first).unwrap_or_default();
        let second = rest.get(..second).unwrap_or_default();
        // They were copied from text.
        let text = |bytes| core::str::from_utf8(bytes).unwrap_or_default();
        #[cfg(feature = "digest-auth")]
        match (self, &mut settings.digest_auth) {
            (Self::User { .. }, Some(credentials)) => {
                *credentials = (text(first), text(second));
                return;
            }
            (_, digest_auth) => *digest_auth = None,
        }
        settings.auth = match self {
            Self::User { .. } => Auth::Basic { user: first, password: second, percent_encoded: false },
            Self::Bearer { .. } => Auth::Bearer(text(first)),
        };
    }
}

macro_rules! methods {
    ($($function:ident $method:literal;)+) => {
        impl<N: Network, const CONNECTIONS: usize> Session<'_, N, CONNECTIONS> {$(
            #[doc = concat!("Starts a `", $method, "` request in this session, see [`", stringify!($function), "`](crate::", stringify!($function), ").")]
            pub fn $function<'r, 's: 'r>(&'s mut self, url: &'r str) -> RequestBuilder<'r, 's> {
                self.request($method, url)
            }
        )+}
    };
}

methods! {
    get "GET";
    head "HEAD";
    post "POST";
    put "PUT";
    patch "PATCH";
    delete "DELETE";
    options "OPTIONS";
}

impl<N: Network, const CONNECTIONS: usize> fmt::Debug for Session<'_, N, CONNECTIONS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and credentials must not reach a log.
        f.debug_struct("Session")
            .field("connections_opened", &self.connections.opened)
            .field("connections_kept", &self.connections.len())
            .field("close_reason", &self.connections.close_reason)
            .finish_non_exhaustive()
    }
}
