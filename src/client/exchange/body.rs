// SPDX-License-Identifier: Apache-2.0
//! The body of a request.

use crate::Error;
use crate::client::connect::connector::{Connector, Replay};
use crate::error::Phase;
use crate::proto::form::FieldList;
use crate::proto::json::ToJson;
use crate::proto::json::error::{JsonError, WriteError};
use crate::proto::multipart::{BOUNDARY_RANDOM, Boundary, Multipart};
use crate::proto::reader::ReaderBody;
use crate::proto::request_head::BodyHead;
use crate::proto::write::Write;

/// The body of a request, with a pointer to the code for bodies of its kind. Only programs that set
/// such a body link that code.
pub struct Body<'a> {
    value: Value<'a>,
    as_kind: AsKind,
}

enum Value<'a> {
    None,
    Data(Data<'a>),
    Json(&'a dyn ToJson),
    Form(FieldList<'a>),
    Files(Multipart<'a, 'a>),
    Reader(ReaderBody<'a>),
}

type AsKind = for<'b, 'a> fn(&'b Value<'a>) -> Option<&'b (dyn BodyKind + 'b)>;

impl<'a> Body<'a> {
    pub const NONE: Self = Self { value: Value::None, as_kind: |_| None };

    /// A body of these bytes.
    pub const fn data(bytes: &'a [u8]) -> Self {
        // The caller knows the type of raw data, and sets the header if it is wanted.
        Self::data_of_type("", bytes)
    }

    /// A body of this text, which is JSON.
    #[cfg(feature = "capi")]
    pub const fn json_text(text: &'a str) -> Self {
        Self::data_of_type("application/json", text.as_bytes())
    }

    const fn data_of_type(content_type: &'static str, bytes: &'a [u8]) -> Self {
        Self {
            value: Value::Data(Data { content_type, bytes }),
            as_kind: |value| match value {
                Value::Data(data) => Some(data),
                _ => None,
            },
        }
    }

    /// A body with this value as JSON.
    pub const fn json(value: &'a dyn ToJson) -> Self {
        Self {
            value: Value::Json(value),
            as_kind: |value| match value {
                Value::Json(value) => Some(value),
                _ => None,
            },
        }
    }

    /// A body with these fields as a form.
    pub const fn form(fields: FieldList<'a>) -> Self {
        Self {
            value: Value::Form(fields),
            as_kind: |value| match value {
                Value::Form(fields) => Some(fields),
                _ => None,
            },
        }
    }

    /// A body with these parts as `multipart/form-data`.
    pub const fn files(parts: Multipart<'a, 'a>) -> Self {
        Self {
            value: Value::Files(parts),
            as_kind: |value| match value {
                Value::Files(parts) => Some(parts),
                _ => None,
            },
        }
    }

    /// A body that is read while it is sent.
    pub const fn reader(reader: ReaderBody<'a>) -> Self {
        Self {
            value: Value::Reader(reader),
            as_kind: |value| match value {
                Value::Reader(reader) => Some(reader),
                _ => None,
            },
        }
    }

    /// The body; `None` if the request has none.
    pub fn kind(&self) -> Option<&dyn BodyKind> {
        (self.as_kind)(&self.value)
    }

    /// How often the body can be sent.
    pub fn replay(&self) -> Replay {
        self.kind().map_or(Replay::Always, BodyKind::replay)
    }
}

impl core::fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self.value {
            Value::None => "None",
            Value::Data(_) => "Data(..)",
            Value::Json(_) => "Json(..)",
            Value::Form(_) => "Form(..)",
            Value::Files(_) => "Files(..)",
            Value::Reader(_) => "Reader(..)",
        })
    }
}

/// A body that can be checked, measured and written.
pub trait BodyKind {
    fn replay(&self) -> Replay {
        Replay::Always
    }

    /// Makes a boundary from random bytes, if the body needs one.
    fn make_boundary(&self, _connector: &mut dyn Connector, _boundary: &mut Boundary) -> Result<(), Error> {
        Ok(())
    }

    /// Checks the body and computes its length. JSON is written to the end of `room`. `reserved` is
    /// the size in bytes of the rest of the buffer, for errors.
    fn prepare<'r, 'b>(
        &self,
        boundary: &'b Boundary,
        room: &'r mut [u8],
        reserved: usize,
    ) -> Result<PreparedBody<'r, 'b>, Error>;

    /// Writes the body. `json` is the text that [`prepare`](Self::prepare) has written.
    fn write(&self, json: &[u8], boundary: &Boundary, out: &mut dyn Write) -> Result<(), Error>;
}

/// The result of [`BodyKind::prepare`].
pub struct PreparedBody<'r, 'b> {
    pub head: BodyHead<'b>,
    /// The JSON, at the end of the room.
    pub json: &'r [u8],
    /// The room in front of the JSON.
    pub room: &'r mut [u8],
}

impl<'r> PreparedBody<'r, '_> {
    const fn new(content_type: &'static str, length: u64, room: &'r mut [u8]) -> Self {
        Self { head: BodyHead { content_type, boundary: b"", length }, json: b"", room }
    }
}

/// Bytes that the caller has, and the type that is sent with them if no header names one.
struct Data<'a> {
    content_type: &'static str,
    bytes: &'a [u8],
}

impl BodyKind for Data<'_> {
    fn prepare<'r, 'b>(
        &self,
        _: &'b Boundary,
        room: &'r mut [u8],
        _: usize,
    ) -> Result<PreparedBody<'r, 'b>, Error> {
        Ok(PreparedBody::new(self.content_type, self.bytes.len() as u64, room))
    }

    fn write(&self, _: &[u8], _: &Boundary, out: &mut dyn Write) -> Result<(), Error> {
        out.write(self.bytes);
        Ok(())
    }
}

impl BodyKind for &dyn ToJson {
    fn prepare<'r, 'b>(
        &self,
        _: &'b Boundary,
        room: &'r mut [u8],
        reserved: usize,
    ) -> Result<PreparedBody<'r, 'b>, Error> {
        let (room, json) = self.to_json_at_end(room).map_err(|error| match error {
            WriteError::Unsupported { offset } => Error::Json { cause: JsonError::Unsupported, offset },
            WriteError::TooLong(length) => {
                Error::BufferTooSmall { phase: Phase::Json, needed: length.saturating_add(reserved) }
            }
        })?;
        Ok(PreparedBody { json, ..PreparedBody::new("application/json", json.len() as u64, room) })
    }

    fn write(&self, json: &[u8], _: &Boundary, out: &mut dyn Write) -> Result<(), Error> {
        out.write(json);
        Ok(())
    }
}

impl BodyKind for FieldList<'_> {
    fn prepare<'r, 'b>(
        &self,
        _: &'b Boundary,
        room: &'r mut [u8],
        _: usize,
    ) -> Result<PreparedBody<'r, 'b>, Error> {
        Ok(PreparedBody::new("application/x-www-form-urlencoded", self.content_length(), room))
    }

    fn write(&self, _: &[u8], _: &Boundary, out: &mut dyn Write) -> Result<(), Error> {
        self.write(out, b"");
        Ok(())
    }
}

impl BodyKind for Multipart<'_, '_> {
    fn replay(&self) -> Replay {
        if self.is_replayable() { Replay::Always } else { Replay::Never }
    }

    fn make_boundary(&self, connector: &mut dyn Connector, boundary: &mut Boundary) -> Result<(), Error> {
        let mut random = [0; BOUNDARY_RANDOM];
        connector.fill_random(&mut random).map_err(Error::Random)?;
        *boundary = Boundary::new(random);
        Ok(())
    }

    fn prepare<'r, 'b>(
        &self,
        boundary: &'b Boundary,
        room: &'r mut [u8],
        _: usize,
    ) -> Result<PreparedBody<'r, 'b>, Error> {
        self.check()?;
        let mut prepared =
            PreparedBody::new("multipart/form-data; boundary=", self.content_length(boundary), room);
        prepared.head.boundary = boundary.as_bytes();
        Ok(prepared)
    }

    fn write(&self, _: &[u8], boundary: &Boundary, out: &mut dyn Write) -> Result<(), Error> {
        Ok(self.write(out, boundary)?)
    }
}

impl BodyKind for ReaderBody<'_> {
    fn replay(&self) -> Replay {
        if self.is_replayable() { Replay::Once } else { Replay::Never }
    }

    fn prepare<'r, 'b>(
        &self,
        _: &'b Boundary,
        room: &'r mut [u8],
        _: usize,
    ) -> Result<PreparedBody<'r, 'b>, Error> {
        // A body without a length is sent in chunks, and 0 is not used.
        Ok(PreparedBody::new("", self.len().unwrap_or_default(), room))
    }

    fn write(&self, _: &[u8], _: &Boundary, out: &mut dyn Write) -> Result<(), Error> {
        Ok(self.write(out)?)
    }
}
