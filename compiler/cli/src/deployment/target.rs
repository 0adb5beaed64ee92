//! The sandbox that is meant, and the topology that it is of.

use super::{Findings, recovery};
use crate::args::{self, Reporting};
use crate::commands::build::finding;
use crate::deployment::clock;
use crate::disk::DiskWorld;
use crate::paths::Paths;
use crate::pipeline::{self, Outcome};
use crate::release::Source;
use crate::report::{self, MessageFormat, Report};
use crate::shell::Shell;
use crate::topologies;
use clap::ValueEnum;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tc_core::diagnostic::codes::release;
use tc_core::diagnostic::{Diagnostic, Diagnostics};
use tc_core::frontend::Options;
use tc_core::frontend::input::ProjectInput;
use tc_core::graph::Graph;
use tc_core::ir::Topology;
use tc_core::source::SourceMap;
use tc_deploy::{Connection, Environment};

/// Which sandbox, and how it is talked about.
#[derive(Debug, Clone, clap::Args)]
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
#[derive(Debug, Clone, clap::Args)]
pub struct Manner {
    /// How the result is printed [default: text]
    #[arg(long, value_enum)]
    format: Option<Format>,

    #[command(flatten)]
    reporting: Reporting,

    /// Whether standard output holds a result, where it is no data.
    #[arg(skip)]
    emits: bool,
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
        Self { format: is_data.then_some(Format::Json), reporting, emits: false }
    }

    /// The manner of a command that prints a line that others read.
    pub fn of_a_line(reporting: Reporting) -> Self {
        Self { format: None, reporting, emits: true }
    }

    /// Prints why a command came to nothing.
    pub fn refuse(&self, report: Report, shell: &mut Shell) {
        let emits = self.emits || self.format == Some(Format::Json);
        report::print_all(&[report], self.reporting.message_format, emits, shell);
    }
}

/// A topology that was read.
pub struct Site {
    /// The disk around it.
    pub world: DiskWorld,
    paths: Paths,
    /// What was read and found.
    pub outcome: Outcome,
    /// Where environments are, if not where this topology's `tc.yml` says.
    accounts: Option<ProjectInput>,
}

/// What was found where nothing could be read.
pub type Refusal = Box<Diagnostic>;

impl Target {
    /// The sandbox of the topology in a directory.
    pub fn new(directory: PathBuf, sandbox: String, env: String, manner: Manner) -> Self {
        Self { directory, sandbox, env, manner }
    }

    /// The directory that was given.
    pub fn directory(&self) -> &Path {
        topologies::directory(&self.directory)
    }

    /// The same sandbox of the topology in another directory.
    pub fn at(&self, directory: &Path) -> Self {
        Self { directory: directory.to_owned(), ..self.clone() }
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
        let options = Options { sandbox: Some(self.sandbox.clone()), env: Some(self.env.clone()), version: None };
        let outcome = pipeline::front(&world, &options);
        Ok(Site { world, paths, outcome, accounts: None })
    }

    /// [`Self::open`] for a command that can do nothing else.
    ///
    /// # Errors
    /// The exit status, where the refusal has been printed.
    pub fn opened(&self, shell: &mut Shell) -> Result<Site, ExitCode> {
        self.open().map_err(|refusal| {
            self.refuse(refusal, shell);
            ExitCode::FAILURE
        })
    }

    /// Prints what was found of a topology, and why something that was to be done with it failed.
    ///
    /// # Errors
    /// The exit status, where it failed.
    pub fn conclude<T>(&self, site: &mut Site, done: Result<T, Findings>, shell: &mut Shell) -> Result<T, ExitCode> {
        let done = done.map_err(|findings| {
            let status = recovery::exit_status(&findings);
            site.outcome.findings.extend(findings);
            status
        });
        self.report(site, shell);
        done
    }

    /// Prints a result as data, where that is wanted.
    pub fn print_data(&self, result: &impl Serialize, shell: &mut Shell) {
        if self.is_data() {
            shell.out(&format!("{}\n", serde_json::to_string_pretty(result).unwrap_or_default()));
        }
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

    /// Whether all that is found is printed as one document at the end.
    pub fn is_told_at_end(&self) -> bool {
        self.manner.reporting.message_format == MessageFormat::Sarif
    }

    /// Prints what was found in several topologies.
    pub fn print(&self, reports: &[Report], shell: &mut Shell) {
        report::print_all(reports, self.manner.reporting.message_format, self.is_data() || self.manner.emits, shell);
    }

    /// Prints what was found so far, where it is not to be printed as one document at the end.
    pub fn report_early(&self, site: &mut Site, shell: &mut Shell) {
        if !self.is_told_at_end() {
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
            self.is_data() || self.manner.emits,
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
    /// The topology of a version, in the files of its commit. Places are shown as they are in the work tree.
    ///
    /// # Errors
    /// When it does not stand where it stands now.
    pub fn of_version(source: &Source<'_>, sandbox: &str, env: &str) -> Result<Self, Refusal> {
        let Source { service, version, .. } = source;
        let directory = service.repository.relative(&service.directory).unwrap_or_default();
        let world = DiskWorld::open(&source.checkout.root().join(&directory)).map_err(|_| {
            let message = format!("the topology of version {version} cannot be read: there is no `{directory}` in it");
            Box::new(Diagnostic::without_place(&release::UNREADABLE_VERSION, message))
        })?;
        let shown = DiskWorld::open(&service.directory)
            .map_err(|error| Box::new(finding::no_directory(&service.directory, &error)))?;
        let options = Options {
            sandbox: Some(sandbox.to_owned()),
            env: Some(env.to_owned()),
            version: Some(version.to_string()),
        };
        let outcome = pipeline::front(&world, &options);
        let paths = Paths::new(&shown, Path::new("."));
        Ok(Self { world, paths, outcome, accounts: Some(source.accounts.clone()) })
    }

    /// Whether it is what somebody works on, rather than a version.
    pub fn is_work_tree(&self) -> bool {
        self.accounts.is_none()
    }

    /// Where environments are.
    pub fn accounts(&self) -> &ProjectInput {
        self.accounts.as_ref().unwrap_or(&self.outcome.project)
    }

    /// Signs in to an environment.
    ///
    /// # Errors
    /// As [`Connection::open`].
    pub fn connect(&self, environment: &str) -> Result<Connection, Refusal> {
        Connection::open(&Environment::find(environment, self.accounts())).map_err(|refusal| self.placed(refusal))
    }

    /// A finding about an account, without places in a file that is not among the sources.
    pub fn placed(&self, mut finding: Refusal) -> Refusal {
        if self.accounts.is_some() {
            finding.primary = None;
            finding.secondary.clear();
        }
        finding
    }

    /// What was found, which is left behind as nothing.
    pub fn take_report(&mut self) -> Report {
        let mut findings = std::mem::take(&mut self.outcome.findings);
        findings.sort(&self.outcome.sources);
        Report { findings, sources: self.outcome.sources.clone(), paths: Some(self.paths.clone()) }
    }

    /// What was found, and this too.
    pub fn into_report(self, findings: Vec<Diagnostic>) -> Box<Report> {
        let Outcome { sources, findings: mut all, .. } = self.outcome;
        all.extend(findings);
        Box::new(Report { findings: all, sources, paths: Some(self.paths) })
    }

    /// The topology and its graph; `None` where its file could not be read.
    pub fn front(&self) -> Option<(&Topology, &Graph)> {
        self.outcome.front.as_ref().map(|(topology, graph)| (topology, graph))
    }
}
