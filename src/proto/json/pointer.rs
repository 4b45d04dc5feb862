// SPDX-License-Identifier: Apache-2.0
//! JSON Pointer (RFC 6901): reaching one value in a document without a type for the rest.

use crate::proto::json::error::JsonError;
use crate::proto::json::scan::{member_value, skip_space, string_end, unescape, value_end};
use crate::proto::syntax::parse_decimal;

/// The text of the value that `pointer` points to in `document`, which must be well-formed. Of members with
/// the same name the last one counts, as in Python.
///
/// # Errors
/// [`JsonError::Pointer`] for a pointer that is not empty and does not start with `/`, or has a `~` not
/// followed by 0 or 1; [`JsonError::NotFound`] where it leads nowhere.
pub fn find<'a>(document: &'a str, pointer: &str) -> Result<&'a str, JsonError> {
    if !is_pointer(pointer) {
        return Err(JsonError::Pointer);
    }
    let text = document.as_bytes();
    let mut start = skip_space(text, 0);
    for token in pointer.split('/').skip(1) {
        start = match text.get(start) {
            Some(b'{') => find_member(text, start + 1, token)?,
            Some(b'[') => find_element(text, start + 1, token)?,
            _ => return Err(JsonError::NotFound),
        };
    }
    let end = value_end(text, start)?;
    document.get(start..end).ok_or(JsonError::UnexpectedEnd)
}

/// Start of the value of the member called `token` in the object whose inside starts at `position`.
fn find_member(document: &[u8], position: usize, token: &str) -> Result<usize, JsonError> {
    let mut found = None;
    let mut position = skip_space(document, position);
    while document.get(position) != Some(&b'}') {
        let value = member_value(document, position)?;
        let name = document.get(position + 1..string_end(document, position)? - 1);
        let name = core::str::from_utf8(name.unwrap_or_default()).map_err(|_| JsonError::Syntax)?;
        if unescape(name).eq(token_characters(token)) {
            found = Some(value);
        }
        position = next_item(document, value, b'}')?;
    }
    found.ok_or(JsonError::NotFound)
}

/// Start of the element with the number `token` in the array whose inside starts at `position`.
fn find_element(document: &[u8], position: usize, token: &str) -> Result<usize, JsonError> {
    let leading_zero = token.len() > 1 && token.as_bytes().first() == Some(&b'0');
    let index = parse_decimal(token.as_bytes()).filter(|_| !leading_zero);
    let mut index = index.ok_or(JsonError::NotFound)?;
    let mut position = skip_space(document, position);
    while document.get(position) != Some(&b']') {
        if index == 0 {
            return Ok(position);
        }
        index -= 1;
        position = next_item(document, position, b']')?;
    }
    Err(JsonError::NotFound)
}

/// Start of what follows the value at `value` in an array or object that ends in `close`; the position of
/// `close` where nothing does.
fn next_item(document: &[u8], value: usize, close: u8) -> Result<usize, JsonError> {
    let position = skip_space(document, value_end(document, value)?);
    match document.get(position) {
        Some(b',') => Ok(skip_space(document, position + 1)),
        Some(byte) if *byte == close => Ok(position),
        _ => Err(JsonError::Syntax),
    }
}

/// RFC 6901 §3.
fn is_pointer(pointer: &str) -> bool {
    let pointer = pointer.as_bytes();
    let mut tildes = pointer.split(|&byte| byte == b'~').skip(1);
    matches!(pointer, [] | [b'/', ..]) && tildes.all(|rest| matches!(rest, [b'0' | b'1', ..]))
}

/// The characters that a reference token stands for (RFC 6901 §4).
fn token_characters(token: &str) -> impl Iterator<Item = char> {
    let mut characters = token.chars();
    core::iter::from_fn(move || match characters.next()? {
        '~' if characters.next()? == '1' => Some('/'),
        character => Some(character),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::json::document;

    const DOCUMENT: &str = r#" {
        "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5,
        "k\"l": 6, " ": 7, "m~n": 8, "\u00e9": 9, "o": {"p": [[], {"q": -1.5}]}, "twice": 1, "twice": 2
    } "#;

    fn find_text(pointer: &str) -> Result<&'static str, JsonError> {
        find(DOCUMENT, pointer)
    }

    #[test]
    fn examples_of_rfc_6901_section_5() {
        for (pointer, value) in [
            ("/foo", r#"["bar", "baz"]"#),
            ("/foo/0", r#""bar""#),
            ("/", "0"),
            ("/a~1b", "1"),
            ("/c%d", "2"),
            ("/e^f", "3"),
            ("/g|h", "4"),
            ("/i\\j", "5"),
            ("/k\"l", "6"),
            ("/ ", "7"),
            ("/m~0n", "8"),
            ("/é", "9"),
            ("/o/p/1/q", "-1.5"),
            ("/o/p/0", "[]"),
            ("/twice", "2"),
        ] {
            assert_eq!(find_text(pointer), Ok(value), "{pointer}");
        }
        assert_eq!(find_text(""), Ok(DOCUMENT.trim()));
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for pointer in ["/bar", "/foo/2", "/foo/-", "/foo/00", "/foo/x", "/foo/0/x", "/o/p/0/0", "/foo/"] {
            assert_eq!(find_text(pointer), Err(JsonError::NotFound), "{pointer}");
        }
    }

    #[test]
    fn malformed_pointers_are_told_apart() {
        for pointer in ["foo", "/m~n", "/m~", "/m~2n", "foo/0", "~", "/bar/m~n", "/foo/~", "/m~0~"] {
            assert_eq!(find_text(pointer), Err(JsonError::Pointer), "{pointer}");
        }
    }
    #[test]
    fn malformed_documents_are_refused() {
        for text in [r#"{"a":1,}"#, r#"{"a" 1}"#, r#"{"b":[1,],"a":1}"#, r#"{"b":1 "a":1}"#, r#"{"a":"#] {
            assert!(document(text.as_bytes()).and_then(|document| find(document, "/a")).is_err(), "{text}");
        }
    }
}
