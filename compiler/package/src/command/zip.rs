//! The `zip` program's command line, as far as it is plain.

use super::words::Word;

/// `zip [OPTIONS] ARCHIVE FILES...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ZipCommand {
    /// Whether directories are taken with all that is in them (`-r`).
    pub recurse: bool,
    /// Whether files are named without their directories (`-j`).
    pub junk_paths: bool,
    /// The files, directories and patterns to take.
    pub operands: Vec<Word>,
    /// What not to take (`-x`): patterns over whole names, in which `*` also stands for `/`.
    pub exclude: Vec<Word>,
}

impl ZipCommand {
    /// Reads the words of a command. `None` where it is not `zip`, has an option that changes more than is known here,
    /// writes its archive elsewhere than into the directory it runs in, or takes files from elsewhere.
    pub fn parse(words: &[Word]) -> Option<Self> {
        let (program, arguments) = words.split_first()?;
        if program.text() != "zip" {
            return None;
        }
        let mut command = Self { recurse: false, junk_paths: false, operands: Vec::new(), exclude: Vec::new() };
        let mut archive = None;
        let mut excluding = false;
        for word in arguments {
            match word.text().strip_prefix('-') {
                Some(option) => excluding = command.set(option)?,
                None if word.text() == "@" && excluding => excluding = false,
                None if excluding => command.exclude.push(word.clone()),
                None if archive.is_none() => archive = Some(word),
                None => command.operands.push(word.clone()),
            }
        }
        let here = matches!(archive?, Word::Literal(name) if !name.is_empty() && !name.contains('/'));
        let inside = command.operands.iter().all(|operand| !operand.text().starts_with('/'));
        (here && inside && !command.operands.is_empty()).then_some(command)
    }

    /// Takes an option, given without its first `-`. Says whether patterns to exclude follow it.
    fn set(&mut self, option: &str) -> Option<bool> {
        match option {
            "x" | "-exclude" => return Some(true),
            "-recurse-paths" => self.recurse = true,
            "-junk-paths" => self.junk_paths = true,
            // What they say holds for every archive that tc writes, or is about an archive that is there already.
            "-quiet" | "-no-extra" | "-no-dir-entries" | "FS" | "-filesync" => {}
            cluster if !cluster.is_empty() => {
                for letter in cluster.chars() {
                    match letter {
                        'r' => self.recurse = true,
                        'j' => self.junk_paths = true,
                        'q' | 'v' | 'X' | 'D' | '0'..='9' => {}
                        _ => return None,
                    }
                }
            }
            _ => return None,
        }
        Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BuildCommand, words};
    use super::*;

    fn parse(command: &str) -> Option<ZipCommand> {
        match BuildCommand::parse(command) {
            BuildCommand::Zip(command) => Some(command),
            BuildCommand::Shell(_) => None,
        }
    }

    #[test]
    fn plain_forms_are_known() {
        let plain = parse("zip lambda.zip handler.py lib/*.py").unwrap();
        assert!(!plain.recurse && !plain.junk_paths && plain.exclude.is_empty());
        assert_eq!(plain.operands, words::split("handler.py lib/*.py").unwrap());
        let all = parse("zip -qr9 lambda.zip . -x '*.pyc' tests/*").unwrap();
        assert!(all.recurse && !all.junk_paths);
        assert_eq!(all.exclude, words::split("'*.pyc' tests/*").unwrap());
        assert_eq!(parse("zip -x a @ lambda.zip b").unwrap().operands, words::split("b").unwrap());
        assert!(parse("zip --junk-paths -X lambda.zip src/a.py -q").unwrap().junk_paths);
    }

    #[test]
    fn other_forms_are_left_to_the_shell() {
        for command in [
            "make",
            "zip",
            "zip lambda.zip",
            "zip dist/lambda.zip a",
            "zip -P secret a.zip b",
            "zip -u a.zip b",
            "zip a.zip /etc/passwd",
            "zip *.zip a",
            "zip - a",
            "zip -- a.zip b",
            "zip -i a.zip b",
            "npm run build",
            "zip -rx a.zip b",
            "zip -@ a.zip",
        ] {
            assert_eq!(parse(command), None, "{command}");
        }
    }
}
