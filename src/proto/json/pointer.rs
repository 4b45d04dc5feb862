// SPDX-License-Identifier: Apache-2.0
//! JSON Pointer (RFC 6901): reaching one value in a document without a type for the rest.

use crate::proto::json::error::{JsonError, JsonFault};
use crate::proto::json::scan::{Scanner, unescape};
use crate::proto::syntax::parse_decimal;

/// Goes to the value that `pointer` points to, from the start of a well-formed document. Of members with the
/// same name the last one counts, as in Python.
///
/// # Errors
/// [`JsonError::Pointer`] for a pointer that is not empty and does not start with `/`, or has a `~` not
/// followed by 0 or 1. [`JsonError::NotFound`] if there is no value at the pointer, with the offset of the last value
/// on the way to it.
pub fn find<'a>(mut document: Scanner<'a>, pointer: &str) -> Result<Scanner<'a>, JsonFault> {
    if !is_pointer(pointer) {
        return Err(JsonFault { cause: JsonError::Pointer, offset: 0 });
    }
    for token in pointer.split('/').skip(1) {
        let found = match document.peek() {
            Some(b'{') => find_member(document, token),
            Some(b'[') => find_element(document, token),
            _ => None,
        };
        document = found.ok_or(document.fault(JsonError::NotFound))?;
    }
    Ok(document)
}

/// Goes to the value of the member called `token` in the object at `scanner`.
fn find_member<'a>(mut scanner: Scanner<'a>, token: &str) -> Option<Scanner<'a>> {
    let mut found = None;
    enter(&mut scanner);
    while scanner.peek() != Some(b'}') {
        let name = scanner.member_name().ok()?;
        if unescape(name).eq(token_characters(token)) {
            found = Some(scanner);
        }
        pass_item(&mut scanner)?;
    }
    found
}

/// Goes to the element with the number `token` in the array at `scanner`.
fn find_element<'a>(mut scanner: Scanner<'a>, token: &str) -> Option<Scanner<'a>> {
    let leading_zero = token.len() > 1 && token.as_bytes().first() == Some(&b'0');
    let mut index = parse_decimal(token.as_bytes()).filter(|_| !leading_zero)?;
    enter(&mut scanner);
    while scanner.peek() != Some(b']') {
        if index == 0 {
            return Some(scanner);
        }
        index -= 1;
        pass_item(&mut scanner)?;
    }
    None
}

/// Passes the bracket of an array or object and the white space behind it.
fn enter(scanner: &mut Scanner<'_>) {
    scanner.skip_byte();
    scanner.skip_space();
}

/// Passes a value, and the comma behind it if there is one.
fn pass_item(scanner: &mut Scanner<'_>) -> Option<()> {
    scanner.value().ok()?;
    scanner.skip_space();
    if scanner.peek() == Some(b',') {
        enter(scanner);
    }
    Some(())
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
        let mut found = find(document(DOCUMENT.as_bytes()).unwrap(), pointer).map_err(|fault| fault.cause)?;
        found.value()
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
    fn the_offset_is_that_of_the_last_value_found() {
        let text = r#" {"a": [{"b": 1}]}"#;
        for (pointer, offset) in [("/x", 1), ("/a/1", 7), ("/a/0/x", 8), ("/a/0/b/x", 14)] {
            let fault = JsonFault { cause: JsonError::NotFound, offset };
            assert_eq!(find(document(text.as_bytes()).unwrap(), pointer), Err(fault), "{pointer}");
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
