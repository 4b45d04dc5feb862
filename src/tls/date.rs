// SPDX-License-Identifier: Apache-2.0
//! Dates and times of certificates.

use core::fmt;

use crate::proto::calendar::{self, SECONDS_PER_DAY, midnight};

/// A moment in UTC, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    unix_seconds: i64,
}

impl Date {
    /// The moment `seconds` seconds after 1970-01-01 00:00:00 UTC.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self { unix_seconds: seconds }
    }

    /// Seconds since 1970-01-01 00:00:00 UTC.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.unix_seconds
    }

    /// The moment with these numbers, if there is one.
    pub(super) const fn from_utc(
        year: u16,
        month: u16,
        day: u16,
        hour: u16,
        minute: u16,
        second: u16,
    ) -> Option<Self> {
        let Some(midnight) = midnight(year as u32, month as u32, day as u32) else { return None };
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = hour as i64 * 3600 + minute as i64 * 60 + second as i64;
        Some(Self { unix_seconds: midnight + seconds })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = calendar::date(self.unix_seconds);
        let minutes = self.unix_seconds.rem_euclid(SECONDS_PER_DAY) / 60;
        write!(f, "{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", minutes / 60, minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    #[test]
    fn known_moments() {
        for (numbers, seconds, text) in [
            ((1970, 1, 1, 0, 0, 0), 0, "1970-01-01 00:00 UTC"),
            ((2000, 2, 29, 12, 30, 59), 951_827_459, "2000-02-29 12:30 UTC"),
            ((2038, 1, 19, 3, 14, 8), 2_147_483_648, "2038-01-19 03:14 UTC"),
            ((1950, 1, 1, 0, 0, 0), -631_152_000, "1950-01-01 00:00 UTC"),
            ((9999, 12, 31, 23, 59, 59), 253_402_300_799, "9999-12-31 23:59 UTC"),
        ] {
            let (year, month, day, hour, minute, second) = numbers;
            let date = Date::from_utc(year, month, day, hour, minute, second).unwrap();
            assert_eq!((date.unix_seconds(), date.to_string().as_str()), (seconds, text));
        }
    }

    #[test]
    fn moments_that_are_not() {
        for (day, hour, minute, second) in [(32, 0, 0, 0), (1, 24, 0, 0), (1, 0, 60, 0), (1, 0, 0, 60)] {
            assert_eq!(Date::from_utc(2024, 1, day, hour, minute, second), None);
        }
    }
}
