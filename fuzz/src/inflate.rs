// SPDX-License-Identifier: Apache-2.0
//! Compressed content: a byte of options, a seed for the sizes of pieces, and the content, or a text that is
//! compressed first. It is decompressed as flate2 does, however input and output are split.

use std::io::{Read as _, Write as _};

use requests::proto::inflate::{Coding, InflateError, Inflater};

use crate::input::{Input, Numbers};

/// More content than this is not looked at: a bomb takes time, not memory.
const MOST: usize = 1 << 20;

/// See the module.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let options = input.byte();
    let seed = input.byte();
    let rest = input.rest();
    let coding = if options & 1 == 0 { Coding::Gzip } else { Coding::Deflate };
    let bytes = if options & 2 == 0 { rest.to_vec() } else { compressed(rest, options) };

    let mut inflater = Box::new(Inflater::new());
    let whole = inflate(&mut inflater, coding, &bytes, None);
    // The inflater is used once more, and has nothing left of what it decompressed before.
    assert_eq!(inflate(&mut inflater, coding, &bytes, Some(seed)), whole);

    if options & 2 != 0 {
        assert_eq!(whole.as_deref(), Ok(rest));
        return;
    }
    match (reference(coding, &bytes), whole) {
        (Some(expected), Ok(content)) => assert_eq!(content, expected),
        // Zeros behind a member are padding; flate2 has no word for it. Empty content is no gzip for it.
        (None, Ok(content)) => {
            // In a fuzzer, miniz_oxide does not look at the checksum of the zlib format.
            if cfg!(fuzzing) && coding == Coding::Deflate && bytes.len() > 2 {
                assert_eq!(raw(&bytes[2..]).as_deref(), Some(&content[..]));
                return;
            }
            let is_padded = coding == Coding::Gzip && bytes.last().is_none_or(|&byte| byte == 0);
            assert!(is_padded || content.len() >= MOST || bytes.is_empty(), "flate2 refuses it");
        }
        (Some(expected), Err(error)) => {
            // Reserved flags of a header and a checksum over it are checked here; so are bytes behind the end.
            let is_strict =
                matches!(error, InflateError::Header | InflateError::Checksum | InflateError::TrailingBytes);
            assert!(is_strict || expected.len() >= MOST, "{error}");
        }
        (None, Err(_)) => {}
    }
}

fn compressed(content: &[u8], options: u8) -> Vec<u8> {
    let level = flate2::Compression::new(u32::from(options >> 4) % 10);
    let mut bytes = Vec::new();
    let result = match (options & 1, options & 4) {
        (0, _) => flate2::write::GzEncoder::new(&mut bytes, level).write_all(content),
        (_, 0) => flate2::write::ZlibEncoder::new(&mut bytes, level).write_all(content),
        _ => flate2::write::DeflateEncoder::new(&mut bytes, level).write_all(content),
    };
    result.expect("a vector takes everything");
    bytes
}

fn inflate(
    inflater: &mut Inflater,
    coding: Coding,
    bytes: &[u8],
    seed: Option<u8>,
) -> Result<Vec<u8>, InflateError> {
    inflater.reset(coding);
    let mut numbers = seed.map(Numbers::new);
    let mut output = vec![0; 40_000];
    let mut content = Vec::new();
    let (mut start, mut end) = (0, 0);
    loop {
        let room = numbers.as_mut().map_or(output.len(), |numbers| numbers.piece() * numbers.piece());
        let room = room.min(output.len());
        let done = inflater.decode(&bytes[start..end], &mut output[..room])?;
        content.extend_from_slice(&output[..done.produced]);
        start += done.consumed;
        assert!(start <= end && done.produced <= room);
        if content.len() >= MOST {
            content.truncate(MOST);
            return Ok(content);
        }
        if done.produced < room {
            assert_eq!(start, end, "what does not fill the output has taken all input");
            if end == bytes.len() {
                break;
            }
            end += numbers.as_mut().map_or(usize::MAX, Numbers::piece).min(bytes.len() - end);
        }
    }
    inflater.finish()?;
    Ok(content)
}

/// The content as flate2 finds it. `None` if it refuses it.
fn reference(coding: Coding, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let most = MOST as u64;
    match coding {
        Coding::Gzip => flate2::read::MultiGzDecoder::new(bytes).take(most).read_to_end(&mut content).ok()?,
        Coding::Deflate if bytes.first().is_some_and(|byte| byte & 15 == 8) => {
            flate2::read::ZlibDecoder::new(bytes).take(most).read_to_end(&mut content).ok()?
        }
        Coding::Deflate => return raw(bytes),
    };
    Some(content)
}

/// The content of data without header and checksum.
fn raw(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    flate2::read::DeflateDecoder::new(bytes).take(MOST as u64).read_to_end(&mut content).ok()?;
    Some(content)
}
