//! The shell commands around an installation: `build.pre`, `build.command` in its place, `build.post`.
//!
//! They run in a copy of the function's directory, so that the source stays as it is. Around the copy there is what is
//! around the function, as links, so that paths like `../shared` lead where they do in the source. Unlike `tasks.build`
//! they get tc's own environment: they fetch models and private code, for which they need credentials.
//!
//! | variable | what |
//! |---|---|
//! | `TC_OUTPUT` | the directory that becomes the layer, laid over `/opt`: `python/`, `nodejs/node_modules/`, `ruby/gems/X.Y.0/`, `lib/`, `bin/` |
//! | `TC_KIND` | `dependencies`, or `artifacts` where a model is built and `TC_OUTPUT` is its directory |
//! | `TC_RUNTIME` | the function's runtime, such as `python3.13` |
//! | `TC_ARCHITECTURE` | `x86_64` or `arm64` |

use super::local::{copy, digest, lexical};
use super::transcript::Transcript;
use super::{Inputs, Installed, Installer, Request, not_written};
use crate::residue;
use crate::staging::End;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::source::Spanned;

/// How many directories above a function are shown to its commands where there is no repository around it.
const MAX_ABOVE: usize = 8;

/// An installation with the commands around it.
#[derive(Clone, Copy)]
pub struct Commanded<'a>(pub &'a dyn Installer);

impl Installer for Commanded<'_> {
    /// Beyond what the installation depends on: the commands and, since they may read anything there, the function's
    /// whole directory. What they fetch from elsewhere is not known.
    fn inputs(&self, request: &Request<'_>) -> Result<Inputs, Vec<Diagnostic>> {
        let build = &request.function.build;
        let mut inputs = match build.command {
            Some(_) => Inputs::new(),
            None => self.0.inputs(request)?,
        };
        let commands = [build.pre.as_slice(), build.post.as_slice(), build.command.as_slice()];
        if let Some(first) = commands.iter().find_map(|commands| commands.first()) {
            inputs.insert("commands".to_owned(), serde_json::to_vec(&commands).unwrap_or_default());
            let unreadable = |error| vec![not_written(request, first.span, &error)];
            let digest = digest(request.directory, is_left(request)).map_err(unreadable)?;
            inputs.insert("directory".to_owned(), digest);
        }
        Ok(inputs)
    }

    fn install(&self, request: &Request<'_>, tree: &Path, scratch: &Path) -> Result<Installed, Vec<Diagnostic>> {
        let build = &request.function.build;
        let all = || build.pre.iter().chain(&build.command).chain(&build.post);
        let Some(first) = all().next() else { return self.0.install(request, tree, scratch) };
        let failed = |error: io::Error| vec![not_written(request, first.span, &error)];
        let inner = scratch.join("install");
        fs::create_dir_all(&inner).map_err(failed)?;
        let stage = Stage::set(request, scratch, is_left(request)).map_err(failed)?;
        let stage = stage.with_output("dependencies", tree);
        stage.run("build.pre", &build.pre)?;
        let installed = match &build.command {
            Some(command) => {
                stage.run("build.command", std::slice::from_ref(command))?;
                Installed::default()
            }
            // What was there before is installed from where it is, so that `--fix` mends the source.
            None if build.pre.is_empty() => self.0.install(request, tree, &inner)?,
            None => self.0.install(&Request { directory: &stage.directory, ..*request }, tree, &inner)?,
        };
        stage.run("build.post", &build.post)?;
        Ok(installed)
    }
}

/// What a copy of a function's directory is without, where dependencies are installed: residue, and its model.
fn is_left(request: &Request<'_>) -> impl Fn(&str) -> bool {
    let model = request.function.model_directory();
    move |name| residue::of_any(name) || model == Some(name)
}

/// A copy of a function's directory, among links to what is around it.
pub(crate) struct Stage<'a> {
    request: &'a Request<'a>,
    /// The copy.
    pub directory: PathBuf,
    /// `TC_KIND`.
    kind: &'static str,
    /// `TC_OUTPUT`.
    output: PathBuf,
    scratch: &'a Path,
}

impl<'a> Stage<'a> {
    /// Copies the function's directory without what `skip` says of a name, into the empty directory `scratch`.
    ///
    /// # Errors
    /// When something cannot be read or written.
    pub fn set(request: &'a Request<'a>, scratch: &'a Path, skip: impl Fn(&str) -> bool) -> io::Result<Self> {
        let source = lexical(request.directory);
        let top = top(&source);
        let mut copied = scratch.join("staging");
        fs::create_dir_all(&copied)?;
        let mut original = top.to_owned();
        for part in source.strip_prefix(top).unwrap_or(Path::new("")).components() {
            for entry in fs::read_dir(&original)? {
                let name = entry?.file_name();
                // tc's own cache lies there, and the scratch directory may.
                if name != part.as_os_str() && name != ".tc" {
                    symlink(original.join(&name), copied.join(&name))?;
                }
            }
            original.push(part);
            copied.push(part);
            fs::create_dir(&copied)?;
        }
        copy(&source, &copied, skip)?;
        fs::create_dir_all(scratch.join("tmp"))?;
        Ok(Self { request, output: copied.clone(), directory: copied, kind: "", scratch })
    }

    /// What is made there, and where commands put it.
    #[must_use]
    pub fn with_output(self, kind: &'static str, output: &Path) -> Self {
        Self { kind, output: output.to_owned(), ..self }
    }

    /// Runs the commands of a key of function.json, one after the other.
    ///
    /// # Errors
    /// When one of them fails: what it said.
    pub fn run(&self, key: &str, commands: &[Spanned<String>]) -> Result<(), Vec<Diagnostic>> {
        let Request { function, tools, target, .. } = self.request;
        for command in commands {
            self.request.progress.step(&function.name, &format!("running `{key}`"));
            let mut shell = tools.command("sh", &self.directory);
            // The command is an argument of its own, so that its text cannot end what sets the umask.
            shell.args(["-c", "umask 022; exec sh -c \"$1\"", "sh", command.value.as_str()]);
            shell.env("TC_OUTPUT", &self.output);
            shell.env("TC_KIND", self.kind);
            shell.env("TC_RUNTIME", target.runtime.spelling());
            shell.env("TC_ARCHITECTURE", target.architecture.as_str());
            shell.env("TMPDIR", self.scratch.join("tmp"));
            let ran = tools.run(&mut shell).map_err(|error| vec![not_written(self.request, command.span, &error)])?;
            let end = match ran.end {
                End::Success => continue,
                End::Status(status) => format!("with exit status {status}"),
                End::Signal(signal) => format!("by signal {signal}"),
            };
            let places = [(self.output.as_path(), "$TC_OUTPUT"), (self.directory.as_path(), "."), (self.scratch, "..")];
            let said = Transcript::of(&ran, &places);
            let message = format!("a command of `{key}` of function `{}` ended {end}", function.name);
            let finding = said.quote(Diagnostic::new(&codes::COMMAND_FAILED, command.span, message));
            return Err(vec![match ran.end {
                End::Status(127) => finding.help("a program is not installed, or not on the PATH"),
                _ => finding,
            }]);
        }
        Ok(())
    }
}

/// The directory around a function whose other contents its commands see: the repository's root.
fn top(directory: &Path) -> &Path {
    let above = || directory.ancestors().take(MAX_ABOVE);
    above().find(|path| path.join(".git").exists()).or_else(|| directory.parent()).unwrap_or(directory)
}
