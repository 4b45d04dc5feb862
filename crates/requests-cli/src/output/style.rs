// SPDX-License-Identifier: Apache-2.0
//! Colours and terminal output.

use crate::output::terminal::harmless;

/// The style of text for a terminal or another output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether the output is a terminal.
    pub terminal: bool,
    /// Whether to use colours.
    pub colour: bool,
}

impl Style {
    /// The style for an output. `terminal` says whether it is a terminal. The environment can turn
    /// colours off.
    pub fn of(terminal: bool) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self { terminal, colour: terminal && !no_color && !dumb }
    }

    /// `text` in the colour of a status code's class.
    pub fn status(self, status_code: u16, text: &str) -> String {
        self.paint(
            match status_code {
                200..=299 => "1;32",
                300..=399 => "1;36",
                400..=499 => "1;33",
                _ => "1;31",
            },
            text,
        )
    }

    /// `text` in the colour of header names.
    pub fn name(self, text: &str) -> String {
        self.paint("36", text)
    }

    /// Makes text from the server safe for a terminal: no control character may reach it.
    pub fn foreign(self, text: String) -> String {
        if self.terminal { harmless(&text) } else { text }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_only_where_wanted() {
        let with = Style { terminal: true, colour: true };
        let without = Style { terminal: true, colour: false };
        assert_eq!(with.status(204, "x"), "\x1b[1;32mx\x1b[0m");
        assert_eq!(without.status(204, "x"), "x");
        assert_eq!(Style::of(false), Style { terminal: false, colour: false });
    }

    #[test]
    fn a_terminal_gets_no_control_characters() {
        let text = "a\tb\u{9b}31m".to_owned();
        let terminal = Style { terminal: true, colour: false };
        assert_eq!(terminal.foreign(text.clone()), "a\tb\u{fffd}31m");
        assert_eq!(Style { terminal: false, colour: false }.foreign(text.clone()), text);
    }
}
