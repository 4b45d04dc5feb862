// SPDX-License-Identifier: Apache-2.0
//! The module's C code for Zephyr, compiled with headers that have only the names of Zephyr 4.4
//! (`tests/c/zephyr-4.4`). Nothing is run here: `zephyr/tests` does that, in builds of Zephyr.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn compiler() -> Command {
    let mut command = Command::new("cc");
    command
        .current_dir(ROOT)
        .args(["-std=gnu11", "-fsyntax-only", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror"])
        .args(["-D__ZEPHYR__", "-Itests/c/zephyr-4.4"]);
    command
}

/// Compiles a file, and returns what the compiler says against it.
fn compile(command: &mut Command, file: &Path) -> Result<(), String> {
    let output = command.arg(file).output().expect("cc");
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

fn c_files(directory: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(ROOT).join(directory)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "c"));
    files.sort();
    files
}

const OPTIONS: &[&str] = &[
    "-DCONFIG_DNS_RESOLVER=1",
    "-DCONFIG_NET_CONFIG_CLOCK_SNTP_INIT=1",
    "-DCONFIG_NET_CONFIG_SNTP_INIT_SERVER=\"192.0.2.1:123\"",
    "-DCONFIG_NET_CONFIG_SNTP_INIT_TIMEOUT=3000",
    "-DCONFIG_NET_DHCPV4=1",
    "-DCONFIG_NET_DHCPV4_INITIAL_DELAY_MAX=10",
    "-DCONFIG_NET_SOCKETS_DNS_BACKOFF_INTERVAL=5000",
    "-DCONFIG_NET_SOCKETS_OFFLOAD=1",
    "-DCONFIG_NET_TCP_TIME_WAIT_DELAY=1500",
    "-DCONFIG_PSA_CSPRNG_GENERATOR=1",
    "-DCONFIG_REQUESTS_LOG_LEVEL=3",
    "-DCONFIG_TLS_CREDENTIALS=1",
    "-DCONFIG_ZVFS_POLL_MAX=3",
];

#[test]
fn the_port_layer_needs_no_old_names_of_the_network() {
    const IP: &[&[&str]] = &[
        &["-DCONFIG_NET_IPV4=1"],
        &["-DCONFIG_NET_IPV6=1"],
        &["-DCONFIG_NET_IPV4=1", "-DCONFIG_NET_IPV6=1"],
    ];
    const MORE: &[&[&str]] = &[
        &[],
        &[
            "-DCONFIG_REQUESTS_CANCEL=1",
            "-DCONFIG_REQUESTS_CANCEL_TOKENS=2",
            "-DCONFIG_REQUESTS_TLS_SOCKETS=1",
        ],
    ];
    let files = c_files("zephyr/port");
    assert!(files.len() > 8, "{files:?}");
    for file in files {
        for ip in IP {
            for more in MORE {
                // These are part of such builds alone.
                let name = file.file_name().unwrap().to_str().unwrap();
                if more.is_empty() && ["tokens.c", "tls_sockets.c"].contains(&name) {
                    continue;
                }
                let result = compile(compiler().args(OPTIONS).args(*ip).args(*more), &file);
                result.unwrap_or_else(|said| panic!("{ip:?} {more:?}: {said}"));
            }
        }
    }
}

/// What is compiled above is found out to be old.
#[test]
fn the_headers_have_no_old_names() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("old.c");
    for line in
        ["int family = AF_INET;", "struct sockaddr_in address;", "int option = SO_ERROR;", "socklen_t len;"]
    {
        fs::write(&file, format!("#include <zephyr/net/socket.h>\n{line}\n")).unwrap();
        assert!(compile(&mut compiler(), &file).is_err(), "{line}");
    }
}
