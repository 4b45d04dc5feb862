// SPDX-License-Identifier: Apache-2.0
//! Sessions: which connections are kept, which are used again, and what happens when they have died meanwhile.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use requests::{CloseReason, Session};

/// A server that keeps each connection for so many answers, then closes it without a word.
struct Keeping {
    url: String,
    /// For each connection the methods of its requests.
    connections: Receiver<Vec<String>>,
}

impl Keeping {
    fn new(answers_per_connection: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let (sender, connections) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let served = serve(stream.expect("a connection"), answers_per_connection);
                if sender.send(served).is_err() {
                    return;
                }
            }
        });
        Self { url, connections }
    }
}

/// Answers up to `count` requests with their bodies; returns their methods.
fn serve(mut stream: TcpStream, count: usize) -> Vec<String> {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut methods = Vec::new();
    while methods.len() < count {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return methods;
            }
            if line == "\r\n" {
                break;
            }
            head.push(line);
        }
        let length = head.iter().find_map(|line| line.strip_prefix("Content-Length: ")?.trim().parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).expect("the whole body");
        methods.push(head[0].split(' ').next().expect("a method").to_owned());
        let mut answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        answer.extend(body);
        stream.write_all(&answer).expect("a client that reads");
    }
    methods
}

#[test]
fn requests_share_one_connection() {
    let server = Keeping::new(usize::MAX);
    let mut session = Session::new();
    let mut buffer = [0; 512];
    for _ in 0..1000 {
        let response = session.get(&server.url).send(&mut buffer).unwrap();
        assert_eq!(response.status_code, 200);
    }
    assert_eq!((session.connections_opened(), session.connections_kept()), (1, 1));
    drop(session);
    assert_eq!(server.connections.recv().unwrap().len(), 1000);
}

#[test]
fn a_server_that_closes_after_each_kth_answer_loses_no_request_and_sees_none_twice() {
    for k in 1..=5 {
        let server = Keeping::new(k);
        let mut session = Session::new();
        let mut buffer = [0; 512];
        for index in 0..60 {
            let body = format!("request {index}");
            let response = session.post(&server.url).data(body.as_bytes()).send(&mut buffer).unwrap();
            assert_eq!(response.content(), body.as_bytes());
        }
        drop(session);
        let served: Vec<_> = server.connections.iter().take(60usize.div_ceil(k)).collect();
        assert_eq!(served.iter().map(Vec::len).sum::<usize>(), 60, "k = {k}");
    }
}

#[test]
fn the_reason_for_closing_is_known() {
    let server = Keeping::new(usize::MAX);
    let mut session = Session::new();
    let mut buffer = [0; 512];
    session.get(&server.url).header("Connection", "close").send(&mut buffer).unwrap();
    assert_eq!(session.close_reason(), Some(CloseReason::RequestedClose));
    session.get(&server.url).send(&mut buffer).unwrap();
    assert_eq!(session.close_reason(), None);
}
