//! The zips of a layer: one, or where that would be too large several that are together what the one would be.

use super::cache::{Chunk, Draft, digest};
use super::split::{self, Misfit};
use super::tree::TreeFile;
use crate::archive::{self, EntryName, MAX_END_SIZE, Members, Reader, Slot, WriteError, Writer, Written};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read};

/// The most bytes of a layer's zip. Lambda takes 50 MB in a request (AWS Lambda Developer Guide, "Lambda quotas"), from
/// which the request's encoding takes its part.
pub const CHUNK_LIMIT: u64 = 40_000_000;

/// The zips of a layer.
#[derive(Debug)]
pub struct Packed {
    /// The undivided zip.
    pub whole: Written,
    /// Its chunks, in the draft that was packed into.
    pub chunks: Vec<Chunk>,
}

/// Why a tree could not be packed.
#[derive(Debug)]
pub enum PackError {
    /// A file could not be read.
    Unreadable(EntryName, io::Error),
    /// A file is larger than a chunk: its bytes in the zip.
    FileTooLarge(EntryName, u64),
    /// All of it, of so many bytes in the zip, does not fit into the chunks that there may be.
    TooMany(u64),
    /// A zip could not be written.
    Output(io::Error),
    /// The chunks together are not what was packed. A fault of this machine, or of tc.
    Mismatch(String),
}

impl From<io::Error> for PackError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Packs a tree into a draft. `group` says of each file what it belongs to; what belongs together stays together where
/// it can. No zip is larger than `limit` bytes, which is [`CHUNK_LIMIT`] but in tests.
///
/// # Errors
/// When a file cannot be read or a zip not be written, or the tree is too large for the chunks that there may be.
pub fn pack(
    draft: &Draft,
    members: &Members<TreeFile>,
    group: &dyn Fn(&str) -> usize,
    writer: &mut Writer,
    limit: u64,
) -> Result<Packed, PackError> {
    let undivided = draft.scratch().join("whole.zip");
    let (whole, slots) = {
        let mut file = BufWriter::new(File::create_new(&undivided)?);
        let (whole, slots) = writer.write_indexed(members, &read, &mut file).map_err(unpackable)?;
        file.into_inner().map_err(|error| error.into_error())?.sync_all()?;
        (whole, slots)
    };
    if whole.size <= limit {
        fs::rename(&undivided, draft.zip(0))?;
        return Ok(Packed { chunks: vec![chunk(&whole)], whole });
    }
    let costs: Vec<u64> = slots.iter().map(Slot::cost).collect();
    let groups: Vec<usize> = slots.iter().map(|slot| group(slot.name().as_str())).collect();
    let divided = split::split(&costs, &groups, limit.saturating_sub(MAX_END_SIZE)).map_err(|misfit| match misfit {
        Misfit::Total => PackError::TooMany(whole.size),
        Misfit::File(file) => match slots.get(file) {
            Some(slot) => PackError::FileTooLarge(slot.name().clone(), slot.cost()),
            None => PackError::TooMany(whole.size),
        },
    })?;
    let from = File::open(&undivided)?;
    let mut chunks = Vec::new();
    for (number, files) in divided.iter().enumerate() {
        let chosen: Vec<&Slot> = files.iter().filter_map(|file| slots.get(*file)).collect();
        let mut out = BufWriter::new(File::create_new(draft.zip(number))?);
        let written = archive::copy(&from, chosen.into_iter(), &mut out)?;
        out.into_inner().map_err(|error| error.into_error())?.sync_all()?;
        chunks.push(chunk(&written));
    }
    check_union(draft, &chunks, members)?;
    Ok(Packed { whole, chunks })
}

fn chunk(written: &Written) -> Chunk {
    Chunk { sha256: written.sha256.clone(), size: written.size, unpacked: written.unpacked }
}

fn unpackable(error: WriteError<io::Error>) -> PackError {
    match error {
        WriteError::Source(name, error) => PackError::Unreadable(name, error),
        WriteError::TooLarge(name) => PackError::FileTooLarge(name, u32::MAX.into()),
        WriteError::Output(error) => PackError::Output(error),
    }
}

/// The bytes of a file, which has as many as it had when the tree was listed: nothing writes to it any more.
fn read(file: &TreeFile) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(file.size).unwrap_or_default());
    File::open(&file.path)?.take(file.size.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == file.size { Ok(bytes) } else { Err(io::Error::other("it changed while it was packed")) }
}

/// Checks that the chunks, read back from the disk, hold each file of the tree once, with its mode and bytes, and nothing
/// else.
fn check_union(draft: &Draft, chunks: &[Chunk], members: &Members<TreeFile>) -> Result<(), PackError> {
    let mismatch = |what: String| Err(PackError::Mismatch(what));
    let mut left: BTreeMap<&EntryName, _> = members.iter().collect();
    for (number, chunk) in chunks.iter().enumerate() {
        if digest(&draft.zip(number))? != chunk.sha256 {
            return mismatch(format!("chunk {number} is not what was written"));
        }
        let bytes = fs::read(draft.zip(number))?;
        let (reader, found) = match Reader::open(&bytes) {
            Ok(opened) => opened,
            Err(error) => return mismatch(format!("chunk {number}: {error}")),
        };
        for (name, entry) in found {
            let Some(member) = left.remove(&name) else { return mismatch(format!("`{name}` is in it twice")) };
            let same = member.executable == entry.executable
                && member.source.size == entry.source.size
                && reader.read(entry.source).is_ok_and(|bytes| read(&member.source).is_ok_and(|file| file == bytes));
            if !same {
                return mismatch(format!("`{name}` is not what was packed"));
            }
        }
    }
    match left.keys().next() {
        Some(name) => mismatch(format!("`{name}` is missing")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::cache::Cache;
    use crate::layer::tree;
    use proptest::prelude::*;
    use std::path::Path;

    /// Bytes that do not shrink.
    fn noise(length: usize, seed: u64) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .take(length)
        .collect()
    }

    /// Files by their paths and sizes, packed into zips of at most `limit` bytes; the first folder is the group.
    fn packed(files: &[(String, usize)], limit: u64) -> Result<(Packed, Vec<Vec<u8>>), PackError> {
        let root = tempfile::tempdir().unwrap();
        let draft = Cache::open(root.path()).unwrap().shelf("l", || {}).unwrap().begin().unwrap();
        for (seed, (name, size)) in files.iter().enumerate() {
            let path = draft.tree().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, noise(*size, seed as u64)).unwrap();
        }
        let members = tree::files(&draft.tree()).unwrap();
        let group = |name: &str| usize::from(name.as_bytes()[0]);
        let packed = pack(&draft, &members, &group, &mut Writer::new(2), limit)?;
        let zips = (0..packed.chunks.len()).map(|chunk| fs::read(draft.zip(chunk)).unwrap()).collect();
        Ok((packed, zips))
    }

    fn names(zip: &[u8]) -> Vec<String> {
        Reader::open(zip).unwrap().1.keys().map(ToString::to_string).collect()
    }

    fn owned(files: &[(&str, usize)]) -> Vec<(String, usize)> {
        files.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect()
    }

    #[test]
    fn what_fits_is_one_zip() {
        let (packed, zips) = packed(&owned(&[("a/x", 100), ("b/x", 100)]), 2_000).unwrap();
        assert_eq!(packed.chunks, [chunk(&packed.whole)]);
        assert_eq!(names(&zips[0]), ["a/x", "b/x"]);
    }

    #[test]
    fn what_does_not_is_divided_by_groups() {
        let files = owned(&[("a/x", 700), ("a/y", 700), ("b/x", 1_500), ("c/x", 100)]);
        let (packed, zips) = packed(&files, 2_000).unwrap();
        assert_eq!(packed.chunks.len(), 2);
        assert_eq!(names(&zips[0]), ["b/x", "c/x"]);
        assert_eq!(names(&zips[1]), ["a/x", "a/y"]);
        assert!(packed.whole.size > 2_000 && zips.iter().all(|zip| zip.len() <= 2_000));
    }

    #[test]
    fn what_cannot_be_divided_is_named() {
        let large = packed(&owned(&[("a/x", 100), ("b/x", 3_000)]), 2_000).unwrap_err();
        assert!(matches!(&large, PackError::FileTooLarge(name, 3_082) if name.as_str() == "b/x"), "{large:?}");
        let many = packed(&owned(&[("a", 1_500), ("b", 1_500), ("c", 1_500), ("d", 1_500)]), 2_000).unwrap_err();
        assert!(matches!(many, PackError::TooMany(_)), "{many:?}");
    }

    #[test]
    fn chunks_that_are_not_the_tree_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let draft = Cache::open(root.path()).unwrap().shelf("l", || {}).unwrap().begin().unwrap();
        fs::write(draft.tree().join("a"), "1").unwrap();
        fs::write(draft.tree().join("b"), "2").unwrap();
        let members = tree::files(&draft.tree()).unwrap();
        let packed = pack(&draft, &members, &|_| 0, &mut Writer::new(1), 2_000).unwrap();
        let refused = |members: &Members<TreeFile>, chunks: &[Chunk]| match check_union(&draft, chunks, members) {
            Err(PackError::Mismatch(what)) => what,
            other => panic!("{other:?}"),
        };
        assert!(check_union(&draft, &packed.chunks, &members).is_ok());
        let mut fewer = members.clone();
        fewer.pop_first();
        assert_eq!(refused(&fewer, &packed.chunks), "`a` is in it twice");
        assert_eq!(refused(&members, &[]), "`a` is missing");
        fs::write(draft.tree().join("b"), "3").unwrap();
        assert_eq!(refused(&members, &packed.chunks), "`b` is not what was packed");
        replace(&draft.zip(0), b"x");
        assert_eq!(refused(&members, &packed.chunks), "chunk 0 is not what was written");
    }

    fn replace(path: &Path, bytes: &[u8]) {
        fs::write(path, bytes).unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

        #[test]
        fn chunks_are_never_too_large_and_together_the_whole(
            files in prop::collection::btree_map("[a-d]/[a-z]{1,4}", 0usize..900, 1..30),
        ) {
            let files: Vec<(String, usize)> = files.into_iter().collect();
            let limit = 2_500;
            match packed(&files, limit) {
                Ok((packed, zips)) => {
                    prop_assert!(zips.iter().all(|zip| zip.len() as u64 <= limit));
                    let mut all: Vec<String> = zips.iter().flat_map(|zip| names(zip)).collect();
                    all.sort();
                    let mut wanted: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
                    wanted.sort();
                    prop_assert_eq!(all, wanted);
                    prop_assert_eq!(packed.chunks.iter().map(|chunk| chunk.unpacked).sum::<u64>(), packed.whole.unpacked);
                }
                Err(PackError::TooMany(size)) => prop_assert!(size > 3 * (limit - 1_100)),
                Err(other) => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
