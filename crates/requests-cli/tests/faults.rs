// SPDX-License-Identifier: Apache-2.0
//! Calls of the C library that fail at random (libfiu, in Debian fiu-utils): the command line ends by itself, with an
//! answer or an error. `scripts/test` installs the tool. Without it, there is nothing to run.

#[allow(dead_code, reason = "shared with the other tests")]
mod support;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::Server;

/// What fails, as libfiu calls it.
const POINTS: [&str; 12] = [
    "libc/mm/malloc",
    "libc/mm/calloc",
    "libc/mm/realloc",
    "posix/io/net/socket",
    "posix/io/net/connect",
    "posix/io/net/send",
    "posix/io/net/recv",
    "posix/io/net/setsockopt",
    "posix/io/net/getsockopt",
    "posix/io/rw/read",
    "posix/io/rw/write",
    "posix/io/oc/open",
];

/// Much longer than a run takes, which has a time-out of two seconds.
const HANG: Duration = Duration::from_secs(30);

fn has_libfiu() -> bool {
    let output = Command::new("fiu-run").arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status();
    output.is_ok()
}

#[test]
fn calls_that_fail_end_with_an_answer_or_an_error() {
    if !has_libfiu() {
        eprintln!("Skipped: there is no fiu-run. Debian has it in fiu-utils.");
        return;
    }
    let response = format!("HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n{}", "x".repeat(20_000));
    let (mut answers, mut errors) = (0, 0);
    for point in POINTS {
        for probability in ["1", "0.3", "0.1", "0.03", "0.01"] {
            let server = Server::new(&[&response]);
            let code = run(point, probability, &server);
            match code {
                0 => answers += 1,
                1..=63 => errors += 1,
                _ => panic!("{point} with probability {probability}: exit code {code}"),
            }
        }
    }
    assert!(answers > 0 && errors > 0, "{answers} answers, {errors} errors");
}

/// The exit code of a request in which calls of `point` fail.
fn run(point: &str, probability: &str, server: &Server) -> i32 {
    let mut child = Command::new("fiu-run")
        .args(["-x", "-f", "", "-c"])
        .arg(format!("enable_random name={point},probability={probability}"))
        .arg(env!("CARGO_BIN_EXE_requests"))
        .args(["get", &server.url("/"), "--timeout", "2000"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("fiu-run starts");
    let end = Instant::now() + HANG;
    loop {
        if let Some(status) = child.try_wait().expect("the child is ours") {
            return status
                .code()
                .unwrap_or_else(|| panic!("{point} with probability {probability}: {status}"));
        }
        if Instant::now() > end {
            child.kill().expect("the child is ours");
            panic!("{point} with probability {probability}: it hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
