// SPDX-License-Identifier: Apache-2.0
//! The C API with any arguments that C allows; see `c/c_api.c`. A server in a thread answers the requests that are
//! sent.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener};
use std::sync::OnceLock;
use std::time::Duration;

// The functions of the header are in this crate.
use requests as _;

unsafe extern "C" {
    fn fuzz_c_api(data: *const u8, len: usize, port: u16);
}

const RESPONSE: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX: y\r\nContent-Length: 45\r\n\r\n\
    {\"a\": [1, \"\\u00e9x\", true, 2.5, null], \"b\": {}}\n";

/// See the module.
pub fn check(data: &[u8]) {
    static PORT: OnceLock<u16> = OnceLock::new();
    let port = *PORT.get_or_init(serve);
    // SAFETY: the function reads these bytes, and keeps no pointer to them.
    unsafe { fuzz_c_api(data.as_ptr(), data.len(), port) };
}

/// Answers each request alike, in a thread that ends with the process.
fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
            let mut piece = [0; 4096];
            let _ = stream.read(&mut piece);
            let _ = stream.write_all(RESPONSE);
            let _ = stream.shutdown(Shutdown::Write);
            // Without this, bytes that were not read would reset the connection.
            while matches!(stream.read(&mut piece), Ok(1..)) {}
        }
    });
    port
}
