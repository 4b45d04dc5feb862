// SPDX-License-Identifier: Apache-2.0
//! Lets `cfg` see the Kconfig options that are set.

fn main() {
    zephyr_build::export_bool_kconfig();
}
