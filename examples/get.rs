// SPDX-License-Identifier: Apache-2.0
//! Fetches a URL and prints the response.
//!
//!     cargo run --example get [URL]

fn main() -> Result<(), requests::Error> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "https://httpbin.org/get".to_owned());
    let mut buffer = [0; 16 * 1024];
    let r = requests::get(&url).params(&(("q", "two words"), ("count", 5))).send(&mut buffer)?;
    println!("{} {}", r.status_code, r.reason);
    for field in r.header_fields() {
        println!("{}: {}", field.name, String::from_utf8_lossy(field.value));
    }
    println!("\n{}", r.text()?);
    Ok(())
}
