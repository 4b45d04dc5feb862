// SPDX-License-Identifier: Apache-2.0
//! `scripts/check-layers` finds each kind of violation.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// The output of the script for a crate with these files. It is empty if there is no violation.
fn check(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let python = env::var_os("REQUESTS_TEST_PYTHON").unwrap_or_else(|| "python3".into());
    let output = Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/check-layers"))
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.success(), said.is_empty(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

const ROOT: (&str, &str) = ("lib.rs", "mod sys;\nmod tls;\nmod transport;\n");

#[test]
fn what_uses_only_what_is_below_it_passes() {
    let said = check(&[
        ROOT,
        ("sys/mod.rs", "pub mod c;"),
        ("sys/c.rs", "pub struct Socket;"),
        ("transport/mod.rs", "mod a;\nmod b;\npub use a::A;\npub use b::B;"),
        ("transport/a.rs", "use super::B;\nuse crate::sys::c::Socket;\npub struct A(B, Socket);"),
        (
            "transport/b.rs",
            "/// Of [`A`](super::A).\npub struct B;\n#[cfg(test)]\nmod tests {\n    use super::super::A;\n}",
        ),
        ("tls/mod.rs", "use crate::transport::A;"),
    ]);
    assert_eq!(said, "");
}

#[test]
fn a_layer_that_uses_one_above_it_is_named() {
    let said = check(&[
        ROOT,
        ("sys/mod.rs", "use crate::{config::LIMIT, transport};"),
        ("transport/mod.rs", "pub use stream::Stream;\nmod stream;"),
        ("transport/stream.rs", "pub trait Stream {\n    fn trust(&self) -> crate::tls::Trust;\n}"),
        ("tls/mod.rs", "pub struct Trust;"),
    ]);
    assert!(said.contains("sys/mod.rs uses transport, which is not below sys\n"), "{said}");
    assert!(said.contains("transport/stream.rs uses tls, which is not below transport\n"), "{said}");
}

#[test]
fn a_ring_is_found_through_what_modules_re_export() {
    let said = check(&[
        ROOT,
        ("tls/mod.rs", "mod a;\nmod b;\nmod c;\nuse a::One;\npub use b::Two;\npub use c::Three;"),
        ("tls/a.rs", "pub struct One(super::Two);"),
        ("tls/b.rs", "use crate::tls::{Three, Three as Other};\npub struct Two(Three, Other);"),
        ("tls/c.rs", "use super::One;\npub struct Three(One);"),
    ]);
    assert!(said.contains("part of a ring: tls::a -> tls::b -> tls::c -> tls::a\n"), "{said}");
}

#[test]
fn a_module_and_one_inside_it_can_be_a_ring() {
    let said = check(&[
        ROOT,
        ("tls/mod.rs", "mod a;\npub struct Config;\nfn run() {\n    a::run();\n}"),
        ("tls/a.rs", "use super::Config;\npub fn run() {}"),
    ]);
    assert!(said.contains("part of a ring: tls -> tls::a -> tls\n"), "{said}");
}
