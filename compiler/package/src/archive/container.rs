//! The records of a zip archive, after PKWARE's APPNOTE.TXT 6.3.10: local headers (4.3.7), the central directory
//! (4.3.12) and its end (4.3.14 to 4.3.16).
//!
//! ZIP64 is used where a number does not fit, and only there: more than 65,534 entries, or an offset of 4 GiB. One
//! entry has less than 4 GiB, so that a local header never needs it.

use super::deflate::Method;
use super::name::EntryName;

/// 1980-01-01, the first day that the format knows.
const DATE: u16 = 1 << 5 | 1;
/// Midnight.
const TIME: u16 = 0;
/// Version 2.0 of the format: deflate and directories.
const VERSION: u16 = 20;
/// Version 4.5 of the format: ZIP64.
const VERSION_ZIP64: u16 = 45;
/// Made on Unix: the upper half of the external attributes is a mode.
const UNIX: u16 = 3 << 8;
/// The flag that says the name is UTF-8.
const UTF8: u16 = 1 << 11;
/// The mode's bit for a regular file.
const REGULAR: u32 = 0o100_000;
/// The number that says "see the ZIP64 record", in its two widths.
const SEE_ZIP64: u32 = u32::MAX;
const SEE_ZIP64_SHORT: u16 = u16::MAX;

/// What the archive says about one entry.
pub(super) struct Record<'a> {
    pub name: &'a EntryName,
    pub executable: bool,
    pub method: Method,
    pub crc32: u32,
    /// Bytes in the archive.
    pub packed: u32,
    /// Bytes unpacked.
    pub size: u32,
    /// Where its local header begins.
    pub offset: u64,
}

impl Record<'_> {
    /// Appends the header that stands before the entry's data.
    pub fn write_local(&self, out: &mut Vec<u8>) {
        put32(out, 0x0403_4b50);
        put16(out, VERSION);
        self.write_shared(out);
        put16(out, 0); // no extra field
        out.extend_from_slice(self.name.as_str().as_bytes());
    }

    /// Appends the entry's record in the central directory.
    pub fn write_central(&self, out: &mut Vec<u8>) {
        let near = u32::try_from(self.offset).ok().filter(|offset| *offset != SEE_ZIP64);
        put32(out, 0x0201_4b50);
        put16(out, UNIX | VERSION);
        put16(out, if near.is_some() { VERSION } else { VERSION_ZIP64 });
        self.write_shared(out);
        put16(out, if near.is_some() { 0 } else { 12 }); // length of the extra field
        put16(out, 0); // no comment
        put16(out, 0); // on the first disk
        put16(out, 0); // internal attributes
        put32(out, (REGULAR | if self.executable { 0o755 } else { 0o644 }) << 16);
        put32(out, near.unwrap_or(SEE_ZIP64));
        out.extend_from_slice(self.name.as_str().as_bytes());
        if near.is_none() {
            put16(out, 1); // ZIP64 extended information
            put16(out, 8);
            put64(out, self.offset);
        }
    }

    /// The fields from the flags to the name's length, which both headers hold in the same order.
    fn write_shared(&self, out: &mut Vec<u8>) {
        let name = self.name.as_str();
        put16(out, if name.is_ascii() { 0 } else { UTF8 });
        put16(out, self.method as u16);
        put16(out, TIME);
        put16(out, DATE);
        put32(out, self.crc32);
        put32(out, self.packed);
        put32(out, self.size);
        // A name holds at most 65,535 bytes, which `EntryName` sees to.
        put16(out, u16::try_from(name.len()).unwrap_or(u16::MAX));
    }
}

/// Appends the records that end an archive of `entries` entries whose central directory of `size` bytes begins at
/// `offset`.
pub(super) fn write_end(entries: u64, size: u64, offset: u64, out: &mut Vec<u8>) {
    let short = |number: u64| u16::try_from(number).ok().filter(|number| *number != SEE_ZIP64_SHORT);
    let long = |number: u64| u32::try_from(number).ok().filter(|number| *number != SEE_ZIP64);
    if short(entries).is_none() || long(size).is_none() || long(offset).is_none() {
        put32(out, 0x0606_4b50); // ZIP64 end of central directory
        put64(out, 44); // bytes that follow in this record
        put16(out, UNIX | VERSION_ZIP64);
        put16(out, VERSION_ZIP64);
        put32(out, 0); // this disk
        put32(out, 0); // the disk of the central directory
        put64(out, entries); // on this disk
        put64(out, entries);
        put64(out, size);
        put64(out, offset);
        put32(out, 0x0706_4b50); // its locator
        put32(out, 0);
        put64(out, offset + size);
        put32(out, 1); // number of disks
    }
    put32(out, 0x0605_4b50); // end of central directory
    put16(out, 0);
    put16(out, 0);
    put16(out, short(entries).unwrap_or(SEE_ZIP64_SHORT)); // on this disk
    put16(out, short(entries).unwrap_or(SEE_ZIP64_SHORT));
    put32(out, long(size).unwrap_or(SEE_ZIP64));
    put32(out, long(offset).unwrap_or(SEE_ZIP64));
    put16(out, 0); // no comment
}

fn put16(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_offsets_are_in_the_zip64_field() {
        let name = EntryName::new("a").unwrap();
        let record = |offset| Record {
            name: &name,
            executable: true,
            method: Method::Stored,
            crc32: 1,
            packed: 2,
            size: 2,
            offset,
        };
        let central = |offset| {
            let mut out = Vec::new();
            record(offset).write_central(&mut out);
            out
        };
        let near = central(0xffff_fffe);
        assert_eq!((near.len(), &near[42..46]), (47, &0xffff_fffe_u32.to_le_bytes()[..]));
        let far = central(0x1_0000_0002);
        assert_eq!(&far[42..46], &[0xff; 4]);
        assert_eq!(&far[30..32], &[12, 0]);
        assert_eq!(&far[47..], &[1, 0, 8, 0, 2, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(central(0xffff_ffff).len(), 59, "the number that says ZIP64 is itself far");
    }

    #[test]
    fn the_end_says_zip64_only_where_it_must() {
        let length = |entries, size, offset| {
            let mut out = Vec::new();
            write_end(entries, size, offset, &mut out);
            out.len()
        };
        assert_eq!(length(65_534, 9, 9), 22);
        assert_eq!(length(65_535, 9, 9), 22 + 56 + 20);
        assert_eq!(length(1, 9, 0x1_0000_0000), 22 + 56 + 20);
    }
}
