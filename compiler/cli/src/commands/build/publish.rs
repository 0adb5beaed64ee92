//! Layers to an account.

use super::Arguments;
use super::account::{self, Accounts};
use super::place::{Placed, PlacedLayer};
use super::row::Publication;
use crate::progress::LayerProgress;
use crate::shell::Shell;
use crate::size;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::Runtime;
use tc_deploy::Connection;
use tc_deploy::layers::{self, Layer, Published, Sharing};
use tc_deploy::upload::File;
use tc_package::layer::Built;
use tc_package::layer::install::Progress;
use tc_package::layer::manifest::{DistributionEntry, LayerEntry};

/// How many layers are published at a time. Each may hold two chunks of 40 MB in memory.
const JOBS: usize = 4;

/// How much of a description names what was installed, in bytes: Lambda takes 256 of all of it, and the mark of the set
/// follows.
const DESCRIPTION: usize = 200;

/// A layer to publish, and where.
struct Job<'a> {
    connection: &'a Connection,
    sharing: &'a Sharing,
    built: &'a Built,
}

/// What became of a layer.
type Outcome = Result<Vec<Published>, Box<Diagnostic>>;

impl Arguments {
    /// Publishes what can be, side by side, and notes it in the rows. One that fails does not keep the others from being
    /// published. Gives the accounts as people are told of them.
    pub(super) fn publish_all(&self, placed: &mut [Placed], accounts: &Accounts, shell: &mut Shell) -> Vec<String> {
        let jobs: Vec<Job<'_>> = placed.iter().flat_map(|project| jobs(project, accounts)).collect();
        let progress = LayerProgress::new(shell, jobs.len(), self.is_read_by_people());
        let mut outcomes = publish(&jobs, &progress).into_iter();
        let destinations: BTreeSet<String> = jobs.iter().map(|job| account::shown(job.connection)).collect();
        for project in placed {
            let is_connected = project.account.and_then(|place| accounts.get(place)).is_some();
            for PlacedLayer { row, publishable } in &mut project.layers {
                // In the order of the jobs, which are those of the layers that can be published.
                row.publication = match publishable.take().filter(|_| is_connected).and_then(|_| outcomes.next()) {
                    Some(Ok(versions)) => Some(Publication::of(versions)),
                    Some(Err(finding)) => {
                        project.report.findings.push(*finding);
                        Some(Publication::failed())
                    }
                    None => row.layer.as_ref().map(|_| Publication::withheld()),
                };
            }
        }
        destinations.into_iter().collect()
    }
}

fn jobs<'a>(project: &'a Placed, accounts: &'a Accounts) -> Vec<Job<'a>> {
    let Some(connection) = project.account.and_then(|place| accounts.get(place)) else { return Vec::new() };
    let layers = project.layers.iter().filter_map(|layer| layer.publishable.as_ref());
    layers.map(|built| Job { connection, sharing: &project.sharing, built }).collect()
}

/// Publishes layers; the outcomes are in their order.
fn publish(jobs: &[Job<'_>], progress: &LayerProgress<'_>) -> Vec<Outcome> {
    let outcomes: Vec<Mutex<Outcome>> = jobs.iter().map(|_| Mutex::new(Ok(Vec::new()))).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..JOBS.min(jobs.len()) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(job), Some(outcome)) = (jobs.get(place), outcomes.get(place)) else { break };
                    let done = job.publish(progress);
                    *outcome.lock().unwrap_or_else(PoisonError::into_inner) = done;
                }
            });
        }
    });
    outcomes.into_iter().map(|outcome| outcome.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

impl Job<'_> {
    fn publish(&self, progress: &LayerProgress<'_>) -> Outcome {
        let entry = &self.built.entry;
        progress.step(&entry.name, &format!("publishing to {}", account::shown(self.connection)));
        let total = size::human(entry.chunks.iter().map(|chunk| chunk.size).sum());
        let through = AtomicU64::new(0);
        let outcome = layers::publish(self.connection, &layer(self.built), self.sharing, &|bytes| {
            let through = through.fetch_add(bytes, Ordering::Relaxed) + bytes;
            progress.step(&entry.name, &format!("publishing, {} of {total}", size::human(through)));
        });
        progress.done(&entry.name, outcome.is_ok());
        outcome
    }
}

/// A layer as it is published.
fn layer(built: &Built) -> Layer {
    let entry = &built.entry;
    let file = |(zip, chunk): (&std::path::PathBuf, &tc_package::layer::manifest::ChunkEntry)| File {
        path: zip.clone(),
        sha256: chunk.sha256.clone(),
    };
    // A layer is of a runtime that tc knows, under whose identifier Lambda knows it.
    let runtime =
        Runtime::parse(&entry.runtime).map_or_else(|| entry.runtime.clone(), |runtime| runtime.id().to_owned());
    Layer {
        name: entry.name.clone(),
        chunks: built.zips.iter().zip(&entry.chunks).map(file).collect(),
        runtimes: vec![runtime],
        architectures: vec![entry.architecture.as_str().to_owned()],
        description: description(entry),
    }
}

/// What a layer is: `dependencies of enhancer: certifi 2026.10.18, idna 3.20 and 3 more`.
fn description(entry: &LayerEntry) -> String {
    let mut text = format!("dependencies of {}", entry.function);
    for (place, DistributionEntry { name, version, .. }) in entry.distributions.iter().enumerate() {
        let next = format!("{} {name} {version}", if place == 0 { ":" } else { "," });
        if text.len() + next.len() > DESCRIPTION {
            text += &format!(" and {} more", entry.distributions.len() - place);
            break;
        }
        text += &next;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use tc_core::ir::Architecture;

    fn entry(distributions: usize) -> LayerEntry {
        let distribution = |number| DistributionEntry {
            name: format!("distribution-{number}"),
            version: "1.0".to_owned(),
            unpacked: 1,
        };
        LayerEntry {
            name: "etl-enhancer".to_owned(),
            topology: "etl".to_owned(),
            function: "enhancer".to_owned(),
            runtime: "python3.10".to_owned(),
            architecture: Architecture::X86_64,
            sha256: "0".repeat(64),
            size: 1,
            unpacked: 1,
            glibc: None,
            chunks: Vec::new(),
            distributions: (0..distributions).map(distribution).collect(),
            libraries: Vec::new(),
        }
    }

    #[test]
    fn a_description_names_what_fits() {
        assert_eq!(description(&entry(0)), "dependencies of enhancer");
        assert_eq!(description(&entry(2)), "dependencies of enhancer: distribution-0 1.0, distribution-1 1.0");
        let long = description(&entry(20));
        assert!(long.len() <= DESCRIPTION + " and 20 more".len(), "{long}");
        assert!(long.ends_with("distribution-7 1.0 and 12 more"), "{long}");
    }
}
