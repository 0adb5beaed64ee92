//! The directory of layers: their zips, and the manifest that says what they are.
//!
//! Whenever a run is killed, each layer that the manifest names is there as it says: a layer is taken out of the manifest
//! before its zips are replaced and put in after they were. Layers that a run did not build stay. Two runs do not write at
//! the same time.

use super::build::Built;
use super::cache::digest;
use super::manifest::{LayerEntry, LayerManifest};
use crate::document::Document;
use crate::placement::{BESIDE, sweep};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The manifest's file.
pub const MANIFEST: &str = "manifest.json";

/// Why layers could not be put into a directory.
#[derive(Debug)]
pub struct OutputError {
    /// The file or directory.
    pub path: PathBuf,
    /// What the operating system said of it.
    pub error: io::Error,
}

impl OutputError {
    fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |error| Self { path: path.to_owned(), error }
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Whether anything was written.
    pub is_changed: bool,
    /// Why the manifest that was there is of no use, if so.
    pub damage: Option<String>,
    /// The manifest as it is now.
    pub manifest: LayerManifest,
}

/// Puts layers into a directory, which is created if it is not there. Entries that `is_stale` are taken out with their
/// zips.
///
/// # Errors
/// When something cannot be written. What the manifest then names is there.
pub fn place(
    directory: &Path,
    layers: &[&Built],
    is_stale: &dyn Fn(&LayerEntry) -> bool,
) -> Result<Placed, OutputError> {
    fs::create_dir_all(directory).map_err(OutputError::at(directory))?;
    let lock = File::open(directory).and_then(|lock| lock.lock().map(|()| lock)).map_err(OutputError::at(directory))?;
    sweep(directory).map_err(OutputError::at(directory))?;
    let path = directory.join(MANIFEST);
    let (old, damage) = match read(&path).map_err(OutputError::at(&path))? {
        Ok(old) => (old, None),
        Err(damage) => (Vec::new(), Some(damage)),
    };
    let is_same =
        |one: &LayerEntry, other: &LayerEntry| one.name == other.name && one.architecture == other.architecture;
    let kept: Vec<LayerEntry> = old
        .iter()
        .filter(|entry| !is_stale(entry) && !layers.iter().any(|built| is_same(&built.entry, entry)))
        .cloned()
        .collect();
    let new: Vec<LayerEntry> = kept.iter().cloned().chain(layers.iter().map(|built| built.entry.clone())).collect();
    let manifest = LayerManifest::new(new);
    let missing: Vec<(&Path, PathBuf)> = layers
        .iter()
        .flat_map(|built| built.zips.iter().zip(&built.entry.chunks))
        .map(|(zip, chunk)| (zip.as_path(), directory.join(&chunk.file)))
        .filter(|(zip, file)| !is_in_place(zip, file))
        .collect();
    let is_changed =
        !missing.is_empty() || damage.is_some() || LayerManifest::new(old.clone()).layers != manifest.layers;
    if is_changed {
        // Until all is there, the manifest speaks of nothing that is about to change.
        let unchanged = old.iter().filter(|entry| manifest.layers.contains(entry)).cloned();
        let untouched = unchanged.filter(|entry| {
            let files = || entry.chunks.iter().map(|chunk| directory.join(&chunk.file));
            !missing.iter().any(|(_, file)| files().any(|own| own == *file))
        });
        write(&path, &LayerManifest::new(untouched.collect())).map_err(OutputError::at(&path))?;
        for (zip, file) in &missing {
            put(zip, file).map_err(OutputError::at(file))?;
        }
        write(&path, &manifest).map_err(OutputError::at(&path))?;
        remove_surplus(directory, &old, &manifest);
    }
    drop(lock);
    Ok(Placed { is_changed, damage, manifest })
}

/// The layers that a manifest names, none where there is no manifest; or why it is of no use.
fn read(path: &Path) -> io::Result<Result<Vec<LayerEntry>, String>> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Ok(Vec::new())),
        Err(error) if error.kind() == ErrorKind::InvalidData => return Ok(Err("it is not text".to_owned())),
        other => other?,
    };
    Ok(serde_json::from_str::<LayerManifest>(&text).map(|manifest| manifest.layers).map_err(|error| error.to_string()))
}

/// Whether a file is the zip already.
fn is_in_place(zip: &Path, file: &Path) -> bool {
    let (Ok(one), Ok(other)) = (fs::metadata(zip), fs::symlink_metadata(file)) else { return false };
    if (one.dev(), one.ino()) == (other.dev(), other.ino()) {
        return true;
    }
    other.is_file()
        && one.len() == other.len()
        && digest(zip).is_ok_and(|one| digest(file).is_ok_and(|other| one == other))
}

/// Puts a zip in the place of a file: by a link to the one in the cache, or where that cannot be by a copy of it.
fn put(zip: &Path, file: &Path) -> io::Result<()> {
    let directory = file.parent().unwrap_or(Path::new("."));
    let beside = tempfile::Builder::new().prefix(BESIDE).make_in(directory, |path| match fs::hard_link(zip, path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        Err(_) => {
            let mut copy = File::create_new(path)?;
            let copied =
                File::open(zip).and_then(|mut zip| io::copy(&mut zip, &mut copy)).and_then(|_| copy.sync_all());
            // A disk that is full is not to stay so; that it cannot be removed would hide why.
            copied.inspect_err(|_| drop(fs::remove_file(path)))
        }
    })?;
    beside.into_temp_path().persist(file).map_err(|error| error.error)
}

fn write(path: &Path, manifest: &LayerManifest) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    let mut file: NamedTempFile =
        tempfile::Builder::new().prefix(BESIDE).permissions(permissions).tempfile_in(directory)?;
    file.write_all(manifest.to_json().as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Removes the zips that only an earlier manifest named. That one stays is no fault of the layers.
fn remove_surplus(directory: &Path, old: &[LayerEntry], manifest: &LayerManifest) {
    let files = |entries: &[LayerEntry]| -> BTreeSet<String> {
        entries.iter().flat_map(|entry| &entry.chunks).map(|chunk| chunk.file.clone()).collect()
    };
    // A manifest is a file that anyone may have written: only a plain name is one of ours.
    for file in files(old).difference(&files(&manifest.layers)) {
        if !file.contains('/') && file.ends_with(".zip") {
            let _ = fs::remove_file(directory.join(file));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_that_fails_leaves_nothing() {
        let temporary = tempfile::tempdir().unwrap();
        // A directory can be neither linked nor read.
        let (zip, out) = (temporary.path().join("zip"), temporary.path().join("out"));
        fs::create_dir(&zip).unwrap();
        fs::create_dir(&out).unwrap();
        put(&zip, &out.join("layer.zip")).unwrap_err();
        assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
    }
}
