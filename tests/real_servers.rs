// SPDX-License-Identifier: Apache-2.0
//! Requests to real servers: httpbin, and Python's http.server.

mod support;

use std::time::Duration;

use base64ct::{Base64, Encoding};
use requests::{Error, Part, Phase, Request};
use serde::Serialize;
use serde_json::Value;

use support::servers::{FileServer, httpbin};
use support::time::{at, within};
use support::{Answer, send, send_with_buffer};

/// The URL of httpbin's endpoint at `path`.
fn url(path: &str) -> String {
    httpbin().url(path)
}

/// The JSON of httpbin's response to `request`.
#[track_caller]
fn echo(request: Request<'_>) -> Value {
    serde_json::from_slice(&ok(request).content).expect("JSON")
}

/// The response to `request`, which must have status 200.
#[track_caller]
fn ok(request: Request<'_>) -> Answer {
    let answer = send(request).expect("an answer");
    assert_eq!((answer.status, &answer.reason[..]), (200, "OK"));
    answer
}

mod methods {
    use super::*;

    #[test]
    fn get() {
        let echo = echo(requests::get(&url("/get?a=b")));
        assert_eq!(echo["args"]["a"], "b");
        assert_eq!(echo["url"], url("/get?a=b"));
    }

    #[test]
    fn head() {
        let answer = ok(requests::head(&url("/get")));
        assert_eq!(answer.content, b"");
        assert!(answer.headers.iter().any(|(name, value)| name == "Content-Length" && value != b"0"));
    }

    #[test]
    fn post_put_patch_delete() {
        for (method, path) in [("POST", "/post"), ("PUT", "/put"), ("PATCH", "/patch"), ("DELETE", "/delete")]
        {
            assert_eq!(echo(requests::request(method, &url(path)).data(b"some data"))["data"], "some data");
            assert_eq!(echo(requests::request(method, &url(path)))["data"], "");
        }
    }

    #[test]
    fn options() {
        let answer = ok(requests::options(&url("/get")));
        let (_, allow) = answer.headers.iter().find(|(name, _)| name == "Allow").expect("an Allow header");
        assert!(allow.windows(3).any(|window| window == b"GET"));
    }

    #[test]
    fn any_token() {
        assert_eq!(echo(requests::request("trace", &url("/anything")))["method"], "TRACE");
    }

    #[test]
    fn a_method_that_is_not_allowed() {
        let answer = send(requests::post(&url("/get"))).unwrap();
        assert_eq!(answer.status, 405);
    }
}

mod bodies {
    use super::*;

    #[test]
    fn json() {
        #[derive(Serialize)]
        struct Reading<'a> {
            id: u32,
            value: f64,
            unit: &'a str,
            tags: &'a [&'a str],
        }

        let reading = Reading { id: 42, value: -1.5, unit: "°C", tags: &["a", "\"b\"\\\n😀"] };
        let echo = echo(requests::post(&url("/post")).json(&reading));
        assert_eq!(echo["json"], serde_json::to_value(&reading).unwrap());
        assert_eq!(echo["headers"]["Content-Type"], "application/json");
    }

    #[test]
    fn form() {
        let fields = [("a", "1 2"), ("ü", "&=+%"), ("a", "\r\n")];
        let echo = echo(requests::post(&url("/post")).form(&fields));
        assert_eq!(echo["form"], serde_json::json!({"a": ["1 2", "\r\n"], "ü": "&=+%"}));
    }

    #[test]
    fn form_with_values_of_several_types() {
        let fields = (("text", "a b"), ("n", [-5, 7]), ("x", 21.5), ("on", true), ("none", None::<u8>));
        let echo = echo(requests::post(&url("/post")).form(&fields));
        let expected = serde_json::json!({"text": "a b", "n": ["-5", "7"], "x": "21.5", "on": "true"});
        assert_eq!(echo["form"], expected);
    }

    #[test]
    fn data_of_every_byte() {
        let every_byte: Vec<u8> = (0..=255).collect();
        let echo = echo(requests::post(&url("/post")).data(&every_byte));
        assert_eq!(bytes(&echo["data"]), every_byte);
    }

    #[test]
    fn files_of_every_byte() {
        let every_byte: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        let mut reader = &every_byte[..];
        let parts = [
            Part::field("field", "välue\r\n"),
            Part::file("slice", "slice \"1\" ü.bin", &every_byte),
            Part::file("text", "text.txt", b"plain\r\ntext\r\n").content_type("text/plain"),
            Part::file("empty", "empty", b""),
            Part::reader("reader", "reader.bin", &mut reader, every_byte.len() as u64),
        ];
        let url = url("/post");
        let answer = send_with_buffer(requests::post(&url).files(&parts), 100_000).unwrap();
        let echo: Value = serde_json::from_slice(&answer.content).expect("JSON");
        assert_eq!(echo["form"], serde_json::json!({"field": "välue\r\n"}));
        assert_eq!(bytes(&echo["files"]["slice"]), every_byte);
        assert_eq!(bytes(&echo["files"]["reader"]), every_byte);
        assert_eq!(echo["files"]["text"], "plain\r\ntext\r\n");
        assert_eq!(echo["files"]["empty"], "");
    }

    #[test]
    fn files_with_names_of_all_kinds() {
        for (name, read) in [
            ("a\"b", "a\"b"),
            ("a\r\nb", "a%0D%0Ab"),
            ("a b;c='d'", "a b;c='d'"),
            ("end\\", "end%5C"),
            ("ü😀", "ü😀"),
        ] {
            let echo = echo(requests::post(&url("/post")).files(&[Part::file(name, name, b"content")]));
            assert_eq!(echo["files"], serde_json::json!({ read: "content" }), "{name:?}");
            assert_eq!(echo["form"], serde_json::json!({}), "{name:?}");
        }
    }

    /// The bytes of a body as httpbin returns them: as text, or as a `data:` URL if they are not
    /// text.
    fn bytes(shown: &Value) -> Vec<u8> {
        let shown = shown.as_str().expect("a string");
        match shown.strip_prefix("data:application/octet-stream;base64,") {
            Some(base64) => Base64::decode(base64, &mut vec![0; base64.len()]).expect("base64").to_owned(),
            None => shown.as_bytes().to_owned(),
        }
    }
}

mod request_parts {
    use super::*;

    #[test]
    fn params() {
        let echo = echo(requests::get(&url("/get?z=0")).params(&[("a", "1 2"), ("ü", "&=+%#"), ("a", "3")]));
        assert_eq!(echo["args"], serde_json::json!({"z": "0", "a": ["1 2", "3"], "ü": "&=+%#"}));
    }

    #[test]
    fn params_with_values_of_several_types() {
        let params = (("q", "two words"), ("n", u64::MAX), ("x", [0.1, -1.0]), ("none", None::<&str>));
        let echo = echo(requests::get(&url("/get?z=0")).params(&params));
        let expected =
            serde_json::json!({"z": "0", "q": "two words", "n": u64::MAX.to_string(), "x": ["0.1", "-1.0"]});
        assert_eq!(echo["args"], expected);
    }

    #[test]
    fn headers() {
        let echo =
            echo(requests::get(&url("/headers")).header("X-Source", "zephyr").header("user-agent", "me"));
        let headers = &echo["headers"];
        assert_eq!((&headers["X-Source"], &headers["User-Agent"]), (&"zephyr".into(), &"me".into()));
        assert_eq!(headers["Host"], format!("127.0.0.1:{}", httpbin().port()));
    }

    #[test]
    fn compression_is_not_asked_for() {
        assert_eq!(echo(requests::get(&url("/headers")))["headers"]["Accept-Encoding"], "identity");
    }

    #[test]
    fn basic_auth() {
        let with_auth = |path, auth| send(requests::get(&url(path)).auth(auth)).unwrap().status;
        assert_eq!(with_auth("/basic-auth/u/p", ("u", "p")), 200);
        assert_eq!(with_auth("/basic-auth/u/p", ("u", "q")), 401);
        assert_eq!(with_auth("/hidden-basic-auth/u/p", ("u", "p")), 200);
        assert_eq!(send(requests::get(&url("/basic-auth/u/p"))).unwrap().status, 401);
        let url = format!("http://us%65r:p%40ss@127.0.0.1:{}/basic-auth/user/p@ss", httpbin().port());
        assert_eq!(send(requests::get(&url)).unwrap().status, 200);
    }

    #[test]
    fn bearer_auth() {
        assert_eq!(echo(requests::get(&url("/bearer")).bearer_auth("some-token"))["token"], "some-token");
        assert_eq!(send(requests::get(&url("/bearer"))).unwrap().status, 401);
    }

    #[test]
    fn a_host_name() {
        let url = format!("http://localhost:{}/get", httpbin().port());
        assert_eq!(send(requests::get(&url)).unwrap().status, 200);
    }
}

mod redirects {
    use super::*;

    #[test]
    fn relative_and_absolute() {
        for path in ["/redirect/3", "/relative-redirect/3", "/absolute-redirect/3"] {
            let answer = ok(requests::get(&url(path)));
            assert_eq!((answer.redirects, answer.url), (3, url("/get")), "{path}");
        }
    }

    #[test]
    fn to_any_url() {
        let target = url("/anything?a=b");
        let url = url("/redirect-to");
        let answer = send(requests::get(&url).params(&[("url", &target)])).unwrap();
        assert_eq!((answer.status, answer.redirects, answer.url), (200, 1, target));
    }

    #[test]
    fn of_a_post() {
        let url = url("/redirect-to");
        for (status, method, data) in [
            ("301", "GET", ""),
            ("302", "GET", ""),
            ("303", "GET", ""),
            ("307", "POST", "x"),
            ("308", "POST", "x"),
        ] {
            let params = [("url", "/anything"), ("status_code", status)];
            let answer = send(requests::post(&url).params(&params).data(b"x")).unwrap();
            let echo: Value = serde_json::from_slice(&answer.content).expect("JSON");
            assert_eq!((&echo["method"], &echo["data"]), (&method.into(), &data.into()), "{status}");
        }
    }

    #[test]
    fn to_another_origin_without_credentials() {
        let target = format!("http://localhost:{}/headers", httpbin().port());
        let same = url("/headers");
        let url = url("/redirect-to");
        let answer = send(requests::get(&url).params(&[("url", &target)]).bearer_auth("secret")).unwrap();
        let echo: Value = serde_json::from_slice(&answer.content).expect("JSON");
        assert_eq!((&echo["headers"]["Authorization"], answer.redirects), (&Value::Null, 1));
        let answer = send(requests::get(&url).params(&[("url", &same)]).bearer_auth("secret")).unwrap();
        let echo: Value = serde_json::from_slice(&answer.content).expect("JSON");
        assert_eq!(echo["headers"]["Authorization"], "Bearer secret");
    }

    #[test]
    fn one_too_many() {
        let url = url("/redirect/4");
        let result = send(requests::get(&url).redirects(3));
        assert_eq!(result, Err(Error::TooManyRedirects { limit: 3 }));
        assert_eq!(send(requests::get(&url).redirects(4)).unwrap().status, 200);
        assert_eq!(send(requests::get(&url).redirects(0)).unwrap().status, 302);
    }
}

mod answers {
    use super::*;

    #[test]
    fn of_every_status() {
        for status in [200, 201, 204, 304, 400, 404, 418, 429, 500, 503] {
            let answer = send(requests::get(&url(&format!("/status/{status}")))).unwrap();
            assert_eq!(answer.status, status);
        }
    }

    #[test]
    fn in_chunks() {
        let answer = ok(requests::get(&url("/stream-bytes/5000?seed=1&chunk_size=97")));
        assert!(answer.headers.contains(&("Transfer-Encoding".to_owned(), b"chunked".to_vec())));
        let whole = ok(requests::get(&url("/bytes/5000?seed=1")));
        assert_eq!((answer.content.len(), answer.content), (5000, whole.content));
    }

    #[test]
    fn line_by_line() {
        let answer = ok(requests::get(&url("/stream/5")));
        let text = String::from_utf8(answer.content).unwrap();
        let ids: Vec<_> = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].clone())
            .collect();
        assert_eq!(ids, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn as_utf_8() {
        let mut buffer = vec![0; 32 * 1024];
        let url = url("/encoding/utf8");
        let response = requests::get(&url).send(&mut buffer).unwrap();
        assert!(response.text().unwrap().contains("STARGΛ̊TE SG-1"));
    }

    #[test]
    fn as_json() {
        let mut buffer = vec![0; 4096];
        let url = url("/json");
        let response = requests::get(&url).send(&mut buffer).unwrap();
        assert_eq!(
            response.json_at("/slideshow/slides/1/items/0"),
            Ok("Why <em>WonderWidgets</em> are great")
        );
        assert_eq!(response.header("content-type"), Some("application/json"));
    }

    #[test]
    fn as_an_image() {
        let answer = ok(requests::get(&url("/image/png")));
        assert!(answer.content.starts_with(b"\x89PNG\r\n\x1a\n"));
        let (_, length) = answer.headers.iter().find(|(name, _)| name == "Content-Length").expect("a length");
        assert_eq!(*length, answer.content.len().to_string().as_bytes());
    }

    #[test]
    fn larger_than_the_buffer() {
        let url = url("/bytes/10000");
        let result = send_with_buffer(requests::get(&url), 4096);
        let Err(Error::BufferTooSmall { phase: Phase::Body, needed }) = result else { panic!("{result:?}") };
        // The head contains a date and the like, but its size stays the same.
        assert_eq!(send_with_buffer(requests::get(&url), needed).unwrap().content.len(), 10_000);
    }

    #[test]
    fn with_headers_of_the_callers() {
        let answer = ok(requests::get(&url("/response-headers?X-Name=one&X-Name=two")));
        let values: Vec<_> = answer.headers.iter().filter(|(name, _)| name == "X-Name").collect();
        assert_eq!(values.len(), 2);
    }

    #[test]
    fn after_the_deadline() {
        let url = url("/delay/3");
        let deadline = Duration::from_secs(1);
        let result = at(deadline, || send(requests::get(&url).timeout(deadline)));
        assert_eq!(result, Err(Error::Timeout { phase: Phase::Receive }));
    }

    #[test]
    fn drop_by_drop_beyond_the_deadline() {
        let url = url("/drip?duration=5&numbytes=50&delay=0");
        let deadline = Duration::from_secs(1);
        let result = at(deadline, || send(requests::get(&url).timeout(deadline)));
        assert_eq!(result, Err(Error::Timeout { phase: Phase::Receive }));
    }

    #[test]
    fn before_the_deadline() {
        let url = url("/delay/1");
        let deadline = Duration::from_secs(10);
        assert_eq!(within(deadline, || send(requests::get(&url).timeout(deadline))).unwrap().status, 200);
    }
}

mod files {
    use super::*;

    #[test]
    fn of_python_s_http_server() {
        let every_byte: Vec<u8> = (0..=255).collect();
        let files = FileServer::with(&[("a b/ü.bin", &every_byte), ("empty", b"")]);
        let answer = send(requests::get(&files.url("/a b/ü.bin"))).unwrap();
        assert_eq!((answer.status, answer.content), (200, every_byte));
        let server = answer.headers.iter().find(|(name, _)| name == "Server").expect("a Server header");
        assert!(server.1.starts_with(b"SimpleHTTP/"));
        assert_eq!(send(requests::get(&files.url("/empty"))).unwrap().content, b"");
    }

    #[test]
    fn in_a_directory() {
        let files = FileServer::with(&[("directory/hello.txt", b"hello")]);
        let answer = send(requests::get(&files.url("/directory"))).unwrap();
        assert_eq!((answer.redirects, answer.url), (1, files.url("/directory/")));
        assert!(String::from_utf8(answer.content).unwrap().contains("hello.txt"));
        let answer = send(requests::get(&files.url("/directory/../directory/./hello.txt"))).unwrap();
        assert_eq!(answer.content, b"hello");
    }

    #[test]
    fn that_are_not_there() {
        let files = FileServer::with(&[]);
        let answer = send(requests::get(&files.url("/missing"))).unwrap();
        assert_eq!((answer.status, &answer.reason[..]), (404, "File not found"));
        assert!(!answer.content.is_empty(), "the body of an error is kept");
        assert_eq!(send(requests::post(&files.url("/missing")).data(b"x")).unwrap().status, 501);
    }

    #[test]
    fn looked_at_by_head() {
        let files = FileServer::with(&[("hello.txt", b"hello")]);
        let answer = send(requests::head(&files.url("/hello.txt"))).unwrap();
        assert_eq!((answer.status, &answer.content[..]), (200, &b""[..]));
        assert!(answer.headers.contains(&("Content-Length".to_owned(), b"5".to_vec())));
    }

    #[test]
    fn that_are_large() {
        let large: Vec<u8> = (0..8_000_000u32).map(|number| (number % 251) as u8).collect();
        let files = FileServer::with(&[("large.bin", &large)]);
        let url = files.url("/large.bin");
        assert!(send_with_buffer(requests::get(&url), large.len() + 1024).unwrap().content == large);
        let result = send_with_buffer(requests::get(&url), 100_000);
        assert!(matches!(result, Err(Error::BufferTooSmall { phase: Phase::Body, .. })), "{result:?}");
    }
}
