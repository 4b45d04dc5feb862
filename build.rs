// SPDX-License-Identifier: Apache-2.0
//! Writes the limits of `src/config.rs`. In a Zephyr build they come from Kconfig, elsewhere from
//! environment variables such as `REQUESTS_BUILD_MAX_HEADERS`, or from defaults.

use std::{env, fs, path::Path};

/// For each limit: the name of the constant (its Kconfig symbol has the prefix `CONFIG_REQUESTS_`),
/// its type, its value without Kconfig, and its meaning.
const LIMITS: &[(&str, &str, u64, &str)] = &[
    ("MAX_HEADERS", "usize", 64, "The most header fields that a caller can add to a request."),
    (
        "MAX_ADDRESSES",
        "usize",
        4,
        "The most addresses of one name that are tried, in order, until one connects.",
    ),
    ("TIMEOUT_MS", "u64", 30_000, "The default of `Request::timeout`, in milliseconds."),
    (
        "MAX_REDIRECTS",
        "u16",
        10,
        "The default of `Request::redirects`: the most redirects that a request follows.",
    ),
    (
        "REDIRECT_COOKIES",
        "usize",
        4096,
        "Bytes for the cookies that the redirects of a single request set, with the feature `cookies`.",
    ),
    ("COOKIE_JAR", "usize", 4096, "Bytes of a cookie jar in the C API."),
    ("SESSION_CONNECTIONS", "usize", 4, "The default number of connections that a `Session` keeps."),
    (
        "SESSION_HOST_LEN",
        "usize",
        253,
        "The longest host name, in bytes, whose connection a `Session` keeps.",
    ),
    ("SESSION_IDLE_MS", "u64", 60_000, "The default of `Session::idle_limit`, in milliseconds."),
    (
        "MAX_RESPONSE_HEAD",
        "usize",
        65_536,
        "The most bytes of a response head. On small systems, the buffer is the tighter limit.",
    ),
    (
        "TLS_MAX_FRAGMENT_LENGTH",
        "usize",
        0,
        "The most bytes in each TLS record, as requested from servers (RFC 6066 §4): 512, 1024, 2048, 4096, or 0 \
         for no request.",
    ),
    (
        "MAX_JSON_DEPTH",
        "u32",
        32,
        "The deepest nesting of arrays and objects in JSON, from 1 to 64. Each level takes stack.",
    ),
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=DOTCONFIG");
    println!("cargo:rustc-check-cfg=cfg(tls_sockets)");
    println!("cargo:rustc-check-cfg=cfg(on_zephyr)");
    println!("cargo:rustc-check-cfg=cfg(zephyr_log)");
    println!("cargo:rustc-check-cfg=cfg(fuzzing)");
    println!("cargo:rerun-if-env-changed=DOCS_RS");
    // Features are additive: with both platforms, the host is used, and nothing of Zephyr is
    // linked. The documentation shows both.
    let has_feature = |name: &str| env::var_os(format!("CARGO_FEATURE_{name}")).is_some();
    if has_feature("ZEPHYR") && (!has_feature("HOST") || env::var_os("DOCS_RS").is_some()) {
        println!("cargo:rustc-cfg=on_zephyr");
    }
    let dot_config = env::var_os("DOTCONFIG").map(|path| {
        println!("cargo:rerun-if-changed={}", Path::new(&path).display());
        fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("cannot read {}: {error}", Path::new(&path).display()))
    });

    let is_set = |symbol: &str| {
        dot_config
            .as_deref()
            .is_some_and(|text| text.lines().any(|line| line == format!("CONFIG_{symbol}=y")))
    };
    if has_feature("TLS") && dot_config.is_some() && !is_set("REQUESTS_TLS") {
        panic!("the feature tls needs CONFIG_REQUESTS_TLS=y");
    }
    // Kconfig chooses between Zephyr's secure sockets and mbedTLS, whatever the application's
    // Cargo.toml says.
    if is_set("REQUESTS_TLS_SOCKETS") && has_feature("TLS") {
        println!("cargo:rustc-cfg=tls_sockets");
    }
    // Records go to the log module of Zephyr. Kconfig has this option for programs in C.
    if is_set("REQUESTS_LOG") && has_feature("LOG") {
        println!("cargo:rustc-cfg=zephyr_log");
    }

    let mut constants = format!(
        "/// Whether certificates of any date are accepted on a machine without a clock that is set, unless\n\
         /// `TlsConfig::dates` sets another policy.\n\
         pub const TLS_UNCHECKED_DATES: bool = {};\n\
         /// Whether TLS sessions can be resumed.\n\
         pub const TLS_RESUMPTION: bool = {};\n",
        is_set("REQUESTS_TLS_UNCHECKED_DATES"),
        dot_config.is_none() || is_set("REQUESTS_TLS_RESUMPTION")
    );
    constants += &format!(
        "/// Whether requests can be cancelled. On Zephyr, this requires `CONFIG_REQUESTS_CANCEL`.\n\
         pub const CANCEL: bool = {};\n",
        dot_config.is_none() || is_set("REQUESTS_CANCEL")
    );
    // As in the header of the C API. In a Rust application, Kconfig does not know the features.
    let is_in_c = is_set("REQUESTS_C");
    for (name, what, is_there) in [
        ("CAPI_TLS", "TLS", dot_config.is_none() || is_set("REQUESTS_TLS")),
        ("CAPI_COOKIES", "cookies", !is_in_c || is_set("REQUESTS_COOKIES")),
        ("CAPI_DIGEST", "Digest authentication", !is_in_c || is_set("REQUESTS_DIGEST")),
    ] {
        constants += &format!(
            "/// Whether the structures of the C API have room for {what}: 0 or 1. On Zephyr this is up to Kconfig.\n\
             pub const {name}: usize = {};\n",
            usize::from(is_there)
        );
    }
    constants += &format!(
        "/// The level up to which Zephyr's log module takes records: 1 for errors to 4 for debugging, or 0.\n\
         #[cfg(zephyr_log)]\n\
         pub const LOG_LEVEL: u8 = {};\n",
        dot_config.as_deref().and_then(|text| kconfig_int(text, "LOG_LEVEL")).unwrap_or(0)
    );
    for (name, type_, default, meaning) in LIMITS {
        let value = match &dot_config {
            Some(text) => kconfig_int(text, name),
            None => environment_int(name),
        }
        .unwrap_or(*default);
        constants += &format!("/// {meaning}\npub const {name}: {type_} = {value};\n");
    }
    let out_dir = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out_dir).join("limits.rs"), constants).expect("OUT_DIR is writable");
}

/// The value of the environment variable `REQUESTS_BUILD_<name>`.
fn environment_int(name: &str) -> Option<u64> {
    let variable = format!("REQUESTS_BUILD_{name}");
    println!("cargo:rerun-if-env-changed={variable}");
    let text = env::var(&variable).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{variable}={text}: {error}")))
}

/// The value of `CONFIG_REQUESTS_<name>=<integer>` in the text of a `.config`.
fn kconfig_int(dot_config: &str, name: &str) -> Option<u64> {
    dot_config.lines().find_map(|line| {
        line.strip_prefix("CONFIG_REQUESTS_")?.strip_prefix(name)?.strip_prefix('=')?.trim().parse().ok()
    })
}
