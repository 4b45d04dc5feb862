// SPDX-License-Identifier: Apache-2.0
//! Rules for repeating a request that failed.

use core::time::Duration;

use crate::Error;
use crate::client::duration::milliseconds;
use crate::transport::{Deadline, DnsError};

/// The statuses after which a later attempt may succeed (RFC 9110 §15.6, RFC 6585 §4).
static STATUSES: [u16; 4] = [429, 502, 503, 504];

/// When a request is repeated, and after how long. For [`Request::retry`](crate::Request::retry),
/// [`Session::retry`](crate::Session::retry) and [`Download::retry`](crate::Download::retry).
///
/// A request is repeated after a network failure or after one of the [`statuses`](Self::statuses),
/// if its method is idempotent (RFC 9110 §9.2.2) and its body is replayable. If no connection was
/// opened, nothing was sent, and method and body do not matter. The request's timeout covers all
/// attempts and the waits between them. If the next attempt would start after it, there is none,
/// and the last response or error is the result.
///
/// The wait doubles each time. It is longer if the server asks for that with `Retry-After` (RFC
/// 9110 §10.2.3).
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Retry {
    attempts: u16,
    base_ms: u64,
    max_ms: u64,
    max_retry_after_ms: u64,
    statuses: Statuses,
    any_method: bool,
    jitter: bool,
}

#[derive(Debug, Clone, Copy)]
enum Statuses {
    Borrowed(&'static [u16]),
    #[cfg(feature = "capi")]
    Copied([u16; COPIED_STATUSES]),
}

/// The most statuses of a [`Retry`] that do not outlive the program.
#[cfg(feature = "capi")]
const COPIED_STATUSES: usize = 8;

impl Retry {
    /// Makes up to `attempts` attempts, including the first: `Retry::new(4)` does what urllib3's
    /// `Retry(3)` does. The first wait takes half a second, and no wait takes more than 30 seconds.
    pub const fn new(attempts: u16) -> Self {
        Self {
            attempts,
            base_ms: 500,
            max_ms: 30_000,
            max_retry_after_ms: 60_000,
            statuses: Statuses::Borrowed(&STATUSES),
            any_method: false,
            jitter: false,
        }
    }

    /// Waits `base` before the second attempt, twice that before the third, and so on, but never
    /// longer than `max`.
    pub const fn backoff(mut self, base: Duration, max: Duration) -> Self {
        self.base_ms = milliseconds(base);
        self.max_ms = milliseconds(max);
        self
    }

    /// Shortens each wait by a random part of up to a half, so that many devices that failed at the
    /// same time do not retry at the same time.
    pub const fn jitter(mut self) -> Self {
        self.jitter = true;
        self
    }

    /// Sets the statuses after which a request is repeated. The default is 429, 502, 503 and 504.
    pub const fn statuses(mut self, statuses: &'static [u16]) -> Self {
        self.statuses = Statuses::Borrowed(statuses);
        self
    }

    /// As [`statuses`](Self::statuses), without borrowing them. Zeros do not count.
    #[cfg(feature = "capi")]
    pub(crate) const fn copied_statuses(mut self, statuses: [u16; COPIED_STATUSES]) -> Self {
        self.statuses = Statuses::Copied(statuses);
        self
    }

    /// Sets the longest wait that a server may ask for with `Retry-After`, 60 seconds by default.
    /// If a server asks for more, there is no further attempt, and its response is the result.
    pub const fn max_retry_after(mut self, max: Duration) -> Self {
        self.max_retry_after_ms = milliseconds(max);
        self
    }

    /// Also repeats requests whose method is not idempotent, such as `POST`. The server may then
    /// act on every attempt.
    pub const fn any_method(mut self) -> Self {
        self.any_method = true;
        self
    }

    /// Replaces the number of attempts.
    pub(crate) const fn attempts(mut self, attempts: u16) -> Self {
        self.attempts = attempts;
        self
    }

    /// Whether a response with this status is worth another attempt.
    pub(crate) fn retries_status(&self, status_code: u16) -> bool {
        match &self.statuses {
            Statuses::Borrowed(statuses) => statuses.contains(&status_code),
            #[cfg(feature = "capi")]
            Statuses::Copied(statuses) => statuses.contains(&status_code),
        }
    }

    pub(super) const fn allows_any_method(&self) -> bool {
        self.any_method
    }

    pub(super) const fn has_jitter(&self) -> bool {
        self.jitter
    }

    /// When the attempt after `failures` failures starts; `None` if there is to be none.
    /// `retry_after` is in seconds, `now` in milliseconds.
    pub(super) fn next_attempt<'d>(
        &self,
        failures: u16,
        retry_after: Option<u32>,
        random: u32,
        now: u64,
        deadline: Deadline<'d>,
    ) -> Option<Deadline<'d>> {
        if failures >= self.attempts {
            return None;
        }
        let wait_ms = self.wait_ms(failures, retry_after, random)?;
        (!deadline.has_passed(now.saturating_add(wait_ms))).then(|| deadline.within(now, wait_ms))
    }

    /// The wait after `failures` failures, in milliseconds; `None` if the server asks for too long
    /// a wait.
    fn wait_ms(&self, failures: u16, retry_after: Option<u32>, random: u32) -> Option<u64> {
        let doublings = u32::from(failures.saturating_sub(1)).min(63);
        let wait_ms = self.base_ms.saturating_mul(1 << doublings).min(self.max_ms);
        // `random` / 2^32 is a number below 1. The product fits in 64 bits.
        let half = u32::try_from(wait_ms / 2).unwrap_or(u32::MAX);
        let wait_ms = wait_ms - ((u64::from(half) * u64::from(random)) >> 32);
        let asked_ms = u64::from(retry_after.unwrap_or_default()) * 1000;
        (asked_ms <= self.max_retry_after_ms).then_some(wait_ms.max(asked_ms))
    }
}

/// Whether the network failed, which may succeed next time, rather than the request or the server's
/// answer.
pub(crate) const fn is_transient(error: &Error) -> bool {
    match error {
        Error::Timeout { .. }
        | Error::Dns(DnsError::TimedOut | DnsError::Failed(_))
        | Error::Connect(_)
        | Error::Send(_)
        | Error::Receive(_)
        | Error::EmptyResponse
        | Error::TruncatedHead
        | Error::TruncatedBody { .. } => true,
        #[cfg(feature = "tls")]
        Error::Tls(error) => {
            use crate::tls::TlsError;
            matches!(error, TlsError::PeerClosed | TlsError::Truncated | TlsError::TimedOut | TlsError::Io(_))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn the_wait_doubles_up_to_its_bound() {
        let retry = Retry::new(9).backoff(MS(100), MS(1000));
        let waits: Vec<_> = (1..=6).map(|failures| retry.wait_ms(failures, None, 0).unwrap()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1000, 1000]);
        assert_eq!(retry.wait_ms(u16::MAX, None, 0), Some(1000));
        let endless = Retry::new(9).backoff(Duration::MAX, Duration::MAX);
        assert_eq!(endless.wait_ms(u16::MAX, None, 0), Some(u64::MAX));
    }

    #[test]
    fn chance_takes_up_to_half_away() {
        let retry = Retry::new(9).backoff(MS(1000), MS(1000));
        for (random, expected) in [(0, 1000), (u32::MAX / 2, 751), (u32::MAX, 501)] {
            assert_eq!(retry.wait_ms(1, None, random), Some(expected));
        }
    }

    #[test]
    fn a_server_may_ask_for_more_but_not_for_too_much() {
        let retry = Retry::new(9).backoff(MS(1500), MS(1500)).max_retry_after(MS(10_000));
        for (asked, expected) in [
            (0, Some(1500)),
            (1, Some(1500)),
            (2, Some(2000)),
            (10, Some(10_000)),
            (11, None),
            (u32::MAX, None),
        ] {
            assert_eq!(retry.wait_ms(1, Some(asked), 0), expected, "{asked}");
        }
    }
}
