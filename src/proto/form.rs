// SPDX-License-Identifier: Apache-2.0
//! `application/x-www-form-urlencoded`: query parameters and form bodies (WHATWG URL standard §5).

use crate::proto::percent::{stands_in_form, write_encoded};
use crate::proto::write::{Counter, Write};

/// Names and values, together with the code that encodes them, so that only programs that have any link it.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    fields: &'a [(&'a str, &'a str)],
    code: &'static Code,
}

#[derive(Debug)]
struct Code {
    content_length: fn(&[(&str, &str)]) -> u64,
    write: fn(&mut dyn Write, &[(&str, &str)]),
}

static CODE: Code = Code { content_length, write };

impl<'a> Fields<'a> {
    /// These names and values.
    #[must_use]
    pub const fn new(fields: &'a [(&'a str, &'a str)]) -> Self {
        Self { fields, code: &CODE }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Writes `name=value` for each field, joined by `&`.
    pub fn write(&self, out: &mut dyn Write) {
        (self.code.write)(out, self.fields);
    }

    /// The number of bytes that [`write()`](Self::write) writes.
    #[must_use]
    pub fn content_length(&self) -> u64 {
        (self.code.content_length)(self.fields)
    }
}

fn content_length(fields: &[(&str, &str)]) -> u64 {
    let mut counter = Counter::default();
    write(&mut counter, fields);
    counter.count
}

fn write(out: &mut dyn Write, fields: &[(&str, &str)]) {
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            out.write(b"&");
        }
        write_component(out, name);
        out.write(b"=");
        write_component(out, value);
    }
}

fn write_component(out: &mut dyn Write, text: &str) {
    for (index, word) in text.as_bytes().split(|&byte| byte == b' ').enumerate() {
        if index > 0 {
            out.write(b"+");
        }
        write_encoded(out, word, stands_in_form);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;

    #[test]
    fn encodes_as_browsers_and_python_do() {
        let fields = Fields::new(&[("a b", "1&2=3"), ("é", ""), ("", "~*-._")]);
        let expected = b"a+b=1%262%3D3&%C3%A9=&=%7E*-._";
        let mut room = [0; 64];
        let mut out = SliceWriter::new(&mut room);
        fields.write(&mut out);
        assert_eq!(out.written(), expected);
        assert_eq!(fields.content_length(), expected.len() as u64);
    }
}
