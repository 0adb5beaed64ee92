//! Installing what the local AWS consists of, from the package index.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::local as codes;
use tc_core::world::WorldError;

/// What the launcher says first where it installs.
const BEGUN: &str = "installing the local AWS into ";

/// How much of what was said last is shown where it failed, in lines.
const SHOWN: usize = 3;

/// Installs it, unless it is there. What was interrupted is begun anew. Should this process be killed, the installation
/// notices by the end of its input, so that it holds up nobody.
///
/// # Errors
/// What pip said last: no index, no room.
pub(super) fn install(
    python: &Path,
    launcher: &Path,
    home: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<(), Box<Diagnostic>> {
    let mut command = Command::new(python);
    command.arg(launcher.join("start.py")).arg("--home").arg(home).args(["--python", "--attached"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
    let mut process = command.spawn().map_err(|error| not_run(python, &error))?;
    // Open until all is done.
    let _input = process.stdin.take();
    let mut last = VecDeque::new();
    for line in process.stderr.take().into_iter().flat_map(|said| BufReader::new(said).lines()).map_while(Result::ok) {
        if let Some(directory) = line.strip_prefix(BEGUN) {
            progress(&format!("installing the local AWS into {directory}: once, some 150 MB"));
        } else if !line.trim().is_empty() {
            last.push_back(line.trim().to_owned());
            if last.len() > SHOWN {
                last.pop_front();
            }
        }
    }
    match process.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => {
            let finding =
                Diagnostic::without_place(&codes::NOT_INSTALLED, "the local AWS cannot be installed".to_owned());
            let finding = last.into_iter().fold(finding, |finding, line| finding.help(format!("pip says: {line}")));
            Err(Box::new(
                finding.help("it comes from the package index that pip is set up for; run it again once that answers"),
            ))
        }
        Err(error) => Err(not_run(python, &error)),
    }
}

/// That something cannot be written below the home.
pub(super) fn unwritten(home: &Path, error: &io::Error) -> Box<Diagnostic> {
    let message = format!("`{}` cannot be written: {}", home.display(), WorldError::from(error));
    let finding = Diagnostic::without_place(&codes::NOT_INSTALLED, message);
    Box::new(finding.help("the local AWS is installed into the user's cache; `XDG_CACHE_HOME` says where that is"))
}

/// That Python cannot be run.
pub(super) fn not_run(python: &Path, error: &io::Error) -> Box<Diagnostic> {
    let message = format!("`{}` cannot be run: {}", python.display(), WorldError::from(error));
    Box::new(Diagnostic::without_place(&codes::NO_PYTHON, message))
}
