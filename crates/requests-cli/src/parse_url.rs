// SPDX-License-Identifier: Apache-2.0
//! `requests parse-url`: the parts of a URL in the form that is requested.

use requests::proto::url::{Url, UrlError};
use requests::proto::write::SliceWriter;
use requests::{Error, Phase};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::json;

/// The parts of a URL, normalised and percent-encoded.
#[derive(Debug, Serialize, PartialEq, Eq)]
struct Parts {
    /// The whole URL.
    href: String,
    scheme: &'static str,
    username: Option<String>,
    password: Option<String>,
    /// In lower case. An IPv6 address is in brackets.
    host: String,
    /// The port to connect to, even if the URL has none.
    port: u16,
    path: String,
    /// Without the `?`. `null` if there is none.
    query: Option<String>,
    /// Without the `#`. `null` if there is none.
    fragment: Option<String>,
}

/// Prints the parts of `url`, which may be relative if there is a `base`.
///
/// # Errors
/// What is wrong with one of them.
pub fn run(url: &str, base: Option<&str>) -> Result<(), Failure> {
    json::line(&parts(url, base)?)
}

fn parts(url: &str, base: Option<&str>) -> Result<Parts, Error> {
    let room = 3 * (url.len() + base.map_or(0, str::len)) + 64;
    let (effective, userinfo) = match base {
        None => {
            let url = Url::parse(url.as_bytes()).map_err(Error::InvalidUrl)?;
            (effective(&url, room)?, userinfo(&url, room)?)
        }
        Some(base) => {
            let base = Url::parse(base.as_bytes()).map_err(Error::InvalidUrl)?;
            (resolved(&base, url, room)?, resolved_userinfo(&base, url, room)?)
        }
    };
    split(&effective, userinfo)
}

fn effective(url: &Url<'_>, room: usize) -> Result<String, Error> {
    written(room, |out| {
        url.write_effective(out, None);
        Ok(())
    })
}

/// Resolves against the effective URL, as a redirect does.
fn resolved(base: &Url<'_>, reference: &str, room: usize) -> Result<String, Error> {
    let base = effective(base, room)?;
    let base = Url::parse(base.as_bytes()).map_err(Error::InvalidUrl)?;
    written(room, |out| base.write_resolved(reference.as_bytes(), out))
}

fn userinfo(url: &Url<'_>, room: usize) -> Result<String, Error> {
    written(room, |out| {
        url.write_userinfo(out);
        Ok(())
    })
}

/// The userinfo of the resolved URL: the one of `reference` if that has an authority, or else the
/// one of `base` (RFC 3986 §5.2.2).
fn resolved_userinfo(base: &Url<'_>, reference: &str, room: usize) -> Result<String, Error> {
    let absolute = format!("{}:{}", base.scheme.as_str(), reference.trim_matches(' '));
    let own = Url::parse(reference.as_bytes()).or_else(|_| Url::parse(absolute.as_bytes()));
    userinfo(own.as_ref().unwrap_or(base), room)
}

/// Returns the text that `write` writes, of at most `room` bytes.
fn written(
    room: usize,
    write: impl FnOnce(&mut SliceWriter<'_>) -> Result<(), UrlError>,
) -> Result<String, Error> {
    let mut room = vec![0; room];
    let mut out = SliceWriter::new(&mut room);
    write(&mut out).map_err(Error::InvalidUrl)?;
    let text = out.finish().map_err(|needed| Error::BufferTooSmall { phase: Phase::Url, needed })?;
    Ok(text_of(text))
}

fn split(effective: &str, userinfo: String) -> Result<Parts, Error> {
    let url = Url::parse(effective.as_bytes()).map_err(Error::InvalidUrl)?;
    let (user, password) = userinfo.split_once(':').unwrap_or((&userinfo, ""));
    let present = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let href = if userinfo.is_empty() {
        effective.to_owned()
    } else {
        effective.replacen("://", &format!("://{userinfo}@"), 1)
    };
    Ok(Parts {
        scheme: url.scheme.as_str(),
        username: present(user),
        password: present(password),
        host: url.host.to_owned(),
        port: url.port_or_default(),
        path: text_of(url.path()),
        query: url.query().map(text_of),
        fragment: url.fragment().map(text_of),
        href,
    })
}

/// Effective URLs are ASCII.
fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn href(url: &str, base: Option<&str>) -> String {
        parts(url, base).unwrap().href
    }

    #[test]
    fn every_part_is_normalised() {
        assert_eq!(
            parts(" HTTP://Us er:p:w@EXAMPLE.org:80/a/../b c?d e#f g ", None),
            Ok(Parts {
                href: "http://Us%20er:p%3Aw@example.org/b%20c?d%20e#f%20g".to_owned(),
                scheme: "http",
                username: Some("Us%20er".to_owned()),
                password: Some("p%3Aw".to_owned()),
                host: "example.org".to_owned(),
                port: 80,
                path: "/b%20c".to_owned(),
                query: Some("d%20e".to_owned()),
                fragment: Some("f%20g".to_owned()),
            })
        );
    }

    #[test]
    fn absent_and_empty_are_told_apart() {
        let parts = |url| parts(url, None).unwrap();
        let (absent, empty) = (parts("https://[::1]"), parts("https://:@[::1]:8443?#"));
        assert_eq!((absent.query, absent.fragment, absent.port), (None, None, 443));
        assert_eq!((empty.query.as_deref(), empty.fragment.as_deref()), (Some(""), Some("")));
        assert_eq!((empty.username, empty.password, empty.port), (None, None, 8443));
        assert_eq!(empty.host, "[::1]");
    }

    #[test]
    fn the_userinfo_is_that_of_the_authority() {
        let base = Some("http://u:p@a/b/c");
        assert_eq!(href("d", base), "http://u:p@a/b/d");
        assert_eq!(href("?q", base), "http://u:p@a/b/c?q");
        assert_eq!(href("http://v@h/d", base), "http://v@h/d");
        assert_eq!(href("http://h/d", base), "http://h/d");
        assert_eq!(href("//h/d", base), "http://h/d");
        assert_eq!(href("//v:w@h/d", base), "http://v:w@h/d");
        assert_eq!(href("\\\\v:w@h/d", base), "http://v:w@h/d");
    }

    /// RFC 3986 §5.2.2.
    #[test]
    fn the_fragment_is_that_of_the_reference() {
        assert_eq!(href("b", Some("http://h/a#frag")), "http://h/b");
        assert_eq!(href("", Some("http://h/a#frag")), "http://h/a");
        assert_eq!(href("b#c", Some("http://h/a#frag")), "http://h/b#c");
        assert_eq!(href("http://i/", Some("http://h/a#frag")), "http://i/");
    }

    #[test]
    fn errors_are_those_of_the_library() {
        assert_eq!(parts("ftp://a/", None), Err(Error::InvalidUrl(UrlError::Scheme)));
        assert_eq!(parts("a", None), Err(Error::InvalidUrl(UrlError::Scheme)));
        assert_eq!(parts("a", Some("b")), Err(Error::InvalidUrl(UrlError::Scheme)));
        assert_eq!(parts("//:80", Some("http://a/")), Err(Error::InvalidUrl(UrlError::NoHost)));
    }

    #[test]
    fn every_byte_fits_when_it_is_encoded() {
        let path = "é".repeat(1000);
        assert!(href(&format!("http://{path}:{path}@h/{path}?{path}#{path}"), None).is_ascii());
    }
}
