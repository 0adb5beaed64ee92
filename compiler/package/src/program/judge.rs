//! Whether a program can be started in the image of its runtime: its processor, its C library, the libraries it needs.

use crate::layer::elf::{Elf, Libc, Machine};
use crate::layer::image::{Image, Presence};
use crate::layer::install::Request;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::{artifact, dependency as codes};

/// What is wrong with a program; `older` is how to make one that older images can start.
pub(super) fn judge(request: &Request<'_>, bytes: &[u8], older: Option<&str>) -> Vec<Diagnostic> {
    let function = request.function;
    let (name, image) = (&function.name, Image::of(request.target));
    let about = |code, message: String| Diagnostic::new(code, function.span, message);
    let wanted = request.target.architecture;
    let Ok(program) = Elf::read(bytes) else {
        let message = format!("what was compiled of function `{name}` is no program for Linux");
        return vec![about(&codes::NO_PROGRAM, message)];
    };
    if program.platform.machine != Machine::Lambda(wanted) {
        let message =
            format!("function `{name}` was compiled for {}, and runs on {}", program.platform, wanted.as_str());
        return vec![about(&artifact::WRONG_PROCESSOR, message)];
    }
    let mut findings = Vec::new();
    if program.platform.libc == Libc::Musl {
        let message = format!("the program of function `{name}` loads musl, which is not in {}", image.describe());
        let finding = about(&codes::MISSING_LIBRARY, message);
        return vec![finding.help("link musl into it: without `-C target-feature=-crt-static`")];
    }
    if let Some(needed) = program.versions.glibc.filter(|needed| *needed > image.glibc()) {
        let message = format!(
            "the program of function `{name}` needs glibc {needed}, which is newer than that of {}",
            image.describe()
        );
        findings.push(about(&codes::NEWER_LIBC, message).help_opt(older.map(str::to_owned)));
    }
    for library in &program.needed {
        match image.library(library) {
            Presence::Present => {}
            Presence::Unsure => {
                let message = format!(
                    "the program of function `{name}` needs `{library}`, which may not be in {}",
                    image.describe()
                );
                findings.push(about(&codes::UNSURE_LIBRARY, message).help("link it into the program to be sure"));
            }
            Presence::Absent => {
                let message =
                    format!("the program of function `{name}` needs `{library}`, which is not in {}", image.describe());
                let help = "link it into the program (crates have a feature such as `vendored` for that), or put it \
                            into a layer";
                findings.push(about(&codes::MISSING_LIBRARY, message).help(help));
            }
        }
    }
    findings
}
