//! The bytes of a part.

use super::manifest::{EntryKind, Manifest};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A range of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The file's path below the tree's root.
    pub path: String,
    /// Where the range begins, in bytes.
    pub offset: u64,
    /// Its bytes, at least one.
    pub length: u64,
}

/// The ranges of files that each part is made of, in the order of the parts.
pub fn spans(manifest: &Manifest) -> Vec<Vec<Span>> {
    let mut files = manifest.entries.iter().filter_map(|entry| match &entry.kind {
        EntryKind::File { size, .. } if *size > 0 => Some((&entry.path, *size)),
        _ => None,
    });
    let (mut current, mut offset) = (files.next(), 0);
    let mut parts = Vec::new();
    for part in &manifest.parts {
        let (mut spans, mut left) = (Vec::new(), part.size);
        while let (Some((path, size)), true) = (current, left > 0) {
            let length = left.min(size - offset);
            spans.push(Span { path: path.clone(), offset, length });
            (offset, left) = (offset + length, left - length);
            if offset == size {
                (current, offset) = (files.next(), 0);
            }
        }
        parts.push(spans);
    }
    parts
}

/// Reads a part from its tree, file after file.
#[derive(Debug)]
pub struct PartReader {
    root: PathBuf,
    /// What is to come, the last first.
    spans: Vec<Span>,
    open: Option<io::Take<File>>,
}

impl PartReader {
    /// The bytes of a part of the tree at `root`.
    pub fn new(root: &Path, spans: &[Span]) -> Self {
        Self { root: root.to_owned(), spans: spans.iter().rev().cloned().collect(), open: None }
    }
}

impl Read for PartReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(file) = &mut self.open {
                let read = file.read(buffer)?;
                if read > 0 || buffer.is_empty() {
                    return Ok(read);
                }
                if file.limit() > 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            let Some(span) = self.spans.pop() else { return Ok(0) };
            let mut file = File::open(self.root.join(&span.path))?;
            file.seek(SeekFrom::Start(span.offset))?;
            self.open = Some(file.take(span.length));
        }
    }
}
