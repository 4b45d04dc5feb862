// SPDX-License-Identifier: Apache-2.0
//! The same jobs by this client and by others, for `scripts/bench` to count their instructions.
//!
//!     compare serve PORT               a server for the other cases, until it is killed
//!     compare CASE PORT COUNT [SIZE]   does the case COUNT times, with buffers of SIZE bytes

mod cases;
mod memory;
mod server;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", port] => server::serve(port.parse().expect("a port")),
        [case, port, count] => {
            cases::run(case, port.parse().expect("a port"), count.parse().expect("a number"), 4096)
        }
        [case, port, count, size] => cases::run(
            case,
            port.parse().expect("a port"),
            count.parse().expect("a number"),
            size.parse().expect("a number"),
        ),
        _ => panic!("compare serve PORT, or compare CASE PORT COUNT [SIZE]"),
    }
}
