//! What a function's `tasks.build` says: a plain `zip`, which tc carries out itself, or anything else, which is left to
//! a shell.

mod words;
mod zip;

pub(crate) use words::Word;
pub(crate) use zip::ZipCommand;

/// A build command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BuildCommand<'a> {
    /// `zip [OPTIONS] NAME.zip FILES...`, without anything that only a shell or the zip program knows.
    Zip(ZipCommand),
    /// Anything else.
    Shell(&'a str),
}

impl<'a> BuildCommand<'a> {
    /// Reads a command. Nothing is refused: what is not understood is the shell's.
    pub fn parse(text: &'a str) -> Self {
        words::split(text).and_then(|words| ZipCommand::parse(&words)).map_or(Self::Shell(text), Self::Zip)
    }
}
