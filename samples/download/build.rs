// SPDX-License-Identifier: Apache-2.0
//! Lets `cfg` see Kconfig options of the build.

use std::{env, fs};

/// The options that the code asks for.
const OPTIONS: &[&str] = &["CONFIG_REQUESTS_TLS"];

fn main() {
    println!("cargo::rerun-if-env-changed=DOTCONFIG");
    let path = env::var("DOTCONFIG").expect("Zephyr's build sets DOTCONFIG");
    println!("cargo::rerun-if-changed={path}");
    let config = fs::read_to_string(&path).expect("Zephyr's build has written its .config");
    for option in OPTIONS {
        println!("cargo::rustc-check-cfg=cfg({option})");
        if config.lines().any(|line| line.strip_prefix(option) == Some("=y")) {
            println!("cargo::rustc-cfg={option}");
        }
    }
}
