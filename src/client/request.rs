// SPDX-License-Identifier: Apache-2.0
//! The request that the caller builds.

use core::time::Duration;

use crate::Error;
use crate::client::connect::connector::Connector;
use crate::client::connect::one_off::{AsConnector, OneOff, as_connector};
use crate::client::duration::milliseconds;
use crate::client::exchange::attempts::{receive_response, repeat};
use crate::client::exchange::body::Body;
use crate::client::exchange::parts::{Exchange, Lent, Parts};
use crate::client::exchange::retry::Retry;
use crate::client::exchange::send::{LISTEN, await_continue, send_chunked};
use crate::client::response::{Response, Source, Stream};
use crate::config::MAX_HEADERS;
use crate::proto::auth::Auth;
use crate::proto::form::Fields;
#[cfg(feature = "gzip")]
use crate::proto::inflate::Inflater;
use crate::proto::multipart::{Multipart, Part};
use crate::proto::reader::{BodyReader, ReaderBody};
use crate::proto::request_head::CallerHeader;
#[cfg(feature = "tls")]
use crate::tls::TlsConfig;
use crate::transport::{CancelToken, Network, PlatformNetwork};

/// A request to be sent, built step by step.
///
/// It borrows everything it is given. A mistake made while building is kept and returned by
/// [`send`](Self::send), before anything goes to the network.
///
/// ```
/// # fn main() -> Result<(), requests::Error> {
/// # use requests::transport::scripted::{Script, ScriptedNetwork};
/// # let mut network = ScriptedNetwork::new([Script::new(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")]);
/// let mut buffer = [0; 1024];
/// let response = requests::get("http://example.org/search")
///     .params(&[("q", "two words")])
///     .header("X-Source", "zephyr")
///     .timeout(core::time::Duration::from_secs(5))
///     .send_over(&mut network, &mut buffer)?; // `send(&mut buffer)` uses the real network
/// assert_eq!(response.text()?, "hi");
/// # Ok(())
/// # }
/// ```
///
/// It has two lifetimes, that of the texts that are sent, and that of what the response goes on using: the
/// session, a cancel token, an inflater. A [`Stream`] outlives the texts. Where one lifetime will do, as in
/// the signature of most functions that take a request, write [`Request`].
#[must_use = "a request does nothing until it is sent"]
pub struct RequestBuilder<'a, 'c> {
    pub(super) parts: Parts<'a>,
    pub(super) route: Route<'c>,
    pub(super) lent: Lent<'c>,
}

/// A request to be sent, all of which is borrowed for as long.
///
/// ```
/// use requests::Request;
///
/// fn identify(request: Request<'_>) -> Request<'_> {
///     request.header("X-Device", "42")
/// }
///
/// let request = identify(requests::get("http://example.org/"));
/// ```
pub type Request<'a> = RequestBuilder<'a, 'a>;

/// How a request gets its connections.
pub(super) enum Route<'a> {
    /// By a [`OneOff`] over the network of the platform.
    Alone(AsConnector<PlatformNetwork>),
    Session(&'a mut (dyn Connector + 'a)),
}

/// Shows no header, no credentials and no URL, which can hold secrets too.
impl core::fmt::Debug for RequestBuilder<'_, '_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.parts.method)
            .field("headers", &self.parts.headers.len())
            .field("body", &self.parts.body)
            .field("timeout_ms", &self.parts.settings.timeout_ms)
            .finish_non_exhaustive()
    }
}

/// Starts a request with any method (RFC 9110 §9.1), which is sent in upper case.
pub const fn request<'a, 'c>(method: &'a str, url: &'a str) -> RequestBuilder<'a, 'c> {
    RequestBuilder { parts: Parts::new(method, url), route: Route::Alone(as_connector), lent: Lent::NONE }
}

impl<'a, 'c> RequestBuilder<'a, 'c> {
    /// Adds fields to the URL's query, percent-encoded: names with text, numbers and other values, see
    /// [`Fields`].
    ///
    /// They stand behind those that the URL and the [session](crate::Session::params) have. A name that
    /// several of them have is sent several times, where Python has those of `params=` replace the
    /// session's. A second call replaces the first. A redirect goes where it says, without them.
    ///
    /// ```
    /// let request = requests::get("http://example.org/log?unit=K").params(&(("room", "lab 2"), ("first", 100)));
    /// // http://example.org/log?unit=K&room=lab+2&first=100
    /// ```
    pub fn params<P: Fields + ?Sized>(mut self, params: &'a P) -> Self {
        self.parts.params = Some(params.list());
        self
    }

    /// Adds a header. It stands in place of a default header of the same name (`Host`, `User-Agent`,
    /// `Accept`, `Accept-Encoding`, `Connection`, `Content-Type`, and `Authorization`, which
    /// [`auth`](Self::auth) or the URL gives); headers of the caller's own with the same name are all sent.
    ///
    /// A `Content-Length` must be the body's, and `Transfer-Encoding` cannot be set: see
    /// [`chunked`](Self::chunked).
    ///
    /// Sending fails with [`Error::InvalidHeader`] where the header cannot be sent: see
    /// [`HeaderError`](crate::HeaderError). It fails with [`Error::TooManyHeaders`] for more than
    /// `CONFIG_REQUESTS_MAX_HEADERS`.
    pub fn header(self, name: &'a str, value: &'a str) -> Self {
        self.push_header((name, Some(value)))
    }

    /// Adds headers, each as [`header`](Self::header) does.
    pub fn headers(self, headers: &[(&'a str, &'a str)]) -> Self {
        headers.iter().fold(self, |request, (name, value)| request.header(name, value))
    }

    /// Keeps a default header from being sent.
    pub fn remove_header(self, name: &'a str) -> Self {
        self.push_header((name, None))
    }

    fn push_header(mut self, header: CallerHeader<'a>) -> Self {
        self.parts.drop_inherited(header.0);
        if self.parts.headers.push(header).is_err() {
            self.parts.mistake.get_or_insert(Error::TooManyHeaders { limit: MAX_HEADERS });
        }
        self
    }

    /// Sends these bytes as the body.
    pub fn data(self, data: &'a [u8]) -> Self {
        self.set_body(Body::data(data))
    }

    /// Sends `value` as JSON, with `Content-Type: application/json`. It is serialised in the buffer given to
    /// [`send`](Self::send), which has to hold all of it besides the URL. Sending fails with
    /// [`JsonError::Unsupported`](crate::JsonError::Unsupported) for a number that is not finite: a reading
    /// that is lost must not look like one that was not made.
    pub fn json<T: serde::Serialize>(self, value: &'a T) -> Self {
        self.set_body(Body::json(value))
    }

    /// Sends fields as a form, with `Content-Type: application/x-www-form-urlencoded`: names with text,
    /// numbers and other values, see [`Fields`]. It is the whole body: there can be one call.
    ///
    /// ```
    /// let request = requests::post("http://example.org/").form(&(("room", "lab 2"), ("celsius", 21.5), ("ok", true)));
    /// // room=lab+2&celsius=21.5&ok=true
    /// ```
    pub fn form<F: Fields + ?Sized>(self, fields: &'a F) -> Self {
        self.set_body(Body::form(fields.list()))
    }

    /// Sends files and plain fields as `multipart/form-data` (RFC 7578). They are streamed from where they
    /// are, so their size does not matter; the `Content-Length` is exact.
    ///
    /// In names and file names `"`, CR and LF are sent as `%22`, `%0D` and `%0A`, and all else as it is, as
    /// browsers do (WHATWG HTML §4.10.21.8), but for a backslash at the end, which is sent as `%5C`: many
    /// servers read `\"` as a quotation mark in the name. Sending fails with [`Error::InvalidPart`] for a
    /// name or file name with another control character but the tab, and for a content type with any but the
    /// tab.
    pub fn files(self, parts: &'a [Part<'a>]) -> Self {
        self.set_body(Body::files(Multipart::new(parts)))
    }

    /// Sends a body that is read while it is sent, from anything that implements [`embedded_io::Read`]:
    /// exactly `len` bytes, or all there is, in chunks (RFC 9112 §7.1), where `len` is `None`. Files, and
    /// whatever else implements `std::io::Read`, are given as `IoReader(file)`, with the feature `std`.
    ///
    /// It can be sent once: a redirect that keeps the body ends in [`Error::BodyNotReplayable`]. A reader
    /// that fails, or ends before `len`, ends the request with [`Error::BodyReader`]; bytes beyond `len` stay
    /// unread.
    pub fn body(mut self, reader: &'a mut dyn BodyReader, len: Option<u64>) -> Self {
        if len.is_none() {
            self = self.chunked();
        }
        self.set_body(Body::reader(ReaderBody::new(reader, len)))
    }

    /// Has the server agree before it is sent the body, by `Expect: 100-continue` (RFC 9110 §10.1.1), so that
    /// a large body is not sent in vain. A server that says nothing for a second is sent it anyway.
    pub const fn expect_continue(mut self) -> Self {
        self.parts.send_hooks.await_continue = Some(await_continue);
        self
    }

    /// Sends the body, if there is one, by `Transfer-Encoding: chunked` in place of `Content-Length`.
    pub const fn chunked(mut self) -> Self {
        self.parts.send_hooks.chunked = Some(send_chunked);
        self
    }

    fn set_body(mut self, body: Body<'a>) -> Self {
        if self.parts.body.kind().is_some() {
            self.parts.mistake.get_or_insert(Error::ConflictingBody);
        }
        self.parts.body = body;
        self.parts.send_hooks.listen = Some(&LISTEN);
        self
    }

    /// Authenticates by `(user name, password)` with the Basic scheme (RFC 7617), in UTF-8. This takes
    /// precedence over user name and password in the URL.
    ///
    /// Sending fails with [`Error::InvalidCredentials`] for a control character, or a colon in the user name.
    pub fn auth(mut self, (user, password): (&'a str, &'a str)) -> Self {
        self.parts.set_auth(Auth::basic(user, password));
        self
    }

    /// Authenticates with a token (RFC 6750).
    ///
    /// Sending fails with [`Error::InvalidCredentials`] for a token that is empty or has a space or a
    /// character that is not ASCII.
    pub fn bearer_auth(mut self, token: &'a str) -> Self {
        self.parts.set_auth(Auth::Bearer(token));
        self
    }

    /// Authenticates by `(user name, password)` with the Digest scheme (RFC 7616): the password is proved to
    /// the server, not sent. The request is sent once without; where it is answered with 401 and a challenge,
    /// it is sent again.
    ///
    /// This takes a body that can be sent again: a [reader](Request::body) cannot, and its request ends with
    /// the 401. In a [`Session`](crate::Session) the challenge is kept, and further requests are sent once.
    /// Why a 401 was not answered is a record of the feature `log`, at level warn.
    ///
    /// What the server is shown goes to the buffer of [`send`](Request::send) in front of the URL, some 300
    /// bytes. User name and password in the URL are not used then. The last of this, [`auth`](Self::auth) and
    /// [`bearer_auth`](Self::bearer_auth) counts. Sending fails with [`Error::InvalidCredentials`] for a
    /// control character.
    #[cfg(feature = "digest-auth")]
    pub fn digest_auth(mut self, credentials: (&'a str, &'a str)) -> Self {
        self.parts.set_auth(Auth::None);
        self.parts.set_digest_auth(credentials);
        self
    }

    /// Bounds the request as a whole, redirects included: name look-up, connecting, sending and receiving.
    /// The default is `CONFIG_REQUESTS_TIMEOUT_MS`, 30 seconds. Fractions of a millisecond are rounded up.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.parts.settings.timeout_ms = milliseconds(timeout);
        self
    }

    /// Bounds each wait within a body: for the server to take more of that of the request, and for more of
    /// that of the response, where it is streamed.
    ///
    /// While a body is sent, the [`timeout`](Self::timeout) bounds the request as a whole besides: for an
    /// upload that takes long, set that to how long it may take at most. The read of a stream has this much
    /// time in place of what is left of the time-out, which then bounds the request until the head of the
    /// response is there: for streams that have no end, and for downloads of unknown size.
    ///
    /// Python's `timeout=` bounds each wait, and nothing as a whole. What `timeout=(3, 27)` says is
    /// `.read_timeout(27 s)` here, and a `timeout` that you can do with; connecting has no time of its own.
    pub const fn read_timeout(mut self, timeout: Duration) -> Self {
        self.parts.settings.read_timeout_ms = Some(milliseconds(timeout));
        self
    }

    /// Follows at most `limit` redirects; one more ends the request with [`Error::TooManyRedirects`]. With 0
    /// none is followed and the redirect itself is the response. The default is
    /// `CONFIG_REQUESTS_MAX_REDIRECTS`, 10.
    pub const fn redirects(mut self, limit: u16) -> Self {
        self.parts.settings.max_redirects = limit;
        self
    }

    /// Follows redirects from `https` to `http` too, which give away what TLS protects.
    pub const fn allow_https_downgrade(mut self) -> Self {
        self.parts.settings.allow_https_downgrade = true;
        self
    }

    /// Asks for compressed content (`Accept-Encoding: gzip, deflate`), and decompresses it: into the buffer
    /// of [`send`](Self::send), which has to hold it whole, or as the [`stream`](Self::stream) is read.
    ///
    /// The [`Inflater`] takes 43 KB of RAM, best as a `static`. Sending fails with
    /// [`Error::UnsupportedCoding`] where the server compresses in another way, and with
    /// [`Error::InvalidCompression`] for damaged content.
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
    pub fn decompress(self, inflater: &'c mut Inflater) -> Self {
        let mut this = self.header("Accept-Encoding", "gzip, deflate");
        this.lent.inflater = Some(inflater);
        this
    }

    /// Says whom to trust with `https`, and how to identify to the server. The default, [`TlsConfig::new`],
    /// verifies against the built-in roots.
    #[cfg(feature = "tls")]
    pub const fn tls(mut self, config: TlsConfig<'a>) -> Self {
        self.parts.settings.tls = config;
        self
    }

    /// Ends with [`Error::Cancelled`] as soon as another thread cancels `token`, or at once if it is
    /// cancelled already.
    pub const fn cancel_token(mut self, token: &'c CancelToken) -> Self {
        self.lent.cancel_token = Some(token);
        self
    }

    /// Sends the request again where it fails by chance, as `retry` says. Only requests that ask for this
    /// take flash for it. What becomes of the body of a [`stream`](Self::stream) is not tried again; see
    /// [`download`](crate::download) for that.
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
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.parts.settings.retry = Some((retry, repeat));
        self
    }
}

impl<'c> RequestBuilder<'_, 'c> {
    /// Sends the request and receives the whole response into `buffer`: over a connection of its own on the
    /// network of this platform, or over one of its [`Session`](crate::Session).
    ///
    /// The buffer, in bytes, has to hold the URL together with what is larger of the request's JSON body and
    /// the response's head and body. The rest of the request only passes through it.
    ///
    /// # Errors
    /// Every [`Error`] but those of reading a response. Whatever the server sent, there is no response then.
    pub fn send(self, buffer: &mut [u8]) -> Result<Response<'_>, Error> {
        match self.route {
            Route::Alone(as_connector) => send_alone(&self.parts, as_connector, self.lent, buffer),
            Route::Session(connector) => respond(&self.parts, connector, self.lent, buffer),
        }
    }

    /// Sends the request over any [`Network`], otherwise as [`send`](Self::send). The connections of a
    /// session are not used.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_over<'b, N: Network>(
        self,
        network: &mut N,
        buffer: &'b mut [u8],
    ) -> Result<Response<'b>, Error> {
        respond(&self.parts, &mut OneOff::new(network), self.lent, buffer)
    }

    /// Sends the request as [`send`](Self::send) does, and receives the head of the response. The body is
    /// received as it is read from the [`Stream`], which a session serves alone until it is dropped.
    ///
    /// The buffer, in bytes, has to hold the URL together with what is larger of the request's JSON body and
    /// the response's head. What is free besides, the more the better, is where the body passes through.
    ///
    /// # Errors
    /// As [`send`](Self::send), as far as the head.
    pub fn stream<'b>(self, buffer: &'b mut [u8]) -> Result<Stream<'b>, Error>
    where
        'c: 'b,
    {
        let source = match self.route {
            Route::Alone(as_connector) => Source::Alone(OneOff::new(platform_network()?), as_connector),
            Route::Session(connector) => Source::Session(connector),
        };
        Stream::begin(&self.parts, source, self.lent, buffer)
    }

    /// Sends the request over any [`Network`], otherwise as [`stream`](Self::stream). The connections of a
    /// session are not used.
    ///
    /// # Errors
    /// As [`stream`](Self::stream).
    pub fn stream_over<'b, N: Network>(self, network: N, buffer: &'b mut [u8]) -> Result<Stream<'b, N>, Error>
    where
        'c: 'b,
    {
        let source = Source::Alone(OneOff::new(network), as_connector);
        Stream::begin(&self.parts, source, self.lent, buffer)
    }
}

// In its own frame: a request of a session needs no room for the connection.
#[inline(never)]
fn send_alone<'b>(
    parts: &Parts<'_>,
    as_connector: AsConnector<PlatformNetwork>,
    lent: Lent<'_>,
    buffer: &'b mut [u8],
) -> Result<Response<'b>, Error> {
    let mut one_off = OneOff::new(platform_network()?);
    respond(parts, as_connector(&mut one_off), lent, buffer)
}

fn respond<'b>(
    parts: &Parts<'_>,
    connector: &mut dyn Connector,
    lent: Lent<'_>,
    buffer: &'b mut [u8],
) -> Result<Response<'b>, Error> {
    let deadline = lent.deadline(connector.now(), parts.settings.timeout_ms);
    let mut exchange = Exchange::new(parts, connector, deadline, lent.inflater);
    let content_end = receive_response(&mut exchange, buffer)?;
    Ok(Response::received(buffer, &exchange.response, content_end))
}

/// The network of this platform.
///
/// # Errors
/// There is none without the features `host` and `zephyr`.
pub(crate) fn platform_network() -> Result<PlatformNetwork, Error> {
    #[cfg(any(feature = "host", feature = "zephyr"))]
    return Ok(PlatformNetwork::default());
    #[cfg(not(any(feature = "host", feature = "zephyr")))]
    return Err(Error::Connect(crate::transport::IoError::new(embedded_io::ErrorKind::Unsupported)));
}
