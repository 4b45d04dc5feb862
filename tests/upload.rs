// SPDX-License-Identifier: Apache-2.0
//! Requests whose body is read while it is sent, and servers that answer before they have all of it.

#[cfg(feature = "tls")]
#[path = "tls/pki.rs"]
#[allow(dead_code, reason = "these tests need one server certificate of it")]
mod pki;
mod support;

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::time::Duration;

use embedded_io::{ErrorKind, ErrorType, Read};
use proptest::prelude::*;
use requests::transport::Network;
use requests::transport::scripted::{End, Script, ScriptedNetwork};
use requests::{CloseReason, Error, IoError, IoReader, Part, Phase, Request, Session};

use support::nginx::Nginx;
use support::peer::{Peer, Step, answer};
use support::sent::SentRequest;
use support::servers::gunicorn;
use support::time::{at, within};
use support::{Answer, BUFFER, send_over, send_with_buffer};

const URL: &str = "http://example.org/";
const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const TOO_LARGE: &str = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nmuch";

/// 10 MB.
const LARGE: usize = 10_000_000;

/// The byte at `position` of a long body: text of different lines.
fn byte(position: usize) -> u8 {
    let digit = position % 8;
    if digit == 7 { b'\n' } else { b"0123456789abcdef"[(position / 8) >> (4 * (6 - digit)) & 15] }
}

fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(byte).collect()
}

/// Reads a long body in pieces of changing size, and ends or fails then.
#[derive(Debug)]
struct Source {
    position: usize,
    end: usize,
    failure: Option<ErrorKind>,
}

impl Source {
    fn new(end: usize) -> Self {
        Self { position: 0, end, failure: None }
    }

    fn failing(end: usize) -> Self {
        Self { failure: Some(ErrorKind::Other), ..Self::new(end) }
    }
}

impl ErrorType for Source {
    type Error = ErrorKind;
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        if self.position == self.end {
            return self.failure.map_or(Ok(0), Err);
        }
        let count = buffer.len().min(self.position % 311 + 1).min(self.end - self.position);
        for (place, position) in buffer[..count].iter_mut().zip(self.position..) {
            *place = byte(position);
        }
        self.position += count;
        Ok(count)
    }
}

/// Sends over the sockets of this machine.
fn send(request: Request<'_>) -> Result<Answer, Error> {
    send_with_buffer(request, BUFFER)
}

fn status(result: Result<Answer, Error>) -> Result<u16, Error> {
    result.map(|answer| answer.status)
}

/// Servers that stop reading.
mod time_outs {
    use super::*;

    const WAIT: Duration = Duration::from_millis(300);
    const OUT: Result<u16, Error> = Err(Error::Timeout { phase: Phase::Send });

    /// A peer that sends `first`, and then does not read any more.
    fn stuck(first: &str) -> Peer {
        Peer::new([vec![Step::Read(100), Step::send(first), Step::Stall]])
    }

    #[test]
    fn each_wait_for_the_server_to_take_more_is_bounded() {
        let large = bytes(4 * LARGE);
        // It may have started to respond, and continue reading.
        for first in ["", "HTTP/1.1 200 ", CONTINUE, "HTTP/1.1 1"] {
            for kind in ["data", "reader", "files"] {
                let peer = stuck(first);
                let url = peer.url("/");
                let (mut reader, parts) = (&large[..], [Part::file("a", "b", &large)]);
                let request = requests::put(&url).read_timeout(WAIT).timeout(Duration::from_secs(20));
                let request = match kind {
                    "data" => request.data(&large),
                    "reader" => request.body(&mut reader, None),
                    _ => request.files(&parts),
                };
                assert_eq!(within(WAIT * 8, || status(send(request))), OUT, "{first:?} {kind}");
            }
        }
    }

    #[test]
    fn the_session_s_is_for_its_uploads() {
        let large = bytes(4 * LARGE);
        let peer = stuck("");
        let mut session = Session::new().read_timeout(WAIT);
        let url = peer.url("/");
        let result = within(WAIT * 8, || status(send(session.post(&url).data(&large))));
        assert_eq!(result, OUT);
    }

    /// It does not limit the whole upload: a server that reads from time to time gets all of it.
    #[test]
    fn a_slow_server_gets_all() {
        let large = bytes(LARGE);
        let pieces = (1..6).flat_map(|piece| [Step::Pause(WAIT * 2 / 3), Step::Read(piece * LARGE / 5)]);
        let part = pieces.chain([Step::send(OK)]).collect();
        let peer = Peer::new([part]);
        let url = peer.url("/");
        let request = requests::put(&url).read_timeout(WAIT).timeout(Duration::from_secs(20));
        assert_eq!(status(send(request.data(&large))), Ok(200));
        assert!(peer.received()[0].ends_with(&large));
    }

    /// The whole request is limited too, and only that limit applies to the wait for the response.
    #[test]
    fn the_time_out_of_the_request_holds_besides() {
        let large = bytes(4 * LARGE);
        let peer = stuck("");
        let url = peer.url("/");
        let request = requests::put(&url).read_timeout(Duration::from_secs(20)).timeout(WAIT);
        assert_eq!(at(WAIT, || status(send(request.data(&large)))), OUT);
        let peer = Peer::new([vec![Step::ReadRequest, Step::Pause(WAIT * 2), Step::send(OK)]]);
        let url = peer.url("/");
        assert_eq!(status(send(requests::put(&url).read_timeout(WAIT).data(b"x"))), Ok(200));
    }
}

mod real_servers {
    use super::*;

    /// nginx that stores the files that are PUT under `/files/`.
    fn storing() -> Nginx {
        Nginx::new(
            "location /files/ { dav_methods PUT; create_full_put_path on; client_max_body_size 20m; alias files/; }",
        )
    }

    #[test]
    fn nginx_stores_what_a_reader_gives() {
        let nginx = storing();
        for len in [Some(LARGE as u64), None] {
            for size in [300, BUFFER] {
                let name = format!("{size}-{}", len.is_some());
                let mut source = Source::new(LARGE);
                let url = nginx.url(&format!("/files/{name}"));
                let answer = send_with_buffer(requests::put(&url).body(&mut source, len), size).unwrap();
                assert_eq!(answer.status, 201);
                assert!(std::fs::read(nginx.files().join(&name)).unwrap() == bytes(LARGE), "{name}");
            }
        }
    }

    #[test]
    fn nginx_stores_one_after_the_other_over_one_connection() {
        let nginx = storing();
        let mut session = Session::new();
        let mut buffer = [0; 2048];
        for index in 0..20 {
            let size = index * 5000;
            let len = (index % 2 == 0).then_some(size as u64);
            let mut source = Source::new(size);
            let url = nginx.url(&format!("/files/{index}"));
            let mut request = session.put(&url).body(&mut source, len);
            if index % 3 == 0 {
                request = request.expect_continue();
            }
            assert_eq!(request.send(&mut buffer).unwrap().status_code, 201);
            assert!(std::fs::read(nginx.files().join(index.to_string())).unwrap() == bytes(size));
        }
        assert_eq!(session.connections_opened(), 1);
    }

    /// httpbin behind gunicorn, which accepts chunks. It returns what it has received.
    #[test]
    fn httpbin_receives_what_a_reader_gives() {
        for len in [Some(LARGE as u64), None] {
            let mut source = Source::new(LARGE);
            let url = gunicorn().url("/post");
            let answer = send_with_buffer(requests::post(&url).body(&mut source, len), 2 * LARGE).unwrap();
            assert_eq!(answer.status, 200);
            let echo: serde_json::Value = serde_json::from_slice(&answer.content).unwrap();
            assert!(echo["data"].as_str().unwrap().as_bytes() == bytes(LARGE), "{len:?}");
            let coding = if len.is_none() { Some("chunked") } else { None };
            assert_eq!(echo["headers"]["Transfer-Encoding"].as_str(), coding);
        }
    }

    #[test]
    fn httpbin_receives_files_from_readers_in_chunks_and_with_a_length() {
        for chunked in [false, true] {
            let mut source = Source::new(1_000_000);
            let parts = [Part::field("a", "b"), Part::reader("file", "name", &mut source, 1_000_000)];
            let url = gunicorn().url("/post");
            let mut request = requests::post(&url).files(&parts).expect_continue();
            if chunked {
                request = request.chunked();
            }
            let answer = send_with_buffer(request, 4_000_000).unwrap();
            let echo: serde_json::Value = serde_json::from_slice(&answer.content).unwrap();
            assert_eq!(echo["form"]["a"], "b");
            assert!(echo["files"]["file"].as_str().unwrap().as_bytes() == bytes(1_000_000));
        }
    }

    #[test]
    fn httpbin_receives_a_file_as_body_and_as_part() {
        let content = bytes(1_000_000);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&content).unwrap();
        let len = file.metadata().unwrap().len();
        let url = gunicorn().url("/post");
        let received = |file: &mut File, request: Request<'_>| {
            let answer = send_with_buffer(request, 4_000_000).unwrap();
            assert_eq!(file.stream_position().unwrap(), len, "all of it was read");
            file.rewind().unwrap();
            serde_json::from_slice::<serde_json::Value>(&answer.content).unwrap()
        };
        file.rewind().unwrap();
        let mut same = file.try_clone().unwrap();
        for len in [Some(len), None] {
            let echo = received(&mut same, requests::post(&url).body(&mut IoReader(&file), len));
            assert!(echo["data"].as_str().unwrap().as_bytes() == content, "{len:?}");
        }
        let mut photo = IoReader(&file);
        let parts = [Part::reader("photo", "photo.jpg", &mut photo, len)];
        let echo = received(&mut same, requests::post(&url).files(&parts));
        assert!(echo["files"]["photo"].as_str().unwrap().as_bytes() == content);
    }

    /// nginx answers as soon as it has seen the length, or too many chunks.
    #[test]
    fn nginx_answers_that_it_is_too_large() {
        let location = "location /files/ { dav_methods PUT; client_max_body_size 1m; }";
        for lingering in ["on", "always", "off"] {
            let nginx = Nginx::new(&format!("lingering_close {lingering}; {location}"));
            let url = nginx.url("/files/x");
            for (len, expects) in [(Some(LARGE as u64), true), (Some(LARGE as u64), false), (None, false)] {
                let mut source = Source::new(LARGE);
                let mut request = requests::put(&url).body(&mut source, len);
                if expects {
                    request = request.expect_continue();
                }
                let result = within(Duration::from_secs(30), || send(request));
                assert_eq!(status(result), Ok(413), "{lingering} {len:?} {expects}");
                assert_eq!(source.position == 0, expects, "the body is not sent in vain");
            }
            let large = bytes(LARGE);
            assert_eq!(status(send(requests::put(&url).data(&large))), Ok(413));
        }
    }

    #[test]
    #[cfg(feature = "tls")]
    fn nginx_answers_that_it_is_too_large_by_tls() {
        let pki = pki::pki();
        let root = pki.root.certificate_pem();
        let roots = [&root[..]];
        let config = requests::TlsConfig::new().roots(&roots);
        let nginx = Nginx::tls(
            &pki.server.chain,
            &pki.server.key,
            "location /files/ { dav_methods PUT; client_max_body_size 1m; }",
        );
        let url = nginx.https_url("/files/x");
        for len in [Some(LARGE as u64), None] {
            let mut source = Source::new(LARGE);
            let request = requests::put(&url).tls(config).body(&mut source, len);
            assert_eq!(status(within(Duration::from_secs(30), || send(request))), Ok(413), "{len:?}");
        }
    }

    #[test]
    fn a_session_goes_on_after_what_was_too_large() {
        let nginx = Nginx::new("location /files/ { dav_methods PUT; client_max_body_size 1m; }");
        let url = nginx.url("/files/x");
        let mut session = Session::new();
        let mut buffer = [0; 2048];
        for _ in 0..3 {
            let mut source = Source::new(LARGE);
            let response = session.put(&url).body(&mut source, None).send(&mut buffer).unwrap();
            assert_eq!(response.status_code, 413);
            assert!(session.close_reason().is_some());
            assert_eq!(session.get(&nginx.url("/")).send(&mut buffer).unwrap().content(), b"GET");
            assert_eq!(session.close_reason(), None);
        }
    }
}

/// Peers that answer before they have read everything, read no more, and leave the connection open.
mod early_answers {
    use super::*;

    /// Much more than the socket buffers of both sides hold.
    const HUGE: usize = 64 << 20;

    fn refusing() -> Peer {
        Peer::new([vec![Step::Read(10_000), Step::send(TOO_LARGE), Step::Stall]])
    }

    #[test]
    fn to_data_are_the_response() {
        let peer = refusing();
        let data = vec![b'x'; HUGE];
        let url = peer.url("/");
        let request = requests::post(&url).data(&data).timeout(Duration::from_secs(20));
        let answer = within(Duration::from_secs(5), || send(request)).unwrap();
        assert_eq!((answer.status, &answer.content[..]), (413, &b"much"[..]));
    }

    #[test]
    fn to_readers_are_the_response() {
        for len in [Some(HUGE as u64), None] {
            let peer = refusing();
            let url = peer.url("/");
            let mut source = Source::new(HUGE);
            let request = requests::post(&url).body(&mut source, len).timeout(Duration::from_secs(60));
            let answer = within(Duration::from_secs(20), || send(request)).unwrap();
            assert_eq!((answer.status, &answer.content[..]), (413, &b"much"[..]));
            assert!(source.position < HUGE);
        }
    }

    #[test]
    #[cfg(feature = "tls")]
    fn by_tls_are_the_response() {
        let pki = pki::pki();
        let root = pki.root.certificate_pem();
        let roots = [&root[..]];
        let server = support::servers::refusing_by_tls(&pki.server.chain, &pki.server.key);
        let url = format!("https://localhost:{}/", server.port());
        for len in [Some(HUGE as u64), None] {
            let mut source = Source::new(HUGE);
            let request = requests::post(&url)
                .tls(requests::TlsConfig::new().roots(&roots))
                .body(&mut source, len)
                .timeout(Duration::from_secs(60));
            let answer = within(Duration::from_secs(20), || send(request)).unwrap();
            assert_eq!((answer.status, &answer.content[..]), (413, &b"much"[..]));
            assert!(source.position < HUGE);
        }
    }

    #[test]
    fn close_the_connection_of_a_session() {
        let peer = Peer::new([vec![Step::Read(10_000), Step::send(TOO_LARGE), Step::ReadAll], answer(OK)]);
        let mut session = Session::new();
        let mut buffer = [0; 2048];
        let mut source = Source::new(HUGE);
        let response = session.post(&peer.url("/")).body(&mut source, None).send(&mut buffer).unwrap();
        assert_eq!(response.status_code, 413);
        assert_eq!(session.close_reason(), Some(CloseReason::RequestIncomplete));
        assert_eq!(session.get(&peer.url("/")).send(&mut buffer).unwrap().content(), b"ok");
    }

    /// A server that has waited long enough asks for more.
    #[test]
    fn that_are_interim_do_not_end_the_request() {
        let size = 8 << 20;
        let interim = || Step::send("HTTP/1.1 100 Continue\r\nX: y\r\n\r\n");
        for expects in [false, true] {
            let peer = Peer::new([vec![
                Step::Pause(Duration::from_millis(1500)),
                Step::Read(10_000),
                interim(),
                Step::Read(size / 2),
                Step::send("HTTP/1.1 102 Pro"),
                Step::Read(size / 2 + 100_000),
                Step::send("cessing\r\n\r\n"),
                Step::Read(size - 100_000),
                interim(),
                Step::ReadRequest,
                Step::send(OK),
            ]]);
            let url = peer.url("/");
            let mut source = Source::new(size);
            let mut request = requests::post(&url).body(&mut source, Some(size as u64));
            if expects {
                request = request.expect_continue();
            }
            let result = within(Duration::from_secs(20), || send(request));
            assert_eq!(status(result), Ok(200), "{expects}");
            assert!(peer.requests()[0].body == bytes(size));
        }
    }

    #[test]
    fn are_heard_while_pieces_are_sent() {
        // On an operating system the client listens after every 21st piece.
        const PIECES: usize = 21;
        for after in [1, 50, 150, 200, 500, 900] {
            for piece in [1, 7, 100] {
                let script = Script::interrupting([(after, TOO_LARGE)]).in_pieces_of(piece);
                let mut network = ScriptedNetwork::new([script.then(End::Stall)]);
                let mut source = Source::new(1000);
                let request = requests::post(URL).body(&mut source, Some(1000));
                let answer = send_over(request, &mut network).unwrap();
                assert_eq!((answer.status, &answer.content[..]), (413, &b"much"[..]), "{after} {piece}");
                assert!(
                    network.sent(0).len() <= after.next_multiple_of(piece) + PIECES * piece,
                    "{after} {piece}"
                );
                assert_eq!((network.now(), network.open()), (0, 0));
            }
        }
    }

    #[test]
    fn are_heard_with_little_room() {
        for room in 0..40 {
            let script = Script::interrupting([(400, "HTTP/1.1 413 X\r\n\r\n")]).in_pieces_of(50);
            let mut network = ScriptedNetwork::new([script]);
            let mut source = Source::new(1000);
            let request = requests::post(URL).body(&mut source, Some(1000));
            let mut buffer = vec![0; URL.len() + room];
            match request.send_over(&mut network, &mut buffer).map(|response| response.status_code) {
                Ok(status) => assert_eq!((status, room >= 18), (413, true)),
                Err(error) => {
                    assert_eq!((error.kind(), error.phase()), ("buffer-too-small", Phase::Parse), "{room}");
                    assert!(room < 18);
                }
            }
        }
    }

    #[test]
    fn that_are_interim_are_dropped_wherever_they_come() {
        let whole = {
            let mut network = ScriptedNetwork::new([Script::new(OK.as_bytes())]);
            send_over(requests::post(URL).body(&mut Source::new(1000), Some(1000)), &mut network).unwrap();
            network.sent(0)
        };
        let interim = [
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
            "HTTP/1.1 199 \n\n",
        ];
        for first in (1..whole.len()).step_by(37) {
            for (index, text) in interim.iter().enumerate() {
                for piece in [1, 5, 64, 1000] {
                    let (start, rest) = text.split_at(text.len() / (index + 1) - 1);
                    let turns = [(first, start), (first + 100, rest), (whole.len(), OK)];
                    let turns = turns.map(|(after, turn)| (after.min(whole.len()), turn));
                    let script = Script::interrupting(turns).in_pieces_of(piece);
                    let mut network = ScriptedNetwork::new([script]);
                    let mut source = Source::new(1000);
                    let request = requests::post(URL).body(&mut source, Some(1000));
                    assert_eq!(status(send_over(request, &mut network)), Ok(200), "{first} {text:?} {piece}");
                    assert_eq!(network.sent(0), whole);
                }
            }
        }
    }

    /// The head that ends the wait for `100 Continue` is received once more as the response.
    #[test]
    fn to_a_question_have_each_field_once() {
        let refusal = "HTTP/1.1 413 No\r\nA: 1\r\na warning of the script, which is no field\r\nB: 2\r\n 3\r\nContent-Length: 2\r\nC: 4\r\n\r\nno";
        let mut network = ScriptedNetwork::new([Script::turns([refusal])]);
        let mut source = Source::new(1000);
        let mut buffer = [0; 2048];
        let request = requests::post(URL).body(&mut source, Some(1000)).expect_continue();
        let response = request.send_over(&mut network, &mut buffer).unwrap();
        let fields: Vec<_> = response.header_fields().map(|field| (field.name, field.value)).collect();
        assert_eq!(fields, [("A", &b"1"[..]), ("B", b"2   3"), ("Content-Length", b"2"), ("C", b"4")]);
        assert_eq!((response.status_code, response.reason, response.content()), (413, "No", &b"no"[..]));
        assert_eq!(source.position, 0);
    }

    #[test]
    fn that_redirect_are_followed_with_the_whole_body() {
        let redirect = "HTTP/1.1 307 X\r\nLocation: /b\r\nContent-Length: 5\r\n\r\nthere";
        let first = Script::interrupting([(300, redirect)]).in_pieces_of(50);
        let mut session = Session::over(ScriptedNetwork::new([first, Script::turns([OK])]));
        let data = bytes(1000);
        let mut buffer = [0; 2048];
        assert_eq!(session.put(URL).data(&data).send(&mut buffer).unwrap().content(), b"ok");
        assert_eq!(SentRequest::read(&session.network().sent(0)), None);
        assert_eq!(SentRequest::only(&session.network().sent(1)).body, data);
    }

    #[test]
    fn of_another_protocol_end_the_request() {
        let script =
            Script::interrupting([(300, "HTTP/1.1 101 Switching Protocols\r\n\r\n")]).in_pieces_of(5);
        let mut network = ScriptedNetwork::new([script]);
        let mut source = Source::new(1000);
        let request = requests::post(URL).body(&mut source, Some(1000));
        assert_eq!(status(send_over(request, &mut network)), Ok(101));
        assert!(network.sent(0).len() <= 300 + 22 * 5);
    }

    #[test]
    fn that_cannot_be_read_are_told_apart_from_none() {
        let long = format!("HTTP/1.1 413 Too Large\r\nA: {}\r\n\r\n", "b".repeat(300));
        for (response, kind) in [(long.as_str(), "buffer-too-small"), ("HTTP/1.1 9\r\n\r\n", "invalid-head")]
        {
            let script = Script::turns([response]).in_pieces_of(50).accepts(300);
            let mut network = ScriptedNetwork::new([script]);
            let mut source = Source::new(1000);
            let request = requests::post(URL).body(&mut source, Some(1000));
            let error = request.send_over(&mut network, &mut [0; 256]).unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
        }
    }

    #[test]
    fn that_are_none_are_errors() {
        let mut source = Source::new(1000);
        let mut network = ScriptedNetwork::new([Script::interrupting([(300, "")]).in_pieces_of(50)]);
        let error = send_over(requests::post(URL).body(&mut source, Some(1000)), &mut network).unwrap_err();
        assert_eq!(error, Error::Send(IoError::new(ErrorKind::BrokenPipe)));
        let mut source = Source::new(1000);
        let script = Script::interrupting([(300, "nonsense that is no head\r\n\r\n")]).in_pieces_of(50);
        let mut network = ScriptedNetwork::new([script]);
        let error = send_over(requests::post(URL).body(&mut source, Some(1000)), &mut network).unwrap_err();
        assert_eq!(error.kind(), "invalid-head");
    }

    /// Bytes that are not a status line never count as an interim response that is dropped.
    #[test]
    fn that_are_no_http_are_errors() {
        for early in [
            "SSH-2.0-xx 1xy and more\r\n\r\n",
            "twelve byt 1xy\r\n\r\n",
            "HTTP/1.1 1xy Continue\r\n\r\n",
            "HTTP/1.1 10\r\n\r\n",
            "HTTP/1.1 1000 Continue\r\n\r\n",
            "HTTP/1.x 100 Continue\r\n\r\n",
            "HTTP/2.0 100 Continue\r\n\r\n",
            "HTTP/1.1  100 Continue\r\n\r\n",
            "http/1.1 100 Continue\r\n\r\n",
        ] {
            for piece in [1, 50] {
                let mut source = Source::new(1000);
                let script = Script::interrupting([(300, early), (1000, OK)]).in_pieces_of(piece);
                let mut network = ScriptedNetwork::new([script]);
                let request = requests::post(URL).body(&mut source, Some(1000));
                let error = send_over(request, &mut network).unwrap_err();
                assert_eq!(error.kind(), "invalid-head", "{early}");
            }
        }
    }

    /// A filter or an echo server responds while it reads: its 200 does not mean that it stops
    /// reading.
    #[test]
    fn that_say_success_do_not_end_the_upload() {
        let size = 4_000_000;
        let peer = Peer::new([vec![
            Step::Read(1000),
            Step::send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Step::Pause(Duration::from_millis(200)),
            Step::ReadRequest,
            Step::send("2\r\nok\r\n0\r\n\r\n"),
        ]]);
        let url = peer.url("/");
        let data = bytes(size);
        let answer = within(Duration::from_secs(20), || send(requests::post(&url).data(&data))).unwrap();
        assert_eq!((answer.status, &answer.content[..]), (200, &b"ok"[..]));
        assert!(peer.requests()[0].body == data);
    }
}

mod readers {
    use super::*;

    #[test]
    fn that_fail_or_end_early_leave_no_complete_request() {
        let large = 3 * BUFFER;
        for end in [0, 1, 100, large] {
            for len in [Some(end as u64 + 1), None] {
                for (source, fails) in [(Source::new(end), len.is_some()), (Source::failing(end), true)] {
                    let peer = Peer::new([vec![Step::ReadAll]]);
                    let url = peer.url("/");
                    let mut source = source;
                    let request = requests::post(&url).body(&mut source, len);
                    if !fails {
                        continue;
                    }
                    assert_eq!(send(request), Err(Error::BodyReader), "{end} {len:?}");
                    let received = peer.received().concat();
                    assert!(received.is_empty() || SentRequest::read(&received).is_none(), "{end} {len:?}");
                }
            }
        }
    }

    #[test]
    fn that_fail_leave_a_session_that_can_be_used() {
        let mut session =
            Session::over(ScriptedNetwork::new([Script::turns([OK, OK]), Script::turns([OK, OK])]));
        let mut buffer = [0; 2048];
        session.get(URL).send(&mut buffer).unwrap();
        let mut source = Source::failing(5000);
        let result = session.put(URL).body(&mut source, None).send(&mut buffer);
        assert_eq!(result.unwrap_err(), Error::BodyReader);
        assert_eq!((session.network().open(), session.close_reason()), (0, Some(CloseReason::Error)));
        session.get(URL).send(&mut buffer).unwrap();
        session.get(URL).send(&mut buffer).unwrap();
        assert_eq!(session.connections_opened(), 2);
    }

    #[test]
    fn with_more_than_was_announced_keep_the_rest() {
        let mut network = ScriptedNetwork::new([Script::new(OK.as_bytes())]);
        let mut source = Source::new(1000);
        send_over(requests::post(URL).body(&mut source, Some(600)), &mut network).unwrap();
        assert_eq!(SentRequest::only(&network.sent(0)).body, bytes(600));
        assert_eq!(source.position, 600);
    }

    #[test]
    fn of_nothing() {
        for len in [Some(0), None] {
            let mut network = ScriptedNetwork::new([Script::new(OK.as_bytes())]);
            send_over(requests::post(URL).body(&mut &b""[..], len), &mut network).unwrap();
            let sent = SentRequest::only(&network.sent(0));
            let coding = if len.is_none() { Some("chunked") } else { None };
            assert_eq!(
                (sent.header("Content-Length"), sent.header("Transfer-Encoding")),
                (len.map(|_| "0"), coding)
            );
            assert_eq!(sent.body, b"");
        }
    }

    #[test]
    fn cannot_follow_a_redirect_that_keeps_the_body() {
        for status in [307, 308] {
            let redirect = format!("HTTP/1.1 {status} X\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n");
            for len in [Some(100), None] {
                let mut network =
                    ScriptedNetwork::new([&redirect, OK].map(|text| Script::new(text.as_bytes())));
                let mut source = Source::new(100);
                let request = requests::put(URL).body(&mut source, len);
                assert_eq!(send_over(request, &mut network), Err(Error::BodyNotReplayable));
                assert_eq!(network.addresses().len(), 1);
            }
        }
    }

    #[test]
    fn follow_a_redirect_that_drops_the_body() {
        let redirect = "HTTP/1.1 303 X\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n";
        for len in [Some(100), None] {
            let mut network = ScriptedNetwork::new([redirect, OK].map(|text| Script::new(text.as_bytes())));
            let mut source = Source::new(100);
            let request = requests::put(URL).body(&mut source, len).expect_continue();
            assert_eq!(status(send_over(request, &mut network)), Ok(200));
            let sent = SentRequest::only(&network.sent(1));
            assert_eq!((&sent.method[..], sent.header("Transfer-Encoding")), ("GET", None));
            assert_eq!((sent.header("Content-Length"), sent.header("Expect")), (None, None));
        }
    }

    #[test]
    fn that_a_server_did_not_want_follow_its_redirect() {
        let redirect = "HTTP/1.1 307 X\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n";
        let scripts = [Script::turns([redirect]), Script::turns([CONTINUE, OK])];
        let mut network = ScriptedNetwork::new(scripts);
        let mut source = Source::new(100);
        let request = requests::put(URL).body(&mut source, Some(100)).expect_continue();
        assert_eq!(status(send_over(request, &mut network)), Ok(200));
        assert_eq!(SentRequest::only(&network.sent(1)).body, bytes(100));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn arrive_intact(
            size in prop_oneof![0..600usize, 0..10_000usize],
            has_length in any::<bool>(),
            buffer in 100..2000usize,
            piece in prop_oneof![1..10usize, 1..3000usize],
        ) {
            let mut network = ScriptedNetwork::new([Script::new(OK.as_bytes()).in_pieces_of(piece)]);
            let mut source = Source::new(size);
            let request = requests::post(URL).body(&mut source, has_length.then_some(size as u64));
            request.send_over(&mut network, &mut vec![0; buffer]).unwrap();
            prop_assert_eq!(SentRequest::only(&network.sent(0)).body, bytes(size));
        }

        #[test]
        fn in_chunks_are_what_they_are_with_a_length(
            fields in prop::collection::vec(("[a-z ]{0,9}", "[a-zé&=]{0,40}"), 0..20),
            buffer in 600..2000usize,
        ) {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (&name[..], &value[..])).collect();
            let json = fields.iter().map(|(_, value)| *value).collect::<String>();
            let parts: Vec<_> = fields.iter().map(|(name, value)| Part::field(name, value)).collect();
            let post = || requests::post(URL);
            let requests = [
                [post().form(&fields), post().form(&fields).chunked()],
                [post().json(&json), post().json(&json).chunked()],
                [post().data(json.as_bytes()), post().chunked().data(json.as_bytes())],
                [post().files(&parts), post().files(&parts).chunked()],
            ];
            for requests in requests {
                let mut network = ScriptedNetwork::new([OK, OK].map(|text| Script::new(text.as_bytes())));
                for request in requests {
                    request.send_over(&mut network, &mut vec![0; buffer + 1000]).unwrap();
                }
                let [plain, chunked] = [0, 1].map(|index| SentRequest::only(&network.sent(index)));
                prop_assert_eq!(&plain.body, &chunked.body);
                prop_assert_eq!(plain.headers.len(), chunked.headers.len());
                prop_assert_eq!(chunked.header("Transfer-Encoding"), Some("chunked"));
            }
        }
    }
}

/// Servers that are asked whether they want the body.
mod expectations {
    use super::*;

    fn request(source: &mut Source) -> Request<'_> {
        let len = source.end as u64;
        requests::post(URL).body(source, Some(len)).expect_continue()
    }

    /// The bytes that are sent to `scripts`, and the result.
    fn exchange(scripts: impl IntoIterator<Item = Script>) -> (Result<u16, Error>, ScriptedNetwork, Source) {
        let mut network = ScriptedNetwork::new(scripts);
        let mut source = Source::new(1000);
        let result = status(send_over(request(&mut source), &mut network));
        (result, network, source)
    }

    /// The second after which silence counts as consent ends while the consent is being received.
    #[test]
    fn that_are_half_met_in_time_are_met() {
        let (first, rest) = CONTINUE.split_at(15);
        let peer = Peer::new([vec![
            Step::Read(1),
            Step::send(first),
            Step::Pause(Duration::from_millis(1300)),
            Step::send(rest),
            Step::ReadRequest,
            Step::send(OK),
        ]]);
        let url = peer.url("/");
        let request = requests::post(&url).data(b"data").expect_continue();
        assert_eq!(status(within(Duration::from_secs(20), || send(request))), Ok(200));
        assert_eq!(peer.requests()[0].body, b"data");
    }

    #[test]
    fn that_are_answered_before_the_head_is_sent_give_the_answer() {
        for (head, status) in [("413 Content Too Large", 413), ("200 OK", 200)] {
            let answer = format!("HTTP/1.1 {head}\r\nContent-Length: 4\r\n\r\nmuch");
            for after in [1, 28, 60, 100] {
                for (size, piece) in [(80, 1000), (96, 1000), (512, 20), (512, 1)] {
                    let script = Script::interrupting([(after, &answer)]).in_pieces_of(piece);
                    let mut network = ScriptedNetwork::new([script]);
                    let mut buffer = vec![0; size];
                    let request = requests::put("http://e.org/").data(b"x").expect_continue();
                    let response = request.send_over(&mut network, &mut buffer);
                    let response =
                        response.unwrap_or_else(|error| panic!("{error} {head} {after} {size} {piece}"));
                    let answered = (response.status_code, response.content());
                    assert_eq!(answered, (status, &b"much"[..]), "{head} {after} {size} {piece}");
                }
            }
        }
    }

    #[test]
    fn are_met() {
        for piece in [1, 30, 1000] {
            let (result, network, _) = exchange([Script::turns([CONTINUE, OK]).in_pieces_of(piece)]);
            assert_eq!(result, Ok(200));
            let sent = SentRequest::only(&network.sent(0));
            assert_eq!((sent.header("Expect"), &sent.body), (Some("100-continue"), &bytes(1000)));
            assert_eq!(network.now(), 0);
        }
    }

    #[test]
    fn are_met_after_other_interim_responses() {
        let before = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".to_owned() + CONTINUE;
        let (result, network, _) = exchange([Script::turns([&before[..], OK])]);
        assert_eq!((result, network.now()), (Ok(200), 0));
        assert_eq!(SentRequest::only(&network.sent(0)).body, bytes(1000));
    }

    /// Another interim response directly behind it, even an incomplete one, does not refuse the
    /// body.
    #[test]
    fn are_met_where_other_interim_responses_follow() {
        let hints = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
        for behind in [CONTINUE, hints] {
            let both = CONTINUE.to_owned() + behind;
            for piece in [CONTINUE.len() + 9, 1000] {
                let script = Script::turns([&both[..], OK]).in_pieces_of(piece).then(End::Stall);
                let (result, network, _) = exchange([script]);
                assert_eq!((result, network.now()), (Ok(200), 0));
                assert_eq!(SentRequest::only(&network.sent(0)).body, bytes(1000));
            }
        }
    }

    #[test]
    fn that_are_not_answered_are_met_after_a_second() {
        let (result, network, _) = exchange([Script::turns(["", OK])]);
        assert_eq!((result, network.now()), (Ok(200), 1000));
        assert_eq!(SentRequest::only(&network.sent(0)).body, bytes(1000));
        // So does a late 100.
        let late = CONTINUE.to_owned() + OK;
        let (result, network, _) = exchange([Script::turns(["", &late])]);
        assert_eq!((result, network.now()), (Ok(200), 1000));
    }

    #[test]
    fn are_not_waited_for_beyond_the_deadline() {
        let peer = Peer::new([vec![Step::Stall]]);
        let deadline = Duration::from_millis(300);
        let url = peer.url("/");
        let mut source = Source::new(1000);
        let request = requests::post(&url).body(&mut source, Some(1000)).expect_continue().timeout(deadline);
        let error = at(deadline, || send(request)).unwrap_err();
        assert_eq!(error.kind(), "timeout");
    }

    #[test]
    fn that_are_refused_send_no_body() {
        let refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno";
        for piece in [1, 1000] {
            let script = Script::turns([refusal]).in_pieces_of(piece).then(End::Stall);
            let (result, network, source) = exchange([script]);
            assert_eq!((result, source.position, network.now()), (Ok(401), 0, 0));
            assert!(network.sent(0).ends_with(b"\r\n\r\n"), "only a head");
            assert_eq!(network.open(), 0);
        }
        // Sent directly behind the 100.
        let both = CONTINUE.to_owned() + refusal;
        let (result, network, source) = exchange([Script::turns([both])]);
        assert_eq!((result, source.position, network.now()), (Ok(401), 0, 0));
    }

    #[test]
    fn that_are_refused_close_the_connection_of_a_session() {
        let refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
        let network = ScriptedNetwork::new([Script::turns([refusal]), Script::turns([OK])]);
        let mut session = Session::over(network);
        let mut buffer = [0; 1024];
        let mut source = Source::new(1000);
        let request = session.post(URL).body(&mut source, Some(1000)).expect_continue();
        assert_eq!(request.send(&mut buffer).unwrap().status_code, 401);
        assert_eq!(session.close_reason(), Some(CloseReason::RequestIncomplete));
        let request = session.post(URL).auth(("u", "p")).body(&mut source, Some(1000));
        assert_eq!(request.send(&mut buffer).unwrap().status_code, 200);
        assert_eq!(SentRequest::only(&session.network().sent(1)).body, bytes(1000));
    }

    const NOT_MET: &str = "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n";

    #[test]
    fn that_a_server_does_not_know_are_not_repeated() {
        let (result, network, _) = exchange([Script::turns([NOT_MET]), Script::turns([OK])]);
        assert_eq!(result, Ok(200));
        assert!(network.sent(0).ends_with(b"\r\n\r\n"), "only a head");
        let sent = SentRequest::only(&network.sent(1));
        assert_eq!((sent.header("Expect"), &sent.body), (None, &bytes(1000)));
    }

    #[test]
    fn that_fail_without_having_been_asked_for_are_the_response() {
        let (result, network, _) = exchange([Script::turns([NOT_MET]), Script::turns([NOT_MET])]);
        assert_eq!((result, network.addresses().len()), (Ok(417), 2));
        let mut network = ScriptedNetwork::new([Script::turns([NOT_MET])]);
        assert_eq!(status(send_over(requests::get(URL), &mut network)), Ok(417));
    }

    /// The body has already been sent. Bytes from a reader cannot be sent again, so the 417 is the
    /// response.
    #[test]
    fn that_fail_late_are_the_response_where_the_body_is_gone() {
        let (result, network, _) = exchange([Script::turns(["", NOT_MET]), Script::turns([OK])]);
        assert_eq!((result, network.addresses().len()), (Ok(417), 1));

        let mut network = ScriptedNetwork::new([Script::turns(["", NOT_MET]), Script::turns([OK])]);
        let request = requests::post(URL).data(b"data").expect_continue();
        assert_eq!(status(send_over(request, &mut network)), Ok(200));
        assert_eq!(SentRequest::only(&network.sent(1)).body, b"data");
    }

    #[test]
    fn are_not_asked_for_where_there_is_no_content() {
        for request in [requests::post(URL), requests::get(URL), requests::put(URL).data(b"")] {
            let mut network = ScriptedNetwork::new([Script::turns([OK])]);
            assert_eq!(status(send_over(request.expect_continue(), &mut network)), Ok(200));
            assert_eq!(SentRequest::only(&network.sent(0)).header("Expect"), None);
            assert_eq!(network.now(), 0);
        }
    }

    #[test]
    fn that_meet_a_dead_connection_are_repeated_with_the_whole_body() {
        let network = ScriptedNetwork::new([Script::turns([OK, ""]), Script::turns([CONTINUE, OK])]);
        let mut session = Session::over(network);
        let mut buffer = [0; 1024];
        session.get(URL).send(&mut buffer).unwrap();
        let mut source = Source::new(1000);
        let request = session.put(URL).body(&mut source, Some(1000)).expect_continue();
        assert_eq!(request.send(&mut buffer).unwrap().status_code, 200);
        assert_eq!(SentRequest::only(&session.network().sent(1)).body, bytes(1000));
    }

    #[test]
    fn end_with_the_connection() {
        assert_eq!(exchange([Script::new(b"")]).0, Err(Error::EmptyResponse));
        assert_eq!(exchange([Script::new(b"HTTP/1.1 1")]).0, Err(Error::TruncatedHead));
        let reset = Script::new(b"").then(End::Break(ErrorKind::ConnectionReset));
        let broken = Error::Receive(IoError::new(ErrorKind::ConnectionReset));
        assert_eq!(exchange([reset]).0, Err(broken));
    }

    /// JSON takes a part of the buffer while the client waits for `100 Continue`.
    #[test]
    fn whose_answer_does_not_fit_say_what_they_need() {
        let json = "x".repeat(100);
        let refusal = format!("HTTP/1.1 401 No\r\nX: {}\r\nContent-Length: 0\r\n\r\n", "y".repeat(100));
        let mut size = URL.len() + json.len() + 20;
        for _ in 0..200 {
            let mut network = ScriptedNetwork::new([Script::turns([&refusal])]);
            let request = requests::post(URL).json(&json).expect_continue();
            match request.send_over(&mut network, &mut vec![0; size]).map(|response| response.status_code) {
                Ok(status) => return assert_eq!(status, 401),
                Err(Error::BufferTooSmall { phase: Phase::Parse, needed }) => {
                    assert!(needed > size, "{needed} in place of {size}");
                    size = needed;
                }
                Err(error) => panic!("{error}"),
            }
        }
        panic!("{size} bytes are not enough");
    }
}

/// A body that is as long as the bytes that a connection accepts.
#[test]
fn a_connection_that_breaks_ends_the_reading() {
    let peer = Peer::new([vec![Step::Read(10_000), Step::Reset]]);
    let url = peer.url("/");
    let mut source = Source::new(64 << 20);
    let error = send(requests::post(&url).body(&mut source, None)).unwrap_err();
    assert!(["send", "receive"].contains(&error.kind()), "{error}");
    assert!(source.position < 64 << 20);
}

#[test]
fn a_deadline_ends_the_reading() {
    let peer = Peer::new([vec![Step::Stall]]);
    let url = peer.url("/");
    let mut source = Source::new(64 << 20);
    let deadline = Duration::from_millis(500);
    let request = requests::post(&url).body(&mut source, None).timeout(deadline);
    assert_eq!(at(deadline, || send(request)), Err(Error::Timeout { phase: Phase::Send }));
}

#[test]
fn a_file_is_uploaded() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    std::fs::write(&path, bytes(100_000)).unwrap();

    /// A file as a reader.
    struct File(std::fs::File);

    impl ErrorType for File {
        type Error = ErrorKind;
    }

    impl Read for File {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
            self.0.read(buffer).map_err(|_| ErrorKind::Other)
        }
    }

    let mut file = File(std::fs::File::open(&path).unwrap());
    let mut network = ScriptedNetwork::new([Script::new(OK.as_bytes())]);
    send_over(requests::put(URL).body(&mut file, None), &mut network).unwrap();
    assert!(SentRequest::only(&network.sent(0)).body == bytes(100_000));
}
