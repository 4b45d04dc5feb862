// SPDX-License-Identifier: Apache-2.0
//! Doing a request again that failed by chance.

use embedded_io::ErrorKind;

use crate::Error;
use crate::client::connect::connector::{Connector, Replay};
use crate::client::exchange::parts::{Exchange, Finish};
use crate::client::exchange::progress::split;
use crate::client::exchange::retry::{Retry, is_transient};
use crate::error::Phase;
use crate::proto::request_head::is_idempotent;
use crate::proto::retry_after;
use crate::transport::Deadline;

/// Sends the request and receives the whole response; returns where in the buffer its content ends.
// In its own frame: the caller's often has the buffer in it, which would put every variable out of reach of
// the short instructions of a Cortex-M.
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

/// Does attempts until one counts, as `retry` says.
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
                    // The connection does not have to last for as long as the wait does.
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
        // Where nothing was sent, it does not matter what would have been.
        let may_repeat = !exchange.is_connected || is_repeatable(retry, exchange);
        if !is_transient(&error) || !may_repeat {
            return Err(error);
        }
        let next = next_attempt(retry, exchange.connector, failures, None, exchange.deadline).ok_or(error)?;
        wait(exchange.connector, next)?;
    }
}

/// Until when to wait before the attempt that follows this response; `None` where the response counts.
fn after_status<'x>(
    retry: &Retry,
    exchange: &mut Exchange<'x, '_>,
    failures: u16,
    buffer: &[u8],
) -> Option<Deadline<'x>> {
    if !retry.is_for(exchange.response.head.status_code) || !is_repeatable(retry, exchange) {
        return None;
    }
    let retry_after =
        retry_after::of_response(&exchange.response.header_fields(buffer), exchange.connector.unix_time());
    next_attempt(retry, exchange.connector, failures, retry_after, exchange.deadline)
}

/// Whether the request may be sent twice, and can be.
fn is_repeatable(retry: &Retry, exchange: &Exchange<'_, '_>) -> bool {
    let request = exchange.request;
    (is_idempotent(request.method) || retry.allows_any_method()) && request.body.replay() != Replay::Never
}

/// Until when to wait after so many failures in a row; `None` where there is to be no other attempt.
pub fn next_attempt<'d>(
    retry: &Retry,
    connector: &mut dyn Connector,
    failures: u16,
    retry_after: Option<u32>,
    deadline: Deadline<'d>,
) -> Option<Deadline<'d>> {
    // A network that cannot wait is not asked again and again.
    if connector.sleep(Deadline::NO_WAIT).is_err_and(|error| error.kind == ErrorKind::Unsupported) {
        return None;
    }
    let mut random = [0; 4];
    if retry.has_jitter() && connector.fill_random(&mut random).is_err() {
        // Without randomness it is the whole wait.
        random = [0; 4];
    }
    retry.next_attempt(failures, retry_after, u32::from_le_bytes(random), connector.now(), deadline)
}

/// Waits until `next`.
///
/// # Errors
/// [`Error::Cancelled`].
pub fn wait(connector: &mut dyn Connector, next: Deadline<'_>) -> Result<(), Error> {
    match connector.sleep(next) {
        Err(error) if error.kind == ErrorKind::Interrupted => Err(Error::Cancelled { phase: Phase::Connect }),
        _ => Ok(()),
    }
}
