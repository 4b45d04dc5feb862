// SPDX-License-Identifier: Apache-2.0
//! Every function, parameter and attribute of Python's `requests` that this library has works as in
//! Python.

mod support;

use std::time::Duration;

use requests::transport::scripted::ScriptedNetwork;
use requests::{Encoding, Error, JsonError, Part, Phase, Request, Response};
use serde::{Deserialize, Serialize};

use support::sent::SentRequest;
use support::{BUFFER, answering, answering_and_stalling, send_over};

const URL: &str = "http://example.org/path";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Returns the bytes that are sent when the response is [`OK`].
fn sent(request: Request<'_>) -> SentRequest {
    let mut network = answering([OK]);
    send_over(request, &mut network).expect("an answer");
    SentRequest::only(&network.sent(0))
}

/// Receives `response` and checks it.
fn received<T>(response: &str, look: impl FnOnce(Response<'_>) -> T) -> T {
    let mut buffer = [0; BUFFER];
    look(requests::get(URL).send_over(&mut answering([response]), &mut buffer).expect("a response"))
}

mod functions {
    use super::*;

    macro_rules! sends_its_method {
        ($($function:ident => $method:literal;)+) => {$(
            #[test]
            fn $function() {
                let sent = sent(requests::$function("http://example.org/path?q"));
                assert_eq!((&sent.method[..], &sent.target[..]), ($method, "/path?q"));
            }
        )+};
    }

    sends_its_method! {
        get => "GET";
        head => "HEAD";
        post => "POST";
        put => "PUT";
        patch => "PATCH";
        delete => "DELETE";
        options => "OPTIONS";
    }

    #[test]
    fn request_takes_any_token() {
        for method in ["GET", "PROPFIND", "M-SEARCH", "X!#$%&'*+-.^_`|~9"] {
            assert_eq!(sent(requests::request(method, URL)).method, method);
        }
        assert_eq!(sent(requests::request("patch", URL)).method, "PATCH", "upper case, as Python's requests");
    }

    #[test]
    fn head_has_headers_and_no_content() {
        let mut network = answering_and_stalling("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        let mut buffer = [0; 512];
        let response = requests::head(URL).send_over(&mut network, &mut buffer).unwrap();
        assert_eq!((response.header("Content-Length"), response.content()), (Some("5"), &b""[..]));
    }

    #[test]
    fn every_method_can_carry_a_body() {
        for method in ["GET", "DELETE", "OPTIONS", "PUT"] {
            let sent = sent(requests::request(method, URL).data(b"body"));
            assert_eq!((sent.header("content-length"), &sent.body[..]), (Some("4"), &b"body"[..]));
        }
    }

    #[test]
    fn urls_start_with_http_or_https_in_any_case() {
        assert_eq!(sent(requests::get("HTTP://EXAMPLE.org/Path")).target, "/Path");
        let https = send_over(requests::get("HTTPS://example.org/"), &mut answering([OK; 0]));
        assert!(!matches!(https, Err(Error::InvalidUrl(_))), "{https:?}");
        let other = send_over(requests::get("ftp://example.org/"), &mut answering([OK]));
        assert!(matches!(other, Err(Error::InvalidUrl(_))), "{other:?}");
    }

    #[test]
    fn connect_goes_to_the_port_of_the_url() {
        for (url, port) in [("http://example.org/", 80), ("http://example.org:8080/", 8080)] {
            let mut network = answering([OK]);
            send_over(requests::get(url), &mut network).unwrap();
            assert_eq!(network.addresses()[0].port(), port);
        }
    }
}

mod parameters {
    use super::*;

    #[test]
    fn data_is_sent_as_it_is() {
        let every_byte: Vec<u8> = (0..=255).collect();
        let sent = sent(requests::post(URL).data(&every_byte));
        assert_eq!((sent.header("content-length"), &sent.body), (Some("256"), &every_byte));
        assert_eq!(sent.header("content-type"), None);
    }

    #[test]
    fn json_is_serialised() {
        #[derive(Serialize)]
        struct Reading<'a> {
            id: u32,
            value: f32,
            tags: [&'a str; 2],
            note: Option<&'a str>,
        }

        let value = Reading { id: 1, value: 2.5, tags: ["a", "\"b\"\n"], note: None };
        let sent = sent(requests::post(URL).json(&value));
        assert_eq!(sent.body, br#"{"id":1,"value":2.5,"tags":["a","\"b\"\n"],"note":null}"#);
        assert_eq!(sent.header("content-type"), Some("application/json"));
        assert_eq!(sent.header("content-length"), Some(&*sent.body.len().to_string()));
    }

    #[test]
    fn json_keeps_a_content_type_that_is_given() {
        let request = requests::patch(URL).header("content-type", "application/merge-patch+json").json(&1);
        assert_eq!(sent(request).header("content-type"), Some("application/merge-patch+json"));
    }

    #[test]
    fn form_is_urlencoded() {
        let sent = sent(requests::post(URL).form(&[("a b", "1&2=3"), ("ü", ""), ("", "~")]));
        assert_eq!(sent.body, b"a+b=1%262%3D3&%C3%BC=&=%7E");
        assert_eq!(sent.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(sent.header("content-length"), Some("26"));
    }

    #[test]
    fn files_are_multipart() {
        let mut reader = &b"from a reader"[..];
        let parts = [
            Part::field("field", "value"),
            Part::file("one", "one.bin", b"\0\xff"),
            Part::file("one", "two.txt", b"text").content_type("text/plain"),
            Part::reader("three", "three.log", &mut reader, 13),
        ];
        let sent = sent(requests::post(URL).files(&parts));
        let boundary = sent.boundary();
        let disposition = "Content-Disposition: form-data; name";
        let octets = "Content-Type: application/octet-stream";
        let mut expected = Vec::new();
        for (head, content) in [
            (format!("{disposition}=\"field\""), &b"value"[..]),
            (format!("{disposition}=\"one\"; filename=\"one.bin\"\r\n{octets}"), b"\0\xff"),
            (format!("{disposition}=\"one\"; filename=\"two.txt\"\r\nContent-Type: text/plain"), b"text"),
            (format!("{disposition}=\"three\"; filename=\"three.log\"\r\n{octets}"), b"from a reader"),
        ] {
            expected.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
            expected.extend_from_slice(content);
            expected.extend_from_slice(b"\r\n");
        }
        expected.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        assert_eq!(String::from_utf8_lossy(&sent.body), String::from_utf8_lossy(&expected));
        assert_eq!(sent.header("content-length"), Some(&*expected.len().to_string()));
    }

    #[test]
    fn files_without_a_file_are_an_empty_form() {
        let sent = sent(requests::post(URL).files(&[]));
        assert_eq!(sent.body, format!("--{}--\r\n", sent.boundary()).as_bytes());
    }

    #[test]
    fn headers_are_added() {
        let request = requests::get(URL).header("X-One", "1").headers(&[("X-Two", "2"), ("X-One", "3")]);
        let sent = sent(request);
        assert_eq!(sent.values("x-one"), [b"1", b"3"]);
        assert_eq!(sent.header("x-two"), Some("2"));
    }

    #[test]
    fn default_headers() {
        let sent = sent(requests::get(URL));
        let names: Vec<_> = sent.headers.iter().map(|(name, _)| &name[..]).collect();
        assert_eq!(names, ["Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"]);
        assert_eq!(sent.header("accept"), Some("*/*"));
        assert_eq!(sent.header("accept-encoding"), Some("identity"));
        assert_eq!(sent.header("connection"), Some("close"));
        assert!(sent.header("user-agent").unwrap().starts_with("zephyr-requests/"));
    }

    #[test]
    fn a_header_of_the_callers_replaces_a_default_one() {
        for name in ["host", "USER-AGENT", "accept", "Accept-encoding", "connection", "Authorization"] {
            let sent = sent(requests::get(URL).auth(("user", "password")).header(name, "other"));
            assert_eq!(sent.header(name), Some("other"));
        }
    }

    #[test]
    fn a_default_header_can_be_left_out() {
        let request =
            requests::get(URL).remove_header("user-agent").remove_header("Accept").remove_header("host");
        let sent = sent(request);
        assert_eq!((sent.header("user-agent"), sent.header("accept")), (None, None));
        assert!(sent.header("Host").is_some());
    }

    #[test]
    fn long_headers_are_sent() {
        let token = "t".repeat(5000);
        let sent = sent(requests::get(URL).bearer_auth(&token));
        assert_eq!(sent.header("authorization"), Some(&*format!("Bearer {token}")));
    }

    #[test]
    fn auth_is_basic() {
        let sent_with = |auth| sent(requests::get(URL).auth(auth));
        // RFC 7617 §2 and §2.1.
        let sent = sent_with(("Aladdin", "open sesame"));
        assert_eq!(sent.header("authorization"), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        assert_eq!(sent_with(("test", "123£")).header("authorization"), Some("Basic dGVzdDoxMjPCow=="));
        assert_eq!(sent_with(("", "")).header("authorization"), Some("Basic Og=="));
    }

    #[test]
    fn userinfo_of_the_url_is_basic_auth() {
        let authorization = |url| sent(requests::get(url)).header("authorization").map(str::to_owned);
        assert_eq!(authorization("http://us%65r:p%40ss@example.org/").as_deref(), Some("Basic dXNlcjpwQHNz"));
        assert_eq!(authorization("http://user@example.org/").as_deref(), Some("Basic dXNlcjo="));
        assert_eq!(authorization("http://@example.org/"), None);
        let both = sent(requests::get("http://u:p@example.org/").bearer_auth("t"));
        assert_eq!(both.header("authorization"), Some("Bearer t"));
    }

    #[test]
    fn bearer_auth_is_a_token() {
        let sent = sent(requests::get(URL).bearer_auth("abc.def-ghi~+/="));
        assert_eq!(sent.header("authorization"), Some("Bearer abc.def-ghi~+/="));
    }

    #[test]
    fn params_are_added_to_the_query() {
        let target = |url, params: &[(&str, &str)]| sent(requests::get(url).params(params)).target;
        assert_eq!(target("http://h", &[("a b", "ü&=")]), "/?a+b=%C3%BC%26%3D");
        assert_eq!(target("http://h/p?x=y#z", &[("a", "b"), ("a", "")]), "/p?x=y&a=b&a=");
        assert_eq!(target("http://h/p?", &[("a", "b")]), "/p?a=b");
        assert_eq!(target("http://h/p", &[]), "/p");
    }

    #[test]
    fn timeout_bounds_the_request() {
        let mut network = answering_and_stalling("");
        let request = requests::get(URL).timeout(Duration::from_millis(1234));
        assert_eq!(send_over(request, &mut network), Err(Error::Timeout { phase: Phase::Receive }));
        assert_eq!(now(&network), 1234);
    }

    #[test]
    fn timeout_has_a_finite_default() {
        let mut network = answering_and_stalling("");
        assert!(send_over(requests::get(URL), &mut network).is_err());
        assert_eq!(now(&network), requests::config::TIMEOUT_MS);
    }

    #[test]
    fn timeout_is_rounded_up() {
        for (timeout, milliseconds) in [
            (Duration::from_nanos(1), 1),
            (Duration::from_micros(1001), 2),
            (Duration::from_millis(1), 1),
            (Duration::ZERO, 0),
        ] {
            let mut network = answering_and_stalling("");
            assert!(send_over(requests::get(URL).timeout(timeout), &mut network).is_err());
            assert_eq!(now(&network), milliseconds, "{timeout:?}");
        }
    }

    #[test]
    fn timeout_without_end_does_not_overflow() {
        send_over(requests::get(URL).timeout(Duration::MAX), &mut answering([OK])).unwrap();
    }

    fn now(network: &ScriptedNetwork) -> u64 {
        requests::transport::Network::now(network)
    }

    #[test]
    fn redirects_can_be_left_to_the_caller() {
        let redirect = "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 4\r\n\r\nbody";
        let answer = send_over(requests::get(URL).redirects(0), &mut answering([redirect])).unwrap();
        assert_eq!((answer.status, answer.redirects, &answer.content[..]), (302, 0, &b"body"[..]));
        assert_eq!(answer.url, URL);
    }

    #[test]
    fn chunked_sends_chunks() {
        let fields = [("a", "b")];
        let parts = [Part::field("a", "b")];
        for request in [
            requests::post(URL).data(b"hello"),
            requests::post(URL).json(&"hello"),
            requests::post(URL).form(&fields),
            requests::post(URL).files(&parts),
        ] {
            let sent = sent(request.chunked());
            assert_eq!(
                (sent.header("content-length"), sent.header("transfer-encoding")),
                (None, Some("chunked"))
            );
            assert!(!sent.body.is_empty());
        }
    }

    #[test]
    fn chunked_does_nothing_where_there_is_no_body() {
        let sent = sent(requests::get(URL).chunked());
        assert_eq!((sent.header("content-length"), sent.header("transfer-encoding")), (None, None));
    }

    #[test]
    fn one_buffer_serves_many_requests() {
        let mut network = answering(vec![OK; 3]);
        let mut buffer = [0; 512];
        for _ in 0..3 {
            let response = requests::get(URL).send_over(&mut network, &mut buffer).unwrap();
            assert_eq!(response.content(), b"ok");
        }
        assert_eq!(network.open(), 0);
    }
}

mod attributes {
    use super::*;

    #[test]
    fn status_code_and_reason() {
        received("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", |response| {
            assert_eq!((response.status_code, response.reason), (404, "Not Found"));
        });
        received("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", |response| assert_eq!(response.reason, ""));
        received("HTTP/1.1 999\r\nContent-Length: 0\r\n\r\n", |response| {
            assert_eq!((response.status_code, response.reason), (999, ""));
        });
    }

    #[test]
    fn http_version() {
        for (version, expected) in [("HTTP/1.0", "1.0"), ("HTTP/1.1", "1.1")] {
            received(&format!("{version} 200 OK\r\nContent-Length: 0\r\n\r\n"), |response| {
                assert_eq!(response.http_version(), expected);
            });
        }
    }

    #[test]
    fn headers_are_text() {
        received("HTTP/1.1 204 No Content\r\nA: b\r\nC:d\r\n\r\n", |response| {
            assert_eq!(response.headers().unwrap(), "A: b\r\nC:d\r\n");
        });
        received("HTTP/1.1 204 No Content\r\n\r\n", |response| assert_eq!(response.headers().unwrap(), ""));
    }

    #[test]
    fn header_finds_a_name_in_any_case() {
        received("HTTP/1.1 204 No Content\r\nX-Name:\t first \r\nx-name: second\r\n\r\n", |response| {
            assert_eq!(response.header("x-NAME"), Some("first"));
            assert_eq!(response.header("X-Nam"), None);
            assert_eq!(response.header(""), None);
        });
    }

    #[test]
    fn header_fields_keep_order_and_repeats() {
        let response = "HTTP/1.1 204 No Content\r\nSet-Cookie: a=1\r\nX: y\r\nset-cookie: b=2\r\n\r\n";
        received(response, |response| {
            let fields: Vec<_> =
                response.header_fields().map(|field| (field.name, field.value_str().unwrap())).collect();
            assert_eq!(fields, [("Set-Cookie", "a=1"), ("X", "y"), ("set-cookie", "b=2")]);
            let cookies: Vec<_> = response.header_fields().values_of("SET-COOKIE").collect();
            assert_eq!(cookies, [b"a=1", b"b=2"]);
        });
    }

    #[test]
    fn more_headers_than_a_request_may_have() {
        let lines: String = (0..1000).map(|number| format!("X-{number}: {number}\r\n")).collect();
        received(&format!("HTTP/1.1 204 No Content\r\n{lines}\r\n"), |response| {
            assert_eq!(response.header_fields().count(), 1000);
            assert_eq!(response.header("x-999"), Some("999"));
        });
    }

    #[test]
    fn content_is_bytes() {
        let mut network = answering([b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\0\xff\r\n"]);
        let answer = send_over(requests::get(URL), &mut network).unwrap();
        assert_eq!(answer.content, b"\0\xff\r\n");
    }

    #[test]
    fn no_content() {
        for head in ["HTTP/1.1 204 No Content", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5"] {
            let mut network = answering_and_stalling(format!("{head}\r\n\r\n"));
            assert_eq!(send_over(requests::get(URL), &mut network).unwrap().content, b"", "{head}");
        }
    }

    #[test]
    fn encoding_decides_how_bytes_become_text() {
        let mut scratch = [0; 64];
        let mut response = Response::new(200, "OK", "X: ü\r\n".as_bytes(), "ü".as_bytes());
        assert_eq!((response.encoding, response.encoding.name()), (Encoding::Utf8, "utf-8"));
        assert_eq!((response.text(), response.headers()), (Ok("ü"), Ok("X: ü\r\n")));
        response.encoding = Encoding::UsAscii;
        assert_eq!(response.text(), Err(Error::NotText { offset: 0 }));
        assert_eq!(response.headers(), Err(Error::NotText { offset: 3 }));
        response.encoding = Encoding::from_name("ISO-8859-1").unwrap();
        let no_room = Error::BufferTooSmall { phase: Phase::Text, needed: 4 };
        assert_eq!(response.text(), Err(no_room), "two characters of two bytes each");
        let response = response.with_scratch(&mut scratch);
        assert_eq!((response.text(), response.headers()), (Ok("Ã¼"), Ok("X: Ã¼\r\n")));
    }

    #[test]
    fn text_that_is_none_in_the_encoding() {
        let response = Response::new(200, "OK", b"", b"ab\xff");
        assert_eq!(response.text(), Err(Error::NotText { offset: 2 }));
        assert_eq!(response.content(), b"ab\xff");
    }

    #[test]
    fn text_is_rewritten_in_what_is_free_of_the_buffer() {
        let mut network = answering([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xe9\xe8"]);
        let mut buffer = [0; 512];
        let mut response = requests::get(URL).send_over(&mut network, &mut buffer).unwrap();
        response.encoding = Encoding::Iso8859_1;
        for _ in 0..10 {
            assert_eq!(response.text(), Ok("éè"));
        }
        assert_eq!(response.content(), b"\xe9\xe8");
        assert_eq!(response.url(), URL);
    }

    #[test]
    fn json_is_deserialised() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Reading<'a> {
            id: u32,
            unit: &'a str,
            values: [f32; 2],
            note: heapless::String<16>,
            missing: Option<bool>,
        }

        let text = r#"{"id": 1, "other": {"x": [1, null]}, "unit": "°C", "values": [1.5, -2e3], "note": "a\n\u00e9"}"#;
        let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
        received(&response, |response| {
            let note = heapless::String::try_from("a\né").unwrap();
            let expected = Reading { id: 1, unit: "°C", values: [1.5, -2000.0], note, missing: None };
            assert_eq!(response.json::<Reading<'_>>(), Ok(expected));
        });
    }

    fn error(cause: JsonError, offset: usize) -> Result<u8, Error> {
        Err(Error::Json { cause, offset })
    }

    #[test]
    fn json_errors_are_typed() {
        let json = |text: &'static str| Response::new(200, "OK", b"", text.as_bytes()).json::<u8>();
        assert_eq!(json("256"), error(JsonError::Type, 0));
        assert_eq!(json("\"1\""), error(JsonError::Type, 0));
        assert_eq!(json(""), error(JsonError::UnexpectedEnd, 0));
        assert_eq!(json(" <html>"), error(JsonError::Syntax, 1));
        assert_eq!(json("1 2"), error(JsonError::TrailingData, 2));
    }

    #[test]
    fn json_at_reaches_one_value() {
        let text = br#"{"a": {"b/c": [10, {"d~e": "x"}]}, "n": null, "pair": "\ud83d\ude00"}"#;
        let mut scratch = [0; 256];
        let response = Response::new(200, "OK", b"", text).with_scratch(&mut scratch);
        assert_eq!(response.json_at("/a/b~1c/0"), Ok(10));
        assert_eq!(response.json_at("/a/b~1c/1/d~0e"), Ok("x"));
        assert_eq!(response.json_at::<Option<u8>>("/n"), Ok(None));
        assert_eq!(response.json_at("/pair"), Ok("😀"));
        assert_eq!(response.json_at::<u8>("/a/b~1c/2"), error(JsonError::NotFound, 14));
        assert_eq!(response.json_at::<u8>("a"), error(JsonError::Pointer, 0));
        assert_eq!(response.json_at::<u8>("/a/b~1c/1/d~0e"), error(JsonError::Type, 27));
    }

    #[test]
    fn ok_and_raise_for_status() {
        for (code, ok) in
            [(100, true), (200, true), (304, true), (399, true), (400, false), (404, false), (500, false)]
        {
            let response = Response::new(code, "", b"", b"");
            assert_eq!(response.ok(), ok, "{code}");
            assert_eq!(response.raise_for_status(), if ok { Ok(()) } else { Err(Error::Status(code)) });
        }
    }

    #[test]
    fn url_and_redirects_tell_where_the_answer_came_from() {
        let to = |location| format!("HTTP/1.1 301 Moved Permanently\r\nLocation: {location}\r\n\r\n");
        let mut network = answering([to("../b?c#d"), to("//OTHER.example:80/./e"), OK.to_owned()]);
        let answer = send_over(requests::get("http://u:p@example.org/x/a#frag"), &mut network).unwrap();
        assert_eq!((&answer.url[..], answer.redirects), ("http://other.example/e#d", 2));
        assert_eq!(SentRequest::only(&network.sent(1)).target, "/b?c");
        assert_eq!(SentRequest::only(&network.sent(2)).header("host"), Some("other.example"));

        let answer = send_over(requests::get(URL).params(&[("q", "a b")]), &mut answering([OK])).unwrap();
        assert_eq!((&answer.url[..], answer.redirects), ("http://example.org/path?q=a+b", 0));
    }

    #[test]
    fn debug_shows_no_secret() {
        let request = requests::post(URL).auth(("user", "secret")).data(b"secret");
        assert!(!format!("{request:?}").contains("secret"));
        let token = requests::post(URL).bearer_auth("secret");
        assert!(!format!("{token:?}").contains("secret"));
        let response = Response::new(200, "OK", b"Set-Cookie: secret\r\n", b"secret");
        assert!(!format!("{response:?}").contains("secret"));
    }

    #[test]
    fn debug_shows_no_secret_of_headers_form_and_url() {
        let fields = [("password", "secret")];
        for request in [
            requests::post(URL).header("Authorization", "Bearer secret"),
            requests::post(URL).header("Cookie", "session=secret"),
            requests::post(URL).form(&fields),
            requests::post("http://user:secret@example.org/"),
        ] {
            assert!(!format!("{request:?}").contains("secret"), "{request:?}");
        }
    }
}

mod response {
    use super::*;

    #[test]
    fn new_makes_one_of_its_parts() {
        let response = Response::new(201, "Created", b"Content-Type: text/plain\r\nA: b\r\n", b"hello");
        assert_eq!((response.status_code, response.reason), (201, "Created"));
        assert_eq!(response.header("content-type"), Some("text/plain"));
        assert_eq!(response.headers(), Ok("Content-Type: text/plain\r\nA: b\r\n"));
        assert_eq!((response.content(), response.text()), (&b"hello"[..], Ok("hello")));
        assert_eq!((response.encoding, response.redirects, response.url()), (Encoding::Utf8, 0, ""));
        assert!(response.ok());
    }

    #[test]
    fn new_makes_one_of_nothing() {
        let response = Response::new(500, "", b"", b"");
        assert_eq!((response.headers(), response.text()), (Ok(""), Ok("")));
        assert_eq!(response.header_fields().count(), 0);
        assert_eq!(response.raise_for_status(), Err(Error::Status(500)));
    }
}

mod errors {
    use super::*;

    #[test]
    fn tell_phase_kind_and_sentence() {
        let mut network = answering(["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"]);
        let error = send_over(requests::get(URL), &mut network).unwrap_err();
        assert_eq!((error.phase(), error.kind()), (Phase::Body, "truncated-body"));
        assert_eq!(error.to_string(), "the server closed the connection after 4 bytes of an incomplete body");
        assert_eq!(error.phase().to_string(), "body");
    }

    #[test]
    fn carry_their_cause() {
        let error = send_over(requests::get("http://example.org:x/"), &mut answering([OK])).unwrap_err();
        let cause = std::error::Error::source(&error).expect("a cause");
        assert_eq!(cause.to_string(), "the port is not a number from 0 to 65535");
        assert!(error.to_string().ends_with(&cause.to_string()));
    }
}
