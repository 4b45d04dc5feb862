// SPDX-License-Identifier: Apache-2.0
//! The command line from the user's point of view.

mod support;

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use support::{Server, run, run_with_input, shown_on_terminal};

const HELLO: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";

/// Runs `args` against a server that responds, and returns the request that the server got.
fn sent(method: &str, args: &[&str]) -> String {
    let server = Server::new(&[HELLO]);
    let outcome = run(&[&[method, &server.url("/p?q")], args].concat());
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    server.request()
}

/// Runs `args` without a server: they must not send a request.
fn refused(args: &[&str]) -> support::Outcome {
    run(&[&["get", "http://127.0.0.1:9/"], args].concat())
}

fn body_of(request: &str) -> &str {
    request.split_once("\r\n\r\n").expect("a whole head").1
}

#[test]
fn text_output_is_status_line_headers_and_body() {
    let server = Server::new(&[HELLO]);
    let outcome = run(&["get", &server.url("/")]);
    assert_eq!(outcome.text(), "HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 5\n\nhello");
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""));
}

#[test]
fn json_output_is_one_line() {
    let response = "HTTP/1.0 404 Not Found\r\nX: a\r\nx: b\r\nContent-Length: 2\r\n\r\nhi";
    let server = Server::new(&[response]);
    let outcome = run(&["get", &server.url("/a b?c"), "--output", "json"]);
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""));
    let mut json = outcome.json();
    assert!(json["elapsed_ms"].take().as_u64().is_some_and(|ms| ms < 20_000));
    assert_eq!(
        json,
        json!({
            "status": 404, "reason": "Not Found", "http_version": "1.0", "url": server.url("/a%20b?c"),
            "redirects": 0, "headers": [["X", "a"], ["x", "b"], ["Content-Length", "2"]],
            "body_b64": "aGk=", "elapsed_ms": null,
        })
    );
}

#[test]
fn redirects_are_followed_and_counted() {
    let redirect = "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n";
    let server = Server::new(&[redirect, HELLO]);
    let json = run(&["get", &server.url("/"), "--output", "json"]).json();
    assert_eq!((&json["url"], &json["redirects"]), (&json!(server.url("/next")), &json!(1)));

    let server = Server::new(&[redirect]);
    let json = run(&["get", &server.url("/"), "--max-redirects", "0", "--output", "json"]).json();
    assert_eq!((&json["status"], &json["redirects"]), (&json!(302), &json!(0)));

    let server = Server::new(&[redirect, redirect]);
    let outcome = run(&["get", &server.url("/"), "--max-redirects", "1", "--output", "json"]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.json()["error"]["kind"], "too-many-redirects");
}

#[test]
fn methods_are_sent_in_upper_case() {
    for method in ["get", "Post", "OPTIONS", "igloo"] {
        assert!(sent(method, &[]).starts_with(&format!("{} /p?q HTTP/1.1\r\n", method.to_uppercase())));
    }
}

#[test]
fn headers_are_added_replaced_and_removed() {
    let request = sent(
        "get",
        &[
            "-H",
            "X-One: 1",
            "--header",
            "accept: text/plain",
            "-H",
            "User-Agent:",
            "-H",
            "X-Empty;",
            "-HX-Two:2",
        ],
    );
    for line in ["X-One: 1", "accept: text/plain", "X-Empty: ", "X-Two: 2"] {
        assert!(request.contains(&format!("\r\n{line}\r\n")), "{line} in {request}");
    }
    assert!(!request.contains("User-Agent") && !request.contains("*/*"), "{request}");
}

#[test]
fn a_header_with_a_line_break_is_the_librarys_to_refuse() {
    for header in ["A: b\r\nC: d", "A: b\n", "A:\r\n", "A\r\nB: c", "A B: c"] {
        let outcome = refused(&["-H", "Fine: x", "-H", header, "--output", "json"]);
        assert_eq!(outcome.code, Some(1), "{header:?}");
        let error = &outcome.json()["error"];
        assert_eq!((&error["kind"], &error["phase"]), (&json!("invalid-header"), &json!("request")));
        assert!(error["message"].as_str().is_some_and(|text| text.starts_with("header 1: ")));
    }
}

#[test]
fn a_header_that_curl_would_not_send_is_not_sent() {
    let server = Server::new(&[HELLO]);
    let outcome = run(&["get", &server.url("/"), "-H", "X-Odd;text"]);
    assert_eq!(outcome.code, Some(0));
    assert!(outcome.stderr.contains("X-Odd;text"), "{outcome:?}");
    assert!(!server.request().contains("X-Odd"));
}

#[test]
fn data_is_sent_as_it_is() {
    let request = sent("post", &["-d", "a=1\n&b=é"]);
    assert!(request.contains("Content-Length: 9\r\n"), "{request}");
    assert_eq!(body_of(&request), "a=1\n&b=é");
    assert_eq!(body_of(&sent("put", &["--data-b64", "AGhpAA=="])), "\0hi\0");
    assert!(sent("patch", &["--data", ""]).contains("Content-Length: 0\r\n"));
}

#[test]
fn a_body_is_sent_in_chunks_when_a_header_asks_for_it() {
    let server = Server::new(&[HELLO]);
    let outcome = run(&["put", &server.url("/"), "-d", "data", "-H", "transfer-encoding:Chunked "]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let request = server.request();
    assert!(request.contains("\r\nTransfer-Encoding: chunked\r\n") && !request.contains("Content-Length"));

    let outcome = refused(&["-d", "data", "-H", "Transfer-Encoding: gzip", "--output", "json"]);
    assert_eq!(outcome.json()["error"]["kind"], "conflicting-length");
}

#[test]
fn data_comes_from_files_and_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    fs::write(&path, "two\nlines\n").unwrap();
    assert_eq!(body_of(&sent("post", &["-d", &format!("@{}", path.display())])), "two\nlines\n");

    let server = Server::new(&[HELLO]);
    assert_eq!(run_with_input(&["post", &server.url("/"), "-d@-"], b"piped").code, Some(0));
    assert_eq!(body_of(&server.request()), "piped");
}

#[test]
fn json_is_sent_byte_for_byte() {
    let text = "{ \"b\": 1.00,\"a\":\"é\" }";
    let request = sent("post", &["--json", text]);
    assert!(request.contains("Content-Type: application/json\r\n"), "{request}");
    assert_eq!(body_of(&request), text);

    let request = sent("post", &["--json", "1", "-H", "content-type: application/problem+json"]);
    assert!(!request.contains("application/json"), "{request}");
    assert!(!sent("post", &["--json", "1", "-H", "Content-Type:"]).contains("Content-Type"));
}

#[test]
fn fields_are_a_form() {
    let request = sent("post", &["--form", "a=b c", "--form", "d=&="]);
    assert!(request.contains("Content-Type: application/x-www-form-urlencoded\r\n"), "{request}");
    assert_eq!(body_of(&request), "a=b+c&d=%26%3D");
}

#[test]
fn files_make_it_multipart() {
    let folder = tempfile::tempdir().unwrap();
    let (text, long) = (folder.path().join("a.txt"), folder.path().join("long.bin"));
    fs::write(&text, "content").unwrap();
    let megabyte = "0123456789abcdef".repeat(1 << 16);
    fs::write(&long, megabyte.repeat(17)).unwrap();
    let request = sent(
        "post",
        &[
            "--form",
            "k=v",
            "--file",
            &format!("f=@{};type=text/plain", text.display()),
            "--file",
            &format!("g=@{}", long.display()),
        ],
    );
    let (_, boundary) = request.split_once("boundary=").unwrap();
    let (boundary, _) = boundary.split_once("\r\n").unwrap();
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"k\"\r\n\r\nv\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\
         Content-Type: text/plain\r\n\r\ncontent\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"g\"; filename=\"long.bin\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{}\r\n--{boundary}--\r\n",
        megabyte.repeat(17)
    );
    assert!(body_of(&request) == expected, "the body differs");
}

#[test]
fn params_follow_the_query() {
    assert!(
        sent("get", &["--param", "a=1", "--param", "b=c d"]).starts_with("GET /p?q&a=1&b=c+d HTTP/1.1\r\n")
    );
}

#[test]
fn credentials_become_a_header() {
    for (args, expected) in [
        (&["-u", "Aladdin:open sesame"][..], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        (&["--user", "a:b:c"], "Basic YTpiOmM="),
        (&["-u", "a"], "Basic YTo="),
        (&["--bearer", "t0k/en=="], "Bearer t0k/en=="),
    ] {
        let request = sent("get", args);
        assert!(request.contains(&format!("\r\nAuthorization: {expected}\r\n")), "{request}");
    }
}

#[test]
fn cookies_come_with_challenges_and_other_tries_too() {
    let challenge = "HTTP/1.1 401 Unauthorized\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\
        WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n\r\n";
    let busy = "HTTP/1.1 503 Service Unavailable\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n";
    for (args, expected) in [(&["--cookies"][..], Some("a=1; b=2")), (&[], None)] {
        let server = Server::new(&[challenge, busy, HELLO]);
        let given = ["get", &server.url("/"), "--digest", "-u", "u:p", "--retries", "1"];
        let outcome = run(&[&given, args].concat());
        assert!(outcome.text().ends_with("hello"), "{outcome:?}");
        assert!(!server.request().contains("Authorization"));
        assert!(server.request().contains("\r\nAuthorization: Digest username=\"u\", "));
        let last = server.request();
        let cookie = last.lines().find_map(|line| line.strip_prefix("Cookie: "));
        assert_eq!(cookie, expected, "{last}");
    }
}

#[test]
fn connect_to_keeps_the_host_header() {
    let server = Server::new(&[HELLO, HELLO]);
    let address = server.address.to_string();
    for host in ["no-such-host.invalid", "192.0.2.1:81"] {
        let outcome = run(&["get", &format!("http://{host}/"), "--connect-to", &address]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(server.request().contains(&format!("\r\nHost: {host}\r\n")));
    }
}

#[test]
fn failures_are_typed() {
    let free_port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = format!("http://{free_port}/");
    for (url, kind, phase) in [
        ("ftp://a/", "invalid-url", "url"),
        ("http://a\r\nb/", "invalid-url", "url"),
        ("http://no-such-host.invalid/", "host-not-found", "dns"),
        (&*refused, "connection-refused", "connect"),
    ] {
        let outcome = run(&["get", url, "--output", "json", "--timeout", "5000"]);
        assert_eq!((outcome.code, &*outcome.stderr), (Some(1), ""), "{url}");
        let json = outcome.json();
        let error = json["error"].as_object().unwrap();
        assert_eq!((&error["kind"], &error["phase"]), (&json!(kind), &json!(phase)), "{url}");
        assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()));
        assert_eq!((error.len(), json.as_object().unwrap().len()), (3, 1));

        let outcome = run(&["get", url, "--timeout", "5000"]);
        assert_eq!((outcome.code, outcome.text()), (Some(1), ""), "{url}");
        assert!(outcome.stderr.starts_with("requests: ") && outcome.stderr.lines().count() == 1, "{url}");
    }
}

#[test]
fn a_truncated_body_is_an_error() {
    let server = Server::new(&["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"]);
    let outcome = run(&["get", &server.url("/"), "--output", "json"]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.json()["error"]["kind"], "truncated-body");
}

#[test]
fn the_timeout_bounds_the_request() {
    // No program accepts the connection, but the system does.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let outcome = run(&["get", &url, "--timeout", "300", "--output", "json"]);
    assert_eq!(outcome.code, Some(1));
    let error = &outcome.json()["error"];
    assert_eq!((&error["kind"], &error["phase"]), (&json!("timeout"), &json!("receive")));
}

#[test]
fn an_answer_larger_than_the_buffer_names_the_option() {
    let server = Server::new(&[HELLO]);
    let outcome = run(&["get", &server.url("/"), "--buffer", "90", "--output", "json"]);
    assert_eq!(outcome.code, Some(1));
    let error = &outcome.json()["error"];
    assert_eq!(error["kind"], "buffer-too-small");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("--buffer")), "{error}");
}

#[test]
fn headers_that_are_not_utf_8_are_iso_8859_1() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 204 \r\nA: \xe9\r\nB: \xc3\xa9\r\n\r\n");
    });
    assert_eq!(run(&["get", &url, "--output", "json"]).json()["headers"], json!([["A", "é"], ["B", "é"]]));
}

#[test]
fn the_body_goes_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let server = Server::new(&[HELLO]);
    let outcome = run(&["get", &server.url("/"), "-o", path.to_str().unwrap()]);
    assert_eq!(outcome.code, Some(0));
    assert_eq!(outcome.text(), "HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 5\n\n");
    assert_eq!(fs::read(&path).unwrap(), b"hello");

    let server = Server::new(&["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"]);
    assert_eq!(run(&["get", &server.url("/"), "-o", path.to_str().unwrap()]).code, Some(1));
    assert_eq!(fs::read(&path).unwrap(), b"hello", "a failed request leaves the file alone");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "and nothing else behind");
}

#[test]
fn the_body_alone_goes_to_standard_output() {
    let server = Server::new(&[HELLO]);
    let outcome = run(&["get", &server.url("/"), "-o", "-"]);
    assert_eq!((outcome.code, outcome.text()), (Some(0), "hello"));
    assert!(outcome.stderr.starts_with("HTTP/1.1 200 OK\n"), "{outcome:?}");
}

#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let server = Server::new(&[HELLO, HELLO]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_requests"))
        .args(["get", &server.url("/")])
        .stdout(full)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(1));
    let outcome = run(&["get", &server.url("/"), "-o", "/dev/full", "--output", "json"]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.json()["error"]["kind"], "output");
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let long = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(1 << 20));
    let server = Server::new(&[&long]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_requests"))
        .args(["get", &server.url("/")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]));
}

#[test]
fn wrong_usage_is_told_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let missing = format!("{}/missing/file", folder.path().display());
    let no_method = run(&["http://127.0.0.1:9/"]);
    assert_eq!((no_method.code, no_method.text()), (Some(2), ""));
    for args in [
        &["--nonsense"][..],
        &["-H", "no colon"],
        &["--timeout", "soon"],
        &["--json", "{not json"],
        &["--data-b64", "?"],
        &["-d", "a", "--form", "b=c"],
        &["-d", &format!("@{missing}")],
        &["--file", &format!("f=@{missing}")],
        &["-o", &missing],
        &["-o", "/"],
        &["--buffer", "18446744073709551615"],
    ] {
        let outcome = refused(&[args, &["--output", "json"]].concat());
        assert_eq!((outcome.code, outcome.text()), (Some(2), ""), "{args:?}");
        assert!(outcome.stderr.starts_with("requests: "), "{args:?}: {}", outcome.stderr);
    }
}

#[test]
fn help_and_version() {
    for args in
        [&["--help"][..], &["-h"], &["get", "--help"], &["parse-url", "--help"], &["download", "--help"]]
    {
        let outcome = run(args);
        assert_eq!(outcome.code, Some(0));
        for option in [
            "--header",
            "--data",
            "--data-b64",
            "--json",
            "--form",
            "--file",
            "--param",
            "--user",
            "--bearer",
            "--timeout",
            "--max-redirects",
            "--buffer",
            "--connect-to",
            "--stream",
            "--retries",
            "--read-timeout",
            "--sha256",
            "--continue",
            "-o",
            "--output",
            "--base",
        ] {
            assert!(outcome.text().contains(option), "{option}");
        }
        assert!(outcome.text().lines().all(|line| line.len() <= 100));
    }
    assert_eq!(run(&["--version"]).text(), concat!("requests ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn stream_is_accepted() {
    sent("get", &["--stream"]);
}

#[test]
fn parse_url_prints_the_parts() {
    let outcome = run(&["parse-url", "HTTP://us:pw@Example.ORG:8080/a/../b?c#d"]);
    assert_eq!(outcome.code, Some(0));
    assert_eq!(
        outcome.json(),
        json!({
            "href": "http://us:pw@example.org:8080/b?c#d", "scheme": "http", "username": "us", "password": "pw",
            "host": "example.org", "port": 8080, "path": "/b", "query": "c", "fragment": "d",
        })
    );
    let json = run(&["parse-url", "../x", "--base", "https://[::1]/a/b/c"]).json();
    assert_eq!(
        json,
        json!({
            "href": "https://[::1]/a/x", "scheme": "https", "username": Value::Null, "password": null,
            "host": "[::1]", "port": 443, "path": "/a/x", "query": null, "fragment": null,
        })
    );
    let outcome = run(&["parse-url", "http://a:99999/"]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.json()["error"]["kind"], "invalid-url");
}

#[test]
fn memory_that_runs_out_is_a_failure() {
    let long = format!("HTTP/1.1 200 OK\r\nContent-Length: {0}\r\n\r\n{1}", 256 << 10, "x".repeat(256 << 10));
    let within = |kib: usize, args: &[&str]| {
        // The heap, not the stack.
        let limited = format!("ulimit -d {kib} && exec \"$0\" \"$@\"");
        let program = env!("CARGO_BIN_EXE_requests");
        Command::new("sh").args(["-c", &limited, program]).args(args).output().unwrap()
    };
    // Enough to start. With less, memory runs out earlier.
    let enough =
        (8..256).map(|count| count << 6).find(|&kib| within(kib, &["--version"]).status.success()).unwrap();
    for (format, place) in [("json", 0), ("text", 1)] {
        let mut told = 0;
        for kib in (enough..enough + (2 << 10)).step_by(64) {
            let server = Server::new(&[&long]);
            let output = within(kib, &["get", &server.url("/"), "--buffer", "400000", "--output", format]);
            let code = output.status.code();
            assert!(matches!(code, Some(0..=2)), "{kib} KiB: {output:?}");
            let text = String::from_utf8_lossy([&output.stdout, &output.stderr][place]).into_owned();
            if code == Some(1) && text.contains("out of memory") {
                assert!(
                    format == "text" || text.starts_with("{\"error\":{\"kind\":\"out-of-memory\""),
                    "{text}"
                );
                told += 1;
            }
        }
        assert!(told > 0, "{format}");
    }
}

/// Control characters of a hostile server in the body.
const HOSTILE: &str = "line\r\n\x1b]0;title\x07\x08\u{9b}31m\u{202e}txet\r.é\n";

/// The same in the reason, a header and the body.
fn hostile() -> String {
    let length = HOSTILE.len();
    format!(
        "HTTP/1.1 200 O\u{9b}31mK\u{202e}\r\nA: \u{9b}2J\u{85}\u{2066}x\r\nContent-Length: {length}\r\n\r\n{HOSTILE}"
    )
}

#[test]
fn nothing_that_the_server_sends_is_obeyed_by_a_terminal() {
    let is_harmless = |text: &str| {
        text.chars().all(|c| {
            matches!(c, '\t' | '\r' | '\n') || !c.is_control() && !matches!(c, '\u{202e}' | '\u{2066}')
        })
    };
    for args in [
        &["get"][..],
        &["get", "--stream"],
        &["get", "-o", "-"],
        &["get", "--stream", "-o", "-"],
        &["get", "--output", "json"],
        &["get", "-o", "/dev/null"],
        &["get", "-o", "/dev/null", "--output", "json"],
        &["download", "-o", "-"],
    ] {
        let server = Server::new(&[&hostile()]);
        let shown = shown_on_terminal(&[args, &[&server.url("/")]].concat());
        assert!(is_harmless(&shown), "{args:?}: {shown:?}");
        let whole = match args {
            [.., "json"] => "\"headers\"",
            [.., "/dev/null"] => "A: \u{fffd}2J",
            _ => "line\r",
        };
        assert!(shown.contains(whole), "{args:?}: {shown:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    for command in ["get", "download"] {
        let server = Server::new(&[&hostile()]);
        let path = folder.path().join("\u{9b}31m\x1b[0m");
        let shown = shown_on_terminal(&[command, &server.url("/"), "-o", path.to_str().unwrap()]);
        assert!(is_harmless(&shown) && shown.contains(" bytes in "), "{shown:?}");
    }
    // Arguments are repeated in messages.
    let shown = shown_on_terminal(&["get", "http://a/", "--no-such-\u{9b}31m"]);
    assert!(is_harmless(&shown) && shown.contains("--no-such"), "{shown:?}");
    // A pipe gets the bytes unchanged.
    let server = Server::new(&[&hostile()]);
    let outcome = run(&["get", &server.url("/")]);
    assert!(outcome.text().ends_with(HOSTILE), "{outcome:?}");
    assert!(outcome.text().contains("A: \u{9b}2J"), "{outcome:?}");
}

#[test]
fn json_has_escapes_for_control_characters() {
    let server = Server::new(&[&hostile()]);
    let outcome = run(&["get", &server.url("/"), "--output", "json"]);
    assert!(outcome.text().contains(r#"["A","\u009b2J\u0085\u2066x"]"#), "{outcome:?}");
    assert_eq!(outcome.json()["headers"][0], json!(["A", "\u{9b}2J\u{85}\u{2066}x"]));
}
