//! What a function brings itself in `lib/` and `vendor/`, merged into the tree of its layer.
//!
//! | in the function's directory | language | in the layer |
//! |---|---|---|
//! | `lib/` or `vendor/`: `libNAME.so`, `libNAME.so.1` and the like | any | `lib/`, where the loader looks |
//! | `vendor/`: packages, modules, extension modules, `*.dist-info` | Python | `python/` |
//! | `lib/`: directories with an `__init__.py`, extension modules, `*.dist-info`, `*.libs` | Python | `python/` |
//! | `vendor/bundle/ruby/X.Y.0/`: gems, unless a Gemfile has been installed | Ruby | `ruby/gems/X.Y.0/` |
//! | `vendor/node_modules/`, and directories of `vendor/` with a package.json | Node.js | `nodejs/node_modules/` |
//! | `lib/` or `vendor/`: `*.jar` | Java | `java/lib/` |
//!
//! The places in the layer are those that Lambda's runtimes look in (AWS Lambda Developer Guide, "Layer paths for each
//! Lambda runtime"). The rest of `lib/` is code and stays with the code: its modules may be called like those of the
//! standard library, which a layer's would stand before. A `lib/` or `vendor/` with an `__init__.py` is itself a package
//! of the code, and nothing of it is merged. Hidden files and caches are left out.

mod select;

use super::Target;
use super::install::Distribution;
use super::tree::TreeError;
use select::Chosen;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::source::Span;
use tc_core::world::WorldError;

/// How many files are compared at a time, in bytes.
const BLOCK: usize = 1 << 16;

/// What is to be merged.
pub struct Merge<'a> {
    /// The function's directory on disk. Only read.
    pub directory: &'a Path,
    /// The tree, with what was installed.
    pub tree: &'a Path,
    /// What the tree is for.
    pub target: Target,
    /// What was installed.
    pub distributions: &'a [Distribution],
    /// Where findings point.
    pub place: Span,
}

/// Merges into the tree. Gives the paths in the tree of the files that it has put there, in their order.
///
/// # Errors
/// When two files that differ would have one place, or something to be merged cannot be. The tree is then of no use.
pub fn merge(merge: &Merge<'_>) -> Result<Vec<String>, Vec<Diagnostic>> {
    let chosen = select::select(merge).map_err(|error| vec![unmergeable(merge, &error)])?;
    let mut merged: BTreeMap<String, String> = BTreeMap::new();
    let mut conflicts: BTreeMap<String, Vec<Conflict>> = BTreeMap::new();
    for Chosen { source, path, place } in chosen {
        match put(&path, &merge.tree.join(&place)) {
            Ok(Put::Copied) => drop(merged.insert(place, source)),
            Ok(Put::Same) => {}
            Ok(Put::Differs) => {
                let package = source.split('/').take(2).collect::<Vec<_>>().join("/");
                let other = merged.get(&place).cloned();
                conflicts.entry(package).or_default().push(Conflict { source, place, other });
            }
            Err(error) => {
                let error = Unmergeable::Tree(TreeError::Unreadable(path, error));
                return Err(vec![unmergeable(merge, &error)]);
            }
        }
    }
    match conflicts.is_empty() {
        true => Ok(merged.into_keys().collect()),
        false => Err(conflicts.values().filter_map(|list| conflict(merge, list)).collect()),
    }
}

/// Two files for one place.
struct Conflict {
    source: String,
    place: String,
    /// What was merged there before; else it was installed.
    other: Option<String>,
}

/// Why something cannot be merged.
#[derive(Debug)]
enum Unmergeable {
    /// It cannot be read, or not stand in a layer.
    Tree(TreeError),
    /// Gems with extensions for another Ruby: the directory, and the Ruby it is for.
    Ruby(String, String),
}

/// What became of a file.
enum Put {
    Copied,
    /// It was there.
    Same,
    /// Another was there.
    Differs,
}

/// Copies a file to where none is.
fn put(from: &Path, to: &Path) -> io::Result<Put> {
    // A file in the place of one of its directories differs too.
    let is_blocked = to.ancestors().skip(1).any(|parent| parent.symlink_metadata().is_ok_and(|found| !found.is_dir()));
    match to.symlink_metadata() {
        _ if is_blocked => Ok(Put::Differs),
        Ok(found) if !found.is_file() => Ok(Put::Differs),
        Ok(_) if same(from, to)? => Ok(Put::Same),
        Ok(_) => Ok(Put::Differs),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            to.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::copy(from, to)?;
            let mode = if from.metadata()?.permissions().mode() & 0o111 == 0 { 0o644 } else { 0o755 };
            fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
            Ok(Put::Copied)
        }
        Err(error) => Err(error),
    }
}

/// Whether two files have the same bytes.
fn same(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let block = |file: &mut File| {
        let mut bytes = Vec::new();
        file.take(BLOCK as u64).read_to_end(&mut bytes).map(|_| bytes)
    };
    loop {
        let (left, right) = (block(&mut one)?, block(&mut other)?);
        if left != right || left.is_empty() {
            return Ok(left == right);
        }
    }
}

/// The finding about the files of one package.
fn conflict(merge: &Merge<'_>, conflicts: &[Conflict]) -> Option<Diagnostic> {
    let Conflict { source, place, other } = conflicts.first()?;
    let installed = merge.distributions.iter().find(|distribution| distribution.files.contains(place));
    let other = match (other, installed) {
        (Some(other), _) => format!("`{other}`"),
        (None, Some(Distribution { name, version, .. })) => format!("that of the installed `{name}` {version}"),
        (None, None) => "the one that was installed".to_owned(),
    };
    let message = format!("`{source}` and {other} both belong at `{place}` in the layer, and differ");
    let finding = Diagnostic::new(&codes::MERGE_CONFLICT, merge.place, message);
    let more = match conflicts.len() - 1 {
        0 => None,
        1 => Some("so does 1 more file of it".to_owned()),
        more => Some(format!("so do {more} more files of it")),
    };
    Some(finding.help_opt(more).help("keep one of them: remove the directory, or the dependency from the list"))
}

fn unmergeable(merge: &Merge<'_>, error: &Unmergeable) -> Diagnostic {
    let shown = |path: &Path| path.strip_prefix(merge.directory).unwrap_or(path).display().to_string();
    let at = |message: String| Diagnostic::new(&codes::UNMERGEABLE, merge.place, message);
    let leave_out = "replace it by a file, or remove it";
    match error {
        Unmergeable::Ruby(directory, version) => {
            let wanted = merge.target.version().unwrap_or_default();
            at(format!(
                "`{directory}` has gems with extensions for Ruby {version}, but the function runs on Ruby {wanted}"
            ))
            .help(format!("install them with Ruby {wanted}, or remove the directory and let `tc build` install them"))
        }
        Unmergeable::Tree(TreeError::Unreadable(path, error)) => {
            at(format!("`{}` cannot be merged into the layer: {}", shown(path), WorldError::from(error)))
        }
        Unmergeable::Tree(TreeError::Escapes(path)) => {
            at(format!("`{}` is a link that leads out of its directory, nowhere, or to a directory", shown(path)))
                .help(leave_out)
        }
        Unmergeable::Tree(TreeError::Special(path)) => {
            at(format!("`{}` is neither a file nor a directory", shown(path))).help(leave_out)
        }
        Unmergeable::Tree(TreeError::Name(path, reason)) => {
            at(format!("`{}` cannot stand in a layer: {reason}", shown(path).escape_debug())).help("rename it")
        }
        Unmergeable::Tree(TreeError::TooDeep(path)) => {
            at(format!("`{}` lies too deep in directories", shown(path))).help("remove what is not needed")
        }
    }
}
