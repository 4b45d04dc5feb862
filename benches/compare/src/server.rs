// SPDX-License-Identifier: Apache-2.0
//! A server that is always faster than its client: it parses as little as it can.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

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

/// Where the server at this port puts the certificate of its https, which is one port above.
pub fn certificate(port: u16) -> PathBuf {
    std::env::temp_dir().join(format!("compare-{port}.pem"))
}

/// Answers requests at this port of the loopback interface, and https at the next one, for ever.
pub fn serve(port: u16) {
    let config = tls(&certificate(port));
    let secure = TcpListener::bind(("127.0.0.1", port + 1)).expect("the port is free");
    std::thread::spawn(move || {
        for stream in secure.incoming().flatten() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || {
                let _ = stream.set_nodelay(true);
                let connection = ServerConnection::new(config).expect("a configuration");
                let _ = answer(StreamOwned::new(connection, stream));
            });
        }
    });
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || {
            let _ = stream.set_nodelay(true);
            let _ = answer(stream);
        });
    }
}

/// TLS with a certificate that signs itself and that clients find in `path`.
fn tls(path: &Path) -> Arc<ServerConfig> {
    let own =
        rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("a key");
    std::fs::write(path, own.cert.pem()).expect("a file");
    let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS12])
        .expect("a version")
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .expect("a certificate");
    Arc::new(config)
}

fn answer(stream: impl Read + Write) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
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
                write!(reader.get_mut(), "HTTP/1.1 200 OK\r\nContent-Length: {count}\r\n\r\n")?;
                let block = vec![b'x'; 65536];
                let mut left = count;
                while left > 0 {
                    let count = left.min(block.len());
                    reader.get_mut().write_all(&block[..count])?;
                    left -= count;
                }
            }
            None => reader.get_mut().write_all(response.as_bytes())?,
        }
        if is_last {
            return Ok(());
        }
    }
}
