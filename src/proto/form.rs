// SPDX-License-Identifier: Apache-2.0
//! `application/x-www-form-urlencoded`: query parameters and form bodies (WHATWG URL standard §5).

use crate::Error;
use crate::proto::percent::{stands_in_form, write_encoded};
use crate::proto::write::Write;

/// Writes `name=value` for each of `fields`, joined by `&`.
///
/// # Errors
/// Those of `out`.
pub fn write_urlencoded(out: &mut dyn Write, fields: &[(&str, &str)]) -> Result<(), Error> {
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            out.write(b"&")?;
        }
        write_component(out, name)?;
        out.write(b"=")?;
        write_component(out, value)?;
    }
    Ok(())
}

fn write_component(out: &mut dyn Write, text: &str) -> Result<(), Error> {
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            out.write(b"+")?;
        }
        write_encoded(out, word.as_bytes(), stands_in_form)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;

    #[test]
    fn encodes_as_browsers_and_python_do() {
        let mut room = [0; 64];
        let mut out = SliceWriter::new(&mut room);
        write_urlencoded(&mut out, &[("a b", "1&2=3"), ("é", ""), ("", "~*-._")]).unwrap();
        assert_eq!(out.written(), b"a+b=1%262%3D3&%C3%A9=&=%7E*-._");
    }
}
