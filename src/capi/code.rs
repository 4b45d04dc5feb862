// SPDX-License-Identifier: Apache-2.0
//! The numbers of errors, `enum requests_error` of the header.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use crate::error::{Error, Phase};
use crate::proto::json::error::JsonError;
use crate::sys::c::Misuse;
#[cfg(feature = "tls")]
use crate::sys::c::border::Border;
use crate::sys::c::pointer::{Out, Text};
#[cfg(feature = "tls")]
use crate::tls::TlsError;
use crate::transport::DnsError;

macro_rules! codes {
    ($($code:ident = $number:literal $name:literal $sentence:literal;)+) => {
        /// What a function of the header returns for an error. The numbers are permanent: append, never
        /// renumber, never give one that was taken out to another error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(dead_code, reason = "not every build has all of them")]
        #[repr(i32)]
        pub enum Code {
            $($code = $number,)+
        }

        /// All of them: number, name, sentence.
        static TABLE: &[(i16, &CStr, &CStr)] = &[$(($number, $name, $sentence),)+];
    };
}

// In the order of the header. A name is that of the enum's constant, in lower case and with hyphens; where a Rust
// error has this number, it is its `kind`.
codes! {
    Null = -1001 c"null" c"a pointer is NULL that must not be";
    Unaligned = -1002 c"unaligned" c"a pointer is not aligned to what it points to";
    Length = -1003 c"length" c"a length that no memory has, or a list without a length";
    Unterminated = -1004 c"unterminated" c"a text has no NUL within REQUESTS_TEXT_MAX bytes";
    NotUtf8 = -1005 c"not-utf8" c"a text is not UTF-8";
    Overlap = -1006 c"overlap" c"what is to be read lies in the buffer that is written to";
    Number = -1007 c"number" c"a number stands for nothing";
    Busy = -1008 c"busy" c"the object is in use by another call or by a stream";
    Closed = -1009 c"closed" c"the object was not opened, or is closed, or was moved";
    Open = -1010 c"open" c"the object is open already";
    NotBuiltIn = -1011 c"not-built-in" c"what was asked for is not built in";
    InvalidUrl = -1101 c"invalid-url" c"the URL is not one that this client can fetch";
    InvalidMethod = -1102 c"invalid-method" c"the method is not a token";
    InvalidHeader = -1103 c"invalid-header" c"a header has a name that is no token, or a value with a control character";
    TooManyHeaders = -1104 c"too-many-headers" c"more headers than CONFIG_REQUESTS_MAX_HEADERS";
    InvalidCredentials = -1105 c"invalid-credentials" c"the credentials have a control character, or a colon in the user name";
    ConflictingBody = -1106 c"conflicting-body" c"more than one of data, json, form, files and body was given";
    ConflictingLength = -1107 c"conflicting-length" c"the Content-Length or Transfer-Encoding given does not fit the body";
    InvalidPart = -1108 c"invalid-part" c"a part has a name, file name or content type with a control character";
    PartReader = -1109 c"part-reader" c"the reader of a part failed or ended before the length announced for it";
    BodyReader = -1110 c"body-reader" c"the reader of the body failed or ended before the length announced for it";
    BodyNotReplayable = -1111 c"body-not-replayable" c"a redirect needs the body again, which came from a reader";
    BufferTooSmall = -1112 c"buffer-too-small" c"the buffer is too small";
    Timeout = -1201 c"timeout" c"the request timed out";
    Cancelled = -1202 c"cancelled" c"the request was cancelled";
    HostNotFound = -1203 c"host-not-found" c"name look-up: no such host";
    Dns = -1204 c"dns" c"name look-up failed";
    ConnectionRefused = -1205 c"connection-refused" c"cannot connect: connection refused";
    Connect = -1206 c"connect" c"cannot connect";
    Send = -1207 c"send" c"cannot send the request";
    Receive = -1208 c"receive" c"cannot receive the response";
    Random = -1209 c"random" c"no random bytes";
    EmptyResponse = -1301 c"empty-response" c"the server closed the connection without a response";
    TruncatedHead = -1302 c"truncated-head" c"the server closed the connection inside the response head";
    TruncatedBody = -1303 c"truncated-body" c"the server closed the connection inside the body";
    InvalidHead = -1304 c"invalid-head" c"invalid response head";
    InvalidFraming = -1305 c"invalid-framing" c"invalid response framing";
    InvalidChunk = -1306 c"invalid-chunk" c"invalid chunked body";
    UnsupportedCoding = -1307 c"unsupported-coding" c"the content has an unsupported Content-Encoding";
    InvalidCompression = -1308 c"invalid-compression" c"invalid compressed content";
    InvalidLocation = -1309 c"invalid-location" c"the Location of a redirect is not a URL that this client can fetch";
    TooManyRedirects = -1310 c"too-many-redirects" c"more redirects than allowed";
    InsecureRedirect = -1311 c"insecure-redirect" c"refused a redirect from https to http";
    InvalidRange = -1312 c"invalid-range" c"the server sent a part of the file that was not asked for";
    Sha256Mismatch = -1313 c"sha256-mismatch" c"the SHA-256 digest of the content is not the expected one";
    Status = -1401 c"status" c"the server answered with a status that says there is nothing to download";
    NotText = -1402 c"not-text" c"the bytes are not text";
    Json = -1403 c"json" c"JSON: not well-formed, or nested too deeply";
    JsonType = -1404 c"json-type" c"JSON: the value does not have the type asked for";
    JsonNotFound = -1405 c"json-not-found" c"JSON: nothing at this pointer";
    JsonPointer = -1406 c"json-pointer" c"JSON: not a JSON Pointer";
    Sink = -1407 c"sink" c"the sink of the download failed, or cannot start anew";
    HeaderNotFound = -1408 c"header-not-found" c"the response has no such header";
    TlsNotSupported = -1501 c"tls-not-supported" c"https is not compiled in";
    NoRoots = -1502 c"no-roots" c"TLS: no roots to verify a server with";
    InvalidRoots = -1503 c"invalid-roots" c"TLS: the roots hold no certificate in DER or PEM";
    MissingCredential = -1504 c"missing-credential" c"TLS: nothing is registered under a security tag";
    IncompleteIdentity = -1505 c"incomplete-identity" c"TLS: a security tag has a certificate without its key, or the reverse";
    UnreadableCredential = -1506 c"unreadable-credential" c"TLS: the credentials of a security tag cannot be had";
    UnsupportedSetting = -1507 c"unsupported-setting" c"TLS: secure sockets cannot do what a setting asks for";
    HandshakeFailed = -1508 c"handshake-failed" c"TLS: the handshake by a secure socket failed";
    InvalidServerName = -1509 c"invalid-server-name" c"TLS: the host is no name that a certificate can be for";
    InvalidIdentity = -1510 c"invalid-identity" c"TLS: the client's certificate or key cannot be read";
    KeyMismatch = -1511 c"key-mismatch" c"TLS: the client's key does not belong to its certificate";
    Expired = -1512 c"expired" c"TLS: the certificate has expired";
    NotYetValid = -1513 c"not-yet-valid" c"TLS: the certificate is not valid yet, or the clock is wrong";
    ClockNotSet = -1514 c"clock-not-set" c"TLS: this machine does not know the date";
    UnknownIssuer = -1515 c"unknown-issuer" c"TLS: the certificate is of an unknown authority";
    SelfSigned = -1516 c"self-signed" c"TLS: the server signed its certificate itself";
    BadSignature = -1517 c"bad-signature" c"TLS: the certificate's signature is wrong";
    NotAnAuthority = -1518 c"not-an-authority" c"TLS: the issuer may not sign certificates";
    PathLength = -1519 c"path-length" c"TLS: more authorities than one of them allows";
    TooManyCertificates = -1520 c"too-many-certificates" c"TLS: the server sent too many certificates";
    HostMismatch = -1521 c"host-mismatch" c"TLS: the certificate is for other hosts";
    NoAlternativeNames = -1522 c"no-alternative-names" c"TLS: the certificate names no host";
    PinMismatch = -1523 c"pin-mismatch" c"TLS: no key of the chain has a pin";
    WeakCertificate = -1524 c"weak-certificate" c"TLS: the key or signature is not secure any more";
    NotForServers = -1525 c"not-for-servers" c"TLS: the certificate is not one of a TLS server";
    NameConstraints = -1526 c"name-constraints" c"TLS: an authority may not vouch for a name in the certificate";
    CriticalExtension = -1527 c"critical-extension" c"TLS: the certificate has a critical extension that is not understood";
    InvalidCertificate = -1528 c"invalid-certificate" c"TLS: the certificate cannot be read or is unsound";
    AlertReceived = -1529 c"alert-received" c"TLS: the peer ended the connection with an alert";
    AlertSent = -1530 c"alert-sent" c"TLS: what the peer sent was answered with an alert";
    UnsupportedVersion = -1531 c"unsupported-version" c"TLS: no version in common";
    MissingFeature = -1532 c"missing-feature" c"TLS: mbedTLS was built without what this connection needs";
    Protocol = -1533 c"protocol" c"TLS: what the peer sent is not TLS";
    TooLarge = -1534 c"too-large" c"TLS: a message is too large; see CONFIG_REQUESTS_TLS_IN_CONTENT_LEN";
    PeerClosed = -1535 c"peer-closed" c"TLS: the peer closed the connection during the handshake";
    Truncated = -1536 c"truncated" c"TLS: the connection was closed without saying that all was sent";
    TimedOut = -1537 c"timed-out" c"TLS: timed out";
    TlsCancelled = -1538 c"tls-cancelled" c"TLS: cancelled";
    Io = -1539 c"io" c"TLS: the connection below failed";
    OutOfMemory = -1540 c"out-of-memory" c"out of memory; see CONFIG_MBEDTLS_HEAP_SIZE";
    NoRandom = -1541 c"no-random" c"TLS: no random bytes";
    Internal = -1542 c"internal" c"TLS: this program and its mbedTLS disagree";
    SessionsMalformed = -1543 c"sessions-malformed" c"these are not exported TLS sessions, or not all of them";
    SessionsOtherBuild = -1544 c"sessions-other-build" c"these TLS sessions were exported by another build of the program";
}

impl Code {
    /// What the function returns.
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

fn find(code: c_int) -> Option<&'static (i16, &'static CStr, &'static CStr)> {
    TABLE.iter().find(|(number, ..)| c_int::from(*number) == code)
}

/// The sentence for the number of an error.
pub fn sentence(code: c_int) -> &'static CStr {
    match find(code) {
        Some((_, _, sentence)) => sentence,
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
        let border = Border::new();
        let parsed = border.text(text).and_then(|text| {
            border.out(pin)?;
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
    find(code).map_or(ptr::null(), |(_, name, _)| name.as_ptr())
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

    /// What the enum of the header has for a name.
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
        let expected: Vec<_> = TABLE.iter().map(|(number, name, _)| (constant(name), *number)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_documentation_has_the_same_numbers() {
        let page = read("docs/c.md");
        for (number, name, sentence) in TABLE {
            let row = format!("| {number} | `{}` | {} |", constant(name), sentence.to_str().unwrap());
            assert!(page.lines().any(|line| line == row), "{row}");
        }
    }

    #[test]
    fn numbers_and_names_are_given_once() {
        let numbers: BTreeSet<_> = TABLE.iter().map(|(number, ..)| number).collect();
        let names: BTreeSet<_> = TABLE.iter().map(|(_, name, _)| name).collect();
        assert_eq!((numbers.len(), names.len()), (TABLE.len(), TABLE.len()));
    }

    /// Numbers are permanent: these were given to programs that are in the field.
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
            let (_, name, _) = find(Code::from(&error).number()).unwrap();
            assert_eq!(name.to_str(), Ok(error.kind()));
        }
    }
}
