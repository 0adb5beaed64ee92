//! A package.json, and the directories of this machine that it depends on.

use crate::layer::install::local::lexical;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tc_core::source::{FileId, Span};

/// The lists of what a package needs when it runs.
const NEEDED: [&str; 2] = ["dependencies", "optionalDependencies"];
/// How deep the packages of a workspace may lie.
const WORKSPACE_DEPTH: usize = 6;

/// A package.json.
#[derive(Debug, Clone, Default)]
pub(super) struct Manifest(Map<String, Value>);

/// A dependency on a directory or archive of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Local {
    /// Its name in the list; of a package of the workspace, its pattern.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// As it was written.
    pub written: String,
}

impl Manifest {
    /// Reads a text.
    ///
    /// # Errors
    /// Why it is no JSON object, with the line and column, from 1.
    pub fn parse(text: &str) -> Result<Self, (String, usize, usize)> {
        match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(_) => Err(("it is no JSON object".to_owned(), 1, 1)),
            Err(error) => {
                let said = error.to_string();
                let said = said.split(" at line ").next().unwrap_or_default().to_owned();
                Err((said, error.line(), error.column()))
            }
        }
    }

    /// That of the package in a directory, if it has one that can be read.
    pub fn of(directory: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(directory.join("package.json")).ok()?).ok()
    }

    /// A text of the package.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }

    /// A value of the package.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// What it needs when it runs, by name.
    pub fn needs(&self) -> impl Iterator<Item = (&str, &str)> {
        let lists = NEEDED.iter().filter_map(|key| self.0.get(*key)?.as_object());
        lists.flatten().filter_map(|(name, version)| Some((name.as_str(), version.as_str()?)))
    }

    /// Whether it needs anything, or is a workspace, whose packages might.
    pub fn needs_npm(&self) -> bool {
        self.needs().next().is_some() || !self.workspaces().is_empty()
    }

    /// The patterns of the packages of its workspace.
    pub fn workspaces(&self) -> Vec<&str> {
        let list = match self.0.get("workspaces") {
            Some(Value::Object(map)) => map.get("packages"),
            other => other,
        };
        list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// What of it decides what npm installs, in one order.
    pub fn essence(&self) -> Vec<u8> {
        let keys = [
            "name",
            "dependencies",
            "optionalDependencies",
            "peerDependencies",
            "peerDependenciesMeta",
            "overrides",
            "bundleDependencies",
            "bundledDependencies",
            "workspaces",
            "engines",
            "os",
            "cpu",
        ];
        let essence: Vec<_> = keys.iter().map(|key| (key, self.0.get(*key))).collect();
        serde_json::to_vec(&essence).unwrap_or_default()
    }

    /// The directories and archives that the package in `directory` depends on, itself or through one of them, with the
    /// packages of its workspace.
    pub fn locals(&self, directory: &Path) -> Vec<Local> {
        let mut locals = self.own_locals(directory, true);
        let mut known: BTreeSet<PathBuf> = locals.iter().map(|local| local.path.clone()).collect();
        known.insert(lexical(directory));
        let mut next = 0;
        while let Some(local) = locals.get(next).cloned() {
            next += 1;
            let further = Self::of(&local.path).map(|manifest| manifest.own_locals(&local.path, false));
            locals.extend(further.into_iter().flatten().filter(|local| known.insert(local.path.clone())));
        }
        locals
    }

    fn own_locals(&self, directory: &Path, is_root: bool) -> Vec<Local> {
        let mut locals = Vec::new();
        for (name, written) in self.needs() {
            if let Some(path) = local_path(written) {
                locals.push(Local {
                    name: name.to_owned(),
                    path: lexical(&directory.join(path)),
                    written: written.to_owned(),
                });
            }
        }
        if is_root {
            locals.extend(self.members(directory));
        }
        locals
    }

    fn members(&self, directory: &Path) -> Vec<Local> {
        let mut members = Vec::new();
        let patterns = self.workspaces();
        let Some(set) = glob_set(patterns.iter().copied()) else { return members };
        let mut pending = vec![(directory.to_owned(), String::new(), 0)];
        while let Some((place, name, depth)) = pending.pop() {
            if !name.is_empty() && place.join("package.json").is_file() && set.is_match(&name) {
                members.push(Local { name: patterns.join(", "), path: lexical(&place), written: name.clone() });
            }
            if depth == WORKSPACE_DEPTH {
                continue;
            }
            for entry in fs::read_dir(&place).into_iter().flatten().flatten() {
                let Ok(part) = entry.file_name().into_string() else { continue };
                let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if is_directory && !part.starts_with('.') && part != "node_modules" {
                    let name = if name.is_empty() { part } else { format!("{name}/{part}") };
                    pending.push((entry.path(), name, depth + 1));
                }
            }
        }
        members.sort_by(|a, b| a.path.cmp(&b.path));
        members
    }

    /// Whether the package at `relative`, below this one, belongs to its workspace.
    pub fn has_member(&self, relative: &Path) -> bool {
        glob_set(self.workspaces().into_iter()).is_some_and(|set| set.is_match(relative))
    }
}

fn glob_set<'a>(patterns: impl Iterator<Item = &'a str>) -> Option<GlobSet> {
    let mut set = GlobSetBuilder::new();
    let mut is_empty = true;
    for pattern in patterns {
        let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
        // npm says so itself of a pattern that is none.
        if let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() {
            set.add(glob);
            is_empty = false;
        }
    }
    if is_empty { None } else { set.build().ok() }
}

/// The path in the version of a dependency, if it is one (npm documentation, "package-spec": a folder or a tarball).
fn local_path(version: &str) -> Option<&str> {
    match version.strip_prefix("file:") {
        Some(path) => Some(path.strip_prefix("//").unwrap_or(path)),
        None => ["./", "../", "/", "~/"].iter().any(|start| version.starts_with(start)).then_some(version),
    }
}

/// Where the key `name` stands in one of the lists of dependencies, else the list, else the file's start.
pub(super) fn place(file: FileId, text: &str, name: &str) -> Span {
    let quoted = |name: &str| Value::from(name).to_string();
    let find = |key: &str, from: usize, to: usize| {
        let key = quoted(key);
        let mut at = from;
        loop {
            let found = at + text.get(at..to)?.find(&key)?;
            let end = found + key.len();
            if text.get(end..).is_some_and(|rest| rest.trim_start().starts_with(':')) {
                return Some((found, end));
            }
            at = end;
        }
    };
    for list in ["dependencies", "optionalDependencies", "devDependencies", "peerDependencies", "overrides"] {
        let Some((_, start)) = find(list, 0, text.len()) else { continue };
        let end = text.get(start..).and_then(|rest| rest.find('}')).map_or(text.len(), |length| start + length);
        if let Some((start, end)) = find(name, start, end) {
            return Span::new(file, start, end);
        }
    }
    match find(name, 0, text.len()) {
        Some((start, end)) => Span::new(file, start, end),
        None => Span::start_of(file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tc_core::source::SourceMap;

    fn write(root: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    #[test]
    fn local_dependencies_are_found_with_theirs() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        write(
            root,
            &[
                ("fn/package.json", r#"{"dependencies":{"a":"file:../a","r":"1.0.0"},"workspaces":["packages/*"]}"#),
                ("fn/packages/w/package.json", r#"{"name":"w","dependencies":{"t":"../../t.tgz"}}"#),
                ("fn/packages/none/x", ""),
                ("a/package.json", r#"{"dependencies":{"b":"file:../b"},"devDependencies":{"d":"file:../d"}}"#),
                ("b/package.json", r#"{"dependencies":{"a":"file:../a"}}"#),
            ],
        );
        let manifest = Manifest::of(&root.join("fn")).unwrap();
        let paths: Vec<_> = manifest.locals(&root.join("fn")).into_iter().map(|local| local.path).collect();
        assert_eq!(paths, ["a", "fn/packages/w", "b", "fn/t.tgz"].map(|name| root.join(name)));
        assert!(manifest.has_member(Path::new("packages/w")) && !manifest.has_member(Path::new("other/w")));
    }

    #[test]
    fn only_what_npm_reads_counts() {
        let essence = |text| Manifest::parse(text).unwrap().essence();
        let one = essence(r#"{"dependencies":{"a":"1"},"scripts":{"x":"y"}}"#);
        assert_eq!(one, essence(r#"{"version":"2.0.0","dependencies":{"a":"1"}}"#));
        assert_ne!(one, essence(r#"{"dependencies":{"a":"2"}}"#));
        assert!(!Manifest::parse(r#"{"type":"module","dependencies":{}}"#).unwrap().needs_npm());
        assert_eq!(Manifest::parse("[]").unwrap_err().0, "it is no JSON object");
        assert_eq!(Manifest::parse("{\n  \"a\": 1,\n}").unwrap_err().1, 3);
    }

    #[test]
    fn places_are_the_keys_of_lists() {
        let mut sources = SourceMap::default();
        let text = r#"{"name": "ms", "dependencies": {"left": "ms", "ms": "1"}, "x": {"only": 1}}"#;
        let file = sources.add("package.json".into(), text.to_owned());
        let at = |name| text.get(place(file, text, name).range()).unwrap();
        assert_eq!(place(file, text, "ms").start, 46);
        assert_eq!(at("ms"), "\"ms\"");
        assert_eq!(at("only"), "\"only\"");
        assert_eq!(at("none"), "");
    }
}
