//! What an output directory holds.

use super::{MANIFEST, OutputError, STACKS};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use tc_package::manifest::ARTIFACTS;

/// Whether an output of tc, or an empty directory, stands at `out`; `false` where nothing does.
///
/// # Errors
/// When something else stands there or in it.
pub fn is_ours(out: &Path) -> Result<bool, OutputError> {
    let paths = match list(out) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) if error.kind() == ErrorKind::NotADirectory => return Err(OutputError::NotOurs(out.to_path_buf())),
        other => other.map_err(OutputError::at(out))?,
    };
    if let Some(strange) = paths.iter().find(|path| !is_known(path)) {
        return Err(OutputError::NotOurs(out.join(strange)));
    }
    match read_manifest(out) {
        Ok(true) => Ok(true),
        Ok(false) => Err(OutputError::NotOurs(out.join(MANIFEST))),
        Err(error) if error.kind() == ErrorKind::NotFound => match paths.first() {
            // Another run is about to put its output there.
            _ if !out.exists() => Ok(false),
            Some(first) => Err(OutputError::NotOurs(out.join(first))),
            None => Ok(true),
        },
        Err(error) => Err(OutputError::Io(out.join(MANIFEST), error)),
    }
}

/// Whether tc writes files of this path.
fn is_known(path: &str) -> bool {
    match path.split_once('/') {
        None => matches!(path, "template.yaml" | "template.json" | MANIFEST),
        Some((ARTIFACTS, name)) => name.strip_suffix(".zip").is_some_and(is_digest),
        Some((STACKS, name)) => name.ends_with(".yaml") || name.ends_with(".json"),
        Some(_) => false,
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// What of a manifest tells whose it is. The rest is only skipped, since every compile asks.
#[derive(Deserialize)]
struct Signed<'m> {
    #[serde(borrow)]
    tool: Tool<'m>,
}

#[derive(Deserialize)]
struct Tool<'m> {
    #[serde(borrow)]
    name: Cow<'m, str>,
}

/// Whether the manifest in `out` is one of tc.
fn read_manifest(out: &Path) -> io::Result<bool> {
    let bytes = fs::read(out.join(MANIFEST))?;
    let manifest: Result<Signed, _> = serde_json::from_slice(&bytes);
    Ok(manifest.is_ok_and(|manifest| manifest.tool.name == "tc"))
}

/// The paths of all files in `out`, two levels deep; of a directory below that, or an empty one, its own path, ending in
/// `/`.
pub fn list(out: &Path) -> io::Result<BTreeSet<String>> {
    let mut paths = BTreeSet::new();
    for entry in fs::read_dir(out)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.file_type()?.is_dir() {
            paths.insert(name);
            continue;
        }
        let before = paths.len();
        for inner in fs::read_dir(entry.path())? {
            let inner = inner?;
            let end = if inner.file_type()?.is_dir() { "/" } else { "" };
            paths.insert(format!("{name}/{}{end}", inner.file_name().to_string_lossy()));
        }
        if paths.len() == before && name != ARTIFACTS {
            paths.insert(format!("{name}/"));
        }
    }
    Ok(paths)
}

/// Whether `out` holds these texts, by their names, and code zips of these names and sizes, and nothing else.
pub fn are(out: &Path, texts: &BTreeMap<String, String>, zips: &BTreeMap<String, u64>) -> io::Result<bool> {
    let same = || -> io::Result<bool> {
        let zips = zips.iter().map(|(name, size)| (format!("{ARTIFACTS}/{name}"), *size));
        let zips: BTreeMap<String, u64> = zips.collect();
        if !list(out)?.iter().eq(zips.keys().chain(texts.keys())) {
            return Ok(false);
        }
        for (name, text) in texts {
            if fs::read(out.join(name))? != text.as_bytes() {
                return Ok(false);
            }
        }
        for (path, size) in &zips {
            if out.join(path).symlink_metadata()?.len() != *size {
                return Ok(false);
            }
        }
        Ok(true)
    };
    match same() {
        // There is none yet, or another run replaced it meanwhile.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        other => other,
    }
}

/// Whether a path is that of a code zip.
pub fn is_artifact(path: &str) -> bool {
    path.strip_prefix(ARTIFACTS).is_some_and(|rest| rest.starts_with('/'))
}
