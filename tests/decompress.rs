// SPDX-License-Identifier: Apache-2.0
//! Compressed content, whole and streamed.

mod support;

use std::io::Write as _;

use embedded_io::Read as _;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use requests::transport::scripted::{Script, ScriptedNetwork};
use requests::{Error, InflateError, Inflater};

use support::peer::{Peer, answer};

const URL: &str = "http://example.org/";

fn text() -> Vec<u8> {
    (0..2000).flat_map(|number| format!("line {number} of the content\n").into_bytes()).collect()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn response(coding: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn chunked(coding: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunks = body.chunks(100).flat_map(|chunk| {
        [format!("{:x}\r\n", chunk.len()).into_bytes(), chunk.to_vec(), b"\r\n".to_vec()].concat()
    });
    head.into_bytes().into_iter().chain(chunks).chain(*b"0\r\n\r\n").collect()
}

fn send(response: &[u8], piece: usize, size: usize) -> Result<Vec<u8>, Error> {
    let mut inflater = Box::new(Inflater::new());
    let mut network = ScriptedNetwork::new([Script::new(response).in_pieces_of(piece)]);
    let mut buffer = vec![0; size];
    let answer = requests::get(URL).decompress(&mut inflater).send_over(&mut network, &mut buffer)?;
    let content = answer.content().to_vec();
    let sent = String::from_utf8(network.sent(0)).unwrap();
    assert!(sent.contains("\r\nAccept-Encoding: gzip, deflate\r\n") && !sent.contains("identity"));
    Ok(content)
}

fn stream(response: &[u8], piece: usize, size: usize) -> Result<Vec<u8>, Error> {
    let mut inflater = Box::new(Inflater::new());
    let network = ScriptedNetwork::new([Script::new(response).in_pieces_of(piece)]);
    let mut buffer = vec![0; size];
    let mut stream = requests::get(URL).stream_over(network, &mut buffer)?.decompress(&mut inflater)?;
    let mut content = Vec::new();
    let mut out = [0; 333];
    loop {
        match stream.read(&mut out)? {
            0 => return Ok(content),
            count => content.extend(&out[..count]),
        }
    }
}

#[test]
fn every_coding_framing_and_split() {
    let content = text();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(&content).unwrap();
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
    raw.write_all(&content).unwrap();
    for (coding, body) in [
        ("gzip", gzip(&content)),
        ("X-GZIP", gzip(&content)),
        ("deflate", zlib.finish().unwrap()),
        ("deflate", raw.finish().unwrap()),
        ("identity", content.clone()),
        ("", content.clone()),
    ] {
        for response in [response(coding, &body), chunked(coding, &body)] {
            for piece in [1, 7, 255, 256, 257, usize::MAX] {
                let size = content.len() + 600;
                assert_eq!(send(&response, piece, size).as_ref(), Ok(&content), "{coding} {piece}");
                assert_eq!(stream(&response, piece, 400).as_ref(), Ok(&content), "{coding} {piece}");
            }
        }
    }
}

#[test]
fn content_that_does_not_fit_is_an_error() {
    let content = text();
    let response = response("gzip", &gzip(&content));
    for size in [300, 1000, content.len(), content.len() + 100] {
        let result = send(&response, usize::MAX, size);
        assert!(
            matches!(result, Err(Error::BufferTooSmall { needed, .. }) if needed > size),
            "{size} {result:?}"
        );
    }
}

/// Whoever takes `needed` at its word never has more than it takes.
#[test]
fn what_is_needed_at_least_is_no_more_than_is_needed() {
    let content = [b'a'; 2000];
    let response = response("gzip", &gzip(&content));
    let mut told = 0;
    for size in content.len().. {
        match send(&response, usize::MAX, size) {
            Err(Error::BufferTooSmall { needed, .. }) => {
                assert!(needed > size);
                told = needed;
            }
            result => {
                assert_eq!((result.as_deref(), size), (Ok(&content[..]), told));
                break;
            }
        }
    }
}

#[test]
fn damaged_content_is_an_error() {
    let body = gzip(&text());
    let mut damaged = body.clone();
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    let short = &body[..body.len() - 20];
    for (body, error) in [
        (&damaged[..], InflateError::Checksum),
        (short, InflateError::Truncated),
        (b"plain text", InflateError::Header),
    ] {
        let response = response("gzip", body);
        assert_eq!(send(&response, usize::MAX, 1 << 17), Err(Error::InvalidCompression(error)));
        assert_eq!(stream(&response, usize::MAX, 400), Err(Error::InvalidCompression(error)));
    }
}

#[test]
fn other_codings_are_an_error() {
    for coding in ["br", "gzip, br", "zstd"] {
        assert_eq!(send(&response(coding, b"x"), 9, 1000), Err(Error::UnsupportedCoding));
        assert_eq!(stream(&response(coding, b"x"), 9, 1000), Err(Error::UnsupportedCoding));
    }
}

#[test]
fn a_response_without_content_is_not_decompressed() {
    let head = b"HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\n\r\n";
    assert_eq!(send(head, usize::MAX, 1000), Ok(Vec::new()));
    assert_eq!(stream(head, usize::MAX, 1000), Ok(Vec::new()));
}

#[test]
fn a_truncated_body_is_an_error_in_any_case() {
    let full = response("gzip", &gzip(&text()));
    let cut = &full[..full.len() - 5];
    for result in [send(cut, usize::MAX, 1 << 17), stream(cut, usize::MAX, 400)] {
        assert!(matches!(result, Err(Error::TruncatedBody { .. })), "{result:?}");
    }
}

#[test]
fn from_a_real_socket() {
    let content = text();
    let peer = Peer::new([answer(response("gzip", &gzip(&content)))]);
    let mut inflater = Box::new(Inflater::new());
    let mut buffer = vec![0; content.len() + 600];
    let url = peer.url("/");
    let response = requests::get(&url).decompress(&mut inflater).send(&mut buffer).unwrap();
    assert_eq!(response.content(), content);
}
