// SPDX-License-Identifier: Apache-2.0
//! Uploads a file and a form field as `multipart/form-data`.

#![no_std]

use core::time::Duration;

use heapless::String;
use requests::Part;
use zephyr::{kconfig::CONFIG_SAMPLE_URL, printkln};

/// The buffer for the URL and the response: 2 KB of the main thread's stack. The upload only passes through
/// it, whatever its size is.
const BUFFER_SIZE: usize = 2048;

/// The longest time to wait for the network: for the cable, Wi-Fi or modem, and for an address.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(30);

/// The file. A device would read it from flash: see [`Part::reader`].
const LOG: &str = "time,millidegrees\n0,20125\n60,20250\n120,20375\n";

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
    if let Err(error) = requests::network_wait(NETWORK_TIMEOUT) {
        printkln!("No network: {error}");
        return;
    }
    if let Err(error) = upload() {
        printkln!("The request failed: {error}");
    }
}

fn upload() -> Result<(), requests::Error> {
    let mut buffer = [0; BUFFER_SIZE];
    let parts = [
        Part::field("device", "demo"),
        Part::file("log", "log.csv", LOG.as_bytes()).content_type("text/csv"),
    ];

    printkln!("POST {CONFIG_SAMPLE_URL}");
    let response = requests::post(CONFIG_SAMPLE_URL).files(&parts).send(&mut buffer)?;

    printkln!("{} {}", response.status_code, response.reason);
    for header in response.headers()?.lines() {
        printkln!("{header}");
    }
    printkln!("");
    response.raise_for_status()?;

    // httpbin returns the received parts under "form" and "files". A string with escapes, such as line ends,
    // must be copied to be read. A string without escapes can be borrowed.
    let device: &str = response.json_at("/form/device")?;
    let log: String<{ LOG.len() }> = response.json_at("/files/log")?;
    printkln!("form: device = {device}");
    printkln!("files: log = {log}");
    if device == "demo" && log == LOG {
        printkln!("The server received what was sent.");
    } else {
        printkln!("The server received something else.");
    }
    Ok(())
}
