// SPDX-License-Identifier: Apache-2.0
//! The data of a request and of the exchange that it starts.

#[cfg(not(feature = "gzip"))]
use core::marker::PhantomData;

use crate::Error;
use crate::client::connect::connector::{Connector, Persistence};
use crate::client::exchange::body::Body;
use crate::client::exchange::effective_url::Base;
use crate::client::exchange::retry::Retry;
use crate::client::exchange::send::{LISTEN, SendHooks, await_continue, send_chunked};
use crate::config::{MAX_HEADERS, MAX_REDIRECTS, TIMEOUT_MS};
use crate::proto::auth::Auth;
use crate::proto::body::BodyDecoder;
use crate::proto::form::FieldList;
use crate::proto::framing::Framing;
use crate::proto::header::HeaderFields;
#[cfg(feature = "gzip")]
use crate::proto::inflate::Inflater;
use crate::proto::persistence::CloseReason;
use crate::proto::reader::{BodyReader, ReaderBody};
use crate::proto::request_head::{CallerHeader, RangeRequest};
use crate::proto::response_head::ResponseHead;
#[cfg(feature = "tls")]
use crate::tls::TlsConfig;
use crate::transport::{CancelToken, Deadline};

/// The settings of a single request, or of a session for all its requests.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    pub auth: Auth<'a>,
    /// User name and password to answer Digest challenges with.
    #[cfg(feature = "digest-auth")]
    pub digest_auth: Option<(&'a str, &'a str)>,
    pub timeout_ms: u64,
    /// The longest wait while a body is sent, besides `timeout_ms`. For the reads of a streamed
    /// body it replaces `timeout_ms`.
    pub read_timeout_ms: Option<u64>,
    pub max_redirects: u16,
    pub allow_https_downgrade: bool,
    #[cfg(feature = "tls")]
    pub tls: TlsConfig<'a>,
    pub retry: Option<(Retry, Repeat)>,
}

impl Settings<'_> {
    pub const fn new() -> Self {
        Self {
            auth: Auth::None,
            #[cfg(feature = "digest-auth")]
            digest_auth: None,
            timeout_ms: TIMEOUT_MS,
            read_timeout_ms: None,
            max_redirects: MAX_REDIRECTS,
            allow_https_downgrade: false,
            #[cfg(feature = "tls")]
            tls: TlsConfig::new(),
            retry: None,
        }
    }
}

/// An empty list of headers.
// Not inlined where there may be many headers: the compiler would fill the whole list with zeros.
#[cfg_attr(feature = "std", inline(never))]
const fn no_headers<'a>() -> heapless::Vec<CallerHeader<'a>, MAX_HEADERS> {
    heapless::Vec::new()
}

/// A request: the data to send and its settings.
pub struct Parts<'a> {
    pub method: &'a str,
    pub url: &'a str,
    /// The base of a relative `url`.
    pub base: Option<Base<'a>>,
    pub params: Option<FieldList<'a>>,
    pub headers: heapless::Vec<CallerHeader<'a>, MAX_HEADERS>,
    /// The number of headers, at the start of `headers`, that come from the session. A header of
    /// the request's own replaces those of the same name.
    pub inherited_headers: usize,
    pub body: Body<'a>,
    pub send_hooks: SendHooks,
    /// Whether the credentials come from the session. Credentials in the URL take precedence over
    /// those.
    pub is_auth_inherited: bool,
    pub settings: Settings<'a>,
    /// The first invalid setting found while building.
    pub mistake: Option<Error>,
}

impl<'a> Parts<'a> {
    pub const fn new(method: &'a str, url: &'a str) -> Self {
        Self {
            method,
            url,
            base: None,
            params: None,
            headers: no_headers(),
            inherited_headers: 0,
            body: Body::NONE,
            send_hooks: SendHooks::NONE,
            is_auth_inherited: false,
            settings: Settings::new(),
            mistake: None,
        }
    }

    /// Adds a header.
    pub fn push_header(&mut self, header: CallerHeader<'a>) {
        self.drop_inherited(header.0);
        if self.headers.push(header).is_err() {
            self.mistake.get_or_insert(Error::TooManyHeaders { limit: MAX_HEADERS });
        }
    }

    /// Sets the body. A second one is a mistake.
    pub fn set_body(&mut self, body: Body<'a>) {
        if self.body.kind().is_some() {
            self.mistake.get_or_insert(Error::ConflictingBody);
        }
        self.body = body;
        self.send_hooks.listen = Some(&LISTEN);
    }

    /// Sets a body that is read while it is sent: `len` bytes, or if `len` is `None`, all in chunks.
    pub fn set_reader(&mut self, reader: &'a mut dyn BodyReader, len: Option<u64>) {
        if len.is_none() {
            self.set_chunked();
        }
        self.set_body(Body::reader(ReaderBody::new(reader, len)));
    }

    /// Sends the body in chunks.
    pub const fn set_chunked(&mut self) {
        self.send_hooks.chunked = Some(send_chunked);
    }

    /// Sends `Expect: 100-continue` before the body.
    pub const fn set_await_continue(&mut self) {
        self.send_hooks.await_continue = Some(await_continue);
    }

    /// Removes the session's headers called `name`.
    pub fn drop_inherited(&mut self, name: &str) {
        for index in (0..self.inherited_headers).rev() {
            if self.headers.get(index).is_some_and(|(other, _)| other.eq_ignore_ascii_case(name)) {
                self.headers.remove(index);
                self.inherited_headers -= 1;
            }
        }
    }

    /// Sets the credentials for Digest challenges.
    #[cfg(feature = "digest-auth")]
    pub fn set_digest_auth(&mut self, (user, password): (&'a str, &'a str)) {
        if [user, password].iter().any(|text| text.bytes().any(|byte| byte.is_ascii_control())) {
            self.mistake.get_or_insert(Error::InvalidCredentials);
        }
        self.settings.digest_auth = Some((user, password));
    }

    /// Replaces all other credentials, also the session's, by these for Digest.
    #[cfg(feature = "digest-auth")]
    pub fn replace_by_digest_auth(&mut self, credentials: (&'a str, &'a str)) {
        self.set_auth(Auth::None);
        self.set_digest_auth(credentials);
    }

    /// Replaces the credentials given before, and those of the session.
    pub fn set_auth(&mut self, auth: Auth<'a>) {
        self.drop_inherited("Authorization");
        self.settings.auth = auth;
        self.is_auth_inherited = false;
        #[cfg(feature = "digest-auth")]
        {
            self.settings.digest_auth = None;
        }
    }
}

/// The inflater for the content, if the caller wants decompression.
#[cfg(feature = "gzip")]
pub type OptionalInflater<'a> = Option<&'a mut Inflater>;
/// A placeholder without the feature `gzip`.
#[cfg(not(feature = "gzip"))]
pub type OptionalInflater<'a> = PhantomData<&'a ()>;

#[cfg(feature = "gzip")]
const NO_INFLATER: OptionalInflater<'static> = None;
#[cfg(not(feature = "gzip"))]
const NO_INFLATER: OptionalInflater<'static> = PhantomData;

/// What the caller lends to a request and its response still uses.
pub struct Resources<'c> {
    pub cancel_token: Option<&'c CancelToken>,
    pub inflater: OptionalInflater<'c>,
}

impl<'c> Resources<'c> {
    pub const NONE: Self = Self { cancel_token: None, inflater: NO_INFLATER };

    /// The deadline of a request that starts at `now`, with the cancel token. Both times are in
    /// milliseconds.
    pub const fn deadline(&self, now: u64, timeout_ms: u64) -> Deadline<'c> {
        Deadline::after(now, timeout_ms).with_token(self.cancel_token)
    }

    /// Whether there is an inflater.
    pub const fn inflates(&self) -> bool {
        #[cfg(feature = "gzip")]
        return self.inflater.is_some();
        #[cfg(not(feature = "gzip"))]
        return false;
    }

    /// Borrows the inflater.
    pub fn inflater(&mut self) -> OptionalInflater<'_> {
        #[cfg(feature = "gzip")]
        return self.inflater.as_deref_mut();
        #[cfg(not(feature = "gzip"))]
        return PhantomData;
    }
}

/// A running exchange.
pub struct Exchange<'x, 'a> {
    pub request: &'x Parts<'a>,
    pub connector: &'x mut (dyn Connector + 'x),
    /// When the whole exchange must be done.
    pub deadline: Deadline<'x>,
    /// The range of the file to ask for, if not the whole.
    pub rest: Option<RangeRequest<'x>>,
    pub inflater: OptionalInflater<'x>,
    /// Whether a connection was opened, so that something may have been sent.
    pub is_connected: bool,
    /// The last response whose head was received.
    pub response: PendingResponse,
}

impl<'x, 'a> Exchange<'x, 'a> {
    /// An exchange that must be done by `deadline`.
    pub fn new(
        request: &'x Parts<'a>,
        connector: &'x mut (dyn Connector + 'x),
        deadline: Deadline<'x>,
        inflater: OptionalInflater<'x>,
    ) -> Self {
        Self {
            request,
            connector,
            deadline,
            rest: None,
            inflater,
            is_connected: false,
            response: PendingResponse::default(),
        }
    }

    /// Ends a response whose body is not needed. If its connection can be used again, receives the
    /// rest of the body into `room`, the buffer behind the head.
    pub fn discard(&mut self, room: &mut [u8]) {
        let PendingResponse { persistence, decoder, filled, head, .. } = &mut self.response;
        let received = filled.saturating_sub(head.end);
        self.connector.discard(*persistence, decoder, room, received, self.deadline);
    }
}

/// The type of [`repeat`](super::attempts::repeat), which repeats attempts until one counts. Only
/// programs that set a [`Retry`] link it.
pub type Repeat = fn(&Retry, &mut Exchange<'_, '_>, &mut [u8], Finish) -> Result<usize, Error>;

/// Receives the content, if it is wanted, and returns the index in the buffer where it ends.
pub type Finish = fn(&mut Exchange<'_, '_>, &mut [u8]) -> Result<usize, Error>;

/// A response whose head has been received. The head is at the start of the buffer.
pub struct PendingResponse {
    pub head: ResponseHead,
    /// Length in bytes of the effective URL, which is at the end of the buffer.
    pub url_len: usize,
    /// The number of bytes received: the head and what follows it.
    pub filled: usize,
    pub redirects: u16,
    pub decoder: BodyDecoder,
    pub persistence: Persistence,
}

impl Default for PendingResponse {
    fn default() -> Self {
        Self {
            head: ResponseHead::default(),
            url_len: 0,
            filled: 0,
            redirects: 0,
            decoder: BodyDecoder::new(Framing::None),
            persistence: Err(CloseReason::NotKept),
        }
    }
}

impl PendingResponse {
    /// The header fields. `buffer` is the one that holds the head.
    // Not inlined: several places call it, so this takes less flash.
    #[inline(never)]
    pub fn header_fields<'b>(&self, buffer: &'b [u8]) -> HeaderFields<'b> {
        HeaderFields::new(buffer.get(self.head.headers.clone()).unwrap_or_default())
    }
}
