// SPDX-License-Identifier: Apache-2.0
//! Follows server-sent events, opens the stream again when it breaks off, and ends when another thread
//! cancels it.

#![no_std]

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;

use requests::transport::{Deadline, Network, PlatformNetwork};
use requests::{CancelToken, Error, EventParser};
use static_cell::StaticCell;
use zephyr::kconfig::{CONFIG_SAMPLE_CANCEL_SECONDS, CONFIG_SAMPLE_SILENCE_SECONDS, CONFIG_SAMPLE_URL};
use zephyr::printkln;

/// The buffer for the URL, the head of the response and the longest line: 1 KB of the main thread's stack.
const BUFFER_SIZE: usize = 1024;

/// The longest time to wait for the network: for the cable, Wi-Fi or modem, and for an address.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(30);

/// The buffer for the largest event: 512 bytes of the main thread's stack.
const EVENT_SIZE: usize = 512;

/// The time limit until the head of the response has arrived.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The longest silence of the server.
const SILENCE: Duration = Duration::from_secs(CONFIG_SAMPLE_SILENCE_SECONDS as u64);

/// The default wait before the stream is opened again, in milliseconds. The stream can set another one.
const RETRY_MS: u32 = 3000;

/// The time at which the token was cancelled, in milliseconds since the start.
static CANCELLED_AT: AtomicU32 = AtomicU32::new(0);

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
    if let Err(error) = requests::network_wait(NETWORK_TIMEOUT) {
        printkln!("No network: {error}");
        return;
    }
    static TOKEN: StaticCell<CancelToken> = StaticCell::new();
    let token: &CancelToken = match CancelToken::new() {
        Ok(token) => TOKEN.init(token),
        Err(error) => {
            printkln!("No token: {error}");
            return;
        }
    };
    cancel_later(token).start();

    printkln!("GET {CONFIG_SAMPLE_URL}");
    let mut room = [0; EVENT_SIZE];
    let mut parser = EventParser::new(&mut room);
    loop {
        match follow(&mut parser, token) {
            Ok(Outlook::Ended) => printkln!("The stream has ended"),
            Ok(Outlook::NoMore) => {
                printkln!("The server has no more events");
                return;
            }
            Err(Error::Cancelled { phase }) => {
                printkln!("Cancelled {} ms ago (phase: {phase})", ms_since_cancelled());
                return;
            }
            Err(error) => printkln!("The stream has failed: {error}"),
        }
        parser.restart();

        let retry_ms = parser.retry_ms().unwrap_or(RETRY_MS);
        printkln!("Opening it again in {retry_ms} ms, behind event {:?}", text(parser.last_id()));
        let mut network = PlatformNetwork::default();
        let until = Deadline::after(network.now(), retry_ms.into()).cancelled_by(token);
        if network.sleep(until).is_err() {
            printkln!("Cancelled {} ms ago, while waiting", ms_since_cancelled());
            return;
        }
    }
}

/// How a stream ended that did not fail.
enum Outlook {
    /// The stream can be opened again.
    Ended,
    /// The server does not want the stream to be opened again.
    NoMore,
}

/// Opens the stream behind the last event, and prints its events.
fn follow(parser: &mut EventParser, token: &CancelToken) -> Result<Outlook, Error> {
    let mut buffer = [0; BUFFER_SIZE];
    let mut request = requests::get(CONFIG_SAMPLE_URL)
        .header("Accept", "text/event-stream")
        .timeout(TIMEOUT)
        .read_timeout(SILENCE)
        .cancel_token(token);
    if !parser.last_id().is_empty() {
        request = request.header("Last-Event-ID", text(parser.last_id()));
    }
    let mut stream = request.stream(&mut buffer)?;
    printkln!("{} {}", stream.status_code, stream.reason);
    stream.raise_for_status()?;
    if stream.status_code == 204 {
        return Ok(Outlook::NoMore);
    }

    let mut lines = stream.iter_lines();
    while let Some(line) = lines.next_line()? {
        match parser.push_line(line) {
            Ok(true) => print_event(parser),
            Ok(false) => {}
            // The event is skipped, and the next one follows.
            Err(too_large) => printkln!("{too_large}"),
        }
    }
    Ok(Outlook::Ended)
}

fn print_event(parser: &EventParser) {
    if let Some(event) = parser.event() {
        printkln!("Event {:?}, {}:", text(event.id), text(event.event));
        for line in text(event.data).lines() {
            printkln!("    {line}");
        }
    }
}

/// The thread that cancels. An interrupt, or a thread with more urgent work for this one, could do the same.
#[zephyr::thread(stack_size = 1024)]
fn cancel_later(token: &'static CancelToken) {
    zephyr::time::sleep(zephyr::time::Duration::secs(CONFIG_SAMPLE_CANCEL_SECONDS as _));
    CANCELLED_AT.store(uptime_ms(), Ordering::Relaxed);
    token.cancel();
}

fn ms_since_cancelled() -> u32 {
    uptime_ms().wrapping_sub(CANCELLED_AT.load(Ordering::Relaxed))
}

/// Milliseconds since the start. They wrap to 0 after 49 days.
fn uptime_ms() -> u32 {
    PlatformNetwork::default().now() as u32
}

fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or("(not UTF-8)")
}
