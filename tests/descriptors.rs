// SPDX-License-Identifier: Apache-2.0
//! No request leaves a file descriptor open, however it ends. This is a single test in its own
//! process, because it counts all descriptors of the process.

mod support;

use std::time::Duration;

use requests::{Error, Part};

use support::peer::{Part as Play, Peer, Refusing, Step, Swallowing, answer};
use support::{Answer, send, send_with_buffer};

const DEADLINE: Duration = Duration::from_millis(50);
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("/proc").count()
}

/// The result of a request to a peer that plays `parts`.
fn kind_of(parts: impl IntoIterator<Item = Play>) -> &'static str {
    kind(send(requests::get(&Peer::new(parts).url("/"))))
}

/// The result of a request with a short time-out to a peer that plays `parts`.
fn kind_of_short(parts: impl IntoIterator<Item = Play>) -> &'static str {
    let peer = Peer::new(parts);
    kind(send(requests::get(&peer.url("/")).timeout(DEADLINE)))
}

fn kind(result: Result<Answer, Error>) -> &'static str {
    result.map_or_else(|error| error.kind(), |_| "answer")
}

/// The results of requests that end in every way.
fn requests_of_every_ending() -> Vec<&'static str> {
    let redirect = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
    let long_chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf";
    // No name can have labels of this length, so there is no look-up.
    let unresolvable = format!("http://{}.example.org/", "a".repeat(64));
    let refusing = Refusing::new();
    let swallowing = Swallowing::new();
    let peer = Peer::new([answer(OK), vec![Step::Stall]]);
    let large = vec![0; 64 << 20];
    let small_buffer = send_with_buffer(requests::get(&peer.url("/")), 40);
    let large_upload = send(requests::post(&peer.url("/")).data(&large).timeout(DEADLINE));
    let mut reader = &b"hel"[..];
    let parts = [Part::reader("file", "name", &mut reader, 5)];
    let uploaded = Peer::new([vec![Step::ReadAll]]);
    let short_reader = send(requests::post(&uploaded.url("/")).files(&parts));
    vec![
        kind_of([answer(OK)]),
        kind_of([answer(redirect), answer(OK)]),
        kind_of(vec![answer(redirect); 11]),
        kind_of_short([answer(redirect), vec![Step::ReadRequest, Step::Stall]]),
        kind_of([answer("")]),
        kind_of([answer("HTTP/1.1 2")]),
        kind_of([answer("SSH-2.0")]),
        kind_of([answer("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")]),
        kind_of([answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n")]),
        kind_of([answer(long_chunk)]),
        kind_of([answer("HTTP/1.1 302 Found\r\nLocation: http://\r\n\r\n")]),
        kind_of_short([vec![Step::Stall]]),
        kind_of_short([vec![Step::send(long_chunk), Step::Stall]]),
        kind_of([vec![Step::ReadRequest, Step::Reset]]),
        kind(send(requests::get(&refusing.url("/")))),
        kind(send(requests::get(&swallowing.url("/")).timeout(DEADLINE))),
        kind(send(requests::get(&unresolvable))),
        kind(send(requests::get("http://"))),
        kind(small_buffer),
        kind(large_upload),
        kind(short_reader),
    ]
}

#[test]
fn every_ending_closes_what_it_opened() {
    let expected = [
        "answer",
        "answer",
        "too-many-redirects",
        "timeout",
        "empty-response",
        "truncated-head",
        "invalid-head",
        "invalid-framing",
        "invalid-chunk",
        "truncated-body",
        "invalid-location",
        "timeout",
        "timeout",
        "receive",
        "connection-refused",
        "timeout",
        "host-not-found",
        "invalid-url",
        "buffer-too-small",
        "timeout",
        "part-reader",
    ];
    // Descriptors that the system's libraries open once and keep are open by then.
    assert_eq!(requests_of_every_ending(), expected);
    let before = open_descriptors();
    for _ in 0..5 {
        assert_eq!(requests_of_every_ending(), expected);
        assert_eq!(open_descriptors(), before);
    }
}
