// SPDX-License-Identifier: Apache-2.0
//! When a request is sent again that failed.

use core::time::Duration;

use crate::Error;
use crate::client::duration::milliseconds;
use crate::transport::{Deadline, DnsError};

/// The statuses that say that it may go better later (RFC 9110 §15.6, RFC 6585 §4).
static STATUSES: [u16; 4] = [429, 502, 503, 504];

/// When a request is done again, and after how long; for [`Request::retry`](crate::Request::retry),
/// [`Session::retry`](crate::Session::retry) and [`Download::retry`](crate::Download::retry).
///
/// A request is done again where it failed on the way, or was answered by one of certain
/// [statuses](Self::statuses), if its method is idempotent (RFC 9110 §9.2.2) and its body can be sent again.
/// Where no connection came about, nothing was sent, so method and body do not matter. All attempts together,
/// and the time between them, are bound by the request's timeout: where that would not be enough for another,
/// the last outcome counts.
///
/// The wait doubles each time. It is longer where the server asks for that by `Retry-After` (RFC 9110
/// §10.2.3).
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Retry {
    attempts: u16,
    base_ms: u64,
    max_ms: u64,
    max_retry_after_ms: u64,
    statuses: &'static [u16],
    any_method: bool,
    jitter: bool,
}

impl Retry {
    /// Up to so many attempts, the first included: what urllib3's `Retry(3)` does, `Retry::new(4)` does. Half
    /// a second before the second, and never more than 30 seconds between two.
    pub const fn new(attempts: u16) -> Self {
        Self {
            attempts,
            base_ms: 500,
            max_ms: 30_000,
            max_retry_after_ms: 60_000,
            statuses: &STATUSES,
            any_method: false,
            jitter: false,
        }
    }

    /// Waits `base` before the second attempt, twice that before the third, and so on, but never more than
    /// `max`.
    pub const fn backoff(mut self, base: Duration, max: Duration) -> Self {
        self.base_ms = milliseconds(base);
        self.max_ms = milliseconds(max);
        self
    }

    /// Takes a random part off each wait, up to half of it, so that many devices that failed at once do not
    /// come back at once.
    pub const fn jitter(mut self) -> Self {
        self.jitter = true;
        self
    }

    /// The statuses that are not taken for an answer yet. The default is 429, 502, 503 and 504.
    pub const fn statuses(mut self, statuses: &'static [u16]) -> Self {
        self.statuses = statuses;
        self
    }

    /// Waits no longer than this for a server that asks for it by `Retry-After`, 60 seconds by default; its
    /// answer counts where it asks for more.
    pub const fn max_retry_after(mut self, max: Duration) -> Self {
        self.max_retry_after_ms = milliseconds(max);
        self
    }

    /// Does also requests again whose methods are not idempotent, such as `POST`: the server may act on each.
    pub const fn any_method(mut self) -> Self {
        self.any_method = true;
        self
    }

    /// So many attempts in place of those given to [`new`](Self::new).
    pub(crate) const fn attempts(mut self, attempts: u16) -> Self {
        self.attempts = attempts;
        self
    }

    /// Whether a response with this status is worth another attempt.
    pub(crate) fn is_for(&self, status_code: u16) -> bool {
        self.statuses.contains(&status_code)
    }

    pub(super) const fn allows_any_method(&self) -> bool {
        self.any_method
    }

    pub(super) const fn has_jitter(&self) -> bool {
        self.jitter
    }

    /// Until when to wait after so many failures before the next attempt; `None` where there is to be none.
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

    /// How long to wait after so many failures; `None` where the server asks for too much.
    fn wait_ms(&self, failures: u16, retry_after: Option<u32>, random: u32) -> Option<u64> {
        let doublings = u32::from(failures.saturating_sub(1)).min(63);
        let wait_ms = self.base_ms.saturating_mul(1 << doublings).min(self.max_ms);
        // Half of it, times a number below 1, in 64 bits.
        let half = u32::try_from(wait_ms / 2).unwrap_or(u32::MAX);
        let wait_ms = wait_ms - ((u64::from(half) * u64::from(random)) >> 32);
        let asked_ms = u64::from(retry_after.unwrap_or_default()) * 1000;
        (asked_ms <= self.max_retry_after_ms).then_some(wait_ms.max(asked_ms))
    }
}

/// Whether a failure is one of the network, which may be gone the next time, rather than of the request or of
/// what the server says.
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
