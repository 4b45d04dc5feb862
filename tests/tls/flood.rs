// SPDX-License-Identifier: Apache-2.0
//! Peers that send TLS messages without data and without an end. Every wait ends by its deadline,
//! and calls that do not wait end at once.
//!
//! The peer is a rustls server until it has responded. Then it writes its records itself, with the
//! negotiated keys. Its transport always has something to receive, and each call on it takes a
//! millisecond.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use embedded_io::ErrorKind;
use requests::tls::{TlsConfig, TlsError, TlsTransport, TlsVersion};
use requests::transport::{Addresses, Deadline, Network, Transport};
use requests::{CancelToken, DnsError, Error, IoError, Session};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rustls::crypto::ring::{cipher_suite, default_provider};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{ConnectionTrafficSecrets, ServerConfig, ServerConnection};

use super::now;
use super::pki::pki;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const DATA: u8 = 23;

/// The records that the peer sends without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flood {
    /// Alerts of level warning (RFC 5246 §7.2).
    Warnings,
    /// Empty records of application data.
    Empty,
    /// Alternately an alert and an empty record, in case only one of them is counted.
    Mixed,
    /// Requests for a renegotiation (RFC 5246 §7.4.1.1). Each is answered.
    HelloRequests,
    /// The compatibility record of TLS 1.3, which is ignored (RFC 8446 §5).
    ChangeCipherSpec,
    /// Tickets (RFC 8446 §4.6.1).
    Tickets,
    /// Large tickets, in records of one byte.
    Fragments,
    /// Changes of keys (RFC 8446 §4.6.3).
    KeyUpdates,
    /// Records with one byte each, of a response whose head never ends.
    Bytes,
    /// The same in records of the largest size.
    Data,
    /// Nothing: the peer is silent.
    Nothing,
}

const TLS_1_2: [Flood; 6] =
    [Flood::Warnings, Flood::Empty, Flood::Mixed, Flood::HelloRequests, Flood::Bytes, Flood::Data];
const TLS_1_3: [Flood; 9] = [
    Flood::Warnings,
    Flood::Empty,
    Flood::Mixed,
    Flood::ChangeCipherSpec,
    Flood::Tickets,
    Flood::Fragments,
    Flood::KeyUpdates,
    Flood::Bytes,
    Flood::Data,
];

fn all() -> impl Iterator<Item = (TlsVersion, Flood)> {
    let of = |version| move |flood| (version, flood);
    TLS_1_2.into_iter().map(of(TlsVersion::Tls12)).chain(TLS_1_3.into_iter().map(of(TlsVersion::Tls13)))
}

/// Writes records with the keys of a connection.
struct Sealer {
    version: TlsVersion,
    key: LessSafeKey,
    iv: [u8; 12],
    sequence: u64,
}

impl Sealer {
    fn new(connection: ServerConnection, version: TlsVersion) -> Self {
        let (sequence, secrets) = connection.dangerous_extract_secrets().unwrap().tx;
        let ConnectionTrafficSecrets::Aes128Gcm { key, iv } = secrets else { panic!("another cipher") };
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key.as_ref()).unwrap());
        Self { version, key, iv: iv.as_ref().try_into().unwrap(), sequence }
    }

    fn record(&mut self, kind: u8, content: &[u8]) -> Vec<u8> {
        let sequence = self.sequence.to_be_bytes();
        self.sequence += 1;
        let mut nonce = self.iv;
        let mut sealed = content.to_vec();
        let (mut record, aad);
        if self.version == TlsVersion::Tls13 {
            for (place, byte) in nonce[4..].iter_mut().zip(sequence) {
                *place ^= byte;
            }
            sealed.push(kind);
            record = header(DATA, sealed.len() + AES_128_GCM.tag_len());
            aad = record.clone();
        } else {
            nonce[4..].copy_from_slice(&sequence);
            record = header(kind, sequence.len() + sealed.len() + AES_128_GCM.tag_len());
            record.extend(sequence);
            aad = [&sequence[..], &header(kind, sealed.len())].concat();
        }
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut sealed).unwrap();
        record.extend(sealed);
        record
    }
}

fn header(kind: u8, len: usize) -> Vec<u8> {
    vec![kind, 3, 3, (len >> 8) as u8, len as u8]
}

fn ticket(len: usize) -> Vec<u8> {
    let body_len = 4 + 4 + 2 + 2 + len + 2;
    let mut message = vec![4, 0, (body_len >> 8) as u8, body_len as u8];
    message.extend([0, 0, 1, 0, 1, 2, 3, 4, 1, 7, (len >> 8) as u8, len as u8]);
    message.extend(vec![0x55; len]);
    message.extend([0, 0]);
    message
}

/// The behaviour of a connection.
#[derive(Clone, Copy)]
struct Part {
    version: TlsVersion,
    /// The response to the first request.
    answer: &'static [u8],
    flood: Flood,
}

enum Stage {
    Serving(Box<ServerConnection>),
    Flooding(Box<Sealer>),
}

/// The client's side of a connection to such a peer.
struct Peer {
    part: Part,
    stage: Option<Stage>,
    /// The bytes that the client has not received yet.
    queue: VecDeque<u8>,
    /// The rest of a message that is sent in pieces.
    message: VecDeque<u8>,
    count: usize,
    clock: Rc<Cell<u64>>,
}

impl Peer {
    fn new(part: Part, clock: &Rc<Cell<u64>>) -> Self {
        let mut provider = default_provider();
        provider.cipher_suites = vec![
            cipher_suite::TLS13_AES_128_GCM_SHA256,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        ];
        let version = if part.version == TlsVersion::Tls13 { &TLS13 } else { &TLS12 };
        let chain = [&pki().server_ec, &pki().intermediate_ec].map(|pair| CertificateDer::from(pair.der()));
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(pki().server_ec.key_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain.to_vec(), key)
            .unwrap();
        config.enable_secret_extraction = true;
        let connection = ServerConnection::new(Arc::new(config)).unwrap();
        Self {
            part,
            stage: Some(Stage::Serving(Box::new(connection))),
            queue: VecDeque::new(),
            message: VecDeque::new(),
            count: 0,
            clock: Rc::clone(clock),
        }
    }

    /// Time passes.
    fn tick(&self, deadline: Deadline<'_>) -> Result<(), IoError> {
        let now = self.clock.get() + 1;
        self.clock.set(now);
        // No scenario has a deadline of more than 30 seconds.
        assert!(now < 500_000, "this goes on for ever");
        deadline.check(now)
    }

    /// The next record of the flood.
    fn flood(&mut self) {
        let Some(Stage::Flooding(sealer)) = &mut self.stage else { return };
        self.count += 1;
        let warning = [1, 90];
        let record = match self.part.flood {
            Flood::Nothing => return,
            Flood::Warnings => sealer.record(ALERT, &warning),
            Flood::Empty => sealer.record(DATA, &[]),
            Flood::Mixed if self.count.is_multiple_of(2) => sealer.record(DATA, &[]),
            Flood::Mixed => sealer.record(ALERT, &warning),
            Flood::HelloRequests => sealer.record(HANDSHAKE, &[0; 4]),
            Flood::ChangeCipherSpec => [header(CHANGE_CIPHER_SPEC, 1), vec![1]].concat(),
            Flood::Tickets => sealer.record(HANDSHAKE, &ticket(200)),
            Flood::Fragments => {
                if self.message.is_empty() {
                    self.message.extend(ticket(8000));
                }
                sealer.record(HANDSHAKE, &[self.message.pop_front().unwrap()])
            }
            Flood::KeyUpdates => sealer.record(HANDSHAKE, &[24, 0, 0, 1, 0]),
            Flood::Bytes => sealer.record(DATA, b"x"),
            Flood::Data => sealer.record(DATA, &[b'x'; 16_384]),
        };
        self.queue.extend(record);
    }
}

impl Transport for Peer {
    fn send(&mut self, mut bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.tick(deadline)?;
        let len = bytes.len();
        let Some(Stage::Serving(connection)) = &mut self.stage else { return Ok(len) };
        while !bytes.is_empty() {
            connection.read_tls(&mut bytes).unwrap();
        }
        let is_asked = match connection.process_new_packets() {
            Ok(state) => state.plaintext_bytes_to_read() > 0,
            Err(error) => panic!("{error}"),
        };
        if is_asked {
            let mut request = [0; 4096];
            while matches!(connection.reader().read(&mut request), Ok(1..)) {}
            connection.writer().write_all(self.part.answer).unwrap();
        }
        let mut out = Vec::new();
        while connection.wants_write() {
            connection.write_tls(&mut out).unwrap();
        }
        self.queue.extend(out);
        if is_asked && let Some(Stage::Serving(connection)) = self.stage.take() {
            self.stage = Some(Stage::Flooding(Box::new(Sealer::new(*connection, self.part.version))));
        }
        Ok(len)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.tick(deadline)?;
        if self.queue.is_empty() {
            self.flood();
        }
        let len = buffer.len().min(self.queue.len());
        if len == 0 {
            self.clock.set(self.clock.get() + deadline.remaining_ms(self.clock.get()));
            return Err(IoError::new(ErrorKind::TimedOut));
        }
        for (place, byte) in buffer.iter_mut().zip(self.queue.drain(..len)) {
            *place = byte;
        }
        Ok(len)
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        self.tick(deadline)
    }
}

/// Connections with these behaviours, one after the other.
struct Peers {
    parts: VecDeque<Part>,
    clock: Rc<Cell<u64>>,
}

impl Peers {
    fn new(parts: impl IntoIterator<Item = Part>) -> Self {
        Self { parts: parts.into_iter().collect(), clock: Rc::new(Cell::new(1000)) }
    }
}

impl Network for Peers {
    type Transport = Peer;

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
        addresses.push(SocketAddr::from(([192, 0, 2, 1], port))).map_err(|_| DnsError::NotFound)
    }

    fn connect(&mut self, _: SocketAddr, deadline: Deadline<'_>) -> Result<Peer, IoError> {
        deadline.check(self.now())?;
        let part = self.parts.pop_front().ok_or(IoError::new(ErrorKind::ConnectionRefused))?;
        Ok(Peer::new(part, &self.clock))
    }

    fn unix_time(&self) -> Option<i64> {
        Some(now())
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        bytes.fill(42);
        Ok(())
    }

    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        self.clock.set(self.now() + until.remaining_ms(self.now()));
        Ok(())
    }
}

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
const TIMEOUT: Duration = Duration::from_secs(20);

/// A session over a connection that floods after `answer`, and then one that does not.
fn with_session<T>(
    (version, flood): (TlsVersion, Flood),
    answer: &'static [u8],
    test: impl FnOnce(&mut Session<'_, Peers>) -> T,
) -> T {
    let root = pki().root_ec.der();
    let roots = [root.as_slice()];
    let sound = Part { version, answer: ANSWER, flood: Flood::Nothing };
    let network = Peers::new([Part { version, answer, flood }, sound]);
    let mut session = Session::over(network).tls(TlsConfig::new().roots(&roots)).timeout(TIMEOUT);
    test(&mut session)
}

fn elapsed<T>(session: &mut Session<'_, Peers>, work: impl FnOnce(&mut Session<'_, Peers>) -> T) -> (T, u64) {
    let start = session.network().now();
    let result = work(session);
    (result, session.network().now() - start)
}

#[test]
fn a_kept_connection_that_floods_is_replaced() {
    for one in all() {
        with_session(one, ANSWER, |session| {
            let mut buffer = [0; 1024];
            assert_eq!(session.get("https://localhost/").send(&mut buffer).unwrap().content(), b"hi");
            assert_eq!(session.connections_kept(), 1, "{one:?}");
            let (result, took) = elapsed(session, |session| {
                session.get("https://localhost/").send(&mut buffer).map(|response| response.status_code)
            });
            assert_eq!(result, Ok(200), "{one:?}");
            assert_eq!(session.connections_opened(), 2, "{one:?}");
            assert!(took < 5000, "{one:?} {took}");
        });
    }
}

#[test]
fn a_request_ends_by_its_deadline() {
    for one in all() {
        with_session(one, b"", |session| {
            let mut buffer = [0; 30_000];
            let (result, took) =
                elapsed(session, |session| session.get("https://localhost/").send(&mut buffer).map(|_| ()));
            assert!(result.is_err(), "{one:?}");
            // Endless data end the request at the deadline or before.
            assert!(took <= TIMEOUT.as_millis() as u64 + 5, "{one:?} {took}");
        });
    }
}

#[test]
fn a_body_that_stops_in_the_middle_ends_by_its_deadline() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\nonly this";
    for one in all().filter(|(_, flood)| !matches!(flood, Flood::Bytes | Flood::Data)) {
        with_session(one, answer, |session| {
            let mut buffer = [0; 4096];
            let (result, took) =
                elapsed(session, |session| session.get("https://localhost/").send(&mut buffer).map(|_| ()));
            assert!(result.is_err(), "{one:?}");
            assert!(took <= TIMEOUT.as_millis() as u64 + 5, "{one:?} {took}");
        });
    }
}

#[test]
fn a_stream_that_is_dropped_early_ends() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\nonly this";
    for one in all() {
        with_session(one, answer, |session| {
            let mut buffer = [0; 1024];
            let ((), took) = elapsed(session, |session| {
                let mut stream = session.get("https://localhost/").stream(&mut buffer).unwrap();
                assert!(embedded_io::Read::read(&mut stream, &mut [0; 4]).unwrap() > 0, "{one:?}");
            });
            // Only the 3000 bytes are received, with at most two calls for each byte.
            assert!(took < 7000, "{one:?} {took}");
        });
    }
}

#[test]
fn an_upload_ends_by_its_deadline() {
    let body = [b'x'; 100_000];
    for one in all() {
        with_session(one, b"", |session| {
            let mut buffer = [0; 1024];
            let (result, took) = elapsed(session, |session| {
                session.post("https://localhost/").data(&body).send(&mut buffer).map(|_| ())
            });
            assert!(result.is_err(), "{one:?}");
            assert!(took <= TIMEOUT.as_millis() as u64 + 5, "{one:?} {took}");
        });
    }
}

#[test]
fn the_answer_to_a_flood_names_it() {
    for one in [(TlsVersion::Tls12, Flood::Warnings), (TlsVersion::Tls13, Flood::Tickets)] {
        with_session(one, b"", |session| {
            let error = session.get("https://localhost/").send(&mut [0; 1024]).unwrap_err();
            let Error::Tls(error @ TlsError::Protocol { code }) = error else { panic!("{one:?} {error:?}") };
            assert_eq!(code, -0x7ffb);
            let sentence = "the peer keeps sending TLS messages without data (mbedTLS -0x7ffb)";
            assert_eq!(error.to_string(), sentence);
        });
    }
}

#[test]
fn a_token_ends_it_too() {
    for one in all().filter(|(_, flood)| matches!(flood, Flood::Bytes | Flood::Data)) {
        with_session(one, b"", |session| {
            let token = CancelToken::new().unwrap();
            token.cancel();
            let error =
                session.get("https://localhost/").cancel_token(&token).send(&mut [0; 1024]).unwrap_err();
            assert!(matches!(error, Error::Cancelled { .. }), "{error:?}");
        });
    }
}

/// A peer that answers the first message of the handshake with these records, without keys.
struct Unfinished {
    record: Vec<u8>,
    queue: VecDeque<u8>,
    clock: Rc<Cell<u64>>,
    piece: usize,
}

impl Transport for Unfinished {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.clock.set(self.clock.get() + 1);
        deadline.check(self.clock.get())?;
        Ok(bytes.len())
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.clock.set(self.clock.get() + 1);
        assert!(self.clock.get() < 1_000_000, "this goes on for ever");
        deadline.check(self.clock.get())?;
        if self.queue.is_empty() {
            self.queue.extend(&self.record);
        }
        let len = buffer.len().min(self.queue.len()).min(self.piece);
        for (place, byte) in buffer.iter_mut().zip(self.queue.drain(..len)) {
            *place = byte;
        }
        Ok(len)
    }
}

#[test]
fn a_handshake_that_does_not_go_on_ends() {
    let fragment = |bytes: &[u8]| [header(HANDSHAKE, bytes.len()), bytes.to_vec()].concat();
    for record in [
        [header(ALERT, 2), vec![1, 90]].concat(),
        [header(CHANGE_CIPHER_SPEC, 1), vec![1]].concat(),
        [header(DATA, 0)].concat(),
        [header(HANDSHAKE, 0)].concat(),
        // A server's first message of 16 KB, its own length in each byte.
        fragment(&[2]),
        fragment(&[0]),
        fragment(&[0; 4]),
    ] {
        for (deadline, piece) in [(20_000, usize::MAX), (20_000, 1), (u64::MAX, usize::MAX), (u64::MAX, 1)] {
            let clock = Rc::new(Cell::new(0));
            let transport = Unfinished {
                record: record.clone(),
                queue: VecDeque::new(),
                clock: Rc::clone(&clock),
                piece,
            };
            let root = pki().root_ec.der();
            let roots = [root.as_slice()];
            let config = TlsConfig::new().roots(&roots);
            let deadline = Deadline::after(0, deadline);
            let result =
                TlsTransport::connect(transport, "localhost", &config, Some(now()), deadline, &mut []);
            assert!(result.is_err(), "{record:?}");
            assert!(clock.get() <= 140_000, "{record:?} {}", clock.get());
        }
    }
}

/// Some servers send empty records to hide traffic patterns (RFC 8446 §5.4). They are ignored.
#[test]
fn records_without_data_are_passed_over() {
    for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
        let clock = Rc::new(Cell::new(0));
        let mut peer = Peer::new(Part { version, answer: b"a", flood: Flood::Nothing }, &clock);
        let root = pki().root_ec.der();
        let roots = [root.as_slice()];
        let config = TlsConfig::new().roots(&roots);
        let deadline = Deadline::after(0, 20_000);
        peer.part.answer = b"a";
        let shared = Rc::new(std::cell::RefCell::new(peer));
        let mut transport = TlsTransport::connect(
            Shared(Rc::clone(&shared)),
            "localhost",
            &config,
            Some(now()),
            deadline,
            &mut [],
        )
        .unwrap();
        transport.send(b"x", deadline).unwrap();
        let mut buffer = [0; 10];
        assert_eq!(transport.receive(&mut buffer, deadline), Ok(1));
        for count in 1..=3 {
            let mut peer = shared.borrow_mut();
            let Some(Stage::Flooding(sealer)) = &mut peer.stage else { panic!("no keys") };
            let mut records = Vec::new();
            for _ in 0..count {
                records.extend(sealer.record(DATA, &[]));
            }
            records.extend(sealer.record(DATA, b"b"));
            peer.queue.extend(records);
            drop(peer);
            assert_eq!(transport.receive(&mut buffer, deadline), Ok(1), "{version:?} {count}");
            assert_eq!(buffer[0], b'b');
        }
    }
}

/// A transport that the test can access.
struct Shared(Rc<std::cell::RefCell<Peer>>);

impl Transport for Shared {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.0.borrow_mut().send(bytes, deadline)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.0.borrow_mut().receive(buffer, deadline)
    }
}
