// SPDX-License-Identifier: Apache-2.0
//! What programs and people see of each [`Error`]: phase, kind, embedded-io's kind, the sentence and its source.

use std::error::Error as _;

use embedded_io::ErrorKind;
use requests::{
    ChunkError, DnsError, Error, FramingError, HeadError, HeaderError, IoError, JsonError, Phase, UrlError,
};

#[track_caller]
fn check(error: Error, phase: Phase, kind: &str, io_kind: ErrorKind, sentence: &str, source: Option<&str>) {
    assert_eq!(error.phase(), phase, "{error:?}");
    assert_eq!(error.kind(), kind, "{error:?}");
    assert_eq!(embedded_io::Error::kind(&error), io_kind, "{error:?}");
    assert_eq!(error.to_string(), sentence);
    assert_eq!(error.source().map(ToString::to_string).as_deref(), source, "{error:?}");
    assert_eq!(error.message(b"anything").to_string(), sentence);
    assert_eq!(format!("{:?}", error.message(b"secret")), format!("ErrorMessage({sentence})"));
}

macro_rules! errors {
    ($($name:ident { $($error:expr => $phase:ident, $kind:literal, $io_kind:expr, $sentence:literal, $source:expr;)+ })+) => {$(
        #[test]
        fn $name() {
            $(check($error, Phase::$phase, $kind, $io_kind, $sentence, $source);)+
        }
    )+};
}

const RESET: IoError = IoError { kind: ErrorKind::ConnectionReset, errno: 104 };

errors! {
    of_the_caller {
    Error::InvalidUrl(UrlError::NoHost) => Url, "invalid-url", ErrorKind::InvalidInput,
        "invalid URL: it names no host", Some("it names no host");
    Error::InvalidMethod => Request, "invalid-method", ErrorKind::InvalidInput, "the method is not a token", None;
    Error::InvalidHeader { cause: HeaderError::Name, index: 2 } => Request, "invalid-header", ErrorKind::InvalidInput,
        "header 2: the name is not a token", Some("the name is not a token");
    Error::TooManyHeaders { limit: 16 } => Request, "too-many-headers", ErrorKind::InvalidInput,
        "more than 16 headers; raise CONFIG_REQUESTS_MAX_HEADERS", None;
    Error::InvalidCredentials => Request, "invalid-credentials", ErrorKind::InvalidInput,
        "the credentials have a control character, a colon in the user name, or a token that is empty or not visible ASCII", None;
    Error::ConflictingBody => Request, "conflicting-body", ErrorKind::InvalidInput,
        "more than one of data, json, form, files and body was given", None;
    Error::ConflictingLength => Request, "conflicting-length", ErrorKind::InvalidInput,
        "the Content-Length or Transfer-Encoding given does not fit the body", None;
    Error::InvalidPart { index: 1 } => Request, "invalid-part", ErrorKind::InvalidInput,
        "part 1 has a name, file name or content type with a control character", None;
    Error::PartReader { index: 1 } => Send, "part-reader", ErrorKind::Other,
        "the reader of part 1 failed or ended before the length announced for it", None;
    Error::BodyReader => Send, "body-reader", ErrorKind::Other,
        "the reader of the body failed or ended before the length announced for it", None;
    Error::BodyNotReplayable => Redirect, "body-not-replayable", ErrorKind::Other,
        "the redirect needs the body again, which came from a reader", None;
    Error::BufferTooSmall { phase: Phase::Body, needed: 300 } => Body, "buffer-too-small", ErrorKind::OutOfMemory,
        "the buffer is too small (body): it needs at least 300 bytes", None;
    }

    of_the_network {
    Error::Timeout { phase: Phase::Connect } => Connect, "timeout", ErrorKind::TimedOut,
        "the request timed out (connect)", None;
    Error::Cancelled { phase: Phase::Receive } => Receive, "cancelled", ErrorKind::Other,
        "the request was cancelled (receive)", None;
    Error::Dns(DnsError::NotFound) => Dns, "host-not-found", ErrorKind::Other,
        "name look-up: no such host", Some("no such host");
    Error::Dns(DnsError::TimedOut) => Dns, "dns", ErrorKind::TimedOut, "name look-up: timed out", Some("timed out");
    Error::Dns(DnsError::Failed(-3)) => Dns, "dns", ErrorKind::Other,
        "name look-up: look-up failed (code -3)", Some("look-up failed (code -3)");
    Error::Connect(IoError::new(ErrorKind::ConnectionRefused)) => Connect, "connection-refused",
        ErrorKind::ConnectionRefused, "cannot connect: connection refused", Some("connection refused");
    Error::Connect(IoError::new(ErrorKind::AddrNotAvailable)) => Connect, "connect", ErrorKind::AddrNotAvailable,
        "cannot connect: network or host unreachable", Some("network or host unreachable");
    Error::Send(RESET) => Send, "send", ErrorKind::ConnectionReset,
        "cannot send the request: connection reset by peer (errno 104)", Some("connection reset by peer (errno 104)");
    Error::Receive(RESET) => Receive, "receive", ErrorKind::ConnectionReset,
        "cannot receive the response: connection reset by peer (errno 104)",
        Some("connection reset by peer (errno 104)");
    Error::Random(IoError::new(ErrorKind::Other)) => Request, "random", ErrorKind::Other,
        "no random bytes: input/output error", Some("input/output error");
    }

    of_the_server {
    Error::EmptyResponse => Receive, "empty-response", ErrorKind::ConnectionAborted,
        "the server closed the connection without a response", None;
    Error::TruncatedHead => Parse, "truncated-head", ErrorKind::ConnectionAborted,
        "the server closed the connection inside the response head", None;
    Error::TruncatedBody { received: 5 } => Body, "truncated-body", ErrorKind::ConnectionAborted,
        "the server closed the connection after 5 bytes of an incomplete body", None;
    Error::InvalidHead(HeadError::StatusLine) => Parse, "invalid-head", ErrorKind::InvalidData,
        "invalid response head: malformed status line", Some("malformed status line");
    Error::InvalidFraming(FramingError::TransferEncoding) => Parse, "invalid-framing", ErrorKind::InvalidData,
        "invalid response framing: unsupported Transfer-Encoding", Some("unsupported Transfer-Encoding");
    Error::InvalidChunk(ChunkError::Size) => Body, "invalid-chunk", ErrorKind::InvalidData,
        "invalid chunked body: malformed chunk size", Some("malformed chunk size");
    Error::UnsupportedCoding => Body, "unsupported-coding", ErrorKind::Unsupported,
        "the content has an unsupported Content-Encoding", None;
    Error::InvalidLocation(UrlError::Scheme) => Redirect, "invalid-location", ErrorKind::InvalidData,
        "invalid Location: it must start with http:// or https://", Some("it must start with http:// or https://");
    Error::TooManyRedirects { limit: 10 } => Redirect, "too-many-redirects", ErrorKind::Other,
        "more than 10 redirects", None;
    Error::InsecureRedirect => Redirect, "insecure-redirect", ErrorKind::Other,
        "refused a redirect from https to http", None;
    Error::TlsNotSupported => Tls, "tls-not-supported", ErrorKind::Unsupported,
        "https is not compiled in: see CONFIG_REQUESTS_TLS and the feature tls of the crate", None;
    Error::InvalidRange => Parse, "invalid-range", ErrorKind::InvalidData,
        "the server sent a part of the file that was not asked for", None;
    }

    of_what_is_done_with_the_response {
    Error::Sha256Mismatch => Body, "sha256-mismatch", ErrorKind::InvalidData,
        "the SHA-256 digest of the content is not the expected one", None;
    Error::Sink(ErrorKind::Unsupported) => Sink, "sink", ErrorKind::Unsupported,
        "the download must start again, which its sink cannot do", None;
    Error::Sink(ErrorKind::OutOfMemory) => Sink, "sink", ErrorKind::OutOfMemory,
        "the sink of the download failed: OutOfMemory", None;
    Error::Status(404) => Status, "status", ErrorKind::Other, "the server answered with status 404", None;
    Error::Json { cause: JsonError::Type, offset: 7 } => Json, "json", ErrorKind::Other,
        "JSON: a value does not have the type asked for (byte 7)", Some("a value does not have the type asked for");
    Error::NotText { offset: 3 } => Text, "not-text", ErrorKind::InvalidData,
        "byte 3 is not text in the response's encoding", None;
    }
}

#[cfg(feature = "gzip")]
errors! {
    of_compressed_content {
    Error::InvalidCompression(requests::InflateError::Data) => Body, "invalid-compression", ErrorKind::InvalidData,
        "invalid compressed content: the compressed data is damaged", Some("the compressed data is damaged");
    }
}

#[cfg(feature = "tls")]
errors! {
    of_tls {
    Error::Tls(requests::TlsError::NoRoots) => Tls, "no-roots", ErrorKind::Other,
        "TLS: no root certificates: give some, or build the bundle in (CONFIG_REQUESTS_CA_BUNDLE)",
        Some("no root certificates: give some, or build the bundle in (CONFIG_REQUESTS_CA_BUNDLE)");
    }
}

#[test]
fn phases_are_named_in_one_word() {
    for (phase, name) in [
        (Phase::Url, "url"),
        (Phase::Request, "request"),
        (Phase::Dns, "dns"),
        (Phase::Connect, "connect"),
        (Phase::Tls, "tls"),
        (Phase::Send, "send"),
        (Phase::Receive, "receive"),
        (Phase::Parse, "parse"),
        (Phase::Body, "body"),
        (Phase::Redirect, "redirect"),
        (Phase::Status, "status"),
        (Phase::Json, "json"),
        (Phase::Text, "text"),
        (Phase::Sink, "sink"),
    ] {
        assert_eq!((phase.name(), phase.to_string()), (name, name.to_string()));
    }
}
