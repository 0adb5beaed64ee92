//! Where the project around a topology begins.

use crate::topologies;
use std::path::{Path, PathBuf};

/// The project that a topology belongs to.
#[derive(Debug)]
pub struct Project {
    /// Its directory: the root of the git work tree, or the directory of the nearest `tc.yml`, whichever is higher; where
    /// there is neither that of the topmost topology that this one lies in, else its own.
    pub root: PathBuf,
    /// How many directories the topology's lies below it.
    pub depth: usize,
    /// The nearest `.git` upwards, a directory or, in a linked work tree or a submodule, a file.
    pub git: Option<PathBuf>,
}

impl Project {
    /// The project around a topology's directory, which is absolute and without links.
    pub fn around(topology: &Path) -> Self {
        let mut git = None;
        let mut settings = false;
        let mut depth = 0;
        for (above, directory) in topology.ancestors().enumerate() {
            if git.is_none() {
                let candidate = directory.join(".git");
                if candidate.exists() {
                    git = Some(candidate);
                    depth = above;
                }
            }
            if !settings && directory.join("tc.yml").exists() {
                settings = true;
                depth = above;
            }
            if settings && git.is_some() {
                break;
            }
        }
        if git.is_none() && !settings {
            depth = topmost(topology);
        }
        let root = topology.ancestors().nth(depth).unwrap_or(topology).to_path_buf();
        Self { root, depth, git }
    }
}

/// How far above a topology's directory that of the topmost topology is which it lies in: each in that of the next, or in a
/// directory of functions and topologies there.
fn topmost(topology: &Path) -> usize {
    let is_topology = |above: usize| topology.ancestors().nth(above).is_some_and(topologies::is_topology);
    let mut depth = 0;
    while let Some(step) = [1, 2].into_iter().find(|step| is_topology(depth + step)) {
        depth += step;
    }
    depth
}
