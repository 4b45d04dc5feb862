// SPDX-License-Identifier: Apache-2.0
//! The request line and header section of a request (RFC 9112 §3 and §5).

use core::fmt;

use crate::proto::auth::Auth;
use crate::proto::persistence::is_listed;
use crate::proto::resume::Rest;
use crate::proto::syntax::{is_field_value, is_one_of, is_token, parse_decimal, trim_ows};
use crate::proto::url::Url;
use crate::proto::write::{Decimal, Write};

/// The default `User-Agent`.
pub const USER_AGENT: &str = concat!("zephyr-requests/", env!("CARGO_PKG_VERSION"));

/// The default headers.
static DEFAULTS: [(&str, &str); 4] = [
    ("User-Agent", USER_AGENT),
    ("Accept", "*/*"),
    // Without this header, the server could use any coding (RFC 9110 §12.5.3), and none is decoded
    // by default.
    ("Accept-Encoding", "identity"),
    (CONNECTION, "close"),
];

/// HTTP/1.1 keeps connections unless this header says `close` (RFC 9112 §9.3).
const CONNECTION: &str = "Connection";

const CONTENT_TYPE: &str = "Content-Type";

/// The headers that are meant for the origin of the caller's URL only.
static ORIGIN_HEADERS: [&str; 4] = ["Authorization", "Cookie", "Proxy-Authorization", "Host"];

/// The headers that describe the body, besides `Content-…` (RFC 9110 §15.4, RFC 9530).
static BODY_HEADERS: [&str; 6] =
    ["Transfer-Encoding", "Trailer", "Expect", "Last-Modified", "Digest", "Repr-Digest"];

/// A caller's header: name and value. With `None`, the default header of this name is not sent.
pub type CallerHeader<'a> = (&'a str, Option<&'a str>);

/// What the head of a request says about its body.
#[derive(Debug, Clone, Copy)]
pub struct BodyHead<'a> {
    /// The media type, unless the caller sets `Content-Type`. Empty if the caller must set it.
    pub content_type: &'static str,
    /// The text behind the media type: the boundary of `multipart/form-data`. The caller does not
    /// know the boundary, so a `Content-Type` of the caller's is not sent.
    pub boundary: &'a [u8],
    /// The length in bytes.
    pub length: u64,
}

/// How the end of the body is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestFraming {
    /// There is no body.
    None,
    /// By `Content-Length`.
    Length(u64),
    /// By `Transfer-Encoding: chunked`.
    Chunked,
}

impl RequestFraming {
    /// Whether a caller's header agrees with this framing.
    fn allows(self, name: &str, value: &[u8]) -> bool {
        if name.eq_ignore_ascii_case("Content-Length") {
            let number = parse_decimal(trim_ows(value));
            return match self {
                Self::None => number == Some(0),
                Self::Length(length) => number == Some(length),
                Self::Chunked => false,
            };
        }
        !name.eq_ignore_ascii_case("Transfer-Encoding")
    }
}

/// Why a header of the caller's cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderError {
    /// Its name is not a token (RFC 9110 §5.6.2): it is empty, or has a space, a colon or another character
    /// that no name can have.
    Name,
    /// Its value has CR, LF, NUL or another control character (RFC 9110 §5.5).
    Value,
    /// It is a second `Host` (RFC 9112 §3.2).
    SecondHost,
    /// A download sends this header itself: `Range` or `If-Range`.
    OfDownload,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "the name is not a token",
            Self::Value => "the value has a control character",
            Self::SecondHost => "this is a second Host",
            Self::OfDownload => "a download sends this header itself",
        })
    }
}

impl core::error::Error for HeaderError {}

/// What is wrong with the head of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestError {
    /// The method is not a token (RFC 9110 §9.1).
    Method,
    /// A header cannot be sent.
    Header {
        /// What is wrong with it.
        cause: HeaderError,
        /// The index of the caller's header, from 0.
        index: usize,
    },
    /// An `Authorization` header cannot carry the credentials (RFC 7617 §2).
    Credentials,
    /// `Content-Length` or `Transfer-Encoding` does not describe the body.
    Length,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("the method is not a token"),
            Self::Header { cause, index } => write!(f, "header {index}: {cause}"),
            Self::Credentials => f.write_str("the credentials do not fit into a header"),
            Self::Length => f.write_str("the length given does not fit the body"),
        }
    }
}

impl core::error::Error for RequestError {}

/// The part of a file to ask for, with a pointer to the code that writes the fields for it.
pub type RangeRequest<'a> = (Rest<'a>, WriteRange);

/// The type of [`write_rest`](crate::proto::resume::write_rest). Only programs that download to a
/// sink link such code.
pub type WriteRange = fn(&Rest<'_>, &mut dyn Write);

/// The content of a request head.
#[derive(Debug)]
pub struct RequestHead<'a> {
    /// The method: any token. It is sent in upper case, as by Python's requests.
    pub method: &'a str,
    /// The caller's headers.
    pub headers: &'a [CallerHeader<'a>],
    /// The number of headers, at the start of `headers`, that come from the session.
    pub inherited_headers: usize,
    /// Whether the connection may be kept for further requests.
    pub keep_alive: bool,
    /// Whether to send `Expect: 100-continue` (RFC 9110 §10.1.1).
    pub expects_continue: bool,
    /// Credentials, unless the caller sets `Authorization`.
    pub auth: Auth<'a>,
    /// The part of a file to ask for, if not the whole.
    pub rest: Option<RangeRequest<'a>>,
    /// The body, if there is one.
    pub body: Option<BodyHead<'a>>,
    /// Whether the body is sent in chunks.
    pub chunked: bool,
    /// Whether a redirect leads to another origin than that of the caller's URL. If so, the headers
    /// for the first origin (`Authorization`, `Cookie`, `Host` and the like) are left out.
    pub cross_origin: bool,
    /// Whether the URL has another origin than the session's base URL. If so, the session's headers
    /// for that origin are left out.
    pub outside_base_origin: bool,
    /// Whether a redirect has removed the body. If so, the headers that describe it are left out.
    pub body_dropped: bool,
}

impl RequestHead<'_> {
    /// Checks the head, and returns how the end of the body is marked (RFC 9110 §5.5, §9.1; RFC
    /// 9112 §6.2).
    ///
    /// # Errors
    /// [`RequestError`] if the head would be invalid.
    // Not inlined: the code around it takes less flash with the registers to itself.
    #[inline(never)]
    pub fn framing(&self) -> Result<RequestFraming, RequestError> {
        if !is_token(self.method.as_bytes()) {
            return Err(RequestError::Method);
        }
        if !self.auth.is_valid() {
            return Err(RequestError::Credentials);
        }
        let framing = match self.body {
            Some(_) if self.chunked => RequestFraming::Chunked,
            Some(body) => RequestFraming::Length(body.length),
            // If the method gives content a meaning, a request without content says so (RFC 9110
            // §8.6).
            None if is_one_of(self.method.as_bytes(), &["POST", "PUT", "PATCH"]) => RequestFraming::Length(0),
            None => RequestFraming::None,
        };
        let mut hosts = 0;
        for (index, &(name, value)) in self.headers.iter().enumerate() {
            hosts += usize::from(name.eq_ignore_ascii_case("Host"));
            let text = value.unwrap_or_default().as_bytes();
            let cause = if !is_token(name.as_bytes()) {
                Some(HeaderError::Name)
            } else if !is_field_value(text) {
                Some(HeaderError::Value)
            } else if hosts > 1 {
                Some(HeaderError::SecondHost)
            } else {
                None
            };
            if let Some(cause) = cause {
                return Err(RequestError::Header { cause, index });
            }
            if value.is_some() && !self.is_left_out(index, name) && !framing.allows(name, text) {
                return Err(RequestError::Length);
            }
        }
        Ok(framing)
    }

    /// Writes the head of a request for `url`, and the empty line that ends it. `url` is an
    /// effective one (see [`Url::write_effective`]). The head must have passed
    /// [`framing`](Self::framing). `more` writes further header lines.
    pub fn write(
        &self,
        url: &Url<'_>,
        framing: RequestFraming,
        more: &dyn Fn(&mut dyn Write),
        out: &mut dyn Write,
    ) {
        for byte in self.method.bytes() {
            out.write(&[byte.to_ascii_uppercase()]);
        }
        out.write(b" ");
        out.write(url.target());
        out.write(b" HTTP/1.1\r\n");

        if !self.caller_sets("Host") {
            out.write(b"Host: ");
            url.write_host_port(out);
            out.write(b"\r\n");
        }
        for &(name, value) in &DEFAULTS {
            let is_said = self.caller_sets(name) || self.keep_alive && name == CONNECTION;
            if !is_said {
                write_line(out, name, value);
            }
        }
        if !self.cross_origin && !self.caller_sets("Authorization") {
            self.auth.write_header(out);
        }
        let (content_type, boundary) =
            self.body.map_or(("", &b""[..]), |body| (body.content_type, body.boundary));
        let multipart = !boundary.is_empty();
        if multipart || !content_type.is_empty() && !self.caller_sets(CONTENT_TYPE) {
            out.write(b"Content-Type: ");
            out.write(content_type.as_bytes());
            out.write(boundary);
            out.write(b"\r\n");
        }
        match framing {
            RequestFraming::None => {}
            RequestFraming::Length(length) => {
                out.write(b"Content-Length: ");
                out.write(Decimal::new(length).as_bytes());
                out.write(b"\r\n");
            }
            RequestFraming::Chunked => write_line(out, "Transfer-Encoding", "chunked"),
        }
        if self.expects_continue && !self.caller_sets("Expect") {
            write_line(out, "Expect", "100-continue");
        }
        if let Some((rest, write)) = &self.rest {
            write(rest, out);
        }
        more(out);
        for (name, value) in self.sent_headers() {
            // The caller's Content-Type could not contain the boundary.
            let said = name.eq_ignore_ascii_case("Content-Length")
                || multipart && name.eq_ignore_ascii_case(CONTENT_TYPE);
            if !said {
                write_line(out, name, value);
            }
        }
        out.write(b"\r\n");
    }

    /// Whether a header of the caller asks the server to close the connection (RFC 9112 §9.6).
    #[must_use]
    pub fn asks_to_close(&self) -> bool {
        self.sent_headers().any(|(name, value)| {
            name.eq_ignore_ascii_case(CONNECTION) && is_listed(value.as_bytes(), b"close")
        })
    }

    /// Whether a header of the caller replaces the client's header `name`.
    #[must_use]
    pub fn caller_sets(&self, name: &str) -> bool {
        let mut headers = self.headers.iter().enumerate();
        headers.any(|(index, (other, _))| other.eq_ignore_ascii_case(name) && !self.is_left_out(index, other))
    }

    /// The caller's headers that are sent.
    fn sent_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers
            .iter()
            .enumerate()
            .filter(|(index, (name, _))| !self.is_left_out(*index, name))
            .filter_map(|(_, &(name, value))| Some((name, value?)))
    }

    fn is_left_out(&self, index: usize, name: &str) -> bool {
        let is_elsewhere = self.cross_origin || self.outside_base_origin && index < self.inherited_headers;
        is_elsewhere && is_one_of(name.as_bytes(), &ORIGIN_HEADERS)
            || self.body_dropped && describes_body(name)
    }
}

/// Whether the method is idempotent: sending the request twice has the same effect as sending it
/// once (RFC 9110 §9.2.2).
#[must_use]
pub fn is_idempotent(method: &str) -> bool {
    is_one_of(method.as_bytes(), &["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"])
}

fn describes_body(name: &str) -> bool {
    let name = name.as_bytes();
    name.get(..8).is_some_and(|start| is_one_of(start, &["Content-"])) || is_one_of(name, &BODY_HEADERS)
}

fn write_line(out: &mut dyn Write, name: &str, value: &str) {
    out.write(name.as_bytes());
    out.write(b": ");
    out.write(value.as_bytes());
    out.write(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;

    const URL: Url<'_> = Url {
        scheme: crate::proto::url::Scheme::Http,
        userinfo: None,
        host: "h",
        port: Some(81),
        relative: b"/p?q#f",
    };

    fn head<'a>(method: &'a str, headers: &'a [CallerHeader<'a>]) -> RequestHead<'a> {
        RequestHead {
            method,
            headers,
            inherited_headers: 0,
            keep_alive: false,
            expects_continue: false,
            auth: Auth::None,
            rest: None,
            body: None,
            chunked: false,
            cross_origin: false,
            outside_base_origin: false,
            body_dropped: false,
        }
    }

    fn body(length: u64, content_type: &'static str) -> Option<BodyHead<'static>> {
        Some(BodyHead { content_type, boundary: b"", length })
    }

    fn text(head: &RequestHead<'_>) -> Result<String, RequestError> {
        let framing = head.framing()?;
        let mut room = [0; 1024];
        let mut out = SliceWriter::new(&mut room);
        head.write(&URL, framing, &|_| {}, &mut out);
        Ok(String::from_utf8(out.finish().unwrap().to_vec()).unwrap())
    }

    fn defaults() -> String {
        format!(
            "Host: h:81\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\nAccept-Encoding: identity\r\n\
             Connection: close\r\n"
        )
    }

    #[test]
    fn a_get_has_the_default_headers_and_no_fragment() {
        let expected = format!("GET /p?q HTTP/1.1\r\n{}\r\n", defaults());
        assert_eq!(text(&head("get", &[])), Ok(expected));
    }

    #[test]
    fn an_empty_post_put_or_patch_says_so() {
        for method in ["POST", "PUT", "PATCH"] {
            assert!(text(&head(method, &[])).unwrap().contains("\r\nContent-Length: 0\r\n"));
        }
        for method in ["GET", "HEAD", "DELETE", "OPTIONS", "IGLOO"] {
            assert!(!text(&head(method, &[])).unwrap().contains("Content-Length"));
        }
    }

    #[test]
    fn a_callers_header_replaces_a_default_one_in_any_case() {
        let headers = [("host", Some("other")), ("ACCEPT", Some("a/b")), ("user-agent", None)];
        let mut head = head("POST", &headers);
        head.body = body(2, "application/json");
        assert_eq!(
            text(&head).unwrap(),
            "POST /p?q HTTP/1.1\r\nAccept-Encoding: identity\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: 2\r\nhost: other\r\nACCEPT: a/b\r\n\r\n"
        );
    }

    #[test]
    fn a_connection_that_is_to_be_kept_is_not_closed() {
        let mut head = head("GET", &[]);
        head.keep_alive = true;
        assert!(!text(&head).unwrap().contains("Connection"));
        assert!(!head.asks_to_close());
        head.headers = &[("connection", Some("x, Close"))];
        assert!(text(&head).unwrap().contains("\r\nconnection: x, Close\r\n"));
        assert!(head.asks_to_close());
    }

    #[test]
    fn a_callers_authorization_replaces_the_credentials() {
        let headers = [("authorization", Some("Custom x"))];
        let mut head = head("GET", &headers);
        head.auth = Auth::Bearer("t");
        let text = text(&head).unwrap();
        assert!(text.contains("authorization: Custom x\r\n") && !text.contains("Bearer"));
    }

    #[test]
    fn another_origin_gets_no_secrets() {
        let headers = [
            ("Cookie", Some("c")),
            ("authorization", Some("a")),
            ("Proxy-Authorization", Some("p")),
            ("Host", Some("x")),
            ("X-Other", Some("o")),
        ];
        let mut head = head("GET", &headers);
        head.auth = Auth::Bearer("t");
        head.cross_origin = true;
        let expected = format!("GET /p?q HTTP/1.1\r\n{}X-Other: o\r\n\r\n", defaults());
        assert_eq!(text(&head), Ok(expected));
    }

    #[test]
    fn a_dropped_body_takes_its_headers_along() {
        let headers = [
            ("Content-Type", Some("a/b")),
            ("content-length", Some("5")),
            ("Transfer-Encoding", Some("chunked")),
            ("X-Other", Some("o")),
        ];
        let mut head = head("GET", &headers);
        head.body_dropped = true;
        let expected = format!("GET /p?q HTTP/1.1\r\n{}X-Other: o\r\n\r\n", defaults());
        assert_eq!(text(&head), Ok(expected));
    }

    #[test]
    fn a_callers_length_must_be_true() {
        for (headers, length, expected) in [
            (&[("Content-Length", Some("5"))][..], Some(5), Ok(RequestFraming::Length(5))),
            (&[("Content-Length", Some("4"))], Some(5), Err(RequestError::Length)),
            (&[("Content-Length", Some("x"))], Some(5), Err(RequestError::Length)),
            (&[("Content-Length", Some("5"))], None, Err(RequestError::Length)),
            (&[("Content-Length", Some("0"))], None, Ok(RequestFraming::None)),
            (&[("Transfer-Encoding", Some("chunked"))], Some(5), Err(RequestError::Length)),
        ] {
            let mut head = head("GET", headers);
            head.body = length.and_then(|length| body(length, ""));
            assert_eq!(head.framing(), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_chunked_body_has_no_length() {
        let mut head = head("POST", &[]);
        head.body = body(5, "");
        head.chunked = true;
        assert_eq!(head.framing(), Ok(RequestFraming::Chunked));
        let text = text(&head).unwrap();
        assert!(text.contains("\r\nTransfer-Encoding: chunked\r\n") && !text.contains("Content-Length"));
        head.headers = &[("Content-Length", Some("5"))];
        assert_eq!(head.framing(), Err(RequestError::Length));
    }

    #[test]
    fn a_second_host_is_refused() {
        let headers = [("Host", Some("a")), ("host", Some("a"))];
        let error = RequestError::Header { cause: HeaderError::SecondHost, index: 1 };
        assert_eq!(head("GET", &headers).framing(), Err(error));
    }

    #[test]
    fn the_length_is_said_once() {
        let headers = [("Content-Length", Some("5"))];
        let mut head = head("POST", &headers);
        head.body = body(5, "");
        assert_eq!(text(&head).unwrap().matches("Content-Length").count(), 1);
    }

    #[test]
    fn methods_and_headers_that_would_break_the_head_are_refused() {
        for method in ["", "GET /", "GE\r\nT", "G\0"] {
            assert_eq!(text(&head(method, &[])), Err(RequestError::Method), "{method:?}");
        }
        for (name, value, cause) in [
            ("", "v", HeaderError::Name),
            ("a b", "v", HeaderError::Name),
            ("a:", "v", HeaderError::Name),
            ("a\r\nb", "v", HeaderError::Name),
            ("a\n", "v\n", HeaderError::Name),
            ("a", "v\r\nb: c", HeaderError::Value),
            ("a", "v\n", HeaderError::Value),
            ("a", "v\0", HeaderError::Value),
        ] {
            let headers = [("fine", Some("é\tx")), (name, Some(value))];
            let error = RequestError::Header { cause, index: 1 };
            assert_eq!(text(&head("GET", &headers)), Err(error), "{name:?}: {value:?}");
        }
    }
}
