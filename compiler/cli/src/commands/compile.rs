//! `tc compile`: a topology to a template, code zips and a manifest.

use crate::args::{self, Reporting};
use crate::composition;
use crate::disk::DiskWorld;
use crate::invocation;
use crate::os_error;
use crate::output::{self, Difference, Draft, OutputError, Written};
use crate::paths::Paths;
use crate::pipeline::{self, Emit, Outcome, Product, TemplateFormat};
use crate::placement;
use crate::report;
use crate::shell::Shell;
use crate::summary::Summary;
use crate::topologies;
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use tc_core::diagnostic::{Diagnostic, Diagnostics, Severity, codes::command};
use tc_core::frontend::Options;
use tc_core::ir::Topology;
use tc_core::source::SourceMap;
use tc_package::{DiscardingStore, Store};

/// Compile a topology to a CloudFormation template, code zips and a manifest
///
/// Writes OUT/template.yaml, OUT/manifest.json and OUT/artifacts/SHA256.zip, all of them or, where something that was
/// found is an error, none. What comes out depends on the source files and the options alone.
///
/// Findings and the summary go to standard error. With --message-format json, sarif or github the findings go to
/// standard output, unless --emit prints a result there.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The topology's directory
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub directory: PathBuf,

    /// The sandbox to compile for [default: the one that releases go to, in tc.yml or `stable`]
    #[arg(short, long, value_parser = args::sandbox)]
    pub sandbox: Option<String>,

    /// The environment to compile for [default: the one that releases go to, in tc.yml or `dev`]
    #[arg(short, long, value_parser = args::environment)]
    pub env: Option<String>,

    /// The output directory [default: .tc/NAMESPACE/SANDBOX beside the topology]; with --recursive that of a directory
    /// NAMESPACE for each
    #[arg(short, long)]
    pub out: Option<PathBuf>,

    /// The format of the template
    #[arg(long, value_enum, default_value_t, hide_default_value = true)]
    pub format: TemplateFormat,

    /// Print one result instead of writing the output directory
    #[arg(long, value_enum, value_name = "WHAT")]
    pub emit: Option<Emit>,

    /// Write nothing; fail if the output directory is not what would be written
    #[arg(long, conflicts_with = "emit")]
    pub check: bool,

    /// Compile the topologies in the directories below as well: all of them or none
    #[arg(long)]
    pub recursive: bool,

    #[command(flatten)]
    pub reporting: Reporting,
}

/// What became of a topology without errors.
enum Done {
    /// This is to be printed.
    Printed(String),
    /// The output directory is as it should be: what it holds, where it is, and what was done for it.
    Placed(Box<Product>, PathBuf, &'static str),
    /// The output directory is not as it should be.
    Differs(Vec<Difference>),
}

/// Compiles, and writes, prints or checks what comes out.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    if arguments.recursive {
        return composition::compile(arguments, shell);
    }
    let started = Instant::now();
    let directory = topologies::directory(&arguments.directory);
    let world = match DiskWorld::open(directory) {
        Ok(world) => world,
        Err(error) => return no_directory(arguments, directory, &error, shell),
    };
    let paths = Paths::new(&world, directory);
    let options = Options { sandbox: arguments.sandbox.clone(), env: arguments.env.clone(), version: None };
    let mut outcome = pipeline::front(&world, &options);
    let done = arguments.carry_out(&world, &paths, &mut outcome);
    outcome.findings.sort(&outcome.sources);
    arguments.report(&outcome.findings, &outcome.sources, Some(&paths), shell);
    let code = arguments.tell(done.as_ref(), &outcome, &paths, started, shell);
    // The process ends here. To give back a large topology node by node would be a tenth of its compile.
    mem::forget((done, outcome));
    code
}

impl Arguments {
    /// Says what was done.
    fn tell(
        &self,
        done: Option<&Done>,
        outcome: &Outcome,
        paths: &Paths,
        started: Instant,
        shell: &mut Shell,
    ) -> ExitCode {
        match (done, &outcome.front) {
            (Some(Done::Printed(text)), _) => shell.out(text),
            (Some(Done::Placed(product, place, what)), Some((topology, _))) => {
                let summary = Summary {
                    topology,
                    findings: report::count(&outcome.findings),
                    product,
                    place: (paths.shown(place), what),
                    time: started.elapsed(),
                };
                if self.reporting.message_format.is_read_by_people() {
                    shell.err(&summary.text(shell.color_err()));
                }
            }
            (Some(Done::Differs(differences)), _) => {
                let color = shell.color_err();
                differences.iter().filter_map(|difference| difference.diff(color)).for_each(|diff| shell.err(&diff));
                return ExitCode::FAILURE;
            }
            _ => {
                self.tally(&outcome.findings, shell);
                return ExitCode::FAILURE;
            }
        }
        ExitCode::SUCCESS
    }

    /// Runs the stages that are left and puts the result where it belongs; `None` where a finding forbids it.
    fn carry_out(&self, world: &DiskWorld, paths: &Paths, outcome: &mut Outcome) -> Option<Done> {
        if self.is_forbidden(&mut outcome.findings) {
            return None;
        }
        let (topology, graph) = outcome.front.as_ref()?;
        if let Some(text) = self.emit.and_then(|emit| pipeline::emit_front(emit, topology, graph)) {
            return Some(Done::Printed(text));
        }
        let out = self.out_of(world, topology);
        let done = match self.emit {
            Some(emit) => Ok(self.emit(emit, world, outcome)),
            None if self.check => self.check(world, paths, outcome, out),
            None => self.write(world, outcome, out),
        };
        done.unwrap_or_else(|error| {
            outcome.findings.push(output_finding(&error, paths));
            None
        })
    }

    /// What the topology compiles to; `None` where a finding forbids it.
    fn product(&self, world: &DiskWorld, outcome: &mut Outcome, store: &dyn Store) -> Option<Product> {
        let Outcome { sources, findings, front, lock, .. } = outcome;
        let (topology, graph) = front.as_ref()?;
        let front = (topology, graph, lock.as_ref());
        let product = pipeline::back(world, front, sources, store, self.format, findings);
        (!self.is_forbidden(findings)).then_some(product)
    }

    fn emit(&self, emit: Emit, world: &DiskWorld, outcome: &mut Outcome) -> Option<Done> {
        let product = self.product(world, outcome, &DiscardingStore)?;
        Some(Done::Printed(if emit == Emit::Manifest { product.manifest } else { product.template }))
    }

    fn write(&self, world: &DiskWorld, outcome: &mut Outcome, out: PathBuf) -> Result<Option<Done>, OutputError> {
        let mut draft = Draft::begin(&out)?;
        let Some(product) = self.product(world, outcome, &draft) else { return Ok(None) };
        for (name, text) in product.expected().texts {
            draft.add(&name, text);
        }
        placement::write(world.root(), outcome.lock.as_ref(), &product.placement)?;
        let what = match draft.finish()? {
            Written::Changed => "written",
            Written::Unchanged => "unchanged",
        };
        Ok(Some(Done::Placed(Box::new(product), out, what)))
    }

    fn check(
        &self,
        world: &DiskWorld,
        paths: &Paths,
        outcome: &mut Outcome,
        out: PathBuf,
    ) -> Result<Option<Done>, OutputError> {
        let Some(product) = self.product(world, outcome, &DiscardingStore) else { return Ok(None) };
        let mut differences = output::differences(&out, &product.expected())?;
        differences.extend(placement::difference(outcome.lock.as_ref(), &product.placement));
        if differences.is_empty() {
            return Ok(Some(Done::Placed(Box::new(product), out, "checked")));
        }
        outcome.findings.push(self.out_of_date(&paths.shown(&out), &differences));
        Ok(Some(Done::Differs(differences)))
    }

    /// The output directory of a topology.
    pub fn out_of(&self, world: &DiskWorld, topology: &Topology) -> PathBuf {
        match &self.out {
            Some(out) if self.recursive => out.join(&*topology.name),
            Some(out) => out.clone(),
            None => world.root().join(".tc").join(&*topology.name).join(&topology.sandbox),
        }
    }

    /// That an output directory is not what it should be.
    pub fn out_of_date(&self, shown: &str, differences: &[Difference]) -> Diagnostic {
        let list: Vec<_> = differences.iter().map(Difference::to_string).collect();
        let message = format!("`{shown}` is not what the sources compile to: {}", list.join(", "));
        let finding = Diagnostic::without_place(&command::OUT_OF_DATE, message);
        finding.help(format!("run `{}` and commit what it writes", self.invocation()))
    }

    /// Weighs the findings as the user wishes. Whether one is an error.
    fn is_forbidden(&self, findings: &mut Diagnostics) -> bool {
        self.reporting.is_forbidden(findings)
    }

    /// The command that writes what `--check` compares with.
    fn invocation(&self) -> String {
        let mut command = "tc compile".to_owned();
        let mut add = |option: &str, value: &str| command += &format!("{option} {}", invocation::word(value));
        if self.directory != Path::new(".") {
            add("", &self.directory.to_string_lossy());
        }
        self.sandbox.iter().for_each(|sandbox| add(" -s", sandbox));
        self.env.iter().for_each(|env| add(" -e", env));
        self.out.iter().for_each(|out| add(" -o", &out.to_string_lossy()));
        if self.format == TemplateFormat::Json {
            add(" --format", "json");
        }
        if self.recursive {
            command += " --recursive";
        }
        command
    }

    fn report(&self, findings: &Diagnostics, sources: &SourceMap, paths: Option<&Paths>, shell: &mut Shell) {
        report::print(findings, sources, paths, self.reporting.message_format, self.emit.is_some(), shell);
    }

    /// The last line of a run that failed.
    fn tally(&self, findings: &Diagnostics, shell: &mut Shell) {
        let first = findings.iter().find(|finding| finding.severity == Severity::Error);
        if let (Some(first), true) = (first, self.reporting.message_format.is_read_by_people()) {
            let counts = report::count(findings);
            shell.err(&format!("{counts}: nothing was emitted; `tc explain {}` says more\n", first.code.id));
        }
    }
}

/// That an output was not written.
pub fn output_finding(error: &OutputError, paths: &Paths) -> Diagnostic {
    match error {
        OutputError::NotOurs(path) => {
            let message = format!("`{}` was not written by tc and would be lost", paths.shown(path));
            Diagnostic::without_place(&command::OUTPUT_NOT_OURS, message)
                .help("name a directory of its own with `-o`, or move it away")
        }
        OutputError::Io(path, error) => {
            let message = format!("`{}`: {}", paths.shown(path), os_error::words(error));
            Diagnostic::without_place(&command::OUTPUT_NOT_WRITTEN, message)
        }
    }
}

/// That the directory cannot be opened.
pub fn no_directory(arguments: &Arguments, directory: &Path, error: &io::Error, shell: &mut Shell) -> ExitCode {
    let message = format!("`{}` cannot be opened: {}", directory.display(), os_error::words(error));
    let mut findings = Diagnostics::default();
    findings.push(Diagnostic::without_place(&command::NO_DIRECTORY, message).help("name the topology's directory"));
    arguments.report(&findings, &SourceMap::default(), None, shell);
    arguments.tally(&findings, shell);
    ExitCode::FAILURE
}
