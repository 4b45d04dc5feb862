// SPDX-License-Identifier: Apache-2.0
//! Digest access authentication.

mod support;

use requests::transport::scripted::{Script, ScriptedNetwork};
use requests::{Error, Part, Session};

use support::sent::SentRequest;
use support::servers::{digest, httpbin};
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

    // The last of these methods counts.
    for (session, expected) in [
        (Session::over(network(&[CHALLENGE])).digest_auth(("user", "secret")).auth(("a", "b")), "Basic YTpi"),
        (Session::over(network(&[CHALLENGE])).digest_auth(("user", "secret")).bearer_auth("t"), "Bearer t"),
    ] {
        let mut session = session;
        assert_eq!(session.get(URL).send(&mut buffer).unwrap().status_code, 401);
        assert_eq!(authorization(session.network(), 0).as_deref(), Some(expected));
    }

    let mut session = Session::over(network(&[])).digest_auth(("user\n", "secret"));
    assert_eq!(session.get(URL).send(&mut buffer).err(), Some(Error::InvalidCredentials));
}

/// New credentials of a session with Digest are for Digest: the password is never sent.
#[test]
fn credentials_that_change_keep_their_scheme() {
    let responses = [CHALLENGE, OK, CHALLENGE, OK, CHALLENGE, CHALLENGE, OK];
    let mut room = [0; 32];
    let mut session =
        Session::over(network(&responses)).digest_auth(("user", "secret")).auth_buffer(&mut room);
    let mut buffer = [0; BUFFER];
    let mut status = |session: &mut Session<'_, ScriptedNetwork>| {
        let status = session.get(URL).send(&mut buffer).unwrap().status_code;
        session.close();
        status
    };
    assert_eq!(status(&mut session), 200);
    session.set_auth(("other", "newer")).unwrap();
    assert_eq!(status(&mut session), 200);
    session.set_bearer_auth("token").unwrap();
    assert_eq!(status(&mut session), 401);
    session.set_auth(("third", "")).unwrap();
    assert_eq!(status(&mut session), 200);
    let shown: Vec<_> = (0..7).map(|connection| authorization(session.network(), connection)).collect();
    let is_digest_of = |index: usize, user: &str| {
        shown[index].as_deref().is_some_and(|line| line.starts_with(&format!("Digest username=\"{user}\"")))
    };
    assert!(is_digest_of(1, "user") && is_digest_of(3, "other") && is_digest_of(6, "third"), "{shown:?}");
    assert_eq!(shown[4].as_deref(), Some("Bearer token"));
    assert!([0, 2, 5].iter().all(|&index| shown[index].is_none()), "{shown:?}");
}

/// The report of the test server on each of `count` requests of a session to one path: the number
/// of requests so far, the nonce count or what was wrong, and the length of the body.
fn gets(path: &str, count: usize, password: &'static str) -> Vec<String> {
    let url = digest().url(path);
    let mut session = Session::new().digest_auth(("user", password));
    let mut get = || {
        let mut buffer = [0; 2048];
        let response = session.get(&url).send(&mut buffer).unwrap();
        response.text().unwrap().to_owned()
    };
    (0..count).map(|_| get()).collect()
}

#[test]
fn three_requests_of_a_session_are_four() {
    for algorithm in ["none", "MD5", "SHA-256", "MD5-sess", "SHA-256-sess"] {
        for style in ["plain", "unquoted", "nocommas", "userhash"] {
            let path = format!("/{algorithm}/100/{style}/three");
            assert_eq!(gets(&path, 3, "secret"), ["2 1 0", "3 2 0", "4 3 0"], "{path}");
        }
    }
    // Without `qop` there is no count.
    for algorithm in ["none", "MD5", "SHA-256"] {
        for style in ["noqop", "empty"] {
            let path = format!("/{algorithm}/100/{style}/three");
            assert_eq!(gets(&path, 3, "secret"), ["2 1 0", "3 2 0", "4 3 0"], "{path}");
        }
    }
}

#[test]
fn every_style_of_challenge_is_answered_by_a_single_request() {
    for algorithm in ["none", "MD5", "SHA-256", "MD5-sess", "SHA-256-sess"] {
        for style in ["plain", "unquoted", "nocommas", "userhash", "next", "noqop", "empty"] {
            if algorithm.ends_with("-sess") && matches!(style, "noqop" | "empty") {
                continue;
            }
            let url = digest().url(&format!("/{algorithm}/1/{style}/one?q=1,2"));
            let answer = send(requests::get(&url).digest_auth(("user", "secret"))).unwrap();
            assert_eq!((answer.status, &answer.content[..]), (200, &b"2 1 0"[..]), "{url}");
            let wrong = send(requests::get(&url).digest_auth(("user", "wrong"))).unwrap();
            assert_eq!((wrong.status, &wrong.content[..]), (401, &b"4 wrong 0"[..]), "{url}");
        }
    }
    let url = digest().url("/MD5/1/int/one");
    assert_eq!(send(requests::get(&url).digest_auth(("user", "secret"))).unwrap().status, 401);
}

#[test]
fn a_nonce_that_is_used_up_is_replaced() {
    // Each nonce is valid for two requests: the third gets a new challenge.
    let answers = gets("/SHA-256/2/plain/stale", 5, "secret");
    assert_eq!(answers, ["2 1 0", "3 2 0", "5 1 0", "6 2 0", "8 1 0"]);
    // Each response contains the nonce for the next request.
    assert_eq!(gets("/SHA-256/1/next/nonces", 4, "secret"), ["2 1 0", "3 1 0", "4 1 0", "5 1 0"]);
    assert_eq!(gets("/MD5-sess/1/next/nonces", 3, "secret"), ["2 1 0", "4 1 0", "6 1 0"]);
    assert_eq!(gets("/SHA-256/9/plain/wrong", 2, "guess"), ["2 wrong 0", "4 wrong 0"]);
}

#[test]
fn a_body_that_is_read_once_can_follow() {
    let url = digest().url("/SHA-256/2/plain/body");
    let mut session = Session::new().digest_auth(("user", "secret"));
    let mut buffer = [0; 2048];
    let mut post = |body: &mut &[u8]| {
        let len = body.len() as u64;
        let response = session.post(&url).body(body, Some(len)).send(&mut buffer).unwrap();
        (response.status_code, response.text().unwrap().to_owned())
    };
    // The body has been read when the challenge arrives. The challenge is kept.
    assert_eq!(post(&mut &b"12345"[..]), (401, "1 none 5".into()));
    assert_eq!(post(&mut &b"123456"[..]), (200, "2 1 6".into()));
    assert_eq!(post(&mut &b"1234567"[..]), (200, "3 2 7".into()));
    assert_eq!(post(&mut &b"12345678"[..]), (401, "4 stale 8".into()));
    assert_eq!(post(&mut &b"123456789"[..]), (200, "5 1 9".into()));
}

#[test]
fn a_body_that_the_server_has_not_asked_for_can_be_sent() {
    let mut reader = &b"data"[..];
    let scripts = [Script::turns([CHALLENGE]), Script::turns(["HTTP/1.1 100 Continue\r\n\r\n", OK])];
    let mut network = ScriptedNetwork::new(scripts);
    let request = requests::post(URL).digest_auth(("u", "p")).body(&mut reader, Some(4)).expect_continue();
    assert_eq!(send_over(request, &mut network).unwrap().status, 200);
    assert_eq!(SentRequest::only(&network.sent(1)).body, b"data");
}

#[test]
fn httpbin_takes_one_nonce_for_several_requests() {
    for path in ["auth/user/secret/MD5", "auth/user/secret/SHA-256"] {
        let url = httpbin().url(&format!("/digest-auth/{path}"));
        let mut jar = requests::CookieJar::<[u8; 512]>::new();
        let mut session = Session::new().cookies(&mut jar).digest_auth(("user", "secret"));
        for _ in 0..3 {
            let mut buffer = [0; 2048];
            assert_eq!(session.get(&url).send(&mut buffer).unwrap().status_code, 200, "{path}");
        }
    }
}

/// The `Authorization` of each request, in order, over all connections.
fn shown(session: &mut Session<'_, ScriptedNetwork>) -> Vec<Option<String>> {
    let network = session.network();
    let connections = network.addresses().len();
    let requests = (0..connections).flat_map(|connection| SentRequest::all(&network.sent(connection)));
    requests.map(|request| request.header("Authorization").map(ToOwned::to_owned)).collect()
}

fn count_of(line: &Option<String>) -> Option<u32> {
    let (_, rest) = line.as_deref()?.split_once("nc=")?;
    u32::from_str_radix(&rest[..8], 16).ok()
}

#[test]
fn each_sending_has_a_count_of_its_own() {
    // The second connection has ended before the third request uses it.
    let scripts = [Script::turns([CHALLENGE, OK, OK]), Script::new(OK.as_bytes())];
    let mut session = Session::over(ScriptedNetwork::new(scripts)).digest_auth(("u", "p"));
    let mut buffer = [0; BUFFER];
    for _ in 0..3 {
        assert_eq!(session.get(URL).send(&mut buffer).unwrap().content(), b"ok");
    }
    let shown = shown(&mut session);
    let counts: Vec<_> = shown.iter().map(count_of).collect();
    assert_eq!(counts[..3], [None, Some(1), Some(2)]);
    assert!(counts[3..].iter().is_sorted() && counts[3..].iter().all(|&count| count > Some(2)), "{counts:?}");
    assert!(shown[1].as_ref().unwrap().contains("uri=\"/dir/index.html?q=1\""));
}

#[test]
fn what_is_kept_goes_to_its_origin_only() {
    let redirect = |to: &str| {
        format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    };
    let close =
        |response: &str| response.replacen("Content-Length", "Connection: close\r\nContent-Length", 1);
    let other = "http://example.org:8080/";
    let scripts = [
        close(CHALLENGE),
        close(OK),
        // A redirect to another origin, and from there back.
        redirect("http://other.example/x"),
        redirect(URL),
        close(OK),
        // A direct request to another origin, one within the origin, and one with other
        // credentials.
        close(OK),
        redirect("/other"),
        close(OK),
        close(OK),
        close(OK),
    ];
    let network = ScriptedNetwork::new(scripts.iter().map(|script| Script::new(script.as_bytes())));
    let mut session = Session::over(network).digest_auth(("u", "p"));
    let mut buffer = [0; BUFFER];
    for url in [URL, URL, other, URL] {
        assert_eq!(session.get(url).send(&mut buffer).unwrap().content(), b"ok");
    }
    assert_eq!(session.get(URL).digest_auth(("u", "q")).send(&mut buffer).unwrap().content(), b"ok");
    assert_eq!(session.get(URL).header("Authorization", "Own").send(&mut buffer).unwrap().content(), b"ok");
    let shown = shown(&mut session);
    let counts: Vec<_> = shown.iter().map(count_of).collect();
    assert_eq!(counts, [None, Some(1), Some(2), None, None, None, Some(3), Some(4), None, None]);
    assert_eq!(shown[9].as_deref(), Some("Own"));
    assert!(shown[7].as_ref().unwrap().contains("uri=\"/other\""));
}

#[test]
fn a_challenge_that_is_too_long_to_be_kept_is_answered_all_the_same() {
    let long = CHALLENGE.replace("nonce=\"n\"", &format!("nonce=\"{}\"", "n".repeat(400)));
    let script = Script::turns([&*long, OK, &*long, OK, CHALLENGE, OK, OK]);
    let mut session = Session::over(ScriptedNetwork::new([script])).digest_auth(("u", "p"));
    let mut buffer = [0; 2 * BUFFER];
    for _ in 0..4 {
        assert_eq!(session.get(URL).send(&mut buffer).unwrap().content(), b"ok");
    }
    let counts: Vec<_> = shown(&mut session).iter().map(count_of).collect();
    assert_eq!(counts, [None, Some(1), None, Some(1), None, Some(1), Some(2)]);
}

#[test]
fn another_challenge_than_the_one_kept_is_answered() {
    // The server has restarted, and does not say that the nonce is stale.
    let newer = CHALLENGE.replace("nonce=\"n\"", "nonce=\"newer\"").replace("realm=\"r\"", "realm=\"s\"");
    let script = Script::turns([CHALLENGE, OK, &*newer, OK, &*newer, &*newer, CHALLENGE, OK]);
    let mut session = Session::over(ScriptedNetwork::new([script])).digest_auth(("u", "p"));
    let mut buffer = [0; BUFFER];
    for status_code in [200, 200, 401, 200] {
        assert_eq!(session.get(URL).send(&mut buffer).unwrap().status_code, status_code);
    }
    let shown = shown(&mut session);
    let counts: Vec<_> = shown.iter().map(count_of).collect();
    assert_eq!(counts, [None, Some(1), Some(2), Some(1), Some(2), Some(1), None, Some(1)]);
    assert!(shown[3].as_ref().unwrap().contains("nonce=\"newer\""));
}

#[test]
fn a_buffer_that_is_too_small_for_what_is_kept_says_how_much_it_takes() {
    let scripts = [&[CHALLENGE, OK][..]].into_iter().chain([&[OK][..]; 500]).map(Script::turns);
    let mut session = Session::over(ScriptedNetwork::new(scripts)).digest_auth(("u", "p"));
    session.get(URL).send(&mut [0; BUFFER]).unwrap();
    let mut size = 40;
    while size < BUFFER {
        match session.get(URL).send(&mut vec![0; size]) {
            Ok(response) => return assert_eq!(response.content(), b"ok"),
            Err(Error::BufferTooSmall { needed, .. }) => {
                assert!(needed > size, "{needed} {size}");
                size = needed;
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("{size}");
}

#[cfg(feature = "log")]
mod logged {
    use super::*;
    use std::cell::RefCell;
    use std::sync::Once;

    struct Records;

    thread_local! {
        static RECORDS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    impl log::Log for Records {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }

        fn log(&self, record: &log::Record<'_>) {
            if record.level() == log::Level::Warn {
                RECORDS.with_borrow_mut(|records| records.push(record.args().to_string()));
            }
        }

        fn flush(&self) {}
    }

    /// The warnings that are logged while `responses` are received.
    fn warnings(request: requests::Request<'_>, responses: &[&str]) -> Vec<String> {
        static LOGGER: Once = Once::new();
        LOGGER.call_once(|| {
            log::set_logger(&Records).unwrap();
            log::set_max_level(log::LevelFilter::Debug);
        });
        RECORDS.take();
        send_over(request, &mut network(responses)).unwrap();
        RECORDS.take()
    }

    #[test]
    fn why_a_challenge_is_passed_over() {
        let response = |challenge: &str| {
            format!("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n")
        };
        for (challenge, reason) in [
            ("Basic realm=\"r\"", "no Digest challenge"),
            ("Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"", "no qop=auth"),
            ("Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256", "hash function"),
            ("Digest realm=\"r\"", "malformed"),
        ] {
            let warnings = warnings(requests::get(URL).digest_auth(("u", "secret")), &[&response(challenge)]);
            assert!(matches!(&warnings[..], [line] if line.contains(reason)), "{warnings:?}");
        }
        let mut reader = &b"data"[..];
        let read_once = requests::post(URL).digest_auth(("u", "secret")).body(&mut reader, Some(4));
        let elsewhere = "HTTP/1.1 302 Found\r\nLocation: http://other.example/\r\nContent-Length: 0\r\n\r\n";
        for (request, responses, reason) in [
            (
                requests::get(URL).digest_auth(("u", "secret")),
                &[CHALLENGE, CHALLENGE][..],
                "user name and password",
            ),
            (read_once, &[CHALLENGE], "body"),
            (requests::get(URL).digest_auth(("u", "secret")), &[elsewhere, CHALLENGE], "another origin"),
            (
                requests::get(URL).digest_auth(("u", "secret")).header("Authorization", "Own"),
                &[CHALLENGE],
                "its own",
            ),
        ] {
            let warnings = warnings(request, responses);
            assert!(matches!(&warnings[..], [line] if line.contains(reason)), "{warnings:?}");
            assert!(!warnings[0].contains("secret"));
        }
        let stale = CHALLENGE.replace("nonce=\"n\"", "nonce=\"newer\", stale=true");
        let given_up = warnings(requests::get(URL).digest_auth(("u", "secret")), &[&*stale; 9]);
        assert!(matches!(&given_up[..], [line] if line.contains("too many")), "{given_up:?}");
        assert_eq!(warnings(requests::get(URL).digest_auth(("u", "p")), &[CHALLENGE, OK]), [""; 0]);
        assert_eq!(warnings(requests::get(URL), &[CHALLENGE]), [""; 0]);
    }
}
