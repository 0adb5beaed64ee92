//! The sandbox that is meant, and the topology that it is of.

use crate::args::{self, Reporting};
use crate::commands::build::finding;
use crate::deployment::clock;
use crate::disk::DiskWorld;
use crate::paths::Paths;
use crate::pipeline::{self, Outcome};
use crate::report::{self, MessageFormat};
use crate::shell::Shell;
use crate::topologies;
use clap::ValueEnum;
use std::path::PathBuf;
use tc_core::diagnostic::{Diagnostic, Diagnostics};
use tc_core::frontend::Options;
use tc_core::graph::Graph;
use tc_core::ir::Topology;
use tc_core::source::SourceMap;

/// Which sandbox, and how it is talked about.
#[derive(Debug, clap::Args)]
pub struct Target {
    /// The topology's directory
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    directory: PathBuf,

    /// The sandbox
    #[arg(short, long, value_parser = args::sandbox)]
    pub sandbox: String,

    /// The environment
    #[arg(short, long, value_parser = args::environment)]
    pub env: String,

    #[command(flatten)]
    manner: Manner,
}

/// How a command talks.
#[derive(Debug, clap::Args)]
pub struct Manner {
    /// How the result is printed [default: text]
    #[arg(long, value_enum)]
    format: Option<Format>,

    #[command(flatten)]
    reporting: Reporting,
}

/// How the result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines for people
    Text,
    /// An object
    Json,
}

impl Manner {
    /// A manner.
    pub fn new(is_data: bool, reporting: Reporting) -> Self {
        Self { format: is_data.then_some(Format::Json), reporting }
    }
}

/// A topology that was read.
pub struct Site {
    /// The disk around it.
    pub world: DiskWorld,
    paths: Paths,
    /// What was read and found.
    pub outcome: Outcome,
}

/// What was found where nothing could be read.
pub type Refusal = Box<Diagnostic>;

impl Target {
    /// The sandbox of the topology in a directory.
    pub fn new(directory: PathBuf, sandbox: String, env: String, manner: Manner) -> Self {
        Self { directory, sandbox, env, manner }
    }

    /// Reads the topology.
    ///
    /// # Errors
    /// When there is no such directory.
    pub fn open(&self) -> Result<Site, Refusal> {
        let failed = |error| {
            let finding = finding::no_directory(&self.directory, &error);
            Box::new(finding.help("name the directory of a topology, or of one of its functions"))
        };
        let located = topologies::one(&self.directory).map_err(failed)?;
        let world = DiskWorld::open(&located.directory).map_err(failed)?;
        let paths = Paths::new(&world, &self.directory);
        let options = Options { sandbox: Some(self.sandbox.clone()), env: Some(self.env.clone()) };
        let outcome = pipeline::front(&world, &options);
        Ok(Site { world, paths, outcome })
    }

    /// Whether the result is printed as data.
    pub fn is_data(&self) -> bool {
        self.manner.format == Some(Format::Json)
    }

    /// Whether people read what is told beside the findings.
    pub fn is_read_by_people(&self) -> bool {
        !self.is_data() && self.manner.reporting.message_format.is_read_by_people()
    }

    /// Tells what is being done, with the time.
    pub fn say(&self, text: &str, shell: &mut Shell) {
        if self.is_read_by_people() {
            shell.err(&format!("{} {text}\n", clock::now()));
        }
    }

    /// Weighs the findings as the user wishes. Whether one is an error.
    pub fn is_forbidden(&self, findings: &mut Diagnostics) -> bool {
        self.manner.reporting.is_forbidden(findings)
    }

    /// Prints what was found so far, where it is not to be printed as one document at the end.
    pub fn report_early(&self, site: &mut Site, shell: &mut Shell) {
        if self.manner.reporting.message_format != MessageFormat::Sarif {
            self.report(site, shell);
            site.outcome.findings = Diagnostics::default();
        }
    }

    /// Prints what was found.
    pub fn report(&self, site: &Site, shell: &mut Shell) {
        let Outcome { findings, sources, .. } = &site.outcome;
        report::print(
            findings,
            sources,
            Some(&site.paths),
            self.manner.reporting.message_format,
            self.is_data(),
            shell,
        );
    }

    /// Prints why nothing could be read.
    #[expect(clippy::boxed_local, reason = "errors come in a box")]
    pub fn refuse(&self, refusal: Refusal, shell: &mut Shell) {
        let mut findings = Diagnostics::default();
        findings.push(*refusal);
        let sources = SourceMap::default();
        report::print(&findings, &sources, None, self.manner.reporting.message_format, self.is_data(), shell);
    }
}

impl Site {
    /// The topology and its graph; `None` where its file could not be read.
    pub fn front(&self) -> Option<(&Topology, &Graph)> {
        self.outcome.front.as_ref().map(|(topology, graph)| (topology, graph))
    }
}
