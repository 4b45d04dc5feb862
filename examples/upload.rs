// SPDX-License-Identifier: Apache-2.0
//! Uploads a file as a form does, without reading all of it into memory.
//!
//!     cargo run --example upload FILE [URL]

use std::fs::File;
use std::path::Path;

use requests::{IoReader, Part};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).ok_or("which file?")?;
    let url = std::env::args().nth(2).unwrap_or_else(|| "https://httpbin.org/post".to_owned());
    let file = File::open(&name)?;
    let len = file.metadata()?.len();
    let mut buffer = [0; 4096];
    let r = requests::post(&url)
        .files(&[
            Part::field("comment", "by an example"),
            Part::reader("file", filename(&name), &mut IoReader(file), len),
        ])
        .stream(&mut buffer)?;
    println!("{} {}", r.status_code, r.reason);
    Ok(())
}

/// The file name without its folders, which the server need not know.
fn filename(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}
