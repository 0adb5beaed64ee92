//! Reading locks: which local directories a uv.lock leads to, and what an exported pylock.toml pins.

use super::name::normalised;
use std::collections::{BTreeMap, BTreeSet};
use tc_core::ir::Architecture;
use toml_edit::{Document, DocumentMut, Item, TableLike, value};

/// The local directories and files that a project needs by its uv.lock, relative to the lock; those of other projects in
/// the lock are left out. `None` where the lock is none, or does not know the project.
pub(super) fn local_paths(lock: &str, project: &str) -> Option<Vec<String>> {
    let document = Document::parse(lock).ok()?;
    let packages = document.get("package")?.as_array_of_tables()?;
    // A name can stand in a lock with several versions.
    let mut by_name: BTreeMap<String, Vec<&dyn TableLike>> = BTreeMap::new();
    for package in packages {
        let name = package.get("name").and_then(Item::as_str)?;
        by_name.entry(normalised(name)).or_default().push(package);
    }
    by_name.get(project)?;
    let (mut paths, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut pending = vec![project.to_owned()];
    while let Some(name) = pending.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        for package in by_name.get(&name).into_iter().flatten() {
            let source = package.get("source").and_then(Item::as_table_like);
            let path = ["directory", "editable", "path"].iter().find_map(|key| source?.get(key)?.as_str());
            paths.extend(path.filter(|_| name != project).map(str::to_owned));
            let optional = package.get("optional-dependencies").and_then(Item::as_table_like);
            let extras = optional.into_iter().flat_map(TableLike::iter).map(|(_, item)| item);
            for dependency in package.get("dependencies").into_iter().chain(extras).flat_map(tables) {
                pending.extend(dependency.get("name").and_then(Item::as_str).map(normalised));
            }
        }
    }
    Some(paths.into_iter().collect())
}

/// A package that a pylock.toml pins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pin {
    /// Its normalised name.
    pub name: String,
    /// Its version, where it has one.
    pub version: Option<String>,
    /// Whether it comes from git, a directory or an archive of sources that the list names, and so is built.
    pub is_built: bool,
    /// The file names of its wheels.
    pub wheels: Vec<String>,
}

impl Pin {
    /// Whether one of its wheels is for a version of Python and a processor on Linux, with glibc of whichever version.
    /// Source: Python Packaging User Guide, "Platform compatibility tags".
    pub fn has_wheel_of_any_age(&self, (major, minor): (u32, u32), architecture: Architecture) -> bool {
        let processor = match architecture {
            Architecture::X86_64 => "_x86_64",
            Architecture::Arm64 => "_aarch64",
        };
        let is_of_python = |tag: &str, is_stable: bool| {
            let of_minor = tag.strip_prefix(&format!("cp{major}")).and_then(|minor| minor.parse::<u32>().ok());
            tag == format!("py{major}") || of_minor.is_some_and(|least| least == minor || (is_stable && least <= minor))
        };
        self.wheels.iter().any(|wheel| {
            let mut tags = wheel.strip_suffix(".whl").unwrap_or(wheel).rsplit('-');
            let [platforms, abis, pythons] = [(); 3].map(|()| tags.next().unwrap_or_default());
            platforms.split('.').any(|tag| tag.starts_with("manylinux") && tag.ends_with(processor))
                && pythons.split('.').any(|tag| is_of_python(tag, abis.split('.').any(|abi| abi == "abi3")))
        })
    }
}

/// A pylock.toml. Source: Python Packaging User Guide, "pylock.toml Specification".
pub(super) struct Pylock(DocumentMut);

impl Pylock {
    /// Reads it; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let document: DocumentMut = text.parse().ok()?;
        document.contains_key("lock-version").then_some(Self(document))
    }

    /// What it pins.
    pub fn pins(&self) -> Vec<Pin> {
        let packages = self.0.get("packages").and_then(Item::as_array_of_tables);
        let pin = |package: &dyn TableLike| {
            let text = |key: &str| package.get(key).and_then(Item::as_str);
            let is_built = ["vcs", "directory", "archive"].iter().any(|key| package.contains_key(key));
            let wheels = package.get("wheels").map(tables).unwrap_or_default();
            Some(Pin {
                name: normalised(text("name")?),
                version: text("version").map(str::to_owned),
                is_built,
                wheels: wheels.iter().filter_map(|wheel| file_name(*wheel)).collect(),
            })
        };
        packages.into_iter().flatten().filter_map(|package| pin(package)).collect()
    }

    /// `requires-python`.
    pub fn requires_python(&self) -> Option<&str> {
        self.0.get("requires-python").and_then(Item::as_str)
    }

    /// Rewrites the paths of local directories and files, and makes copies of what would be referred to.
    pub fn relocate(&mut self, place: impl Fn(&str) -> String) {
        let packages = self.0.get_mut("packages").and_then(Item::as_array_of_tables_mut);
        for package in packages.into_iter().flat_map(|packages| packages.iter_mut()) {
            for key in ["directory", "archive", "sdist"] {
                let Some(source) = package.get_mut(key).and_then(Item::as_table_like_mut) else { continue };
                let path = source.get("path").and_then(Item::as_str).map(&place);
                if let Some(path) = path {
                    source.insert("path", value(path));
                }
                source.remove("editable");
            }
            let Some(wheels) = package.get_mut("wheels").and_then(Item::as_array_mut) else { continue };
            for wheel in wheels.iter_mut().filter_map(|wheel| wheel.as_inline_table_mut()) {
                let path = wheel.get("path").and_then(|path| path.as_str()).map(&place);
                if let Some(path) = path {
                    wheel.insert("path", path.into());
                }
            }
        }
    }

    /// The local paths that it names.
    pub fn paths(&self) -> Vec<String> {
        let packages = self.0.get("packages").and_then(Item::as_array_of_tables);
        let mut paths = Vec::new();
        for package in packages.into_iter().flatten() {
            let sources = ["directory", "archive", "sdist"].iter().filter_map(|key| package.get(key)?.as_table_like());
            let wheels = package.get("wheels").map(tables).unwrap_or_default();
            let all = sources.chain(wheels);
            paths.extend(all.filter_map(|source| source.get("path").and_then(Item::as_str).map(str::to_owned)));
        }
        paths
    }

    /// Its text.
    pub fn into_text(self) -> String {
        self.0.to_string()
    }
}

/// The file name of a wheel: given, or the end of its URL or path.
fn file_name(wheel: &dyn TableLike) -> Option<String> {
    let text = |key: &str| wheel.get(key).and_then(Item::as_str);
    let name = text("name").or_else(|| text("url").or_else(|| text("path"))?.rsplit('/').next())?;
    Some(name.split(['?', '#']).next().unwrap_or_default().to_owned())
}

/// The tables of an array, inline or not.
fn tables(item: &Item) -> Vec<&dyn TableLike> {
    let inline = item.as_array().into_iter().flatten().filter_map(|one| one.as_inline_table());
    let whole = item.as_array_of_tables().into_iter().flatten();
    inline.map(|table| table as &dyn TableLike).chain(whole.map(|table| table as &dyn TableLike)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheels_are_for_a_python_and_a_processor_by_their_tags() {
        let has = |wheel: &str| {
            let pin = Pin { name: "x".to_owned(), version: None, is_built: false, wheels: vec![wheel.to_owned()] };
            pin.has_wheel_of_any_age((3, 10), Architecture::X86_64)
        };
        for wheel in [
            "x-1.0-cp310-cp310-manylinux_2_28_x86_64.whl",
            "x-1.0-1-cp38-abi3-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
            "x-1.0-py2.py3-none-manylinux2014_x86_64.whl",
        ] {
            assert!(has(wheel), "{wheel}");
        }
        for wheel in [
            "x-1.0-cp311-cp311-manylinux_2_28_x86_64.whl",
            "x-1.0-cp311-abi3-manylinux_2_28_x86_64.whl",
            "x-1.0-cp310-cp310-manylinux_2_28_aarch64.whl",
            "x-1.0-cp310-cp310-musllinux_1_2_x86_64.whl",
            "x-1.0-cp310-cp310-win_amd64.whl",
            "x.whl",
        ] {
            assert!(!has(wheel), "{wheel}");
        }
    }

    #[test]
    fn only_what_the_project_needs_is_followed() {
        let lock = "version = 1\n[[package]]\nname = 'fn'\nversion = '0'\nsource = { virtual = 'fn' }\ndependencies = [{ name = \
            'lib-a' }]\n[[package]]\nname = 'lib-a'\nsource = { editable = 'libs/a' }\n[package.optional-dependencies]\nx = [{ \
            name = 'lib_b' }]\n[[package]]\nname = 'lib-b'\nsource = { directory = '../b' }\ndependencies = [{ name = 'fn' }]\n\
            [[package]]\nname = 'other'\nsource = { editable = 'other' }\n";
        assert_eq!(local_paths(lock, "fn"), Some(vec!["../b".to_owned(), "libs/a".to_owned()]));
        assert_eq!(local_paths(lock, "none"), None);
        assert_eq!(local_paths("[", "fn"), None);
    }

    #[test]
    fn pins_are_read_and_paths_are_moved() {
        let text = "lock-version = '1.0'\nrequires-python = '>=3.10'\n[[packages]]\nname = 'lib'\nversion = '2.0'\nwheels = [{ url = \
            'https://h/lib-2.0-cp310-cp310-manylinux_2_28_x86_64.whl#x' }, { path = 'w/lib-2.0-py3-none-any.whl' }]\n\
            [[packages]]\nname = 'My_Lib'\ndirectory = { path = '../lib', editable = true }\n";
        let mut lock = Pylock::parse(text).unwrap();
        let pins = lock.pins();
        let lib = pins.first().unwrap();
        assert_eq!((lib.name.as_str(), lib.version.as_deref(), lib.is_built), ("lib", Some("2.0"), false));
        assert_eq!(lib.wheels, ["lib-2.0-cp310-cp310-manylinux_2_28_x86_64.whl", "lib-2.0-py3-none-any.whl"]);
        assert!(pins.get(1).is_some_and(|pin| pin.name == "my-lib" && pin.is_built));
        assert_eq!(lock.paths(), ["w/lib-2.0-py3-none-any.whl", "../lib"]);
        assert_eq!(lock.requires_python(), Some(">=3.10"));
        lock.relocate(|path| format!("/m/{path}"));
        let moved = lock.into_text();
        assert!(moved.contains("/m/../lib") && moved.contains("/m/w/lib") && !moved.contains("editable"), "{moved}");
        assert!(Pylock::parse("a = 1").is_none());
    }
}
