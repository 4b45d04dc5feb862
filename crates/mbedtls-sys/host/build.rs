// SPDX-License-Identifier: Apache-2.0
//! Compiles the mbedTLS of a host, and makes the part of its bindings that the C compiler knows: sizes and
//! constants.
//!
//! Only a C compiler is needed. The rest of the bindings is `src/vendored.rs`.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The directory of the package that carries the sources, as Cargo names it. `crates/mbedtls-source` has the
/// version.
const PACKAGE: &str = "mbedtls-rs-sys";
const VERSION: &str = "0.3.1";

/// Types of which Rust needs no more than the size and the alignment.
const OPAQUE: &[&str] = &[
    "mbedtls_ssl_context",
    "mbedtls_ssl_config",
    "mbedtls_ssl_session",
    "mbedtls_pk_context",
    "mbedtls_x509_crl",
];

/// The constants of mbedTLS and the shim that `requests` and its tests use. Each has the type that bindgen would choose: `i32` below
/// zero, else `u32`.
const CONSTANTS: &[&str] = &[
    "MBEDTLS_ERR_SSL_BAD_CERTIFICATE",
    "MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION",
    "MBEDTLS_ERR_SSL_CONN_EOF",
    "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE",
    "MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE",
    "MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE",
    "MBEDTLS_ERR_SSL_HW_ACCEL_FAILED",
    "MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY",
    "MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET",
    "MBEDTLS_ERR_SSL_VERSION_MISMATCH",
    "MBEDTLS_ERR_SSL_WANT_READ",
    "MBEDTLS_ERR_SSL_WANT_WRITE",
    "MBEDTLS_ERR_X509_CERT_VERIFY_FAILED",
    "MBEDTLS_SSL_ALERT_LEVEL_FATAL",
    "MBEDTLS_SSL_ALERT_MSG_BAD_CERT",
    "MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED",
    "MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN",
    "MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR",
    "MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA",
    "MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT",
    "MBEDTLS_SSL_IS_CLIENT",
    "MBEDTLS_SSL_PRESET_DEFAULT",
    "MBEDTLS_SSL_TRANSPORT_STREAM",
    "MBEDTLS_SSL_VERIFY_NONE",
    "MBEDTLS_VERSION_MAJOR",
    "MBEDTLS_VERSION_MINOR",
    "MBEDTLS_VERSION_PATCH",
    "MBEDTLS_X509_BADCERT_BAD_KEY",
    "MBEDTLS_X509_BADCERT_BAD_MD",
    "MBEDTLS_X509_BADCERT_BAD_PK",
    "MBEDTLS_X509_BADCERT_CN_MISMATCH",
    "MBEDTLS_X509_BADCERT_EXPIRED",
    "MBEDTLS_X509_BADCERT_EXT_KEY_USAGE",
    "MBEDTLS_X509_BADCERT_FUTURE",
    "MBEDTLS_X509_BADCERT_KEY_USAGE",
    "MBEDTLS_X509_BADCERT_NOT_TRUSTED",
    "MBEDTLS_X509_BADCERT_OTHER",
    "REQUESTS_MBEDTLS_ERR_ALLOC_FAILED",
    "REQUESTS_MBEDTLS_ERR_BAD_INPUT",
];

/// What stands before each number that the C compiler is asked for. A number has a sign and this many digits.
const MARK: &str = "requests-mbedtls-number:";
const DIGITS: usize = 10;

pub(crate) fn build() {
    println!("cargo::rerun-if-changed=host");
    println!("cargo::rerun-if-env-changed=REQUESTS_MBEDTLS_SOURCE");
    let source = find_source().unwrap_or_else(|problem| {
        println!("cargo::error={problem}");
        std::process::exit(1);
    });
    // For the tests of this crate.
    println!("cargo::rustc-env=REQUESTS_MBEDTLS_TREE={}", source.root.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR"));
    fs::write(out.join("numbers.rs"), bindings(&source, &out)).expect("OUT_DIR can be written");

    // The shim first: it calls mbedTLS.
    compiler(&source).file("shim/mbedtls_shim.c").flag_if_supported("-Wall").compile("requests_mbedtls_shim");
    let (aes_instructions, others): (Vec<_>, Vec<_>) =
        source.files().into_iter().partition(|file| file.ends_with("aesni.c"));
    let mut build = library_compiler(&source);
    if is_x86_64() {
        // Turns the bytes of a block around in one instruction. A processor with those for AES has it.
        build.flag("-mssse3");
    }
    build.files(aes_instructions).compile("requests_mbedtls_aes");
    library_compiler(&source).files(others).compile("requests_mbedtls");
}

fn is_x86_64() -> bool {
    env::var_os("CARGO_CFG_TARGET_ARCH").is_some_and(|architecture| architecture == "x86_64")
}

/// The sources of an mbedTLS.
struct Source {
    root: PathBuf,
    /// Its cryptography is a project of its own, TF-PSA-Crypto.
    is_4: bool,
}

/// What the repositories of mbedTLS 4 leave out and releases have: scripts of theirs make it.
const GENERATED: &[&str] = &[
    "library/mbedtls_config_check_final.h",
    "tf-psa-crypto/core/psa_crypto_driver_wrappers.h",
    "tf-psa-crypto/core/tf_psa_crypto_config_check_final.h",
];

impl Source {
    /// The sources in a directory, or what is wrong with it.
    fn find(root: PathBuf) -> Result<Self, String> {
        let header = fs::read_to_string(root.join("include/mbedtls/build_info.h")).unwrap_or_default();
        let is_4 = match major_version(&header) {
            Some(3) => false,
            Some(4) => true,
            _ => return Err("has no mbedTLS 3.6 or 4 in it".into()),
        };
        let parts = if is_4 { GENERATED } else { &["library/ssl_tls.c"] };
        match parts.iter().find(|name| !root.join(name).is_file()) {
            Some(name) if is_4 => Err(format!(
                "lacks {name}: an mbedTLS 4 from a repository needs its submodules and what its scripts generate"
            )),
            Some(name) => Err(format!("lacks {name}")),
            None => Ok(Self { root, is_4 }),
        }
    }

    /// Directories below the root with C files, all of which are compiled: the configuration empties what is
    /// not wanted.
    const fn directories(&self) -> &'static [&'static str] {
        if self.is_4 {
            &["library", "tf-psa-crypto/core", "tf-psa-crypto/drivers/builtin/src"]
        } else {
            &["library"]
        }
    }

    const fn includes(&self) -> &'static [&'static str] {
        if self.is_4 {
            &["include", "tf-psa-crypto/include", "tf-psa-crypto/drivers/builtin/include"]
        } else {
            &["include"]
        }
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for directory in self.directories() {
            let directory = self.root.join(directory);
            let entries =
                fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
            files.extend(
                entries
                    .filter_map(|entry| Some(entry.ok()?.path()))
                    .filter(|path| path.extension().is_some_and(|extension| extension == "c")),
            );
        }
        files.sort();
        files
    }
}

/// The number that build_info.h defines as `MBEDTLS_VERSION_MAJOR`.
fn major_version(header: &str) -> Option<u32> {
    let mut words = header.split_ascii_whitespace();
    words.find(|word| *word == "MBEDTLS_VERSION_MAJOR")?;
    words.next()?.parse().ok()
}

/// The compiler for the files of mbedTLS itself, which have headers from each other.
fn library_compiler(source: &Source) -> cc::Build {
    let mut build = compiler(source);
    build.includes(source.directories().iter().map(|directory| source.root.join(directory)));
    build
}

/// The compiler with the headers and the configuration of this mbedTLS.
fn compiler(source: &Source) -> cc::Build {
    let mut build = cc::Build::new();
    build
        .include("host")
        .include("shim")
        .includes(source.includes().iter().map(|directory| source.root.join(directory)))
        // A handshake without optimization takes seconds.
        .opt_level(2)
        .warnings(false);
    if is_x86_64() {
        // mbedTLS asks the processor before it takes one of these instructions. The compiler takes none by itself.
        build.flag("-maes").flag("-mpclmul");
    }
    // Under names of their own: in quotes, a file beside the header that includes it comes first.
    if source.is_4 {
        build
            .define("MBEDTLS_CONFIG_FILE", "\"requests_host_tls.h\"")
            .define("TF_PSA_CRYPTO_CONFIG_FILE", "\"requests_host_crypto.h\"");
    } else {
        build.define("MBEDTLS_CONFIG_FILE", "\"requests_host_config.h\"");
    }
    build
}

/// The sources that `REQUESTS_MBEDTLS_SOURCE` names, else those that Cargo has fetched.
///
/// Cargo has unpacked the package, and there is no way to ask it where: a build script is told the
/// directories of the packages that are built before it, and this one is not.
fn find_source() -> Result<Source, String> {
    if let Some(path) = env::var_os("REQUESTS_MBEDTLS_SOURCE") {
        let path = PathBuf::from(path);
        return Source::find(path.clone())
            .map_err(|problem| format!("REQUESTS_MBEDTLS_SOURCE is {}, which {problem}", path.display()));
    }
    let mut looked_in = String::new();
    for directory in package_directories() {
        for name in [format!("{PACKAGE}-{VERSION}"), PACKAGE.to_owned()] {
            let package = directory.join(name);
            if is_version(&package) {
                if let Ok(source) = Source::find(package.join("mbedtls")) {
                    return Ok(source);
                }
            }
        }
        let _ = write!(looked_in, " {}", directory.display());
    }
    Err(format!(
        "the sources of mbedTLS, which Cargo fetches in the package {PACKAGE} {VERSION}, are in none of:{looked_in}. \
         Set REQUESTS_MBEDTLS_SOURCE to the directory of a release of mbedTLS 3.6 or 4"
    ))
}

/// A directory that `cargo vendor` made may have no version in its name.
fn is_version(package: &Path) -> bool {
    fs::read_to_string(package.join("Cargo.toml"))
        .is_ok_and(|text| text.lines().any(|line| line.trim() == format!("version = \"{VERSION}\"")))
}

/// Where packages can be: beside this one, in Cargo's registries, and in the directories that replace a
/// registry.
fn package_directories() -> Vec<PathBuf> {
    let here = env::current_dir().unwrap_or_default();
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut directories: Vec<PathBuf> = here.parent().map(Path::to_owned).into_iter().collect();
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        Some(PathBuf::from(env::var_os("HOME").or_else(|| env::var_os("USERPROFILE"))?).join(".cargo"))
    });
    if let Some(home) = &cargo_home {
        let registries = fs::read_dir(home.join("registry/src")).into_iter().flatten();
        directories.extend(registries.filter_map(|entry| Some(entry.ok()?.path())));
    }
    // `[source.…] directory = "…"`, in the files that Cargo reads for the directories above.
    let bases = here.ancestors().chain(out.ancestors());
    let mut files: Vec<(PathBuf, PathBuf)> =
        bases.map(|base| (base.to_owned(), base.join(".cargo"))).collect();
    if let Some(home) = cargo_home {
        files.push((home.parent().map(Path::to_owned).unwrap_or_default(), home));
    }
    for (base, directory) in files {
        for name in ["config.toml", "config"] {
            let text = fs::read_to_string(directory.join(name)).unwrap_or_default();
            for line in text.lines() {
                let Some((key, value)) = line.split_once('=') else { continue };
                if key.trim() == "directory" {
                    directories.push(base.join(value.trim().trim_matches(['"', '\''])));
                }
            }
        }
    }
    directories
}

/// A number that the C compiler is asked for, by an expression.
fn ask(text: &mut String, expression: &str) {
    for character in MARK.chars() {
        let _ = write!(text, "'{character}',");
    }
    let _ = write!(text, "({expression})<0?'-':'+',");
    for digit in (0..DIGITS).rev() {
        let _ = write!(
            text,
            "'0'+(((({expression})<0?-(long long)({expression}):(long long)({expression}))/{}LL)%10),",
            10_u64.pow(u32::try_from(digit).unwrap_or(0))
        );
    }
    text.push('\n');
}

/// Bindings that hold for the compiler and the target of this build. Nothing of the target is run: the
/// numbers are digits in an object file, so that this works for a target other than the machine.
fn bindings(source: &Source, out: &Path) -> String {
    let mut c = String::from("#include \"mbedtls_shim.h\"\n#include \"declarations.h\"\n");
    c.push_str("#include <stdalign.h>\nconst char requests_mbedtls_numbers[] = {\n");
    for name in OPAQUE.iter().chain(&["mbedtls_x509_crt", "mbedtls_x509_crt_profile"]) {
        ask(&mut c, &format!("sizeof({name})"));
        ask(&mut c, &format!("alignof({name})"));
    }
    for field in ["raw", "next"] {
        ask(&mut c, &format!("offsetof(mbedtls_x509_crt, {field})"));
    }
    for name in CONSTANTS {
        ask(&mut c, name);
    }
    c.push_str("};\n");
    let file = out.join("numbers.c");
    fs::write(&file, c).expect("OUT_DIR can be written");

    let objects =
        compiler(source).file(&file).flag_if_supported("-fno-lto").debug(false).compile_intermediates();
    let object =
        objects.first().and_then(|path| fs::read(path).ok()).expect("the C compiler has made an object file");
    let mut numbers = Numbers { object: &object };

    let mut rust = String::new();
    for name in OPAQUE {
        let (size, alignment) = (numbers.next(), numbers.next());
        let _ = writeln!(
            rust,
            "#[repr(C, align({alignment}))]\npub struct {name} {{ _bytes: [u8; {size}], _pinned: Pinned }}"
        );
    }
    let (size, alignment) = (numbers.next(), numbers.next());
    let (profile_size, profile_alignment) = (numbers.next(), numbers.next());
    let (raw, next) = (numbers.next(), numbers.next());
    let _ = writeln!(
        rust,
        "#[repr(C, align({profile_alignment}))]\npub struct mbedtls_x509_crt_profile {{ _bytes: [u8; {profile_size}] }}\n\
         #[repr(C, align({alignment}))]\npub struct mbedtls_x509_crt {{\n_before: [u8; {raw}],\n\
         pub raw: mbedtls_x509_buf,\n\
         _between: [u8; {next} - {raw} - size_of::<mbedtls_x509_buf>()],\n\
         pub next: *mut mbedtls_x509_crt,\n\
         _after: [u8; {size} - {next} - size_of::<*mut mbedtls_x509_crt>()],\n}}"
    );
    for name in CONSTANTS {
        let number = numbers.next();
        let kind = if number < 0 { "i32" } else { "u32" };
        let _ = writeln!(rust, "pub const {name}: {kind} = {number};");
    }
    rust
}

/// The numbers of an object file, in their order.
struct Numbers<'a> {
    object: &'a [u8],
}

impl Numbers<'_> {
    fn next(&mut self) -> i64 {
        let mark = MARK.as_bytes();
        let start = self.object.windows(mark.len()).position(|window| window == mark);
        let number = start.and_then(|start| {
            let rest = self.object.get(start + mark.len()..)?;
            let (digits, rest) = rest.split_at_checked(DIGITS + 1)?;
            self.object = rest;
            std::str::from_utf8(digits).ok()?.parse().ok()
        });
        number.expect(
            "the C compiler's object file has no numbers in it: are there flags in CFLAGS that compress it?",
        )
    }
}
