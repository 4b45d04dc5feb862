// SPDX-License-Identifier: Apache-2.0
//! Cancelling requests: a request ends at once in any phase, and sends nothing more.

mod support;

use std::time::{Duration, Instant};

use requests::transport::scripted::{End, Script, ScriptedNetwork};
use requests::transport::{Deadline, Network};
use requests::{CancelToken, Error, Phase, Session};

use support::peer::{Peer, Step, Swallowing};
use support::{answering, send, send_over};

/// How long a request runs before it is cancelled.
const HEADSTART: Duration = Duration::from_millis(300);

/// How long it may take to end then, on a busy machine. This is much shorter than any time-out
/// here.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Sends `request` with a token that is cancelled meanwhile. It must end at once.
#[track_caller]
fn cancelled<T>(request: impl FnOnce(&CancelToken) -> T) -> T {
    let token = CancelToken::new().expect("a token");
    let start = Instant::now();
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(HEADSTART);
            token.cancel();
        });
        request(&token)
    });
    let took = start.elapsed();
    assert!(took >= HEADSTART, "ended after {took:?}, before it was cancelled");
    assert!(took < HEADSTART + AT_ONCE, "ended after {took:?}");
    result
}

#[test]
fn while_connecting() {
    let hole = Swallowing::new();
    let url = hole.url("/");
    let error = cancelled(|token| send(requests::get(&url).cancel_token(token))).unwrap_err();
    assert_eq!(error, Error::Cancelled { phase: Phase::Connect });
    assert_eq!(error.kind(), "cancelled");
    assert_eq!(error.phase(), Phase::Connect);
    assert_eq!(error.to_string(), "the request was cancelled (connect)");
}

#[test]
#[cfg(feature = "tls")]
fn in_a_tls_handshake() {
    for parts in [vec![Step::Stall], vec![Step::send([22, 3, 3, 0]), Step::Stall]] {
        let peer = Peer::new([parts]);
        let url = format!("https://localhost:{}/", peer.port());
        let root: &[u8] = webpki_root_certs::TLS_SERVER_ROOT_CERTS[0].as_ref();
        let roots = [root];
        let config = requests::TlsConfig::new().roots(&roots);
        let result = cancelled(|token| send(requests::get(&url).tls(config).cancel_token(token)));
        assert_eq!(result, Err(Error::Cancelled { phase: Phase::Tls }));
    }
}

#[test]
fn while_sending() {
    let peer = Peer::new([vec![Step::Stall]]);
    let data = vec![0; 64 * 1024 * 1024];
    let url = peer.url("/");
    let result = cancelled(|token| send(requests::post(&url).data(&data).cancel_token(token)));
    assert_eq!(result, Err(Error::Cancelled { phase: Phase::Send }));
}

#[test]
fn while_receiving() {
    for response in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour"] {
        let peer = Peer::new([vec![Step::ReadRequest, Step::send(response), Step::Stall]]);
        let url = peer.url("/");
        let result = cancelled(|token| send(requests::get(&url).cancel_token(token)));
        assert_eq!(result, Err(Error::Cancelled { phase: Phase::Receive }), "{response:?}");
    }
}

#[test]
fn while_the_peer_never_pauses() {
    let endless = Step::SendAgainAndAgain(vec![b'a'; 16], Duration::from_secs(20));
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n";
    let peer = Peer::new([vec![Step::ReadRequest, Step::send(head), endless]]);
    let url = peer.url("/");
    let result = cancelled(|token| {
        let mut buffer = vec![0; 1_000_000_200];
        requests::get(&url).cancel_token(token).send(&mut buffer).map(|response| response.status_code)
    });
    assert_eq!(result, Err(Error::Cancelled { phase: Phase::Receive }));
}

#[test]
fn all_requests_that_share_a_token() {
    let peers = [0; 3].map(|_| Peer::new([vec![Step::Stall]]));
    let results = cancelled(|token| {
        std::thread::scope(|scope| {
            let requests: Vec<_> = peers
                .iter()
                .map(|peer| scope.spawn(|| send(requests::get(&peer.url("/")).cancel_token(token))))
                .collect();
            requests.into_iter().map(|request| request.join().expect("no panic")).collect::<Vec<_>>()
        })
    });
    assert_eq!(results, vec![Err(Error::Cancelled { phase: Phase::Receive }); 3]);
}

#[test]
fn before_the_request_nothing_is_sent() {
    let token = CancelToken::new().expect("a token");
    token.cancel();
    let peer = Peer::new([vec![Step::ReadAll]]);
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("http://{host}:{}/", peer.port());
        let error = send(requests::get(&url).cancel_token(&token)).unwrap_err();
        assert_eq!(error, Error::Cancelled { phase: Phase::Dns });
    }
    assert_eq!(peer.received(), Vec::<Vec<u8>>::new(), "nobody has connected");

    let mut network = answering(["HTTP/1.1 200 OK\r\n\r\n"]);
    let result = send_over(requests::get("http://a.example/").cancel_token(&token), &mut network);
    assert_eq!(result, Err(Error::Cancelled { phase: Phase::Dns }));
    assert!(network.addresses().is_empty());
}

#[test]
fn on_a_connection_that_was_kept() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let peer = Peer::new([vec![Step::ReadRequest, Step::send(answer), Step::Stall]]);
    let url = peer.url("/");
    let mut session = Session::new();
    let mut buffer = [0; 1024];
    assert_eq!(session.get(&url).send(&mut buffer).map(|response| response.status_code), Ok(200));
    let result = cancelled(|token| {
        session.get(&url).cancel_token(token).send(&mut buffer).map(|response| response.status_code)
    });
    assert_eq!(result, Err(Error::Cancelled { phase: Phase::Receive }));
}

#[test]
fn a_token_that_was_reset_serves_again() {
    let token = CancelToken::new().expect("a token");
    let url = "http://a.example/";
    for _ in 0..2 {
        let mut network = answering(["HTTP/1.1 204 No Content\r\n\r\n"]);
        let answer = send_over(requests::get(url).cancel_token(&token), &mut network);
        assert_eq!(answer.map(|answer| answer.status), Ok(204));
        token.cancel();
        assert!(token.is_cancelled());
        token.reset();
    }
}

#[test]
fn a_token_that_is_not_cancelled_leaves_the_deadline_alone() {
    let token = CancelToken::new().expect("a token");
    let mut network = ScriptedNetwork::new([Script::new(b"HTTP/1.1 200 OK\r\n").then(End::Stall)]);
    let request = requests::get("http://a.example/").cancel_token(&token).timeout(Duration::from_millis(700));
    let result = send_over(request, &mut network);
    assert_eq!(result, Err(Error::Timeout { phase: Phase::Receive }));
    assert_eq!(network.now(), 700);
}

#[test]
fn a_borrowed_network_is_a_network() {
    fn status<N: Network>(mut network: N) -> Result<u16, Error> {
        let mut buffer = [0; 256];
        let response = requests::get("http://a.example/").send_over(&mut network, &mut buffer)?;
        assert_eq!(network.sleep(Deadline::after(0, 90)), Ok(()));
        Ok(response.status_code)
    }
    let mut network = answering(["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"]);
    assert_eq!(status(&mut network), Ok(204));
    assert_eq!(status(&mut network), Ok(200));
    assert_eq!(network.now(), 90);
}
