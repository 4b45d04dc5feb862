// SPDX-License-Identifier: Apache-2.0
//! Defects of three other HTTP clients for small systems, none of which may be reproducible here:
//! OpenMV's requests.py, micropython-lib's requests, and Zephyr's http_client.

mod support;

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use requests::transport::scripted::{End, Script, ScriptedNetwork};
use requests::{Error, HeaderError, Part, Phase};

use support::network::ReceiveLog;
use support::peer::{Peer, Step, Swallowing, answer};
use support::sent::SentRequest;
use support::servers::FileServer;
use support::time::{at, within};
use support::{answering, answering_and_stalling, send, send_over};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Returns the bytes that are sent when the response is [`OK`].
fn sent(request: requests::Request<'_>) -> SentRequest {
    let mut network = answering([OK]);
    let answer = send_over(request, &mut network).expect("an answer");
    assert_eq!((answer.status, &answer.content[..]), (200, &b"ok"[..]));
    SentRequest::only(&network.sent(0))
}

// OpenMV

#[test]
fn http_1_0_only() {
    let mut network = answering([OK]);
    send_over(requests::get("http://example.org/x"), &mut network).unwrap();
    assert!(network.sent(0).starts_with(b"GET /x HTTP/1.1\r\n"));
}

#[test]
fn host_without_the_port() {
    let host = |url| sent(requests::get(url)).header("host").map(str::to_owned);
    assert_eq!(host("http://example.org:8080/").as_deref(), Some("example.org:8080"));
    assert_eq!(host("http://example.org/").as_deref(), Some("example.org"));
    assert_eq!(host("http://example.org:80/").as_deref(), Some("example.org"));
    assert_eq!(host("http://[2001:db8::1]:81/").as_deref(), Some("[2001:db8::1]:81"));
}

#[test]
fn one_byte_received_at_a_time() {
    let body = "x".repeat(4096);
    let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let mut network = ReceiveLog::new(answering([response]));
    let mut buffer = [0; 8192];
    let response = requests::get("http://example.org/").send_over(&mut network, &mut buffer).unwrap();
    assert_eq!(response.content(), body.as_bytes());
    let rooms = network.rooms.take();
    assert!(rooms.len() <= 2 && rooms.iter().all(|&room| room > 4096), "{rooms:?}");
}

#[test]
fn time_out_returned_as_a_200() {
    for response in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nContent-Le",
    ] {
        let mut network = answering_and_stalling(response);
        let result = send_over(requests::get("http://example.org/"), &mut network);
        assert_eq!(result, Err(Error::Timeout { phase: Phase::Receive }), "{response}");

        let peer = Peer::new([vec![Step::ReadRequest, Step::send(response), Step::Stall]]);
        let deadline = Duration::from_millis(500);
        let url = peer.url("/");
        let result = at(deadline, || send(requests::get(&url).timeout(deadline)));
        assert_eq!(result, Err(Error::Timeout { phase: Phase::Receive }), "{response}");
    }
}

#[test]
fn truncation_returned_as_a_200() {
    for (response, error) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Error::TruncatedBody { received: 4 }),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf",
            Error::TruncatedBody { received: 4 },
        ),
        ("HTTP/1.1 200 OK\r\nContent-Le", Error::TruncatedHead),
    ] {
        let mut network = answering([response]);
        assert_eq!(send_over(requests::get("http://example.org/"), &mut network), Err(error), "{response}");
    }
}

#[test]
fn json_argument_shadowed_so_that_garbage_is_sent() {
    #[derive(serde::Serialize)]
    struct Reading<'a> {
        id: u32,
        unit: &'a str,
    }
    let sent = sent(requests::post("http://example.org/").json(&Reading { id: 1, unit: "°C" }));
    let json: serde_json::Value = serde_json::from_slice(&sent.body).expect("JSON");
    assert_eq!(json, serde_json::json!({"id": 1, "unit": "°C"}));
    assert_eq!(sent.header("content-type"), Some("application/json"));
}

#[test]
fn credentials_of_one_call_go_to_the_next_host() {
    let mut network = answering([OK; 3]);
    let with_auth = requests::get("http://one.example/").auth(("user", "secret")).header("X-Key", "secret");
    send_over(with_auth, &mut network).unwrap();
    send_over(requests::get("http://u:secret@two.example/"), &mut network).unwrap();
    send_over(requests::get("http://three.example/"), &mut network).unwrap();
    let [one, two, three] = [0, 1, 2].map(|connection| SentRequest::only(&network.sent(connection)));
    assert_eq!(one.header("authorization"), Some("Basic dXNlcjpzZWNyZXQ="));
    assert_eq!(two.header("authorization"), Some("Basic dTpzZWNyZXQ="));
    assert_eq!(two.header("x-key"), None);
    assert_eq!(three.header("authorization"), None);
    assert_eq!(three.header("x-key"), None);
}

#[test]
fn header_with_http_in_it_taken_for_a_status_line() {
    let response = "HTTP/1.1 200 OK\r\nServer: SimpleHTTP/0.6 Python/3.11\r\nX-Note: HTTP/1.1 500 no\r\n\
                    Content-Length: 2\r\n\r\nok";
    let answer = send_over(requests::get("http://example.org/"), &mut answering([response])).unwrap();
    assert_eq!((answer.status, &answer.reason[..], &answer.content[..]), (200, "OK", &b"ok"[..]));
    assert_eq!(answer.headers[0], ("Server".to_owned(), b"SimpleHTTP/0.6 Python/3.11".to_vec()));
}

#[test]
fn pythons_own_http_server_cannot_be_used() {
    let files = FileServer::with(&[("hello.txt", b"hello")]);
    let answer = send(requests::get(&files.url("/hello.txt"))).unwrap();
    assert_eq!((answer.status, &answer.content[..]), (200, &b"hello"[..]));
}

#[test]
fn header_names_matched_by_case() {
    for name in ["Content-Length", "content-length", "CONTENT-LENGTH", "cOnTeNt-LeNgTh"] {
        let response = format!("HTTP/1.1 200 OK\r\n{name}: 2\r\n\r\nok");
        let mut network = answering_and_stalling(response);
        let mut buffer = [0; 512];
        let response = requests::get("http://example.org/").send_over(&mut network, &mut buffer).unwrap();
        assert_eq!(response.content(), b"ok");
        assert_eq!(response.header("Content-length"), Some("2"));
    }
    let response = "HTTP/1.1 302 Found\r\nLOCATION: /next\r\nContent-Length: 0\r\n\r\n";
    let answer = send_over(requests::get("http://example.org/"), &mut answering([response, OK])).unwrap();
    assert_eq!(answer.url, "http://example.org/next");
    let response = "HTTP/1.1 200 OK\r\ntransfer-ENCODING: Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    let answer = send_over(requests::get("http://example.org/"), &mut answering([response])).unwrap();
    assert_eq!(answer.content, b"ok");
}

/// The contents of the parts of a multipart body, found by their delimiters only.
fn part_contents(sent: &SentRequest) -> Vec<Vec<u8>> {
    let delimiter = format!("--{}", sent.boundary()).into_bytes();
    let starts: Vec<_> = sent
        .body
        .windows(delimiter.len())
        .enumerate()
        .filter(|(_, window)| *window == delimiter)
        .map(|(index, _)| index)
        .collect();
    let part = |bounds: &[usize]| {
        let part = &sent.body[bounds[0]..bounds[1]];
        let head = part.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
        part[head + 4..].strip_suffix(b"\r\n").expect("a line end").to_owned()
    };
    starts.windows(2).map(part).collect()
}

#[test]
fn two_extra_bytes_appended_to_each_uploaded_file() {
    let every_byte: Vec<u8> = (0..=255).collect();
    let contents = [&every_byte[..], b"", b"\r\n", b"ends in a line end\r\n", b"--"];
    let parts = contents.map(|content| Part::file("file", "file.bin", content));
    let sent = sent(requests::post("http://example.org/").files(&parts));
    assert_eq!(part_contents(&sent), contents.map(<[u8]>::to_vec));
}

#[test]
fn fixed_boundary() {
    let peer = Peer::new([answer(OK), answer(OK)]);
    let url = peer.url("/");
    let parts = [Part::field("name", "value")];
    for _ in 0..2 {
        send(requests::post(&url).files(&parts)).unwrap();
    }
    let requests = peer.requests();
    assert_ne!(requests[0].boundary(), requests[1].boundary());
}

#[test]
fn unescaped_file_name() {
    let parts = [Part::file("a\"b", "x\"; filename=\"y.txt", b"")];
    let text = String::from_utf8(sent(requests::post("http://example.org/").files(&parts)).body).unwrap();
    let disposition = text.lines().nth(1).unwrap();
    assert_eq!(
        disposition,
        "Content-Disposition: form-data; name=\"a%22b\"; filename=\"x%22; filename=%22y.txt\""
    );
    let parts = [Part::file("a\n", "x\r\nX-Injected: yes\\x", b"")];
    let sent_lines =
        String::from_utf8(sent(requests::post("http://example.org/").files(&parts)).body).unwrap();
    assert_eq!(
        sent_lines.lines().nth(1),
        Some("Content-Disposition: form-data; name=\"a%0A\"; filename=\"x%0D%0AX-Injected: yes\\x\"")
    );
    for name in ["a\0", "a\x1b"] {
        let parts = [Part::file("file", name, b"")];
        let mut network = answering([OK]);
        let result = send_over(requests::post("http://example.org/").files(&parts), &mut network);
        assert_eq!(result, Err(Error::InvalidPart { index: 0 }), "{name:?}");
        assert!(network.addresses().is_empty());
    }
}

#[test]
fn content_length_counted_in_characters() {
    let text = "Grüße, 世界 😀";
    let sent_data = sent(requests::post("http://example.org/").data(text.as_bytes()));
    assert_eq!(sent_data.header("content-length"), Some("20"));
    assert_eq!(sent_data.body, text.as_bytes());
    let sent_json = sent(requests::post("http://example.org/").json(&text));
    assert_eq!(sent_json.header("content-length"), Some("22"));
    let parts = [Part::field(text, text), Part::file(text, text, text.as_bytes())];
    let sent_files = sent(requests::post("http://example.org/").files(&parts));
    assert_eq!(sent_files.header("content-length"), Some(&*sent_files.body.len().to_string()));
    assert_eq!(part_contents(&sent_files), [text.as_bytes(); 2]);
}

#[test]
fn no_content_length_on_an_empty_post() {
    for method in [requests::post, requests::put, requests::patch] {
        assert_eq!(sent(method("http://example.org/")).header("content-length"), Some("0"));
        assert_eq!(sent(method("http://example.org/").data(b"")).header("content-length"), Some("0"));
    }
}

#[test]
fn time_out_set_after_connect() {
    let peer = Swallowing::new();
    let url = peer.url("/");
    let deadline = Duration::from_millis(300);
    let result = at(deadline, || send(requests::get(&url).timeout(deadline)));
    assert_eq!(result, Err(Error::Timeout { phase: Phase::Connect }));
}

#[test]
fn cr_lf_injectable_through_headers() {
    for (name, value) in [
        ("X-Name", "value\r\nX-Injected: yes"),
        ("X-Name", "value\nX-Injected: yes"),
        ("X-Name", "value\r"),
        ("X-Name: a\r\nX-Injected", "yes"),
    ] {
        let mut network = answering([OK]);
        let cause = if name == "X-Name" { HeaderError::Value } else { HeaderError::Name };
        let request = requests::get("http://example.org/").header("X-Fine", "fine").header(name, value);
        assert_eq!(
            send_over(request, &mut network),
            Err(Error::InvalidHeader { cause, index: 1 }),
            "{value:?}"
        );
        assert!(network.addresses().is_empty(), "nothing is sent of a request that is refused");
    }
}

#[test]
fn cr_lf_injectable_through_the_path() {
    for url in [
        "http://example.org/x HTTP/1.1\r\nX-Injected: yes\r\n\r\n",
        "http://example.org/x\r\nX-Injected: yes",
        "http://example.org/?q=\nX-Injected: yes",
        "http://example.org\r\nX-Injected: yes/",
    ] {
        let mut network = answering([OK]);
        let result = send_over(requests::get(url), &mut network);
        assert!(matches!(result, Err(Error::InvalidUrl(_))), "{url:?}: {result:?}");
        assert!(network.addresses().is_empty(), "nothing is sent of a request that is refused");
    }
    let encoded = sent(requests::get("http://example.org/a b?c d"));
    assert_eq!(encoded.target, "/a%20b?c%20d");
    let params = sent(requests::get("http://example.org/").params(&[("q", "a\r\nX-Injected: yes")]));
    assert_eq!(params.target, "/?q=a%0D%0AX-Injected%3A+yes");
}

#[test]
fn cr_lf_injectable_through_a_location() {
    let redirect = "HTTP/1.1 302 Found\r\nLocation: /x HTTP/1.1\tX\r\nContent-Length: 0\r\n\r\n";
    let mut network = answering([redirect, OK]);
    let result = send_over(requests::get("http://example.org/"), &mut network);
    assert!(matches!(result, Err(Error::InvalidLocation(_))), "{result:?}");
    let redirect = "HTTP/1.1 302 Found\r\nLocation: /x HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
    let mut network = answering([redirect, OK]);
    send_over(requests::get("http://example.org/"), &mut network).unwrap();
    assert_eq!(SentRequest::only(&network.sent(1)).target, "/x%20HTTP/1.1");
}

#[test]
fn fragments_sent() {
    for url in ["http://example.org/a?b#c", "http://example.org/a?b#c?d#e"] {
        assert_eq!(sent(requests::get(url)).target, "/a?b");
    }
    assert_eq!(sent(requests::get("http://example.org#c")).target, "/");
    assert_eq!(sent(requests::get("http://example.org/#c").params(&[("d", "e")])).target, "/?d=e");
}

#[test]
fn interim_response_taken_as_final() {
    for interim in [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 102 Processing\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
    ] {
        let response = format!("{interim}{OK}");
        let answer = send_over(requests::get("http://example.org/"), &mut answering([response])).unwrap();
        assert_eq!((answer.status, &answer.content[..]), (200, &b"ok"[..]), "{interim}");
        assert_eq!(answer.headers.len(), 1, "the headers of the final response alone");
    }
}

#[test]
fn ipv6_literals_rejected() {
    let peer = Peer::at(IpAddr::V6(Ipv6Addr::LOCALHOST), [answer(OK)]);
    let answer = send(requests::get(&peer.url("/"))).unwrap();
    assert_eq!(answer.content, b"ok");
    let port = peer.port();
    assert_eq!(peer.requests()[0].header("host"), Some(&*format!("[::1]:{port}")));
}

#[test]
fn host_followed_by_a_query_rejected() {
    let sent = sent(requests::get("http://example.org?q=1"));
    assert_eq!((sent.header("host"), &sent.target[..]), (Some("example.org"), "/?q=1"));
}

// micropython-lib

#[test]
fn redirects_drop_the_time_out() {
    let redirect = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
    let pause = Duration::from_millis(150);
    let slow_redirect = vec![Step::ReadRequest, Step::Pause(pause), Step::send(redirect)];
    let peer = Peer::new(vec![slow_redirect; 8]);
    let url = peer.url("/");
    let deadline = pause * 3;
    let result = at(deadline, || send(requests::get(&url).timeout(deadline)));
    assert!(matches!(result, Err(Error::Timeout { .. })), "{result:?}");

    let peer = Peer::new([answer(redirect), vec![Step::ReadRequest, Step::Stall]]);
    let url = peer.url("/");
    let result = at(deadline, || send(requests::get(&url).timeout(deadline)));
    assert!(matches!(result, Err(Error::Timeout { .. })), "{result:?}");
}

#[test]
fn redirects_leak_authorization() {
    for location in
        ["http://other.example/", "http://example.org:81/", "//other.example/", "//u:p@other.example/"]
    {
        let redirect = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        for request in [
            requests::get("http://example.org/").auth(("user", "secret")),
            requests::get("http://example.org/").bearer_auth("secret"),
            requests::get("http://user:secret@example.org/"),
            requests::get("http://example.org/").header("authorization", "Custom secret"),
            requests::get("http://example.org/").header("Cookie", "session=secret"),
        ] {
            let mut network = answering([&*redirect, OK]);
            send_over(request, &mut network).unwrap();
            let sent = SentRequest::only(&network.sent(1));
            assert_eq!((sent.header("authorization"), sent.header("cookie")), (None, None), "{location}");
        }
    }
}

#[test]
fn redirects_lose_authorization_within_the_origin() {
    for location in ["/next", "http://EXAMPLE.org:80/next", "next"] {
        let redirect = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let mut network = answering([&*redirect, OK]);
        send_over(requests::get("http://example.org/").bearer_auth("t"), &mut network).unwrap();
        let sent = SentRequest::only(&network.sent(1));
        assert_eq!((&sent.target[..], sent.header("authorization")), ("/next", Some("Bearer t")));
    }
}

#[test]
fn no_redirect_limit() {
    let redirect = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
    let mut network = answering(vec![redirect; 100]);
    let result = send_over(requests::get("http://example.org/"), &mut network);
    let limit = requests::config::MAX_REDIRECTS;
    assert_eq!(result, Err(Error::TooManyRedirects { limit }));
    assert_eq!(network.addresses().len(), usize::from(limit) + 1);

    let mut network = answering([redirect, redirect, redirect, OK]);
    let result = send_over(requests::get("http://example.org/").redirects(2), &mut network);
    assert_eq!(result, Err(Error::TooManyRedirects { limit: 2 }));
    let mut network = answering([redirect, redirect, redirect, OK]);
    let answer = send_over(requests::get("http://example.org/").redirects(3), &mut network).unwrap();
    assert_eq!((answer.status, answer.redirects), (200, 3));
}

#[test]
fn post_302_get_keeps_the_old_content_length() {
    for status in ["301 Moved Permanently", "302 Found", "303 See Other"] {
        let redirect = format!("HTTP/1.1 {status}\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n");
        let mut network = answering([&*redirect, OK]);
        let request = requests::post("http://example.org/")
            .data(b"a=b")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Content-Length", "3");
        send_over(request, &mut network).unwrap();
        let sent = SentRequest::only(&network.sent(1));
        assert_eq!((&sent.method[..], &sent.body[..]), ("GET", &b""[..]), "{status}");
        assert_eq!((sent.header("content-length"), sent.header("content-type")), (None, None), "{status}");
    }
}

#[test]
fn post_307_loses_the_body() {
    for status in ["307 Temporary Redirect", "308 Permanent Redirect"] {
        let redirect = format!("HTTP/1.1 {status}\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n");
        let mut network = answering([&*redirect, OK]);
        send_over(requests::post("http://example.org/").data(b"a=b"), &mut network).unwrap();
        let sent = SentRequest::only(&network.sent(1));
        assert_eq!((&sent.method[..], &sent.body[..]), ("POST", &b"a=b"[..]), "{status}");
    }
}

#[test]
fn head_with_content_length_raises() {
    let mut network = answering_and_stalling("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    let answer = send_over(requests::head("http://example.org/"), &mut network).unwrap();
    assert_eq!((answer.status, &answer.content[..]), (200, &b""[..]));
    assert_eq!(answer.headers, [("Content-Length".to_owned(), b"1000000".to_vec())]);
}

#[test]
fn socket_leaks_on_a_parse_error() {
    for (response, phase) in [
        ("SSH-2.0-OpenSSH_9.2\r\n", Phase::Parse),
        ("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", Phase::Parse),
        ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", Phase::Parse),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", Phase::Body),
    ] {
        let mut network = answering_and_stalling(response);
        let result = send_over(requests::get("http://example.org/"), &mut network);
        assert_eq!(result.map_err(|error| error.phase()), Err(phase), "{response}");
        assert_eq!(network.open(), 0, "{response}");
    }
}

// Zephyr's http_client

#[test]
fn chunk_framing_handed_out_as_body() {
    let response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                    5;name=value\r\nhello\r\n1;q=\"a\\\"b\"\r\n,\r\n6\r\n world\r\n0\r\nX-Trailer: yes\r\n\r\n";
    for piece in [1, 2, 3, 7, usize::MAX] {
        let script = Script::new(response.as_bytes()).in_pieces_of(piece).then(End::Stall);
        let mut network = ScriptedNetwork::new([script]);
        let answer = send_over(requests::get("http://example.org/"), &mut network).unwrap();
        assert_eq!(answer.content, b"hello, world", "in pieces of {piece}");
    }
}

#[test]
fn server_error_bodies_skipped() {
    for status in ["400 Bad Request", "404 Not Found", "500 Internal Server Error", "503 Service Unavailable"]
    {
        let response = format!("HTTP/1.1 {status}\r\nContent-Length: 3\r\n\r\nwhy");
        let answer = send_over(requests::get("http://example.org/"), &mut answering([response])).unwrap();
        assert_eq!(answer.content, b"why", "{status}");
    }
}

#[test]
fn head_with_chunked_waits_for_the_time_out() {
    let response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut network = answering_and_stalling(response);
    assert_eq!(send_over(requests::head("http://example.org/"), &mut network).unwrap().status, 200);

    let peer = Peer::new([vec![Step::ReadRequest, Step::send(response), Step::Stall]]);
    let url = peer.url("/");
    let answer = within(Duration::ZERO, || send(requests::head(&url))).unwrap();
    assert_eq!((answer.status, &answer.content[..]), (200, &b""[..]));
}

#[test]
fn a_100_ends_the_request() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\n";
    let pause = Duration::from_millis(50);
    let part = vec![Step::ReadRequest, Step::send(interim), Step::Pause(pause), Step::send(OK)];
    let peer = Peer::new([part]);
    let url = peer.url("/");
    let answer = send(requests::post(&url).data(b"body").header("Expect", "100-continue")).unwrap();
    assert_eq!((answer.status, &answer.content[..]), (200, &b"ok"[..]));
}
