//! Paths that exclude each other.

use super::at;
use super::job::{Job, published_paths};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::asset as codes;
use tc_core::ir::Topology;
use tc_package::assets::Built;

/// Paths that lie within another, or have one within: each is a link that leads to a whole tree.
pub fn nested_paths(topology: &Topology, jobs: &[Job]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for job in jobs {
        let Some(function) = topology.functions.get(&job.function) else { continue };
        for (other, key, path) in published_paths(topology) {
            let is_within = |inner: &str, outer: &str| {
                inner.strip_prefix(outer.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
            };
            let is_same = job.path == path && (other.name == job.function || key == job.key);
            if !is_same && (is_within(&job.path, path) || is_within(path, &job.path) || job.path == path) {
                let message = format!("`{}` and `{path}` cannot both be published", job.path);
                let finding = at(function, job.key, &codes::PATH_TAKEN, message);
                let place = other.assets.get(key).map_or(other.span, |path| path.span);
                findings.push(finding.also(place, "the other").help("give one of them a path beside the other's"));
            }
        }
    }
    findings
}

/// Trees that differ and have one path, by the places of their jobs. The first of them counts.
pub fn equal_paths(topology: &Topology, jobs: &[Job], built: &[Option<Built>]) -> Vec<(usize, Diagnostic)> {
    let trees: Vec<_> = jobs.iter().zip(built).enumerate().collect();
    let mut findings = Vec::new();
    for (place, (job, tree)) in &trees {
        let before = trees.iter().take(*place).find(|(_, (other, _))| other.below == job.below);
        let (Some((_, (first, Some(one)))), Some(other)) = (before, tree) else { continue };
        if one.manifest() == other.manifest() {
            continue;
        }
        let message =
            format!("functions `{}` and `{}` publish different things to `{}`", first.function, job.function, job.path);
        let functions = (topology.functions.get(&job.function), topology.functions.get(&first.function));
        if let (Some(function), Some(owner)) = functions {
            let finding = at(function, job.key, &codes::PATH_TAKEN, message);
            let span = owner.assets.get(job.key).map_or(owner.span, |path| path.span);
            findings.push((*place, finding.also(span, "the other").help("give one of them a path of its own")));
        }
    }
    findings
}
