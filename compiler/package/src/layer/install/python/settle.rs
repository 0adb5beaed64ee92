//! From what uv installed to what belongs into a layer: the same bytes on any machine, and which distribution each file
//! is of.

use super::super::{Distribution, local};
use super::name::normalised;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

/// Files of a `.dist-info` that say how and from where it was installed: absolute paths, times, URLs that may hold
/// credentials. None is needed to use it.
const PROVENANCE: [&str; 3] = ["direct_url.json", "uv_cache.json", "uv_build.json"];

/// Removes what does not belong into a layer, makes the rest the same everywhere, and lists the distributions in the
/// order of their names. `packages` is the directory that uv installed into; `below` is its name in the tree, with `/`.
///
/// # Errors
/// When something cannot be read, written or removed.
pub(super) fn settle(packages: &Path, below: &str) -> io::Result<Vec<Distribution>> {
    remove(&packages.join("bin"))?;
    remove(&packages.join(".lock"))?;
    let mut files = BTreeSet::new();
    for entry in local::entries(packages, |_| false)? {
        if is_left_out(&entry.name, packages) {
            fs::remove_file(&entry.path)?;
        } else {
            files.insert(entry.name);
        }
    }
    remove_empty(packages)?;
    let mut distributions: BTreeMap<String, Distribution> = BTreeMap::new();
    let mut owned: BTreeSet<String> = BTreeSet::new();
    let records: Vec<String> = files.iter().filter(|name| is_record(name)).cloned().collect();
    for record in &records {
        let Some(folder) = record.strip_suffix("/RECORD") else { continue };
        let text = fs::read_to_string(packages.join(record))?;
        let mut rows: Vec<Row> = text.lines().filter_map(Row::parse).filter(|row| files.contains(&row.path)).collect();
        rows.sort_by(|a, b| a.path.cmp(&b.path));
        rows.dedup_by(|a, b| a.path == b.path);
        fs::write(packages.join(record), rows.iter().map(Row::line).collect::<String>())?;
        let metadata = fs::read_to_string(packages.join(folder).join("METADATA"));
        let (name, version) = named(folder, metadata.as_deref().unwrap_or_default());
        // A file that two distributions claim is the first one's.
        let files = rows.into_iter().map(|row| row.path).filter(|path| owned.insert(path.clone()));
        let files = files.map(|path| format!("{below}/{path}")).collect();
        distributions.insert(normalised(&name), Distribution { name, version, files });
    }
    Ok(distributions.into_values().collect())
}

/// Removes the files that `is_wanted` refuses from the tree, the records and the lists of distributions.
///
/// # Errors
/// When something cannot be read, written or removed.
pub(super) fn retain(packages: &Path, is_wanted: impl Fn(&str) -> bool) -> io::Result<(usize, u64)> {
    let (mut count, mut bytes) = (0, 0);
    for entry in local::entries(packages, |_| false)? {
        if !is_wanted(&entry.name) {
            bytes += fs::symlink_metadata(&entry.path)?.len();
            count += 1;
            fs::remove_file(&entry.path)?;
        }
    }
    Ok((count, bytes))
}

/// Clears the digest and size that the records have of files, which were changed.
///
/// # Errors
/// When something cannot be read or written.
pub(super) fn forget_digests(packages: &Path, changed: &BTreeSet<String>) -> io::Result<()> {
    for entry in local::entries(packages, |_| false)?.into_iter().filter(|entry| is_record(&entry.name)) {
        let text = fs::read_to_string(&entry.path)?;
        let forget = |row: Row| if changed.contains(&row.path) { Row { rest: ",".to_owned(), ..row } } else { row };
        let text: String = text.lines().filter_map(Row::parse).map(forget).map(|row| row.line()).collect();
        fs::write(entry.path, text)?;
    }
    Ok(())
}

fn is_record(name: &str) -> bool {
    name.split_once('/').is_some_and(|(folder, file)| folder.ends_with(".dist-info") && file == "RECORD")
}

/// What has no place in a layer: provenance, and bytecode of this machine's Python. Bytecode without its source is all
/// that some distributions have, and stays.
fn is_left_out(name: &str, packages: &Path) -> bool {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let is_provenance = folder.ends_with(".dist-info") && !folder.contains('/') && PROVENANCE.contains(&file);
    let in_cache = folder.rsplit('/').next() == Some("__pycache__");
    let has_source = || packages.join(name.trim_end_matches('c')).is_file();
    is_provenance || in_cache || name.ends_with(".pyc") && has_source()
}

/// A row of a RECORD. Source: Python Packaging User Guide, "Recording installed projects".
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    path: String,
    /// `sha256=...,SIZE`.
    rest: String,
}

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let (path, rest) = match line.strip_prefix('"') {
            None => line.split_once(',').map(|(path, rest)| (path.to_owned(), rest))?,
            Some(quoted) => {
                let mut end = 0;
                let mut path = String::new();
                let mut parts = quoted.split('"');
                // A quote inside is doubled: it ends one part and leaves an empty one.
                while let Some(part) = parts.next() {
                    path.push_str(part);
                    end += part.len() + 1;
                    match quoted.get(end..).is_some_and(|rest| rest.starts_with('"')) {
                        true => {
                            path.push('"');
                            parts.next();
                            end += 1;
                        }
                        false => break,
                    }
                }
                (path, quoted.get(end..)?.strip_prefix(',')?)
            }
        };
        Some(Self { path, rest: rest.to_owned() })
    }

    fn line(&self) -> String {
        match self.path.contains([',', '"']) {
            true => format!("\"{}\",{}\n", self.path.replace('"', "\"\""), self.rest),
            false => format!("{},{}\n", self.path, self.rest),
        }
    }
}

/// The name and version of a distribution: of its METADATA, else of its directory's name.
fn named(folder: &str, metadata: &str) -> (String, String) {
    let header = |key: &str| {
        let lines = metadata.lines().take_while(|line| !line.is_empty());
        lines.filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case(key))
    };
    let (name, version) = folder.trim_end_matches(".dist-info").split_once('-').unwrap_or((folder, ""));
    let text = |found: Option<(&str, &str)>, other: &str| found.map_or(other, |(_, value)| value.trim()).to_owned();
    (text(header("name"), name), text(header("version"), version))
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = match path.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Removes the directories in which nothing is.
pub(super) fn remove_empty(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_empty(&entry.path())?;
            if fs::read_dir(entry.path())?.next().is_none() {
                fs::remove_dir(entry.path())?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let place = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        place
    }

    #[test]
    fn what_is_of_this_machine_is_left_out_and_records_are_in_order() {
        let place = tree(&[
            (".lock", ""),
            ("bin/tool", ""),
            ("pkg/__init__.py", ""),
            ("pkg/a,b.py", ""),
            ("pkg/__pycache__/a.pyc", ""),
            ("pkg/old.pyc", ""),
            ("pkg/old.py", ""),
            ("pkg/only.pyc", ""),
            ("Pkg_A-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: Pkg.A\nVersion: 1.0\n\nName: not\n"),
            ("Pkg_A-1.0.dist-info/direct_url.json", "{\"url\":\"file:///home\"}"),
            (
                "Pkg_A-1.0.dist-info/RECORD",
                "pkg/only.pyc,,\nbin/tool,sha256=x,1\n\"pkg/a,b.py\",sha256=y,2\npkg/__init__.py,,\npkg/gone.py,,\n\
                 Pkg_A-1.0.dist-info/direct_url.json,,\nPkg_A-1.0.dist-info/RECORD,,\n",
            ),
        ]);
        let distributions = settle(place.path(), "python").unwrap();
        let record = "Pkg_A-1.0.dist-info/RECORD,,\npkg/__init__.py,,\n\"pkg/a,b.py\",sha256=y,2\npkg/only.pyc,,\n";
        assert_eq!(fs::read_to_string(place.path().join("Pkg_A-1.0.dist-info/RECORD")).unwrap(), record);
        let only = distributions.first().unwrap();
        assert_eq!((only.name.as_str(), only.version.as_str(), distributions.len()), ("Pkg.A", "1.0", 1));
        assert_eq!(
            only.files,
            ["python/Pkg_A-1.0.dist-info/RECORD", "python/pkg/__init__.py", "python/pkg/a,b.py", "python/pkg/only.pyc"]
        );
        let left: Vec<_> =
            local::entries(place.path(), |_| false).unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(
            left,
            [
                "Pkg_A-1.0.dist-info/METADATA",
                "Pkg_A-1.0.dist-info/RECORD",
                "pkg/__init__.py",
                "pkg/a,b.py",
                "pkg/old.py",
                "pkg/only.pyc"
            ]
        );
        assert!(!place.path().join("pkg/__pycache__").exists());
    }

    #[test]
    fn rows_are_csv() {
        for line in ["a.py,sha256=x,1", "\"a,b\",,", "\"say \"\"hi\"\".py\",sha256=x,3"] {
            assert_eq!(Row::parse(line).unwrap().line().trim_end(), line);
        }
        assert_eq!(Row::parse("\"say \"\"hi\"\".py\",,").unwrap().path, "say \"hi\".py");
        assert_eq!(Row::parse("\"a\"\"\",,").unwrap().path, "a\"");
        for broken in ["", "a", "\"a", "\"a\"b,c"] {
            assert_eq!(Row::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn changed_files_lose_their_digest_alone() {
        let place = tree(&[("a-1.dist-info/RECORD", "a.so,sha256=x,1\nb.py,sha256=y,2\n")]);
        forget_digests(place.path(), &BTreeSet::from(["a.so".to_owned()])).unwrap();
        let text = fs::read_to_string(place.path().join("a-1.dist-info/RECORD")).unwrap();
        assert_eq!(text, "a.so,,\nb.py,sha256=y,2\n");
    }
}
