// SPDX-License-Identifier: Apache-2.0
//! Compressed content, whole and streamed.

mod support;

use std::io::Write as _;
use std::time::Duration;

use embedded_io::{BufRead as _, Read as _};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use requests::transport::Network;
use requests::transport::scripted::{Script, ScriptedNetwork};
use requests::{CancelToken, Error, InflateError, Inflater, Phase, Retry, Session, Stream};

use support::network::InPieces;
use support::peer::{Peer, answer};
use support::time::within;

const URL: &str = "http://example.org/";

fn text() -> Vec<u8> {
    (0..2000).flat_map(|number| format!("line {number} of the content\n").into_bytes()).collect()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zlib(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn raw(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
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
    let mut stream = requests::get(URL).decompress(&mut inflater).stream_over(network, &mut buffer)?;
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
    for (coding, body) in [
        ("gzip", gzip(&content)),
        ("X-GZIP", gzip(&content)),
        ("deflate", zlib(&content)),
        ("deflate", raw(&content)),
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

/// A buffer of `needed` bytes is never larger than necessary.
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

/// Lines are read with a buffer of any size, also one with room for neither input nor content.
#[test]
fn each_call_for_a_line_ends_in_any_buffer() {
    let response = response("gzip", &gzip(b"a line\nanother one\r\n\nthe last"));
    let mut inflater = Box::new(Inflater::new());
    let mut opened = 0;
    for size in 0..300 {
        let mut buffer = vec![0; size];
        let request = requests::get(URL).decompress(&mut inflater);
        let mut network = InPieces::new(&response, &[response.len() / 2]);
        let Ok(mut stream) = request.stream_over(&mut network, &mut buffer) else { continue };
        opened += 1;
        let mut lines = stream.iter_lines();
        within(Duration::ZERO, || {
            let mut calls = 0;
            while calls < 20 && !matches!(lines.next_line(), Ok(None)) {
                calls += 1;
            }
            assert!(calls >= 4, "{size}");
        });
    }
    assert!(opened > 50);
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
fn the_coding_does_not_matter_where_there_is_no_content() {
    for head in [
        &b"HTTP/1.1 304 Not Modified\r\nContent-Encoding: br\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, br\r\nContent-Length: 0\r\n\r\n",
    ] {
        assert_eq!(send(head, usize::MAX, 1000), Ok(Vec::new()));
        assert_eq!(stream(head, usize::MAX, 1000), Ok(Vec::new()));
        for result in streamed(head, usize::MAX, 1000, &mut [0; 9]) {
            assert_eq!(result, Ok(Vec::new()));
        }
    }
}

/// Empty or damaged content, which arrives together with the head or later.
#[test]
fn what_cannot_be_decompressed_is_told_in_pieces_of_any_size() {
    let head = "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nTransfer-Encoding: chunked\r\n\r\n";
    for body in ["0\r\n\r\n", "x"] {
        let response = [head, body].concat().into_bytes();
        for piece in (1..100).chain([usize::MAX]) {
            assert_eq!(send(&response, piece, 1000), Err(Error::UnsupportedCoding), "{piece}");
            for result in streamed(&response, piece, 1000, &mut [0; 9]) {
                assert_eq!(result, Err(Error::UnsupportedCoding), "{piece}");
            }
        }
        // Here, the request does not ask for decompression.
        let result = stream(&response, 1, 1000);
        assert_eq!(result, Err(Error::UnsupportedCoding));
    }
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

/// The same response, ended by the end of the connection.
fn until_close(coding: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n\r\n").as_bytes(), body].concat()
}

/// The decompressed content of a stream, read in three ways: in pieces, by `fill_buf`, and by
/// lines.
fn streamed(response: &[u8], piece: usize, size: usize, out: &mut [u8]) -> [Result<Vec<u8>, Error>; 3] {
    let mut inflater = Box::new(Inflater::new());
    let mut with = |read: &mut dyn FnMut(&mut ScriptedStream<'_>) -> Result<Vec<u8>, Error>| {
        let network = ScriptedNetwork::new([Script::new(response).in_pieces_of(piece)]);
        let mut buffer = vec![0; size];
        let mut stream = requests::get(URL).decompress(&mut inflater).stream_over(network, &mut buffer)?;
        let content = read(&mut stream)?;
        assert_eq!(stream.read(&mut [0]), Ok(0), "it has ended");
        Ok(content)
    };
    [
        with(&mut |stream| {
            let mut content = Vec::new();
            loop {
                match stream.read(out)? {
                    0 => return Ok(content),
                    count => content.extend(&out[..count]),
                }
            }
        }),
        with(&mut |stream| {
            let mut content = Vec::new();
            loop {
                let piece = stream.fill_buf()?;
                if piece.is_empty() {
                    return Ok(content);
                }
                let count = piece.len().min(3);
                content.extend(&piece[..count]);
                stream.consume(count);
            }
        }),
        with(&mut |stream| {
            let mut content = Vec::new();
            let mut lines = stream.iter_lines();
            while let Some(line) = lines.next_line()? {
                content.extend(line);
                content.push(b'\n');
            }
            Ok(content)
        }),
    ]
}

type ScriptedStream<'b> = Stream<'b, ScriptedNetwork>;

/// With any size of the buffer, content is never shortened, and complete content never counts as
/// damaged.
#[test]
fn whatever_the_buffer_holds_the_content_is_right_or_the_buffer_too_small() {
    // Long enough for the inflater to hold back one length code, and longer than one receive.
    let text = text();
    let lines = &text[..22 * 10 + 23 * 3];
    for content in [&b""[..], b"a\n", &b"abc abc abc\n".repeat(20), lines] {
        for (coding, body) in [
            ("gzip", gzip(content)),
            ("deflate", zlib(content)),
            ("deflate", raw(content)),
            ("identity", content.to_vec()),
        ] {
            for response in [response(coding, &body), chunked(coding, &body), until_close(coding, &body)] {
                // Compressed content is received in pieces of 256 bytes.
                let most = response.len() + content.len() + URL.len() + 256 + 64;
                let mut fits = [false; 4];
                for size in 1..most {
                    let mut out = [0; 7];
                    let [read, filled, lines] = streamed(&response, size % 5 * 60 + 1, size, &mut out);
                    let results = [send(&response, size % 3 * 100 + 1, size), read, filled, lines];
                    for (fits, result) in fits.iter_mut().zip(results) {
                        match result {
                            Ok(found) => {
                                assert_eq!(found, content, "{coding} {size}");
                                *fits = true;
                            }
                            Err(Error::BufferTooSmall { needed, .. }) => assert!(needed > size),
                            Err(error) => panic!("{coding} {size}: {error}"),
                        }
                    }
                    // If the content fits, reading the stream returns the same content.
                    if let Ok(found) = stream(&response, 100, size) {
                        assert_eq!(found, content, "{coding} {size}");
                    }
                }
                assert_eq!(fits, [true; 4], "{coding}");
            }
        }
    }
}

/// Text that can be compressed by half.
fn hex_lines() -> Vec<u8> {
    let number = |line: u64| (line + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (line + 1).wrapping_pow(11);
    (0..100).flat_map(|line| format!("{:016x}\n", number(line)).into_bytes()).collect()
}

/// A response with a head of at least `head` bytes, in each framing.
fn framed(head: usize, coding: &str, body: &[u8]) -> [Vec<u8>; 3] {
    [response(coding, body), chunked(coding, body), until_close(coding, body)].map(|response| {
        let start = "HTTP/1.1 200 OK\r\n".len();
        let padding = format!("X-Padding: {}\r\n", "x".repeat(head.saturating_sub(100)));
        [&response[..start], padding.as_bytes(), &response[start..]].concat()
    })
}

fn filled_whole<N: Network>(mut stream: Stream<'_, N>) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    while let piece @ [_, ..] = stream.fill_buf()? {
        content.extend(piece);
        let count = piece.len();
        stream.consume(count);
    }
    Ok(content)
}

/// The content of a response, received in each way that there is, in a buffer of `size` bytes.
fn in_each_way(response: &[u8], piece: usize, size: usize) -> [(&'static str, Result<Vec<u8>, Error>); 9] {
    let script = || Script::new(response).in_pieces_of(piece);
    let [read, filled, lines] = streamed(response, piece, size, &mut [0; 7]);
    let mut inflater = Box::new(Inflater::new());
    let mut buffer = vec![0; size];

    let network = ScriptedNetwork::new([script()]);
    let rest = requests::get(URL).decompress(&mut inflater).stream_over(network, &mut buffer);
    let rest = rest.and_then(|stream| stream.into_response().map(|response| response.content().to_vec()));

    let mut file = Vec::new();
    let mut network = ScriptedNetwork::new([script()]);
    let request = requests::get(URL).decompress(&mut inflater).download(&mut file).attempts(1);
    let download = request.send_over(&mut network, &mut buffer).map(|_| file);

    let mut session = Session::over(ScriptedNetwork::new([script()]));
    let kept = session.get(URL).decompress(&mut inflater).stream(&mut buffer).and_then(filled_whole);

    // The whole of the response can arrive while the client waits for `100 Continue`.
    let mut network = ScriptedNetwork::new([script()]);
    let request = requests::post(URL).data(b"x").expect_continue().decompress(&mut inflater);
    let refused = request.send_over(&mut network, &mut buffer).map(|response| response.content().to_vec());
    let mut network = ScriptedNetwork::new([script()]);
    let request = requests::post(URL).data(b"x").expect_continue().decompress(&mut inflater);
    let refused_stream = request.stream_over(&mut network, &mut buffer).and_then(filled_whole);
    [
        ("send", send(response, piece, size)),
        ("read", read),
        ("fill_buf", filled),
        ("lines", lines),
        ("into_response", rest),
        ("download", download),
        ("session", kept),
        ("refused", refused),
        ("refused stream", refused_stream),
    ]
}

/// The network decides how many bytes arrive at once. What a buffer is large enough for must not depend on that.
#[test]
fn the_result_does_not_depend_on_how_the_bytes_arrive() {
    // Its compressed size is more than one receive, too.
    let content = &hex_lines()[..700];
    assert!(gzip(content).len() > 300);
    for (coding, body) in [("gzip", gzip(content)), ("identity", content.to_vec())] {
        for head in [0, 393] {
            for response in framed(head, coding, &body) {
                let end = response.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4 + URL.len();
                let largest = end + content.len() + 300;
                for size in (end - 3..end + 12).chain((end + 12..largest).step_by(41)) {
                    let at_once = in_each_way(&response, usize::MAX, size);
                    for piece in [1, 7, 100, 255, 256, 536] {
                        assert_eq!(
                            in_each_way(&response, piece, size),
                            at_once,
                            "{coding} {head} {size} {piece}"
                        );
                    }
                    for (way, result) in at_once {
                        match result {
                            Ok(found) if way == "lines" => {
                                assert_eq!(found.trim_ascii(), content.trim_ascii())
                            }
                            Ok(found) => assert_eq!(found, content, "{way} {size}"),
                            Err(Error::BufferTooSmall { needed, phase }) => {
                                assert!(needed > size && size < largest - 41, "{way} {size} {needed}");
                                // What passes through the buffer fits once there is room for any of it.
                                let passes = ["read", "fill_buf", "download", "session", "refused stream"]
                                    .contains(&way);
                                if passes && phase == Phase::Body {
                                    let again = in_each_way(&response, usize::MAX, needed);
                                    assert!(
                                        again.contains(&(way, Ok(content.to_vec()))),
                                        "{way} {size} {needed}"
                                    );
                                }
                            }
                            Err(error) => panic!("{way} {coding} {size}: {error}"),
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_compressed_body_that_is_cut_is_never_whole() {
    let content = text();
    let body = raw(&content);
    let size = content.len() + 600;
    for length in [1, 100, body.len() / 2, body.len() - 1] {
        let cut = until_close("deflate", &body[..length]);
        let truncated = Err(Error::InvalidCompression(InflateError::Truncated));
        assert_eq!(send(&cut, usize::MAX, size), truncated, "{length}");
        assert_eq!(stream(&cut, usize::MAX, 400), truncated, "{length}");
        for result in streamed(&cut, usize::MAX, 400, &mut [0; 50]) {
            assert_eq!(result, truncated, "{length}");
        }
    }
}

#[test]
fn what_is_no_coding_leaves_the_content_as_it_is() {
    for coding in ["", "identity", "none", "UTF-8", "identity, none"] {
        let response = response(coding, b"text\n");
        assert_eq!(send(&response, 9, 500).as_deref(), Ok(&b"text\n"[..]), "{coding}");
        for result in streamed(&response, 9, 500, &mut [0; 50]) {
            assert_eq!(result.as_deref(), Ok(&b"text\n"[..]), "{coding}");
        }
    }
    let encoded = response("none, gzip", &gzip(b"text\n"));
    assert_eq!(send(&encoded, 9, 500).as_deref(), Ok(&b"text\n"[..]));
}

#[test]
fn a_stream_that_cannot_be_decompressed_does_not_begin() {
    for result in streamed(&response("br", b"x"), 9, 500, &mut [0; 50]) {
        assert_eq!(result, Err(Error::UnsupportedCoding));
    }
}

#[test]
fn a_session_and_a_request_with_retries_decompress_too() {
    let answer = response("gzip", &gzip(b"one\ntwo\n"));
    let mut session = Session::over(ScriptedNetwork::new([Script::turns([&answer, &answer, &answer])]));
    let mut inflater = Box::new(Inflater::new());
    let mut buffer = [0; 600];
    for _ in 0..2 {
        let mut stream = session.get(URL).decompress(&mut inflater).stream(&mut buffer).unwrap();
        let mut lines = stream.iter_lines();
        assert_eq!(lines.next_text(), Ok(Some("one")));
        assert_eq!(lines.next_text(), Ok(Some("two")));
        assert_eq!(lines.next_text(), Ok(None));
    }
    let response = session.get(URL).decompress(&mut inflater).send(&mut buffer).unwrap();
    assert_eq!(response.text(), Ok("one\ntwo\n"));
    assert_eq!(session.connections_opened(), 1);

    let token = CancelToken::new().unwrap();
    let mut network = ScriptedNetwork::new([
        Script::new(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
        Script::new(&answer),
    ]);
    let request = requests::get(URL).retry(Retry::new(2)).decompress(&mut inflater).cancel_token(&token);
    assert_eq!(request.send_over(&mut network, &mut buffer).unwrap().text(), Ok("one\ntwo\n"));
}

#[test]
fn a_download_decompresses_and_starts_anew_where_the_connection_drops() {
    let content = text();
    let body = gzip(&content);
    let tagged = |end: usize| {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nETag: \"1\"\r\nContent-Length: {length}\r\n\r\n"
        );
        Script::new(&[head.as_bytes(), &body[..end]].concat())
    };
    for (coding, full) in [("gzip", body.clone()), ("deflate", zlib(&content)), ("identity", content.clone())]
    {
        for full in [response(coding, &full), chunked(coding, &full)] {
            let mut inflater = Box::new(Inflater::new());
            let mut network = ScriptedNetwork::new([tagged(body.len() / 2), Script::new(&full)]);
            let mut file = Vec::new();
            let mut shown = Vec::new();
            let mut show = |received, len| shown.push((received, len));
            let done = requests::get(URL)
                .decompress(&mut inflater)
                .download(&mut file)
                .on_progress(&mut show)
                .send_over(&mut network, &mut [0; 700])
                .unwrap();
            assert_eq!(
                (done.len, done.requests, done.validator()),
                (content.len() as u64, 2, None),
                "{coding}"
            );
            assert!(file == content, "{coding}");
            assert_eq!(shown[0].1, None, "the length is that of the compressed content");
            assert!(!String::from_utf8(network.sent(1)).unwrap().contains("Range: "));
        }
    }
    let mut inflater = Box::new(Inflater::new());
    let mut network = ScriptedNetwork::new([Script::new(&response("gzip", &content))]);
    let mut file = Vec::new();
    let result = requests::get(URL)
        .decompress(&mut inflater)
        .download(&mut file)
        .send_over(&mut network, &mut [0; 700]);
    assert!(matches!(result, Err(Error::InvalidCompression(_))), "{result:?}");
}
