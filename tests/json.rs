// SPDX-License-Identifier: Apache-2.0
//! JSON in responses: which documents are accepted, and which values are read from them, compared
//! with serde_json.

use std::collections::BTreeMap;
use std::fmt::Debug;

use proptest::prelude::*;
use requests::JsonError::{
    Escape, NotFound, Pointer, Syntax, TooDeep, TrailingData, Type, UnexpectedEnd, Unsupported,
};
use requests::transport::scripted::ScriptedNetwork;
use requests::{Error, JsonError, Response, Session};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The nesting limit on a host.
const DEPTH: usize = 32;

fn response(text: &[u8]) -> Response<'_> {
    Response::new(200, "OK", b"", text).with_scratch(vec![0; 4096].leak())
}

fn json_error<T>(result: Result<T, Error>) -> Option<JsonError> {
    match result {
        Ok(_) => None,
        Err(Error::Json { cause, .. }) => Some(cause),
        Err(error) => panic!("{error}"),
    }
}

/// The error of `json` and `json_at` for a document, which must be the same.
fn verdict(text: &[u8]) -> Option<JsonError> {
    let response = response(text);
    let whole = json_error(response.json::<IgnoredAny>());
    assert_eq!(json_error(response.json_at::<IgnoredAny>("")), whole, "{}", text.escape_ascii());
    for pointer in ["/a", "/0", "/a/0", "/1/b"] {
        match json_error(response.json_at::<IgnoredAny>(pointer)) {
            None | Some(NotFound) => assert_eq!(whole, None, "{} {pointer}", text.escape_ascii()),
            error => assert_eq!(error, whole, "{} {pointer}", text.escape_ascii()),
        }
    }
    whole
}

#[test]
fn what_is_not_json_is_refused_whichever_part_of_it_is_wanted() {
    for (text, error) in [
        // Content that is not JSON.
        (&b""[..], UnexpectedEnd),
        (b" \r\n\t", UnexpectedEnd),
        (b"\xef\xbb\xbf", UnexpectedEnd),
        (b"<!DOCTYPE html><html><body>Sign in to this network</body></html>", Syntax),
        (b"OK", Syntax),
        (b"undefined", Syntax),
        (b"None", Syntax),
        (b"cb({\"a\":1})", Syntax),
        (b")]}',\n{\"a\":1}", Syntax),
        (b"while(1);[1]", Syntax),
        (b"a=1&b=2", Syntax),
        (b"\x1f\x8b\x08\0", Syntax),
        (b"\0", Syntax),
        // Cut documents.
        (b"[1,2", UnexpectedEnd),
        (b"[1,", UnexpectedEnd),
        (b"[", UnexpectedEnd),
        (b"{", UnexpectedEnd),
        (b"{\"a\"", UnexpectedEnd),
        (b"{\"a\":", UnexpectedEnd),
        (b"{\"a\":1", UnexpectedEnd),
        (b"{\"a\":1,", UnexpectedEnd),
        (b"{\"a\":[1]", UnexpectedEnd),
        (b"\"a", UnexpectedEnd),
        (b"\"a\\", UnexpectedEnd),
        (b"\"\\u00", UnexpectedEnd),
        (b"\"\\u00e9", UnexpectedEnd),
        (b"tru", UnexpectedEnd),
        (b"-", UnexpectedEnd),
        (b"1.", UnexpectedEnd),
        (b"1e", UnexpectedEnd),
        (b"1e-", UnexpectedEnd),
        // More than one value.
        (b"{\"a\":1}}", TrailingData),
        (b"{\"a\":1} x", TrailingData),
        (b"{\"a\":1}{\"a\":2}", TrailingData),
        (b"{\"a\":1}\n{\"a\":2}\n", TrailingData),
        (b"{\"a\":1},", TrailingData),
        (b"{\"a\":1}\0", TrailingData),
        (b"{\"a\":1};", TrailingData),
        (b"[1]]", TrailingData),
        (b"\"a\"b", TrailingData),
        (b"nulls", TrailingData),
        (b"01", TrailingData),
        (b"-00", TrailingData),
        (b"1 2", TrailingData),
        (b"0x10", TrailingData),
        (b"1_000", TrailingData),
        (b"1,5", TrailingData),
        (b"[1]\xef\xbb\xbf", TrailingData),
        (b"[1]\x0c", TrailingData),
        (b"[1]\xc2\xa0", TrailingData),
        // Structure.
        (b"[1,]", Syntax),
        (b"[,1]", Syntax),
        (b"[1,,2]", Syntax),
        (b"[1 2]", Syntax),
        (b"[1;2]", Syntax),
        (b"[1}", Syntax),
        (b"{\"a\":1]", Syntax),
        (b"{,}", Syntax),
        (b"{\"a\":1,}", Syntax),
        (b"{\"a\":1,,\"b\":2}", Syntax),
        (b"{\"a\",1}", Syntax),
        (b"{\"a\"}", Syntax),
        (b"{\"a\" 1}", Syntax),
        (b"{\"a\"::1}", Syntax),
        (b"{:1}", Syntax),
        (b"{a:1}", Syntax),
        (b"{'a':1}", Syntax),
        (b"{1:1}", Syntax),
        (b"{null:1}", Syntax),
        (b"{[1]:1}", Syntax),
        (b"]", Syntax),
        (b"}", Syntax),
        (b",", Syntax),
        (b":", Syntax),
        (b"[1]/* x */]", TrailingData),
        (b"/* x */[1]", Syntax),
        (b"[1,// x\n2]", Syntax),
        (b"[1 # x\n]", Syntax),
        (b"\xef\xbb\xbf\xef\xbb\xbf[1]", Syntax),
        (b"\xfe\xff\0[\x001\0]", Syntax),
        (b"[\x001\0]\0", Syntax),
        (b"\x0b[1]", Syntax),
        (b"\xc2\xa0[1]", Syntax),
        // Literals and numbers.
        (b"[True]", Syntax),
        (b"[TRUE]", Syntax),
        (b"[nul]", Syntax),
        (b"[nil]", Syntax),
        (b"[NaN]", Syntax),
        (b"[nan]", Syntax),
        (b"[Infinity]", Syntax),
        (b"[-Infinity]", Syntax),
        (b"[inf]", Syntax),
        (b"[01]", Syntax),
        (b"[-01]", Syntax),
        (b"[1.]", Syntax),
        (b"[.5]", Syntax),
        (b"[-.5]", Syntax),
        (b"[-]", Syntax),
        (b"[--1]", Syntax),
        (b"[+1]", Syntax),
        (b"[1e]", Syntax),
        (b"[1e+]", Syntax),
        (b"[1e1.5]", Syntax),
        (b"[1.e1]", Syntax),
        (b"[1.2.3]", Syntax),
        (b"[1+2]", Syntax),
        (b"[1f]", Syntax),
        (b"[1n]", Syntax),
        (b"[0x1F]", Syntax),
        (b"[0b1]", Syntax),
        (b"[- 1]", Syntax),
        (b"[1 .5]", Syntax),
        (b"[\xef\xbc\x91]", Syntax),
        // Strings.
        (b"['a']", Syntax),
        (b"[`a`]", Syntax),
        (b"[\"a\nb\"]", Syntax),
        (b"[\"a\tb\"]", Syntax),
        (b"[\"a\0b\"]", Syntax),
        (b"[\"\x1f\"]", Syntax),
        (b"[\"a\" \"b\"]", Syntax),
        (b"[\"\\x41\"]", Escape),
        (b"[\"\\a\"]", Escape),
        (b"[\"\\'\"]", Escape),
        (b"[\"\\0\"]", Escape),
        (b"[\"\\\n\"]", Escape),
        (b"[\"\\U00e9\"]", Escape),
        (b"[\"\\u12\"]", Escape),
        (b"[\"\\u00g0\"]", Escape),
        (b"[\"\\u-123\"]", Escape),
        (b"[\"\\u{e9}\"]", Escape),
        (b"[\"\\\xc3\xa9\"]", Escape),
        (b"[\\u0041]", Syntax),
        // Bytes that are not UTF-8, in the requested value or elsewhere.
        (b"[\"\xff\"]", Syntax),
        (b"[\"caf\xe9\"]", Syntax),
        (b"{\"a\":1,\"b\":\"\xc3\"}", Syntax),
        (b"{\"\xc3\x28\":1}", Syntax),
        (b"[\"\xc0\xaf\"]", Syntax),
        (b"[\"\xed\xa0\x80\"]", Syntax),
        (b"[\"\xf4\x90\x80\x80\"]", Syntax),
        // An error behind the value at the pointer.
        (b"{\"a\":1,\"b\":[1,}", Syntax),
        (b"{\"a\":[0],\"b\":tru}", Syntax),
        (b"{\"a\":[0],\"b\":01}", Syntax),
        (b"{\"a\":[0],\"b\":\"\\q\"}", Escape),
        (b"{\"a\":[0]", UnexpectedEnd),
    ] {
        assert_eq!(verdict(text), Some(error), "{}", text.escape_ascii());
        assert!(serde_json::from_slice::<Value>(text).is_err(), "{}", text.escape_ascii());
    }
}

#[test]
fn what_is_json_is_accepted_whichever_part_of_it_is_wanted() {
    for text in [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-0.0e-0",
        "1E5",
        "1e+5",
        "0e1",
        "0.5",
        "123456789012345678901234567890",
        "\"\"",
        "\"\u{7f}\u{80}\u{2028}\u{feff}\u{10ffff}\"",
        r#""\"\\\/\b\f\n\r\t\u0000\uFFFF\ud83d\ude00""#,
        "[]",
        "{}",
        " \t\r\n[ \t\r\n1 , 2 ] \t\r\n",
        r#"{"a":[0],"1":{"b":null}}"#,
        r#"[{"a":1},{"b":2}]"#,
        r#"{"":1,"a":1,"a":{"0":2}}"#,
        r#"{"a\u0000":1,"\u0061":[1]}"#,
        r#"[[[[[[]]]],{"a":{"a":{}}}]]"#,
    ] {
        for text in [text.to_string(), format!("\u{feff}{text}"), format!("\u{feff} {text}\n")] {
            assert_eq!(verdict(text.as_bytes()), None, "{text:?}");
        }
        let expected: Value = serde_json::from_str(text).unwrap();
        if text != "-0" {
            assert_eq!(response(text.as_bytes()).json::<Value>().unwrap(), expected, "{text:?}");
        }
    }
}

#[test]
fn the_limit_of_depth_counts_from_the_top_of_the_document() {
    let nested = |depth: usize| format!("{{\"a\":{}0{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert_eq!(verdict(nested(DEPTH).as_bytes()), None);
    for depth in [DEPTH + 1, 100_000] {
        assert_eq!(verdict(nested(depth).as_bytes()), Some(TooDeep));
    }
    // Even if another part is too deep.
    let text = format!("{{\"a\":1,\"b\":{}", "[".repeat(100_000));
    assert_eq!(verdict(text.as_bytes()), Some(TooDeep));
}

#[test]
fn not_found_is_for_valid_documents() {
    let document = response(br#"{"a":[1,{"b":2}],"c":null}"#);
    for pointer in ["/x", "/a/2", "/a/-", "/a/01", "/a/+1", "/a/1/x", "/c/x", "/a/0/x", "/"] {
        assert_eq!(json_error(document.json_at::<Value>(pointer)), Some(NotFound), "{pointer}");
    }
    for pointer in ["a", "a/0", "/~", "/x/~2", "/a/~", "~0"] {
        assert_eq!(json_error(document.json_at::<Value>(pointer)), Some(Pointer), "{pointer}");
    }
    assert_eq!(document.json_at::<u8>("/a/1/b"), Ok(2));
    assert_eq!(document.json_at::<Option<u8>>("/c"), Ok(None));
}

/// Reads `text` as this crate and as serde_json do; both must agree.
fn same<T: DeserializeOwned + PartialEq + Debug>(text: &str) -> Option<T> {
    let ours = response(text.as_bytes()).json::<T>();
    let theirs = serde_json::from_str::<T>(text);
    assert_eq!(ours.as_ref().ok(), theirs.as_ref().ok(), "{} {text}", std::any::type_name::<T>());
    if theirs.is_err() {
        assert_eq!(
            json_error(ours.as_ref().map_err(|error| *error)),
            Some(Type),
            "{} {text}",
            std::any::type_name::<T>()
        );
    }
    ours.ok()
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy, Serialize, Deserialize)]
enum Kind {
    #[serde(rename = "text/plain")]
    Text,
    #[serde(rename = "größe")]
    Size,
    #[serde(rename = "a\"b\\\n\u{1f600}")]
    Odd,
    #[serde(alias = "other/one")]
    Other,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Tagged {
    #[serde(rename = "a/b")]
    Newtype(f64),
    #[serde(rename = "ü")]
    Tuple(u8, Option<i128>),
    #[serde(rename = "s\t")]
    Struct {
        #[serde(rename = "x/y")]
        x: Kind,
    },
    #[serde(rename = "u/v")]
    Unit,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t/y")]
enum Internal {
    #[serde(rename = "a/b")]
    A {
        #[serde(rename = "né")]
        n: u64,
        k: Kind,
    },
    #[serde(rename = "ü")]
    B,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    #[serde(rename = "a/b")]
    A(f32),
    B,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(f64),
    Kind(Kind),
    List(Vec<i32>),
    Map { x: char },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    #[serde(rename = "x/y")]
    x: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, f64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Wrapper<T>(T);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

macro_rules! same_as_each {
    ($texts:expr; $($type:ty),+ $(,)?) => {
        for text in $texts {
            $(same::<$type>(text.as_ref());)+
        }
    };
}

#[test]
fn numbers_are_read_as_serde_json_reads_them() {
    let mut texts: Vec<String> = Vec::new();
    for number in [
        "0",
        "1",
        "9",
        "10",
        "127",
        "128",
        "129",
        "255",
        "256",
        "32767",
        "32768",
        "32769",
        "65535",
        "65536",
        "2147483647",
        "2147483648",
        "2147483649",
        "4294967295",
        "4294967296",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "170141183460469231731687303715884105727",
        "170141183460469231731687303715884105728",
        "170141183460469231731687303715884105729",
        "340282366920938463463374607431768211455",
        "340282366920938463463374607431768211456",
        "0.0",
        "1.0",
        "1.5",
        "0.1",
        "1e0",
        "1E5",
        "1e-5",
        "1.5e300",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "1e308",
        "1e309",
        "1e400",
        "0e400",
        "1e-400",
        "4.9e-324",
        "2e-324",
        "3.4028234e38",
        "1e99999999999",
        "1e-99999999999",
        "123456789.125",
        "0.30000000000000004",
    ] {
        texts.extend([number.to_string(), format!("-{number}")]);
    }
    texts.push("1".repeat(309));
    texts.push("1".repeat(310));
    texts.push(format!("0.{}1", "0".repeat(400)));
    texts.extend(
        ["null", "true", "false", "\"1\"", "\"\"", "\"NaN\"", "[]", "[1]", "{}", "{\"a\":1}"]
            .map(String::from),
    );
    // A zero with a sign can be read as an integer, see below.
    texts.retain(|text| text != "-0");
    same_as_each!(&texts; u8, u16, u32, u64, u128, i8, i16, i32, i64, i128, f32, f64, usize, isize, bool, char, (),
        Unit, Value, Option<u8>, Option<f32>, Option<f64>, Wrapper<f64>, Wrapper<Option<i128>>, Untagged,
        std::num::NonZeroU8, std::num::NonZeroI128);
    for text in &texts {
        let list = format!("[{text},{text}]");
        same::<Vec<f64>>(&list);
        same::<(f32, u128)>(&list);
        let map = format!(r#"{{"x/y":1,"a":{text},"\u0062":{text}}}"#);
        same::<Flat>(&map);
        same::<BTreeMap<String, i128>>(&map);
    }
}

#[test]
fn numbers_that_no_float_can_hold_are_no_infinities() {
    for text in ["null", "1e400", "-1e400", "1e99999999999", &"9".repeat(400)] {
        for result in [
            response(text.as_bytes()).json::<f64>(),
            response(text.as_bytes()).json::<f32>().map(f64::from),
            response(format!("[{text}]").as_bytes()).json_at::<f64>("/0"),
            response(format!("{{\"a\":{text}}}").as_bytes()).json_at::<f32>("/a").map(f64::from),
        ] {
            assert_eq!(json_error(result), Some(Type), "{text}");
        }
    }
    for text in ["1e39", "-3.5e38", "1e308"] {
        let error = Error::Json { cause: Type, offset: 0 };
        assert_eq!(response(text.as_bytes()).json::<f32>(), Err(error), "{text}");
    }
    assert_eq!(response(b"null").json::<Option<f64>>(), Ok(None));
}

#[test]
fn a_zero_may_have_a_sign() {
    // serde_json reads it as a float. Devices that round to integers write it.
    macro_rules! zero {
        ($($type:ty),+) => {$(
            assert_eq!(response(b"-0").json::<$type>(), Ok(0));
            assert_eq!(response(b"[1,-0]").json_at::<$type>("/1"), Ok(0));
            let map = response(b"{\"-0\":1}").json::<BTreeMap<$type, u8>>();
            assert_eq!(map, Ok(BTreeMap::from([(0, 1)])));
        )+};
    }
    zero!(u8, u32, u64, u128, i8, i64, i128);
    for text in ["-0", "-0.0", "-0e5"] {
        let zero: f64 = response(text.as_bytes()).json().unwrap();
        assert!(zero == 0.0 && zero.is_sign_negative(), "{text}");
    }
}

#[test]
fn names_may_be_escaped_wherever_serde_asks_for_one() {
    same_as_each!([
        r#""text/plain""#, r#""text\/plain""#, r#""\u0074ext/plain""#, r#""gr\u00f6\u00dfe""#, r#""größe""#,
        r#""a\"b\\\n\ud83d\ude00""#, r#""Other""#, r#""other\/one""#, r#""Oth\u0065r""#, r#""""#, r#""text""#,
        r#""\\text/plain""#, r#"{"text\/plain":null}"#, r#"{"text\/plain":1}"#, r#"{"gr\u00f6\u00dfe":null}"#,
        r#"{"gr\u00f6\u00dfe":null,"Other":null}"#, r#"{}"#, "1", "null", "[]", r#"["text\/plain"]"#,
        r#"{"x\/y":7}"#, r#"{"x\/y":7,"gr\u00f6\u00dfe":1.5,"a":-0.0}"#,
    ]; Kind, Option<Kind>, Wrapper<Kind>, Vec<Kind>, Untagged, BTreeMap<Kind, Option<u8>>, Flat, String, Value);
    same_as_each!([
        r#"{"a\/b":1.5}"#, r#"{"a\/b":null}"#, r#"{"\u00fc":[1,2]}"#, r#"{"\u00fc":[1,null]}"#, r#"{"\u00fc":[1]}"#,
        r#"{"s\t":{"x\/y":"text\/plain"}}"#, r#"{"s\u0009":{"\u0078/y":"gr\u00f6\u00dfe"}}"#, r#""u\/v""#,
        r#"{"u\/v":null}"#, r#"{"u\/v":[]}"#, r#""a\/b""#, r#"{"A\/b":1}"#,
    ]; Tagged, Option<Tagged>, Vec<Tagged>);
    same_as_each!([
        r#"{"t\/y":"a\/b","n\u00e9":5,"k":"text\/plain"}"#, r#"{"k":"gr\u00f6\u00dfe","n\u00e9":5,"t\/y":"a\/b"}"#,
        r#"{"t\/y":"\u00fc"}"#, r#"{"t\/y":"\u00fc","more":[1e5]}"#, r#"{"t\/y":"x"}"#, r#"{"n\u00e9":5}"#,
    ]; Internal);
    same_as_each!([
        r#"{"t":"a\/b","c":1.5}"#, r#"{"c":1e300,"t":"\u0042"}"#, r#"{"\u0074":"a\/b","\u0063":null}"#, r#"{"t":"B"}"#,
    ]; Adjacent);
    same_as_each!([
        r#""a""#, r#""\u00e9""#, r#""\ud83d\ude00""#, r#""ab""#, r#""""#, r#""\u0000""#,
    ]; char, String, BTreeMap<char, u8>);
    same_as_each!([
        r#"{"1":1}"#, r#"{"-1":1}"#, r#"{"1.5":1}"#, r#"{"01":1}"#, r#"{" 1":1}"#, r#"{"1 ":1}"#, r#"{"+1":1}"#, r#"{"":1}"#,
        r#"{"340282366920938463463374607431768211455":1}"#, r#"{"true":1}"#, r#"{"tru\u0065":1}"#, r#"{"null":1}"#,
        r#"{"x":1}"#, r#"{"a":1,"a":2}"#, r#"{"a":1,"\u0061":2}"#, r#"{"x":"\/"}"#,
    ]; BTreeMap<u8, u8>, BTreeMap<i128, u8>, BTreeMap<u128, u8>, BTreeMap<bool, u8>, BTreeMap<char, Value>,
        BTreeMap<String, u8>, BTreeMap<Option<i64>, u8>, BTreeMap<Kind, u8>, Untagged);
}

#[test]
fn text_with_escapes_is_lent_and_bytes_are_read() {
    assert_eq!(response(br#"["a\/b","c"]"#).json::<[&str; 2]>(), Ok(["a/b", "c"]));
    assert_eq!(response(br#""a\/b""#).json::<&[u8]>(), Ok(&b"a/b"[..]));
    assert_eq!(
        response(br#"{"k\/":"\u00e9"}"#).json::<BTreeMap<&str, &str>>(),
        Ok(BTreeMap::from([("k/", "é")]))
    );
    assert_eq!(response(br#""\ud800x\udc00""#).json::<&str>(), Ok("\u{fffd}x\u{fffd}"));
    let without_room = Response::new(200, "OK", b"", br#""text\/plain""#);
    assert!(matches!(without_room.json::<Kind>(), Err(Error::BufferTooSmall { .. })));
}

/// Writes `value`, and reads it back by serde_json and by this crate.
fn back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) {
    let text = written(&value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    assert_eq!(response(text.as_bytes()).json::<T>().as_ref(), Ok(&value), "{text}");
}

#[test]
fn what_is_written_is_read_back() {
    back(u128::MAX);
    back(i128::MIN);
    back(-1i128);
    back(f64::MAX);
    back(f64::MIN_POSITIVE);
    back(5e-324f64);
    back(f32::MAX);
    back(0.1f32);
    back(-0.0f64);
    back([Kind::Text, Kind::Size, Kind::Odd, Kind::Other]);
    back(BTreeMap::from([(Kind::Odd, Some(1u128)), (Kind::Text, None)]));
    back(BTreeMap::from([(u128::MAX, i128::MIN)]));
    back(Tagged::Newtype(-2.5));
    back(Tagged::Tuple(1, Some(i128::MAX)));
    back(Tagged::Struct { x: Kind::Odd });
    back(Tagged::Unit);
    back(Internal::A { n: 1, k: Kind::Size });
    back(Adjacent::A(1.5));
    back(Flat { x: 1, rest: BTreeMap::from([("é\"".into(), 0.5)]) });
}

/// The body that a request with this value has.
fn written<T: Serialize>(value: &T) -> Result<String, Error> {
    use requests::transport::scripted::Script;
    let network = ScriptedNetwork::new([Script::new(b"HTTP/1.1 204 No Content\r\n\r\n")]);
    let mut session = Session::over(network);
    let mut buffer = [0; 2048];
    session.post("http://h.org").json(value).send(&mut buffer)?;
    let sent = session.network().sent(0).to_vec();
    let body = sent.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
    Ok(String::from_utf8(sent[body..].to_vec()).unwrap())
}

#[test]
fn a_reading_that_is_no_number_is_not_sent() {
    #[derive(Serialize)]
    struct Reading {
        id: u8,
        value: f32,
    }
    for number in [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let value = number as f32;
        for result in [
            written(&number),
            written(&value),
            written(&Reading { id: 1, value }),
            written(&[Some(number)]),
            written(&BTreeMap::from([("a", Wrapper(number))])),
            written(&Tagged::Newtype(number)),
        ] {
            assert_eq!(json_error(result), Some(Unsupported), "{number}");
        }
    }
}

/// JSON of all kinds, with some bytes changed.
fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    let scalar = prop_oneof![
        Just("null".to_string()),
        Just("true".into()),
        Just("false".into()),
        "-?(0|[1-9][0-9]{0,22})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?",
        "-?[0-9.eE+-]{1,6}",
        r#""([a-z /é😀]|\\["\\/bfnrt]|\\u00[0-7][0-9a-f]|\\ud83d\\ude0[0-9a-f]){0,5}""#,
        r#""([a-c]|\\[a-zA-Z0-9"]|\\u[0-9a-fA-F]{1,4}){0,4}""#,
    ];
    let space = "[ \t\r\n]{0,2}";
    let value = scalar.prop_recursive(4, 24, 4, move |inner| {
        let item = (space, inner, space).prop_map(|(before, item, after)| before + &item + &after);
        let name = prop_oneof![r#""[ab01]?""#, r#""(a|\\u0061|\\/)""#];
        prop_oneof![
            prop::collection::vec(item.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((name, item), 0..4).prop_map(|members| {
                let members: Vec<_> = members.iter().map(|(name, value)| format!("{name}:{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    });
    let change = (
        any::<prop::sample::Index>(),
        0..3u8,
        prop::sample::select(&b"[]{}:,\"\\u0eE.-+ tn\n\0\xc3\xff"[..]),
    );
    (value, prop::collection::vec(change, 0..3)).prop_map(|(text, changes)| {
        let mut bytes = text.into_bytes();
        for (index, kind, byte) in changes {
            let index = index.index(bytes.len() + 1);
            match kind {
                0 => bytes.insert(index, byte),
                1 => bytes.truncate(index),
                _ if index < bytes.len() => bytes[index] = byte,
                _ => {}
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn the_same_documents_are_accepted_as_by_serde_json(text in nearly_json()) {
        // serde_json does not check the encoding of ignored values.
        let valid = serde_json::from_slice::<IgnoredAny>(&text).is_ok() && str::from_utf8(&text).is_ok();
        prop_assert_eq!(verdict(&text).is_none(), valid);
        let ours = response(&text).json::<Value>();
        if let Ok(theirs) = serde_json::from_slice::<Value>(&text) {
            // `-0` is a float there, and an integer here.
            let zeros = |value: &Value| value.to_string().replace("-0.0", "0");
            prop_assert_eq!(zeros(&ours.unwrap()), zeros(&theirs));
        } else {
            // Half of a surrogate pair is U+FFFD here.
            let lone = text.windows(3).any(|bytes| bytes[0] == b'u' && matches!(bytes[1..], [b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F']));
            prop_assert!(ours.is_err() || lone, "{:?}", ours);
        }
    }
}
