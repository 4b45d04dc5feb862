// SPDX-License-Identifier: Apache-2.0
//! nginx on a free port, with its own directory and a log that identifies connections.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How long it may take to start, or to write its log, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Nginx {
    child: Child,
    port: u16,
    directory: TempDir,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The number of the connection.
    pub connection: u64,
    /// The number of the request on this connection, from 1.
    pub request: u64,
    pub method: String,
    pub uri: String,
    pub status: u16,
}

impl Nginx {
    /// A server with these directives in its `server` block, and a location `/` that responds with
    /// 200 and the method. `root` is the directory [`files`](Self::files).
    pub fn new(server: &str) -> Self {
        Self::start("", server)
    }

    /// The same with TLS and these files.
    pub fn tls(chain: &Path, key: &Path, server: &str) -> Self {
        let certificate =
            format!("ssl_certificate {}; ssl_certificate_key {}; {server}", chain.display(), key.display());
        Self::start(" ssl", &certificate)
    }

    fn start(listen: &str, server: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path();
        for part in ["files", "body"] {
            std::fs::create_dir(path.join(part)).expect("a directory");
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        // Its worker runs as the user that started it, who owns the directory.
        let user = Command::new("id").arg("-un").output().expect("a user").stdout;
        let text = format!(
            "daemon off; worker_processes 1; user {user} ; pid {dir}/pid; error_log {dir}/error.log;
             events {{ worker_connections 64; }}
             http {{ log_format counted '$connection $connection_requests $request_method $uri $status';
               access_log {dir}/access.log counted; client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy;
               fastcgi_temp_path {dir}/fastcgi; uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
               server {{ listen 127.0.0.1:{port}{listen}; root {dir}/files; {server}
                 location = / {{ default_type text/plain; return 200 $request_method; }} }} }}",
            user = String::from_utf8_lossy(&user).trim(),
            dir = path.display(),
        );
        let file = path.join("nginx.conf");
        std::fs::write(&file, text).expect("a file");
        let search = std::env::var("PATH").unwrap_or_default();
        let child = Command::new("nginx")
            .env("PATH", format!("{search}:/usr/sbin"))
            .args([Path::new("-p"), path, Path::new("-c"), &file])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx; scripts/test installs it");
        let nginx = Self { child, port, directory };
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(start.elapsed() < PATIENCE, "nginx did not start: {}", nginx.text("error.log"));
            std::thread::sleep(Duration::from_millis(20));
        }
        nginx
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn https_url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// The directory whose files it serves.
    pub fn files(&self) -> PathBuf {
        self.directory.path().join("files")
    }

    /// The log, when it has this many lines. Further lines would usually be there by then.
    #[track_caller]
    pub fn log(&self, lines: usize) -> Vec<Logged> {
        let start = Instant::now();
        loop {
            let text = self.text("access.log");
            if text.lines().count() >= lines && text.ends_with('\n') {
                return text.lines().map(Logged::parse).collect();
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{lines} lines in the log:\n{text}{}",
                self.text("error.log")
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.directory.path().join(file)).unwrap_or_default()
    }
}

impl Logged {
    fn parse(line: &str) -> Self {
        let fields: Vec<_> = line.split(' ').collect();
        let &[connection, request, method, uri, status] = &fields[..] else {
            panic!("a line of the log: {line:?}");
        };
        Self {
            connection: connection.parse().expect("a number"),
            request: request.parse().expect("a number"),
            method: method.to_owned(),
            uri: uri.to_owned(),
            status: status.parse().expect("a status"),
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The worker outlives a master that is killed. After a signal to quit, both end.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}
