// SPDX-License-Identifier: Apache-2.0
//! GETs a URL and prints the response: status, headers, and two values of its JSON.

#![no_std]

use core::time::Duration;

use serde::Deserialize;
use zephyr::{kconfig::CONFIG_SAMPLE_URL, printkln};

/// The buffer for the URL and the response: 2 KB of the main thread's stack. If a response is longer, the
/// error says how large the buffer must be.
const BUFFER_SIZE: usize = 2048;

/// The longest time to wait for the network: for the cable, Wi-Fi or modem, and for an address.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(30);

/// The part of httpbin's response that is used. The rest is skipped.
#[derive(Deserialize)]
struct Answer<'a> {
    url: &'a str,
    origin: &'a str,
}

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
    if let Err(error) = requests::network_wait(NETWORK_TIMEOUT) {
        printkln!("No network: {error}");
        return;
    }
    if let Err(error) = get() {
        printkln!("The request failed: {error}");
    }
}

fn get() -> Result<(), requests::Error> {
    let mut buffer = [0; BUFFER_SIZE];

    printkln!("GET {CONFIG_SAMPLE_URL}");
    let response = requests::get(CONFIG_SAMPLE_URL).send(&mut buffer)?;

    printkln!("{} {}", response.status_code, response.reason);
    for header in response.headers()?.lines() {
        printkln!("{header}");
    }
    printkln!("");
    match response.json::<Answer>() {
        Ok(answer) => {
            printkln!("url: {}", answer.url);
            printkln!("origin: {}", answer.origin);
        }
        // The server is not httpbin, so print the text.
        Err(_) => printkln!("{}", response.text()?),
    }
    Ok(())
}
