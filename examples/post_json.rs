// SPDX-License-Identifier: Apache-2.0
//! Sends a struct as JSON and reads one value of the response.
//!
//!     cargo run --example post_json [URL]

use serde::Serialize;

#[derive(Serialize)]
struct Reading {
    id: u32,
    value: f32,
}

fn main() -> Result<(), requests::Error> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "https://httpbin.org/post".to_owned());
    let mut buffer = [0; 4096];
    let reading = Reading { id: 1, value: 21.5 };
    let r = requests::post(&url).json(&reading).header("X-Source", "example").send(&mut buffer)?;
    r.raise_for_status()?;
    println!("the server has read the value {}", r.json_at::<f32>("/json/value")?);
    Ok(())
}
