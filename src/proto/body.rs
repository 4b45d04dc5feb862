// SPDX-License-Identifier: Apache-2.0
//! Extracting the body of a response from the bytes received (RFC 9112 §6).

use core::fmt;

use crate::proto::chunked::{ChunkError, ChunkedDecoder, Decoded};
use crate::proto::framing::Framing;
use crate::proto::persistence::CloseReason;
use crate::proto::write::at_most;

/// What is wrong with a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// Its chunks are malformed (RFC 9112 §7.1).
    Chunk(ChunkError),
    /// The connection ended before the body was complete (RFC 9112 §8).
    Truncated {
        /// The number of bytes of content that arrived.
        received: usize,
    },
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chunk(error) => error.fmt(f),
            Self::Truncated { received } => write!(f, "it ended after {received} bytes"),
        }
    }
}

impl core::error::Error for BodyError {}

/// Extracts a body from the bytes received, and finds its end.
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

    /// Decodes the next bytes received, in place. Afterwards, the first [`Decoded::content`] bytes
    /// of `piece` are content. Bytes from [`Decoded::consumed`] on do not belong to the body.
    ///
    /// # Errors
    /// [`BodyError::Chunk`] if the chunks are malformed.
    pub fn decode(&mut self, piece: &mut [u8]) -> Result<Decoded, BodyError> {
        let decoded = match self.framing {
            Framing::Chunked => self.chunks.decode(piece).map_err(BodyError::Chunk)?,
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

    /// The number of bytes of content decoded so far.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// The framing of the body.
    #[must_use]
    pub const fn framing(&self) -> Framing {
        self.framing
    }

    /// Checks that the connection can carry another response after this body.
    ///
    /// # Errors
    /// Why it cannot.
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

    /// The number of bytes of content that will certainly follow. There may be more.
    #[must_use]
    pub fn announced(&self) -> u64 {
        match self.framing {
            Framing::Length(total) => total - self.received,
            Framing::Chunked => self.chunks.announced(),
            Framing::None | Framing::UntilClose => 0,
        }
    }

    /// Tells the decoder that the server has closed the connection.
    ///
    /// # Errors
    /// [`BodyError::Truncated`] if the body is incomplete (RFC 9112 §8).
    pub fn end_of_stream(&mut self) -> Result<(), BodyError> {
        self.closed = true;
        if self.is_complete() {
            return Ok(());
        }
        Err(BodyError::Truncated { received: usize::try_from(self.received).unwrap_or(usize::MAX) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let truncated = BodyError::Truncated { received: 2 };
        assert_eq!(decoder.end_of_stream(), Err(truncated));

        let mut decoder = BodyDecoder::new(Framing::Chunked);
        decoder.decode(&mut b"2\r\nab\r\n0\r\n".to_owned()).unwrap();
        let truncated = BodyError::Truncated { received: 2 };
        assert_eq!(decoder.end_of_stream(), Err(truncated));

        let mut decoder = BodyDecoder::new(Framing::UntilClose);
        decoder.decode(&mut b"ab".to_owned()).unwrap();
        assert!(!decoder.is_complete());
        assert_eq!(decoder.end_of_stream(), Ok(()));
        assert!(decoder.is_complete());
    }
}
