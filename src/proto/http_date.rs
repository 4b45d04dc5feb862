// SPDX-License-Identifier: Apache-2.0
//! Dates in header fields (RFC 9110 §5.6.7) and in the `Expires` of cookies (RFC 6265 §5.1.1).

use crate::proto::calendar::{SECONDS_PER_DAY, midnight};
use crate::proto::header::HeaderFields;

/// Fifty years in seconds: a year of two digits is at most that far in the future (RFC 9110
/// §5.6.7).
const FIFTY_YEARS: i64 = 18_263 * SECONDS_PER_DAY;

/// The three forms of RFC 9110, without the day of the week, and the Netscape form of `Expires` in
/// cookies. `d`, `y`, `h`, `m` and `s` stand for a digit, `b` for a letter of the month, `_` for a
/// space or a digit of the day. All other characters stand for themselves.
const FORMS: [&[u8]; 4] = [
    b"dd bbb yyyy hh:mm:ss GMT",
    b"dd-bbb-yy hh:mm:ss GMT",
    b"dd-bbb-yyyy hh:mm:ss GMT",
    // In this form, no comma follows the day of the week.
    b"bbb _d hh:mm:ss yyyy",
];

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// Parses a date to seconds since 1970-01-01 00:00:00 UTC. `None` if `text` is not a date.
///
/// The forms are `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6
/// 08:49:37 1994`. The day of the week is ignored. A year of two digits is the latest one that is
/// at most 50 years after `now`, in seconds since 1970. If `now` is not known, 70 to 99 are in the
/// twentieth century (RFC 6265 §5.1.1).
#[must_use]
pub fn parse(text: &[u8], now: Option<i64>) -> Option<i64> {
    let name = text.iter().position(|byte| !byte.is_ascii_alphabetic())?;
    if name < 3 {
        return None;
    }
    match text.get(name..)? {
        [b',', b' ', rest @ ..] => {
            let [dated, short, netscape, _] = FORMS;
            [dated, short, netscape].iter().find_map(|form| parse_form(rest, form, now))
        }
        [b' ', rest @ ..] if name == 3 => {
            let [_, _, _, asctime] = FORMS;
            parse_form(rest, asctime, now)
        }
        _ => None,
    }
}

/// Parses the `Expires` of a cookie to seconds since 1970-01-01 00:00:00 UTC (RFC 6265 §5.1.1).
/// `None` if `text` is not a date.
///
/// Servers write many forms. The first word that looks like a time is the time, then the first that
/// looks like a day is the day, and so on. All other words are ignored, including the time zone.
#[cfg(feature = "cookies")]
#[must_use]
pub fn parse_cookie_date(text: &[u8]) -> Option<i64> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let is_delimiter =
        |byte: &u8| matches!(byte, b'\t' | b' '..=b'/' | b';'..=b'@' | b'['..=b'`' | b'{'..=b'~');
    for word in text.split(is_delimiter) {
        let (number, digits, _) = leading_number(word);
        if time.is_none()
            && let Some(found) = leading_time(word)
        {
            time = Some(found);
        } else if day.is_none() && matches!(digits, 1..=2) {
            day = Some(number);
        } else if month.is_none()
            && let Some(name) = word.get(..3)
            && let Some(index) = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))
        {
            month = Some(index as u32 + 1);
        } else if year.is_none() && matches!(digits, 2..=4) {
            year = Some(match number {
                0..=69 => number + 2000,
                70..=99 => number + 1900,
                _ => number,
            });
        }
    }
    let [hour, minute, second] = time?;
    let year = year?;
    if hour > 23 || minute > 59 || second > 59 || year < 1601 {
        return None;
    }
    Some(midnight(year, month?, day?)? + i64::from(hour * 3600 + minute * 60 + second))
}

/// Returns the number at the start of `word`, how many digits it has, and the text behind it.
#[cfg(feature = "cookies")]
fn leading_number(word: &[u8]) -> (u32, usize, &[u8]) {
    let digits = word.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(word.len());
    let (number, rest) = word.split_at(digits);
    // Callers ignore numbers of more than four digits.
    let number = number.iter().take(4).fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    (number, digits, rest)
}

/// Returns the hour, minute and second at the start of `word`.
#[cfg(feature = "cookies")]
fn leading_time(word: &[u8]) -> Option<[u32; 3]> {
    let (hour, first, rest) = leading_number(word);
    let (minute, second, rest) = leading_number(rest.strip_prefix(b":")?);
    let (seconds, third, _) = leading_number(rest.strip_prefix(b":")?);
    [first, second, third].iter().all(|digits| matches!(digits, 1..=2)).then_some([hour, minute, seconds])
}

/// The field called `name` as a date. `None` if there is none, or more than one.
#[must_use]
pub fn of_field(headers: &HeaderFields<'_>, name: &str, now: Option<i64>) -> Option<i64> {
    let mut headers = headers.clone();
    let value = headers.next_called(name)?;
    if headers.next_called(name).is_some() {
        return None;
    }
    parse(value, now)
}

fn parse_form(text: &[u8], form: &[u8], now: Option<i64>) -> Option<i64> {
    if text.len() != form.len() {
        return None;
    }
    let [mut day, mut year, mut hour, mut minute, mut second] = [0u32; 5];
    let mut month = [0; 3];
    let mut month_len = 0;
    let mut year_digits = 0;
    for (&byte, &place) in text.iter().zip(form) {
        let number = match place {
            b'_' if byte == b' ' => continue,
            b'd' | b'_' => &mut day,
            b'y' => {
                year_digits += 1;
                &mut year
            }
            b'h' => &mut hour,
            b'm' => &mut minute,
            b's' => &mut second,
            b'b' => {
                *month.get_mut(month_len)? = byte;
                month_len += 1;
                continue;
            }
            _ if byte == place => continue,
            _ => return None,
        };
        if !byte.is_ascii_digit() {
            return None;
        }
        *number = *number * 10 + u32::from(byte - b'0');
    }
    let month = MONTHS.iter().position(|name| **name == month)? as u32 + 1;
    // The sixtieth second is a leap second.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let time = i64::from(hour * 3600 + minute * 60 + second);
    if year_digits == 4 {
        return Some(midnight(year, month, day)? + time);
    }
    let Some(now) = now else {
        let century = if year < 70 { 2000 } else { 1900 };
        return Some(midnight(century + year, month, day)? + time);
    };
    // Some centuries do not have the day, if it is the 29th of February.
    (0..100)
        .filter_map(|century| Some(midnight(century * 100 + year, month, day)? + time))
        .take_while(|date| date.checked_sub(FIFTY_YEARS).is_none_or(|date| date <= now))
        .last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_of_rfc_9110() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun Nov 06 08:49:37 1994",
            "Sun, 06-Nov-1994 08:49:37 GMT",
        ] {
            assert_eq!(parse(text.as_bytes(), None), Some(784_111_777), "{text}");
            assert_eq!(parse(text.as_bytes(), Some(1_700_000_000)), Some(784_111_777), "{text}");
        }
    }

    #[test]
    fn known_moments() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
            ("Tue, 29 Feb 2000 12:30:59 GMT", 951_827_459),
            ("Tue, 19 Jan 2038 03:14:08 GMT", 2_147_483_648),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
            ("Mon, 01 Jan 0001 00:00:00 GMT", -62_135_596_800),
        ] {
            assert_eq!(parse(text.as_bytes(), None), Some(seconds), "{text}");
        }
    }

    #[test]
    fn years_of_two_digits() {
        let date = |text: &str, now| parse(format!("Friday, {text} 00:00:00 GMT").as_bytes(), now);
        let in_year = |year| midnight(year, 1, 1);
        assert_eq!(date("01-Jan-69", None), in_year(2069));
        assert_eq!(date("01-Jan-70", None), in_year(1970));
        let now = in_year(2026);
        assert_eq!(date("01-Jan-26", now), in_year(2026));
        assert_eq!(date("01-Jan-75", now), in_year(2075));
        assert_eq!(date("01-Jan-77", now), in_year(1977));
        assert_eq!(date("01-Jan-30", in_year(1985)), in_year(2030));
        assert_eq!(date("29-Feb-00", in_year(2080)), midnight(2000, 2, 29));
        assert_eq!(date("01-Jan-00", Some(i64::MAX)), in_year(9900));
        assert_eq!(date("01-Jan-00", Some(i64::MIN)), None);
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "Sun",
            "Sun, ",
            "06 Nov 1994 08:49:37 GMT",
            "Sun,06 Nov 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 +0100",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 06 Nov 1994 08:00:61 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Tue, 29 Feb 1900 00:00:00 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 0000 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994 GMT",
            "Sunday Nov  6 08:49:37 1994",
            "Sun Nov 6 08:49:37 1994",
            "784111777",
        ] {
            assert_eq!(parse(text.as_bytes(), None), None, "{text:?}");
        }
    }

    #[test]
    fn a_field_given_twice_is_no_date() {
        let date = "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
        assert_eq!(of_field(&HeaderFields::new(date.as_bytes()), "date", None), Some(0));
        assert_eq!(of_field(&HeaderFields::new(date.repeat(2).as_bytes()), "date", None), None);
        assert_eq!(of_field(&HeaderFields::new(b""), "date", None), None);
    }

    #[cfg(feature = "cookies")]
    #[test]
    fn dates_of_cookies() {
        for (seconds, texts) in [
            (
                784_111_777,
                &[
                    "Sun, 06 Nov 1994 08:49:37 GMT",
                    "Sunday, 06-Nov-94 08:49:37 GMT",
                    "Sun Nov  6 08:49:37 1994",
                    "Sun, 06-Nov-1994 08:49:37 GMT",
                    "Sun, 6 Nov 1994 8:49:37 GMT",
                    "Sun, 06 nov 1994 08:49:37 gmt",
                    "SUN, 06 NOV 1994 08:49:37 UTC",
                    "Sun, 06 Nov 1994 08:49:37 -0000",
                    "Sun, 06 Nov 1994 08:49:37 +0100",
                    "Sun, 06 Nov 1994 08:49:37",
                    "Sun,06 Nov 1994 08:49:37 GMT ",
                    "06 November 1994 08:49:37",
                    "6th Nov 94 08:49:37",
                    "08:49:37 1994 Nov 6",
                    "1994-Nov-06 08:49:37",
                    "1994 08:49:37Z Nov 06",
                    "Nov/6/94 08:49:37",
                    "\"Sun, 06 Nov 1994 08:49:37 GMT\"",
                    "[06;nov@1994]08:49:37~",
                    "Sun\t06\tNov\t1994\t08:49:37\tGMT",
                    "06 Nov 1994 08:49:37.999",
                    "06 Nov 1994AD 08:49:37",
                    "x y 06 z Nov nine 1994 08:49:37 07 Dec 2000 01:02:03",
                    "Sonntag, 06 Nov 1994 08:49:37 MEZ",
                    "06 \u{e9}t\u{e9} Nov 1994 08:49:37",
                ][..],
            ),
            (
                0,
                &[
                    "Thu, 1 Jan 1970 00:00:00 GMT",
                    "1 jan 70 0:0:0",
                    "Thu Jan  1 00:00:00 1970",
                    "01 Jan 0070 00:00:00",
                ],
            ),
            (1, &["Thu, 01-Jan-70 00:00:01 GMT", "Thu, 01-JAN-1970 00:00:01 GMT"]),
            (-1, &["Wed, 31-Dec-1969 23:59:59 GMT"]),
            (-11_644_473_600, &["Mon, 01 Jan 1601 00:00:00 GMT"]),
            (3_155_673_600, &["31 Dec 69 00:00:00"]),
            (253_402_300_799, &["Fri, 31 Dec 9999 23:59:59 GMT"]),
            (951_782_400, &["29 Feb 2000 00:00:00", "29-Feb-00 00:00:00"]),
        ] {
            for text in texts {
                assert_eq!(parse_cookie_date(text.as_bytes()), Some(seconds), "{text}");
            }
        }
    }

    #[cfg(feature = "cookies")]
    #[test]
    fn what_is_no_date_of_a_cookie() {
        for text in [
            "",
            "0",
            "-1",
            "Session",
            "784111777",
            "06 Nov 1994",
            "06 Nov 08:49:37",
            "Nov 1994 08:49:37",
            "06 1994 08:49:37",
            "06 11 1994 08:49:37",
            "1994-11-06T08:49:37Z",
            "06 Nov 1994 08:49",
            "06 Nov 1994 084937",
            "06 Nov 1994 08:49:371",
            "06 Nov 1994 008:49:37",
            "06 Nov 1994 :08:49:37",
            "06 Nov 1994 24:00:00",
            "06 Nov 1994 08:60:00",
            "06 Nov 1994 08:00:60",
            "00 Nov 1994 08:49:37",
            "32 Nov 1994 08:49:37",
            "31 Nov 1994 08:49:37",
            "29 Feb 1900 00:00:00",
            "29 Feb 1995 00:00:00",
            "001 Nov 1994 08:49:37",
            "06 Nov 1600 23:59:59",
            "06 Nov 199 08:49:37",
            "06 Nov 19944 08:49:37",
            "06 Nov 4 08:49:37",
            "06 No 1994 08:49:37",
            "06Nov1994 08:49:37",
        ] {
            assert_eq!(parse_cookie_date(text.as_bytes()), None, "{text}");
        }
    }
}
