// SPDX-License-Identifier: Apache-2.0
//! What each error of the protocol code says, and that what is printed for debugging has no secrets. Programs show these
//! sentences, and people search for them.

use embedded_io::ErrorKind;
use requests::proto::auth::Auth;
use requests::proto::body::BodyError;
use requests::proto::json::error::{JsonFault, ReadError};
use requests::proto::json::reader::ValueError;
use requests::proto::json::writer::Unsupported;
use requests::proto::multipart::PartError;
use requests::proto::reader::{ReaderBody, ReaderFailed};
use requests::proto::request_head::RequestError;
use requests::{
    ChunkError, CloseReason, DnsError, FramingError, HeadError, HeaderError, IoError, JsonError, Part,
    UrlError,
};

macro_rules! say {
    ($($name:ident { $($error:expr => $text:literal,)+ })+) => {$(
        #[test]
        fn $name() {
            $(assert_eq!($error.to_string(), $text);)+
        }
    )+};
}

say! {
    url_errors {
    UrlError::Scheme => "it must start with http:// or https://",
    UrlError::ControlCharacter => "it has a control character",
    UrlError::NoHost => "it names no host",
    UrlError::InvalidHost => "the host is too long, or has a character that no host name has",
    UrlError::InvalidAddress => "the host is not a valid IP address",
    UrlError::InvalidPort => "the port is not a number from 0 to 65535",
    UrlError::Ambiguous => "there are several that differ",
    }

    head_errors {
    HeadError::NotHttp1 => "it does not start with HTTP/1.",
    HeadError::StatusLine => "malformed status line",
    HeadError::FieldName => "malformed Content-Length or Transfer-Encoding line",
    HeadError::ControlCharacter => "control character in a header",
    HeadError::Fold => "white space before the first header",
    HeadError::TooLarge => "larger than CONFIG_REQUESTS_MAX_RESPONSE_HEAD",
    }

    framing_errors {
    FramingError::ContentLength => "Content-Length is not a valid number",
    FramingError::ConflictingContentLength => "conflicting Content-Length fields",
    FramingError::TransferEncoding => "unsupported Transfer-Encoding",
    }

    chunk_errors {
    ChunkError::Size => "malformed chunk size",
    ChunkError::Extension => "malformed chunk extension",
    ChunkError::LineEnd => "CR LF is missing",
    ChunkError::Trailer => "malformed trailer field",
    }

    body_errors {
    BodyError::Chunk(ChunkError::Size) => "malformed chunk size",
    BodyError::Truncated { received: 5 } => "it ended after 5 bytes",
    ReaderFailed => "the reader failed or ended before the length announced for it",
    PartError::Invalid { index: 2 } => "part 2 has a control character in its head",
    PartError::Reader { index: 0 } => "the reader of part 0 failed",
    }

    request_errors {
    HeaderError::Name => "the name is not a token",
    HeaderError::Value => "the value has a control character",
    HeaderError::SecondHost => "this is a second Host",
    HeaderError::OfDownload => "a download sends this header itself",
    RequestError::Method => "the method is not a token",
    RequestError::Header { cause: HeaderError::Name, index: 3 } => "header 3: the name is not a token",
    RequestError::Credentials => "the credentials do not fit into a header",
    RequestError::Length => "the length given does not fit the body",
    }

    json_errors {
    JsonError::Syntax => "not well-formed",
    JsonError::UnexpectedEnd => "unexpected end",
    JsonError::Escape => "invalid escape in a string",
    JsonError::TrailingData => "something follows the value",
    JsonError::TooDeep => "nested too deeply; see CONFIG_REQUESTS_MAX_JSON_DEPTH",
    JsonError::Type => "a value does not have the type asked for",
    JsonError::Pointer => "not a JSON Pointer",
    JsonError::NotFound => "nothing at this pointer",
    JsonError::Unsupported => "the value cannot be written as JSON",
    JsonFault { cause: JsonError::Type, offset: 7 } => "a value does not have the type asked for (byte 7)",
    JsonFault { cause: JsonError::Pointer, offset: 0 } => "not a JSON Pointer",
    ReadError::Json(JsonFault { cause: JsonError::Escape, offset: 1 }) => "invalid escape in a string (byte 1)",
    ReadError::ScratchTooSmall { needed: 1 } => "the strings with escapes are longer than the scratch",
    ValueError::Type => "a value does not have the type asked for",
    ValueError::ScratchTooSmall => "the strings with escapes are longer than the scratch",
    Unsupported => "the value cannot be written as JSON",
    }

    io_errors {
    IoError::new(ErrorKind::TimedOut) => "timed out",
    IoError::new(ErrorKind::Interrupted) => "cancelled",
    IoError::new(ErrorKind::ConnectionRefused) => "connection refused",
    IoError::new(ErrorKind::ConnectionReset) => "connection reset by peer",
    IoError::new(ErrorKind::ConnectionAborted) => "connection aborted",
    IoError::new(ErrorKind::NotConnected) => "not connected",
    IoError::new(ErrorKind::BrokenPipe) => "peer has closed the connection",
    IoError::new(ErrorKind::OutOfMemory) => "out of memory or sockets",
    IoError::new(ErrorKind::AddrNotAvailable) => "network or host unreachable",
    IoError::new(ErrorKind::PermissionDenied) => "permission denied",
    IoError::new(ErrorKind::Unsupported) => "not supported",
    IoError::new(ErrorKind::InvalidData) => "input/output error",
    DnsError::Cancelled => "cancelled",
    DnsError::TimedOut => "timed out",
    }

    close_reasons {
    CloseReason::ConnectionClose => "the server answered with Connection: close",
    CloseReason::RequestedClose => "the request had Connection: close",
    CloseReason::Http10 => "the server speaks HTTP/1.0 without keep-alive",
    CloseReason::UntilClose => "the response ended with the connection",
    CloseReason::AmbiguousFraming => "the response had contradictory framing",
    CloseReason::Upgrade => "the server changed to another protocol",
    CloseReason::RequestIncomplete => "the request was not sent to its end",
    CloseReason::ResponseIncomplete => "the response was not read to its end",
    CloseReason::ExcessBytes => "the server sent more than the response",
    CloseReason::Error => "the exchange failed",
    CloseReason::IdleLimit => "it was idle for too long",
    CloseReason::NotKept => "connections are not kept",
    }
}

#[cfg(feature = "gzip")]
#[test]
fn inflate_errors() {
    use requests::{InflateError, Inflater};

    for (error, text) in [
        (InflateError::Header, "it is not in the format announced"),
        (InflateError::Data, "the compressed data is damaged"),
        (InflateError::Checksum, "it does not match its checksum"),
        (InflateError::Length, "it does not have the length that it names"),
        (InflateError::Truncated, "it ends too early"),
        (InflateError::TrailingBytes, "there are bytes behind its end"),
    ] {
        assert_eq!(error.to_string(), text);
    }
    assert_eq!(format!("{:?}", Box::new(Inflater::new())), "Inflater { coding: Gzip, step: Start, .. }");
}

#[test]
fn nothing_secret_is_printed() {
    assert_eq!(format!("{:?}", Auth::None), "None");
    assert_eq!(format!("{:?}", Auth::basic("user", "password")), "Basic(..)");
    assert_eq!(format!("{:?}", Auth::Bearer("token")), "Bearer(..)");
    let text = format!("{:?}", Part::field("name", "secret"));
    assert!(text.contains("6 bytes") && !text.contains("secret"), "{text}");
    let mut reader = &b"secret"[..];
    let text = format!("{:?}", Part::reader("name", "file", &mut reader, 6));
    assert!(text.contains("reader of 6 bytes") && !text.contains("secret"), "{text}");
    let mut reader = &b"secret"[..];
    let body = ReaderBody::new(&mut reader, Some(0));
    assert!(body.is_empty());
    assert_eq!(format!("{body:?}"), "ReaderBody { len: Some(0), .. }");
}

#[cfg(feature = "cookies")]
#[test]
fn no_cookie_is_printed() {
    use requests::CookieJar;
    use requests::proto::url::Url;

    let mut jar = CookieJar::<[u8; 128]>::default();
    let url = Url::parse(b"http://example.org/").expect("a URL");
    assert!(jar.store(&url, b"name=secret", None, 0));
    let text = format!("{jar:?}");
    assert!(!text.contains("secret"), "{text}");
}

#[cfg(feature = "digest-auth")]
#[test]
fn no_nonce_and_no_password_is_printed() {
    use requests::proto::digest_auth::{Answer, KeptChallenge};

    let answer = Answer {
        user: b"user",
        password: b"secret",
        percent_encoded: false,
        method: "GET",
        uri: b"/",
        count: 1,
        client_nonce: b"nonce",
    };
    assert_eq!(format!("{answer:?}"), "Answer(..)");

    assert_eq!(format!("{:?}", KeptChallenge::default()), "KeptChallenge { count: 0, .. }");
}
