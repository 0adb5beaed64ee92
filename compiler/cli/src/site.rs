//! Where a command runs that looks at a sandbox or starts something in it: the topology, and its account.

use crate::commands::build::finding;
use crate::disk::DiskWorld;
use crate::invocation;
use crate::paths::Paths;
use crate::report::{self, MessageFormat, Report};
use crate::shell::Shell;
use crate::topologies;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tc_core::diagnostic::codes::deploy as codes;
use tc_core::diagnostic::{Diagnostic, Diagnostics, Severity};
use tc_core::frontend::input::ProjectInput;
use tc_core::frontend::{self, Loaded, Options};
use tc_core::ir::Topology;
use tc_core::source::SourceMap;
use tc_core::suggest;
use tc_deploy::standing::{self, Standing};
use tc_deploy::{Connection, Environment};

/// A topology as far as running it needs it: what is wrong in it does not keep from what is deployed.
pub struct Site {
    /// The topology.
    pub topology: Topology,
    project: ProjectInput,
    sources: SourceMap,
    paths: Paths,
}

impl Site {
    /// Reads the topology of a directory.
    ///
    /// # Errors
    /// When there is none, or it cannot be read at all.
    pub fn read(directory: &Path, sandbox: Option<&str>, env: Option<&str>) -> Result<Self, Box<Report>> {
        let failed = |error| {
            let finding = finding::no_directory(directory, &error);
            Box::new(Report::without_sources(
                finding.help("name the directory of a topology, or of one of its functions"),
            ))
        };
        let located = topologies::one(directory).map_err(failed)?;
        let world = DiskWorld::open(&located.directory).map_err(failed)?;
        let paths = Paths::new(&world, &PathBuf::from(directory));
        if let Some((findings, sources)) = unreadable_project(&world) {
            return Err(Box::new(Report { findings, sources, paths: Some(paths) }));
        }
        let options = Options { sandbox: sandbox.map(str::to_owned), env: env.map(str::to_owned), version: None };
        let Loaded { sources, findings, project, topology, .. } = frontend::load(&world, &options);
        match topology {
            Some(topology) => Ok(Self { topology, project, sources, paths }),
            None => {
                let mut errors = Diagnostics::default();
                errors.extend(findings.into_iter().filter(|finding| finding.severity == Severity::Error));
                Err(Box::new(Report { findings: errors, sources, paths: Some(paths) }))
            }
        }
    }

    /// Signs in to the account.
    ///
    /// # Errors
    /// As [`Connection::open`].
    pub fn connect(&self) -> Result<Connection, Box<Diagnostic>> {
        Connection::open(&Environment::find(&self.topology.env, &self.project))
    }

    /// The sandbox as it stands there.
    ///
    /// # Errors
    /// When there is none, its stack is that of something else, or the account does not tell.
    pub fn sandbox(&self, connection: &Connection) -> Result<Standing, Box<Diagnostic>> {
        let stack = self.topology.stack_name().text;
        let standing = standing::find(connection, &stack, &self.topology.stack_description())?;
        standing.ok_or_else(|| self.absent(connection))
    }

    /// That there is no such sandbox, with those that there are, and how it is made.
    pub fn absent(&self, connection: &Connection) -> Box<Diagnostic> {
        Box::new(absent(&self.topology, connection).help(how_to_make(&self.topology)))
    }

    /// The sandboxes of the topology that are there, with what they are called.
    ///
    /// # Errors
    /// When the account does not tell.
    pub fn sandboxes(&self, connection: &Connection) -> Result<Vec<(String, Standing)>, Box<Diagnostic>> {
        sandboxes(&self.topology, connection)
    }

    /// One finding, with the sources it may point into.
    pub fn report(self, finding: Diagnostic) -> Box<Report> {
        let mut findings = Diagnostics::default();
        findings.push(finding);
        Box::new(Report { findings, sources: self.sources, paths: Some(self.paths) })
    }
}

/// What is wrong with `tc.yml`; `None` where nothing is. Without it an environment would be another one: the AWS profile of
/// its name, in any account.
pub fn unreadable_project(world: &DiskWorld) -> Option<(Diagnostics, SourceMap)> {
    let Loaded { sources, findings, .. } = frontend::load_project(world);
    findings.has_errors().then_some((findings, sources))
}

/// That a topology has no such sandbox in an account, with those that it has there as far as the account tells.
pub fn absent(topology: &Topology, connection: &Connection) -> Diagnostic {
    let Topology { name, sandbox, env, .. } = topology;
    let message = format!("there is no sandbox `{sandbox}` of `{}` in {env}", **name);
    let others = sandboxes(topology, connection).unwrap_or_default();
    // One that is only planned bears the name already.
    let others = others.iter().map(|(name, _)| name.as_str()).filter(|name| name != sandbox);
    let near = suggest::help(sandbox, "the sandboxes are", others);
    Diagnostic::without_place(&codes::NO_SANDBOX, message).help_opt(near)
}

/// How a sandbox is made that is not there.
pub fn how_to_make(topology: &Topology) -> String {
    format!("make it: `tc create -s {} -e {}`", topology.sandbox, invocation::word(&topology.env))
}

fn sandboxes(topology: &Topology, connection: &Connection) -> Result<Vec<(String, Standing)>, Box<Diagnostic>> {
    // As the templates are described, which do not differ but for the sandbox.
    let description = topology.stack_description();
    let beginning = description.strip_suffix(&topology.sandbox).unwrap_or(&description);
    let named = |standing: Standing| {
        let name = standing.description.strip_prefix(beginning).unwrap_or_default();
        (name.to_owned(), standing)
    };
    Ok(standing::all(connection, beginning)?.into_iter().map(named).collect())
}

/// Prints why a command came to nothing.
pub fn refuse(report: Report, shell: &mut Shell) -> ExitCode {
    report::print_all(&[report], MessageFormat::Human, true, shell);
    ExitCode::FAILURE
}
