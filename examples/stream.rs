// SPDX-License-Identifier: Apache-2.0
//! Prints a response line by line while it arrives. The response may have any length.
//!
//!     cargo run --example stream [URL]

fn main() -> Result<(), requests::Error> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "https://httpbin.org/stream/3".to_owned());
    let mut buffer = [0; 4096];
    let mut stream = requests::get(&url).stream(&mut buffer)?;
    stream.raise_for_status()?;
    let mut lines = stream.iter_lines();
    while let Some(line) = lines.next_text()? {
        println!("{line}");
    }
    Ok(())
}
