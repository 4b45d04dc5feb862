// SPDX-License-Identifier: Apache-2.0
//! Putting a request together and sending it.

use embedded_io::ErrorKind;

use crate::Error;
use crate::client::exchange::early::{Early, EarlyResponse, STATUS_LEN};
use crate::client::exchange::receive::Receiver;
use crate::error::Phase;
use crate::proto::chunked::ChunkedWriter;
use crate::proto::form::Fields;
use crate::proto::json::ToJson;
use crate::proto::json::error::{JsonError, WriteError};
use crate::proto::multipart::{Boundary, Multipart};
use crate::proto::reader::ReaderBody;
use crate::proto::request_head::{BodyHead, ContentType, RequestFraming, RequestHead};
use crate::proto::url::Url;
use crate::proto::write::Write;
use crate::transport::{Deadline, IoError, Transport};

/// How long a server is waited for that was asked whether it wants the body, in milliseconds.
pub(super) const CONTINUE_MS: u64 = 1000;

/// What a request carries.
pub enum Body<'a> {
    None,
    Data(&'a [u8]),
    Json(&'a dyn ToJson),
    Form(Fields<'a>),
    Files(Multipart<'a, 'a>),
    Reader(ReaderBody<'a>),
}

impl Body<'_> {
    /// Whether it can be sent once more.
    pub fn is_replayable(&self) -> bool {
        match self {
            Self::Files(parts) => parts.is_replayable(),
            Self::Reader(reader) => reader.is_replayable(),
            _ => true,
        }
    }

    /// Whether it can be sent any number of times.
    pub fn is_repeatable(&self) -> bool {
        !matches!(self, Self::Reader(_)) && self.is_replayable()
    }
}

impl core::fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Data(_) => "Data(..)",
            Self::Json(_) => "Json(..)",
            Self::Form(_) => "Form(..)",
            Self::Files(_) => "Files(..)",
            Self::Reader(_) => "Reader(..)",
        })
    }
}

/// A request that has been checked and measured, ready to be sent.
pub(super) struct Prepared<'r, 'a> {
    framing: RequestFraming,
    body: PreparedBody<'r, 'a>,
    room: &'r mut [u8],
    /// Size of the buffer besides the room, for errors.
    reserved: usize,
}

/// What a request says before its body.
pub(super) struct Message<'m> {
    pub head: &'m RequestHead<'m>,
    pub url: &'m Url<'m>,
    /// Writes the header lines that are neither the caller's nor in `head`.
    pub more: &'m dyn Fn(&mut dyn Write),
}

/// A body that can be written.
pub enum PreparedBody<'r, 'a> {
    None,
    Bytes(&'r [u8]),
    Form(&'r Fields<'a>),
    Files(&'r Multipart<'a, 'a>, &'r Boundary),
    Reader(&'r ReaderBody<'a>),
}

/// The code that a request needs for what not every request does. A program links what its requests set.
#[derive(Clone, Copy)]
pub struct SendHooks {
    /// [`send_chunked`], if the body is to be sent in chunks.
    pub chunked: Option<SendChunked>,
    /// [`await_continue`], if the server is asked whether it wants the body.
    pub await_continue: Option<AwaitContinue>,
    /// [`send_and_listen`], if there is a body.
    pub listen: Option<SendAndListen>,
}

type SendChunked = fn(&PreparedBody<'_, '_>, &mut dyn Write) -> Result<(), Error>;
type AwaitContinue = for<'a> fn(&mut Receiver<'a>, &mut [u8], Deadline<'a>) -> Result<bool, Error>;
type SendAndListen = fn(&mut SendBuffer<'_>, &[u8]) -> Result<usize, IoError>;

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
pub(super) fn prepare<'r, 'a, 'h>(
    body: &'r Body<'a>,
    head: &mut RequestHead<'h>,
    boundary: &'h Boundary,
    work: &'r mut [u8],
    reserved: usize,
) -> Result<Prepared<'r, 'a>, Error>
where
    'h: 'r,
{
    let size = work.len();
    let mut room = work;
    let mut content_type = ContentType::None;
    let mut length = 0;
    let body = match body {
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
                    Error::BufferTooSmall { phase: Phase::Json, needed: length.saturating_add(reserved) }
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
    let reserved = reserved.saturating_add(size - room.len());
    Ok(Prepared { framing, body, room, reserved })
}

impl Prepared<'_, '_> {
    /// Sends head and body, unless the server has answered before all of it was sent (RFC 9112 §9.5).
    ///
    /// # Errors
    /// What the source of the body says: the connection is useless then.
    pub(super) fn send(
        &mut self,
        message: &Message<'_>,
        hooks: SendHooks,
        transport: &mut dyn Transport,
        deadline: Deadline<'_>,
        continue_by: Deadline<'_>,
    ) -> Result<Sent, Error> {
        let Self { framing, ref body, ref mut room, reserved } = *self;
        let &Message { head, url, more } = message;
        let mut out = SendBuffer {
            listen: hooks.listen.filter(|_| room.len() >= STATUS_LEN),
            room,
            len: 0,
            transport,
            deadline,
            sent: Sent::default(),
            early: EarlyResponse::default(),
        };
        head.write(url, framing, more, &mut out);
        if let (true, Some(await_continue)) = (head.expects_continue, hooks.await_continue) {
            out.flush();
            let mut receiver = Receiver::new(&mut *out.transport, continue_by, reserved, 0);
            let wants_body = await_continue(&mut receiver, out.room, deadline);
            out.sent.received = receiver.filled;
            if !wants_body? || out.is_broken() {
                return Ok(out.sent);
            }
        }
        match hooks.chunked {
            Some(send_chunked) if framing == RequestFraming::Chunked => send_chunked(body, &mut out),
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
pub fn send_chunked(body: &PreparedBody<'_, '_>, out: &mut dyn Write) -> Result<(), Error> {
    let mut chunks = ChunkedWriter::new(out);
    body.write(&mut chunks)?;
    chunks.finish();
    Ok(())
}

/// Whether the server wants the body: it says so, or nothing (RFC 9110 §10.1.1). What else it says stays at
/// the start of `room`. What it has begun to say by the receiver's deadline is waited for until `deadline`.
pub fn await_continue<'a>(
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
/// more.
pub fn send_and_listen(out: &mut SendBuffer<'_>, bytes: &[u8]) -> Result<usize, IoError> {
    match out.transport.wait_ready(out.deadline) {
        Err(error) if error.kind == ErrorKind::Unsupported => return out.transport.send(bytes, out.deadline),
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

/// Collects what is written, so that head and body leave in as few pieces as the room allows, and listens for
/// an early answer in between.
pub struct SendBuffer<'a> {
    room: &'a mut [u8],
    len: usize,
    transport: &'a mut dyn Transport,
    deadline: Deadline<'a>,
    /// Sends what is not the first piece, where there is room for an early answer.
    listen: Option<SendAndListen>,
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
        if let (true, Some(send_and_listen)) = (self.sent.was_taken, self.listen) {
            return send_and_listen(self, bytes);
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

    fn finish(mut self) -> Sent {
        self.sent.is_complete = !self.is_broken();
        // The rest of an interim head makes no sense without its start, which was dropped.
        while self.early.is_interim() && self.sent.failure.is_none() {
            if let Err(error) = self.receive(self.deadline) {
                self.sent.failure = Some(Error::from_io(error, Phase::Receive, Error::Receive));
            }
        }
        let heard = self.early.received();
        if let Some(room) = self.room.get_mut(..heard.len()) {
            room.copy_from_slice(heard);
            self.sent.received = heard.len();
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
        self.sent.failure.is_some() || self.early.state == Early::Final
    }
}
