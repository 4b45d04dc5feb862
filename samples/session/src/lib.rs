// SPDX-License-Identifier: Apache-2.0
//! Polls an API every few seconds over one connection that is kept, and prints the state of the connection.

#![no_std]
// Kconfig options as cfg. cargo does not know which exist.
#![allow(unexpected_cfgs)]

use core::time::Duration;

use requests::Session;
#[cfg(CONFIG_REQUESTS_TLS)]
use requests::tls::{self, TlsConfig};
use zephyr::kconfig::{
    CONFIG_SAMPLE_INTERVAL_SECONDS, CONFIG_SAMPLE_PATH, CONFIG_SAMPLE_POLLS, CONFIG_SAMPLE_URL,
};
use zephyr::printkln;

/// The buffer for the URL and the response: 2 KB of the main thread's stack. If a response is longer, the
/// error says how large the buffer must be.
const BUFFER_SIZE: usize = 2048;

/// The longest time to wait for the network: for the cable, Wi-Fi or modem, and for an address.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(30);

/// The time limit of a poll, including a new connection and a second attempt if the kept one is stale.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The certificates of the trusted authorities. They stay in flash.
#[cfg(CONFIG_REQUESTS_TLS)]
static ROOTS: [&[u8]; 1] = [include_bytes!("../certs/ca.pem")];

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
    if let Err(error) = requests::network_wait(NETWORK_TIMEOUT) {
        printkln!("No network: {error}");
        return;
    }
    let mut session =
        Session::new().base_url(CONFIG_SAMPLE_URL).headers(&[("X-Device", "demo")]).timeout(TIMEOUT);
    #[cfg(CONFIG_REQUESTS_TLS)]
    {
        session = session.tls(TlsConfig::new().roots(&ROOTS));
    }

    printkln!("Polling {CONFIG_SAMPLE_PATH} of {CONFIG_SAMPLE_URL} every {CONFIG_SAMPLE_INTERVAL_SECONDS} s");
    let mut number = 0;
    loop {
        number += 1;
        poll(&mut session, number);
        if number == CONFIG_SAMPLE_POLLS as usize {
            break;
        }
        zephyr::time::sleep(zephyr::time::Duration::secs(CONFIG_SAMPLE_INTERVAL_SECONDS as _));
    }

    print_heap();
    printkln!("Done: {number} polls, connections opened: {}", session.connections_opened());
}

fn poll(session: &mut Session, number: usize) {
    let mut buffer = [0; BUFFER_SIZE];
    let opened_before = session.connections_opened();
    let had_kept = session.connections_kept() > 0;

    let response = session.get(CONFIG_SAMPLE_PATH).send(&mut buffer);

    let opened = session.connections_opened();
    let connection = match (opened - opened_before, had_kept) {
        (0, _) => "the same",
        (_, false) => "a new one",
        // The server closed it, or it was idle for longer than the server or the session allows. No poll
        // fails because of that.
        (_, true) => "a new one, the kept one has ended",
    };
    match response {
        Ok(response) => {
            let (status, reason) = (response.status_code, response.reason);
            printkln!("{number}: {status} {reason}, connection {opened} ({connection})");
            // There is a reason unless the connection is kept for the next poll.
            if let Some(reason) = session.close_reason() {
                printkln!("{number}: closed, as {reason}");
            }
        }
        // The server or the network is down. The next poll tries again.
        Err(error) => printkln!("{number}: failed: {}", error.message(&buffer)),
    }
}

/// Prints the usage of mbedTLS's heap while the connection is kept.
fn print_heap() {
    #[cfg(CONFIG_REQUESTS_TLS)]
    if let Some(heap) = tls::heap_usage() {
        printkln!("Heap of mbedTLS: {} bytes at most, {} now", heap.peak, heap.used);
    }
}
