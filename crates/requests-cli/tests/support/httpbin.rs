// SPDX-License-Identifier: Apache-2.0
//! httpbin as a child process.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long it may take to start on a machine that is busy with other things.
const START: Duration = Duration::from_secs(60);

const HINT: &str = "Run scripts/test, which installs httpbin in target/venv, or let REQUESTS_TEST_PYTHON name a python3 that has it.";

/// A running httpbin. It ends when its standard input does, so with the tests.
pub struct Httpbin {
    _child: Child,
    port: u16,
}

impl Httpbin {
    fn start() -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let python = std::env::var_os("REQUESTS_TEST_PYTHON");
        let python = repository.join(python.unwrap_or_else(|| OsString::from("target/venv/bin/python")));
        let mut child = Command::new(&python)
            .arg(repository.join("tests/servers/serve.py"))
            .arg("httpbin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}. {HINT}", python.display()));
        let stdout = child.stdout.take().expect("standard output is a pipe");
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(stdout).read_line(&mut line);
            let _ = sender.send(line);
        });
        let line = receiver.recv_timeout(START).unwrap_or_default();
        let Ok(port) = line.trim().parse() else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("httpbin did not start. {HINT}");
        };
        Self { _child: child, port }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

/// The httpbin that all tests of this process share.
pub fn httpbin() -> &'static Httpbin {
    static HTTPBIN: OnceLock<Httpbin> = OnceLock::new();
    HTTPBIN.get_or_init(Httpbin::start)
}
