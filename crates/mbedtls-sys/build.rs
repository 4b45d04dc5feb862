// SPDX-License-Identifier: Apache-2.0
//! Compiles an mbedTLS for a host, with the C shim, or binds the mbedTLS of a Zephyr build.

fn main() {
    println!("cargo::rerun-if-changed=shim");
    // Set when there are generated bindings to include.
    println!("cargo::rustc-check-cfg=cfg(bound)");
    #[cfg(feature = "vendored")]
    vendored::build();
    #[cfg(all(feature = "zephyr", not(feature = "vendored")))]
    zephyr::generate();
}

#[cfg(feature = "vendored")]
#[path = "host/build.rs"]
mod vendored;

#[cfg(all(feature = "zephyr", not(feature = "vendored")))]
mod zephyr {
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    const FUNCTIONS: &str = "mbedtls_(ssl_(init|free|setup|set_hostname|set_bio\
        |read|write|check_pending|close_notify|send_alert_message|config_init|config_free|config_defaults\
        |conf_authmode|conf_own_cert)\
        |x509_crt_(init|free|parse_der|verify_with_profile)|pk_(init|free))";

    const CONSTANTS: &str = "MBEDTLS_(ERR_(SSL|X509)_.*\
        |SSL_(IS_CLIENT|TRANSPORT_STREAM|PRESET_DEFAULT|VERIFY_NONE|ALERT_.*)\
        |X509_BADCERT_.*|X509_BADCRL_.*|VERSION_(MAJOR|MINOR|PATCH))|REQUESTS_MBEDTLS_ERR_(ALLOC_FAILED|BAD_INPUT)\
        |mbedtls_x509_crt_profile_default";

    /// Types of which Rust needs no more than the size and the alignment.
    const OPAQUE: &str = "mbedtls_(ssl_context|ssl_config|ssl_session|pk_context|x509_crt_profile|x509_crl)";

    /// Binds the headers of the Zephyr build with that build's own compiler arguments.
    ///
    /// CMake writes them, one a line, into the file that the environment variable `REQUESTS_MBEDTLS_FLAGS`
    /// names, by default `zephyr-requests/mbedtls.flags` in the build directory.
    pub(crate) fn generate() {
        println!("cargo::rerun-if-env-changed=REQUESTS_MBEDTLS_FLAGS");
        println!("cargo::rerun-if-env-changed=BUILD_DIR");
        println!("cargo::rerun-if-env-changed=DOTCONFIG");
        let out = PathBuf::from(env::var_os("OUT_DIR").unwrap()).join("bindings.rs");
        if !is_tls_configured() {
            return;
        }
        println!("cargo::rustc-cfg=bound");

        let flags = flags_file();
        println!("cargo::rerun-if-changed={}", flags.display());
        let text = fs::read_to_string(&flags).unwrap_or_else(|error| {
            panic!(
                "{}: {error}: the CMake of the requests module writes this file when CONFIG_REQUESTS_TLS_MBEDTLS=y",
                flags.display()
            )
        });
        bindgen::Builder::default()
            .header("shim/mbedtls_shim.h")
            .use_core()
            .clang_args(target_arguments(&env::var("TARGET").unwrap(), &env::var("HOST").unwrap()))
            .clang_args(text.lines().map(str::trim).filter(|line| !line.is_empty()))
            .allowlist_function(FUNCTIONS)
            .allowlist_var(CONSTANTS)
            .allowlist_type("mbedtls_ssl_protocol_version")
            .allowlist_type(OPAQUE)
            .opaque_type(OPAQUE)
            .derive_copy(false)
            .derive_debug(false)
            .generate_comments(false)
            .parse_callbacks(Box::new(bindgen::CargoCallbacks::new()))
            .generate()
            .unwrap_or_else(|error| panic!("binding mbedTLS with {}: {error}", flags.display()))
            .write_to_file(out)
            .expect("writing the bindings");
    }

    /// Whether the application wants TLS by mbedTLS: the feature alone costs nothing in a build whose Kconfig
    /// has that off.
    fn is_tls_configured() -> bool {
        let Some(path) = env::var_os("DOTCONFIG") else {
            return true;
        };
        println!("cargo::rerun-if-changed={}", Path::new(&path).display());
        fs::read_to_string(path)
            .is_ok_and(|text| text.lines().any(|line| line.trim() == "CONFIG_REQUESTS_TLS_MBEDTLS=y"))
    }

    fn flags_file() -> PathBuf {
        if let Some(path) = env::var_os("REQUESTS_MBEDTLS_FLAGS") {
            return path.into();
        }
        let build = env::var_os("BUILD_DIR").expect("neither REQUESTS_MBEDTLS_FLAGS nor BUILD_DIR is set");
        Path::new(&build).join("zephyr-requests/mbedtls.flags")
    }

    /// What Clang must be told so that it lays structures out as the C compiler of the build does.
    fn target_arguments(target: &str, host: &str) -> Vec<String> {
        if target.starts_with("thumb") {
            // The ARM EABI for bare metal makes enums as small as they can be; Clang does not by itself.
            vec![format!("--target={target}"), "-fshort-enums".into()]
        } else if target.starts_with("riscv32") {
            vec!["--target=riscv32-unknown-none-elf".into()]
        } else if target.starts_with("riscv64") {
            vec!["--target=riscv64-unknown-none-elf".into()]
        } else {
            // native_sim is a program of the host and is compiled with the host's headers, though its target
            // for Rust, such as x86_64-unknown-none, has none. bindgen would name that target to Clang, which
            // then does not look where the host has them.
            vec![format!("--target={host}")]
        }
    }
}
