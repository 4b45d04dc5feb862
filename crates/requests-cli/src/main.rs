// SPDX-License-Identifier: Apache-2.0
//! `requests`: HTTP requests from the command line, with the client that Zephyr applications use.
//!
//! `args` parses the command line. `fetch`, `download` and `parse_url` run it. `output` prints the
//! result.

mod args;
mod body;
mod download;
mod failure;
mod fetch;
mod help;
mod network;
mod options;
mod output;
mod parse_url;
mod progress;
mod session;
mod trust;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use args::Command;
use failure::{Failure, Usage};
use options::Format;
use output::terminal::Harmless;
use requests_memory_sys::ExitingAllocator;

/// Exit code of a failed request.
const FAILED: u8 = 1;
/// Exit code of wrong usage.
const WRONG_USAGE: u8 = 2;

/// If memory runs out, this ends the process like a failed request.
#[global_allocator]
static MEMORY: ExitingAllocator = ExitingAllocator::new(
    FAILED,
    "requests: out of memory\n",
    "{\"error\":{\"kind\":\"out-of-memory\",\"phase\":\"memory\",\"message\":\"out of memory\"}}\n",
);

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)).and_then(run) {
        Ok(code) => code,
        Err(Usage(message)) => {
            report(&format!("{message}\nTry 'requests --help'."));
            ExitCode::from(WRONG_USAGE)
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Usage> {
    let format = match &command {
        Command::Help | Command::Version => Format::Text,
        Command::Fetch(options) | Command::Download(options) => options.format,
        Command::ParseUrl { .. } => Format::Json,
    };
    if format == Format::Json {
        MEMORY.print_line();
    }
    Ok(match command {
        Command::Help => finish(output::stdout(help::text().as_bytes()), format),
        Command::Version => finish(output::stdout(help::VERSION.as_bytes()), format),
        Command::Fetch(options) => finish(fetch::run(&options)?, format),
        Command::Download(options) => finish(download::run(&options)?, format),
        Command::ParseUrl { url, base } => finish(parse_url::run(&url, base.as_deref()), format),
    })
}

/// Prints a failure in the selected format.
fn finish(result: Result<(), Failure>, format: Format) -> ExitCode {
    let Err(failure) = result else {
        return ExitCode::SUCCESS;
    };
    match format {
        Format::Text => report(&failure.message),
        Format::Json => {
            if let Err(failure) = output::json::failure(&failure) {
                report(&failure.message);
            }
        }
    }
    ExitCode::from(FAILED)
}

/// Prints a message for the user on standard error.
fn report(message: &str) {
    // If standard error is closed, nobody can be told.
    let mut stderr = std::io::stderr();
    let _ = if stderr.is_terminal() {
        writeln!(Harmless::new(stderr), "requests: {message}")
    } else {
        writeln!(stderr, "requests: {message}")
    };
}
