//! `tc compile --recursive`: all of a tree or, where something that was found is an error, nothing.

use super::report;
use super::schedule::{self, AT_ONCE, End};
use super::tree::{self, Member, Order, Place};
use crate::args;
use crate::commands::compile::{Arguments, no_directory, output_finding};
use crate::disk::DiskWorld;
use crate::output::{self, Difference, Draft, OutputError, Written};
use crate::paths::Paths;
use crate::pipeline::{self, Emit, Outcome, Product};
use crate::placement;
use crate::report::{Report, count};
use crate::shell::Shell;
use crate::summary::Summary;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tc_core::frontend::Options;
use tc_core::graph::{self, Graph};
use tc_core::ir::Topology;
use tc_package::DiscardingStore;

/// A topology of the tree while it is compiled.
struct Job {
    world: DiskWorld,
    paths: Paths,
    outcome: Outcome,
    product: Option<(Product, PathBuf)>,
    /// The output, until all are known to be without an error.
    draft: Option<Draft>,
    differences: Vec<Difference>,
}

/// Compiles all topologies of a tree.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    let started = Instant::now();
    let format = match arguments.emit {
        None => None,
        Some(Emit::Graph) => Some(graph::Format::Mermaid),
        Some(Emit::GraphDot) => Some(graph::Format::Dot),
        Some(Emit::GraphJson) => Some(graph::Format::Json),
        Some(Emit::Template | Emit::Manifest | Emit::Ir) => {
            return args::refuse(
                "compile",
                "of a whole tree only the graph is one: name the topology without `--recursive`",
            );
        }
    };
    let root =
        tree::places(&arguments.directory).and_then(|places| Ok((DiskWorld::open(&places_root(&places))?, places)));
    let (root, places) = match root {
        Ok(found) => found,
        Err(error) => return no_directory(arguments, &arguments.directory, &error, shell),
    };
    let options = Options { sandbox: arguments.sandbox.clone(), env: arguments.env.clone(), version: None };
    let alone: Vec<Vec<usize>> = places.iter().map(|_| Vec::new()).collect();
    let read = schedule::run(&alone, AT_ONCE, |at| read(places.get(at), &options));
    let jobs: Vec<Mutex<Job>> = read
        .into_iter()
        .filter_map(|end| match end {
            End::Done(job) => Some(Mutex::new(job)),
            // What has been listed can be opened, unless it went away meanwhile.
            End::Failed(()) | End::NotBegun(_) => None,
        })
        .collect();
    let mut reports = Vec::new();
    let order = arrange(arguments, &places, &jobs, (&root, &mut reports));
    let mut printed = None;
    let mut is_bad = is_forbidden(arguments, &jobs) || order.is_none();
    if let (Some(order), false) = (&order, is_bad) {
        if let Some(format) = format {
            printed = Some(graphs(&jobs, order, format));
        } else {
            schedule::run::<_, ()>(&order.needs, AT_ONCE, |at| {
                if let Some(job) = jobs.get(at) {
                    lock(job).compile(arguments);
                }
                Ok(())
            });
            is_bad = is_forbidden(arguments, &jobs);
        }
    }
    let jobs = jobs.into_iter().map(|job| job.into_inner().unwrap_or_else(PoisonError::into_inner));
    let mut jobs: Vec<Job> = jobs.collect();
    let mut done = Vec::new();
    if !is_bad && format.is_none() {
        done = jobs.iter_mut().map(|job| job.finish(arguments)).collect();
        is_bad = done.iter().any(Option::is_none);
    }
    reports.extend(jobs.iter_mut().map(Job::take_report));
    report::once(&mut reports);
    let (message_format, emits) = (arguments.reporting.message_format, arguments.emit.is_some());
    if is_bad {
        report::print(&reports, message_format, emits, "nothing was emitted", shell);
        let color = shell.color_err();
        let differences = jobs.iter().flat_map(|job| &job.differences);
        differences.filter_map(|difference| difference.diff(color)).for_each(|diff| shell.err(&diff));
        return ExitCode::FAILURE;
    }
    crate::report::print_all(&reports, message_format, emits, shell);
    if let Some(text) = printed {
        shell.out(&text);
    } else if message_format.is_read_by_people() {
        for place in order.iter().flat_map(|order| &order.members) {
            let (Some(job), Some(Some(what)), Some(report)) = (jobs.get(*place), done.get(*place), reports.get(*place))
            else {
                continue;
            };
            let text = job.summary(what, count(&report.findings), started, shell.color_err());
            shell.err(&text.unwrap_or_default());
        }
    }
    ExitCode::SUCCESS
}

/// Weighs the findings as the user wishes. Whether one is an error.
fn is_forbidden(arguments: &Arguments, jobs: &[Mutex<Job>]) -> bool {
    let is_bad = |job: &Mutex<Job>| arguments.reporting.is_forbidden(&mut lock(job).outcome.findings);
    jobs.iter().map(is_bad).filter(|is_bad| *is_bad).count() > 0
}

/// The directory that the tree was looked for in: no other stands before it.
fn places_root(places: &[Place]) -> PathBuf {
    let root = places.iter().find(|place| place.below.as_str().is_empty());
    root.map_or_else(|| Path::new(".").to_owned(), |place| place.directory.clone())
}

fn read(place: Option<&Place>, options: &Options) -> Result<Job, ()> {
    let directory = &place.ok_or(())?.directory;
    let world = DiskWorld::open(directory).map_err(|_| ())?;
    let paths = Paths::new(&world, directory);
    let outcome = pipeline::front(&world, options);
    Ok(Job { world, paths, outcome, product: None, draft: None, differences: Vec::new() })
}

/// The order of the tree; `None`, with a report, where it has none, or where a topology could not be read.
fn arrange(
    arguments: &Arguments,
    places: &[Place],
    jobs: &[Mutex<Job>],
    (root, reports): (&DiskWorld, &mut Vec<Report>),
) -> Option<Order> {
    let locked: Vec<MutexGuard<'_, Job>> = jobs.iter().map(lock).collect();
    let members = locked.iter().zip(places).filter_map(|(job, place)| {
        let (topology, _) = job.outcome.front.as_ref()?;
        Some(Member { place, topology, sources: &job.outcome.sources })
    });
    let members: Vec<Member<'_>> = members.collect();
    let is_whole = members.len() == jobs.len() && jobs.len() == places.len();
    let has_errors = locked.iter().any(|job| job.outcome.findings.has_errors());
    match tree::arrange(&members) {
        Ok(order) => is_whole.then_some(order),
        Err((findings, sources)) => {
            // That members need each other is told by one of them, with the places.
            if !has_errors || sources.iter().next().is_some() {
                reports.push(Report { findings, sources, paths: Some(Paths::new(root, &arguments.directory)) });
            }
            None
        }
    }
}

/// The graph of all, a part a topology.
fn graphs(jobs: &[Mutex<Job>], order: &Order, format: graph::Format) -> String {
    let locked: Vec<MutexGuard<'_, Job>> = jobs.iter().map(lock).collect();
    let fronts = order.members.iter().filter_map(|place| locked.get(*place)?.outcome.front.as_ref());
    let parts: Vec<(&str, &Graph)> =
        fronts.map(|(topology, graph): &(Topology, Graph)| (topology.name.as_str(), graph)).collect();
    graph::emit_all(&parts, format)
}

impl Job {
    /// Runs the stages that are left, and begins the output.
    fn compile(&mut self, arguments: &Arguments) {
        if let Err(error) = self.try_compile(arguments) {
            self.outcome.findings.push(output_finding(&error, &self.paths));
        }
    }

    fn try_compile(&mut self, arguments: &Arguments) -> Result<(), OutputError> {
        let Outcome { sources, findings, front, lock, .. } = &mut self.outcome;
        let Some((topology, graph)) = front.as_ref() else { return Ok(()) };
        let out = arguments.out_of(&self.world, topology);
        let front = (topology, graph, lock.as_ref());
        if arguments.check {
            let product = pipeline::back(&self.world, front, sources, &DiscardingStore, arguments.format, findings);
            if !findings.has_errors() {
                self.differences = output::differences(&out, &product.expected())?;
                self.differences.extend(placement::difference(lock.as_ref(), &product.placement));
            }
            if !self.differences.is_empty() {
                findings.push(arguments.out_of_date(&self.paths.shown(&out), &self.differences));
            }
            self.product = Some((product, out));
            return Ok(());
        }
        let mut draft = Draft::begin(&out)?;
        let product = pipeline::back(&self.world, front, sources, &draft, arguments.format, findings);
        for (name, text) in product.expected().texts {
            draft.add(&name, text);
        }
        self.draft = Some(draft);
        self.product = Some((product, out));
        Ok(())
    }

    /// What was found, which is left behind as nothing.
    fn take_report(&mut self) -> Report {
        let mut findings = std::mem::take(&mut self.outcome.findings);
        findings.sort(&self.outcome.sources);
        Report { findings, sources: self.outcome.sources.clone(), paths: Some(self.paths.clone()) }
    }

    /// What was compiled, for people.
    fn summary(&self, what: &'static str, findings: String, started: Instant, color: bool) -> Option<String> {
        let ((topology, _), (product, out)) = (self.outcome.front.as_ref()?, self.product.as_ref()?);
        let place = (self.paths.shown(out), what);
        Some(Summary { topology, findings, product, place, time: started.elapsed() }.text(color))
    }

    /// Puts the output in its place; what was done for it, `None` where it could not be.
    fn finish(&mut self, arguments: &Arguments) -> Option<&'static str> {
        if arguments.check {
            return Some("checked");
        }
        match self.write() {
            Ok(Written::Changed) => Some("written"),
            Ok(Written::Unchanged) => Some("unchanged"),
            Err(error) => {
                self.outcome.findings.push(output_finding(&error, &self.paths));
                None
            }
        }
    }

    fn write(&mut self) -> Result<Written, OutputError> {
        if let Some((product, _)) = &self.product {
            placement::write(self.world.root(), self.outcome.lock.as_ref(), &product.placement)?;
        }
        self.draft.take().map_or(Ok(Written::Unchanged), Draft::finish)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panicking thread left behind is still true.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
