// SPDX-License-Identifier: Apache-2.0
//! JSON for types that few programs use: tuple structs, keys that are numbers or of types of their own, bytes, fields
//! that must not be there.

use std::collections::BTreeMap;

use requests::{Error, JsonError, json, json_with_scratch};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Triple(u8, String, Option<bool>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Name(String);

/// A key that is a number with a fraction; floats have no order.
#[derive(Debug, PartialEq)]
struct Level<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Level<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

/// The members of an object in order.
#[derive(Debug, PartialEq)]
struct Members<K>(Vec<(K, u8)>);

impl<'de, K: Deserialize<'de>> Deserialize<'de> for Members<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<K>(std::marker::PhantomData<K>);
        impl<'de, K: Deserialize<'de>> serde::de::Visitor<'de> for Visitor<K> {
            type Value = Members<K>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Members<K>, A::Error> {
                let mut all = Vec::new();
                while let Some(member) = map.next_entry()? {
                    all.push(member);
                }
                Ok(Members(all))
            }
        }
        deserializer.deserialize_map(Visitor(std::marker::PhantomData))
    }
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    a: u8,
}

const TYPE: Result<(), JsonError> = Err(JsonError::Type);

fn cause<T>(result: Result<T, Error>) -> Result<(), JsonError> {
    match result {
        Ok(_) => Ok(()),
        Err(Error::Json { cause, .. }) => Err(cause),
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn tuple_structs_are_arrays() {
    let value = Triple(7, "x".to_owned(), None);
    assert_eq!(json::<Triple>(r#"[7, "x", null]"#), Ok(Triple(7, "x".to_owned(), None)));
    assert_eq!(cause(json::<Triple>(r#"[7, "x"]"#)), TYPE);
    assert_eq!(cause(json::<Triple>(r#"[7, "x", true, 1]"#)), TYPE);
    assert_eq!(written(&value), r#"[7,"x",null]"#);
}

#[test]
fn keys_of_types_of_their_own() {
    let map: BTreeMap<Name, u8> = json(r#"{"a": 1, "b": 2}"#).expect("a map");
    assert_eq!(map, BTreeMap::from([(Name("a".to_owned()), 1), (Name("b".to_owned()), 2)]));
    assert_eq!(written(&map), r#"{"a":1,"b":2}"#);
    let halves: Members<Level<f64>> = json(r#"{"0.5": 1, "-2e3": 2}"#).expect("a map");
    assert_eq!(halves.0, [(Level(0.5), 1), (Level(-2000.0), 2)]);
    let halves: Members<Level<f32>> = json(r#"{"0.5": 1}"#).expect("a map");
    assert_eq!(halves.0, [(Level(0.5), 1)]);
    assert_eq!(cause(json::<Members<Level<f64>>>(r#"{"x": 1}"#)), TYPE);
    assert_eq!(cause(json::<Members<Level<f32>>>(r#"{"1e99": 1}"#)), TYPE);
}

#[test]
fn fields_that_must_not_be_there_are_refused() {
    assert_eq!(json(r#"{"a": 1}"#), Ok(Strict { a: 1 }));
    assert_eq!(cause(json::<Strict>(r#"{"a": 1, "b": 2}"#)), TYPE);
}

/// Bytes come from a string, as a copy or borrowed.
#[test]
fn bytes_are_text() {
    struct Bytes(Vec<u8>);
    impl<'de> Deserialize<'de> for Bytes {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;
            impl serde::de::Visitor<'_> for Visitor {
                type Value = Vec<u8>;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("bytes")
                }
                fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                    Ok(bytes.to_vec())
                }
                fn visit_str<E>(self, text: &str) -> Result<Vec<u8>, E> {
                    Ok(text.as_bytes().to_vec())
                }
            }
            deserializer.deserialize_byte_buf(Visitor).map(Self)
        }
    }
    let mut scratch = [0; 16];
    assert_eq!(
        json_with_scratch::<Bytes>(r#""a\n\u00e9""#, &mut scratch).expect("bytes").0,
        "a\né".as_bytes()
    );
    assert_eq!(json::<Bytes>(r#""ab""#).expect("bytes").0, b"ab");
}

/// The JSON that a request sends.
fn written<T: Serialize>(value: &T) -> String {
    use requests::transport::scripted::{Script, ScriptedNetwork};

    let mut network = ScriptedNetwork::new([Script::new(b"HTTP/1.1 204 No Content\r\n\r\n")]);
    requests::post("http://example.org/")
        .json(value)
        .send_over(&mut network, &mut [0; 512])
        .expect("an answer");
    let sent = String::from_utf8(network.sent(0)).expect("text");
    sent.split_once("\r\n\r\n").expect("a head").1.to_owned()
}
