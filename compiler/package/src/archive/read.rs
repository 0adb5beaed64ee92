//! Reading an archive that another program made. Nothing in it is believed.

use super::name::{EntryName, NameError};
use super::write::{Member, Members};
use std::fmt;
use std::io::{Cursor, Read};
use zip::ZipArchive;
use zip::result::ZipError;

/// Bits of a Unix mode that say what kind of file it is, and two kinds.
const KIND: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const LINK: u32 = 0o120_000;
/// The bit that lets the owner execute.
const EXECUTABLE: u32 = 0o100;
/// How many entries an archive may have. The central directory is read whole, so this and not the file's size is what
/// bounds the memory for it; a `node_modules` has some ten thousands.
const MAX_ENTRIES: usize = 500_000;
/// How many bytes of an entry are made room for before any has come.
const FIRST_ROOM: u64 = 1 << 20;

/// Why an archive is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// It is no zip archive, or a damaged one; with the reader's words.
    Corrupt(String),
    /// The name of an entry is not UTF-8 or not one that stays inside of the archive.
    Name(String, NameError),
    /// Two entries have this name, or one is a file where another needs a directory.
    Duplicate(String),
    /// An entry is a symbolic link.
    Link(String),
    /// An entry is neither a file, a directory nor a link.
    Special(String),
    /// An entry is encrypted.
    Encrypted(String),
    /// It has more entries than the stated limit.
    TooMany(usize),
    /// An entry cannot be unpacked; with the reader's words.
    Entry(String, String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt(reason) => write!(f, "it is not a sound zip archive: {reason}"),
            Self::Name(name, reason) => {
                write!(f, "the name of its entry `{}` is unsafe: {reason}", name.escape_debug())
            }
            Self::Duplicate(name) => write!(f, "the name `{name}` stands in it twice"),
            Self::Link(name) => write!(f, "its entry `{name}` is a symbolic link"),
            Self::Special(name) => write!(f, "its entry `{name}` is not a regular file"),
            Self::Encrypted(name) => write!(f, "its entry `{name}` is encrypted"),
            Self::TooMany(limit) => write!(f, "it has more than {limit} entries"),
            Self::Entry(name, reason) => write!(f, "its entry `{name}` cannot be unpacked: {reason}"),
        }
    }
}

/// An archive held in memory. Entries can be read from several threads at a time.
pub struct Reader<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
}

/// An entry of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the archive, for [`Reader::read`].
    pub index: usize,
    /// The bytes that it claims to have unpacked, and the most that it is unpacked to.
    pub size: u64,
}

impl<'a> Reader<'a> {
    /// Opens an archive and lists its files; directories are left out. How large they may be together is for the caller
    /// to judge before it reads any of them.
    ///
    /// # Errors
    /// When it is no archive, or its list of entries is one that tc does not take; see [`ReadError`].
    pub fn open(bytes: &'a [u8]) -> Result<(Self, Members<Stored>), ReadError> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| ReadError::Corrupt(words(&error)))?;
        if archive.len() > MAX_ENTRIES {
            return Err(ReadError::TooMany(MAX_ENTRIES));
        }
        let mut members = Members::new();
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(|error| ReadError::Corrupt(words(&error)))?;
            let raw = entry.name_raw();
            let Ok(text) = std::str::from_utf8(raw) else {
                return Err(ReadError::Corrupt(format!("the name `{}` is not UTF-8", raw.escape_ascii())));
            };
            if text.ends_with('/') {
                check_name(text.trim_end_matches('/'))?;
                continue;
            }
            let name = check_name(text)?;
            let mode = entry.unix_mode().unwrap_or(REGULAR);
            match mode & KIND {
                // Some programs write permissions alone.
                0 | REGULAR => {}
                LINK => return Err(ReadError::Link(text.to_owned())),
                _ => return Err(ReadError::Special(text.to_owned())),
            }
            if entry.encrypted() {
                return Err(ReadError::Encrypted(text.to_owned()));
            }
            let stored = Stored { index, size: entry.size() };
            let member = Member { executable: mode & EXECUTABLE != 0, source: stored };
            if members.insert(name, member).is_some() {
                return Err(ReadError::Duplicate(text.to_owned()));
            }
        }
        if archive.has_duplicate_names() {
            return Err(ReadError::Corrupt("two entries have the same name".to_owned()));
        }
        if let Some(name) = members.keys().find(|name| name.directories().any(|parent| members.contains_key(parent))) {
            return Err(ReadError::Duplicate(name.as_str().to_owned()));
        }
        Ok((Self { archive }, members))
    }

    /// The bytes of an entry, checked against its CRC-32.
    ///
    /// # Errors
    /// When it is packed in a way that tc does not read, is damaged, or does not have the size that it claims.
    pub fn read(&self, Stored { index, size }: Stored) -> Result<Vec<u8>, ReadError> {
        // Clones share the bytes and the list of entries, and differ in their position alone.
        let mut archive = self.archive.clone();
        let mut entry = archive.by_index(index).map_err(|error| ReadError::Corrupt(words(&error)))?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        // The claim is not believed: what it would have allocated is allocated as the bytes come.
        let mut bytes = Vec::with_capacity(usize::try_from(size.min(FIRST_ROOM)).unwrap_or_default());
        let taken = entry.by_ref().take(size.saturating_add(1)).read_to_end(&mut bytes);
        taken.map_err(|error| ReadError::Entry(name.clone(), error.to_string()))?;
        if bytes.len() as u64 != size {
            return Err(ReadError::Entry(name, "it does not have the size that it claims".to_owned()));
        }
        Ok(bytes)
    }
}

/// The entry's name without a leading `./`, which some programs write.
fn check_name(text: &str) -> Result<EntryName, ReadError> {
    let name = text.strip_prefix("./").unwrap_or(text);
    EntryName::new(name).map_err(|reason| ReadError::Name(text.to_owned(), reason))
}

/// What the reader says, without its prefix.
fn words(error: &ZipError) -> String {
    match error {
        ZipError::InvalidArchive(text) => text.to_string(),
        ZipError::UnsupportedArchive(text) => (*text).to_owned(),
        other => other.to_string(),
    }
}
