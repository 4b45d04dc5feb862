// SPDX-License-Identifier: Apache-2.0
//! Values that are written as JSON. The input makes a value of many types; serde_json reads from the JSON what it
//! would have written itself.

use std::collections::BTreeMap;

use requests::proto::json::ToJson;
use requests::proto::json::error::WriteError;
use serde::Serialize;
use serde_json::Value;

use crate::input::Input;

/// A value of a type that serde knows.
#[derive(Debug, Serialize)]
enum Any {
    Null,
    Unit(()),
    Flag(bool),
    Small(i8),
    Integer(i64),
    Large(u64),
    Wide(i128),
    Single(f32),
    Double(f64),
    Character(char),
    Text(String),
    Nothing(Option<Box<Any>>),
    List(Vec<Any>),
    Tuple(Box<(Any, Any)>),
    Pair(Box<Any>, Box<Any>),
    Fields { first: Box<Any>, second: Option<Box<Any>> },
    Named(BTreeMap<String, Any>),
    Numbered(BTreeMap<i32, Any>),
    Flagged(BTreeMap<bool, Any>),
}

/// See the module.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let value = any(&mut input, 0);
    let mut room = vec![0; 8 * data.len() + 4096];
    let written = value.to_json_at_end(&mut room).map(|(_, json)| json.to_vec());
    match written {
        Ok(json) => {
            assert!(!has_unsupported(&value));
            let read: Value = serde_json::from_slice(&json)
                .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&json)));
            let expected = serde_json::to_string(&value).expect("JSON");
            let expected: Value = serde_json::from_str(&expected).expect("JSON");
            assert_eq!(read, expected, "{}", String::from_utf8_lossy(&json));
            fits(&value, &json);
        }
        Err(WriteError::Unsupported { .. }) => assert!(has_unsupported(&value), "{value:?}"),
        Err(error) => panic!("{error:?} of {value:?}"),
    }
}

/// Room for exactly this JSON is enough, and a byte less is too little and says what is needed.
fn fits(value: &Any, json: &[u8]) {
    let mut room = vec![0; json.len()];
    assert_eq!(value.to_json_at_end(&mut room).map(|(rest, json)| (rest.len(), json)), Ok((0, json)));
    for size in [json.len() - 1, json.len() / 2, 0] {
        let mut room = vec![0; size];
        assert_eq!(value.to_json_at_end(&mut room).map(drop), Err(WriteError::TooLong(json.len())));
    }
}

fn any(input: &mut Input<'_>, depth: usize) -> Any {
    let kind = input.byte();
    // Only so deep, and not more than the input has.
    let kinds = if depth > 6 || input.is_empty() { 11 } else { 19 };
    match kind % kinds {
        0 => Any::Null,
        1 => Any::Unit(()),
        2 => Any::Flag(input.byte() & 1 != 0),
        3 => Any::Small(input.byte() as i8),
        4 => Any::Integer(number(input) as i64),
        5 => Any::Large(number(input)),
        6 => Any::Wide(i128::from(number(input) as i64) * 3),
        7 => Any::Single(f32::from_bits(number(input) as u32)),
        8 => Any::Double(f64::from_bits(number(input))),
        9 => Any::Character(char::from_u32(u32::from(input.short()) * 2).unwrap_or('"')),
        10 => Any::Text(text(input)),
        11 => Any::Nothing((input.byte() & 1 != 0).then(|| Box::new(any(input, depth + 1)))),
        12 => Any::List((0..input.below(6)).map(|_| any(input, depth + 1)).collect()),
        13 => Any::Tuple(Box::new((any(input, depth + 1), any(input, depth + 1)))),
        14 => Any::Pair(Box::new(any(input, depth + 1)), Box::new(any(input, depth + 1))),
        15 => Any::Fields {
            first: Box::new(any(input, depth + 1)),
            second: (input.byte() & 1 != 0).then(|| Box::new(any(input, depth + 1))),
        },
        16 => Any::Named((0..input.below(5)).map(|_| (text(input), any(input, depth + 1))).collect()),
        17 => Any::Numbered(
            (0..input.below(5)).map(|_| (number(input) as i32, any(input, depth + 1))).collect(),
        ),
        _ => Any::Flagged((0..input.below(3)).map(|index| (index == 0, any(input, depth + 1))).collect()),
    }
}

fn number(input: &mut Input<'_>) -> u64 {
    input.take(8).iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn text(input: &mut Input<'_>) -> String {
    let count = input.below(24);
    String::from_utf8_lossy(input.take(count)).into_owned()
}

/// Whether a part of `value` satisfies `is`.
fn contains(value: &Any, is: &dyn Fn(&Any) -> bool) -> bool {
    let inside = |inner: &Any| contains(inner, is);
    is(value)
        || match value {
            Any::Nothing(inner) => inner.as_deref().is_some_and(inside),
            Any::List(list) => list.iter().any(inside),
            Any::Tuple(pair) => inside(&pair.0) || inside(&pair.1),
            Any::Pair(one, two) => inside(one) || inside(two),
            Any::Fields { first, second } => inside(first) || second.as_deref().is_some_and(inside),
            Any::Named(map) => map.values().any(inside),
            Any::Numbered(map) => map.values().any(inside),
            Any::Flagged(map) => map.values().any(inside),
            _ => false,
        }
}

/// Numbers that are not finite are refused here; serde_json writes `null`.
fn has_unsupported(value: &Any) -> bool {
    contains(value, &|value| match value {
        Any::Single(number) => !number.is_finite(),
        Any::Double(number) => !number.is_finite(),
        _ => false,
    })
}
