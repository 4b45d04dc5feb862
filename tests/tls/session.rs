// SPDX-License-Identifier: Apache-2.0
//! TLS with `requests::Session`: one handshake for many requests, resumed handshakes for later
//! connections, and neither for another host or trust.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use embedded_io::ErrorKind;
use requests::tls::{Pin, TlsConfig, TlsError, TlsVersion, danger};
use requests::transport::host::{HostNetwork, HostTransport};
use requests::transport::{Addresses, Deadline, Network};
use requests::{DnsError, Error, IoError, Phase, Session};

use super::pki::pki;
use super::server::Server;
use super::server_with;

/// Whether the connection of a request was resumed, as reported by nginx.
fn is_resumed(session: &mut Session<'_>, url: &str, config: TlsConfig<'_>) -> bool {
    let mut buffer = [0; 2048];
    let response = session.get(url).tls(config).send(&mut buffer).unwrap();
    let text = response.text().unwrap();
    assert!(text.contains("reused="), "{text}");
    text.contains("reused=r")
}

#[test]
fn a_thousand_requests_take_one_handshake() {
    let server = Server::nginx(&pki().server_ec, "TLSv1.3", "keepalive_requests 2000;");
    let root = pki().root_ec.der();
    let roots = [root.as_slice()];
    let url = format!("https://localhost:{}/", server.port);
    let mut session = Session::new().tls(TlsConfig::new().roots(&roots));
    let mut buffer = [0; 1024];
    for _ in 0..1000 {
        let response = session.post(&url).data(b"12345").send(&mut buffer).unwrap();
        assert_eq!(response.text(), Ok("POST 5 TLSv1.3 reused=.\n"));
    }
    assert_eq!(session.connections_opened(), 1);
}

#[test]
fn later_connections_resume() {
    for protocol in ["TLSv1.2", "TLSv1.3"] {
        let server = Server::nginx(&pki().server_ec, protocol, "");
        let root = pki().root_ec.der();
        let roots = [root.as_slice()];
        let config = TlsConfig::new().roots(&roots);
        let url = format!("https://localhost:{}/", server.port);
        let mut session = Session::new();
        assert!(!is_resumed(&mut session, &url, config), "{protocol}");
        for _ in 0..3 {
            session.close();
            assert!(is_resumed(&mut session, &url, config), "{protocol}");
        }

        let mut exported = [0; 4096];
        let size = session.tls_sessions().export(&mut exported).unwrap();
        drop(session);
        let mut restarted = Session::new();
        assert_eq!(restarted.tls_sessions().import(&exported[..size]), Ok(1));
        assert!(is_resumed(&mut restarted, &url, config), "{protocol}");
    }
}

#[test]
fn connections_and_sessions_serve_only_the_trust_that_they_were_made_under() {
    let server = Server::nginx(&pki().server_ec, "TLSv1.2 TLSv1.3", "");
    let root = pki().root_ec.der();
    let (one, two) = ([root.as_slice()], [root.as_slice(), root.as_slice()]);
    let wrong = pki().root.der();
    let wrong = [wrong.as_slice()];
    let pins = [pki().server_ec.pin().parse::<Pin>().unwrap()];
    let url = format!("https://localhost:{}/", server.port);
    let address = format!("https://127.0.0.1:{}/", server.port);
    let mut session = Session::new();
    let config = TlsConfig::new().roots(&one);
    assert!(!is_resumed(&mut session, &url, danger::accept_invalid_certs(config)));
    assert!(session.get(&url).tls(TlsConfig::new().roots(&wrong)).send(&mut [0; 1024]).is_err());
    for other in
        [config, TlsConfig::new().roots(&two), config.pins(&pins), config.min_version(TlsVersion::Tls13)]
    {
        let opened = session.connections_opened();
        assert!(!is_resumed(&mut session, &url, other), "{other:?}");
        assert_eq!(session.connections_opened(), opened + 1);
    }
    let opened = session.connections_opened();
    assert!(!is_resumed(&mut session, &address, config));
    assert_eq!(session.connections_opened(), opened + 1);
}

/// The digest of large roots takes much longer than a request over a kept connection.
#[test]
fn the_roots_of_a_session_are_digested_once() {
    let server = Server::nginx(&pki().server_ec, "TLSv1.3", "");
    let (root, text) = (pki().root_ec.der(), vec![b'\n'; 8_000_000]);
    let roots = [root.as_slice(), &text];
    let config = TlsConfig::new().roots(&roots);
    let url = format!("https://localhost:{}/", server.port);
    let mut session = Session::new().tls(config);
    let mut buffer = [0; 1024];
    let mut took = |same_roots: Option<&[&[u8]]>| {
        let start = Instant::now();
        for _ in 0..5 {
            let request = session.get(&url);
            let request = match same_roots {
                Some(roots) => request.tls(TlsConfig::new().roots(roots)),
                None => request,
            };
            request.send(&mut buffer).unwrap();
        }
        assert_eq!(session.connections_opened(), 1);
        start.elapsed()
    };
    took(None);
    // The contents count, so equal roots at another address are the same, but comparing them takes
    // time.
    let copy = roots;
    let (once, each) = (took(None), took(Some(&copy)));
    assert!(once < each / 3, "{once:?} {each:?}");
}

#[test]
fn other_roots_at_the_same_place_are_other_roots() {
    let server = Server::nginx(&pki().server_ec, "TLSv1.3", "");
    let root = pki().root_ec.der();
    let own = [root.as_slice()];
    let url = format!("https://localhost:{}/", server.port);
    let mut session = Session::new().tls(TlsConfig::new().roots(&own));
    let mut buffer = [0; 1024];
    session.get(&url).send(&mut buffer).unwrap();
    let mut text = root.clone();
    for is_blank in [false, true, false] {
        if is_blank {
            text.fill(b'\n')
        } else {
            text.copy_from_slice(&root)
        }
        let roots = [text.as_slice()];
        let config = TlsConfig::new().roots(&roots);
        let result = session.get(&url).tls(config).send(&mut buffer).map(|_| ());
        assert_eq!(result, if is_blank { Err(Error::Tls(TlsError::InvalidRoots)) } else { Ok(()) });
    }
    session.get(&url).send(&mut buffer).unwrap();
    let mut session = session.tls(TlsConfig::new());
    assert!(session.get(&url).send(&mut buffer).is_err());
    let mut session = session.tls(TlsConfig::new().roots(&own));
    session.get(&url).send(&mut buffer).unwrap();
}

#[test]
fn a_connection_that_the_server_has_closed_is_replaced_and_resumed() {
    let server = Server::nginx(&pki().server_ec, "TLSv1.3", "keepalive_timeout 1s;");
    let root = pki().root_ec.der();
    let roots = [root.as_slice()];
    let config = TlsConfig::new().roots(&roots);
    let url = format!("https://localhost:{}/", server.port);
    let mut session = Session::new();
    assert!(!is_resumed(&mut session, &url, config));
    for opened in 2..4 {
        std::thread::sleep(Duration::from_millis(1500));
        assert!(is_resumed(&mut session, &url, config));
        assert_eq!(session.connections_opened(), opened);
    }
    assert_eq!(session.close_reason(), None);
}

/// The host's network, after this many failed attempts to connect.
struct Unsteady {
    network: HostNetwork,
    failures: u32,
}

impl Network for Unsteady {
    type Transport = HostTransport;

    fn now(&self) -> u64 {
        self.network.now()
    }

    fn resolve(
        &mut self,
        host: &str,
        port: u16,
        deadline: Deadline<'_>,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError> {
        self.network.resolve(host, port, deadline, addresses)
    }

    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<HostTransport, IoError> {
        if self.failures > 0 {
            self.failures -= 1;
            return Err(IoError::new(ErrorKind::AddrNotAvailable));
        }
        self.network.connect(address, deadline)
    }

    fn unix_time(&self) -> Option<i64> {
        self.network.unix_time()
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        self.network.fill_random(bytes)
    }
}

#[test]
fn a_network_that_is_not_up_yet_does_not_cost_the_session() {
    let server = Server::nginx(&pki().server_ec, "TLSv1.3", "");
    let root = pki().root_ec.der();
    let roots = [root.as_slice()];
    let url = format!("https://127.0.0.1:{}/", server.port);
    let network = Unsteady { network: HostNetwork::default(), failures: 0 };
    let mut session = Session::over(network).tls(TlsConfig::new().roots(&roots));
    let mut buffer = [0; 1024];
    session.get(&url).send(&mut buffer).unwrap();
    session.close();
    session.network().failures = 1;
    assert_eq!(session.get(&url).send(&mut buffer).unwrap_err().phase(), Phase::Connect);
    let response = session.get(&url).send(&mut buffer).unwrap();
    assert!(response.text().unwrap().contains("reused=r"));
}

/// The details of the server's certificate in the buffer of a request, for all ways to send it.
#[test]
fn the_names_of_another_host_are_in_the_buffer() {
    const SENTENCE: &str =
        "TLS: certificate is not for this host but for a.example, b.example (mbedTLS -0x2700, flags 0x4)";
    let pair = server_with("other-hosts", "x", &["subjectAltName=DNS:a.example,DNS:b.example"]);
    let server = Server::openssl(&pair, &["-www"]);
    let root = pki().root_ec.der();
    let roots = [root.as_slice()];
    let config = TlsConfig::new().roots(&roots);
    let url = format!("https://localhost:{}/a", server.port);
    let mut sink = Vec::new();
    let mut session = Session::new().tls(config);
    let mut buffer = [0; 1024];
    type Send<'s> = &'s mut dyn FnMut(&mut [u8]) -> Error;
    let sends: [Send<'_>; 6] = [
        &mut |buffer| requests::get(&url).tls(config).send(buffer).unwrap_err(),
        &mut |buffer| requests::get(&url).tls(config).stream(buffer).err().unwrap(),
        &mut |buffer| requests::post(&url).tls(config).json(&[1; 30]).send(buffer).unwrap_err(),
        &mut |buffer| session.get(&url).send(buffer).unwrap_err(),
        &mut |buffer| {
            requests::get(&url).tls(config).retry(requests::Retry::new(2)).send(buffer).unwrap_err()
        },
        &mut |buffer| requests::get(&url).tls(config).download(&mut sink).send(buffer).unwrap_err(),
    ];
    for (index, send) in sends.into_iter().enumerate() {
        buffer.fill(b'x');
        let error = send(&mut buffer);
        assert_eq!(error.message(&buffer).to_string(), SENTENCE, "{index}");
        buffer[0] = b'x';
        let without = "TLS: certificate is not for this host (mbedTLS -0x2700, flags 0x4)";
        assert_eq!([error.message(&buffer).to_string(), error.to_string()], [without; 2], "{index}");
    }
    // The result may still be in the buffer.
    let result = session.get(&url).send(&mut buffer);
    match result {
        Ok(response) => panic!("{response:?}"),
        Err(error) => assert_eq!(error.message(&buffer).to_string(), SENTENCE),
    }
    // As much as fits in a small buffer, besides the URL at its end.
    let mut buffer = vec![0; url.len() + 16];
    let error = requests::get(&url).tls(config).send(&mut buffer).unwrap_err();
    let message = error.message(&buffer).to_string();
    assert!(message.contains("but for a.example, b") && message.contains("... ("), "{message}");
}
