// SPDX-License-Identifier: Apache-2.0
//! Any amount of data is received or sent with no more memory than the caller's buffer. This is a
//! single test in its own process, because it counts all memory of the process.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use embedded_io::{ErrorKind, ErrorType, Read};
use requests::transport::Network;
use requests::{Session, Stream};

/// 100 MB.
const LARGE: u64 = 100_000_000;
/// The bytes transferred before the measurement, so that one-time allocations are made by then.
const SMALL: u64 = 2_000_000;
/// The most bytes that the allocator and the stacks may take: a four hundredth.
const SLACK: u64 = 256 * 1024;

/// Resident memory of this process in bytes.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("/proc");
    let pages: u64 = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number");
    pages * rustix::param::page_size() as u64
}

const PERIOD: u64 = 251;

/// Bytes from `position` on.
fn fill(piece: &mut [u8], position: u64) {
    for (byte, position) in piece.iter_mut().zip(position..) {
        *byte = (position % PERIOD) as u8;
    }
}

/// Answers each request on each connection: with the number of bytes in the path, or with the
/// number of correct bytes of the request's body.
fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let mut head = Vec::with_capacity(1024);
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if stream.read(&mut byte)? == 0 {
                return Ok(());
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).expect("text");
        let line: Vec<_> = head.split(' ').collect();
        let path: Vec<_> = line[1].split('/').collect();
        let size: u64 = path[2].parse().expect("a number");
        if line[0] == "PUT" {
            let received = receive(&mut stream, &mut piece, size)?;
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{received}",
                received.to_string().len()
            )?;
            continue;
        }
        match path[1] {
            "length" => write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n")?,
            "chunks" => write!(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?,
            _ => write!(stream, "HTTP/1.1 200 OK\r\n\r\n")?,
        }
        let mut position = 0;
        while position < size {
            let count = (size - position).min(piece.len() as u64);
            let piece = &mut piece[..count as usize];
            fill(piece, position);
            position += count;
            if path[1] == "chunks" {
                write!(stream, "{count:x}\r\n")?;
                stream.write_all(piece)?;
                stream.write_all(b"\r\n")?;
            } else {
                stream.write_all(piece)?;
            }
        }
        match path[1] {
            "length" => {}
            "chunks" => stream.write_all(b"0\r\n\r\n")?,
            _ => return Ok(()),
        }
    }
}

/// The number of correct bytes among `size` bytes.
fn receive(stream: &mut TcpStream, piece: &mut [u8], size: u64) -> std::io::Result<u64> {
    let mut right = 0;
    let mut position = 0;
    while position < size {
        let room = (size - position).min(piece.len() as u64) as usize;
        let count = stream.read(&mut piece[..room])?;
        if count == 0 {
            break;
        }
        for &byte in &piece[..count] {
            right += u64::from(u64::from(byte) == position % PERIOD);
            position += 1;
        }
    }
    Ok(right)
}

/// Reads the content, which must be correct. Returns its size and the peak of resident memory
/// meanwhile.
fn read<N: Network>(mut stream: Stream<'_, N>) -> (u64, u64) {
    let mut piece = [0; 4096];
    let mut position = 0;
    let mut most = 0;
    let mut reads = 0;
    loop {
        let count = stream.read(&mut piece).expect("content");
        if count == 0 {
            return (position, most);
        }
        for &byte in &piece[..count] {
            assert_eq!(u64::from(byte), position % PERIOD);
            position += 1;
        }
        reads += 1;
        if reads % 1000 == 0 {
            most = most.max(resident());
        }
    }
}

struct Source {
    position: u64,
    end: u64,
    most: u64,
}

impl ErrorType for Source {
    type Error = ErrorKind;
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let count = buffer.len().min((self.end - self.position) as usize);
        fill(&mut buffer[..count], self.position);
        if self.position / 10_000_000 != (self.position + count as u64) / 10_000_000 {
            self.most = self.most.max(resident());
        }
        self.position += count as u64;
        Ok(count)
    }
}

#[test]
fn a_hundred_megabytes_in_four_kilobytes() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = serve(stream.expect("a connection"));
        }
    });
    let mut session = Session::new().timeout(Duration::from_secs(300));
    let mut buffer = [0; 4096];
    let mut before = 0;
    for size in [SMALL, LARGE] {
        for framing in ["length", "chunks", "close"] {
            let url = format!("http://{address}/{framing}/{size}");
            let stream = session.get(&url).stream(&mut buffer).expect("a response");
            assert_eq!(stream.content_length(), (framing == "length").then_some(size));
            let (received, most) = read(stream);
            assert_eq!(received, size);
            if size == LARGE {
                assert!(most <= before + SLACK, "{framing}: {before} bytes before, {most} meanwhile");
            }
        }
        let url = format!("http://{address}/upload/{size}");
        let mut source = Source { position: 0, end: size, most: 0 };
        let response = session.put(&url).body(&mut source, Some(size)).send(&mut buffer).expect("a response");
        assert_eq!(response.text().expect("text"), size.to_string());
        let after = resident();
        if size == LARGE {
            assert!(source.most <= before + SLACK, "{before} bytes before, {} meanwhile", source.most);
            assert!(after <= before + SLACK, "{before} bytes before, {after} after");
            println!("{before} bytes before, {after} after");
        }
        before = after;
    }
    // Each body that ended with its connection took one connection.
    assert_eq!(session.connections_opened(), 3);
}
