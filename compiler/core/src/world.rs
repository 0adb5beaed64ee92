//! What the compiler may see of the outside.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

/// A path in the source tree, relative to the topology's directory, with `/` between its parts and no `.` parts;
/// leading `..` parts reach the project around the topology (`../infrastructure/tc/etl/vars/enhancer.json`).
///
/// The empty path is the topology's directory itself. Being relative, it never carries the name of a directory above
/// the topology into an output.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourcePath(String);

impl SourcePath {
    /// The topology's own directory.
    pub fn root() -> Self {
        Self::default()
    }

    /// Normalises `text`: drops empty and `.` parts and folds `x/..`.
    pub fn new(text: &str) -> Self {
        Self::root().join(text)
    }

    /// This path followed by `relative`, normalised.
    pub fn join(&self, relative: &str) -> Self {
        let mut parts: Vec<&str> = self.0.split('/').filter(|part| !part.is_empty()).collect();
        for part in relative.split('/') {
            match part {
                "" | "." => {}
                ".." if parts.last().is_some_and(|last| *last != "..") => {
                    parts.pop();
                }
                other => parts.push(other),
            }
        }
        Self(parts.join("/"))
    }

    /// How many directories it leads up, and the names that it leads down by.
    pub fn parts(&self) -> (usize, Vec<&str>) {
        let mut parts: Vec<&str> = self.0.split('/').filter(|part| !part.is_empty()).collect();
        let up = parts.iter().take_while(|part| **part == "..").count();
        (up, parts.split_off(up))
    }

    /// This path without the ways up that come back down at once: `above` are the names of the directories that the
    /// starting place lies in, its own first.
    pub fn shortened<'a>(&self, above: impl IntoIterator<Item = &'a str>) -> Self {
        let (up, down) = self.parts();
        let above: Vec<&str> = above.into_iter().take(up).collect();
        let same = above.iter().rev().zip(&down).take_while(|(one, other)| one == other).count();
        if above.len() < up || same == 0 {
            return self.clone();
        }
        let parts = std::iter::repeat_n("..", up - same).chain(down.into_iter().skip(same));
        Self(parts.collect::<Vec<_>>().join("/"))
    }

    /// The path as text; empty for the topology's directory.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part, or the empty text for the topology's directory.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The directory the path stands in; `..` of the topology's directory is `..`.
    pub fn parent(&self) -> Self {
        self.join("..")
    }

    /// Whether the path lies in the topology's directory.
    pub fn is_inside(&self) -> bool {
        self.0 != ".." && !self.0.starts_with("../")
    }
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

impl From<&str> for SourcePath {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl serde::Serialize for SourcePath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

/// The size of the largest file that is read as source, in bytes. What goes into a code zip is bounded by its own limit.
pub const SOURCE_LIMIT: u64 = 16 << 20;

/// What a directory entry is. Links are followed by the [`World`]; one that leads out of the project is
/// [`EntryKind::Escaping`] and one that leads nowhere is [`EntryKind::Other`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link whose target lies outside the project.
    Escaping,
    /// A socket, a device, a broken link.
    Other,
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name, without its directory.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Whether its owner may execute it; always false for a directory.
    pub executable: bool,
    /// Bytes in a file, of the target for a link; 0 for anything else.
    pub size: u64,
}

/// Why a file or directory could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorldError {
    /// The path, or a link on the way, leads out of the project.
    Escapes,
    /// The file is larger than the stated limit in bytes.
    TooLarge {
        /// The limit that was passed, in bytes.
        limit: u64,
    },
    /// A name that is not UTF-8 stands in the directory; the text is its lossy form.
    NotUtf8(String),
    /// What the operating system said.
    Io(String),
}

impl From<&io::Error> for WorldError {
    /// The error's words in lower case, without the number that Rust appends: "permission denied".
    fn from(error: &io::Error) -> Self {
        let text = error.to_string();
        let text = text.split(" (os error").next().unwrap_or_default();
        let mut characters = text.chars();
        let first = characters.next().map(|first| first.to_ascii_lowercase());
        Self::Io(first.into_iter().chain(characters).collect())
    }
}

impl fmt::Display for WorldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Escapes => f.write_str("it lies outside of the project"),
            Self::TooLarge { limit } => write!(f, "it is larger than {limit} bytes"),
            Self::NotUtf8(name) => write!(f, "the name `{name}` is not UTF-8"),
            Self::Io(message) => f.write_str(message),
        }
    }
}

/// The outside as the compiler sees it: a tree of files around the topology's directory.
///
/// Implementations bound what they read and refuse paths that leave the project; the compiler never learns where the
/// project lies.
pub trait World: Sync {
    /// The bytes of a source file, at most [`SOURCE_LIMIT`], or `None` where nothing stands at `path`.
    ///
    /// # Errors
    /// As [`World::read_within`].
    fn read(&self, path: &SourcePath) -> Result<Option<Vec<u8>>, WorldError> {
        self.read_within(path, SOURCE_LIMIT)
    }

    /// The bytes of a file of at most `limit` bytes, or `None` where nothing stands at `path`. At most `limit + 1`
    /// bytes are ever held, whatever the file grows to meanwhile.
    ///
    /// # Errors
    /// When the file is there but cannot be read, is too large, or lies outside of the project.
    fn read_within(&self, path: &SourcePath, limit: u64) -> Result<Option<Vec<u8>>, WorldError>;

    /// The entries of a directory sorted by name, or `None` where no directory stands at `path`.
    ///
    /// # Errors
    /// When the directory is there but cannot be read or lies outside of the project.
    fn list(&self, path: &SourcePath) -> Result<Option<Vec<Entry>>, WorldError>;

    /// The same place by the shortest way: what `../order/payment` is to a topology in the directory `order`, `payment` is
    /// as well. It tells places apart; a name of a directory above never shows in it.
    fn shortest(&self, path: &SourcePath) -> SourcePath {
        path.clone()
    }

    /// How many directories lie between the topology's directory and the project's root: the git root, or the
    /// directory of the nearest `tc.yml`, whichever is higher. 0 where the topology is the project.
    fn depth(&self) -> usize;

    /// The greatest semantic version among the project's git tags `PREFIX-X.Y.Z`, as `X.Y.Z`.
    fn newest_version_tag(&self, prefix: &str) -> Option<String>;
}

/// A world in memory, for tests, fuzzing and benchmarks.
#[derive(Debug, Clone, Default)]
pub struct MemoryWorld {
    files: BTreeMap<SourcePath, Vec<u8>>,
    depth: usize,
    /// The names of the topology's directory and those above it.
    above: Vec<String>,
}

impl MemoryWorld {
    /// A world of these files; keys are paths relative to the topology's directory.
    pub fn new<P: Into<SourcePath>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        let files: BTreeMap<_, _> = files.into_iter().map(|(path, bytes)| (path.into(), bytes.into())).collect();
        let depth = files.keys().map(|p| p.0.split('/').take_while(|part| *part == "..").count()).max().unwrap_or(0);
        Self { files, depth, above: Vec::new() }
    }

    /// This world, with the names of the topology's directory and of those above it.
    #[must_use]
    pub fn within(mut self, above: &[&str]) -> Self {
        self.above = above.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<SourcePath>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), bytes.into());
    }
}

impl World for MemoryWorld {
    fn read_within(&self, path: &SourcePath, limit: u64) -> Result<Option<Vec<u8>>, WorldError> {
        let Some(bytes) = self.files.get(path) else { return Ok(None) };
        if bytes.len() as u64 > limit {
            return Err(WorldError::TooLarge { limit });
        }
        Ok(Some(bytes.clone()))
    }

    fn list(&self, path: &SourcePath) -> Result<Option<Vec<Entry>>, WorldError> {
        let prefix = if path.0.is_empty() { String::new() } else { format!("{}/", path.0) };
        let mut names: BTreeMap<String, (EntryKind, u64)> = BTreeMap::new();
        // Paths are ordered by their text, so those below a directory follow each other.
        for (file, bytes) in self.files.range(SourcePath(prefix.clone())..) {
            let Some(rest) = file.0.strip_prefix(&prefix) else { break };
            match rest.split_once('/') {
                Some(("..", _)) => {}
                Some((directory, _)) => {
                    names.insert(directory.to_owned(), (EntryKind::Directory, 0));
                }
                None => {
                    names.insert(rest.to_owned(), (EntryKind::File, bytes.len() as u64));
                }
            }
        }
        if names.is_empty() && !path.0.is_empty() {
            return Ok(None);
        }
        let entry = |(name, (kind, size))| Entry { name, kind, executable: false, size };
        Ok(Some(names.into_iter().map(entry).collect()))
    }

    fn shortest(&self, path: &SourcePath) -> SourcePath {
        path.shortened(self.above.iter().map(String::as_str))
    }

    fn depth(&self) -> usize {
        self.depth
    }

    fn newest_version_tag(&self, _prefix: &str) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised() {
        for (given, wanted) in
            [("", ""), ("./a//b/.", "a/b"), ("a/../b", "b"), ("a/../../b", "../b"), ("../../x", "../../x"), ("/a", "a")]
        {
            assert_eq!(SourcePath::new(given).as_str(), wanted, "{given}");
        }
        assert!(!SourcePath::new("../x").is_inside());
        assert!(SourcePath::new("..x").is_inside());
    }

    #[test]
    fn ways_up_that_come_back_are_left_out() {
        let above = ["payment", "order", "p"];
        for (given, wanted) in [
            ("../payment", ""),
            ("../payment/x", "x"),
            ("../other", "../other"),
            ("../../order/payment/x", "x"),
            ("../../order/y", "../y"),
            ("../../../../z", "../../../../z"),
            ("x", "x"),
        ] {
            assert_eq!(SourcePath::new(given).shortened(above).as_str(), wanted, "{given}");
        }
    }

    #[test]
    fn memory_lists_directories_once() {
        let world = MemoryWorld::new([("a/x", ""), ("a/y", ""), ("b", ""), ("../c/d", "")]);
        let names = |p: &str| world.list(&p.into()).unwrap().map(|l| l.into_iter().map(|e| e.name).collect::<Vec<_>>());
        assert_eq!(names(""), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(names("a"), Some(vec!["x".to_owned(), "y".to_owned()]));
        assert_eq!(names("zz"), None);
        assert_eq!(world.depth(), 1);
    }

    #[test]
    fn errors_speak_in_lower_case_without_a_number() {
        let words = |error: io::Error| WorldError::from(&error).to_string();
        assert_eq!(words(io::Error::from_raw_os_error(13)), "permission denied");
        assert_eq!(words(io::ErrorKind::NotADirectory.into()), "not a directory");
    }

    #[test]
    fn memory_bounds_what_it_reads() {
        let world = MemoryWorld::new([("a", "123")]);
        assert_eq!(world.read_within(&"a".into(), 3), Ok(Some(b"123".to_vec())));
        assert_eq!(world.read_within(&"a".into(), 2), Err(WorldError::TooLarge { limit: 2 }));
        assert_eq!(world.list(&SourcePath::root()).unwrap().unwrap()[0].size, 3);
    }
}
