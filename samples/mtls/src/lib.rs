// SPDX-License-Identifier: Apache-2.0
//! POSTs JSON to a server that requires a certificate of the device (mutual TLS), and prints the response.

#![no_std]

use core::time::Duration;

use requests::tls::TlsConfig;
use serde::Serialize;
use zephyr::{kconfig::CONFIG_SAMPLE_URL, printkln};

/// The buffer for the URL and the larger of the request's JSON and the response: 2 KB of the main thread's
/// stack.
const BUFFER_SIZE: usize = 2048;

/// The longest time to wait for the network: for the cable, Wi-Fi or modem, and for an address.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(30);

/// The certificates of the trusted authorities, in PEM or DER.
static ROOTS: [&[u8]; 1] = [include_bytes!("../certs/ca.pem")];

/// The device's certificate and key, in PEM or DER.
///
/// They are compiled in, so they are the same in every device, and anybody who has the image has the key. A
/// product has a key for each device, made in the device or at the factory. The slices may be in any memory
/// that can be read.
static CERTIFICATE: &[u8] = include_bytes!("../certs/client.pem");
static KEY: &[u8] = include_bytes!("../certs/client-test-only.key");

static TLS: TlsConfig<'static> = TlsConfig::new().roots(&ROOTS).identity(CERTIFICATE, KEY);

/// An example of a report.
#[derive(Serialize)]
struct Reading<'a> {
    sensor: &'a str,
    millidegrees: i32,
}

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
    if let Err(error) = requests::network_wait(NETWORK_TIMEOUT) {
        printkln!("No network: {error}");
        return;
    }
    let mut buffer = [0; BUFFER_SIZE];
    if let Err(error) = post(&mut buffer) {
        // This includes the names and dates of a refused certificate, which are in the buffer.
        printkln!("The request failed: {}", error.message(&buffer));
    }
    // Only counted with CONFIG_REQUESTS_TLS_HEAP_STATISTICS.
    if let Some(heap) = requests::tls::heap_usage() {
        printkln!("Heap of mbedTLS: {} bytes at most, {} now", heap.peak, heap.used);
    }
}

fn post(buffer: &mut [u8]) -> Result<(), requests::Error> {
    let reading = Reading { sensor: "boiler", millidegrees: -1250 };

    printkln!("POST {CONFIG_SAMPLE_URL}");
    let response = requests::post(CONFIG_SAMPLE_URL).tls(TLS).json(&reading).send(buffer)?;

    printkln!("{} {}", response.status_code, response.reason);
    for header in response.headers()?.lines() {
        printkln!("{header}");
    }
    printkln!("");
    printkln!("{}", response.text()?);
    Ok(())
}
