// SPDX-License-Identifier: Apache-2.0
//! Receiving the content of a response into the caller's buffer.

use crate::Error;
use crate::client::exchange::hop_state::split;
use crate::client::exchange::parts::Exchange;
use crate::client::exchange::receive::too_small;
use crate::error::Phase;
use crate::proto::persistence::CloseReason;

impl Exchange<'_, '_> {
    /// Receives the content behind the head and returns the index in the buffer where it ends. Then
    /// closes the connection or keeps it.
    pub(super) fn receive_content(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let (work, _) = split(buffer, self.response.url_len);
        let result = self.receive_decoded(work);
        let response = &self.response;
        self.connector.close(match result {
            Ok(_) => response.persistence.and_then(|keep| response.decoder.persistence().map(|()| keep)),
            Err(_) => Err(CloseReason::Error),
        });
        result
    }

    fn receive_decoded(&mut self, work: &mut [u8]) -> Result<usize, Error> {
        #[cfg(feature = "gzip")]
        if let Some(inflater) = self.inflater.take() {
            let result = self.receive_decompressed(inflater, work);
            self.inflater = Some(inflater);
            if let Some(end) = result? {
                return Ok(end);
            }
        }
        self.receive_body(work)
    }

    fn receive_body(&mut self, work: &mut [u8]) -> Result<usize, Error> {
        let mut overflow = [0];
        let mut end = self.response.head.end;
        let mut count = self.response.filled.saturating_sub(end);
        loop {
            let decoder = &mut self.response.decoder;
            let received = room(work, end, &mut overflow).get_mut(..count).unwrap_or_default();
            end += decoder.decode(received)?.content;
            let needed = (end as u64).saturating_add(decoder.announced());
            if needed > work.len() as u64 {
                return Err(too_small(Phase::Body, needed, self.response.url_len));
            }
            if decoder.is_complete() {
                return Ok(end);
            }
            count = self.connector.receive(room(work, end, &mut overflow), self.deadline)?;
            if count == 0 {
                self.response.decoder.end_of_stream()?;
                return Ok(end);
            }
        }
    }
}

/// Returns the part of `work` behind `end`, where to receive next. Once `work` is full, only
/// framing or the end of the connection may follow: that is received into `overflow`. It has one
/// byte, so that the size that is said to be needed does not depend on how many have arrived.
fn room<'a>(work: &'a mut [u8], end: usize, overflow: &'a mut [u8]) -> &'a mut [u8] {
    match work.get_mut(end..) {
        None | Some([]) => overflow,
        Some(free) => free,
    }
}
