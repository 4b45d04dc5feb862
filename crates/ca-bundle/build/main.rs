// SPDX-License-Identifier: Apache-2.0
//! Generates the table of roots.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

mod common;
mod input;
#[path = "../src/key.rs"]
mod key;
#[path = "../src/writer.rs"]
mod writer;

use input::Root;

/// The selection of roots.
enum Selection {
    None,
    Common,
    Full,
    File(PathBuf),
}

/// An entry of the table.
struct Entry {
    hash: u32,
    kind: key::Kind,
    bytes: Vec<u8>,
    /// The last day of the root, in days since 1970.
    last_day: u16,
    /// The content of a name constraints extension, if the root has limits.
    constraints: Option<Vec<u8>>,
}

/// The environment variable that selects the roots if there is no Kconfig.
const VARIABLE: &str = "REQUESTS_BUILD_CA_BUNDLE";

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/key.rs");
    println!("cargo::rerun-if-changed=src/writer.rs");
    let selection = selection();
    let (name, roots) = match &selection {
        Selection::None => ("none", Vec::new()),
        Selection::Common => {
            ("common", input::mozilla().into_iter().filter(|root| common::is_common(&root.subject)).collect())
        }
        Selection::Full => ("full", input::mozilla()),
        Selection::File(path) => ("file", input::from_file(path)),
    };
    let mut entries: Vec<Entry> = roots.iter().map(entry).collect();
    entries.sort_by(|a, b| (a.hash, &a.bytes).cmp(&(b.hash, &b.bytes)));
    entries.dedup_by(|a, b| a.hash == b.hash && a.bytes == b.bytes);
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    fs::write(out.join("table.rs"), table(name, &entries)).unwrap();
}

/// The selection by Kconfig in a Zephyr build, and by the environment elsewhere.
///
/// The variable is not `REQUESTS_CA_BUNDLE`, which Python's requests uses at run time: the roots
/// that the build machine trusts must not get into the programs that it compiles.
fn selection() -> Selection {
    for variable in [VARIABLE, "DOTCONFIG", "BUILD_DIR"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let Some(config) = env::var_os("DOTCONFIG") else {
        return match env::var(VARIABLE).as_deref() {
            Err(_) | Ok("full") => Selection::Full,
            Ok("common") => Selection::Common,
            Ok("none") => Selection::None,
            Ok(path) if path.contains(['/', '.']) => Selection::File(path.into()),
            Ok(other) => {
                panic!("{VARIABLE}={other}: expected none, common, full or the path of a PEM file")
            }
        };
    };
    println!("cargo::rerun-if-changed={}", Path::new(&config).display());
    let config = fs::read_to_string(&config)
        .unwrap_or_else(|error| panic!("{}: {error}", Path::new(&config).display()));
    let is_set = |option: &str| config.lines().any(|line| line.strip_suffix("=y") == Some(option));
    if !is_set("CONFIG_REQUESTS_CA_BUNDLE") {
        Selection::None
    } else if is_set("CONFIG_REQUESTS_CA_BUNDLE_FILE") {
        let path = config
            .lines()
            .find_map(|line| line.strip_prefix("CONFIG_REQUESTS_CA_BUNDLE_PATH=\"")?.strip_suffix('"'))
            .expect("CONFIG_REQUESTS_CA_BUNDLE_FILE=y needs CONFIG_REQUESTS_CA_BUNDLE_PATH");
        Selection::File(application_path(path))
    } else if is_set("CONFIG_REQUESTS_CA_BUNDLE_COMMON") {
        Selection::Common
    } else {
        Selection::Full
    }
}

/// A relative path in prj.conf starts at the application's folder, which CMake knows.
fn application_path(path: &str) -> PathBuf {
    if Path::new(path).is_absolute() {
        return path.into();
    }
    let cache = Path::new(&env::var_os("BUILD_DIR").expect("BUILD_DIR is not set")).join("CMakeCache.txt");
    let text = fs::read_to_string(&cache).unwrap_or_else(|error| panic!("{}: {error}", cache.display()));
    let application = text
        .lines()
        .find_map(|line| line.strip_prefix("APPLICATION_SOURCE_DIR:")?.split_once('=').map(|(_, path)| path))
        .expect("CMakeCache.txt does not tell APPLICATION_SOURCE_DIR");
    Path::new(application).join(path)
}

fn entry(root: &Root) -> Entry {
    let (kind, bytes) = key::compact(&root.public_key);
    // The table must return exactly the same key, or signatures and pins would not match.
    let mut buffer = vec![0; root.public_key.len() + 64];
    let mut writer = writer::Writer::new(&mut buffer);
    key::expand(kind, bytes, &mut writer).expect("room for the key");
    assert_eq!(writer.written(), root.public_key, "{:?}", root.subject);
    Entry {
        hash: key::hash(&root.subject),
        kind,
        bytes: bytes.to_vec(),
        last_day: root.last_day,
        constraints: root.constraints.clone(),
    }
}

/// A number that differs for different roots.
fn contents(entries: &[Entry]) -> u64 {
    entries.iter().fold(0xcbf2_9ce4_8422_2325, |mark, entry| {
        let mark = key::mark(mark, &entry.hash.to_be_bytes());
        let mark = key::mark(mark, &entry.last_day.to_be_bytes());
        let mark = key::mark(mark, &(entry.bytes.len() as u32).to_be_bytes());
        let mark = key::mark(mark, &entry.bytes);
        key::mark(mark, entry.constraints.as_deref().unwrap_or_default())
    })
}

fn table(name: &str, entries: &[Entry]) -> String {
    let mut keys = Vec::new();
    let mut constraints: Vec<&[u8]> = Vec::new();
    let mut rows = String::new();
    for entry in entries {
        let constraint = entry.constraints.as_ref().map_or(0, |value| {
            constraints.push(value);
            constraints.len()
        });
        writeln!(
            rows,
            "    Entry {{ hash: {:#010x}, end: {}, last_day: {}, kind: Kind::{:?}, constraints: {constraint} }},",
            entry.hash,
            keys.len() + entry.bytes.len(),
            entry.last_day,
            entry.kind,
        )
        .unwrap();
        keys.extend_from_slice(&entry.bytes);
    }
    let constraints: Vec<String> = constraints.iter().map(|value| format!("&{value:?}")).collect();
    format!(
        "/// Which selection this is: `none`, `common`, `full` or `file`.\npub const SELECTION: &str = {name:?};\n\
         /// A number that is another one for other roots.\npub const CONTENTS: u64 = {:#018x};\n\
         static ENTRIES: [Entry; {}] = [\n{rows}];\n\
         static KEYS: [u8; {}] = {keys:?};\n\
         static CONSTRAINTS: [&[u8]; {}] = [{}];\n",
        contents(entries),
        entries.len(),
        keys.len(),
        constraints.len(),
        constraints.join(", "),
    )
}
