// SPDX-License-Identifier: Apache-2.0
//! POSTs a struct as JSON and reads it back from the JSON response.

#![no_std]

use core::time::Duration;

use serde::{Deserialize, Serialize};
use zephyr::{kconfig::CONFIG_SAMPLE_URL, printkln};

/// The buffer for the URL and the larger of the request's JSON and the response: 2 KB of the main thread's
/// stack.
const BUFFER_SIZE: usize = 2048;

/// The longest time to wait for the network: for the cable, Wi-Fi or modem, and for an address.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(30);

/// An example of a report. The text in the response is borrowed from the buffer. A `heapless::String` instead
/// of the `&str` would copy it, and accept strings with escapes too.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Reading<'a> {
    sensor: &'a str,
    millidegrees: i32,
    samples: [u16; 3],
    valid: bool,
}

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
    if let Err(error) = requests::network_wait(NETWORK_TIMEOUT) {
        printkln!("No network: {error}");
        return;
    }
    if let Err(error) = post() {
        printkln!("The request failed: {error}");
    }
}

fn post() -> Result<(), requests::Error> {
    let mut buffer = [0; BUFFER_SIZE];
    let reading = Reading { sensor: "boiler", millidegrees: -1250, samples: [7, 8, 9], valid: true };

    printkln!("POST {CONFIG_SAMPLE_URL}");
    let response = requests::post(CONFIG_SAMPLE_URL).json(&reading).send(&mut buffer)?;

    printkln!("{} {}", response.status_code, response.reason);
    for header in response.headers()?.lines() {
        printkln!("{header}");
    }
    printkln!("");
    response.raise_for_status()?;

    // httpbin returns the received JSON under "json".
    let echo: Reading = response.json_at("/json")?;
    printkln!("json: {echo:?}");
    if echo == reading {
        printkln!("The server received what was sent.");
    } else {
        printkln!("The server received something else: {reading:?} was sent.");
    }
    Ok(())
}
