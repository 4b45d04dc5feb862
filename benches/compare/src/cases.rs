// SPDX-License-Identifier: Apache-2.0
//! The jobs.

use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use requests::embedded_io::Read as _;
use serde::Deserialize;

use crate::memory::Memory;
use crate::server::{JSON, certificate, response};

const MEGABYTE: usize = 1 << 20;

#[derive(Deserialize)]
#[allow(dead_code, reason = "it is read into")]
struct Answer<'a> {
    url: &'a str,
    origin: &'a str,
    readings: [Reading; 3],
    ok: bool,
    n: u32,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "it is read into")]
struct Reading {
    id: u32,
    value: i32,
}

/// Does the job `case` of these so often. `size` is that of the buffers of `receive-1-mb` and `send-1-mb`.
pub fn run(case: &str, port: u16, count: usize, size: usize) {
    let https = format!("https://127.0.0.1:{}/get", port + 1);
    let https_bytes = format!("https://127.0.0.1:{}/bytes/{MEGABYTE}", port + 1);
    let url = format!("http://127.0.0.1:{port}/get");
    let bytes = format!("http://127.0.0.1:{port}/bytes/{MEGABYTE}");
    match case {
        "kept-get/requests" => {
            let mut session = requests::Session::new();
            let mut buffer = [0; 2048];
            for _ in 0..count {
                assert_eq!(session.get(&url).send(&mut buffer).unwrap().content().len(), JSON.len());
            }
        }
        "kept-get/ureq" => {
            let agent = ureq::Agent::new_with_defaults();
            for _ in 0..count {
                let text = agent.get(&url).call().unwrap().body_mut().read_to_string().unwrap();
                assert_eq!(text.len(), JSON.len());
            }
        }
        "one-get/requests" => {
            let mut buffer = [0; 2048];
            for _ in 0..count {
                assert_eq!(requests::get(&url).send(&mut buffer).unwrap().content().len(), JSON.len());
            }
        }
        "one-get/ureq" => {
            for _ in 0..count {
                let text = ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap();
                assert_eq!(text.len(), JSON.len());
            }
        }
        "one-get-by-name/requests" => {
            let url = format!("http://localhost:{port}/get");
            let mut buffer = [0; 2048];
            for _ in 0..count {
                assert_eq!(requests::get(&url).send(&mut buffer).unwrap().content().len(), JSON.len());
            }
        }
        // The exchange alone, without system calls.
        "exchange/requests" => {
            let answer = response();
            let mut buffer = [0; 2048];
            for _ in 0..count {
                let mut network = Memory { answer: answer.as_bytes() };
                let response = requests::get(&url).send_over(&mut network, &mut buffer).unwrap();
                assert_eq!(response.content().len(), JSON.len());
            }
        }
        "head-of-20-fields/requests" => {
            let head = head_of_20_fields();
            let mut buffer = head.clone();
            for _ in 0..count {
                buffer.copy_from_slice(&head);
                let mut parser = requests::proto::response_head::HeadParser::default();
                black_box(parser.parse(&mut buffer).unwrap().unwrap());
            }
        }
        "head-of-20-fields/httparse" => {
            let head = head_of_20_fields();
            let mut buffer = head.clone();
            for _ in 0..count {
                buffer.copy_from_slice(&head);
                let mut headers = [httparse::EMPTY_HEADER; 32];
                let mut response = httparse::Response::new(&mut headers);
                assert!(response.parse(&buffer).unwrap().is_complete());
                black_box(response.code);
            }
        }
        "json-to-struct/requests" => {
            for _ in 0..count {
                let answer: Answer<'_> = requests::json(black_box(JSON)).unwrap();
                black_box(answer.n);
            }
        }
        "json-to-struct/serde_json" => {
            for _ in 0..count {
                let answer: Answer<'_> = serde_json::from_str(black_box(JSON)).unwrap();
                black_box(answer.n);
            }
        }
        "chunks-of-16/requests" => chunks(16, count),
        "chunks-of-1/requests" => chunks(1, count),
        "receive-1-mb/requests" => {
            let mut buffer = vec![0; size.max(1024)];
            let mut session = requests::Session::new();
            let mut piece = vec![0; size];
            for _ in 0..count {
                let mut stream = session.get(&bytes).stream(&mut buffer).unwrap();
                let mut received = 0;
                while let Ok(count @ 1..) = stream.read(&mut piece) {
                    received += count;
                }
                assert_eq!(received, MEGABYTE);
            }
        }
        "https-kept-get/requests" => https_kept_get(port, count, 1),
        // Certificates of 220 KB.
        "https-kept-get-many-roots/requests" => https_kept_get(port, count, 370),
        "https-kept-get/ureq" => {
            let agent = ureq_agent(port);
            for _ in 0..count {
                let text = agent.get(&https).call().unwrap().body_mut().read_to_string().unwrap();
                assert_eq!(text.len(), JSON.len());
            }
        }
        "https-receive-1-mb/requests" => {
            let root = std::fs::read(certificate(port)).unwrap();
            let roots = [&root[..]];
            let mut session = requests::Session::new().tls(requests::TlsConfig::new().roots(&roots));
            let mut buffer = [0; 16 * 1024];
            let mut piece = [0; 16 * 1024];
            for _ in 0..count {
                let mut stream = session.get(&https_bytes).stream(&mut buffer).unwrap();
                let mut received = 0;
                while let Ok(count @ 1..) = stream.read(&mut piece) {
                    received += count;
                }
                assert_eq!(received, MEGABYTE);
            }
        }
        "https-receive-1-mb/ureq" => {
            let agent = ureq_agent(port);
            let mut piece = [0; 16 * 1024];
            for _ in 0..count {
                let mut response = agent.get(&https_bytes).call().unwrap();
                let mut reader = response.body_mut().as_reader();
                let mut received = 0;
                while let Ok(count @ 1..) = reader.read(&mut piece) {
                    received += count;
                }
                assert_eq!(received, MEGABYTE);
            }
        }
        "receive-1-mb/socket" => {
            let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
            let mut piece = vec![0; size];
            for _ in 0..count {
                write!(stream, "GET /bytes/{MEGABYTE} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
                let mut received = 0;
                while received < MEGABYTE {
                    received += stream.read(&mut piece).unwrap();
                }
            }
        }
        "send-1-mb/requests" => {
            let body = vec![b'x'; MEGABYTE];
            let mut session = requests::Session::new();
            let mut buffer = vec![0; size];
            for _ in 0..count {
                let mut reader = &body[..];
                let sent = session.post(&url).body(&mut reader, Some(MEGABYTE as u64)).send(&mut buffer);
                assert!(sent.unwrap().ok());
            }
        }
        "send-1-mb/socket" => {
            let body = vec![b'x'; MEGABYTE];
            let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
            let mut piece = [0; 2048];
            for _ in 0..count {
                write!(stream, "POST /get HTTP/1.1\r\nHost: x\r\nContent-Length: {MEGABYTE}\r\n\r\n")
                    .unwrap();
                for part in body.chunks(size) {
                    stream.write_all(part).unwrap();
                }
                let count = stream.read(&mut piece).unwrap();
                assert!(piece[..count].starts_with(b"HTTP/1.1 200"));
            }
        }
        // One body of so many megabytes.
        "send/requests" => {
            let body = vec![b'x'; count * MEGABYTE];
            let mut buffer = vec![0; size];
            let mut reader = &body[..];
            let sent = requests::post(&url).body(&mut reader, Some(body.len() as u64)).send(&mut buffer);
            assert!(sent.unwrap().ok());
        }
        "send/socket" => {
            let body = vec![b'x'; count * MEGABYTE];
            let mut piece = [0; 2048];
            let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
            write!(stream, "POST /get HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len())
                .unwrap();
            for part in body.chunks(size) {
                stream.write_all(part).unwrap();
            }
            let count = stream.read(&mut piece).unwrap();
            assert!(piece[..count].starts_with(b"HTTP/1.1 200"));
        }
        _ => panic!("no such case: {case}"),
    }
}

/// Trusts the server's certificate.
fn ureq_agent(port: u16) -> ureq::Agent {
    let pem = std::fs::read(certificate(port)).unwrap();
    let root = ureq::tls::Certificate::from_pem(&pem).unwrap();
    let roots = ureq::tls::RootCerts::new_with_certs(&[root]);
    let tls = ureq::tls::TlsConfig::builder().root_certs(roots).build();
    ureq::Agent::config_builder().tls_config(tls).build().into()
}

/// A stream of a megabyte in chunks of this size, over memory.
/// Requests over a kept connection, with the certificate of the server so often among the roots.
fn https_kept_get(port: u16, count: usize, roots: usize) {
    let url = format!("https://127.0.0.1:{}/get", port + 1);
    let root = std::fs::read(certificate(port)).unwrap();
    let roots = vec![&root[..]; roots];
    let mut session = requests::Session::new().tls(requests::TlsConfig::new().roots(&roots));
    let mut buffer = [0; 2048];
    for _ in 0..count {
        assert_eq!(session.get(&url).send(&mut buffer).unwrap().content().len(), JSON.len());
    }
}

fn chunks(size: usize, count: usize) {
    let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..MEGABYTE / size {
        write!(answer, "{size:x}\r\n{}\r\n", "x".repeat(size)).unwrap();
    }
    answer.extend_from_slice(b"0\r\n\r\n");
    let mut buffer = [0; 4096];
    let mut piece = [0; 4096];
    for _ in 0..count {
        let network = Memory { answer: &answer };
        let mut stream = requests::get("http://127.0.0.1/").stream_over(network, &mut buffer).unwrap();
        let mut received = 0;
        while let Ok(count @ 1..) = stream.read(&mut piece) {
            received += count;
        }
        assert_eq!(received, MEGABYTE);
    }
}

fn head_of_20_fields() -> Vec<u8> {
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    for number in 0..20 {
        write!(head, "X-Field-Number-{number}: a value of some length {number}\r\n").unwrap();
    }
    head.extend_from_slice(b"\r\n");
    head
}
