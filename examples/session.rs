// SPDX-License-Identifier: Apache-2.0
//! Polls an API over one connection, with a header and credentials that all requests share.
//!
//!     cargo run --example session [BASE_URL]

use requests::Session;

fn main() -> Result<(), requests::Error> {
    let base_url = std::env::args().nth(1).unwrap_or_else(|| "https://httpbin.org/".to_owned());
    let mut buffer = [0; 4096];
    let mut session = Session::new()
        .base_url(&base_url)
        .headers(&[("X-Device", "42")])
        .bearer_auth("a-token-for-this-origin-only");
    for poll in 1..=3 {
        let r = session.get("bearer").send(&mut buffer)?;
        println!("poll {poll}: {} {}, {} bytes", r.status_code, r.reason, r.content().len());
    }
    println!("{} connection(s) opened", session.connections_opened());
    Ok(())
}
