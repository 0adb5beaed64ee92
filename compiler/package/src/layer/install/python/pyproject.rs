//! Reading a pyproject.toml: what of it decides which dependencies a layer has.

use super::name::{normalised, split};
use std::collections::BTreeMap;
use std::ops::Range;
use toml_edit::{Document, Item, TableLike, TomlError, Value};

/// A text and the bytes that it stands at, quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    /// The text.
    pub text: String,
    /// Where.
    pub at: Range<usize>,
}

/// Where `[tool.uv.sources]` says a dependency comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// A git repository without a tag or commit.
    Branch,
    /// A git repository at a tag or commit, or the URL of an archive of sources.
    Remote,
    /// A file or directory, relative to the pyproject.toml.
    Path(String),
    /// Another member of the workspace.
    Workspace,
    /// The URL of a wheel, or an index.
    Elsewhere,
}

/// What a pyproject.toml says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Project {
    /// `project.name`, normalised. `None` where there is no `[project]`.
    pub name: Option<String>,
    /// `project.dependencies`.
    pub dependencies: Vec<Placed>,
    /// Where `project.dynamic` names `dependencies`.
    pub dynamic: Option<Range<usize>>,
    /// `project.requires-python`.
    pub requires_python: Option<Placed>,
    /// Where `[tool.poetry.dependencies]` begins.
    pub poetry: Option<Range<usize>>,
    /// `[tool.uv.sources]` by normalised name; several where markers choose.
    pub sources: BTreeMap<String, Vec<Source>>,
    /// `find-links` of `[tool.uv]`, relative to the pyproject.toml where they are directories.
    pub find_links: Vec<String>,
    /// `override-dependencies` of `[tool.uv]`.
    pub overrides: Vec<String>,
    /// Whether it is the root of a workspace.
    pub is_workspace: bool,
}

impl Project {
    /// Reads it.
    ///
    /// # Errors
    /// When it is no TOML.
    pub fn parse(text: &str) -> Result<Self, TomlError> {
        let document = Document::parse(text)?;
        let root: &dyn TableLike = document.as_table();
        let mut read = Self::default();
        if let Some(project) = table(root, &["project"]) {
            read.name = Some(project.get("name").and_then(Item::as_str).map(normalised).unwrap_or_default());
            read.dependencies = strings(project.get("dependencies"));
            let dynamic = strings(project.get("dynamic"));
            read.dynamic = dynamic.into_iter().find(|field| field.text == "dependencies").map(|field| field.at);
            read.requires_python = project.get("requires-python").and_then(placed);
        }
        if let Some(poetry) = table(root, &["tool", "poetry", "dependencies"]) {
            let first = poetry.iter().find_map(|(key, _)| poetry.key(key)).and_then(|key| key.span());
            read.poetry = Some(first.unwrap_or_default());
        }
        if let Some(uv) = table(root, &["tool", "uv"]) {
            read.find_links = strings(uv.get("find-links")).into_iter().map(|link| link.text).collect();
            read.overrides = strings(uv.get("override-dependencies")).into_iter().map(|one| one.text).collect();
            read.is_workspace = uv.contains_key("workspace");
            let sources = uv.get("sources").and_then(Item::as_table_like);
            for (name, source) in sources.into_iter().flat_map(TableLike::iter) {
                read.sources.insert(normalised(name), kinds(source));
            }
        }
        Ok(read)
    }

    /// The sources of local directories and files: of `[tool.uv.sources]`, and of `lib @ file:///...`.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let sources = self.sources.values().flatten().filter_map(|source| match source {
            Source::Path(path) => Some(path.as_str()),
            _ => None,
        });
        sources.chain(self.dependencies.iter().filter_map(|dependency| file_of(&dependency.text)))
    }

    /// The names of direct dependencies that are built from source.
    pub fn built(&self) -> impl Iterator<Item = String> {
        self.dependencies.iter().filter_map(|dependency| {
            let (name, rest) = split(&dependency.text)?;
            let is_source = |source: &Source| match source {
                Source::Path(path) => is_built(path),
                other => *other != Source::Elsewhere,
            };
            let by_source = self.sources.get(&name).is_some_and(|sources| sources.iter().any(is_source));
            let by_url = rest.strip_prefix('@').is_some_and(|url| is_built(url.trim_start()));
            (by_source || by_url).then_some(name)
        })
    }

    /// Whether a direct dependency follows a branch of a git repository.
    pub fn is_moving(&self, requirement: &str) -> bool {
        let Some((name, rest)) = split(requirement) else { return is_moving(requirement) };
        let by_source = self.sources.get(&name).is_some_and(|sources| sources.contains(&Source::Branch));
        by_source || rest.strip_prefix('@').is_some_and(|url| is_moving(url.trim_start()))
    }

    /// Whether a direct dependency is another member of a workspace.
    pub fn needs_workspace(&self) -> bool {
        self.sources.values().flatten().any(|source| *source == Source::Workspace)
    }
}

/// The path of `lib @ file:///lib`.
pub(super) fn file_of(requirement: &str) -> Option<&str> {
    let (_, rest) = split(requirement)?;
    let url = rest.strip_prefix('@')?.split_whitespace().next()?;
    url.strip_prefix("file://").or_else(|| url.strip_prefix("file:"))
}

/// Whether what stands at a URL or path has to be built.
pub(super) fn is_built(url: &str) -> bool {
    let url = url.split([' ', ';', '#']).next().unwrap_or_default();
    !url.ends_with(".whl")
}

/// Whether a URL is a git repository without a tag, branch or commit: `git+ssh://git@h/x.git` and not `...x.git@v1`.
pub(super) fn is_moving(url: &str) -> bool {
    let url = url.split([' ', ';', '#']).next().unwrap_or_default();
    let path =
        url.strip_prefix("git+").and_then(|url| url.split_once("://")).and_then(|(_, rest)| rest.split_once('/'));
    path.is_some_and(|(_, path)| !path.contains('@'))
}

/// The table at a path of keys.
fn table<'a>(root: &'a dyn TableLike, path: &[&str]) -> Option<&'a dyn TableLike> {
    path.iter().try_fold(root, |table, key| table.get(key)?.as_table_like())
}

fn placed(item: &Item) -> Option<Placed> {
    Some(Placed { text: item.as_str()?.to_owned(), at: item.span().unwrap_or_default() })
}

/// The strings of an array.
fn strings(item: Option<&Item>) -> Vec<Placed> {
    let values = item.and_then(Item::as_array).into_iter().flatten();
    let placed =
        |value: &Value| Some(Placed { text: value.as_str()?.to_owned(), at: value.span().unwrap_or_default() });
    values.filter_map(placed).collect()
}

/// What a source says: a table, or several with markers.
fn kinds(item: &Item) -> Vec<Source> {
    let kind = |table: &dyn TableLike| {
        let text = |key: &str| table.get(key).and_then(Item::as_str).map(str::to_owned);
        match text("path") {
            Some(path) => Source::Path(path),
            None if table.contains_key("git") => {
                let is_fixed = table.contains_key("rev") || table.contains_key("tag");
                if is_fixed { Source::Remote } else { Source::Branch }
            }
            None if table.contains_key("workspace") => Source::Workspace,
            None if text("url").is_some_and(|url| is_built(&url)) => Source::Remote,
            None => Source::Elsewhere,
        }
    };
    if let Some(table) = item.as_table_like() {
        return vec![kind(table)];
    }
    let inline = item.as_array().into_iter().flatten().filter_map(Value::as_inline_table);
    let tables = item.as_array_of_tables().into_iter().flatten();
    inline.map(|table| kind(table)).chain(tables.map(|table| kind(table))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_a_layer_is_read() {
        let text = "[project]\nname = \"My.App\"\ndependencies = [\"requests>=2\", \"Lib_A\", \"b\", \"c @ file:///c\",\n  \
            \"d @ git+https://example.com/d\", \"e @ https://example.com/e-1-py3-none-any.whl\"]\nrequires-python = \
            '>=3.10'\n[tool.uv]\nfind-links = ['wheels']\noverride-dependencies = ['x==1']\n[tool.uv.sources]\nlib-a = { \
            path = '../a', editable = true }\nb = [{ git = 'https://example.com/b', marker = 'm' }, { index = 'i' }]\n";
        let project = Project::parse(text).unwrap();
        assert_eq!(project.name.as_deref(), Some("my-app"));
        let first = project.dependencies.first().unwrap();
        assert_eq!(text.get(first.at.clone()), Some("\"requests>=2\""));
        assert_eq!(project.paths().collect::<Vec<_>>(), ["../a", "/c"]);
        assert_eq!(project.built().collect::<Vec<_>>(), ["lib-a", "b", "c", "d"]);
        assert_eq!(project.sources.get("b").unwrap(), &[Source::Branch, Source::Elsewhere]);
        let moving = project.dependencies.iter().map(|one| project.is_moving(&one.text)).collect::<Vec<_>>();
        assert_eq!(moving, [false, false, true, false, true, false]);
        assert_eq!(project.requires_python.unwrap().text, ">=3.10");
        assert_eq!((project.find_links, project.overrides), (vec!["wheels".to_owned()], vec!["x==1".to_owned()]));
    }

    #[test]
    fn a_repository_without_a_ref_moves() {
        for (url, wanted) in [
            ("git+ssh://git@example.com/x.git", true),
            ("git+https://example.com/x@v1#egg=x", false),
            ("git+https://example.com/x#egg=a@b", true),
            ("https://example.com/x", false),
        ] {
            assert_eq!(is_moving(url), wanted, "{url}");
        }
    }

    #[test]
    fn other_kinds_of_lists_are_told_apart() {
        let text = "[tool.poetry]\nname = 'x'\n[tool.poetry.dependencies]\npython = '^3.10'\n";
        let project = Project::parse(text).unwrap();
        assert_eq!((project.name, text.get(project.poetry.unwrap())), (None, Some("python")));
        let text = "[project]\nname = 'x'\ndynamic = ['version', 'dependencies']\n";
        assert_eq!(text.get(Project::parse(text).unwrap().dynamic.unwrap()), Some("'dependencies'"));
        assert!(Project::parse("[tool.uv.workspace]\nmembers = []\n").unwrap().is_workspace);
        assert_eq!(Project::parse("").unwrap(), Project::default());
        // Of the wrong types.
        assert!(Project::parse("project = 1\n[tool]\nuv = []\n").is_ok());
        assert!(Project::parse("[project").is_err());
    }
}
