// SPDX-License-Identifier: Apache-2.0
//! Receiving a body that is not needed, so that its connection can be used again.

use embedded_io::ErrorKind;

use crate::proto::body::BodyDecoder;
use crate::proto::persistence::CloseReason;
use crate::transport::{Deadline, Transport};

/// The longest body to receive for this purpose, in bytes.
const MAX_DRAINED: u64 = 4096;

/// The time limit for it, in milliseconds. After a longer wait, a new connection would have been
/// faster.
pub(super) const DRAIN_MS: u64 = 500;

/// Receives the rest of a body, up to [`MAX_DRAINED`] bytes. The first `count` bytes of `room`
/// already belong to it.
pub(super) fn drain(
    decoder: &mut BodyDecoder,
    transport: &mut dyn Transport,
    deadline: Deadline<'_>,
    room: &mut [u8],
    mut count: usize,
) -> Result<(), CloseReason> {
    let mut left = MAX_DRAINED;
    loop {
        let Ok(_) = decoder.decode(room.get_mut(..count).unwrap_or_default()) else {
            return Err(CloseReason::Error);
        };
        left = left.saturating_sub(count as u64);
        if decoder.is_complete() {
            return decoder.persistence();
        }
        if room.is_empty() || decoder.announced() > left || left == 0 {
            return Err(CloseReason::ResponseIncomplete);
        }
        count = match transport.receive(room, deadline) {
            Ok(count @ 1..) => count,
            Err(error) if error.kind == ErrorKind::TimedOut => return Err(CloseReason::ResponseIncomplete),
            _ => return Err(CloseReason::Error),
        };
    }
}
