//! Gems, by Bundler.
//!
//! Bundler runs where the Gemfile stands, so that paths between gems stay true, but writes only to the scratch
//! directory. It is told to work for the function's Ruby and machine, so that any Ruby will do for gems without
//! extensions: `required_ruby_version` and `ruby` in the Gemfile are held against the function's runtime, and gems with
//! binaries are taken for Linux on its processor. An extension is compiled only by the same Ruby on the same kind of
//! machine; elsewhere it is an error.
//!
//! The gems lie below `/opt/ruby/gems/X.Y.0`, which is on the runtime's GEM_PATH (Lambda Developer Guide, "Working with
//! layers for Ruby Lambda functions"). `require` finds them there without Bundler; gems from directories and git,
//! which Bundler would look for elsewhere, are put among them.

mod bundler;
mod failure;
mod gemfile;

use super::local::{Entry, copy_file, digest, entries, lexical, relocate};
use super::transcript::conceal;
use super::{Distribution, Inputs, Installed, Installer, Request};
use crate::residue;
use bundler::{Bundler, Workshop};
use failure::List;
use gemfile::{asks_for_gems, gem_place, paths};
use serde::Deserialize;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::source::{FileId, Span};

/// Installs gems.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ruby;

/// A gem as `collect.rb` prints it.
#[derive(Debug, Deserialize)]
struct Gem {
    name: String,
    version: String,
    /// With the version, and the platform where it is for one.
    full_name: String,
    source: Source,
    directory: PathBuf,
    /// Whether it has extensions.
    extensions: bool,
    /// Whether it belongs to the Ruby that Bundler runs on, and so was not installed.
    is_builtin: bool,
    /// Of a gem from a directory or git, its files below `directory`.
    #[serde(default)]
    files: Vec<String>,
    /// Of a gem from a directory or git, its specification as Ruby.
    #[serde(default)]
    specification: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    Registry,
    Git,
    Path,
}

/// The lists of a function.
struct Project {
    file: FileId,
    text: String,
    lock: Option<String>,
    directory: PathBuf,
}

impl Project {
    fn read(request: &Request<'_>) -> Result<Self, Vec<Diagnostic>> {
        let Some((file, text)) = request.source("Gemfile") else {
            let message = format!("`Gemfile` of function `{}` cannot be read", request.function.name);
            return Err(vec![Diagnostic::new(&codes::UNUSABLE_LIST, request.function.span, message)]);
        };
        let directory = lexical(request.directory);
        let lock = match fs::read_to_string(directory.join("Gemfile.lock")) {
            Ok(lock) => Some(lock),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                let error = tc_core::world::WorldError::from(&error);
                let message = format!("`Gemfile.lock` cannot be read: {error}");
                return Err(vec![Diagnostic::new(&codes::UNUSABLE_LIST, Span::start_of(file), message)]);
            }
        };
        Ok(Self { file, text, lock, directory })
    }

    fn start(&self) -> Span {
        Span::start_of(self.file)
    }

    /// Whether gems are vendored.
    fn is_vendored(&self) -> bool {
        let entries = fs::read_dir(self.directory.join("vendor/cache")).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| entry.file_name().to_string_lossy().ends_with(".gem"))
    }
}

impl Installer for Ruby {
    fn inputs(&self, request: &Request<'_>) -> Result<Inputs, Vec<Diagnostic>> {
        let project = Project::read(request)?;
        let mut inputs = Inputs::from([("Gemfile".to_owned(), project.text.clone().into_bytes())]);
        if !asks_for_gems(&project.text) {
            return Ok(inputs);
        }
        let bundler = Bundler::find(request, project.start())?;
        let Bundler { abi, compiles_for_target, rubygems, version, .. } = &bundler;
        let tools = format!("ruby {abi} ({compiles_for_target}), rubygems {rubygems}, bundler {version}");
        inputs.insert("ruby".to_owned(), tools.into_bytes());
        inputs.extend(project.lock.clone().map(|lock| ("Gemfile.lock".to_owned(), lock.into_bytes())));
        for name in [".ruby-version", ".tool-versions"] {
            inputs.extend(fs::read(project.directory.join(name)).ok().map(|bytes| (name.to_owned(), bytes)));
        }
        let mut places = paths(&project.text, project.lock.as_deref());
        if project.is_vendored() {
            places.insert("vendor/cache".to_owned());
        }
        for place in places {
            let path = lexical(&project.directory.join(&place));
            // Of one that is not there, Bundler says so.
            if path.exists() {
                let digest = digest(&path, residue::of_dependency).map_err(|error| {
                    let error = tc_core::world::WorldError::from(&error);
                    let message = format!("`{place}`, which the Gemfile names, cannot be read: {error}");
                    vec![Diagnostic::new(&codes::UNUSABLE_LIST, project.start(), message)]
                })?;
                inputs.insert(format!("local {place}"), digest);
            }
        }
        Ok(inputs)
    }

    fn install(&self, request: &Request<'_>, tree: &Path, scratch: &Path) -> Result<Installed, Vec<Diagnostic>> {
        let project = Project::read(request)?;
        if !asks_for_gems(&project.text) {
            return Ok(Installed::default());
        }
        let bundler = Bundler::find(request, project.start())?;
        let mut installed = Installation { request, project: &project, bundler: &bundler }.run(tree, scratch);
        let findings = installed.as_mut().map_or_else(|findings| findings, |installed| &mut installed.findings);
        conceal(findings, project.file, &project.text);
        installed
    }
}

/// One installation.
struct Installation<'a> {
    request: &'a Request<'a>,
    project: &'a Project,
    bundler: &'a Bundler,
}

impl Installation<'_> {
    fn run(&self, tree: &Path, scratch: &Path) -> Result<Installed, Vec<Diagnostic>> {
        let (request, project) = (self.request, self.project);
        let failed = |error: io::Error| vec![super::not_written(request, project.start(), &error)];
        let place = scratch.join("bundler");
        let is_vendored = project.is_vendored();
        let list = List { file: project.file, text: &project.text, is_vendored };
        let workshop = Workshop::new(request, self.bundler, &project.directory, &place, project.lock.as_deref());
        let workshop = workshop.map_err(failed)?;

        request.progress.step(&request.function.name, "installing by Bundler");
        let ran = workshop.install(is_vendored).map_err(failed)?;
        if !ran.succeeded() {
            return Err(vec![failure::finding(request, list, &ran, &project.directory, &place)]);
        }
        let uncompiled = workshop.uncompiled();
        if !uncompiled.is_empty() {
            return Err(uncompiled.iter().map(|gem| self.needs_compiler(gem)).collect());
        }
        let ran = workshop.collect().map_err(failed)?;
        let gems: Option<Vec<Gem>> = ran.succeeded().then(|| serde_json::from_str(&ran.stdout).ok()).flatten();
        let Some(mut gems) = gems else {
            return Err(vec![failure::finding(request, list, &ran, &project.directory, &place)]);
        };
        gems.sort_by(|a, b| (&a.name, &a.full_name).cmp(&(&b.name, &b.full_name)));
        let unusable: Vec<_> = gems.iter().filter(|gem| gem.source != Source::Registry && gem.extensions).collect();
        if !unusable.is_empty() {
            return Err(unusable.into_iter().map(|gem| self.not_released(gem)).collect());
        }

        let base = format!("ruby/gems/{}.0", request.target.version().unwrap_or_default());
        self.lay_down(&workshop.installed(), &gems, &tree.join(&base)).map_err(failed)?;
        let distributions = distributions(&gems, tree, &base).map_err(failed)?;
        Ok(Installed { distributions, findings: self.remarks(&gems) })
    }

    /// Puts the gems into `base`, which Ruby knows as a directory of gems.
    fn lay_down(&self, installed: &Path, gems: &[Gem], base: &Path) -> io::Result<()> {
        for name in ["gems", "specifications"] {
            if installed.join(name).is_dir() {
                relocate(&installed.join(name), &base.join(name))?;
            }
        }
        // extensions/PLATFORM/INTERFACE/GEM, where a Ruby that is not a shared library has another interface name.
        for platform in fs::read_dir(installed.join("extensions")).into_iter().flatten() {
            let platform = platform?;
            let to = base.join("extensions").join(platform.file_name());
            for interface in fs::read_dir(platform.path())? {
                relocate(&interface?.path(), &to.join(base.file_name().unwrap_or_default()))?;
            }
        }
        for gem in gems.iter().filter(|gem| gem.source == Source::Registry && gem.extensions) {
            for part in ["gems", "extensions"] {
                sweep(&base.join(part), &gem.full_name)?;
            }
        }
        for gem in gems.iter().filter(|gem| gem.source != Source::Registry) {
            let to = base.join("gems").join(&gem.full_name);
            for file in &gem.files {
                copy_file(&gem.directory.join(file), &to.join(file))?;
            }
            fs::create_dir_all(&to)?;
            fs::create_dir_all(base.join("specifications"))?;
            fs::write(base.join("specifications").join(format!("{}.gemspec", gem.full_name)), &gem.specification)?;
        }
        Ok(())
    }

    fn remarks(&self, gems: &[Gem]) -> Vec<Diagnostic> {
        let mut remarks = Vec::new();
        let project = self.project;
        if project.lock.is_none() {
            let message = format!("the gems of function `{}` are not locked", self.request.function.name);
            remarks.push(
                Diagnostic::new(&codes::LOCK_ABSENT, project.start(), message)
                    .help("another build may install other versions; lock them and commit the lock: `bundle lock`"),
            );
        }
        let builtin: Vec<_> = gems.iter().filter(|gem| gem.is_builtin).collect();
        if let Some(first) = builtin.first() {
            let names: Vec<_> = builtin.iter().map(|gem| format!("`{}` {}", gem.name, gem.version)).collect();
            let verb = if builtin.len() == 1 { "belongs" } else { "belong" };
            let message = format!("{} {verb} to this machine's Ruby and is not in the layer", names.join(", "));
            let runtime = self.request.target.runtime.id();
            remarks.push(
                Diagnostic::new(&codes::BUILTIN_GEM, self.place(&first.name), message)
                    .help(format!("the function uses what `{runtime}` brings; lock a newer version to take it along")),
            );
        }
        remarks
    }

    fn place(&self, gem: &str) -> Span {
        gem_place(self.project.file, &self.project.text, gem)
    }

    /// A gem, `NAME VERSION`, with an extension that this Ruby cannot compile for the target.
    fn needs_compiler(&self, gem: &str) -> Diagnostic {
        let name = gem.split(' ').next().unwrap_or_default();
        let (request, abi) = (self.request, &self.bundler.abi);
        let (wanted, cpu) = (request.target.version().unwrap_or_default(), request.target.architecture.as_str());
        let message = if abi == wanted {
            format!("`{gem}` has an extension, which this machine cannot compile for Linux on {cpu}")
        } else {
            format!("`{gem}` has an extension, which Ruby {abi} cannot compile for `{}`", request.target.runtime.id())
        };
        let at = self.place(name);
        let finding = Diagnostic::new(&codes::EXTENSION, at, message);
        let finding = match at.end == at.start {
            true => finding.help(format!("another gem needs `{name}`: Gemfile.lock says which")),
            false => finding,
        };
        finding
            .help(format!("install Ruby {wanted} on a machine with Linux on {cpu}, as `ruby{wanted}` or `ruby`"))
            .help("or take a version with binaries for Linux, or `build.kind: image`")
    }

    fn not_released(&self, gem: &Gem) -> Diagnostic {
        let source = if gem.source == Source::Git { "git" } else { "a directory" };
        let message = format!("`{}` has an extension and comes from {source}", gem.name);
        Diagnostic::new(&codes::EXTENSION, self.place(&gem.name), message)
            .help("only released gems are compiled: `gem build` it into `vendor/cache`, or use `build.kind: image`")
    }
}

/// Removes what compiling left in a gem: it holds paths of this machine.
fn sweep(base: &Path, full_name: &str) -> io::Result<()> {
    let is_left = |name: &str| {
        let file = name.rsplit('/').next().unwrap_or_default();
        matches!(file, "Makefile" | "mkmf.log" | "gem_make.out") || file.ends_with(".o")
    };
    let all = if base.is_dir() { entries(base, |_| false)? } else { Vec::new() };
    let of_gem = |entry: &&Entry| entry.name.split('/').any(|part| part == full_name);
    for entry in all.iter().filter(of_gem).filter(|entry| is_left(&entry.name)) {
        fs::remove_file(&entry.path)?;
    }
    Ok(())
}

/// The gems as distributions.
fn distributions(gems: &[Gem], tree: &Path, base: &str) -> io::Result<Vec<Distribution>> {
    let all = entries(tree, |_| false)?;
    let of = |gem: &Gem| {
        let specification = format!("{base}/specifications/{}.gemspec", gem.full_name);
        let (own, extension) = (format!("{base}/gems/{}/", gem.full_name), format!("/{}/", gem.full_name));
        let is_extension = |name: &str| name.starts_with(&format!("{base}/extensions/")) && name.contains(&extension);
        let names = all.iter().map(|entry| entry.name.as_str());
        let files = names.filter(|name| *name == specification || name.starts_with(&own) || is_extension(name));
        Distribution { name: gem.name.clone(), version: gem.version.clone(), files: files.map(str::to_owned).collect() }
    };
    Ok(gems.iter().filter(|gem| !gem.is_builtin).map(of).collect())
}
