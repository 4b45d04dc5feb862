// SPDX-License-Identifier: Apache-2.0
//! Which responses are redirects, and what the next request keeps (RFC 9110 §15.4).

/// Whether a response with this status redirects to its `Location`.
#[must_use]
pub const fn is_redirect(status_code: u16) -> bool {
    matches!(status_code, 301 | 302 | 303 | 307 | 308)
}

/// Whether the request that follows a redirect is a `GET` without a body in place of `method` with its body.
///
/// As Python's requests does it: after 303 (RFC 9110 §15.4.4) and 302 everything but `HEAD` becomes `GET`, after
/// 301 only `POST` does. 307 and 308 change nothing.
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
    fn other_3xx_are_no_redirects() {
        for status in [200, 300, 304, 305, 306, 399] {
            assert!(!is_redirect(status));
        }
    }
}
