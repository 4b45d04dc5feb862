// SPDX-License-Identifier: Apache-2.0
//! Putting a request together and sending it.

use crate::Error;
use crate::client::request::{Body, Request};
use crate::error::Phase;
use crate::proto::chunked::ChunkedWriter;
use crate::proto::form::Fields;
use crate::proto::json::{JsonError, WriteError};
use crate::proto::multipart::{Boundary, Multipart};
use crate::proto::request_head::{BodyHead, ContentType, RequestFraming, RequestHead};
use crate::proto::url::Url;
use crate::proto::write::Write;
use crate::transport::{Deadline, Transport};

/// A request that has been checked and measured, ready to be sent.
pub(super) struct Prepared<'r, 'a> {
    framing: RequestFraming,
    body: PreparedBody<'r, 'a>,
    room: &'r mut [u8],
}

/// A body whose length is known.
pub(super) enum PreparedBody<'r, 'a> {
    None,
    Bytes(&'r [u8]),
    Form(&'r Fields<'a>),
    Files(&'r Multipart<'a, 'a>, &'r Boundary),
}

/// Sends a body in chunks: [`send_chunked`], which only programs that ask for it link.
pub(super) type SendChunked = fn(&PreparedBody<'_, '_>, &mut dyn Write) -> Result<(), Error>;

/// Checks and measures the request, so that nothing is sent of one that is not valid; `head` learns what its body
/// is. JSON is written to the end of `work`; the rest of `work` is what the request will pass through. `outside` is
/// the size of the buffer besides `work`, for errors.
pub(super) fn prepare<'r, 'a, 'h>(
    request: &'r Request<'a>,
    head: &mut RequestHead<'h>,
    boundary: &'h Boundary,
    work: &'r mut [u8],
    outside: usize,
) -> Result<Prepared<'r, 'a>, Error>
where
    'h: 'r,
{
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
    };
    head.body = match body {
        PreparedBody::None => None,
        _ => Some(BodyHead { content_type, length }),
    };
    Ok(Prepared { framing: head.framing()?, body, room })
}

impl Prepared<'_, '_> {
    /// Sends head and body.
    pub(super) fn send(
        self,
        request: &Request<'_>,
        head: &RequestHead<'_>,
        url: &Url<'_>,
        transport: &mut dyn Transport,
        deadline: Deadline<'_>,
    ) -> Result<(), Error> {
        let Self { framing, body, room } = self;
        let mut out = SendBuffer { room, len: 0, transport, deadline, failure: None };
        head.write(url, framing, &mut out);
        match request.chunked {
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
    deadline: Deadline<'a>,
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

    fn is_broken(&self) -> bool {
        self.failure.is_some()
    }
}
