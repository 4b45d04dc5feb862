// SPDX-License-Identifier: Apache-2.0
//! Repeating a request after a transient failure.

use embedded_io::ErrorKind;

use crate::Error;
use crate::client::connect::connector::{Connector, Replay};
use crate::client::exchange::hop_state::split;
use crate::client::exchange::parts::{Exchange, Finish, Settings};
use crate::client::exchange::retry::{Retry, is_transient};
use crate::error::Phase;
use crate::proto::request_head::is_idempotent;
use crate::proto::retry_after;
use crate::transport::Deadline;

impl Settings<'_> {
    /// Sends the request again as `retry` says.
    pub const fn set_retry(&mut self, retry: Retry) {
        self.retry = Some((retry, repeat));
    }
}

/// Sends the request and receives the whole response. Returns the index in the buffer where the
/// content ends.
// Not inlined: the caller's stack frame often contains the buffer, which would put every variable
// out of reach of the short instructions of a Cortex-M.
#[inline(never)]
pub fn receive_response(exchange: &mut Exchange<'_, '_>, buffer: &mut [u8]) -> Result<usize, Error> {
    run(exchange, buffer, |exchange, buffer| exchange.receive_content(buffer))
}

/// Sends the request and receives the head of its response.
#[inline(never)]
pub fn receive_head(exchange: &mut Exchange<'_, '_>, buffer: &mut [u8]) -> Result<(), Error> {
    run(exchange, buffer, |_, _| Ok(0)).map(|_| ())
}

fn run(exchange: &mut Exchange<'_, '_>, buffer: &mut [u8], finish: Finish) -> Result<usize, Error> {
    if let Some((retry, repeat)) = &exchange.request.settings.retry {
        return repeat(retry, exchange, buffer, finish);
    }
    exchange.receive_head(buffer)?;
    finish(exchange, buffer)
}

/// Repeats attempts until one counts, as `retry` says.
pub fn repeat(
    retry: &Retry,
    exchange: &mut Exchange<'_, '_>,
    buffer: &mut [u8],
    finish: Finish,
) -> Result<usize, Error> {
    let mut failures: u16 = 0;
    loop {
        failures = failures.saturating_add(1);
        exchange.is_connected = false;
        let error = match exchange.receive_head(buffer) {
            Ok(()) => {
                if let Some(next) = after_status(retry, exchange, failures, buffer) {
                    // The connection is not needed during the wait, so end its response first.
                    let (work, _) = split(buffer, exchange.response.url_len);
                    exchange.discard(work.get_mut(exchange.response.head.end..).unwrap_or_default());
                    wait(exchange.connector, next)?;
                    continue;
                }
                match finish(exchange, buffer) {
                    Ok(end) => return Ok(end),
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        // If nothing was sent, method and body do not matter.
        let may_repeat = !exchange.is_connected || is_repeatable(retry, exchange);
        if !is_transient(&error) || !may_repeat {
            return Err(error);
        }
        let next = next_attempt(retry, exchange.connector, failures, None, exchange.deadline).ok_or(error)?;
        wait(exchange.connector, next)?;
    }
}

/// When the attempt after this response starts; `None` if this response counts.
fn after_status<'x>(
    retry: &Retry,
    exchange: &mut Exchange<'x, '_>,
    failures: u16,
    buffer: &[u8],
) -> Option<Deadline<'x>> {
    if !retry.retries_status(exchange.response.head.status_code) || !is_repeatable(retry, exchange) {
        return None;
    }
    let retry_after =
        retry_after::of_response(&exchange.response.header_fields(buffer), exchange.connector.unix_time());
    next_attempt(retry, exchange.connector, failures, retry_after, exchange.deadline)
}

/// Whether the request may be sent twice, and its body can be.
fn is_repeatable(retry: &Retry, exchange: &Exchange<'_, '_>) -> bool {
    let request = exchange.request;
    (is_idempotent(request.method) || retry.allows_any_method()) && request.body.replay() != Replay::Never
}

/// When the attempt after `failures` failures in a row starts; `None` if there is to be none.
/// `retry_after` is in seconds.
pub fn next_attempt<'d>(
    retry: &Retry,
    connector: &mut dyn Connector,
    failures: u16,
    retry_after: Option<u32>,
    deadline: Deadline<'d>,
) -> Option<Deadline<'d>> {
    // If the network cannot wait, attempts would follow each other at once: there are none then.
    if connector.sleep(Deadline::NO_WAIT).is_err_and(|error| error.kind == ErrorKind::Unsupported) {
        return None;
    }
    let mut random = [0; 4];
    if retry.has_jitter() && connector.fill_random(&mut random).is_err() {
        // Without random bytes the wait has its full length.
        random = [0; 4];
    }
    retry.next_attempt(failures, retry_after, u32::from_le_bytes(random), connector.now(), deadline)
}

/// Waits until the deadline `next`.
///
/// # Errors
/// [`Error::Cancelled`] if the request is cancelled meanwhile.
pub fn wait(connector: &mut dyn Connector, next: Deadline<'_>) -> Result<(), Error> {
    match connector.sleep(next) {
        Err(error) if error.kind == ErrorKind::Interrupted => Err(Error::Cancelled { phase: Phase::Connect }),
        _ => Ok(()),
    }
}
