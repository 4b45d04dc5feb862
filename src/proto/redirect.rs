// SPDX-License-Identifier: Apache-2.0
//! Redirects: which responses are redirects, their target, and the method of the next request (RFC
//! 9110 §15.4).

use crate::proto::header::HeaderFields;
use crate::proto::url::UrlError;

/// Whether a response with this status redirects to its `Location`.
#[must_use]
pub const fn is_redirect(status_code: u16) -> bool {
    matches!(status_code, 301 | 302 | 303 | 307 | 308)
}

/// The `Location` of a redirect (RFC 9110 §10.2.2). `None` if it has none, or an empty one.
///
/// # Errors
/// [`UrlError::Ambiguous`] if there are several that differ.
pub fn location<'a>(headers: &HeaderFields<'a>) -> Result<Option<&'a [u8]>, UrlError> {
    let mut headers = headers.clone();
    let first = headers.next_called("Location");
    while let Some(other) = headers.next_called("Location") {
        if first != Some(other) {
            return Err(UrlError::Ambiguous);
        }
    }
    Ok(first.filter(|location| !location.is_empty()))
}

/// Whether the request after a redirect becomes a `GET` without a body.
///
/// As in Python's requests: after 303 (RFC 9110 §15.4.4) and 302, every method but `HEAD` becomes
/// `GET`. After 301, only `POST` does. 307 and 308 keep method and body.
#[must_use]
pub fn becomes_get(method: &str, status_code: u16) -> bool {
    match status_code {
        302 | 303 => !method.eq_ignore_ascii_case("HEAD"),
        301 => method.eq_ignore_ascii_case("POST"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_after_a_redirect() {
        for (status, kept) in [
            (301, &["GET", "HEAD", "PUT", "DELETE"][..]),
            (302, &["HEAD"]),
            (303, &["HEAD"]),
            (307, &["GET", "HEAD", "POST", "PUT", "DELETE"]),
            (308, &["GET", "HEAD", "POST", "PUT", "DELETE"]),
        ] {
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE"] {
                let keeps = kept.contains(&method) || method == "GET" && becomes_get(method, status);
                assert_eq!(!becomes_get(method, status) || method == "GET", keeps, "{status} {method}");
            }
        }
    }

    #[test]
    fn one_location_counts() {
        let found = |headers: &'static str| location(&HeaderFields::new(headers.as_bytes()));
        for (headers, expected) in [
            ("", Ok(None)),
            ("Location:\r\n", Ok(None)),
            ("Location: \t \r\n", Ok(None)),
            ("Location: /a\r\n", Ok(Some(&b"/a"[..]))),
            ("Location: /a\r\nX: y\r\nlocation:/a \r\n", Ok(Some(b"/a"))),
            ("Location: /a\r\nLocation: /b\r\n", Err(UrlError::Ambiguous)),
            ("Location: /a\r\nLocation: /a\r\nLocation: /b\r\n", Err(UrlError::Ambiguous)),
            ("Location:\r\nLocation: /b\r\n", Err(UrlError::Ambiguous)),
            ("Location: /a\r\nLocation:\r\n", Err(UrlError::Ambiguous)),
        ] {
            assert_eq!(found(headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn other_3xx_are_no_redirects() {
        for status in [200, 300, 304, 305, 306, 399] {
            assert!(!is_redirect(status));
        }
    }
}
