// SPDX-License-Identifier: Apache-2.0
//! Uploads a photo from a file, with a description, as a browser's form does.
//!
//!     cargo run --example photo_upload URL FILE

use std::fs::File;
use std::path::Path;

use requests::{IoReader, Part};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(name)) = (arguments.next(), arguments.next()) else {
        return Err("cargo run --example photo_upload URL FILE".into());
    };
    let photo = File::open(&name)?;
    let size = photo.metadata()?.len();
    let mut buffer = [0; 4096];
    let response = requests::post(&url)
        .files(&[
            Part::field("place", "greenhouse"),
            Part::reader("photo", filename(&name), &mut IoReader(photo), size).content_type("image/jpeg"),
        ])
        .expect_continue()
        .send(&mut buffer)?;
    response.raise_for_status()?;
    println!("{}", response.text()?);
    Ok(())
}

/// The file name without its folders, which the server need not know.
fn filename(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}
