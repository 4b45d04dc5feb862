// SPDX-License-Identifier: Apache-2.0
//! The `Retry-After` field: how long a server asks to wait (RFC 9110 §10.2.3).

use crate::proto::header::HeaderFields;
use crate::proto::http_date;
use crate::proto::syntax::parse_decimal;

/// The seconds that a response asks to wait before the next request, at most [`u32::MAX`]. `None`
/// if its `Retry-After` is missing or malformed. A `Retry-After` with a date counts from the
/// response's `Date`.
///
/// So the clocks of server and client may differ. Without a `Date`, the date counts from `now`, in
/// seconds since 1970.
#[must_use]
pub fn of_response(headers: &HeaderFields<'_>, now: Option<i64>) -> Option<u32> {
    let value = headers.clone().first("Retry-After")?;
    parse(value, http_date::of_field(headers, "Date", now).or(now))
}

/// The seconds that a `Retry-After` with this value asks for at the time `now`, in seconds since
/// 1970. 0 for a date in the past.
#[must_use]
pub fn parse(value: &[u8], now: Option<i64>) -> Option<u32> {
    if !value.is_empty() && value.iter().all(u8::is_ascii_digit) {
        let seconds = parse_decimal(value).and_then(|seconds| u32::try_from(seconds).ok());
        return Some(seconds.unwrap_or(u32::MAX));
    }
    let wait = http_date::parse(value, now)?.saturating_sub(now?).max(0);
    Some(u32::try_from(wait).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates() {
        for (value, now, expected) in [
            ("120", None, Some(120)),
            ("0", None, Some(0)),
            ("4294967296", None, Some(u32::MAX)),
            ("99999999999999999999999", None, Some(u32::MAX)),
            ("Thu, 01 Jan 1970 00:02:00 GMT", Some(60), Some(60)),
            ("Thu, 01 Jan 1970 00:02:00 GMT", Some(120), Some(0)),
            ("Thu, 01 Jan 1970 00:02:00 GMT", Some(i64::MAX), Some(0)),
            ("Thu, 01 Jan 1970 00:02:00 GMT", Some(i64::MIN), Some(u32::MAX)),
            ("Thu, 01 Jan 1970 00:02:00 GMT", None, None),
            ("", None, None),
            ("-1", None, None),
            ("1.5", None, None),
            ("5 s", None, None),
        ] {
            assert_eq!(parse(value.as_bytes(), now), expected, "{value:?} {now:?}");
        }
    }

    #[test]
    fn the_servers_clock_goes_before_our_own() {
        let headers = HeaderFields::new(
            b"Date: Fri, 31 Dec 1999 23:59:29 GMT\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n",
        );
        assert_eq!(of_response(&headers, Some(0)), Some(30));
        assert_eq!(of_response(&headers, None), Some(30));
        let headers = HeaderFields::new(b"Retry-After: Thu, 01 Jan 1970 00:02:00 GMT\r\n");
        assert_eq!(of_response(&headers, Some(100)), Some(20));
        assert_eq!(of_response(&headers, None), None);
        assert_eq!(of_response(&HeaderFields::new(b""), Some(0)), None);
    }
}
