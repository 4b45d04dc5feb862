// SPDX-License-Identifier: Apache-2.0
//! Retries: which requests are repeated, how often, and after how long.

mod support;

use std::time::Duration;

use embedded_io::ErrorKind;
use requests::transport::scripted::{End, Script, ScriptedNetwork};
use requests::transport::{IoError, Network as _};
use requests::{CancelToken, Error, Phase, Request, Retry, Session};

use support::network::NoRandom;
use support::time::within;

const URL: &str = "http://example.org/";
const MS: fn(u64) -> Duration = Duration::from_millis;

fn status(code: u16, headers: &str) -> Script {
    Script::new(format!("HTTP/1.1 {code} X\r\n{headers}Content-Length: 2\r\n\r\nhi").as_bytes())
}

fn ok() -> Script {
    status(200, "")
}

/// The status or error of `request` over connections that play `scripts`, the number of
/// connections, and the time that it took.
fn outcome<const N: usize>(
    request: Request<'_>,
    retry: Retry,
    scripts: [Script; N],
) -> (Result<u16, Error>, usize, u64) {
    let mut network = ScriptedNetwork::new(scripts);
    let mut buffer = [0; 1024];
    let result = request.retry(retry).send_over(&mut network, &mut buffer);
    let result = result.map(|response| {
        assert_eq!(response.content(), b"hi");
        response.status_code
    });
    (result, network.addresses().len(), network.now())
}

fn three() -> Retry {
    Retry::new(3).backoff(MS(100), MS(1000))
}

#[test]
fn statuses_that_may_pass_are_tried_again() {
    for code in [429, 502, 503, 504] {
        assert_eq!(
            outcome(requests::get(URL), three(), [status(code, ""), ok()]),
            (Ok(200), 2, 100),
            "{code}"
        );
    }
    for code in [200, 400, 404, 408, 500, 501, 505] {
        assert_eq!(
            outcome(requests::get(URL), three(), [status(code, ""), ok()]),
            (Ok(code), 1, 0),
            "{code}"
        );
    }
    let teapots = three().statuses(&[418]);
    assert_eq!(outcome(requests::get(URL), teapots, [status(418, ""), ok()]), (Ok(200), 2, 100));
    assert_eq!(outcome(requests::get(URL), teapots, [status(503, ""), ok()]), (Ok(503), 1, 0));
}

#[test]
fn the_last_answer_counts() {
    let answers = [status(503, ""), status(502, ""), status(504, ""), ok()];
    assert_eq!(outcome(requests::get(URL), three(), answers), (Ok(504), 3, 300));
    assert_eq!(outcome(requests::get(URL), Retry::new(1), [status(503, ""), ok()]), (Ok(503), 1, 0));
    assert_eq!(outcome(requests::get(URL), Retry::new(0), [status(503, ""), ok()]), (Ok(503), 1, 0));
}

#[test]
fn failures_on_the_way_are_tried_again() {
    for broken in [
        Script::new(b""),
        Script::new(b"HTTP/1.1 200"),
        Script::new(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"),
        Script::new(b"").then(End::Break(ErrorKind::ConnectionReset)),
        Script::new(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi")
            .then(End::Break(ErrorKind::ConnectionReset)),
    ] {
        assert_eq!(
            outcome(requests::get(URL), three(), [broken.clone(), ok()]),
            (Ok(200), 2, 100),
            "{broken:?}"
        );
    }
    let refused = outcome(requests::get(URL), three(), []);
    assert!(matches!(refused, (Err(Error::Connect(_)), 3, 300)), "{refused:?}");
    // Faults of the response itself are not retried.
    let invalid = outcome(requests::get(URL), three(), [Script::new(b"HTTP/9.9 200 OK\r\n\r\n"), ok()]);
    assert!(matches!(invalid, (Err(Error::InvalidHead(_)), 1, 0)), "{invalid:?}");
}

#[test]
fn waits_double_up_to_their_bound() {
    let answers = [503; 7].map(|code| status(code, ""));
    let retry = Retry::new(7).backoff(MS(100), MS(500));
    assert_eq!(outcome(requests::get(URL), retry, answers), (Ok(503), 7, 100 + 200 + 400 + 500 + 500 + 500));
    // Every random byte of the script is 42, so the wait is shortened by 42/256 of a half.
    let (result, attempts, waited) = outcome(
        requests::get(URL),
        Retry::new(2).backoff(MS(1000), MS(1000)).jitter(),
        [status(503, ""), ok()],
    );
    assert_eq!((result, attempts, waited), (Ok(200), 2, 1000 - 82));
}

#[test]
fn the_server_says_how_long() {
    let asked = |headers: &str| outcome(requests::get(URL), three(), [status(503, headers), ok()]);
    assert_eq!(asked("Retry-After: 5\r\n"), (Ok(200), 2, 5000));
    assert_eq!(asked("Retry-After: 0\r\n"), (Ok(200), 2, 100));
    assert_eq!(asked("Retry-After: soon\r\n"), (Ok(200), 2, 100));
    let date = "Date: Sun, 06 Nov 1994 08:49:30 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    assert_eq!(asked(date), (Ok(200), 2, 7000));
    let past = "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    assert_eq!(asked(past), (Ok(200), 2, 100));
    // If the wait is longer than the policy or the time-out allows, the response counts.
    let patient = three().max_retry_after(MS(4999));
    let answers = [status(503, "Retry-After: 5\r\n"), ok()];
    assert_eq!(outcome(requests::get(URL), patient, answers.clone()), (Ok(503), 1, 0));
    assert_eq!(outcome(requests::get(URL).timeout(MS(5000)), three(), answers), (Ok(503), 1, 0));
}

#[test]
fn one_timeout_bounds_all_attempts() {
    let (result, attempts, elapsed) = outcome(
        requests::get(URL).timeout(MS(1000)),
        Retry::new(100).backoff(MS(300), MS(300)),
        [503; 9].map(|code| status(code, "")),
    );
    // At 0, 300, 600 and 900. There is no time for another one.
    assert_eq!((result, attempts, elapsed), (Ok(503), 4, 900));
    let stalled = outcome(
        requests::get(URL).timeout(MS(1000)),
        three(),
        [status(503, ""), Script::new(b"").then(End::Stall), ok()],
    );
    assert_eq!(stalled, (Err(Error::Timeout { phase: Phase::Receive }), 2, 1000));
}

#[test]
fn what_is_not_idempotent_is_sent_once() {
    let post = || requests::post(URL).data(b"order");
    assert_eq!(outcome(post(), three(), [status(503, ""), ok()]), (Ok(503), 1, 0));
    let lost = outcome(post(), three(), [Script::new(b""), ok()]);
    assert!(matches!(lost, (Err(Error::EmptyResponse), 1, 0)), "{lost:?}");
    assert_eq!(outcome(requests::patch(URL), three(), [status(503, ""), ok()]), (Ok(503), 1, 0));
    for request in [requests::put(URL).data(b"order"), requests::delete(URL), requests::options(URL)] {
        assert_eq!(outcome(request, three(), [status(503, ""), ok()]), (Ok(200), 2, 100));
    }
    assert_eq!(outcome(post(), three().any_method(), [status(503, ""), ok()]), (Ok(200), 2, 100));
}

/// Without a connection, nothing of the request was sent, unless a redirect came first.
#[test]
fn whatever_was_not_sent_is_tried_again() {
    let refused = outcome(requests::post(URL).data(b"order"), three(), []);
    assert!(matches!(refused, (Err(Error::Connect(_)), 3, 300)), "{refused:?}");
    let redirect = || status(303, "Location: http://other.example/\r\n");
    let seen = outcome(requests::post(URL).data(b"order"), three(), [redirect()]);
    assert!(matches!(seen, (Err(Error::Connect(_)), 2, 0)), "{seen:?}");
    let seen = outcome(requests::get(URL), three(), [redirect()]);
    assert!(matches!(seen, (Err(Error::Connect(_)), 4, 300)), "{seen:?}");
}

#[test]
fn a_body_that_was_read_is_not_sent_again() {
    let mut reader = &b"content"[..];
    let request = requests::put(URL).body(&mut reader, Some(7));
    assert_eq!(outcome(request, three(), [status(503, ""), ok()]), (Ok(503), 1, 0));
}

/// A request that has reached the server is not sent again if only the response is lost, even if
/// there was a connection.
#[test]
fn what_must_not_be_repeated_is_not_where_the_answer_is_cut_short() {
    let cut = || Script::new(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi");
    let post = || requests::post(URL).data(b"order");
    assert_eq!(outcome(post(), three(), [cut(), ok()]), (Err(Error::TruncatedBody { received: 2 }), 1, 0));
    assert_eq!(outcome(post(), three().any_method(), [cut(), ok()]), (Ok(200), 2, 100));
    // A consumed reader would be sent as an empty body.
    let mut reader = &b"content"[..];
    let request = requests::put(URL).body(&mut reader, None);
    assert_eq!(outcome(request, three(), [cut(), ok()]), (Err(Error::TruncatedBody { received: 2 }), 1, 0));

    let mut session = Session::over(ScriptedNetwork::new([cut(), ok()])).retry(three());
    let result = session.post(URL).data(b"order").send(&mut [0; 512]).map(|response| response.status_code);
    assert_eq!(result, Err(Error::TruncatedBody { received: 2 }));
    assert_eq!(session.network().addresses().len(), 1);
}

#[test]
fn jitter_without_randomness_is_the_whole_wait() {
    let mut network =
        NoRandom(ScriptedNetwork::new([status(503, ""), ok()]), requests::IoError::new(ErrorKind::Other));
    let request = requests::get(URL).retry(three().jitter());
    let result = request.send_over(&mut network, &mut [0; 512]).map(|response| response.status_code);
    assert_eq!((result, network.now()), (Ok(200), 100));
}

#[test]
fn streams_are_tried_again_up_to_their_head() {
    use embedded_io::Read as _;
    let mut network = ScriptedNetwork::new([
        status(503, ""),
        Script::new(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"),
    ]);
    let mut buffer = [0; 512];
    let mut stream = requests::get(URL).retry(three()).stream_over(&mut network, &mut buffer).unwrap();
    assert_eq!(stream.status_code, 200);
    let mut content = [0; 9];
    assert_eq!(stream.read(&mut content), Ok(2));
    assert_eq!(stream.read(&mut content), Err(Error::TruncatedBody { received: 2 }));
    drop(stream);
    assert_eq!(network.addresses().len(), 2);
}

#[test]
fn sessions_try_again_over_the_connection_that_they_have() {
    let answer = |code: u16| format!("HTTP/1.1 {code} X\r\nContent-Length: 2\r\n\r\nhi");
    let script = Script::turns([answer(503), answer(200), answer(503), answer(503), answer(200)]);
    let mut session = Session::over(ScriptedNetwork::new([script])).retry(three());
    let mut buffer = [0; 512];
    assert_eq!(session.get(URL).send(&mut buffer).unwrap().status_code, 200);
    assert_eq!(session.post(URL).send(&mut buffer).unwrap().status_code, 503);
    assert_eq!(session.get(URL).retry(Retry::new(1)).send(&mut buffer).unwrap().status_code, 503);
    assert_eq!(session.get(URL).stream(&mut buffer).unwrap().status_code, 200);
    // The five milliseconds are the check of the connection before a POST.
    assert_eq!((session.connections_opened(), session.network().now()), (1, 105));
}

#[test]
fn waiting_ends_when_it_is_cancelled() {
    let token = CancelToken::new().unwrap();
    let peer = support::peer::Peer::new([support::peer::answer(
        "HTTP/1.1 503 X\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n",
    )]);
    let url = peer.url("/");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(MS(300));
            token.cancel();
        });
        let mut buffer = [0; 512];
        let request = requests::get(&url).cancel_token(&token).retry(three());
        let result = within(MS(1000), || request.send(&mut buffer).map(|response| response.status_code));
        assert_eq!(result, Err(Error::Cancelled { phase: Phase::Connect }));
    });
}

/// A connection that is kept during the wait for Retry-After is idle for that time.
#[test]
fn the_wait_counts_as_idle_time() {
    let busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nKeep-Alive: timeout=5\r\nRetry-After: 20\r\n\r\n";
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    let network = ScriptedNetwork::new([Script::turns([busy, answer]), Script::new(answer.as_bytes())]);
    let mut session = Session::over(network).retry(three().any_method());
    let mut buffer = [0; 1024];
    session.post(URL).data(b"x").send(&mut buffer).unwrap();
    assert_eq!((session.network().now(), session.connections_opened()), (20_000, 2));
}

#[test]
fn without_randomness_the_wait_is_the_whole_one() {
    let network = ScriptedNetwork::new([status(503, ""), ok()]);
    let mut network = NoRandom(network, IoError::new(ErrorKind::Other));
    let mut buffer = [0; 1024];
    let request = requests::get(URL).retry(three().jitter());
    assert_eq!(request.send_over(&mut network, &mut buffer).unwrap().status_code, 200);
    assert_eq!(network.now(), 100);
}

#[test]
fn a_token_can_be_given_before_and_after_the_retry() {
    let token = CancelToken::new().unwrap();
    token.cancel();
    let cancelled = Some(Error::Cancelled { phase: Phase::Dns });
    let mut buffer = [0; 1024];
    let mut network = ScriptedNetwork::new([ok()]);
    let before = requests::get(URL).cancel_token(&token).retry(three());
    assert_eq!(before.send_over(&mut network, &mut buffer).err(), cancelled);
    let after = requests::get(URL).retry(three()).cancel_token(&token);
    assert_eq!(after.send_over(&mut network, &mut buffer).err(), cancelled);
    assert!(network.addresses().is_empty());
}
