// SPDX-License-Identifier: Apache-2.0
//! Peers that never pause: whatever they send, in any phase, the request ends by its deadline.
//!
//! The clock of this network advances with each call, and its peers never stop sending, so only the
//! deadline can end a request. The calls are counted too: a wait must not be a busy loop.

mod support;

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use embedded_io::{ErrorKind, Read as _};
use requests::transport::{Addresses, Deadline, DnsError, Network, Transport};
use requests::{CancelToken, Error, IoError, Request, Retry, Session};

const URL: &str = "http://example.org/";

/// The time-out of each request, in milliseconds. Each call takes one millisecond.
const TIMEOUT_MS: u64 = 1000;

/// The number of calls that may follow the deadline, because each loop must notice that it has
/// passed.
const SLACK: u64 = 8;

/// The bytes of an endless peer: a start, then the same bytes again and again.
#[derive(Clone, Copy, Debug)]
struct Flood {
    first: &'static [u8],
    again: &'static [u8],
}

const fn flood(first: &'static str, again: &'static str) -> Flood {
    Flood { first: first.as_bytes(), again: again.as_bytes() }
}

struct EndlessNetwork {
    flood: Flood,
    /// The number of bytes received at once.
    piece: usize,
    /// Whether the peer sends before it has received anything.
    hurries: bool,
    clock: Rc<Cell<u64>>,
    cancel: Option<(u64, Rc<CancelToken>)>,
}

struct EndlessTransport {
    flood: Flood,
    piece: usize,
    position: usize,
    hurries: bool,
    was_sent: bool,
    clock: Rc<Cell<u64>>,
    cancel: Option<(u64, Rc<CancelToken>)>,
}

impl EndlessNetwork {
    fn new(flood: Flood, piece: usize, hurries: bool) -> Self {
        Self { flood, piece, hurries, clock: Rc::new(Cell::new(0)), cancel: None }
    }
}

impl EndlessTransport {
    fn tick(&self, deadline: Deadline<'_>) -> Result<(), IoError> {
        let now = self.clock.get() + 1;
        self.clock.set(now);
        if let Some((at, token)) = &self.cancel
            && now >= *at
        {
            token.cancel();
        }
        assert!(now < 100 * TIMEOUT_MS, "nothing ends this: {:?}", self.flood);
        deadline.check(now)
    }
}

impl Transport for EndlessTransport {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.tick(deadline)?;
        self.was_sent = true;
        Ok(bytes.len().min(16))
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.tick(deadline)?;
        if !self.hurries && !self.was_sent {
            self.clock.set(self.clock.get() + deadline.remaining_ms(self.clock.get()));
            return Err(IoError::new(ErrorKind::TimedOut));
        }
        let count = buffer.len().min(self.piece);
        for place in &mut buffer[..count] {
            *place = match self.flood.first.get(self.position) {
                Some(byte) => *byte,
                None => self.flood.again[(self.position - self.flood.first.len()) % self.flood.again.len()],
            };
            self.position += 1;
        }
        Ok(count)
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        self.tick(deadline)
    }
}

impl Network for EndlessNetwork {
    type Transport = EndlessTransport;

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
        Ok(())
    }

    fn connect(&mut self, _: SocketAddr, deadline: Deadline<'_>) -> Result<EndlessTransport, IoError> {
        self.clock.set(self.clock.get() + 1);
        deadline.check(self.clock.get())?;
        Ok(EndlessTransport {
            flood: self.flood,
            piece: self.piece,
            position: 0,
            hurries: self.hurries,
            was_sent: false,
            clock: Rc::clone(&self.clock),
            cancel: self.cancel.clone(),
        })
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        bytes.fill(42);
        Ok(())
    }

    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        self.clock.set(self.clock.get() + until.remaining_ms(self.clock.get()));
        Ok(())
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Bytes that never become a response.
const FLOODS: &[Flood] = &[
    flood("", "HTTP/1.1 100 Continue\r\n\r\n"),
    flood("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    flood("HTTP/1.1 100 Continue\r\n", "X: y\r\n"),
    flood("HTTP/1.1 102 Processing\r\nX: ", "y"),
    flood("HTTP/1.1 200 ", "OK "),
    flood(OK, "X: y\r\n"),
    flood("HTTP/1.1 200 OK\r\nX:", " "),
    flood(CHUNKED, "1\r\nx\r\n"),
    flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "a=b;"),
    flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1", " "),
    flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0"),
    flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n"),
    flood("HTTP/1.1 200 OK\r\n\r\n", "x"),
    flood("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n", "line\n"),
    // The next response is the same.
    flood("", "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
    flood("", "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n"),
    flood("", "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"),
    flood(
        "",
        "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest nonce=\"n\", realm=\"\", stale=true\r\nContent-Length: 0\r\n\r\n",
    ),
];

/// Checks that a request has a response or an error by its deadline.
#[track_caller]
fn ends(what: &str, run: &dyn Fn(&mut EndlessNetwork)) {
    for &flood in FLOODS {
        for piece in [1, 7, 1000] {
            for hurries in [false, true] {
                let mut network = EndlessNetwork::new(flood, piece, hurries);
                run(&mut network);
                let took = network.now();
                assert!(
                    took <= TIMEOUT_MS + SLACK,
                    "{what} {flood:?} in pieces of {piece} ended after {took} ms"
                );

                let token = Rc::new(CancelToken::new().unwrap());
                let mut network = EndlessNetwork::new(flood, piece, hurries);
                network.cancel = Some((TIMEOUT_MS / 2, token));
                run(&mut network);
                let took = network.now();
                assert!(
                    took <= TIMEOUT_MS + SLACK,
                    "{what} {flood:?} in pieces of {piece} ended after {took} ms"
                );
            }
        }
    }
}

/// The request with its time-out.
fn bounded(request: Request<'_>) -> Request<'_> {
    request.timeout(Duration::from_millis(TIMEOUT_MS)).redirects(u16::MAX)
}

#[test]
fn whole_responses() {
    for size in [200, 100_000] {
        let with = |request: &dyn Fn() -> Request<'static>| {
            ends("a request", &|network| {
                let _ = bounded(request()).send_over(network, &mut vec![0; size]).map(|_| ());
            });
        };
        with(&|| requests::get(URL));
        with(&|| requests::post(URL).data(&[b'x'; 5000]));
        with(&|| requests::post(URL).data(&[b'x'; 5000]).chunked());
        with(&|| requests::post(URL).data(&[b'x'; 5000]).expect_continue());
        #[cfg(feature = "digest-auth")]
        with(&|| requests::get(URL).digest_auth(("user", "password")));
    }
}

#[test]
fn uploads_from_a_reader() {
    for len in [Some(1_000_000), None] {
        ends("an upload", &|network| {
            let mut source = source_of_a_megabyte();
            let request = bounded(requests::put(URL).body(&mut source, len));
            let _ = request.send_over(network, &mut [0; 600]).map(|_| ());
        });
    }
}

fn source_of_a_megabyte() -> &'static [u8] {
    &[b'x'; 1_000_000]
}

#[test]
fn requests_that_are_tried_again() {
    ends("a request with retries", &|network| {
        let request = bounded(requests::get(URL)).retry(Retry::new(u16::MAX));
        let _ = request.send_over(network, &mut [0; 600]).map(|_| ());
    });
}

#[test]
fn streams_read_to_their_end_by_lines_and_dropped() {
    ends("a stream", &|network| {
        let mut buffer = [0; 600];
        let Ok(mut stream) = bounded(requests::get(URL)).stream_over(network, &mut buffer) else {
            return;
        };
        let mut out = [0; 64];
        while matches!(stream.read(&mut out), Ok(1..)) {}
    });
    ends("lines", &|network| {
        let mut buffer = [0; 600];
        let Ok(mut stream) = bounded(requests::get(URL)).stream_over(network, &mut buffer) else {
            return;
        };
        let mut lines = stream.iter_lines();
        while matches!(lines.next_line(), Ok(Some(_))) {}
    });
    ends("a stream that is dropped", &|network| {
        let _ = bounded(requests::get(URL)).stream_over(network, &mut [0; 600]).map(drop);
    });
}

/// With a time-out for each read, a read without content still ends.
#[test]
fn each_read_has_its_own_time() {
    for again in ["X: y\r\n", ";", " "] {
        let first = match again {
            "X: y\r\n" => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n",
            _ => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n1;",
        };
        let mut network = EndlessNetwork::new(flood(first, again), 1, false);
        let clock = Rc::clone(&network.clock);
        let mut buffer = [0; 600];
        let request = requests::get(URL).read_timeout(Duration::from_millis(500));
        let mut stream = request.stream_over(&mut network, &mut buffer).unwrap();
        assert_eq!(stream.read(&mut [0; 9]), Ok(1));
        for _ in 0..2 {
            let start = clock.get();
            assert!(matches!(stream.read(&mut [0; 9]), Err(Error::Timeout { .. })));
            let took = clock.get() - start;
            assert!((500..=500 + SLACK).contains(&took), "{took}");
        }
    }
}

#[test]
fn the_next_request_of_a_session() {
    // The first response is complete, and the bytes behind it never end.
    for again in ["x", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"] {
        let first = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        for piece in [first.len(), 1] {
            let network = EndlessNetwork::new(flood(first, again), piece, false);
            let clock = Rc::clone(&network.clock);
            let mut session = Session::over(network).timeout(Duration::from_millis(TIMEOUT_MS));
            for _ in 0..3 {
                let start = clock.get();
                let _ = session.post(URL).data(b"x").send(&mut [0; 600]).map(|_| ());
                let took = clock.get() - start;
                assert!(took <= TIMEOUT_MS + SLACK, "{again} {took}");
            }
        }
    }
}

#[test]
fn downloads_with_a_time_out() {
    ends("a download", &|network| {
        let mut sink = vec![0; 100_000];
        let mut sink = &mut sink[..];
        let download =
            requests::download(URL, &mut sink).timeout(Duration::from_millis(TIMEOUT_MS)).attempts(u16::MAX);
        let _ = download.send_over(network, &mut [0; 600]);
    });
}

#[cfg(feature = "gzip")]
mod compressed {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use requests::Inflater;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    /// A response whose content is one after another of these gzip members.
    fn members(member: Vec<u8>) -> Flood {
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n";
        Flood { first: head.as_bytes(), again: Vec::leak(member) }
    }

    /// Zeros compressed to a thousandth of their size, members without content, and a name in the
    /// header that never ends.
    fn floods() -> [Flood; 3] {
        let name = Flood {
            first: b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\xff",
            again: b"name",
        };
        [members(gzip(&vec![0; 20_000])), members(gzip(b"")), name]
    }

    #[test]
    fn whole_responses_and_streams() {
        for flood in floods() {
            for piece in [1, 40] {
                let mut inflater = Box::new(Inflater::new());
                let mut network = EndlessNetwork::new(flood, piece, false);
                let request = bounded(requests::get(URL)).decompress(&mut inflater);
                let result = request.send_over(&mut network, &mut vec![0; 2_000_000]).map(|_| ());
                assert!(result.is_err());
                assert!(network.now() <= TIMEOUT_MS + SLACK, "{}", network.now());

                let mut network = EndlessNetwork::new(flood, piece, false);
                let mut buffer = [0; 600];
                let request = bounded(requests::get(URL)).decompress(&mut inflater);
                let mut stream = request.stream_over(&mut network, &mut buffer).unwrap();
                let mut out = [0; 4096];
                while matches!(stream.read(&mut out), Ok(1..)) {}
                drop(stream);
                assert!(network.now() <= TIMEOUT_MS + SLACK, "{}", network.now());
            }
        }
    }

    /// A network that returns everything at once, and whose clock advances only when it is read.
    struct Looked(EndlessNetwork);

    impl Network for Looked {
        type Transport = EndlessTransport;

        fn now(&self) -> u64 {
            self.0.clock.set(self.0.clock.get() + 1);
            self.0.now()
        }

        fn resolve(
            &mut self,
            host: &str,
            port: u16,
            deadline: Deadline<'_>,
            addresses: &mut Addresses,
        ) -> Result<(), DnsError> {
            self.0.resolve(host, port, deadline, addresses)
        }

        fn connect(
            &mut self,
            address: SocketAddr,
            deadline: Deadline<'_>,
        ) -> Result<EndlessTransport, IoError> {
            self.0.connect(address, deadline)
        }

        fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
            self.0.fill_random(bytes)
        }
    }

    /// Content that was received in time, but expands to more than can be decompressed in time.
    #[test]
    fn a_bomb_that_has_arrived() {
        let bomb = gzip(&vec![0; 5_000_000]);
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len());
        let response: &'static [u8] = Vec::leak([head.as_bytes(), &bomb].concat());
        let flood = Flood { first: response, again: b"x" };
        let mut inflater = Box::new(Inflater::new());

        let mut network = Looked(EndlessNetwork::new(flood, usize::MAX, false));
        let request = requests::get(URL).timeout(Duration::from_millis(100)).decompress(&mut inflater);
        let result = request.send_over(&mut network, &mut vec![0; 6_000_000]).map(|_| ());
        assert!(matches!(result, Err(Error::Timeout { .. })), "{result:?}");

        let network = Looked(EndlessNetwork::new(flood, usize::MAX, false));
        let request = requests::get(URL).timeout(Duration::from_millis(100)).decompress(&mut inflater);
        let mut buffer = vec![0; 30_000];
        let mut stream = request.stream_over(network, &mut buffer).unwrap();
        let mut out = [0; 10_000];
        let error = loop {
            match stream.read(&mut out) {
                Ok(0) => panic!("it has come to its end"),
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    }
}
