//! Which files are merged, and where they go.

use super::{Merge, Unmergeable};
use crate::layer::tree::{self, TreeError};
use std::fs;
use std::path::{Path, PathBuf};
use tc_core::ir::Family;

/// A file to be merged.
pub(super) struct Chosen {
    /// Its path below the function's directory.
    pub(super) source: String,
    /// Its path on disk.
    pub(super) path: PathBuf,
    /// Its path in the tree.
    pub(super) place: String,
}

/// An entry of `lib/` or `vendor/`.
struct Entry {
    /// `lib` or `vendor`.
    parent: &'static str,
    name: String,
    path: PathBuf,
    is_directory: bool,
}

/// The files to be merged, those of `lib/` first, by their names.
pub(super) fn select(merge: &Merge<'_>) -> Result<Vec<Chosen>, Unmergeable> {
    let mut chosen = Vec::new();
    for parent in ["lib", "vendor"] {
        let directory = merge.directory.join(parent);
        if !directory.is_dir() || directory.join("__init__.py").exists() {
            continue;
        }
        for entry in entries(parent, &directory)? {
            for (path, source, place) in places(merge, &entry)? {
                add(merge, &path, &source, &place, &mut chosen)?;
            }
        }
    }
    Ok(chosen)
}

fn entries(parent: &'static str, directory: &Path) -> Result<Vec<Entry>, Unmergeable> {
    let unreadable = |error| Unmergeable::Tree(TreeError::Unreadable(directory.to_owned(), error));
    let mut entries = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        // What has no name in UTF-8 is none of what is looked for.
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        entries.push(Entry { parent, name, is_directory: path.is_dir(), path });
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

/// Where an entry goes: what to take (on disk, and below the function's directory), and its path in the tree.
fn places(merge: &Merge<'_>, entry: &Entry) -> Result<Vec<(PathBuf, String, String)>, Unmergeable> {
    let Entry { parent, name, path, is_directory } = entry;
    let source = format!("{parent}/{name}");
    let to = |place: String| Ok(vec![(path.clone(), source.clone(), place)]);
    if is_left_out(name) {
        return Ok(Vec::new());
    }
    let family = merge.target.runtime.family;
    if !is_directory && is_library(name) && !(family == Family::Python && is_extension(name)) {
        return to(format!("lib/{name}"));
    }
    match family {
        Family::Python if is_package(entry) => to(format!("python/{name}")),
        Family::Java if !is_directory && name.ends_with(".jar") => to(format!("java/lib/{name}")),
        Family::Node if *parent == "vendor" && name == "node_modules" => to("nodejs/node_modules".to_owned()),
        Family::Node if *parent == "vendor" => {
            let scoped = name.starts_with('@') && *is_directory;
            let is_package = path.join("package.json").is_file();
            if scoped || is_package { to(format!("nodejs/node_modules/{name}")) } else { Ok(Vec::new()) }
        }
        Family::Ruby if *parent == "vendor" && name == "bundle" => gems(merge, &path.join("ruby")),
        _ => Ok(Vec::new()),
    }
}

/// Whether an entry is something that Python imports, or its description.
fn is_package(entry: &Entry) -> bool {
    let Entry { parent, name, path, is_directory } = entry;
    let is_described = [".dist-info", ".egg-info", ".libs"].iter().any(|end| name.ends_with(end));
    match (*parent, is_directory) {
        (_, false) if is_extension(name) => true,
        ("vendor", false) => name.ends_with(".py"),
        ("vendor", true) => !["bundle", "cache", "node_modules"].contains(&name.as_str()),
        (_, is_directory) => *is_directory && (is_described || path.join("__init__.py").is_file()),
    }
}

/// Whether a file is named as an extension module of Python: `x.cpython-313-x86_64-linux-gnu.so`, `x.abi3.so`, `x.so`.
fn is_extension(name: &str) -> bool {
    name.ends_with(".so") && (!name.starts_with("lib") || name.contains(".cpython-") || name.ends_with(".abi3.so"))
}

/// Whether a file is named as a shared library: `libx.so`, `x.so.1.2`.
fn is_library(name: &str) -> bool {
    let is_version = |rest: &str| rest.split('.').all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    name.ends_with(".so") || name.split_once(".so.").is_some_and(|(_, rest)| is_version(rest))
}

/// The parts of a directory of gems that Ruby loads from. `cache` and `doc` are not among them.
const GEMS: [&str; 4] = ["bundler", "extensions", "gems", "specifications"];

/// What bundler has put into `vendor/bundle/ruby`, for the target's Ruby. Where gems were installed already, it is
/// bundler's own copy of them.
fn gems(merge: &Merge<'_>, ruby: &Path) -> Result<Vec<(PathBuf, String, String)>, Unmergeable> {
    let Some(wanted) = merge.target.version().map(|version| format!("{version}.0")) else { return Ok(Vec::new()) };
    if !ruby.is_dir() || merge.tree.join("ruby/gems").is_dir() {
        return Ok(Vec::new());
    }
    let mut versions = entries("vendor", ruby)?;
    versions.retain(|entry| entry.is_directory);
    // The Ruby that the function runs on, else any whose gems are nothing but Ruby.
    let chosen = versions.iter().find(|entry| entry.name == wanted).or_else(|| versions.first());
    let Some(Entry { name, path, .. }) = chosen else { return Ok(Vec::new()) };
    let source = format!("vendor/bundle/ruby/{name}");
    let has_extensions = fs::read_dir(path.join("extensions")).is_ok_and(|mut list| list.next().is_some());
    if *name != wanted && has_extensions {
        return Err(Unmergeable::Ruby(source, name.strip_suffix(".0").unwrap_or(name).to_owned()));
    }
    let parts = GEMS.iter().filter(|part| path.join(part).is_dir());
    Ok(parts.map(|part| (path.join(part), format!("{source}/{part}"), format!("ruby/gems/{wanted}/{part}"))).collect())
}

/// Adds a file, or those below a directory.
fn add(merge: &Merge<'_>, path: &Path, source: &str, place: &str, chosen: &mut Vec<Chosen>) -> Result<(), Unmergeable> {
    // A link (`libx.so` to `libx.so.1`) must stay in the function's directory.
    let directory = merge.directory.canonicalize();
    if !path.canonicalize().is_ok_and(|to| directory.is_ok_and(|directory| to.starts_with(directory))) {
        return Err(Unmergeable::Tree(TreeError::Escapes(path.to_owned())));
    }
    if !path.is_dir() {
        chosen.push(Chosen { source: source.to_owned(), path: path.to_owned(), place: place.to_owned() });
        return Ok(());
    }
    for (name, member) in tree::files(path).map_err(Unmergeable::Tree)? {
        let name = name.as_str();
        if !name.split('/').any(is_left_out) {
            let (source, place) = (format!("{source}/{name}"), format!("{place}/{name}"));
            chosen.push(Chosen { source, place, path: member.source.path });
        }
    }
    Ok(())
}

/// What belongs in no layer.
fn is_left_out(name: &str) -> bool {
    name.starts_with('.') || name == "__pycache__" || name.ends_with(".pyc")
}
