// SPDX-License-Identifier: Apache-2.0
//! Putting a request together and sending it.

use crate::Error;
use crate::client::request::{Body, Request};
use crate::error::Phase;
use crate::proto::auth::Auth;
use crate::proto::chunked::ChunkedWriter;
use crate::proto::form::write_urlencoded;
use crate::proto::multipart::{self, Boundary};
use crate::proto::reader::BodyReader;
use crate::proto::request_head::{BodyHead, ContentType, RequestFraming, RequestHead};
use crate::proto::url::Url;
use crate::proto::write::{Counter, Write};
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
    room: &'r mut [u8],
}

enum PreparedBody<'r, 'a> {
    None,
    Bytes(&'r [u8]),
    Form(&'r [(&'r str, &'r str)]),
    Files(&'r [multipart::Part<'a>], Boundary),
}

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
    let (body, content_type, length) = match request.body {
        _ if hop.body_dropped => (PreparedBody::None, ContentType::None, None),
        Body::None => (PreparedBody::None, ContentType::None, None),
        Body::Data(data) => (PreparedBody::Bytes(data), ContentType::None, Some(data.len() as u64)),
        Body::Json(value) => {
            let capacity = room.len();
            let length = value.to_json(room).map_err(|error| {
                let needed = capacity + outside + 1;
                error.map_or(Error::BufferTooSmall { phase: Phase::Json, needed }, Error::Json)
            })?;
            room.copy_within(..length, capacity - length);
            let (rest, json) = room.split_at_mut(capacity - length);
            room = rest;
            (PreparedBody::Bytes(json), ContentType::Json, Some(length as u64))
        }
        Body::Form(fields) => {
            let mut counter = Counter::default();
            write_urlencoded(&mut counter, fields)?;
            (PreparedBody::Form(fields), ContentType::Form, Some(counter.count))
        }
        Body::Files(parts) => {
            multipart::check(parts)?;
            // There is a boundary wherever there are files.
            let boundary = hop.boundary.unwrap_or(Boundary::new([0; multipart::BOUNDARY_RANDOM]));
            let length = multipart::content_length(&boundary, parts);
            (PreparedBody::Files(parts, boundary), ContentType::Multipart(boundary), Some(length))
        }
    };
    let head = RequestHead {
        method: hop.method,
        url,
        headers: &request.headers,
        auth: hop.auth,
        body: length.map(|length| BodyHead { content_type, length }),
        cross_origin: hop.cross_origin,
        body_dropped: hop.body_dropped,
    };
    let framing = head.framing()?;
    head.write(framing, &mut Counter::default())?;
    Ok(Prepared { head, framing, body, room })
}

impl Prepared<'_, '_> {
    /// Sends head and body.
    pub(super) fn send<T: Transport>(self, transport: &mut T, deadline: Deadline) -> Result<(), Error> {
        let Self { head, framing, body, room } = self;
        let mut out = SendBuffer { room, len: 0, transport, deadline };
        head.write(framing, &mut out)?;
        if framing == RequestFraming::Chunked {
            let mut chunks = ChunkedWriter::new(&mut out);
            body.write(&mut chunks)?;
            chunks.finish()?;
        } else {
            body.write(&mut out)?;
        }
        out.flush()
    }
}

impl PreparedBody<'_, '_> {
    fn write(&self, out: &mut dyn Write) -> Result<(), Error> {
        match self {
            Self::None => Ok(()),
            Self::Bytes(bytes) => out.write(bytes),
            Self::Form(fields) => write_urlencoded(out, fields),
            Self::Files(parts, boundary) => multipart::write(out, boundary, parts),
        }
    }
}

/// Collects what is written, so that head and body leave in as few pieces as the room allows.
struct SendBuffer<'a, T> {
    room: &'a mut [u8],
    len: usize,
    transport: &'a mut T,
    deadline: Deadline,
}

impl<T: Transport> SendBuffer<'_, T> {
    fn flush(&mut self) -> Result<(), Error> {
        let len = core::mem::take(&mut self.len);
        send_all(self.transport, self.room.get(..len).unwrap_or_default(), self.deadline)
    }
}

impl<T: Transport> Write for SendBuffer<'_, T> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() > self.room.len() - self.len {
            self.flush()?;
        }
        match self.room.get_mut(self.len..self.len + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.len += bytes.len();
                Ok(())
            }
            // More than the room holds goes out from where it is.
            None => send_all(self.transport, bytes, self.deadline),
        }
    }

    fn write_from(&mut self, reader: &mut dyn BodyReader, len: u64) -> Result<u64, Error> {
        let mut missing = len;
        while missing > 0 {
            if self.len == self.room.len() {
                self.flush()?;
            }
            let free = self.room.get_mut(self.len..).unwrap_or_default();
            let size = usize::try_from(missing).map_or(free.len(), |len| len.min(free.len()));
            let Ok(count @ 1..) = reader.read_body(free.get_mut(..size).unwrap_or_default()) else {
                break;
            };
            let count = count.min(size);
            self.len += count;
            missing -= count as u64;
        }
        Ok(missing)
    }
}

fn send_all<T: Transport>(transport: &mut T, mut bytes: &[u8], deadline: Deadline) -> Result<(), Error> {
    while !bytes.is_empty() {
        let count = transport
            .send(bytes, deadline)
            .map_err(|error| Error::from_io(error, Phase::Send, Error::Send))?;
        bytes = bytes.get(count..).unwrap_or_default();
    }
    Ok(())
}
