// SPDX-License-Identifier: Apache-2.0
//! The request line and header section of a request (RFC 9112 §3 and §5).

use crate::Error;
use crate::proto::auth::Auth;
use crate::proto::multipart::Boundary;
use crate::proto::syntax::{is_field_value, is_token, parse_decimal, trim_ows};
use crate::proto::url::Url;
use crate::proto::write::{Decimal, Write};

/// What this client calls itself unless the caller sets `User-Agent`.
pub const USER_AGENT: &str = concat!("zephyr-requests/", env!("CARGO_PKG_VERSION"));

/// A caller's header: its value, or `None` where it only keeps a default header from being sent.
pub type CallerHeader<'a> = (&'a str, Option<&'a str>);

/// The body that a request announces.
#[derive(Debug, Clone, Copy)]
pub struct BodyHead {
    /// Its `Content-Type`, unless the caller sets one.
    pub content_type: ContentType,
    /// Its length in bytes.
    pub length: u64,
}

/// The media type of a body that the client has put together.
#[derive(Debug, Clone, Copy)]
pub enum ContentType {
    /// Raw data: the caller's business.
    None,
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data` with this boundary.
    Multipart(Boundary),
}

/// How the body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestFraming {
    /// There is no body.
    None,
    /// `Content-Length`
    Length(u64),
    /// `Transfer-Encoding: chunked`, as the caller's header asks.
    Chunked,
}

/// Everything that a request head says.
#[derive(Debug)]
pub struct RequestHead<'a> {
    /// Any token; letters are sent in upper case, as Python's requests does.
    pub method: &'a str,
    /// The effective URL, see [`Url::write_effective`].
    pub url: &'a Url<'a>,
    /// The caller's headers.
    pub headers: &'a [CallerHeader<'a>],
    /// Credentials, unless the caller sets `Authorization`.
    pub auth: Auth<'a>,
    /// The body, where there is one.
    pub body: Option<BodyHead>,
    /// Whether `url` has another origin than the URL that the caller gave: what was meant for that origin
    /// (`Authorization`, `Cookie`, `Host` and the like) is left out then.
    pub cross_origin: bool,
    /// Whether a redirect has taken the body away: the caller's headers about it are left out then.
    pub body_dropped: bool,
}

impl RequestHead<'_> {
    /// Refuses what would not be one valid head (RFC 9110 §5.5, §9.1; RFC 9112 §6.2).
    ///
    /// # Errors
    /// [`Error::InvalidMethod`], [`Error::InvalidHeader`], [`Error::ConflictingLength`].
    pub fn framing(&self) -> Result<RequestFraming, Error> {
        if !is_token(self.method.as_bytes()) {
            return Err(Error::InvalidMethod);
        }
        let length = self.body.map(|body| body.length);
        let mut chunked = false;
        for (index, (name, value)) in self.headers.iter().enumerate() {
            let value = value.unwrap_or_default();
            if !is_token(name.as_bytes()) || !is_field_value(value.as_bytes()) {
                return Err(Error::InvalidHeader { index });
            }
        }
        for (name, value) in self.kept_headers() {
            let value = trim_ows(value.as_bytes());
            if name.eq_ignore_ascii_case("Transfer-Encoding") {
                if chunked || length.is_none() || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(Error::ConflictingLength);
                }
                chunked = true;
            }
        }
        for (name, value) in self.kept_headers() {
            let value = trim_ows(value.as_bytes());
            if name.eq_ignore_ascii_case("Content-Length")
                && (chunked || parse_decimal(value) != Some(length.unwrap_or(0)))
            {
                return Err(Error::ConflictingLength);
            }
        }
        Ok(match length {
            Some(_) if chunked => RequestFraming::Chunked,
            Some(length) => RequestFraming::Length(length),
            // RFC 9110 §8.6: where the method gives content a meaning, its absence is said.
            None if ["POST", "PUT", "PATCH"]
                .iter()
                .any(|method| self.method.eq_ignore_ascii_case(method)) =>
            {
                RequestFraming::Length(0)
            }
            None => RequestFraming::None,
        })
    }

    /// Writes the head with the empty line that ends it.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`], else those of `out`. What [`Self::framing`] refuses must not come here.
    pub fn write(&self, framing: RequestFraming, out: &mut dyn Write) -> Result<(), Error> {
        for byte in self.method.bytes() {
            out.write(&[byte.to_ascii_uppercase()])?;
        }
        out.write(b" ")?;
        // RFC 9112 §3.2.1; an effective URL has a path.
        out.write(self.url.path)?;
        if let Some(query) = self.url.query {
            out.write(b"?")?;
            out.write(query)?;
        }
        out.write(b" HTTP/1.1\r\n")?;

        if !self.caller_sets("Host") {
            out.write(b"Host: ")?;
            out.write(self.url.host.as_bytes())?;
            if let Some(port) = self.url.port {
                out.write(b":")?;
                out.write(Decimal::new(u64::from(port)).as_bytes())?;
            }
            out.write(b"\r\n")?;
        }
        self.write_default(out, "User-Agent", USER_AGENT)?;
        self.write_default(out, "Accept", "*/*")?;
        // Without this any coding would be acceptable to us (RFC 9110 §12.5.3), and none is decoded.
        self.write_default(out, "Accept-Encoding", "identity")?;
        self.write_default(out, "Connection", "close")?;
        if !self.cross_origin && !self.caller_sets("Authorization") {
            self.auth.write_header(out)?;
        }
        match self.body.map(|body| body.content_type) {
            None | Some(ContentType::None) => {}
            Some(ContentType::Json) => {
                self.write_default(out, "Content-Type", "application/json")?;
            }
            Some(ContentType::Form) => {
                self.write_default(out, "Content-Type", "application/x-www-form-urlencoded")?;
            }
            // A caller's value could not name the boundary.
            Some(ContentType::Multipart(boundary)) => {
                out.write(b"Content-Type: multipart/form-data; boundary=")?;
                out.write(boundary.as_bytes())?;
                out.write(b"\r\n")?;
            }
        }
        if let RequestFraming::Length(length) = framing {
            out.write(b"Content-Length: ")?;
            out.write(Decimal::new(length).as_bytes())?;
            out.write(b"\r\n")?;
        }
        let multipart = matches!(self.body, Some(BodyHead { content_type: ContentType::Multipart(_), .. }));
        for (name, value) in self.kept_headers() {
            if name.eq_ignore_ascii_case("Content-Length")
                || multipart && name.eq_ignore_ascii_case("Content-Type")
            {
                continue;
            }
            write_line(out, name, value)?;
        }
        out.write(b"\r\n")
    }

    fn write_default(&self, out: &mut dyn Write, name: &str, value: &str) -> Result<(), Error> {
        if self.caller_sets(name) {
            return Ok(());
        }
        write_line(out, name, value)
    }

    /// Whether one of the caller's headers stands in place of the default header `name`.
    fn caller_sets(&self, name: &str) -> bool {
        self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name) && !self.is_left_out(other))
    }

    /// The caller's headers that are sent.
    fn kept_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers
            .iter()
            .filter(|(name, _)| !self.is_left_out(name))
            .filter_map(|&(name, value)| Some((name, value?)))
    }

    fn is_left_out(&self, name: &str) -> bool {
        let is_one_of = |names: &[&str]| names.iter().any(|other| other.eq_ignore_ascii_case(name));
        let about_origin = ["Authorization", "Cookie", "Proxy-Authorization", "Host"];
        let about_body =
            ["Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Expect"];
        self.cross_origin && is_one_of(&about_origin) || self.body_dropped && is_one_of(&about_body)
    }
}

fn write_line(out: &mut dyn Write, name: &str, value: &str) -> Result<(), Error> {
    out.write(name.as_bytes())?;
    out.write(b": ")?;
    out.write(value.as_bytes())?;
    out.write(b"\r\n")
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
        path: b"/p",
        query: Some(b"q"),
        fragment: Some(b"f"),
    };

    fn head<'a>(method: &'a str, headers: &'a [CallerHeader<'a>]) -> RequestHead<'a> {
        RequestHead {
            method,
            url: &URL,
            headers,
            auth: Auth::None,
            body: None,
            cross_origin: false,
            body_dropped: false,
        }
    }

    fn body(length: u64, content_type: ContentType) -> Option<BodyHead> {
        Some(BodyHead { content_type, length })
    }

    fn text(head: &RequestHead<'_>) -> Result<String, Error> {
        let framing = head.framing()?;
        let mut room = [0; 1024];
        let mut out = SliceWriter::new(&mut room);
        head.write(framing, &mut out)?;
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
        head.body = body(2, ContentType::Json);
        assert_eq!(
            text(&head).unwrap(),
            "POST /p?q HTTP/1.1\r\nAccept-Encoding: identity\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: 2\r\nhost: other\r\nACCEPT: a/b\r\n\r\n"
        );
    }

    #[test]
    fn a_callers_authorization_replaces_the_credentials() {
        let headers = [("authorization", Some("Custom x"))];
        let mut head = head("GET", &headers);
        head.auth = Auth::Basic("u", "p");
        let text = text(&head).unwrap();
        assert!(text.contains("authorization: Custom x\r\n") && !text.contains("Basic"));
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
            (&[("Content-Length", Some("4"))], Some(5), Err(Error::ConflictingLength)),
            (&[("Content-Length", Some("x"))], Some(5), Err(Error::ConflictingLength)),
            (&[("Content-Length", Some("5"))], None, Err(Error::ConflictingLength)),
            (&[("Content-Length", Some("0"))], None, Ok(RequestFraming::None)),
            (&[("Transfer-Encoding", Some("chunked"))], Some(5), Ok(RequestFraming::Chunked)),
            (&[("Transfer-Encoding", Some("gzip"))], Some(5), Err(Error::ConflictingLength)),
            (&[("Transfer-Encoding", Some("chunked"))], None, Err(Error::ConflictingLength)),
            (
                &[("Content-Length", Some("5")), ("Transfer-Encoding", Some("chunked"))],
                Some(5),
                Err(Error::ConflictingLength),
            ),
        ] {
            let mut head = head("GET", headers);
            head.body = length.and_then(|length| body(length, ContentType::None));
            assert_eq!(head.framing(), expected, "{headers:?}");
        }
    }

    #[test]
    fn the_length_is_said_once() {
        let headers = [("Content-Length", Some("5"))];
        let mut head = head("POST", &headers);
        head.body = body(5, ContentType::None);
        assert_eq!(text(&head).unwrap().matches("Content-Length").count(), 1);
    }

    #[test]
    fn methods_and_headers_that_would_break_the_head_are_refused() {
        for method in ["", "GET /", "GE\r\nT", "G\0"] {
            assert_eq!(text(&head(method, &[])), Err(Error::InvalidMethod), "{method:?}");
        }
        for bad in [
            ("", Some("v")),
            ("a b", Some("v")),
            ("a:", Some("v")),
            ("a\r\nb", Some("v")),
            ("a", Some("v\r\nb: c")),
            ("a", Some("v\n")),
            ("a", Some("v\0")),
        ] {
            let headers = [("fine", Some("é\tx")), bad];
            assert_eq!(text(&head("GET", &headers)), Err(Error::InvalidHeader { index: 1 }), "{bad:?}");
        }
    }
}
