// SPDX-License-Identifier: Apache-2.0
//! What the fuzz targets check. Each module has one function, `check`, which panics if a property does not hold for
//! its input. `fuzz_targets` calls them from libFuzzer, and `tests/corpus.rs` with the files in `corpus`.
//!
//! Most inputs begin with a few bytes of parameters. The rest is text, so that a person can read and write it.

pub mod c_api;
pub mod chunked;
pub mod cookies;
#[cfg(fuzzing)]
pub mod der_pem;
pub mod digest;
pub mod download;
pub mod events;
pub mod exchange;
pub mod fields;
pub mod inflate;
mod input;
pub mod json_read;
pub mod json_write;
pub mod multipart;
mod network;
pub mod response_head;
pub mod session_import;
pub mod tls;
pub mod url;
