// SPDX-License-Identifier: Apache-2.0
//! Message body length: how the end of a response's body is marked (RFC 9112 §6.3).

use core::fmt;

use crate::proto::header::HeaderFields;
use crate::proto::syntax::{ListElements, parse_decimal};

/// What is wrong with the fields that frame a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FramingError {
    /// `Content-Length` is not a number, or does not fit in 64 bits.
    ContentLength,
    /// There are several `Content-Length` values that differ.
    ConflictingContentLength,
    /// `Transfer-Encoding` names another coding than `chunked`, or a coding behind `chunked`.
    TransferEncoding,
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ContentLength => "Content-Length is not a valid number",
            Self::ConflictingContentLength => "conflicting Content-Length fields",
            Self::TransferEncoding => "unsupported Transfer-Encoding",
        })
    }
}

impl core::error::Error for FramingError {}

/// How the end of a response's body is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    None,
    /// The body has this many bytes.
    Length(u64),
    /// The body is chunked.
    Chunked,
    /// The body ends when the server closes the connection.
    UntilClose,
}

impl Framing {
    /// The framing of the response to a request with `method`. It applies the rules in the order of
    /// RFC 9112 §6.3: `Transfer-Encoding` overrides `Content-Length`.
    ///
    /// # Errors
    /// [`FramingError`] if the fields are malformed, contradict each other, or name an unsupported
    /// coding.
    pub fn of_response(
        method: &str,
        status_code: u16,
        mut headers: HeaderFields<'_>,
    ) -> Result<Self, FramingError> {
        if method.eq_ignore_ascii_case("HEAD") || matches!(status_code, 100..=199 | 204 | 304) {
            return Ok(Self::None);
        }
        if is_chunked(headers.clone())? {
            return Ok(Self::Chunked);
        }
        let mut length = None;
        while let Some(value) = headers.next_called("Content-Length") {
            // A list of equal numbers counts as that number (RFC 9110 §8.6).
            for element in ListElements::new(value) {
                let number = parse_decimal(element).ok_or(FramingError::ContentLength)?;
                if *length.get_or_insert(number) != number {
                    return Err(FramingError::ConflictingContentLength);
                }
            }
        }
        Ok(length.map_or(Self::UntilClose, Self::Length))
    }
}

impl Framing {
    /// The length of the body in bytes, if it is known beforehand.
    #[must_use]
    pub const fn length(self) -> Option<u64> {
        match self {
            Self::None => Some(0),
            Self::Length(length) => Some(length),
            Self::Chunked | Self::UntilClose => None,
        }
    }
}

/// Whether `Transfer-Encoding` says that the body is chunked.
///
/// Older servers send `identity`, which is not a coding (RFC 2616 §3.6): if it is alone in the
/// field, `Content-Length` counts. If `chunked` is named twice, it counts once, as in other
/// clients: no server applies it twice.
fn is_chunked(mut headers: HeaderFields<'_>) -> Result<bool, FramingError> {
    let mut chunked = false;
    while let Some(value) = headers.next_called("Transfer-Encoding") {
        for coding in ListElements::new(value).filter(|coding| !coding.is_empty()) {
            if coding.eq_ignore_ascii_case(b"chunked") {
                chunked = true;
            } else if chunked || !coding.eq_ignore_ascii_case(b"identity") {
                return Err(FramingError::TransferEncoding);
            }
        }
    }
    Ok(chunked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(headers: &str) -> Result<Framing, FramingError> {
        Framing::of_response("GET", 200, HeaderFields::new(headers.as_bytes()))
    }

    #[test]
    fn head_204_304_and_1xx_have_no_body() {
        let headers = HeaderFields::new(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n");
        for (method, status) in [("HEAD", 200), ("head", 404), ("GET", 204), ("GET", 304), ("GET", 101)] {
            let framing = Framing::of_response(method, status, headers.clone());
            assert_eq!(framing, Ok(Framing::None), "{method} {status}");
        }
    }

    #[test]
    fn framings() {
        for (headers, expected) in [
            ("", Ok(Framing::UntilClose)),
            ("Content-Length: 5\r\n", Ok(Framing::Length(5))),
            ("content-length:\t5 \r\n", Ok(Framing::Length(5))),
            ("Content-Length: 5\r\nContent-Length: 5\r\n", Ok(Framing::Length(5))),
            ("Content-Length: 5, 5\r\n", Ok(Framing::Length(5))),
            ("Content-Length: 5, 6\r\n", Err(FramingError::ConflictingContentLength)),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", Err(FramingError::ConflictingContentLength)),
            ("Content-Length:\r\n", Err(FramingError::ContentLength)),
            ("Content-Length: 5,\r\n", Err(FramingError::ContentLength)),
            ("Content-Length: -5\r\n", Err(FramingError::ContentLength)),
            ("Content-Length: +5\r\n", Err(FramingError::ContentLength)),
            ("Content-Length: 5 5\r\n", Err(FramingError::ContentLength)),
            ("Content-Length: 0x5\r\n", Err(FramingError::ContentLength)),
            ("Content-Length: 18446744073709551616\r\n", Err(FramingError::ContentLength)),
            ("Transfer-Encoding: Chunked\r\n", Ok(Framing::Chunked)),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", Ok(Framing::Chunked)),
            ("Transfer-Encoding: identity\r\n", Ok(Framing::UntilClose)),
            ("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", Ok(Framing::Length(5))),
            ("Content-Length: 5\r\nTransfer-Encoding: Identity, \r\n", Ok(Framing::Length(5))),
            ("Transfer-Encoding:\r\nContent-Length: 5\r\n", Ok(Framing::Length(5))),
            (
                "Transfer-Encoding: identity\r\nContent-Length: 5\r\nContent-Length: 6\r\n",
                Err(FramingError::ConflictingContentLength),
            ),
            ("Transfer-Encoding: identity, chunked\r\n", Ok(Framing::Chunked)),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Ok(Framing::Chunked)),
            ("Transfer-Encoding: gzip, chunked\r\n", Err(FramingError::TransferEncoding)),
            ("Transfer-Encoding: chunked, identity\r\n", Err(FramingError::TransferEncoding)),
            ("Transfer-Encoding: chunkedchunked\r\n", Err(FramingError::TransferEncoding)),
        ] {
            assert_eq!(framing(headers), expected, "{headers}");
        }
    }
}
