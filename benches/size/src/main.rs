// SPDX-License-Identifier: Apache-2.0
//! What `samples/get` uses of the crate, without Zephyr around it: `scripts/size` links this alone and measures it.
//!
//! With the feature `json` it reads the answer as JSON too, as the sample does.

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

/// Fetches a URL that only run time knows, and looks at status, reason, headers and content of the answer.
#[unsafe(no_mangle)]
extern "C" fn _start() {
    let mut buffer = [0; 2048];
    match requests::get(black_box("http://192.0.2.2:8000/get")).send(&mut buffer) {
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
