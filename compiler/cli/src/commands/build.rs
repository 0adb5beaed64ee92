//! `tc build`: the dependencies of functions to layers.

use crate::args::{self, Reporting};
use crate::disk::DiskWorld;
use crate::os_error;
use crate::paths::Paths;
use crate::progress::LayerProgress;
use crate::report::{self, Report, plural};
use crate::shell::Shell;
use crate::size;
use crate::table::table;
use crate::topologies::{self, Located};
use clap::ValueEnum;
use serde::Serialize;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};
use tc_core::diagnostic::codes::{command, layer as codes};
use tc_core::diagnostic::{Diagnostic, Diagnostics};
use tc_core::frontend;
use tc_core::ir::function::DEPS_PATH;
use tc_core::ir::{Architecture, Function, Topology};
use tc_core::suggest;
use tc_package::layer::install::{self, Options, Sources, Tools};
use tc_package::layer::manifest::LayerEntry;
use tc_package::layer::output::{self, MANIFEST};
use tc_package::layer::{Builder, CHUNK_LIMIT, Cache, Order, Outcome, Site, has_layer};

/// How many layers are built at a time at least: most of the time goes into waiting for registries.
const LEAST_JOBS: usize = 4;

/// Build the dependencies of functions, apart from their code
///
/// Each function with a list of dependencies (pyproject.toml, requirements.txt, Gemfile, package.json) gets a layer
/// NAMESPACE-FUNCTION, built for the function's runtime and processor and not for this machine's. A layer is taken from
/// .tc/cache when nothing has changed that it was built from. Writes OUT/NAME-ARCH.zip, further chunks of a large layer
/// as NAME-1 and NAME-2, and OUT/manifest.json.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The directory of a topology, or of one of its functions
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    directory: PathBuf,

    /// What to build [default: all that there is]
    #[arg(long, value_enum)]
    kind: Option<Kind>,

    /// Build for this function alone
    #[arg(long)]
    name: Option<String>,

    /// The processor to build for [default: each function's own]
    #[arg(long, value_enum)]
    arch: Option<Processor>,

    /// Leave out tests and symbols
    #[arg(long)]
    slim: bool,

    /// Solve conflicts of dependencies by overrides, which are written into the list
    #[arg(long)]
    fix: bool,

    /// Build all topologies in the directory and below
    #[arg(short, long)]
    recursive: bool,

    /// The environment to build for [default: the one that releases go to, in tc.yml or `dev`]
    #[arg(short, long, value_parser = args::environment)]
    env: Option<String>,

    /// The output directory [default: .tc/layers beside the topology]
    #[arg(short, long)]
    out: Option<PathBuf>,

    /// How the result is printed [default: table]
    #[arg(long, value_enum)]
    format: Option<Format>,

    #[command(flatten)]
    reporting: Reporting,
}

/// What can be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Dependencies, as layers.
    Layer,
}

/// A processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Processor {
    #[value(name = "x86_64")]
    X86_64,
    Arm64,
}

impl From<Processor> for Architecture {
    fn from(processor: Processor) -> Self {
        match processor {
            Processor::X86_64 => Self::X86_64,
            Processor::Arm64 => Self::Arm64,
        }
    }
}

/// How the result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for people.
    Table,
    /// A list of objects, one a layer.
    Json,
}

/// A topology that layers are built of.
struct Project {
    world: DiskWorld,
    paths: Paths,
    topology: Topology,
    sources: Sources,
    tools: Tools,
    cache: Cache,
    /// The names of the functions whose layers are to be built.
    wanted: Vec<String>,
    /// Whether these are all that there are.
    is_whole: bool,
    findings: Diagnostics,
}

/// What became of a layer.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    topology: String,
    function: String,
    result: Verdict,
    /// The directory that it was put into.
    #[serde(skip_serializing_if = "Option::is_none")]
    directory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<LayerEntry>,
}

/// What became of a layer in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// It was built.
    Built,
    /// It was built before, of the same.
    Unchanged,
    /// There is nothing to put into it.
    Empty,
    /// It could not be built.
    Failed,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Self::Built => "built",
            Self::Unchanged => "unchanged",
            Self::Empty => "empty",
            Self::Failed => "failed",
        }
    }
}

/// Builds the layers.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    let started = Instant::now();
    let mut reports = Vec::new();
    let mut projects = Vec::new();
    for located in arguments.locate().unwrap_or_else(|finding| {
        reports.push(Report::without_sources(*finding));
        Vec::new()
    }) {
        match arguments.open(&located) {
            Ok(project) => projects.push(project),
            Err(report) => reports.push(*report),
        }
    }
    arguments.check_name(&projects, &mut reports);
    let outcomes = arguments.build(&projects, shell);
    let mut rows = Vec::new();
    for (project, outcomes) in projects.into_iter().zip(outcomes) {
        let (report, found) = arguments.finish(project, outcomes);
        reports.push(report);
        rows.extend(found);
    }
    let mut is_forbidden = false;
    for report in &mut reports {
        is_forbidden |= arguments.reporting.is_forbidden(&mut report.findings);
        report.findings.sort(&report.sources);
    }
    let format = arguments.format.or(arguments.reporting.message_format.is_read_by_people().then_some(Format::Table));
    report::print_all(&reports, arguments.reporting.message_format, format.is_some(), shell);
    match format {
        Some(Format::Table) if !rows.is_empty() => shell.out(&result_table(&rows)),
        Some(Format::Json) => shell.out(&format!("{}\n", serde_json::to_string_pretty(&rows).unwrap_or_default())),
        _ => {}
    }
    if arguments.reporting.message_format.is_read_by_people() {
        shell.err(&summary(&rows, is_forbidden, started.elapsed()));
    }
    if is_forbidden { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

impl Arguments {
    /// The topologies that are meant.
    fn locate(&self) -> Result<Vec<Located>, Box<Diagnostic>> {
        let found = if self.recursive {
            topologies::all(&self.directory)
        } else {
            topologies::one(&self.directory).map(|located| vec![located])
        };
        let shown = self.directory.display();
        match found {
            Ok(found) if found.is_empty() => {
                let message = format!("there is no topology in `{shown}` or below");
                Err(Box::new(Diagnostic::without_place(&tc_core::diagnostic::codes::reading::NO_TOPOLOGY, message)))
            }
            Ok(found) => Ok(found),
            Err(error) => {
                let message = format!("`{shown}` cannot be opened: {}", os_error::words(&error));
                let finding = Diagnostic::without_place(&command::NO_DIRECTORY, message);
                Err(Box::new(finding.help("name the directory of a topology, or of one of its functions")))
            }
        }
    }

    /// Reads a topology and chooses its functions.
    fn open(&self, located: &Located) -> Result<Project, Box<Report>> {
        let unopened = |error: &std::io::Error| {
            let message = format!("`{}` cannot be opened: {}", located.directory.display(), os_error::words(error));
            Box::new(Report::without_sources(Diagnostic::without_place(&command::NO_DIRECTORY, message)))
        };
        let world = DiskWorld::open(&located.directory).map_err(|error| unopened(&error))?;
        let paths = Paths::new(&world, &self.directory);
        let options = frontend::Options { sandbox: None, env: self.env.clone() };
        let frontend::Loaded { sources, mut findings, topology, .. } = frontend::load(&world, &options);
        let Some(topology) = topology.filter(|_| !findings.has_errors()) else {
            return Err(Box::new(Report { findings, sources, paths: Some(paths) }));
        };
        let root = cache_directory(&world);
        let cache = match Cache::open(&root) {
            Ok(cache) => cache,
            Err(error) => {
                findings.push(unwritten(&paths, &root, &error));
                return Err(Box::new(Report { findings, sources, paths: Some(paths) }));
            }
        };
        let (sources, tools) = (Sources::new(sources), Tools::from_environment(root));
        let (wanted, is_whole) = self.choose(&topology, &world, located, &mut findings);
        Ok(Project { world, paths, topology, sources, tools, cache, wanted, is_whole, findings })
    }

    /// The functions whose layers are to be built, and whether those are all that have one.
    fn choose(
        &self,
        topology: &Topology,
        world: &DiskWorld,
        located: &Located,
        findings: &mut Diagnostics,
    ) -> (Vec<String>, bool) {
        let is_meant = |function: &&Function| self.name.as_ref().is_none_or(|name| *name == function.name);
        let functions = topology.functions.values().filter(is_meant);
        let functions: Vec<&Function> = match &located.within {
            None => functions.collect(),
            Some(within) => {
                let is_there = |function: &&Function| {
                    let directory = world.root().join(function.directory.as_str()).canonicalize();
                    directory.is_ok_and(|directory| within.starts_with(directory))
                };
                let there: Vec<_> = functions.filter(is_there).collect();
                if there.is_empty() && self.name.is_none() {
                    let message = format!(
                        "`{}` is no function of the topology `{}`",
                        self.directory.display(),
                        topology.name.value
                    );
                    findings.push(unknown_function(message, "", [topology]));
                }
                there
            }
        };
        let mut wanted = Vec::new();
        for function in functions.into_iter().filter(|function| has_layer(function)) {
            if function.assets.contains_key(DEPS_PATH) && self.kind.is_none() {
                findings.push(elsewhere(function));
            } else {
                wanted.push(function.name.clone());
            }
        }
        (wanted, self.name.is_none() && located.within.is_none())
    }

    /// Reports a `--name` that no topology has.
    fn check_name(&self, projects: &[Project], reports: &mut Vec<Report>) {
        let Some(name) = &self.name else { return };
        let has_it = |project: &Project| project.topology.functions.contains_key(name);
        if projects.is_empty() || projects.iter().any(has_it) {
            return;
        }
        let message = match projects {
            [project] => format!("the topology `{}` has no function `{name}`", project.topology.name.value),
            _ => format!("no topology has a function `{name}`"),
        };
        let finding = unknown_function(message, name, projects.iter().map(|project| &project.topology));
        reports.push(Report::without_sources(finding));
    }

    /// Builds the layers that are wanted of all topologies side by side; the outcomes are those of each in the order of
    /// its wanted functions.
    fn build(&self, projects: &[Project], shell: &mut Shell) -> Vec<Vec<Outcome>> {
        let sites: Vec<Site<'_>> = projects.iter().map(Project::site).collect();
        let of_site = |(site, project): (_, &Project)| -> Vec<Order<'_>> { orders(site, &project.wanted) };
        let orders: Vec<Order<'_>> = sites.iter().zip(projects).flat_map(of_site).collect();
        let progress = LayerProgress::new(shell, orders.len(), self.reporting.message_format.is_read_by_people());
        let builder = Builder {
            installer: install::installer,
            options: Options { slim: self.slim, fix: self.fix },
            architecture: self.arch.map(Architecture::from),
            progress: &progress,
            chunk_limit: CHUNK_LIMIT,
            threads: thread::available_parallelism().map_or(1, NonZero::get).max(LEAST_JOBS),
        };
        let mut outcomes = builder.build(&orders).into_iter();
        projects.iter().map(|project| outcomes.by_ref().take(project.wanted.len()).collect()).collect()
    }

    /// Puts the layers of a topology into the output directory, and says what became of them.
    fn finish(&self, project: Project, mut outcomes: Vec<Outcome>) -> (Report, Vec<Row>) {
        let Project { paths, topology, mut findings, .. } = project;
        for outcome in &mut outcomes {
            findings.extend(std::mem::take(&mut outcome.findings));
        }
        let out = self.out.clone().unwrap_or_else(|| project.world.root().join(".tc").join("layers"));
        let layers: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.layer.as_ref()).collect();
        let is_stale = |entry: &LayerEntry| {
            let is_known = topology.functions.get(&entry.function).is_some_and(has_layer);
            project.is_whole && entry.topology == topology.name.value && !is_known
        };
        let mut is_placed = true;
        if !layers.is_empty() || out.join(MANIFEST).is_file() {
            match output::place(&out, &layers, &is_stale) {
                Ok(placed) => findings.extend(placed.damage.map(|damage| damaged(&paths, &out, &damage))),
                Err(error) => {
                    is_placed = false;
                    findings.push(unwritten(&paths, &error.path, &error.error));
                }
            }
        }
        let row = |(function, outcome): (&String, &Outcome)| Row {
            name: tc_core::ir::name::layer(&topology.name, function),
            topology: topology.name.value.clone(),
            function: function.clone(),
            result: match &outcome.layer {
                Some(_) if !is_placed => Verdict::Failed,
                Some(layer) if layer.is_new => Verdict::Built,
                Some(_) => Verdict::Unchanged,
                None if outcome.is_empty => Verdict::Empty,
                None => Verdict::Failed,
            },
            directory: outcome.layer.as_ref().filter(|_| is_placed).map(|_| paths.shown(&out)),
            layer: outcome.layer.as_ref().map(|layer| layer.entry.clone()),
        };
        let rows = project.wanted.iter().zip(&outcomes).map(row).collect();
        (Report { findings, sources: project.sources.into_inner(), paths: Some(paths) }, rows)
    }
}

impl Project {
    fn site(&self) -> Site<'_> {
        Site {
            world: &self.world,
            topology: &self.topology,
            root: self.world.root(),
            sources: &self.sources,
            tools: &self.tools,
            cache: &self.cache,
        }
    }
}

fn orders<'a>(site: &'a Site<'a>, wanted: &[String]) -> Vec<Order<'a>> {
    let functions = wanted.iter().filter_map(|name| site.topology.functions.get(name));
    functions.map(|function| Order { site, function }).collect()
}

/// Where a project keeps what can be made again: beside its tc.yml, else beside the topology.
fn cache_directory(world: &DiskWorld) -> PathBuf {
    let up_to_project = world.root().ancestors().take_while(|directory| directory.starts_with(world.project()));
    let settings = up_to_project.into_iter().find(|directory| directory.join("tc.yml").is_file());
    settings.unwrap_or(world.root()).join(".tc").join("cache")
}

fn unwritten(paths: &Paths, path: &Path, error: &std::io::Error) -> Diagnostic {
    let message = format!("`{}` cannot be written: {}", paths.shown(path), os_error::words(error));
    Diagnostic::without_place(&codes::LAYER_NOT_WRITTEN, message)
}

fn damaged(paths: &Paths, out: &Path, damage: &str) -> Diagnostic {
    let message = format!("`{}` could not be read: {damage}", paths.shown(&out.join(MANIFEST)));
    Diagnostic::without_place(&codes::MANIFEST_DAMAGED, message).help("it was begun anew; build the other layers again")
}

/// Dependencies that go to the file system.
fn elsewhere(function: &Function) -> Diagnostic {
    let message = format!("the dependencies of function `{}` go to the file system, not into a layer", function.name);
    let place = function.assets.get(DEPS_PATH).map_or(function.span, |path| path.span);
    Diagnostic::new(&codes::DEPENDENCIES_ELSEWHERE, place, message)
        .help(format!("`tc build --kind layer --name {}` builds a layer all the same", function.name))
}

fn unknown_function<'a>(
    message: String,
    name: &str,
    topologies: impl IntoIterator<Item = &'a Topology> + Clone,
) -> Diagnostic {
    let names = topologies.clone().into_iter().flat_map(|topology| topology.functions.keys().map(String::as_str));
    let names: Vec<&str> = names.collect();
    // The layer's name is taken for the function's.
    let of_layer = topologies.into_iter().find_map(|topology| {
        let function = name.strip_prefix(&*topology.name)?.strip_prefix('-')?;
        topology.functions.contains_key(function).then(|| format!("did you mean `{function}`?"))
    });
    let help = of_layer.or_else(|| suggest::help(name, "functions", names.iter().copied()));
    Diagnostic::without_place(&command::UNKNOWN_FUNCTION, message).help_opt(help)
}

/// The layers and their chunks, a line each.
fn result_table(rows: &[Row]) -> String {
    let mut lines = Vec::new();
    for row in rows {
        let result = row.result.as_str().to_owned();
        let Some(layer) = &row.layer else {
            lines.push([row.name.clone(), String::new(), String::new(), String::new(), String::new(), result]);
            continue;
        };
        for chunk in &layer.chunks {
            lines.push([
                chunk.name.clone(),
                layer.runtime.clone(),
                layer.architecture.as_str().to_owned(),
                size::human(chunk.size),
                size::human(chunk.unpacked),
                result.clone(),
            ]);
        }
    }
    table(["name", "runtime", "architecture", "zip", "unpacked", "result"], [0; 6], &lines)
}

/// The last line for people.
fn summary(rows: &[Row], is_forbidden: bool, time: Duration) -> String {
    if rows.is_empty() {
        return if is_forbidden { "nothing was built\n" } else { "nothing to build: no function has dependencies\n" }
            .to_owned();
    }
    let count = |verdict: Verdict| rows.iter().filter(|row| row.result == verdict).count();
    let mut parts = Vec::new();
    for verdict in [Verdict::Built, Verdict::Unchanged, Verdict::Empty, Verdict::Failed] {
        match count(verdict) {
            0 => {}
            count => parts.push(format!("{} {}", plural(count, "layer"), verdict.as_str())),
        }
    }
    let mut directories: Vec<&String> = rows.iter().filter_map(|row| row.directory.as_ref()).collect();
    directories.dedup();
    let place = match directories.as_slice() {
        [] => String::new(),
        [one] => format!(" in {one}"),
        several => format!(" in {} directories", several.len()),
    };
    format!("{}{place}, {:.1} s\n", parts.join(", "), time.as_secs_f64())
}
