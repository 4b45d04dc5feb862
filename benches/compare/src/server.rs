// SPDX-License-Identifier: Apache-2.0
//! A server that is always faster than its client: it parses as little as it can.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

/// What an API answers: 280 bytes of JSON.
pub const JSON: &str = include_str!("answer.json");

/// A response to `GET /get`, with the fields that servers send.
pub fn response() -> String {
    format!(
        "HTTP/1.1 200 OK\r\nDate: Thu, 26 Nov 2026 12:00:00 GMT\r\nServer: bench\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: keep-alive\r\nCache-Control: no-store\r\nX-Request-Id: 0123456789\r\n\r\n{JSON}",
        JSON.len()
    )
}

/// Answers requests at this port of the loopback interface for ever.
pub fn serve(port: u16) {
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || {
            let _ = answer(stream);
        });
    }
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let response = response();
    loop {
        let (mut line, mut length, mut is_chunked, mut is_last) = (String::new(), 0, false, false);
        let mut path = String::new();
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let lower = line.trim().to_ascii_lowercase();
            if path.is_empty() {
                path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            } else if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            } else if lower == "transfer-encoding: chunked" {
                is_chunked = true;
            } else if lower == "connection: close" {
                is_last = true;
            } else if lower.is_empty() {
                break;
            }
        }
        let mut body = vec![0; 65536];
        while length > 0 {
            let count = reader.read(&mut body[..length.min(65536)])?;
            if count == 0 {
                return Ok(());
            }
            length -= count;
        }
        while is_chunked {
            line.clear();
            reader.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk)?;
            is_chunked = size > 0;
        }
        match path.strip_prefix("/bytes/").and_then(|count| count.parse::<usize>().ok()) {
            Some(count) => {
                write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {count}\r\n\r\n")?;
                let block = vec![b'x'; 65536];
                let mut left = count;
                while left > 0 {
                    let count = left.min(block.len());
                    stream.write_all(&block[..count])?;
                    left -= count;
                }
            }
            None => stream.write_all(response.as_bytes())?,
        }
        if is_last {
            return Ok(());
        }
    }
}
