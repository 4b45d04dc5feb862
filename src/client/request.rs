// SPDX-License-Identifier: Apache-2.0
//! What the caller asks for.

use core::time::Duration;

use crate::Error;
use crate::client::exchange;
use crate::client::response::Response;
use crate::client::send::{self, SendChunked};
use crate::config::{MAX_HEADERS, MAX_REDIRECTS, TIMEOUT_MS};
use crate::proto::auth::Auth;
use crate::proto::form::Fields;
use crate::proto::json::ToJson;
use crate::proto::multipart::{Multipart, Part};
use crate::proto::request_head::CallerHeader;
#[cfg(feature = "tls")]
use crate::tls::TlsConfig;
use crate::transport::{CancelToken, Network};

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
#[must_use = "a request does nothing until it is sent"]
pub struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) params: Option<Fields<'a>>,
    pub(super) headers: heapless::Vec<CallerHeader<'a>, MAX_HEADERS>,
    pub(super) body: Body<'a>,
    /// The code that sends the body in chunks, if it is to be.
    pub(super) chunked: Option<SendChunked>,
    pub(super) auth: Auth<'a>,
    pub(super) timeout_ms: u64,
    pub(super) cancel_token: Option<&'a CancelToken>,
    pub(super) max_redirects: u16,
    pub(super) allow_https_downgrade: bool,
    #[cfg(feature = "tls")]
    pub(super) tls: TlsConfig<'a>,
    /// The first mistake made while building.
    pub(super) mistake: Option<Error>,
}

/// What a request carries.
pub(super) enum Body<'a> {
    None,
    Data(&'a [u8]),
    Json(&'a dyn ToJson),
    Form(Fields<'a>),
    Files(Multipart<'a, 'a>),
}

/// Shows no header, no credentials and no URL, which can hold secrets too.
impl core::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("headers", &self.headers.len())
            .field("body", &self.body)
            .field("timeout_ms", &self.timeout_ms)
            .finish_non_exhaustive()
    }
}

impl core::fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Data(_) => "Data(..)",
            Self::Json(_) => "Json(..)",
            Self::Form(_) => "Form(..)",
            Self::Files(_) => "Files(..)",
        })
    }
}

/// Starts a request with any method (RFC 9110 §9.1), which is sent in upper case.
pub const fn request<'a>(method: &'a str, url: &'a str) -> Request<'a> {
    Request {
        method,
        url,
        params: None,
        headers: heapless::Vec::new(),
        body: Body::None,
        chunked: None,
        auth: Auth::None,
        timeout_ms: TIMEOUT_MS,
        cancel_token: None,
        max_redirects: MAX_REDIRECTS,
        allow_https_downgrade: false,
        #[cfg(feature = "tls")]
        tls: TlsConfig::new(),
        mistake: None,
    }
}

impl<'a> Request<'a> {
    /// Adds fields to the URL's query, percent-encoded. A second call replaces the first.
    pub const fn params(mut self, params: &'a [(&'a str, &'a str)]) -> Self {
        self.params = Some(Fields::new(params));
        self
    }

    /// Adds a header. It stands in place of a default header of the same name (`Host`, `User-Agent`, `Accept`,
    /// `Accept-Encoding`, `Connection`, `Content-Type`, and `Authorization`, which [`auth`](Self::auth) or the
    /// URL gives); headers of the caller's own with the same name are all sent.
    ///
    /// A `Content-Length` must be the body's, and `Transfer-Encoding` cannot be set: see [`chunked`](Self::chunked).
    ///
    /// Sending fails with [`Error::InvalidHeader`] for a name that is not a token or a value with CR, LF, NUL or
    /// another control character, and with [`Error::TooManyHeaders`] for more than
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
        if self.headers.push(header).is_err() {
            self.mistake.get_or_insert(Error::TooManyHeaders { limit: MAX_HEADERS });
        }
        self
    }

    /// Sends these bytes as the body.
    pub fn data(self, data: &'a [u8]) -> Self {
        self.set_body(Body::Data(data))
    }

    /// Sends `value` as JSON, with `Content-Type: application/json`. It is serialised in the buffer given to
    /// [`send`](Self::send), which has to hold all of it besides the URL.
    pub fn json<T: serde::Serialize>(self, value: &'a T) -> Self {
        self.set_body(Body::Json(value))
    }

    /// Sends fields as a form, with `Content-Type: application/x-www-form-urlencoded`.
    pub fn form(self, fields: &'a [(&'a str, &'a str)]) -> Self {
        self.set_body(Body::Form(Fields::new(fields)))
    }

    /// Sends files and plain fields as `multipart/form-data` (RFC 7578). They are streamed from where they are,
    /// so their size does not matter; the `Content-Length` is exact.
    ///
    /// Sending fails with [`Error::InvalidPart`] for a name, file name or content type with a control character.
    pub fn files(self, parts: &'a [Part<'a>]) -> Self {
        self.set_body(Body::Files(Multipart::new(parts)))
    }

    /// Sends the body, if there is one, by `Transfer-Encoding: chunked` in place of `Content-Length`.
    pub const fn chunked(mut self) -> Self {
        self.chunked = Some(send::send_chunked);
        self
    }

    fn set_body(mut self, body: Body<'a>) -> Self {
        if !matches!(self.body, Body::None) {
            self.mistake.get_or_insert(Error::ConflictingBody);
        }
        self.body = body;
        self
    }

    /// Authenticates by `(user name, password)` with the Basic scheme (RFC 7617), in UTF-8. This takes precedence
    /// over user name and password in the URL.
    ///
    /// Sending fails with [`Error::InvalidCredentials`] for a control character, or a colon in the user name.
    pub const fn auth(mut self, (user, password): (&'a str, &'a str)) -> Self {
        self.auth =
            Auth::Basic { user: user.as_bytes(), password: password.as_bytes(), percent_encoded: false };
        self
    }

    /// Authenticates with a token (RFC 6750).
    ///
    /// Sending fails with [`Error::InvalidCredentials`] for a token that is empty or has a space or a character
    /// that is not ASCII.
    pub const fn bearer_auth(mut self, token: &'a str) -> Self {
        self.auth = Auth::Bearer(token);
        self
    }

    /// Bounds the request as a whole, redirects included: name look-up, connecting, sending and receiving. The
    /// default is `CONFIG_REQUESTS_TIMEOUT_MS`, 30 seconds. Fractions of a millisecond are rounded up.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        let fraction = timeout.subsec_nanos().div_ceil(1_000_000) as u64;
        self.timeout_ms = timeout.as_secs().saturating_mul(1000).saturating_add(fraction);
        self
    }

    /// Ends with [`Error::Cancelled`] as soon as another thread cancels `token`, or at once if it is cancelled already.
    pub const fn cancel_token(mut self, token: &'a CancelToken) -> Self {
        self.cancel_token = Some(token);
        self
    }

    /// Follows at most `limit` redirects; one more ends the request with [`Error::TooManyRedirects`]. With 0 none
    /// is followed and the redirect itself is the response. The default is `CONFIG_REQUESTS_MAX_REDIRECTS`, 10.
    pub const fn redirects(mut self, limit: u16) -> Self {
        self.max_redirects = limit;
        self
    }

    /// Follows redirects from `https` to `http` too, which give away what TLS protects.
    pub const fn allow_https_downgrade(mut self) -> Self {
        self.allow_https_downgrade = true;
        self
    }

    /// Says whom to trust with `https`, and how to identify to the server. The default, [`TlsConfig::new`], verifies
    /// against the built-in roots.
    #[cfg(feature = "tls")]
    pub const fn tls(mut self, config: TlsConfig<'a>) -> Self {
        self.tls = config;
        self
    }

    /// Sends the request over the network of this platform and receives the whole response into `buffer`.
    ///
    /// The buffer, in bytes, has to hold the URL together with what is larger of the request's JSON body and the
    /// response's head and body. The rest of the request only passes through it.
    ///
    /// # Errors
    /// Every [`Error`] but those of reading a response. Whatever the server sent, there is no response then.
    #[cfg(any(feature = "host", feature = "zephyr"))]
    pub fn send<'b>(self, buffer: &'b mut [u8]) -> Result<Response<'b>, Error> {
        self.send_over(&mut crate::transport::PlatformNetwork::default(), buffer)
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
        exchange::run(&self, network, buffer)
    }
}
