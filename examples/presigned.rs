// SPDX-License-Identifier: Apache-2.0
//! Puts an object into storage by a presigned URL, and gets it back by another one. Such a URL is
//! the permission itself, so the requests have no credentials.
//!
//!     cargo run --example presigned PUT_URL GET_URL

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(put), Some(get)) = (arguments.next(), arguments.next()) else {
        return Err("cargo run --example presigned PUT_URL GET_URL".into());
    };
    let report = b"temperature,21.5\n";
    let mut buffer = [0; 4096];
    // The signature covers the content type: send the one that the URL was created for.
    requests::put(&put)
        .header("Content-Type", "text/csv")
        .data(report)
        .send(&mut buffer)?
        .raise_for_status()?;
    let response = requests::get(&get).send(&mut buffer)?;
    response.raise_for_status()?;
    assert_eq!(response.content(), report);
    println!("{} bytes stored and read back", report.len());
    Ok(())
}
