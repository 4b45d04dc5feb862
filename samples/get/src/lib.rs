// SPDX-License-Identifier: Apache-2.0
//! GETs a URL and prints the answer: status, headers, and what of its JSON is of interest.

#![no_std]

use serde::Deserialize;
use zephyr::{kconfig::CONFIG_SAMPLE_URL, printkln};

/// Room for the URL and the response, head and body: 2 KB of the main thread's stack. A longer response is an
/// error that says how much it takes.
const BUFFER_SIZE: usize = 2048;

/// The part of httpbin's answer that is of interest; the rest is skipped.
#[derive(Deserialize)]
struct Answer<'a> {
    url: &'a str,
    origin: &'a str,
}

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
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
        // A server other than httpbin: show what it sent.
        Err(_) => printkln!("{}", response.text()?),
    }
    Ok(())
}
