// SPDX-License-Identifier: Apache-2.0
//! A server that keeps each connection for a number of responses, then closes it without an
//! announcement.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::sent::SentRequest;

/// The time limit for expected data.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Keeping {
    url: String,
    /// The requests of each connection, once it is closed.
    connections: Receiver<Vec<SentRequest>>,
}

impl Keeping {
    /// Responds to requests with their bodies, this many on each connection.
    pub fn new(answers_per_connection: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let (sender, connections) = channel();
        // It ends with the process, unless the receiver is dropped first.
        std::thread::spawn(move || serve_all(&listener, answers_per_connection, &sender));
        Self { url, connections }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until the next connection is closed; its requests.
    pub fn closed(&self) -> Vec<SentRequest> {
        self.connections.recv_timeout(PATIENCE).expect("a connection that was closed")
    }
}

fn serve_all(listener: &TcpListener, count: usize, sender: &Sender<Vec<SentRequest>>) {
    for stream in listener.incoming() {
        let stream = stream.expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        stream.set_nodelay(true).expect("no delay");
        if sender.send(serve(stream, count)).is_err() {
            return;
        }
    }
}

/// Answers up to `count` requests, and closes the connection.
fn serve(mut stream: TcpStream, count: usize) -> Vec<SentRequest> {
    let mut served = Vec::new();
    let mut received = Vec::new();
    let mut piece = [0; 4096];
    while served.len() < count {
        let request = loop {
            if let Some(request) = SentRequest::read(&received) {
                break request;
            }
            match stream.read(&mut piece) {
                Ok(count @ 1..) => received.extend_from_slice(&piece[..count]),
                _ => return served,
            }
        };
        received.drain(..request.size);
        let mut answer =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", request.body.len()).into_bytes();
        answer.extend_from_slice(&request.body);
        let is_taken = stream.write_all(&answer).is_ok();
        served.push(request);
        if !is_taken {
            break;
        }
    }
    served
}
