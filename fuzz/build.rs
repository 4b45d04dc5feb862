// SPDX-License-Identifier: Apache-2.0
//! Compiles the part of the targets that is in C.

fn main() {
    println!("cargo::rerun-if-changed=c");
    cc::Build::new().file("c/c_api.c").include("../include").warnings(true).compile("fuzz_c_api");
}
