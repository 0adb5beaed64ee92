//! Trees to the file system.

use super::super::account::shown;
use super::super::{Arguments, Project};
use super::job::Job;
use super::row::Verdict;
use crate::progress::LayerProgress;
use crate::shell::Shell;
use crate::size;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;
use tc_core::frontend::input::ProjectInput;
use tc_core::world::WorldError;
use tc_deploy::assets::{self, FileSystem, Outcome, Part, Step, Tree};
use tc_deploy::upload::File;
use tc_deploy::{Connection, Environment};
use tc_package::assets::{Built, helper};
use tc_package::layer::install::Progress;

/// The environments that trees go to, each signed in to once.
#[derive(Default)]
pub struct Destinations {
    /// With `None` where that failed, which was said.
    opened: Vec<(Environment, Option<Connection>)>,
}

impl Destinations {
    /// Signs in to an environment; its place.
    ///
    /// # Errors
    /// What stands in the way; `None` where that was said before.
    pub fn open(&mut self, environment: &str, input: &ProjectInput) -> Result<usize, Option<Box<Diagnostic>>> {
        let environment = Environment::find(environment, input);
        if let Some(place) = self.opened.iter().position(|(other, _)| *other == environment) {
            return self.get(place).map(|_| place).ok_or(None);
        }
        let (connection, refusal) = match Connection::open(&environment) {
            Ok(connection) => (Some(connection), None),
            Err(finding) => (None, Some(finding)),
        };
        self.opened.push((environment, connection));
        refusal.map_or(Ok(self.opened.len() - 1), |finding| Err(Some(finding)))
    }

    /// The connection at a place.
    pub fn get(&self, place: usize) -> Option<&Connection> {
        self.opened.get(place).and_then(|(_, connection)| connection.as_ref())
    }

    /// The environments as people are told of them.
    pub fn shown(&self) -> Vec<String> {
        self.opened.iter().filter_map(|(_, connection)| connection.as_ref().map(shown)).collect()
    }
}

/// Puts a tree at its path; the file system is made sure of before the first.
pub fn tree(
    connection: &Connection,
    project: &Project,
    job: &Job,
    built: &Built,
    is_prepared: &mut bool,
    arguments: &Arguments,
    shell: &mut Shell,
) -> Result<Verdict, Box<Diagnostic>> {
    let name = tc_core::ir::name::layer(&project.topology.name, &job.function);
    let progress = LayerProgress::new(shell, 1, arguments.is_read_by_people());
    let (uploaded, total) = (AtomicU64::new(0), size::human(built.manifest().size()));
    let tell = |step: Step| {
        let step = match step {
            Step::Preparing => format!("making sure of the file system of {}", shown(connection)),
            Step::Looking => format!("publishing to {}", shown(connection)),
            Step::Uploaded(bytes) => {
                let through = uploaded.fetch_add(bytes, Ordering::Relaxed) + bytes;
                format!("uploading, {} of {total}", size::human(through))
            }
            Step::Copied(bytes) => format!("copying to the file system, {} of {total}", size::human(bytes)),
            Step::Checked(bytes) => format!("reading it back, {} of {total}", size::human(bytes)),
            Step::Cleaning => "removing what is no more wanted".to_owned(),
        };
        progress.step(&name, &step);
    };
    let outcome = publish(connection, project, job, built, is_prepared, &tell);
    progress.done(&name, outcome.is_ok());
    outcome
}

fn publish(
    connection: &Connection,
    project: &Project,
    job: &Job,
    built: &Built,
    is_prepared: &mut bool,
    tell: &(dyn Fn(Step) + Sync),
) -> Result<Verdict, Box<Diagnostic>> {
    if !*is_prepared {
        let file_system = FileSystem::find(&project.input)?;
        let code = Code::write()?;
        assets::prepare(connection, &file_system, &code.file, tell)?;
        *is_prepared = true;
    }
    let open = |part: usize| -> Box<dyn Read + Send> { Box::new(built.open(part)) };
    let part = |part: &tc_package::assets::Part| Part { sha256: part.sha256.clone(), size: part.size };
    let tree = Tree {
        digest: built.manifest().digest(),
        manifest: built.manifest().to_bytes(),
        parts: built.parts().iter().map(part).collect(),
        open: &open,
    };
    Ok(match assets::publish(connection, &tree, &job.below, tell)? {
        Outcome::Published => Verdict::Published,
        Outcome::Unchanged => Verdict::Unchanged,
    })
}

/// The helper's code, as a file to upload.
struct Code {
    file: File,
    _kept: tempfile::NamedTempFile,
}

impl Code {
    fn write() -> Result<Self, Box<Diagnostic>> {
        let failed = |error: std::io::Error| {
            let message = format!("the helper's code cannot be written: {}", WorldError::from(&error));
            Box::new(Diagnostic::without_place(&codes::UPLOAD_FAILED, message))
        };
        let mut kept = tempfile::NamedTempFile::new().map_err(failed)?;
        let written = helper(kept.as_file_mut()).map_err(failed)?;
        let file = File { path: kept.path().to_owned(), sha256: written.sha256 };
        Ok(Self { file, _kept: kept })
    }
}
