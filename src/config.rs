// SPDX-License-Identifier: Apache-2.0
//! Limits that are fixed when the crate is compiled.
//!
//! On Zephyr, each is the Kconfig option of the same name with the prefix `CONFIG_REQUESTS_`.
//! Elsewhere, it has the value shown here.

include!(concat!(env!("OUT_DIR"), "/limits.rs"));
