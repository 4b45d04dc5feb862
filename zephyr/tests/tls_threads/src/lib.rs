// SPDX-License-Identifier: Apache-2.0
//! Sends https requests while another thread, in `other.c`, uses mbedTLS directly.

#![no_std]

use core::fmt::Write;

use requests::Error;
use requests::tls::TlsConfig;
use zephyr::kconfig::{CONFIG_TEST_HOST, CONFIG_TEST_PORT};
use zephyr::printkln;

static ROOTS: [&[u8]; 1] = [include_bytes!("../../../../samples/pytest/certs/root-ec.pem")];

static TLS: TlsConfig<'static> = TlsConfig::new().roots(&ROOTS);

/// The number of requests to each server.
const REQUESTS: usize = 8;

unsafe extern "C" {
    /// Starts the other thread. Call it once, after `mutexes_exclude`.
    fn start_other();
    /// The number of times that the thread has used mbedTLS without a fault since the last call.
    safe fn rounds_of_other() -> i32;
    /// The fault found, or 0 for none.
    safe fn faults_of_other() -> i32;
    /// 1 if a mutex of mbedTLS makes one thread wait for another.
    fn mutexes_exclude() -> i32;
}

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
    // SAFETY: called once, before the other thread is started, which uses the same stack.
    printkln!("mutexes exclude: {}", unsafe { mutexes_exclude() });
    // SAFETY: called once; the thread of the call above has ended.
    unsafe { start_other() };
    for server in 0..2 {
        let mut url = Url([0; 64], 0);
        let _ = write!(url, "https://{CONFIG_TEST_HOST}:{}/get", CONFIG_TEST_PORT as usize + server);
        for _ in 0..REQUESTS {
            let _ = rounds_of_other();
            get(server, url.text());
            printkln!("meanwhile: {} rounds", rounds_of_other());
        }
    }
    printkln!("faults: {}", faults_of_other());
    printkln!("END");
}

/// Sends a request and prints one line with its result.
fn get(server: usize, url: &str) {
    let mut buffer = [0; 1024];
    match requests::get(url).tls(TLS).send(&mut buffer) {
        Ok(response) => printkln!("server {server}: {}", response.status_code),
        Err(Error::Tls(error)) => printkln!("server {server}: {} ({error})", error.kind()),
        Err(error) => printkln!("server {server}: {error}"),
    }
}

/// A text that is built without a heap.
struct Url([u8; 64], usize);

impl Url {
    fn text(&self) -> &str {
        core::str::from_utf8(&self.0[..self.1]).unwrap_or("")
    }
}

impl Write for Url {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let room = self.0.get_mut(self.1..self.1 + text.len()).ok_or(core::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.1 += text.len();
        Ok(())
    }
}
