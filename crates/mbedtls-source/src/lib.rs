// SPDX-License-Identifier: Apache-2.0
//! An empty crate. Its dependency makes Cargo fetch the C sources of mbedTLS.
//!
//! The package `mbedtls-rs-sys` contains mbedTLS 3.6. Its own build script reads the headers by
//! bindgen, and so it needs libclang. But only the sources are needed here: `mbedtls-sys` compiles
//! them itself and asks the C compiler for the sizes, which needs nothing but a C compiler.
//!
//! Therefore Cargo must fetch that package, but must not build it. The feature `fetch` of this
//! crate depends on it, and `mbedtls-sys` enables the feature under a condition that is true for no
//! target. Cargo resolves dependencies for all targets, so the package is part of the lock file,
//! and is fetched and unpacked. Cargo builds with the features of the target alone (resolvers 2 and
//! 3), so the package is not compiled.
//!
//! In a workspace with `resolver = "1"`, the feature is on. The package is then compiled too, which
//! needs libclang and CMake, but it is not linked.
#![no_std]
#![forbid(unsafe_code)]
