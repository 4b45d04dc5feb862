// SPDX-License-Identifier: Apache-2.0
//! Every kind of request, as a strict parser that is not of this project reads it (h11), and multipart bodies as three
//! parsers do: werkzeug, multipart and python-multipart.

mod support;

use std::time::Duration;

use requests::{Error, Part, Request, Session};
use serde_json::Value;

use support::servers::judge;

/// What the server has read.
#[track_caller]
fn judged(request: Request<'_>) -> Value {
    let mut buffer = vec![0; 64 * 1024];
    let response = request.timeout(Duration::from_secs(60)).send(&mut buffer).expect("an answer");
    let text = response.text().expect("text");
    assert_eq!(response.status_code, 200, "{text}");
    serde_json::from_str(text).expect("JSON")
}

fn values<'v>(read: &'v Value, name: &str) -> Vec<&'v str> {
    let headers = read["headers"].as_array().expect("a list");
    let named = headers.iter().filter(|header| header[0] == name);
    named.map(|header| header[1].as_str().expect("text")).collect()
}

#[test]
fn methods() {
    let url = judge().url("/path?query");
    for method in
        ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "M-SEARCH", "!#$%&'*+.^_`|~"]
    {
        let read = judged(requests::request(method, &url));
        assert_eq!(
            (&read["method"], &read["target"], &read["version"]),
            (&method.into(), &"/path?query".into(), &"1.1".into())
        );
        assert_eq!(values(&read, "host"), [url.split('/').nth(2).expect("a host")]);
        let expects_content = ["POST", "PUT", "PATCH"].contains(&method);
        assert_eq!(values(&read, "content-length"), if expects_content { &["0"][..] } else { &[] });
    }
    let mut buffer = [0; 1024];
    let response = requests::head(&url).send(&mut buffer).expect("an answer");
    assert_eq!((response.status_code, response.content()), (200, &b""[..]));
}

#[test]
fn targets() {
    for (path, target) in [
        ("", "/"),
        ("?", "/?"),
        ("/a b?c d#e", "/a%20b?c%20d"),
        ("/ä\\x/../y", "/%C3%A4/y"),
        ("/\"<>`{}|^", "/%22%3C%3E%60%7B%7D%7C%5E"),
        ("/?\"<>`{}|^\\", "/?%22%3C%3E%60%7B%7D%7C%5E%5C"),
        ("/%zz%", "/%zz%"),
        ("//x", "//x"),
    ] {
        let url = judge().url(path);
        assert_eq!(judged(requests::get(&url))["target"], target, "{path}");
    }
    let url = judge().url("/?a=1");
    let read = judged(requests::get(&url).params(&(("q", "ä &=+"), ("n", 5), ("list", [1, 2]))));
    assert_eq!(read["target"], "/?a=1&q=%C3%A4+%26%3D%2B&n=5&list=1&list=2");
}

#[test]
fn headers() {
    let url = judge().url("/").replace("http://", "http://us%65r:pass@");
    let long = "x".repeat(5000);
    let fields =
        [("X-Empty", ""), ("X-Text", "a\tb  ü"), ("X-Long", &long), ("x-twice", "1"), ("X-Twice", "2")];
    let read = judged(requests::get(&url).headers(&fields).header("User-Agent", "mine"));
    assert_eq!(values(&read, "x-empty"), [""]);
    // h11 gives bytes, which are shown as ISO-8859-1.
    assert_eq!(values(&read, "x-text"), ["a\tb  \u{c3}\u{bc}"]);
    assert_eq!(values(&read, "x-long"), [&long]);
    assert_eq!(values(&read, "x-twice"), ["1", "2"]);
    assert_eq!(values(&read, "user-agent"), ["mine"]);
    assert_eq!(values(&read, "authorization"), ["Basic dXNlcjpwYXNz"]);
    let url = judge().url("/");
    assert_eq!(
        values(&judged(requests::get(&url).bearer_auth("t.o-k=")), "authorization"),
        ["Bearer t.o-k="]
    );
    assert_eq!(values(&judged(requests::get(&url).remove_header("User-Agent")), "user-agent"), [""; 0]);
}

/// The body arrives as it was given, in all ways to give it.
#[test]
fn bodies() {
    let url = judge().url("/");
    let content: Vec<_> = (0..100_000_u32).map(|index| (index % 251) as u8).collect();
    let plain = judged(requests::post(&url).data(&content));
    assert_eq!((&plain["length"], values(&plain, "content-length")), (&100_000.into(), vec!["100000"]));
    let mut readers = [&content[..], &content[..], &content[..], &content[..]];
    let [one, two, three, four] = &mut readers;
    for (what, read) in [
        ("chunked", judged(requests::post(&url).data(&content).chunked())),
        ("expect", judged(requests::put(&url).data(&content).expect_continue())),
        ("reader", judged(requests::put(&url).body(one, Some(100_000)))),
        ("reader in chunks", judged(requests::put(&url).body(two, None))),
        ("reader, expect", judged(requests::put(&url).body(three, Some(100_000)).expect_continue())),
        ("reader in chunks, expect", judged(requests::put(&url).body(four, None).expect_continue())),
    ] {
        assert_eq!((&read["length"], &read["sha256"]), (&plain["length"], &plain["sha256"]), "{what}");
        let is_chunked = values(&read, "transfer-encoding") == ["chunked"];
        assert_eq!(values(&read, "content-length").is_empty(), is_chunked, "{what}");
    }
    let read = judged(requests::post(&url).json(&serde_json::json!({"a": [1, "ü", null]})));
    assert_eq!((&read["length"], values(&read, "content-type")), (&19.into(), vec!["application/json"]));
    let read = judged(requests::post(&url).form(&[("a", "b c"), ("ü", "&")]));
    assert_eq!(
        (&read["length"], values(&read, "content-type")),
        (&16.into(), vec!["application/x-www-form-urlencoded"])
    );
}

/// Requests that follow each other on one connection are told apart.
#[test]
fn requests_on_one_connection() -> Result<(), Error> {
    let url = judge().url("/");
    let mut session = Session::new();
    for round in 0..3_usize {
        for (method, len) in [("GET", 0), ("POST", 5), ("DELETE", 0), ("PUT", 70_000)] {
            let data = vec![b'x'; len];
            let mut buffer = [0; 4096];
            let mut request = session.request(method, &url).data(&data);
            if round == 1 {
                request = request.chunked();
            }
            let response = request.send(&mut buffer)?;
            assert_eq!(response.status_code, 200, "{}", response.text()?);
            assert_eq!(response.json_at::<usize>("/length")?, len);
        }
    }
    assert_eq!(session.connections_kept(), 1);
    Ok(())
}

#[test]
fn multipart_bodies() {
    /// Name, file name and content.
    type Given<'a> = (&'a str, Option<&'a str>, &'a [u8]);

    let url = judge().url("/");
    let binary: Vec<_> = (0..=255_u8).cycle().take(5000).collect();
    let line_ends = b"\r\n--\r\n--boundary\r\nContent-Disposition: form-data\r\n\r\n".to_vec();
    let forms: [Vec<Given<'_>>; 5] = [
        vec![("field", None, b"value")],
        vec![
            ("a", None, b""),
            ("a", None, b"second"),
            ("file", Some("x.bin"), &binary),
            ("empty", Some("e"), b""),
        ],
        vec![("quote\"d", Some("a\"b.txt"), b"x"), ("line\r\nend", Some("l\ni\rne"), b"y")],
        vec![("ü €", Some("ä 😀.png"), &line_ends), ("semi;colon=x", Some("a;b=c"), b"\r\n")],
        vec![("percent%22", Some("100%.txt"), b"--"), ("ends\\", Some("with\\"), b"\\")],
    ];
    for form in &forms {
        let parts: Vec<_> = form
            .iter()
            .map(|(name, filename, content)| match filename {
                Some(filename) => Part::file(name, filename, content).content_type("application/x-test"),
                None => Part::field(name, std::str::from_utf8(content).expect("text")),
            })
            .collect();
        let escaped = |text: &str| {
            let text = text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
            text.strip_suffix('\\').map(|start| format!("{start}%5C")).unwrap_or(text)
        };
        let mut expected: Vec<_> = form
            .iter()
            .map(|(name, filename, content)| {
                let mut room = vec![0; 2 * content.len() + 4];
                let content =
                    <base64ct::Base64 as base64ct::Encoding>::encode(content, &mut room).expect("room");
                let content = content.to_owned();
                (escaped(name), filename.map(escaped), content)
            })
            .collect();
        expected.sort_by_key(|(name, filename, content)| {
            (name.clone(), filename.clone().unwrap_or_default(), content.clone())
        });
        let expected = serde_json::to_value(&expected).expect("JSON");
        for chunked in [false, true] {
            let mut request = requests::post(&url).files(&parts);
            if chunked {
                request = request.chunked();
            }
            let read = judged(request);
            for parser in ["werkzeug", "multipart", "python_multipart"] {
                let mut read = read["parts"][parser].to_string();
                // A parser may decode what browsers write for a quotation mark and a line end, or not.
                for (decoded, encoded) in [("\\\"", "%22"), ("\\r", "%0D"), ("\\n", "%0A")] {
                    read = read.replace(decoded, encoded);
                }
                assert_eq!(serde_json::from_str::<Value>(&read).expect("JSON"), expected, "{parser}");
            }
        }
    }
}
