//! The parts of a 64-bit little-endian file that the loader reads.
//!
//! The loader knows segments and nothing of sections, so neither does this: a library whose sections were stripped is
//! read as well as any. All sizes and places in a file are held suspect; what is read of it is bounded by the constants
//! below, whatever it claims.

use super::file::Unread;
use object::elf::{self, Dyn64, FileHeader64, ProgramHeader64, Vernaux, Verneed};
use object::endian::LittleEndian as Little;
use object::read::ReadRef;
use object::read::elf::{Dyn, FileHeader, ProgramHeader};

/// The most segments, entries of the dynamic segment, and versions that are looked at.
const MAX_SEGMENTS: u16 = 1_024;
const MAX_ENTRIES: u64 = 4_096;
const MAX_VERSIONS: usize = 4_096;
/// The longest text in bytes: names are short, but a `RUNPATH` may list directories.
const MAX_TEXT: u64 = 4_096;

/// The segments of a file.
pub(super) struct Segments<'data, R> {
    data: R,
    list: &'data [ProgramHeader64<Little>],
}

/// What the dynamic segment says.
pub(super) struct Dynamic<'data, 'segments, R> {
    segments: &'segments Segments<'data, R>,
    entries: &'data [Dyn64<Little>],
}

impl<'data, R: ReadRef<'data>> Segments<'data, R> {
    /// Reads their list.
    pub(super) fn read(data: R) -> Result<Self, Unread> {
        let header = FileHeader64::<Little>::parse(data).map_err(|_| Unread::Malformed)?;
        if header.e_phnum(Little) > MAX_SEGMENTS {
            return Err(Unread::Malformed);
        }
        let list = header.program_headers(Little, data).map_err(|_| Unread::Malformed)?;
        Ok(Self { data, list })
    }

    /// The dynamic segment; empty for a program that is linked statically, and in a file of debugging symbols.
    pub(super) fn dynamic(&self) -> Result<Dynamic<'data, '_, R>, Unread> {
        let range = self.of_kind(elf::PT_DYNAMIC).map(|segment| segment.file_range(Little)).unwrap_or_default();
        let count = (range.1 / size_of::<Dyn64<Little>>() as u64).min(MAX_ENTRIES);
        let entries: &[Dyn64<Little>] =
            self.data.read_slice_at(range.0, usize::try_from(count).unwrap_or_default()).map_err(malformed)?;
        Ok(Dynamic { segments: self, entries })
    }

    /// The loader that a program names.
    pub(super) fn interpreter(&self) -> Result<Option<String>, Unread> {
        let Some(segment) = self.of_kind(elf::PT_INTERP) else { return Ok(None) };
        let (offset, size) = segment.file_range(Little);
        let bytes = self.data.read_bytes_at(offset, size.min(MAX_TEXT)).map_err(malformed)?;
        Ok(Some(text(bytes.split(|byte| *byte == 0).next().unwrap_or_default())))
    }

    fn of_kind(&self, kind: elf::ProgramType) -> Option<&'data ProgramHeader64<Little>> {
        self.list.iter().find(|segment| segment.p_type(Little) == kind)
    }

    /// Where the byte of an address stands in the file.
    fn offset(&self, address: u64) -> Result<u64, Unread> {
        let mut loaded = self.list.iter().filter(|segment| segment.p_type(Little) == elf::PT_LOAD);
        let offset = loaded.find_map(|segment| {
            let within = address.checked_sub(segment.p_vaddr(Little))?;
            let (offset, size) = segment.file_range(Little);
            (within < size).then(|| offset.checked_add(within)).flatten()
        });
        offset.ok_or(Unread::Malformed)
    }
}

impl<'data, R: ReadRef<'data>> Dynamic<'data, '_, R> {
    /// Tags and values, up to the one that ends them.
    pub(super) fn entries(&self) -> impl Iterator<Item = (elf::DynamicTag, u64)> {
        self.entries
            .iter()
            .map(|entry| (entry.d_tag(Little), entry.d_val(Little)))
            .take_while(|(tag, _)| *tag != elf::DT_NULL)
    }

    fn value(&self, wanted: elf::DynamicTag) -> Option<u64> {
        self.entries().find(|(tag, _)| *tag == wanted).map(|(_, value)| value)
    }

    /// The text at a place in the table of strings.
    pub(super) fn string(&self, at: u64) -> Result<String, Unread> {
        let table = self.value(elf::DT_STRTAB).ok_or(Unread::Malformed)?;
        let start = self.segments.offset(table.checked_add(at).ok_or(Unread::Malformed)?)?;
        let end = start.saturating_add(MAX_TEXT).min(self.segments.data.len().map_err(malformed)?);
        Ok(text(self.segments.data.read_bytes_at_until(start..end, 0).map_err(malformed)?))
    }

    /// Calls `add` with the name of each version of a symbol that is needed and not weak.
    pub(super) fn needed_versions(&self, add: &mut dyn FnMut(&str)) -> Result<(), Unread> {
        let Some(address) = self.value(elf::DT_VERNEED) else { return Ok(()) };
        let (segments, mut left) = (self.segments, MAX_VERSIONS);
        let mut offset = segments.offset(address)?;
        // Each step goes forward in the file, and `left` bounds how many there are.
        for _ in 0..self.value(elf::DT_VERNEEDNUM).unwrap_or_default() {
            let library: &Verneed<Little> = segments.data.read_at(offset).map_err(malformed)?;
            let mut version_at = offset.saturating_add(library.vn_aux.get(Little).into());
            for _ in 0..library.vn_cnt.get(Little) {
                left = left.checked_sub(1).ok_or(Unread::Malformed)?;
                let version: &Vernaux<Little> = segments.data.read_at(version_at).map_err(malformed)?;
                if version.vna_flags.get(Little).0 & elf::VER_FLG_WEAK.0 == 0 {
                    add(&self.string(version.vna_name.get(Little).into())?);
                }
                match version.vna_next.get(Little) {
                    0 => break,
                    next => version_at = version_at.saturating_add(next.into()),
                }
            }
            left = left.checked_sub(1).ok_or(Unread::Malformed)?;
            match library.vn_next.get(Little) {
                0 => break,
                next => offset = offset.saturating_add(next.into()),
            }
        }
        Ok(())
    }
}

fn malformed(_: ()) -> Unread {
    Unread::Malformed
}

/// Text that may be printed: what is no UTF-8 and what steers terminals is replaced.
fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
