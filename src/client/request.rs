// SPDX-License-Identifier: Apache-2.0
//! What the caller asks for.

use core::time::Duration;

use crate::Error;
use crate::client::direct::Direct;
use crate::client::send::{self, AwaitContinue, SendAndListen, SendChunked};
use crate::config::{MAX_HEADERS, MAX_REDIRECTS, TIMEOUT_MS};
use crate::proto::auth::Auth;
use crate::proto::form::Fields;
use crate::proto::json::ToJson;
use crate::proto::multipart::{Multipart, Part};
use crate::proto::reader::{BodyReader, ReaderBody};
use crate::proto::request_head::CallerHeader;
#[cfg(feature = "tls")]
use crate::tls::TlsConfig;

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
pub struct Request<'a, V = Direct<'static>> {
    pub(super) parts: Parts<'a>,
    pub(super) via: V,
}

/// What a request says, and how it is to be treated.
pub(super) struct Parts<'a> {
    pub method: &'a str,
    pub url: &'a str,
    /// What a relative `url` is relative to.
    pub base_url: Option<&'a str>,
    pub params: Option<Fields<'a>>,
    pub headers: heapless::Vec<CallerHeader<'a>, MAX_HEADERS>,
    /// How many of the headers, the first ones, are the session's: one of the request's own stands in place of those
    /// of the same name.
    pub inherited_headers: usize,
    pub body: Body<'a>,
    /// The code that sends the body in chunks, if it is to be.
    pub chunked: Option<SendChunked>,
    /// The code that sends while it listens for an early answer, for requests with a body.
    pub send_and_listen: Option<SendAndListen>,
    /// The code that waits until the server wants the body, if it is asked.
    pub await_continue: Option<AwaitContinue>,
    pub auth: Auth<'a>,
    /// Whether `auth` is the session's, which gives way to what the URL has.
    pub is_auth_inherited: bool,
    pub timeout_ms: u64,
    /// How long each read of a streamed body may take, where that is not the rest of `timeout_ms`.
    pub read_timeout_ms: Option<u64>,
    pub max_redirects: u16,
    pub allow_https_downgrade: bool,
    /// User name and password for a server that challenges.
    #[cfg(feature = "digest-auth")]
    pub digest_auth: Option<(&'a str, &'a str)>,
    #[cfg(feature = "tls")]
    pub tls: TlsConfig<'a>,
    /// The first mistake made while building.
    pub mistake: Option<Error>,
}

/// What a request carries.
pub(super) enum Body<'a> {
    None,
    Data(&'a [u8]),
    Json(&'a dyn ToJson),
    Form(Fields<'a>),
    Files(Multipart<'a, 'a>),
    Reader(ReaderBody<'a>),
}

impl Body<'_> {
    /// Whether it can be sent once more.
    pub fn is_replayable(&self) -> bool {
        match self {
            Self::Files(parts) => parts.is_replayable(),
            Self::Reader(reader) => reader.is_replayable(),
            _ => true,
        }
    }
}

/// Shows no header, no credentials and no URL, which can hold secrets too.
impl<V> core::fmt::Debug for Request<'_, V> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.parts.method)
            .field("headers", &self.parts.headers.len())
            .field("body", &self.parts.body)
            .field("timeout_ms", &self.parts.timeout_ms)
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
            Self::Reader(_) => "Reader(..)",
        })
    }
}

/// Starts a request with any method (RFC 9110 §9.1), which is sent in upper case.
pub const fn request<'a>(method: &'a str, url: &'a str) -> Request<'a> {
    Request { parts: Parts::new(method, url), via: Direct::new() }
}

impl<'a> Parts<'a> {
    pub const fn new(method: &'a str, url: &'a str) -> Self {
        Self {
            method,
            url,
            base_url: None,
            params: None,
            headers: heapless::Vec::new(),
            inherited_headers: 0,
            body: Body::None,
            chunked: None,
            send_and_listen: None,
            await_continue: None,
            auth: Auth::None,
            is_auth_inherited: false,
            timeout_ms: TIMEOUT_MS,
            read_timeout_ms: None,
            max_redirects: MAX_REDIRECTS,
            allow_https_downgrade: false,
            #[cfg(feature = "digest-auth")]
            digest_auth: None,
            #[cfg(feature = "tls")]
            tls: TlsConfig::new(),
            mistake: None,
        }
    }
}

impl Parts<'_> {
    /// Drops the session's headers called `name`.
    fn drop_inherited(&mut self, name: &str) {
        for index in (0..self.inherited_headers).rev() {
            if self.headers.get(index).is_some_and(|(other, _)| other.eq_ignore_ascii_case(name)) {
                self.headers.remove(index);
                self.inherited_headers -= 1;
            }
        }
    }
}

impl<'a, V> Request<'a, V> {
    /// Adds fields to the URL's query, percent-encoded. A second call replaces the first.
    pub const fn params(mut self, params: &'a [(&'a str, &'a str)]) -> Self {
        self.parts.params = Some(Fields::new(params));
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
        self.parts.drop_inherited(header.0);
        if self.parts.headers.push(header).is_err() {
            self.parts.mistake.get_or_insert(Error::TooManyHeaders { limit: MAX_HEADERS });
        }
        self
    }

    /// Sends these bytes as the body.
    pub fn data(self, data: &'a [u8]) -> Self {
        self.set_body(Body::Data(data))
    }

    /// Sends `value` as JSON, with `Content-Type: application/json`. It is serialised in the buffer given to
    /// [`send`](Self::send), which has to hold all of it besides the URL. Sending fails with
    /// [`JsonError::Unsupported`](crate::JsonError::Unsupported) for a number that is not finite: a reading that is lost
    /// must not look like one that was not made.
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
    /// In names and file names `"`, CR and LF are sent as `%22`, `%0D` and `%0A`, and all else as it is, as browsers do
    /// (WHATWG HTML §4.10.21.8), but for a backslash at the end, which is sent as `%5C`: many servers read `\"` as a
    /// quotation mark in the name. Sending fails with [`Error::InvalidPart`] for a name or file name with another control
    /// character but the tab, and for a content type with any but the tab.
    pub fn files(self, parts: &'a [Part<'a>]) -> Self {
        self.set_body(Body::Files(Multipart::new(parts)))
    }

    /// Sends a body that is read while it is sent, from anything that implements [`embedded_io::Read`]: exactly `len`
    /// bytes, or all there is, in chunks (RFC 9112 §7.1), where `len` is `None`.
    ///
    /// It can be sent once: a redirect that keeps the body ends in [`Error::BodyNotReplayable`]. A reader that fails,
    /// or ends before `len`, ends the request with [`Error::BodyReader`]; bytes beyond `len` stay unread.
    pub fn body(mut self, reader: &'a mut dyn BodyReader, len: Option<u64>) -> Self {
        if len.is_none() {
            self = self.chunked();
        }
        self.set_body(Body::Reader(ReaderBody::new(reader, len)))
    }

    /// Has the server agree before it is sent the body, by `Expect: 100-continue` (RFC 9110 §10.1.1), so that a large
    /// body is not sent in vain. A server that says nothing for a second is sent it anyway.
    pub const fn expect_continue(mut self) -> Self {
        self.parts.await_continue = Some(send::await_continue);
        self
    }

    /// Sends the body, if there is one, by `Transfer-Encoding: chunked` in place of `Content-Length`.
    pub const fn chunked(mut self) -> Self {
        self.parts.chunked = Some(send::send_chunked);
        self
    }

    fn set_body(mut self, body: Body<'a>) -> Self {
        if !matches!(self.parts.body, Body::None) {
            self.parts.mistake.get_or_insert(Error::ConflictingBody);
        }
        self.parts.body = body;
        self.parts.send_and_listen = Some(send::send_and_listen);
        self
    }

    /// Authenticates by `(user name, password)` with the Basic scheme (RFC 7617), in UTF-8. This takes precedence
    /// over user name and password in the URL.
    ///
    /// Sending fails with [`Error::InvalidCredentials`] for a control character, or a colon in the user name.
    pub fn auth(self, (user, password): (&'a str, &'a str)) -> Self {
        self.set_auth(Auth::basic(user, password))
    }

    /// Authenticates with a token (RFC 6750).
    ///
    /// Sending fails with [`Error::InvalidCredentials`] for a token that is empty or has a space or a character
    /// that is not ASCII.
    pub fn bearer_auth(self, token: &'a str) -> Self {
        self.set_auth(Auth::Bearer(token))
    }

    /// Has these credentials in place of all that were given before, or that the session has.
    pub(super) fn set_auth(mut self, auth: Auth<'a>) -> Self {
        self.parts.drop_inherited("Authorization");
        self.parts.auth = auth;
        self.parts.is_auth_inherited = false;
        #[cfg(feature = "digest-auth")]
        {
            self.parts.digest_auth = None;
        }
        self
    }

    /// Bounds the request as a whole, redirects included: name look-up, connecting, sending and receiving. The
    /// default is `CONFIG_REQUESTS_TIMEOUT_MS`, 30 seconds. Fractions of a millisecond are rounded up.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.parts.timeout_ms = milliseconds(timeout);
        self
    }

    /// Gives each read of a streamed body this much time, in place of what is left of the
    /// [`timeout`](Self::timeout), which then bounds the request until the head of the response is there. For
    /// streams that have no end, and for downloads of unknown size.
    pub const fn read_timeout(mut self, timeout: Duration) -> Self {
        self.parts.read_timeout_ms = Some(milliseconds(timeout));
        self
    }

    /// Follows at most `limit` redirects; one more ends the request with [`Error::TooManyRedirects`]. With 0 none
    /// is followed and the redirect itself is the response. The default is `CONFIG_REQUESTS_MAX_REDIRECTS`, 10.
    pub const fn redirects(mut self, limit: u16) -> Self {
        self.parts.max_redirects = limit;
        self
    }

    /// Follows redirects from `https` to `http` too, which give away what TLS protects.
    pub const fn allow_https_downgrade(mut self) -> Self {
        self.parts.allow_https_downgrade = true;
        self
    }

    /// Asks for content that an [`Inflater`](crate::Inflater) can decompress.
    #[cfg(feature = "gzip")]
    pub(super) fn accept_compressed(self) -> Self {
        self.header("Accept-Encoding", "gzip, deflate")
    }

    /// Says whom to trust with `https`, and how to identify to the server. The default, [`TlsConfig::new`], verifies
    /// against the built-in roots.
    #[cfg(feature = "tls")]
    pub const fn tls(mut self, config: TlsConfig<'a>) -> Self {
        self.parts.tls = config;
        self
    }
}

/// `timeout` in milliseconds, fractions rounded up.
pub(super) const fn milliseconds(timeout: Duration) -> u64 {
    let fraction = timeout.subsec_nanos().div_ceil(1_000_000) as u64;
    timeout.as_secs().saturating_mul(1000).saturating_add(fraction)
}
