// SPDX-License-Identifier: Apache-2.0
//! Moments as certificates name them.

use core::fmt;

/// A moment in UTC, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    unix_seconds: i64,
}

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

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
        if month == 0 || month > 12 || day == 0 || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        if day > days_in_month(year, month) {
            return None;
        }
        // Days since 0000-03-01, so that a leap day is the last of its year.
        let (year, month) =
            if month > 2 { (year as i64, month as i64 - 3) } else { (year as i64 - 1, month as i64 + 9) };
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        let days = 365 * year + leap_days + (153 * month + 2) / 5 + day as i64 - 1 - 719_468;
        let seconds = hour as i64 * 3600 + minute as i64 * 60 + second as i64;
        Some(Self { unix_seconds: days * SECONDS_PER_DAY + seconds })
    }

    /// Year, month and day.
    const fn calendar(self) -> (i64, i64, i64) {
        let days = self.unix_seconds.div_euclid(SECONDS_PER_DAY) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        (era * 400 + year_of_era + next, month, day)
    }
}

const fn days_in_month(year: u16, month: u16) -> u16 {
    match month {
        2 if (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.calendar();
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
    fn each_day_of_four_centuries_round_trips() {
        let mut date = Date::from_utc(1900, 1, 1, 0, 0, 0).unwrap();
        for _ in 0..146_097 {
            let (year, month, day) = date.calendar();
            let [year, month, day] = [year, month, day].map(|n| u16::try_from(n).unwrap());
            assert_eq!(Date::from_utc(year, month, day, 0, 0, 0), Some(date));
            date = Date::from_unix(date.unix_seconds() + SECONDS_PER_DAY);
        }
    }

    #[test]
    fn days_that_are_not() {
        for (year, month, day) in [(2023, 2, 29), (1900, 2, 29), (2024, 4, 31), (2024, 13, 1), (2024, 1, 0)] {
            assert_eq!(Date::from_utc(year, month, day, 0, 0, 0), None);
        }
        assert_eq!(Date::from_utc(2024, 1, 1, 24, 0, 0), None);
    }
}
