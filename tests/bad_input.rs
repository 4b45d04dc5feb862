// SPDX-License-Identifier: Apache-2.0
//! Faults of callers, servers and networks: each has its own error, within the deadline.

mod support;

use std::time::Duration;

use requests::transport::scripted::{End, Script, ScriptedNetwork};
use requests::transport::{DnsError, IoError};
use requests::{
    ChunkError, Error, FramingError, HeadError, HeaderError, Part, Phase, Request, RequestBuilder, UrlError,
};

use embedded_io::ErrorKind;
use support::network::{NoNames, NoRandom};
use support::peer::{Part as Play, Peer, Refusing, Step, Swallowing, answer, answer_in_pieces};
use support::sent::SentRequest;
use support::time::{at, within};
use support::{Answer, answering, answering_and_stalling, send, send_over};

const URL: &str = "http://example.org/";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const DEADLINE: Duration = Duration::from_millis(500);

/// The error of `request`, which must not send anything.
#[track_caller]
fn refused(request: Request<'_>) -> Error {
    let mut network = answering([OK]);
    let error = send_over(request, &mut network).expect_err("an error");
    assert!(network.addresses().is_empty(), "nothing is sent of a request that is refused");
    error
}

mod malformed_url {
    use super::*;

    macro_rules! refused_urls {
        ($($name:ident: $url:expr => $error:ident;)+) => {$(
            #[test]
            fn $name() {
                assert_eq!(refused(requests::get($url)), Error::InvalidUrl(UrlError::$error));
            }
        )+};
    }

    refused_urls! {
        empty: "" => Scheme;
        no_scheme: "example.org/" => Scheme;
        relative: "/path" => Scheme;
        scheme_relative: "//example.org/" => Scheme;
        other_scheme: "ftp://example.org/" => Scheme;
        longer_scheme: "httpx://example.org/" => Scheme;
        no_slashes: "http:example.org" => Scheme;
        no_host: "http://" => NoHost;
        no_host_before_port: "http://:80/" => NoHost;
        no_host_before_query: "http://?q" => NoHost;
        no_host_behind_userinfo: "http://user@/" => NoHost;
        space_in_host: "http://exam ple.org/" => InvalidHost;
        quotation_mark_in_host: "http://exam\"ple.org/" => InvalidHost;
        percent_sign_in_host: "http://exam%2eple.org/" => InvalidHost;
        letters_beyond_ascii_in_host: "http://exämple.org/" => InvalidHost;
        host_of_254_bytes: &format!("http://{}/", "a".repeat(254)) => InvalidHost;
        address_with_a_number_too_large: "http://127.0.0.256/" => InvalidAddress;
        address_of_three_numbers: "http://127.0.1/" => InvalidAddress;
        address_in_one_number: "http://2130706433/" => InvalidAddress;
        address_in_hexadecimal: "http://0x7f.0.0.1/" => InvalidAddress;
        address_in_octal: "http://0177.0.0.1/" => InvalidAddress;
        brackets_without_address: "http://[]/" => InvalidAddress;
        brackets_around_a_name: "http://[example.org]/" => InvalidAddress;
        bracket_not_closed: "http://[::1/" => InvalidAddress;
        zone_of_an_address: "http://[fe80::1%25eth0]/" => InvalidAddress;
        port_too_large: "http://example.org:65536/" => InvalidPort;
        port_no_number: "http://example.org:http/" => InvalidPort;
        port_with_a_sign: "http://example.org:+80/" => InvalidPort;
        two_ports: "http://example.org:80:80/" => InvalidPort;
        text_behind_a_bracket: "http://[::1]x/" => InvalidPort;
        tab: "http://example.org/\t" => ControlCharacter;
        line_end: "http://example.org/\r\n" => ControlCharacter;
        escape: "http://example.org/\x1b[0m" => ControlCharacter;
    }
}

mod control_characters {
    use super::*;

    const BAD: [&str; 7] = ["\r", "\n", "\0", "\r\n", "a\r\nX-Injected: yes", "a\nX-Injected: yes", "a\0b"];
    /// In the names of parts, CR and LF are percent-encoded.
    const BAD_NAMES: [&str; 5] = ["\0", "a\0b", "\x1b[0m", "\x7f", "a\r\n\0"];

    macro_rules! refused_in {
        ($($name:ident: |$bad:ident| $request:expr => $error:pat,)+) => {
            refused_in! { BAD: $($name: |$bad| $request => $error,)+ }
        };
        ($texts:ident: $($name:ident: |$bad:ident| $request:expr => $error:pat,)+) => {$(
            #[test]
            fn $name() {
                for $bad in $texts {
                    let error = refused($request);
                    assert!(matches!(error, $error), "{:?}: {error:?}", $bad);
                }
            }
        )+};
    }

    refused_in! {
        in_the_method: |bad| requests::request(bad, URL) => Error::InvalidMethod,
        in_the_scheme: |bad| requests::get(&format!("http{bad}://example.org/"))
            => Error::InvalidUrl(UrlError::ControlCharacter),
        in_the_user_of_the_url: |bad| requests::get(&format!("http://{bad}:p@example.org/"))
            => Error::InvalidUrl(UrlError::ControlCharacter),
        in_the_host: |bad| requests::get(&format!("http://{bad}/"))
            => Error::InvalidUrl(UrlError::ControlCharacter),
        in_the_port: |bad| requests::get(&format!("http://example.org:80{bad}/"))
            => Error::InvalidUrl(UrlError::ControlCharacter),
        in_the_path: |bad| requests::get(&format!("http://example.org/{bad}"))
            => Error::InvalidUrl(UrlError::ControlCharacter),
        in_the_query: |bad| requests::get(&format!("http://example.org/?{bad}"))
            => Error::InvalidUrl(UrlError::ControlCharacter),
        in_the_fragment: |bad| requests::get(&format!("http://example.org/#{bad}"))
            => Error::InvalidUrl(UrlError::ControlCharacter),
        in_a_header_name: |bad| requests::get(URL).header("A", "b").header(bad, "value")
            => Error::InvalidHeader { cause: HeaderError::Name, index: 1 },
        in_a_header_value: |bad| requests::get(URL).header("A", "b").header("Name", bad)
            => Error::InvalidHeader { cause: HeaderError::Value, index: 1 },
        in_a_default_header: |bad| requests::get(URL).header("User-Agent", bad)
            => Error::InvalidHeader { cause: HeaderError::Value, index: 0 },
        in_a_removed_header: |bad| requests::get(URL).remove_header(bad)
            => Error::InvalidHeader { cause: HeaderError::Name, index: 0 },
        in_the_user: |bad| requests::get(URL).auth((bad, "password")) => Error::InvalidCredentials,
        in_the_password: |bad| requests::get(URL).auth(("user", bad)) => Error::InvalidCredentials,
        in_the_token: |bad| requests::get(URL).bearer_auth(bad) => Error::InvalidCredentials,
        in_a_content_type: |bad| requests::post(URL).files(&[Part::file("name", "file", b"").content_type(bad)])
            => Error::InvalidPart { index: 0 },
    }

    refused_in! {
        BAD_NAMES:
        in_a_field_name: |bad| requests::post(URL).files(&[Part::field("a", "b"), Part::field(bad, "value")])
            => Error::InvalidPart { index: 1 },
        in_a_file_field_name: |bad| requests::post(URL).files(&[Part::file(bad, "file", b"")])
            => Error::InvalidPart { index: 0 },
        in_a_file_name: |bad| requests::post(URL).files(&[Part::file("name", bad, b"")])
            => Error::InvalidPart { index: 0 },
        in_a_reader_file_name: |bad| requests::post(URL).files(&[Part::reader("name", bad, &mut &b""[..], 0)])
            => Error::InvalidPart { index: 0 },
    }

    #[test]
    fn in_percent_encoded_userinfo() {
        for userinfo in ["a%0d%0ab:p", "a%00:p", "u:%0A"] {
            let url = format!("http://{userinfo}@example.org/");
            assert_eq!(refused(requests::get(&url)), Error::InvalidCredentials, "{userinfo}");
        }
    }

    #[test]
    fn in_params_and_forms_are_encoded() {
        for bad in BAD {
            let fields = [(bad, bad)];
            let mut network = answering([OK, OK]);
            send_over(requests::get(URL).params(&fields), &mut network).unwrap();
            send_over(requests::post(URL).form(&fields), &mut network).unwrap();
            let query = SentRequest::only(&network.sent(0)).query().expect("a query").as_bytes().to_owned();
            for encoded in [query, SentRequest::only(&network.sent(1)).body] {
                assert!(encoded.iter().all(u8::is_ascii_graphic), "{bad:?}");
                let decoded: Vec<_> = form_urlencoded::parse(&encoded).collect();
                assert_eq!(decoded, [(bad.into(), bad.into())]);
            }
        }
    }

    #[test]
    fn in_content_are_content() {
        for bad in BAD {
            let mut network = answering([OK, OK, OK]);
            send_over(requests::post(URL).data(bad.as_bytes()), &mut network).unwrap();
            send_over(requests::post(URL).json(&bad), &mut network).unwrap();
            send_over(requests::post(URL).files(&[Part::field("name", bad)]), &mut network).unwrap();
            let [data, json, files] =
                [0, 1, 2].map(|connection| SentRequest::only(&network.sent(connection)));
            assert_eq!(data.body, bad.as_bytes());
            assert_eq!(serde_json::from_slice::<String>(&json.body).unwrap(), bad);
            let content = format!("\r\n\r\n{bad}\r\n--");
            assert!(String::from_utf8(files.body).unwrap().contains(&content));
        }
    }
}

mod misuse {
    use super::*;

    #[test]
    fn methods_that_are_no_tokens() {
        for method in ["", " ", "GET ", "GET /", "G(T", "GÉT", "GET\t"] {
            assert_eq!(refused(requests::request(method, URL)), Error::InvalidMethod, "{method:?}");
        }
    }

    #[test]
    fn header_names_that_are_no_tokens() {
        for name in ["", " ", "a b", "a:", ":a", "é", "a/b"] {
            let error = refused(requests::get(URL).header(name, "value"));
            assert_eq!(error, Error::InvalidHeader { cause: HeaderError::Name, index: 0 }, "{name:?}");
        }
    }

    #[test]
    fn a_colon_in_the_user_name() {
        assert_eq!(refused(requests::get(URL).auth(("a:b", "c"))), Error::InvalidCredentials);
        assert_eq!(refused(requests::get("http://a%3Ab:c@example.org/")), Error::InvalidCredentials);
    }

    #[test]
    fn tokens_that_are_none() {
        for token in ["", "a b", "tökén"] {
            assert_eq!(
                refused(requests::get(URL).bearer_auth(token)),
                Error::InvalidCredentials,
                "{token:?}"
            );
        }
    }

    #[test]
    fn one_header_too_many() {
        let limit = requests::config::MAX_HEADERS;
        let fields = vec![("Name", "value"); limit];
        let mut network = answering([OK]);
        send_over(requests::get(URL).headers(&fields), &mut network).unwrap();
        assert_eq!(SentRequest::only(&network.sent(0)).values("name").len(), limit);
        let error = refused(requests::get(URL).headers(&fields).header("Name", "value"));
        assert_eq!(error, Error::TooManyHeaders { limit });
    }

    #[test]
    fn two_hosts() {
        let error = refused(requests::get(URL).header("Host", "one.example").header("host", "two.example"));
        assert_eq!(error, Error::InvalidHeader { cause: HeaderError::SecondHost, index: 1 });
    }

    #[test]
    fn two_bodies() {
        let fields = [("a", "b")];
        let parts = [Part::field("a", "b")];
        for request in [
            requests::post(URL).data(b"a").json(&1),
            requests::post(URL).json(&1).form(&fields),
            requests::post(URL).form(&fields).files(&parts),
            requests::post(URL).files(&parts).data(b"a"),
        ] {
            assert_eq!(refused(request), Error::ConflictingBody);
        }
    }

    #[test]
    fn lengths_that_are_not_the_bodys() {
        for (name, value) in [
            ("Content-Length", "3"),
            ("content-length", "five"),
            ("Content-Length", ""),
            ("Transfer-Encoding", "chunked"),
            ("transfer-encoding", "gzip, chunked"),
        ] {
            let error = refused(requests::post(URL).data(b"hello").header(name, value));
            assert_eq!(error, Error::ConflictingLength, "{name}: {value}");
        }
        let both = requests::post(URL).data(b"hello").header("Content-Length", "5").chunked();
        assert_eq!(refused(both), Error::ConflictingLength);
        assert_eq!(refused(requests::get(URL).header("Content-Length", "5")), Error::ConflictingLength);
    }

    #[test]
    fn a_backslash_that_takes_the_quotation_mark_behind_it_away() {
        let parts = [Part::file("name\\", "file\\", b"")];
        let mut network = answering([OK]);
        send_over(requests::post(URL).files(&parts), &mut network).unwrap();
        let body = String::from_utf8(SentRequest::only(&network.sent(0)).body).unwrap();
        // Many servers read `\"` as a quotation mark within the name.
        assert!(!body.contains("\\\""), "{body}");
    }

    #[test]
    fn a_reader_that_ends_early() {
        let mut reader = &b"hel"[..];
        let parts = [Part::field("a", "b"), Part::reader("file", "name", &mut reader, 5)];
        let mut network = answering([OK]);
        let result = send_over(requests::post(URL).files(&parts), &mut network);
        assert_eq!(result, Err(Error::PartReader { index: 1 }));
        assert_eq!(network.open(), 0);
    }

    #[test]
    fn a_reader_that_fails() {
        struct Failing;

        impl embedded_io::ErrorType for Failing {
            type Error = ErrorKind;
        }

        impl embedded_io::Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> Result<usize, ErrorKind> {
                Err(ErrorKind::Other)
            }
        }

        let mut reader = Failing;
        let parts = [Part::reader("file", "name", &mut reader, 5)];
        let result = send_over(requests::post(URL).files(&parts), &mut answering([OK]));
        assert_eq!(result, Err(Error::PartReader { index: 0 }));
    }

    #[test]
    fn a_reader_that_a_redirect_would_read_again() {
        let redirect = "HTTP/1.1 307 Temporary Redirect\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
        let mut reader = &b"hello"[..];
        let parts = [Part::reader("file", "name", &mut reader, 5)];
        let result = send_over(requests::post(URL).files(&parts), &mut answering([redirect, OK]));
        assert_eq!(result, Err(Error::BodyNotReplayable));
    }
}

/// Values that are hard to write as JSON: either JSON for the value is sent, or nothing.
mod json_out {
    use super::*;
    use std::collections::BTreeMap;

    use serde::{Serialize, Serializer};

    #[derive(Serialize)]
    enum Variants {
        Unit,
        NewType(u8),
        Tuple(u8, u8),
        Struct { a: u8, b: &'static str },
    }

    #[derive(Serialize)]
    struct Unit;

    /// Serialises as raw bytes, as `serde_bytes` does.
    struct Bytes;

    impl Serialize for Bytes {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(b"\x00,\"")
        }
    }

    /// Cannot be serialised.
    struct Failing;

    impl Serialize for Failing {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }

    macro_rules! valid_or_refused {
        ($($name:ident: $value:expr;)+) => {$(
            #[test]
            fn $name() {
                let value = $value;
                let mut network = answering([OK]);
                match send_over(requests::post(URL).json(&value), &mut network) {
                    Ok(_) => {
                        let body = SentRequest::only(&network.sent(0)).body;
                        let sent: serde_json::Value = serde_json::from_slice(&body).unwrap_or_else(|error| {
                            panic!("{error}: {}", String::from_utf8_lossy(&body))
                        });
                        // A number that is too large for the other type is compared as text.
                        let expected = serde_json::to_string(&value).expect("JSON");
                        let expected: serde_json::Value = serde_json::from_str(&expected).expect("JSON");
                        assert_eq!(sent, expected);
                    }
                    Err(Error::Json { cause: requests::JsonError::Unsupported, .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        )+};
    }

    valid_or_refused! {
        integer_keys: BTreeMap::from([(1, "one"), (-2, "minus two")]);
        truth_values_as_keys: BTreeMap::from([(true, 1)]);
        characters_as_keys: BTreeMap::from([('x', 1), ('"', 2)]);
        lists_as_keys: BTreeMap::from([(vec![1], 1)]);
        keys_with_escapes: BTreeMap::from([("a\"\\\n\0", 1)]);
        bytes: Bytes;
        failing: Failing;
        character: 'x';
        character_with_an_escape: '"';
        unit: ();
        unit_struct: Unit;
        unit_variant: Variants::Unit;
        new_type_variant: Variants::NewType(1);
        tuple_variant: Variants::Tuple(1, 2);
        struct_variant: Variants::Struct { a: 1, b: "\u{7f}\u{2028}" };
        tuple: (1, "a", [1.5, -0.0], Some(true), None::<u8>);
        not_a_number: [f64::NAN, f64::INFINITY];
        extreme_numbers: (u64::MAX, i64::MIN, f64::MAX, f64::MIN_POSITIVE, f32::MAX);
        number_of_128_bits: u128::MAX;
        control_characters: "\0\x01\x08\t\n\x0c\r\x1f\x7f";
    }
}

/// Documents and types that are hard to read as JSON: the result is a value or an error.
mod json_in {
    use super::*;
    use std::collections::BTreeMap;

    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    enum Variants {
        Unit,
        NewType(u8),
        Tuple(u8, u8),
        Struct { a: u8 },
    }

    macro_rules! read_or_refused {
        ($($name:ident: $type:ty, $text:expr;)+) => {$(
            #[test]
            fn $name() {
                let mut scratch = [0; 256];
                let response = requests::Response::new(200, "OK", b"", $text.as_bytes());
                let response = response.with_scratch(&mut scratch);
                match response.json::<$type>() {
                    Ok(value) => assert_eq!(value, serde_json::from_str::<$type>($text).expect("JSON")),
                    Err(error) => assert_eq!(error.phase(), Phase::Json),
                }
            }
        )+};
    }

    read_or_refused! {
        text_keys: BTreeMap<String, u8>, r#"{"a":1,"b":2}"#;
        text_keys_with_escapes: BTreeMap<String, u8>, r#"{"a\n":1}"#;
        integer_keys: BTreeMap<i32, u8>, r#"{"1":2,"-1":3}"#;
        truth_values_as_keys: BTreeMap<bool, u8>, r#"{"true":1}"#;
        characters_as_keys: BTreeMap<char, u8>, r#"{"x":1}"#;
        optional_keys: BTreeMap<Option<String>, u8>, r#"{"x":1}"#;
        variants_as_keys: BTreeMap<u64, Variants>, r#"{"1":"Unit"}"#;
        unit_keys: BTreeMap<(), u8>, r#"{"x":1}"#;
        list_keys: BTreeMap<Vec<u8>, u8>, r#"{"x":1}"#;
        character: char, r#""x""#;
        unit: (), "null";
        unit_variant: Variants, r#""Unit""#;
        new_type_variant: Variants, r#"{"NewType":1}"#;
        tuple_variant: Variants, r#"{"Tuple":[1,2]}"#;
        struct_variant: Variants, r#"{"Struct":{"a":1}}"#;
        no_variant: Option<Variants>, "null";
        any_value: serde_json::Value, r#"{"a":[1,null,"x"]}"#;
        number_of_128_bits: u128, "340282366920938463463374607431768211455";
        number_with_an_exponent: f64, "-1.5e-3";
        escapes: String, r#""\\\"\/\b\f\n\r\t\u00e9\ud83d\ude00""#;
    }

    #[test]
    fn malformed_documents() {
        for text in [
            "",
            " ",
            "{",
            "}",
            "[1,]",
            "{\"a\":1,}",
            "{'a':1}",
            "tru",
            "01",
            "1 2",
            "\"\n\"",
            "\"\\x\"",
            "\u{feff}\u{feff}1",
            "nan",
        ] {
            let response = requests::Response::new(200, "OK", b"", text.as_bytes());
            let error = response.json::<u32>().expect_err(text);
            assert_eq!(error.phase(), Phase::Json, "{text:?}");
            let error = response.json_at::<u32>("/a").expect_err(text);
            assert_eq!(error.phase(), Phase::Json, "{text:?}");
        }
        let not_utf8 = requests::Response::new(200, "OK", b"", b"\"\xff\"");
        assert_eq!(not_utf8.json::<&str>().unwrap_err().phase(), Phase::Json);
    }

    #[test]
    fn depth_that_would_exhaust_the_stack() {
        for (open, pointer) in [("[", "/1"), ("{\"a\":", "/x")] {
            let text = open.repeat(1_000_000);
            let response = requests::Response::new(200, "OK", b"", text.as_bytes());
            let offset = open.len() * requests::config::MAX_JSON_DEPTH as usize;
            let too_deep = Error::Json { cause: requests::JsonError::TooDeep, offset };
            assert_eq!(response.json::<BTreeMap<String, u8>>(), Err(too_deep));
            assert_eq!(response.json_at::<u8>(pointer).unwrap_err(), too_deep);
        }
    }
}

mod buffer_too_small {
    use super::*;

    fn send_in(size: usize, request: Request<'_>, response: &str) -> Result<Answer, Error> {
        request.send_over(&mut answering([response]), &mut vec![0; size]).map(Answer::from)
    }

    /// The size that the error for a buffer of `size` bytes reports.
    #[track_caller]
    fn needed(size: usize, phase: Phase, request: Request<'_>, response: &str) -> usize {
        match send_in(size, request, response) {
            Err(Error::BufferTooSmall { phase: told, needed }) => {
                assert_eq!(told, phase, "with {size} bytes");
                assert!(needed > size, "{needed} needed where there are {size}");
                needed
            }
            other => panic!("with {size} bytes: {other:?}"),
        }
    }

    /// Uses the sizes that the errors report until there is a response. Returns the sizes.
    #[track_caller]
    fn sizes_until_answered(response: &str, content: &[u8]) -> Vec<usize> {
        let mut sizes = vec![0];
        loop {
            let size = *sizes.last().expect("a size");
            match send_in(size, requests::get(URL), response) {
                Ok(answer) => {
                    assert_eq!(answer.content, content);
                    return sizes;
                }
                Err(Error::BufferTooSmall { needed, .. }) if needed > size => sizes.push(needed),
                Err(error) => panic!("with {size} bytes: {error:?}"),
            }
        }
    }

    #[test]
    fn for_the_url() {
        let url = "http://example.org/a path?q=1";
        let effective = "http://example.org/a%20path?q=1&r=2";
        for size in [0, 1, effective.len() - 1] {
            let request = requests::get(url).params(&[("r", "2")]);
            assert_eq!(needed(size, Phase::Url, request, OK), effective.len(), "with {size} bytes");
        }
    }

    #[test]
    fn for_json() {
        let text = "x".repeat(100);
        let size = needed(64, Phase::Json, requests::post(URL).json(&text), OK);
        assert!(size <= URL.len() + 102, "{size}");
        let exact = URL.len() + 102;
        assert_eq!(needed(exact - 1, Phase::Json, requests::post(URL).json(&text), OK), exact);
        assert_eq!(send_in(exact, requests::post(URL).json(&text), OK).unwrap().content, b"ok");
    }

    #[test]
    fn for_the_head() {
        let response = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(300));
        let exact = response.len() + URL.len();
        for size in [URL.len(), 100, 300, exact - 1] {
            let needed = needed(size, Phase::Parse, requests::get(URL), &response);
            assert!(needed <= exact, "{needed} where {exact} is enough");
        }
        assert_eq!(send_in(exact, requests::get(URL), &response).unwrap().status, 200);
    }

    #[test]
    fn for_a_body_of_known_length() {
        let body = "x".repeat(500);
        let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let exact = response.len() + URL.len();
        for size in [exact - body.len(), 100, 300, exact - 1] {
            assert_eq!(needed(size, Phase::Body, requests::get(URL), &response), exact, "with {size} bytes");
        }
        assert_eq!(send_in(exact, requests::get(URL), &response).unwrap().content, body.as_bytes());
    }

    #[test]
    fn for_a_chunked_body() {
        let response = format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{}\r\n80\r\n{}\r\n0\r\nA: b\r\n\r\n",
            "x".repeat(0x40),
            "y".repeat(0x80)
        );
        let content = "x".repeat(0x40) + &"y".repeat(0x80);
        let sizes = sizes_until_answered(&response, content.as_bytes());
        let head = response.find("40\r\n").unwrap();
        assert_eq!(*sizes.last().unwrap(), URL.len() + head + content.len(), "no room for framing is needed");
    }

    #[test]
    fn for_a_body_until_close() {
        let response = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(100));
        let sizes = sizes_until_answered(&response, "x".repeat(100).as_bytes());
        assert_eq!(*sizes.last().unwrap(), URL.len() + response.len());
    }

    #[test]
    fn for_a_body_that_no_machine_can_hold() {
        let huge = u64::MAX;
        for response in [
            format!("HTTP/1.1 200 OK\r\nContent-Length: {huge}\r\n\r\nx"),
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{huge:x}\r\nx"),
        ] {
            assert_eq!(needed(1000, Phase::Body, requests::get(URL), &response), usize::MAX);
        }
    }

    #[test]
    fn for_a_location() {
        let location = format!("/{}", "x".repeat(200));
        let head = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n");
        let send = |size| {
            let mut network = answering([&*head, OK]);
            requests::get(URL).send_over(&mut network, &mut vec![0; size]).map(Answer::from)
        };
        let effective = "http://example.org".len() + location.len();
        let exact = URL.len() + head.len() + effective;
        for size in URL.len() + head.len()..exact {
            let too_small = Error::BufferTooSmall { phase: Phase::Url, needed: exact };
            assert_eq!(send(size), Err(too_small), "with {size} bytes");
        }
        assert!(send(exact).unwrap().url.ends_with(&location));
    }

    #[test]
    fn is_told_though_the_peer_stalls() {
        let response = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nx";
        let mut network = answering_and_stalling(response);
        let result = requests::get(URL).send_over(&mut network, &mut [0; 1000]).map(Answer::from);
        let needed = response.len() - 1 + 5000 + URL.len();
        assert_eq!(result, Err(Error::BufferTooSmall { phase: Phase::Body, needed }));
    }

    #[test]
    fn for_a_reader_to_pass_through() {
        let mut reader = &b"hello"[..];
        let parts = [Part::reader("file", "name", &mut reader, 5)];
        let mut buffer = [0; URL.len()];
        let result = requests::post(URL).files(&parts).send_over(&mut answering([OK]), &mut buffer);
        assert!(matches!(result, Err(Error::BufferTooSmall { .. })), "{result:?}");
    }

    #[test]
    fn is_not_told_where_only_the_request_is_large() {
        let large = "x".repeat(5000);
        let fields = [("name", &*large)];
        let parts = [Part::file("name", "file", large.as_bytes())];
        let size = URL.len() + OK.len();
        for request in [
            requests::post(URL).data(large.as_bytes()),
            requests::post(URL).form(&fields),
            requests::post(URL).files(&parts),
            requests::post(URL).header("X-Large", &large),
            requests::post(URL).bearer_auth(&large),
            requests::post(URL).auth(("user", &large)),
        ] {
            let mut network = answering([OK]);
            let mut buffer = vec![0; size];
            let response = request.send_over(&mut network, &mut buffer).unwrap();
            assert_eq!(response.content(), b"ok");
            let sent = network.sent(0);
            SentRequest::only(&sent);
            assert!(sent.len() > large.len());
        }
    }
}

mod truncation {
    use super::*;

    /// A response, and the end of its head.
    struct Whole {
        response: &'static str,
        head: usize,
        is_chunked: bool,
    }

    fn with_length() -> Whole {
        let response = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nX: y\r\n\r\n0123456789";
        Whole { response, head: response.len() - 10, is_chunked: false }
    }

    fn chunked() -> Whole {
        let response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                        4;name=\"value\"\r\n0123\r\n06\r\n456789\r\n0\r\nX-Trailer: yes\r\n\r\n";
        Whole { response, head: response.find("\r\n\r\n").unwrap() + 4, is_chunked: true }
    }

    impl Whole {
        #[track_caller]
        fn check(&self, size: usize, result: Result<Answer, Error>) {
            let error = match result {
                Ok(answer) => {
                    assert_eq!(size, self.response.len(), "an answer where {size} bytes came");
                    assert_eq!(answer.content, b"0123456789");
                    return;
                }
                Err(error) => error,
            };
            let expected = match size.checked_sub(self.head) {
                _ if size == 0 => error == Error::EmptyResponse,
                None => error == Error::TruncatedHead,
                Some(_) if self.is_chunked => matches!(error, Error::TruncatedBody { received: 0..=10 }),
                Some(received) => error == Error::TruncatedBody { received },
            };
            assert!(expected, "{error:?} where {size} bytes came");
        }

        fn truncated(&self) -> impl Iterator<Item = (usize, &'static str)> {
            (0..=self.response.len()).map(|size| (size, &self.response[..size]))
        }

        fn at_every_byte_of_a_script(&self, piece: usize) {
            for (size, response) in self.truncated() {
                let mut network =
                    ScriptedNetwork::new([Script::new(response.as_bytes()).in_pieces_of(piece)]);
                self.check(size, send_over(requests::get(URL), &mut network));
                assert_eq!(network.open(), 0);
            }
        }

        fn at_every_byte_of_a_connection(&self) {
            let peer = Peer::new(self.truncated().map(|(_, response)| answer(response)));
            let url = peer.url("/");
            for (size, _) in self.truncated() {
                self.check(size, within(Duration::from_secs(30), || send(requests::get(&url))));
            }
        }

        fn by_a_reset_at_every_byte_of_a_script(&self) {
            for (size, response) in self.truncated().take(self.response.len()) {
                let end = End::Break(ErrorKind::ConnectionReset);
                let mut network = ScriptedNetwork::new([Script::new(response.as_bytes()).then(end)]);
                let result = send_over(requests::get(URL), &mut network);
                let reset = IoError::new(ErrorKind::ConnectionReset);
                assert_eq!(result, Err(Error::Receive(reset)), "{size} bytes came");
            }
        }

        fn by_silence_at_every_byte_of_a_script(&self) {
            for (size, response) in self.truncated().take(self.response.len()) {
                let mut network = answering_and_stalling(response);
                let result = send_over(requests::get(URL), &mut network);
                assert_eq!(result, Err(Error::Timeout { phase: Phase::Receive }), "{size} bytes came");
            }
        }
    }

    #[test]
    fn of_a_length_at_every_byte() {
        with_length().at_every_byte_of_a_script(usize::MAX);
        with_length().at_every_byte_of_a_script(1);
    }

    #[test]
    fn of_chunks_at_every_byte() {
        chunked().at_every_byte_of_a_script(usize::MAX);
        chunked().at_every_byte_of_a_script(1);
    }

    #[test]
    fn of_a_length_at_every_byte_of_a_connection() {
        with_length().at_every_byte_of_a_connection();
    }

    #[test]
    fn of_chunks_at_every_byte_of_a_connection() {
        chunked().at_every_byte_of_a_connection();
    }

    #[test]
    fn by_a_reset_at_every_byte() {
        with_length().by_a_reset_at_every_byte_of_a_script();
        chunked().by_a_reset_at_every_byte_of_a_script();
    }

    #[test]
    fn by_silence_at_every_byte() {
        with_length().by_silence_at_every_byte_of_a_script();
        chunked().by_silence_at_every_byte_of_a_script();
    }

    #[test]
    fn of_a_body_until_close_is_an_error_only_where_the_connection_breaks() {
        let response = b"HTTP/1.1 200 OK\r\n\r\nall there was";
        let mut network = ScriptedNetwork::new([Script::new(response)]);
        assert_eq!(send_over(requests::get(URL), &mut network).unwrap().content, b"all there was");
        let broken = Script::new(response).then(End::Break(ErrorKind::ConnectionReset));
        let result = send_over(requests::get(URL), &mut ScriptedNetwork::new([broken]));
        assert_eq!(result, Err(Error::Receive(IoError::new(ErrorKind::ConnectionReset))));
    }

    #[test]
    fn by_a_reset_of_a_connection() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
        let pause = Step::Pause(Duration::from_millis(50));
        let parts: [Play; 5] = [
            vec![Step::Reset],
            vec![Step::ReadRequest, Step::Reset],
            vec![Step::ReadRequest, Step::send("HTTP/1.1 2"), pause.clone(), Step::Reset],
            vec![Step::ReadRequest, Step::send(head), Step::send("half"), pause.clone(), Step::Reset],
            vec![Step::ReadRequest, Step::send("HTTP/1.1 200 OK\r\n\r\nall"), pause, Step::Reset],
        ];
        let count = parts.len();
        let peer = Peer::new(parts);
        let url = peer.url("/");
        for connection in 0..count {
            let result = within(Duration::from_secs(30), || send(requests::get(&url)));
            let error = match result {
                Err(Error::Send(error) | Error::Receive(error)) => error,
                // The first reset can arrive before the client knows that it is connected.
                Err(Error::Connect(error)) if connection == 0 => error,
                _ => panic!("connection {connection}: {result:?}"),
            };
            let broken = matches!(error.kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe);
            assert!(broken && error.errno != 0, "connection {connection}: {error:?}");
        }
    }
}

mod malformed_response {
    use super::*;

    macro_rules! refused_responses {
        ($($name:ident: $response:expr => $error:expr;)+) => {$(
            #[test]
            fn $name() {
                let mut network = answering_and_stalling($response);
                assert_eq!(send_over(requests::get(URL), &mut network), Err($error));
                assert_eq!(network.open(), 0);
            }
        )+};
    }

    refused_responses! {
        another_protocol: "SSH-2.0-OpenSSH_9.2\r\n" => Error::InvalidHead(HeadError::NotHttp1);
        html_without_a_head: "<!doctype html>" => Error::InvalidHead(HeadError::NotHttp1);
        http_2: "HTTP/2.0 200 OK\r\n\r\n" => Error::InvalidHead(HeadError::NotHttp1);
        no_status_code: "HTTP/1.1 OK\r\n\r\n" => Error::InvalidHead(HeadError::StatusLine);
        status_code_of_two_digits: "HTTP/1.1 20 OK\r\n\r\n" => Error::InvalidHead(HeadError::StatusLine);
        length_without_colon: "HTTP/1.1 200 OK\r\nContent-Length 2\r\n\r\nok"
            => Error::InvalidHead(HeadError::FieldName);
        space_before_colon: "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok"
            => Error::InvalidHead(HeadError::FieldName);
        nul_in_a_header: "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n" => Error::InvalidHead(HeadError::ControlCharacter);
        length_no_number: "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok"
            => Error::InvalidFraming(FramingError::ContentLength);
        length_negative: "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok"
            => Error::InvalidFraming(FramingError::ContentLength);
        length_with_a_sign: "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok"
            => Error::InvalidFraming(FramingError::ContentLength);
        length_beyond_64_bits: "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551618\r\n\r\nok"
            => Error::InvalidFraming(FramingError::ContentLength);
        lengths_in_conflict: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"
            => Error::InvalidFraming(FramingError::ConflictingContentLength);
        coding_not_asked_for: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
            => Error::InvalidFraming(FramingError::TransferEncoding);
        chunk_size_no_number: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"
            => Error::InvalidChunk(ChunkError::Size);
        chunk_size_with_a_sign: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\nok\r\n"
            => Error::InvalidChunk(ChunkError::Size);
        chunk_size_behind_a_space: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 2\r\nok\r\n"
            => Error::InvalidChunk(ChunkError::Size);
        chunk_size_beyond_64_bits:
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000002\r\nok\r\n"
            => Error::InvalidChunk(ChunkError::Size);
        chunk_longer_than_announced: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n"
            => Error::InvalidChunk(ChunkError::LineEnd);
        trailer_with_nul: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: \0\r\n\r\n"
            => Error::InvalidChunk(ChunkError::Trailer);
        location_of_another_scheme: "HTTP/1.1 302 Found\r\nLocation: ftp://example.org/\r\n\r\n"
            => Error::InvalidLocation(UrlError::Scheme);
        location_without_host: "HTTP/1.1 302 Found\r\nLocation: http://\r\n\r\n"
            => Error::InvalidLocation(UrlError::NoHost);
    }
}

mod stalling {
    use super::*;

    /// Sends a request to a peer that plays `part`. It must time out in `phase`, at the deadline.
    #[track_caller]
    fn times_out(part: Play, phase: Phase, request: impl for<'u> Fn(&'u str) -> RequestBuilder<'u, 'static>) {
        let peer = Peer::new([part]);
        let url = peer.url("/");
        let result = at(DEADLINE, || send(request(&url).timeout(DEADLINE)));
        assert_eq!(result, Err(Error::Timeout { phase }));
    }

    #[test]
    fn before_accepting() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let result = at(DEADLINE, || send(requests::get(&url).timeout(DEADLINE)));
        assert_eq!(result, Err(Error::Timeout { phase: Phase::Receive }));
    }

    #[test]
    fn while_connecting() {
        let peer = Swallowing::new();
        let url = peer.url("/");
        let result = at(DEADLINE, || send(requests::get(&url).timeout(DEADLINE)));
        assert_eq!(result, Err(Error::Timeout { phase: Phase::Connect }));
    }

    #[test]
    fn before_reading() {
        times_out(vec![Step::Stall], Phase::Receive, requests::get);
    }

    #[test]
    fn before_the_response() {
        times_out(vec![Step::ReadRequest, Step::Stall], Phase::Receive, requests::get);
    }

    #[test]
    fn within_the_status_line() {
        times_out(vec![Step::send("HTTP/1.1 20"), Step::Stall], Phase::Receive, requests::get);
    }

    #[test]
    fn within_the_headers() {
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";
        times_out(vec![Step::send(half), Step::Stall], Phase::Receive, requests::get);
    }

    #[test]
    fn behind_an_interim_response() {
        times_out(
            vec![Step::send("HTTP/1.1 100 Continue\r\n\r\n"), Step::Stall],
            Phase::Receive,
            requests::get,
        );
    }

    #[test]
    fn within_a_body_of_known_length() {
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
        times_out(vec![Step::send(half), Step::Stall], Phase::Receive, requests::get);
    }

    #[test]
    fn within_a_chunk() {
        let half = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf";
        times_out(vec![Step::send(half), Step::Stall], Phase::Receive, requests::get);
    }

    #[test]
    fn before_the_last_chunk() {
        let half = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n";
        times_out(vec![Step::send(half), Step::Stall], Phase::Receive, requests::get);
    }

    #[test]
    fn within_a_body_until_close() {
        let half = "HTTP/1.1 200 OK\r\n\r\nhalf";
        times_out(vec![Step::send(half), Step::Stall], Phase::Receive, requests::get);
    }

    #[test]
    fn behind_a_redirect() {
        let redirect = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
        let peer = Peer::new([answer(redirect), vec![Step::ReadRequest, Step::Stall]]);
        let url = peer.url("/");
        let result = at(DEADLINE, || send(requests::get(&url).timeout(DEADLINE)));
        assert_eq!(result, Err(Error::Timeout { phase: Phase::Receive }));
    }

    #[test]
    fn while_a_large_body_is_sent() {
        let body = vec![0; 64 << 20];
        let peer = Peer::new([vec![Step::Stall]]);
        let url = peer.url("/");
        let result = at(DEADLINE, || send(requests::post(&url).data(&body).timeout(DEADLINE)));
        assert_eq!(result, Err(Error::Timeout { phase: Phase::Send }));
    }

    #[test]
    fn while_a_reader_is_sent() {
        let peer = Peer::new([vec![Step::Stall]]);
        let url = peer.url("/");
        let mut zeros = Zeros;
        let parts = [Part::reader("file", "zeros", &mut zeros, u64::MAX / 2)];
        let result = at(DEADLINE, || send(requests::post(&url).files(&parts).timeout(DEADLINE)));
        assert_eq!(result, Err(Error::Timeout { phase: Phase::Send }));
    }

    #[test]
    fn by_one_byte_at_a_time() {
        let response = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "x".repeat(1000));
        let part = answer_in_pieces(response, 1, Duration::from_millis(10));
        times_out(part, Phase::Receive, requests::get);
    }
}

/// A source of bytes that never ends.
struct Zeros;

impl embedded_io::ErrorType for Zeros {
    type Error = ErrorKind;
}

impl embedded_io::Read for Zeros {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        buffer.fill(0);
        Ok(buffer.len())
    }
}

/// Peers that never let the client wait, and never end.
mod never_ending {
    use super::*;

    /// Much longer than the deadline, even on a busy machine.
    const LONG: Duration = Duration::from_secs(8);

    #[track_caller]
    fn times_out(start: &str, again_and_again: &str) {
        let many = again_and_again.repeat(64 * 1024 / again_and_again.len());
        let peer = Peer::new([vec![
            Step::ReadRequest,
            Step::send(start),
            Step::SendAgainAndAgain(many.into_bytes(), LONG),
        ]]);
        let url = peer.url("/");
        let result = at(DEADLINE, || send(requests::get(&url).timeout(DEADLINE)));
        assert_eq!(result, Err(Error::Timeout { phase: Phase::Receive }));
    }

    #[test]
    fn interim_responses() {
        times_out("", "HTTP/1.1 100 Continue\r\n\r\n");
    }

    #[test]
    fn chunk_extension() {
        times_out("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1", ";name=value");
    }

    #[test]
    fn trailer_section() {
        times_out("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "Name: value\r\n");
    }

    #[test]
    fn zeros_before_a_chunk_size() {
        times_out("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0");
    }

    #[test]
    fn upload_that_the_peer_takes() {
        let peer = Peer::new([vec![Step::ReadAll]]);
        let url = peer.url("/");
        let mut zeros = Zeros;
        let parts = [Part::reader("file", "zeros", &mut zeros, 64 << 30)];
        let result = at(DEADLINE, || send(requests::post(&url).files(&parts).timeout(DEADLINE)));
        assert_eq!(result, Err(Error::Timeout { phase: Phase::Send }));
    }

    #[test]
    fn head() {
        let mut network = answering(["HTTP/1.1 200 OK\r\n".to_owned() + &"Name: value\r\n".repeat(10_000)]);
        let result = send_over(requests::get(URL), &mut network);
        assert!(matches!(result, Err(Error::BufferTooSmall { phase: Phase::Parse, .. })), "{result:?}");
    }

    #[test]
    fn head_in_a_buffer_without_end() {
        let limit = requests::config::MAX_RESPONSE_HEAD;
        let line = "Name: value\r\n";
        let response = "HTTP/1.1 200 OK\r\n".to_owned() + &line.repeat(2 * limit / line.len()) + "\r\n";
        let mut buffer = vec![0; 4 * limit];
        let result = requests::get(URL).send_over(&mut answering([response]), &mut buffer).map(Answer::from);
        assert_eq!(result, Err(Error::InvalidHead(HeadError::TooLarge)));
    }

    #[test]
    fn body() {
        let mut network = answering(["HTTP/1.1 200 OK\r\n\r\n".to_owned() + &"x".repeat(100_000)]);
        let result = send_over(requests::get(URL), &mut network);
        assert!(matches!(result, Err(Error::BufferTooSmall { phase: Phase::Body, .. })), "{result:?}");
    }
}

mod unreachable {
    use super::*;

    #[test]
    fn host_that_refuses() {
        let peer = Refusing::new();
        let url = peer.url("/");
        let result = within(Duration::ZERO, || send(requests::get(&url)));
        let Err(Error::Connect(error)) = result else { panic!("{result:?}") };
        assert_eq!(error.kind, ErrorKind::ConnectionRefused);
        assert_ne!(error.errno, 0);
        assert_eq!(result.unwrap_err().kind(), "connection-refused");
    }

    #[test]
    fn host_without_an_address() {
        let deadline = Duration::from_secs(30);
        let request = requests::get("http://nothing-of-this-name.invalid/").timeout(deadline);
        let error = within(deadline, || send(request)).unwrap_err();
        assert_eq!(error.phase(), Phase::Dns, "{error:?}");
    }

    #[test]
    fn host_that_no_name_look_up_takes() {
        let url = format!("http://{}.example.org/", "a".repeat(64));
        let error = within(Duration::from_secs(30), || send(requests::get(&url))).unwrap_err();
        assert!(matches!(error, Error::Dns(_)), "{error:?}");
    }

    #[test]
    fn name_look_up_that_fails() {
        for (failure, error) in [
            (DnsError::NotFound, Error::Dns(DnsError::NotFound)),
            (DnsError::Failed(-3), Error::Dns(DnsError::Failed(-3))),
            (DnsError::TimedOut, Error::Timeout { phase: Phase::Dns }),
        ] {
            let mut buffer = [0; 512];
            let result = requests::get(URL).send_over(&mut NoNames(failure), &mut buffer).map(Answer::from);
            assert_eq!(result, Err(error));
        }
    }

    #[test]
    fn addresses_need_no_name_look_up() {
        let mut buffer = [0; 512];
        let peer = Refusing::new();
        let mut network = answering([OK]);
        requests::get(&peer.url("/")).send_over(&mut network, &mut buffer).unwrap();
        assert_eq!(network.addresses()[0].ip().to_string(), "127.0.0.1");
    }

    #[test]
    fn source_of_random_bytes() {
        let failure = IoError::new(ErrorKind::Other);
        let parts = [Part::field("a", "b")];
        let mut buffer = [0; 512];
        let mut network = NoRandom(answering([OK]), failure);
        let result = requests::post(URL).files(&parts).send_over(&mut network, &mut buffer).map(Answer::from);
        assert_eq!(result, Err(Error::Random(failure)));
    }

    #[test]
    fn peer_that_takes_only_a_part_of_the_request() {
        let body = vec![0; 100_000];
        let script = Script::new(b"").accepts(1000);
        let result = send_over(requests::post(URL).data(&body), &mut ScriptedNetwork::new([script]));
        assert_eq!(result, Err(Error::Send(IoError::new(ErrorKind::BrokenPipe))));
    }

    #[test]
    fn peer_that_answers_before_it_has_read_everything() {
        let too_large = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n";
        let body = vec![0; 100_000];
        let script = Script::new(too_large.as_bytes()).accepts(1000);
        let mut network = ScriptedNetwork::new([script]);
        assert_eq!(send_over(requests::post(URL).data(&body), &mut network).unwrap().status, 413);

        let peer = Peer::new([vec![Step::send(too_large), Step::ReadAll]]);
        let url = peer.url("/");
        assert_eq!(send(requests::post(&url).data(&body)).unwrap().status, 413);
    }
}
