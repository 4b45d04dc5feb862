// SPDX-License-Identifier: Apache-2.0
//! A transport as mbedTLS's stream.

use crate::sys::tls::{Stream, StreamError, Wait};
use crate::transport::{Deadline, IoError, Transport};

/// A transport with the deadline of one call.
pub(super) struct TransportStream<'a> {
    pub transport: &'a mut dyn Transport,
    pub deadline: Deadline<'a>,
}

impl Stream for TransportStream<'_> {
    fn send(&mut self, bytes: &[u8]) -> Result<usize, StreamError> {
        Ok(self.transport.send(bytes, self.deadline)?)
    }

    fn receive(&mut self, buffer: &mut [u8], wait: Wait) -> Result<usize, StreamError> {
        let deadline = match wait {
            Wait::ToDeadline => self.deadline,
            Wait::Never => self.deadline.without_waiting(),
        };
        Ok(self.transport.receive(buffer, deadline)?)
    }
}

impl From<IoError> for StreamError {
    fn from(IoError { kind, errno }: IoError) -> Self {
        Self { kind, errno }
    }
}

impl From<StreamError> for IoError {
    fn from(StreamError { kind, errno }: StreamError) -> Self {
        Self { kind, errno }
    }
}
