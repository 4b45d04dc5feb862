// SPDX-License-Identifier: Apache-2.0
//! Sessions: which connections are kept, which are used again, what happens if they are stale, and
//! what the requests of a session share.

#[cfg(feature = "tls")]
#[allow(dead_code, reason = "these tests need one server certificate of it")]
#[path = "tls/pki.rs"]
mod pki;
mod support;

use std::cell::Cell;
use std::time::Duration;

use embedded_io::{ErrorKind, Read as _};
use proptest::prelude::*;
use requests::transport::Network;
use requests::transport::scripted::{End, Script, ScriptedNetwork};
use requests::{CloseReason, Error, HeaderError, IoError, Phase, Session};

use support::keeping::Keeping;
use support::network::{Deaf, Jumping, Scarce};
use support::nginx::Nginx;
use support::peer::{Peer, Step, answer};
use support::sent::SentRequest;
use support::servers::FileServer;
use support::time::within;

const URL: &str = "http://example.org/";

type Scripted<'a> = Session<'a, ScriptedNetwork>;

/// A response with this content.
fn ok(content: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{content}", content.len())
}

/// A session whose connections follow `scripts`.
fn session<'a>(scripts: impl IntoIterator<Item = Script>) -> Scripted<'a> {
    Session::over(ScriptedNetwork::new(scripts))
}

/// The content of the response to a `GET`, or the error.
fn get<N: Network, const SLOTS: usize>(
    session: &mut Session<'_, N, SLOTS>,
    url: &str,
) -> Result<String, Error> {
    send(session, "GET", url)
}

/// The content of the response to a request without a body, or the error.
fn send<N: Network, const SLOTS: usize>(
    session: &mut Session<'_, N, SLOTS>,
    method: &str,
    url: &str,
) -> Result<String, Error> {
    let mut buffer = [0; 4096];
    session.request(method, url).send(&mut buffer)?.text().map(str::to_owned)
}

/// The requests that were sent over this connection.
fn sent(session: &mut Scripted<'_>, connection: usize) -> Vec<SentRequest> {
    SentRequest::all(&session.network().sent(connection))
}

mod real_servers {
    use super::*;

    #[test]
    fn a_thousand_requests_share_one_connection() {
        let nginx = Nginx::new("keepalive_requests 2000;");
        let url = nginx.url("/");
        let mut session = Session::new();
        for index in 0..1000 {
            let method = ["GET", "POST", "PUT", "DELETE"][index % 4];
            assert_eq!(send(&mut session, method, &url).unwrap(), method);
        }
        assert_eq!((session.connections_opened(), session.connections_kept()), (1, 1));
        let log = nginx.log(1000);
        assert_eq!(log.len(), 1000);
        for (logged, number) in log.iter().zip(1..) {
            assert_eq!((logged.connection, logged.request), (log[0].connection, number));
        }
    }

    #[test]
    fn pauses_longer_than_the_server_keeps_connections_lose_nothing() {
        let nginx = Nginx::new("keepalive_timeout 1s;");
        let url = nginx.url("/");
        let mut session = Session::new();
        for method in ["POST", "GET", "POST", "PUT", "POST"] {
            assert_eq!(send(&mut session, method, &url).unwrap(), method);
            std::thread::sleep(Duration::from_millis(1500));
        }
        let log = nginx.log(5);
        assert_eq!(log.iter().map(|logged| logged.request).collect::<Vec<_>>(), [1; 5]);
        assert_eq!(session.connections_opened(), 5);
    }

    #[test]
    fn a_time_that_the_server_announces_is_kept_to() {
        let nginx = Nginx::new("keepalive_timeout 60s 1s;");
        let url = nginx.url("/");
        let mut session = Session::new();
        for _ in 0..3 {
            get(&mut session, &url).unwrap();
        }
        assert_eq!(session.connections_opened(), 1);
        std::thread::sleep(Duration::from_millis(1000));
        // The server would keep the connection for a minute, but does not say so.
        get(&mut session, &url).unwrap();
        assert_eq!(session.connections_opened(), 2);
    }

    #[test]
    fn a_server_that_announces_the_end_of_each_connection_loses_nothing() {
        let nginx = Nginx::new("keepalive_requests 3;");
        let url = nginx.url("/");
        let mut session = Session::new();
        for index in 0..30 {
            assert_eq!(send(&mut session, "POST", &url).unwrap(), "POST");
            let reason = (index % 3 == 2).then_some(CloseReason::ConnectionClose);
            assert_eq!(session.close_reason(), reason, "request {index}");
        }
        assert_eq!(session.connections_opened(), 10);
        assert_eq!(nginx.log(30).len(), 30);
    }

    #[test]
    fn a_redirect_uses_its_connection_again() {
        let nginx = Nginx::new("location = /old { return 302 /; } location = /older { return 301 /old; }");
        let url = nginx.url("/older");
        let mut session = Session::new();
        let mut buffer = [0; 1024];
        for _ in 0..3 {
            let response = session.get(&url).send(&mut buffer).unwrap();
            assert_eq!((response.redirects, response.url()), (2, &nginx.url("/")[..]));
        }
        assert_eq!(session.connections_opened(), 1);
        assert_eq!(nginx.log(9).last().map(|last| last.request), Some(9));
    }

    #[test]
    fn files_and_errors_of_every_kind_share_one_connection() {
        let nginx = Nginx::new("location = /empty { return 204; } location = /teapot { return 418 short; }");
        let large: Vec<u8> = (0..1_000_000u32).map(|number| (number % 251) as u8).collect();
        std::fs::write(nginx.files().join("large"), &large).unwrap();
        let mut session = Session::new();
        let mut buffer = vec![0; 1_100_000];
        for _ in 0..3 {
            assert_eq!(session.get(&nginx.url("/empty")).send(&mut buffer).unwrap().status_code, 204);
            let response = session.get(&nginx.url("/large")).send(&mut buffer).unwrap();
            assert!(response.content() == large);
            let modified = response.header("Last-Modified").unwrap().to_owned();
            let url = nginx.url("/large");
            let unchanged =
                session.get(&url).header("If-Modified-Since", &modified).send(&mut buffer).unwrap();
            assert_eq!((unchanged.status_code, unchanged.content()), (304, &b""[..]));
            let head = session.head(&url).send(&mut buffer).unwrap();
            assert_eq!((head.header("Content-Length"), head.content()), (Some("1000000"), &b""[..]));
            assert_eq!(session.get(&nginx.url("/missing")).send(&mut buffer).unwrap().status_code, 404);
            assert_eq!(session.get(&nginx.url("/teapot")).send(&mut buffer).unwrap().content(), b"short");
        }
        assert_eq!((session.connections_opened(), session.close_reason()), (1, None));
    }

    #[test]
    fn a_server_of_http_1_0_gets_a_connection_for_each_request() {
        let files = FileServer::with(&[("hello.txt", b"hello")]);
        let mut session = Session::new();
        for _ in 0..3 {
            assert_eq!(get(&mut session, &files.url("/hello.txt")).unwrap(), "hello");
            assert_eq!(session.close_reason(), Some(CloseReason::Http10));
        }
        assert_eq!(session.connections_opened(), 3);
    }
}

#[cfg(feature = "tls")]
mod real_servers_by_tls {
    use super::*;

    /// nginx with this TLS version only, and settings that trust it.
    fn nginx(protocol: &str, server: &str) -> (Nginx, Vec<u8>) {
        let pki = pki::pki();
        let server = format!("ssl_protocols {protocol}; {server}");
        (Nginx::tls(&pki.server.chain, &pki.server.key, &server), pki.root.certificate_pem())
    }

    #[test]
    fn a_thousand_requests_share_one_connection() {
        for protocol in ["TLSv1.2", "TLSv1.3"] {
            let (nginx, root) = nginx(protocol, "keepalive_requests 2000;");
            let roots = [&root[..]];
            let url = nginx.https_url("/");
            let mut session = Session::new().tls(requests::TlsConfig::new().roots(&roots));
            for index in 0..1000 {
                let method = ["GET", "POST", "PUT", "DELETE"][index % 4];
                assert_eq!(send(&mut session, method, &url).unwrap(), method);
            }
            assert_eq!((session.connections_opened(), session.connections_kept()), (1, 1));
            let log = nginx.log(1000);
            assert_eq!((log.len(), log.last().map(|last| last.request)), (1000, Some(1000)));
        }
    }

    #[test]
    fn pauses_longer_than_the_server_keeps_connections_lose_nothing() {
        for protocol in ["TLSv1.2", "TLSv1.3"] {
            let (nginx, root) = nginx(protocol, "keepalive_timeout 1s;");
            let roots = [&root[..]];
            let url = nginx.https_url("/");
            let mut session = Session::new().tls(requests::TlsConfig::new().roots(&roots));
            for method in ["POST", "GET", "POST"] {
                assert_eq!(send(&mut session, method, &url).unwrap(), method);
                std::thread::sleep(Duration::from_millis(1500));
            }
            assert_eq!(nginx.log(3).iter().map(|logged| logged.request).collect::<Vec<_>>(), [1; 3]);
        }
    }

    #[test]
    fn streams_leave_their_connection() {
        let (nginx, root) = nginx("TLSv1.3", "");
        let roots = [&root[..]];
        let large: Vec<u8> = (0..1_000_000u32).map(|number| (number % 251) as u8).collect();
        std::fs::write(nginx.files().join("large"), &large).unwrap();
        let mut session = Session::new().tls(requests::TlsConfig::new().roots(&roots));
        let mut buffer = [0; 2048];
        for _ in 0..3 {
            let url = nginx.https_url("/large");
            let mut stream = session.get(&url).stream(&mut buffer).unwrap();
            let mut content = vec![0; large.len()];
            stream.read_exact(&mut content).unwrap();
            drop(stream);
            assert!(content == large);
        }
        assert_eq!(session.connections_opened(), 1);
    }
}

mod servers_that_close_without_a_word {
    use super::*;

    const REQUESTS: usize = 240;

    /// The body of a request, different for each.
    fn body(index: usize) -> String {
        format!("request {index}")
    }

    #[test]
    fn after_each_kth_answer_lose_nothing_and_see_no_request_twice() {
        for k in 1..=5 {
            let server = Keeping::new(k);
            let mut session = Session::new();
            let mut buffer = [0; 512];
            let mut served = Vec::new();
            for index in 0..REQUESTS {
                let body = body(index);
                let method = if index % 3 == 0 { "GET" } else { "POST" };
                let request = session.request(method, server.url()).data(body.as_bytes());
                assert_eq!(request.send(&mut buffer).unwrap().content(), body.as_bytes());
                if index % k == k - 1 {
                    // The end of the connection is sent before the next request. See below for the
                    // other case.
                    served.extend(server.closed());
                    // A busy machine delivers the end a little later.
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
            assert_eq!(served.len(), REQUESTS, "k = {k}");
            for (index, request) in served.iter().enumerate() {
                assert_eq!(request.body, body(index).as_bytes());
            }
        }
    }

    /// Here, a request may collide with the end of its connection. A request that can be repeated
    /// is not lost, and one that cannot is not repeated.
    #[test]
    fn while_the_next_request_is_on_its_way_see_no_post_twice() {
        for k in 1..=5 {
            let server = Keeping::new(k);
            let mut session = Session::new();
            let mut buffer = [0; 512];
            let mut answered = 0;
            for index in 0..REQUESTS {
                let body = body(index);
                let method = if index % 2 == 0 { "PUT" } else { "POST" };
                match session.request(method, server.url()).data(body.as_bytes()).send(&mut buffer) {
                    Ok(response) => {
                        assert_eq!(response.content(), body.as_bytes());
                        answered += 1;
                    }
                    Err(error) => {
                        assert_eq!(method, "POST", "{error}");
                        let kind = error.kind();
                        assert!(["empty-response", "receive", "send"].contains(&kind), "{error}");
                    }
                }
            }
            drop(session);
            let mut bodies = Vec::new();
            while bodies.len() < answered {
                bodies.extend(server.closed().into_iter().map(|request| request.body));
            }
            assert_eq!(bodies.len(), answered, "k = {k}");
            bodies.sort();
            bodies.dedup();
            assert_eq!(bodies.len(), answered, "k = {k}: a request was served twice");
        }
    }

    #[test]
    fn by_a_reset_lose_nothing() {
        for method in ["GET", "POST"] {
            let reset = vec![Step::ReadRequest, Step::send(ok("first")), Step::Pause(SOON), Step::Reset];
            let peer = Peer::new([reset, answer(ok("second"))]);
            let mut session = Session::new();
            assert_eq!(send(&mut session, method, &peer.url("/")).unwrap(), "first");
            std::thread::sleep(SOON * 4);
            assert_eq!(send(&mut session, method, &peer.url("/")).unwrap(), "second");
            assert_eq!(session.connections_opened(), 2);
        }
    }

    const SOON: Duration = Duration::from_millis(100);
}

mod what_a_response_says_of_its_connection {
    use super::*;

    /// The state after `response`, and the content of the next response.
    #[track_caller]
    fn check(method: &str, script: Script, reason: Option<CloseReason>) {
        let mut session = session([script, Script::new(ok("fresh").as_bytes())]);
        let mut buffer = [0; 1024];
        session.request(method, URL).send(&mut buffer).unwrap();
        assert_eq!(session.close_reason(), reason);
        assert_eq!(session.connections_kept(), usize::from(reason.is_none()));
        assert_eq!(session.network().open(), session.connections_kept());
        let content = get(&mut session, URL).unwrap();
        assert_eq!(content, if reason.is_none() { "kept" } else { "fresh" });
        assert_eq!(session.connections_opened(), if reason.is_none() { 1 } else { 2 });
    }

    macro_rules! rows {
        ($($name:ident $method:literal $response:expr => $reason:expr;)+) => {$(
            #[test]
            fn $name() {
                for size in [1, 7, usize::MAX] {
                    let turns: [&str; 2] = [&$response, &ok("kept")];
                    check($method, Script::turns(turns).in_pieces_of(size), $reason);
                }
            }
        )+};
    }

    rows! {
        a_length "GET" ok("12345") => None;
        an_empty_body "POST" ok("") => None;
        chunks "GET" "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n" => None;
        chunks_and_trailers "GET"
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n0\r\nA: b\r\nC: d\r\n\r\n" => None;
        an_answer_to_head "HEAD" "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" => None;
        an_answer_to_head_in_chunks "HEAD" "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" => None;
        an_answer_to_head_without_a_length "HEAD" "HTTP/1.1 200 OK\r\n\r\n" => None;
        no_content "DELETE" "HTTP/1.1 204 No Content\r\n\r\n" => None;
        not_modified "GET" "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n" => None;
        an_error "GET" "HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno" => None;
        interim_responses "GET"
            format!("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 102 Wait\r\n\r\n{}", ok("x")) => None;
        keep_alive_that_nobody_needs "GET" ok("").replacen("\r\n", "\r\nConnection: keep-alive\r\n", 1) => None;
        keep_alive_for_long "GET" ok("").replacen("\r\n", "\r\nKeep-Alive: timeout=60, max=5\r\n", 1) => None;
        http_1_0_with_keep_alive "GET"
            "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi" => None;
        http_1_0 "GET" "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi" => Some(CloseReason::Http10);
        connection_close "GET" ok("").replacen("\r\n", "\r\nconnection: Close\r\n", 1)
            => Some(CloseReason::ConnectionClose);
        keep_alive_for_no_time "GET" ok("").replacen("\r\n", "\r\nKeep-Alive: timeout=0\r\n", 1)
            => Some(CloseReason::IdleLimit);
        length_beside_chunks "GET"
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"
            => Some(CloseReason::AmbiguousFraming);
        length_of_no_content "GET" "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n"
            => Some(CloseReason::AmbiguousFraming);
        another_protocol "GET" "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
            => Some(CloseReason::Upgrade);
    }

    #[test]
    fn a_body_that_ends_with_its_connection() {
        check("GET", Script::new(b"HTTP/1.1 200 OK\r\n\r\nhi"), Some(CloseReason::UntilClose));
    }

    /// None of these bytes may count as the next response.
    #[test]
    fn more_than_the_response() {
        for (method, response) in [
            ("GET", ok("12345")),
            ("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned()),
            ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".to_owned()),
            ("GET", "HTTP/1.1 204 No Content\r\n\r\n".to_owned()),
            ("GET", "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned()),
        ] {
            let with_more = response.clone() + &ok("forged");
            let at_once = Script::new(with_more.as_bytes());
            check(method, at_once, Some(CloseReason::ExcessBytes));

            // This is noticed when the connection is used again.
            let later = Script::new(with_more.as_bytes()).in_pieces_of(response.len());
            for method_behind in ["GET", "POST"] {
                let mut session = session([later.clone(), Script::new(ok("fresh").as_bytes())]);
                send(&mut session, method, URL).unwrap();
                assert_eq!(send(&mut session, method_behind, URL).unwrap(), "fresh");
                assert_eq!(session.network().open(), 1);
            }
        }
    }

    #[test]
    fn what_a_request_says() {
        let mut session = session([Script::turns([ok("1"), ok("2")]), Script::new(ok("3").as_bytes())]);
        assert_eq!(get(&mut session, URL).unwrap(), "1");
        let mut buffer = [0; 512];
        let last = session.get(URL).header("connection", "foo, Close").send(&mut buffer).unwrap();
        assert_eq!(last.content(), b"2");
        assert_eq!(session.close_reason(), Some(CloseReason::RequestedClose));
        assert_eq!(get(&mut session, URL).unwrap(), "3");
        assert_eq!(session.close_reason(), None);
        assert_eq!(sent(&mut session, 0)[1].values("connection"), [b"foo, Close"]);
        assert!(sent(&mut session, 1)[0].values("connection").is_empty());
    }

    #[test]
    fn failures() {
        let length = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal";
        for (script, kind) in [
            (Script::new(b""), "empty-response"),
            (Script::new(b"HTTP/1.1 2"), "truncated-head"),
            (Script::new(b"SSH-2.0-x\r\n\r\n"), "invalid-head"),
            (Script::new(length.as_bytes()), "truncated-body"),
            (Script::new(length.as_bytes()).then(End::Stall), "timeout"),
            (Script::new(length.as_bytes()).then(End::Break(ErrorKind::ConnectionReset)), "receive"),
            (Script::new(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), "invalid-framing"),
            (Script::new(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"), "invalid-chunk"),
            (Script::new(ok(&"x".repeat(2000)).as_bytes()), "buffer-too-small"),
            (Script::new(b"").accepts(0), "send"),
        ] {
            let mut session = session([script, Script::turns([ok("1"), ok("2")])]);
            let mut buffer = [0; 1024];
            assert_eq!(session.get(URL).send(&mut buffer).unwrap_err().kind(), kind);
            assert_eq!(session.network().open(), 0, "{kind}");
            assert_eq!(session.close_reason(), Some(CloseReason::Error), "{kind}");
            assert_eq!(get(&mut session, URL).unwrap(), "1", "{kind}");
            assert_eq!(get(&mut session, URL).unwrap(), "2", "{kind}");
            assert_eq!((session.connections_opened(), session.close_reason()), (2, None), "{kind}");
        }
    }

    #[test]
    fn mistakes_that_send_nothing_leave_kept_connections_alone() {
        let mut session = session([Script::turns([ok("1"), ok("2")])]);
        assert_eq!(get(&mut session, URL).unwrap(), "1");
        let mut buffer = [0; 1024];
        assert_eq!(session.get("nonsense").send(&mut buffer).unwrap_err().kind(), "invalid-url");
        assert_eq!(
            session.get(URL).header("a b", "c").send(&mut buffer).unwrap_err().kind(),
            "invalid-header"
        );
        assert_eq!(session.request("G T", URL).send(&mut buffer).unwrap_err().kind(), "invalid-method");
        assert_eq!(session.get(URL).send(&mut [0; 4]).unwrap_err().kind(), "buffer-too-small");
        assert_eq!(get(&mut session, URL).unwrap(), "2");
        assert_eq!(session.connections_opened(), 1);
    }

    #[test]
    fn a_connection_that_cannot_be_opened_does_not_count() {
        let mut session = session([]);
        let refused = Error::Connect(IoError::new(ErrorKind::ConnectionRefused));
        assert_eq!(get(&mut session, URL), Err(refused));
        assert_eq!((session.connections_opened(), session.connections_kept()), (0, 0));
    }
}

mod idle {
    use super::*;

    #[test]
    fn connections_are_closed_after_a_while() {
        let turns = || Script::turns([ok("1"), ok("2"), ok("3")]);
        let mut session = session([turns(), turns()]).idle_limit(Duration::from_secs(10));
        get(&mut session, URL).unwrap();
        session.network().advance(9_999);
        get(&mut session, URL).unwrap();
        assert_eq!(session.connections_opened(), 1);
        session.network().advance(10_000);
        get(&mut session, URL).unwrap();
        assert_eq!((session.connections_opened(), session.network().open()), (2, 1));
    }

    #[test]
    fn connections_to_others_are_closed_too() {
        let mut session = session([ok("1"), ok("2")].map(|response| Script::turns([response, ok("more")])));
        get(&mut session, "http://a/").unwrap();
        session.network().advance(60_000);
        get(&mut session, "http://b/").unwrap();
        assert_eq!((session.connections_kept(), session.network().open()), (1, 1));
    }

    #[test]
    fn what_the_server_announces_counts_if_it_is_less() {
        for (announced, limit_ms) in [(1, 500), (2, 1000), (5, 4000), (100, 60_000), (u64::MAX, 60_000)] {
            let response =
                ok("1").replacen("\r\n", &format!("\r\nKeep-Alive: max=9, timeout={announced}\r\n"), 1);
            let script = Script::turns([&response, &response, &response]);
            let mut session = session([script, Script::new(ok("fresh").as_bytes())]);
            get(&mut session, URL).unwrap();
            session.network().advance(limit_ms - 1);
            assert_eq!(get(&mut session, URL).unwrap(), "1", "{announced}");
            session.network().advance(limit_ms);
            assert_eq!(get(&mut session, URL).unwrap(), "fresh", "{announced}");
        }
    }

    #[test]
    fn no_limit_at_all_keeps_nothing() {
        let mut session = session([ok("1"), ok("2")].map(|response| Script::turns([response, ok("more")])))
            .idle_limit(Duration::ZERO);
        get(&mut session, URL).unwrap();
        assert_eq!(session.close_reason(), Some(CloseReason::IdleLimit));
        assert_eq!(session.network().open(), 0);
        assert_eq!(get(&mut session, URL).unwrap(), "2");
    }

    #[test]
    fn they_can_be_closed_at_any_time() {
        let mut session = session([ok("1"), ok("2")].map(|response| Script::turns([response, ok("more")])));
        get(&mut session, URL).unwrap();
        session.close();
        assert_eq!((session.connections_kept(), session.network().open()), (0, 0));
        assert_eq!(get(&mut session, URL).unwrap(), "2");
    }
}

mod slots {
    use super::*;

    fn scripts(count: usize) -> Vec<Script> {
        (1..=count).map(|number| Script::turns(vec![ok(&number.to_string()); 100])).collect()
    }

    fn with_slots<'a, const SLOTS: usize>(count: usize) -> Session<'a, ScriptedNetwork, SLOTS> {
        Session::over_with_connections(ScriptedNetwork::new(scripts(count)))
    }

    /// The numbers of the connections that requests to these hosts used.
    fn connections<const SLOTS: usize>(hosts: &str) -> String {
        let mut session = with_slots::<SLOTS>(hosts.len());
        let mut numbers = String::new();
        for host in hosts.chars() {
            numbers += &get(&mut session, &format!("http://{host}/")).unwrap();
            session.network().advance(1);
            assert!(session.connections_kept() <= SLOTS);
            assert_eq!(session.network().open(), session.connections_kept());
        }
        numbers
    }

    #[test]
    fn each_host_has_its_own_connection() {
        assert_eq!(connections::<4>("aabbcacbddaabbccdd"), "112231324411223344");
    }

    #[test]
    fn the_connection_that_was_not_used_for_longest_makes_room() {
        assert_eq!(connections::<2>("abacab"), "121314");
        assert_eq!(connections::<1>("aabba"), "11223");
    }

    #[test]
    fn without_any_nothing_is_kept() {
        assert_eq!(connections::<0>("aab"), "123");
        let mut session = with_slots::<0>(1);
        get(&mut session, URL).unwrap();
        assert_eq!(session.close_reason(), Some(CloseReason::NotKept));
    }

    #[test]
    fn ports_and_spellings_of_hosts() {
        let mut session = with_slots::<4>(4);
        for (url, connection) in [
            ("http://example.org/", "1"),
            ("http://EXAMPLE.org:80/x", "1"),
            ("http://example.org:8080/", "2"),
            ("http://user:password@example.org/", "1"),
            ("http://[::1]/", "3"),
            ("http://[::1]:80/", "3"),
            ("http://example.org.evil/", "4"),
        ] {
            assert_eq!(get(&mut session, url).unwrap(), connection, "{url}");
        }
    }

    #[test]
    fn what_idle_connections_hold_is_given_up_where_it_is_missing() {
        let network = Scarce { network: ScriptedNetwork::new(scripts(4)), room: 2 };
        let mut session = Session::over(network);
        for (host, connection) in [("a", "1"), ("b", "2"), ("c", "3"), ("c", "3"), ("a", "4")] {
            assert_eq!(get(&mut session, &format!("http://{host}/")).unwrap(), connection);
        }
        session.network().room = 0;
        let scarce = Err(Error::Connect(IoError::new(ErrorKind::OutOfMemory)));
        assert_eq!(get(&mut session, "http://d/"), scarce);
        assert_eq!(get(&mut session, "http://d/"), scarce);
    }
}

mod redirects {
    use super::*;

    fn redirect(body: &str) -> String {
        format!("HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn a_short_body_is_dropped_and_the_connection_used_again() {
        let chunked = "HTTP/1.1 302 Found\r\nLocation: /there\r\nTransfer-Encoding: chunked\r\n\r\n\
                       5\r\nMoved\r\n0\r\nTrailer: x\r\n\r\n"
            .to_owned();
        for first in [redirect(""), redirect("Moved"), redirect(&"m".repeat(4096)), chunked] {
            for size in [1, 100, usize::MAX] {
                let mut session = session([Script::turns([&first, &ok("there")]).in_pieces_of(size)]);
                assert_eq!(get(&mut session, URL).unwrap(), "there");
                assert_eq!(sent(&mut session, 0)[1].target, "/there");
                assert_eq!((session.connections_opened(), session.connections_kept()), (1, 1));
            }
        }
    }

    #[test]
    fn a_long_body_is_left_with_its_connection() {
        let endless = "HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n".to_owned() + &"m".repeat(10_000);
        let chunks = "HTTP/1.1 302 Found\r\nLocation: /there\r\nTransfer-Encoding: chunked\r\n\r\n"
            .to_owned()
            + &format!("1000\r\n{}\r\n", "m".repeat(4096)).repeat(2);
        for first in [redirect(&"m".repeat(4097)), redirect(&"m".repeat(1_000_000)), endless, chunks] {
            let mut session = session([Script::new(first.as_bytes()), Script::new(ok("there").as_bytes())]);
            assert_eq!(get(&mut session, URL).unwrap(), "there");
            assert_eq!((session.connections_opened(), session.network().open()), (2, 1));
        }
    }

    /// A new connection costs less than a long wait.
    #[test]
    fn a_body_that_does_not_come_is_not_waited_for_until_the_deadline() {
        let head = redirect("Moved");
        let stalled = Script::new(&head.as_bytes()[..head.len() - 1]).then(End::Stall);
        let mut session = session([stalled, Script::new(ok("there").as_bytes())]);
        assert_eq!(get(&mut session, URL).unwrap(), "there");
        assert!(session.network().now() <= 2000, "{} ms", session.network().now());
    }

    #[test]
    fn what_comes_behind_is_not_the_next_response() {
        let first = redirect("Moved") + &ok("forged");
        let mut session = session([Script::new(first.as_bytes()), Script::new(ok("there").as_bytes())]);
        assert_eq!(get(&mut session, URL).unwrap(), "there");
    }

    #[test]
    fn the_last_of_too_many_leaves_a_session_that_can_be_used() {
        let mut session =
            session([Script::turns([redirect(""), redirect("")]), Script::turns([ok("1"), ok("2")])])
                .redirects(1);
        assert_eq!(get(&mut session, URL), Err(Error::TooManyRedirects { limit: 1 }));
        assert_eq!(get(&mut session, URL).unwrap(), "1");
        assert_eq!(get(&mut session, URL).unwrap(), "2");
    }

    #[test]
    fn one_to_nowhere_leaves_its_connection() {
        let nowhere = "HTTP/1.1 302 Found\r\nLocation: ftp://x/\r\nContent-Length: 0\r\n\r\n";
        let mut session = session([Script::turns([nowhere, &ok("second")])]);
        assert_eq!(get(&mut session, URL).unwrap_err().kind(), "invalid-location");
        assert_eq!(get(&mut session, URL).unwrap(), "second");
    }

    #[test]
    fn each_may_meet_a_dead_connection() {
        let mut session = session([
            Script::turns([&ok("1")[..], ""]),
            Script::turns([&redirect("")[..], ""]),
            Script::turns([ok("there"), ok("3")]),
        ]);
        assert_eq!(get(&mut session, URL).unwrap(), "1");
        assert_eq!(get(&mut session, URL).unwrap(), "there");
        assert_eq!(get(&mut session, URL).unwrap(), "3");
        assert_eq!(session.connections_opened(), 3);
    }
}

/// The connection accepts the second request, and ends without a response.
mod dead_connections {
    use super::*;

    fn dying() -> Script {
        Script::turns([&ok("first")[..], ""])
    }

    fn breaking() -> Script {
        dying().then(End::Break(ErrorKind::ConnectionReset))
    }

    #[test]
    fn are_replaced_where_the_request_can_be_repeated() {
        for script in [dying(), breaking()] {
            for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "get"] {
                let mut session = session([script.clone(), Script::turns([ok(""), ok("third")])]);
                get(&mut session, URL).unwrap();
                let mut buffer = [0; 512];
                session.request(method, URL).data(b"data").send(&mut buffer).unwrap();
                let sent_before = sent(&mut session, 0);
                let sent_again = sent(&mut session, 1);
                assert_eq!(sent_before[1], sent_again[0]);
                assert_eq!(get(&mut session, URL).unwrap(), "third", "{method}");
                assert_eq!(session.connections_opened(), 2);
            }
        }
    }

    #[test]
    fn are_an_error_where_it_cannot() {
        for method in ["POST", "PATCH", "IGLOO"] {
            let fresh = Script::turns([ok("second"), ok("third")]);
            let mut session = session([dying(), fresh]);
            get(&mut session, URL).unwrap();
            assert_eq!(send(&mut session, method, URL), Err(Error::EmptyResponse));
            assert_eq!(session.close_reason(), Some(CloseReason::Error));
            assert_eq!((session.connections_opened(), session.network().open()), (1, 0));
            assert_eq!(send(&mut session, method, URL).unwrap(), "second");
        }
    }

    /// A session whose first connection accepts the first request, `more` bytes of the second, and
    /// then nothing.
    fn deaf<'a>(more: usize) -> Session<'a, Deaf> {
        let mut probe = session([Script::new(ok("").as_bytes())]);
        get(&mut probe, URL).unwrap();
        let first = probe.network().sent(0).len();
        let network = ScriptedNetwork::new([dying().then(End::Stall), Script::new(ok("second").as_bytes())]);
        Session::over(Deaf { network, takes: [first + more].into() })
    }

    #[test]
    fn that_take_nothing_are_replaced_for_every_method() {
        for method in ["GET", "POST", "PATCH"] {
            let mut session = deaf(0).timeout(Duration::from_secs(20));
            get(&mut session, URL).unwrap();
            assert_eq!(send(&mut session, method, URL).unwrap(), "second", "{method}");
            assert_eq!(SentRequest::only(&session.network().network.sent(1)).method, method);
        }
    }

    #[test]
    fn that_take_part_of_a_request_are_replaced_where_it_can_be_repeated() {
        for more in [1, 50, 150, 1000] {
            for (method, expected) in [("PUT", true), ("POST", false)] {
                let mut session = deaf(more);
                get(&mut session, URL).unwrap();
                let mut buffer = [0; 512];
                let result = session.request(method, URL).data(&[b'x'; 2000]).send(&mut buffer);
                let reset = Error::Send(IoError::new(ErrorKind::ConnectionReset));
                assert_eq!(
                    result.map(|response| response.status_code),
                    if expected { Ok(200) } else { Err(reset) }
                );
                assert_eq!(session.connections_opened(), if expected { 2 } else { 1 });
            }
        }
    }

    /// The end arrives before the request is sent.
    #[test]
    fn that_are_seen_to_be_are_not_used() {
        for end in [End::Close, End::Break(ErrorKind::ConnectionReset)] {
            for method in ["GET", "POST"] {
                let ended = Script::new(ok("first").as_bytes()).then(end);
                let mut session = session([ended, Script::new(ok("second").as_bytes())]);
                assert_eq!(send(&mut session, method, URL).unwrap(), "first");
                assert_eq!(send(&mut session, method, URL).unwrap(), "second");
                assert_eq!(sent(&mut session, 0).len(), 1);
            }
        }
    }

    #[test]
    fn are_replaced_once() {
        let mut session = session([dying(), Script::new(b""), Script::new(ok("third").as_bytes())]);
        get(&mut session, URL).unwrap();
        assert_eq!(get(&mut session, URL), Err(Error::EmptyResponse));
        assert_eq!(session.connections_opened(), 2);
    }

    #[test]
    fn are_all_given_up_at_once() {
        // A session that sends one request after the other cannot have three connections to one
        // host, so this is the most that there can be: the replacement is not another kept one.
        let mut session = session([dying(), dying(), Script::new(ok("third").as_bytes())]);
        assert_eq!(get(&mut session, URL).unwrap(), "first");
        assert_eq!(get(&mut session, URL).unwrap(), "first");
        assert_eq!(get(&mut session, URL).unwrap(), "third");
        assert_eq!(session.connections_opened(), 3);
    }

    #[test]
    fn that_begin_to_answer_are_not_replaced() {
        let script = Script::turns([&ok("first")[..], "HTTP/1.1 2"]);
        let mut once = session([script, Script::new(ok("second").as_bytes())]);
        get(&mut once, URL).unwrap();
        assert_eq!(get(&mut once, URL), Err(Error::TruncatedHead));

        let script = Script::turns([&ok("first")[..], "HTTP/1.1 2"]);
        let broken = script.then(End::Break(ErrorKind::ConnectionReset));
        let mut session = session([broken, Script::new(ok("second").as_bytes())]);
        get(&mut session, URL).unwrap();
        let reset = Error::Receive(IoError::new(ErrorKind::ConnectionReset));
        assert_eq!(get(&mut session, URL), Err(reset));
        assert_eq!(session.connections_opened(), 1);
    }

    #[test]
    fn fresh_connections_are_not_replaced() {
        let mut session = session([Script::new(b""), Script::new(ok("second").as_bytes())]);
        assert_eq!(get(&mut session, URL), Err(Error::EmptyResponse));
        assert_eq!(session.connections_opened(), 1);
    }

    #[test]
    fn time_that_is_out_is_not_tried_again() {
        let silent = Script::turns([&ok("first")[..], ""]).then(End::Stall);
        let mut session = session([silent, Script::turns([ok("second"), ok("third")])]);
        get(&mut session, URL).unwrap();
        let timeout = Error::Timeout { phase: Phase::Receive };
        assert_eq!(get(&mut session, URL), Err(timeout));
        assert_eq!(session.connections_opened(), 1);
        // The late response on the first connection belongs to no request.
        assert_eq!(
            (get(&mut session, URL).unwrap(), get(&mut session, URL).unwrap()),
            ("second".into(), "third".into())
        );
    }

    #[test]
    fn a_replacement_that_cannot_be_had_is_an_error() {
        let mut session = session([dying()]);
        get(&mut session, URL).unwrap();
        let refused = Error::Connect(IoError::new(ErrorKind::ConnectionRefused));
        assert_eq!(get(&mut session, URL), Err(refused));
    }

    #[test]
    fn a_reader_that_was_not_touched_is_sent_over_the_replacement() {
        for (method, len) in [("PUT", Some(4)), ("POST", Some(4)), ("POST", None)] {
            let ended = Script::new(ok("first").as_bytes());
            let mut session = session([ended, Script::new(ok("second").as_bytes())]);
            get(&mut session, URL).unwrap();
            let mut buffer = [0; 512];
            let mut reader = &b"data"[..];
            let response = session.request(method, URL).body(&mut reader, len).send(&mut buffer).unwrap();
            assert_eq!(response.content(), b"second");
            assert_eq!(sent(&mut session, 1)[0].body, b"data");
        }
    }

    #[test]
    fn a_reader_that_was_read_is_not_sent_again() {
        let mut session = session([dying(), Script::new(ok("second").as_bytes())]);
        get(&mut session, URL).unwrap();
        let mut buffer = [0; 512];
        let mut reader = &b"data"[..];
        let result = session.put(URL).body(&mut reader, Some(4)).send(&mut buffer);
        assert_eq!(result.unwrap_err(), Error::EmptyResponse);
        assert_eq!(session.connections_opened(), 1);
    }

    /// After a response, the server gets a moment to close the connection before a request that
    /// cannot be repeated is sent.
    #[test]
    fn are_looked_for_more_closely_where_the_request_cannot_be_repeated() {
        for (method, with_reader, waits) in
            [("GET", false, false), ("PUT", false, false), ("POST", false, true), ("PUT", true, true)]
        {
            let mut session = session([Script::turns([ok("first"), ok("second")])]);
            get(&mut session, URL).unwrap();
            let mut buffer = [0; 512];
            let mut reader = &b"data"[..];
            let request = session.request(method, URL);
            let request = if with_reader { request.body(&mut reader, Some(4)) } else { request };
            assert_eq!(request.send(&mut buffer).unwrap().content(), b"second");
            assert_eq!(session.network().now() > 0, waits, "{method}");
            assert!(session.network().now() < 50);
        }
    }

    /// If the clock advances by more than that moment at any place, the connection is still
    /// checked.
    #[test]
    fn that_are_seen_to_be_are_not_used_whatever_the_clock_does() {
        for looks in 1..10 {
            let scripts = [Script::new(ok("first").as_bytes()), Script::new(ok("second").as_bytes())];
            let network = Jumping { network: ScriptedNetwork::new(scripts), looks: Cell::new(0) };
            let mut session = Session::over(network);
            let mut buffer = [0; 512];
            assert_eq!(session.post(URL).data(b"1").send(&mut buffer).unwrap().content(), b"first");
            session.network().looks.set(looks);
            assert_eq!(
                session.post(URL).data(b"2").send(&mut buffer).unwrap().content(),
                b"second",
                "{looks}"
            );
            assert_eq!(session.connections_opened(), 2);
        }
    }

    /// After a response, the server gets a moment to close the connection before a body that can be
    /// sent only once is sent.
    #[test]
    fn a_reader_is_not_trusted_to_a_connection_that_is_about_to_end() {
        let server = Keeping::new(1);
        let mut session = Session::new();
        let mut buffer = [0; 512];
        for _ in 0..50 {
            let mut reader = &b"data"[..];
            let response = session.put(server.url()).body(&mut reader, Some(4)).send(&mut buffer).unwrap();
            assert_eq!(response.content(), b"data");
            assert_eq!(server.closed().len(), 1);
        }
    }
}

#[cfg(feature = "cookies")]
mod cookies {
    use super::*;
    use requests::CookieJar;

    /// The clock for the expiry of cookies does not restart with the next session.
    #[test]
    fn of_an_earlier_session_expire() {
        let set = "HTTP/1.1 200 OK\r\nSet-Cookie: short=1; Max-Age=1\r\nSet-Cookie: long=2; Max-Age=60\r\n\
                   Content-Length: 0\r\nConnection: close\r\n\r\n";
        let peer = Peer::new([answer(set), answer("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")]);
        let url = peer.url("/");
        let mut jar = CookieJar::<[u8; 512]>::new();
        let mut buffer = [0; 1024];
        Session::new().cookies(&mut jar).get(&url).send(&mut buffer).unwrap();
        std::thread::sleep(Duration::from_millis(1100));
        Session::new().cookies(&mut jar).get(&url).send(&mut buffer).unwrap();
        assert_eq!(peer.requests()[1].header("Cookie"), Some("long=2"));
    }
}

mod timeouts {
    use super::*;

    #[test]
    fn of_the_session_and_of_the_request() {
        let silent = || Script::new(b"").then(End::Stall);
        let mut session = session([silent(), silent()]).timeout(Duration::from_millis(700));
        let mut buffer = [0; 512];
        session.get(URL).send(&mut buffer).unwrap_err();
        assert_eq!(session.network().now(), 700);
        session.get(URL).timeout(Duration::from_millis(50)).send(&mut buffer).unwrap_err();
        assert_eq!(session.network().now(), 750);
    }

    #[test]
    fn end_a_connection_that_is_silent_the_second_time() {
        let peer = Peer::new([
            vec![
                Step::ReadRequest,
                Step::send(ok("first")),
                Step::Pause(Duration::from_millis(900)),
                Step::send(ok("late")),
            ],
            answer(ok("second")),
        ]);
        let mut session = Session::new().timeout(Duration::from_millis(300));
        assert_eq!(get(&mut session, &peer.url("/")).unwrap(), "first");
        let result = within(Duration::from_millis(300), || get(&mut session, &peer.url("/")));
        assert_eq!(result, Err(Error::Timeout { phase: Phase::Receive }));
        std::thread::sleep(Duration::from_millis(800));
        assert_eq!(get(&mut session, &peer.url("/")).unwrap(), "second");
    }
}

mod what_requests_have_in_common {
    use super::*;

    fn answering<'a>() -> Scripted<'a> {
        session((0..4).map(|_| Script::turns(vec![ok(""); 20])))
    }

    #[test]
    fn headers_unless_the_request_has_its_own() {
        let mut session = answering().headers(&[("X-Device", "42"), ("Accept", "a/b"), ("User-Agent", "me")]);
        let mut buffer = [0; 512];
        session.get(URL).send(&mut buffer).unwrap();
        session.get(URL).header("x-device", "43").header("X-More", "y").send(&mut buffer).unwrap();
        session.get(URL).remove_header("X-Device").remove_header("Accept").send(&mut buffer).unwrap();
        let sent = sent(&mut session, 0);
        assert_eq!((sent[0].header("X-Device"), sent[0].header("Accept")), (Some("42"), Some("a/b")));
        assert_eq!(sent[0].header("User-Agent"), Some("me"));
        assert_eq!((sent[1].header("X-Device"), sent[1].header("X-More")), (Some("43"), Some("y")));
        assert_eq!((sent[2].header("X-Device"), sent[2].header("Accept")), (None, None));
        assert!(sent.iter().all(|request| request.header("Connection").is_none()));
    }

    #[test]
    fn headers_that_would_break_the_head_are_refused() {
        let mut session = answering().headers(&[("X", "a\r\nb: c")]);
        assert_eq!(get(&mut session, URL), Err(Error::InvalidHeader { cause: HeaderError::Value, index: 0 }));
        assert_eq!(session.connections_opened(), 0);
    }

    #[test]
    fn credentials_unless_the_request_has_its_own() {
        let mut session = answering().auth(("u", "p"));
        let mut buffer = [0; 512];
        session.get(URL).send(&mut buffer).unwrap();
        session.get(URL).bearer_auth("t").send(&mut buffer).unwrap();
        session.get(URL).header("Authorization", "Own x").send(&mut buffer).unwrap();
        session.get(URL).remove_header("Authorization").send(&mut buffer).unwrap();
        let sent = sent(&mut session, 0);
        let values: Vec<_> = sent.iter().map(|request| request.header("Authorization")).collect();
        assert_eq!(values, [Some("Basic dTpw"), Some("Bearer t"), Some("Own x"), None]);
    }

    /// The credentials of the URL, and headers that replace those of the session.
    #[test]
    fn the_requests_own_credentials_count() {
        let mut buffer = [0; 512];
        let mut session = answering().auth(("a", "b"));
        session.get("http://u:p@example.org/").send(&mut buffer).unwrap();
        assert_eq!(sent(&mut session, 0)[0].header("Authorization"), Some("Basic dTpw"));
        let mut session = answering().headers(&[("Authorization", "Bearer session")]);
        session.get(URL).auth(("u", "p")).send(&mut buffer).unwrap();
        assert_eq!(sent(&mut session, 0)[0].header("Authorization"), Some("Basic dTpw"));
    }

    #[test]
    fn credentials_stay_with_the_origin_that_was_asked() {
        let away = "HTTP/1.1 307 Away\r\nLocation: http://evil/\r\nContent-Length: 0\r\n\r\n";
        let back = "HTTP/1.1 307 Back\r\nLocation: http://example.org/back\r\nContent-Length: 0\r\n\r\n";
        for auth in [true, false] {
            let network =
                ScriptedNetwork::new([Script::turns([away.into(), ok("1"), ok("2")]), Script::turns([back])]);
            let secrets =
                [("Cookie", "c=1"), ("X-Other", "o"), ("Proxy-Authorization", "p"), ("Authorization", "a")];
            let mut session = Session::over(network).headers(if auth { &secrets[..3] } else { &secrets });
            if auth {
                session = session.auth(("u", "p"));
            }
            assert_eq!(get(&mut session, URL).unwrap(), "1");
            assert_eq!(get(&mut session, URL).unwrap(), "2");
            let [home, other] = [0, 1].map(|connection| sent(&mut session, connection));
            for name in ["Cookie", "Proxy-Authorization", "Authorization"] {
                assert!(home[0].header(name).is_some() && home[2].header(name).is_some(), "{name}");
                assert_eq!((other[0].header(name), home[1].header(name)), (None, None), "{name}");
            }
            assert_eq!((other[0].header("Host"), other[0].header("X-Other")), (Some("evil"), Some("o")));
        }
    }

    /// The URL that a request for `url` is sent to in a session with `base_url`.
    fn asked(base_url: &str, url: &str) -> Result<String, Error> {
        let mut session = answering().base_url(base_url);
        let mut buffer = [0; 512];
        let response = session.get(url).send(&mut buffer)?;
        Ok(response.url().to_owned())
    }

    #[test]
    fn a_base_url() {
        let base = "http://example.org/api/v1?x=y";
        for (url, expected) in [
            ("status", "http://example.org/api/status"),
            ("/status", "http://example.org/status"),
            ("./a/../b?q=1#f", "http://example.org/api/b?q=1#f"),
            ("../..", "http://example.org/"),
            ("?q=1", "http://example.org/api/v1?q=1"),
            ("", "http://example.org/api/v1?x=y"),
            ("#f", "http://example.org/api/v1?x=y#f"),
            ("//other/x", "http://other/x"),
            ("http://other:81/x", "http://other:81/x"),
            ("HTTP://other/x", "http://other/x"),
            ("ä b", "http://example.org/api/%C3%A4%20b"),
            ("a/b:c", "http://example.org/api/a/b:c"),
        ] {
            assert_eq!(asked(base, url).as_deref(), Ok(expected), "{url:?}");
        }
        assert_eq!(asked("http://example.org", "x").as_deref(), Ok("http://example.org/x"));
    }

    /// RFC 3986 §5.2.2: the fragment is that of the reference. Only the target of a redirect inherits one (RFC 9110
    /// §10.2.2).
    #[test]
    fn the_fragment_of_a_base_url_is_not_that_of_a_request() {
        let base = "http://example.org/a?q#frag";
        for (url, expected) in [
            ("b", "http://example.org/b"),
            ("", "http://example.org/a?q"),
            ("b#own", "http://example.org/b#own"),
            ("//example.org/b", "http://example.org/b"),
            ("http://other/b", "http://other/b"),
        ] {
            assert_eq!(asked(base, url).as_deref(), Ok(expected), "{url:?}");
        }
        let moved = "HTTP/1.1 302 Found\r\nLocation: /c\r\nContent-Length: 0\r\n\r\n";
        for (url, expected) in [("b", "http://example.org/c"), ("b#own", "http://example.org/c#own")] {
            let script = Script::turns([moved, "HTTP/1.1 204 No Content\r\n\r\n"]);
            let mut session = Session::over(ScriptedNetwork::new([script])).base_url(base);
            assert_eq!(session.get(url).send(&mut [0; 512]).unwrap().url(), expected);
        }
    }

    #[test]
    fn a_base_url_with_mistakes() {
        for (base, url) in [
            ("", "x"),
            ("example.org", "x"),
            ("ftp://example.org/", "x"),
            ("http://", "x"),
            ("http://example.org/", "ftp://example.org/"),
            ("http://example.org/", "mailto:x"),
            ("http://example.org/", "http://"),
            ("http://example.org/", "//"),
        ] {
            let kind = asked(base, url).map_err(|error| error.kind());
            assert_eq!(kind, Err("invalid-url"), "{base:?} {url:?}");
        }
    }

    #[test]
    fn params_beside_a_base_url() {
        let mut session = answering().base_url("http://example.org/api/");
        let mut buffer = [0; 512];
        let response = session.get("x?a=b").params(&[("c", "d e")]).send(&mut buffer).unwrap();
        assert_eq!(response.url(), "http://example.org/api/x?a=b&c=d+e");
    }

    #[test]
    fn user_and_password_of_the_base_url_are_for_its_origin() {
        let mut session = answering().base_url("http://u:p@example.org/api/");
        for url in ["x", "/x", "http://example.org/x", "//other/x", "http://third/x"] {
            get(&mut session, url).unwrap();
        }
        let auth = |request: &SentRequest| request.header("Authorization").map(str::to_owned);
        let own: Vec<_> = sent(&mut session, 0).iter().map(auth).collect();
        assert_eq!(own, [Some("Basic dTpw".to_owned()), Some("Basic dTpw".to_owned()), None]);
        assert_eq!(sent(&mut session, 1).iter().map(auth).collect::<Vec<_>>(), [None]);
        assert_eq!(sent(&mut session, 2).iter().map(auth).collect::<Vec<_>>(), [None]);
    }

    /// A reference with a host has its own user and password, and not those of the base URL or the session (RFC 3986
    /// section 5.2.2).
    #[test]
    fn user_and_password_of_a_reference_are_for_its_host() {
        for base in ["http://u:p@example.org/api/", "http://example.org/api/"] {
            let scripts = (0..5).map(|_| Script::turns([ok("")]));
            let mut session = session(scripts).base_url(base).auth(("of", "session"));
            for (url, expected) in [
                ("//q:r@example.org/x", Some("Basic cTpy")),
                ("  \\\\q:r@example.org/x", Some("Basic cTpy")),
                ("http://q:r@example.org/x", Some("Basic cTpy")),
                ("//q:r@other/x", Some("Basic cTpy")),
                ("//third/x", None),
            ] {
                session.close();
                let connection = session.connections_opened() as usize;
                get(&mut session, url).unwrap();
                let requests = sent(&mut session, connection);
                assert_eq!(requests[0].header("Authorization"), expected, "{url} {base}");
            }
        }
    }

    #[test]
    fn a_buffer_that_a_long_base_url_does_not_fit_in_is_told() {
        let mut session = answering().base_url("http://example.org/a/long/way/");
        let mut size = 20;
        let mut attempts = 0;
        while let Err(Error::BufferTooSmall { phase: Phase::Url, needed }) =
            session.get("x").send(&mut vec![0; size])
        {
            assert!(needed > size && attempts < 2, "{needed} after {size}");
            size = needed;
            attempts += 1;
        }
        assert_eq!(get(&mut session, "x").as_deref(), Ok(""));
    }
}

mod whatever_servers_send {
    use super::*;

    /// The bytes that a server sends for one request, and the correct content. The request may also
    /// fail.
    #[derive(Debug, Clone)]
    struct Reply {
        head: &'static str,
        is_chunked: bool,
        /// The number of missing bytes.
        missing: usize,
        more: &'static str,
    }

    impl Reply {
        fn bytes(&self, content: &str) -> String {
            let head = self.head.replace("LENGTH", &content.len().to_string());
            let mut text = format!("{head}\r\n");
            if self.is_chunked {
                text += &format!("{:x}\r\n{content}\r\n0\r\n\r\n", content.len());
            } else {
                text += content;
            }
            text.truncate(text.len().saturating_sub(self.missing));
            // Missing bytes cannot be distinguished from other bytes in their place.
            if self.missing == 0 { text + self.more } else { text }
        }
    }

    fn reply() -> impl Strategy<Value = Reply> {
        let length = prop::sample::select(vec![
            "HTTP/1.1 200 OK\r\nContent-Length: LENGTH\r\n",
            "HTTP/1.1 404 No\r\nContent-Length: LENGTH\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: LENGTH\r\nConnection: close\r\n",
            "HTTP/1.0 200 OK\r\nContent-Length: LENGTH\r\n",
            "HTTP/1.0 200 OK\r\nContent-Length: LENGTH\r\nConnection: keep-alive\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: LENGTH\r\n",
        ]);
        let chunked = prop::sample::select(vec![
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        ]);
        let head = prop_oneof![length.prop_map(|head| (head, false)), chunked.prop_map(|head| (head, true))];
        let missing = prop_oneof![9 => Just(0), 1 => 1..20usize];
        let more = prop::sample::select(vec![
            "",
            "",
            "",
            "",
            "",
            "x",
            "\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged",
        ]);
        (head, missing, more).prop_map(|((head, is_chunked), missing, more)| Reply {
            head,
            is_chunked,
            missing,
            more,
        })
    }

    #[derive(Debug, Clone)]
    enum Act {
        Send(&'static str),
        /// Reads this many bytes of the content, and drops the stream.
        Stream(&'static str, usize),
        Pause,
    }

    fn act() -> impl Strategy<Value = Act> {
        let method = prop::sample::select(vec!["GET", "POST", "PUT"]);
        prop_oneof![
            5 => method.clone().prop_map(Act::Send),
            3 => (method, 0..20usize).prop_map(|(method, count)| Act::Stream(method, count)),
            1 => Just(Act::Pause),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Each response belongs to the last request and is read from its start, or there is an
        /// error.
        #[test]
        fn no_response_is_taken_for_another(
            connections in prop::collection::vec(prop::collection::vec(reply(), 0..6), 1..20),
            piece in prop_oneof![1..60usize, Just(usize::MAX)],
            stalls in any::<bool>(),
            acts in prop::collection::vec(act(), 1..20),
            size in 150..400usize,
        ) {
            let content = |connection: usize, turn: usize| format!("content of {connection}, {turn}");
            let scripts = connections.iter().enumerate().map(|(connection, replies)| {
                let turns: Vec<_> =
                    replies.iter().enumerate().map(|(turn, reply)| reply.bytes(&content(connection, turn))).collect();
                let script = Script::turns(turns).in_pieces_of(piece);
                if stalls { script.then(End::Stall) } else { script }
            });
            let mut session: Session<'_, ScriptedNetwork, 1> =
                Session::over_with_connections(ScriptedNetwork::new(scripts.collect::<Vec<_>>()));
            for act in acts {
                let mut buffer = vec![0; size];
                let got = match act {
                    Act::Pause => {
                        session.network().advance(1000);
                        continue;
                    }
                    Act::Send(method) => session
                        .request(method, URL)
                        .send(&mut buffer)
                        .map(|response| (String::from_utf8_lossy(response.content()).into_owned(), true)),
                    Act::Stream(method, count) => {
                        session.request(method, URL).stream(&mut buffer).map(|mut stream| {
                            let mut read = vec![0; count];
                            let mut filled = 0;
                            while filled < count {
                                match stream.read(&mut read[filled..]) {
                                    Ok(more @ 1..) => filled += more,
                                    _ => break,
                                }
                            }
                            (String::from_utf8_lossy(&read[..filled]).into_owned(), false)
                        })
                    }
                };
                let Ok((got, is_whole)) = got else {
                    prop_assert!(session.connections_kept() == 0);
                    continue;
                };
                let connection = session.network().addresses().len() - 1;
                let turn = SentRequest::all(&session.network().sent(connection)).len() - 1;
                let expected = content(connection, turn);
                prop_assert!(if is_whole { got == expected } else { expected.starts_with(&got) }, "{got} / {expected}");
                prop_assert!(session.network().open() == session.connections_kept());
                prop_assert!(session.close_reason().is_none() == (session.connections_kept() == 1));
            }
        }
    }
}

mod changing_sessions {
    use super::*;
    use requests::Phase;

    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

    fn authorization(sent: &[u8]) -> Vec<String> {
        let sent = String::from_utf8(sent.to_vec()).unwrap();
        let lines = sent.lines().filter_map(|line| line.strip_prefix("Authorization: "));
        lines.map(str::to_owned).collect()
    }

    #[test]
    fn a_token_is_renewed_over_the_same_connection() {
        let mut room = [0; 16];
        let network = ScriptedNetwork::new([Script::turns([OK; 5])]);
        let mut session = Session::over(network).bearer_auth("first").auth_buffer(&mut room);
        get(&mut session, URL).unwrap();
        session.set_bearer_auth(&String::from("second")).unwrap();
        get(&mut session, URL).unwrap();
        session.set_auth(("user", "password")).unwrap();
        get(&mut session, URL).unwrap();
        // Credentials that do not fit change nothing.
        let error = Error::BufferTooSmall { phase: Phase::Request, needed: 17 };
        assert_eq!(session.set_bearer_auth("seventeen letters"), Err(error));
        get(&mut session, URL).unwrap();
        session.set_bearer_auth("sixteen-letters-").unwrap();
        get(&mut session, URL).unwrap();
        assert_eq!(session.connections_opened(), 1);
        assert_eq!(
            authorization(&session.network().sent(0)),
            [
                "Bearer first",
                "Bearer second",
                "Basic dXNlcjpwYXNzd29yZA==",
                "Basic dXNlcjpwYXNzd29yZA==",
                "Bearer sixteen-letters-"
            ]
        );
    }

    #[test]
    fn changed_credentials_stay_within_the_origin_of_the_base_url() {
        let mut room = [0; 16];
        let network = ScriptedNetwork::new([OK, OK].map(|answer| Script::new(answer.as_bytes())));
        let mut session = Session::over(network).base_url(URL).auth_buffer(&mut room);
        session.set_bearer_auth("token").unwrap();
        get(&mut session, "http://other.example/").unwrap();
        get(&mut session, "x").unwrap();
        assert_eq!(authorization(&session.network().sent(0)), [""; 0]);
        assert_eq!(authorization(&session.network().sent(1)), ["Bearer token"]);
    }

    #[test]
    fn parameters_of_the_session_stand_between_those_of_the_url_and_of_the_request() {
        for base in [None, Some("http://example.org/api/")] {
            let network = ScriptedNetwork::new([Script::turns([OK; 3])]);
            let mut session = Session::over(network).params(&[("key", "a b")]);
            if let Some(base) = base {
                session = session.base_url(base);
            }
            let url = if base.is_some() { "x?u=1#f" } else { "http://example.org/api/x?u=1#f" };
            let mut buffer = [0; 512];
            let response = session.get(url).params(&[("r", "2"), ("key", "c")]).send(&mut buffer).unwrap();
            assert_eq!(response.url(), "http://example.org/api/x?u=1&key=a+b&r=2&key=c#f");
            let response = session.get(url).send(&mut buffer).unwrap();
            assert_eq!(response.url(), "http://example.org/api/x?u=1&key=a+b#f");
            let sent = String::from_utf8(session.network().sent(0)).unwrap();
            assert!(sent.starts_with("GET /api/x?u=1&key=a+b&r=2&key=c HTTP/1.1"));
            // The error reports the size needed, whatever is missing.
            for size in 0..512 {
                let error = session.get(url).params(&[("r", "2")]).send(&mut vec![0; size]).map(|_| ());
                if let Err(Error::BufferTooSmall { needed, .. }) = error {
                    assert!(needed > size, "{needed} of {size}");
                }
            }
        }
    }

    #[test]
    fn headers_and_the_timeout_change_between_requests() {
        let network = ScriptedNetwork::new([Script::turns([OK; 2])]);
        let mut session = Session::over(network).headers(&[("X-Step", "1")]);
        get(&mut session, URL).unwrap();
        session.set_headers(&[("X-Step", "2")]);
        session.set_timeout(Duration::from_millis(7));
        get(&mut session, URL).unwrap();
        let sent = String::from_utf8(session.network().sent(0)).unwrap();
        assert!(sent.contains("X-Step: 1") && sent.contains("X-Step: 2"));
        let error = get(&mut session, URL).unwrap_err();
        assert!(matches!(error, Error::Connect(_) | Error::Dns(_) | Error::EmptyResponse), "{error:?}");
    }
}
