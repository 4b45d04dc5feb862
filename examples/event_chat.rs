// SPDX-License-Identifier: Apache-2.0
//! Follows a chat by server-sent events, and connects again when the connection ends.
//!
//!     cargo run --example event_chat URL

use std::time::Duration;

use requests::{Error, EventParser};

fn main() -> Result<(), Error> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "http://127.0.0.1:8000/events".to_owned());
    let mut event_buffer = [0; 2048];
    let mut events = EventParser::new(&mut event_buffer);
    loop {
        match follow(&url, &mut events) {
            Ok(()) => println!("(the server ended the stream)"),
            Err(error @ Error::Status(_)) => return Err(error),
            Err(error) => println!("({error})"),
        }
        std::thread::sleep(Duration::from_millis(events.retry_ms().unwrap_or(3000).into()));
        events.restart();
    }
}

fn follow(url: &str, events: &mut EventParser<'_>) -> Result<(), Error> {
    let mut buffer = [0; 4096];
    let last_id = core::str::from_utf8(events.last_id()).unwrap_or_default();
    let mut stream = requests::get(url)
        .header("Accept", "text/event-stream")
        .header("Last-Event-ID", last_id)
        .read_timeout(Duration::from_secs(60))
        .stream(&mut buffer)?;
    stream.raise_for_status()?;
    let mut lines = stream.iter_lines();
    loop {
        match lines.next_line() {
            Ok(None) => return Ok(()),
            Ok(Some(line)) => {
                if events.push_line(line) == Ok(true)
                    && let Some(message) = events.event()
                {
                    println!("{}", message.data_str().unwrap_or("(not text)"));
                }
            }
            // The line is lost, and so is its event.
            Err(Error::BufferTooSmall { .. }) => events.skip_event(),
            Err(error) => return Err(error),
        }
    }
}
