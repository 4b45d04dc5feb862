// SPDX-License-Identifier: Apache-2.0
//! GETs an https URL from a server whose certificate is verified, and prints the response.

#![no_std]
// Kconfig options as cfg. cargo does not know which exist.
#![allow(unexpected_cfgs)]

use core::time::Duration;

use requests::tls::{self, TlsConfig};
use zephyr::{kconfig::CONFIG_SAMPLE_URL, printkln};

/// The buffer for the URL and the response: 2 KB of the main thread's stack. If a response is longer, the
/// error says how large the buffer must be.
const BUFFER_SIZE: usize = 2048;

/// The longest time to wait for the network: for the cable, Wi-Fi or modem, and for an address.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(30);

/// The certificates of the trusted authorities, in PEM or DER. They stay in flash.
#[cfg(all(CONFIG_SAMPLE_OWN_CA, not(CONFIG_REQUESTS_TLS_SOCKETS)))]
static ROOTS: [&[u8]; 1] = [include_bytes!("../certs/ca.pem")];

#[cfg(all(CONFIG_SAMPLE_OWN_CA, not(CONFIG_REQUESTS_TLS_SOCKETS)))]
static TLS: TlsConfig<'static> = TlsConfig::new().roots(&ROOTS);

/// Secure sockets know registered authorities only. src/register.c registers them under this security tag.
#[cfg(CONFIG_REQUESTS_TLS_SOCKETS)]
static TLS: TlsConfig<'static> = TlsConfig::new().credentials(&[1]);

#[cfg(CONFIG_REQUESTS_TLS_SOCKETS)]
unsafe extern "C" {
    /// 0, or a negative error code.
    safe fn register_authorities() -> i32;
}

/// The built-in authorities. This is the default, and could be left out here.
#[cfg(not(any(CONFIG_SAMPLE_OWN_CA, CONFIG_REQUESTS_TLS_SOCKETS)))]
static TLS: TlsConfig<'static> = TlsConfig::new();

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
    if let Err(error) = requests::network_wait(NETWORK_TIMEOUT) {
        printkln!("No network: {error}");
        return;
    }
    #[cfg(CONFIG_REQUESTS_TLS_SOCKETS)]
    match register_authorities() {
        0 => {}
        error => printkln!("The authorities cannot be registered: error {error}"),
    }
    let mut buffer = [0; BUFFER_SIZE];
    if let Err(error) = get(&mut buffer) {
        // This includes the names and dates of a refused certificate, which are in the buffer.
        printkln!("The request failed: {}", error.message(&buffer));
    }
    // Only counted with CONFIG_REQUESTS_TLS_HEAP_STATISTICS.
    if let Some(heap) = tls::heap_usage() {
        printkln!("Heap of mbedTLS: {} bytes at most, {} now", heap.peak, heap.used);
    }
}

fn get(buffer: &mut [u8]) -> Result<(), requests::Error> {
    printkln!("GET {CONFIG_SAMPLE_URL}");
    let response = requests::get(CONFIG_SAMPLE_URL).tls(TLS).send(buffer)?;

    printkln!("{} {}", response.status_code, response.reason);
    for header in response.headers()?.lines() {
        printkln!("{header}");
    }
    printkln!("");
    printkln!("{}", response.text()?);
    Ok(())
}
