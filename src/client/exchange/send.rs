// SPDX-License-Identifier: Apache-2.0
//! Putting a request together and sending it.

use embedded_io::ErrorKind;

use crate::Error;
use crate::client::exchange::body::{Body, BodyKind};
use crate::client::exchange::early::{Early, EarlyResponse, STATUS_LEN};
use crate::client::exchange::receive::Receiver;
use crate::error::Phase;
use crate::proto::chunked::ChunkedWriter;
use crate::proto::multipart::Boundary;
use crate::proto::request_head::{RequestFraming, RequestHead};
use crate::proto::url::Url;
use crate::proto::write::Write;
use crate::transport::{Deadline, IoError, Transport};

/// How long a server is waited for that was asked whether it wants the body, in milliseconds.
const CONTINUE_MS: u64 = 1000;

/// A request that has been checked and measured, ready to be sent.
pub struct Prepared<'r> {
    framing: RequestFraming,
    body: Option<&'r dyn BodyKind>,
    boundary: &'r Boundary,
    json: &'r [u8],
    room: &'r mut [u8],
    /// Size of the buffer besides the room, for errors.
    reserved: usize,
}

/// What a request says before its body.
pub(super) struct Message<'m> {
    pub head: &'m RequestHead<'m>,
    pub url: &'m Url<'m>,
    /// How long each wait for the peer to take some of the body may be, where that is not until the deadline.
    pub read_timeout_ms: &'m Option<u64>,
    /// Writes the header lines that are neither the caller's nor in `head`.
    pub more: &'m dyn Fn(&mut dyn Write),
}

/// The code that a request needs for what not every request does. A program links what its requests set.
#[derive(Clone, Copy)]
pub struct SendHooks {
    /// [`send_chunked`], if the body is to be sent in chunks.
    pub chunked: Option<SendChunked>,
    /// [`await_continue`], if the server is asked whether it wants the body.
    pub await_continue: Option<AwaitContinue>,
    /// [`LISTEN`], if there is a body.
    pub listen: Option<&'static Listen>,
}

type SendChunked = fn(&Prepared<'_>, &mut dyn Write) -> Result<(), Error>;
type AwaitContinue = fn(&mut SendBuffer<'_>, u64, usize) -> Result<bool, Error>;

/// What sends a body and listens for an early response meanwhile.
pub struct Listen {
    send: fn(&mut SendBuffer<'_>, &[u8]) -> Result<usize, IoError>,
    finish: fn(&mut SendBuffer<'_>),
}

pub static LISTEN: Listen = Listen { send: send_and_listen, finish: finish_listening };

impl SendHooks {
    pub const NONE: Self = Self { chunked: None, await_continue: None, listen: None };
}

/// What became of sending a request.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// Why it could not be sent. Whether there is an answer all the same has to be seen.
    pub failure: Option<Error>,
    /// Whether any byte of it was taken.
    pub was_taken: bool,
    /// Whether all of it was.
    pub is_complete: bool,
    /// How many bytes of the answer have been received, to the start of the room, because it came early.
    pub received: usize,
}

/// Checks and measures the request, so that nothing is sent of one that is not valid; `head` learns what its
/// body is. JSON is written to the end of `work`; the rest of `work` is what the request will pass through.
/// `reserved` is the size of the buffer besides `work`, for errors.
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
    // There is nothing to be asked for where there is no content (RFC 9110 §10.1.1).
    head.expects_continue &= head.body.is_some() && prepared.framing != RequestFraming::Length(0);
    Ok(prepared)
}

impl Prepared<'_> {
    /// The room that the request will pass through.
    #[cfg(feature = "tls")]
    pub(super) fn room(&mut self) -> &mut [u8] {
        self.room
    }

    /// Sends head and body at `now`, in milliseconds, unless the server has answered before all of it was
    /// sent (RFC 9112 §9.5).
    ///
    /// # Errors
    /// What the source of the body says: the connection is useless then.
    pub(super) fn send(
        &mut self,
        message: &Message<'_>,
        hooks: &SendHooks,
        transport: &mut dyn Transport,
        deadline: Deadline<'_>,
        now: u64,
    ) -> Result<Sent, Error> {
        let room = core::mem::take(&mut self.room);
        let &Message { head, url, more, read_timeout_ms } = message;
        let mut out = SendBuffer {
            listen: hooks.listen,
            read_timeout_ms,
            hears: room.len() >= STATUS_LEN,
            room,
            len: 0,
            transport,
            deadline,
            sent: Sent::default(),
            early: EarlyResponse::default(),
        };
        head.write(url, self.framing, more, &mut out);
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

/// Whether the server wants the body: it says so, or nothing for a second from `now` on (RFC 9110 §10.1.1).
/// What it has begun to say by then is waited for. What it says besides stays at the start of the room.
pub fn await_continue(out: &mut SendBuffer<'_>, now: u64, reserved: usize) -> Result<bool, Error> {
    let continue_by = out.deadline.within(now, CONTINUE_MS);
    let mut receiver = Receiver::new(&mut *out.transport, continue_by, reserved, 0);
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
            // The connection ended: whoever receives the answer will say so.
            Err(Error::EmptyResponse | Error::TruncatedHead | Error::Receive(_)) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
}

/// Sends some of `bytes`, unless what was sent before has been answered meanwhile, or can be answered no
/// more. The caller's time-out for reads bounds each wait for the peer to take some.
fn send_and_listen(out: &mut SendBuffer<'_>, bytes: &[u8]) -> Result<usize, IoError> {
    let longest_wait = out.read_timeout_ms.and_then(|ms| u32::try_from(ms).ok()).unwrap_or(u32::MAX);
    let deadline = out.deadline.waiting_at_most(longest_wait);
    if !out.hears {
        return out.transport.send(bytes, deadline);
    }
    match out.transport.wait_ready(deadline) {
        Err(error) if error.kind == ErrorKind::Unsupported => return out.transport.send(bytes, deadline),
        result => result?,
    }
    // A peer that never pauses does not keep this from ending.
    let at_once = out.deadline.without_waiting();
    loop {
        match out.receive(at_once) {
            Ok(()) if out.early.state == Early::Final => return Ok(0),
            Ok(()) if out.early.state == Early::Success => {
                // It is answering while it reads, as filters do. The rest of what it says is received in its
                // time.
                out.hears = false;
                return out.transport.send(bytes, deadline);
            }
            Ok(()) => {}
            Err(error) if error.kind == ErrorKind::TimedOut => break,
            Err(error) => return Err(error),
        }
    }
    match out.transport.send(bytes, at_once) {
        Err(error) if error.kind == ErrorKind::TimedOut => Ok(0),
        result => result,
    }
}

/// Collects what is written, so that head and body leave in as few pieces as the room allows, and listens for
/// an early answer in between.
pub struct SendBuffer<'a> {
    room: &'a mut [u8],
    len: usize,
    transport: &'a mut dyn Transport,
    deadline: Deadline<'a>,
    /// Sends what is not the first piece.
    listen: Option<&'static Listen>,
    read_timeout_ms: &'a Option<u64>,
    /// Whether an early answer is listened for: there is room for one, and none has begun.
    hears: bool,
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

    /// Receives the next byte of an early answer. Where none can come any more, there is no use in sending
    /// either.
    fn receive(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        let mut byte = [0];
        match self.transport.receive(&mut byte, until)? {
            0 => return Err(IoError::new(ErrorKind::BrokenPipe)),
            _ => self.early.push(byte[0]),
        }
        Ok(())
    }
}

/// Keeps what has been heard of an early answer, and receives the rest of an interim head, which makes no
/// sense without its start.
fn finish_listening(out: &mut SendBuffer<'_>) {
    while out.early.is_interim() && out.sent.failure.is_none() {
        if let Err(error) = out.receive(out.deadline) {
            out.sent.failure = Some(Error::from_io(error, Phase::Receive, Error::Receive));
        }
    }
    let heard = out.early.received();
    if let Some(room) = out.room.get_mut(..heard.len()) {
        room.copy_from_slice(heard);
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
                room.copy_from_slice(bytes);
                self.len += bytes.len();
            }
            // More than the room holds goes out from where it is.
            None => self.send_all(bytes),
        }
    }

    fn is_broken(&self) -> bool {
        self.sent.failure.is_some() || self.early.state == Early::Final
    }
}
