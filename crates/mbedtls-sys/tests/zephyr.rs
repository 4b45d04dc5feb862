// SPDX-License-Identifier: Apache-2.0
//! The module's C code for mbedTLS on Zephyr, compiled with the headers of the mbedTLS that this build is linked with
//! and with stubs of Zephyr's (`tests/c/zephyr-4.4` in the root). mbedTLS checks its configuration thereby.
#![cfg(all(feature = "vendored", target_os = "linux"))]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Zephyr has no locks for mbedTLS, a host has those of pthread.
const WITHOUT_LOCKS: &str = "\n#undef MBEDTLS_THREADING_C\n#undef MBEDTLS_THREADING_PTHREAD\n";

#[test]
fn the_locks_the_shim_and_the_configuration_compile() {
    let tree = Path::new(env!("REQUESTS_MBEDTLS_TREE"));
    let directory = tempfile::tempdir().unwrap();
    let (config, definitions, folders, files): (_, &[_], &[_], &[_]) = if tree.join("tf-psa-crypto").is_dir()
    {
        (
            "requests_host_crypto.h",
            &[
                "-DMBEDTLS_CONFIG_FILE=\"requests_host_tls.h\"",
                "-DTF_PSA_CRYPTO_CONFIG_FILE=\"config.h\"",
                "-DTF_PSA_CRYPTO_USER_CONFIG_FILE=\"requests_crypto_config.h\"",
            ],
            &[
                "include",
                "library",
                "tf-psa-crypto/include",
                "tf-psa-crypto/core",
                "tf-psa-crypto/drivers/builtin/include",
                "tf-psa-crypto/drivers/builtin/src",
            ],
            &[
                "library/mbedtls_config.c",
                "library/ssl_tls.c",
                "tf-psa-crypto/core/psa_crypto.c",
                "tf-psa-crypto/core/tf_psa_crypto_config.c",
                "tf-psa-crypto/drivers/builtin/src/threading.c",
            ],
        )
    } else {
        (
            "requests_host_config.h",
            &["-DMBEDTLS_CONFIG_FILE=\"config.h\""],
            &["include", "library"],
            &["library/ssl_tls.c", "library/psa_crypto.c", "library/threading.c"],
        )
    };
    fs::write(directory.path().join("config.h"), format!("#include \"{config}\"{WITHOUT_LOCKS}")).unwrap();
    let own = ["crates/mbedtls-sys/shim/mbedtls_shim.c", "zephyr/tls/requests_threading.c"];
    let own = own.iter().map(|file| (Path::new(ROOT).join(file), true));
    let theirs = files.iter().map(|file| (tree.join(file), false));
    for (file, is_own) in own.chain(theirs) {
        let mut command = Command::new("cc");
        command
            .current_dir(ROOT)
            .args(["-std=gnu11", "-fsyntax-only", "-D__ZEPHYR__", "-DREQUESTS_MBEDTLS_WRAP_CALLOC"])
            .args([
                "-DCONFIG_REQUESTS_TLS_IN_CONTENT_LEN=16384",
                "-DCONFIG_REQUESTS_TLS_OUT_CONTENT_LEN=2048",
            ])
            .args(["-DCONFIG_REQUESTS_TLS_RESUMPTION=1"])
            .args(["-Icrates/mbedtls-sys/shim", "-Icrates/mbedtls-sys/host", "-Izephyr/tls"])
            .args(["-Itests/c/zephyr-4.4", "-DMBEDTLS_USER_CONFIG_FILE=\"requests_mbedtls_config.h\""])
            .args(definitions)
            .arg("-I")
            .arg(directory.path());
        if is_own {
            command.args(["-Wall", "-Wextra", "-Werror"]);
        }
        for folder in folders {
            command.arg("-isystem").arg(tree.join(folder));
        }
        let output = command.arg(&file).output().expect("cc");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", file.display());
    }
}

/// The locks are those of the module: without its configuration there are none, and the shim says so.
#[test]
fn without_locks_the_shim_does_not_compile() {
    let tree = PathBuf::from(env!("REQUESTS_MBEDTLS_TREE"));
    let directory = tempfile::tempdir().unwrap();
    for (name, config) in [("config.h", "requests_host_config.h"), ("crypto.h", "requests_host_crypto.h")] {
        fs::write(directory.path().join(name), format!("#include \"{config}\"{WITHOUT_LOCKS}")).unwrap();
    }
    let is_4 = tree.join("tf-psa-crypto").is_dir();
    let config = if is_4 { "requests_host_tls.h" } else { "config.h" };
    let output = Command::new("cc")
        .current_dir(ROOT)
        .args(["-std=gnu11", "-fsyntax-only", "-D__ZEPHYR__", "-Itests/c/zephyr-4.4"])
        .args(["-Icrates/mbedtls-sys/shim", "-Icrates/mbedtls-sys/host", "-I"])
        .arg(directory.path())
        .arg(format!("-DMBEDTLS_CONFIG_FILE=\"{config}\""))
        .args(["-DTF_PSA_CRYPTO_CONFIG_FILE=\"crypto.h\"", "-I"])
        .arg(tree.join("include"))
        .arg("-I")
        .arg(tree.join("tf-psa-crypto/include"))
        .arg("-I")
        .arg(tree.join("tf-psa-crypto/drivers/builtin/include"))
        .arg("crates/mbedtls-sys/shim/mbedtls_shim.c")
        .output()
        .expect("cc");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("MBEDTLS_THREADING_C must be defined"), "{said}");
}
