// SPDX-License-Identifier: Apache-2.0
//! Days of the proleptic Gregorian calendar, counted from 1970-01-01.

/// Seconds in a day, without leap seconds.
pub const SECONDS_PER_DAY: i64 = 86_400;

/// Days from 0000-03-01 to 1970-01-01. Years are counted from March, so that the leap day is at
/// their end.
const DAYS_TO_1970: i64 = 719_468;

/// The seconds from 1970-01-01 00:00:00 UTC to the start of a day. `None` if the day does not
/// exist.
#[must_use]
pub const fn midnight(year: u32, month: u32, day: u32) -> Option<i64> {
    if year == 0 || year > 9999 || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some((days as i64 - DAYS_TO_1970) * SECONDS_PER_DAY)
}

/// Returns 0 if the month does not exist.
const fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// Year, month and day at `seconds` after 1970-01-01 00:00:00 UTC.
#[must_use]
pub const fn date(seconds: i64) -> (i64, i64, i64) {
    let days = seconds.div_euclid(SECONDS_PER_DAY) + DAYS_TO_1970;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year_of_era + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_of_four_centuries_follows_the_day_before_and_round_trips() {
        let mut expected = midnight(1800, 1, 1).unwrap();
        for year in 1800..2200 {
            for month in 1..=12 {
                for day in 1..=31 {
                    if let Some(seconds) = midnight(year, month, day) {
                        assert_eq!(seconds, expected, "{year}-{month}-{day}");
                        let numbers = (i64::from(year), i64::from(month), i64::from(day));
                        assert_eq!([date(seconds), date(seconds + SECONDS_PER_DAY - 1)], [numbers; 2]);
                        expected += SECONDS_PER_DAY;
                    }
                }
            }
        }
        assert_eq!(midnight(2200, 1, 1), Some(expected));
    }

    #[test]
    fn days_that_are_not() {
        for (year, month, day) in [
            (2023, 2, 29),
            (1900, 2, 29),
            (2024, 4, 31),
            (2024, 13, 1),
            (2024, 0, 1),
            (2024, 1, 0),
            (0, 1, 1),
            (10_000, 1, 1),
        ] {
            assert_eq!(midnight(year, month, day), None, "{year}-{month}-{day}");
        }
    }
}
