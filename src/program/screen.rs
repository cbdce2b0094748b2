//! Text for a screen of 80 columns: wrapped, and bold or dim on a terminal only.

use std::env;
use std::io::{self, IsTerminal, Write};

use crate::program::Failure;

const COLUMNS: usize = 80;

/// Where the program prints.
pub struct Screen<'a> {
    out: &'a mut dyn Write,
    styled: bool,
}

/// How a line looks on a terminal.
#[derive(Clone, Copy)]
pub enum Style {
    Plain,
    Bold,
    Dim,
}

impl<'a> Screen<'a> {
    pub fn new(out: &'a mut impl Write) -> Self {
        let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let plain = no_color || env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        Screen {
            out,
            styled: !plain && io::stdout().is_terminal(),
        }
    }

    /// Prints text as it is.
    pub fn print(&mut self, text: &str) -> Result<(), Failure> {
        self.out.write_all(text.as_bytes()).map_err(Failure::Output)
    }

    /// Prints a line as it is.
    pub fn line(&mut self, line: &str) -> Result<(), Failure> {
        self.print(line)?;
        self.print("\n")
    }

    /// Shows what was printed, before an answer is awaited.
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(Failure::Output)
    }

    pub fn gap(&mut self) -> Result<(), Failure> {
        self.print("\n")
    }

    /// Prints text with documentation's markup taken out, wrapped behind an indentation.
    pub fn wrapped(&mut self, indentation: &str, style: Style, text: &str) -> Result<(), Failure> {
        let hanging = " ".repeat(indentation.len());
        let options = textwrap::Options::new(COLUMNS)
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .initial_indent(indentation)
            .subsequent_indent(&hanging);
        for line in textwrap::wrap(&without_markup(text), options) {
            self.styled_line(style, &line)?;
        }
        Ok(())
    }

    /// Prints a line as it is, in a style.
    pub fn styled_line(&mut self, style: Style, line: &str) -> Result<(), Failure> {
        match style {
            Style::Bold if self.styled => self.line(&format!("\x1b[1m{line}\x1b[0m")),
            Style::Dim if self.styled => self.line(&format!("\x1b[2m{line}\x1b[0m")),
            _ => self.line(line),
        }
    }
}

/// Rustdoc's markup turned into text: the words of links, without backticks or asterisks.
pub fn without_markup(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let after = &rest[open + 1..];
        let Some(close) = after.find(']') else { break };
        let words = &after[..close];
        // What stands in brackets in code is no link.
        let in_code = rest[..open].matches('`').count() % 2 == 1;
        plain += &rest[..open];
        rest = &after[close + 1..];
        if in_code {
            plain += &format!("[{words}]");
            continue;
        }
        plain += words;
        for (start, end) in [('(', ')'), ('[', ']')] {
            if let Some(target) = rest.strip_prefix(start) {
                rest = target.split_once(end).map_or("", |(_, after)| after);
                break;
            }
        }
    }
    plain += rest;
    plain
        .replace('`', "")
        .replace("**", "")
        .replace(" *is* ", " is ")
}
