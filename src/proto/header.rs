// SPDX-License-Identifier: Apache-2.0
//! Header fields of a response, read in place.

use crate::proto::syntax::{find_byte, split_at_byte, trim_ows};

/// One header field line (RFC 9112 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderField<'a> {
    /// The name as it was received. Compare it ignoring case.
    pub name: &'a str,
    /// The value, without white space at its ends. It is usually text, but may be any bytes.
    pub value: &'a [u8],
}

impl<'a> HeaderField<'a> {
    /// The value as text. `None` if it is not UTF-8.
    #[must_use]
    pub const fn value_str(&self) -> Option<&'a str> {
        match core::str::from_utf8(self.value) {
            Ok(text) => Some(text),
            Err(_) => None,
        }
    }
}

/// The header fields of a response, in the order in which they were received.
#[derive(Debug, Clone)]
pub struct HeaderFields<'a> {
    lines: &'a [u8],
}

impl<'a> HeaderFields<'a> {
    /// The fields of `lines`. Each line is `name: value`, ended by LF or CR LF. A line without a
    /// colon, or with a name that is not UTF-8, is skipped. A parsed head contains no such lines.
    #[must_use]
    pub const fn new(lines: &'a [u8]) -> Self {
        Self { lines }
    }

    /// The value of the first field called `name`, ignoring case.
    #[must_use]
    pub fn first(mut self, name: &str) -> Option<&'a [u8]> {
        self.next_called(name)
    }

    /// The values of all fields called `name`, ignoring case, in order.
    pub fn values_of(mut self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        core::iter::from_fn(move || self.next_called(name))
    }

    /// The value of the next field called `name`, ignoring case.
    pub fn next_called(&mut self, name: &str) -> Option<&'a [u8]> {
        while let Some(line) = self.next_line() {
            if let Some(value) = value_if_called(line, name) {
                return Some(value);
            }
        }
        None
    }

    /// The next field called one of `names`, ignoring case: the index of its name there, and its value.
    pub(crate) fn next_of(&mut self, names: &[&str]) -> Option<(usize, &'a [u8])> {
        while let Some(line) = self.next_line() {
            for (index, name) in names.iter().enumerate() {
                if let Some(value) = value_if_called(line, name) {
                    return Some((index, value));
                }
            }
        }
        None
    }

    /// The next line, without its LF.
    fn next_line(&mut self) -> Option<&'a [u8]> {
        if self.lines.is_empty() {
            return None;
        }
        let (line, rest) = split_at_byte(self.lines, b'\n');
        self.lines = rest.unwrap_or_default();
        Some(line)
    }
}

/// The value of `line`, if the field is called `name`, ignoring case.
fn value_if_called<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (start, [b':', value @ ..]) = line.split_at_checked(name.len())? else {
        return None;
    };
    // The name of a line ends at its first colon.
    let is_called = start.eq_ignore_ascii_case(name.as_bytes()) && find_byte(b':', start).is_none();
    is_called.then(|| trim_value(value))
}

/// What is behind the colon of a line, without the CR of its end and white space.
fn trim_value(value: &[u8]) -> &[u8] {
    trim_ows(value.strip_suffix(b"\r").unwrap_or(value))
}

impl<'a> Iterator for HeaderFields<'a> {
    type Item = HeaderField<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(line) = self.next_line() {
            if let (name, Some(value)) = split_at_byte(line, b':')
                && let Ok(name) = core::str::from_utf8(name)
            {
                return Some(HeaderField { name, value: trim_value(value) });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_walked_in_order_and_found_in_any_case() {
        let fields = HeaderFields::new(b"A: 1\r\nb:2 \nnone\nA:\t3:4");
        let names: Vec<_> = fields.clone().map(|field| field.name).collect();
        assert_eq!(names, ["A", "b", "A"]);
        let values: Vec<_> = fields.values_of("a").collect();
        assert_eq!(values, [&b"1"[..], b"3:4"]);
    }

    #[test]
    fn a_name_ends_at_the_first_colon() {
        let fields = HeaderFields::new(b"A: b:c\r\nD::e\r\n");
        for name in ["A: b", "D:", "A:", "D::"] {
            assert_eq!(fields.clone().first(name), None, "{name}");
        }
        assert_eq!(fields.first("D"), Some(&b":e"[..]));
    }

    #[test]
    fn a_value_that_is_no_text_is_none() {
        let mut fields = HeaderFields::new(b"A: \xff\r\nB: c\r\n");
        assert_eq!(fields.next().unwrap().value_str(), None);
        assert_eq!(fields.next().unwrap().value_str(), Some("c"));
    }
}
