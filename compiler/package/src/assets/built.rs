//! A tree that was built.

use super::{Manifest, Part, PartReader, Span, spans};
use crate::layer::cache::Shelf;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A tree that was built, which stays where it is for as long as this is held.
#[derive(Debug)]
pub struct Built {
    root: PathBuf,
    manifest: Manifest,
    spans: Vec<Vec<Span>>,
    is_new: bool,
    _shelf: Option<Shelf>,
    _scratch: Option<TempDir>,
}

impl Built {
    /// One that is kept in the cache.
    pub(crate) fn kept(shelf: Shelf, root: PathBuf, manifest: Manifest, is_new: bool) -> Self {
        Self { root, spans: spans(&manifest), manifest, is_new, _shelf: Some(shelf), _scratch: None }
    }

    /// One that lies in a scratch directory, or in the source.
    pub(crate) fn of_scratch(scratch: TempDir, root: PathBuf, manifest: Manifest) -> Self {
        Self { root, spans: spans(&manifest), manifest, is_new: true, _shelf: None, _scratch: Some(scratch) }
    }

    /// Its directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is in it.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Whether it was built by this run, and not found in the cache.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// The parts, in their order.
    pub fn parts(&self) -> &[Part] {
        &self.manifest.parts
    }

    /// Opens a part by its place among the parts. One that is not there has no bytes.
    pub fn open(&self, part: usize) -> PartReader {
        PartReader::new(&self.root, self.spans.get(part).map(Vec::as_slice).unwrap_or_default())
    }
}
