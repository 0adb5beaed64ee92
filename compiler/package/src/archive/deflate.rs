//! Compression of one entry.

use libdeflater::{CompressionLvl, Compressor};

/// The level that costs little more than the lowest and gains nearly all of the highest; see the table in
/// [`crate::archive`].
const LEVEL: i32 = 6;
/// A buffer above this size is not kept for a smaller entry, so that one large file does not hold memory ever after.
const KEPT_BUFFER: usize = 4 << 20;

/// How an entry's bytes are held, by the number that the format gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// As they are.
    Stored = 0,
    /// Deflated.
    Deflated = 8,
}

/// An entry's bytes as they stand in the archive.
pub(super) struct Deflated<'a> {
    pub method: Method,
    pub crc32: u32,
    pub data: &'a [u8],
}

/// A compressor and its output buffer, used for one entry after another.
pub(super) struct Deflater {
    compressor: Compressor,
    buffer: Vec<u8>,
}

impl Deflater {
    pub fn new() -> Self {
        Self { compressor: Compressor::new(CompressionLvl::new(LEVEL).unwrap_or_default()), buffer: Vec::new() }
    }

    /// Deflates `bytes`, or stores them where that is not smaller.
    pub fn deflate<'a>(&'a mut self, bytes: &'a [u8]) -> Deflated<'a> {
        let crc32 = libdeflater::crc32(bytes);
        // Room for one byte less than the input: what does not fit is stored, and no more is ever allocated.
        let room = bytes.len().saturating_sub(1);
        if self.buffer.len() < room || (self.buffer.len() > KEPT_BUFFER && room <= KEPT_BUFFER) {
            self.buffer = vec![0; room];
        }
        let out = self.buffer.get_mut(..room).unwrap_or_default();
        let stored = Deflated { method: Method::Stored, crc32, data: bytes };
        match self.compressor.deflate_compress(bytes, out) {
            Ok(length) => match self.buffer.get(..length) {
                Some(data) => Deflated { method: Method::Deflated, crc32, data },
                None => stored,
            },
            Err(_) => stored,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn what_does_not_shrink_is_stored() {
        let mut deflater = Deflater::new();
        let noise: Vec<u8> = (0..60u8).flat_map(|n| Sha256::digest([n])).collect();
        for bytes in [&b""[..], b"a", b"ab", &noise] {
            let out = deflater.deflate(bytes);
            assert_eq!((out.method, out.data), (Method::Stored, bytes));
        }
        assert_eq!(deflater.deflate(&[7; 1_000]).method, Method::Deflated);
        assert!(deflater.deflate(&[7; 1_000]).data.len() < 20);
    }

    #[test]
    fn what_came_before_does_not_matter() {
        let text = b"def handler(event, context):\n    return {'data': 'enhanced-data'}\n".repeat(9);
        let mut used = Deflater::new();
        used.deflate(&vec![1; 9 << 20]);
        used.deflate(&text.repeat(7));
        let fresh = Deflater::new().deflate(&text).data.to_vec();
        assert_eq!(used.deflate(&text).data, fresh);
    }
}
