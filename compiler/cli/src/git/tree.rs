//! The files of a commit, as the compiler may see them: nothing is checked out.

use super::{Repository, absent};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, PoisonError};
use tc_core::diagnostic::Diagnostic;
use tc_core::world::{Entry, EntryKind, SourcePath, World, WorldError};

/// A topology as it stands in a commit. Symbolic links, which git keeps as the text they hold, are taken for nothing.
#[derive(Debug)]
pub struct Tree {
    /// The topology's directory from the root of the repository.
    directory: String,
    files: BTreeMap<String, File>,
    objects: Mutex<Objects>,
    /// The version that the commit is of.
    version: Option<String>,
}

#[derive(Debug)]
struct File {
    id: String,
    size: u64,
    executable: bool,
}

impl Tree {
    /// The tree of a commit, seen from a directory of it. `version` is what the topology's version is where it does not
    /// say so itself.
    ///
    /// # Errors
    /// When git fails.
    pub fn open(
        repository: &Repository,
        commit: &str,
        directory: &str,
        version: Option<String>,
    ) -> Result<Self, Box<Diagnostic>> {
        let listed = repository.run(&["ls-tree", "-r", "-l", "-z", "--full-tree", commit])?;
        let files = listed.split('\0').filter_map(file).collect();
        let mut command = repository.command(&["cat-file", "--batch"]);
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let objects = started.and_then(Objects::of).map_err(|error| absent(&error))?;
        Ok(Self { directory: directory.to_owned(), files, objects: Mutex::new(objects), version })
    }

    /// A path of the topology from the root of the repository.
    fn absolute(&self, path: &SourcePath) -> Result<String, WorldError> {
        let absolute = SourcePath::new(&self.directory).join(path.as_str());
        if absolute.is_inside() { Ok(absolute.as_str().to_owned()) } else { Err(WorldError::Escapes) }
    }
}

/// An entry of `git ls-tree -l`: `MODE TYPE ID SIZE<tab>PATH`.
fn file(line: &str) -> Option<(String, File)> {
    let (meta, path) = line.split_once('\t')?;
    let mut words = meta.split_whitespace();
    let (mode, kind, id, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let is_file = kind == "blob" && mode != "120000";
    let file = File { id: id.to_owned(), size: size.parse().ok()?, executable: mode == "100755" };
    is_file.then(|| (path.to_owned(), file))
}

impl World for Tree {
    fn read_within(&self, path: &SourcePath, limit: u64) -> Result<Option<Vec<u8>>, WorldError> {
        let Some(file) = self.files.get(&self.absolute(path)?) else { return Ok(None) };
        if file.size > limit {
            return Err(WorldError::TooLarge { limit });
        }
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        objects.read(file).map(Some).map_err(|error| WorldError::from(&error))
    }

    fn list(&self, path: &SourcePath) -> Result<Option<Vec<Entry>>, WorldError> {
        let absolute = self.absolute(path)?;
        let prefix = if absolute.is_empty() { String::new() } else { format!("{absolute}/") };
        let mut entries: BTreeMap<&str, Entry> = BTreeMap::new();
        let below =
            self.files.range(prefix.clone()..).map_while(|(path, file)| Some((path.strip_prefix(&prefix)?, file)));
        for (rest, file) in below {
            let entry = |name: &str, kind, executable, size| Entry { name: name.to_owned(), kind, executable, size };
            match rest.split_once('/') {
                Some((name, _)) => entries.entry(name).or_insert_with(|| entry(name, EntryKind::Directory, false, 0)),
                None => entries.entry(rest).or_insert_with(|| entry(rest, EntryKind::File, file.executable, file.size)),
            };
        }
        // git keeps no empty directories.
        Ok((!entries.is_empty()).then(|| entries.into_values().collect()))
    }

    fn depth(&self) -> usize {
        self.directory.split('/').filter(|part| !part.is_empty()).count()
    }

    fn newest_version_tag(&self, _prefix: &str) -> Option<String> {
        self.version.clone()
    }
}

/// `git cat-file --batch`, which reads objects as they are asked for.
#[derive(Debug)]
struct Objects {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Objects {
    fn of(mut process: Child) -> io::Result<Self> {
        let (questions, answers) = (process.stdin.take(), process.stdout.take());
        let (Some(questions), Some(answers)) = (questions, answers) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        Ok(Self { process, questions, answers: BufReader::new(answers) })
    }

    /// An object: a line `ID TYPE SIZE`, its bytes, and the end of a line.
    fn read(&mut self, file: &File) -> io::Result<Vec<u8>> {
        self.questions.write_all(format!("{}\n", file.id).as_bytes())?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        // Of a clone without all objects it says that one is missing.
        if !head.trim_end().ends_with(&format!(" {}", file.size)) {
            return Err(io::Error::other(format!("git has no object {}", file.id)));
        }
        let mut bytes = Vec::new();
        self.answers.by_ref().take(file.size + 1).read_to_end(&mut bytes)?;
        if bytes.pop().is_none() || bytes.len() as u64 != file.size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
