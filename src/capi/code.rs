// SPDX-License-Identifier: Apache-2.0
//! The numbers of errors, `enum requests_error` of the header.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use crate::error::{Error, Phase};
use crate::proto::json::error::JsonError;
use crate::sys::c::Misuse;
#[cfg(feature = "tls")]
use crate::sys::c::checks::PointerChecks;
use crate::sys::c::pointer::{Out, Text};
#[cfg(feature = "tls")]
use crate::tls::TlsError;
use crate::transport::DnsError;

macro_rules! codes {
    ($($code:ident = $number:literal $name:literal $sentence:literal;)+) => {
        /// What a function of the header returns for an error. The numbers are permanent: append, never
        /// renumber, and never use the number of a removed error again.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(dead_code, reason = "not every build has all of them")]
        #[repr(i32)]
        pub enum Code {
            $($code = $number,)+
        }

        /// The numbers of all errors.
        static NUMBERS: &[i16] = &[$($number,)+];

        const NAMES_TEXT: &str = concat!($($name, "\0"),+);
        /// Their names, each with a NUL behind it.
        static NAMES: [u8; NAMES_TEXT.len()] = *bytes(NAMES_TEXT);

        const SENTENCES_TEXT: &str = concat!($($sentence, "\0"),+);
        /// Their sentences, each with a NUL behind it.
        static SENTENCES: [u8; SENTENCES_TEXT.len()] = *bytes(SENTENCES_TEXT);
    };
}

/// The bytes of a text, whose length is `N`.
///
/// A program that uses none of the texts does not contain this static. Literals that end with NUL would be in every
/// program, because compilers collect them in one section to merge equal ones.
const fn bytes<const N: usize>(text: &str) -> &[u8; N] {
    match text.as_bytes().first_chunk() {
        Some(bytes) => bytes,
        None => panic!("the length is the text's"),
    }
}

// In the order of the header. A name is that of the enum's constant in lower case with hyphens. It is the `kind` of the
// Rust error with this number, if there is one.
codes! {
    Null = -1001 "null" "a pointer is NULL that must not be";
    Unaligned = -1002 "unaligned" "a pointer is not aligned to what it points to";
    Length = -1003 "length" "a length is larger than any memory, or a list has no length";
    Unterminated = -1004 "unterminated" "a text has no NUL within REQUESTS_TEXT_MAX bytes";
    NotUtf8 = -1005 "not-utf8" "a text is not UTF-8";
    Overlap = -1006 "overlap" "something to read is in the buffer that is written to";
    Number = -1007 "number" "a number has no meaning";
    Busy = -1008 "busy" "the object is in use by another call or by a stream";
    Closed = -1009 "closed" "the object was not opened, or is closed, or was moved";
    Open = -1010 "open" "the object is open already";
    NotBuiltIn = -1011 "not-built-in" "this build does not contain the feature";
    InvalidUrl = -1101 "invalid-url" "the URL is not one that this client can fetch";
    InvalidMethod = -1102 "invalid-method" "the method is not a token";
    InvalidHeader = -1103 "invalid-header" "a header has a name that is no token, or a value with a control character";
    TooManyHeaders = -1104 "too-many-headers" "more headers than CONFIG_REQUESTS_MAX_HEADERS";
    InvalidCredentials = -1105 "invalid-credentials" "the credentials have a control character, a colon in the user name, or a token that is empty or not visible ASCII; or they are of two kinds";
    ConflictingBody = -1106 "conflicting-body" "more than one of data, json, form, files and body was given";
    ConflictingLength = -1107 "conflicting-length" "the Content-Length or Transfer-Encoding given does not fit the body";
    InvalidPart = -1108 "invalid-part" "a part has a name, file name or content type with a control character";
    PartReader = -1109 "part-reader" "the reader of a part failed or ended before the length announced for it";
    BodyReader = -1110 "body-reader" "the reader of the body failed or ended before the length announced for it";
    BodyNotReplayable = -1111 "body-not-replayable" "a redirect needs the body again, which came from a reader";
    BufferTooSmall = -1112 "buffer-too-small" "the buffer is too small";
    Timeout = -1201 "timeout" "the request timed out";
    Cancelled = -1202 "cancelled" "the request was cancelled";
    HostNotFound = -1203 "host-not-found" "name look-up: no such host";
    Dns = -1204 "dns" "name look-up failed";
    ConnectionRefused = -1205 "connection-refused" "cannot connect: connection refused";
    Connect = -1206 "connect" "cannot connect";
    Send = -1207 "send" "cannot send the request";
    Receive = -1208 "receive" "cannot receive the response";
    Random = -1209 "random" "no random bytes";
    LinkDown = -1210 "link-down" "no network interface is up: no cable, or no Wi-Fi network joined";
    NoAddress = -1211 "no-address" "no network interface has an address: no answer by DHCP";
    EmptyResponse = -1301 "empty-response" "the server closed the connection without a response";
    TruncatedHead = -1302 "truncated-head" "the server closed the connection inside the response head";
    TruncatedBody = -1303 "truncated-body" "the server closed the connection inside the body";
    InvalidHead = -1304 "invalid-head" "invalid response head";
    InvalidFraming = -1305 "invalid-framing" "invalid response framing";
    InvalidChunk = -1306 "invalid-chunk" "invalid chunked body";
    UnsupportedCoding = -1307 "unsupported-coding" "the content has an unsupported Content-Encoding";
    InvalidCompression = -1308 "invalid-compression" "invalid compressed content";
    InvalidLocation = -1309 "invalid-location" "the Location of a redirect is not a URL that this client can fetch";
    TooManyRedirects = -1310 "too-many-redirects" "more redirects than allowed";
    InsecureRedirect = -1311 "insecure-redirect" "refused a redirect from https to http";
    InvalidRange = -1312 "invalid-range" "the server sent a part of the file that was not asked for";
    Sha256Mismatch = -1313 "sha256-mismatch" "the SHA-256 digest of the content is not the expected one";
    Status = -1401 "status" "the server answered with a status other than success";
    NotText = -1402 "not-text" "the bytes are not text";
    Json = -1403 "json" "JSON: not well-formed, or nested too deeply";
    JsonType = -1404 "json-type" "JSON: the value does not have the type asked for";
    JsonNotFound = -1405 "json-not-found" "JSON: nothing at this pointer";
    JsonPointer = -1406 "json-pointer" "JSON: not a JSON Pointer";
    Sink = -1407 "sink" "the sink of the download failed, or cannot start again";
    HeaderNotFound = -1408 "header-not-found" "the response has no such header";
    TlsNotSupported = -1501 "tls-not-supported" "https is not compiled in";
    NoRoots = -1502 "no-roots" "TLS: no roots to verify a server with";
    InvalidRoots = -1503 "invalid-roots" "TLS: the roots hold no certificate in DER or PEM";
    MissingCredential = -1504 "missing-credential" "TLS: nothing is registered under a security tag";
    IncompleteIdentity = -1505 "incomplete-identity" "TLS: a security tag has a certificate without its key, or the reverse";
    UnreadableCredential = -1506 "unreadable-credential" "TLS: the credentials of a security tag cannot be read";
    UnsupportedSetting = -1507 "unsupported-setting" "TLS: secure sockets cannot do what a setting asks for";
    HandshakeFailed = -1508 "handshake-failed" "TLS: the handshake by a secure socket failed";
    InvalidServerName = -1509 "invalid-server-name" "TLS: the host is not a name that a certificate can contain";
    InvalidIdentity = -1510 "invalid-identity" "TLS: the client's certificate or key cannot be read";
    KeyMismatch = -1511 "key-mismatch" "TLS: the client's key does not belong to its certificate";
    Expired = -1512 "expired" "TLS: the certificate has expired";
    NotYetValid = -1513 "not-yet-valid" "TLS: the certificate is not valid yet, or the clock is wrong";
    ClockNotSet = -1514 "clock-not-set" "TLS: this machine does not know the date";
    UnknownIssuer = -1515 "unknown-issuer" "TLS: the certificate is of an unknown authority";
    SelfSigned = -1516 "self-signed" "TLS: the server signed its certificate itself";
    BadSignature = -1517 "bad-signature" "TLS: the certificate's signature is wrong";
    NotAnAuthority = -1518 "not-an-authority" "TLS: the issuer may not sign certificates";
    PathLength = -1519 "path-length" "TLS: more authorities than one of them allows";
    TooManyCertificates = -1520 "too-many-certificates" "TLS: the server sent too many certificates";
    HostMismatch = -1521 "host-mismatch" "TLS: the certificate is for other hosts";
    NoAlternativeNames = -1522 "no-alternative-names" "TLS: the certificate names no host";
    PinMismatch = -1523 "pin-mismatch" "TLS: no key of the chain has a pin";
    WeakCertificate = -1524 "weak-certificate" "TLS: the key or signature is no longer secure";
    NotForServers = -1525 "not-for-servers" "TLS: the certificate is not one of a TLS server";
    NameConstraints = -1526 "name-constraints" "TLS: the name constraints of an authority exclude a name in the certificate";
    CriticalExtension = -1527 "critical-extension" "TLS: the certificate has a critical extension that is not understood";
    InvalidCertificate = -1528 "invalid-certificate" "TLS: the certificate cannot be read, or is not valid";
    AlertReceived = -1529 "alert-received" "TLS: the peer ended the connection with an alert";
    AlertSent = -1530 "alert-sent" "TLS: the client ended the connection with an alert";
    UnsupportedVersion = -1531 "unsupported-version" "TLS: no version in common";
    MissingFeature = -1532 "missing-feature" "TLS: mbedTLS was built without what this connection needs";
    Protocol = -1533 "protocol" "TLS: the peer's messages are not valid TLS";
    TooLarge = -1534 "too-large" "TLS: a message is too large; see CONFIG_REQUESTS_TLS_IN_CONTENT_LEN";
    PeerClosed = -1535 "peer-closed" "TLS: the peer closed the connection during the handshake";
    Truncated = -1536 "truncated" "TLS: the connection ended without a close_notify";
    TimedOut = -1537 "timed-out" "TLS: timed out";
    TlsCancelled = -1538 "tls-cancelled" "TLS: cancelled";
    Io = -1539 "io" "TLS: the connection below failed";
    OutOfMemory = -1540 "out-of-memory" "out of memory; see CONFIG_MBEDTLS_HEAP_SIZE";
    NoRandom = -1541 "no-random" "TLS: no random bytes";
    Internal = -1542 "internal" "TLS: this program does not match its mbedTLS";
    SessionsMalformed = -1543 "sessions-malformed" "these are not exported TLS sessions, or not all of them";
    SessionsOtherBuild = -1544 "sessions-other-build" "these TLS sessions were exported by another build of mbedTLS, or by another version of this client";
}

impl Code {
    /// The number that the function returns.
    pub const fn number(self) -> c_int {
        self as c_int
    }
}

impl From<Misuse> for Code {
    fn from(misuse: Misuse) -> Self {
        match misuse {
            Misuse::Null => Self::Null,
            Misuse::Unaligned => Self::Unaligned,
            Misuse::Length => Self::Length,
            Misuse::Unterminated => Self::Unterminated,
            Misuse::NotUtf8 => Self::NotUtf8,
            Misuse::Overlap => Self::Overlap,
            Misuse::Number => Self::Number,
            Misuse::Busy => Self::Busy,
            Misuse::Closed => Self::Closed,
            Misuse::Open => Self::Open,
        }
    }
}

impl From<JsonError> for Code {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::Syntax
            | JsonError::UnexpectedEnd
            | JsonError::Escape
            | JsonError::TrailingData
            | JsonError::TooDeep
            | JsonError::Unsupported => Self::Json,
            JsonError::Type => Self::JsonType,
            JsonError::Pointer => Self::JsonPointer,
            JsonError::NotFound => Self::JsonNotFound,
        }
    }
}

impl From<&Error> for Code {
    fn from(error: &Error) -> Self {
        match error {
            Error::InvalidUrl(_) => Self::InvalidUrl,
            Error::InvalidMethod => Self::InvalidMethod,
            Error::InvalidHeader { .. } => Self::InvalidHeader,
            Error::TooManyHeaders { .. } => Self::TooManyHeaders,
            Error::InvalidCredentials => Self::InvalidCredentials,
            Error::ConflictingBody => Self::ConflictingBody,
            Error::ConflictingLength => Self::ConflictingLength,
            Error::InvalidPart { .. } => Self::InvalidPart,
            Error::PartReader { .. } => Self::PartReader,
            Error::BodyReader => Self::BodyReader,
            Error::BodyNotReplayable => Self::BodyNotReplayable,
            Error::BufferTooSmall { .. } => Self::BufferTooSmall,
            Error::Timeout { .. } => Self::Timeout,
            Error::Cancelled { .. } => Self::Cancelled,
            Error::Dns(DnsError::NotFound) => Self::HostNotFound,
            Error::Dns(_) => Self::Dns,
            Error::Connect(error) if error.kind == embedded_io::ErrorKind::ConnectionRefused => {
                Self::ConnectionRefused
            }
            Error::Connect(_) => Self::Connect,
            Error::Send(_) => Self::Send,
            Error::Receive(_) => Self::Receive,
            Error::Random(_) => Self::Random,
            Error::EmptyResponse => Self::EmptyResponse,
            Error::TruncatedHead => Self::TruncatedHead,
            Error::TruncatedBody { .. } => Self::TruncatedBody,
            Error::InvalidHead(_) => Self::InvalidHead,
            Error::InvalidFraming(_) => Self::InvalidFraming,
            Error::InvalidChunk(_) => Self::InvalidChunk,
            Error::UnsupportedCoding => Self::UnsupportedCoding,
            #[cfg(feature = "gzip")]
            Error::InvalidCompression(_) => Self::InvalidCompression,
            Error::InvalidLocation(_) => Self::InvalidLocation,
            Error::TooManyRedirects { .. } => Self::TooManyRedirects,
            Error::InsecureRedirect => Self::InsecureRedirect,
            #[cfg(feature = "tls")]
            Error::Tls(error) => error.into(),
            Error::TlsNotSupported => Self::TlsNotSupported,
            Error::InvalidRange => Self::InvalidRange,
            Error::Sha256Mismatch => Self::Sha256Mismatch,
            Error::Sink(_) => Self::Sink,
            Error::Status(_) => Self::Status,
            Error::Json { cause, .. } => (*cause).into(),
            Error::NotText { .. } => Self::NotText,
        }
    }
}

#[cfg(feature = "tls")]
impl From<&TlsError> for Code {
    fn from(error: &TlsError) -> Self {
        match error {
            TlsError::NoRoots => Self::NoRoots,
            TlsError::InvalidRoots => Self::InvalidRoots,
            TlsError::MissingCredential { .. } => Self::MissingCredential,
            TlsError::IncompleteIdentity { .. } => Self::IncompleteIdentity,
            TlsError::UnreadableCredential { .. } => Self::UnreadableCredential,
            TlsError::UnsupportedSetting { .. } => Self::UnsupportedSetting,
            TlsError::HandshakeFailed(_) => Self::HandshakeFailed,
            TlsError::InvalidServerName => Self::InvalidServerName,
            TlsError::InvalidIdentity { .. } => Self::InvalidIdentity,
            TlsError::KeyMismatch { .. } => Self::KeyMismatch,
            TlsError::Expired { .. } => Self::Expired,
            TlsError::NotYetValid { .. } => Self::NotYetValid,
            TlsError::ClockNotSet => Self::ClockNotSet,
            TlsError::UnknownIssuer { .. } => Self::UnknownIssuer,
            TlsError::SelfSigned { .. } => Self::SelfSigned,
            TlsError::BadSignature { .. } => Self::BadSignature,
            TlsError::NotAnAuthority { .. } => Self::NotAnAuthority,
            TlsError::PathLength { .. } => Self::PathLength,
            TlsError::TooManyCertificates => Self::TooManyCertificates,
            TlsError::HostMismatch { .. } => Self::HostMismatch,
            TlsError::NoAlternativeNames { .. } => Self::NoAlternativeNames,
            TlsError::PinMismatch { .. } => Self::PinMismatch,
            TlsError::WeakCertificate { .. } => Self::WeakCertificate,
            TlsError::NotForServers { .. } => Self::NotForServers,
            TlsError::NameConstraints { .. } => Self::NameConstraints,
            TlsError::CriticalExtension { .. } => Self::CriticalExtension,
            TlsError::InvalidCertificate { .. } => Self::InvalidCertificate,
            TlsError::AlertReceived { .. } => Self::AlertReceived,
            TlsError::AlertSent { .. } => Self::AlertSent,
            TlsError::UnsupportedVersion { .. } => Self::UnsupportedVersion,
            TlsError::MissingFeature { .. } => Self::MissingFeature,
            TlsError::Protocol { .. } => Self::Protocol,
            TlsError::TooLarge { .. } => Self::TooLarge,
            TlsError::PeerClosed => Self::PeerClosed,
            TlsError::Truncated => Self::Truncated,
            TlsError::TimedOut => Self::TimedOut,
            TlsError::Cancelled => Self::TlsCancelled,
            TlsError::Io(_) => Self::Io,
            TlsError::OutOfMemory { .. } => Self::OutOfMemory,
            TlsError::NoRandom { .. } => Self::NoRandom,
            TlsError::Internal { .. } => Self::Internal,
        }
    }
}

/// The error with this number.
fn find(code: c_int) -> Option<usize> {
    NUMBERS.iter().position(|&number| c_int::from(number) == code)
}

/// The text with this index in `texts`, where each ends with NUL.
fn nth(texts: &'static [u8], index: usize) -> &'static CStr {
    let mut rest = texts;
    for _ in 0..index {
        let end = rest.iter().position(|&byte| byte == 0).unwrap_or(rest.len());
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    CStr::from_bytes_until_nul(rest).unwrap_or_default()
}

/// The sentence for the number of an error.
pub fn sentence(code: c_int) -> &'static CStr {
    match find(code) {
        Some(index) => nth(&SENTENCES, index),
        None if code >= 0 => c"no error",
        None => c"unknown error",
    }
}

/// `requests_pin_parse`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_pin_parse(text: Text<'_>, pin: Out<'_, [u8; 32]>) -> c_int {
    #[cfg(feature = "tls")]
    {
        let checks = PointerChecks::new();
        let parsed = checks.text(text).and_then(|text| {
            checks.out(pin)?;
            pin.write(text.parse::<crate::tls::Pin>().map_err(|_| Misuse::Number)?.0);
            Ok(())
        });
        parsed.map_or_else(|misuse| Code::from(misuse).number(), |()| 0)
    }
    #[cfg(not(feature = "tls"))]
    {
        let _ = (text, pin);
        Code::NotBuiltIn.number()
    }
}

/// `requests_strerror`: the sentence for the number of an error.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_strerror(code: c_int) -> *const c_char {
    sentence(code).as_ptr()
}

/// `requests_error_name`: the error in a few lower-case words joined by hyphens.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_error_name(code: c_int) -> *const c_char {
    find(code).map_or(ptr::null(), |index| nth(&NAMES, index).as_ptr())
}

/// The name of a phase for C.
pub const fn phase_name(phase: Phase) -> &'static CStr {
    match phase {
        Phase::Url => c"url",
        Phase::Request => c"request",
        Phase::Dns => c"dns",
        Phase::Connect => c"connect",
        Phase::Tls => c"tls",
        Phase::Send => c"send",
        Phase::Receive => c"receive",
        Phase::Parse => c"parse",
        Phase::Body => c"body",
        Phase::Redirect => c"redirect",
        Phase::Status => c"status",
        Phase::Json => c"json",
        Phase::Text => c"text",
        Phase::Sink => c"sink",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::proto::request_head::HeaderError;
    use crate::proto::url::UrlError;
    use crate::transport::IoError;

    fn read(path: &str) -> String {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
    }

    /// All errors: number, name, sentence.
    fn table() -> impl Iterator<Item = (i16, &'static CStr, &'static CStr)> {
        NUMBERS
            .iter()
            .enumerate()
            .map(|(index, &number)| (number, nth(&NAMES, index), nth(&SENTENCES, index)))
    }

    /// The name of the constant in the header.
    fn constant(name: &CStr) -> String {
        format!("REQUESTS_E_{}", name.to_str().unwrap().replace('-', "_").to_uppercase())
    }

    #[test]
    fn the_header_has_the_same_numbers() {
        let header = read("include/requests/requests.h");
        let found: Vec<_> = header
            .lines()
            .filter_map(|line| line.strip_prefix("\tREQUESTS_E_")?.strip_suffix(',')?.split_once(" = "))
            .map(|(name, number)| (format!("REQUESTS_E_{name}"), number.parse().unwrap()))
            .collect();
        let expected: Vec<_> = table().map(|(number, name, _)| (constant(name), number)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_documentation_has_the_same_numbers() {
        let page = read("docs/c.md");
        for (number, name, sentence) in table() {
            let row = format!("| {number} | `{}` | {} |", constant(name), sentence.to_str().unwrap());
            assert!(page.lines().any(|line| line == row), "{row}");
        }
    }

    #[test]
    fn numbers_and_names_are_given_once() {
        let numbers: BTreeSet<_> = table().map(|(number, ..)| number).collect();
        let names: BTreeSet<_> = table().map(|(_, name, _)| name).collect();
        assert_eq!((numbers.len(), names.len()), (NUMBERS.len(), NUMBERS.len()));
        assert!(table().all(|(_, name, sentence)| !name.is_empty() && !sentence.is_empty()));
    }

    /// Numbers are permanent, because programs in the field contain them.
    #[test]
    fn numbers_stay() {
        assert_eq!(Code::Null.number(), -1001);
        assert_eq!(Code::InvalidUrl.number(), -1101);
        assert_eq!(Code::Timeout.number(), -1201);
        assert_eq!(Code::EmptyResponse.number(), -1301);
        assert_eq!(Code::Status.number(), -1401);
        assert_eq!(Code::TlsNotSupported.number(), -1501);
        assert_eq!(Code::SessionsOtherBuild.number(), -1544);
    }

    #[test]
    fn names_are_the_kinds_of_errors() {
        let io = IoError::new(embedded_io::ErrorKind::Other);
        for error in [
            Error::InvalidUrl(UrlError::Scheme),
            Error::InvalidMethod,
            Error::InvalidHeader { cause: HeaderError::Name, index: 0 },
            Error::TooManyHeaders { limit: 1 },
            Error::InvalidCredentials,
            Error::ConflictingBody,
            Error::ConflictingLength,
            Error::InvalidPart { index: 0 },
            Error::PartReader { index: 0 },
            Error::BodyReader,
            Error::BodyNotReplayable,
            Error::BufferTooSmall { phase: Phase::Body, needed: 1 },
            Error::Timeout { phase: Phase::Body },
            Error::Cancelled { phase: Phase::Body },
            Error::Dns(DnsError::NotFound),
            Error::Dns(DnsError::Failed(-2)),
            Error::Connect(IoError::new(embedded_io::ErrorKind::ConnectionRefused)),
            Error::Connect(io),
            Error::Send(io),
            Error::Receive(io),
            Error::Random(io),
            Error::EmptyResponse,
            Error::TruncatedHead,
            Error::TruncatedBody { received: 0 },
            Error::UnsupportedCoding,
            Error::InvalidLocation(UrlError::Scheme),
            Error::TooManyRedirects { limit: 1 },
            Error::InsecureRedirect,
            Error::TlsNotSupported,
            Error::InvalidRange,
            Error::Sha256Mismatch,
            Error::Sink(embedded_io::ErrorKind::Other),
            Error::Status(404),
            Error::Json { cause: JsonError::Syntax, offset: 0 },
            Error::NotText { offset: 0 },
            #[cfg(feature = "tls")]
            Error::Tls(TlsError::NoRoots),
            #[cfg(feature = "tls")]
            Error::Tls(TlsError::PeerClosed),
            #[cfg(feature = "tls")]
            Error::Tls(TlsError::OutOfMemory { code: 0 }),
        ] {
            let index = find(Code::from(&error).number()).unwrap();
            assert_eq!(nth(&NAMES, index).to_str(), Ok(error.kind()));
        }
    }
}
