//! The digests of a file: of the whole, and of each part it is uploaded in.

use super::{File, changed, joined, unreadable};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use tc_core::diagnostic::Diagnostic;
use tc_core::digest::hexadecimal;

/// The smallest part, in bytes, and the unit of larger ones. S3 takes parts from 5 MiB on and 10,000 of them ("Amazon S3
/// User Guide, Amazon S3 multipart upload limits").
const PART: u64 = 8 << 20;
const MAX_PARTS: u64 = 10_000;

/// A SHA-256.
pub(super) type Sum = [u8; 32];

/// A file's size in bytes and its digests.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Digests {
    pub size: u64,
    pub whole: Sum,
    /// The size of each part but the last, in bytes.
    pub part_size: u64,
    /// The digest of each part.
    pub parts: Vec<Sum>,
}

impl Digests {
    /// Reads a file once.
    ///
    /// # Errors
    /// When it cannot be read, or is not what its digest says.
    pub(super) async fn read(file: &File) -> Result<Self, Box<Diagnostic>> {
        let path = file.path.clone();
        let digests = joined(tokio::task::spawn_blocking(move || read(&path)).await);
        let digests = digests.map_err(|error| unreadable(file, &error))?;
        match hex(&digests.whole) == file.sha256 {
            true => Ok(digests),
            false => Err(changed(file)),
        }
    }
}

fn read(path: &Path) -> io::Result<Digests> {
    let mut file = fs::File::open(path)?;
    let part_size = part_size(file.metadata()?.len());
    let mut digests = Digests { size: 0, whole: Sum::default(), part_size, parts: Vec::new() };
    let mut whole = Sha256::new();
    loop {
        let (length, part) = read_part(&mut file, part_size, &mut whole)?;
        if length == 0 {
            digests.whole = whole.finalize().into();
            return Ok(digests);
        }
        digests.size += length;
        digests.parts.push(part);
    }
}

/// Reads up to a part's bytes into its digest and the whole's.
fn read_part(file: &mut fs::File, part_size: u64, whole: &mut Sha256) -> io::Result<(u64, Sum)> {
    let mut part = Sha256::new();
    let mut rest = file.take(part_size);
    let mut buffer = vec![0; 1 << 16];
    let mut length = 0;
    loop {
        let read = rest.read(&mut buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return Ok((length, part.finalize().into()));
        }
        part.update(bytes);
        whole.update(bytes);
        length += read as u64;
    }
}

/// The size of a part. It follows from the file's size alone, so that another run finds the same parts.
fn part_size(size: u64) -> u64 {
    size.div_ceil(MAX_PARTS).div_ceil(PART).max(1) * PART
}

/// A digest as hexadecimal digits.
pub(super) fn hex(sum: &Sum) -> String {
    hexadecimal(sum)
}

/// A digest as S3 and Lambda spell it.
pub(super) fn base64(sum: &Sum) -> String {
    aws_smithy_types::base64::encode(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fit_s3s_limits() {
        for size in [0, 1, PART, MAX_PARTS * PART, MAX_PARTS * PART + 1, 5 << 40] {
            let part = part_size(size);
            assert!(part >= PART && size.div_ceil(part) <= MAX_PARTS, "{size}");
        }
        assert_eq!(part_size(MAX_PARTS * PART), PART);
    }
}
