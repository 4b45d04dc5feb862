// SPDX-License-Identifier: Apache-2.0
//! A transport over a socket of the standard library, and one that breaks on purpose.

use std::cell::Cell;
use std::io::{ErrorKind as StdKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::rc::Rc;
use std::time::{Duration, Instant};

use embedded_io::ErrorKind;
use requests::transport::{Deadline, IoError, Transport};

/// A socket, and the start of its clock.
pub struct Tcp {
    stream: TcpStream,
    start: Instant,
}

impl Tcp {
    pub fn connect(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, start: Instant::now() }
    }

    /// Waits until something has arrived, for at most a second.
    pub fn wait(&self) {
        self.stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        let _ = self.stream.peek(&mut [0]);
    }

    fn remaining(&self, deadline: Deadline) -> Duration {
        let now = self.start.elapsed().as_millis() as u64;
        // A time-out of zero would mean no time-out.
        Duration::from_millis(deadline.remaining_ms(now).max(1))
    }
}

fn error(error: &std::io::Error) -> IoError {
    let kind = match error.kind() {
        StdKind::WouldBlock | StdKind::TimedOut => ErrorKind::TimedOut,
        StdKind::ConnectionReset => ErrorKind::ConnectionReset,
        StdKind::BrokenPipe => ErrorKind::BrokenPipe,
        _ => ErrorKind::Other,
    };
    IoError { kind, errno: error.raw_os_error().unwrap_or(0) as i16 }
}

impl Transport for Tcp {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.stream.set_write_timeout(Some(self.remaining(deadline))).unwrap();
        self.stream.write(bytes).map_err(|e| error(&e))
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.stream.set_read_timeout(Some(self.remaining(deadline))).unwrap();
        self.stream.read(buffer).map_err(|e| error(&e))
    }
}

/// The fault of a connection after a number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The stream ends as if the peer had closed it.
    End,
    /// The network reports an error.
    Reset,
    /// Nothing more arrives.
    Stall,
    /// One bit is flipped.
    Flip,
}

/// A transport with a fault after `left` more bytes have been received.
pub struct Faulty<T> {
    pub inner: T,
    pub left: usize,
    pub fault: Fault,
    /// The most bytes that are received at once.
    pub piece: usize,
    /// Bytes received so far.
    pub received: usize,
}

impl<T: Transport> Transport for Faulty<T> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        if self.left == 0 && self.fault == Fault::Reset {
            return Err(IoError::new(ErrorKind::ConnectionReset));
        }
        let len = bytes.len().min(self.piece);
        self.inner.send(&bytes[..len], deadline)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        if self.left == 0 {
            match self.fault {
                Fault::End => return Ok(0),
                Fault::Reset => return Err(IoError::new(ErrorKind::ConnectionReset)),
                Fault::Stall => return Err(IoError::new(ErrorKind::TimedOut)),
                Fault::Flip => self.left = usize::MAX,
            }
            let len = self.inner.receive(&mut buffer[..1], deadline)?;
            if len > 0 {
                buffer[0] ^= 1;
            }
            self.received += len;
            return Ok(len);
        }
        let most = buffer.len().min(self.left).min(self.piece);
        let len = self.inner.receive(&mut buffer[..most], deadline)?;
        self.left -= len;
        self.received += len;
        Ok(len)
    }
}

impl<T> Faulty<T> {
    pub const fn sound(inner: T, piece: usize) -> Self {
        Self { inner, left: usize::MAX, fault: Fault::End, piece, received: 0 }
    }
}

/// A transport whose peer closes the connection after this many sends. The next send fails, as on
/// Zephyr's own IP stack, after the peer's last bytes have arrived, which can still be received.
pub struct Closing {
    pub inner: Tcp,
    pub sends: Rc<Cell<usize>>,
}

impl Transport for Closing {
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, IoError> {
        let Some(sends) = self.sends.get().checked_sub(1) else {
            self.inner.wait();
            return Err(IoError { kind: ErrorKind::NotConnected, errno: 128 });
        };
        self.sends.set(sends);
        self.inner.send(bytes, deadline)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, IoError> {
        self.inner.receive(buffer, deadline)
    }
}

/// A transport that accepts only some bytes, and then none until the test allows more.
pub struct Choked<'a> {
    pub inner: Tcp,
    pub room: &'a Cell<usize>,
}

impl Transport for Choked<'_> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        let len = bytes.len().min(self.room.get());
        if len == 0 {
            return Err(IoError::new(ErrorKind::TimedOut));
        }
        self.room.set(self.room.get() - len);
        self.inner.send(&bytes[..len], deadline)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.inner.receive(buffer, deadline)
    }
}
