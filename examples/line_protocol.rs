// SPDX-License-Identifier: Apache-2.0
//! Writes measurements to a time series database by InfluxDB's line protocol, with retries.
//!
//!     cargo run --example line_protocol URL TOKEN

use std::time::Duration;

use requests::{Retry, Session};

fn main() -> Result<(), requests::Error> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "http://127.0.0.1:8086/".to_owned());
    let token = format!("Token {}", arguments.next().unwrap_or_default());
    let headers = [("Authorization", token.as_str()), ("Content-Type", "text/plain; charset=utf-8")];
    // Writing the same point twice has no further effect, so a POST may be repeated.
    let retry =
        Retry::new(5).backoff(Duration::from_millis(500), Duration::from_secs(10)).jitter().any_method();
    let mut session = Session::new().base_url(&url).headers(&headers).retry(retry);
    let mut buffer = [0; 2048];
    for (second, celsius) in [21.4, 21.5, 21.7].into_iter().enumerate() {
        let lines = format!("air,room=lab temperature={celsius} {}\n", 1_700_000_000 + second);
        let response = session
            .post("api/v2/write")
            .params(&[("org", "garden"), ("bucket", "climate"), ("precision", "s")])
            .data(lines.as_bytes())
            .send(&mut buffer)?;
        response.raise_for_status()?;
    }
    println!("3 points over {} connection(s)", session.connections_opened());
    Ok(())
}
