// SPDX-License-Identifier: Apache-2.0
//! The command line against httpbin: cookies, Digest authentication, compressed content.

#[path = "support/httpbin.rs"]
mod httpbin;
#[allow(dead_code, reason = "these tests need no server that plays a part")]
mod support;

use std::fs;

use serde_json::{Value, json};

use httpbin::httpbin;
use support::{Outcome, run};

/// Gets `path` with `args`, and prints only the body.
fn get(path: &str, args: &[&str]) -> Outcome {
    let outcome = run(&[&["get", &httpbin().url(path), "-o", "-"], args].concat());
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    outcome
}

fn status(outcome: &Outcome) -> &str {
    outcome.stderr.split(' ').nth(1).unwrap_or_default()
}

fn json_of(outcome: &Outcome) -> Value {
    serde_json::from_slice(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"))
}

/// Downloads `path` with `args` to a file, and returns its content.
fn downloaded(path: &str, args: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f");
    let file_name = file.to_str().unwrap();
    let outcome = run(&[&["download", &httpbin().url(path), "-o", file_name], args].concat());
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    fs::read(file).unwrap()
}

const SET: &str = "/cookies/set?a=1&b=2";

#[test]
fn cookies_follow_redirects_where_they_are_asked_for() {
    let kept = json!({ "cookies": { "a": "1", "b": "2" } });
    let none = json!({ "cookies": {} });
    assert_eq!(json_of(&get(SET, &["--cookies"])), kept);
    assert_eq!(json_of(&get(SET, &["--cookies", "--stream"])), kept);
    assert_eq!(json_of(&get(SET, &[])), none);
    assert_eq!(json_of(&get(SET, &["--stream"])), none);
    assert_eq!(serde_json::from_slice::<Value>(&downloaded(SET, &["--cookies"])).unwrap(), kept);
    assert_eq!(serde_json::from_slice::<Value>(&downloaded(SET, &[])).unwrap(), none);
}

#[test]
fn cookies_are_replaced_deleted_and_not_added_to_a_header() {
    let twice = "/redirect-to?url=/cookies/set%3Fa%3D3";
    assert_eq!(json_of(&get(twice, &["--cookies"])), json!({ "cookies": { "a": "3" } }));
    let own = ["--cookies", "-H", "Cookie: own=x"];
    assert_eq!(json_of(&get(SET, &own)), json!({ "cookies": { "own": "x" } }));
    assert_eq!(json_of(&get("/cookies/delete?a", &["--cookies"])), json!({ "cookies": {} }));
    // The cookies belong to one run.
    assert_eq!(json_of(&get("/cookies", &["--cookies"])), json!({ "cookies": {} }));
}

#[test]
fn digest_authentication_proves_the_password() {
    for path in ["/digest-auth/auth/u/p", "/digest-auth/auth/u/p/SHA-256", "/digest-auth/auth,auth-int/u/p"] {
        let outcome = get(path, &["-u", "u:p", "--digest"]);
        assert_eq!(json_of(&outcome), json!({ "authenticated": true, "user": "u" }), "{path}");
        // Basic credentials, a wrong password, and no credentials.
        for args in [&["-u", "u:p"][..], &["-u", "u:wrong", "--digest"], &[]] {
            assert_eq!(status(&get(path, args)), "401", "{path} {args:?}");
        }
        let file = downloaded(path, &["--digest", "--user=u:p"]);
        assert!(String::from_utf8_lossy(&file).contains("\"authenticated\": true"), "{path}");
    }
    // If the password cannot be proved, the server's response says so.
    for path in ["/digest-auth/auth-int/u/p", "/digest-auth/auth/u/p/SHA-512"] {
        assert_eq!(status(&get(path, &["-u", "u:p", "--digest"])), "401", "{path}");
    }
}

#[test]
fn compressed_content_is_decompressed_where_it_is_asked_for() {
    for (path, flag) in [("/gzip", "gzipped"), ("/deflate", "deflated")] {
        for args in [&["--compressed"][..], &["--compressed", "--stream"]] {
            let json = json_of(&get(path, args));
            assert_eq!(json[flag], json!(true), "{path} {args:?}");
            assert_eq!(json["headers"]["Accept-Encoding"], json!("gzip, deflate"));
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        for args in [&["--compressed"][..], &["--compressed", "--stream", "--output", "json"]] {
            let url = httpbin().url(path);
            let outcome = run(&[&["get", &url, "-o", file.to_str().unwrap()], args].concat());
            assert_eq!(outcome.code, Some(0), "{outcome:?}");
            let text = fs::read(&file).unwrap();
            assert_eq!(serde_json::from_slice::<Value>(&text).unwrap()[flag], json!(true), "{path}");
        }
        let text = downloaded(path, &["--compressed"]);
        assert_eq!(serde_json::from_slice::<Value>(&text).unwrap()[flag], json!(true), "{path}");

        // It was not asked for: `get` prints the bytes received, and a download is refused, because
        // this is not the file.
        let outcome = get(path, &[]);
        assert!(serde_json::from_slice::<Value>(&outcome.stdout).is_err(), "{path}");
        let outcome = run(&["download", &httpbin().url(path), "-o", "-", "--retries", "0"]);
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
    }
    // A server that does not compress.
    let json = json_of(&get("/get", &["--compressed"]));
    assert_eq!(json["headers"]["Accept-Encoding"], json!("gzip, deflate"));
    // A server that compresses with another coding than it was asked for.
    let outcome = run(&["get", &httpbin().url("/brotli"), "--compressed", "--output", "json"]);
    assert_eq!((outcome.code, &outcome.json()["error"]["kind"]), (Some(1), &json!("unsupported-coding")));
}
