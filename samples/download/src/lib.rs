// SPDX-License-Identifier: Apache-2.0
//! Downloads an image into a flash partition, checks its digest, and boots it if there is MCUboot.

#![no_std]
// Kconfig options as cfg. cargo does not know which exist.
#![allow(unexpected_cfgs)]

mod flash;

use core::fmt;
use core::time::Duration;

use embedded_io::ErrorKind;
use requests::{Error, Request, Sink};
use sha2::{Digest, Sha256};
use zephyr::kconfig::{CONFIG_SAMPLE_ATTEMPTS, CONFIG_SAMPLE_PIECE, CONFIG_SAMPLE_SHA256, CONFIG_SAMPLE_URL};
use zephyr::printkln;

use crate::flash::Partition;

/// The buffer for the URL and the head of a response, 2 KB of the main thread's stack. The image passes
/// through the rest.
const BUFFER_SIZE: usize = 2048;

/// The longest time to wait for the network: for the cable, Wi-Fi or modem, and for an address.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(30);

/// The number of bytes between two lines about the progress.
const PROGRESS: u64 = 32 * 1024;

/// The certificate of the authority to be trusted. It stays in flash.
#[cfg(CONFIG_REQUESTS_TLS)]
static ROOTS: [&[u8]; 1] = [include_bytes!("../certs/ca.pem")];

/// Why there is no new image.
enum Failure {
    Request(Error),
    Flash(ErrorKind),
    /// Neither Kconfig nor the server has 64 hexadecimal digits.
    NoDigest,
    /// The flash does not contain what was written to it.
    FlashDiffers,
}

#[unsafe(no_mangle)]
extern "C" fn rust_main() {
    if let Err(error) = requests::network_wait(NETWORK_TIMEOUT) {
        printkln!("No network: {error}");
        return;
    }
    if let Err(failure) = update() {
        printkln!("No new image: {failure}");
    }
    // Only counted with CONFIG_REQUESTS_TLS_HEAP_STATISTICS.
    #[cfg(CONFIG_REQUESTS_TLS)]
    if let Some(heap) = requests::tls::heap_usage() {
        printkln!("Heap of mbedTLS: {} bytes at most, {} now", heap.peak, heap.used);
    }
}

fn update() -> Result<(), Failure> {
    let mut buffer = [0; BUFFER_SIZE];
    let digest = expected_digest(&mut buffer)?;
    let mut partition = Partition::open().map_err(Failure::Flash)?;

    printkln!("GET {CONFIG_SAMPLE_URL}");
    let mut next = PROGRESS;
    let mut on_progress = |received: u64, len: Option<u64>| {
        if received >= next {
            next = received + PROGRESS;
            printkln!("{received} of {} bytes", len.unwrap_or(0));
        }
    };
    let mut download = get(CONFIG_SAMPLE_URL).download(&mut partition);
    if CONFIG_SAMPLE_PIECE > 0 {
        download = download.piece(CONFIG_SAMPLE_PIECE as u64);
    }
    let done = download
        .attempts(CONFIG_SAMPLE_ATTEMPTS as u16)
        .sha256(digest)
        .on_progress(&mut on_progress)
        .send(&mut buffer)
        .map_err(Failure::Request)?;
    printkln!("Downloaded {} bytes, requests: {}", done.len, done.requests);

    // The client has checked the bytes received. This checks the flash.
    if digest_of(&mut partition, done.len, &mut buffer).map_err(Failure::Flash)? != digest {
        return Err(Failure::FlashDiffers);
    }
    printkln!("The image in the flash has the right SHA-256");

    match partition.boot() {
        ErrorKind::Unsupported => printkln!("Built without MCUboot: the image stays where it is"),
        kind => printkln!("MCUboot was not asked to boot it: {kind}"),
    }
    Ok(())
}

/// The digest in the configuration, or the one on the server.
fn expected_digest(buffer: &mut [u8]) -> Result<[u8; 32], Failure> {
    if !CONFIG_SAMPLE_SHA256.is_empty() {
        return from_hex(CONFIG_SAMPLE_SHA256).ok_or(Failure::NoDigest);
    }
    let mut url = heapless::String::<256>::new();
    for part in [CONFIG_SAMPLE_URL, ".sha256"] {
        url.push_str(part).map_err(|_| Failure::NoDigest)?;
    }
    printkln!("GET {url}");
    let response = get(&url).send(buffer).map_err(Failure::Request)?;
    response.raise_for_status().map_err(Failure::Request)?;
    // The format of sha256sum: digits, space, name.
    let text = response.text().map_err(Failure::Request)?;
    text.split_whitespace().next().and_then(from_hex).ok_or(Failure::NoDigest)
}

/// Starts a request. A build with TLS trusts only the authority in `ROOTS`.
fn get(url: &str) -> Request<'_> {
    let request = requests::get(url);
    #[cfg(CONFIG_REQUESTS_TLS)]
    let request = request.tls(requests::tls::TlsConfig::new().roots(&ROOTS));
    request
}

/// Reads 64 hexadecimal digits.
fn from_hex(digits: &str) -> Option<[u8; 32]> {
    let mut digits = digits.chars();
    let mut digest = [0; 32];
    for byte in &mut digest {
        let (high, low) = (digits.next()?.to_digit(16)?, digits.next()?.to_digit(16)?);
        *byte = (high << 4 | low) as u8;
    }
    digits.next().is_none().then_some(digest)
}

/// Reads the first `len` bytes of the partition again.
fn digest_of(partition: &mut Partition, len: u64, buffer: &mut [u8]) -> Result<[u8; 32], ErrorKind> {
    let mut digest = Sha256::new();
    let mut offset = 0;
    while offset < len {
        let count = partition.read_at(offset, buffer)?;
        // Behind the image is the padding of its last block.
        let count = count.min(usize::try_from(len - offset).unwrap_or(count));
        digest.update(buffer.get(..count).unwrap_or_default());
        offset += count as u64;
    }
    Ok(digest.finalize().into())
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => write!(f, "{error}"),
            Self::Flash(kind) => write!(f, "the flash failed: {kind}"),
            Self::NoDigest => f.write_str("there is no SHA-256 digest to compare it with"),
            Self::FlashDiffers => f.write_str("the flash does not contain what was written to it"),
        }
    }
}
