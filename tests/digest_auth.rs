// SPDX-License-Identifier: Apache-2.0
//! Digest access authentication.

mod support;

use requests::transport::scripted::{Script, ScriptedNetwork};
use requests::{Error, Part, Session};

use support::sent::SentRequest;
use support::servers::httpbin;
use support::{BUFFER, send, send_over};

const URL: &str = "http://example.org/dir/index.html?q=1";
const CHALLENGE: &str = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 3\r\n\
    WWW-Authenticate: Digest realm=\"r\", qop=\"auth\", algorithm=SHA-256, nonce=\"n\", opaque=\"o\"\r\n\r\nwho";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn network(responses: &[&str]) -> ScriptedNetwork {
    ScriptedNetwork::new(responses.iter().map(|response| Script::new(response.as_bytes())))
}

fn authorization(network: &ScriptedNetwork, connection: usize) -> Option<String> {
    let request = SentRequest::only(&network.sent(connection));
    request.header("Authorization").map(ToOwned::to_owned)
}

#[test]
fn httpbin_accepts_the_password_and_only_that() {
    for path in ["auth/user/secret", "auth/user/secret/SHA-256", "auth/user/secret/MD5"] {
        let url = httpbin().url(&format!("/digest-auth/{path}"));
        assert_eq!(send(requests::get(&url)).unwrap().status, 401, "{path}");
        assert_eq!(send(requests::get(&url).digest_auth(("user", "secret"))).unwrap().status, 200, "{path}");
        assert_eq!(send(requests::get(&url).digest_auth(("user", "wrong"))).unwrap().status, 401, "{path}");
    }
}

#[test]
fn the_password_is_not_sent_and_the_body_is_sent_again() {
    let mut network = network(&[CHALLENGE, OK]);
    let request = requests::request("post", URL).data(b"data").digest_auth(("user", "secret"));
    assert_eq!(send_over(request, &mut network).unwrap().content, b"ok");
    assert_eq!(authorization(&network, 0), None);
    let shown = authorization(&network, 1).unwrap();
    assert!(
        shown.starts_with("Digest username=\"user\", realm=\"r\", nonce=\"n\", uri=\"/dir/index.html?q=1\"")
    );
    assert!(shown.contains("qop=auth, nc=00000001") && shown.contains("opaque=\"o\""), "{shown}");
    for connection in 0..2 {
        let sent = SentRequest::only(&network.sent(connection));
        assert_eq!((&*sent.method, &sent.body[..]), ("POST", &b"data"[..]));
        assert!(!network.sent(connection).windows(6).any(|bytes| bytes == b"secret"));
    }
}

#[test]
fn a_second_challenge_ends_it_unless_the_nonce_was_too_old() {
    let mut network_ = network(&[CHALLENGE, CHALLENGE, OK]);
    let answer = send_over(requests::get(URL).digest_auth(("u", "p")), &mut network_).unwrap();
    assert_eq!((answer.status, &answer.content[..]), (401, &b"who"[..]));

    let stale = CHALLENGE.replace("nonce=\"n\"", "nonce=\"newer\", stale=true");
    let mut network_ = network(&[CHALLENGE, &stale, OK]);
    let answer = send_over(requests::get(URL).digest_auth(("u", "p")), &mut network_).unwrap();
    assert_eq!(answer.status, 200);
    assert!(authorization(&network_, 2).unwrap().contains("nonce=\"newer\""));
}

#[test]
fn a_server_that_is_never_content_is_given_up() {
    let stale = CHALLENGE.replace("nonce=\"n\"", "nonce=\"newer\", stale=true");
    let mut network = network(&[&*stale; 50]);
    let answer = send_over(requests::get(URL).digest_auth(("u", "p")), &mut network).unwrap();
    assert_eq!(answer.status, 401);
    assert!(network.addresses().len() <= 4);
}

#[test]
fn another_origin_learns_nothing() {
    let redirect = "HTTP/1.1 302 Found\r\nLocation: http://other.example/\r\nContent-Length: 0\r\n\r\n";
    let mut network = network(&[CHALLENGE, redirect, CHALLENGE, OK]);
    let answer = send_over(requests::get(URL).digest_auth(("u", "p")), &mut network).unwrap();
    assert_eq!((answer.status, &*answer.url), (401, "http://other.example/"));
    assert!(authorization(&network, 1).is_some() && authorization(&network, 2).is_none());
}

#[test]
fn the_same_origin_is_answered_again_behind_a_redirect() {
    let redirect = "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n";
    let mut network = network(&[CHALLENGE, redirect, CHALLENGE, OK]);
    let answer = send_over(requests::get(URL).digest_auth(("u", "p")), &mut network).unwrap();
    assert_eq!((answer.status, &*answer.url), (200, "http://example.org/other"));
    assert_eq!(authorization(&network, 2), None);
    assert!(authorization(&network, 3).unwrap().contains("uri=\"/other\""));
}

#[test]
fn what_cannot_be_answered_is_the_answer() {
    let basic =
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n";
    let own = requests::get(URL).digest_auth(("u", "p")).header("Authorization", "Own x");
    let mut reader = &b"data"[..];
    let read = requests::post(URL).digest_auth(("u", "p")).body(&mut reader, Some(4));
    let mut part = &b"data"[..];
    let parts = [Part::reader("a", "b", &mut part, 4)];
    for (request, response) in [
        (requests::get(URL).digest_auth(("u", "p")), basic),
        (own, CHALLENGE),
        (read, CHALLENGE),
        (requests::post(URL).digest_auth(("u", "p")).files(&parts), CHALLENGE),
    ] {
        let mut network = network(&[response, OK]);
        assert_eq!(send_over(request, &mut network).unwrap().status, 401);
    }
    let request = requests::get(URL).digest_auth(("u\n", "p"));
    assert_eq!(send_over(request, &mut network(&[])), Err(Error::InvalidCredentials));
}

#[test]
fn a_buffer_that_is_too_small_says_how_much_it_takes() {
    for size in 150..BUFFER {
        let mut network = network(&[CHALLENGE, OK]);
        let mut buffer = vec![0; size];
        match requests::get(URL).digest_auth(("u", "p")).send_over(&mut network, &mut buffer) {
            Ok(response) => return assert_eq!(response.content(), b"ok"),
            Err(Error::BufferTooSmall { needed, .. }) => assert!(needed > size && needed < 1000),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_session_answers_over_the_same_connection() {
    let script = Script::turns([CHALLENGE, OK]);
    let mut session = Session::over(ScriptedNetwork::new([script]));
    let mut buffer = [0; 1024];
    let response = session.get(URL).digest_auth(("u", "p")).send(&mut buffer).unwrap();
    assert_eq!(response.content(), b"ok");
    assert_eq!(session.connections_opened(), 1);
}

#[test]
fn the_password_is_not_sent_from_elsewhere_either() {
    let mut network = network(&[CHALLENGE, OK]);
    let request = requests::get("http://user:secret@example.org/").digest_auth(("user", "secret"));
    assert_eq!(send_over(request, &mut network).unwrap().status, 200);
    assert_eq!(authorization(&network, 0), None);
    assert!(authorization(&network, 1).unwrap().starts_with("Digest "));

    let script = Script::turns([CHALLENGE, OK]);
    let mut session = Session::over(ScriptedNetwork::new([script]))
        .auth(("user", "secret"))
        .headers(&[("Authorization", "Bearer secret")]);
    let mut buffer = [0; 1024];
    let response = session.get(URL).digest_auth(("user", "secret")).send(&mut buffer).unwrap();
    assert_eq!(response.status_code, 200);
    let sent = SentRequest::all(&session.network().sent(0));
    assert_eq!(sent[0].header("Authorization"), None);
    assert!(sent[1].header("Authorization").unwrap().starts_with("Digest "));
}

#[test]
fn what_is_said_last_counts() {
    let mut network = network(&[CHALLENGE]);
    let request = requests::get(URL).digest_auth(("user", "secret")).bearer_auth("token");
    assert_eq!(send_over(request, &mut network).unwrap().status, 401);
    assert_eq!(authorization(&network, 0).as_deref(), Some("Bearer token"));
}

#[test]
fn a_session_answers_for_its_requests() {
    let responses = [CHALLENGE, OK, CHALLENGE, OK, CHALLENGE];
    let mut session =
        Session::over(network(&responses)).auth(("basic", "sent")).digest_auth(("user", "secret"));
    let mut buffer = [0; BUFFER];
    assert_eq!(session.get(URL).send(&mut buffer).unwrap().content(), b"ok");
    session.close();
    assert_eq!(session.get(URL).digest_auth(("other", "secret")).send(&mut buffer).unwrap().content(), b"ok");
    session.close();
    assert_eq!(session.get(URL).auth(("basic", "sent")).send(&mut buffer).unwrap().status_code, 401);
    let shown: Vec<_> = (0..5).map(|connection| authorization(session.network(), connection)).collect();
    assert!(shown[0].is_none() && shown[2].is_none(), "{shown:?}");
    assert!(shown[1].as_deref().is_some_and(|line| line.starts_with("Digest username=\"user\"")));
    assert!(shown[3].as_deref().is_some_and(|line| line.starts_with("Digest username=\"other\"")));
    assert_eq!(shown[4].as_deref(), Some("Basic YmFzaWM6c2VudA=="));

    let mut session = Session::over(network(&[])).digest_auth(("user\n", "secret"));
    assert_eq!(session.get(URL).send(&mut buffer).err(), Some(Error::InvalidCredentials));
}
