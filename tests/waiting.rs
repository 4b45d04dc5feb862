// SPDX-License-Identifier: Apache-2.0
//! Hostile peers over real sockets: each request ends at its deadline, and its thread has slept until then. The processor
//! time of the thread is compared with the time that has passed. `tests/endless.rs` and `tests/tls/flood.rs` have peers
//! that never pause, with a clock of their own.

mod support;

use std::time::{Duration, Instant};

use embedded_io::Read as _;
use requests::tls::TlsConfig;
use requests::{CancelToken, Error, Request, Retry};
use rustix::time::{ClockId, clock_gettime};

use support::peer::{Part, Peer, Step, Swallowing, answer};
use support::time::at;

const DEADLINE: Duration = Duration::from_millis(700);

/// The most processor time, as a part of the time that passes: a busy loop would take all of it. A byte every two
/// milliseconds takes a few per cent in a debug build.
const MOST: u32 = 4;

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Checks that `action` ends at the deadline, with an error about the time, and that its thread sleeps.
#[track_caller]
fn sleeps<T: std::fmt::Debug>(what: &str, action: impl FnOnce() -> Result<T, Error>) {
    let (before, start) = (processor_time(), Instant::now());
    let result = at(DEADLINE, action);
    let (used, passed) = (processor_time() - before, start.elapsed());
    let error = result.expect_err("the peer never finishes");
    assert!(matches!(error, Error::Timeout { .. }) || error.kind() == "timed-out", "{what}: {error:?}");
    assert!(used < passed / MOST, "{what}: {used:?} of processor time in {passed:?}");
}

fn send(request: Request<'_>) -> Result<u16, Error> {
    let mut buffer = vec![0; 16 * 1024];
    request.timeout(DEADLINE).send(&mut buffer).map(|response| response.status_code)
}

/// Reads a request, sends `start`, and then a byte of `again` every two milliseconds.
fn drip(start: &str, again: &str) -> Part {
    let mut part = answer(start);
    for byte in again.bytes().cycle().take(2 * DEADLINE.as_millis() as usize) {
        part.extend([Step::send([byte]), Step::Pause(Duration::from_millis(2))]);
    }
    part
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

#[test]
fn responses_that_drip() {
    for (start, again) in [
        ("HTTP/1.1 200 ", "slow reason "),
        ("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
        ("", "HTTP/1.1 103 Early Hints\r\n\r\n"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", "body"),
        ("HTTP/1.1 200 OK\r\n\r\n", "until the end"),
        (CHUNKED, "1\r\nx\r\n"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "extension"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "T: trailer\r\n"),
    ] {
        let peer = Peer::new([drip(start, again)]);
        sleeps(again, || send(requests::get(&peer.url("/"))));
        let peer = Peer::new([drip(start, again)]);
        sleeps(again, || {
            let token = CancelToken::new().expect("a token");
            let mut buffer = [0; 1024];
            let url = peer.url("/");
            let request = requests::get(&url).timeout(DEADLINE).cancel_token(&token);
            let mut stream = request.stream(&mut buffer)?;
            let mut piece = [0; 64];
            while stream.read(&mut piece)? > 0 {}
            Ok(())
        });
    }
}

#[test]
fn a_peer_that_is_silent() {
    for start in
        ["", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", CHUNKED]
    {
        let peer = Peer::new([vec![Step::ReadRequest, Step::send(start), Step::Stall]]);
        sleeps(start, || send(requests::get(&peer.url("/"))));
    }
}

#[test]
fn a_peer_that_takes_nothing() {
    let peer = || Peer::new([vec![Step::Stall]]);
    // More than the buffers of both sides.
    let data = vec![b'x'; 64 << 20];
    let silent = peer();
    sleeps("data", || send(requests::post(&silent.url("/")).data(&data)));
    let silent = peer();
    sleeps("expect", || send(requests::post(&silent.url("/")).data(&data).expect_continue()));
    let silent = peer();
    let mut source = &data[..];
    sleeps("body", || send(requests::post(&silent.url("/")).body(&mut source, None)));
}

#[test]
fn a_host_that_does_not_answer() {
    let peer = Swallowing::new();
    sleeps("connect", || send(requests::get(&peer.url("/"))));
}

#[test]
fn a_peer_that_does_not_finish_the_handshake() {
    let url = |peer: &Peer| format!("https://127.0.0.1:{}/", peer.port());
    let record = "\x16\x03\x03\x3f\u{7f}\x02\0\x3f\u{7b}";
    let mut drips = vec![Step::Read(1), Step::send(&record[..5])];
    for byte in [0x03_u8, 0x03].into_iter().cycle().take(2 * DEADLINE.as_millis() as usize) {
        drips.extend([Step::send([byte]), Step::Pause(Duration::from_millis(2))]);
    }
    for part in [vec![Step::Stall], vec![Step::Read(1), Step::Stall], drips] {
        let peer = Peer::new([part]);
        sleeps("handshake", || send(requests::get(&url(&peer)).tls(TlsConfig::new())));
    }
}

/// The wait between two attempts is sleep, too.
#[test]
fn a_server_that_is_always_busy() {
    let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
    let peer = Peer::new(std::iter::repeat_n(answer(busy), 3));
    let (before, start) = (processor_time(), Instant::now());
    let url = peer.url("/");
    let mut buffer = [0; 1024];
    let result = requests::get(&url).timeout(DEADLINE).retry(Retry::new(3)).send(&mut buffer).map(drop);
    let (used, passed) = (processor_time() - before, start.elapsed());
    assert!(passed < 2 * DEADLINE + Duration::from_secs(3), "{result:?} after {passed:?}");
    assert!(used < Duration::from_millis(100) + passed / MOST, "{used:?} of processor time in {passed:?}");
}
