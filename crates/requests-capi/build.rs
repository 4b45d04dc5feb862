// SPDX-License-Identifier: Apache-2.0
//! Writes `requests.pc` beside the library, for pkg-config.

use std::path::Path;
use std::{env, fs};

/// The libraries that Rust's standard library needs on Linux: `cargo rustc -- --print
/// native-static-libs`.
const SYSTEM_LIBRARIES: &str = "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_HOST").is_none() {
        return;
    }
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"));
    let manifest_dir = variable("CARGO_MANIFEST_DIR");
    let include = Path::new(&manifest_dir).join("../../include");
    // Only the repository contains the header. Only `cargo package` compiles the package without
    // it.
    let Ok(include) = include.canonicalize() else { return };
    // <target>/<profile>/build/requests-capi-<hash>/out
    let out_dir = variable("OUT_DIR");
    let profile_dir = Path::new(&out_dir).ancestors().nth(3).expect("OUT_DIR is three folders deep");
    let text = format!(
        "# For programs in C that are built on this machine; see docs/c.md.\n\
         includedir={}\n\
         \n\
         Name: requests\n\
         Description: HTTP client that needs no heap\n\
         Version: {}\n\
         Cflags: -I${{includedir}}\n\
         Libs: ${{pcfiledir}}/librequests_capi.a {SYSTEM_LIBRARIES}\n",
        include.display(),
        variable("CARGO_PKG_VERSION"),
    );
    fs::write(profile_dir.join("requests.pc"), text).expect("the target directory is writable");
}
