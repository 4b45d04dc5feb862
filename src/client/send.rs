// SPDX-License-Identifier: Apache-2.0
//! Putting a request together and sending it.

use crate::Error;
use crate::client::request::{Body, Request};
use crate::error::Phase;
use crate::proto::auth::Auth;
use crate::proto::chunked::ChunkedWriter;
use crate::proto::form::Fields;
use crate::proto::json::JsonError;
use crate::proto::multipart::{BOUNDARY_RANDOM, Boundary, Multipart};
use crate::proto::reader::BodyReader;
use crate::proto::request_head::{BodyHead, ContentType, RequestFraming, RequestHead};
use crate::proto::url::Url;
use crate::proto::write::{SliceWriter, Write, copy};
use crate::transport::{Deadline, Transport};

/// What stays the same, or changes for good, over the redirects of a request.
pub(super) struct Hop<'a> {
    pub method: &'a str,
    pub auth: Auth<'a>,
    pub boundary: Option<Boundary>,
    pub cross_origin: bool,
    pub body_dropped: bool,
}

/// A request that has been checked and measured, ready to be sent.
pub(super) struct Prepared<'r, 'a> {
    head: RequestHead<'r>,
    framing: RequestFraming,
    body: PreparedBody<'r, 'a>,
    chunked: Option<SendChunked>,
    room: &'r mut [u8],
}

/// A body whose length is known.
pub(super) enum PreparedBody<'r, 'a> {
    None,
    Bytes(&'r [u8]),
    Form(Fields<'r>),
    Files(Multipart<'r, 'a>, Boundary),
}

/// Sends a body in chunks: [`send_chunked`], which only programs that ask for it link.
pub(super) type SendChunked = fn(&PreparedBody<'_, '_>, &mut dyn Write) -> Result<(), Error>;

/// Checks and measures the request, so that nothing is sent of one that is not valid. JSON is written to the end of
/// `work`; the rest of `work` is what the request will pass through. `outside` is the size of the buffer besides
/// `work`, for errors.
pub(super) fn prepare<'r, 'a>(
    request: &'r Request<'a>,
    hop: &Hop<'r>,
    url: &'r Url<'r>,
    work: &'r mut [u8],
    outside: usize,
) -> Result<Prepared<'r, 'a>, Error> {
    let mut room = work;
    let (body, content_type, length) = match &request.body {
        _ if hop.body_dropped => (PreparedBody::None, ContentType::None, None),
        Body::None => (PreparedBody::None, ContentType::None, None),
        Body::Data(data) => (PreparedBody::Bytes(data), ContentType::None, Some(data.len() as u64)),
        Body::Json(value) => {
            let capacity = room.len();
            let mut out = SliceWriter::new(room);
            value.to_json(&mut out).map_err(|_| Error::Json(JsonError::Unsupported))?;
            let length = match out.finish() {
                Ok(text) => text.len(),
                Err(needed) => {
                    let needed = needed.saturating_add(outside);
                    return Err(Error::BufferTooSmall { phase: Phase::Json, needed });
                }
            };
            room.copy_within(..length, capacity - length);
            let (rest, json) = room.split_at_mut(capacity - length);
            room = rest;
            (PreparedBody::Bytes(json), ContentType::Json, Some(length as u64))
        }
        Body::Form(fields) => (PreparedBody::Form(*fields), ContentType::Form, Some(fields.content_length())),
        Body::Files(parts) => {
            parts.check()?;
            // There is a boundary wherever there are files.
            let boundary = hop.boundary.unwrap_or(parts.boundary([0; BOUNDARY_RANDOM]));
            let length = parts.content_length(&boundary);
            (PreparedBody::Files(*parts, boundary), ContentType::Multipart(boundary), Some(length))
        }
    };
    let head = RequestHead {
        method: hop.method,
        url,
        headers: &request.headers,
        auth: hop.auth,
        body: length.map(|length| BodyHead { content_type, length }),
        chunked: request.chunked.is_some(),
        cross_origin: hop.cross_origin,
        body_dropped: hop.body_dropped,
    };
    let framing = head.framing()?;
    Ok(Prepared { head, framing, body, chunked: request.chunked, room })
}

impl Prepared<'_, '_> {
    /// Sends head and body.
    pub(super) fn send(self, transport: &mut dyn Transport, deadline: Deadline) -> Result<(), Error> {
        let Self { head, framing, body, chunked, room } = self;
        let mut out = SendBuffer { room, len: 0, transport, deadline, failure: None };
        head.write(framing, &mut out);
        match chunked {
            Some(send_chunked) if framing == RequestFraming::Chunked => send_chunked(&body, &mut out),
            _ => body.write(&mut out),
        }?;
        out.flush();
        out.failure.map_or(Ok(()), Err)
    }
}

impl PreparedBody<'_, '_> {
    fn write(&self, out: &mut dyn Write) -> Result<(), Error> {
        match self {
            Self::None => {}
            Self::Bytes(bytes) => out.write(bytes),
            Self::Form(fields) => fields.write(out),
            Self::Files(parts, boundary) => return parts.write(out, boundary),
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

/// Collects what is written, so that head and body leave in as few pieces as the room allows.
struct SendBuffer<'a> {
    room: &'a mut [u8],
    len: usize,
    transport: &'a mut dyn Transport,
    deadline: Deadline,
    /// Why the connection takes no more.
    failure: Option<Error>,
}

impl SendBuffer<'_> {
    fn flush(&mut self) {
        let room = core::mem::take(&mut self.room);
        self.send_all(room.get(..self.len).unwrap_or_default());
        self.room = room;
        self.len = 0;
    }

    fn send_all(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.failure.is_none() {
            match self.transport.send(bytes, self.deadline) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) => self.failure = Some(Error::from_io(error, Phase::Send, Error::Send)),
            }
        }
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

    fn write_from(&mut self, reader: &mut dyn BodyReader, len: u64) -> u64 {
        if self.room.is_empty() {
            return copy(reader, self, len);
        }
        let mut missing = len;
        while missing > 0 && self.failure.is_none() {
            if self.len == self.room.len() {
                self.flush();
            }
            let free = self.room.get_mut(self.len..).unwrap_or_default();
            let size = usize::try_from(missing).map_or(free.len(), |len| len.min(free.len()));
            let Ok(count @ 1..) = reader.read_body(free.get_mut(..size).unwrap_or_default()) else {
                return missing;
            };
            let count = count.min(size);
            self.len += count;
            missing -= count as u64;
        }
        // What a broken connection does not take is not the reader's fault.
        0
    }
}
