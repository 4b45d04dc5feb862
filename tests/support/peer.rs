// SPDX-License-Identifier: Apache-2.0
//! A scripted peer over real sockets, in this process.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, getsockname, listen, socket_with, sockopt};

use super::sent::SentRequest;

/// A step of a peer on a connection. After the last step, it ends its side of the connection, and
/// waits for the client to end its own.
#[derive(Debug, Clone)]
pub enum Step {
    /// Reads one complete request, including its body.
    ReadRequest,
    /// Reads until at least this many bytes have arrived on this connection in total.
    Read(usize),
    /// Reads until the client ends the connection.
    ReadAll,
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes again and again as fast as possible, for this time.
    SendAgainAndAgain(Vec<u8>, Duration),
    /// Waits for this time.
    Pause(Duration),
    /// Does nothing, but keeps the connection open until the peer is dropped.
    Stall,
    /// Breaks the connection (RST).
    Reset,
}

impl Step {
    pub fn send(bytes: impl AsRef<[u8]>) -> Self {
        Self::Send(bytes.as_ref().to_owned())
    }
}

/// The steps of a whole connection.
pub type Part = Vec<Step>;

/// Reads a request and sends `response`.
pub fn answer(response: impl AsRef<[u8]>) -> Part {
    vec![Step::ReadRequest, Step::send(response)]
}

/// Reads a request and sends `response` in pieces of `size` bytes with a pause behind each.
pub fn answer_in_pieces(response: impl AsRef<[u8]>, size: usize, pause: Duration) -> Part {
    let pieces = response.as_ref().chunks(size).flat_map(|piece| [Step::send(piece), Step::Pause(pause)]);
    [Step::ReadRequest].into_iter().chain(pieces).collect()
}

/// A listening peer, whose connections each play one part, one after the other.
pub struct Peer {
    address: SocketAddr,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<Vec<Vec<u8>>>>,
}

impl Peer {
    pub fn new(parts: impl IntoIterator<Item = Part>) -> Self {
        Self::at(IpAddr::V4(Ipv4Addr::LOCALHOST), parts)
    }

    /// A peer that listens on a free port of `ip`.
    pub fn at(ip: IpAddr, parts: impl IntoIterator<Item = Part>) -> Self {
        let listener = TcpListener::bind((ip, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let parts: Vec<_> = parts.into_iter().collect();
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || play_all(&listener, parts, &stopped));
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Ends the peer; returns what each connection has sent to it.
    pub fn received(mut self) -> Vec<Vec<u8>> {
        self.end().expect("the peer has not been ended before").expect("the peer does not panic")
    }

    /// Ends the peer; returns the requests that were sent to it, one a connection.
    #[track_caller]
    pub fn requests(self) -> Vec<SentRequest> {
        self.received().iter().map(|bytes| SentRequest::only(bytes)).collect()
    }

    fn end(&mut self) -> Option<std::thread::Result<Vec<Vec<u8>>>> {
        drop(self.stop.take());
        let thread = self.thread.take()?;
        // Wakes a peer that waits for a connection; refused where it does not listen any more.
        let _ = TcpStream::connect(self.address);
        Some(thread.join())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// How long a connection waits for a client that does not keep to its part.
const PATIENCE: Duration = Duration::from_secs(30);

fn play_all(listener: &TcpListener, parts: Vec<Part>, stopped: &Receiver<()>) -> Vec<Vec<u8>> {
    let mut all_received = Vec::new();
    for part in parts {
        let (stream, _) = listener.accept().expect("a connection");
        if pause(stopped, Duration::ZERO) {
            break;
        }
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        stream.set_write_timeout(Some(PATIENCE)).expect("a time-out");
        stream.set_nodelay(true).expect("no delay");
        let mut received = Vec::new();
        play(stream, part, stopped, &mut received);
        all_received.push(received);
    }
    all_received
}

/// Lets time pass; whether the peer has been told to stop.
fn pause(stopped: &Receiver<()>, duration: Duration) -> bool {
    stopped.recv_timeout(duration) == Err(RecvTimeoutError::Disconnected)
}

/// Plays one part. A client that ends the connection ends the part.
fn play(mut stream: TcpStream, part: Part, stopped: &Receiver<()>, received: &mut Vec<u8>) {
    for step in part {
        let goes_on = match step {
            Step::ReadRequest => {
                read_until(&mut stream, received, |bytes| SentRequest::read(bytes).is_some())
            }
            Step::Read(count) => {
                received.len() >= count || read_until(&mut stream, received, |bytes| bytes.len() >= count)
            }
            Step::ReadAll => read_until(&mut stream, received, |_| false),
            Step::Send(bytes) => stream.write_all(&bytes).is_ok(),
            Step::SendAgainAndAgain(bytes, duration) => {
                let end = Instant::now() + duration;
                let mut goes_on = true;
                while goes_on && Instant::now() < end && !pause(stopped, Duration::ZERO) {
                    goes_on = stream.write_all(&bytes).is_ok();
                }
                goes_on
            }
            Step::Pause(duration) => !pause(stopped, duration),
            Step::Stall => !pause(stopped, Duration::MAX),
            Step::Reset => {
                sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).expect("no linger");
                return;
            }
        };
        if !goes_on {
            return;
        }
    }
    // A connection closed with bytes unread is reset, and the client could lose what was sent.
    if stream.shutdown(Shutdown::Write).is_ok() {
        read_until(&mut stream, received, |_| false);
    }
}

/// Reads until `enough` says so; `false` where the connection ended before that.
fn read_until(stream: &mut TcpStream, received: &mut Vec<u8>, enough: impl Fn(&[u8]) -> bool) -> bool {
    let mut piece = [0; 16 * 1024];
    loop {
        match stream.read(&mut piece) {
            Ok(count @ 1..) => received.extend_from_slice(&piece[..count]),
            _ => return false,
        }
        if enough(received) {
            return true;
        }
    }
}

/// An address where nobody listens, and nobody else can while this is kept.
pub struct Refusing {
    _socket: rustix::fd::OwnedFd,
    address: SocketAddr,
}

impl Refusing {
    pub fn new() -> Self {
        let (socket, address) = bound_socket();
        Self { _socket: socket, address }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// An address that answers no attempt to connect: somebody listens there, but the queue of connections that
/// wait to be accepted is full, and nobody accepts them.
pub struct Swallowing {
    _socket: rustix::fd::OwnedFd,
    _queue: Vec<TcpStream>,
    address: SocketAddr,
}

impl Swallowing {
    pub fn new() -> Self {
        let (socket, address) = bound_socket();
        listen(&socket, 0).expect("a listening socket");
        let mut queue = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
            queue.push(stream);
        }
        Self { _socket: socket, _queue: queue, address }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn bound_socket() -> (rustix::fd::OwnedFd, SocketAddr) {
    let socket = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None);
    let socket = socket.expect("a socket");
    bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
    let address = getsockname(&socket).expect("an address").try_into().expect("an IP address");
    (socket, address)
}
