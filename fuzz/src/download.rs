// SPDX-License-Identifier: Apache-2.0
//! A download from a server that breaks off, changes the file, and answers in many ways, but never lies about what it
//! sends. A download that succeeds has exactly one version of the file.
//!
//! A byte of options and the lengths of the versions, then the actions of the server: a byte each, and two bytes more
//! if the connection breaks.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use embedded_io::ErrorKind;
use requests::Sink;
use requests::transport::{Addresses, Deadline, DnsError, IoError, Network, Transport};
use sha2::{Digest as _, Sha256};

use crate::input::Input;

/// See the module.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let options = input.byte();
    let versions: Vec<_> = (0..4_u8)
        .map(|version| {
            let len = usize::from(input.short()) % 3000;
            (0..len)
                .map(|index| (index as u8) ^ (index >> 8) as u8 ^ version.wrapping_mul(0x55))
                .collect::<Vec<_>>()
        })
        .collect();
    let server = Server { versions: versions.clone(), current: 0, input, served: 0 };
    let mut network = Breaking { server: Rc::new(RefCell::new(server)), clock: 0 };
    let mut sink = Recorder::default();
    let mut download = requests::download("http://example.org/file", &mut sink).attempts(3);
    if options & 1 != 0 {
        download = download.piece(1 + u64::from(options) * 3);
    }
    if options & 2 != 0 {
        download = download.sha256(Sha256::digest(&versions[usize::from(options >> 6)]).into());
    }
    let mut buffer = vec![0; 400 + usize::from(options)];
    match download.send_over(&mut network, &mut buffer) {
        Ok(done) => {
            assert!(sink.is_finished);
            assert_eq!(done.len, sink.content.len() as u64);
            assert!(versions.contains(&sink.content), "no version of the file");
            if options & 2 != 0 {
                assert_eq!(sink.content, versions[usize::from(options >> 6)]);
            }
        }
        Err(_) => assert!(!sink.is_finished, "finished, but not successful"),
    }
}

/// Stores content as a file would that is cut off when it starts anew.
#[derive(Default)]
struct Recorder {
    content: Vec<u8>,
    announced: Option<u64>,
    is_finished: bool,
}

impl Sink for Recorder {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind> {
        assert_eq!(offset, self.content.len() as u64, "a gap, or bytes that were written before");
        assert!(!bytes.is_empty() && !self.is_finished);
        self.content.extend_from_slice(bytes);
        assert!(self.announced.is_none_or(|len| self.content.len() as u64 <= len));
        Ok(())
    }

    fn start(&mut self, len: Option<u64>, _: Option<&str>) -> Result<(), ErrorKind> {
        self.content.clear();
        self.announced = len;
        Ok(())
    }

    fn finish(&mut self, len: u64) -> Result<(), ErrorKind> {
        assert_eq!(len, self.content.len() as u64);
        self.is_finished = true;
        Ok(())
    }
}

/// What the server does with a request.
struct Server<'a> {
    versions: Vec<Vec<u8>>,
    current: usize,
    input: Input<'a>,
    served: usize,
}

// Bits of an action.
const CUT: u8 = 8;
const NEXT_VERSION: u8 = 16;
const NO_TAG: u8 = 32;
const WEAK_TAG: u8 = 64;
const DATES: u8 = 128;

impl Server<'_> {
    /// The response to a request with this head, as far as it is sent.
    fn respond(&mut self, head: &str) -> Vec<u8> {
        self.served += 1;
        assert!(self.served < 10_000, "the download does not end");
        let action = self.input.byte();
        if action & NEXT_VERSION != 0 {
            self.current = (self.current + 1) % self.versions.len();
        }
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let content = &self.versions[self.current];
        let tag = format!("\"v{}\"", self.current);
        let modified = format!("Mon, 0{} Jan 2024 00:00:00 GMT", self.current + 1);
        let mut fields = String::new();
        if action & WEAK_TAG != 0 {
            fields += &format!("ETag: W/{tag}\r\n");
        } else if action & NO_TAG == 0 {
            fields += &format!("ETag: {tag}\r\n");
        }
        if action & DATES != 0 {
            fields += &format!("Last-Modified: {modified}\r\nDate: Mon, 10 Mar 2025 00:00:00 GMT\r\n");
        }
        let is_same = field("If-Range:").is_none_or(|validator| validator == tag || validator == modified);
        let range = field("Range: bytes=").filter(|_| is_same && action & 7 != 1);
        let range = range.and_then(|range| {
            let (first, last) = range.split_once('-')?;
            let last = last.parse().unwrap_or(usize::MAX);
            Some((first.parse::<usize>().ok()?, last))
        });
        let mut response = match (action & 7, range) {
            (2, _) => b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n".to_vec(),
            (3, _) => b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone".to_vec(),
            (5, _) => Vec::new(),
            (_, Some((first, _))) if first >= content.len() => format!(
                "HTTP/1.1 416 No\r\n{fields}Content-Range: bytes */{}\r\nContent-Length: 0\r\n\r\n",
                content.len()
            )
            .into_bytes(),
            (kind, Some((first, last))) => {
                let last = last.min(content.len() - 1);
                // The server may send less than it was asked for.
                let last = if kind == 4 { first + (last - first) / 2 } else { last };
                let total = if kind == 7 { "*".to_owned() } else { content.len().to_string() };
                let fields = format!("{fields}Content-Range: bytes {first}-{last}/{total}\r\n");
                body("206 Partial Content", &fields, &content[first..=last], kind == 6)
            }
            (kind, None) => body("200 OK", &fields, content, kind == 6),
        };
        if action & CUT != 0 {
            response.truncate(usize::from(self.input.short()));
        }
        response
    }
}

fn body(status: &str, fields: &str, content: &[u8], chunked: bool) -> Vec<u8> {
    let mut response = format!("HTTP/1.1 {status}\r\n{fields}").into_bytes();
    if chunked {
        response.extend(b"Transfer-Encoding: chunked\r\n\r\n");
        for chunk in content.chunks(100) {
            response.extend(format!("{:x}\r\n", chunk.len()).bytes());
            response.extend(chunk);
            response.extend(b"\r\n");
        }
        response.extend(b"0\r\n\r\n");
    } else {
        response.extend(format!("Content-Length: {}\r\n\r\n", content.len()).bytes());
        response.extend(content);
    }
    response
}

/// The network to the server.
struct Breaking<'a> {
    server: Rc<RefCell<Server<'a>>>,
    clock: u64,
}

struct Connection<'a> {
    server: Rc<RefCell<Server<'a>>>,
    sent: Vec<u8>,
    response: std::vec::IntoIter<u8>,
}

impl<'a> Network for Breaking<'a> {
    type Transport = Connection<'a>;

    fn now(&self) -> u64 {
        self.clock
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

    fn connect(&mut self, _: SocketAddr, _: Deadline<'_>) -> Result<Connection<'a>, IoError> {
        Ok(Connection { server: self.server.clone(), sent: Vec::new(), response: Vec::new().into_iter() })
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        bytes.fill(7);
        Ok(())
    }

    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        self.clock += until.remaining_ms(self.clock);
        Ok(())
    }
}

impl Transport for Connection<'_> {
    fn send(&mut self, bytes: &[u8], _: Deadline<'_>) -> Result<usize, IoError> {
        self.sent.extend_from_slice(bytes);
        if self.sent.ends_with(b"\r\n\r\n") {
            let head = String::from_utf8(std::mem::take(&mut self.sent)).expect("a head is text");
            self.response = self.server.borrow_mut().respond(&head).into_iter();
        }
        Ok(bytes.len())
    }

    fn receive(&mut self, buffer: &mut [u8], _: Deadline<'_>) -> Result<usize, IoError> {
        let count = self.response.len().min(buffer.len());
        for (place, byte) in buffer.iter_mut().zip(self.response.by_ref().take(count)) {
            *place = byte;
        }
        Ok(count)
    }
}
