//! Libraries that are missing, taken from `build.libs` or from this machine into the tree's `lib/`.

use super::file::{Elf, Unread};
use super::scan::open;
use super::{Libraries, Taken};
use crate::layer::image::{Image, Presence};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tc_core::ir::Architecture;

/// The beginnings of the names of libraries that are never taken: those of the C library work with their own loader
/// alone, an interpreter cannot be in a process twice, and drivers belong to a device.
const NEVER: [&str; 19] = [
    "ld-linux",
    "libBrokenLocale.so",
    "libanl.so",
    "libc.so",
    "libcuda.so",
    "libdl.so",
    "libgcc_s.so",
    "libm.so",
    "libmvec.so",
    "libnode.so",
    "libnss_",
    "libnvidia-",
    "libpthread.so",
    "libpython",
    "libresolv.so",
    "librt.so",
    "libruby",
    "libstdc++.so",
    "libutil.so",
];

/// The directories of libraries on a Linux machine, in which those for a processor may be: its own, and those of a
/// cross compiler (Debian's multiarch names).
pub fn host_directories(architecture: Architecture) -> Vec<PathBuf> {
    let directories = match architecture {
        Architecture::X86_64 => ["/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/x86_64-linux-gnu/lib"],
        Architecture::Arm64 => ["/usr/lib/aarch64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/aarch64-linux-gnu/lib"],
    };
    directories
        .into_iter()
        .chain(["/usr/lib64", "/lib64", "/usr/local/lib64", "/usr/local/lib"])
        .map(PathBuf::from)
        .collect()
}

/// A library that could be taken.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) path: PathBuf,
    pub(super) file: Elf,
}

/// Why a library cannot be had, or one that it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Obstacle {
    /// What was found and does not fit, each with the reason.
    pub(super) unfit: Vec<String>,
}

/// Looks for libraries.
pub(super) struct Store<'a> {
    libraries: &'a Libraries<'a>,
    image: Image,
    /// The files directly in `build.libs`, by the names they are known by.
    given: BTreeMap<String, PathBuf>,
}

impl<'a> Store<'a> {
    /// In these places, for an image.
    ///
    /// # Errors
    /// When `build.libs` cannot be listed.
    pub(super) fn new(libraries: &'a Libraries<'a>, image: Image) -> io::Result<Self> {
        let mut given = BTreeMap::new();
        if let Some(directory) = libraries.given {
            let mut paths = fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
            paths.sort();
            let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
            for path in paths.iter().filter(|path| path.is_file()) {
                name(path).and_then(|name| given.insert(name, path.clone()));
            }
            // `libfoo.so.1.2.3` is what `libfoo.so.1` is looked for as, where the link between them was not copied.
            for path in paths.iter().filter(|path| path.is_file()) {
                if let Some(soname) = open(path).ok().and_then(Result::ok).and_then(|file| file.soname) {
                    given.entry(soname).or_insert_with(|| path.clone());
                }
            }
        }
        Ok(Self { libraries, image, given })
    }

    /// The library `name` with all that it needs and that is neither `at_hand` nor in the image, by name.
    pub(super) fn closure(
        &self,
        name: &str,
        at_hand: &dyn Fn(&str) -> bool,
    ) -> Result<BTreeMap<String, Candidate>, Obstacle> {
        let mut chosen = BTreeMap::new();
        let mut pending: Vec<(String, Option<PathBuf>)> = vec![(name.to_owned(), None)];
        while let Some((name, asking)) = pending.pop() {
            if chosen.contains_key(&name) {
                continue;
            }
            match self.candidate(&name) {
                Ok(candidate) => {
                    let is_lacking = |name: &&String| self.image.library(name) != Presence::Present && !at_hand(name);
                    let lacking = candidate.file.needed.iter().filter(is_lacking);
                    pending.extend(lacking.map(|name| (name.clone(), Some(candidate.path.clone()))));
                    chosen.insert(name, candidate);
                }
                // What may be in the image is taken where it can be, and else is left to it.
                Err(_) if asking.is_some() && self.image.library(&name) == Presence::Unsure => {}
                Err(mut obstacle) => {
                    let chain = asking.map(|path| format!("`{}` needs `{name}` in turn", path.display()));
                    obstacle.unfit.extend(chain);
                    return Err(obstacle);
                }
            }
        }
        Ok(chosen)
    }

    /// The first file of that name that fits.
    fn candidate(&self, name: &str) -> Result<Candidate, Obstacle> {
        let mut obstacle = Obstacle::default();
        if name.contains('/') || NEVER.iter().any(|start| name.starts_with(start)) {
            return Err(obstacle);
        }
        let on_host = self.libraries.host.iter().map(|directory| directory.join(name));
        let paths = self.given.get(name).cloned().into_iter().chain(on_host);
        // Several directories of a machine are one, by links; each file is judged once.
        let mut seen = BTreeSet::new();
        for path in paths {
            let Ok(real) = path.canonicalize() else { continue };
            if !real.is_file() || !seen.insert(real) {
                continue;
            }
            match open(&path).unwrap_or(Err(Unread::Malformed)) {
                Ok(file) => match self.unfit(&file) {
                    None => return Ok(Candidate { path, file }),
                    Some(reason) => obstacle.unfit.push(format!("`{}` {reason}", path.display())),
                },
                // A script of the linker, as `libfoo.so` may be.
                Err(_) => obstacle.unfit.push(format!("`{}` is no library", path.display())),
            }
        }
        Err(obstacle)
    }

    /// Why a library does not fit the image.
    fn unfit(&self, file: &Elf) -> Option<String> {
        let newer = |needed, had| matches!(needed, Some(needed) if needed > had);
        let versions = &file.versions;
        match () {
            () if !file.platform.fits(self.image.architecture()) => Some(format!("is built for {}", file.platform)),
            () if versions.is_private => Some("works with the C library of this machine alone".to_owned()),
            () if newer(versions.glibc, self.image.glibc()) => {
                versions.glibc.map(|needed| format!("needs glibc {needed}"))
            }
            () if newer(versions.glibcxx, self.image.glibcxx()) || newer(versions.cxxabi, self.image.cxxabi()) => {
                Some("needs a newer libstdc++".to_owned())
            }
            () => None,
        }
    }
}

/// Copies a library into the tree.
pub(super) fn take(root: &Path, directory: &str, name: &str, from: &Path) -> io::Result<Taken> {
    let directory_path = root.join(directory);
    fs::create_dir_all(&directory_path)?;
    let to = directory_path.join(name);
    let size = fs::copy(from, &to)?;
    fs::set_permissions(&to, fs::Permissions::from_mode(0o755))?;
    Ok(Taken { name: name.to_owned(), file: format!("{directory}/{name}"), from: from.to_owned(), size })
}
