// SPDX-License-Identifier: Apache-2.0
//! Walking over JSON text (RFC 8259) without reading it into anything, and without recursion: how deep a
//! hostile document nests does not decide how much stack it takes.

use crate::config::MAX_JSON_DEPTH;
use crate::proto::hex;
use crate::proto::json::error::JsonError;

/// The kinds of the arrays and objects that enclose a position, one bit each.
#[derive(Default)]
struct Nesting {
    objects: u64,
    depth: u32,
}

impl Nesting {
    fn enter(&mut self, object: bool) -> Result<(), JsonError> {
        if self.depth >= MAX_JSON_DEPTH {
            return Err(JsonError::TooDeep);
        }
        self.depth += 1;
        self.objects = self.objects << 1 | u64::from(object);
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
        self.objects >>= 1;
    }

    const fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }
}

/// Where the value that starts at `start`, behind any white space, ends.
///
/// # Errors
/// [`JsonError`] where there is no well-formed value.
pub fn value_end(text: &[u8], start: usize) -> Result<usize, JsonError> {
    let mut nesting = Nesting::default();
    let mut position = skip_space(text, start);
    loop {
        position = match text.get(position).ok_or(JsonError::UnexpectedEnd)? {
            bracket @ (b'{' | b'[') => {
                let object = *bracket == b'{';
                nesting.enter(object)?;
                let inside = skip_space(text, position + 1);
                if text.get(inside) != Some(&if object { b'}' } else { b']' }) {
                    position = if object { member_value(text, inside)? } else { inside };
                    continue;
                }
                nesting.leave();
                inside + 1
            }
            b'"' => string_end(text, position)?,
            b't' => literal_end(text, position, b"true")?,
            b'f' => literal_end(text, position, b"false")?,
            b'n' => literal_end(text, position, b"null")?,
            _ => number_end(text, position)?,
        };
        loop {
            if nesting.depth == 0 {
                return Ok(position);
            }
            position = skip_space(text, position);
            match text.get(position).ok_or(JsonError::UnexpectedEnd)? {
                b',' => {
                    position = skip_space(text, position + 1);
                    if nesting.in_object() {
                        position = member_value(text, position)?;
                    }
                    break;
                }
                b'}' if nesting.in_object() => {}
                b']' if !nesting.in_object() => {}
                _ => return Err(JsonError::Syntax),
            }
            nesting.leave();
            position += 1;
        }
    }
}

/// The position of the first byte at or behind `position` that is not white space.
#[must_use]
pub fn skip_space(text: &[u8], position: usize) -> usize {
    text.get(position..).map_or(position, |rest| {
        let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        position + rest.iter().position(|byte| !space(byte)).unwrap_or(rest.len())
    })
}

/// The value of the object member whose name starts at `position`.
///
/// # Errors
/// [`JsonError`] where there is no name, or no colon behind it.
pub fn member_value(text: &[u8], position: usize) -> Result<usize, JsonError> {
    let colon = skip_space(text, string_end(text, position)?);
    match text.get(colon) {
        Some(b':') => Ok(skip_space(text, colon + 1)),
        Some(_) => Err(JsonError::Syntax),
        None => Err(JsonError::UnexpectedEnd),
    }
}

/// Where the string that starts at `position` ends, behind its quotation mark.
///
/// # Errors
/// [`JsonError`] where there is no well-formed string.
pub fn string_end(text: &[u8], position: usize) -> Result<usize, JsonError> {
    match text.get(position) {
        Some(b'"') => {}
        Some(_) => return Err(JsonError::Syntax),
        None => return Err(JsonError::UnexpectedEnd),
    }
    let mut position = position + 1;
    loop {
        position += match text.get(position).ok_or(JsonError::UnexpectedEnd)? {
            b'"' => return Ok(position + 1),
            b'\\' => match text.get(position + 1).ok_or(JsonError::UnexpectedEnd)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
                b'u' => {
                    let mut digits = text.get(position + 2..).unwrap_or_default().iter().take(4);
                    if !digits.clone().all(u8::is_ascii_hexdigit) {
                        return Err(JsonError::Escape);
                    }
                    if digits.nth(3).is_none() {
                        return Err(JsonError::UnexpectedEnd);
                    }
                    6
                }
                _ => return Err(JsonError::Escape),
            },
            0..=0x1f => return Err(JsonError::Syntax),
            _ => 1,
        };
    }
}

fn literal_end(text: &[u8], position: usize, literal: &[u8]) -> Result<usize, JsonError> {
    let rest = text.get(position..).unwrap_or_default();
    if rest.starts_with(literal) {
        return Ok(position + literal.len());
    }
    Err(if literal.starts_with(rest) { JsonError::UnexpectedEnd } else { JsonError::Syntax })
}

/// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
fn number_end(text: &[u8], start: usize) -> Result<usize, JsonError> {
    let at = |position: usize| text.get(position).copied().unwrap_or_default();
    let digits = |mut position: usize| {
        let start = position;
        while at(position).is_ascii_digit() {
            position += 1;
        }
        match text.get(start) {
            _ if position > start => Ok(position),
            Some(_) => Err(JsonError::Syntax),
            None => Err(JsonError::UnexpectedEnd),
        }
    };
    let first = if at(start) == b'-' { start + 1 } else { start };
    let mut end = if at(first) == b'0' { first + 1 } else { digits(first)? };
    if at(end) == b'.' {
        end = digits(end + 1)?;
    }
    if matches!(at(end), b'e' | b'E') {
        let sign = usize::from(matches!(at(end + 1), b'+' | b'-'));
        end = digits(end + 1 + sign)?;
    }
    Ok(end)
}

/// The characters that the inside of a well-formed JSON string stands for. Half of a surrogate pair stands
/// for U+FFFD.
pub fn unescape(inside: &str) -> impl Iterator<Item = char> {
    let mut chars = inside.chars();
    core::iter::from_fn(move || {
        let character = chars.next()?;
        if character != '\\' {
            return Some(character);
        }
        Some(match chars.next()? {
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let high = code_unit(&mut chars)?;
                let mut pair = chars.clone();
                if (0xd800..0xdc00).contains(&high)
                    && pair.next() == Some('\\')
                    && pair.next() == Some('u')
                    && let Some(low @ 0xdc00..0xe000) = code_unit(&mut pair)
                {
                    chars = pair;
                    char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?
                } else {
                    char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
            }
            itself => itself,
        })
    })
}

fn code_unit(chars: &mut core::str::Chars<'_>) -> Option<u32> {
    let mut value = 0;
    for _ in 0..4 {
        let digit = u8::try_from(chars.next()?).ok().and_then(hex::value)?;
        value = value << 4 | u32::from(digit);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What this and a reference implementation say of a whole document.
    fn is_valid(text: &[u8]) -> bool {
        value_end(text, 0).is_ok_and(|end| skip_space(text, end) == text.len())
    }

    #[test]
    fn well_formed_values_end_where_they_end() {
        for value in [
            "{}",
            "[]",
            "[[],{}]",
            r#"{"a":1,"b":[true,false,null]}"#,
            "0",
            "-0.5e+10",
            "12",
            r#""a\"\\\/\b\f\n\r\t\u00e9""#,
            r#"{ "a" : { "b" : [ 1 , 2 ] } }"#,
        ] {
            let text = format!(" \t\r\n{value},");
            assert_eq!(value_end(text.as_bytes(), 0), Ok(4 + value.len()), "{value}");
        }
    }

    #[test]
    fn malformed_values_are_refused() {
        for text in [
            "",
            "{",
            "[",
            "[1",
            "[1,",
            "[1,]",
            "[,1]",
            "{,}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            "{1:2}",
            "[}",
            "{]",
            "[1}",
            "tru",
            "nul",
            "truE",
            "+1",
            "-",
            ".5",
            "1.",
            "1e",
            "1e+",
            "\"",
            "\"\\",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u12g4\"",
            "\"\n\"",
            "'a'",
        ] {
            assert!(!is_valid(text.as_bytes()), "{text}");
        }
        assert!(!is_valid(b"01"));
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: u32| {
            let depth = depth as usize;
            "[".repeat(depth) + &"]".repeat(depth)
        };
        assert!(is_valid(nested(MAX_JSON_DEPTH).as_bytes()));
        let too_deep = nested(MAX_JSON_DEPTH + 1);
        assert_eq!(value_end(too_deep.as_bytes(), 0), Err(JsonError::TooDeep));
    }

    #[test]
    fn escapes_stand_for_characters() {
        let text: String = unescape(r#"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83dx\ude00"#).collect();
        assert_eq!(text, "a\"\\/\x08\x0c\n\r\té😀\u{fffd}x\u{fffd}");
    }

    proptest! {
        #[test]
        fn any_bytes_end_or_are_refused(text in r#"[\[\]{}:,"\\u0-9a-f truefalsn.eE+-]{0,40}"#) {
            if let Ok(end) = value_end(text.as_bytes(), 0) {
                prop_assert!(end <= text.len());
            }
        }
    }
}
