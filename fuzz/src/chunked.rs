// SPDX-License-Identifier: Apache-2.0
//! A seed for the sizes of pieces, then a chunked body. However it is split, the content is the same; and so it is for
//! an independent decoder.

use requests::ChunkError;
use requests::proto::chunked::ChunkedDecoder;

use crate::input::{Input, Numbers};

/// What was decoded: the content, and how many bytes belong to the body if it is complete.
type Outcome = Result<(Vec<u8>, Option<usize>), ChunkError>;

/// See the module.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let seed = input.byte();
    let body = input.rest();
    let whole = decode(body, None);
    for seed in [Some(seed), Some(255 - seed)] {
        let split = decode(body, seed);
        assert_eq!(split, whole);
    }
    if let Ok((content, Some(end))) = &whole {
        assert!(content.len() < *end && *end <= body.len());
    }
    if let Some(expected) = reference(body) {
        let (content, end) = whole.expect("a valid body");
        assert_eq!((content, end), expected);
    }
}

fn decode(body: &[u8], seed: Option<u8>) -> Outcome {
    let mut decoder = ChunkedDecoder::default();
    let mut numbers = seed.map(Numbers::new);
    let mut content = Vec::new();
    let mut start = 0;
    while start < body.len() {
        let size = numbers.as_mut().map_or(usize::MAX, Numbers::piece).min(body.len() - start);
        let mut piece = body[start..start + size].to_vec();
        let decoded = decoder.decode(&mut piece)?;
        assert!(decoded.content <= decoded.consumed);
        content.extend_from_slice(&piece[..decoded.content]);
        start += decoded.consumed;
        if decoder.is_complete() {
            return Ok((content, Some(start)));
        }
        assert_eq!(decoded.consumed, size);
    }
    Ok((content, None))
}

/// The content of a body with the plainest framing, as httparse finds the sizes. `None` for everything else.
fn reference(body: &[u8]) -> Option<(Vec<u8>, Option<usize>)> {
    let mut content = Vec::new();
    let mut start = 0;
    loop {
        let line = body[start..].windows(2).position(|pair| pair == b"\r\n")?;
        if !body[start..start + line].iter().all(u8::is_ascii_hexdigit) || !(1..=15).contains(&line) {
            return None;
        }
        let httparse::Status::Complete((digits, size)) = httparse::parse_chunk_size(&body[start..]).ok()?
        else {
            return None;
        };
        let size = usize::try_from(size).ok()?;
        start += digits;
        if size == 0 {
            let rest = body[start..].strip_prefix(b"\r\n")?;
            return Some((content, Some(body.len() - rest.len())));
        }
        content.extend_from_slice(body.get(start..)?.get(..size)?);
        start += size;
        let rest = body.get(start..)?.strip_prefix(b"\r\n")?;
        start = body.len() - rest.len();
    }
}
