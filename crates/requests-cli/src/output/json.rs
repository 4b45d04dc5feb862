// SPDX-License-Identifier: Apache-2.0
//! `--output json`: one line for programs.

use std::path::Path;
use std::time::Duration;

use base64ct::{Base64, Encoding as _};
use requests::{Downloaded, Head, Response};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::terminal::is_harmful;
use crate::output::{header_text, stdout};

#[derive(Serialize)]
struct Answer<'a> {
    status: u16,
    reason: &'a str,
    http_version: &'a str,
    url: &'a str,
    redirects: u16,
    headers: Vec<(&'a str, String)>,
    body_b64: String,
    elapsed_ms: u128,
}

#[derive(Serialize)]
struct Download<'a> {
    file: Option<String>,
    bytes: u64,
    resumed_from: Option<u64>,
    requests: u32,
    validator: Option<&'a str>,
    elapsed_ms: u128,
}

#[derive(Serialize)]
struct Streamed<'a> {
    status: u16,
    reason: &'a str,
    http_version: &'a str,
    url: &'a str,
    redirects: u16,
    headers: Vec<(&'a str, String)>,
    bytes: u64,
    elapsed_ms: u128,
}

#[derive(Serialize)]
struct ErrorLine<'a> {
    error: &'a Failure,
}

/// Prints a response.
///
/// # Errors
/// If writing fails.
pub fn answer(response: &Response<'_>, elapsed: Duration) -> Result<(), Failure> {
    line(&Answer {
        status: response.status_code,
        reason: response.reason,
        http_version: response.http_version(),
        url: response.url(),
        redirects: response.redirects,
        headers: response.header_fields().map(|field| (field.name, header_text(field.value))).collect(),
        body_b64: Base64::encode_string(response.content()),
        elapsed_ms: elapsed.as_millis(),
    })
}

/// Prints the head of a response whose body of `bytes` bytes was written to a file.
///
/// # Errors
/// If writing fails.
pub fn streamed(head: &Head<'_>, bytes: u64, elapsed: Duration) -> Result<(), Failure> {
    line(&Streamed {
        status: head.status_code,
        reason: head.reason,
        http_version: head.http_version(),
        url: head.url(),
        redirects: head.redirects,
        headers: head.header_fields().map(|field| (field.name, header_text(field.value))).collect(),
        bytes,
        elapsed_ms: elapsed.as_millis(),
    })
}

/// Prints the result of a download.
///
/// # Errors
/// If writing fails.
pub fn downloaded(
    done: &Downloaded,
    file: Option<&Path>,
    resumed_from: Option<u64>,
    elapsed: Duration,
) -> Result<(), Failure> {
    line(&Download {
        file: file.map(|path| path.display().to_string()),
        bytes: done.len,
        resumed_from,
        requests: done.requests,
        validator: done.validator(),
        elapsed_ms: elapsed.as_millis(),
    })
}

/// Prints why there is no response.
///
/// # Errors
/// If writing fails.
pub fn failure(failure: &Failure) -> Result<(), Failure> {
    line(&ErrorLine { error: failure })
}

/// Prints a value on one line.
///
/// # Errors
/// If writing fails.
pub fn line(value: &impl Serialize) -> Result<(), Failure> {
    let text =
        serde_json::to_string(value).map_err(|error| Failure::output("standard output", &error.into()))?;
    stdout((escaped(&text) + "\n").as_bytes())
}

/// The same JSON, with escapes for characters that control a terminal. Only strings can contain
/// such characters.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if is_harmful(c) {
            // All of these characters have at most four digits.
            text += &format!("\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_it_harms_a_terminal() {
        let text = "é\t\u{7f}\u{80}\u{9b}31m\u{a0}\u{202e}\u{2069}😀";
        let json = escaped(&serde_json::to_string(text).unwrap());
        assert_eq!(json, "\"é\\t\\u007f\\u0080\\u009b31m\u{a0}\\u202e\\u2069😀\"");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn the_fields_are_in_the_documented_order() {
        let answer = Answer {
            status: 200,
            reason: "OK",
            http_version: "1.1",
            url: "http://a/",
            redirects: 0,
            headers: vec![("k", "v".to_owned())],
            body_b64: "aGk=".to_owned(),
            elapsed_ms: 1,
        };
        assert_eq!(
            serde_json::to_string(&answer).unwrap(),
            r#"{"status":200,"reason":"OK","http_version":"1.1","url":"http://a/","redirects":0,"headers":[["k","v"]],"body_b64":"aGk=","elapsed_ms":1}"#
        );
        let failure = Failure { kind: "k", phase: "p", message: "m".to_owned(), error: None };
        assert_eq!(
            serde_json::to_string(&ErrorLine { error: &failure }).unwrap(),
            r#"{"error":{"kind":"k","phase":"p","message":"m"}}"#
        );
    }
}
