// SPDX-License-Identifier: Apache-2.0
//! A server in memory, plain or behind TLS: it answers each request when it is complete.

use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use embedded_io::ErrorKind;
use requests::DnsError;
use requests::IoError;
use requests::transport::{Addresses, Deadline, Network, Transport};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, ServerConnection};

use crate::pki::Pair;
use crate::support::sent::SentRequest;

/// The file at `/file`.
pub fn file() -> Vec<u8> {
    (0..3000_u32).map(|index| (index * 7 % 251) as u8).collect()
}

/// The response to a request, and whether the connection stays open.
fn respond(request: &SentRequest) -> (Vec<u8>, bool) {
    let whole = |fields: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    let (path, _) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let response = match path {
        "/redirect" => b"HTTP/1.1 302 Found\r\nLocation: /whole\r\nContent-Length: 0\r\n\r\n".to_vec(),
        "/chunked" => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
            5;x=y\r\nhello\r\n10\r\n, this is chunky\r\n0\r\nX: y\r\n\r\n"
            .to_vec(),
        "/interim" => {
            [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", &whole("", b"after an interim answer")[..]]
                .concat()
        }
        "/busy" => b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n".to_vec(),
        "/close" => {
            [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n", &b"close"[..]].concat()
        }
        "/file" => {
            let file = file();
            let first = request
                .header("range")
                .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
            match first {
                Some(first) if request.header("if-range").is_none_or(|tag| tag == "\"1\"") => {
                    let head = format!(
                        "HTTP/1.1 206 Partial Content\r\nETag: \"1\"\r\nContent-Range: bytes {first}-{}/{}\r\n\
                         Content-Length: {}\r\n\r\n",
                        file.len() - 1,
                        file.len(),
                        file.len() - first
                    );
                    [head.as_bytes(), &file[first..]].concat()
                }
                _ => whole("ETag: \"1\"\r\n", &file),
            }
        }
        _ => whole("X: y\r\n", &[request.method.as_bytes(), b" ", &request.body].concat()),
    };
    (response, path != "/close")
}

/// A network on which every host is this server.
pub struct InMemory {
    tls: Option<Arc<ServerConfig>>,
    clock: Rc<Cell<u64>>,
    /// The requests that were answered.
    pub served: Rc<RefCell<Vec<SentRequest>>>,
    /// The connections that are open.
    pub open: Rc<()>,
}

impl InMemory {
    pub fn plain() -> Self {
        Self { tls: None, clock: Rc::default(), served: Rc::default(), open: Rc::default() }
    }

    /// Behind TLS, with the certificate of `pair`, which `issuer` has issued.
    pub fn tls(pair: &Pair, issuer: &Pair, is_13: bool) -> Self {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[if is_13 { &TLS13 } else { &TLS12 }])
            .expect("a version")
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(pair.der()), CertificateDer::from(issuer.der())],
                PrivateKeyDer::from(PrivatePkcs8KeyDer::from(pair.key_der())),
            )
            .expect("a key");
        Self { tls: Some(Arc::new(config)), ..Self::plain() }
    }

    /// A new network with the same settings.
    pub fn again(&self) -> Self {
        Self { tls: self.tls.clone(), ..Self::plain() }
    }

    pub fn clock(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.clock)
    }
}

impl Network for InMemory {
    type Transport = Connection;

    fn now(&self) -> u64 {
        self.clock.get()
    }

    fn resolve(
        &mut self,
        _: &str,
        port: u16,
        _: Deadline<'_>,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError> {
        let _ = addresses.push(SocketAddr::from(([192, 0, 2, 1], port)));
        let _ = addresses.push(SocketAddr::from(([192, 0, 2, 2], port)));
        Ok(())
    }

    fn connect(&mut self, _: SocketAddr, deadline: Deadline<'_>) -> Result<Connection, IoError> {
        deadline.check(self.now())?;
        let tls = self.tls.clone().map(|config| ServerConnection::new(config).expect("a connection"));
        Ok(Connection {
            tls,
            received: Vec::new(),
            answers: Vec::new(),
            has_ended: false,
            clock: self.clock(),
            served: Rc::clone(&self.served),
            _open: Rc::clone(&self.open),
        })
    }

    fn unix_time(&self) -> Option<i64> {
        SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|time| time.as_secs() as i64)
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        bytes.fill(7);
        Ok(())
    }

    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        self.clock.set(self.now() + until.remaining_ms(self.now()));
        Ok(())
    }
}

pub struct Connection {
    tls: Option<ServerConnection>,
    /// What the client has sent.
    received: Vec<u8>,
    /// What the client receives next, without TLS.
    answers: Vec<u8>,
    has_ended: bool,
    clock: Rc<Cell<u64>>,
    served: Rc<RefCell<Vec<SentRequest>>>,
    _open: Rc<()>,
}

impl Connection {
    fn serve(&mut self) {
        while !self.has_ended
            && let Some(request) = SentRequest::read(&self.received)
        {
            self.received.drain(..request.size);
            let (answer, stays) = respond(&request);
            self.served.borrow_mut().push(request);
            self.has_ended = !stays;
            match &mut self.tls {
                Some(tls) => {
                    tls.writer().write_all(&answer).expect("room");
                    if !stays {
                        tls.send_close_notify();
                    }
                }
                None => self.answers.extend(answer),
            }
        }
    }
}

impl Transport for Connection {
    fn send(&mut self, mut bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        deadline.check(self.clock.get())?;
        let count = bytes.len();
        if let Some(tls) = &mut self.tls {
            let mut plain = [0; 4096];
            while !bytes.is_empty() {
                tls.read_tls(&mut bytes).expect("a slice");
                // An alert answers what it does not like.
                let _ = tls.process_new_packets();
                while let Ok(count @ 1..) = tls.reader().read(&mut plain) {
                    self.received.extend_from_slice(&plain[..count]);
                }
            }
        } else {
            self.received.extend_from_slice(bytes);
        }
        self.serve();
        Ok(count)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        deadline.check(self.clock.get())?;
        if let Some(tls) = &mut self.tls {
            while tls.wants_write() {
                tls.write_tls(&mut self.answers).expect("a vector");
            }
        }
        let count = buffer.len().min(self.answers.len());
        buffer[..count].copy_from_slice(&self.answers[..count]);
        self.answers.drain(..count);
        if count == 0 && !self.has_ended {
            // The peer is silent.
            self.clock.set(self.clock.get() + deadline.remaining_ms(self.clock.get()));
            return Err(IoError::new(ErrorKind::TimedOut));
        }
        Ok(count)
    }
}
