// SPDX-License-Identifier: Apache-2.0
//! JSON that is read. A line with a JSON Pointer, then a document, which is read as serde_json reads it.

use std::collections::BTreeMap;
use std::fmt::Debug;

use requests::Response;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::input::Input;

/// See the module.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let pointer = input.text_until(b'\n');
    let text = input.rest();
    let read = read::<Value>(text);
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match serde_json::from_slice::<Value>(text) {
        Ok(expected) if depth(&expected) <= 32 => {
            let read = read.expect("a value");
            assert!(is_same(&read, &expected), "{read:?}, not {expected:?}");
            same_element(text, &pointer, &expected);
            same_types(text);
        }
        Ok(_) => assert!(read.is_err(), "nested too deeply"),
        Err(error) => {
            // Half of a surrogate pair is U+FFFD here, and so is not refused. The range of numbers is a matter of the
            // type.
            let reason = error.to_string();
            let lenient =
                ["surrogate", "hex escape", "out of range"].iter().any(|word| reason.contains(word));
            assert!(read.is_err() || lenient, "{reason}, but {read:?}");
        }
    }
}

fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, requests::Error> {
    let mut scratch = vec![0; text.len()];
    let read = requests::json_with_scratch(text, &mut scratch);
    // A response reads it likewise.
    let mut scratch = vec![0; 2 * text.len()];
    let response = Response::new(200, "OK", b"", text).with_scratch(&mut scratch).json::<T>();
    assert_eq!(read.is_ok(), response.is_ok());
    // Without scratch, only texts with escapes fail.
    if requests::json::<T>(text).is_ok() {
        assert!(read.is_ok());
    }
    read
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// `-0` is a float for one reader, and an integer for the other.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.keys().eq(other.keys())
                && one.values().zip(other.values()).all(|(one, other)| is_same(one, other))
        }
        _ => one == other || one.as_f64() == Some(0.0) && other.as_f64() == Some(0.0),
    }
}

fn same_element(text: &[u8], pointer: &str, document: &Value) {
    let mut scratch = vec![0; 2 * text.len()];
    let response = Response::new(200, "OK", b"", text).with_scratch(&mut scratch);
    let element = response.json_at::<Value>(pointer);
    // serde_json does not check the escapes of a pointer, and reads "+1" as an index.
    let is_plain = !pointer.contains(['~', '+']);
    match document.pointer(pointer) {
        Some(expected) if is_plain => assert!(is_same(&element.expect("an element"), expected)),
        None if is_plain => assert!(element.is_err(), "{pointer} leads to {element:?}"),
        _ => {}
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Record {
    id: u32,
    name: String,
    #[serde(default)]
    value: Option<f64>,
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    list: Vec<(i8, bool)>,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
enum Kind {
    #[default]
    Unit,
    Text(String),
    Pair(u8, char),
    Fields {
        a: i64,
    },
}

/// Values of types that both read: where serde_json reads a value, it is the same here.
fn same_types(text: &[u8]) {
    same::<i64>(text);
    same::<u8>(text);
    same::<i128>(text);
    same::<bool>(text);
    same::<char>(text);
    same::<String>(text);
    same::<Option<u16>>(text);
    same::<Vec<i32>>(text);
    same::<(u8, String)>(text);
    same::<BTreeMap<String, i64>>(text);
    same::<BTreeMap<u8, String>>(text);
    same::<Kind>(text);
    same::<Vec<Kind>>(text);
    same::<Record>(text);
}

fn same<T: DeserializeOwned + Debug + PartialEq>(text: &[u8]) {
    let read = read::<T>(text);
    match serde_json::from_slice::<T>(text) {
        Ok(expected) => {
            // A struct is not read from an array here, at any depth.
            if let Ok(read) = read {
                assert_eq!(read, expected);
            } else {
                assert!(text.contains(&b'['), "{read:?}, not {expected:?}");
            }
        }
        Err(error) => {
            // `-0` is an integer here, too.
            let is_zero = text.windows(2).any(|pair| pair == b"-0");
            assert!(
                read.is_err() || is_zero || error.to_string().contains("surrogate"),
                "{error}, but {read:?}"
            );
        }
    }
}
