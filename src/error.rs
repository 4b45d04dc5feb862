// SPDX-License-Identifier: Apache-2.0
//! Everything that can go wrong, as one enum.

use core::fmt;

use crate::proto::body::BodyError;
use crate::proto::chunked::ChunkError;
use crate::proto::framing::FramingError;
#[cfg(feature = "gzip")]
use crate::proto::inflate::InflateError;
use crate::proto::json::error::{JsonError, JsonFault};
use crate::proto::multipart::PartError;
use crate::proto::reader::ReaderFailed;
use crate::proto::request_head::{HeaderError, RequestError};
use crate::proto::response_head::HeadError;
use crate::proto::url::UrlError;
#[cfg(feature = "tls")]
use crate::tls::TlsError;
use crate::transport::{DnsError, IoError};

/// The step of a request in which it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Reading the URL, or the `Location` of a redirect.
    Url,
    /// Checking and preparing the request.
    Request,
    /// Looking up the host name.
    Dns,
    /// Connecting to the host.
    Connect,
    /// TLS handshake and certificate verification.
    Tls,
    /// Sending the request.
    Send,
    /// Waiting for the response and receiving it.
    Receive,
    /// Parsing the response's head.
    Parse,
    /// Decoding the response's body.
    Body,
    /// Following a redirect.
    Redirect,
    /// Checking the status code ([`Response::raise_for_status`](crate::Head::raise_for_status)).
    Status,
    /// Writing or reading JSON.
    Json,
    /// Decoding text.
    Text,
    /// Writing the content of a download to its sink.
    Sink,
}

impl Phase {
    /// The phase in one lower-case word, the same in every release.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Request => "request",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Send => "send",
            Self::Receive => "receive",
            Self::Parse => "parse",
            Self::Body => "body",
            Self::Redirect => "redirect",
            Self::Status => "status",
            Self::Json => "json",
            Self::Text => "text",
            Self::Sink => "sink",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a request failed, or why a response could not be read as asked.
///
/// [`Error::phase`] is the step, and the variant is the cause. After an error there is no partial
/// [`Response`](crate::Response). If a [`Stream`](crate::Stream) or a download fails, the pieces that were read,
/// or that the [`Sink`](crate::Sink) has, are not all of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    // Mistakes of the caller.
    /// The URL is not one that this client can fetch.
    InvalidUrl(UrlError),
    /// The method is not a token (RFC 9110 §9.1).
    InvalidMethod,
    /// A header that the caller added cannot be sent.
    InvalidHeader {
        /// What is wrong with it.
        cause: HeaderError,
        /// The index of the header among those that the caller added, from 0. Those of the session come first.
        index: usize,
    },
    /// More headers than `CONFIG_REQUESTS_MAX_HEADERS`.
    TooManyHeaders {
        /// The most headers that can be added to a request.
        limit: usize,
    },
    /// The user name or password contains a control character, the user name contains a colon (RFC 7617 §2), or the
    /// token is empty or contains other characters than visible ASCII.
    InvalidCredentials,
    /// More than one of `data`, `json`, `form`, `files` and `body` was given.
    ConflictingBody,
    /// A `Content-Length` or `Transfer-Encoding` that the caller added does not fit the body.
    ConflictingLength,
    /// The name or file name of a multipart part contains a control character other than tab, CR and LF, or its
    /// content type contains one other than tab.
    InvalidPart {
        /// The index of the part, from 0.
        index: usize,
    },
    /// The reader of a part failed, or ended before the announced length.
    PartReader {
        /// The index of the part, from 0.
        index: usize,
    },
    /// The reader of the body failed, or ended before the announced length.
    BodyReader,
    /// A redirect needs the body again, but the body came from a reader. Send the request to the final URL, or
    /// pass the body as a slice.
    BodyNotReplayable,
    /// The buffer is too small.
    BufferTooSmall {
        /// What did not fit:
        ///
        /// - `Url`: the URL, the URL of a redirect, or the answer to a Digest challenge;
        /// - `Json`: the JSON body of the request, or strings of the response that must be rewritten;
        /// - `Parse`: the head of the response;
        /// - `Body`: the body of the response, or a line of it;
        /// - `Text`: the text of the response, rewritten as UTF-8;
        /// - `Request`: credentials, in the [`auth_buffer`](crate::Session::auth_buffer) of a session.
        phase: Phase,
        /// The size in bytes that the whole buffer must have. If the peer has not announced a length, or the
        /// content is compressed, more may be needed.
        needed: usize,
    },

    // Failures of the network.
    /// The deadline of the request passed in this phase.
    Timeout {
        /// The step that was not finished.
        phase: Phase,
    },
    /// The request's [`CancelToken`](crate::CancelToken) was cancelled in this phase, or before the request.
    Cancelled {
        /// The step that was not finished.
        phase: Phase,
    },
    /// The host name could not be resolved to an address.
    Dns(DnsError),
    /// No connection to any address of the host was possible. This is the failure of the last attempt.
    Connect(IoError),
    /// The connection broke while the request was being sent, and no response had arrived.
    Send(IoError),
    /// The connection broke before the response was complete.
    Receive(IoError),
    /// There are no random bytes. A multipart body and Digest authentication need them.
    Random(IoError),

    // Failures of the server.
    /// The server closed the connection before the first byte of a response.
    EmptyResponse,
    /// The server closed the connection inside the response's head.
    TruncatedHead,
    /// The server closed the connection before the response's body was complete (RFC 9112 §8).
    TruncatedBody {
        /// The number of bytes of the body that have arrived.
        received: usize,
    },
    /// The response's head is not HTTP/1.x.
    InvalidHead(HeadError),
    /// The length of the body is not clear from the head (RFC 9112 §6.3).
    InvalidFraming(FramingError),
    /// The chunked body is malformed (RFC 9112 §7.1).
    InvalidChunk(ChunkError),
    /// The content has a `Content-Encoding` that the request did not ask for.
    UnsupportedCoding,
    /// The compressed content is damaged.
    #[cfg(feature = "gzip")]
    InvalidCompression(InflateError),
    /// The `Location` of a redirect is not a URL that this client can fetch.
    InvalidLocation(UrlError),
    /// More redirects than the request allows.
    TooManyRedirects {
        /// The most redirects that it allows.
        limit: u16,
    },
    /// A redirect from `https` to `http`, which would expose what TLS protects. See
    /// [`Request::allow_https_downgrade`](crate::Request::allow_https_downgrade).
    InsecureRedirect,
    /// The server was not trusted, or TLS failed. The inner error says why.
    #[cfg(feature = "tls")]
    Tls(TlsError),
    /// The URL, or the URL of a redirect, is `https`, which is not compiled in. Add the feature `tls` to the
    /// dependency in `Cargo.toml`, and on Zephyr `CONFIG_REQUESTS_TLS=y`.
    TlsNotSupported,
    /// The server answered a request for the rest of a file with something else: with a 206 or 416 whose
    /// `Content-Range` is missing, wrong, or of another version (RFC 9110 §14.4), or after a redirect to another
    /// URL. Nothing of this response was used.
    InvalidRange,
    /// The downloaded content does not have the expected SHA-256 digest. All of it is in the sink.
    Sha256Mismatch,
    /// The sink of a download failed. [`Unsupported`](embedded_io::ErrorKind::Unsupported): the download had to
    /// start again, and the sink cannot do that.
    Sink(embedded_io::ErrorKind),

    // Reading the response.
    /// [`Response::raise_for_status`](crate::Head::raise_for_status) found a 4xx or 5xx, or a download got a
    /// status other than success.
    Status(u16),
    /// JSON could not be written or read.
    Json {
        /// What is wrong.
        cause: JsonError,
        /// The position in the JSON in bytes, including a byte order mark. For [`Type`](JsonError::Type) it is
        /// the start of the value, or, if a field or an element is missing, of the object or array that lacks
        /// it. For [`NotFound`](JsonError::NotFound) it is the start of the last value that the pointer leads
        /// to. For [`Pointer`](JsonError::Pointer) it is 0.
        offset: usize,
    },
    /// The bytes are not text in the response's encoding.
    NotText {
        /// The offset in bytes of the first invalid byte.
        offset: usize,
    },
}

// Every `?` copies it.
const _: () = assert!(size_of::<Error>() <= MAX_SIZE);

/// The largest size of an error in bytes: on a 32-bit machine 12, and 8 without TLS.
const MAX_SIZE: usize = match (cfg!(feature = "tls"), cfg!(target_pointer_width = "32")) {
    (true, true) => 12,
    (true, false) => 24,
    (false, _) => 2 * size_of::<usize>(),
};

impl Error {
    /// The error for C, where a NUL follows the body.
    #[cfg(feature = "capi")]
    pub(crate) const fn counting_nul(self) -> Self {
        match self {
            Self::BufferTooSmall { phase: Phase::Body, needed } => {
                Self::BufferTooSmall { phase: Phase::Body, needed: needed.saturating_add(1) }
            }
            error => error,
        }
    }

    /// The step in which the request failed.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        match self {
            Self::InvalidUrl(_) => Phase::Url,
            Self::InvalidMethod
            | Self::InvalidHeader { .. }
            | Self::TooManyHeaders { .. }
            | Self::InvalidCredentials
            | Self::ConflictingBody
            | Self::ConflictingLength
            | Self::InvalidPart { .. }
            | Self::Random(_) => Phase::Request,
            Self::BufferTooSmall { phase, .. } | Self::Timeout { phase } | Self::Cancelled { phase } => {
                *phase
            }
            Self::Dns(_) => Phase::Dns,
            Self::Connect(_) => Phase::Connect,
            Self::Send(_) | Self::PartReader { .. } | Self::BodyReader => Phase::Send,
            Self::Receive(_) | Self::EmptyResponse => Phase::Receive,
            Self::TruncatedHead | Self::InvalidHead(_) | Self::InvalidFraming(_) | Self::InvalidRange => {
                Phase::Parse
            }
            Self::TruncatedBody { .. } | Self::InvalidChunk(_) | Self::Sha256Mismatch => Phase::Body,
            Self::UnsupportedCoding => Phase::Body,
            #[cfg(feature = "gzip")]
            Self::InvalidCompression(_) => Phase::Body,
            Self::Sink(_) => Phase::Sink,
            Self::InvalidLocation(_)
            | Self::TooManyRedirects { .. }
            | Self::InsecureRedirect
            | Self::BodyNotReplayable => Phase::Redirect,
            #[cfg(feature = "tls")]
            Self::Tls(_) => Phase::Tls,
            Self::TlsNotSupported => Phase::Tls,
            Self::Status(_) => Phase::Status,
            Self::Json { .. } => Phase::Json,
            Self::NotText { .. } => Phase::Text,
        }
    }

    /// The cause in a few lower-case words joined by hyphens, the same in every release.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::InvalidUrl(_) => "invalid-url",
            Self::InvalidMethod => "invalid-method",
            Self::InvalidHeader { .. } => "invalid-header",
            Self::TooManyHeaders { .. } => "too-many-headers",
            Self::InvalidCredentials => "invalid-credentials",
            Self::ConflictingBody => "conflicting-body",
            Self::ConflictingLength => "conflicting-length",
            Self::InvalidPart { .. } => "invalid-part",
            Self::PartReader { .. } => "part-reader",
            Self::BodyReader => "body-reader",
            Self::BodyNotReplayable => "body-not-replayable",
            Self::BufferTooSmall { .. } => "buffer-too-small",
            Self::Timeout { .. } => "timeout",
            Self::Cancelled { .. } => "cancelled",
            Self::Dns(DnsError::NotFound) => "host-not-found",
            Self::Dns(_) => "dns",
            Self::Connect(error) => match error.kind {
                embedded_io::ErrorKind::ConnectionRefused => "connection-refused",
                _ => "connect",
            },
            Self::Send(_) => "send",
            Self::Receive(_) => "receive",
            Self::Random(_) => "random",
            Self::EmptyResponse => "empty-response",
            Self::TruncatedHead => "truncated-head",
            Self::TruncatedBody { .. } => "truncated-body",
            Self::InvalidHead(_) => "invalid-head",
            Self::InvalidFraming(_) => "invalid-framing",
            Self::InvalidChunk(_) => "invalid-chunk",
            Self::UnsupportedCoding => "unsupported-coding",
            #[cfg(feature = "gzip")]
            Self::InvalidCompression(_) => "invalid-compression",
            Self::InvalidLocation(_) => "invalid-location",
            Self::TooManyRedirects { .. } => "too-many-redirects",
            Self::InsecureRedirect => "insecure-redirect",
            #[cfg(feature = "tls")]
            Self::Tls(cause) => cause.kind(),
            Self::TlsNotSupported => "tls-not-supported",
            Self::InvalidRange => "invalid-range",
            Self::Sha256Mismatch => "sha256-mismatch",
            Self::Sink(_) => "sink",
            Self::Status(_) => "status",
            Self::Json { .. } => "json",
            Self::NotText { .. } => "not-text",
        }
    }

    /// The sentence of `Display`, and if the server's certificate was refused, with the names or dates in it.
    ///
    /// `buffer` is the buffer of the request. A failed handshake has written the names to its start. If the
    /// buffer was used for something else since, the sentence is that of `Display`.
    ///
    /// ```
    /// # #[cfg(feature = "host")]
    /// # fn main() {
    /// fn report(buffer: &mut [u8]) -> Result<(), requests::Error> {
    ///     let response = requests::get("https://127.0.0.1:9/").send(buffer)?;
    ///     println!("{}", response.text()?);
    ///     Ok(())
    /// }
    ///
    /// let mut buffer = [0; 1024];
    /// if let Err(error) = report(&mut buffer) {
    ///     // TLS: certificate is not for this host but for a.example, b.example
    ///     eprintln!("{}", error.message(&buffer));
    /// }
    /// # }
    /// # #[cfg(not(feature = "host"))]
    /// # fn main() {}
    /// ```
    #[must_use]
    pub const fn message<'b>(&self, buffer: &'b [u8]) -> ErrorMessage<'b> {
        ErrorMessage { error: *self, buffer }
    }

    /// Converts a failure of the transport to `Timeout` or `Cancelled`, or else by `or`.
    pub(crate) fn from_io(error: IoError, phase: Phase, or: fn(IoError) -> Self) -> Self {
        match error.kind {
            embedded_io::ErrorKind::TimedOut => Self::Timeout { phase },
            embedded_io::ErrorKind::Interrupted => Self::Cancelled { phase },
            _ => or(error),
        }
    }
}

/// The sentence of an error, with the names and dates of a certificate: see [`Error::message`].
#[derive(Clone, Copy)]
pub struct ErrorMessage<'b> {
    error: Error,
    #[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "only TLS writes to it"))]
    buffer: &'b [u8],
}

impl fmt::Display for ErrorMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error {
            #[cfg(feature = "tls")]
            Error::Tls(cause) => write!(f, "TLS: {}", cause.message(self.buffer)),
            error => error.fmt(f),
        }
    }
}

impl fmt::Debug for ErrorMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The buffer may hold secrets.
        write!(f, "ErrorMessage({self})")
    }
}

/// For code that is generic over embedded-io, such as one that reads a [`Stream`](crate::Stream): `InvalidInput` is the
/// caller's mistake, `InvalidData` the server's. A request that was cancelled is `Other`, because `Interrupted` would say
/// that trying again is right.
impl embedded_io::Error for Error {
    fn kind(&self) -> embedded_io::ErrorKind {
        use embedded_io::ErrorKind;
        match self {
            Self::InvalidUrl(_)
            | Self::InvalidMethod
            | Self::InvalidHeader { .. }
            | Self::TooManyHeaders { .. }
            | Self::InvalidCredentials
            | Self::ConflictingBody
            | Self::ConflictingLength
            | Self::InvalidPart { .. } => ErrorKind::InvalidInput,
            Self::Timeout { .. } | Self::Dns(DnsError::TimedOut) => ErrorKind::TimedOut,
            Self::Connect(error) | Self::Send(error) | Self::Receive(error) | Self::Random(error) => {
                error.kind
            }
            Self::BufferTooSmall { .. } => ErrorKind::OutOfMemory,
            Self::EmptyResponse | Self::TruncatedHead | Self::TruncatedBody { .. } => {
                ErrorKind::ConnectionAborted
            }
            Self::InvalidHead(_)
            | Self::InvalidFraming(_)
            | Self::InvalidChunk(_)
            | Self::InvalidLocation(_)
            | Self::InvalidRange
            | Self::Sha256Mismatch
            | Self::NotText { .. } => ErrorKind::InvalidData,
            #[cfg(feature = "gzip")]
            Self::InvalidCompression(_) => ErrorKind::InvalidData,
            Self::UnsupportedCoding | Self::TlsNotSupported => ErrorKind::Unsupported,
            Self::Sink(kind) => *kind,
            _ => ErrorKind::Other,
        }
    }
}

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Method => Self::InvalidMethod,
            RequestError::Header { cause, index } => Self::InvalidHeader { cause, index },
            RequestError::Credentials => Self::InvalidCredentials,
            RequestError::Length => Self::ConflictingLength,
        }
    }
}

impl From<JsonFault> for Error {
    fn from(JsonFault { cause, offset }: JsonFault) -> Self {
        Self::Json { cause, offset }
    }
}

impl From<PartError> for Error {
    fn from(error: PartError) -> Self {
        match error {
            PartError::Invalid { index } => Self::InvalidPart { index },
            PartError::Reader { index } => Self::PartReader { index },
        }
    }
}

impl From<ReaderFailed> for Error {
    fn from(ReaderFailed: ReaderFailed) -> Self {
        Self::BodyReader
    }
}

impl From<BodyError> for Error {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Chunk(cause) => Self::InvalidChunk(cause),
            BodyError::Truncated { received } => Self::TruncatedBody { received },
        }
    }
}

/// One sentence, without the names and dates of a refused certificate, which [`Error::message`] adds.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidUrl(cause) => write!(f, "invalid URL: {cause}"),
            Self::InvalidMethod => f.write_str("the method is not a token"),
            Self::InvalidHeader { cause, index } => write!(f, "header {index}: {cause}"),
            Self::TooManyHeaders { limit } => {
                write!(f, "more than {limit} headers; raise CONFIG_REQUESTS_MAX_HEADERS")
            }
            Self::InvalidCredentials => {
                f.write_str("the credentials have a control character, a colon in the user name, or a token that is empty or not visible ASCII")
            }
            Self::ConflictingBody => {
                f.write_str("more than one of data, json, form, files and body was given")
            }
            Self::ConflictingLength => {
                f.write_str("the Content-Length or Transfer-Encoding given does not fit the body")
            }
            Self::InvalidPart { index } => {
                write!(f, "part {index} has a name, file name or content type with a control character")
            }
            Self::PartReader { index } => {
                write!(f, "the reader of part {index} failed or ended before the length announced for it")
            }
            Self::BodyReader => {
                f.write_str("the reader of the body failed or ended before the length announced for it")
            }
            Self::BodyNotReplayable => {
                f.write_str("the redirect needs the body again, which came from a reader")
            }
            Self::BufferTooSmall { phase, needed } => {
                write!(f, "the buffer is too small ({phase}): it needs at least {needed} bytes")
            }
            Self::Timeout { phase } => write!(f, "the request timed out ({phase})"),
            Self::Cancelled { phase } => write!(f, "the request was cancelled ({phase})"),
            Self::Dns(cause) => write!(f, "name look-up: {cause}"),
            Self::Connect(cause) => write!(f, "cannot connect: {cause}"),
            Self::Send(cause) => write!(f, "cannot send the request: {cause}"),
            Self::Receive(cause) => write!(f, "cannot receive the response: {cause}"),
            Self::Random(cause) => write!(f, "no random bytes: {cause}"),
            Self::EmptyResponse => f.write_str("the server closed the connection without a response"),
            Self::TruncatedHead => f.write_str("the server closed the connection inside the response head"),
            Self::TruncatedBody { received } => {
                write!(f, "the server closed the connection after {received} bytes of an incomplete body")
            }
            Self::InvalidHead(cause) => write!(f, "invalid response head: {cause}"),
            Self::InvalidFraming(cause) => write!(f, "invalid response framing: {cause}"),
            Self::InvalidChunk(cause) => write!(f, "invalid chunked body: {cause}"),
            Self::UnsupportedCoding => f.write_str("the content has an unsupported Content-Encoding"),
            #[cfg(feature = "gzip")]
            Self::InvalidCompression(cause) => write!(f, "invalid compressed content: {cause}"),
            Self::InvalidLocation(cause) => write!(f, "invalid Location: {cause}"),
            Self::TooManyRedirects { limit } => write!(f, "more than {limit} redirects"),
            Self::InsecureRedirect => f.write_str("refused a redirect from https to http"),
            #[cfg(feature = "tls")]
            Self::Tls(cause) => write!(f, "TLS: {cause}"),
            Self::TlsNotSupported => f.write_str(
                "https is not compiled in: see CONFIG_REQUESTS_TLS and the feature tls of the crate",
            ),
            Self::InvalidRange => f.write_str("the server sent a part of the file that was not asked for"),
            Self::Sha256Mismatch => f.write_str("the SHA-256 digest of the content is not the expected one"),
            Self::Sink(embedded_io::ErrorKind::Unsupported) => {
                f.write_str("the download must start again, which its sink cannot do")
            }
            Self::Sink(kind) => write!(f, "the sink of the download failed: {kind}"),
            Self::Status(code) => write!(f, "the server answered with status {code}"),
            Self::Json { cause, offset } => {
                write!(f, "JSON: {}", JsonFault { cause: *cause, offset: *offset })
            }
            Self::NotText { offset } => {
                write!(f, "byte {offset} is not text in the response's encoding")
            }
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::InvalidUrl(cause) | Self::InvalidLocation(cause) => Some(cause),
            Self::Dns(cause) => Some(cause),
            Self::Connect(cause) | Self::Send(cause) | Self::Receive(cause) | Self::Random(cause) => {
                Some(cause)
            }
            #[cfg(feature = "tls")]
            Self::Tls(cause) => Some(cause),
            Self::InvalidHead(cause) => Some(cause),
            Self::InvalidFraming(cause) => Some(cause),
            Self::InvalidChunk(cause) => Some(cause),
            #[cfg(feature = "gzip")]
            Self::InvalidCompression(cause) => Some(cause),
            Self::InvalidHeader { cause, .. } => Some(cause),
            Self::Json { cause, .. } => Some(cause),
            _ => None,
        }
    }
}
