//! What a function's list of dependencies leads to, on this machine: the lists and locks that decide which dependencies
//! a layer has, and the local directories that they come from. Reads files, and asks nobody else.

use super::super::Request;
use super::super::local;
use super::check::check;
use super::disk::Disk;
use super::lock::{self, Pylock};
use super::name::split;
use super::pyproject::{Placed, Project};
use super::requirements::{self, Kind};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::{dependency as codes, reading};
use tc_core::source::{FileId, Span};

/// How many lists may include each other.
const MAX_LISTS: usize = 100;

/// The list that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum List {
    /// `[project]` of pyproject.toml.
    Project,
    /// requirements.txt.
    Requirements,
    /// A uv.lock, with pyproject.toml.
    UvLock(PathBuf),
    /// A pylock.toml.
    Pylock,
}

/// A direct dependency.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its normalised name, where the list names it.
    pub name: Option<String>,
    /// As it is written.
    pub text: String,
    /// Where.
    pub span: Span,
}

impl Entry {
    /// Its name, or what it is called without one.
    fn shown(&self) -> String {
        self.name.as_ref().map_or_else(|| "the repository".to_owned(), |name| format!("`{name}`"))
    }
}

/// What a list leads to.
#[derive(Debug)]
pub(super) struct Plan {
    /// The list that decides.
    pub list: List,
    /// The file that the user writes.
    pub file: FileId,
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: String,
    /// All lists that were read: their names below the function's directory, and their texts.
    pub lists: Vec<(String, FileId, String)>,
    /// The direct dependencies.
    pub entries: Vec<Entry>,
    /// What of the disk decides.
    pub disk: Disk,
    /// Direct dependencies that follow a branch, as they are called, and where the list asks for them.
    pub moving: Vec<(String, Span)>,
}

impl Plan {
    /// Reads what a function's list leads to; `None` where it asks for nothing.
    ///
    /// # Errors
    /// What in it cannot be taken.
    pub fn read(request: &Request<'_>) -> Result<Option<Self>, Vec<Diagnostic>> {
        let Some(list) = &request.function.dependencies else { return Ok(None) };
        let beside = |name: &str| request.directory.join(name).is_file();
        if list.file_name() == "requirements.txt" {
            return Self::requirements(request);
        }
        let (file, text) = source(request, "pyproject.toml")?;
        let project = Project::parse(&text).map_err(|error| {
            let at = error.span().unwrap_or_default();
            let message =
                format!("pyproject.toml is no TOML: {}", error.message().lines().collect::<Vec<_>>().join(", "));
            vec![Diagnostic::new(&codes::UNUSABLE_LIST, Span::new(file, at.start, at.end), message)]
        })?;
        let has_poetry = project.dependencies.is_empty() && project.poetry.is_some();
        match project.name {
            None if beside("requirements.txt") && !has_poetry => return Self::requirements(request),
            None if !has_poetry => return Ok(None),
            _ => {}
        }
        check(request, file, &project, has_poetry)?;
        if project.dependencies.is_empty() {
            return Ok(None);
        }
        let mut plan = Self::new(List::Project, file, "pyproject.toml", text);
        plan.entries = project.dependencies.iter().map(|dependency| plan.entry(dependency)).collect();
        plan.disk.built.extend(project.built());
        plan.disk.settings(request.directory);
        plan.disk.choose_from(request.directory, &project.find_links);
        plan.disk.keep(request.directory, "pyproject.toml");
        match uv_lock(request.directory, &project) {
            Some((lock, text, paths)) => {
                let root = lock.parent().unwrap_or(request.directory).to_owned();
                paths.iter().for_each(|path| plan.disk.add(&root, path));
                plan.disk.files.insert(lock.clone(), text.into_bytes());
                plan.list = List::UvLock(lock);
            }
            // One at a root above may be of other projects; the one beside is this one's.
            None if beside("uv.lock") => {
                let name = project.name.unwrap_or_default();
                let message = format!("uv.lock does not know `{name}`, or is no lock");
                return Err(vec![Diagnostic::new(&codes::STALE_LOCK, plan.start(), message).help("run `uv lock`")]);
            }
            None if beside("pylock.toml") => plan.pylock(request)?,
            None if project.needs_workspace() => {
                let message =
                    "a project that depends on other members of its workspace needs the workspace's `uv.lock`";
                return Err(vec![Diagnostic::new(&codes::STALE_LOCK, plan.start(), message).help("run `uv lock`")]);
            }
            None => {
                for path in project.paths() {
                    plan.local_of_list(request, path)?;
                }
                let moving = plan.entries.iter().filter(|entry| project.is_moving(&entry.text));
                plan.moving = moving.map(|entry| (entry.shown(), entry.span)).collect();
            }
        }
        Ok(Some(plan))
    }

    fn new(list: List, file: FileId, name: &'static str, text: String) -> Self {
        Self {
            list,
            file,
            name,
            lists: vec![(name.to_owned(), file, text.clone())],
            text,
            entries: Vec::new(),
            disk: Disk::default(),
            moving: Vec::new(),
        }
    }

    fn requirements(request: &Request<'_>) -> Result<Option<Self>, Vec<Diagnostic>> {
        let (file, text) = source(request, "requirements.txt")?;
        let mut plan = Self::new(List::Requirements, file, "requirements.txt", text);
        plan.disk.settings(request.directory);
        let mut pending = vec!["requirements.txt".to_owned()];
        let mut seen = BTreeSet::new();
        while let Some(name) = pending.pop() {
            if !seen.insert(name.clone()) || seen.len() > MAX_LISTS {
                continue;
            }
            plan.requirements_file(request, &name, &mut pending)?;
        }
        Ok(Some(plan).filter(|plan| !plan.entries.is_empty()))
    }

    /// Reads one of the files, by its name below the function's directory.
    fn requirements_file(
        &mut self,
        request: &Request<'_>,
        name: &str,
        pending: &mut Vec<String>,
    ) -> Result<(), Vec<Diagnostic>> {
        let (file, text) = match name == self.name {
            true => (self.file, self.text.clone()),
            false => source(request, name)?,
        };
        if file != self.file {
            self.lists.push((name.to_owned(), file, text.clone()));
        }
        let folder = name.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
        for line in requirements::parse(&text) {
            let span = Span::new(file, line.at.start, line.at.end);
            match &line.kind {
                Kind::Include(path) | Kind::Constraints(path) => {
                    // A list on the web is uv's to fetch.
                    if path.contains("://") {
                        continue;
                    }
                    let included = if folder.is_empty() { path.clone() } else { format!("{folder}/{path}") };
                    if !request.directory.join(&included).is_file() {
                        let message = format!("`{path}` is not there");
                        return Err(vec![Diagnostic::new(&codes::NOT_FOUND, span, message)]);
                    }
                    match line.kind {
                        Kind::Include(_) => pending.push(included),
                        _ => self.disk.keep(request.directory, &included),
                    }
                }
                Kind::FindLinks(place) => {
                    let folder = request.directory.join(folder);
                    self.disk.choose_from(&folder, std::slice::from_ref(place));
                    self.disk.choose_from(request.directory, std::slice::from_ref(place));
                }
                Kind::Option => {}
                Kind::Named(..) | Kind::Path(_) | Kind::Url => {
                    let name = match &line.kind {
                        Kind::Named(name, is_built) => {
                            self.disk.built.extend(is_built.then(|| name.clone()));
                            Some(name.clone())
                        }
                        _ => None,
                    };
                    if let Some(path) = line.path() {
                        self.local_at(request, path, span)?;
                    }
                    let entry = Entry { name, text: line.text.clone(), span };
                    if line.is_moving() {
                        self.moving.push((entry.shown(), span));
                    }
                    self.entries.push(entry);
                }
            }
        }
        self.disk.files.insert(local::lexical(&request.directory.join(name)), text.into_bytes());
        Ok(())
    }

    fn pylock(&mut self, request: &Request<'_>) -> Result<(), Vec<Diagnostic>> {
        let (file, text) = source(request, "pylock.toml")?;
        let Some(lock) = Pylock::parse(&text) else {
            let message = "pylock.toml is no lock of Python dependencies";
            return Err(vec![Diagnostic::new(&codes::UNUSABLE_LIST, Span::start_of(file), message)]);
        };
        lock.paths().iter().for_each(|path| self.disk.add(request.directory, path));
        self.disk.keep(request.directory, "pylock.toml");
        self.list = List::Pylock;
        Ok(())
    }

    fn entry(&self, dependency: &Placed) -> Entry {
        let span = Span::new(self.file, dependency.at.start, dependency.at.end);
        Entry { name: split(&dependency.text).map(|(name, _)| name), text: dependency.text.clone(), span }
    }

    /// The beginning of the list.
    pub fn start(&self) -> Span {
        Span::start_of(self.file)
    }

    /// Where the list asks for a name.
    pub fn place(&self, name: &str) -> Option<Span> {
        self.entries.iter().find(|entry| entry.name.as_deref() == Some(name)).map(|entry| entry.span)
    }

    /// A local path of the pyproject.toml, which has to be there.
    fn local_of_list(&mut self, request: &Request<'_>, path: &str) -> Result<(), Vec<Diagnostic>> {
        let at = self.text.find(path).unwrap_or_default();
        let span = Span::new(self.file, at, at + path.len());
        self.local_at(request, path, span)
    }

    fn local_at(&mut self, request: &Request<'_>, path: &str, span: Span) -> Result<(), Vec<Diagnostic>> {
        // Where a variable stands in it, uv alone knows what is meant.
        if !path.contains("${") && !request.directory.join(path).exists() {
            let message = format!("there is nothing at `{path}`");
            return Err(vec![Diagnostic::new(&codes::NOT_FOUND, span, message)]);
        }
        self.disk.add(request.directory, path);
        Ok(())
    }
}

/// A list as a source that findings can point into.
fn source(request: &Request<'_>, name: &str) -> Result<(FileId, String), Vec<Diagnostic>> {
    request.source(name).ok_or_else(|| {
        let message = format!("`{}` cannot be read, or is not UTF-8", request.function.directory.join(name));
        vec![Diagnostic::new(&reading::UNREADABLE, request.function.span, message)]
    })
}

/// The uv.lock of a project, beside it or at the root of its workspace: its path, text, and the local paths that it
/// leads to.
fn uv_lock(directory: &Path, project: &Project) -> Option<(PathBuf, String, Vec<String>)> {
    let name = project.name.as_deref()?;
    directory.ancestors().find_map(|above| {
        let is_root = above == directory || {
            let text = fs::read_to_string(above.join("pyproject.toml")).ok()?;
            Project::parse(&text).is_ok_and(|project| project.is_workspace)
        };
        let path = above.join("uv.lock");
        let text = fs::read_to_string(&path).ok().filter(|_| is_root)?;
        let paths = lock::local_paths(&text, name)?;
        Some((path, text, paths))
    })
}
