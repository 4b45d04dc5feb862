// SPDX-License-Identifier: Apache-2.0
//! `requests download` and `--stream` from the user's point of view.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use support::{Outcome, Server, run};

const FILE: &str = "0123456789abcdefghij";
/// Of `FILE`.
const DIGEST: &str = "6bc14bdc4517a7a682c6910de2e2946eb8e1ecd04090728fef6d092a7ceb62c5";

fn whole(tag: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{tag}Content-Length: {}\r\n\r\n{FILE}", FILE.len())
}

/// Drops after this many bytes.
fn dropped(count: usize) -> String {
    format!("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: {}\r\n\r\n{}", FILE.len(), &FILE[..count])
}

fn rest(first: usize) -> String {
    piece(first, 19)
}

fn piece(first: usize, last: usize) -> String {
    format!(
        "HTTP/1.1 206 Partial Content\r\nETag: \"1\"\r\nContent-Range: bytes {first}-{last}/20\r\n\
         Content-Length: {}\r\n\r\n{}",
        last + 1 - first,
        &FILE[first..=last]
    )
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The names of the files in it.
    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Downloads to the file `f` in it.
    fn download(&self, url: &str, args: &[&str]) -> Outcome {
        let file = self.path("f");
        run(&[&["download", url, "-o", file.to_str().unwrap()], args].concat())
    }
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_file_is_there_once_it_is_complete() {
    let folder = Folder::new();
    fs::write(folder.path("f"), "old").unwrap();
    let server = Server::new(&[&dropped(7), &rest(7)]);
    let outcome = folder.download(&server.url("/x"), &["--output", "json", "--sha256", DIGEST]);
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""), "{outcome:?}");
    let mut json = outcome.json();
    assert!(json["elapsed_ms"].take().as_u64().is_some());
    let file = folder.path("f");
    assert_eq!(
        json,
        json!({
            "file": file, "bytes": 20, "resumed_from": null, "requests": 2, "validator": "\"1\"",
            "elapsed_ms": null,
        })
    );
    assert_eq!((read(file), folder.names()), (FILE.to_owned(), vec!["f".to_owned()]));
    assert!(!server.request().contains("Range"));
    assert!(server.request().contains("\r\nRange: bytes=7-\r\nIf-Range: \"1\"\r\n"));
}

#[test]
fn what_is_left_can_be_taken_up() {
    let folder = Folder::new();
    fs::write(folder.path("f"), "old").unwrap();
    let server = Server::new(&[&dropped(7), &rest(7)]);
    let outcome = folder.download(&server.url("/x"), &["--retries", "0"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("; 7 bytes are kept, --continue takes them up"), "{outcome:?}");
    assert_eq!(folder.names(), ["f", "f.part", "f.part.json"]);
    assert_eq!(read(folder.path("f")), "old");
    server.request();
    let outcome = folder.download(&server.url("/x"), &["--continue", "--sha256", DIGEST, "--output", "json"]);
    assert_eq!(outcome.json()["resumed_from"], 7);
    assert!(server.request().contains("\r\nRange: bytes=7-\r\n"));
    assert_eq!((read(folder.path("f")), folder.names()), (FILE.to_owned(), vec!["f".to_owned()]));
}

#[test]
fn what_is_left_of_another_file_is_not_taken_up() {
    let leave = |folder: &Folder| {
        let server = Server::new(&[&dropped(7)]);
        assert_eq!(folder.download(&server.url("/x"), &["--retries", "0"]).code, Some(1));
    };
    let complete = |folder: &Folder, server: &Server, args: &[&str]| {
        let outcome = folder.download(&server.url("/x"), args);
        assert_eq!(outcome.text(), format!("20 bytes in {}\n", folder.path("f").display()));
        assert_eq!((read(folder.path("f")), folder.names().len()), (FILE.to_owned(), 1));
        server.request().contains("Range")
    };
    // Without the option; with another URL, because the port differs; and without a description of
    // the file.
    let folder = Folder::new();
    leave(&folder);
    assert!(!complete(&folder, &Server::new(&[&whole("")]), &[]));
    leave(&folder);
    assert!(!complete(&folder, &Server::new(&[&whole("")]), &["--continue"]));
    fs::write(folder.path("f.part"), "ZYX").unwrap();
    assert!(!complete(&folder, &Server::new(&[&whole("")]), &["--continue"]));
    fs::write(folder.path("f.part.json"), "{").unwrap();
    fs::write(folder.path("f.part"), "ZYX").unwrap();
    assert!(!complete(&folder, &Server::new(&[&whole("")]), &["--continue"]));
    // The file has changed.
    let server = Server::new(&[&dropped(7), &whole("ETag: \"2\"\r\n")]);
    assert_eq!(folder.download(&server.url("/x"), &["--retries", "0"]).code, Some(1));
    server.request();
    assert!(complete(&folder, &server, &["--continue"]));
}

/// Whatever `--continue` finds: `resumed_from` is where the file on the disk goes on, if it does.
#[test]
fn only_what_was_resumed_counts_as_that() {
    let resumed_from = |validator: Option<&str>, responses: &[&str], args: &[&str]| {
        let folder = Folder::new();
        let server = Server::new(&[&[&*dropped(7)], responses].concat());
        assert_eq!(folder.download(&server.url("/x"), &["--retries", "0"]).code, Some(1));
        if let Some(validator) = validator {
            let description = read(folder.path("f.part.json"));
            let mut description: serde_json::Value = serde_json::from_str(&description).unwrap();
            description["validator"] = validator.into();
            fs::write(folder.path("f.part.json"), description.to_string()).unwrap();
        }
        let args = [&["--continue", "--output", "json"], args].concat();
        let outcome = folder.download(&server.url("/x"), &args);
        assert_eq!((outcome.code, read(folder.path("f"))), (Some(0), FILE.to_owned()), "{outcome:?}");
        outcome.json()["resumed_from"].take()
    };
    let (rest, again) = (rest(7), whole("ETag: \"2\"\r\n"));
    assert_eq!(resumed_from(None, &[&rest], &[]), 7);
    // Also if the connection drops again.
    let cut = &rest[..rest.len() - 3];
    assert_eq!(resumed_from(None, &[cut, &piece(17, 19)], &[]), 7);
    // The server sends the whole file: at once, because the file has changed, or after a part of another one.
    assert_eq!(resumed_from(None, &[&again], &[]), json!(null));
    let other = rest.replace("\"1\"", "\"2\"");
    assert_eq!(resumed_from(None, &[&other, &again], &[]), json!(null));
    let wrong = rest.replace("789", "xyz");
    assert_eq!(resumed_from(None, &[&wrong, &again], &["--sha256", DIGEST]), json!(null));
    // Nothing can be asked for with such a validator.
    for validator in ["W/\"1\"", "\"1\"\r\nX: y", ""] {
        assert_eq!(resumed_from(Some(validator), &[&again], &[]), json!(null), "{validator:?}");
    }
}

#[test]
fn a_wrong_digest_leaves_nothing() {
    let folder = Folder::new();
    fs::write(folder.path("f"), "old").unwrap();
    let server = Server::new(&[&whole("ETag: \"1\"\r\n")]);
    let outcome = folder.download(&server.url("/x"), &["--sha256", &"0".repeat(64), "--output", "json"]);
    assert_eq!((outcome.code, &outcome.json()["error"]["kind"]), (Some(1), &json!("sha256-mismatch")));
    assert_eq!((read(folder.path("f")), folder.names()), ("old".to_owned(), vec!["f".to_owned()]));
}

#[test]
fn nothing_to_download_leaves_nothing() {
    let folder = Folder::new();
    let server = Server::new(&["HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"]);
    let outcome = folder.download(&server.url("/x"), &["--output", "json"]);
    assert_eq!((outcome.code, &outcome.json()["error"]["kind"]), (Some(1), &json!("status")));
    assert!(folder.names().is_empty());
    // The bytes of an earlier download stay.
    let server = Server::new(&[&dropped(7)]);
    assert_eq!(folder.download(&server.url("/x"), &["--retries", "0"]).code, Some(1));
    assert_eq!(folder.download("http://127.0.0.1:9/y", &["--retries", "0"]).code, Some(1));
    assert_eq!(folder.names(), ["f.part", "f.part.json"]);
}

#[test]
fn links_stay_and_devices_take_it_all() {
    let folder = Folder::new();
    fs::write(folder.path("target"), "old").unwrap();
    std::os::unix::fs::symlink(folder.path("target"), folder.path("f")).unwrap();
    let server = Server::new(&[&whole("")]);
    assert_eq!(folder.download(&server.url("/x"), &[]).code, Some(0));
    assert_eq!(read(folder.path("target")), FILE);
    assert!(fs::symlink_metadata(folder.path("f")).unwrap().is_symlink());
    let server = Server::new(&[&whole("")]);
    assert_eq!(run(&["download", &server.url("/x"), "-o", "/dev/null"]).code, Some(0));
    assert!(!Path::new("/dev/null.part").exists());
}

#[test]
fn standard_output_is_resumed_but_cannot_start_anew() {
    let server = Server::new(&[&dropped(7), &rest(7)]);
    let outcome = run(&["download", &server.url("/x"), "-o", "-"]);
    assert_eq!((outcome.code, outcome.text()), (Some(0), FILE));
    let server = Server::new(&[&dropped(7), &whole("ETag: \"2\"\r\n")]);
    let outcome = run(&["download", &server.url("/x"), "-o", "-"]);
    assert_eq!((outcome.code, outcome.text()), (Some(1), &FILE[..7]));
    assert_eq!(outcome.stderr, "requests: the download must start again, which its sink cannot do\n");
}

#[test]
fn a_download_has_the_options_of_requests() {
    let folder = Folder::new();
    let server = Server::new(&[&whole("")]);
    let args = ["-H", "X-A: b", "-H", "Accept:", "-u", "a:b", "--param", "q=1", "--timeout", "9000"];
    assert_eq!(folder.download(&server.url("/x"), &args).code, Some(0));
    let request = server.request();
    assert!(request.starts_with("GET /x?q=1 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nX-A: b\r\n") && request.contains("\r\nAuthorization: Basic YTpi\r\n"));
    assert!(!request.contains("Accept:"));
}

#[test]
fn retries_are_bound() {
    let folder = Folder::new();
    let server = Server::new(&[""; 3]);
    let outcome = folder.download(&server.url("/x"), &["--retries", "2", "--output", "json"]);
    assert_eq!((outcome.code, &outcome.json()["error"]["kind"]), (Some(1), &json!("empty-response")));
    for _ in 0..3 {
        server.request();
    }
    let busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    let server = Server::new(&[busy, &whole("")]);
    let outcome = run(&["get", &server.url("/x"), "--retries", "1", "-o", "-"]);
    assert_eq!((outcome.code, outcome.text()), (Some(0), FILE));
    let server = Server::new(&[busy, &whole("")]);
    let json = run(&["post", &server.url("/x"), "-d", "x", "--retries", "1", "--output", "json"]).json();
    assert_eq!(json["status"], 503);
}

#[test]
fn a_stream_passes_on_what_there_is() {
    for args in [&["--stream"][..], &["--stream", "-o", "-"]] {
        let server = Server::new(&[&dropped(7)]);
        let outcome = run(&[&["get", &server.url("/x")], args].concat());
        assert_eq!(outcome.code, Some(1));
        let head = "HTTP/1.1 200 OK\nETag: \"1\"\nContent-Length: 20\n\n";
        let failure = "requests: the server closed the connection after 7 bytes of an incomplete body\n";
        match args.len() {
            1 => assert_eq!((outcome.text(), &*outcome.stderr), (&*format!("{head}0123456"), failure)),
            _ => assert_eq!((outcome.text(), &*outcome.stderr), ("0123456", &*format!("{head}{failure}"))),
        }
    }
}

#[test]
fn a_stream_into_a_file_is_all_or_nothing() {
    let folder = Folder::new();
    let file = folder.path("f");
    let server = Server::new(&[&dropped(7), &whole(""), &whole("")]);
    let get = |args: &[&str]| {
        run(&[&["get", &server.url("/x"), "--stream", "-o", file.to_str().unwrap()], args].concat())
    };
    assert_eq!((get(&[]).code, folder.names().len()), (Some(1), 0));
    assert_eq!(get(&[]).text(), "HTTP/1.1 200 OK\nContent-Length: 20\n\n");
    assert_eq!((read(&file), folder.names().len()), (FILE.to_owned(), 1));
    let json = get(&["--output", "json"]).json();
    assert_eq!((&json["bytes"], &json["status"], &json["body_b64"]), (&json!(20), &json!(200), &json!(null)));
}

#[test]
fn a_stream_takes_less_memory_than_its_body() {
    let server = Server::new(&[&format!(
        "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{}",
        "x".repeat(1_000_000)
    )]);
    let outcome = run(&["get", &server.url("/x"), "--stream", "--buffer", "1000", "-o", "-"]);
    assert_eq!((outcome.code, outcome.stdout.len()), (Some(0), 1_000_000));
}

/// JSON on standard output contains the body, streamed or not.
#[test]
fn json_of_a_stream_is_whole() {
    let server = Server::new(&[&whole("")]);
    let json = run(&["get", &server.url("/x"), "--stream", "--output", "json"]).json();
    assert_eq!(json["body_b64"], "MDEyMzQ1Njc4OWFiY2RlZmdoaWo=");
}

#[test]
fn events_are_shown_as_they_come() {
    use std::io::{Read as _, Write as _};
    use std::process::{Command, Stdio};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let mut child = Command::new(env!("CARGO_BIN_EXE_requests"))
        .args(["get", &url, "--stream", "-o", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let _ = stream.read(&mut [0; 1024]).unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let mut stdout = child.stdout.take().unwrap();
    for event in ["data: 1\n\n", "data: 2\n\n"] {
        stream.write_all(event.as_bytes()).unwrap();
        let mut shown = [0; 9];
        // The server has not completed its response yet.
        stdout.read_exact(&mut shown).unwrap();
        assert_eq!(shown, event.as_bytes());
    }
    drop(stream);
    assert!(child.wait().unwrap().success());
}

#[test]
fn neither_user_nor_password_is_written_to_a_file() {
    let folder = Folder::new();
    let server = Server::new(&[&dropped(5), &rest(5)]);
    let url = server.url("/f?key=1").replace("http://", "http://us%65r:p%40ss@");
    let outcome = folder.download(&url, &["--retries", "0", "--param", "a=b c"]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(folder.names(), ["f.part", "f.part.json"]);
    let kept = read(folder.path("f.part.json"));
    let expected = format!("\"url\":\"{}&a=b+c\"", server.url("/f?key=1"));
    assert!(kept.contains(&expected), "{kept}");
    for secret in ["us%65r", "user", "p%40ss", "p@ss"] {
        assert!(!kept.contains(secret), "{kept}");
    }
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(fs::metadata(folder.path("f.part.json")).unwrap().permissions().mode() & 0o077, 0);
    // Another password still means the same file.
    let url = server.url("/f?key=1").replace("http://", "http://user:other@");
    let outcome = folder.download(&url, &["--continue", "--param", "a=b c"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(read(folder.path("f")), FILE);
}

#[test]
fn other_parameters_are_another_file() {
    let folder = Folder::new();
    let server = Server::new(&[&dropped(5), &whole("ETag: \"1\"\r\n")]);
    assert_eq!(folder.download(&server.url("/f"), &["--retries", "0", "--param", "v=1"]).code, Some(1));
    server.request();
    assert_eq!(folder.download(&server.url("/f"), &["--continue", "--param", "v=2"]).code, Some(0));
    assert!(!server.request().contains("Range"));
}

#[test]
fn pieces_are_put_together() {
    let folder = Folder::new();
    let server = Server::new(&[&piece(0, 7), &piece(8, 15), &piece(16, 19)]);
    let outcome = folder.download(&server.url("/"), &["--range-piece", "8", "--output", "json"]);
    let shown = outcome.json();
    assert_eq!((&shown["bytes"], &shown["requests"]), (&json!(20), &json!(3)), "{outcome:?}");
    assert_eq!(fs::read_to_string(folder.path("f")).unwrap(), FILE);
    // The option works with `download` only, and needs a number.
    assert_eq!(run(&["http://127.0.0.1:1/", "--range-piece", "8"]).code, Some(2));
    assert_eq!(folder.download("http://127.0.0.1:1/", &["--range-piece", "x"]).code, Some(2));
}
