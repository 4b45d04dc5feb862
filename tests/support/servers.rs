// SPDX-License-Identifier: Apache-2.0
//! Real servers as child processes: httpbin and Python's http.server.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::channel;
use std::time::Duration;

use tempfile::TempDir;

/// Names the Python interpreter that has httpbin.
const PYTHON: &str = "REQUESTS_TEST_PYTHON";

/// How long a server may take to start on a machine that is busy with other things.
const START: Duration = Duration::from_secs(60);

/// A running server. It is killed on drop, and ends with this process where that never comes: its standard
/// input closes then.
pub struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(arguments: &[&Path]) -> Self {
        Self::start_script("serve.py", arguments)
    }

    /// Starts a script in `tests/servers`.
    fn start_script(script: &str, arguments: &[&Path]) -> Self {
        let python = python();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers").join(script);
        let mut child = Command::new(&python)
            .arg(&script)
            .args(arguments)
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
        let line = receiver.recv_timeout(START);
        let port = line.ok().and_then(|line| line.trim().parse().ok());
        if port.is_none() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let port = port.unwrap_or_else(|| panic!("{} {arguments:?} did not start. {HINT}", script.display()));
        Self { child, port }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const HINT: &str = "Run scripts/test, which installs httpbin, h11 and parsers in target/venv, or let REQUESTS_TEST_PYTHON name a python3 that has them.";

/// The interpreter: the one named by the environment, else the one that `scripts/test` sets up.
fn python() -> PathBuf {
    let path = std::env::var_os(PYTHON).unwrap_or_else(|| OsString::from("target/venv/bin/python"));
    // Relative to the repository, wherever the test runs.
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The httpbin that all tests of this process share.
pub fn httpbin() -> &'static Server {
    static HTTPBIN: OnceLock<Server> = OnceLock::new();
    HTTPBIN.get_or_init(|| Server::start(&[Path::new("httpbin")]))
}

/// The httpbin behind gunicorn that all tests of this process share: it takes chunked requests.
pub fn gunicorn() -> &'static Server {
    static GUNICORN: OnceLock<Server> = OnceLock::new();
    GUNICORN.get_or_init(|| Server::start(&[Path::new("gunicorn")]))
}

/// A server that asks for Digest authentication in all ways, which all tests of this process share.
pub fn digest() -> &'static Server {
    static DIGEST: OnceLock<Server> = OnceLock::new();
    DIGEST.get_or_init(|| Server::start(&[Path::new("digest")]))
}

/// A server that reads requests by h11 and multipart bodies by three parsers, which all tests of this process share.
pub fn judge() -> &'static Server {
    static JUDGE: OnceLock<Server> = OnceLock::new();
    JUDGE.get_or_init(|| Server::start_script("judge.py", &[]))
}

/// A TLS server that reads a little, answers 413, and does nothing more.
pub fn refusing_by_tls(chain: &Path, key: &Path) -> Server {
    Server::start(&[Path::new("refuse"), chain, key])
}

/// Python's http.server over a directory of its own.
pub struct FileServer {
    pub server: Server,
    pub directory: TempDir,
}

impl FileServer {
    /// Serves `files`, each a path and its content.
    pub fn with(files: &[(&str, &[u8])]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for (path, content) in files {
            let path = directory.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
            std::fs::write(path, content).expect("a file");
        }
        Self { server: Server::start(&[Path::new("files"), directory.path()]), directory }
    }

    pub fn url(&self, path: &str) -> String {
        self.server.url(path)
    }
}

/// A server in Python that sends parts of one file where it is asked for them.
pub struct RangeServer {
    server: Server,
    _file: tempfile::NamedTempFile,
}

impl RangeServer {
    pub fn new(content: &[u8]) -> Self {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), content).expect("a file");
        Self { server: Server::start(&[Path::new("ranges"), file.path()]), _file: file }
    }

    pub fn port(&self) -> u16 {
        self.server.port()
    }
}
