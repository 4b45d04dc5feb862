// SPDX-License-Identifier: Apache-2.0
//! Every feature of the crate in one program. Each step prints whether it passed. Paths, queries, headers and bodies
//! contain the word "secret": the log must not.

#![no_std]

use core::ffi::{CStr, c_char, c_int};
use core::fmt::Write as _;
use core::time::Duration;

use embedded_io::ErrorKind;
use requests::tls::{TlsConfig, TlsError, TlsVersion, heap_usage};
use requests::transport::{Network, PlatformNetwork};
use requests::{
    BodyReader, CancelToken, CookieJar, Error, Inflater, Part, Request, Response, Retry, Session, Sink,
};
use serde::{Deserialize, Serialize};
use static_cell::StaticCell;
use zephyr::kconfig::{CONFIG_TEST_HOST, CONFIG_TEST_PORT};
use zephyr::printkln;

static ROOTS: [&[u8]; 1] = [include_bytes!("../../../../../samples/https_get/certs/ca.pem")];

/// Prints records as Zephyr's log does. The application decides what becomes of them.
struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let level = match record.level() {
            log::Level::Error => "err",
            log::Level::Warn => "wrn",
            log::Level::Info => "inf",
            _ => "dbg",
        };
        printkln!("<{level}> requests: {}", record.args());
    }

    fn flush(&self) {}
}

/// How many steps have failed.
struct Count(u32);

impl Count {
    fn check(&mut self, step: &str, is_good: bool) {
        if is_good {
            printkln!("passed: {step}");
        } else {
            printkln!("FAILED: {step}");
            self.0 += 1;
        }
    }

    /// A response that has to satisfy a condition.
    fn response(
        &mut self,
        step: &str,
        result: Result<Response<'_>, Error>,
        is_good: impl FnOnce(&Response<'_>) -> bool,
    ) {
        match result {
            Ok(response) => self.check(step, is_good(&response)),
            Err(error) => {
                printkln!("{error}");
                self.check(step, false);
            }
        }
    }
}

/// A URL that ends with NUL, for C.
struct Url([u8; 96], usize);

impl Url {
    /// The URL of a path on the server for HTTP, or for the TLS version of this number.
    fn at(tls: i32, path: &str) -> Self {
        let mut url = Self([0; 96], 0);
        let scheme = if tls == 0 { "http" } else { "https" };
        let port = CONFIG_TEST_PORT as i32 + tls;
        let _ = write!(url, "{scheme}://{CONFIG_TEST_HOST}:{port}{path}");
        url
    }

    /// A URL at a port where nothing listens.
    fn closed() -> Self {
        let mut url = Self([0; 96], 0);
        let _ = write!(url, "http://{CONFIG_TEST_HOST}:9/secret-path");
        url
    }

    fn text(&self) -> &str {
        core::str::from_utf8(&self.0[..self.1]).unwrap_or_default()
    }
}

impl core::fmt::Write for Url {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let end = self.1 + text.len();
        // The last byte stays NUL.
        let room = self.0[..95].get_mut(self.1..end).ok_or(core::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.1 = end;
        Ok(())
    }
}

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
    static BUFFER: StaticCell<[u8; 8192]> = StaticCell::new();

    let _ = log::set_logger(&Logger);
    log::set_max_level(log::LevelFilter::Debug);
    match requests::network_wait(Duration::from_secs(30)) {
        Ok(()) => printkln!("Network: up"),
        Err(error) => printkln!("Network: {error}"),
    }
    let buffer = BUFFER.init([0; 8192]);
    let mut count = Count(0);
    https(&mut count, buffer);
    session(&mut count, buffer);
    content(&mut count, buffer);
    authentication(&mut count, buffer);
    downloads(&mut count, buffer);
    uploads(&mut count, buffer);
    stream(&mut count, buffer);
    cancelling(&mut count, buffer);
    failures(&mut count, buffer);
    in_c(&mut count);
    printkln!("Done: {} failed", count.0);
}

#[inline(never)]
fn https(count: &mut Count, buffer: &mut [u8]) {
    let tls = TlsConfig::new().extra_roots(&ROOTS);
    let (old, new) = (Url::at(1, "/get"), Url::at(2, "/get"));
    let request = |url| requests::get(url).tls(tls).params(&("q", "secret-query")).header("X-Key", "secret-header");
    count.response("TLS 1.2", request(old.text()).send(buffer), |response| {
        response.json_at::<&str>("/args/q") == Ok("secret-query")
    });
    count.response("TLS 1.3", request(new.text()).send(buffer), |response| {
        response.json_at::<&str>("/headers/X-Key") == Ok("secret-header")
    });
    let only_new = requests::get(old.text()).tls(tls.min_version(TlsVersion::Tls13)).send(buffer);
    count.check("TLS 1.2 is refused", matches!(only_new, Err(Error::Tls(_))));
    let builtin = requests::get(new.text()).send(buffer);
    count.check(
        "only built-in authorities",
        matches!(builtin, Err(Error::Tls(TlsError::UnknownIssuer { .. }))),
    );
    count.check("the heap is counted", heap_usage().is_some_and(|heap| heap.peak > 10_000 && heap.used < 1000));
}

#[inline(never)]
fn session(count: &mut Count, buffer: &mut [u8]) {
    let base = Url::at(0, "");
    let mut jar: CookieJar<[u8; 512]> = CookieJar::new();
    let mut session = Session::new().base_url(base.text()).cookies(&mut jar);
    let has_cookie = |response: &Response<'_>| response.json_at::<&str>("/cookies") == Ok("id=42");
    count.response("a cookie of a redirect", session.get("/cookies/set").send(buffer), has_cookie);
    count.response("the cookie jar", session.get("/cookies").send(buffer), has_cookie);
    count.check("one connection", session.connections_opened() == 1 && session.connections_kept() == 1);
}

#[inline(never)]
fn content(count: &mut Count, buffer: &mut [u8]) {
    static INFLATER: StaticCell<Inflater> = StaticCell::new();

    #[derive(Deserialize)]
    struct Content<'a> {
        text: &'a str,
        number: f64,
        list: [u8; 3],
    }

    let inflater = INFLATER.init_with(Inflater::new);
    let url = Url::at(0, "/gzip");
    count.response("gzip and JSON", requests::get(url.text()).decompress(inflater).send(buffer), |response| {
        response.json::<Content<'_>>().is_ok_and(|content| {
            content.text.len() == 1000 && content.number == -1.5 && content.list == [1, 2, 3]
        }) && response.json_at::<i32>("/list/3").is_err()
    });
}

#[inline(never)]
fn authentication(count: &mut Count, buffer: &mut [u8]) {
    let url = Url::at(0, "/digest");
    let request = |password| requests::get(url.text()).digest_auth(("demo", password));
    count.response("Digest", request("secret-password").send(buffer), |response| {
        response.json_at::<&str>("/user") == Ok("demo")
    });
    count.response("Digest with a wrong password", request("secret-typo").send(buffer), |response| {
        response.status_code == 401
    });
}

/// Counts what it is given, which has to be in order.
struct Counter(u64);

impl Sink for Counter {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind> {
        if offset != self.0 {
            return Err(ErrorKind::InvalidInput);
        }
        self.0 += bytes.len() as u64;
        Ok(())
    }
}

fn digest_of(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    for (byte, digits) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(digest)
}

#[inline(never)]
fn downloads(count: &mut Count, buffer: &mut [u8]) {
    let mut digest = None;
    let url = Url::at(0, "/image.sha256");
    count.response("the digest of the image", requests::get(url.text()).send(buffer), |response| {
        digest = response.text().ok().and_then(|text| digest_of(text.get(..64)?));
        digest.is_some()
    });
    let Some(mut digest) = digest else { return };
    let mut sink = Counter(0);
    let url = Url::at(0, "/image.bin");
    let retry = Retry::new(3).backoff(Duration::from_millis(100), Duration::from_secs(1));
    let done = requests::download(url.text(), &mut sink).retry(retry).sha256(digest).send(buffer);
    count.check(
        "a download that is resumed",
        done.is_ok_and(|done| done.len == 100_003 && done.requests == 2) && sink.0 == 100_003,
    );
    digest[0] ^= 1;
    let mut sink = Counter(0);
    let url = Url::at(0, "/whole.bin");
    let done = requests::download(url.text(), &mut sink).attempts(1).sha256(digest).send(buffer);
    count.check("a wrong SHA-256", matches!(done, Err(Error::Sha256Mismatch)));
}

/// Ten bytes at a time.
struct Pieces<'a>(&'a [u8]);

impl BodyReader for Pieces<'_> {
    fn read_body(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let len = self.0.len().min(buffer.len()).min(10);
        let (piece, rest) = self.0.split_at(len);
        buffer[..len].copy_from_slice(piece);
        self.0 = rest;
        Ok(len)
    }
}

#[inline(never)]
fn uploads(count: &mut Count, buffer: &mut [u8]) {
    #[derive(Serialize)]
    struct Key<'a> {
        key: &'a str,
    }

    let url = Url::at(0, "/post");
    let parts = [Part::field("device", "demo"), Part::file("log", "log.csv", b"secret-file")];
    count.response("a form with a file", requests::post(url.text()).files(&parts).send(buffer), |response| {
        response.json_at::<&str>("/files/log") == Ok("secret-file")
            && response.json_at::<&str>("/form/device") == Ok("demo")
    });
    let mut pieces = Pieces(b"secret-body from a reader");
    let request = requests::post(url.text()).body(&mut pieces, None).expect_continue();
    count.response("a body in chunks, after 100 Continue", request.send(buffer), |response| {
        response.json_at::<&str>("/data") == Ok("secret-body from a reader")
    });
    let key = Key { key: "secret-json" };
    count.response("a JSON body", requests::post(url.text()).json(&key).send(buffer), |response| {
        response.json_at::<&str>("/json/key") == Ok("secret-json")
    });
    let url = Url::at(0, "/flaky");
    let retry = Retry::new(3).backoff(Duration::from_millis(100), Duration::from_secs(1));
    count.response("a second attempt", requests::get(url.text()).retry(retry).send(buffer), |response| {
        response.status_code == 200
    });
}

#[inline(never)]
fn stream(count: &mut Count, buffer: &mut [u8]) {
    let url = Url::at(0, "/lines");
    let mut total = (0, 0);
    let stream = requests::get(url.text()).stream(buffer);
    let is_open = stream.is_ok();
    if let Ok(mut stream) = stream {
        let mut lines = stream.iter_lines();
        while let Ok(Some(line)) = lines.next_line() {
            total = (total.0 + 1, total.1 + line.len());
        }
    }
    count.check("a stream", is_open);
    count.check("its lines", total == (3, 11));
}

/// The thread that cancels.
#[zephyr::thread(stack_size = 1024)]
fn cancel_later(token: &'static CancelToken) {
    zephyr::time::sleep(zephyr::time::Duration::millis(300));
    token.cancel();
}

#[inline(never)]
fn cancelling(count: &mut Count, buffer: &mut [u8]) {
    static TOKEN: StaticCell<CancelToken> = StaticCell::new();

    let Ok(token) = CancelToken::new() else { return count.check("a token", false) };
    let token: &CancelToken = TOKEN.init(token);
    let network = PlatformNetwork::default();
    let start = network.now();
    cancel_later(token).start();
    let url = Url::at(0, "/silent");
    let result = requests::get(url.text()).cancel_token(token).send(buffer);
    count.check("another thread cancels", matches!(result, Err(Error::Cancelled { .. })));
    count.check("it ends at once", network.now() - start < 2000);
}

fn failure(request: Request<'_>, buffer: &mut [u8]) -> &'static str {
    request.send(buffer).map_or_else(|error| error.kind(), |_| "none")
}

#[inline(never)]
fn failures(count: &mut Count, buffer: &mut [u8]) {
    let (closed, silent) = (Url::closed(), Url::at(0, "/silent?key=secret-query"));
    count.check("no server", failure(requests::get(closed.text()), buffer) == "connection-refused");
    let silent = requests::get(silent.text()).timeout(Duration::from_millis(500));
    count.check("a time-out", failure(silent, buffer) == "timeout");
    count.check("a URL without a host", failure(requests::get("secret-url"), buffer) == "invalid-url");
}

unsafe extern "C" {
    fn get_in_c(url: *const c_char) -> c_int;
}

fn call_c(url: &Url) -> bool {
    let Ok(text) = CStr::from_bytes_until_nul(&url.0) else { return false };
    // SAFETY: the text ends with NUL, and is read until the function returns.
    unsafe { get_in_c(text.as_ptr()) == 1 }
}

/// The same client from C. It logs why a request fails.
#[inline(never)]
fn in_c(count: &mut Count) {
    count.check("a request in C", call_c(&Url::at(0, "/get")));
    count.check("no server in C", !call_c(&Url::closed()));
}
