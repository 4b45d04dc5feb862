// SPDX-License-Identifier: Apache-2.0
//! The size of the records that servers send: `CONFIG_REQUESTS_TLS_MAX_FRAGMENT_LENGTH`, on a host
//! `REQUESTS_BUILD_TLS_MAX_FRAGMENT_LENGTH` at build time.

use std::cell::RefCell;
use std::rc::Rc;

use requests::tls::{TlsConfig, TlsTransport};
use requests::transport::{Deadline, IoError, Transport};

use super::pki::pki;
use super::server::Server;
use super::tcp::Tcp;
use super::{TIMEOUT, now};

/// Records the received bytes.
struct Recorder {
    inner: Tcp,
    received: Rc<RefCell<Vec<u8>>>,
}

impl Transport for Recorder {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.inner.send(bytes, deadline)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        let len = self.inner.receive(buffer, deadline)?;
        self.received.borrow_mut().extend_from_slice(&buffer[..len]);
        Ok(len)
    }
}

/// The length of the longest record in a stream (RFC 8446 §5.1).
fn longest(mut stream: &[u8]) -> usize {
    let mut longest = 0;
    while let [_, _, _, high, low, rest @ ..] = stream {
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        longest = longest.max(len);
        stream = rest.get(len..).unwrap_or_default();
    }
    longest
}

#[test]
fn records_are_no_longer_than_asked_for() {
    // Encryption adds at most 24 bytes to a record of TLS 1.2 with AES-GCM, and of TLS 1.3.
    const OVERHEAD: usize = 24;
    let asked: Option<usize> =
        option_env!("REQUESTS_BUILD_TLS_MAX_FRAGMENT_LENGTH").and_then(|text| text.parse().ok());
    let root = pki().root.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    // mbedTLS supports this in TLS 1.2 only, so that is the only version.
    let protocols: &[_] = if asked.is_some() { &["-tls1_2"] } else { &["-tls1_2", "-tls1_3"] };
    for &protocol in protocols {
        let mut server = Server::openssl(&pki().server, &[protocol, "-tlsextdebug"]);
        let received = Rc::<RefCell<Vec<u8>>>::default();
        let tcp = Recorder { inner: Tcp::connect(server.port), received: Rc::clone(&received) };
        let deadline = Deadline::after(0, TIMEOUT.as_millis() as u64);
        let mut transport =
            TlsTransport::connect(tcp, "localhost", &config, Some(now()), deadline, &mut []).unwrap();
        // s_server reads 16 KB at a time and sends each as one record, if it may.
        server.say(&[b'x'; 65_536]);
        let mut buffer = [0; 16_384];
        let mut len = 0;
        while len < 65_536 {
            len += transport.receive(&mut buffer, deadline).unwrap();
        }
        let longest = longest(&received.borrow());
        let said = String::from_utf8_lossy(&server.printed_until(b"CIPHER is")).into_owned();
        assert_eq!(said.contains("\"max fragment length\""), asked.is_some(), "{protocol}: {said}");
        match asked {
            Some(asked) => assert!(longest > asked && longest <= asked + OVERHEAD, "{protocol}: {longest}"),
            None => assert!(longest > 4096 + OVERHEAD, "{protocol}: {longest}"),
        }
    }
}
