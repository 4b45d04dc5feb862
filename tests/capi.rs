// SPDX-License-Identifier: Apache-2.0
//! The C API: the header in C and C++, and C programs linked with the static library against real
//! servers. Each program runs once normally and once under AddressSanitizer.

#[path = "tls/pki.rs"]
#[allow(dead_code, reason = "shared with tests/tls")]
mod pki;
#[path = "tls/server.rs"]
#[allow(dead_code, reason = "shared with tests/tls")]
mod server;
mod support;

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use support::nginx::Nginx;
use support::servers;

/// A time limit that is longer than any of the programs takes.
const LIMIT: Duration = Duration::from_secs(120);

const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a command, which must succeed in time.
fn run(command: &mut Command) -> Output {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let end = Instant::now() + LIMIT;
    while child.try_wait().expect("the child is ours").is_none() {
        if Instant::now() > end {
            child.kill().expect("the child is ours");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().expect("the child is ours");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}\n{}", text(&output.stdout), text(&output.stderr));
    output
}

/// The directory with the static library and its file for pkg-config, which cargo builds.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        // It has its own target directory, so that its features do not cause the other tests to be
        // compiled again.
        let target = root().join(env!("CARGO_TARGET_TMPDIR")).join("capi");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["build", "--quiet", "--package", "requests-capi", "--target-dir"])
            .arg(&target)
            .current_dir(root())
            .status()
            .expect("cargo runs");
        assert!(status.success(), "the library cannot be built");
        target.join("debug")
    })
}

/// Compiles and links tests/c/NAME.c, and runs it with these arguments.
fn program(name: &str, arguments: &[&str]) {
    program_with(name, arguments, &[None, Some("-fsanitize=address,undefined")]);
}

/// The same, once for each of these sanitizers. They check the C code, and the calls of the library to the C library.
fn program_with(name: &str, arguments: &[&str], sanitizers: &[Option<&str>]) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for sanitizer in sanitizers {
        let executable = directory.path().join(name);
        run(Command::new("cc")
            .args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-g", "-O1"])
            .args(WARNINGS)
            .args(sanitizer)
            .arg("-I")
            .arg(root().join("include"))
            .arg("-o")
            .arg(&executable)
            .arg(root().join("tests/c").join(name).with_extension("c"))
            .arg(library().join("librequests_capi.a"))
            .args(["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl", "-lc"]));
        run(Command::new(&executable).args(arguments).env("ASAN_OPTIONS", "detect_leaks=1"));
    }
}

#[test]
fn the_header_is_c11_and_cpp17() {
    for (compiler, standard, language) in [("cc", "-std=c11", "c"), ("c++", "-std=c++17", "c++")] {
        run(Command::new(compiler)
            .args([standard, "-fsyntax-only", "-x", language])
            .args(WARNINGS)
            .arg("-I")
            .arg(root().join("include"))
            .arg(root().join("tests/c/header.c")));
    }
}

#[test]
fn structures_have_the_same_size_on_both_sides() {
    run(Command::new("cc")
        .args(["-std=c11", "-fsyntax-only"])
        .args(WARNINGS)
        .arg("-I")
        .arg(root().join("include"))
        .arg(root().join("crates/requests-capi/layout.c")));
}

#[test]
fn wrong_input_is_an_error() {
    program("bad_input", &[]);
}

#[test]
fn each_argument_of_each_function_is_checked() {
    program("arguments", &[]);
}

#[test]
fn requests_and_responses() {
    program("request", &[&servers::httpbin().url("")]);
}

#[test]
fn https() {
    let pki = pki::pki();
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, content) in [
        ("root.pem", pki.root.certificate_pem()),
        ("root.der", pki.root.der()),
        ("other.pem", pki.root_ec.certificate_pem()),
        ("client.pem", pki.client.chain_pem()),
        ("client.key", pki.client.key_pem()),
        ("client.der", pki.client.der()),
        ("client.key.der", pki.client.key_der()),
        ("other.key", pki.client_ec.key_pem()),
    ] {
        std::fs::write(directory.path().join(name), content).expect("a file");
    }
    let ca = pki.root.certificate.to_str().expect("a path in UTF-8");
    let server = server::Server::openssl(&pki.server, &["-www"]);
    let demanding = ["-www", "-Verify", "1", "-verify_return_error", "-CAfile", ca];
    let demanding = server::Server::openssl(&pki.server, &demanding);
    let url = |server: &server::Server| format!("https://localhost:{}/", server.port);
    let folder = directory.path().to_str().expect("a path in UTF-8");
    program("tls", &[&url(&server), &url(&demanding), folder, &pki.server.pin(), &pki.client.pin()]);
}

#[test]
fn sessions_and_streams() {
    program("session", &[&servers::httpbin().url("")]);
}

/// Answers a request for this path; `is_first` where it is the first one.
fn answer(path: &str, request: &str, is_first: bool) -> String {
    let whole = |status: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    match path.split('/').nth(1) {
        Some("cut") => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789".into(),
        Some("error") => whole("429 Too Many Requests", "{\"error\":\"slow\"}"),
        Some("echo") => whole("200 OK", request),
        Some("large") => whole("200 OK", &"x".repeat(5000)),
        Some("flaky") if is_first => whole("418 I'm a Teapot", ""),
        Some("busy") if is_first => whole("503 Service Unavailable", ""),
        _ => whole("200 OK", "ok"),
    }
}

#[test]
fn answers_of_a_scripted_server() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    std::thread::spawn(move || {
        let mut asked = HashSet::new();
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut lines = BufReader::new(stream.try_clone().expect("a second handle"));
            let (mut request, mut line) = (String::new(), String::new());
            while lines.read_line(&mut line).is_ok_and(|count| count > 2) {
                request += &std::mem::take(&mut line);
            }
            // Up to the last chunk and the empty line behind it.
            while request.contains("chunked") && !request.ends_with("\n0\r\n\r\n") {
                lines.read_line(&mut request).expect("a chunk");
            }
            let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
            // The program runs twice.
            if path == "/reset" {
                asked.clear();
            }
            let is_first = asked.insert(path.clone());
            // A connection for each request: it is closed behind the answer.
            let _ = stream.write_all(answer(&path, &request, is_first).as_bytes());
        }
    });
    program("answers", &[&format!("http://127.0.0.1:{port}")]);
}

#[test]
fn cancelling_from_another_thread() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().expect("a second handle"));
                let mut line = String::new();
                let _ = lines.read_line(&mut line);
                let answer: &[u8] = match line.split(' ').nth(1) {
                    Some("/ok") => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
                    Some("/half") => b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123456789",
                    _ => b"",
                };
                let _ = stream.write_all(answer);
                // The client ends the connection.
                while lines.read_line(&mut line).is_ok_and(|count| count > 0) {}
            });
        }
    });
    let sanitizers = [None, Some("-fsanitize=address,undefined"), Some("-fsanitize=thread")];
    program_with("cancel", &[&format!("http://127.0.0.1:{port}")], &sanitizers);
}

#[test]
fn downloads() {
    let content: Vec<u8> = (0..100_003_u32).map(|number| (number * 7 % 251) as u8).collect();
    let digest = ring::digest::digest(&ring::digest::SHA256, &content);
    let digest: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let nginx = Nginx::new("");
    std::fs::write(nginx.files().join("image.bin"), &content).expect("a file");
    let url = nginx.url("");
    program("download", &[&url, &digest, &content.len().to_string()]);
}
