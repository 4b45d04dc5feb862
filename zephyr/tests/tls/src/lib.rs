// SPDX-License-Identifier: Apache-2.0
//! Sends requests to https servers, some of which must be refused, and prints the result of each.

#![no_std]

use core::fmt::Write;

use requests::tls::{Pin, TlsConfig, heap_usage};
use requests::{Error, Request};
use zephyr::kconfig::{CONFIG_TEST_HOST, CONFIG_TEST_PORT};
use zephyr::printkln;

static ROOTS: [&[u8]; 2] = [
    include_bytes!("../../../../samples/pytest/certs/root-rsa.pem"),
    include_bytes!("../../../../samples/pytest/certs/root-ec.pem"),
];

static TLS: TlsConfig<'static> = TlsConfig::new().roots(&ROOTS);

/// More than one TLS record and one TCP segment.
static BODY: [u8; 5000] = [b'x'; 5000];

/// The servers, in the order of their ports.
const SERVERS: [&str; 12] = [
    "nginx, TLS 1.2, RSA",
    "nginx, TLS 1.2, EC",
    "nginx, TLS 1.3, RSA",
    "nginx, TLS 1.3, EC",
    "openssl, TLS 1.2, RSA",
    "openssl, TLS 1.2, EC",
    "openssl, TLS 1.3, RSA",
    "openssl, TLS 1.3, EC",
    "common name only",
    "other address",
    "address as a name",
    "critical extension",
];

/// The server for the pins, whose root is `root-ec.pem`.
const PINNED: usize = 3;

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
    let mut url = Url([0; 64], 0);
    for (number, server) in SERVERS.iter().enumerate() {
        let url = url.set(number);
        send(server, "GET", requests::get(url).tls(TLS));
        send(server, "POST", requests::post(url).data(&BODY).tls(TLS));
    }

    let url = url.set(PINNED);
    let root: Pin = match "sha256//kl5GQjb0YdloeqC4vLuYGS+fblaUp/3Rgez3kGxS5ic=".parse() {
        Ok(pin) => pin,
        Err(error) => return printkln!("{error}"),
    };
    let other = Pin([0; 32]);
    send("pin of the root", "GET", requests::get(url).tls(TLS.pins(&[other, root])));
    send("pin of another", "GET", requests::get(url).tls(TLS.pins(&[other])));
    printkln!("END");
}

/// Sends a request and prints one line with its result, and the bytes that it left in mbedTLS's heap.
fn send(server: &str, method: &str, request: Request<'_>) {
    let mut buffer = [0; 1024];

    match request.send(&mut buffer) {
        Ok(response) => {
            let text = response.text().unwrap_or("not text").trim_end();
            printkln!("{server}: {method}: {} {text}", response.status_code);
        }
        Err(Error::Tls(error)) => printkln!("{server}: {method}: {} ({error})", error.kind()),
        Err(error) => printkln!("{server}: {method}: {error}"),
    }
    if let Some(heap) = heap_usage() {
        printkln!("heap: {} bytes in {} blocks, at most {}", heap.used, heap.blocks, heap.peak);
    }
}

/// A text that is built without a heap.
struct Url([u8; 64], usize);

impl Url {
    /// The URL of the server with this number.
    fn set(&mut self, server: usize) -> &str {
        self.1 = 0;
        let _ = write!(self, "https://{CONFIG_TEST_HOST}:{}/any", CONFIG_TEST_PORT as usize + server);
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
