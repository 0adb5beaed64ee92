//! The two output streams, and the only place that writes to them.
//!
//! Results go to standard output, everything about how they came to be to standard error. A reader that stops reading
//! (`tc explain | head`) is no fault: the rest is dropped.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this module is how tc prints")]

use anstream::AutoStream;
use anstream::stream::RawStream;
use clap::ValueEnum;
use std::io::{self, ErrorKind, IsTerminal, Write};
use tc_core::diagnostic::render::human;

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set; always where CLICOLOR_FORCE is.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where the program prints.
#[derive(Debug)]
pub struct Shell {
    color_out: bool,
    color_err: bool,
    width: Option<usize>,
    failure: Option<io::Error>,
    /// What each line on standard error begins with.
    prefix: String,
}

impl Shell {
    /// The shell of this process.
    pub fn new(color: ColorChoice) -> Self {
        let choice = match color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        let width = io::stderr().is_terminal().then(|| terminal_size::terminal_size_of(io::stderr())).flatten();
        Self {
            color_out: colored(&io::stdout()),
            color_err: colored(&io::stderr()),
            width: width.map(|(width, _)| width.0.into()),
            failure: None,
            prefix: String::new(),
        }
    }

    /// A shell for one of several things that are done at once: what it prints to standard error stands in lines of its own,
    /// which begin with `prefix`, and nobody is asked there.
    pub fn part(&self, prefix: &str) -> Self {
        Self {
            color_out: self.color_out,
            color_err: self.color_err,
            width: None,
            failure: None,
            prefix: prefix.to_owned(),
        }
    }

    /// Prints to standard output.
    pub fn out(&mut self, text: &str) {
        if self.failure.is_none() {
            let mut stream = io::stdout().lock();
            self.failure = stream.write_all(text.as_bytes()).and_then(|()| stream.flush()).err();
        }
    }

    /// Whether nothing more can be printed to standard output.
    pub fn is_closed(&self) -> bool {
        self.failure.is_some()
    }

    /// Prints to standard error. That nobody hears it cannot be told to anybody.
    pub fn err(&mut self, text: &str) {
        let mut stream = io::stderr().lock();
        if self.prefix.is_empty() {
            let _ = stream.write_all(text.as_bytes());
            return;
        }
        let lines = text.lines().map(|line| format!("{}{line}", self.prefix).trim_end().to_owned() + "\n");
        let _ = stream.write_all(lines.collect::<String>().as_bytes());
    }

    /// Whether what goes to standard output may be coloured.
    pub fn color_out(&self) -> bool {
        self.color_out
    }

    /// Whether what goes to standard error may be coloured.
    pub fn color_err(&self) -> bool {
        self.color_err
    }

    /// Whether a person sees standard error as it is written.
    pub fn is_terminal(&self) -> bool {
        self.width.is_some()
    }

    /// How findings look on standard error.
    pub fn style(&self) -> human::Style {
        let style = human::Style { color: self.color_err, ..human::Style::default() };
        // Narrower than this an excerpt shows nothing that helps.
        self.width.map_or(style, |width| human::Style { width: width.max(60), ..style })
    }

    /// Why not all of the results could be printed, if so. A closed pipe is no reason.
    pub fn failure(&mut self) -> Option<io::Error> {
        self.failure.take().filter(|error| error.kind() != ErrorKind::BrokenPipe)
    }
}

/// Whether a stream is to be coloured, by `--color` and the usual variables of the environment.
fn colored(stream: &impl RawStream) -> bool {
    !matches!(AutoStream::choice(stream), anstream::ColorChoice::Never)
}
