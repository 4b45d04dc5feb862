// SPDX-License-Identifier: Apache-2.0
//! The end of a wait, and the token that ends it earlier.

use embedded_io::ErrorKind;

use crate::config::CANCEL;
use crate::transport::{CancelToken, IoError};

/// The moment at which a request times out, on the clock of its [`Network`](crate::transport::Network), and
/// the token that can end it earlier.
#[derive(Debug, Clone, Copy)]
pub struct Deadline<'c> {
    at: u64,
    /// The longest single wait in milliseconds. `u32::MAX`, 49 days, means no limit.
    longest_wait: u32,
    token: Option<&'c CancelToken>,
}

impl Deadline<'static> {
    /// No waiting: a call does at once what it can, or times out. This deadline never passes, so it does not
    /// limit a loop with a peer that is always ready. Use [`without_waiting`](Deadline::without_waiting) for that.
    pub const NO_WAIT: Self = Self { at: u64::MAX, longest_wait: 0, token: None };
}

impl<'c> Deadline<'c> {
    /// The moment `timeout_ms` milliseconds after `now`.
    #[must_use]
    pub const fn after(now: u64, timeout_ms: u64) -> Self {
        Self { at: now.saturating_add(timeout_ms), longest_wait: u32::MAX, token: None }
    }

    /// The same moment, for calls that do at once what they can, and time out instead of waiting. When the
    /// moment has passed, or the token is cancelled, they do nothing, even if the peer is ready.
    #[must_use]
    pub const fn without_waiting(self) -> Self {
        Self { longest_wait: 0, ..self }
    }

    /// The same moment, for calls that also time out if a single wait takes longer than this, in milliseconds.
    #[must_use]
    pub const fn waiting_at_most(self, ms: u32) -> Self {
        Self { longest_wait: ms, ..self }
    }

    /// The same moment, unless `token` is cancelled before. It replaces the token that was set earlier.
    #[must_use]
    pub const fn cancelled_by(self, token: &'c CancelToken) -> Self {
        self.with_token(Some(token))
    }

    /// The same moment with this token, or without one.
    #[must_use]
    pub(crate) const fn with_token(mut self, token: Option<&'c CancelToken>) -> Self {
        self.token = token;
        self
    }

    /// What cancels the wait.
    #[must_use]
    pub const fn token(self) -> Option<&'c CancelToken> {
        // On Zephyr without CONFIG_REQUESTS_CANCEL there are no tokens, and no code for them.
        if CANCEL { self.token } else { None }
    }

    /// Whether the token was cancelled.
    #[must_use]
    pub fn is_cancelled(self) -> bool {
        self.token().is_some_and(CancelToken::is_cancelled)
    }

    /// The milliseconds to wait at `now`, at most. 0 if the deadline has passed, or if there is no waiting.
    #[must_use]
    pub const fn remaining_ms(self, now: u64) -> u64 {
        self.short_ms(now) as u64
    }

    /// The same in 32 bits, which hold 49 days.
    const fn short_ms(self, now: u64) -> u32 {
        let remaining = self.at.saturating_sub(now);
        let remaining = if remaining >> 32 == 0 { remaining as u32 } else { u32::MAX };
        if remaining < self.longest_wait { remaining } else { self.longest_wait }
    }

    /// Whether calls may wait.
    #[must_use]
    pub const fn may_wait(self) -> bool {
        self.longest_wait > 0
    }

    /// Fails if the token is cancelled, or if the deadline has passed at `now`. Called before each operation, so
    /// that a peer that is always ready cannot prolong a request.
    ///
    /// # Errors
    /// [`ErrorKind::Interrupted`] and [`ErrorKind::TimedOut`].
    pub fn check(self, now: u64) -> Result<(), IoError> {
        if self.is_cancelled() {
            return Err(IoError::new(ErrorKind::Interrupted));
        }
        if self.has_passed(now) {
            return Err(IoError::new(ErrorKind::TimedOut));
        }
        Ok(())
    }

    /// Whether it is too late at `now` to start anything.
    #[must_use]
    pub const fn has_passed(self, now: u64) -> bool {
        self.at <= now
    }

    /// The same deadline, but no later than `ms` milliseconds after `now`.
    #[must_use]
    pub const fn within(self, now: u64, ms: u64) -> Self {
        let latest = now.saturating_add(ms);
        Self { at: if self.at < latest { self.at } else { latest }, ..self }
    }

    /// The deadline for the next of `attempts` attempts, so that each gets an equal share of what is left.
    #[must_use]
    pub fn share(self, now: u64, attempts: usize) -> Self {
        let attempts = u32::try_from(attempts).unwrap_or(u32::MAX).max(1);
        // 32 bits are divided in one instruction.
        Deadline::after(now, u64::from(self.short_ms(now).div_ceil(attempts))).with_token(self.token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_starts_once_it_is_cancelled_or_too_late() {
        let token = CancelToken::new().unwrap();
        let kind = |deadline: Deadline<'_>, now| deadline.check(now).map_err(|error| error.kind);
        for deadline in [Deadline::after(10, 5), Deadline::after(10, 5).cancelled_by(&token)] {
            assert_eq!(kind(deadline, 14), Ok(()));
            assert_eq!(kind(deadline, 15), Err(ErrorKind::TimedOut));
        }
        assert_eq!(kind(Deadline::NO_WAIT.cancelled_by(&token), 15), Ok(()));
        token.cancel();
        let deadline = Deadline::after(10, 5).cancelled_by(&token);
        for deadline in
            [deadline, Deadline::NO_WAIT.cancelled_by(&token), deadline.share(10, 2), deadline.within(10, 1)]
        {
            assert_eq!(kind(deadline, 10), Err(ErrorKind::Interrupted));
        }
        assert_eq!(kind(Deadline::after(10, 5), 10), Ok(()));
    }

    #[test]
    fn a_moment_that_is_the_start_of_the_clock_has_passed() {
        assert_eq!(Deadline::after(0, 0).check(0), Err(IoError::new(ErrorKind::TimedOut)));
        assert_eq!(Deadline::after(0, 1).check(0), Ok(()));
        assert_eq!(Deadline::NO_WAIT.check(0), Ok(()));
        assert_eq!(Deadline::after(0, u64::MAX).check(u64::MAX - 1), Ok(()));
    }

    #[test]
    fn what_does_not_wait_still_ends() {
        let token = CancelToken::new().unwrap();
        let deadline = Deadline::after(10, 5).cancelled_by(&token).without_waiting();
        assert_eq!(deadline.remaining_ms(10), 0);
        assert_eq!(deadline.check(14), Ok(()));
        assert_eq!(deadline.check(15), Err(IoError::new(ErrorKind::TimedOut)));
        token.cancel();
        assert_eq!(deadline.check(14), Err(IoError::new(ErrorKind::Interrupted)));
    }

    #[test]
    fn a_wait_is_bounded_and_the_moment_stays() {
        let deadline = Deadline::after(100, 90).waiting_at_most(20);
        assert_eq!([100, 150, 175, 190].map(|now| deadline.remaining_ms(now)), [20, 20, 15, 0]);
        assert_eq!(deadline.check(189), Ok(()));
        assert_eq!(deadline.check(190), Err(IoError::new(ErrorKind::TimedOut)));
    }

    #[test]
    fn shares_and_bounds_are_never_later() {
        let deadline = Deadline::after(100, 90);
        assert_eq!(deadline.share(100, 3).remaining_ms(100), 30);
        assert_eq!(deadline.share(100, 0).remaining_ms(100), 90);
        assert_eq!(deadline.within(100, 50).remaining_ms(100), 50);
        assert_eq!(deadline.within(100, 500).remaining_ms(100), 90);
        assert_eq!(Deadline::NO_WAIT.within(100, 50).check(100), Ok(()));
    }
}
