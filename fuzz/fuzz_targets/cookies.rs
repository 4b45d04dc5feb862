// SPDX-License-Identifier: Apache-2.0
#![no_main]
#![allow(missing_docs, reason = "a program")]

libfuzzer_sys::fuzz_target!(|data: &[u8]| requests_fuzz::cookies::check(data));
