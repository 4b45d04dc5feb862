// SPDX-License-Identifier: Apache-2.0
//! A scripted server and the command line under test, both with time limits.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longer than any test may take.
const LIMIT: Duration = Duration::from_secs(20);

/// The result of the command line.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Outcome {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("standard output is text")
    }

    /// The one line of JSON on standard output.
    pub fn json(&self) -> serde_json::Value {
        let text = self.text();
        assert_eq!(text.find('\n'), Some(text.len() - 1), "one line: {text:?}");
        serde_json::from_str(text).expect("standard output is JSON")
    }
}

/// Runs the command line.
pub fn run<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Outcome {
    run_with_input(args, b"")
}

/// Runs the command line with `input` on standard input.
pub fn run_with_input<S: AsRef<std::ffi::OsStr>>(args: &[S], input: &[u8]) -> Outcome {
    let mut child = Command::new(env!("CARGO_BIN_EXE_requests"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command line starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    // A command that does not read its input may end before it is written.
    let _ = stdin.write_all(input);
    drop(stdin);
    let stdout = read_all(child.stdout.take().expect("it is piped"));
    let stderr = read_all(child.stderr.take().expect("it is piped"));
    let end = Instant::now() + LIMIT;
    let status = loop {
        if let Some(status) = child.try_wait().expect("the child is ours") {
            break status;
        }
        if Instant::now() > end {
            child.kill().expect("the child is ours");
            panic!("the command line hangs");
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    Outcome {
        code: status.code(),
        stdout: stdout.recv_timeout(LIMIT).expect("standard output ends"),
        stderr: String::from_utf8(stderr.recv_timeout(LIMIT).expect("standard error ends"))
            .expect("it is text"),
    }
}

/// The standard output and standard error on a terminal.
#[allow(dead_code, reason = "not every test looks at a terminal")]
pub fn shown_on_terminal<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> String {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&terminal).expect("it is ours");
    unlockpt(&terminal).expect("it is ours");
    let name = ptsname(&terminal, Vec::new()).expect("it has a name").into_string().expect("text");
    let open = || std::fs::OpenOptions::new().write(true).open(&name).expect("the terminal's other end");
    let mut child = Command::new(env!("CARGO_BIN_EXE_requests"))
        .args(args)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(open())
        .stderr(open())
        .spawn()
        .expect("the command line starts");
    let shown = read_all(std::fs::File::from(terminal));
    let end = Instant::now() + LIMIT;
    while child.try_wait().expect("the child is ours").is_none() {
        if Instant::now() > end {
            child.kill().expect("the child is ours");
            panic!("the command line hangs");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    String::from_utf8(shown.recv_timeout(LIMIT).expect("the terminal's end is closed")).expect("it is UTF-8")
}

fn read_all(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

/// A server that answers one connection after the other, and then ends.
pub struct Server {
    pub address: SocketAddr,
    requests: Receiver<String>,
}

impl Server {
    /// Answers with `responses`, one for each connection.
    pub fn new(responses: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
        let address = listener.local_addr().expect("it is bound");
        let responses: Vec<String> = responses.iter().map(|&response| response.to_owned()).collect();
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            for response in responses {
                let Ok((mut stream, _)) = listener.accept() else { return };
                let _ = stream.set_read_timeout(Some(LIMIT));
                let request = read_request(&mut stream);
                let _ = stream.write_all(response.as_bytes());
                let _ = sender.send(request);
            }
        });
        Self { address, requests }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The next request that has arrived.
    pub fn request(&self) -> String {
        self.requests.recv_timeout(LIMIT).expect("a request came")
    }
}

/// Reads one request with its `Content-Length`.
fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    let mut size = None;
    while size.is_none_or(|size| bytes.len() < size) {
        match stream.read(&mut piece) {
            Ok(count @ 1..) => bytes.extend_from_slice(&piece[..count]),
            _ => break,
        }
        size = size.or_else(|| {
            let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
            let head = String::from_utf8_lossy(&bytes[..end]);
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            Some(end + length.map_or(0, |length| length.parse().expect("a length")))
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
