// SPDX-License-Identifier: Apache-2.0
//! Responses whose content is received while it is read.

mod support;

use std::cell::RefCell;
use std::time::Duration;

use embedded_io::{BufRead, ErrorKind, Read};
use proptest::prelude::*;
use requests::transport::Network;
use requests::transport::scripted::{End, Script, ScriptedNetwork};
use requests::{CloseReason, Error, IoError, Phase, Session, Stream};

use support::network::InPieces;
use support::nginx::Nginx;
use support::peer::{Peer, Step, answer, answer_in_pieces};
use support::servers::FileServer;
use support::time::{at, within};

const URL: &str = "http://example.org/";

/// The bytes that are read until the end or an error, in pieces of at most `size` bytes.
fn read<N: Network>(stream: &mut Stream<'_, N>, size: usize) -> (Vec<u8>, Result<(), Error>) {
    let mut content = Vec::new();
    let mut piece = vec![0; size];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return (content, Ok(())),
            Ok(count) => content.extend_from_slice(&piece[..count]),
            Err(error) => return (content, Err(error)),
        }
    }
}

/// The whole content.
#[track_caller]
fn whole<N: Network>(mut stream: Stream<'_, N>) -> String {
    let (content, end) = read(&mut stream, 100);
    assert_eq!(end, Ok(()));
    String::from_utf8(content).expect("text")
}

fn ok(content: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{content}", content.len())
}

fn scripted(response: impl AsRef<[u8]>) -> ScriptedNetwork {
    ScriptedNetwork::new([Script::new(response.as_ref())])
}

mod any {
    use super::*;

    const URL: &str = "http://h/";

    /// A response that is complete unless it is cut short.
    #[derive(Debug, Clone)]
    struct Whole {
        bytes: Vec<u8>,
        head: usize,
        content: Vec<u8>,
        is_delimited: bool,
    }

    fn with_length(content: Vec<u8>) -> Whole {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", content.len());
        let bytes = [head.as_bytes(), &content].concat();
        Whole { bytes, head: head.len(), content, is_delimited: true }
    }

    fn until_close(content: Vec<u8>) -> Whole {
        let head = b"HTTP/1.1 200 OK\r\n\r\n";
        Whole { bytes: [head, &content[..]].concat(), head: head.len(), content, is_delimited: false }
    }

    fn in_chunks(chunks: Vec<(Vec<u8>, &str)>, trailer: &str) -> Whole {
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut bytes = head.to_vec();
        for (chunk, extension) in chunks.iter().filter(|(chunk, _)| !chunk.is_empty()) {
            bytes.extend(format!("{:x}{extension}\r\n", chunk.len()).into_bytes());
            bytes.extend(chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(format!("0\r\n{trailer}\r\n").into_bytes());
        let content = chunks.into_iter().flat_map(|(chunk, _)| chunk).collect();
        Whole { bytes, head: head.len(), content, is_delimited: true }
    }

    fn response() -> impl Strategy<Value = Whole> {
        let content = prop::collection::vec(any::<u8>(), 0..600);
        let extension = prop::sample::select(vec!["", ";a", ";a=b;c=\"d\\\"\"", " ; x"]);
        let chunk = (prop::collection::vec(any::<u8>(), 0..80), extension);
        let trailer = prop::sample::select(vec!["", "A: b\r\n", "A: b\r\nC: d\r\n"]);
        prop_oneof![
            content.clone().prop_map(with_length),
            content.prop_map(until_close),
            (prop::collection::vec(chunk, 0..12), trailer)
                .prop_map(|(chunks, trailer)| in_chunks(chunks, trailer)),
        ]
    }

    /// The ends of the pieces in which the bytes arrive.
    fn ends() -> impl Strategy<Value = Vec<usize>> {
        prop::collection::vec(0..1000usize, 0..40)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn response_is_read_whole(
            response in response(),
            ends in ends(),
            window in prop_oneof![0..4usize, 0..700usize],
            sizes in prop::collection::vec(prop_oneof![0..4usize, 1..400usize], 1..20)
                .prop_filter("it ends", |sizes| sizes.iter().any(|&size| size > 0)),
        ) {
            let mut buffer = vec![0; URL.len() + response.head + window];
            let network = InPieces::new(&response.bytes, &ends);
            let mut stream = requests::get(URL).stream_over(network, &mut buffer).unwrap();
            let mut content = Vec::new();
            let mut piece = [0; 400];
            for &size in sizes.iter().cycle() {
                match stream.read(&mut piece[..size]).unwrap() {
                    0 if size == 0 => {}
                    0 => break,
                    count => content.extend_from_slice(&piece[..count]),
                }
            }
            prop_assert_eq!(&content, &response.content);
            prop_assert_eq!(stream.read(&mut piece), Ok(0));
            prop_assert_eq!(stream.received(), content.len() as u64);
        }

        #[test]
        fn response_is_read_whole_where_it_is(
            response in response(),
            ends in ends(),
            window in prop_oneof![1..4usize, 1..700usize],
            takes in prop::collection::vec(1..200usize, 1..20),
        ) {
            let mut buffer = vec![0; URL.len() + response.head + window];
            let network = InPieces::new(&response.bytes, &ends);
            let mut stream = requests::get(URL).stream_over(network, &mut buffer).unwrap();
            let mut content = Vec::new();
            for (index, take) in takes.iter().cycle().enumerate() {
                let mut piece = [0; 7];
                if index % 5 == 4 {
                    // Both ways of reading can be mixed.
                    let count = stream.read(&mut piece).unwrap();
                    content.extend_from_slice(&piece[..count]);
                    continue;
                }
                let filled = stream.fill_buf().unwrap();
                if filled.is_empty() {
                    break;
                }
                let count = filled.len().min(*take);
                content.extend_from_slice(&filled[..count]);
                stream.consume(count);
            }
            prop_assert_eq!(content, response.content);
            prop_assert_eq!(stream.fill_buf(), Ok(&b""[..]));
        }

        #[test]
        fn response_that_is_cut_short_is_an_error_that_stays(
            response in response().prop_filter("its end is told", |response| response.is_delimited),
            cut in 0.0..1.0f64,
            ends in ends(),
            window in prop_oneof![0..4usize, 0..700usize],
            size in 1..300usize,
        ) {
            let tail = response.bytes.len() - response.head;
            prop_assume!(tail > 0);
            let cut = response.head + (tail as f64 * cut) as usize;
            let mut buffer = vec![0; URL.len() + response.head + window];
            let network = InPieces::new(&response.bytes[..cut], &ends);
            let mut stream = requests::get(URL).stream_over(network, &mut buffer).unwrap();
            let (content, end) = read(&mut stream, size);
            prop_assert!(response.content.starts_with(&content));
            let truncated = Err(Error::TruncatedBody { received: content.len() });
            prop_assert_eq!(end, truncated);
            for _ in 0..3 {
                prop_assert_eq!(stream.read(&mut [0; 9]).map(|_| ()), truncated);
            }
            if window > 0 {
                prop_assert_eq!(stream.fill_buf().map(|_| ()), truncated);
            }
        }
    }
}

mod heads {
    use super::*;

    #[test]
    fn are_there_before_the_content() {
        let response = "HTTP/1.1 404 Not Found\r\nX-A: b\r\nContent-Length: 5\r\n\r\n";
        let mut network = ScriptedNetwork::new([Script::new(response.as_bytes()).then(End::Stall)]);
        let mut buffer = [0; 256];
        let stream = requests::get(URL).stream_over(&mut network, &mut buffer).unwrap();
        assert_eq!((stream.status_code, stream.reason, stream.header("x-a")), (404, "Not Found", Some("b")));
        assert_eq!((stream.url(), stream.http_version()), (URL, "1.1"));
        assert_eq!((stream.content_length(), stream.received()), (Some(5), 0));
        assert_eq!(stream.raise_for_status(), Err(Error::Status(404)));
        drop(stream);
        assert_eq!(network.now(), 0, "nothing was waited for");
    }

    #[test]
    fn tell_the_length_where_there_is_one() {
        for (method, response, length) in [
            ("GET", ok("hello"), Some(5)),
            ("GET", ok(""), Some(0)),
            ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".into(), Some(0)),
            ("GET", "HTTP/1.1 204 No Content\r\n\r\n".into(), Some(0)),
            ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n".into(), Some(0)),
            ("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".into(), None),
            ("GET", "HTTP/1.1 200 OK\r\n\r\n".into(), None),
        ] {
            let mut buffer = [0; 256];
            let request = requests::request(method, URL);
            let mut stream = request.stream_over(scripted(&response), &mut buffer).unwrap();
            assert_eq!(stream.content_length(), length, "{method} {response}");
            let (content, end) = read(&mut stream, 100);
            assert_eq!((content.len(), end), (if response.ends_with("hello") { 5 } else { 0 }, Ok(())));
        }
    }

    #[test]
    fn that_fail_are_no_stream() {
        for (response, size, kind) in [
            ("", 256, "empty-response"),
            ("HTTP/1.1 2", 256, "truncated-head"),
            ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", 256, "invalid-framing"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 256, "invalid-chunk"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 40, "buffer-too-small"),
        ] {
            let mut network = scripted(response);
            let mut buffer = vec![0; size];
            let error = requests::get(URL).stream_over(&mut network, &mut buffer).unwrap_err();
            assert_eq!((error.kind(), network.open()), (kind, 0));
        }
    }

    #[test]
    fn that_redirect_are_followed() {
        let moved = "HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\nmoved";
        let network =
            ScriptedNetwork::new([Script::new(moved.as_bytes()), Script::new(ok("there").as_bytes())]);
        let mut buffer = [0; 256];
        let stream = requests::get(URL).stream_over(network, &mut buffer).unwrap();
        assert_eq!((stream.redirects, stream.url()), (1, "http://example.org/b"));
        assert_eq!(whole(stream), "there");
    }

    #[test]
    fn that_redirect_are_the_response_where_they_are_not_followed() {
        let moved = "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 5\r\n\r\nmoved";
        let mut buffer = [0; 256];
        let stream = requests::get(URL).redirects(0).stream_over(scripted(moved), &mut buffer).unwrap();
        assert_eq!((stream.status_code, stream.header("Location")), (302, Some("/b")));
        assert_eq!(whole(stream), "moved");
    }
}

mod buffers {
    use super::*;

    fn response() -> String {
        ok(&"content ".repeat(100))
    }

    /// Size of a buffer that the head and the URL fill.
    fn filled() -> usize {
        response().find("\r\n\r\n").unwrap() + 4 + URL.len()
    }

    #[test]
    fn that_the_head_fills_do() {
        let mut buffer = vec![0; filled()];
        let stream = requests::get(URL).stream_over(scripted(response()), &mut buffer).unwrap();
        assert_eq!(whole(stream), "content ".repeat(100));
    }

    #[test]
    fn that_the_head_does_not_fit_in_say_what_they_need() {
        let mut buffer = vec![0; filled() - 1];
        let result = requests::get(URL).stream_over(scripted(response()), &mut buffer);
        let needed = Error::BufferTooSmall { phase: Phase::Parse, needed: filled() };
        assert_eq!(result.unwrap_err(), needed);
    }

    #[test]
    fn without_room_for_content_cannot_show_it_in_place() {
        let mut buffer = vec![0; filled()];
        let mut stream = requests::get(URL).stream_over(scripted(response()), &mut buffer).unwrap();
        let needed = Error::BufferTooSmall { phase: Phase::Body, needed: filled() + 1 };
        assert_eq!(stream.fill_buf(), Err(needed));
        assert_eq!(stream.fill_buf(), Err(needed));
        // It can still be copied.
        assert_eq!(whole(stream), "content ".repeat(100));
    }

    #[test]
    fn with_room_for_one_byte_show_one_byte_at_a_time() {
        let mut buffer = vec![0; filled() + 1];
        let mut stream = requests::get(URL).stream_over(scripted(response()), &mut buffer).unwrap();
        let mut content = Vec::new();
        while let [byte] = stream.fill_buf().unwrap() {
            content.push(*byte);
            stream.consume(1);
        }
        assert_eq!(content, "content ".repeat(100).as_bytes());
    }

    #[test]
    fn more_is_not_consumed_than_there_is() {
        let mut buffer = vec![0; filled() + 10];
        let mut stream = requests::get(URL).stream_over(scripted(response()), &mut buffer).unwrap();
        assert_eq!(stream.fill_buf(), Ok(&b"content co"[..]));
        stream.consume(usize::MAX);
        assert_eq!(stream.fill_buf(), Ok(&b"ntent cont"[..]));
    }
}

mod failures {
    use super::*;

    #[test]
    fn of_a_connection_stay() {
        let broken = Script::new(&ok("hello").as_bytes()[..42]).then(End::Break(ErrorKind::ConnectionReset));
        let mut network = ScriptedNetwork::new([broken]);
        let mut buffer = [0; 256];
        let mut stream = requests::get(URL).stream_over(&mut network, &mut buffer).unwrap();
        let error = Err(Error::Receive(IoError::new(ErrorKind::ConnectionReset)));
        for content in [&b"hell"[..], b"", b""] {
            assert_eq!(read(&mut stream, 10), (content.to_vec(), error));
        }
        assert_eq!(stream.received(), 4);
        drop(stream);
        assert_eq!(network.open(), 0);
    }

    #[test]
    fn of_chunks_stay() {
        let response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\nc";
        let script = Script::new(&[response.as_bytes(), b"deX\r\n5\r\nhello\r\n0\r\n\r\n"].concat());
        let network = ScriptedNetwork::new([script.in_pieces_of(response.len())]);
        let mut buffer = [0; 256];
        let mut stream = requests::get(URL).stream_over(network, &mut buffer).unwrap();
        let (content, end) = read(&mut stream, 1);
        assert!(b"abcde".starts_with(&content[..]), "{content:?}");
        assert_eq!(end.map_err(|error| error.kind()), Err("invalid-chunk"));
        for _ in 0..3 {
            assert_eq!(read(&mut stream, 100), (Vec::new(), end));
        }
    }

    #[test]
    fn leave_a_session_that_can_be_used() {
        let truncated = Script::new(&ok("hello").as_bytes()[..42]);
        let mut session = Session::over(ScriptedNetwork::new([truncated, Script::turns([ok("1"), ok("2")])]));
        let mut buffer = [0; 256];
        let mut stream = session.get(URL).stream(&mut buffer).unwrap();
        assert_eq!(read(&mut stream, 10).1, Err(Error::TruncatedBody { received: 4 }));
        drop(stream);
        assert_eq!((session.close_reason(), session.network().open()), (Some(CloseReason::Error), 0));
        assert_eq!(whole(session.get(URL).stream(&mut buffer).unwrap()), "1");
        assert_eq!(whole(session.get(URL).stream(&mut buffer).unwrap()), "2");
        assert_eq!(session.connections_opened(), 2);
    }
}

mod time {
    use super::*;

    const READ: Duration = Duration::from_millis(200);
    const OUT: Error = Error::Timeout { phase: Phase::Receive };

    fn half() -> Vec<u8> {
        ok("hello").into_bytes()[..41].to_vec()
    }

    #[test]
    fn of_a_read_can_be_given_again() {
        let mut network = ScriptedNetwork::new([Script::new(&half()).then(End::Stall)]);
        let mut buffer = [0; 256];
        let request = requests::get(URL).timeout(Duration::from_secs(1)).read_timeout(READ);
        let mut stream = request.stream_over(&mut network, &mut buffer).unwrap();
        for content in ["hel", "", "", "", "", "", "", ""] {
            assert_eq!(read(&mut stream, 10), (content.as_bytes().to_vec(), Err(OUT)));
        }
        drop(stream);
        assert_eq!(network.now(), 8 * 200);
    }

    #[test]
    fn of_a_read_that_is_out_loses_nothing() {
        let pieces = [&half()[..], b"l", b"o"].map(Step::send);
        let [first, second, third] = pieces;
        let pause = || Step::Pause(READ * 3 / 2);
        let peer = Peer::new([vec![Step::ReadRequest, first, pause(), second, pause(), third]]);
        let mut buffer = [0; 256];
        let url = peer.url("/");
        let request = requests::get(&url);
        let mut stream = request.read_timeout(READ).stream(&mut buffer).unwrap();
        let mut content = Vec::new();
        let mut timeouts = 0;
        loop {
            let (more, end) = read(&mut stream, 10);
            content.extend(more);
            match end {
                Ok(()) => break,
                Err(error) => assert_eq!(error, OUT),
            }
            timeouts += 1;
        }
        assert_eq!((&content[..], timeouts > 0), (&b"hello"[..], true));
    }

    /// A peer that sends framing without content does not prolong a read.
    #[test]
    fn of_a_read_is_all_that_it_gets() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut part = vec![Step::ReadRequest, Step::send(head)];
        part.extend(answer_in_pieces("1;".to_owned() + &"x".repeat(40), 1, READ / 4).split_off(1));
        let peer = Peer::new([part]);
        let mut buffer = [0; 256];
        let mut stream = requests::get(&peer.url("/")).read_timeout(READ).stream(&mut buffer).unwrap();
        assert_eq!(at(READ, || stream.read(&mut [0; 10])), Err(OUT));
        assert_eq!(at(READ, || stream.fill_buf().map(<[u8]>::len)), Err(OUT));
    }

    #[test]
    fn of_the_request_bounds_all_reads() {
        let deadline = Duration::from_millis(600);
        let response = ok(&"x".repeat(1000));
        let peer = Peer::new([answer_in_pieces(&response, 20, Duration::from_millis(50))]);
        let mut buffer = [0; 256];
        let result = at(deadline, || {
            let mut stream = requests::get(&peer.url("/")).timeout(deadline).stream(&mut buffer).unwrap();
            read(&mut stream, 100).1
        });
        assert_eq!(result, Err(OUT));
    }

    #[test]
    fn of_the_request_does_not_bound_reads_that_have_their_own() {
        let response = ok(&"x".repeat(100));
        let peer = Peer::new([answer_in_pieces(&response, 20, Duration::from_millis(100))]);
        let mut buffer = [0; 256];
        let url = peer.url("/");
        let request = requests::get(&url).timeout(Duration::from_millis(400));
        let stream = request.read_timeout(Duration::from_secs(5)).stream(&mut buffer);
        assert_eq!(whole(stream.unwrap()).len(), 100);
    }

    #[test]
    fn of_the_request_bounds_the_head_of_a_stream_that_has_its_own() {
        let peer = Peer::new([vec![Step::ReadRequest, Step::Stall]]);
        let mut buffer = [0; 256];
        let url = peer.url("/");
        let request = requests::get(&url).timeout(READ).read_timeout(Duration::from_secs(60));
        assert_eq!(at(READ, || request.stream(&mut buffer).map(|_| ()).unwrap_err()), OUT);
    }

    #[test]
    fn of_a_read_can_be_the_session_s() {
        let scripts = [&half()[..], &half()].map(|bytes| Script::new(bytes).then(End::Stall));
        let mut session = Session::over(ScriptedNetwork::new(scripts)).read_timeout(READ);
        let mut buffer = [0; 256];
        assert_eq!(read(&mut session.get(URL).stream(&mut buffer).unwrap(), 10).1, Err(OUT));
        assert_eq!(session.network().now(), 200);
        let mut file = Vec::new();
        let download = session.download(URL, &mut file).attempts(1);
        assert_eq!(download.send(&mut buffer).unwrap_err(), OUT);
        assert_eq!(session.network().now(), 400);
    }

    #[test]
    fn that_is_out_closes_the_connection_of_a_session() {
        let script = Script::new(&half()).then(End::Stall);
        let mut session = Session::over(ScriptedNetwork::new([script, Script::new(ok("2").as_bytes())]));
        let mut buffer = [0; 256];
        let mut stream = session.get(URL).stream(&mut buffer).unwrap();
        assert_eq!(read(&mut stream, 10).1, Err(OUT));
        drop(stream);
        assert_eq!(session.close_reason(), Some(CloseReason::ResponseIncomplete));
        assert_eq!(whole(session.get(URL).stream(&mut buffer).unwrap()), "2");
    }
}

mod progress {
    use super::*;

    /// The values that the callback gets while the whole content is read in pieces.
    fn told(network: impl Network, size: usize) -> Vec<(u64, Option<u64>)> {
        let told = RefCell::new(Vec::new());
        let mut callback = |received, length| told.borrow_mut().push((received, length));
        let mut buffer = [0; 256];
        let stream = requests::get(URL).stream_over(network, &mut buffer).unwrap();
        let mut stream = stream.on_progress(&mut callback);
        assert_eq!(read(&mut stream, size).1, Ok(()));
        drop(stream);
        told.into_inner()
    }

    #[test]
    fn is_told_up_to_the_end() {
        let length = ok(&"x".repeat(1000));
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned()
            + &format!("64\r\n{}\r\n", "x".repeat(100)).repeat(10)
            + "0\r\n\r\n";
        let until_close = "HTTP/1.1 200 OK\r\n\r\n".to_owned() + &"x".repeat(1000);
        for (response, total) in [(length, Some(1000)), (chunked, None), (until_close, None)] {
            for piece in [1, 50, 10_000] {
                for size in [1, 30, 5000] {
                    let script = Script::new(response.as_bytes()).in_pieces_of(piece);
                    let told = told(ScriptedNetwork::new([script]), size);
                    assert!(told.is_sorted_by(|one, next| one.0 < next.0), "{told:?}");
                    assert_eq!(told.last(), Some(&(1000, total)));
                    assert!(told.iter().all(|&(_, length)| length == total));
                }
            }
        }
    }

    #[test]
    fn is_told_of_content_that_came_with_the_head() {
        assert_eq!(told(scripted(ok("hello")), 100), [(5, Some(5))]);
    }

    #[test]
    fn is_not_told_where_there_is_none() {
        assert_eq!(told(scripted(ok("")), 100), []);
        assert_eq!(told(scripted("HTTP/1.1 204 No Content\r\n\r\n"), 100), []);
    }
}

mod lines {
    use super::*;

    /// CR and LF of one line end may arrive and be read separately.
    #[test]
    fn go_on_where_they_were_left() {
        let response = "HTTP/1.1 200 OK\r\n\r\na\r\nb\rc\n\r\nd";
        for piece in 1..=response.len() {
            let network = ScriptedNetwork::new([Script::new(response.as_bytes()).in_pieces_of(piece)]);
            let mut buffer = [0; 256];
            let mut stream = requests::get("http://example.org/").stream_over(network, &mut buffer).unwrap();
            let mut found = Vec::new();
            while let Some(line) = stream.iter_lines().next_text().unwrap() {
                found.push(line.to_owned());
            }
            assert_eq!(found, ["a", "b", "c", "", "d"], "{piece}");
        }
    }

    /// Bytes that are read otherwise end their line.
    #[test]
    fn begin_behind_what_was_read() {
        let response = "HTTP/1.1 200 OK\r\n\r\na\r12\n\nb";
        for piece in 1..=response.len() {
            let network = ScriptedNetwork::new([Script::new(response.as_bytes()).in_pieces_of(piece)]);
            let mut buffer = [0; 256];
            let mut stream = requests::get("http://example.org/").stream_over(network, &mut buffer).unwrap();
            assert_eq!(stream.iter_lines().next_text(), Ok(Some("a")));
            stream.read_exact(&mut [0; 2]).unwrap();
            assert_eq!(stream.iter_lines().next_text(), Ok(Some("")));
            assert!(stream.fill_buf().unwrap().starts_with(b"\n"), "{piece}");
            stream.consume(1);
            assert_eq!(stream.iter_lines().next_text(), Ok(Some("b")));
            assert_eq!(stream.iter_lines().next_text(), Ok(None));
        }
    }
}

mod in_sessions {
    use super::*;

    /// The state of the connection when the stream is dropped after this many bytes were read.
    #[track_caller]
    fn check(response: &str, piece: usize, buffer: usize, read: usize, reason: Option<CloseReason>) {
        let script = Script::turns([response, &ok("kept")]).in_pieces_of(piece);
        let network = ScriptedNetwork::new([script, Script::new(ok("fresh").as_bytes())]);
        let mut session = Session::over(network);
        let mut buffer = vec![0; buffer];
        let mut stream = session.get(URL).stream(&mut buffer).unwrap();
        let mut content = vec![0; read];
        if read > 0 {
            stream.read_exact(&mut content).unwrap();
        }
        drop(stream);
        assert_eq!(session.close_reason(), reason);
        assert_eq!(session.network().now(), 0, "nothing was waited for");
        let mut buffer = [0; 256];
        let content = whole(session.get(URL).stream(&mut buffer).unwrap());
        assert_eq!(content, if reason.is_none() { "kept" } else { "fresh" });
        assert_eq!(session.network().open(), 1);
    }

    #[test]
    fn what_was_read_whole_is_kept() {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
        for piece in [1, 10, 1000] {
            check(&ok("hello"), piece, 256, 5, None);
            check(chunked, piece, 256, 5, None);
        }
        check(&ok(""), 1000, 256, 0, None);
        check("HTTP/1.1 204 No Content\r\n\r\n", 1000, 256, 0, None);
    }

    #[test]
    fn what_is_left_and_short_is_dropped() {
        for left in [1, 100, 4096] {
            check(&ok(&"x".repeat(10 + left)), 50, 256, 10, None);
        }
        check(&ok(&"x".repeat(100)), 1000, 256, 0, None);
    }

    #[test]
    fn what_is_left_and_long_is_closed() {
        for left in [5000, 1_000_000] {
            check(&ok(&"x".repeat(10 + left)), 50, 256, 10, Some(CloseReason::ResponseIncomplete));
        }
    }

    #[test]
    fn what_is_left_and_not_there_is_closed() {
        let response = &ok("hello")[..40];
        check(response, 1000, 256, 0, Some(CloseReason::ResponseIncomplete));
        check(response, 1000, 256, 2, Some(CloseReason::ResponseIncomplete));
    }

    #[test]
    fn what_has_a_reason_of_its_own_is_closed() {
        let closing = ok("hello").replacen("\r\n", "\r\nConnection: close\r\n", 1);
        for read in [0, 2, 5] {
            check(&closing, 1000, 256, read, Some(CloseReason::ConnectionClose));
        }
        check("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", 1000, 256, 2, Some(CloseReason::Http10));
        check(&(ok("hello") + "more"), 1000, 256, 5, Some(CloseReason::ExcessBytes));
        check(&(ok("hello") + "more"), 1000, 256, 0, Some(CloseReason::ExcessBytes));
    }

    /// Bytes behind the content do not count as the next response.
    #[test]
    fn what_is_forged_is_not_believed() {
        for piece in [1, 38, 43, 50, 1000] {
            for buffer in [75, 100, 256] {
                let forged = ok("hello") + &ok("forged");
                let script = Script::new(forged.as_bytes()).in_pieces_of(piece);
                let network = ScriptedNetwork::new([script, Script::new(ok("fresh").as_bytes())]);
                let mut session = Session::over(network);
                let mut buffer = vec![0; buffer];
                assert_eq!(whole(session.get(URL).stream(&mut buffer).unwrap()), "hello");
                assert_eq!(whole(session.get(URL).stream(&mut buffer).unwrap()), "fresh");
            }
        }
    }

    #[test]
    fn a_dead_connection_is_replaced() {
        let dying = Script::turns([&ok("first")[..], ""]);
        let mut session = Session::over(ScriptedNetwork::new([dying, Script::new(ok("second").as_bytes())]));
        let mut buffer = [0; 256];
        assert_eq!(whole(session.get(URL).stream(&mut buffer).unwrap()), "first");
        assert_eq!(whole(session.get(URL).stream(&mut buffer).unwrap()), "second");
    }
}

mod real_servers {
    use super::*;

    fn large() -> Vec<u8> {
        (0..3_000_000u32).map(|number| (number % 251) as u8).collect()
    }

    #[test]
    fn nginx_sends_files_over_one_connection() {
        let nginx = Nginx::new("");
        std::fs::write(nginx.files().join("large"), large()).unwrap();
        let url = nginx.url("/large");
        let mut session = Session::new();
        let mut buffer = [0; 4096];
        for size in [1000, 4096, 100_000] {
            let mut stream = session.get(&url).stream(&mut buffer).unwrap();
            assert_eq!(stream.content_length(), Some(3_000_000));
            let (content, end) = within(Duration::from_secs(30), || read(&mut stream, size));
            assert_eq!(end, Ok(()));
            assert!(content == large());
        }
        assert_eq!(session.connections_opened(), 1);
        // Most of it is still in transit, so closing costs less than receiving it.
        let mut stream = session.get(&url).stream(&mut buffer).unwrap();
        stream.read_exact(&mut [0; 10]).unwrap();
        drop(stream);
        assert_eq!(session.close_reason(), Some(CloseReason::ResponseIncomplete));
        let mut stream = session.get(&url).stream(&mut buffer).unwrap();
        assert!(read(&mut stream, 9000).0 == large());
        drop(stream);
        assert_eq!(session.connections_opened(), 2);
    }

    #[test]
    fn pythons_http_server() {
        let files = FileServer::with(&[("large", &large())]);
        let mut buffer = [0; 1024];
        let mut stream = requests::get(&files.url("/large")).stream(&mut buffer).unwrap();
        let mut content = Vec::new();
        loop {
            let filled = stream.fill_buf().unwrap();
            if filled.is_empty() {
                break;
            }
            let count = filled.len();
            content.extend_from_slice(filled);
            stream.consume(count);
        }
        assert!(content == large());
    }

    #[test]
    fn a_peer_that_breaks_off() {
        let half = ok(&"x".repeat(100_000))[..50_000].to_owned();
        let peer = Peer::new([answer(&half), vec![Step::ReadRequest, Step::send(&half), Step::Reset]]);
        for kind in ["truncated-body", "receive"] {
            let mut buffer = [0; 512];
            let mut stream = requests::get(&peer.url("/")).stream(&mut buffer).unwrap();
            let (content, end) = read(&mut stream, 1000);
            assert!(content.len() < 50_000);
            assert_eq!(end.map_err(|error| error.kind()), Err(kind));
            assert_eq!(read(&mut stream, 1000), (Vec::new(), end));
        }
    }
}

/// The bytes that were read are gone, and the rest is complete, however it arrives.
#[test]
fn a_stream_becomes_a_response() {
    let body = "{\"error\":\"too \\u0066ast\"}";
    for (head, body) in [
        (format!("HTTP/1.1 429 X\r\nX-A: b\r\nContent-Length: {}\r\n\r\n", body.len()), body.to_owned()),
        (
            "HTTP/1.1 429 X\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
            format!("5\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n", &body[..5], body.len() - 5, &body[5..]),
        ),
        ("HTTP/1.1 429 X\r\nX-A: b\r\n\r\n".to_owned(), body.to_owned()),
    ] {
        for piece in [1, 7, 1000] {
            let script = Script::new((head.clone() + &body).as_bytes()).in_pieces_of(piece);
            let mut buffer = [0; 200];
            let mut network = ScriptedNetwork::new([script.clone()]);
            let stream = requests::get(URL).stream_over(&mut network, &mut buffer).unwrap();
            let response = stream.into_response().unwrap();
            assert_eq!((response.status_code, response.header("x-a")), (429, Some("b")));
            assert_eq!((response.json_at::<&str>("/error"), response.url()), (Ok("too fast"), URL));
            let mut network = ScriptedNetwork::new([script]);
            let mut stream = requests::get(URL).stream_over(&mut network, &mut buffer).unwrap();
            let mut start = [0; 9];
            stream.read_exact(&mut start).unwrap();
            assert_eq!(&start, b"{\"error\":");
            assert_eq!(stream.into_response().unwrap().text(), Ok("\"too \\u0066ast\"}"));
        }
    }
}

#[test]
fn a_stream_that_is_cut_short_or_too_large_becomes_no_response() {
    let mut buffer = [0; 100];
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n123";
    let mut network = ScriptedNetwork::new([Script::new(cut.as_bytes())]);
    let stream = requests::get(URL).stream_over(&mut network, &mut buffer).unwrap();
    assert_eq!(stream.into_response().unwrap_err(), Error::TruncatedBody { received: 3 });
    let mut network = ScriptedNetwork::new([Script::new(ok(&"x".repeat(90)).as_bytes())]);
    let stream = requests::get(URL).stream_over(&mut network, &mut buffer).unwrap();
    assert!(matches!(stream.into_response(), Err(Error::BufferTooSmall { phase: Phase::Body, .. })));
}

/// If the server has told how much there is to come, the error says so, and that size is enough.
#[test]
fn a_stream_that_is_too_large_says_the_size_needed() {
    let body = "x".repeat(1000);
    let length = format!("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{body}");
    let chunk = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n{body}\r\n0\r\n\r\n");
    for (text, skipped, enough) in [(&length, 0, 1060), (&length, 50, 1010), (&chunk, 0, 1067)] {
        for piece in [1, 7, usize::MAX] {
            let response = |buffer: &mut [u8]| {
                let mut network = ScriptedNetwork::new([Script::new(text.as_bytes()).in_pieces_of(piece)]);
                let mut stream = requests::get(URL).stream_over(&mut network, buffer)?;
                stream.read_exact(&mut vec![0; skipped]).unwrap();
                stream.into_response().map(|response| response.content().len())
            };
            let Err(Error::BufferTooSmall { phase: Phase::Body, needed }) = response(&mut [0; 200]) else {
                panic!("it fits");
            };
            assert_eq!(needed, enough, "{text:.60} {skipped} {piece}");
            assert_eq!(response(&mut vec![0; needed]), Ok(1000 - skipped));
        }
    }
    // What was received before does not change why a stream has failed.
    let mut network = ScriptedNetwork::new([Script::new(&length.as_bytes()[..60])]);
    let mut buffer = [0; 200];
    let mut stream = requests::get(URL).stream_over(&mut network, &mut buffer).unwrap();
    let (content, failure) = read(&mut stream, 100);
    assert_eq!(stream.into_response().unwrap_err(), failure.unwrap_err());
    assert!(content.len() < 60);
}

/// A line that does not fit in the buffer is lost. The lines behind it are not, wherever it ends.
/// Lines are read from a buffer of any size, also one that the head and the URL fill.
#[test]
fn each_call_for_a_line_ends_in_any_buffer() {
    let lines = "a line\nanother one\r\n\nthe last";
    let plain = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{lines}", lines.len());
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{lines}\r\n0\r\n\r\n",
        lines.len()
    );
    for response in [plain, chunked] {
        let mut opened = 0;
        for size in 0..200 {
            let mut buffer = vec![0; size];
            let mut network = ScriptedNetwork::new([Script::new(response.as_bytes()).in_pieces_of(3)]);
            let Ok(mut stream) = requests::get(URL).stream_over(&mut network, &mut buffer) else { continue };
            opened += 1;
            let mut found = stream.iter_lines();
            let (mut given, mut too_long) = (0, 0);
            within(Duration::ZERO, || {
                for _ in 0..20 {
                    match found.next_line() {
                        Ok(Some(_)) => given += 1,
                        Ok(None) => break,
                        Err(error) => {
                            assert!(matches!(error, Error::BufferTooSmall { .. }), "{error:?}");
                            too_long += 1;
                        }
                    }
                }
            });
            assert!(given + too_long == 4 || too_long == 20, "{size}: {given} lines, {too_long} too long");
        }
        assert!(opened > 50);
    }
}

#[test]
fn lines_behind_one_that_is_too_long_are_given() {
    for long in 40..200 {
        for end in ["\n", "\r\n", "\r"] {
            for piece in [1, 3, 1000] {
                let long = "x".repeat(long);
                let content = format!("a{end}{long}{end}b{end}{long}{end}{end}c");
                let mut network =
                    ScriptedNetwork::new([Script::new(ok(&content).as_bytes()).in_pieces_of(piece)]);
                let mut buffer = [0; 100];
                let mut stream = requests::get(URL).stream_over(&mut network, &mut buffer).unwrap();
                let mut lines = stream.iter_lines();
                let mut found = Vec::new();
                loop {
                    match lines.next_text() {
                        Ok(None) => break,
                        Ok(Some(line)) if line == long => found.push("fits".to_owned()),
                        Ok(Some(line)) => found.push(line.to_owned()),
                        Err(Error::BufferTooSmall { .. }) => found.push("long".to_owned()),
                        Err(error) => panic!("{error:?}"),
                    }
                }
                let long = if found[1] == "fits" { "fits" } else { "long" };
                assert_eq!(found, ["a", long, "b", long, "", "c"], "{} {end:?} {piece}", content.len());
            }
        }
    }
}
