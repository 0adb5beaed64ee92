//! Node packages, by npm.
//!
//! npm runs in a copy of the lists, laid down in the scratch directory as they lie around the function, so that the
//! source is not written to and paths between packages stay true. With a lock it is `npm ci`; without one npm resolves
//! anew, which is said. Only what the code needs when it runs is installed, for Linux with glibc on the function's
//! processor; install scripts are not run, because they build for this machine.
//!
//! A dependency on a directory (`file:../shared`, or a package of a workspace), which npm only links, is copied: what
//! npm would publish of it, with what it needs itself. A function that is a package of a workspace above it is
//! installed from that workspace's lock.

mod failure;
mod links;
mod manifest;
mod npm;
mod packages;

use super::local::{copy, copy_file, digest, lexical, relocate};
use super::transcript::conceal;
use super::{Inputs, Installed, Installer, Request};
use crate::residue;
use failure::List;
use manifest::{Local, Manifest, place};
use npm::{Npm, lock};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::source::{FileId, Span};

/// Locks of other package managers, and whose they are.
const FOREIGN: [(&str, &str); 4] =
    [("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("bun.lock", "bun"), ("bun.lockb", "bun")];
/// The lists that npm reads.
const LISTS: [&str; 4] = ["package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc"];

/// Installs Node packages.
#[derive(Debug, Clone, Copy, Default)]
pub struct Node;

/// What is to be installed: the function's package, and the workspace that it belongs to.
struct Project {
    file: FileId,
    text: String,
    manifest: Manifest,
    /// The directory that npm runs in: the function's, or that of the workspace.
    root: PathBuf,
    /// Where the function's package lies below `root`, if it is a member of its workspace.
    member: Option<PathBuf>,
    /// Directories and archives of this machine that it depends on.
    locals: Vec<Local>,
}

impl Project {
    fn read(request: &Request<'_>) -> Result<Self, Vec<Diagnostic>> {
        let Some((file, text)) = request.source("package.json") else {
            let message = format!("`package.json` of function `{}` cannot be read", request.function.name);
            return Err(vec![Diagnostic::new(&codes::UNUSABLE_LIST, request.function.span, message)]);
        };
        let manifest = Manifest::parse(&text).map_err(|(reason, line, column)| {
            let offset = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
            let at = offset + column.saturating_sub(1);
            let span = match text.get(at..at + 1) {
                Some(_) => Span::new(file, at, at + 1),
                None => Span::start_of(file),
            };
            vec![Diagnostic::new(&codes::UNUSABLE_LIST, span, format!("package.json cannot be read: {reason}"))]
        })?;
        let own = lexical(request.directory);
        let (root, member) = match lock(&own) {
            Some(_) => (own.clone(), None),
            None => workspace(&own).map_or((own.clone(), None), |(root, member)| (root, Some(member))),
        };
        let locals = match Manifest::of(&root).filter(|_| member.is_some()) {
            Some(around) => around.locals(&root),
            None => manifest.locals(&own),
        };
        let mut project = Self { file, text, manifest, root, member, locals };
        project.check_locals(&own)?;
        project.locals.retain(|local| local.path != own);
        project.check_lock(request)?;
        Ok(project)
    }

    fn check_locals(&self, own: &Path) -> Result<(), Vec<Diagnostic>> {
        let at = |local: &Local| place(self.file, &self.text, &local.name);
        let mut findings = Vec::new();
        for local in &self.locals {
            if local.written.trim_start_matches("file:").starts_with(['/', '~']) {
                let message = format!("`{}` is named by a path of this machine alone", local.name);
                let help = "write it relative to package.json: `file:../NAME`";
                findings.push(Diagnostic::new(&codes::LOCAL_ABSENT, at(local), message).help(help));
            } else if !local.path.exists() {
                let message = format!("`{}` is to come from `{}`, where nothing is", local.name, local.written);
                findings.push(Diagnostic::new(&codes::LOCAL_ABSENT, at(local), message));
            } else if own.starts_with(&local.path) && self.member.is_none() {
                let message = format!("`{}` is the directory that the function lies in", local.name);
                let help = "a package cannot hold itself: move what is shared beside the function";
                findings.push(Diagnostic::new(&codes::LOCAL_ABSENT, at(local), message).help(help));
            }
        }
        if findings.is_empty() { Ok(()) } else { Err(findings) }
    }

    fn check_lock(&self, request: &Request<'_>) -> Result<(), Vec<Diagnostic>> {
        if lock(&self.root).is_some() || !self.manifest.needs_npm() {
            return Ok(());
        }
        let Some((name, manager)) = FOREIGN.iter().find(|(name, _)| self.root.join(name).is_file()) else {
            return Ok(());
        };
        let message = format!(
            "the dependencies of function `{}` are locked by {manager}, and tc installs with npm",
            request.function.name
        );
        let finding = Diagnostic::new(&codes::FOREIGN_LOCK, Span::start_of(self.file), message)
            .help(format!("write a lock for npm beside `{name}`: `npm install --package-lock-only`"))
            .help(format!("or let {manager} install: `build.command` in function.json"));
        Err(vec![finding])
    }

    /// What the list says of this project, for findings.
    fn list(&self) -> List<'_> {
        List { file: self.file, text: &self.text, lock: lock(&self.root) }
    }

    /// The directory that holds all of the project.
    fn base(&self) -> PathBuf {
        self.locals.iter().fold(self.root.clone(), |base, local| {
            let mut base = base;
            let directory = local.path.parent().unwrap_or(&local.path);
            while !directory.starts_with(&base) && base.pop() {}
            base
        })
    }

    /// Lays the project down below `scratch` as it lies on this machine. Gives the place of `root`.
    fn lay_down(&self, scratch: &Path, own: &Path) -> io::Result<Mirror> {
        let mirror = Mirror { base: self.base(), place: scratch.join("project") };
        let root = mirror.of(&self.root);
        fs::create_dir_all(&root)?;
        for directory in [self.root.as_path(), own] {
            for name in LISTS.iter().filter(|name| directory.join(name).is_file()) {
                copy_file(&directory.join(name), &mirror.of(directory).join(name))?;
            }
        }
        for local in &self.locals {
            copy(&local.path, &mirror.of(&local.path), residue::of_dependency)?;
        }
        Ok(mirror)
    }
}

/// Where a project lies in the scratch directory.
struct Mirror {
    base: PathBuf,
    place: PathBuf,
}

impl Mirror {
    fn of(&self, path: &Path) -> PathBuf {
        self.place.join(path.strip_prefix(&self.base).unwrap_or(path))
    }
}

/// The workspace above a package that it belongs to, with the package's place in it. Looked for up to the root of the
/// repository.
fn workspace(own: &Path) -> Option<(PathBuf, PathBuf)> {
    for above in own.ancestors().skip(1) {
        let relative = own.strip_prefix(above).ok()?;
        if Manifest::of(above).is_some_and(|manifest| manifest.has_member(relative)) {
            return Some((above.to_owned(), relative.to_owned()));
        }
        if above.join(".git").exists() {
            return None;
        }
    }
    None
}

/// `.npmrc` without the lines that hold credentials, which decide nothing of what is installed.
fn settings(text: &str) -> String {
    let is_secret = |line: &&str| ["_auth", "_password", "username", "email"].iter().any(|key| line.contains(key));
    text.lines().filter(|line| !is_secret(line)).map(|line| format!("{line}\n")).collect()
}

impl Installer for Node {
    fn inputs(&self, request: &Request<'_>) -> Result<Inputs, Vec<Diagnostic>> {
        let project = Project::read(request)?;
        let mut inputs = Inputs::from([("package.json".to_owned(), project.manifest.essence())]);
        if project.manifest.needs_npm() || project.member.is_some() {
            let npm = Npm::find(request, Span::start_of(project.file))?;
            inputs.insert("node".to_owned(), npm.node_version(request).into_bytes());
            inputs.insert("npm".to_owned(), npm.version.into_bytes());
        }
        let unreadable = |path: &Path, error: &io::Error| vec![unreadable(&project, path, error)];
        if let Some(name) = lock(&project.root) {
            let path = project.root.join(name);
            inputs.insert("lock".to_owned(), fs::read(&path).map_err(|error| unreadable(&path, &error))?);
        }
        if let Ok(text) = fs::read_to_string(project.root.join(".npmrc")) {
            inputs.insert(".npmrc".to_owned(), settings(&text).into_bytes());
        }
        let base = project.base();
        for local in &project.locals {
            let name = local.path.strip_prefix(&base).unwrap_or(&local.path);
            let digest =
                digest(&local.path, residue::of_dependency).map_err(|error| unreadable(&local.path, &error))?;
            inputs.insert(format!("local {}", name.display()), digest);
        }
        if let Some(member) = &project.member {
            inputs.insert("member".to_owned(), member.to_string_lossy().into_owned().into_bytes());
            let around = Manifest::of(&project.root).map(|manifest| manifest.essence());
            inputs.insert("workspace".to_owned(), around.unwrap_or_default());
        }
        Ok(inputs)
    }

    fn install(&self, request: &Request<'_>, tree: &Path, scratch: &Path) -> Result<Installed, Vec<Diagnostic>> {
        let project = Project::read(request)?;
        if !project.manifest.needs_npm() {
            return Ok(Installed::default());
        }
        let npm = Npm::find(request, Span::start_of(project.file))?;
        let mut installed = Installation { request, project: &project, npm: &npm, scratch }.run(tree);
        let findings = installed.as_mut().map_or_else(|findings| findings, |installed| &mut installed.findings);
        conceal(findings, project.file, &project.text);
        installed
    }
}

fn unreadable(project: &Project, path: &Path, error: &io::Error) -> Diagnostic {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let error = tc_core::world::WorldError::from(error);
    Diagnostic::new(&codes::UNUSABLE_LIST, Span::start_of(project.file), format!("`{name}` cannot be read: {error}"))
}

/// One installation.
struct Installation<'a> {
    request: &'a Request<'a>,
    project: &'a Project,
    npm: &'a Npm,
    scratch: &'a Path,
}

impl Installation<'_> {
    fn run(&self, tree: &Path) -> Result<Installed, Vec<Diagnostic>> {
        let project = self.project;
        let failed = |error: io::Error| vec![self.not_written(&error)];
        let own = lexical(self.request.directory);
        let mirror = project.lay_down(self.scratch, &own).map_err(failed)?;
        let root = mirror.of(&project.root);
        let mut findings = Vec::new();

        self.request.progress.step(&self.request.function.name, "installing by npm");
        self.npm_install(&root, project.member.as_deref(), &mirror)?;
        if lock(&project.root).is_none() {
            findings.push(self.no_lock(&project.root, Span::start_of(project.file)));
        }
        findings.extend(self.install_linked(&mirror)?);

        let prefix = "nodejs/node_modules";
        let modules = root.join("node_modules");
        let mut above = vec![mirror.of(&own).canonicalize().map_err(failed)?];
        let mut placed = vec![(modules, prefix.to_owned())];
        if project.member.is_some() {
            // What the workspace keeps apart for this package goes where the runtime looks first: NODE_PATH begins
            // with /opt/nodejs/nodeNN/node_modules. From there Node looks further up, as it did in the workspace.
            let major = self.request.target.version().unwrap_or_default();
            let apart = mirror.of(&own).join("node_modules");
            placed.push((apart, format!("nodejs/node{major}/node_modules")));
        }
        let mut packages = Vec::new();
        for (from, to) in placed.into_iter().filter(|(from, _)| from.is_dir()) {
            links::materialise(self.request, self.npm, &from, &mut above).map_err(failed)?;
            packages::prune(&from, self.request.target.architecture).map_err(failed)?;
            relocate(&from, &tree.join(&to)).map_err(failed)?;
            packages.extend(packages::find(&tree.join(&to), &to).map_err(failed)?);
        }
        let list = (project.file, project.text.as_str());
        findings.extend(packages::remarks(self.request, self.npm, &packages, list, self.scratch));
        let distributions = packages::distributions(&packages).map_err(failed)?;
        Ok(Installed { distributions, findings })
    }

    fn npm_install(&self, directory: &Path, member: Option<&Path>, mirror: &Mirror) -> Result<(), Vec<Diagnostic>> {
        let ran = self.npm.install(self.request, directory, member);
        let ran = ran.map_err(|error| vec![self.not_written(&error)])?;
        match ran.succeeded() {
            true => Ok(()),
            false => {
                let list = self.project.list();
                Err(vec![failure::finding(self.request, &list, &ran, &mirror.place)])
            }
        }
    }

    /// Installs what directories need that npm only links: of those it takes nothing but a package of a workspace's.
    fn install_linked(&self, mirror: &Mirror) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        let mut findings = Vec::new();
        let mut seen = BTreeSet::new();
        for local in &self.project.locals {
            let is_outside = !local.path.starts_with(&self.project.root);
            let needs = Manifest::of(&local.path).is_some_and(|manifest| manifest.needs().next().is_some());
            // npm has packed it, where the settings say so.
            let is_linked = is_linked(mirror, &self.project.root, &local.name);
            if !(is_outside && needs && is_linked && seen.insert(&local.path)) {
                continue;
            }
            self.npm_install(&mirror.of(&local.path), None, mirror)?;
            if lock(&local.path).is_none() {
                findings.push(self.no_lock(&local.path, place(self.project.file, &self.project.text, &local.name)));
            }
        }
        Ok(findings)
    }

    fn no_lock(&self, directory: &Path, span: Span) -> Diagnostic {
        let own = lexical(self.request.directory);
        let whose = match directory == own {
            true => format!("the dependencies of function `{}` are not locked", self.request.function.name),
            false => {
                let name = directory.file_name().unwrap_or_default().to_string_lossy();
                format!("the dependencies of `{name}` are not locked")
            }
        };
        Diagnostic::new(&codes::LOCK_ABSENT, span, whose)
            .help("another build may install other versions; lock them and commit the lock: `npm install --package-lock-only`")
    }

    fn not_written(&self, error: &io::Error) -> Diagnostic {
        super::not_written(self.request, Span::start_of(self.project.file), error)
    }
}

/// Whether npm made a link of a dependency. One that another directory depends on is always linked from there.
fn is_linked(mirror: &Mirror, root: &Path, name: &str) -> bool {
    let path = mirror.of(root).join("node_modules").join(name);
    path.symlink_metadata().map_or(true, |metadata| metadata.is_symlink())
}
