// SPDX-License-Identifier: Apache-2.0
//! Uploads a photo from a file, with its description, as a browser's form does.
//!
//!     cargo run --example photo_upload URL FILE

use std::fs::File;

use embedded_io_adapters::std::FromStd;
use requests::Part;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(name)) = (arguments.next(), arguments.next()) else {
        return Err("cargo run --example photo_upload URL FILE".into());
    };
    let photo = File::open(&name)?;
    let size = photo.metadata()?.len();
    let mut photo = FromStd::new(photo);
    let parts = [
        Part::field("place", "greenhouse"),
        Part::reader("photo", &name, &mut photo, size).content_type("image/jpeg"),
    ];
    let mut buffer = [0; 4096];
    let response = requests::post(&url).files(&parts).expect_continue().send(&mut buffer)?;
    response.raise_for_status()?;
    println!("{}", response.text()?);
    Ok(())
}
