// SPDX-License-Identifier: Apache-2.0
//! Servers on free ports of the loopback interface that end with the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::pki::Pair;

/// A running server.
pub struct Server {
    pub port: u16,
    child: Option<Child>,
    stdin: Option<std::process::ChildStdin>,
    printed: Arc<Mutex<Vec<u8>>>,
    _directory: Option<tempfile::TempDir>,
}

impl Server {
    /// `openssl s_server` with this certificate and these further arguments.
    pub fn openssl(pair: &Pair, arguments: &[&str]) -> Self {
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-cert"])
            .arg(&pair.certificate)
            .arg("-key")
            .arg(&pair.key)
            .arg("-cert_chain")
            .arg(&pair.chain)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the openssl command");
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let port = loop {
            line.clear();
            if lines.read_line(&mut line).unwrap() == 0 {
                let mut text = String::new();
                let _ = child.stderr.take().unwrap().read_to_string(&mut text);
                panic!("openssl s_server {arguments:?} did not start: {text}");
            }
            if let Some(address) = line.strip_prefix("ACCEPT ") {
                break address.trim().rsplit_once(':').unwrap().1.parse().unwrap();
            }
        };
        // Its output must be read, or it blocks.
        let printed = Arc::<Mutex<Vec<u8>>>::default();
        let copy = Arc::clone(&printed);
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(len @ 1..) = lines.read(&mut piece) {
                copy.lock().unwrap().extend_from_slice(&piece[..len]);
            }
        });
        let mut errors = child.stderr.take().unwrap();
        thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
        let stdin = child.stdin.take();
        Self { port, child: Some(child), stdin, printed, _directory: None }
    }

    /// nginx that answers any request with its method and the length of its body.
    pub fn nginx(pair: &Pair, protocols: &str, more: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let text = format!(
            "daemon off; worker_processes 1; pid {dir}/pid; error_log {dir}/error.log;
             events {{ worker_connections 64; }}
             http {{ access_log off; client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy;
               fastcgi_temp_path {dir}/fastcgi; uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
               ssl_protocols {protocols}; ssl_certificate {chain}; ssl_certificate_key {key}; {more}
               server {{ listen 127.0.0.1:{port} ssl; server_name localhost 127.0.0.1;
                 location / {{ return 200 \"$request_method $content_length $ssl_protocol reused=$ssl_session_reused\\n\"; }} }} }}",
            dir = path.display(),
            chain = pair.chain.display(),
            key = pair.key.display(),
        );
        let file = path.join("nginx.conf");
        std::fs::write(&file, text).unwrap();
        let child = Command::new("nginx")
            .arg("-p")
            .arg(path)
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the nginx command");
        let server = Self {
            port,
            child: Some(child),
            stdin: None,
            printed: Arc::default(),
            _directory: Some(directory),
        };
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(10), "nginx did not start");
            thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// A server that handles its first connection in this way.
    pub fn once(serve: impl FnOnce(TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            if let Ok((stream, _)) = listener.accept() {
                serve(stream);
            }
        });
        Self { port, child: None, stdin: None, printed: Arc::default(), _directory: None }
    }

    /// Makes `openssl s_server` send this text.
    pub fn say(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    /// The output of `openssl s_server`, which includes the received bytes, when it contains
    /// `last`.
    #[allow(dead_code, reason = "not used by tests/tls_leaks.rs")]
    pub fn printed_until(&self, last: &[u8]) -> Vec<u8> {
        let start = Instant::now();
        loop {
            let printed = self.printed.lock().unwrap().clone();
            if printed.windows(last.len()).any(|window| window == last) {
                return printed;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "{}", String::from_utf8_lossy(&printed));
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it at once, without closing its connections properly.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // nginx's worker outlives a master that is killed. After a signal to quit, both end.
        if self._directory.is_some() {
            if let Some(child) = &self.child {
                let _ = kill_process(Pid::from_child(child), Signal::TERM);
            }
            if let Some(mut child) = self.child.take() {
                let _ = child.wait();
            }
        }
        self.kill();
    }
}
