// SPDX-License-Identifier: Apache-2.0
//! Downloads a file, resumes when the connection drops, and prints the progress.
//!
//!     cargo run --example download URL FILE

use std::fs::File;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(name)) = (arguments.next(), arguments.next()) else {
        return Err("cargo run --example download URL FILE".into());
    };
    let mut file = File::create(name)?;
    let mut buffer = [0; 16 * 1024];
    let mut show = |received: u64, len: Option<u64>| match len {
        Some(len) => eprint!("\r{received} of {len} bytes"),
        None => eprint!("\r{received} bytes"),
    };
    let done = requests::download(&url, &mut file).on_progress(&mut show).send(&mut buffer)?;
    eprintln!();
    println!("{} bytes by {} request(s)", done.len, done.requests);
    Ok(())
}
