// SPDX-License-Identifier: Apache-2.0
//! No session leaves a file descriptor open, however its requests end. This is a single test in its
//! own process, because it counts all descriptors of the process.

mod support;

use std::time::Duration;

use embedded_io::Read;
use requests::{CloseReason, Error, Session};

use support::peer::{Peer, Refusing, Step, answer};

const DEADLINE: Duration = Duration::from_millis(100);
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const HALF: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal";
const CLOSING: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("/proc").count()
}

/// The result of a request, and the state of its connection.
type Ending = (&'static str, Option<CloseReason>);

fn get(session: &mut Session<'_>, url: &str) -> Ending {
    let mut buffer = [0; 1024];
    let kind = kind(session.get(url).send(&mut buffer).map(|_| ()));
    (kind, session.close_reason())
}

fn kind(result: Result<(), Error>) -> &'static str {
    result.map_or_else(|error| error.kind(), |()| "answer")
}

/// A stream that is dropped after this many bytes.
fn stream(session: &mut Session<'_>, url: &str, count: usize) -> Ending {
    let mut buffer = [0; 1024];
    let mut content = vec![0; count];
    let result = session.get(url).stream(&mut buffer).and_then(|mut stream| {
        let mut filled = 0;
        while filled < count {
            match stream.read(&mut content[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        Ok(())
    });
    (kind(result), session.close_reason())
}

fn upload(session: &mut Session<'_>, url: &str, announced: u64) -> Ending {
    let mut buffer = [0; 1024];
    let mut reader = &b"data"[..];
    let result = session.post(url).body(&mut reader, Some(announced)).send(&mut buffer).map(|_| ());
    (kind(result), session.close_reason())
}

/// Requests of one session that end in all ways.
fn requests_of_every_ending() -> Vec<Ending> {
    let mut session = Session::new();
    let mut endings = Vec::new();
    let refusing = Refusing::new();
    let kept = |text: &str| vec![Step::ReadRequest, Step::send(text), Step::ReadAll];
    for part in [
        answer(CLOSING),
        answer(""),
        answer("HTTP/1.1 2"),
        answer("SSH-2.0"),
        answer(HALF),
        answer("HTTP/1.1 200 OK\r\n\r\nuntil close"),
        answer("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
        vec![Step::ReadRequest, Step::Reset],
        kept(OK),
    ] {
        let peer = Peer::new([part]);
        endings.push(get(&mut session, &peer.url("/")));
        // The peer ends when the connection does.
        session.close();
    }
    session = session.timeout(DEADLINE);
    let redirect = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
    let silent = Peer::new([kept(redirect)]);
    endings.push(get(&mut session, &silent.url("/")));
    for read in [0, 1, 3, 5] {
        let peer = Peer::new([kept(HALF)]);
        endings.push(stream(&mut session, &peer.url("/"), read));
    }
    for announced in [4, 9] {
        let peer = Peer::new([kept(OK)]);
        endings.push(upload(&mut session, &peer.url("/"), announced));
        session.close();
    }
    endings.push(get(&mut session, &refusing.url("/")));
    // More hosts than slots.
    let peers: Vec<_> = (0..6).map(|_| Peer::new([kept(OK)])).collect();
    session = session.timeout(Duration::from_secs(30));
    endings.extend(peers.iter().map(|peer| get(&mut session, &peer.url("/"))));
    assert_eq!((session.connections_opened(), session.connections_kept()), (22, 4));
    drop(session);
    endings
}

#[test]
fn every_ending_closes_what_it_opened() {
    let failed = Some(CloseReason::Error);
    let incomplete = Some(CloseReason::ResponseIncomplete);
    let expected = [
        ("answer", Some(CloseReason::ConnectionClose)),
        ("empty-response", failed),
        ("truncated-head", failed),
        ("invalid-head", failed),
        ("truncated-body", failed),
        ("answer", Some(CloseReason::UntilClose)),
        ("invalid-framing", failed),
        ("receive", failed),
        ("answer", None),
        ("timeout", failed),
        ("answer", incomplete),
        ("answer", incomplete),
        ("answer", incomplete),
        ("timeout", incomplete),
        ("answer", None),
        ("body-reader", failed),
        ("connection-refused", failed),
        ("answer", None),
        ("answer", None),
        ("answer", None),
        ("answer", None),
        ("answer", None),
        ("answer", None),
    ];
    // Descriptors that the system's libraries open once and keep are open by then.
    assert_eq!(requests_of_every_ending(), expected);
    let before = open_descriptors();
    for _ in 0..5 {
        assert_eq!(requests_of_every_ending(), expected);
        assert_eq!(open_descriptors(), before);
    }
}
