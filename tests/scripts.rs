// SPDX-License-Identifier: Apache-2.0
//! The scripts on machines that lack a command: one line says which, and in which package it is.
#![cfg(target_os = "linux")]

use std::ffi::OsStr;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};
use std::{env, fs};

/// The commands of every Debian, besides the shell.
const BASE: &[&str] = &[
    "bash", "cut", "dirname", "env", "grep", "head", "id", "mktemp", "printf", "rm", "sed", "sort", "tail",
    "uname",
];

/// A machine: a directory with the only commands that are in PATH.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        for name in BASE {
            machine.has(name);
        }
        machine
    }

    /// Adds a command of this machine.
    fn has(&self, name: &str) -> &Self {
        let path = env::var_os("PATH").unwrap();
        let found = env::split_paths(&path).map(|directory| directory.join(name)).find(|path| path.is_file());
        if let Some(path) = found {
            symlink(path, self.0.path().join(name)).unwrap();
        }
        self
    }

    /// Adds a command that is this script.
    fn has_script(&self, name: &str, script: &str) -> &Self {
        let path = self.0.path().join(name);
        fs::write(&path, format!("#!{}\n{script}\n", self.0.path().join("bash").display())).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// A Rust compiler that only prints its arguments and fails.
    fn has_rust(&self) -> &Self {
        self.has_script("rustc", "echo rustc 9.9.9").has_script("cargo", "echo cargo was run: \"$@\"; exit 1")
    }

    fn run(&self, line: &str) -> Output {
        Command::new(self.0.path().join("bash"))
            .args([OsStr::new("-euo"), OsStr::new("pipefail"), OsStr::new("-c"), OsStr::new(line)])
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
            .env_clear()
            .env("PATH", self.0.path())
            .env("HOME", self.0.path())
            .output()
            .unwrap()
    }

    /// The output and errors of the README's first command when it fails.
    fn demo_fails(&self) -> (String, String) {
        let output = self.run("scripts/demo");
        let [printed, errors] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(!output.status.success(), "{printed}{errors}");
        (printed, errors)
    }
}

/// The only line of the error output.
fn only_line(errors: &str) -> &str {
    let mut lines = errors.lines().filter(|line| !line.is_empty());
    let line = lines.next().unwrap_or_default();
    assert_eq!(lines.next(), None, "{errors}");
    line
}

/// A C compiler that makes a program which succeeds.
const CC: &str = r#"while [ "$1" != -o ]; do shift; done; printf '#!/bin/sh\n' >"$2"; /bin/chmod +x "$2""#;

#[test]
fn without_a_compiler_and_without_apt() {
    let machine = Machine::new();
    let (_, errors) = machine.has_rust().demo_fails();
    let line = only_line(&errors);
    assert!(line.starts_with("demo: cc is missing"), "{line}");
    assert!(line.contains("gcc libc6-dev") && line.contains("no apt-get"), "{line}");
}

#[test]
fn apt_that_fails_says_why() {
    for (update, install) in [("exit 0", "E: Unable to locate package gcc"), ("exit 100", "")] {
        let apt = format!(
            "case $1$3$4 in *update*) echo 'Reading'; echo 'E: No network'; {update};; esac; echo Reading; \
             for i in 1 2 3 4 5 6 7 8 9; do echo \"noise $i\"; done; echo '{install}'; exit 100"
        );
        let machine = Machine::new();
        machine.has_rust().has_script("apt-get", &apt).has_script("sudo", "exec \"$@\"");
        let (printed, errors) = machine.demo_fails();
        let line = only_line(&errors);
        assert!(printed.contains("Installing gcc libc6-dev by apt"), "{printed}");
        let why = if install.is_empty() { "E: No network" } else { install };
        assert!(line.starts_with("demo: cc is missing") && line.ends_with(why), "{line}");
    }
}

#[test]
fn a_compiler_without_headers_is_none() {
    let machine = Machine::new();
    machine.has_rust().has_script("cc", "echo 'stdlib.h: No such file or directory' >&2; exit 1");
    let (_, errors) = machine.demo_fails();
    assert!(only_line(&errors).starts_with("demo: cc is missing"), "{errors}");
    // The packages are installed, and it fails as before.
    machine.has_script("apt-get", "exit 0").has_script("sudo", "exec \"$@\"");
    let (_, errors) = machine.demo_fails();
    assert!(only_line(&errors).starts_with("demo: cc does not work"), "{errors}");
}

#[test]
fn a_c_compiler_is_all_that_the_demo_is_built_with() {
    // Neither CMake nor make nor a C++ compiler nor libclang.
    let machine = Machine::new();
    machine.has_rust().has_script("cc", CC);
    let (printed, errors) = machine.demo_fails();
    assert!(printed.contains("cargo was run: build --release --bin requests"), "{printed}{errors}");
    assert!(!printed.contains("Installing"), "{printed}");
}

#[test]
fn without_rust() {
    let machine = Machine::new();
    machine.has_script("cc", CC);
    let (_, errors) = machine.demo_fails();
    let line = only_line(&errors);
    assert!(line.starts_with("demo: rustc 1.") && line.contains("rustc-web cargo-web"), "{line}");

    machine.has_script("rustc", "echo rustc 1.60.0").has_script("rustup", "exit 1");
    let (_, errors) = machine.demo_fails();
    let line = only_line(&errors);
    assert!(line.contains("is missing, and rustup cannot install it"), "{line}");
}

#[test]
fn without_venv_and_without_pip() {
    let machine = Machine::new();
    machine.has_rust().has_script("python3", "exit 1");
    let output = machine
        .run(". scripts/lib.sh; venv=$HOME/venv; REQUESTS_TEST_PYTHON=$venv/bin/python; ensure_httpbin");
    let errors = String::from_utf8(output.stderr).unwrap();
    let line = only_line(&errors);
    assert!(line.contains("venv is missing") && line.contains("python3 python3-venv"), "{line}");

    let pip = machine.0.path().join("pip");
    machine
        .has_script("pip", "exit 1")
        .has_script("mkdir", "exec /bin/mkdir \"$@\"")
        .has_script("cp", "exec /bin/cp \"$@\"");
    machine.has_script(
        "python3",
        &format!("case $2 in venv) mkdir -p \"$3/bin\"; cp {} \"$3/bin/pip\";; esac", pip.display()),
    );
    let output = machine
        .run(". scripts/lib.sh; venv=$HOME/venv; REQUESTS_TEST_PYTHON=$venv/bin/python; ensure_httpbin");
    let errors = String::from_utf8(output.stderr).unwrap();
    let line = only_line(&errors);
    assert!(line.contains("httpbin and gunicorn are missing"), "{line}");
}
