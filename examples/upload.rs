// SPDX-License-Identifier: Apache-2.0
//! Uploads a file as a form does, without reading it into memory.
//!
//!     cargo run --example upload FILE [URL]

use std::fs::File;

use embedded_io_adapters::std::FromStd;
use requests::Part;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).ok_or("which file?")?;
    let url = std::env::args().nth(2).unwrap_or_else(|| "https://httpbin.org/post".to_owned());
    let file = File::open(&name)?;
    let len = file.metadata()?.len();
    let mut file = FromStd::new(file);
    let mut buffer = [0; 4096];
    let parts = [Part::field("comment", "by an example"), Part::reader("file", &name, &mut file, len)];
    let r = requests::post(&url).files(&parts).stream(&mut buffer)?;
    println!("{} {}", r.status_code, r.reason);
    Ok(())
}
