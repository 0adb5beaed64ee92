//! `tc build --kind artifacts` and `--kind deps`: models and dependencies for the file system of the environment.
//!
//! ```text
//! job      which trees are to be built, of which functions, and for which paths
//! check    paths that exclude each other
//! publish  trees to the file system
//! row      what became of each
//! ```

mod check;
mod job;
mod publish;
mod row;

use super::{Arguments, Format, LEAST_JOBS, Project};
use crate::progress::LayerProgress;
use crate::report::{self, Report};
use crate::shell::Shell;
use job::Job;
use publish::Destinations;
use row::{Row, Verdict};
use std::num::NonZero;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::Architecture;
use tc_core::ir::function::MODEL_PATH;
use tc_package::assets::Built;
use tc_package::layer::install::{self, Options};
use tc_package::layer::{Builder, CHUNK_LIMIT, Order, Site, elf};

/// A topology and the trees of it that are wanted.
struct Wanted {
    project: Project,
    jobs: Vec<Job>,
    /// Where they go, by its place among those that were signed in to; `None` where nothing is published.
    destination: Option<usize>,
}

/// Builds the trees for a key of `assets`, and publishes them.
pub fn run(arguments: &Arguments, key: &'static str, shell: &mut Shell) -> ExitCode {
    let started = Instant::now();
    let mut reports = Vec::new();
    let mut destinations = Destinations::default();
    let mut wanted = arguments.open_assets(key, &mut destinations, &mut reports);
    let built = arguments.build_trees(key, &mut wanted, shell);
    let mut rows = Vec::new();
    for (wanted, built) in wanted.into_iter().zip(built) {
        rows.extend(arguments.publish_trees(wanted, built, &destinations, shell, &mut reports));
    }
    let is_forbidden = arguments.weigh(&mut reports);
    let format = arguments.format.or(arguments.is_read_by_people().then_some(Format::Table));
    report::print_all(&reports, arguments.reporting.message_format, format.is_some(), shell);
    match format {
        Some(Format::Table) if rows.is_empty() => {}
        Some(Format::Table) => shell.out(&row::table_of(&rows)),
        Some(Format::Json) => shell.out(&format!("{}\n", serde_json::to_string_pretty(&rows).unwrap_or_default())),
        None => {}
    }
    if arguments.is_read_by_people() {
        shell.err(&row::summary(&rows, key, &destinations.shown(), is_forbidden, started.elapsed()));
    }
    if is_forbidden { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

impl Arguments {
    /// The topologies with the trees that are wanted, signed in to where these go. What stands in the way of one is among
    /// the reports.
    fn open_assets(
        &self,
        key: &'static str,
        destinations: &mut Destinations,
        reports: &mut Vec<Report>,
    ) -> Vec<Wanted> {
        let mut opened = Vec::new();
        let located = self.locate().unwrap_or_else(|finding| {
            reports.push(Report::without_sources(*finding));
            Vec::new()
        });
        for located in located {
            match self.open(&located) {
                Ok(mut project) => {
                    let jobs = self.jobs(key, &mut project, &located);
                    opened.push(Wanted { project, jobs, destination: None });
                }
                Err(report) => reports.push(*report),
            }
        }
        self.check_name(opened.iter().map(|wanted| &wanted.project.topology), reports);
        let mut ready = Vec::new();
        for mut wanted in opened {
            let mut weighed = wanted.project.findings.clone();
            let is_ready = !self.reporting.is_forbidden(&mut weighed);
            if is_ready && self.publish && !wanted.jobs.is_empty() {
                // Before anything is built: who lacks credentials need not wait for that.
                match destinations.open(&wanted.project.topology.env, &wanted.project.input) {
                    Ok(place) => wanted.destination = Some(place),
                    Err(finding) => wanted.project.findings.extend(finding.map(|finding| *finding)),
                }
            }
            match is_ready && (!self.publish || wanted.jobs.is_empty() || wanted.destination.is_some()) {
                true => ready.push(wanted),
                false => reports.push(wanted.project.into_report()),
            }
        }
        ready
    }

    /// Builds the trees of all topologies side by side, in the order of the jobs; `None` where that failed.
    fn build_trees(&self, key: &str, wanted: &mut [Wanted], shell: &mut Shell) -> Vec<Vec<Option<Built>>> {
        let made = {
            let sites: Vec<Site<'_>> = wanted.iter().map(|wanted| wanted.project.site()).collect();
            let orders = sites.iter().zip(&*wanted).flat_map(|(site, wanted)| {
                let functions = wanted.jobs.iter().filter_map(|job| site.topology.functions.get(&job.function));
                functions.map(move |function| Order { site, function })
            });
            let orders: Vec<Order<'_>> = orders.collect();
            let progress = LayerProgress::new(shell, orders.len(), self.is_read_by_people());
            let threads = thread::available_parallelism().map_or(1, NonZero::get);
            let builder = Builder {
                installer: install::installer,
                options: Options { slim: self.slim, fix: self.fix },
                architecture: self.arch.map(Architecture::from),
                host: &elf::host_directories,
                progress: &progress,
                chunk_limit: CHUNK_LIMIT,
                threads: threads.max(LEAST_JOBS),
            };
            side_by_side(&orders, |order| {
                let made = if key == MODEL_PATH { builder.model(order) } else { builder.unpacked(order) };
                install::Progress::done(&progress, &order.name(), made.0.is_some());
                made
            })
        };
        let mut made = made.into_iter();
        let of_topology = |wanted: &mut Wanted| {
            let own: Vec<_> = made.by_ref().take(wanted.jobs.len()).collect();
            let built = own.into_iter().map(|(built, findings)| {
                wanted.project.findings.extend(findings);
                built
            });
            built.collect()
        };
        wanted.iter_mut().map(of_topology).collect()
    }

    /// Publishes the trees of a topology that can be, one after the other, and says what became of all.
    fn publish_trees(
        &self,
        mut wanted: Wanted,
        built: Vec<Option<Built>>,
        destinations: &Destinations,
        shell: &mut Shell,
        reports: &mut Vec<Report>,
    ) -> Vec<Row> {
        let findings = check::equal_paths(&wanted.project.topology, &wanted.jobs, &built);
        let excluded: Vec<usize> = findings.iter().map(|(place, _)| *place).collect();
        wanted.project.findings.extend(findings.into_iter().map(|(_, finding)| finding));
        let mut weighed = wanted.project.findings.clone();
        let is_forbidden = self.reporting.is_forbidden(&mut weighed);
        let connection = wanted.destination.and_then(|place| destinations.get(place));
        let mut rows = Vec::new();
        let mut is_prepared = false;
        for (place, (job, built)) in wanted.jobs.iter().zip(&built).enumerate() {
            let mut row = Row::new(&wanted.project.topology, job);
            if let Some(built) = built {
                row.measure(built);
                row.result = match connection {
                    _ if excluded.contains(&place) => Verdict::Failed,
                    None => Verdict::Built,
                    // A topology that has a fault is not published in part.
                    Some(_) if is_forbidden => Verdict::Withheld,
                    Some(connection) => {
                        match publish::tree(connection, &wanted.project, job, built, &mut is_prepared, self, shell) {
                            Ok(verdict) => verdict,
                            Err(finding) => {
                                wanted.project.findings.push(*finding);
                                Verdict::Failed
                            }
                        }
                    }
                };
            }
            rows.push(row);
        }
        reports.push(wanted.project.into_report());
        rows
    }
}

/// What is made of these, in their order.
fn side_by_side<T: Sync, R: Send>(of: &[T], make: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let made: Vec<Mutex<Option<R>>> = of.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..LEAST_JOBS.min(of.len()) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(of), Some(slot)) = (of.get(place), made.get(place)) else { break };
                    let one = make(of);
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(one);
                }
            });
        }
    });
    made.into_iter().filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

/// What is said of an asset, at its path in function.json.
fn at(
    function: &tc_core::ir::Function,
    key: &str,
    code: &'static tc_core::diagnostic::Code,
    message: String,
) -> Diagnostic {
    Diagnostic::new(code, function.assets.get(key).map_or(function.span, |path| path.span), message)
}
