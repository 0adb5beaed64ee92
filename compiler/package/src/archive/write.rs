//! Writing an archive: members in, bytes and their digest out.

use super::container::{Record, write_end};
use super::deflate::{Deflated, Deflater, Method};
use super::name::EntryName;
use super::part::Slot;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use tc_core::digest::hexadecimal;

/// A file that is to stand in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<S> {
    /// Whether its mode is 0755, else 0644.
    pub executable: bool,
    /// Where its bytes come from; read when its turn comes.
    pub source: S,
}

/// The files of an archive in the order in which they stand there.
pub type Members<S> = BTreeMap<EntryName, Member<S>>;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The SHA-256 of the archive, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Bytes of the archive.
    pub size: u64,
    /// Bytes of its files unpacked.
    pub unpacked: u64,
}

/// Why an archive could not be written.
#[derive(Debug)]
pub enum WriteError<E> {
    /// A member could not be read.
    Source(EntryName, E),
    /// A member has 4 GiB or more.
    TooLarge(EntryName),
    /// The output could not be written.
    Output(io::Error),
}

/// Writes archives, one after another, with the same compressors.
pub struct Writer {
    deflaters: Vec<Deflater>,
}

impl Writer {
    /// A writer that deflates on `threads` threads; 0 counts as 1. The bytes do not depend on their number.
    pub fn new(threads: usize) -> Self {
        Self { deflaters: std::iter::repeat_with(Deflater::new).take(threads.max(1)).collect() }
    }

    /// Writes an archive of `members`, whose bytes `read` gives.
    ///
    /// With one thread one member is held in memory at a time, and no more than twice. With several, those that are
    /// done wait in their packed form for the ones before them.
    ///
    /// # Errors
    /// When a member cannot be read or is too large, the first of them in the order of their names; or when `out`
    /// cannot be written. `out` then holds the beginning of an archive.
    pub fn write<S, E, R>(
        &mut self,
        members: &Members<S>,
        read: &R,
        out: &mut dyn Write,
    ) -> Result<Written, WriteError<E>>
    where
        S: Sync,
        E: Send,
        R: Fn(&S) -> Result<Vec<u8>, E> + Sync,
    {
        self.write_indexed(members, read, out).map(|(written, _)| written)
    }

    /// [`Writer::write`], and where each entry stands in the archive, in the order of their names: with that,
    /// [`super::copy`] makes archives of some of the entries without deflating them again.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn write_indexed<S, E, R>(
        &mut self,
        members: &Members<S>,
        read: &R,
        out: &mut dyn Write,
    ) -> Result<(Written, Vec<Slot>), WriteError<E>>
    where
        S: Sync,
        E: Send,
        R: Fn(&S) -> Result<Vec<u8>, E> + Sync,
    {
        let mut archive = Archive::new(out, members.len());
        match self.deflaters.as_mut_slice() {
            [deflater] => {
                for (name, member) in members {
                    let bytes = read(&member.source).map_err(|error| WriteError::Source(name.clone(), error))?;
                    archive.add(name, member.executable, bytes.len(), &deflater.deflate(&bytes))?;
                }
            }
            deflaters => write_in_parallel(deflaters, members, read, &mut archive)?,
        }
        archive.finish().map_err(WriteError::Output)
    }
}

/// An entry packed on another thread.
struct Packed {
    method: Method,
    crc32: u32,
    size: usize,
    data: Vec<u8>,
}

impl Packed {
    fn new(deflater: &mut Deflater, bytes: Vec<u8>) -> Self {
        let Deflated { method, crc32, data } = deflater.deflate(&bytes);
        let size = bytes.len();
        let deflated = (method == Method::Deflated).then(|| data.to_vec());
        Self { method, crc32, size, data: deflated.unwrap_or(bytes) }
    }
}

fn write_in_parallel<S, E, R>(
    deflaters: &mut [Deflater],
    members: &Members<S>,
    read: &R,
    archive: &mut Archive<'_>,
) -> Result<(), WriteError<E>>
where
    S: Sync,
    E: Send,
    R: Fn(&S) -> Result<Vec<u8>, E> + Sync,
{
    let list: Vec<_> = members.iter().collect();
    let (list, next) = (&list, &AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(deflaters.len());
        for deflater in deflaters {
            let sender = sender.clone();
            scope.spawn(move || {
                while let Some((index, (_, member))) = claim(list, next) {
                    let packed = read(&member.source).map(|bytes| Packed::new(deflater, bytes));
                    // Refused once the other end has met an error: nothing more is wanted then.
                    if sender.send((index, packed)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut turn = 0;
        for (index, packed) in receiver {
            early.insert(index, packed);
            while let Some((packed, (name, member))) = early.remove(&turn).zip(list.get(turn)) {
                let Packed { method, crc32, size, data } =
                    packed.map_err(|error| WriteError::Source((*name).clone(), error))?;
                archive.add(name, member.executable, size, &Deflated { method, crc32, data: &data })?;
                turn += 1;
            }
        }
        Ok(())
    })
}

/// The next item of `list` that no thread has taken, with its place.
fn claim<'a, T>(list: &'a [T], next: &AtomicUsize) -> Option<(usize, &'a T)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    list.get(index).map(|item| (index, item))
}

/// An archive that is being written.
pub(super) struct Archive<'a> {
    out: &'a mut dyn Write,
    hasher: Sha256,
    /// Bytes written so far.
    offset: u64,
    unpacked: u64,
    slots: Vec<Slot>,
    header: Vec<u8>,
    central: Vec<u8>,
}

impl<'a> Archive<'a> {
    pub fn new(out: &'a mut dyn Write, entries: usize) -> Self {
        let (header, central) = (Vec::with_capacity(128), Vec::with_capacity(entries.saturating_mul(64)));
        Self { out, hasher: Sha256::new(), offset: 0, unpacked: 0, slots: Vec::with_capacity(entries), header, central }
    }

    pub fn add<E>(
        &mut self,
        name: &EntryName,
        executable: bool,
        size: usize,
        deflated: &Deflated<'_>,
    ) -> Result<(), WriteError<E>> {
        // What is packed is no larger than what it was packed from.
        let sizes = u32::try_from(size).ok().zip(u32::try_from(deflated.data.len()).ok());
        let Some((size, packed)) = sizes.filter(|(size, _)| *size != u32::MAX) else {
            return Err(WriteError::TooLarge(name.clone()));
        };
        let Deflated { method, crc32, data } = *deflated;
        let record = Record { name, executable, method, crc32, packed, size, offset: self.offset };
        record.write_central(&mut self.central);
        let mut header = std::mem::take(&mut self.header);
        header.clear();
        record.write_local(&mut header);
        self.put(&header).map_err(WriteError::Output)?;
        self.slots.push(Slot { name: name.clone(), executable, method, crc32, packed, size, data: self.offset });
        self.put(data).map_err(WriteError::Output)?;
        self.header = header;
        self.unpacked += u64::from(size);
        Ok(())
    }

    pub fn finish(mut self) -> io::Result<(Written, Vec<Slot>)> {
        let (mut tail, offset) = (std::mem::take(&mut self.central), self.offset);
        write_end(self.slots.len() as u64, tail.len() as u64, offset, &mut tail);
        self.put(&tail)?;
        self.out.flush()?;
        let sha256 = hexadecimal(self.hasher.finalize());
        Ok((Written { sha256, size: self.offset, unpacked: self.unpacked }, self.slots))
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.offset += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}
