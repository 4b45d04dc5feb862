// SPDX-License-Identifier: Apache-2.0
//! The builder of a request.

#[cfg(feature = "capi")]
use core::mem;
use core::time::Duration;

use crate::Error;
use crate::client::connect::connector::Connector;
use crate::client::connect::one_off::{AsConnector, OneOff, as_connector};
use crate::client::duration::milliseconds;
use crate::client::exchange::attempts::receive_response;
use crate::client::exchange::body::Body;
use crate::client::exchange::parts::{Exchange, Parts, Resources};
use crate::client::exchange::retry::Retry;
use crate::client::response::{Response, Source, Stream};
use crate::proto::auth::Auth;
use crate::proto::form::Fields;
#[cfg(feature = "gzip")]
use crate::proto::inflate::Inflater;
use crate::proto::multipart::{Multipart, Part};
use crate::proto::reader::BodyReader;
use crate::proto::request_head::CallerHeader;
#[cfg(feature = "tls")]
use crate::tls::TlsConfig;
use crate::transport::{CancelToken, Network, PlatformNetwork};

/// A request, built step by step.
///
/// It borrows everything it is given. If a setting is invalid, [`send`](Self::send) returns the
/// error before it uses the network.
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
/// It has two lifetimes. `'a` is the lifetime of what is sent: URL, headers, body. `'c` is the
/// lifetime of what the response still uses: the session, the cancel token, the inflater. A
/// [`Stream`] can outlive `'a`. Most functions that take a request need one lifetime only: write
/// [`Request`] there.
#[must_use = "a request does nothing until it is sent"]
pub struct RequestBuilder<'a, 'c> {
    pub(crate) parts: Parts<'a>,
    pub(super) route: Route<'c>,
    pub(crate) resources: Resources<'c>,
}

/// A [`RequestBuilder`] that borrows everything for one lifetime.
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
    /// Opens connections of its own by a [`OneOff`] over the platform's network.
    Alone(AsConnector<PlatformNetwork>),
    Session(&'a mut (dyn Connector + 'a)),
}

impl<'a> Route<'a> {
    /// The source of a stream's content.
    fn into_source<'b>(self) -> Result<Source<'b, PlatformNetwork>, Error>
    where
        'a: 'b,
    {
        Ok(match self {
            Self::Alone(as_connector) => Source::Alone(OneOff::new(platform_network()?), as_connector),
            Self::Session(connector) => Source::Session(connector),
        })
    }
}

/// Prints no headers, credentials or URL: each of them can hold secrets.
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

/// Starts a request with any method (RFC 9110 §9.1). The method is sent in upper case.
pub const fn request<'a, 'c>(method: &'a str, url: &'a str) -> RequestBuilder<'a, 'c> {
    RequestBuilder {
        parts: Parts::new(method, url),
        route: Route::Alone(as_connector),
        resources: Resources::NONE,
    }
}

impl<'a, 'c> RequestBuilder<'a, 'c> {
    /// Adds fields to the query of the URL, percent-encoded. Values are text, numbers and the other
    /// types of [`Fields`].
    ///
    /// The fields follow those of the URL and of the [session](crate::Session::params). If several
    /// of them have the same name, all are sent. (In Python, `params=` replaces the session's field
    /// of that name.) A second call replaces the first. The fields are not added to the target of a
    /// redirect.
    ///
    /// ```
    /// let request = requests::get("http://example.org/log?unit=K").params(&(("room", "lab 2"), ("first", 100)));
    /// // http://example.org/log?unit=K&room=lab+2&first=100
    /// ```
    pub fn params<P: Fields + ?Sized>(mut self, params: &'a P) -> Self {
        self.parts.params = Some(params.list());
        self
    }

    /// Adds a header. It replaces a default header of the same name: `Host`, `User-Agent`,
    /// `Accept`, `Accept-Encoding`, `Connection`, `Content-Type`, or the `Authorization` of
    /// [`auth`](Self::auth) or of the URL. If several calls add the same name, all of them are
    /// sent.
    ///
    /// A `Content-Length` must equal the length of the body. `Transfer-Encoding` cannot be set: use
    /// [`chunked`](Self::chunked).
    ///
    /// Sending fails with [`Error::InvalidHeader`] if the header cannot be sent, see
    /// [`HeaderError`](crate::HeaderError). It fails with [`Error::TooManyHeaders`] if there are
    /// more headers than `CONFIG_REQUESTS_MAX_HEADERS`.
    pub fn header(self, name: &'a str, value: &'a str) -> Self {
        self.push_header((name, Some(value)))
    }

    /// Adds headers, each as [`header`](Self::header) does.
    pub fn headers(self, headers: &[(&'a str, &'a str)]) -> Self {
        headers.iter().fold(self, |request, (name, value)| request.header(name, value))
    }

    /// Does not send the default header of this name. `Host` stays: a request without it is not valid (RFC 9112 §3.2).
    pub fn remove_header(self, name: &'a str) -> Self {
        if name.eq_ignore_ascii_case("Host") { self } else { self.push_header((name, None)) }
    }

    fn push_header(mut self, header: CallerHeader<'a>) -> Self {
        self.parts.push_header(header);
        self
    }

    /// Sends these bytes as the body.
    pub fn data(self, data: &'a [u8]) -> Self {
        self.set_body(Body::data(data))
    }

    /// Sends `value` as JSON, with `Content-Type: application/json`. The JSON is written to the
    /// buffer given to [`send`](Self::send), which must hold the whole JSON text and the URL.
    /// Sending fails with [`JsonError::Unsupported`](crate::JsonError::Unsupported) if a number is
    /// infinite or NaN: `null` would look like a value that was never measured.
    pub fn json<T: serde::Serialize>(self, value: &'a T) -> Self {
        self.set_body(Body::json(value))
    }

    /// Sends fields as a form, with `Content-Type: application/x-www-form-urlencoded`. Values are
    /// text, numbers and the other types of [`Fields`]. The fields are the whole body, so a request
    /// takes one call.
    ///
    /// ```
    /// let request = requests::post("http://example.org/").form(&(("room", "lab 2"), ("celsius", 21.5), ("ok", true)));
    /// // room=lab+2&celsius=21.5&ok=true
    /// ```
    pub fn form<F: Fields + ?Sized>(self, fields: &'a F) -> Self {
        self.set_body(Body::form(fields.list()))
    }

    /// Sends files and plain fields as `multipart/form-data` (RFC 7578). Each part is streamed from
    /// its source, so its size does not matter. The `Content-Length` is exact.
    ///
    /// In names and file names, `"`, CR and LF are sent as `%22`, `%0D` and `%0A`, as browsers do
    /// (WHATWG HTML §4.10.21.8). A backslash at the end is sent as `%5C`, because many servers read
    /// `\"` as a quotation mark inside the name. All other characters are sent unchanged. Sending
    /// fails with [`Error::InvalidPart`] if a name or file name contains any other control
    /// character except the tab, or a content type contains any control character except the tab.
    pub fn files(self, parts: &'a [Part<'a>]) -> Self {
        self.set_body(Body::files(Multipart::new(parts)))
    }

    /// Sends a body that is read from `reader` while it is sent. With `Some(len)` exactly `len`
    /// bytes are sent. With `None` everything up to the end of the reader is sent, in chunks (RFC
    /// 9112 §7.1). A reader is anything that implements [`embedded_io::Read`]. With the feature
    /// `std`, `IoReader(file)` adapts a file or another `std::io::Read`.
    ///
    /// The body can be sent once only: a redirect that keeps the body fails with
    /// [`Error::BodyNotReplayable`]. If the reader fails or ends before `len` bytes, the request
    /// fails with [`Error::BodyReader`]. Bytes beyond `len` are not read.
    pub fn body(mut self, reader: &'a mut dyn BodyReader, len: Option<u64>) -> Self {
        self.parts.set_reader(reader, len);
        self
    }

    /// Sends `Expect: 100-continue` (RFC 9110 §10.1.1) and waits for the server's consent before it
    /// sends the body, so that a large body is not sent in vain. If the server does not answer
    /// within one second, the body is sent anyway.
    pub const fn expect_continue(mut self) -> Self {
        self.parts.set_await_continue();
        self
    }

    /// Sends the body, if there is one, with `Transfer-Encoding: chunked` instead of
    /// `Content-Length`.
    pub const fn chunked(mut self) -> Self {
        self.parts.set_chunked();
        self
    }

    fn set_body(mut self, body: Body<'a>) -> Self {
        self.parts.set_body(body);
        self
    }

    /// Authenticates by `(user name, password)` with the Basic scheme (RFC 7617), in UTF-8. It
    /// takes precedence over a user name and password in the URL.
    ///
    /// Sending fails with [`Error::InvalidCredentials`] if one of them contains a control
    /// character, or the user name a colon.
    pub fn auth(mut self, (user, password): (&'a str, &'a str)) -> Self {
        self.parts.set_auth(Auth::basic(user, password));
        self
    }

    /// Authenticates with a bearer token (RFC 6750).
    ///
    /// Sending fails with [`Error::InvalidCredentials`] if the token is empty or contains a space
    /// or a character that is not ASCII.
    pub fn bearer_auth(mut self, token: &'a str) -> Self {
        self.parts.set_auth(Auth::Bearer(token));
        self
    }

    /// Authenticates by `(user name, password)` with the Digest scheme (RFC 7616). It proves the
    /// password to the server without sending it. The request is first sent without credentials. If
    /// the server answers with 401 and a challenge, the request is sent again with the answer to
    /// the challenge.
    ///
    /// So the body must be replayable: the request fails with the 401 if the body is a
    /// [reader](Request::body). A [`Session`](crate::Session) keeps the challenge and sends later
    /// requests once only. If a challenge cannot be answered, the feature `log` records the reason
    /// at level warn.
    ///
    /// The `Authorization` line takes about 300 bytes of the buffer of [`send`](Request::send), in
    /// front of the URL. A user name and password in the URL are ignored. The last call of this,
    /// [`auth`](Self::auth) and [`bearer_auth`](Self::bearer_auth) counts. Sending fails with
    /// [`Error::InvalidCredentials`] if the user name or the password contains a control character.
    #[cfg(feature = "digest-auth")]
    pub fn digest_auth(mut self, credentials: (&'a str, &'a str)) -> Self {
        self.parts.replace_by_digest_auth(credentials);
        self
    }

    /// Limits the time of the whole request: name look-up, connecting, sending and receiving,
    /// including all redirects. The default is `CONFIG_REQUESTS_TIMEOUT_MS`, 30 seconds. Fractions
    /// of a millisecond are rounded up.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.parts.settings.timeout_ms = milliseconds(timeout);
        self
    }

    /// Limits each single wait during a body: until the server takes more of the request body, and,
    /// in a stream, until more of the response body arrives.
    ///
    /// While a request body is sent, the [`timeout`](Self::timeout) applies too. For a long upload,
    /// set it to the longest time that the upload may take. When a stream is read, this limit
    /// replaces the time-out: the time-out ends with the head of the response, and each read may
    /// take this long. That suits streams without an end and downloads of unknown size.
    ///
    /// Python's `timeout=` limits each wait, but never the whole request. For `timeout=(3, 27)`
    /// write `.read_timeout(27 s)` and a `timeout` for the whole. There is no separate limit for
    /// connecting.
    pub const fn read_timeout(mut self, timeout: Duration) -> Self {
        self.parts.settings.read_timeout_ms = Some(milliseconds(timeout));
        self
    }

    /// Follows at most `limit` redirects. One more fails with [`Error::TooManyRedirects`]. With 0,
    /// no redirect is followed, and the redirect itself is the response. The default is
    /// `CONFIG_REQUESTS_MAX_REDIRECTS`, 10.
    pub const fn redirects(mut self, limit: u16) -> Self {
        self.parts.settings.max_redirects = limit;
        self
    }

    /// Also follows redirects from `https` to `http`. They expose what TLS protects.
    pub const fn allow_https_downgrade(mut self) -> Self {
        self.parts.settings.allow_https_downgrade = true;
        self
    }

    /// Asks for compressed content (`Accept-Encoding: gzip, deflate`) and decompresses it.
    /// [`send`](Self::send) decompresses it into the buffer, which must hold all of it. A
    /// [`stream`](Self::stream) decompresses it as it is read.
    ///
    /// The [`Inflater`] takes 43 KB of RAM: make it a `static`. Sending fails with
    /// [`Error::UnsupportedCoding`] if the server uses another coding, and with
    /// [`Error::InvalidCompression`] if the content is damaged.
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
    pub fn decompress(mut self, inflater: &'c mut Inflater) -> Self {
        self.parts.push_header(ACCEPT_COMPRESSED);
        self.resources.inflater = Some(inflater);
        self
    }

    /// Sets which servers to trust with `https`, and how the client identifies itself. The default,
    /// [`TlsConfig::new`], verifies servers against the built-in roots.
    #[cfg(feature = "tls")]
    pub const fn tls(mut self, config: TlsConfig<'a>) -> Self {
        self.parts.settings.tls = config;
        self
    }

    /// The request fails with [`Error::Cancelled`] as soon as another thread cancels `token`, or at
    /// once if it has been cancelled already.
    pub const fn cancel_token(mut self, token: &'c CancelToken) -> Self {
        self.resources.cancel_token = Some(token);
        self
    }

    /// Sends the request again after a transient failure, as `retry` says. Only programs that call
    /// this link the code for it. If reading the body of a [`stream`](Self::stream) fails, there is
    /// no retry: use [`download`](crate::download) for that.
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
        self.parts.settings.set_retry(retry);
        self
    }
}

/// The header that asks for the content codings that the inflater decompresses.
#[cfg(feature = "gzip")]
pub(crate) const ACCEPT_COMPRESSED: CallerHeader<'static> = ("Accept-Encoding", Some("gzip, deflate"));

impl<'c> RequestBuilder<'_, 'c> {
    /// Sends the request and receives the whole response into `buffer`. A request of a
    /// [`Session`](crate::Session) uses a connection of the session. Any other request opens a
    /// connection over the platform's network.
    ///
    /// The buffer must hold the URL, and besides the larger of two: the request's JSON body, or the
    /// head and body of the response. Everything else of the request only passes through it.
    /// [`Error::BufferTooSmall`] says how many bytes are needed.
    ///
    /// # Errors
    /// Every [`Error`] except those of the methods that read a response. After an error there is no
    /// response, even if the server sent one.
    pub fn send(mut self, buffer: &mut [u8]) -> Result<Response<'_>, Error> {
        self.send_in_place(buffer)
    }

    /// As [`send`](Self::send), without moving the request.
    pub(crate) fn send_in_place<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Response<'b>, Error> {
        let resources =
            Resources { cancel_token: self.resources.cancel_token, inflater: self.resources.inflater() };
        match &mut self.route {
            Route::Alone(as_connector) => send_alone(&self.parts, *as_connector, resources, buffer),
            Route::Session(connector) => respond(&self.parts, &mut **connector, resources, buffer),
        }
    }

    /// As [`send`](Self::send), over any [`Network`]. A session's connections are not used.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_over<'b, N: Network>(
        self,
        network: &mut N,
        buffer: &'b mut [u8],
    ) -> Result<Response<'b>, Error> {
        respond(&self.parts, &mut OneOff::new(network), self.resources, buffer)
    }

    /// Sends the request as [`send`](Self::send) does, and receives the head of the response. The
    /// body is received while it is read from the [`Stream`]. A session serves no other request
    /// until the stream is dropped.
    ///
    /// The buffer must hold the URL, and besides the larger of two: the request's JSON body, or the
    /// head of the response. The body passes through the rest of the buffer. A larger rest needs
    /// fewer reads.
    ///
    /// # Errors
    /// Those of [`send`](Self::send) up to the head of the response.
    pub fn stream<'b>(self, buffer: &'b mut [u8]) -> Result<Stream<'b>, Error>
    where
        'c: 'b,
    {
        Stream::begin(&self.parts, self.route.into_source()?, self.resources, buffer)
    }

    /// As [`stream`](Self::stream), without moving the request. Only the first call sends it.
    #[cfg(feature = "capi")]
    pub(crate) fn stream_in_place<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Stream<'b>, Error>
    where
        'c: 'b,
    {
        let route = mem::replace(&mut self.route, Route::Alone(as_connector));
        let resources = mem::replace(&mut self.resources, Resources::NONE);
        Stream::begin(&self.parts, route.into_source()?, resources, buffer)
    }

    /// As [`stream`](Self::stream), over any [`Network`]. A session's connections are not used.
    ///
    /// # Errors
    /// As [`stream`](Self::stream).
    pub fn stream_over<'b, N: Network>(self, network: N, buffer: &'b mut [u8]) -> Result<Stream<'b, N>, Error>
    where
        'c: 'b,
    {
        let source = Source::Alone(OneOff::new(network), as_connector);
        Stream::begin(&self.parts, source, self.resources, buffer)
    }
}

// Not inlined, so that requests of a session need no stack for this connection.
#[inline(never)]
fn send_alone<'b>(
    parts: &Parts<'_>,
    as_connector: AsConnector<PlatformNetwork>,
    resources: Resources<'_>,
    buffer: &'b mut [u8],
) -> Result<Response<'b>, Error> {
    let mut one_off = OneOff::new(platform_network()?);
    respond(parts, as_connector(&mut one_off), resources, buffer)
}

fn respond<'b>(
    parts: &Parts<'_>,
    connector: &mut dyn Connector,
    resources: Resources<'_>,
    buffer: &'b mut [u8],
) -> Result<Response<'b>, Error> {
    let deadline = resources.deadline(connector.now(), parts.settings.timeout_ms);
    let mut exchange = Exchange::new(parts, connector, deadline, resources.inflater);
    let content_end = receive_response(&mut exchange, buffer)?;
    Ok(Response::received(buffer, &exchange.response, content_end))
}

/// The network of this platform.
///
/// # Errors
/// [`Error::Connect`] without the features `host` and `zephyr`: there is no network then.
pub(crate) fn platform_network() -> Result<PlatformNetwork, Error> {
    #[cfg(any(feature = "host", feature = "zephyr"))]
    return Ok(PlatformNetwork::default());
    #[cfg(not(any(feature = "host", feature = "zephyr")))]
    return Err(Error::Connect(crate::transport::IoError::new(embedded_io::ErrorKind::Unsupported)));
}
