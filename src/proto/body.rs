// SPDX-License-Identifier: Apache-2.0
//! How long a response's body is, and taking it out of the bytes received (RFC 9112 §6).

use core::fmt;

use crate::Error;
use crate::proto::chunked::{ChunkedDecoder, Decoded};
use crate::proto::header::HeaderFields;
use crate::proto::persistence::CloseReason;
use crate::proto::syntax::{ListElements, parse_decimal};
use crate::proto::write::at_most;

/// What is wrong with the fields that frame a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FramingError {
    /// `Content-Length` is not a number of at most 64 bits.
    ContentLength,
    /// `Content-Length` is given more than once, with different values.
    ConflictingContentLength,
    /// `Transfer-Encoding` names a coding other than `chunked`, or something behind it.
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

/// How the end of a response's body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    None,
    /// It has this many bytes.
    Length(u64),
    /// It is chunked.
    Chunked,
    /// It goes on until the server ends the connection.
    UntilClose,
}

impl Framing {
    /// The framing of the response to a request with `method` (RFC 9112 §6.3, whose order of rules this has:
    /// `Transfer-Encoding` overrides `Content-Length`).
    ///
    /// # Errors
    /// [`FramingError`] where the fields contradict each other, or name a coding that was not asked for.
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
    /// How many bytes the body has, where that is known before it is received.
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
/// `identity`, which older servers send, is no coding (RFC 2616 §3.6): with nothing else in the field,
/// `Content-Length` counts. `chunked` named twice counts once, as in other clients: no server applies it twice.
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

/// Takes a body out of the bytes received, and knows when it is complete.
#[derive(Debug, Clone)]
pub struct BodyDecoder {
    framing: Framing,
    chunks: ChunkedDecoder,
    received: u64,
    closed: bool,
    has_excess: bool,
}

impl BodyDecoder {
    /// A decoder for a body with this framing.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        Self { framing, chunks: ChunkedDecoder::default(), received: 0, closed: false, has_excess: false }
    }

    /// Decodes the next bytes received, in place: [`Decoded::content`] bytes of content are at the start of
    /// `piece` then, and what is behind [`Decoded::consumed`] is not part of the body.
    ///
    /// # Errors
    /// [`Error::InvalidChunk`].
    pub fn decode(&mut self, piece: &mut [u8]) -> Result<Decoded, Error> {
        let decoded = match self.framing {
            Framing::Chunked => self.chunks.decode(piece).map_err(Error::InvalidChunk)?,
            Framing::UntilClose => Decoded { content: piece.len(), consumed: piece.len() },
            Framing::None | Framing::Length(_) => {
                let count = at_most(piece.len(), self.announced());
                Decoded { content: count, consumed: count }
            }
        };
        self.received += decoded.content as u64;
        self.has_excess |= decoded.consumed < piece.len();
        Ok(decoded)
    }

    /// Bytes of content decoded so far.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// How the end of the body is told.
    #[must_use]
    pub const fn framing(&self) -> Framing {
        self.framing
    }

    /// Whether the body has left its connection clean for another response.
    ///
    /// # Errors
    /// Why it has not.
    pub fn persistence(&self) -> Result<(), CloseReason> {
        match self {
            _ if self.has_excess => Err(CloseReason::ExcessBytes),
            _ if !self.is_complete() => Err(CloseReason::ResponseIncomplete),
            _ => Ok(()),
        }
    }

    /// Whether the whole body has been decoded.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        match self.framing {
            Framing::Chunked => self.chunks.is_complete(),
            Framing::UntilClose => self.closed,
            Framing::None | Framing::Length(_) => self.announced() == 0,
        }
    }

    /// Bytes of content that are known to be still to come; there may be more.
    #[must_use]
    pub fn announced(&self) -> u64 {
        match self.framing {
            Framing::Length(total) => total - self.received,
            Framing::Chunked => self.chunks.announced(),
            Framing::None | Framing::UntilClose => 0,
        }
    }

    /// Tells the decoder that the server has ended the connection.
    ///
    /// # Errors
    /// [`Error::TruncatedBody`] unless that is how this body ends, or it was complete already (RFC 9112 §8).
    pub fn end_of_stream(&mut self) -> Result<(), Error> {
        self.closed = true;
        if self.is_complete() {
            return Ok(());
        }
        Err(Error::TruncatedBody { received: usize::try_from(self.received).unwrap_or(usize::MAX) })
    }
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

    #[test]
    fn bytes_behind_a_body_are_left() {
        let mut decoder = BodyDecoder::new(Framing::Length(3));
        let decoded = decoder.decode(&mut b"abcde".to_owned()).unwrap();
        assert_eq!(decoded, Decoded { content: 3, consumed: 3 });
        assert!(decoder.is_complete());
    }

    #[test]
    fn an_early_end_is_an_error_except_where_it_is_the_end() {
        let mut decoder = BodyDecoder::new(Framing::Length(3));
        decoder.decode(&mut b"ab".to_owned()).unwrap();
        let truncated = Error::TruncatedBody { received: 2 };
        assert_eq!(decoder.end_of_stream(), Err(truncated));

        let mut decoder = BodyDecoder::new(Framing::Chunked);
        decoder.decode(&mut b"2\r\nab\r\n0\r\n".to_owned()).unwrap();
        let truncated = Error::TruncatedBody { received: 2 };
        assert_eq!(decoder.end_of_stream(), Err(truncated));

        let mut decoder = BodyDecoder::new(Framing::UntilClose);
        decoder.decode(&mut b"ab".to_owned()).unwrap();
        assert!(!decoder.is_complete());
        assert_eq!(decoder.end_of_stream(), Ok(()));
        assert!(decoder.is_complete());
    }
}
