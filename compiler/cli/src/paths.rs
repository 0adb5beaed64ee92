//! How the paths of source files are shown.

use crate::disk::DiskWorld;
use std::env;
use std::path::{Component, Path, PathBuf};
use tc_core::world::SourcePath;

/// Paths as they are shown to people, who can click them in a terminal, and to code scanning services.
#[derive(Debug, Clone)]
pub struct Paths {
    topology: PathBuf,
    project: PathBuf,
    /// The current directory; `None` where paths are shown whole.
    current: Option<PathBuf>,
}

impl Paths {
    /// The paths of a world that was opened at `given`.
    ///
    /// They are shown relative to the current directory, or whole where `given` is a whole path to somewhere else.
    pub fn new(world: &DiskWorld, given: &Path) -> Self {
        let current =
            env::current_dir().ok().filter(|current| given.is_relative() || world.root().starts_with(current));
        Self { topology: world.root().to_path_buf(), project: world.project().to_path_buf(), current }
    }

    /// A path for people, from the current directory.
    pub fn current_relative(&self, path: &SourcePath) -> String {
        self.shown(&self.whole(path))
    }

    /// A path for tools that know the project: from its root, with `/` between its parts.
    pub fn project_relative(&self, path: &SourcePath) -> String {
        relative(&self.whole(path), &self.project).to_string_lossy().into_owned()
    }

    /// Any path for people.
    pub fn shown(&self, path: &Path) -> String {
        // A way that is longer than the whole path leads nowhere near.
        let way = self.current.as_ref().filter(|_| path.is_absolute()).map(|current| relative(path, current));
        let way = way.filter(|way| way.components().count() <= path.components().count());
        let shown = way.unwrap_or_else(|| path.to_path_buf());
        let text = shown.to_string_lossy();
        if text.is_empty() { ".".to_owned() } else { text.into_owned() }
    }

    fn whole(&self, path: &SourcePath) -> PathBuf {
        let mut whole = self.topology.clone();
        for part in path.as_str().split('/') {
            match part {
                "" => {}
                ".." => _ = whole.pop(),
                part => whole.push(part),
            }
        }
        whole
    }
}

/// The way from directory `base` to `path`; both are absolute, without links and `..`.
fn relative(path: &Path, base: &Path) -> PathBuf {
    let common = path.components().zip(base.components()).take_while(|(one, other)| one == other).count();
    let up = base.components().skip(common).map(|_| Component::ParentDir);
    up.chain(path.components().skip(common)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_lead_up_and_down() {
        let way = |path: &str, base: &str| relative(Path::new(path), Path::new(base)).display().to_string();
        assert_eq!(way("/a/b/c", "/a"), "b/c");
        assert_eq!(way("/a/b", "/a/c/d"), "../../b");
        assert_eq!(way("/a", "/a"), "");
    }

    #[test]
    fn paths_are_shown_from_where_the_reader_is() {
        let at = |current: Option<&str>| Paths {
            topology: "/w/p/etl".into(),
            project: "/w/p".into(),
            current: current.map(PathBuf::from),
        };
        let shown = |current, path: &str| at(current).current_relative(&path.into());
        assert_eq!(shown(Some("/w/p"), "f/x.json"), "etl/f/x.json");
        assert_eq!(shown(Some("/w/p/etl"), "../tc.yml"), "../tc.yml");
        assert_eq!(shown(Some("/w/p/etl"), ""), ".");
        assert_eq!(shown(Some("/x"), "t"), "../w/p/etl/t");
        assert_eq!(shown(Some("/x/y"), "t"), "/w/p/etl/t");
        assert_eq!(shown(None, "../tc.yml"), "/w/p/tc.yml");
        assert_eq!(at(None).project_relative(&"../infra/v".into()), "infra/v");
        assert_eq!(at(None).project_relative(&"t".into()), "etl/t");
    }
}
