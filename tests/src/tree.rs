//! Directories as values: read, copied, written and compared as a whole.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// The files of a directory by their path in it.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// Reads the regular files below a directory. A directory that is absent is empty.
///
/// # Errors
/// What the operating system says.
pub fn read(root: &Path) -> io::Result<Tree> {
    let mut tree = Tree::new();
    if root.is_dir() {
        collect(root, "", &mut tree)?;
    }
    Ok(tree)
}

fn collect(directory: &Path, prefix: &str, tree: &mut Tree) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), tree)?;
        } else {
            tree.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// Copies a directory with its links and modes.
///
/// # Errors
/// What the operating system says.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Makes a directory hold exactly a tree.
///
/// # Errors
/// What the operating system says.
pub fn write(root: &Path, tree: &Tree) -> io::Result<()> {
    if root.exists() {
        fs::remove_dir_all(root)?;
    }
    for (name, bytes) in tree {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// How two trees differ, a line a file and a diff of its text; empty if they are equal. A file that is only expected
/// counts as much as one that is only there.
pub fn difference(expected: &Tree, actual: &Tree) -> String {
    let mut out = String::new();
    for (name, bytes) in expected {
        match actual.get(name) {
            None => out.push_str(&format!("missing: {name}\n")),
            Some(other) if other == bytes => {}
            Some(other) => {
                let (old, new) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(other));
                let diff = similar::TextDiff::from_lines(old.as_ref(), new.as_ref());
                let diff = diff.unified_diff().context_radius(3).header(name, name).to_string();
                out.push_str(&diff);
            }
        }
    }
    for name in actual.keys().filter(|name| !expected.contains_key(*name)) {
        out.push_str(&format!("unexpected: {name}\n"));
    }
    out
}
