//! The packages that npm put into a `node_modules`, and what is to be said of them.

use super::manifest::{Manifest, place};
use super::npm::Npm;
use crate::layer::install::local::entries;
use crate::layer::install::{Distribution, Request};
use crate::residue::last;
use serde_json::Value;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::diagnostic::{Diagnostic, Severity};
use tc_core::ir::Architecture;
use tc_core::source::{FileId, Span};

/// How many packages a finding names.
const NAMED: usize = 5;

/// A package that was installed.
pub(super) struct Package {
    /// Its directory.
    pub path: PathBuf,
    /// Its directory below the one that was searched, with `/`.
    pub relative: String,
    pub manifest: Manifest,
}

impl Package {
    /// Its name in the registry; of a package without one, that of its directory.
    pub fn name(&self) -> &str {
        let directory = self.relative.rsplit_once("node_modules/").map_or(self.relative.as_str(), |(_, name)| name);
        self.manifest.text("name").unwrap_or(directory)
    }

    fn version(&self) -> &str {
        self.manifest.text("version").unwrap_or("0.0.0")
    }
}

/// The packages below `node_modules`, those within others included, in the order of their paths. Links are not
/// followed.
///
/// # Errors
/// When a directory cannot be listed.
pub(super) fn find(node_modules: &Path, prefix: &str) -> io::Result<Vec<Package>> {
    let mut found = Vec::new();
    let mut pending = vec![(node_modules.to_owned(), prefix.to_owned())];
    while let Some((directory, prefix)) = pending.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') || !entry.file_type()?.is_dir() {
                continue;
            }
            let (path, relative) = (entry.path(), format!("{prefix}/{name}"));
            if name.starts_with('@') && !directory.ends_with(&name) {
                pending.push((path, relative));
                continue;
            }
            let nested = path.join("node_modules");
            if nested.is_dir() {
                pending.push((nested, format!("{relative}/node_modules")));
            }
            if let Some(manifest) = Manifest::of(&path) {
                found.push(Package { path, relative, manifest });
            }
        }
    }
    found.sort_by(|a, b| a.relative.cmp(&b.relative));
    Ok(found)
}

/// What a layer has no use for: links to programs, npm's own record, and packages that are for another machine, which a
/// lock written by an older npm does not tell from the others.
///
/// # Errors
/// When something cannot be removed.
pub(super) fn prune(node_modules: &Path, architecture: Architecture) -> io::Result<()> {
    let all = find(node_modules, "node_modules")?;
    let directories = std::iter::once(node_modules.to_owned()).chain(all.iter().map(|p| p.path.join("node_modules")));
    for directory in directories.filter(|directory| directory.is_dir()) {
        for name in [".bin", ".cache"] {
            remove(fs::remove_dir_all(directory.join(name)))?;
        }
        remove(fs::remove_file(directory.join(".package-lock.json")))?;
    }
    for package in all.iter().filter(|package| is_foreign(&package.manifest, architecture)) {
        remove(fs::remove_dir_all(&package.path))?;
    }
    Ok(())
}

fn remove(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Whether a package's own `os`, `cpu` and `libc` exclude Lambda's machines (npm documentation, "package.json"). npm
/// installs such a package only where it is optional.
fn is_foreign(manifest: &Manifest, architecture: Architecture) -> bool {
    let cpu = match architecture {
        Architecture::X86_64 => "x64",
        Architecture::Arm64 => "arm64",
    };
    [("os", "linux"), ("cpu", cpu), ("libc", "glibc")].into_iter().any(|(key, ours)| {
        let listed: Vec<&str> = match manifest.get(key) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => return false,
        };
        let (refused, wanted): (Vec<&str>, Vec<&str>) = listed.iter().partition(|value| value.starts_with('!'));
        let is_refused = refused.iter().any(|value| value.get(1..) == Some(ours));
        is_refused || !(wanted.is_empty() || wanted.contains(&ours) || wanted.contains(&"any"))
    })
}

/// The packages as distributions, in the order of their names and versions.
///
/// # Errors
/// When a package cannot be listed.
pub(super) fn distributions(packages: &[Package]) -> io::Result<Vec<Distribution>> {
    let mut distributions = Vec::new();
    for package in packages {
        let own = entries(&package.path, |name| last(name) == "node_modules")?;
        let files = own.into_iter().map(|entry| format!("{}/{}", package.relative, entry.name)).collect();
        let (name, version) = (package.name().to_owned(), package.version().to_owned());
        distributions.push(Distribution { name, version, files });
    }
    distributions.sort_by(|a, b| (&a.name, &a.version, &a.files).cmp(&(&b.name, &b.version, &b.files)));
    Ok(distributions)
}

/// What is to be said of the packages: install scripts that were not run, and ranges of Node that exclude the runtime.
pub(super) fn remarks(
    request: &Request<'_>,
    npm: &Npm,
    packages: &[Package],
    list: (FileId, &str),
    scratch: &Path,
) -> Vec<Diagnostic> {
    let mut remarks = Vec::new();
    let (native, other): (Vec<_>, Vec<_>) = packages
        .iter()
        .filter_map(|package| script(package).map(|script| (package, script)))
        .filter(|(package, _)| !has_prebuild(&package.path, request.target.architecture))
        .partition(|(package, script)| is_native(&package.path, script));
    if !native.is_empty() {
        let message = format!("{} would compile code when installed, and was not let to", names(&native));
        remarks.push(
            Diagnostic::new(&codes::SCRIPT_NOT_RUN, own_place(list, &native), message)
                .help("install scripts build for this machine; tc runs none of them")
                .help("take a version with binaries for Linux, or build it yourself: `build.command`"),
        );
    }
    if !other.is_empty() {
        let message = format!("{} has an install script, which was not run", names(&other));
        let mut remark = Diagnostic::new(&codes::SCRIPT_NOT_RUN, own_place(list, &other), message);
        remark.severity = Severity::Note;
        remarks.push(remark.help("most only print a message; if the code needs what it makes, run it in `build.post`"));
    }
    remarks.extend(wrong_node(request, npm, packages, list, scratch));
    remarks
}

/// What npm would have run (npm documentation, "scripts": of a package with a binding.gyp it is node-gyp).
fn script(package: &Package) -> Option<String> {
    let scripts = package.manifest.get("scripts");
    let named = ["preinstall", "install", "postinstall"].iter().filter_map(|name| scripts?.get(name)?.as_str());
    let named: Vec<_> = named.collect();
    let gyp =
        package.path.join("binding.gyp").is_file() && package.manifest.get("gypfile") != Some(&Value::Bool(false));
    match (named.is_empty(), gyp) {
        (false, _) => Some(named.join(" && ")),
        (true, true) => Some("node-gyp rebuild".to_owned()),
        (true, false) => None,
    }
}

/// Whether a script compiles, or fetches what was compiled.
fn is_native(directory: &Path, script: &str) -> bool {
    let builders = ["node-gyp", "node-pre-gyp", "prebuild", "cmake-js", "napi", "neon", "cargo", "make"];
    directory.join("binding.gyp").is_file() || builders.iter().any(|builder| script.contains(builder))
}

/// Whether a package brings what its script would compile, as `prebuildify` lays it down.
fn has_prebuild(directory: &Path, architecture: Architecture) -> bool {
    let wanted = match architecture {
        Architecture::X86_64 => "linux-x64",
        Architecture::Arm64 => "linux-arm64",
    };
    let prebuilds = fs::read_dir(directory.join("prebuilds")).into_iter().flatten().flatten();
    prebuilds.into_iter().any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('+'))
    })
}

fn wrong_node(
    request: &Request<'_>,
    npm: &Npm,
    packages: &[Package],
    list: (FileId, &str),
    scratch: &Path,
) -> Option<Diagnostic> {
    let major = request.target.version()?;
    let wants = |package: &Package| Some(package.manifest.get("engines")?.get("node")?.as_str()?.to_owned());
    let with: Vec<_> = packages.iter().filter_map(|package| Some((package, wants(package)?))).collect();
    let ranges: Vec<&str> = with.iter().map(|(_, range)| range.as_str()).collect();
    let admits = npm.admits(request, &ranges, major, scratch)?;
    let excluded: Vec<_> = with.into_iter().zip(admits).filter(|(_, admits)| !admits).map(|(one, _)| one).collect();
    let (_, first) = excluded.first()?;
    let runtime = request.target.runtime.id();
    let message = format!("{} is not made for `{runtime}`", names(&excluded));
    let finding = Diagnostic::new(&codes::WRONG_NODE, own_place(list, &excluded), message);
    let finding = match excluded.len() {
        1 => finding.help(format!("it wants Node `{first}`")),
        _ => finding.help(format!("the first of them wants Node `{first}`")),
    };
    Some(finding.help("take an older version of the package, or a newer `runtime.lang`"))
}

/// The packages by name: "`a` 1.0.0, `b` 2.0.0 and 3 others".
fn names(packages: &[(&Package, String)]) -> String {
    let named = packages.iter().take(NAMED).map(|(package, _)| format!("`{}` {}", package.name(), package.version()));
    let named = named.collect::<Vec<_>>().join(", ");
    match packages.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} others"),
    }
}

/// Where the first of the packages stands in the list that has a place there.
fn own_place((file, text): (FileId, &str), packages: &[(&Package, String)]) -> Span {
    let places = packages.iter().map(|(package, _)| place(file, text, package.name()));
    places.into_iter().find(|span| span.end > span.start).unwrap_or_else(|| Span::start_of(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_for_other_machines_are_known() {
        for (text, wanted) in [
            ("{}", false),
            (r#"{"os":["darwin"]}"#, true),
            (r#"{"os":["!win32"],"cpu":"x64"}"#, false),
            (r#"{"os":["!linux"]}"#, true),
            (r#"{"os":["linux"],"cpu":["arm64"]}"#, true),
            (r#"{"os":["linux"],"libc":["musl"]}"#, true),
            (r#"{"os":["linux"],"cpu":["any"],"libc":["glibc"]}"#, false),
        ] {
            assert_eq!(is_foreign(&Manifest::parse(text).unwrap(), Architecture::X86_64), wanted, "{text}");
        }
    }

    #[test]
    fn packages_in_packages_are_found_and_pruned() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("node_modules");
        for (directory, text) in [
            ("a", r#"{"name":"a","version":"1.0.0"}"#),
            ("a/node_modules/@s/b", r#"{"name":"@s/b","version":"2.0.0"}"#),
            ("@s/musl", r#"{"name":"@s/musl","libc":["musl"]}"#),
        ] {
            fs::create_dir_all(root.join(directory)).unwrap();
            fs::write(root.join(directory).join("package.json"), text).unwrap();
        }
        fs::create_dir_all(root.join("a/node_modules/.bin")).unwrap();
        fs::write(root.join(".package-lock.json"), "{}").unwrap();
        prune(&root, Architecture::Arm64).unwrap();
        assert!(!root.join(".package-lock.json").exists() && !root.join("a/node_modules/.bin").exists());
        let distributions = distributions(&find(&root, "nodejs/node_modules").unwrap()).unwrap();
        let listed: Vec<_> = distributions.iter().map(|d| (d.name.as_str(), d.files.join(" "))).collect();
        let inner = "nodejs/node_modules/a/node_modules/@s/b/package.json".to_owned();
        assert_eq!(listed, [("@s/b", inner), ("a", "nodejs/node_modules/a/package.json".to_owned())]);
    }
}
