// SPDX-License-Identifier: Apache-2.0
//! Polls an update server, downloads the image that it names, and reports the result, as clients of
//! Eclipse hawkBit do.
//!
//!     cargo run --example update_poll BASE_URL TOKEN FILE

use std::fs::File;

use requests::{Retry, Session};
use serde::Serialize;

#[derive(Serialize)]
struct Feedback<'a> {
    execution: &'a str,
    bytes: u64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [base_url, token, file] = &arguments[..] else {
        return Err("cargo run --example update_poll BASE_URL TOKEN FILE".into());
    };
    let mut session = Session::new().base_url(base_url).bearer_auth(token).retry(Retry::new(3));
    let mut buffer = [0; 8192];

    let poll = session.get("controller/v1/device42").send(&mut buffer)?;
    poll.raise_for_status()?;
    let Ok(image) = poll.json_at::<&str>("/_links/image/href").map(str::to_owned) else {
        println!("nothing to do");
        return Ok(());
    };

    let done = session.download(&image, &mut File::create(file)?).send(&mut buffer);
    let feedback = match &done {
        Ok(done) => Feedback { execution: "closed", bytes: done.len },
        Err(_) => Feedback { execution: "canceled", bytes: 0 },
    };
    session.post("controller/v1/device42/feedback").json(&feedback).send(&mut buffer)?.raise_for_status()?;
    println!("{} bytes over {} connection(s)", done?.len, session.connections_opened());
    Ok(())
}
