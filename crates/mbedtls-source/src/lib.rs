// SPDX-License-Identifier: Apache-2.0
//! An empty crate: its dependency brings the C sources of mbedTLS onto the machine.
//!
//! The package `mbedtls-rs-sys` carries mbedTLS 3.6. Its own build script reads the headers by bindgen, and
//! so it needs libclang. Only the sources are wanted here: `mbedtls-sys` compiles them itself and asks the C
//! compiler for the sizes, which takes nothing but a C compiler.
//!
//! Therefore Cargo has to fetch that package, and must not build it. The feature `fetch` of this crate
//! depends on it, and `mbedtls-sys` asks for the feature below a condition that holds for no target. Cargo
//! resolves dependencies for all targets, so the package is part of the lock file and is fetched and
//! unpacked. Cargo builds with the features of the target alone (resolvers 2 and 3), so it is not compiled.
//!
//! In a workspace with `resolver = "1"` the feature is on. The package is then compiled besides, which takes
//! libclang and CMake, and it is not linked.
#![no_std]
#![forbid(unsafe_code)]
