//! What a build command made.

use crate::archive::NameError;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The zip that is taken where there are several.
const USUAL: &str = "lambda.zip";

/// What is to be packed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Product {
    /// The archive of this name.
    Archive(String),
    /// The directory itself: there is no archive.
    Directory,
}

/// Why what a command made cannot be packed.
#[derive(Debug)]
pub(crate) enum ProductError {
    /// More than one archive, none of them `lambda.zip`.
    Ambiguous(Vec<String>),
    /// A link that leads out of the directory the command ran in, or nowhere, or to where it stands; by its name.
    Link(String),
    /// Something that is neither a file nor a directory.
    Special(String),
    /// A name that cannot stand in an archive.
    Name(String, NameError),
    /// There are too many entries.
    TooMany(usize),
    /// A file of more bytes than the stated limit.
    TooLarge(String, u64),
    /// What the operating system said.
    Io(io::Error),
}

impl From<io::Error> for ProductError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What a command that ran in `code` made. No zip stood there before; see [`crate::select`].
pub(super) fn find(code: &Path) -> Result<Product, ProductError> {
    let mut archives = Vec::new();
    for entry in fs::read_dir(code)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.to_ascii_lowercase().ends_with(".zip") {
            archives.push(name);
        }
    }
    archives.sort();
    if archives.iter().any(|name| name == USUAL) {
        return Ok(Product::Archive(USUAL.to_owned()));
    }
    match archives.len() {
        0 | 1 => Ok(archives.pop().map_or(Product::Directory, Product::Archive)),
        _ => Err(ProductError::Ambiguous(archives)),
    }
}

/// The bytes of the archive that a command made, at most `limit`. A link is followed where it stays in the directory.
pub(super) fn read(code: &Path, name: &str, limit: u64) -> Result<Vec<u8>, ProductError> {
    let path = super::tree::resolve(code, &code.join(name)).ok_or_else(|| ProductError::Link(name.to_owned()))?;
    if !path.metadata()?.is_file() {
        return Err(ProductError::Special(name.to_owned()));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(ProductError::TooLarge(name.to_owned(), limit));
    }
    Ok(bytes)
}
