// SPDX-License-Identifier: Apache-2.0
//! Putting a request together and sending it.

use embedded_io::ErrorKind;

use crate::Error;
use crate::client::receive::Receiver;
use crate::client::request::{Body, Parts};
use crate::error::Phase;
use crate::proto::chunked::ChunkedWriter;
use crate::proto::form::Fields;
use crate::proto::json::error::{JsonError, WriteError};
use crate::proto::multipart::{Boundary, Multipart};
use crate::proto::reader::ReaderBody;
use crate::proto::request_head::{BodyHead, ContentType, RequestFraming, RequestHead};
use crate::proto::url::Url;
use crate::proto::write::Write;
use crate::transport::{Deadline, IoError, Transport};

/// How long a server is waited for that was asked whether it wants the body, in milliseconds.
pub(super) const CONTINUE_MS: u64 = 1000;

/// A request that has been checked and measured, ready to be sent.
pub(super) struct Prepared<'r, 'a> {
    framing: RequestFraming,
    body: PreparedBody<'r, 'a>,
    room: &'r mut [u8],
    /// Size of the buffer besides the room, for errors.
    outside: usize,
}

/// What a request says before its body.
pub(super) struct Message<'m, 'a> {
    pub request: &'m Parts<'a>,
    pub head: &'m RequestHead<'m>,
    pub url: &'m Url<'m>,
    /// Writes the header lines that are neither the caller's nor in `head`.
    pub more: &'m dyn Fn(&mut dyn Write),
}

/// A body that can be written.
pub(super) enum PreparedBody<'r, 'a> {
    None,
    Bytes(&'r [u8]),
    Form(&'r Fields<'a>),
    Files(&'r Multipart<'a, 'a>, &'r Boundary),
    Reader(&'r ReaderBody<'a>),
}

/// Sends a body in chunks: [`send_chunked`], which only programs that ask for it link.
pub(super) type SendChunked = fn(&PreparedBody<'_, '_>, &mut dyn Write) -> Result<(), Error>;

/// Waits until the server wants the body: [`await_continue`], which only programs that ask for it link.
pub(super) type AwaitContinue = for<'a> fn(&mut Receiver<'a>, &mut [u8], Deadline<'a>) -> Result<bool, Error>;

/// Sends while it listens for an early answer: [`send_and_listen`], which only programs that send bodies link.
pub(super) type SendAndListen = fn(&mut SendBuffer<'_>, &[u8]) -> Result<usize, IoError>;

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

/// Checks and measures the request, so that nothing is sent of one that is not valid; `head` learns what its body
/// is. JSON is written to the end of `work`; the rest of `work` is what the request will pass through. `outside` is
/// the size of the buffer besides `work`, for errors.
pub(super) fn prepare<'r, 'a, 'h>(
    request: &'r Parts<'a>,
    head: &mut RequestHead<'h>,
    boundary: &'h Boundary,
    work: &'r mut [u8],
    outside: usize,
) -> Result<Prepared<'r, 'a>, Error>
where
    'h: 'r,
{
    let size = work.len();
    let mut room = work;
    let mut content_type = ContentType::None;
    let mut length = 0;
    let body = match &request.body {
        _ if head.body_dropped => PreparedBody::None,
        Body::None => PreparedBody::None,
        Body::Data(data) => {
            length = data.len() as u64;
            PreparedBody::Bytes(data)
        }
        Body::Json(value) => {
            let (rest, json) = value.to_json_at_end(room).map_err(|error| match error {
                WriteError::Unsupported => Error::Json(JsonError::Unsupported),
                WriteError::TooLong(length) => {
                    Error::BufferTooSmall { phase: Phase::Json, needed: length.saturating_add(outside) }
                }
            })?;
            room = rest;
            content_type = ContentType::Json;
            length = json.len() as u64;
            PreparedBody::Bytes(json)
        }
        Body::Form(fields) => {
            content_type = ContentType::Form;
            length = fields.content_length();
            PreparedBody::Form(fields)
        }
        Body::Files(parts) => {
            parts.check()?;
            content_type = ContentType::Multipart(boundary);
            length = parts.content_length(boundary);
            PreparedBody::Files(parts, boundary)
        }
        // Without a length it is sent in chunks.
        Body::Reader(reader) => {
            length = reader.len().unwrap_or_default();
            PreparedBody::Reader(reader)
        }
    };
    head.body = match body {
        PreparedBody::None => None,
        _ => Some(BodyHead { content_type, length }),
    };
    let framing = head.framing()?;
    // There is nothing to be asked for where there is no content (RFC 9110 §10.1.1).
    head.expects_continue &= head.body.is_some() && framing != RequestFraming::Length(0);
    let outside = outside.saturating_add(size - room.len());
    Ok(Prepared { framing, body, room, outside })
}

impl Prepared<'_, '_> {
    /// Sends head and body, unless the server has answered before all of it was sent (RFC 9112 §9.5).
    ///
    /// # Errors
    /// What the source of the body says: the connection is useless then.
    pub(super) fn send(
        self,
        message: &Message<'_, '_>,
        transport: &mut dyn Transport,
        deadline: Deadline<'_>,
        continue_by: Deadline<'_>,
    ) -> Result<Sent, Error> {
        let Self { framing, body, room, outside } = self;
        let &Message { request, head, url, more } = message;
        let mut out = SendBuffer {
            listen: request.send_and_listen.filter(|_| room.len() >= STATUS_LEN),
            room,
            len: 0,
            transport,
            deadline,
            sent: Sent::default(),
            early: EarlyAnswer::default(),
        };
        head.write(url, framing, more, &mut out);
        if let (true, Some(await_continue)) = (head.expects_continue, request.await_continue) {
            out.flush();
            let mut receiver = Receiver::new(&mut *out.transport, continue_by, outside, 0);
            let wants_body = await_continue(&mut receiver, out.room, deadline);
            out.sent.received = receiver.filled;
            if !wants_body? || out.is_broken() {
                return Ok(out.sent);
            }
        }
        match request.chunked {
            Some(send_chunked) if framing == RequestFraming::Chunked => send_chunked(&body, &mut out),
            _ => body.write(&mut out),
        }?;
        out.flush();
        Ok(out.finish())
    }
}

impl PreparedBody<'_, '_> {
    fn write(&self, out: &mut dyn Write) -> Result<(), Error> {
        match self {
            Self::None => {}
            Self::Bytes(bytes) => out.write(bytes),
            Self::Form(fields) => fields.write(out),
            Self::Files(parts, boundary) => parts.write(out, boundary)?,
            Self::Reader(reader) => reader.write(out)?,
        }
        Ok(())
    }
}

/// Sends `body` in chunks.
pub(super) fn send_chunked(body: &PreparedBody<'_, '_>, out: &mut dyn Write) -> Result<(), Error> {
    let mut chunks = ChunkedWriter::new(out);
    body.write(&mut chunks)?;
    chunks.finish();
    Ok(())
}

/// Whether the server wants the body: it says so, or nothing (RFC 9110 §10.1.1). What else it says stays at the start
/// of `room`. What it has begun to say by the receiver's deadline is waited for until `deadline`.
pub(super) fn await_continue<'a>(
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

/// Sends some of `bytes`, unless what was sent before has been answered meanwhile, or can be answered no more.
pub(super) fn send_and_listen(out: &mut SendBuffer<'_>, bytes: &[u8]) -> Result<usize, IoError> {
    match out.transport.wait_ready(out.deadline) {
        Err(error) if error.kind == ErrorKind::Unsupported => return out.transport.send(bytes, out.deadline),
        result => result?,
    }
    // A peer that never pauses does not keep this from ending.
    let at_once = out.deadline.without_waiting();
    loop {
        match out.receive(at_once) {
            Ok(()) if out.early.is_final => return Ok(0),
            Ok(()) if out.early.is_success => {
                // It is answering while it reads, as filters do. The rest of what it says is received in its time.
                out.listen = None;
                return out.transport.send(bytes, out.deadline);
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

/// Collects what is written, so that head and body leave in as few pieces as the room allows, and listens for an
/// early answer in between.
pub(super) struct SendBuffer<'a> {
    room: &'a mut [u8],
    len: usize,
    transport: &'a mut dyn Transport,
    deadline: Deadline<'a>,
    /// Sends what is not the first piece, where there is room for an early answer.
    listen: Option<SendAndListen>,
    sent: Sent,
    early: EarlyAnswer,
}

/// How much of a head tells its status: `HTTP/1.1 413`, and that the code ends there.
const STATUS_LEN: usize = 13;

/// What has come of an answer while the request is being sent. Interim responses (RFC 9110 §15.2), such as a late
/// `100 Continue`, are dropped: the request goes on. What is no HTTP is an answer too: whoever receives it will say so.
#[derive(Default)]
struct EarlyAnswer {
    start: [u8; STATUS_LEN],
    len: usize,
    is_interim: bool,
    /// Whether the status is one of success: the server goes on reading.
    is_success: bool,
    /// In an interim head: whether nothing has come of this line.
    line_is_empty: bool,
    is_final: bool,
}

impl EarlyAnswer {
    fn push(&mut self, byte: u8) {
        if self.is_interim {
            match byte {
                b'\n' if self.line_is_empty => *self = Self::default(),
                b'\n' => self.line_is_empty = true,
                b'\r' => {}
                _ => self.line_is_empty = false,
            }
        } else if let Some(place) = self.start.get_mut(self.len) {
            *place = byte;
            self.is_final = !is_status_line_byte(self.len, byte);
            self.len += 1;
            if self.len == STATUS_LEN && !self.is_final {
                let [.., code, tens, ones, _] = self.start;
                self.is_interim = code == b'1' && (tens, ones) != (b'0', b'1');
                self.is_success = code == b'2';
                self.is_final = !self.is_interim && !self.is_success;
                self.line_is_empty = byte == b'\n';
            }
        }
    }
}

/// Whether `byte` may stand at `index` in the first [`STATUS_LEN`] bytes of a response (RFC 9112 §4).
fn is_status_line_byte(index: usize, byte: u8) -> bool {
    const START: &[u8] = b"HTTP/1.";
    match index {
        7 | 9..=11 => byte.is_ascii_digit(),
        8 => byte == b' ',
        12 => matches!(byte, b' ' | b'\t' | b'\r' | b'\n'),
        _ => START.get(index) == Some(&byte),
    }
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
        if let (true, Some(send_and_listen)) = (self.sent.was_taken, self.listen) {
            return send_and_listen(self, bytes);
        }
        let count = self.transport.send(bytes, self.deadline)?;
        self.sent.was_taken = true;
        Ok(count)
    }

    /// Receives the next byte of an early answer. Where none can come any more, there is no use in sending either.
    fn receive(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        let mut byte = [0];
        match self.transport.receive(&mut byte, until)? {
            0 => return Err(IoError::new(ErrorKind::BrokenPipe)),
            _ => self.early.push(byte[0]),
        }
        Ok(())
    }

    fn finish(mut self) -> Sent {
        self.sent.is_complete = !self.is_broken();
        // What was dropped of an interim head, nobody else can make sense of the rest of.
        while self.early.is_interim && self.sent.failure.is_none() {
            if let Err(error) = self.receive(self.deadline) {
                self.sent.failure = Some(Error::from_io(error, Phase::Receive, Error::Receive));
            }
        }
        let EarlyAnswer { start, len, .. } = self.early;
        if let (Some(room), Some(heard)) = (self.room.get_mut(..len), start.get(..len)) {
            room.copy_from_slice(heard);
            self.sent.received = len;
        }
        self.sent
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
        self.sent.failure.is_some() || self.early.is_final
    }
}
