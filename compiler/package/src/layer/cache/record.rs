//! What is known of a layer in the cache, and what was said when it was built.

use crate::layer::install::Sources;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::{Diagnostic, Label, Severity, codes};
use tc_core::source::Span;
use tc_core::world::SourcePath;

use super::digest;
use crate::layer::manifest::{DistributionEntry, LibraryEntry};

/// What is in a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The SHA-256 of the undivided zip, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Bytes of the undivided zip.
    pub size: u64,
    /// Bytes of its files unpacked.
    pub unpacked: u64,
    /// Its zips: one, unless it is too large for one layer.
    pub chunks: Vec<Chunk>,
    /// What was installed, in the order of the names.
    pub distributions: Vec<DistributionEntry>,
    /// The shared libraries that were taken into it since they were missing, in the order of the names.
    pub libraries: Vec<TakenLibrary>,
    /// The highest version of glibc that a library in it asks for, such as `2.17`.
    pub glibc: Option<String>,
    /// What was mended and the like, which is said again whenever the layer is taken from the cache.
    pub remarks: Vec<Remark>,
}

impl Record {
    /// A library that was taken from this machine, and that is another here now, or gone. Nothing that the layer's key is
    /// made of says so: which libraries are missing is known only when all else was installed.
    pub fn changed_library(&self) -> Option<&LibraryEntry> {
        let is_other = |taken: &&TakenLibrary| {
            let path = taken.host.as_ref();
            path.is_some_and(|path| !digest(path).is_ok_and(|digest| digest == taken.entry.sha256))
        };
        self.libraries.iter().find(is_other).map(|taken| &taken.entry)
    }
}

/// A shared library that was taken into a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenLibrary {
    /// What it is.
    pub entry: LibraryEntry,
    /// Its file on this machine; `None` for one from `build.libs`, all of which is part of the layer's key.
    pub host: Option<PathBuf>,
}

/// One zip of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// The SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Bytes of the zip.
    pub size: u64,
    /// Bytes of its files unpacked.
    pub unpacked: u64,
}

/// A finding that can be kept: the files that it points into are named, and are the same for as long as the layer's key
/// is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    code: String,
    severity: KeptSeverity,
    message: String,
    primary: Option<KeptLabel>,
    secondary: Vec<KeptLabel>,
    help: Vec<String>,
    conceal: Vec<KeptLabel>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum KeptSeverity {
    Warning,
    Note,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeptLabel {
    path: String,
    start: usize,
    end: usize,
    text: String,
}

impl Remark {
    /// Keeps a finding. `None` for an error, after which there is no layer.
    pub fn new(finding: &Diagnostic, sources: &Sources) -> Option<Self> {
        let severity = match finding.severity {
            Severity::Error => return None,
            Severity::Warning => KeptSeverity::Warning,
            Severity::Note => KeptSeverity::Note,
        };
        let label = |label: &Label| KeptLabel::new(label.span, &label.text, sources);
        Some(Self {
            code: finding.code.id.to_owned(),
            severity,
            message: finding.message.clone(),
            primary: finding.primary.as_ref().and_then(label),
            secondary: finding.secondary.iter().filter_map(label).collect(),
            help: finding.help.clone(),
            conceal: finding.conceal.iter().filter_map(|span| KeptLabel::new(*span, "", sources)).collect(),
        })
    }

    /// The finding again, for a topology whose directory on disk is `root`. `None` for a code that this version of tc
    /// does not have.
    pub fn finding(&self, root: &Path, sources: &Sources) -> Option<Diagnostic> {
        let label = |kept: &KeptLabel| kept.label(root, sources);
        let mut finding = Diagnostic::without_place(codes::find(&self.code)?, &self.message);
        finding.severity = match self.severity {
            KeptSeverity::Warning => Severity::Warning,
            KeptSeverity::Note => Severity::Note,
        };
        finding.primary = self.primary.as_ref().and_then(label);
        finding.secondary = self.secondary.iter().filter_map(label).collect();
        finding.help.clone_from(&self.help);
        finding.conceal = self.conceal.iter().filter_map(label).map(|label| label.span).collect();
        Some(finding)
    }
}

impl KeptLabel {
    fn new(span: Span, text: &str, sources: &Sources) -> Option<Self> {
        let path = sources.path(span.file)?.as_str().to_owned();
        Some(Self { path, start: span.start as usize, end: span.end as usize, text: text.to_owned() })
    }

    fn label(&self, root: &Path, sources: &Sources) -> Option<Label> {
        let source = fs::read_to_string(root.join(&self.path)).ok()?;
        // It was a place in this file, unless the file is no part of the key.
        source.get(self.start..self.end)?;
        let file = sources.add(SourcePath::new(&self.path), source);
        Some(Label { span: Span::new(file, self.start, self.end), text: self.text.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_said_again_at_its_place() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("list"), "requests\nnumpy\n").unwrap();
        let sources = Sources::default();
        let file = sources.add("list".into(), "requests\nnumpy\n".to_owned());
        let code = &codes::artifact::DIRECTORY_SKIPPED;
        let finding = Diagnostic::new(code, Span::new(file, 9, 14), "`numpy` gave way")
            .label("here")
            .also(Span::new(file, 0, 8), "and here")
            .help("pin it");
        let remark = Remark::new(&finding, &sources).unwrap();
        let text = serde_json::to_string(&remark).unwrap();
        let later = Sources::default();
        let again = serde_json::from_str::<Remark>(&text).unwrap().finding(root.path(), &later).unwrap();
        let map = later.into_inner();
        let (path, at) = map.locate(again.primary.as_ref().unwrap().span).unwrap();
        assert_eq!((path.as_str(), at.line, at.column), ("list", 2, 1));
        assert_eq!(
            (again.code.id, again.severity, again.help),
            (code.id, Severity::Warning, vec!["pin it".to_owned()])
        );
        assert_eq!(again.secondary[0].text, "and here");
    }

    #[test]
    fn a_file_that_changed_is_no_place_and_an_error_no_remark() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("list"), "ä").unwrap();
        let sources = Sources::default();
        let file = sources.add("list".into(), "ab".to_owned());
        let finding = Diagnostic::new(&codes::artifact::DIRECTORY_SKIPPED, Span::new(file, 1, 2), "m");
        let remark = Remark::new(&finding, &sources).unwrap();
        assert_eq!(remark.finding(root.path(), &sources).unwrap().primary, None);
        let error = Diagnostic::new(&codes::artifact::EMPTY, Span::start_of(file), "m");
        assert_eq!(Remark::new(&error, &sources), None);
    }
}
