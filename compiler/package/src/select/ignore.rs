//! What `.gitignore` and `.tcignore` leave out, and what is surely not code.

use super::Fault;
use ::ignore::Match;
use ::ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tc_core::world::{Entry, SourcePath, World};

/// Files in a function's directory itself that are tc's own or only say which dependencies there are.
const AT_THE_TOP: [&str; 15] = [
    "Dockerfile",
    "Gemfile",
    "Gemfile.lock",
    "Pipfile",
    "Pipfile.lock",
    "function.json",
    "function.yaml",
    "function.yml",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "pnpm-lock.yaml",
    "poetry.lock",
    "pyproject.toml",
    "uv.lock",
    "yarn.lock",
];

/// Whether a file or directory is left out of a function's zip unless a `.tcignore` brings it back by `!PATTERN`, by its
/// path in the function's directory: hidden files, archives and caches; dependencies, which are a layer's; tc's own files,
/// and those that only say which dependencies there are. `package.json` stays: its `"type": "module"` decides how Node
/// reads the code.
pub(crate) fn is_not_code(path: &str, is_directory: bool) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let anywhere = name.starts_with('.') || [".zip", ".pyc", ".pyo"].iter().any(|end| name.ends_with(end));
    let directory = || {
        matches!(name, "__pycache__" | "node_modules")
            || name.ends_with(".egg-info")
            || matches!(path, "venv" | "vendor/bundle" | "vendor/cache")
    };
    let requirements = || path == name && name.starts_with("requirements") && name.ends_with(".txt");
    anywhere || (is_directory && directory()) || AT_THE_TOP.contains(&path) || requirements()
}

/// The ignore files of a project, each read once.
pub(crate) struct IgnoreRules<'w> {
    world: &'w dyn World,
    /// The scopes of the directories around functions, by directory and by whether the way from there down is unknown.
    scopes: Mutex<BTreeMap<(SourcePath, bool), Arc<Scope>>>,
}

/// The rules that hold in a directory.
pub(crate) struct Scope {
    outer: Option<Arc<Scope>>,
    /// The directory's own, the stronger first.
    rules: Vec<Rules>,
}

/// One ignore file.
struct Rules {
    matcher: Gitignore,
    /// The directory it stands in, or `None` where the way from there down to the function is not known.
    base: Option<SourcePath>,
    /// Whether it is a `.tcignore`.
    is_tcignore: bool,
}

impl<'w> IgnoreRules<'w> {
    pub fn new(world: &'w dyn World) -> Self {
        Self { world, scopes: Mutex::default() }
    }

    /// The rules that hold around a directory: those of the directories above it, up to the project's root. `None`
    /// for the project's root itself.
    ///
    /// # Errors
    /// When an ignore file above cannot be read.
    pub fn around(&self, directory: &SourcePath) -> Result<Option<Arc<Scope>>, Fault> {
        match climbs(directory) {
            Some(up) if up >= self.world.depth() => Ok(None),
            // Above the topology no name is known, so that none can matter.
            up => self.scope(&directory.parent(), up.is_some()).map(Some),
        }
    }

    fn scope(&self, directory: &SourcePath, floats: bool) -> Result<Arc<Scope>, Fault> {
        let key = (directory.clone(), floats);
        let lock = || self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&key) {
            return Ok(known.clone());
        }
        let outer = self.around(directory)?;
        let scope = Arc::new(self.read(directory, outer, floats, |_| true)?);
        lock().insert(key, scope.clone());
        Ok(scope)
    }

    /// The rules that hold in a directory with these entries, around which `outer` holds.
    ///
    /// # Errors
    /// When an ignore file in it cannot be read.
    pub fn enter(
        &self,
        directory: &SourcePath,
        entries: &[Entry],
        outer: Option<&Arc<Scope>>,
    ) -> Result<Arc<Scope>, Fault> {
        let scope =
            self.read(directory, outer.cloned(), false, |name| entries.iter().any(|entry| entry.name == name))?;
        Ok(match outer {
            Some(outer) if scope.rules.is_empty() => outer.clone(),
            _ => Arc::new(scope),
        })
    }

    fn read(
        &self,
        directory: &SourcePath,
        outer: Option<Arc<Scope>>,
        floats: bool,
        has: impl Fn(&str) -> bool,
    ) -> Result<Scope, Fault> {
        let mut rules = Vec::new();
        for (name, is_tcignore) in [(".tcignore", true), (".gitignore", false)] {
            if !has(name) {
                continue;
            }
            let path = directory.join(name);
            let Some(bytes) = self.world.read(&path).map_err(|error| Fault::Unreadable(path, error))? else { continue };
            let text = String::from_utf8_lossy(&bytes);
            // A rule bound to a path needs the names on the way, which are those of directories above the topology.
            let is_bound = |line: &str| line.trim().trim_end_matches('/').contains('/');
            let matcher = matcher(text.lines().filter(|line| !(floats && is_bound(line))));
            rules.push(Rules { matcher, base: (!floats).then(|| directory.clone()), is_tcignore });
        }
        Ok(Scope { outer, rules })
    }
}

impl Scope {
    /// Whether an entry is left out of the zip of the function in the directory `function`.
    pub fn leaves_out(&self, path: &SourcePath, function: &SourcePath, is_directory: bool) -> bool {
        match self.ignored(path, is_directory) {
            Some(Verdict::Out) => true,
            Some(Verdict::In) => false,
            None => is_not_code(below(path, function), is_directory),
        }
    }

    /// What the ignore files say: the innermost that says anything, and in it the last line that does.
    fn ignored(&self, path: &SourcePath, is_directory: bool) -> Option<Verdict> {
        let mut scope = Some(self);
        while let Some(Self { outer, rules, .. }) = scope {
            for Rules { matcher, base, is_tcignore } in rules {
                let relative = match base {
                    Some(base) => below(path, base),
                    None => path.as_str().trim_start_matches("../"),
                };
                match matcher.matched(relative, is_directory) {
                    Match::Ignore(_) => return Some(Verdict::Out),
                    Match::Whitelist(_) if *is_tcignore => return Some(Verdict::In),
                    // git's own exception says that the file is source, not that it is code.
                    Match::Whitelist(_) => return None,
                    Match::None => {}
                }
            }
            scope = outer.as_deref();
        }
        None
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    In,
    Out,
}

/// How many directories above the topology this one is; `None` for any that is not above it.
fn climbs(directory: &SourcePath) -> Option<usize> {
    let text = directory.as_str();
    let parts = || text.split('/').filter(|part| !part.is_empty());
    parts().all(|part| part == "..").then(|| parts().count())
}

/// The path below `base`, in which it stands.
fn below<'a>(path: &'a SourcePath, base: &SourcePath) -> &'a str {
    let rest = path.as_str().strip_prefix(base.as_str()).unwrap_or(path.as_str());
    rest.strip_prefix('/').unwrap_or(rest)
}

fn matcher<'a>(lines: impl Iterator<Item = &'a str>) -> Gitignore {
    let mut builder = GitignoreBuilder::new("");
    for line in lines {
        // A line that is no pattern matches nothing, as in git.
        let _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same in the language of `.gitignore`, relative to the function's directory.
    const NOT_CODE: [&str; 26] = [
        ".*",
        "*.zip",
        "*.pyc",
        "*.pyo",
        "__pycache__/",
        "*.egg-info/",
        "node_modules/",
        "/venv/",
        "/vendor/bundle/",
        "/vendor/cache/",
        "/function.json",
        "/function.yml",
        "/function.yaml",
        "/pyproject.toml",
        "/requirements*.txt",
        "/uv.lock",
        "/poetry.lock",
        "/Pipfile",
        "/Pipfile.lock",
        "/Gemfile",
        "/Gemfile.lock",
        "/package-lock.json",
        "/npm-shrinkwrap.json",
        "/yarn.lock",
        "/pnpm-lock.yaml",
        "/Dockerfile",
    ];

    /// Names that one of the patterns is about, or nearly.
    fn name() -> impl Strategy<Value = String> {
        let near = NOT_CODE.map(|pattern| pattern.replace('*', "x").trim_matches('/').to_owned());
        prop_oneof![
            proptest::sample::select(near.to_vec()),
            proptest::sample::select(
                NOT_CODE.map(|pattern| pattern.replace('*', "").trim_matches('/').to_owned()).to_vec()
            ),
            "[a-zA-Z.]{1,8}",
        ]
        .prop_filter("no name of a file", |name| !matches!(name.as_str(), "." | ".."))
    }

    proptest! {
        #[test]
        fn what_is_not_code_is_what_the_patterns_say(names in proptest::collection::vec(name(), 1..3), is_directory: bool) {
            let path = names.join("/");
            let patterns = matcher(NOT_CODE.into_iter());
            prop_assert_eq!(is_not_code(&path, is_directory), patterns.matched(&path, is_directory).is_ignore(), "{}", path);
        }
    }
}
