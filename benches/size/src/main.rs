// SPDX-License-Identifier: Apache-2.0
//! What an application uses of the crate, without Zephyr around it: `scripts/size` links this alone and measures it.
//!
//! Without features it does what `samples/get` does but for JSON. Each feature adds, or does instead, what its name
//! says.

#![no_std]
#![no_main]

use core::hint::black_box;

/// Nothing is formatted, so that what is measured is the client and not `core::fmt`.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

#[cfg(feature = "json")]
#[derive(serde::Deserialize)]
struct Answer<'a> {
    url: &'a str,
    origin: &'a str,
}

/// A URL that only run time knows.
fn url() -> &'static str {
    black_box("http://192.0.2.2:8000/get")
}

/// Looks at status, reason, headers and content of an answer.
#[cfg(not(any(feature = "stream", feature = "download")))]
fn look_at(result: Result<requests::Response<'_>, requests::Error>) {
    match result {
        Ok(response) => {
            black_box((response.status_code, response.reason, response.headers().ok()));
            #[cfg(feature = "json")]
            black_box(response.json::<Answer<'_>>().ok().map(|answer| (answer.url, answer.origin)));
            black_box(response.text().ok());
        }
        Err(error) => {
            black_box(error);
        }
    }
}

#[cfg(not(any(feature = "session", feature = "stream", feature = "download", feature = "all")))]
fn run(buffer: &mut [u8]) {
    look_at(requests::get(url()).send(buffer));
}

#[cfg(feature = "session")]
fn run(buffer: &mut [u8]) {
    let mut session = requests::Session::new();
    look_at(session.get(url()).send(buffer));
    look_at(session.get(url()).send(buffer));
}

#[cfg(feature = "stream")]
fn run(buffer: &mut [u8]) {
    if let Ok(mut stream) = requests::get(url()).stream(buffer) {
        black_box(stream.status_code);
        let mut lines = stream.iter_lines();
        while let Ok(Some(line)) = lines.next_line() {
            black_box(line);
        }
    }
}

#[cfg(feature = "download")]
fn run(buffer: &mut [u8]) {
    let mut image = [0; 1024];
    black_box(requests::download(url(), &mut image).send(buffer).map(|done| done.len).ok());
    black_box(image);
}

/// What an application does that uses all of it.
#[cfg(feature = "all")]
fn run(buffer: &mut [u8]) {
    look_at(requests::get(url()).send(buffer));
    let mut session = requests::Session::new();
    look_at(session.get(url()).send(buffer));
    if let Ok(mut stream) = session.get(url()).stream(buffer) {
        let mut lines = stream.iter_lines();
        while let Ok(Some(line)) = lines.next_line() {
            black_box(line);
        }
    }
    let mut image = [0; 1024];
    black_box(session.download(url(), &mut image).send(buffer).map(|done| done.len).ok());
    black_box(image);
}

#[unsafe(no_mangle)]
extern "C" fn _start() {
    run(&mut [0; 2048]);
}
