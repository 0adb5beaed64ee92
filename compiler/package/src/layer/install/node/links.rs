//! Links in a `node_modules`: npm links directories where a layer needs what they hold.

use super::npm::Npm;
use crate::layer::install::Request;
use crate::layer::install::local::{copy_file, entries};
use crate::residue::{last, of_dependency};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Puts copies in place of the links in `node_modules` that lead to directories, also in what they lead to. A copy is what npm would
/// publish of the directory, with what is installed in it. `above` are the directories that are being copied already:
/// Node finds them further up.
///
/// # Errors
/// When something cannot be read or written.
pub(super) fn materialise(
    request: &Request<'_>,
    npm: &Npm,
    node_modules: &Path,
    above: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for link in links(node_modules)? {
        let target = link.canonicalize();
        fs::remove_file(&link)?;
        let Ok(target) = target else { continue };
        if !target.is_dir() || above.contains(&target) {
            continue;
        }
        above.push(target.clone());
        copy_package(request, npm, &target, &link)?;
        let installed = target.join("node_modules");
        if installed.is_dir() {
            let nested = link.join("node_modules");
            crate::layer::install::local::copy(&installed, &nested, |_| false)?;
            relink(&installed, &nested)?;
            materialise(request, npm, &nested, above)?;
        }
        above.pop();
    }
    Ok(())
}

fn copy_package(request: &Request<'_>, npm: &Npm, from: &Path, to: &Path) -> io::Result<()> {
    let everything = || -> io::Result<Vec<String>> {
        // A package without a name cannot be published: all but what may hold secrets is taken.
        let unwanted =
            |name: &str| of_dependency(name) || last(name).starts_with(".npmrc") || last(name).starts_with(".env");
        Ok(entries(from, unwanted)?.into_iter().map(|entry| entry.name).collect())
    };
    fs::create_dir_all(to)?;
    for name in npm.published(request, from).map_or_else(everything, Ok)? {
        let path = from.join(&name);
        if path.is_file() {
            copy_file(&path, &to.join(&name))?;
        }
    }
    Ok(())
}

/// The links in a `node_modules` and in those below it, but for links to programs.
fn links(node_modules: &Path) -> io::Result<Vec<PathBuf>> {
    let all = entries(node_modules, |name| last(name) == ".bin")?;
    Ok(all.into_iter().filter(|entry| entry.kind.is_symlink()).map(|entry| entry.path).collect())
}

/// Makes links in a copy lead where they led in the original, from which they are relative.
fn relink(original: &Path, copy: &Path) -> io::Result<()> {
    for entry in entries(original, |name| last(name) == ".bin")?.into_iter().filter(|entry| entry.kind.is_symlink()) {
        let Ok(target) = entry.path.canonicalize() else { continue };
        let link = copy.join(&entry.name);
        fs::remove_file(&link)?;
        std::os::unix::fs::symlink(target, link)?;
    }
    Ok(())
}
