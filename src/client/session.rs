// SPDX-License-Identifier: Apache-2.0
//! Requests that share connections and settings.

use core::fmt;
use core::time::Duration;

use embedded_io::ErrorKind;

use crate::Error;
#[cfg(feature = "tls")]
use crate::client::connection::from_tls;
use crate::client::connection::{Connection, open};
#[cfg(feature = "gzip")]
use crate::client::connector::Decompression;
use crate::client::connector::{Connector, Lease, Place, Wanted};
use crate::client::download::Download;
use crate::client::exchange;
use crate::client::pool::{Origin, Pool};
use crate::client::request::{Parts, Request, milliseconds};
use crate::client::response::Response;
use crate::client::retry::{Decide, Outcome, Retry, Tries, decide};
use crate::client::sink::Sink;
use crate::client::stream::ResponseStream;
use crate::config::{MAX_HEADERS, MAX_REDIRECTS, SESSION_CONNECTIONS, SESSION_IDLE_MS, TIMEOUT_MS};
use crate::proto::auth::Auth;
#[cfg(feature = "cookies")]
use crate::proto::cookie::CookieJar;
#[cfg(feature = "digest-auth")]
use crate::proto::digest_auth::KeptChallenge;
#[cfg(feature = "cookies")]
use crate::proto::header::HeaderFields;
#[cfg(feature = "gzip")]
use crate::proto::inflate::Inflater;
use crate::proto::persistence::CloseReason;
#[cfg(feature = "tls")]
use crate::proto::url::Scheme;
#[cfg(feature = "cookies")]
use crate::proto::url::Url;
#[cfg(feature = "cookies")]
use crate::proto::write::Write;
#[cfg(feature = "tls")]
use crate::tls::{KnownTrust, TlsConfig, TlsError};
#[cfg(all(feature = "tls", not(tls_sockets)))]
use crate::tls::{Resumption, TlsSessions};
use crate::transport::{CancelToken, Deadline, IoError, Network, PlatformNetwork};

/// Requests that share connections and settings.
///
/// After each response its connection is kept, if nothing speaks against it (RFC 9112 §9.3), and serves the next
/// request to the same host under the same trust. `SLOTS` is how many are kept; `CONFIG_REQUESTS_SESSION_CONNECTIONS`
/// unless told otherwise ([`with_slots`](Self::with_slots)). A kept connection that proves to be dead is replaced once, where the request can be repeated
/// (RFC 9110 §9.2.2) or none of it was taken.
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
pub struct Session<'a, N: Network = PlatformNetwork, const SLOTS: usize = SESSION_CONNECTIONS> {
    network: N,
    pool: Pool<N::Transport, SLOTS>,
    base_url: Option<&'a str>,
    headers: &'a [(&'a str, &'a str)],
    auth: Auth<'a>,
    #[cfg(feature = "digest-auth")]
    digest_auth: Option<(&'a str, &'a str)>,
    #[cfg(feature = "digest-auth")]
    kept_challenge: KeptChallenge,
    timeout_ms: u64,
    read_timeout_ms: Option<u64>,
    max_redirects: u16,
    idle_ms: u64,
    #[cfg(feature = "tls")]
    tls: TlsConfig<'a>,
    /// Of `tls`.
    #[cfg(feature = "tls")]
    known_trust: KnownTrust,
    #[cfg(all(feature = "tls", not(tls_sockets)))]
    tls_sessions: TlsSessions<SLOTS>,
    #[cfg(feature = "cookies")]
    cookies: Option<&'a mut CookieJar>,
    cancel_token: Option<&'a CancelToken>,
    retry: Option<(Retry, Decide<N>)>,
    opened: u32,
    close_reason: Option<CloseReason>,
}

#[cfg(any(feature = "host", feature = "zephyr"))]
impl Session<'_> {
    /// A session over the network of this platform.
    #[must_use]
    pub fn new() -> Self {
        Self::over(PlatformNetwork::default())
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
        Self::with_slots(network)
    }
}

impl<'a, N: Network, const SLOTS: usize> Session<'a, N, SLOTS> {
    /// A session over any network that keeps up to `SLOTS` connections.
    ///
    /// ```
    /// # #[cfg(feature = "host")]
    /// # {
    /// use requests::Session;
    /// use requests::transport::PlatformNetwork;
    ///
    /// let session = Session::<PlatformNetwork, 3>::with_slots(PlatformNetwork::default());
    /// # }
    /// ```
    #[must_use]
    pub const fn with_slots(network: N) -> Self {
        Self {
            network,
            pool: Pool::new(),
            base_url: None,
            headers: &[],
            auth: Auth::None,
            #[cfg(feature = "digest-auth")]
            digest_auth: None,
            #[cfg(feature = "digest-auth")]
            kept_challenge: KeptChallenge::new(),
            timeout_ms: TIMEOUT_MS,
            read_timeout_ms: None,
            max_redirects: MAX_REDIRECTS,
            idle_ms: SESSION_IDLE_MS,
            #[cfg(feature = "tls")]
            tls: TlsConfig::new(),
            #[cfg(feature = "tls")]
            known_trust: KnownTrust::NONE,
            #[cfg(all(feature = "tls", not(tls_sockets)))]
            tls_sessions: TlsSessions::new(),
            #[cfg(feature = "cookies")]
            cookies: None,
            cancel_token: None,
            retry: None,
            opened: 0,
            close_reason: None,
        }
    }

    /// What relative URLs of requests are relative to (RFC 3986 §5): with `https://example.org/api/` the request for
    /// `status` goes to `https://example.org/api/status`. User name and password in it are sent with such requests.
    ///
    /// The session's credentials are for the origin of this URL: `auth`, `bearer_auth`, `digest_auth`, and the headers
    /// `Authorization`, `Cookie`, `Proxy-Authorization` and `Host`. A request for a URL of another origin is sent without
    /// them. To send credentials there, give them to that request.
    #[must_use]
    pub fn base_url(mut self, url: &'a str) -> Self {
        self.base_url = Some(url);
        self
    }

    /// Headers of every request, unless it has one of the same name. They go to whatever host is asked directly, but for
    /// those that are bound to the [`base_url`](Self::base_url).
    ///
    /// `Authorization`, `Cookie`, `Proxy-Authorization` and `Host` do not follow a redirect to another origin. Others do,
    /// and nothing tells that one is a secret, such as `X-Api-Key`: with those, set [`redirects`](Self::redirects) to 0
    /// where a server is not trusted with what it redirects to.
    #[must_use]
    pub fn headers(mut self, headers: &'a [(&'a str, &'a str)]) -> Self {
        self.headers = headers;
        self
    }

    /// As [`Request::auth`], for every request that has no credentials of its own.
    #[must_use]
    pub fn auth(mut self, (user, password): (&'a str, &'a str)) -> Self {
        self.auth = Auth::basic(user, password);
        self
    }

    /// As [`Request::bearer_auth`], for every request that has no credentials of its own.
    #[must_use]
    pub fn bearer_auth(mut self, token: &'a str) -> Self {
        self.auth = Auth::Bearer(token);
        self
    }

    /// As [`Request::digest_auth`], for every request that is given no other credentials by such a method.
    ///
    /// The last challenge is kept, for its origin and for these credentials: further requests prove the password at once
    /// (RFC 7616 §3.6), so a body that is [read once](Request::body) can be sent too. Where the server does not take the
    /// nonce any more, the request is challenged anew. A challenge whose texts are longer than 320 bytes is not kept.
    #[cfg(feature = "digest-auth")]
    #[must_use]
    pub fn digest_auth(mut self, credentials: (&'a str, &'a str)) -> Self {
        self.digest_auth = Some(credentials);
        self
    }

    /// As [`Request::timeout`], for every request that sets none.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout_ms = milliseconds(timeout);
        self
    }

    /// As [`Request::read_timeout`], for every stream and download that sets none.
    #[must_use]
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout_ms = Some(milliseconds(timeout));
        self
    }

    /// As [`Request::redirects`], for every request that sets none.
    #[must_use]
    pub fn redirects(mut self, limit: u16) -> Self {
        self.max_redirects = limit;
        self
    }

    /// As [`Request::tls`], for every request that sets none.
    ///
    /// Before a kept connection is used again, the trust that it was made under is compared by a digest. That of these
    /// settings is made once; that of a request's own settings, and of registered credentials, for each request.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, config: TlsConfig<'a>) -> Self {
        self.tls = config;
        self.known_trust = KnownTrust::NONE;
        self
    }

    /// As [`Request::cancel_token`](Request::<crate::Direct>::cancel_token), for every request that is given none.
    #[must_use]
    pub fn cancel_token(mut self, token: &'a CancelToken) -> Self {
        self.cancel_token = Some(token);
        self
    }

    /// As [`Request::retry`](Request::<crate::Direct>::retry), for every request that is given none.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some((retry, decide));
        self
    }

    /// Keeps the cookies that servers set (RFC 6265), and sends them back where they belong. A request with a header
    /// `Cookie` of its own sends that instead.
    ///
    /// The jar may outlive the session and serve another. Cookies expire by the clock of the network, which must be the
    /// same then: those of this crate's networks have one for the whole program. After a restart of the program it
    /// begins anew, so a jar must not be kept across one.
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
        self.cookies = Some(jar);
        self
    }

    /// Closes connections that no request has used for this long, or for as long as the server says it keeps them
    /// (`Keep-Alive: timeout=…`) if that is less. The default is `CONFIG_REQUESTS_SESSION_IDLE_MS`, 60 seconds.
    /// They are closed when the session is used next.
    #[must_use]
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.idle_ms = milliseconds(limit);
        self
    }

    /// Starts a request with any method (RFC 9110 §9.1) in this session.
    pub fn request<'r>(&mut self, method: &'r str, url: &'r str) -> Request<'r, InSession<'_, 'a, N, SLOTS>>
    where
        'a: 'r,
    {
        let mut parts = Parts {
            base_url: self.base_url,
            auth: self.auth,
            is_auth_inherited: true,
            timeout_ms: self.timeout_ms,
            read_timeout_ms: self.read_timeout_ms,
            max_redirects: self.max_redirects,
            #[cfg(feature = "tls")]
            tls: self.tls,
            ..Parts::new(method, url)
        };
        #[cfg(feature = "digest-auth")]
        if let Some(credentials) = self.digest_auth {
            parts.set_digest_auth(credentials);
        }
        for &(name, value) in self.headers {
            if parts.headers.push((name, Some(value))).is_err() {
                parts.mistake = Some(Error::TooManyHeaders { limit: MAX_HEADERS });
            }
        }
        parts.inherited_headers = parts.headers.len();
        let cancel_token = self.cancel_token;
        let retry = self.retry;
        let via = InSession {
            session: self,
            cancel_token,
            #[cfg(feature = "gzip")]
            inflater: None,
            retry,
            tries: Tries::default(),
        };
        Request { parts, via }
    }

    /// Starts a download in this session, see [`download`](crate::download). It keeps to the session's
    /// [`retry`](Self::retry), if one is set.
    pub fn download<'r>(
        &mut self,
        url: &'r str,
        sink: &'r mut dyn Sink,
    ) -> Download<'r, InSession<'_, 'a, N, SLOTS>>
    where
        'a: 'r,
    {
        let retry = self.retry.map(|(retry, _)| retry);
        let download = self.get(url).into_download(sink);
        match retry {
            Some(retry) => download.retry(retry),
            None => download,
        }
    }

    /// How many connections the session has opened.
    #[must_use]
    pub const fn connections_opened(&self) -> u32 {
        self.opened
    }

    /// How many connections are kept now.
    #[must_use]
    pub fn connections_kept(&self) -> usize {
        self.pool.len()
    }

    /// Why the connection of the last response was not kept; `None` where it was.
    #[must_use]
    pub const fn close_reason(&self) -> Option<CloseReason> {
        self.close_reason
    }

    /// Closes all kept connections, as before the network goes down. The session can go on being used.
    pub fn close(&mut self) {
        self.pool.close_all();
    }

    /// The TLS sessions that the next connections resume: to be exported before the device sleeps or restarts, and
    /// imported afterwards.
    #[cfg(all(feature = "tls", not(tls_sockets)))]
    pub const fn tls_sessions(&mut self) -> &mut TlsSessions<SLOTS> {
        &mut self.tls_sessions
    }

    /// The network.
    pub const fn network(&mut self) -> &mut N {
        &mut self.network
    }
}

macro_rules! methods {
    ($($function:ident $method:literal;)+) => {
        impl<'a, N: Network, const SLOTS: usize> Session<'a, N, SLOTS> {$(
            #[doc = concat!("Starts a `", $method, "` request in this session, see [`", stringify!($function), "`](crate::", stringify!($function), ").")]
            pub fn $function<'r>(&mut self, url: &'r str) -> Request<'r, InSession<'_, 'a, N, SLOTS>>
            where
                'a: 'r,
            {
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

impl<N: Network, const SLOTS: usize> fmt::Debug for Session<'_, N, SLOTS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither headers nor credentials belong into a log.
        f.debug_struct("Session")
            .field("connections_opened", &self.opened)
            .field("connections_kept", &self.pool.len())
            .field("close_reason", &self.close_reason)
            .finish_non_exhaustive()
    }
}

/// Marks a [`Request`] that belongs to a [`Session`].
#[derive(Debug)]
pub struct InSession<'s, 'a, N: Network, const SLOTS: usize> {
    session: &'s mut Session<'a, N, SLOTS>,
    cancel_token: Option<&'s CancelToken>,
    #[cfg(feature = "gzip")]
    inflater: Option<&'s mut Inflater>,
    retry: Option<(Retry, Decide<N>)>,
    tries: Tries,
}

impl<'s, 'a, N: Network, const SLOTS: usize> Request<'_, InSession<'s, 'a, N, SLOTS>> {
    /// Ends with [`Error::Cancelled`] as soon as another thread cancels `token`, or at once if it is cancelled already.
    pub fn cancel_token(mut self, token: &'s CancelToken) -> Self {
        self.via.cancel_token = Some(token);
        self
    }

    /// Sends the request again where it fails by chance, as `retry` says.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.via.retry = Some((retry, decide));
        self
    }

    /// As [`decompress`](Request::<crate::Direct>::decompress) of a request on its own.
    #[cfg(feature = "gzip")]
    pub fn decompress(self, inflater: &'s mut Inflater) -> Self {
        let mut this = self.accept_compressed();
        this.via.inflater = Some(inflater);
        this
    }

    /// Sends the request over a connection of the session, or a new one, and receives the whole response into
    /// `buffer`, whose size is as for [`send`](Request::<crate::Direct>::send).
    ///
    /// # Errors
    /// Every [`Error`] but those of reading a response. Whatever the server sent, there is no response then.
    pub fn send<'b>(mut self, buffer: &'b mut [u8]) -> Result<Response<'b>, Error> {
        exchange::run(&self.parts, &mut self.via, buffer)
    }

    /// Sends the request over a connection of the session, or a new one, and receives the head of the response. The
    /// session is taken until the stream is dropped.
    ///
    /// # Errors
    /// As [`send`](Self::send), as far as the head.
    pub fn stream<'b>(
        self,
        buffer: &'b mut [u8],
    ) -> Result<ResponseStream<'b, InSession<'s, 'a, N, SLOTS>>, Error> {
        ResponseStream::begin(&self.parts, self.via, buffer)
    }
}

impl<N: Network, const SLOTS: usize> Connector for InSession<'_, '_, N, SLOTS> {
    type Network = N;

    const KEEPS_ALIVE: bool = true;

    const RETRIES: bool = true;

    fn network(&mut self) -> &mut N {
        &mut self.session.network
    }

    fn deadline(&self, until: Deadline<'static>) -> Deadline<'_> {
        until.with_token(self.cancel_token)
    }

    #[cfg(feature = "digest-auth")]
    fn kept_challenge(&mut self) -> Option<&mut KeptChallenge> {
        Some(&mut self.session.kept_challenge)
    }

    #[cfg(feature = "gzip")]
    fn decompression(&mut self, until: Deadline<'static>) -> Decompression<'_, N> {
        let deadline = until.with_token(self.cancel_token);
        Decompression { inflater: self.inflater.as_deref_mut(), deadline, network: &self.session.network }
    }

    #[cfg(feature = "cookies")]
    fn write_cookies(&self, url: &Url<'_>, out: &mut dyn Write) {
        if let Some(cookies) = &self.session.cookies {
            cookies.write_header(url, seconds(&self.session.network), out);
        }
    }

    #[cfg(feature = "cookies")]
    fn store_cookies(&mut self, url: &Url<'_>, headers: &HeaderFields<'_>) {
        let now = seconds(&self.session.network);
        if let Some(cookies) = &mut self.session.cookies {
            cookies.store_response(url, headers, now);
        }
    }

    fn open(
        &mut self,
        wanted: &Wanted<'_>,
        until: Deadline<'static>,
        place: &mut Place<Self>,
    ) -> Result<Lease, Error> {
        let session = &mut *self.session;
        // Unless the connection is given back, that is what became of it.
        session.close_reason = Some(CloseReason::Error);
        let now = session.network.now();
        session.pool.close_expired(now);
        let origin = origin(
            wanted,
            #[cfg(feature = "tls")]
            (&session.tls, &mut session.known_trust),
        )?;
        let mut slot = None;
        if let Some(origin) = &origin {
            if wanted.fresh {
                // What is left of them is as dead as the one that was tried.
                session.pool.close_origin(origin);
            } else if let Some(slot) = session.pool.take(origin, now, wanted.repeatable, place) {
                self.tries.connected();
                return Ok(Lease { slot: Some(slot), is_reused: true });
            }
            slot = session.pool.reserve(origin.clone());
        }
        let deadline = until.with_token(self.cancel_token);
        let mut result = session.connect(wanted, origin.as_ref(), deadline, place);
        // What idle connections hold may be what was missing.
        if result.as_ref().is_err_and(is_out_of_memory) && session.pool.close_all() {
            result = session.connect(wanted, origin.as_ref(), deadline, place);
        }
        result?;
        session.opened = session.opened.saturating_add(1);
        self.tries.connected();
        Ok(Lease { slot, is_reused: false })
    }

    fn try_again(&mut self, outcome: &Outcome<'_>, until: Deadline<'static>) -> Option<Deadline<'static>> {
        let (retry, decide) = self.retry.as_ref()?;
        decide(retry, &mut self.tries, &mut self.session.network, outcome, until)
    }

    fn sleep(&mut self, until: Deadline<'static>) -> Result<(), IoError> {
        self.session.network.sleep(until.with_token(self.cancel_token))
    }

    fn close(&mut self, place: &mut Place<Self>, lease: Lease, keep: Result<Option<u32>, CloseReason>) {
        let session = &mut *self.session;
        #[cfg(all(feature = "tls", not(tls_sockets)))]
        if let Some(Connection::Tls(connection)) = place {
            session.tls_sessions.keep(connection, session.network.unix_time());
        }
        let lifetime_ms = keep.map(|seconds| match seconds {
            Some(seconds) => session.idle_ms.min(until_closed(seconds)),
            None => session.idle_ms,
        });
        session.close_reason = match (lifetime_ms, lease.slot) {
            (Ok(0), _) => Some(CloseReason::IdleLimit),
            (Ok(_), None) => Some(CloseReason::NotKept),
            (Err(reason), _) => Some(reason),
            (Ok(lifetime_ms), Some(slot)) => {
                session.pool.put(slot, place, session.network.now(), lifetime_ms);
                None
            }
        };
        *place = None;
    }
}

impl<N: Network, const SLOTS: usize> Session<'_, N, SLOTS> {
    /// Opens a connection, by TLS with the session of an earlier one if there is any.
    fn connect(
        &mut self,
        wanted: &Wanted<'_>,
        origin: Option<&Origin>,
        deadline: Deadline<'_>,
        place: &mut Option<Connection<N::Transport>>,
    ) -> Result<(), Error> {
        #[cfg(all(feature = "tls", not(tls_sockets)))]
        if let Some(&Origin::Https(key)) = origin {
            let (network, sessions) = (&mut self.network, &mut self.tls_sessions);
            let mut is_resumed = false;
            let mut resume = |now| {
                let session = sessions.take(&key, now);
                is_resumed = session.is_some();
                Some(Resumption { key, session })
            };
            let mut result = open(network, wanted, &mut resume, deadline, place);
            // A session is bound to its version of TLS, which the server may not speak any more. It is gone now.
            if is_resumed && matches!(result, Err(Error::Tls(TlsError::UnsupportedVersion { .. }))) {
                let mut resume = |_| Some(Resumption { key, session: None });
                result = open(network, wanted, &mut resume, deadline, place);
            }
            return result;
        }
        let _ = origin;
        open(
            &mut self.network,
            wanted,
            #[cfg(all(feature = "tls", not(tls_sockets)))]
            &mut |_| None,
            deadline,
            place,
        )
    }
}

/// The time by which cookies expire.
#[cfg(feature = "cookies")]
pub(super) fn seconds<N: Network>(network: &N) -> u64 {
    network.now() / 1000
}

/// What a connection is kept as; `None` where it cannot be. `own` are the session's settings.
fn origin(
    wanted: &Wanted<'_>,
    #[cfg(feature = "tls")] (own, known): (&TlsConfig<'_>, &mut KnownTrust),
) -> Result<Option<Origin>, Error> {
    #[cfg(feature = "tls")]
    if wanted.url.scheme == Scheme::Https {
        let key = known
            .fingerprint(own, wanted.tls)
            .and_then(|trust| trust.key(wanted.url.host_name(), wanted.url.port_or_default()))
            .map_err(from_tls)?;
        return Ok(key.map(Origin::Https));
    }
    Ok(Origin::http(&wanted.url))
}

/// How long a connection is used, in milliseconds, that the server closes after so many seconds: a request that is sent
/// in the last of them would arrive too late.
fn until_closed(seconds: u32) -> u64 {
    let ms = u64::from(seconds) * 1000;
    ms - (ms / 2).min(1000)
}

/// Whether something was missing that idle connections may hold.
fn is_out_of_memory(error: &Error) -> bool {
    match error {
        Error::Connect(error) => error.kind == ErrorKind::OutOfMemory,
        #[cfg(feature = "tls")]
        Error::Tls(error) => matches!(error, TlsError::OutOfMemory { .. }),
        _ => false,
    }
}
