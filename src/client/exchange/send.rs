// SPDX-License-Identifier: Apache-2.0
//! Assembling a request and sending it.

use embedded_io::ErrorKind;

use crate::Error;
use crate::client::exchange::body::{Body, BodyKind};
use crate::client::exchange::early::{Early, EarlyResponse, STATUS_LEN};
use crate::client::exchange::receive::Receiver;
use crate::error::Phase;
use crate::proto::bytes::copy;
use crate::proto::chunked::ChunkedWriter;
use crate::proto::multipart::Boundary;
use crate::proto::request_head::{RequestFraming, RequestHead};
use crate::proto::url::Url;
use crate::proto::write::Write;
use crate::transport::{Deadline, IoError, Transport};

/// How long to wait for `100 Continue`, in milliseconds.
const CONTINUE_MS: u64 = 1000;

/// A request that has been checked and whose length is known, ready to be sent.
pub struct Prepared<'r> {
    framing: RequestFraming,
    body: Option<&'r dyn BodyKind>,
    boundary: &'r Boundary,
    json: &'r [u8],
    room: &'r mut [u8],
    /// Size in bytes of the buffer besides `room`, for errors.
    reserved: usize,
}

/// The part of a request before its body.
pub(super) struct Message<'m> {
    pub head: &'m RequestHead<'m>,
    pub url: &'m Url<'m>,
    /// The longest wait, in milliseconds, for the peer to take more of the body. Without it, the
    /// deadline alone counts.
    pub read_timeout_ms: &'m Option<u64>,
    /// Writes further header lines: cookies, and the answer to a challenge.
    pub extra_lines: &'m dyn Fn(&mut dyn Write),
}

/// Pointers to code that not every request needs. A program links only what its requests set.
#[derive(Clone, Copy)]
pub struct SendHooks {
    /// [`send_chunked`], if the body is sent in chunks.
    pub chunked: Option<SendChunked>,
    /// [`await_continue`], if the request sends `Expect: 100-continue`.
    pub await_continue: Option<AwaitContinue>,
    /// [`LISTEN`], if there is a body.
    pub listen: Option<&'static Listen>,
}

type SendChunked = fn(&Prepared<'_>, &mut dyn Write) -> Result<(), Error>;
type AwaitContinue = fn(&mut SendBuffer<'_>, u64, usize) -> Result<bool, Error>;

/// The number of pieces that are sent before the client listens again for an early response. On an
/// operating system, listening takes two system calls. On Zephyr it takes two function calls, so
/// the client listens after each piece.
const PIECES: u8 = if cfg!(feature = "std") { 20 } else { 0 };

/// The code that sends a body and listens for an early response meanwhile.
pub struct Listen {
    send: fn(&mut SendBuffer<'_>, &[u8]) -> Result<usize, IoError>,
    finish: fn(&mut SendBuffer<'_>),
}

pub static LISTEN: Listen = Listen { send: send_and_listen, finish: finish_listening };

impl SendHooks {
    pub const NONE: Self = Self { chunked: None, await_continue: None, listen: None };
}

/// The outcome of sending a request.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// Why the request could not be sent. The server may have answered all the same.
    pub failure: Option<Error>,
    /// Whether any byte of the request was sent.
    pub was_taken: bool,
    /// Whether all of it was sent.
    pub is_complete: bool,
    /// The number of bytes of an early response that are at the start of the room.
    pub received: usize,
}

/// Checks the request and computes its length, so that nothing of an invalid request is sent.
/// Stores in `head` what the body is. JSON is written to the end of `work`; the request passes
/// through the rest of `work`. `reserved` is the size in bytes of the buffer besides `work`, for
/// errors.
pub(super) fn prepare<'r, 'h>(
    body: &'r Body<'_>,
    head: &mut RequestHead<'h>,
    boundary: &'h Boundary,
    work: &'r mut [u8],
    reserved: usize,
) -> Result<Prepared<'r>, Error>
where
    'h: 'r,
{
    let size = work.len();
    let mut prepared = Prepared {
        framing: RequestFraming::None,
        body: body.kind().filter(|_| !head.body_dropped),
        boundary,
        json: b"",
        room: work,
        reserved,
    };
    head.body = None;
    if let Some(kind) = prepared.body {
        let body = kind.prepare(boundary, prepared.room, reserved)?;
        head.body = Some(body.head);
        prepared.json = body.json;
        prepared.room = body.room;
        prepared.reserved = reserved.saturating_add(size - prepared.room.len());
    }
    prepared.framing = head.framing()?;
    // A request without content must not send `Expect: 100-continue` (RFC 9110 §10.1.1).
    head.expects_continue &= head.body.is_some() && prepared.framing != RequestFraming::Length(0);
    Ok(prepared)
}

impl Prepared<'_> {
    /// The room through which the request will pass.
    #[cfg(feature = "tls")]
    pub(super) fn room(&mut self) -> &mut [u8] {
        self.room
    }

    /// Sends head and body. Stops if the server answers before all of it is sent (RFC 9112 §9.5).
    /// `now` is the time in milliseconds.
    ///
    /// # Errors
    /// The error of the body's source. The connection cannot be used any more then.
    pub(super) fn send(
        &mut self,
        message: &Message<'_>,
        hooks: &SendHooks,
        transport: &mut dyn Transport,
        deadline: Deadline<'_>,
        now: u64,
    ) -> Result<Sent, Error> {
        let room = core::mem::take(&mut self.room);
        let &Message { head, url, extra_lines, read_timeout_ms } = message;
        let mut out = SendBuffer {
            listen: hooks.listen,
            read_timeout_ms,
            listens: room.len() >= STATUS_LEN,
            pieces: 0,
            room,
            len: 0,
            transport,
            deadline,
            sent: Sent::default(),
            early: EarlyResponse::default(),
        };
        head.write(url, self.framing, extra_lines, &mut out);
        if let (true, Some(await_continue)) = (head.expects_continue, hooks.await_continue) {
            out.flush();
            if !await_continue(&mut out, now, self.reserved)? || out.is_broken() {
                return Ok(out.sent);
            }
        }
        match hooks.chunked {
            Some(send_chunked) if self.framing == RequestFraming::Chunked => send_chunked(self, &mut out),
            _ => self.write_body(&mut out),
        }?;
        out.flush();
        out.sent.is_complete = !out.is_broken();
        if let Some(listen) = hooks.listen {
            (listen.finish)(&mut out);
        }
        Ok(out.sent)
    }

    fn write_body(&self, out: &mut dyn Write) -> Result<(), Error> {
        self.body.map_or(Ok(()), |body| body.write(self.json, self.boundary, out))
    }
}

/// Sends the body in chunks.
pub fn send_chunked(prepared: &Prepared<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let mut chunks = ChunkedWriter::new(out);
    prepared.write_body(&mut chunks)?;
    chunks.finish();
    Ok(())
}

/// Waits for the server's decision on the body, and returns whether to send it: yes after `100
/// Continue`, or if the server says nothing for a second from `now` on (RFC 9110 §10.1.1). If a
/// response has begun by then, waits for the rest of it. Any other response stays at the start of
/// the room.
pub fn await_continue(out: &mut SendBuffer<'_>, now: u64, reserved: usize) -> Result<bool, Error> {
    // The response may have begun before the head was sent to its end.
    finish_listening(out);
    if out.is_broken() {
        return Ok(false);
    }
    let received = out.sent.received;
    out.early = EarlyResponse::default();
    let continue_by = out.deadline.within(now, CONTINUE_MS);
    let mut receiver = Receiver::new(&mut *out.transport, continue_by, reserved, received);
    // The content of another response may have to be decompressed.
    #[cfg(feature = "gzip")]
    {
        receiver.leaves_room = true;
    }
    let wants_body = receive_continue(&mut receiver, out.room, out.deadline);
    out.sent.received = receiver.filled;
    wants_body
}

fn receive_continue<'a>(
    receiver: &mut Receiver<'a>,
    room: &mut [u8],
    deadline: Deadline<'a>,
) -> Result<bool, Error> {
    let mut is_waiting = true;
    let mut is_wanted = false;
    loop {
        if is_wanted && receiver.filled == 0 {
            return Ok(true);
        }
        match receiver.receive_any_head(room) {
            Ok(head) if head.is_interim() => {
                receiver.discard(room, head.end);
                is_wanted |= head.status_code == 100;
            }
            Ok(_) => return Ok(false),
            Err(Error::Timeout { .. }) if is_waiting => {
                if receiver.filled == 0 {
                    return Ok(true);
                }
                is_waiting = false;
                receiver.deadline = deadline;
            }
            // The connection ended. Receiving the response will report that.
            Err(Error::EmptyResponse | Error::TruncatedHead | Error::Receive(_)) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
}

/// Sends some of `bytes`, unless an early response has arrived or the connection has ended. The
/// caller's read time-out limits each wait for the peer.
fn send_and_listen(out: &mut SendBuffer<'_>, bytes: &[u8]) -> Result<usize, IoError> {
    let longest_wait = out.read_timeout_ms.and_then(|ms| u32::try_from(ms).ok()).unwrap_or(u32::MAX);
    let deadline = out.deadline.waiting_at_most(longest_wait);
    // A peer that sends without a pause must not prolong this beyond the deadline.
    let at_once = out.deadline.without_waiting();
    if !out.listens {
        return out.transport.send(bytes, deadline);
    }
    if out.pieces > 0 {
        out.pieces -= 1;
        match out.transport.send(bytes, at_once) {
            Err(error) if error.kind == ErrorKind::TimedOut => {}
            result => return result,
        }
    }
    match out.transport.wait_ready(deadline) {
        Err(error) if error.kind == ErrorKind::Unsupported => return out.transport.send(bytes, deadline),
        result => result?,
    }
    hear(out, at_once)?;
    if out.early.state == Early::Final {
        return Ok(0);
    }
    out.pieces = PIECES;
    match out.transport.send(bytes, at_once) {
        Err(error) if error.kind == ErrorKind::TimedOut => {
            out.pieces = 0;
            Ok(0)
        }
        result => result,
    }
}

/// Receives the part of an early response that has arrived.
fn hear(out: &mut SendBuffer<'_>, at_once: Deadline<'_>) -> Result<(), IoError> {
    loop {
        match out.receive(at_once) {
            Ok(()) if out.early.state == Early::Final => return Ok(()),
            Ok(()) if out.early.state == Early::Success => {
                // The server answers while it reads, as filters do. The rest of its response is
                // received after the body is sent.
                out.listens = false;
                return Ok(());
            }
            Ok(()) => {}
            Err(error) if error.kind == ErrorKind::TimedOut => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// Collects what is written, so that head and body are sent in as few pieces as the room allows.
/// Listens for an early response in between.
pub struct SendBuffer<'a> {
    room: &'a mut [u8],
    len: usize,
    transport: &'a mut dyn Transport,
    deadline: Deadline<'a>,
    /// Sends every piece but the first.
    listen: Option<&'static Listen>,
    read_timeout_ms: &'a Option<u64>,
    /// Whether to listen for an early response: there is room for its start, and none with status
    /// 2xx has begun.
    listens: bool,
    /// The number of pieces to send before the client listens again.
    pieces: u8,
    sent: Sent,
    early: EarlyResponse,
}

impl SendBuffer<'_> {
    fn flush(&mut self) {
        let room = core::mem::take(&mut self.room);
        self.send_all(room.get(..self.len).unwrap_or_default());
        self.room = room;
        self.len = 0;
    }

    fn send_all(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.is_broken() {
            match self.send_some(bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) => self.sent.failure = Some(Error::from_io(error, Phase::Send, Error::Send)),
            }
        }
    }

    fn send_some(&mut self, bytes: &[u8]) -> Result<usize, IoError> {
        if let (true, Some(listen)) = (self.sent.was_taken, self.listen) {
            return (listen.send)(self, bytes);
        }
        let count = self.transport.send(bytes, self.deadline)?;
        self.sent.was_taken = true;
        Ok(count)
    }

    /// Receives the next byte of an early response. Fails if the connection has ended: sending is
    /// of no use then.
    fn receive(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        let mut byte = [0];
        match self.transport.receive(&mut byte, until)? {
            0 => return Err(IoError::new(ErrorKind::BrokenPipe)),
            _ => self.early.push(byte[0]),
        }
        Ok(())
    }
}

/// Copies the start of an early response to the room. An interim response is received to its end
/// first, because its rest makes no sense without its start.
fn finish_listening(out: &mut SendBuffer<'_>) {
    while out.early.is_interim() && out.sent.failure.is_none() {
        if let Err(error) = out.receive(out.deadline) {
            out.sent.failure = Some(Error::from_io(error, Phase::Receive, Error::Receive));
        }
    }
    let heard = out.early.received();
    if let Some(room) = out.room.get_mut(..heard.len()) {
        copy(room, heard);
        out.sent.received = heard.len();
    }
}

impl Write for SendBuffer<'_> {
    fn write(&mut self, bytes: &[u8]) {
        if bytes.len() > self.room.len() - self.len {
            self.flush();
        }
        match self.room.get_mut(self.len..self.len + bytes.len()) {
            Some(room) => {
                copy(room, bytes);
                self.len += bytes.len();
            }
            // What does not fit in the room is sent without a copy.
            None => self.send_all(bytes),
        }
    }

    fn room(&mut self) -> &mut [u8] {
        // A full piece later is better than a small one now.
        if self.len > self.room.len() / 2 {
            self.flush();
        }
        self.room.get_mut(self.len..).unwrap_or_default()
    }

    fn advance(&mut self, count: usize) {
        self.len = self.room.len().min(self.len + count);
    }

    fn is_broken(&self) -> bool {
        self.sent.failure.is_some() || self.early.state == Early::Final
    }
}
