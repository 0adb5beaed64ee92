//! Archives of some of the entries of another: their data is copied as it was deflated.

use super::deflate::{Deflated, Method};
use super::name::EntryName;
use super::write::{Archive, WriteError, Written};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

/// The most bytes that an archive has beside its entries: the record at its end, and two more where it has 65,535 entries
/// or 4 GiB.
pub const MAX_END_SIZE: u64 = 22 + 56 + 20;

/// Bytes that an entry takes beside its data and twice its name: its header and its record in the central directory.
const RECORDS_SIZE: u64 = 30 + 46;

/// Where an entry's data stands in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub(super) name: EntryName,
    pub(super) executable: bool,
    pub(super) method: Method,
    pub(super) crc32: u32,
    /// Bytes in the archive.
    pub(super) packed: u32,
    /// Bytes unpacked.
    pub(super) size: u32,
    /// Where its data begins.
    pub(super) data: u64,
}

impl Slot {
    /// The entry's name.
    pub fn name(&self) -> &EntryName {
        &self.name
    }

    /// Bytes that the entry adds to an archive of less than 4 GiB. With at most [`MAX_END_SIZE`] they sum up to its size.
    pub fn cost(&self) -> u64 {
        u64::from(self.packed) + 2 * self.name.as_str().len() as u64 + RECORDS_SIZE
    }

    /// Bytes of the file unpacked.
    pub fn size(&self) -> u64 {
        self.size.into()
    }
}

/// Writes an archive of some of the entries of `from`, in the order of `slots`, which is that of their names.
///
/// # Errors
/// When one of the two cannot be read or written.
pub fn copy<'a>(
    from: &File,
    slots: impl ExactSizeIterator<Item = &'a Slot>,
    out: &mut dyn Write,
) -> io::Result<Written> {
    let mut archive = Archive::new(out, slots.len());
    let mut data = Vec::new();
    for slot in slots {
        // An entry has less than 4 GiB and was held in memory before, to deflate it.
        data.resize(slot.packed as usize, 0);
        from.read_exact_at(&mut data, slot.data)?;
        let deflated = Deflated { method: slot.method, crc32: slot.crc32, data: &data };
        archive.add(&slot.name, slot.executable, slot.size as usize, &deflated).map_err(|error| match error {
            WriteError::Output(error) | WriteError::Source(_, error) => error,
            WriteError::TooLarge(_) => io::ErrorKind::InvalidData.into(),
        })?;
    }
    archive.finish().map(|(written, _)| written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{Member, Members, Reader, Writer};
    use std::io::{Seek, SeekFrom};

    fn members() -> Members<Vec<u8>> {
        let noise: Vec<u8> = (0..4_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let files = [
            ("a.py", false, b"import b\n".repeat(50)),
            ("b/ä.py", false, b"x = 1\n".repeat(9)),
            ("bin/run", true, noise),
            ("empty", false, Vec::new()),
        ];
        let member = |(name, executable, source): (&str, bool, Vec<u8>)| {
            (EntryName::new(name).unwrap(), Member { executable, source })
        };
        files.into_iter().map(member).collect()
    }

    fn write(members: &Members<Vec<u8>>) -> (Vec<u8>, Vec<Slot>) {
        let mut bytes = Vec::new();
        let read = |source: &Vec<u8>| Ok::<_, ()>(source.clone());
        let (written, slots) = Writer::new(2).write_indexed(members, &read, &mut bytes).unwrap();
        assert_eq!(written.size, bytes.len() as u64);
        (bytes, slots)
    }

    #[test]
    fn costs_sum_up_to_the_size() {
        let (bytes, slots) = write(&members());
        let end = write(&Members::new()).0.len() as u64;
        assert_eq!(end + slots.iter().map(Slot::cost).sum::<u64>(), bytes.len() as u64);
        let many =
            (0..70_000).map(|n| (EntryName::new(n.to_string()).unwrap(), Member { executable: false, source: vec![] }));
        let (bytes, slots) = write(&many.collect());
        assert_eq!(MAX_END_SIZE + slots.iter().map(Slot::cost).sum::<u64>(), bytes.len() as u64);
    }

    #[test]
    fn a_part_is_what_would_have_been_written_of_it() {
        let (bytes, slots) = write(&members());
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        file.seek(SeekFrom::End(0)).unwrap();
        for part in [vec![0, 1, 2, 3], vec![1, 2], vec![]] {
            let chosen: Vec<&Slot> = part.iter().map(|at| &slots[*at]).collect();
            let mut copied = Vec::new();
            let written = copy(&file, chosen.iter().copied(), &mut copied).unwrap();
            let mut wanted = members();
            wanted.retain(|name, _| chosen.iter().any(|slot| slot.name == *name));
            assert!(copied == write(&wanted).0);
            assert_eq!(written.unpacked, wanted.values().map(|member| member.source.len() as u64).sum::<u64>());
            assert_eq!(Reader::open(&copied).unwrap().1.len(), wanted.len());
        }
    }
}
