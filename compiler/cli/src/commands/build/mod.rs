//! `tc build`: what functions need beside their code: layers, programs, images.
//!
//! ```text
//! project  the topologies that are meant, and which of their functions
//! row      what became of each
//! place    layers into the output directory
//! product  programs, images and dependencies for the code's own zip, as data
//! account  signing in to where layers are published, once for each account
//! publish  layers to an account
//! list     `--list`: the layers of an account
//! finding  what is said of all that
//! assets   models and dependencies to the file system
//! ```

mod account;
mod assets;
pub(crate) mod finding;
mod list;
mod place;
mod product;
mod project;
mod publish;
mod row;

use crate::args::{self, Reporting};
use crate::disk::DiskWorld;
use crate::progress::LayerProgress;
use crate::report::{self, Report};
use crate::shell::Shell;
use account::Accounts;
use clap::ValueEnum;
use place::Placed;
use project::Project;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;
use tc_core::ir::Architecture;
use tc_core::ir::function::{DEPS_PATH, MODEL_PATH};
use tc_package::layer::install::{self, Options};
use tc_package::layer::{Builder, CHUNK_LIMIT, Order, Outcome, Site, elf};
use tc_package::product::{self as products, Made, Task, Workshop};

/// How many layers are built at a time at least: most of the time goes into waiting for registries.
const LEAST_JOBS: usize = 4;

/// Build what functions need: layers of dependencies, programs, images
///
/// Each function with a list of dependencies (pyproject.toml, requirements.txt, Gemfile, package.json) gets a layer
/// NAMESPACE-FUNCTION, built for the function's runtime and processor and not for this machine's. A layer is taken from
/// .tc/cache when nothing has changed that it was built from. Writes OUT/NAME-ARCH.zip, further chunks of a large layer
/// as NAME-1 and NAME-2, and OUT/manifest.json.
///
/// Functions in Rust and Go are compiled, and dependencies of `build.kind: inline` installed, into .tc/build, where
/// `tc compile` takes them from. For a function of `build.kind: image` without a Dockerfile, OUT/NAME.Dockerfile is
/// written; the image is built where there is Docker.
///
/// Layers are published to the account of `layers.environment` in tc.yml, else to that of the environment. One whose
/// newest version holds the same is not published again.
///
/// Artifacts and deps go to the file system of the environment: a model, which is what stands in the function's
/// artifacts/ after `build.pre`, to `assets.MODEL_PATH`, and dependencies to `assets.DEPS_PATH`.
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

    /// Publish what was built
    #[arg(long)]
    publish: bool,

    /// Build nothing; list the published layers of the topology or, outside of one, of the whole account
    #[arg(long, conflicts_with_all = ["publish", "arch", "slim", "fix", "out"])]
    list: bool,

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
    /// Dependencies, as layers
    Layer,
    /// Dependencies for the code's own zip
    Inline,
    /// Programs: functions in Rust and Go
    Code,
    /// Container images
    Image,
    /// Models, for the file system: `assets.MODEL_PATH`
    Artifacts,
    /// Dependencies, for the file system: `assets.DEPS_PATH`
    Deps,
}

impl Kind {
    /// What is built for Lambda itself; `None` of what goes to a file system.
    fn product(self) -> Option<products::Kind> {
        match self {
            Self::Layer => Some(products::Kind::Layer),
            Self::Inline => Some(products::Kind::Inline),
            Self::Code => Some(products::Kind::Code),
            Self::Image => Some(products::Kind::Image),
            Self::Artifacts | Self::Deps => None,
        }
    }

    /// The key of `assets` that it is published to; `None` of what does not go to a file system.
    fn asset(self) -> Option<&'static str> {
        match self {
            Self::Artifacts => Some(MODEL_PATH),
            Self::Deps => Some(DEPS_PATH),
            Self::Layer | Self::Inline | Self::Code | Self::Image => None,
        }
    }
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
    /// A list of objects, one a layer, program or image.
    Json,
}

/// What became of what was chosen of a topology, each in its order.
struct Built {
    dependencies: Vec<Outcome>,
    products: Vec<Made>,
}

/// Builds what functions need, and publishes or lists layers.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    match arguments.kind.and_then(Kind::asset) {
        _ if arguments.list => list::run(arguments, shell),
        Some(key) => assets::run(arguments, key, shell),
        None => arguments.run(shell),
    }
}

impl Arguments {
    fn run(&self, shell: &mut Shell) -> ExitCode {
        let started = Instant::now();
        let mut reports = Vec::new();
        let mut accounts = Accounts::default();
        let projects = self.open_all(&mut accounts, &mut reports);
        let built = self.build(&projects, shell);
        let placed = projects.into_iter().zip(built).map(|(project, built)| self.place(project, built));
        let mut placed: Vec<Placed> = placed.collect();
        let destinations = if self.publish { self.publish_all(&mut placed, &accounts, shell) } else { Vec::new() };
        let mut rows = Vec::new();
        for project in placed {
            let mut own: Vec<_> = project.layers.into_iter().map(|layer| layer.row).chain(project.others).collect();
            own.sort_by(|one, other| (&one.function, one.kind).cmp(&(&other.function, other.kind)));
            rows.extend(own);
            reports.push(project.report);
        }
        let is_forbidden = self.weigh(&mut reports);
        let format = self.format.or(self.is_read_by_people().then_some(Format::Table));
        report::print_all(&reports, self.reporting.message_format, format.is_some(), shell);
        match format {
            Some(Format::Table) if rows.is_empty() => {}
            Some(Format::Table) if self.publish => shell.out(&row::published_table(&rows)),
            Some(Format::Table) => shell.out(&row::built_table(&rows)),
            Some(Format::Json) => shell.out(&format!("{}\n", serde_json::to_string_pretty(&rows).unwrap_or_default())),
            None => {}
        }
        if self.is_read_by_people() {
            shell.err(&row::summary(&rows, &destinations, is_forbidden, started.elapsed()));
        }
        if is_forbidden { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }

    /// The topologies that are to be built, signed in to their accounts where they are published. What stands in the way
    /// of one is among the reports.
    fn open_all(&self, accounts: &mut Accounts, reports: &mut Vec<Report>) -> Vec<Project> {
        let mut projects = Vec::new();
        for located in self.locate().unwrap_or_else(|finding| {
            reports.push(Report::without_sources(*finding));
            Vec::new()
        }) {
            match self.open(&located) {
                Ok(project) => projects.push(project),
                Err(report) => reports.push(*report),
            }
        }
        self.check_name(projects.iter().map(|project| &project.topology), reports);
        if !self.publish {
            return projects;
        }
        // Before anything is built: who lacks credentials need not wait for that.
        let mut signed_in = Vec::new();
        for project in projects {
            match self.sign_in(project, accounts) {
                Ok(project) => signed_in.push(project),
                Err(report) => reports.push(*report),
            }
        }
        signed_in
    }

    /// Builds what is wanted of all topologies side by side.
    fn build(&self, projects: &[Project], shell: &mut Shell) -> Vec<Built> {
        let sites: Vec<Site<'_>> = projects.iter().map(Project::site).collect();
        let outputs: Vec<PathBuf> = projects.iter().map(|project| self.output(&project.world)).collect();
        let all = || sites.iter().zip(projects);
        let orders: Vec<Order<'_>> = all().flat_map(|(site, project)| project.chosen.orders(site)).collect();
        let tasks = all().zip(&outputs).flat_map(|((site, project), output)| project.chosen.tasks(site, output));
        let tasks: Vec<Task<'_>> = tasks.collect();
        let progress = LayerProgress::new(shell, orders.len() + tasks.len(), self.is_read_by_people());
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let architecture = self.arch.map(Architecture::from);
        let builder = Builder {
            installer: install::installer,
            options: Options { slim: self.slim, fix: self.fix },
            architecture,
            host: &elf::host_directories,
            progress: &progress,
            chunk_limit: CHUNK_LIMIT,
            threads: threads.max(LEAST_JOBS),
        };
        let workshop = Workshop { architecture, progress: &progress, threads };
        // Compilers want processors, and installers wait for registries.
        let mut made = Vec::new();
        let outcomes = thread::scope(|scope| {
            scope.spawn(|| made = workshop.make(&tasks));
            builder.build(&orders)
        });
        let (mut outcomes, mut made) = (outcomes.into_iter(), made.into_iter());
        let of_project = |Project { chosen, .. }: &Project| Built {
            dependencies: outcomes.by_ref().take(chosen.dependencies.len()).collect(),
            products: made.by_ref().take(chosen.products.len()).collect(),
        };
        projects.iter().map(of_project).collect()
    }

    /// The output directory of a topology.
    fn output(&self, world: &DiskWorld) -> PathBuf {
        self.out.clone().unwrap_or_else(|| world.root().join(".tc").join("layers"))
    }

    /// Weighs what was found as the user wishes, and orders it. Whether something is an error.
    fn weigh(&self, reports: &mut [Report]) -> bool {
        let mut is_forbidden = false;
        for report in reports {
            is_forbidden |= self.reporting.is_forbidden(&mut report.findings);
            report.findings.sort(&report.sources);
        }
        is_forbidden
    }

    fn is_read_by_people(&self) -> bool {
        self.reporting.message_format.is_read_by_people()
    }
}
