// SPDX-License-Identifier: Apache-2.0
//! The values of header fields: a name, a line feed, and a value. Dates, ranges, lists and delays are read without a
//! fault, and what is written of them is read as it was.

use requests::proto::http_date;
use requests::proto::range::{ContentRange, Validator, contradicts, strong_validator};
use requests::proto::write::{SliceWriter, Write as _};
use requests::proto::{framing::Framing, persistence, resume, retry_after};
use requests::{Encoding, HeaderFields};

use crate::input::Input;

/// See the module.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let options = input.byte();
    let lines = input.rest();
    let headers = HeaderFields::new(lines);
    let now = (options & 1 != 0).then_some(1_700_000_000);

    for field in headers.clone() {
        let value = field.value;
        if let Some(time) = http_date::parse(value, now) {
            assert!(
                (-62_135_596_800..=253_402_300_799).contains(&time),
                "{time} is not of a year with four digits"
            );
        }
        let _ = http_date::parse_cookie_date(value);
        let _ = retry_after::parse(value, now);
        let _ = ContentRange::parse(value);
        let _ = persistence::is_listed(value, b"close");
        if let Some(kept) = std::str::from_utf8(value).ok().and_then(Validator::<64>::from_kept) {
            assert_eq!(kept.as_bytes(), value);
        }
        let _ = field.value_str().and_then(Encoding::from_name);
    }
    let _ = retry_after::of_response(&headers, now);
    let _ = ContentRange::of_response(&headers);
    if let Some(validator) = strong_validator(&headers) {
        assert!(!contradicts(validator, &headers), "a response contradicts its own validator");
        let kept = Validator::<64>::of_response(&headers);
        assert_eq!(kept.is_some(), validator.len() <= 64);
        if let Some(kept) = kept {
            // A tag may have bytes beyond ASCII (RFC 9110 §8.8.3), which cannot be kept as text.
            if let Ok(text) = std::str::from_utf8(kept.as_bytes()) {
                let again = Validator::<64>::from_kept(text).expect("a validator");
                assert_eq!(again.as_bytes(), validator);
            }
            let rest = resume::Rest { first: 5, complete: None, validator: kept.as_bytes(), len: None };
            let mut room = [0; 256];
            let mut out = SliceWriter::new(&mut room);
            resume::write_rest(&rest, &mut out);
            assert!(out.finish().is_ok_and(|lines| lines.ends_with(b"\r\n")));
        }
    }
    for method in ["GET", "HEAD", "CONNECT"] {
        let status_code = u16::from(options) + 100;
        if let Ok(framing) = Framing::of_response(method, status_code, headers.clone()) {
            let _ = persistence::persistence(options & 1, status_code, framing, headers.clone());
        }
    }
    let mut none = SliceWriter::new(&mut []);
    none.write(lines);
    assert_eq!(none.finish().map_or_else(|size| size, <[u8]>::len), lines.len());
}
