// SPDX-License-Identifier: Apache-2.0
//! Walking over JSON text (RFC 8259) without reading it into anything, and without recursion: how deep a
//! hostile document nests does not decide how much stack it takes.

use crate::config::MAX_JSON_DEPTH;
use crate::proto::hex;
use crate::proto::json::error::{JsonError, JsonFault};

/// The arrays and objects that enclose a position: their number, and the kind of each of the last ones in a
/// bit.
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

/// A position in JSON text that moves forward. Where a method fails, the position is that of the failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scanner<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Scanner<'a> {
    /// Starts at the first byte of `text`.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    /// Bytes of the text before the position.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// An error at this position.
    #[must_use]
    pub const fn fault(&self, cause: JsonError) -> JsonFault {
        JsonFault { cause, offset: self.position }
    }

    /// The byte at the position, `None` at the end of the text.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn byte(&self) -> Result<u8, JsonError> {
        self.peek().ok_or(JsonError::UnexpectedEnd)
    }

    /// Passes one ASCII character.
    pub fn skip_byte(&mut self) {
        self.position += 1;
    }

    /// Passes a byte order mark at the start of the text. A parser may ignore it (RFC 8259 §8.1).
    pub fn skip_byte_order_mark(&mut self) {
        if self.position == 0 && self.text.starts_with('\u{feff}') {
            self.position = '\u{feff}'.len_utf8();
        }
    }

    /// Passes white space.
    pub fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.position += 1;
        }
    }

    /// Passes white space and the value behind it. Returns the text of the value.
    ///
    /// # Errors
    /// [`JsonError`] where there is no well-formed value.
    pub fn value(&mut self) -> Result<&'a str, JsonError> {
        self.value_within(0)
    }

    /// As [`value`](Self::value), for a value within `depth` arrays and objects.
    ///
    /// # Errors
    /// As [`value`](Self::value).
    pub fn value_within(&mut self, depth: u32) -> Result<&'a str, JsonError> {
        self.skip_space();
        let start = self.position;
        let mut nesting = Nesting { objects: 0, depth };
        loop {
            match self.byte()? {
                bracket @ (b'{' | b'[') => {
                    let object = bracket == b'{';
                    nesting.enter(object)?;
                    self.skip_byte();
                    self.skip_space();
                    if self.peek() != Some(if object { b'}' } else { b']' }) {
                        if object {
                            self.member_name()?;
                        }
                        continue;
                    }
                    nesting.leave();
                    self.skip_byte();
                }
                b'"' => _ = self.string()?,
                b't' => self.literal(b"true")?,
                b'f' => self.literal(b"false")?,
                b'n' => self.literal(b"null")?,
                _ => self.number()?,
            }
            loop {
                if nesting.depth == depth {
                    return Ok(self.passed_since(start));
                }
                self.skip_space();
                match self.byte()? {
                    b',' => {
                        self.skip_byte();
                        self.skip_space();
                        if nesting.in_object() {
                            self.member_name()?;
                        }
                        break;
                    }
                    b'}' if nesting.in_object() => {}
                    b']' if !nesting.in_object() => {}
                    _ => return Err(JsonError::Syntax),
                }
                nesting.leave();
                self.skip_byte();
            }
        }
    }

    /// Bytes of the value here, 0 where there is none that is well-formed.
    #[must_use]
    pub fn value_len(mut self) -> usize {
        self.value().unwrap_or_default().len()
    }

    /// Passes the name of an object member, the colon behind it, and the white space up to the value. Returns
    /// the inside of the name.
    ///
    /// # Errors
    /// [`JsonError`] where there is no name, or no colon behind it.
    pub fn member_name(&mut self) -> Result<&'a str, JsonError> {
        let name = self.string()?;
        self.skip_space();
        if self.byte()? != b':' {
            return Err(JsonError::Syntax);
        }
        self.skip_byte();
        self.skip_space();
        Ok(name)
    }

    /// Passes a string. Returns its inside, with its escapes.
    ///
    /// # Errors
    /// [`JsonError`] where there is no well-formed string.
    pub fn string(&mut self) -> Result<&'a str, JsonError> {
        if self.byte()? != b'"' {
            return Err(JsonError::Syntax);
        }
        self.skip_byte();
        let start = self.position;
        loop {
            match self.byte()? {
                b'"' => {
                    let inside = self.passed_since(start);
                    self.skip_byte();
                    return Ok(inside);
                }
                b'\\' => self.escape()?,
                0..=0x1f => return Err(JsonError::Syntax),
                _ => self.skip_byte(),
            }
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        let rest = self.text.as_bytes().get(self.position + 1..).unwrap_or_default();
        let len = match rest {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
            [b'u', digits @ ..] => {
                let mut digits = digits.iter().take(4);
                if !digits.clone().all(u8::is_ascii_hexdigit) {
                    return Err(JsonError::Escape);
                }
                if digits.nth(3).is_none() {
                    return self.unexpected_end();
                }
                6
            }
            [_, ..] => return Err(JsonError::Escape),
            [] => return self.unexpected_end(),
        };
        self.position += len;
        Ok(())
    }

    fn literal(&mut self, literal: &[u8]) -> Result<(), JsonError> {
        for &expected in literal {
            if self.byte()? != expected {
                return Err(JsonError::Syntax);
            }
            self.skip_byte();
        }
        Ok(())
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    fn number(&mut self) -> Result<(), JsonError> {
        if self.peek() == Some(b'-') {
            self.skip_byte();
        }
        if self.peek() == Some(b'0') {
            self.skip_byte();
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.skip_byte();
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.skip_byte();
            if let Some(b'+' | b'-') = self.peek() {
                self.skip_byte();
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        if !self.byte()?.is_ascii_digit() {
            return Err(JsonError::Syntax);
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.skip_byte();
        }
        Ok(())
    }

    fn unexpected_end<T>(&mut self) -> Result<T, JsonError> {
        self.position = self.text.len();
        Err(JsonError::UnexpectedEnd)
    }

    fn passed_since(&self, start: usize) -> &'a str {
        self.text.get(start..self.position).unwrap_or_default()
    }
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

    /// Where the value at the start of `text` ends, or what is wrong with it and where.
    fn value_end(text: &str) -> Result<usize, JsonFault> {
        let mut scanner = Scanner::new(text);
        scanner.value().map_err(|cause| scanner.fault(cause))?;
        Ok(scanner.position())
    }

    fn is_valid(text: &str) -> bool {
        value_end(text).is_ok_and(|end| text[end..].trim_ascii().is_empty())
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
            assert_eq!(value_end(&text), Ok(4 + value.len()), "{value}");
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
            assert!(!is_valid(text), "{text}");
        }
        assert!(!is_valid("01"));
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: u32| {
            let depth = depth as usize;
            "[".repeat(depth) + &"]".repeat(depth)
        };
        assert!(is_valid(&nested(MAX_JSON_DEPTH)));
        let too_deep = nested(MAX_JSON_DEPTH + 1);
        let fault = JsonFault { cause: JsonError::TooDeep, offset: MAX_JSON_DEPTH as usize };
        assert_eq!(value_end(&too_deep), Err(fault));
    }

    #[test]
    fn escapes_stand_for_characters() {
        let text: String = unescape(r#"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83dx\ude00"#).collect();
        assert_eq!(text, "a\"\\/\x08\x0c\n\r\té😀\u{fffd}x\u{fffd}");
    }

    proptest! {
        #[test]
        fn any_bytes_end_or_are_refused(text in r#"[\[\]{}:,"\\u0-9a-f truefalsn.eE+-]{0,40}"#) {
            match value_end(&text) {
                Ok(end) => prop_assert!(end <= text.len()),
                Err(JsonFault { cause: JsonError::UnexpectedEnd, offset }) => {
                    prop_assert_eq!(offset, text.len());
                }
                // What stands before the fault is without fault.
                Err(JsonFault { offset, .. }) => match value_end(&text[..offset]) {
                    Ok(end) => prop_assert_eq!(end, offset),
                    Err(JsonFault { cause, .. }) => prop_assert_eq!(cause, JsonError::UnexpectedEnd),
                },
            }
        }
    }
}
