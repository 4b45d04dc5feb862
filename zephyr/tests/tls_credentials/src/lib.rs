// SPDX-License-Identifier: Apache-2.0
//! GETs https URLs with credentials that are registered with Zephyr, and prints the result of each request.

#![no_std]

use core::fmt::Write;

use requests::tls::{TlsConfig, heap_usage};
use requests::{Error, Response, Session};
use zephyr::kconfig::{CONFIG_TEST_HOST, CONFIG_TEST_PORT};
use zephyr::printkln;

/// The authority of the servers, and the client's own certificate and key.
const CA: u32 = 1;
/// Another authority.
const OTHER: u32 = 2;
const CLIENT: u32 = 3;
/// A certificate without its key.
const NO_KEY: u32 = 4;
const JUNK: u32 = 5;
/// A pre-shared key only.
const PSK: u32 = 6;
/// Nothing.
const NOTHING: u32 = 7;
/// The authority of the servers, with an expired certificate.
const EXPIRED: u32 = 8;
/// The authority of the servers, which another one replaces later.
const SWAPPED: u32 = 9;

/// The server for all clients, and the one that requires a client's certificate.
const OPEN: u32 = 0;
const CLOSED: u32 = 1;

static NO_ROOT: [&[u8]; 1] = [b"no root"];

unsafe extern "C" {
    safe fn register_credentials() -> i32;
    safe fn set_clock() -> i32;
    safe fn swap_credential() -> i32;
}

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
    let with = |tags| TlsConfig::new().credentials(tags);

    get("before it is registered", OPEN, with(&[CA]));
    printkln!("registered: {}", register_credentials());

    get("authority", OPEN, with(&[CA]));
    get("other authority", OPEN, with(&[OTHER]));
    get("both authorities", OPEN, with(&[OTHER, CA]));
    get("without identity", CLOSED, with(&[CA]));
    get("with identity", CLOSED, with(&[CA, CLIENT]));
    get("identity only", OPEN, with(&[CLIENT]));
    get("no key", OPEN, with(&[CA, NO_KEY]));
    get("junk", OPEN, with(&[JUNK]));
    get("pre-shared key", OPEN, with(&[CA, PSK]));
    get("nothing", OPEN, with(&[CA, NOTHING]));
    get("tag of Zephyr's own", OPEN, with(&[u32::MAX]));
    get("roots come first", OPEN, with(&[CA]).roots(&NO_ROOT));
    get("no tags", OPEN, with(&[]));
    get("expired without a clock", OPEN, with(&[EXPIRED]));

    printkln!("clock: {}", set_clock());
    get("expired", OPEN, with(&[EXPIRED]));
    get("expired before its twin", OPEN, with(&[EXPIRED, CA]));
    get("expired behind its twin", OPEN, with(&[CA, OTHER, EXPIRED]));
    session();
    printkln!("END");
}

/// A server that a session has verified by credentials that were removed must be verified again.
#[inline(never)]
fn session() {
    let mut session = Session::new().tls(TlsConfig::new().credentials(&[SWAPPED]));
    for what in ["session", "session that resumes", "session after the swap"] {
        let mut buffer = [0; 1024];
        let url = url(OPEN);
        report(what, session.get(url.as_str()).send(&mut buffer));
        if what == "session that resumes" {
            printkln!("swapped: {}", swap_credential());
        }
    }
}

/// Sends a request and prints one line with its result, and the bytes that it left in mbedTLS's heap.
fn get(what: &str, server: u32, tls: TlsConfig<'_>) {
    let mut buffer = [0; 1024];

    report(what, requests::get(url(server).as_str()).tls(tls).send(&mut buffer));
    if let Some(heap) = heap_usage() {
        printkln!("heap: {} bytes, at most {}", heap.used, heap.peak);
    }
}

fn report(what: &str, result: Result<Response<'_>, Error>) {
    match result {
        Ok(response) => {
            let text = response.text().unwrap_or("not text").trim_end();
            printkln!("{what}: {} {text}", response.status_code);
        }
        Err(Error::Tls(error)) => printkln!("{what}: {} ({error})", error.kind()),
        Err(error) => printkln!("{what}: {error}"),
    }
}

/// The URL of a server's page.
fn url(server: u32) -> Url {
    let mut url = Url([0; 64], 0);
    let _ = write!(url, "https://{CONFIG_TEST_HOST}:{}/page.txt", CONFIG_TEST_PORT as u32 + server);
    url
}

/// A text that is built without a heap.
struct Url([u8; 64], usize);

impl Url {
    fn as_str(&self) -> &str {
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
